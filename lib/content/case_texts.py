"""The words of the page /case and of its memo, read from `content/case.yaml`.

Sentences may hold names in braces, which the memo fills in; a name that it does not know is told
here and not on the page.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

from lib.content.results_texts import filled_with
from lib.files import read_yaml
from lib.paths import CONTENT

_STRICT = ConfigDict(extra="forbid")
_Plain = Annotated[str, filled_with()]
_Both = Annotated[str, filled_with("guide", "rows")]

Step = Literal["choose", "estimator", "train"]
Part = Literal["money", "memory", "time", "data"]


@dataclass(frozen=True, config=_STRICT)
class CasePageText:
    """The page around the memo."""

    title: _Plain
    lead: _Plain
    start: _Plain
    """For a visitor who has nothing yet."""
    privacy: _Plain
    steps_title: _Plain
    words_title: _Plain
    name_label: _Plain
    name_hint: _Plain
    question_label: _Plain
    question_hint: _Plain
    memo_title: _Plain
    anew: _Plain
    anew_help: _Plain


@dataclass(frozen=True, config=_STRICT)
class StepText:
    """A page that adds to the case."""

    title: _Plain
    missing: _Plain
    go: _Plain
    back: Annotated[str, filled_with("part")]


@dataclass(frozen=True, config=_STRICT)
class FootText:
    """The last line of such a page."""

    kept: _Plain
    offer: _Plain
    link: _Plain


@dataclass(frozen=True, config=_STRICT)
class MemoText:
    """Headings and sentences of the memo."""

    untitled: _Plain
    made: Annotated[str, filled_with("day", "guide")]
    short_title: _Plain
    advice: _Plain
    measured: _Plain
    question_title: _Plain
    no_question: _Plain
    answers: _Plain
    usual: _Plain
    recommendation_title: _Plain
    first_step: Annotated[str, filled_with("step")]
    lead: Annotated[str, filled_with("margin", "confidence")]
    steady: Annotated[str, filled_with("share")]
    reasons: Annotated[str, filled_with("approach")]
    other: Annotated[str, filled_with("approach")]
    removed: Annotated[str, filled_with("approaches")]
    also: _Plain
    costs_title: _Plain
    set: _Plain
    amounts: _Plain
    value: _Plain
    first_year: _Plain
    taken: _Plain
    measured_title: _Plain
    rows: Annotated[str, filled_with("name", "training", "rows", "day")]
    small_model: _Plain
    ways: _Plain
    way: _Plain
    share: _Plain
    changes_title: _Plain
    flip: Annotated[str, filled_with("approach", "answers")]
    no_flips: _Plain
    missing_title: _Plain
    open_title: _Plain
    open: _Plain
    sources_title: _Plain
    second_hand: _Plain


@dataclass(frozen=True, config=_STRICT)
class AgreementText:
    """How the guide's advice and the verdict on the rows stand to each other."""

    same: _Both
    near: _Both
    differ: _Both
    untested: _Both
    unclear: _Both


@dataclass(frozen=True, config=_STRICT)
class CaseTexts:
    """All of it."""

    page: CasePageText
    steps: dict[Step, StepText]
    parts: dict[Part, str]
    """What the parts of the estimator are called."""
    foot: FootText
    memo: MemoText
    agreement: AgreementText


def load_case_texts(path: Path = CONTENT / "case.yaml") -> CaseTexts:
    """Return the words.

    Raises:
        ContentError: naming file, line and field.
    """
    return read_yaml(path, CaseTexts)
