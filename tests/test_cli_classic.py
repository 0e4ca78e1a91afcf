"""The commands `classic` and `time-calls`: one JSON object, a short answer, one line for mistakes.

Example run: python -m pytest tests/test_cli_classic.py -v
"""

import json
from pathlib import Path

import pytest
import yaml

from lib import cli
from lib.content.tasks import TASKS
from lib.evaluation import call_times
from lib.inference import compare as comparing
from tests.fakes import FakeComparer
from tests.running import Run, runner
from tests.tiny_task import TWO_LABELS


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs a command in this process."""
    return runner(capsys)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A task, its recipe, ten training rows and three test rows, one of which has no label."""
    (tmp_path / "task.yaml").write_text(yaml.safe_dump(TWO_LABELS))
    (tmp_path / "recipe.yaml").write_text("seed: 3\nheld_out_rows: 2\n")
    _write(
        tmp_path / "train.jsonl",
        [("card lost", "cards"), ("cash machine", "cash"), ("bent card", "cards")] * 3
        + [("machine cash", "cash")],
    )
    _write(
        tmp_path / "test.jsonl",
        [("my card", "cards"), ("cash please", "cash"), ("sing a song", "none")],
    )
    return tmp_path


def _write(path: Path, rows: list[tuple[str, str]]) -> None:
    path.write_text("".join(json.dumps({"text": a, "label": b}) + "\n" for a, b in rows))


def _words(folder: Path, **changed: object) -> list[object]:
    options = {
        "--task": folder,
        "--training-data": folder / "train.jsonl",
        "--recipe": folder / "recipe.yaml",
        "--data": folder / "test.jsonl",
        **{f"--{name.replace('_', '-')}": value for name, value in changed.items()},
    }
    return ["classic", *(word for pair in options.items() for word in pair)]


def test_classic_writes_what_it_prints(run: Run, folder: Path) -> None:
    out = folder / "results" / "test_classic.json"

    printed = run(*_words(folder, out=out), "--json").json

    assert json.loads(out.read_text()) == printed
    assert printed["conditions"]["classic"]["accuracy"] == 1.0
    assert (printed["training"]["rows"], printed["unscored_rows"]) == (8, 1)
    assert printed["command"].startswith("python -m lib classic --task ")
    assert out.with_name("test_classic_rows.csv").read_text().count("\n") == 3


def test_classic_without_json_is_a_short_answer(run: Run, folder: Path) -> None:
    lines = run(*_words(folder)).out.splitlines()

    assert lines[0] == "Teams: 2 rows, accuracy"
    assert lines[2].split()[:3] == ["all", "rows", "100.0%"]
    assert lines[-1].startswith("1 rows belong to no label; answers: ")


@pytest.mark.parametrize(
    ("changed", "part"),
    [
        ({"task": TASKS / "booking"}, "'booking' is no classification"),
        ({"recipe": "gone.yaml"}, "gone.yaml is missing"),
        ({"data": "gone.jsonl"}, "gone.jsonl"),
        ({"group_by": "country"}, "test.jsonl, line 1: the field 'country'"),
    ],
)
def test_mistake_is_one_line(run: Run, folder: Path, changed: dict[str, object], part: str) -> None:
    ended = run(*_words(folder, **changed))

    assert (ended.status, ended.out, ended.err.count("\n")) == (2, "", 1)
    assert part in ended.err


@pytest.mark.parametrize(
    ("file", "text", "part"),
    [
        ("recipe.yaml", "held_out_rows: 300\n", "10 rows and the recipe holds 300 out"),
        ("recipe.yaml", "held_out_rows: 0\n", "holds no rows out"),
        ("train.jsonl", '{"text": " ", "label": "cards"}\n', "'text' is missing or empty"),
        ("train.jsonl", '{"text": "a", "label": "cards"}\n' * 5, "have the label 'cards'"),
    ],
)
def test_files_that_teach_nothing_are_one_line(
    run: Run, folder: Path, file: str, text: str, part: str
) -> None:
    (folder / file).write_text(text)

    ended = run(*_words(folder))

    assert (ended.status, ended.out, ended.err.count("\n")) == (2, "", 1)
    assert part in ended.err


def test_call_times_need_no_more_than_a_task_and_rows(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "_load_model", lambda: None)
    monkeypatch.setattr(comparing, "Comparer", lambda base: FakeComparer())
    monkeypatch.setattr(call_times, "_threads", lambda: 2)
    (tmp_path / "rows.jsonl").write_text('{"text": "for 2", "target_json": {"people": "2"}}\n' * 5)
    out = tmp_path / "results" / "calls.json"
    words = ("time-calls", "--task", "booking", "--data", tmp_path / "rows.jsonl", "--rows", 2)

    printed = run(*words, "--out", out, "--json").json

    assert json.loads(out.read_text()) == printed
    assert printed["rows"] == 2
    assert printed["conditions"]["plain"]["median_seconds"] == 0.25
    assert len(run(*words).out.splitlines()) == 5
