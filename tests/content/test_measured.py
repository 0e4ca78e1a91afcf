"""Committed figures belong to the committed prompts and adapter: change one, and measure again.

Example run: python -m pytest tests/content/test_measured.py -v
"""

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from lib.content.general_questions import FILE as QUESTIONS
from lib.content.tasks import TASKS, load_task, task_names
from lib.evaluation.metrics import field_f1
from lib.evaluation.stability import samples_fingerprint
from lib.inference import adapter as adapter_files
from lib.inference.base_model import GGUF_SHA256, file_sha256
from lib.inference.conditions import ALL_CONDITIONS
from lib.inference.prompts import fingerprint, template_for
from lib.task import Task

MAX_ADAPTER_BYTES = 10_000_000


def _measured(*modes: str) -> list[Any]:
    """Return every measured file of these modes, with its task's name."""
    found = []
    for name in task_names():
        for file in sorted((TASKS / name / "results").glob("*.json")):
            if json.loads(file.read_text(encoding="utf-8")).get("mode") in modes:
                found.append(pytest.param(name, file, id=f"{name}-{file.stem}"))
    return found


by_the_model = pytest.mark.parametrize(("name", "file"), _measured("generate", "score"))
by_anything = pytest.mark.parametrize(("name", "file"), _measured("generate", "score", "classic"))
beside_the_sets = pytest.mark.parametrize(("name", "file"), _measured("forgetting", "stability"))
by_the_classic_line = pytest.mark.parametrize(("name", "file"), _measured("classic"))
every_task = pytest.mark.parametrize("name", task_names())


def _read(file: Path) -> dict[str, Any]:
    data = json.loads(file.read_text(encoding="utf-8"))
    assert isinstance(data, dict)
    return data


def _rows(file: Path) -> list[dict[str, str]]:
    with file.with_name(f"{file.stem}_rows.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@by_the_model
def test_results_were_measured_with_the_adapter_that_is_here(name: str, file: Path) -> None:
    assert _read(file)["adapter_sha256"] == adapter_files.check(name, TASKS / name).sha256


@by_the_model
def test_results_were_measured_with_the_prompts_that_are_here(name: str, file: Path) -> None:
    task = load_task(name)
    current = {one.value: fingerprint(template_for(task, one)) for one in ALL_CONDITIONS}
    assert _read(file)["prompt_sha256"] == current


@by_the_model
def test_results_were_measured_on_the_published_base_model(name: str, file: Path) -> None:
    assert _read(file)["base_sha256"] == GGUF_SHA256


@beside_the_sets
def test_general_questions_and_orders_belong_to_what_is_here(name: str, file: Path) -> None:
    task, measured = load_task(name), _read(file)
    assert measured["base_sha256"] == GGUF_SHA256
    assert measured["adapter_sha256"] == adapter_files.check(name, TASKS / name).sha256
    for prompt, sha256 in measured["prompt_sha256"].items():
        assert sha256 == fingerprint(getattr(task.prompts, prompt)), prompt
    if measured["mode"] == "forgetting":
        assert measured["data"]["sha256"] == file_sha256(QUESTIONS)
    else:
        assert measured["samples_sha256"] == samples_fingerprint(task)


@beside_the_sets
def test_general_questions_and_orders_are_the_sum_of_their_rows(name: str, file: Path) -> None:
    measured, rows = _read(file), _rows(file)
    parts = {"": (measured, "accuracy")}
    if measured["mode"] == "stability":
        parts = {"samples": (measured["over_samples"], "share_right")}
        if "over_rows" in measured:
            parts["rows"] = (measured["over_rows"], "share_right")
    for inputs, (part, what) in parts.items():
        for condition, figures in part["conditions"].items():
            own = [
                row
                for row in rows
                if row["condition"] == condition and row.get("inputs", "") == inputs
            ]
            assert len(own) == part["rows"]
            judged = [row["correct"] == "1" for row in own if row["correct"]]
            assert sum(judged) / len(judged) == pytest.approx(figures[what], abs=1e-4)


@by_the_classic_line
def test_the_classic_line_learned_from_the_rows_of_the_adapter(name: str, file: Path) -> None:
    trained = _read(TASKS / name / "training.json")
    learned = _read(file)["training"]
    assert learned["sha256"] == trained["data_sha256"]
    assert learned["rows"] == trained["rows"]
    assert learned["held_out_rows"] == trained["held_out_rows"]


@every_task
def test_every_task_was_measured_on_its_main_set(name: str) -> None:
    task = load_task(name)
    endings = ("", "_score", "_classic") if task.kind == "classification" else ("",)
    for ending in endings:
        assert (task.folder / "results" / f"{task.main_set.id}{ending}.json").is_file()


@every_task
def test_the_adapter_is_small_enough_to_commit(name: str) -> None:
    folder = TASKS / name / "adapter"
    assert sum(file.stat().st_size for file in folder.iterdir()) <= MAX_ADAPTER_BYTES


@by_anything
def test_the_summary_is_the_sum_of_its_rows(name: str, file: Path) -> None:
    task, summary, rows = load_task(name), _read(file), _rows(file)
    for condition, figures in summary["conditions"].items():
        own = [row for row in rows if row["condition"] == condition]
        assert len(own) == summary["rows"]
        total: Counter[str] = Counter()
        for row in own:
            total.update({key: int(row[key]) for key in ("correct", "valid", "near_twin")})
            total.update(_pairs(row))
        share = figures["accuracy" if task.kind == "classification" else "exact_match"]
        assert total["correct"] / len(own) == pytest.approx(share, abs=1e-4)
        assert total["valid"] / len(own) == pytest.approx(figures["valid_rate"], abs=1e-4)
        if task.kind == "extraction":
            pairs = [total[key] for key in ("pairs_right", "pairs_given", "pairs_wanted")]
            assert field_f1(*pairs) == pytest.approx(figures["field_f1"], abs=1e-4)
        assert len(own) - total["near_twin"] == summary["without_near_twins"]["rows"]


def _pairs(row: dict[str, str]) -> dict[str, int]:
    return {key: int(row[key]) for key in ("pairs_right", "pairs_given", "pairs_wanted")}


@every_task
def test_the_model_card_names_the_measured_shares(name: str) -> None:
    task: Task = load_task(name)
    card = (task.folder / "README.md").read_text(encoding="utf-8")
    for file in sorted((task.folder / "results").glob(f"{task.main_set.id}*.json")):
        for figures in _read(file)["conditions"].values():
            share = figures.get("accuracy", figures.get("exact_match"))
            assert f"{share:.1%}" in card


@every_task
def test_the_model_card_begins_with_fields_that_model_hubs_read(name: str) -> None:
    card = (load_task(name).folder / "README.md").read_text(encoding="utf-8")
    start, fields, _ = card.split("---\n", 2)

    assert start == ""
    assert yaml.safe_load(fields).keys() == {
        "base_model",
        "library_name",
        "adapter_sha256",
        "config_sha256",
    }
