"""Questions on a passage as commands: compare and evaluate, their figures and their mistakes.

Run: python -m pytest tests/test_cli_questions.py
"""

import json
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lib import cli
from lib.inference import compare as comparing
from tests.evaluation.scripted import ScriptedComparer
from tests.fakes import FakeComparer
from tests.measured_questions import write_questions
from tests.running import Run, runner

ROWS = [
    {"id": "a", "context": "A mill in Rome.", "question": "What?", "answers": ["mill", "A mill"]},
    {"id": "b", "context": "To the old pier.", "question": "Where?", "answers": ["the old pier"]},
    {"id": "c", "context": "It opened in May.", "question": "When?", "answers": ["May", "in May"]},
]
WRITTEN = {"What?": "The mill.", "Where?": "the pier", "When?": "Rome\nor so"}


class Writer(ScriptedComparer):
    """Writes what a test scripts for each question."""

    def __init__(self) -> None:
        super().__init__({})
        self.engine = self

    def generate(self, rows: Sequence[Any], max_new_tokens: int) -> list[Any]:
        prompts = [self.renderer.decode(row.ids) for row in rows]
        texts = [next(WRITTEN[one] for one in WRITTEN if one in prompt) for prompt in prompts]
        return [
            SimpleNamespace(ids=self.renderer.encode_text(text), finished=True) for text in texts
        ]

    def text_of(self, ids: Sequence[int]) -> str:
        return self.renderer.decode(tuple(ids))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs a command in this process, without a model."""
    monkeypatch.setattr(cli, "_load_model", lambda: None)
    return runner(capsys)


@pytest.fixture
def task(tmp_path: Path) -> Path:
    return write_questions(tmp_path)


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    file = tmp_path / "rows.jsonl"
    domains = ("reddit", "wiki", "wiki")
    lines = [{**row, "domain": domain} for row, domain in zip(ROWS, domains, strict=True)]
    file.write_text("".join(json.dumps(one) + "\n" for one in lines), encoding="utf-8")
    return file


def test_compare_takes_a_passage_and_a_question(
    run: Run, task: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    comparer: Any = FakeComparer(default_reply="pier 4")
    monkeypatch.setattr(comparing, "Comparer", lambda base: comparer)
    asked = ("--context", "From pier 4.", "--question", "From where?")

    found = run("compare", "--task", task, *asked, "--json").json

    assert (found["context"], found["question"]) == ("From pier 4.", "From where?")
    assert [one["answer"] for one in found["conditions"]] == ["pier 4"] * 4
    assert "'pier 4'" in run("compare", "--task", task, *asked).out


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["--context", "x"], "needs --question."),
        ([], "needs --context and --question."),
        (["--text", "x", "--context", "x", "--question", "y"], "takes no --text."),
        (["--context", " ", "--question", "y"], "The passage is empty"),
        (["--context", "x", "--question", ""], "The question is empty"),
        (["--context", "x" * 301, "--question", "y"], "The passage has 301 characters"),
    ],
)
def test_a_mistake_is_one_line(run: Run, task: Path, words: list[str], part: str) -> None:
    ended = run("compare", "--task", task, *words)
    assert (ended.status, ended.out) == (2, "")
    assert part in ended.err
    assert ended.err.count("\n") == 1


def test_evaluate_gives_exact_match_and_f1_by_group_too(
    run: Run, task: Path, rows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first answer is right, the second lacks one of two words, the third has two lines."""
    monkeypatch.setattr(comparing, "Comparer", lambda base: Writer())
    words = ("evaluate", "--task", task, "--data", rows, "--conditions", "plain")

    found = run(*words, "--group-by", "domain", "--json").json

    plain = found["conditions"]["plain"]
    assert (plain["exact_match"], plain["f1"]) == (
        pytest.approx(1 / 3, abs=1e-4),
        pytest.approx((1 + 2 / 3 + 0) / 3, abs=1e-4),
    )
    low, high = plain["f1_interval95"]
    assert 0 <= low <= plain["f1"] <= high <= 1
    assert plain["valid_rate"] == pytest.approx(2 / 3, abs=1e-4)
    groups = found["by_group"]["groups"]
    assert groups["reddit"]["conditions"]["plain"]["f1"] == 1.0
    assert groups["wiki"]["conditions"]["plain"]["f1"] == pytest.approx(1 / 3, abs=1e-4)

    said = run(*words).out
    assert "exact match" in said
    assert "33.3%" in said
    assert "F1 55.6%" in said


def test_questions_have_no_labels_to_score(run: Run, task: Path, rows: Path) -> None:
    ended = run("evaluate", "--task", task, "--data", rows, "--mode", "score")
    assert ended.status == 2
    assert "has no labels to score" in ended.err
