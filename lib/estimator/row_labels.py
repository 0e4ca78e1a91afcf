"""How labels are shared out among rows, and where the same input has different answers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from lib.columns import RowText, canonical, normalised

RARE = 10
"""A label with fewer rows than this is called rare: 8 a class is the least that a cited study
trained on (E22), and some have to be left for testing."""


@dataclass(frozen=True)
class LabelShare:
    """One label and the rows that have it."""

    label: str
    rows: int
    share: float


@dataclass(frozen=True)
class LabelBalance:
    """All labels, the most frequent first."""

    labels: tuple[LabelShare, ...]
    rare: tuple[str, ...]
    """Labels with fewer than 10 rows."""
    lookalikes: tuple[tuple[str, ...], ...]
    """Labels that differ in case or spaces only, which are probably one."""

    @property
    def majority_share(self) -> float:
        """What always giving the most frequent label would score on these rows."""
        return self.labels[0].share

    @property
    def ratio(self) -> float:
        """Rows of the most frequent label over those of the rarest."""
        return self.labels[0].rows / self.labels[-1].rows


@dataclass(frozen=True)
class Conflict:
    """The same input with different outputs."""

    rows: tuple[int, ...]
    outputs: tuple[str, ...]
    """The different ones, in order of appearance."""


def label_balance(rows: Sequence[RowText]) -> LabelBalance | None:
    """Return how the labels are shared out; None where no row has one."""
    counts = Counter(label for one in rows if (label := one.output.strip()))
    if not counts:
        return None
    total = counts.total()
    spellings: dict[str, list[str]] = {}
    for label in counts:
        spellings.setdefault(normalised(label), []).append(label)
    return LabelBalance(
        labels=tuple(LabelShare(one, rows, rows / total) for one, rows in counts.most_common()),
        rare=tuple(one for one, found in counts.items() if found < RARE),
        lookalikes=tuple(tuple(same) for same in spellings.values() if len(same) > 1),
    )


def find_conflicts(rows: Sequence[RowText], sources: Sequence[str]) -> tuple[Conflict, ...]:
    """Return inputs that occur with different outputs; JSON answers are equal in any key order.

    `sources` are the normalised inputs of the rows. Where outputs are free texts, different answers
    to one question may be meant.
    """
    found: dict[str, list[RowText]] = {}
    for one, key in zip(rows, sources, strict=True):
        if key and one.output.strip():
            found.setdefault(key, []).append(one)
    conflicts = []
    for same in found.values():
        outputs = {canonical(one.output): one.output.strip() for one in reversed(same)}
        if len(outputs) > 1:
            numbers = tuple(one.number for one in same)
            conflicts.append(Conflict(numbers, tuple(reversed(outputs.values()))))
    return tuple(conflicts)
