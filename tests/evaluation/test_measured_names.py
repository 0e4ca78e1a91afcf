"""Our own figures, by the names that prose calls them, read as people read them."""

import contextlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lib.content.tasks import load_task, task_names
from lib.errors import ContentError
from lib.evaluation.measured_names import measured_names
from lib.task import Task

# Five rows; the last two have nothing to find.
RIGHT = {
    "plain": "00000",
    "engineered": "00010",
    "lora": "11110",
    "lora_engineered": "01001",
}
TRAINING = {
    "rows": 4777,
    "seconds": 3806.9,
    "loss_by_step": [2.0, 1.0, 0.5, 0.25],
}


NO_RESULTS = ["", "{", "[]", "null", "{}", '{"rows": "many"}', "\x00"]


def condition(score: float, **others: float) -> dict[str, Any]:
    return {
        "interval95": [0.0944, 0.9056],
        "valid_rate": 1.0,
        "mean_prompt_tokens": 627.4036,
        "mean_output_tokens": 12.7,
        **others,
        ("accuracy" if "field_f1" not in others else "exact_match"): score,
    }


def results(conditions: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "rows": 2292,
        "date": "2026-11-23",
        "command": "evaluate",
        "data": {"file": "test.jsonl"},
        "base_sha256": "a",
        "adapter_sha256": "b",
        "prompt_sha256": {},
        "dtype": "bfloat16",
        "conditions": conditions,
    }


def extraction(score: float) -> dict[str, Any]:
    return condition(score, field_f1=0.9391, field_f1_interval95=[0.9, 1.0])  # type: ignore[arg-type]


def write(folder: Path, summary: Mapping[str, Any]) -> None:
    """Write what measuring and training leave in a task's folder."""
    (folder / "results").mkdir()
    (folder / "adapter").mkdir()
    (folder / "results" / "test.json").write_text(json.dumps(summary), encoding="utf-8")
    lines = ["id,near_twin,condition,correct,valid,pairs_right,pairs_given,pairs_wanted,f1"]
    lines += [
        f"row-{number},0,{name},{correct},1,0,0,{0 if number > 2 else 2},0.0"
        for name in summary["conditions"]
        for number, correct in enumerate(RIGHT[name])
    ]
    (folder / "results" / "test_rows.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "training.json").write_text(json.dumps(TRAINING), encoding="utf-8")
    (folder / "recipe.yaml").write_text("epochs: 2\n", encoding="utf-8")
    (folder / "adapter" / "adapter_model.safetensors").write_bytes(b"0" * 1_260_000)


@pytest.fixture
def measured(extraction_task: Task, tmp_path: Path) -> Task:
    """A task that was measured all four ways."""
    write(tmp_path, results({name: extraction(0.9167) for name in RIGHT}))
    return replace(extraction_task, folder=tmp_path)


def test_every_name_has_its_figure(measured: Task) -> None:
    scores = {
        "exact": "91.7%",
        "low": "9.4%",
        "high": "90.6%",
        "f1": "0.939",
        "prompt_tokens": "627",
        "output_tokens": "13",
    }

    assert measured_names(measured) == {
        **{f"tiny_booking.{way}.{name}": v for way in RIGHT for name, v in scores.items()},
        "tiny_booking.rows": "2,292",
        "tiny_booking.empty": "40.0%",
        "tiny_booking.lora_only": "3",
        "tiny_booking.lora_engineered_only": "1",
        "tiny_booking.paired_p": "0.62",
        "tiny_booking.training_rows": "4,777",
        "tiny_booking.training_minutes": "63",
        "tiny_booking.adapter_mb": "1.3",
        "tiny_booking.curve": "Booking: no learning curve has been measured yet.",
        "tiny_booking.loss_1": "1.500",
        "tiny_booking.loss_2": "0.375",
    }


def test_a_classification_has_no_f1_and_no_empty_answers(
    classification_task: Task, tmp_path: Path
) -> None:
    write(tmp_path, results({name: condition(0.5) for name in RIGHT}))

    figures = measured_names(replace(classification_task, folder=tmp_path))

    assert figures["tiny_routing.plain.exact"] == "50.0%"
    assert "tiny_routing.empty" not in figures
    assert not any(name.endswith(".f1") for name in figures)


def test_a_task_that_was_measured_in_two_ways_does_no_harm(
    extraction_task: Task, tmp_path: Path
) -> None:
    write(tmp_path, results({name: extraction(0.5) for name in ("plain", "engineered")}))
    task = replace(extraction_task, folder=tmp_path)

    # Pages leave such figures out, whether some or all are missing.
    with contextlib.suppress(ContentError):
        assert measured_names(task)["tiny_booking.plain.exact"] == "50.0%"


@pytest.mark.parametrize(
    "name",
    ["results/test.json", "results/test_rows.csv", "training.json", "recipe.yaml"],
)
def test_a_missing_file_is_told_in_one_line(measured: Task, name: str) -> None:
    (measured.folder / name).unlink()

    with pytest.raises(ContentError) as caught:
        measured_names(measured)

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *((name, text) for name in ("results/test.json", "training.json") for text in NO_RESULTS),
        ("recipe.yaml", ""),
        ("recipe.yaml", "epochs: [\n"),
        ("recipe.yaml", "epochs: 0\n"),
        ("results/test_rows.csv", ""),
        ("results/test_rows.csv", "nonsense\n1\n"),
        ("results/test_rows.csv", "id,condition,correct,pairs_wanted\nrow-0,magic,1,0\n"),
    ],
)
def test_a_file_of_another_form_is_told_in_one_line(measured: Task, name: str, text: str) -> None:
    (measured.folder / name).write_text(text, encoding="utf-8")

    with pytest.raises(ContentError) as caught:
        measured_names(measured)

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", task_names())
def test_the_figures_of_our_own_tasks_can_be_read(name: str) -> None:
    figures = measured_names(load_task(name))

    for way in RIGHT:
        for what in ("exact", "low", "high", "prompt_tokens", "output_tokens"):
            assert figures[f"{name}.{way}.{what}"]
        shares = [float(figures[f"{name}.{way}.{what}"][:-1]) for what in ("low", "exact", "high")]
        assert shares == sorted(shares)


def test_a_missing_adapter_costs_its_own_figure_only(measured: Task) -> None:
    (measured.folder / "adapter" / "adapter_model.safetensors").unlink()

    figures = measured_names(measured)

    assert f"{measured.id}.adapter_mb" not in figures
    assert f"{measured.id}.rows" in figures
