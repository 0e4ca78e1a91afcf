"""The strict parser: the whole reply is the answer, or there is none."""

import pytest

from lib.inference.parsing import parse_answer, parse_object
from lib.task import Task

KEYS = frozenset({"people", "date"})


@pytest.mark.parametrize(
    ("raw", "answer"),
    [
        ("{}", {}),
        ('{"people": "2"}', {"people": "2"}),
        ('{"date": "Friday", "people": "2"}', {"people": "2", "date": "Friday"}),
        (' \n{"people":\n "2"}\n ', {"people": "2"}),
        (r'{"date": "a \"quoted\" {day}"}', {"date": 'a "quoted" {day}'}),
        (r'{"date": "\u0645 \ud83d\ude00"}', {"date": "م 😀"}),
    ],
)
def test_one_json_object_is_an_answer(
    extraction_task: Task, raw: str, answer: dict[str, str]
) -> None:
    assert parse_answer(extraction_task, raw) == answer


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param("", id="nothing"),
        pytest.param("   \n", id="white space"),
        pytest.param('{"people": "2", "people": "3"}', id="a key twice"),
        pytest.param('{"people": "2", "people": "2"}', id="a key twice with one value"),
        pytest.param('{"people": "2", "pets": "1"}', id="an unknown key"),
        pytest.param('{"People": "2"}', id="a key in other case"),
        pytest.param('{"people": 2}', id="a number"),
        pytest.param('{"people": null}', id="null"),
        pytest.param('{"people": true}', id="a truth value"),
        pytest.param('{"people": NaN}', id="not a number"),
        pytest.param('{"people": ""}', id="an empty value"),
        pytest.param('{"people": ["2"]}', id="a list"),
        pytest.param('{"people": {"date": "2"}}', id="a nested object"),
        pytest.param('{"people": {"date": "2", "date": "3"}}', id="a nested key twice"),
        pytest.param('[{"people": "2"}]', id="a list of objects"),
        pytest.param('"people"', id="a string"),
        pytest.param("7", id="a bare number"),
        pytest.param('```json\n{"people": "2"}\n```', id="a code fence"),
        pytest.param('{"people": "2"} Enjoy!', id="trailing words"),
        pytest.param('Sure: {"people": "2"}', id="leading words"),
        pytest.param('{"people": "2"}\n{"date": "Friday"}', id="two objects"),
        pytest.param('{"people": "2",}', id="a trailing comma"),
        pytest.param("{'people': '2'}", id="single quotes"),
        pytest.param('{"people": "2"', id="cut off"),
        pytest.param('{"people": "a\nb"}', id="a line break inside a string"),
        pytest.param(r'{"people": "\ud83d"}', id="half an emoji"),
        pytest.param("[" * 100_000, id="deep nesting"),
        pytest.param('{"people":' * 100_000, id="deep nesting of objects"),
        pytest.param("9" * 100_000, id="an endless number"),
    ],
)
def test_anything_else_is_no_answer(extraction_task: Task, raw: str) -> None:
    assert parse_answer(extraction_task, raw) is None


def test_a_label_is_an_answer(classification_task: Task) -> None:
    assert parse_answer(classification_task, " cards\n") == "cards"


@pytest.mark.parametrize("raw", ["", "Cards", "cards.", "cards cash", "the team is cards", "loans"])
def test_anything_but_exactly_one_label_is_no_answer(classification_task: Task, raw: str) -> None:
    assert parse_answer(classification_task, raw) is None


def test_a_phrase_is_an_answer(qa_task: Task) -> None:
    assert parse_answer(qa_task, " in the year 1999 ") == "in the year 1999"


@pytest.mark.parametrize("raw", ["", " \n ", "in 1999\nbecause it says so"])
def test_nothing_or_several_lines_are_no_phrase(qa_task: Task, raw: str) -> None:
    assert parse_answer(qa_task, raw) is None


def test_no_key_but_those_asked_for_is_allowed() -> None:
    assert parse_object('{"people": "2"}', KEYS) == {"people": "2"}
    assert parse_object('{"people": "2"}', frozenset({"date"})) is None
    assert parse_object("{}", frozenset()) == {}
