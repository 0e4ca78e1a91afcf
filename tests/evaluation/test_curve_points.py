"""Points of a learning curve: bits, files, means, plans.

Run alone: python -m pytest tests/evaluation/test_curve_points.py
"""

from collections import Counter
from pathlib import Path

import pytest

from lib.errors import DataError
from lib.evaluation.curve_figures import best_prompt, spots
from lib.evaluation.curve_plan import CurvePlan, drawn_rows, sampled_test_rows
from lib.evaluation.curve_points import (
    CurveLine,
    CurvePoint,
    Job,
    PointsFile,
    pack_bits,
    unpack_bits,
)
from lib.evaluation.result_lines import Reading
from lib.rows import LabelledRow
from lib.task import Task

ROWS = [LabelledRow(f"{n:03}", {"text": f"text {n}"}, "cards") for n in range(40)]


def point(
    right: str, line: CurveLine = CurveLine.LORA, size: int = 16, seed: int = 1
) -> CurvePoint:
    """Return a point of eight test rows."""
    correct = sum(unpack_bits(right, 8))
    return CurvePoint(
        line, Reading.WRITTEN, size, seed, correct / 8, correct, None, 1.0, 100, 2.5, 1.0, right
    )


def test_bits_are_hex_digits_from_the_first_row_on() -> None:
    assert pack_bits([True, False, False, False, False, True]) == "84"  # 1000 01(00)
    assert unpack_bits("84", 6) == (True, False, False, False, False, True)


def test_bits_of_another_number_of_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="2 digits can't tell of 9 rows"):
        unpack_bits("84", 9)


def test_points_come_back_by_their_facts(tmp_path: Path) -> None:
    file = PointsFile(tmp_path / "curve_points.csv")
    assert file.read() == {}

    file.add("one", [point("f0")])
    file.add("two", [point("0f"), point("ff", seed=2)])

    assert file.read() == {"one": [point("f0")], "two": [point("0f"), point("ff", seed=2)]}


def test_a_line_that_was_cut_spoils_no_other(tmp_path: Path) -> None:
    file = PointsFile(tmp_path / "curve_points.csv")
    file.add("one", [point("f0")])
    with file.path.open("a") as raw:
        raw.write("two,lora,gener")

    file.add("three", [point("0f")])

    assert file.read() == {"one": [point("f0")], "three": [point("0f")]}


def test_another_csv_file_is_not_added_to(tmp_path: Path) -> None:
    path = tmp_path / "curve_points.csv"
    path.write_text("id,text\n1,hello\n")

    with pytest.raises(DataError, match="holds no points"):
        PointsFile(path).read()


def test_a_spot_has_the_mean_and_the_band_of_its_seeds() -> None:
    (found,) = spots([point("80"), point("f0", seed=2), point("c0", seed=3)], 8)

    # 1, 4 and 2 of 8 rows: 7 of 24.
    assert (found.mean, found.lowest, found.highest) == (pytest.approx(7 / 24), 1 / 8, 4 / 8)
    # Wilson for 2 of 8 (7/24 of 8 rows is 2.33).
    assert found.interval95 == (pytest.approx(0.0715, abs=1e-4), pytest.approx(0.5907, abs=1e-4))
    assert (found.runs, found.steps, found.seconds_to_learn) == (3, 100, 2.5)


def test_the_best_prompt_is_that_with_the_best_mean() -> None:
    found = spots(
        [
            point("f0", CurveLine.PROMPT, 4),
            point("00", CurveLine.PROMPT, 4, seed=2),
            point("e0", CurveLine.PROMPT, 0),
            point("ff"),
        ],
        8,
    )

    best = best_prompt(found)

    assert best is not None
    assert (best.line, best.size, best.mean) == (CurveLine.PROMPT, 0, 3 / 8)


def test_the_plan_of_a_classification(classification_task: Task) -> None:
    jobs = CurvePlan().jobs(classification_task)

    counts = Counter((job.line, job.mode) for job in jobs)
    assert counts == {
        (CurveLine.PROMPT, Reading.WRITTEN): 7,  # none once, four and sixteen three times
        (CurveLine.PROMPT, Reading.SCORED): 7,
        (CurveLine.ENGINEERED, Reading.WRITTEN): 1,
        (CurveLine.ENGINEERED, Reading.SCORED): 1,
        (CurveLine.CLASSIC, Reading.CLASSIC): 13,  # four sizes three times, 4,096 once
        (CurveLine.LORA, Reading.WRITTEN): 13,
    }
    assert len(set(jobs)) == len(jobs)


def test_the_plan_of_an_extraction_only_writes(extraction_task: Task) -> None:
    jobs = CurvePlan(sizes=(16, 2048), seeds=2, shots=(0,)).jobs(extraction_task)

    assert [job.name for job in jobs] == [
        "prompt-0-1",
        "engineered-1-1",
        "lora-16-1",
        "lora-2048-1",
        "lora-16-2",
    ]


def test_a_larger_draw_begins_with_the_smaller_one() -> None:
    small, large = drawn_rows(ROWS, 4, 1), drawn_rows(ROWS[::-1], 16, 1)

    assert large[:4] == small
    assert drawn_rows(ROWS, 4, 2) != small


def test_too_few_rows_are_told() -> None:
    with pytest.raises(DataError, match=r"There are 40 training rows .* needs 64"):
        drawn_rows(ROWS, 64, 1)


def test_the_test_sample_does_not_depend_on_the_order_of_the_file(
    classification_task: Task,
) -> None:
    foreign = LabelledRow("x", {"text": "a song"}, "music")

    one = sampled_test_rows([*ROWS, foreign], 10, classification_task)

    assert one == sampled_test_rows([foreign, *ROWS[::-1]], 10, classification_task)
    assert len(one) == 10
    assert [row.id for row in one] == sorted(row.id for row in one)
    assert foreign not in sampled_test_rows([*ROWS, foreign], 100, classification_task)


def test_both_points_of_a_scored_job_belong_to_it() -> None:
    job = Job(CurveLine.PROMPT, Reading.SCORED, 4, 1)

    assert [
        CurvePoint(CurveLine.PROMPT, mode, 4, 1, 0.0, 0, None, 1.0, 0, 0.0, 0.0, "00").belongs_to(
            job
        )
        for mode in (Reading.SCORED, Reading.CALIBRATED, Reading.WRITTEN)
    ] == [True, True, False]
