"""The commands `forgetting` and `stability`: what they print and write, and mistakes told early.

Run: python -m pytest tests/test_cli_forgetting.py
"""

import json
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from lib import cli
from lib.evaluation import forgetting, stability
from lib.inference import compare as comparing
from lib.inference.rendering import PromptRenderer
from lib.inference.turns import Turns
from tests.fakes import FAKE_ADAPTER_SHA256, FAKE_BASE_SHA256, LetterTokenizer
from tests.running import Run, runner
from tests.tiny_task import TWO_LABELS

QUESTIONS = [
    {
        "id": "paris",
        "group": "facts",
        "question": "Capital of France?",
        "rule": {"any_of": ["Paris"]},
        "passes": "Paris",
    }
]
EXAMPLES = [{"inputs": {"text": text}, "answer": "cards"} for text in ("A", "B", "C")]
SAMPLE = {"id": "one", "title": "One", "inputs": {"text": "x"}, "expected": "cards", "note": "n"}
PROMPTS = TWO_LABELS["prompts"]
TASK = {
    **TWO_LABELS,
    "prompts": {**PROMPTS, "engineered": {**PROMPTS["engineered"], "examples": EXAMPLES}},
    "samples": [SAMPLE],
}


class Writer:
    """A comparer that knows Paris without the adapter, and with it only `cards`."""

    def __init__(self) -> None:
        tokenizer: Any = LetterTokenizer()
        self.base = SimpleNamespace(name="a fake model", sha256=FAKE_BASE_SHA256, dtype="float32")
        self.renderer = PromptRenderer(tokenizer)
        self.turns = Turns()
        self.engine = self

    def attach(self, adapter: Any) -> None:
        pass

    def generate(self, rows: Sequence[Any], max_new_tokens: int) -> list[Any]:
        texts = ["cards" if row.adapter else "It is Paris." for row in rows]
        return [
            SimpleNamespace(ids=self.renderer.encode_text(text), finished=True) for text in texts
        ]

    def text_of(self, ids: Sequence[int]) -> str:
        return self.renderer.decode(tuple(ids))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs a command in this process, with a scripted model and adapter."""
    found = SimpleNamespace(name="fake", sha256=FAKE_ADAPTER_SHA256)
    for module in (forgetting, stability):
        monkeypatch.setattr(module.adapter_files, "check", lambda id, folder: found)
    monkeypatch.setattr(cli, "_load_model", lambda: None)
    monkeypatch.setattr(comparing, "Comparer", lambda base: Writer())
    return runner(capsys)


@pytest.fixture
def task(tmp_path: Path) -> Path:
    """The folder of a task with three examples and one sample."""
    (tmp_path / "task.yaml").write_text(yaml.safe_dump(TASK), encoding="utf-8")
    return tmp_path


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    file = tmp_path / "questions.yaml"
    file.write_text(yaml.safe_dump({"questions": QUESTIONS}), encoding="utf-8")
    return file


def test_forgetting_prints_and_writes_the_same_object(
    run: Run, task: Path, questions: Path
) -> None:
    out = task / "results" / "forgetting.json"
    printed = run(
        "forgetting", "--task", task, "--questions", questions, "--out", out, "--json"
    ).json
    assert json.loads(out.read_text(encoding="utf-8")) == printed
    assert printed["conditions"]["base"]["accuracy"] == 1.0
    assert (
        printed["conditions"]["adapter"] | {"task_answers": 1.0, "accuracy": 0.0}
        == printed["conditions"]["adapter"]
    )
    assert printed["command"].startswith("python -m lib forgetting --task ")
    lines = out.with_name("forgetting_rows.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1 + 4


def test_forgetting_tells_what_was_lost(run: Run, task: Path, questions: Path) -> None:
    ended = run("forgetting", "--task", task, "--questions", questions)
    assert ended.status == 0
    assert "Teams: 1 general questions, share right" in ended.out
    adapter = next(line for line in ended.out.splitlines() if line.startswith("adapter "))
    assert "answers of the task's form 100.0%; against base: 1 lost, 0 gained, p 1" in adapter


def test_broken_questions_are_told_before_the_model_loads(
    run: Run, task: Path, questions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "_load_model", lambda: pytest.fail("the model was loaded"))
    questions.write_text("questions: []\n", encoding="utf-8")
    ended = run("forgetting", "--task", task, "--questions", questions)
    assert ended.status == 2
    assert "questions.yaml, line 1: questions: Tuple should have at least 1 item" in ended.err


def test_stability_prints_and_writes_the_same_object(run: Run, task: Path) -> None:
    out = task / "results" / "stability.json"
    printed = run("stability", "--task", task, "--out", out, "--json").json
    assert json.loads(out.read_text(encoding="utf-8")) == printed
    assert printed["over_samples"]["mean_distinct"] == 1.0
    assert printed["over_samples"]["conditions"]["adapter"]["share_right"] == 1.0
    lines = out.with_name("stability_rows.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1 + 6


def test_stability_tells_both_samples_and_rows(run: Run, task: Path) -> None:
    rows = task / "rows.jsonl"
    rows.write_text('{"text": "a", "label": "cards"}\n{"text": "b", "label": "cash"}\n')
    ended = run("stability", "--task", task, "--data", rows)
    assert "Teams: 5 orders of the examples" in ended.out
    assert "1 samples: 1.00 different answers on average" in ended.out
    assert "2 rows: 1.00 different answers on average" in ended.out
    assert "adapter      50.0%" in ended.out


@pytest.mark.parametrize(
    ("examples", "words", "part"),
    [
        (EXAMPLES, ("--limit", "3"), "--limit counts rows of a file: give --data as well."),
        (EXAMPLES[:1], (), "no two examples that could change places"),
    ],
)
def test_mistakes_of_stability_are_told_before_the_model_loads(
    run: Run,
    task: Path,
    monkeypatch: pytest.MonkeyPatch,
    examples: list[Any],
    words: tuple[str, ...],
    part: str,
) -> None:
    monkeypatch.setattr(cli, "_load_model", lambda: pytest.fail("the model was loaded"))
    prompts = PROMPTS | {"engineered": {"user": "{text}", "examples": examples}}
    (task / "task.yaml").write_text(yaml.safe_dump(TASK | {"prompts": prompts}), encoding="utf-8")
    ended = run("stability", "--task", task, *words)
    assert ended.status == 2
    assert part in ended.err
