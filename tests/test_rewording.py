"""Prose of prompts under new names: what the rules write, letter by letter.

Run: python -m pytest tests/test_rewording.py
"""

import pytest

from lib.rewording import names_in, renamed, with_count, with_name


def test_names_are_renamed_as_whole_words_only() -> None:
    text = "cards, card_cards, cardsharp and (cards): cards."
    assert renamed(text, {"cards": "desk"}) == "desk, card_cards, cardsharp and (desk): desk."


def test_phrases_to_keep_stay_as_they_are() -> None:
    text = "cards: kinds of cards; cards that do not work"
    assert renamed(text, {"cards": "desk"}, ["kinds of cards"]) == (
        "desk: kinds of cards; desk that do not work"
    )


def test_names_can_change_places() -> None:
    assert renamed("a, b", {"a": "b", "b": "a"}) == "b, a"


def test_names_are_found_outside_the_phrases_to_keep() -> None:
    text = "date: the day. Many people come."
    assert names_in(text, ["date", "people", "time"]) == {"date", "people"}
    assert names_in(text, ["date", "people"], ["Many people"]) == {"date"}
    assert names_in("updated", ["date"]) == set()
    assert names_in("anything", []) == set()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Is it a, b or c?", "Is it a, b, c or d?"),
        ("Keys: a, b, and c.", "Keys: a, b, c, and d."),
        ("One of a, b, c", "One of a, b, c, d"),
        ("One of a/b/c.", "One of a/b/c/d."),
        ('Use "a", "b" or "c".', 'Use "a", "b", "c" or "d".'),
        ("First c, then b, a or nothing", "First c, then b, a or nothing"),
        ("c, a and b", "c, a, b and d"),
        ("only a and b", "only a and b"),
        ("a, a or b", "a, a or b"),
    ],
)
def test_a_list_of_all_names_gets_one_more(before: str, after: str) -> None:
    assert with_name(before, ["a", "b", "c"], "d", "new") == after


def test_a_list_of_two_gets_a_comma() -> None:
    assert with_name("yes or no?", ["yes", "no"], "maybe", "open") == "yes, no or maybe?"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Keys:\na: one\nb: two\nEnd.", "Keys:\na: one\nb: two\nc: new\nEnd."),
        ('"a": one\n"b": two', '"a": one\n"b": two\n"c": new'),
        ("- a = one\n- b = two", "- a = one\n- b = two\n- c = new"),
        ("Team: a (one)\nTeam: b (two)\nEnd", "Team: a (one)\nTeam: b (two)\nTeam: c (new)\nEnd"),
        ("a: one;\nb: two.", "a: one;\nb: two;\nc: new."),
        ('a: "one"\nb: "two"', 'a: "one"\nb: "two"\nc: new'),
        ("a: one\nb = two", "a: one\nb = two"),
        ("a: one\nand the rest", "a: one\nand the rest"),
    ],
)
def test_lines_that_explain_all_names_get_one_more(before: str, after: str) -> None:
    assert with_name(before, ["a", "b"], "c", "new") == after


def test_a_count_in_words_goes_up() -> None:
    assert with_count("one of eight teams", 8) == "one of nine teams"
    assert with_count("one of eight teams", 7) == "one of eight teams"
    # Of two things prose speaks too often without counting the names.
    assert with_count("in two words", 2) == "in two words"
