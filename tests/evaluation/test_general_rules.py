"""Rules for replies to general questions: for every kind a reply that passes and one that fails.

Run: python -m pytest tests/evaluation/test_general_rules.py
"""

from typing import Any

import pytest
from pydantic import TypeAdapter

from lib.evaluation.general_rules import fold, is_right, is_right_inside, numbers
from lib.questions import Rule

QUESTION = "What is 2 plus 3?"


def rule(**parts: Any) -> Rule:
    return TypeAdapter(Rule).validate_python(parts)


@pytest.mark.parametrize(
    ("parts", "passes", "fails"),
    [
        ({"any_of": ["Paris", "Lutetia"]}, "It is PARIS.", "It is London."),
        ({"any_of": ["Paris"]}, "**Paris**", "The Parisians know."),
        ({"any_of": ["thank*"]}, "Thanks a lot!", "Think again."),
        ({"any_of": ["São Paulo"]}, "Sao Paulo", "Saint Paul"),
        ({"any_of": ["don't have"]}, "I don’t have one.", "I have one."),
        ({"any_of": ["ninety-one"]}, "Ninety one", "ninety"),
        ({"any_of": ["1 2 3"]}, "1, 2,\n3", "1 3 2"),
        ({"all_of": [["water", "kettle"], ["tea"]]}, "Pour water on tea.", "Pour water."),
        ({"any_of": ["dog"], "none_of": ["cat"]}, "A dog.", "A dog and a cat."),
        ({"at_least": {"count": 2, "of": ["red", "green", "blue"]}}, "red, blue", "red, red"),
        ({"number": 5}, "2 plus 3 is 5.", "2 plus 3 is 6."),
        ({"number": 5}, "Five.", "2 3"),
        ({"number": 5}, "5, because 2 + 3 = 5 and so 10 / 2 = 5", "It is 4, or 5, or 6."),
        ({"number": 1}, "Just one.", "Nobody."),
        ({"number": 7}, "One of them is seven, or 7.", "One of them is six."),
        ({"number": 1945}, "It was 1,945", "It was 945"),
        (
            {"names_first": {"right": ["odd"], "wrong": ["even"]}},
            "It is odd, not even.",
            "Even. Or odd?",
        ),
        ({"names_first": {"right": ["odd"], "wrong": ["even"]}}, "odd", "prime"),
        ({"times": {"phrase": "tree", "exactly": 3}}, "tree tree Tree", "tree tree"),
        ({"words": {"least": 3, "most": 3}}, "deep, blue, well-known", "deep and very blue"),
        ({"words": {"least": 2}}, "one two three", "one"),
        ({"sentences": {"least": 2, "most": 2}}, "I run. You don't!", "I run at 7.30 to 8."),
        ({"sentences": {"least": 1, "most": 1}}, "no full stop", "One. Two."),
        (
            {"any_of": ["moon"], "lines": {"least": 3, "most": 3}},
            "the moon\n\nis\nup",
            "the moon is up",
        ),
        ({"starts_with": ["Sure"]}, '"Sure, of course.', "Of course, sure."),
        ({"starts_with": ["Sure"]}, "sure!", "Surely."),
        ({"ends_with": ["home"]}, "They walked 'home'.", "Home is where we walk."),
        ({"words": {"least": 2}, "without_letters": "e"}, "A big dog", "The big dog"),
        ({"any_of": ["banana"], "letters": "upper"}, "BANANA!", "Banana"),
        ({"any_of": ["bread"], "letters": "lower"}, "bread is good.", "Bread is good."),
    ],
)
def test_a_right_reply_passes_and_a_wrong_one_fails(
    parts: dict[str, Any], passes: str, fails: str
) -> None:
    assert is_right(rule(**parts), QUESTION, passes)
    assert not is_right(rule(**parts), QUESTION, fails)


@pytest.mark.parametrize("reply", ["", "  \n", "{}", "[]", '{"city": "Paris"}', '["Paris"]'])
def test_nothing_and_json_are_never_right(reply: str) -> None:
    assert not is_right(rule(any_of=["Paris"]), QUESTION, reply)


@pytest.mark.parametrize(
    "reply", ['```json\n{"city": "Paris"}\n```', '{"city": "Paris", "name": "']
)
def test_a_fenced_object_and_one_that_was_cut_are_json_too(reply: str) -> None:
    assert not is_right(rule(any_of=["Paris"]), QUESTION, reply)


def test_words_in_braces_that_are_no_json_count_as_words() -> None:
    assert is_right(rule(any_of=["Paris"]), QUESTION, "{Paris}")


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        ('{"city": "Paris"}', True),
        ('{"Paris": "city"}', False),
        ('{"city": "London"}', False),
        ("Paris", False),
        ('["Paris"]', False),
        ("{}", False),
    ],
)
def test_a_right_value_inside_an_object_is_told(reply: str, found: bool) -> None:
    assert is_right_inside(rule(any_of=["Paris"]), QUESTION, reply) is found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3,000.5 and 12.", [3000.5, 12]),
        ("forty-two, twenty one", [42, 21]),
        ("one hundred and five", [105]),
        ("two thousand three hundred", [2300]),
        ("a hundred or 2 million", [100, 2_000_000]),
        ("two and three", [2, 3]),
        ("five six", [5, 6]),
        ("twenty, one", [20, 1]),
        ("someone often", []),
        ("$4 or 3kg", [4, 3]),
    ],
)
def test_numbers_are_read_as_digits_and_as_words(text: str, expected: list[float]) -> None:
    assert numbers(text) == expected


def test_one_alone_can_be_passed_over() -> None:
    assert numbers("one of seven, twenty-one", with_one=False) == [7, 21]


def test_folding_keeps_words_apart() -> None:
    assert fold("Crème–brûlée,  “good”\n-night") == 'creme brulee, "good" night'
