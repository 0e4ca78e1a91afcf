"""Where LoRA passes another line, by hand.

Run alone: python -m pytest tests/evaluation/test_curve_crossing.py
"""

import math

import pytest

from lib.evaluation.curve_crossing import (
    Outcome,
    crossing_over_classic,
    crossing_over_prompts,
    last_rise,
)
from lib.evaluation.curve_points import CurveLine, CurvePoint, pack_bits
from lib.evaluation.result_lines import Reading

ROWS = 200


def point(line: CurveLine, size: int, right: int, seed: int = 1) -> CurvePoint:
    """Return a point that gets the first rows right."""
    bits = [row < right for row in range(ROWS)]
    mode = Reading.CLASSIC if line is CurveLine.CLASSIC else Reading.WRITTEN
    return CurvePoint(
        line, mode, size, seed, right / ROWS, right, None, 1.0, 0, 0.0, 0.0, pack_bits(bits)
    )


def lora(*right: int) -> list[CurvePoint]:
    sizes = (16, 64, 256)
    return [point(CurveLine.LORA, size, one) for size, one in zip(sizes, right, strict=True)]


def test_halfway_in_difference_is_halfway_in_the_logarithm() -> None:
    # -0.1 at 16 and +0.1 at 64: zero at the geometric mean, 32.
    assert last_rise((16, 64), (-0.1, 0.1)) == pytest.approx(32)


def test_a_quarter_of_the_way_up() -> None:
    # -1 and +3: a quarter of the way from log 16 to log 256 is log 32.
    assert last_rise((16, 256), (-1, 3)) == pytest.approx(32)


def test_the_last_rise_counts_where_lines_meet_twice() -> None:
    assert last_rise((1, 4, 16, 64), (0.1, -0.1, -0.1, 0.1)) == pytest.approx(32)


def test_equal_is_not_above() -> None:
    assert last_rise((16, 64), (0.0, 0.1)) == pytest.approx(16)
    assert last_rise((16, 64), (0.1, 0.0)) == math.inf


def test_above_at_every_size_is_zero_rows() -> None:
    assert last_rise((16, 64), (0.1, 0.2)) == 0


def test_lora_passes_the_best_prompt_between_two_sizes() -> None:
    prompts = [point(CurveLine.PROMPT, 0, 20), point(CurveLine.PROMPT, 4, 60)]

    found = crossing_over_prompts([*lora(20, 100, 180), *prompts], ROWS)

    assert found is not None
    assert (found.outcome, found.between) == (Outcome.CROSSES, (16, 64))
    # From -0.2 to +0.2: the geometric mean of 16 and 64.
    assert found.at == pytest.approx(32)
    assert 16 < found.low < 32 < found.high < 64


def test_a_prompt_is_as_good_as_the_mean_of_its_draws() -> None:
    draws = [point(CurveLine.PROMPT, 4, 20, seed=1), point(CurveLine.PROMPT, 4, 100, seed=2)]

    found = crossing_over_prompts([*lora(20, 100, 180), *draws], ROWS)

    assert found is not None
    assert found.at == pytest.approx(32)  # the mean is 60
    # When both drawn runs are the better one, LoRA is level with it at 64 and passes it there.
    assert found.low < 20
    assert found.high >= 64


def test_lora_above_from_the_first_size_on() -> None:
    found = crossing_over_prompts([*lora(150, 160, 180), point(CurveLine.PROMPT, 0, 2)], ROWS)

    assert found is not None
    assert (found.outcome, found.between, found.at) == (Outcome.ABOVE_FROM_FIRST, None, None)
    assert (found.low, found.high) == (0, 0)


def test_lora_never_passes_a_better_classic_line() -> None:
    classic = [point(CurveLine.CLASSIC, size, 190) for size in (16, 64, 256)]

    found = crossing_over_classic([*lora(20, 100, 150), *classic], ROWS)

    assert found is not None
    assert found.outcome is Outcome.NEVER
    assert (found.low, found.high) == (math.inf, math.inf)
    assert (found.first, found.last) == (16, 256)


def test_lora_is_ahead_with_few_rows_and_falls_behind() -> None:
    classic = [point(CurveLine.CLASSIC, size, n) for size, n in ((16, 10), (64, 120), (256, 190))]

    found = crossing_over_classic([*lora(50, 80, 150), *classic], ROWS)

    assert found is not None
    assert (found.outcome, found.between) == (Outcome.FALLS_BEHIND, (16, 64))
    # Ahead by 0.2 at 16, behind by 0.2 at 64.
    assert found.at == pytest.approx(32)
    assert 16 < found.low < 32 < found.high < 64


def test_level_at_the_end_is_not_behind() -> None:
    classic = [point(CurveLine.CLASSIC, size, n) for size, n in ((16, 10), (64, 120), (256, 150))]

    found = crossing_over_classic([*lora(50, 80, 150), *classic], ROWS)

    assert found is not None
    assert found.outcome is Outcome.NEVER


def test_a_tie_on_the_same_rows_has_no_uncertainty_of_rows() -> None:
    # Both lines get the same rows right at 64, so no draw of rows tells them apart there.
    classic = [point(CurveLine.CLASSIC, size, n) for size, n in ((16, 60), (64, 100), (256, 120))]

    found = crossing_over_classic([*lora(20, 100, 180), *classic], ROWS)

    assert found is not None
    assert found.between == (64, 256)
    assert found.at == found.low == found.high == pytest.approx(64)


def test_without_the_other_line_there_is_nothing_to_cross() -> None:
    assert crossing_over_classic(lora(1, 2, 3), ROWS) is None
    assert crossing_over_prompts(lora(1, 2, 3), ROWS) is None
    assert crossing_over_prompts([point(CurveLine.PROMPT, 0, 2)], ROWS) is None


def test_the_same_points_give_the_same_interval() -> None:
    points = [*lora(20, 100, 180), point(CurveLine.PROMPT, 0, 60)]

    assert crossing_over_prompts(points, ROWS) == crossing_over_prompts(points, ROWS)
