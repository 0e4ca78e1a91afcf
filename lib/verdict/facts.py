"""What was measured on somebody's own rows, and what a verdict says about it: facts, no sentences.

All of it can be written down as JSON and read back, because one process measures and another shows.
"""

import json
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from lib.errors import DataError
from lib.task import Kind

Family = Literal["prompt", "classic", "lora", "both"]
FAMILIES: tuple[Family, ...] = ("prompt", "classic", "lora", "both")
"""From the simplest to keep running to the least simple: of equals the first one stays."""

Outcome = Literal["prompt", "classic", "lora", "nothing", "unclear"]

SIGNIFICANT = 0.05

_CONFIG = ConfigDict(extra="forbid")
_T = TypeVar("_T")

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Difference = Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]
Mean = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0)]


class Way(StrEnum):
    """One way to answer a row; iterating gives the order used everywhere."""

    PLAIN = "plain"
    PLAIN_SCORE = "plain_score"
    ENGINEERED = "engineered"
    ENGINEERED_SCORE = "engineered_score"
    CLASSIC = "classic"
    LORA = "lora"
    LORA_SCORE = "lora_score"
    LORA_ENGINEERED = "lora_engineered"
    LORA_ENGINEERED_SCORE = "lora_engineered_score"

    @property
    def family(self) -> Family:
        """What somebody who chooses this way has to keep running."""
        if self is Way.CLASSIC:
            return "classic"
        if self.startswith("lora_engineered"):
            return "both"
        return "lora" if self.startswith("lora") else "prompt"

    @property
    def shown_as(self) -> str:
        """The name that people see."""
        name = _NAMES[Way(self.removesuffix("_score"))]
        return f"{name}, likeliest label" if self.endswith("_score") else name


_NAMES = {
    Way.PLAIN: "Plain prompt",
    Way.ENGINEERED: "Engineered prompt",
    Way.CLASSIC: "Classic classifier",
    Way.LORA: "LoRA",
    Way.LORA_ENGINEERED: "LoRA + engineered",
}


@dataclass(frozen=True, slots=True, config=_CONFIG)
class Measured:
    """What one way made of the test rows: the same rows in the same order for all ways."""

    way: Way
    right: tuple[bool, ...]
    """By row: exactly right."""
    mean_prompt_tokens: Mean
    mean_output_tokens: Mean
    f1: Share | None = None
    """Over fields or words, where the kind of task has it."""
    f1_interval95: tuple[Share, Share] | None = None
    validation: Share | None = None
    """What it reached on the validation rows, by which a family's candidate is chosen."""

    @property
    def accuracy(self) -> float:
        """Share of right rows."""
        return sum(self.right) / len(self.right)

    def to_json(self) -> dict[str, Any]:
        """Return this as JSON values."""
        return _dump(self)

    @staticmethod
    def from_json(data: object) -> "Measured":
        """Return what `to_json` returned.

        Raises:
            DataError: if it is something else.
        """
        return _load(Measured, data)


@dataclass(frozen=True, slots=True, config=_CONFIG)
class Score:
    """A way's figures on the test rows."""

    way: Way
    right: Count
    accuracy: Share
    interval95: tuple[Share, Share]
    """Wilson's."""
    mean_prompt_tokens: Mean
    mean_output_tokens: Mean
    f1: Share | None = None
    f1_interval95: tuple[Share, Share] | None = None
    validation: Share | None = None


@dataclass(frozen=True, slots=True, config=_CONFIG)
class Pair:
    """Two families' candidates on the same rows; `first` is of the simpler family."""

    first: Way
    second: Way
    only_first: Count
    """Rows that the first alone got right."""
    only_second: Count
    difference: Difference
    """The first one's share of right rows less the second one's."""
    interval95: tuple[Difference, Difference]
    """Tango's."""
    guarded: tuple[Difference, Difference]
    """The same, wider where the first was picked from several on these very rows."""
    p: Share
    """McNemar's exact two-sided p."""
    p_adjusted: Share
    """The same, adjusted by Holm's method for all the tests that were made."""

    @property
    def told_apart(self) -> bool:
        """Whether the difference is more than chance explains."""
        return self.p_adjusted < SIGNIFICANT

    @property
    def ahead(self) -> Way | None:
        """The one that is shown to be better, if either is."""
        if not self.told_apart:
            return None
        return self.first if self.only_first > self.only_second else self.second


@dataclass(frozen=True, slots=True, config=_CONFIG)
class Verdict:
    """What the measurement says, and how sure it is."""

    outcome: Outcome
    kind: Kind
    rows: Count
    """Test rows."""
    training_rows: Count
    best: Way
    """The way to use now; where nothing works, the one that came furthest."""
    rival: Way | None
    """The one that `best` is held to in a sentence."""
    candidates: tuple[Way, ...]
    """One a family, from the simplest."""
    picked_on: Literal["validation", "test"] | None
    """Which rows chose the candidates; None where no family had a choice."""
    tests: Count
    """How many paired tests the p of the pairs is adjusted for."""
    margin: Share
    """A loss that counts as none."""
    floor: Share
    """Below this share of right rows nothing works, whatever it is compared with."""
    scores: tuple[Score, ...]
    """Every way, in the fixed order."""
    pairs: tuple[Pair, ...]
    """Every pair of candidates."""
    beat_commonest: tuple[Way, ...]
    """The candidates that are shown to be better than the commonest answer for every row."""
    commonest: Share | None
    """What the commonest answer for every row gets right."""
    question: Literal["difference", "commonest"] | None = None
    """What the rows leave open: which of `best` and `rival` is better, or whether `best` is any
    better than the commonest answer. None where the outcome is clear."""
    needed_rows: Count | None = None
    """About how many test rows could answer the question, if the shares stay as they are."""

    def score(self, way: Way) -> Score:
        """Return a way's figures; KeyError if it was not measured."""
        return {one.way: one for one in self.scores}[way]

    def pair(self, one: Way, other: Way) -> Pair | None:
        """Return the pair of two candidates, in whichever order, or None."""
        return next(
            (pair for pair in self.pairs if {pair.first, pair.second} == {one, other}), None
        )

    def to_json(self) -> dict[str, Any]:
        """Return this as JSON values."""
        return _dump(self)

    @staticmethod
    def from_json(data: object) -> "Verdict":
        """Return what `to_json` returned.

        Raises:
            DataError: if it is something else.
        """
        verdict = _load(Verdict, data)
        known = {one.way for one in verdict.scores}
        named = {verdict.best, *verdict.candidates, *verdict.beat_commonest}
        named |= {way for pair in verdict.pairs for way in (pair.first, pair.second)}
        named |= set() if verdict.rival is None else {verdict.rival}
        # Where two are compared in a sentence, both are needed, and their pair.
        unpaired = verdict.rival is not None and verdict.pair(verdict.best, verdict.rival) is None
        if not named <= known or unpaired or not verdict.rows:
            raise DataError(_DAMAGED)
        return verdict


_DAMAGED = "The file of the verdict is damaged: train again, or take a copy that is whole."


def verdict_json(verdict: Verdict, measured: Sequence[Measured]) -> dict[str, Any]:
    """Return what `verdict.json` holds: the verdict, and the rows that it rests on."""
    return {"verdict": verdict.to_json(), "measured": [one.to_json() for one in measured]}


def read_verdict(path: Path) -> tuple[Verdict, tuple[Measured, ...]]:
    """Return the verdict in a file, and what was measured.

    Raises:
        DataError: if the file is missing or damaged.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        verdict, measured = data["verdict"], data["measured"]
        if not isinstance(measured, list):
            raise TypeError("measured is no list")
    except FileNotFoundError as error:
        raise DataError("There is no verdict yet: the training has not come to its end.") from error
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise DataError(_DAMAGED) from error
    return Verdict.from_json(verdict), tuple(Measured.from_json(one) for one in measured)


def _dump(value: object) -> dict[str, Any]:
    data: dict[str, Any] = TypeAdapter(type(value)).dump_python(value, mode="json")
    return data


def _load(kind: type[_T], data: object) -> _T:
    try:
        return TypeAdapter(kind).validate_python(data)
    except ValidationError as error:
        raise DataError(_DAMAGED) from error
