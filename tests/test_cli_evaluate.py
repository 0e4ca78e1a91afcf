"""The commands that measure: mode score, groups, and examples to choose from.

Run: python -m pytest tests/test_cli_evaluate.py
"""

import json
from collections.abc import Sequence
from math import log
from pathlib import Path
from typing import Any

import pytest
import yaml

from lib import cli
from lib.content.tasks import TASKS
from lib.inference import compare as comparing
from tests.evaluation.scripted import ScriptedComparer
from tests.running import Ended, Run, runner
from tests.tiny_task import TWO_LABELS

RECORDS = [
    {"id": "a", "text": "lost card", "label": "cards", "bank": "north"},
    {"id": "b", "text": "no notes", "label": "cash", "bank": "south"},
    {"id": "c", "text": "tell a joke", "label": "nothing", "bank": "south"},
]
SCORES = {
    "lost card": (log(0.9), log(0.1)),
    "no notes": (log(0.6), log(0.4)),
    "tell a joke": (log(0.2), log(0.8)),
}


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs a command in this process, with a scripted model."""
    monkeypatch.setattr(cli, "_load_model", lambda: None)
    comparer: Any = ScriptedComparer(SCORES, (0.7, 0.3))
    monkeypatch.setattr(comparing, "Comparer", lambda base: comparer)

    return runner(capsys)


@pytest.fixture
def task(tmp_path: Path) -> Path:
    """The folder of a task with two labels, its recipe and its pool."""
    (tmp_path / "task.yaml").write_text(yaml.safe_dump(TWO_LABELS), encoding="utf-8")
    (tmp_path / "recipe.yaml").write_text("held_out_rows: 2\nseed: 7\n", encoding="utf-8")
    pool = {
        "examples": [{"text": "x", "answer": "cash"}],
        "wordings": [{"system": "Other.", "user": "{text}"}],
    }
    (tmp_path / "pool.yaml").write_text(yaml.safe_dump(pool), encoding="utf-8")
    return tmp_path


def write_rows(folder: Path, records: Sequence[object]) -> Path:
    file = folder / "rows.jsonl"
    file.write_text("".join(json.dumps(one) + "\n" for one in records), encoding="utf-8")
    return file


def evaluate(run: Run, task: Path, *words: object) -> Ended:
    rows = write_rows(task, RECORDS)
    known = ("--task", task, "--data", rows, "--mode", "score", "--conditions", "plain")
    return run("evaluate", *known, *words)


def test_mode_score_prints_and_writes_the_same_object(run: Run, task: Path) -> None:
    out = task / "results" / "test_score.json"

    printed = evaluate(run, task, "--out", out, "--group-by", "bank", "--json").json

    assert json.loads(out.read_text(encoding="utf-8")) == printed
    assert printed["mode"] == "score"
    # 0.6 / 0.7 < 0.4 / 0.3, so the second row turns right.
    assert printed["conditions"]["plain"]["accuracy"] == 0.5
    assert printed["conditions"]["plain"]["calibrated"]["accuracy"] == 1.0
    assert list(printed["by_group"]["groups"]) == ["north", "south"]
    lines = out.with_name("test_score_rows.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1 + 2


def test_mode_score_tells_both_accuracies_and_where_other_rows_went(run: Run, task: Path) -> None:
    ended = evaluate(run, task)

    assert ended.status == 0
    lines = ended.out.splitlines()
    assert lines[0] == "Teams: 2 rows, accuracy"
    assert "50.0%" in lines[1]
    assert "calibrated 100.0%" in lines[1]
    assert lines[2].endswith("1 rows belong to no label: cash 1")


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("--group-by", "country"), "line 1: the field 'country', to group by, is missing"),
        (("--task", "booking"), "The task 'booking' has no labels to score"),
    ],
)
def test_mistakes_are_told_before_the_model_loads(
    run: Run, task: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], part: str
) -> None:
    def load() -> None:
        raise AssertionError("the model was loaded")

    monkeypatch.setattr(cli, "_load_model", load)

    ended = evaluate(run, task, *words)

    assert (ended.status, ended.err.count("\n")) == (2, 1)
    assert part in ended.err


def choose(run: Run, task: Path, *words: object) -> Ended:
    rows = write_rows(task, RECORDS[:2])
    known = ("--task", task, "--data", rows, "--recipe", task / "recipe.yaml")
    more = ("--pool", task / "pool.yaml", "--out", task / "tried.csv", "--mode", "score")
    return run("choose-examples", *known, *more, *words)


def test_choosing_tells_the_best_and_writes_tries_and_ids(run: Run, task: Path) -> None:
    ids = task / "dev_ids.txt"

    printed = choose(run, task, "--sizes", "0,1", "--ids-out", ids, "--json").json

    assert printed["best"]["score"]["calibrated"] == 1.0
    tried = (task / "tried.csv").read_text(encoding="utf-8").splitlines()
    assert printed["trials"] == len(tried) - 1
    assert {line.split(",")[1] for line in tried[1:]} == {"0", "1"}
    assert sorted(ids.read_text(encoding="utf-8").split()) == ["a", "b"]


def test_choosing_may_use_fewer_rows_than_are_held_out(run: Run, task: Path) -> None:
    ids = task / "dev_ids.txt"

    ended = choose(run, task, "--sizes", "1", "--rows", 1, "--ids-out", ids)

    assert ended.status == 0, ended.err
    assert len(ids.read_text(encoding="utf-8").split()) == 1
    assert "Best of" in ended.out


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("--sizes", "4,many"), "'4,many' is not a list of whole numbers"),
        (("--sizes", "9"), "number of examples, 1, is below"),
        (("--mode", "guess"), "--mode"),
        (("--task", TASKS / "booking"), "has no labels to score"),
    ],
)
def test_mistakes_in_choosing_are_one_line(
    run: Run, task: Path, words: tuple[str, ...], part: str
) -> None:
    ended = choose(run, task, *words)

    assert (ended.status, ended.err.count("\n")) == (2, 1)
    assert part in ended.err
