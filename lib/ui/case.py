"""A visitor's case: what is known of it so far, every part optional. Draws nothing.

A part holds the parameters of the page's address that bring the same state back. What a visitor
wrote (name, question, the name of a file) never goes into an address.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from urllib.parse import urlencode

from lib.content.case_texts import Part
from lib.estimator.amounts import Spread
from lib.estimator.export import Line, Report
from lib.verdict.facts import Verdict

MAX_NAME = 80
MAX_QUESTION = 600
"""Characters of what a visitor may write."""

Params = Mapping[str, str]


@dataclass(frozen=True)
class Advice:
    """What was answered on /choose."""

    answers: Params
    """Those that differ from the guide's defaults: they are the address, too."""


@dataclass(frozen=True)
class Estimate:
    """What one part of /estimator had to say."""

    part: Part
    title: str
    says: str
    """The result in a sentence or two."""
    amounts: tuple[Line, ...]
    """Every result with its range."""
    taken: tuple[Line, ...]
    """What is taken for granted, with source and date where it has one."""
    changes: tuple[str, ...] = ()
    """What moves the result."""
    is_own: bool = False
    """Whether it rests on something of the visitor's that no address holds."""
    params: Params = field(default_factory=dict)
    settings: tuple[tuple[str, str], ...] = ()
    """(label, value) of the fields that differ from their defaults."""

    @property
    def is_changed(self) -> bool:
        """Whether the visitor put in anything of their own."""
        return self.is_own or bool(self.params.keys() - {"show"})


@dataclass(frozen=True)
class Trial:
    """The verdict on rows of the visitor's own."""

    verdict: Verdict
    name: str
    """Of the file or the sample."""
    looked_at: date


@dataclass(frozen=True)
class MyCase:
    """Everything so far."""

    name: str = ""
    question: str = ""
    advice: Advice | None = None
    estimates: tuple[Estimate, ...] = ()
    """One a part of the estimator at most, in the order of that page."""
    trial: Trial | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known, so that there is no memo yet."""
        return self == MyCase()

    def estimate(self, part: Part) -> Estimate | None:
        """Return what is known of a part of the estimator."""
        return next((one for one in self.estimates if one.part == part), None)

    def with_estimate(self, estimate: Estimate) -> "MyCase":
        """Return the case with an estimate in place of the older one of the same part."""
        others = [one for one in self.estimates if one.part != estimate.part]
        parts: list[Part] = ["money", "memory", "time", "data"]
        ordered = sorted([*others, estimate], key=lambda one: parts.index(one.part))
        return replace(self, estimates=tuple(ordered))


def estimate_of(
    part: Part,
    says: str,
    report: Report,
    *,
    taken: Sequence[Line] | None = None,
    changes: Sequence[str] = (),
    is_own: bool = False,
) -> Estimate:
    """Return what a case keeps of a report: results with a range, and what it takes for granted.

    `taken` stands in for the report's assumptions where those are told better.
    """
    return Estimate(
        part=part,
        title=report.title,
        says=says,
        amounts=tuple(
            one for one in report.lines if one.part == "result" and isinstance(one.value, Spread)
        ),
        taken=tuple(one for one in report.lines if one.part == "assumptions")
        if taken is None
        else tuple(taken),
        changes=tuple(changes),
        is_own=is_own,
    )


def address(page: str, params: Params) -> str:
    """Return the path of a page in a state; the host is not known."""
    return f"/{page}?{urlencode(params)}" if params else f"/{page}"
