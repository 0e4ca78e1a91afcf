"""The command `learning-curve`, from rows to a measured file, on a random model of few weights.

Example run: python -m pytest tests/test_cli_curve.py -v
"""

import json
from pathlib import Path

import pytest
import yaml

from lib.inference import base_model
from lib.inference.base_model import BaseModel
from lib.training import few_rows
from tests.running import Run, runner
from tests.tiny_task import TWO_LABELS


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs the command in this process."""
    return runner(capsys, "learning-curve")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A task, its recipe, twelve training rows and six test rows."""
    (tmp_path / "task.yaml").write_text(yaml.safe_dump(TWO_LABELS))
    (tmp_path / "recipe.yaml").write_text(
        "{seed: 3, held_out_rows: 4, rank: 2, alpha: 4, batch_size: 2, learning_rate: 1.0e-2}"
    )
    pair = [("card lost", "cards"), ("cash machine", "cash")]
    for name, count in (("train", 6), ("test", 3)):
        rows = [json.dumps({"text": text, "label": label}) + "\n" for text, label in pair * count]
        (tmp_path / f"{name}.jsonl").write_text("".join(rows))
    return tmp_path


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A random model takes the real one's place; one entry for every time it was loaded."""
    from tests.tiny_model import tiny_base

    found: list[int] = []

    def load(progress: object) -> BaseModel:
        found.append(1)
        return tiny_base(layers=1)

    monkeypatch.setattr(base_model, "load", load)
    monkeypatch.setattr(few_rows, "MIN_STEPS", 2)
    return found


def _words(folder: Path, **changed: object) -> list[object]:
    options = {
        "task": folder,
        "data": folder / "train.jsonl",
        "test": folder / "test.jsonl",
        "out": folder / "results" / "curve.json",
        "sizes": "2,4",
        "seeds": 2,
        "shots": "0,2",
        "draws": 1,
        "test-rows": 4,
    } | changed
    return [word for name, value in options.items() for word in (f"--{name}", value)]


def test_a_curve_is_measured_and_a_rerun_measures_nothing(
    run: Run, folder: Path, loads: list[int]
) -> None:
    printed = run(*_words(folder), "--json").json
    again = run(*_words(folder), "--json")

    out = folder / "results" / "curve.json"
    assert json.loads(out.read_text()) == again.json
    assert "0 of 14 points are left" in again.err
    assert again.json["points"] == printed["points"]
    # Three prompts in three readings, two sizes twice for LoRA and for the classic line.
    assert len(printed["points"]) == 9 + 4 + 4
    assert (printed["missing"], printed["test"]["rows"], printed["test"]["of_rows"]) == (0, 4, 6)
    steps = {one["size"]: one["steps"] for one in printed["points"] if one["line"] == "lora"}
    assert steps == {2: 2, 4: 4}  # two rows are a step, and two steps or two epochs are the least


def test_one_point_alone_is_measured_anew_into_another_file(
    run: Run, folder: Path, loads: list[int]
) -> None:
    run(*_words(folder))

    one = run(*_words(folder, out=folder / "again.json", points="lora-4-2"), "--json").json

    assert one["missing"] == 13
    every = json.loads((folder / "results" / "curve.json").read_text())["points"]
    (first,) = [p for p in every if (p["line"], p["size"], p["seed"]) == ("lora", 4, 2)]
    assert one["points"][0]["right"] == first["right"]


def test_ctrl_c_keeps_what_is_finished(
    run: Run, folder: Path, loads: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(few_rows, "learn", stop)

    ended = run(*_words(folder))

    assert ended.status == 130
    assert "goes on from there" in ended.err
    assert not (folder / "results" / "curve.json").exists()
    kept = (folder / "results" / "curve_points.csv").read_text().splitlines()
    assert len(kept) == 1 + 9 + 4  # all prompts, the whole classic line


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"sizes": "2,64"}, "There are 8 training rows without the held-out ones"),
        ({"points": "lora-5-1"}, "No point is called 'lora-5-1'"),
        ({"sizes": "few"}, "is not a list of whole numbers"),
        ({"sizes": "0,4"}, "is not a list of whole numbers above 0"),
    ],
)
def test_mistakes_are_told_before_the_model_loads(
    run: Run, folder: Path, loads: list[int], changed: dict[str, object], complaint: str
) -> None:
    ended = run(*_words(folder, **changed))

    assert ended.status == 2
    assert complaint in ended.err
    assert not loads
