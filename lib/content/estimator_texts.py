"""The words of the estimator's page, read from `content/estimator_texts.yaml`."""

from datetime import date
from pathlib import Path

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

from lib.files import read_yaml
from lib.paths import CONTENT

_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, config=_STRICT)
class MoneyText:
    """Break-even and costs."""

    lead: str
    ends: str
    lines: str
    tornado: str
    rivals: str


@dataclass(frozen=True, config=_STRICT)
class LeadText:
    """A part that needs no more than its beginning."""

    lead: str


@dataclass(frozen=True, config=_STRICT)
class AssumptionText:
    """Where something that an estimate takes for granted comes from, and how to change it."""

    source: str
    checked_on: date
    change: str
    """The field that changes it; empty where no field does."""


@dataclass(frozen=True, config=_STRICT)
class MemoryText:
    """Memory of a training step."""

    lead: str
    assumptions: dict[str, AssumptionText]
    """By the names that `estimate_memory` gives them, `range` and `room` besides."""


@dataclass(frozen=True, config=_STRICT)
class DataText:
    """Rows, their number, tests, learning curves."""

    lead: str
    report: str
    need: str
    test: str
    curve: str
    measured_title: str
    measured: str
    export: str


@dataclass(frozen=True, config=_STRICT)
class EstimatorText:
    """The whole page."""

    title: str
    lead: str
    money: MoneyText
    memory: MemoryText
    time: LeadText
    data: DataText


def load_estimator_texts(path: Path = CONTENT / "estimator_texts.yaml") -> EstimatorText:
    """Return the texts of the page.

    Raises:
        ContentError: naming file, line and field.
    """
    return read_yaml(path, EstimatorText)
