"""General questions with and without the adapter: who is asked what, the counting, and the file.

Run: python -m pytest tests/evaluation/test_forgetting.py
"""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lib.content.general_questions import load_general_questions
from lib.errors import ContentError
from lib.evaluation import forgetting
from lib.evaluation.forgetting import Asked, measure_forgetting, row_records
from lib.evaluation.forgetting_file import lost_examples, read_forgetting, read_replies
from lib.evaluation.measured_rows import write_records
from lib.evaluation.statistics import share_interval
from lib.inference.rendering import PromptRenderer
from lib.inference.turns import Turns
from lib.questions import GeneralQuestion, Rule
from lib.task import Task
from tests.fakes import FAKE_ADAPTER_SHA256, FAKE_BASE_SHA256, LetterTokenizer

QUESTIONS = [
    GeneralQuestion("paris", "facts", "Capital of France?", Rule(any_of=("Paris",)), "Paris"),
    GeneralQuestion("four", "arithmetic", "What is 2 + 2?", Rule(number=4), "4"),
    GeneralQuestion("hi", "small_talk", "Hi, I am Anna.", Rule(any_of=("hello",)), "Hello"),
]
BARE = {"Capital of France?": "Paris.", "What is 2 + 2?": "It is 4.", "Hi, I am Anna.": "What?"}
TUNED = {"Capital of France?": "{}", "What is 2 + 2?": '{"people": "4"}', "Hi, I am Anna.": "Hello"}


class Writer:
    """A comparer that writes what a test scripts, by adapter, and remembers what it was sent."""

    def __init__(self, base: Mapping[str, str], tuned: Mapping[str, str]) -> None:
        tokenizer: Any = LetterTokenizer()
        self.base = SimpleNamespace(name="a fake model", sha256=FAKE_BASE_SHA256, dtype="float32")
        self.renderer = PromptRenderer(tokenizer)
        self.turns = Turns()
        self.engine = self
        self.sent: list[tuple[str, str | None]] = []
        self._replies = {None: base, "fake": tuned}

    def attach(self, adapter: Any) -> None:
        assert adapter.name == "fake"

    def generate(self, rows: Sequence[Any], max_new_tokens: int) -> list[Any]:
        assert max_new_tokens == 64
        found = []
        for row in rows:
            prompt = self.text_of(row.ids)
            self.sent.append((prompt, row.adapter))
            replies = self._replies[row.adapter]
            text = next(text for question, text in replies.items() if question in prompt)
            # A reply without its end token was cut.
            finished = not text.endswith("...")
            found.append(SimpleNamespace(ids=self.renderer.encode_text(text), finished=finished))
        return found

    def text_of(self, ids: Sequence[int]) -> str:
        return self.renderer.decode(tuple(ids))


@pytest.fixture(autouse=True)
def _an_adapter(monkeypatch: pytest.MonkeyPatch) -> None:
    found = SimpleNamespace(name="fake", sha256=FAKE_ADAPTER_SHA256)
    monkeypatch.setattr(forgetting.adapter_files, "check", lambda id, folder: found)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "questions.yaml"
    path.write_text("questions: []\n", encoding="utf-8")
    return path


def measure(task: Task, file: Path, **replies: Mapping[str, str]) -> Any:
    writer: Any = Writer(replies.get("base", BARE), replies.get("tuned", TUNED))
    return measure_forgetting(writer, task, QUESTIONS, file, "the command"), writer


def test_every_question_is_asked_four_ways(extraction_task: Task, file: Path) -> None:
    found, writer = measure(extraction_task, file)
    assert list(found.replies) == list(Asked)
    assert len(writer.sent) == 4 * 3
    bare = [prompt for prompt, _ in writer.sent if "Write JSON." not in prompt]
    assert len(bare) == 6
    # Nothing but the question stands in a bare prompt: no words of the task.
    assert not [prompt for prompt in bare if "Booking:" in prompt or "two on Friday" in prompt]
    under = [prompt for prompt, _ in writer.sent if "Write JSON." in prompt]
    assert all("two on Friday" in prompt for prompt in under)
    assert [adapter for _, adapter in writer.sent].count("fake") == 6


def test_a_question_answering_task_has_no_rows_under_its_prompt(qa_task: Task, file: Path) -> None:
    found, writer = measure(qa_task, file)
    assert list(found.replies) == [Asked.BASE, Asked.ADAPTER]
    assert len(writer.sent) == 2 * 3
    assert found.summary["prompt_sha256"] == {}
    assert "task_answers" not in found.summary["conditions"]["adapter"]


def test_shares_are_counted_over_all_and_by_group(extraction_task: Task, file: Path) -> None:
    summary = measure(extraction_task, file)[0].summary
    base, adapter = (summary["conditions"][name] for name in ("base", "adapter"))
    low, high = share_interval(2, 3)
    assert base["accuracy"] == 0.6667
    assert base["interval95"] == [round(low, 4), round(high, 4)]
    assert base["task_answers"] == 0.0
    # Only the greeting is right; `{}` and the object are answers of the task, one holds the 4.
    assert adapter["accuracy"] == 0.3333
    assert adapter["task_answers"] == 0.6667
    assert adapter["inside_object"] == 1
    groups = summary["by_group"]["groups"]
    assert {name: one["rows"] for name, one in groups.items()} == {
        "facts": 1,
        "arithmetic": 1,
        "small_talk": 1,
    }
    assert groups["small_talk"]["conditions"]["adapter"]["accuracy"] == 1.0


def test_each_way_is_tested_against_the_base_model(extraction_task: Task, file: Path) -> None:
    pair = measure(extraction_task, file)[0].summary["paired_against_base"]["adapter"]
    # Two lost and one gained of three: McNemar's exact p is 1, for two to one is no news.
    assert pair == {
        "both": 0, "only_base": 2, "only_this": 1, "neither": 0, "p": 1.0, "p_holm": 1.0,
    }  # fmt: skip


def test_an_answer_of_the_task_that_was_cut_is_none(extraction_task: Task, file: Path) -> None:
    tuned = dict.fromkeys(TUNED, '{"people": "4", ...')
    summary = measure(extraction_task, file, tuned=tuned)[0].summary
    assert summary["conditions"]["adapter"]["task_answers"] == 0.0
    assert summary["conditions"]["adapter"]["accuracy"] == 0.0


def test_labels_are_answers_of_a_classification(classification_task: Task, file: Path) -> None:
    tuned = dict.fromkeys(TUNED, "cards")
    summary = measure(classification_task, file, tuned=tuned)[0].summary
    assert summary["conditions"]["adapter"]["task_answers"] == 1.0


def test_the_file_is_read_as_it_was_written(
    extraction_task: Task, file: Path, tmp_path: Path
) -> None:
    found, _ = measure(extraction_task, file)
    out = tmp_path / "results" / "forgetting.json"
    write_records(out, found.summary, row_records(found))

    results = read_forgetting(out)
    assert (results.rows, results.command) == (3, "the command")
    assert results.figures[Asked.BASE].accuracy == 0.6667
    assert results.groups["facts"].figures[Asked.ADAPTER].accuracy == 0.0
    assert results.against[Asked.ADAPTER].verdict == "level"
    replies = read_replies(results)
    assert len(replies) == 4 * 3
    assert (replies[0].question_id, replies[0].text, replies[0].correct) == (
        "paris", "Paris.", True,
    )  # fmt: skip
    assert [one.adapter for one in lost_examples(replies, 2)] == ["{}", '{"people": "4"}']


def test_the_rows_file_keeps_the_beginning_of_a_reply(
    extraction_task: Task, file: Path, tmp_path: Path
) -> None:
    found, _ = measure(extraction_task, file, base=dict.fromkeys(BARE, 'a "b"\n' * 100))
    out = tmp_path / "forgetting.json"
    write_records(out, found.summary, row_records(found))
    with out.with_name("forgetting_rows.csv").open(encoding="utf-8", newline="") as rows:
        first = next(csv.DictReader(rows))
    assert first["reply"] == ('a "b"\n' * 100)[:300]
    assert first["question"] == "Capital of France?"


@pytest.mark.parametrize(
    ("only_base", "only_this", "p", "verdict"),
    [(30, 2, 0.001, "lost"), (2, 30, 0.001, "gained"), (6, 3, 0.5, "level")],
)
def test_the_verdict_follows_the_test(
    only_base: int, only_this: int, p: float, verdict: str
) -> None:
    from lib.evaluation.forgetting_file import AgainstBase

    assert AgainstBase(10, only_base, only_this, 5, p).verdict == verdict


@pytest.mark.parametrize("text", ["broken", "{}", '{"rows": 3}', "[]"])
def test_a_broken_file_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "forgetting.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(
        ContentError, match=r"forgetting.json is not a file that `forgetting --out`"
    ):
        read_forgetting(path)


def test_questions_of_the_project_are_asked_in_their_order(
    extraction_task: Task, file: Path
) -> None:
    questions = load_general_questions().questions
    everything = {one.question: one.passes for one in questions}
    writer: Any = Writer(everything, everything)
    summary = measure_forgetting(writer, extraction_task, questions, file).summary
    assert summary["conditions"]["base"]["accuracy"] == 1.0
    assert json.dumps(summary)
