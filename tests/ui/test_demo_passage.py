"""A marked passage shows every sign of it as text, whoever wrote it.

Run: python -m pytest tests/ui/test_demo_passage.py
"""

import pytest

from lib.inference.phrases import places
from lib.ui.demo_passage import marked


def shown(passage: str, phrase: str) -> str:
    return marked(passage, places(phrase, passage)).replace("\u2060", "|")


def test_every_place_is_marked() -> None:
    assert shown("Pier 4, later pier 4", "pier 4") == (
        "|:yellow-background[**Pier 4**], later :yellow-background[**pier 4**]"
    )


@pytest.mark.parametrize(
    ("passage", "phrase", "markdown"),
    [
        ("a <b>x</b> y", "x", "|a \\<b\\>:yellow-background[**x**]\\</b\\> y"),
        ("] :red[x] [y](z)", "y", "|\\] \\:red\\[x\\] \\[:yellow-background[**y**]\\]\\(z\\)"),
        ("a :red[x](y) b", ":red[x](y)", "|a :yellow-background[**\\:red\\[x\\]\\(y\\)**] b"),
        ("x\n# y\n===\n1. z", "x", "|:yellow-background[**x**]  \n|\\# y  \n|===  \n|1. z"),
        (
            "x -> y <= z -- www.a.b",
            "z",
            "|x \\-|\\> y \\<|= :yellow-background[**z**] \\-|\\- www|.a.b",
        ),
        (
            "x https://a.b :material/c:",
            "x",
            "|:yellow-background[**x**] https\\:|//a.b \\:|material/c\\:",
        ),
        ("to\nRome\n    now", "to Rome", "|:yellow-background[**to Rome**]  \n|    now"),
    ],
)
def test_nothing_in_a_passage_is_markup(passage: str, phrase: str, markdown: str) -> None:
    assert shown(passage, phrase) == markdown


def test_of_a_long_passage_what_stands_around_the_first_place_is_shown() -> None:
    passage = f"{'before ' * 200}here{' after' * 200} here"

    text = shown(passage, "here")

    assert text.startswith("|… before before")
    assert text.endswith("after after …")
    assert text.count(":yellow-background[**here**]") == 1
    assert 600 < len(text) < 800


def test_a_long_passage_without_a_blank_is_cut_at_the_answer() -> None:
    assert shown(f"{'x' * 2000}-here-{'y' * 2000}", "here") == "|… :yellow-background[**here**] …"
