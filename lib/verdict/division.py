"""Usable rows -> rows to train on, to watch the training with, and to judge by.

What belongs together stays on one side: rows with the same text, and all questions on one
passage. The same rows give the same parts in whatever order they come.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lib.columns import normalised
from lib.errors import DataError
from lib.rows import LabelledRow
from lib.task import Task

TEST_SHARE, TEST_LEAST, TEST_MOST = 0.25, 10, 200
VALIDATION_SHARE, VALIDATION_LEAST, VALIDATION_MOST = 0.10, 5, 50
FEWEST_TO_PART = 3
"""Rows that a label needs to be tested at all; with fewer, all of them are trained on."""


@dataclass(frozen=True)
class Parts:
    """Three parts that share no text and no passage, each in random order."""

    training: tuple[LabelledRow, ...]
    validation: tuple[LabelledRow, ...]
    test: tuple[LabelledRow, ...]


_Unit = tuple[LabelledRow, ...]


def divide(task: Task, rows: Sequence[LabelledRow], seed: int = 7) -> Parts:
    """Return a quarter of the rows to test with (10 to 200), a tenth to validate with (5 to 50), the rest.

    Labels have about the same share in every part, and every label with three rows or more stands
    among the rows to train on. Where one text or passage alone has more rows than a part may have,
    those beyond the most are in no part.

    Raises:
        DataError: if the rows have too few texts, passages or rows a label to be parted.
    """
    drawn = _Draw(task, _units(task, rows, seed))
    test = drawn.take(_wanted(len(rows), TEST_SHARE, TEST_LEAST, TEST_MOST), spare=2)
    share = _wanted(len(rows), VALIDATION_SHARE, VALIDATION_LEAST, VALIDATION_MOST)
    validation = drawn.take(share, spare=1)
    training = tuple(row for unit in drawn.left for row in unit)
    if not (test and validation and training):
        raise DataError(_too_few(task))
    return Parts(training, validation[:VALIDATION_MOST], test[:TEST_MOST])


def _wanted(rows: int, share: float, least: int, most: int) -> int:
    return min(most, max(least, int(share * rows + 0.5)))


def _too_few(task: Task) -> str:
    if task.kind == "classification":
        return (
            "The rows can't be parted into training and test: give at least two labels "
            f"{FEWEST_TO_PART} rows with different texts or more."
        )
    what = "passages" if task.kind == "question_answering" else "texts"
    return (
        f"The rows can't be parted into training and test: they need at least three {what} that "
        "differ, and many more for a verdict."
    )


def _units(task: Task, rows: Sequence[LabelledRow], seed: int) -> list[_Unit]:
    """Return the rows that stay together, in an order drawn by the seed."""
    field = "context" if task.kind == "question_answering" else "text"
    found: dict[str, list[LabelledRow]] = {}
    for row in rows:
        found.setdefault(normalised(row.inputs[field]), []).append(row)
    order = sorted(found, key=lambda text: hashlib.sha256(f"{seed}\n{text}".encode()).digest())
    return [tuple(sorted(found[text], key=_content)) for text in order]


def _content(row: LabelledRow) -> str:
    return json.dumps([sorted(row.inputs.items()), row.target, row.id], sort_keys=True)


class _Draw:
    """Hands out units, and remembers what is left."""

    def __init__(self, task: Task, units: Sequence[_Unit]) -> None:
        self.left = list(units)
        self._rows = sum(map(len, units))
        self._labelled = task.kind == "classification"
        self._labels = self._count(self.left)
        self._total = Counter(self._labels)

    def take(self, wanted: int, spare: int) -> _Unit:
        """Return about so many rows, never more unless one unit has more; leave `spare` units."""
        taken: list[_Unit] = []
        if self._labelled:
            quotas = self._quotas(wanted)
            self._fill(taken, wanted, spare, quotas)
        self._fill(taken, wanted, spare, None)
        if not taken and len(self.left) > spare:
            fits = [unit for unit in self.left if self._may_go(unit)]
            if fits:
                self._move(min(fits, key=len), taken)
        return tuple(row for unit in taken for row in unit)

    def _fill(
        self, taken: list[_Unit], wanted: int, spare: int, quotas: Mapping[str, int] | None
    ) -> None:
        room = wanted - sum(map(len, taken))
        have = self._count(taken)
        for unit in list(self.left):
            if room <= 0 or len(self.left) <= spare:
                return
            own = self._count([unit])
            over = quotas is not None and any(have[one] + own[one] > quotas[one] for one in own)
            if over or len(unit) > room or not self._may_go(unit):
                continue
            self._move(unit, taken)
            have += own
            room -= len(unit)

    def _may_go(self, unit: _Unit) -> bool:
        """Whether every label keeps a row to train on, and a huge passage stays there as a whole."""
        if not self._labelled:
            return len(self.left) <= 3 or 4 * len(unit) <= self._rows
        own = self._count([unit])
        return all(
            self._total[one] >= FEWEST_TO_PART and self._labels[one] > own[one] for one in own
        )

    def _move(self, unit: _Unit, taken: list[_Unit]) -> None:
        self.left.remove(unit)
        taken.append(unit)
        self._labels -= self._count([unit])

    def _quotas(self, wanted: int) -> dict[str, int]:
        """Return how many rows of each label make so many: in proportion, largest remainders first."""
        shares = {one: wanted * rows / self._rows for one, rows in self._total.items()}
        quotas = {one: int(share) for one, share in shares.items()}
        by_rest = sorted(shares, key=lambda one: (quotas[one] - shares[one], one))
        for one in by_rest[: max(0, wanted - sum(quotas.values()))]:
            quotas[one] += 1
        return quotas

    def _count(self, units: Sequence[_Unit]) -> Counter[str]:
        if not self._labelled:
            return Counter()
        return Counter(str(row.target) for unit in units for row in unit)
