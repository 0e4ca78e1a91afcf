"""What the points of a learning curve say together: means with their bands, and the best prompt."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lib.evaluation.curve_points import CurveLine, CurvePoint
from lib.evaluation.result_lines import Reading
from lib.evaluation.statistics import Interval, share_interval


@dataclass(frozen=True, slots=True)
class Spot:
    """One size of one line under one mode, over its seeds or draws; shares from 0 to 1."""

    line: CurveLine
    mode: Reading
    size: int
    runs: int
    mean: float
    lowest: float
    highest: float
    """Of the runs; the same as the mean where there is one."""
    interval95: Interval
    """Wilson's, of the mean over these test rows. It tells of the sample of rows, not of the runs,
    and is a little too wide where several runs share the rows."""
    mean_f1: float | None
    seconds_to_learn: float
    """Mean of the runs."""
    steps: int


def spots(points: Sequence[CurvePoint], test_rows: int) -> tuple[Spot, ...]:
    """Return one spot for each line, mode and size, in that order."""
    groups: dict[tuple[CurveLine, Reading, int], list[CurvePoint]] = {}
    for point in points:
        groups.setdefault((point.line, point.mode, point.size), []).append(point)
    lines, modes = list(CurveLine), list(Reading)
    ordered = sorted(
        groups.items(),
        key=lambda pair: (lines.index(pair[0][0]), modes.index(pair[0][1]), pair[0][2]),
    )
    return tuple(_spot(*key, of_key, test_rows) for key, of_key in ordered)


def best_prompt(found: Iterable[Spot]) -> Spot | None:
    """Return the prompt with the highest mean, the first of equals; None without any."""
    return max(
        (one for one in found if is_prompt(one.line)), key=lambda one: one.mean, default=None
    )


def is_prompt(line: CurveLine) -> bool:
    """Whether the base model answers as it is, under some prompt."""
    return line in (CurveLine.PROMPT, CurveLine.ENGINEERED)


def _spot(
    line: CurveLine, mode: Reading, size: int, points: Sequence[CurvePoint], test_rows: int
) -> Spot:
    shares = [point.correct / test_rows for point in points]
    mean = sum(shares) / len(shares)
    f1s = [point.f1 for point in points if point.f1 is not None]
    return Spot(
        line=line,
        mode=mode,
        size=size,
        runs=len(points),
        mean=mean,
        lowest=min(shares),
        highest=max(shares),
        interval95=share_interval(round(mean * test_rows), test_rows),
        mean_f1=sum(f1s) / len(f1s) if f1s else None,
        seconds_to_learn=sum(point.seconds_to_learn for point in points) / len(points),
        steps=max(point.steps for point in points),
    )
