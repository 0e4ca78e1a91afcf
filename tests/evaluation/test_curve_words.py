"""A learning curve in one sentence.

Run alone: python -m pytest tests/evaluation/test_curve_words.py
"""

import math
from pathlib import Path

import pytest

from lib.evaluation.curve_crossing import Crossing, Outcome
from lib.evaluation.curve_figures import spots
from lib.evaluation.curve_points import CurveLine, CurvePoint, pack_bits
from lib.evaluation.curve_words import curve_sentence, prompt_in_words, rows_range
from lib.evaluation.result_lines import Reading
from tests.measured_curve import write_curve_file


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [
        (22.4, 45.2, "22 to 45 rows"),
        (0, 45.2, "below 16 to 45 rows"),
        (900, math.inf, "900 to more than 4,096 rows"),
        (0, 0, "below 16 rows"),
        (math.inf, math.inf, "more than 4,096 rows"),
        (16, 16, "16 rows"),
    ],
)
def test_a_range_of_rows_in_words(low: float, high: float, told: str) -> None:
    assert rows_range(Crossing(16, 4096, Outcome.CROSSES, None, None, low, high)) == told


def test_a_curve_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "results").mkdir()
    path = write_curve_file(tmp_path)

    told = curve_sentence("Support routing", path)

    assert told.startswith(
        "Support routing, on 100 test rows: LoRA was right in 22.0% with 16, 62.0% with 64, "
        "86.0% with 256, 94.0% with 2,048 training rows. It passes the best prompt "
        "(16 drawn examples, the likeliest label: 40.0%) between 16 and 64 rows (95%: "
    )
    assert "It falls behind the classic classifier between 256 and 2,048 rows (95%: " in told


@pytest.mark.parametrize(
    ("line", "mode", "size", "told"),
    [
        (CurveLine.PROMPT, Reading.WRITTEN, 4, "4 drawn examples"),
        (
            CurveLine.PROMPT,
            Reading.CALIBRATED,
            0,
            "no examples, the likeliest label after calibration",
        ),
        (CurveLine.ENGINEERED, Reading.WRITTEN, 8, "the engineered one"),
    ],
)
def test_a_prompt_in_words(line: CurveLine, mode: Reading, size: int, told: str) -> None:
    point = CurvePoint(
        line, mode, size, 1, 0.5, 1, None, 1.0, 0, 0.0, 0.0, pack_bits([True, False])
    )
    (spot,) = spots([point], 2)

    assert prompt_in_words(spot) == told


def test_before_it_was_measured_the_sentence_says_so(tmp_path: Path) -> None:
    told = curve_sentence("Support routing", tmp_path / "curve.json")

    assert told == "Support routing: no learning curve has been measured yet."
