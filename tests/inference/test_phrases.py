"""Short answers: when two are the same, and where one stands in a passage.

Run: python -m pytest tests/inference/test_phrases.py
"""

import pytest

from lib.inference.phrases import is_expected, places
from lib.task import Task

PASSAGE = 'The boat leaves at 21:40 from pier 4.\nIn winter, too, it leaves from PIER\n4. "No" dogs (ever)!'


def found(phrase: str) -> list[str]:
    return [PASSAGE[begin:end] for begin, end in places(phrase, PASSAGE)]


@pytest.mark.parametrize(
    ("phrase", "stands"),
    [
        ("21:40", ["21:40"]),
        ("pier 4", ["pier 4", "PIER\n4"]),
        ("Pier 4.", ["pier 4.", "PIER\n4."]),
        ("“pier 4”", ["pier 4", "PIER\n4"]),
        ("boat leaves.", ["boat leaves"]),
        ("(ever)!", ["(ever)!"]),
        ("lea", []),
        ("pier", ["pier", "PIER"]),
        ("pier 5", []),
        (".*", []),
        ("", []),
        (" ", []),
        ("?!", []),
    ],
)
def test_a_phrase_stands_where_its_whole_words_do(phrase: str, stands: list[str]) -> None:
    assert found(phrase) == stands


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("pier 4", True),
        ("Pier 4.", True),
        ("the pier 4", True),
        ("from pier 4", False),
        ("pier", False),
        (None, False),
    ],
)
def test_phrases_are_compared_as_squad_does(
    qa_task: Task, answer: str | None, is_right: bool
) -> None:
    assert is_expected(qa_task, answer, "pier 4") is is_right


def test_labels_and_objects_have_to_be_equal(
    classification_task: Task, extraction_task: Task
) -> None:
    assert is_expected(classification_task, "cards", "cards")
    assert not is_expected(classification_task, "Cards", "cards")
    assert is_expected(extraction_task, {"people": "2"}, {"people": "2"})
    assert not is_expected(extraction_task, {"people": "2."}, {"people": "2"})
