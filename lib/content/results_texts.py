"""The words of the results page, read from `content/results_texts.yaml`.

Sentences may hold names in braces, which the page fills in; a name that it does not know is told
here and not on the page.
"""

import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field
from pydantic.dataclasses import dataclass

from lib.content import marks
from lib.content.texts import Piece
from lib.files import read_yaml
from lib.paths import CONTENT

_STRICT = ConfigDict(extra="forbid")
_FILE = "results_texts.yaml"


def _filled_with(*names: str) -> AfterValidator:
    """Allow these names in braces and no others."""

    def check(text: str) -> str:
        try:
            # `{{booking.rows}}` is a mark for a figure of ours and no name to fill in.
            found = {name for _, name, _, _ in string.Formatter().parse(_unmarked(text)) if name}
        except ValueError as error:
            raise ValueError(f"a brace is left open: {error}") from error
        if unknown := found - set(names):
            raise ValueError(
                f"{{{sorted(unknown)[0]}}} is not known here, only {', '.join(names) or 'plain text'}"
            )
        return text

    return AfterValidator(check)


def _unmarked(text: str) -> str:
    return marks.MEASURED.sub("", text)


filled_with = _filled_with  # for the words of other pages

_Plain = Annotated[str, _filled_with()]
_Outcome = Annotated[
    str,
    _filled_with("rows", "set", "seconds", "classic", "tuned", "tuned_way", "prompt", "prompt_way"),
]
_Pair = Annotated[str, _filled_with("reading", "way", "low", "high", "set", "main")]


@dataclass(frozen=True, config=_STRICT)
class ReadingTexts:
    """One text for each way in which an answer is read off."""

    generate: _Plain
    score: _Plain
    calibrated: Annotated[str, _filled_with("inputs")]


@dataclass(frozen=True, config=_STRICT)
class FindingTexts:
    """What was found, by who won."""

    neither_ahead: _Outcome
    neither_level: _Outcome
    tuned_with_classic: _Outcome
    tuned: _Outcome
    prompt: _Outcome
    level: _Outcome
    one_side: Annotated[str, _filled_with("set", "way", "share")]
    test: _Plain
    intervals: _Plain


@dataclass(frozen=True, config=_STRICT)
class LossTexts:
    """What went wrong, by its kind."""

    title: _Plain
    engineered_below_plain: _Pair
    combined_below_lora: _Pair
    combined_not_better: _Pair
    writes_less_than_it_knows: _Pair
    calibration_hurt: _Pair
    classic_ahead_elsewhere: _Pair
    prompt_ahead_elsewhere: _Pair
    tuned_drops: _Pair
    classic_drops: _Pair
    no_better_than_constant: Annotated[str, _filled_with("way", "low", "constant")]


@dataclass(frozen=True, config=_STRICT)
class SectionText:
    """A part of the page."""

    title: _Plain
    lead: _Plain
    missing: _Plain = ""


@dataclass(frozen=True, config=_STRICT)
class SetsText(SectionText):
    """Other rows."""

    one: _Plain = ""


@dataclass(frozen=True, config=_STRICT)
class TwinsText:
    """Rows that nearly repeat a training row."""

    title: _Plain
    lead: Annotated[str, _filled_with("twins", "all", "rows")]
    none: Annotated[str, _filled_with("all")]
    missing: _Plain


@dataclass(frozen=True, config=_STRICT)
class StrangersText:
    """Rows that belong to no class."""

    title: _Plain
    lead: Annotated[str, _filled_with("set")]
    missing: _Plain
    none: _Plain
    no_label: Annotated[str, _filled_with("parts")]
    forced: _Plain


@dataclass(frozen=True, config=_STRICT)
class HostedModel:
    """A model whose price per token is the yardstick."""

    provider: str
    model: str
    name: str


@dataclass(frozen=True, config=_STRICT)
class GalleryText:
    """Inputs on which somebody loses."""

    title: _Plain
    lead: _Plain
    missing: Annotated[str, _filled_with("task")]
    stale: _Plain
    link: _Plain


_Lost = Annotated[str, _filled_with("way", "rows", "share", "base", "only_base", "only_this")]


@dataclass(frozen=True, config=_STRICT)
class ForgettingText:
    """What is lost."""

    title: _Plain
    lead: Annotated[str, _filled_with("rows")]
    lead_bare: Annotated[str, _filled_with("rows")]
    ways: dict[str, _Plain]
    groups: dict[str, _Plain]
    all: _Plain
    what: _Plain
    lost: _Lost
    level: _Lost
    gained: _Lost
    test: _Plain
    form: Annotated[str, _filled_with("parts")]
    inside: Annotated[str, _filled_with("parts")]
    examples: _Plain
    no_examples: _Plain
    limits: tuple[_Plain, ...]


@dataclass(frozen=True, config=_STRICT)
class StabilityText:
    """The order of the examples."""

    title: _Plain
    lead: Annotated[str, _filled_with("others", "seed")]
    samples: Annotated[str, _filled_with("rows", "orders", "mean", "same")]
    rows: Annotated[str, _filled_with("rows", "file", "low", "high", "some", "adapter")]
    no_rows: _Plain
    pick: _Plain
    own: _Plain
    order: Annotated[str, _filled_with("number")]
    adapter: _Plain
    what: _Plain
    distinct: _Plain
    limits: _Plain


_Crossing = Annotated[
    str, _filled_with("rival", "first", "last", "fewer", "more", "about", "range")
]


@dataclass(frozen=True, config=_STRICT)
class CrossingTexts:
    """Where LoRA passes another line, by outcome."""

    crosses: _Crossing
    above_from_first: _Crossing
    falls_behind: _Crossing
    never: _Crossing


@dataclass(frozen=True, config=_STRICT)
class CurveText:
    """The learning curve."""

    title: _Plain
    lead: Annotated[str, _filled_with("rows", "sizes")]
    classic: _Plain
    crossing: CrossingTexts
    best_prompt: Annotated[str, _filled_with("which", "share")]
    classic_line: _Plain
    step: Annotated[str, _filled_with("fewer", "more", "points", "spread")]
    step_alone: Annotated[str, _filled_with("fewer", "more", "points")]
    test: _Plain
    prompts: _Plain
    prompt: Annotated[str, _filled_with("which")]
    no_examples: _Plain
    examples: Annotated[str, _filled_with("count")]
    engineered: _Plain
    what: Annotated[str, _filled_with("what")]
    unfinished: Annotated[str, _filled_with("missing")]
    limits: tuple[Annotated[str, _filled_with("large", "steps", "rows")], ...]
    link: _Plain


@dataclass(frozen=True, config=_STRICT)
class CallsText:
    """Tokens, seconds and money."""

    title: _Plain
    lead: Annotated[str, _filled_with("set")]
    cost: Annotated[
        str, _filled_with("model", "input", "output", "source", "version", "checked_on")
    ]
    no_price: _Plain
    seconds_missing: _Plain
    link: _Plain
    hosted: HostedModel


@dataclass(frozen=True, config=_STRICT)
class ReportedText:
    """What others report of large models; every figure bears the mark of its finding."""

    title: _Plain
    lead: _Plain
    tasks: dict[str, tuple[str, ...]]
    missing: _Plain


@dataclass(frozen=True, config=_STRICT)
class LimitsText:
    """What the page does not show."""

    title: _Plain
    points: tuple[str, ...]
    tasks: dict[str, tuple[str, ...]] = Field(default_factory=dict)


@dataclass(frozen=True, config=_STRICT)
class HowText:
    """How a figure was measured."""

    title: _Plain
    seed: Annotated[str, _filled_with("seed")]
    no_seed: _Plain
    bootstrap: _Plain


@dataclass(frozen=True, config=_STRICT)
class ResultsTexts:
    """The whole page."""

    title: _Plain
    lead: _Plain
    task_label: _Plain
    nothing: Annotated[str, _filled_with("task", "file")]
    readings: ReadingTexts
    readings_about: ReadingTexts
    no_score: _Plain
    score_missing: _Plain
    classic_missing: _Plain
    classic_none: _Plain
    finding: FindingTexts
    losses: LossTexts
    main: SectionText
    f1: SectionText
    empty: Annotated[str, _filled_with("share")]
    pairs: SectionText
    tried: SectionText
    effects: SectionText
    sets: SetsText
    twins: TwinsText
    strangers: StrangersText
    gallery: GalleryText
    forgetting: ForgettingText
    stability: StabilityText
    curve: CurveText
    calls: CallsText
    reported: ReportedText
    limits: LimitsText
    how: HowText


def load_results_texts(path: Path = CONTENT / _FILE) -> ResultsTexts:
    """Return the texts of the page.

    Raises:
        ContentError: naming file, line and field.
    """
    return read_yaml(path, ResultsTexts)


def cited_pieces(texts: ResultsTexts) -> Iterator[Piece]:
    """Yield the prose that may bear marks: what others report, and what the page does not show."""
    for number, text in enumerate(texts.limits.points):
        yield Piece(_FILE, f"limits.points.{number}", text)
    for part, tasks in (("reported", texts.reported.tasks), ("limits", texts.limits.tasks)):
        for task, told in tasks.items():
            for number, text in enumerate(told):
                yield Piece(_FILE, f"{part}.tasks.{task}.{number}", text)


def filled(text: str, **values: object) -> str:
    """Return a sentence with its names filled in."""
    return _NAME.sub(lambda found: str(values[found[1]]), text)


_NAME = re.compile(r"(?<!\{)\{([a-z_]+)\}(?!\})")
