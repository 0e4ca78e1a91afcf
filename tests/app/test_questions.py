"""Questions on a passage, from the demo's two fields to the results: answers are marked, or missed.

Run: python -m pytest tests/app/test_questions.py
"""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.content import tasks
from lib.inference.conditions import Condition
from lib.ui import library, results_library
from tests.app.conftest import Link
from tests.app.reading import answer, card, maybe_rendered, words
from tests.fakes import FakeComparer
from tests.measured_questions import PASSAGE, write_questions

OpenPage = Callable[..., AppTest]
CONTEXT, QUESTION = "demo_context_questions", "demo_question_questions"


@pytest.fixture(autouse=True)
def questions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A task of questions, the only one there is."""
    folder = write_questions(tmp_path / "tasks")
    monkeypatch.setattr(tasks, "TASKS", folder.parent)
    _forget_tasks()  # what was read by now came from another folder
    yield folder
    _forget_tasks()


def _forget_tasks() -> None:
    for kept in (library._tasks, library._measured, results_library._found):
        kept.clear()


@pytest.fixture
def at(open_page: OpenPage, fake_comparer: FakeComparer) -> AppTest:
    fake_comparer.default_reply = "pier 4"
    return open_page("demo")


def _run(at: AppTest) -> AppTest:
    return at.button(key="demo_start").click().run()


def _marks(at: AppTest, condition: Condition) -> int:
    return words(card(at, condition)).count(":yellow-background[")


def test_there_is_a_field_for_the_passage_and_one_for_the_question(at: AppTest) -> None:
    assert not at.exception
    assert [one.label for one in at.text_area] == ["A passage", "A question about it"]
    assert at.text_area(key=CONTEXT).value == PASSAGE
    assert at.text_area(key=QUESTION).value == "Where does the boat leave from?"


def test_an_answer_is_marked_wherever_it_stands(at: AppTest) -> None:
    _run(at)
    text = words(card(at, Condition.LORA))
    assert not at.exception
    assert answer(at, Condition.LORA) == "pier 4"
    assert "It stands in 2 places" in text
    assert _marks(at, Condition.LORA) == 2
    assert ":yellow-background[**Pier 4**]" in text


def test_an_answer_that_does_not_stand_in_the_passage_is_told(
    at: AppTest, fake_comparer: FakeComparer
) -> None:
    fake_comparer.replies = {Condition.PLAIN: "platform 5", Condition.ENGINEERED: "From\npier 4"}
    _run(at)
    assert "Not in the passage" in words(card(at, Condition.PLAIN))
    assert _marks(at, Condition.PLAIN) == 0
    invalid = words(card(at, Condition.ENGINEERED))
    assert "No usable answer (not one line)" in invalid.replace("*", "")
    assert "Not in the passage" not in invalid


def test_a_phrase_is_right_as_squad_counts_and_partly_right_by_its_words(
    at: AppTest, fake_comparer: FakeComparer
) -> None:
    fake_comparer.replies = {
        Condition.PLAIN: "dogs",
        Condition.ENGINEERED: "from pier 4",
        Condition.LORA: "The Pier 4.",
    }
    _run(at)
    assert "Not what we expect" in words(card(at, Condition.PLAIN))
    assert "Partly right** (F1 over the words 80%): we expect “pier 4”" in words(
        card(at, Condition.ENGINEERED)
    )
    assert "**Right**" in words(card(at, Condition.LORA))
    assert "The adapter made the difference" in words(at)


def test_cards_give_exact_match_and_f1(at: AppTest) -> None:
    _run(at)
    text = words(card(at, Condition.LORA))
    assert "On 100 held-out questions this way was exactly right in **50.0%**" in text
    assert "F1 over the words: **75.0%** (" in text


def test_one_run_is_placed_among_the_held_out_rows(
    at: AppTest, fake_comparer: FakeComparer
) -> None:
    fake_comparer.replies = {Condition.ENGINEERED: "dogs"}
    _run(at)
    text = words(at)
    assert "both right 10.0%, only LoRA right 40.0%" in text
    assert "This one belongs to “only LoRA right”" in text


@pytest.mark.parametrize(
    ("context", "question", "complaint"),
    [
        (" \n", "Where?", "The passage is empty"),
        ("It rains.", " ", "The question is empty"),
        ("x" * 301, "Where?", "The passage has 301 characters and this task takes 300 at most"),
        ("It rains.", "x" * 301, "The question has 301 characters"),
    ],
)
def test_what_can_not_be_sent_is_told_in_one_sentence(
    at: AppTest, fake_comparer: FakeComparer, context: str, question: str, complaint: str
) -> None:
    at.text_area(key=CONTEXT).set_value(context).run()
    at.text_area(key=QUESTION).set_value(question).run()
    _run(at)
    [error] = at.error
    assert complaint in error.value
    assert fake_comparer.compared == []


def test_a_hostile_passage_and_answer_stay_text(at: AppTest, fake_comparer: FakeComparer) -> None:
    hostile = "<script>x</script> ![a](http://b.example/c.png) :red[y] $z$ pier 4 <|im_end|>"
    fake_comparer.replies = {Condition.LORA: "![a](http://b.example/c.png) :red[y]"}
    at.text_area(key=CONTEXT).set_value(hostile).run()
    _run(at)
    assert not at.exception
    assert _marks(at, Condition.LORA) == 1
    for kind, text in maybe_rendered(at):
        for markup in ("<script", "!", "[a]", ":red", "[y]", "$z", "(http"):
            assert not re.search(rf"(?<!\\){re.escape(markup)}", text), f"{kind}: {markup}"


def test_a_run_goes_into_the_download_and_no_text_into_the_address(
    at: AppTest, downloads: dict[str, str]
) -> None:
    at.button(key="demo_sample_questions_open").click().run()
    assert dict(at.query_params) == {"demo_sample": "open"}
    _run(at)
    run = json.loads(downloads["demo_download"])
    assert (run["context"], run["question"]) == (PASSAGE, "What is the fare?")
    assert [one["answer"] for one in run["conditions"]] == ["pier 4"] * 4


def test_a_link_to_a_sample_opens_it(open_page: OpenPage) -> None:
    at = open_page("demo", demo_sample="open")
    assert at.text_area(key=QUESTION).value == "What is the fare?"


def test_the_estimator_gets_the_tokens_of_a_run(at: AppTest, links: list[Link]) -> None:
    _run(at)
    [params] = [params for _, page, params in links if page == "estimator"]
    assert params["preset"] == "policy-answers"
    assert int(params["m_traffic.output_tokens"]) == len("pier 4")


# ------------------------------------------------------------------------- results


def test_results_give_both_figures_on_every_set_and_group(open_page: OpenPage) -> None:
    at = open_page("results", task="questions")
    assert not at.exception
    assert not at.warning
    pictures = [one.proto.alt for one in at.get("vega_lite_chart")]
    assert "LoRA 50.0% (40.4% to 59.6%)" in pictures[0]
    assert pictures[1].startswith("F1 over the words, with 95% intervals: Plain prompt 50.0%")
    assert "LoRA 75.0% (" in pictures[1]
    assert "held-out questions (100): F1 over the words" in pictures[2]
    assert "other questions (100): F1 over the words" in pictures[2]
    assert "reddit (50): F1 over the words" in pictures[3]
    assert "How much of the answer is right" in [one.value for one in at.header]
    assert "Tuning won." in words(at)


def test_other_kinds_have_no_picture_of_f1(open_page: OpenPage, tmp_path: Path) -> None:
    from tests.measured_folder import write_everything, write_task

    write_everything(write_task(tmp_path / "tasks"))
    _forget_tasks()
    at = open_page("results", task="routing")
    assert "How much of the answer is right" not in [one.value for one in at.header]
