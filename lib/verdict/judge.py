"""From measured rows to a verdict: which of the ways is enough. Pure logic, no model, no sentence.

Ways form four families, from the simplest: prompt, classic classifier, LoRA, both together. Each
sends one candidate (`lib.verdict.candidates`), and

- one is *shown better* if McNemar's exact test says so after Holm's adjustment (p below 0.05);
- a candidate is *enough* if it is shown better than every simpler one, is not shown worse than any
  less simple one, and the interval of the difference to each of those rules out a loss of `MARGIN`
  or more;
- LoRA, alone or with the engineered prompt, earns its keep if it is shown better than the prompt and
  the classic classifier;
- nothing works if no candidate is shown better than the commonest answer for every row, or the best
  is right in fewer than `FLOOR`;
- all else is not enough data to tell.

"Enough" and "earns its keep" ask for several things at once, so that their chance of being wrong is
no larger than that of each single test (an intersection-union test: Berger 1982, Technometrics 24,
295-300).
"""

from collections.abc import Sequence
from typing import Literal

from lib.errors import DataError
from lib.evaluation.paired_difference import rows_to_rule_out_loss, rows_to_tell_apart
from lib.evaluation.statistics import share_interval
from lib.task import Kind
from lib.verdict.candidates import Compared, compare, only_one_right
from lib.verdict.facts import (
    FAMILIES,
    SIGNIFICANT,
    Family,
    Measured,
    Outcome,
    Pair,
    Score,
    Verdict,
    Way,
    read_verdict,
    verdict_json,
)

__all__ = ["Measured", "Verdict", "Way", "judge", "read_verdict", "verdict_json"]

MARGIN = 0.05
"""A loss of less than five points counts as none: our convention, see docs/decisions/0011."""

FLOOR = 0.2
"""Fewer than one right answer in five is no help, however far behind the others are."""

_WITHOUT_ADAPTER: tuple[Literal["prompt", "classic"], ...] = ("prompt", "classic")


def judge(
    measured: Sequence[Measured],
    kind: Kind,
    training_rows: int,
    commonest_right: tuple[bool, ...] | None,
) -> Verdict:
    """Return the verdict on ways that answered the same test rows in the same order.

    `commonest_right` says which rows the training rows' commonest answer gets right; None where
    there is no such answer.

    Raises:
        DataError: if there are no test rows, the ways have not the same ones, or there is nothing to
            choose between.
    """
    ordered = _checked(measured, commonest_right)
    compared = compare(ordered, commonest_right)
    judgement = _Judgement(compared, commonest_right)
    outcome, best, rival = judgement.reach()
    is_open = outcome == "unclear"
    return Verdict(
        outcome=outcome,
        kind=kind,
        rows=len(ordered[0].right),
        training_rows=training_rows,
        best=best.way,
        rival=rival.way if rival else None,
        candidates=tuple(one.way for one in compared.candidates),
        picked_on=compared.picked_on,
        tests=compared.tests,
        margin=MARGIN,
        floor=FLOOR,
        scores=tuple(map(_score, ordered)),
        pairs=compared.pairs,
        beat_commonest=tuple(one.way for one in compared.beat_commonest),
        commonest=None if commonest_right is None else _share(commonest_right),
        question=("difference" if rival else "commonest") if is_open else None,
        needed_rows=judgement.needed_rows(best, rival) if is_open else None,
    )


def _checked(
    measured: Sequence[Measured], commonest_right: tuple[bool, ...] | None
) -> list[Measured]:
    """Return the ways in the fixed order."""
    lengths = {len(one.right) for one in measured}
    if commonest_right is not None:
        lengths.add(len(commonest_right))
    if len(lengths) != 1 or len({one.way for one in measured}) != len(measured):
        raise DataError("The ways were not measured on the same test rows: measure all of them.")
    if not lengths.pop():
        raise DataError("There are no test rows, so nothing can be said: bring more rows.")
    families = {one.way.family for one in measured}
    if len(families) < 2 or not families.intersection(_WITHOUT_ADAPTER):
        raise DataError(
            "A verdict needs a prompt or a classic classifier and something to hold it to: measure both."
        )
    return sorted(measured, key=lambda one: list(Way).index(one.way))


class _Judgement:
    """The rules, over one set of candidates."""

    def __init__(self, compared: Compared, commonest: tuple[bool, ...] | None) -> None:
        self._compared = compared
        self._works = [one for one in compared.beat_commonest if one.accuracy >= FLOOR]
        self._commonest = commonest

    def reach(self) -> tuple[Outcome, Measured, Measured | None]:
        """Return the outcome, the way to use, and the one it is held to."""
        if not self._works:
            top = max(self._compared.candidates, key=lambda one: one.accuracy)
            return "unclear" if self._may_beat_commonest(top) else "nothing", top, None
        for outcome in _WITHOUT_ADAPTER:
            one = next((way for way in self._works if way.way.family == outcome), None)
            if one is not None and self._is_enough(one):
                return outcome, one, self._strongest_other(one, FAMILIES)
        if tuned := self._tuned():
            return "lora", tuned, self._strongest_other(tuned, _WITHOUT_ADAPTER)
        unbeaten = [one for one in self._works if not self._is_beaten(one)] or self._works
        best = unbeaten[0]
        others = self._others(best)
        level = [one for one in others if not self._pair(best, one).told_apart]
        return "unclear", best, min(level or others, key=lambda one: self._low(best, one))

    def needed_rows(self, best: Measured, rival: Measured | None) -> int:
        """Return about how many test rows could answer what is open.

        Each number is for a test at the strictest step of the adjustment; fewer do if other tests
        are clear.
        """
        rows = len(best.right)
        if rival is None:
            assert self._commonest is not None, "nothing else is open without a rival"
            b, c = only_one_right(best.right, self._commonest)
            tests = sum(map(len, self._compared.options.values()))
            needed = [rows_to_tell_apart((b - c) / rows, (b + c) / rows, SIGNIFICANT / tests)]
        else:
            pair, needed = self._pair(best, rival), []
            differing = (pair.only_first + pair.only_second) / rows
            if pair.difference:
                alpha = SIGNIFICANT / self._compared.tests
                needed.append(rows_to_tell_apart(pair.difference, differing, alpha))
            if pair.difference > -MARGIN:
                alpha = self._compared.alpha(pair)
                needed.append(rows_to_rule_out_loss(pair.difference, differing, MARGIN, alpha))
        return max(rows + 1, min(needed))

    def _may_beat_commonest(self, top: Measured) -> bool:
        if self._commonest is None or top.accuracy < FLOOR:
            return False
        return top.accuracy - _share(self._commonest) >= MARGIN

    def _is_enough(self, one: Measured) -> bool:
        for other in self._others(one):
            pair = self._pair(one, other)
            if pair.first == other.way:  # simpler, so it has to be out of the race
                if pair.ahead != one.way:
                    return False
            elif pair.ahead == other.way or pair.guarded[0] <= -MARGIN:
                return False
        return True

    def _tuned(self) -> Measured | None:
        """Return the candidate with an adapter that is shown better than all without one."""
        earned = [
            one
            for one in self._works
            if one.way.family not in _WITHOUT_ADAPTER
            and all(
                self._pair(one, other).ahead == one.way
                for other in self._others(one)
                if other.way.family in _WITHOUT_ADAPTER
            )
        ]
        if len(earned) == 2 and self._pair(*earned).ahead == earned[1].way:
            return earned[1]
        return earned[0] if earned else None

    def _is_beaten(self, one: Measured) -> bool:
        return any(self._pair(one, other).ahead == other.way for other in self._others(one))

    def _low(self, one: Measured, other: Measured) -> float:
        """Return the low end of a difference: how far behind `other` the one may be."""
        pair = self._pair(one, other)
        return pair.guarded[0] if pair.first == one.way else -pair.guarded[1]

    def _strongest_other(self, one: Measured, families: Sequence[Family]) -> Measured:
        others = [other for other in self._others(one) if other.way.family in families]
        return max(others, key=lambda other: other.accuracy)

    def _others(self, one: Measured) -> list[Measured]:
        return [other for other in self._compared.candidates if other.way != one.way]

    def _pair(self, one: Measured, other: Measured) -> Pair:
        return self._compared.pair(one, other)


def _share(right: Sequence[bool]) -> float:
    return sum(right) / len(right)


def _score(one: Measured) -> Score:
    right = sum(one.right)
    return Score(
        way=one.way,
        right=right,
        accuracy=one.accuracy,
        interval95=share_interval(right, len(one.right)),
        mean_prompt_tokens=one.mean_prompt_tokens,
        mean_output_tokens=one.mean_output_tokens,
        f1=one.f1,
        f1_interval95=one.f1_interval95,
        validation=one.validation,
    )
