"""From how many rows on LoRA is above another line, or falls behind it, and how sure that is.

Between two measured sizes the difference is taken to be straight over the logarithm of the rows;
where it passes zero for the last time, the lines cross. For the uncertainty, test rows and runs are
drawn again together (bootstrap, percentiles): each time the same test rows for all lines, for each
size as many seeds as there are, and for each prompt as many draws. Three runs tell little of how
runs differ, so the intervals are rather too narrow than too wide.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from lib.evaluation.curve_figures import is_prompt
from lib.evaluation.curve_points import CurveLine, CurvePoint, unpack_bits

RESAMPLES = 2_000
_SEED = 0

Matrix = np.ndarray
"""Right or not, of shape (runs, test rows)."""


class Outcome(StrEnum):
    """How LoRA stands to another line over the measured sizes."""

    ABOVE_FROM_FIRST = "above_from_first"
    CROSSES = "crosses"
    FALLS_BEHIND = "falls_behind"
    """Above with fewer rows, below at the last size."""
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Crossing:
    """Where LoRA passes another line for good, or is passed by it, in rows to learn from."""

    first: int
    """The smallest measured size."""
    last: int
    """The largest."""
    outcome: Outcome
    between: tuple[int, int] | None
    """The measured sizes on both sides of the crossing."""
    at: float | None
    """By a straight line between them; None unless the lines cross."""
    low: float
    """Lower end of the 95 % interval; 0 for "already at the first size", inf for "not measured yet"."""
    high: float


def crossing_over_prompts(points: Sequence[CurvePoint], test_rows: int) -> Crossing | None:
    """Return where LoRA passes the best prompt; None where one of the two is lacking.

    The best prompt is the one (examples and mode) with the highest mean over its draws; it is found
    anew each time that rows and draws are drawn again.
    """
    lora = _by_size(points, CurveLine.LORA, test_rows)
    prompts: dict[tuple[str, str, int], list[CurvePoint]] = {}
    for point in points:
        if is_prompt(point.line):
            prompts.setdefault((point.line, point.mode, point.size), []).append(point)
    if not lora or not prompts:
        return None
    rivals = [_matrix(of_prompt, test_rows) for of_prompt in prompts.values()]

    draw = _Draw(test_rows)
    level = np.max([draw.means(one, draw.runs(len(one))) for one in rivals], axis=0)
    again = np.column_stack([draw.means(one, draw.runs(len(one))) for one in lora.values()])
    return _crossing(
        list(lora),
        np.array([one.mean() for one in lora.values()]) - max(one.mean() for one in rivals),
        again - level[:, None],
    )


def crossing_over_classic(points: Sequence[CurvePoint], test_rows: int) -> Crossing | None:
    """Return where LoRA passes the classic line at the same number of rows; None without both.

    Runs of the same seed learned from the same rows, so they are drawn together.
    """
    lora = _by_size(points, CurveLine.LORA, test_rows)
    classic = _by_size(points, CurveLine.CLASSIC, test_rows)
    sizes = [size for size in lora if size in classic and len(lora[size]) == len(classic[size])]
    if not sizes:
        return None
    draw = _Draw(test_rows)
    again = []
    for size in sizes:
        runs = draw.runs(len(lora[size]))
        again.append(draw.means(lora[size], runs) - draw.means(classic[size], runs))
    now = np.array([lora[size].mean() - classic[size].mean() for size in sizes])
    return _crossing(sizes, now, np.column_stack(again))


def last_rise(sizes: Sequence[int], differences: Sequence[float]) -> float:
    """Return from how many rows on the difference stays above zero.

    0 where it is above zero at every size, inf where it is not at the last one.
    """
    at = _last_below(differences)
    if at is None:
        return 0.0
    if at == len(sizes) - 1:
        return math.inf
    low, high = math.log(sizes[at]), math.log(sizes[at + 1])
    share = -differences[at] / (differences[at + 1] - differences[at])
    return math.exp(low + share * (high - low))


def _last_below(differences: Sequence[float]) -> int | None:
    """Return the last position at which the difference is not above zero."""
    return max((at for at, one in enumerate(differences) if one <= 0), default=None)


def _crossing(sizes: list[int], now: np.ndarray, again: np.ndarray) -> Crossing:
    """Return the crossing by LoRA's lead at each size, and by the lead in each resample."""
    is_behind = bool(now[-1] < 0 and now.max() > 0)
    lead, leads = (-now, -again) if is_behind else (now, again)  # of whoever is ahead at the end
    ends = sorted(last_rise(sizes, one) for one in leads.tolist())
    at = _last_below(lead.tolist())
    if at is None:
        outcome = Outcome.ABOVE_FROM_FIRST
    elif at == len(sizes) - 1:
        outcome = Outcome.NEVER
    else:
        outcome = Outcome.FALLS_BEHIND if is_behind else Outcome.CROSSES
    crosses = at is not None and at < len(sizes) - 1
    return Crossing(
        first=sizes[0],
        last=sizes[-1],
        outcome=outcome,
        between=(sizes[at], sizes[at + 1]) if at is not None and crosses else None,
        at=last_rise(sizes, lead.tolist()) if crosses else None,
        low=_percentile(ends, 0.025),
        high=_percentile(ends, 0.975),
    )


def _percentile(ordered: Sequence[float], share: float) -> float:
    """Return the value at a share of the sorted ones, none made up: inf can't be interpolated."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class _Draw:
    """Test rows drawn again many times, the same ones for every line."""

    def __init__(self, test_rows: int) -> None:
        self._random = np.random.default_rng(_SEED)
        equal = np.full(test_rows, 1 / test_rows)
        self._rows = self._random.multinomial(test_rows, equal, size=RESAMPLES) / test_rows

    def runs(self, count: int) -> np.ndarray:
        """Return drawn positions of runs, of shape (resamples, runs)."""
        return self._random.integers(count, size=(RESAMPLES, count))

    def means(self, matrix: Matrix, runs: np.ndarray) -> np.ndarray:
        """Return the mean score of each resample."""
        scores = self._rows @ matrix.T
        found: np.ndarray = np.take_along_axis(scores, runs, axis=1).mean(axis=1)
        return found


def _by_size(points: Sequence[CurvePoint], line: CurveLine, test_rows: int) -> Mapping[int, Matrix]:
    """Return what is right by size, the runs in the order of their seeds."""
    sizes = sorted({point.size for point in points if point.line is line})
    return {
        size: _matrix([one for one in points if one.line is line and one.size == size], test_rows)
        for size in sizes
    }


def _matrix(points: Sequence[CurvePoint], test_rows: int) -> Matrix:
    ordered = sorted(points, key=lambda point: point.seed)
    return np.array([unpack_bits(point.right, test_rows) for point in ordered], dtype=float)
