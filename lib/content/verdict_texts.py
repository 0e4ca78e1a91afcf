"""The words of a verdict on somebody's own rows, read from `content/verdict.yaml`.

Sentences may hold names in braces, which `lib.verdict.words` fills in; a name that it does not
know is told here and not on the page.
"""

from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from lib.content.results_texts import filled_with
from lib.files import read_yaml
from lib.paths import CONTENT

_STRICT = ConfigDict(extra="forbid")

_BEST = ("best", "best_share", "rows", "right")
_Plain = Annotated[str, filled_with()]
_Pair = Annotated[str, filled_with(*_BEST, "rival", "rival_share", "range", "margin")]
_Changes = Annotated[tuple[Annotated[str, filled_with("training_rows")], ...], Field(min_length=1)]


@dataclass(frozen=True, config=_STRICT)
class TitleTexts:
    """The verdict in a few words, by outcome."""

    prompt: _Plain
    classic: _Plain
    lora: _Plain
    both: _Plain
    """LoRA, where the engineered prompt adds to it."""
    nothing: _Plain
    unclear: Annotated[str, filled_with("rows", "low", "high")]
    unclear_level: Annotated[str, filled_with("rows")]
    """Where both shares read the same."""


@dataclass(frozen=True, config=_STRICT)
class RightTexts:
    """What a row has to be, by kind of task."""

    classification: _Plain
    extraction: _Plain
    question_answering: _Plain


@dataclass(frozen=True, config=_STRICT)
class FoundTexts:
    """What the verdict rests on, by outcome."""

    prompt: _Pair
    classic: _Pair
    lora: _Pair
    small_gain: Annotated[str, filled_with("margin", "points")]
    floor: Annotated[str, filled_with(*_BEST, "floor")]
    commonest: Annotated[str, filled_with(*_BEST, "commonest")]
    unclear: _Pair
    unclear_ahead: _Pair
    """Where more than a small loss is ruled out already."""
    unclear_commonest: Annotated[str, filled_with(*_BEST, "commonest")]


@dataclass(frozen=True, config=_STRICT)
class NoteTexts:
    """How it was compared."""

    picked_on_validation: _Plain
    picked_on_test: _Plain
    tests: Annotated[str, filled_with("tests")]
    one_test: _Plain


@dataclass(frozen=True, config=_STRICT)
class ChangeTexts:
    """What would change the verdict, by outcome."""

    prompt: _Changes
    classic: _Changes
    lora: _Changes
    nothing: _Changes
    unclear: _Changes


@dataclass(frozen=True, config=_STRICT)
class VerdictTexts:
    """All of it."""

    titles: TitleTexts
    right: RightTexts
    found: FoundTexts
    needed: Annotated[str, filled_with("needed")]
    score: Annotated[str, filled_with("way", "share", "right", "prompt_tokens", "output_tokens")]
    score_without_tokens: Annotated[str, filled_with("way", "share", "right")]
    f1: Annotated[str, filled_with("line", "score")]
    pair_ahead: Annotated[str, filled_with("ahead", "behind", "only_ahead", "only_behind")]
    pair_level: Annotated[str, filled_with("first", "second", "only_first", "only_second")]
    notes: NoteTexts
    change: ChangeTexts


def load_verdict_texts(path: Path = CONTENT / "verdict.yaml") -> VerdictTexts:
    """Return the words.

    Raises:
        ContentError: naming file, line and field.
    """
    return read_yaml(path, VerdictTexts)
