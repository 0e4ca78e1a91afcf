"""Committed learning curves belong to the committed prompts, and hold what they promise.

Example run: python -m pytest tests/content/test_measured_curves.py -v
"""

import pytest

from lib.content.tasks import TASKS, load_task, task_names
from lib.evaluation.curve_figures import spots
from lib.evaluation.curve_file import NAME, read_curve
from lib.evaluation.curve_points import CurveLine, CurvePoint
from lib.inference.base_model import GGUF_SHA256
from lib.inference.prompts import fingerprint

measured = pytest.mark.parametrize(
    "name", [name for name in task_names() if (TASKS / name / "results" / NAME).is_file()]
)


@measured
def test_curves_were_measured_with_the_prompts_and_the_model_that_are_here(name: str) -> None:
    curve, task = read_curve(TASKS / name / "results" / NAME), load_task(name)

    assert curve is not None
    assert curve.base_sha256 == GGUF_SHA256
    assert curve.prompt_sha256 == {
        "short": fingerprint(task.prompts.short),
        "engineered": fingerprint(task.prompts.engineered),
    }


@measured
def test_scores_are_those_of_the_rows(name: str) -> None:
    curve = read_curve(TASKS / name / "results" / NAME)

    assert curve is not None
    assert curve.missing == 0
    for point in curve.points:
        assert point.score == pytest.approx(point.correct / curve.test_rows, abs=1e-4)
    keys = [_key(point) for point in curve.points]
    assert len(set(keys)) == len(keys)


@measured
def test_the_card_holds_what_was_measured(name: str) -> None:
    folder = TASKS / name
    curve = read_curve(folder / "results" / NAME)
    card = (folder / "README.md").read_text(encoding="utf-8")

    assert curve is not None
    for spot in spots(curve.points, curve.test_rows):
        if spot.line is CurveLine.LORA:
            assert f"| {spot.size:,} | {spot.mean:.1%} (" in card


def _key(point: CurvePoint) -> tuple[str, str, int, int]:
    return point.line, point.mode, point.size, point.seed
