"""One candidate a family, every pair of them compared, and the price of choosing.

What raises the chance of a false claim is a choice made on the test rows. So the candidate is the
one that did best on the validation rows, if those were measured. If not, it is the best on the test
rows, the adjustment counts every test that could have been the one, and the interval of a candidate
picked from k ways has the confidence 1 - 0.05 / k (Bonferroni).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from lib.evaluation.agreement import holm
from lib.evaluation.paired_difference import difference_interval
from lib.evaluation.statistics import paired_p
from lib.verdict.facts import FAMILIES, SIGNIFICANT, Family, Measured, Pair

_Options = Mapping[Family, Sequence[Measured]]


@dataclass(frozen=True, slots=True)
class Compared:
    """The candidates and what the tests say of them."""

    candidates: tuple[Measured, ...]
    """One a family, from the simplest."""
    options: _Options
    """What each candidate was picked from on the test rows; itself alone, if it was not."""
    pairs: tuple[Pair, ...]
    tests: int
    """How many tests the p of the pairs is adjusted for."""
    beat_commonest: tuple[Measured, ...]
    """The candidates that are shown better than the commonest answer; all, if there is none."""
    picked_on: Literal["validation", "test"] | None

    def pair(self, one: Measured, other: Measured) -> Pair:
        """Return the pair of two candidates, in whichever order."""
        return next(
            pair for pair in self.pairs if {pair.first, pair.second} == {one.way, other.way}
        )

    def alpha(self, pair: Pair) -> float:
        """Return the error that the guarded interval of a pair allows."""
        return SIGNIFICANT / len(self.options[pair.first.family])


def compare(measured: Sequence[Measured], commonest: tuple[bool, ...] | None) -> Compared:
    """Return the comparison of ways in the fixed order, all on the same rows."""
    options = _options(measured)
    candidates = tuple(max(ways, key=lambda one: one.accuracy) for ways in options.values())
    pairs, tests = _pairs(candidates, options)
    return Compared(
        candidates=candidates,
        options=options,
        pairs=pairs,
        tests=tests,
        beat_commonest=_beat_commonest(candidates, options, commonest),
        picked_on=_picked_on(measured, options),
    )


def only_one_right(first: Sequence[bool], second: Sequence[bool]) -> tuple[int, int]:
    """Return how many rows the first alone got right, and how many the second alone."""
    both = list(zip(first, second, strict=True))
    only_first = sum(one and not other for one, other in both)
    return only_first, sum(other and not one for one, other in both)


def _options(measured: Sequence[Measured]) -> _Options:
    """Of equals the first in the fixed order is chosen: written answers, with the plainer prompt."""
    found: dict[Family, Sequence[Measured]] = {}
    for family in FAMILIES:
        ways = [one for one in measured if one.way.family == family]
        reached = [one.validation for one in ways if one.validation is not None]
        if ways and len(reached) == len(ways):
            ways = [ways[reached.index(max(reached))]]
        if ways:
            found[family] = ways
    return found


def _picked_on(
    measured: Sequence[Measured], options: _Options
) -> Literal["validation", "test"] | None:
    if any(len(ways) > 1 for ways in options.values()):
        return "test"
    return "validation" if len(measured) > len(options) else None


def _pairs(candidates: Sequence[Measured], options: _Options) -> tuple[tuple[Pair, ...], int]:
    tested = [
        (first, second)
        for one, other in combinations(options.values(), 2)
        for first in one
        for second in other
    ]
    counts = [only_one_right(first.right, second.right) for first, second in tested]
    p = [paired_p(*one) for one in counts]
    pairs = []
    for (first, second), (b, c), raw, adjusted in zip(tested, counts, p, holm(p), strict=True):
        if first not in candidates or second not in candidates:
            continue
        rows = len(first.right)
        confidence = 1 - SIGNIFICANT / len(options[first.way.family])
        pairs.append(
            Pair(
                first=first.way,
                second=second.way,
                only_first=b,
                only_second=c,
                difference=(b - c) / rows,
                interval95=difference_interval(b, c, rows),
                guarded=difference_interval(b, c, rows, confidence),
                p=raw,
                p_adjusted=adjusted,
            )
        )
    return tuple(pairs), len(tested)


def _beat_commonest(
    candidates: Sequence[Measured], options: _Options, commonest: tuple[bool, ...] | None
) -> tuple[Measured, ...]:
    if commonest is None:
        return tuple(candidates)
    tested = [one for ways in options.values() for one in ways]
    counts = [only_one_right(one.right, commonest) for one in tested]
    adjusted = holm([paired_p(*one) for one in counts])
    return tuple(
        one
        for one, (b, c), p in zip(tested, counts, adjusted, strict=True)
        if one in candidates and p < SIGNIFICANT and b > c
    )
