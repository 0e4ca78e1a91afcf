"""General questions with rules that tell a right reply: words that content and evaluation share.

Data only. `lib.content.general_questions` reads them, `lib.evaluation.general_rules` applies them.
"""

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic.dataclasses import dataclass

_STRICT = ConfigDict(extra="forbid")

Group = Literal["facts", "arithmetic", "instructions", "small_talk"]

Phrase = Annotated[str, Field(min_length=1)]
"""Found as whole words, whatever their case; a last word that ends in * may go on."""
Phrases = tuple[Phrase, ...]


@dataclass(frozen=True, config=_STRICT)
class Count:
    """How many of something there must be, both ends included."""

    least: Annotated[int, Field(ge=1)] = 1
    most: int | None = None

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if self.most is not None and self.most < self.least:
            raise ValueError(f"at most {self.most} is less than at least {self.least}")
        return self


@dataclass(frozen=True, config=_STRICT)
class AtLeast:
    """So many different ones of these phrases."""

    count: Annotated[int, Field(ge=1)]
    of: Phrases


@dataclass(frozen=True, config=_STRICT)
class NamesFirst:
    """The right phrases are named, and before any of the wrong ones."""

    right: Annotated[Phrases, Field(min_length=1)]
    wrong: Annotated[Phrases, Field(min_length=1)]


@dataclass(frozen=True, config=_STRICT)
class Times:
    """A phrase stands in the reply exactly so often."""

    phrase: Phrase
    exactly: Annotated[int, Field(ge=1)]


@dataclass(frozen=True, config=_STRICT)
class Rule:
    """What a reply must be like; everything that is given must hold."""

    any_of: Phrases = ()
    all_of: tuple[Annotated[Phrases, Field(min_length=1)], ...] = ()
    """One phrase of each list."""
    none_of: Phrases = ()
    at_least: AtLeast | None = None
    number: float | None = None
    """The first or the last number of the reply, those of the question left out."""
    names_first: NamesFirst | None = None
    times: Times | None = None
    words: Count | None = None
    sentences: Count | None = None
    lines: Count | None = None
    """Lines that are not empty."""
    starts_with: Phrases = ()
    ends_with: Phrases = ()
    without_letters: str = ""
    """None of these letters stands anywhere in the reply."""
    letters: Literal["upper", "lower"] | None = None

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if not any((self.any_of, self.all_of, self.at_least, self.names_first, self.times,
                    self.words, self.sentences, self.starts_with, self.ends_with,
                    self.number is not None)):  # fmt: skip
            raise ValueError(
                "a rule needs something that a right reply has, not only what it lacks"
            )
        return self


@dataclass(frozen=True, config=_STRICT)
class GeneralQuestion:
    """A question that has nothing to do with any task."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    group: Group
    question: Annotated[str, Field(min_length=1, max_length=300)]
    rule: Rule
    passes: Annotated[str, Field(min_length=1)]
    """One reply that is right, so that a rule nothing can pass shows itself."""


@dataclass(frozen=True, config=_STRICT)
class GeneralQuestions:
    """All of them, in the order of their file."""

    questions: Annotated[tuple[GeneralQuestion, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _can_be_told_apart(self) -> Self:
        for what, values in (
            ("id", [one.id for one in self.questions]),
            ("question", [one.question for one in self.questions]),
        ):
            for value in values:
                if values.count(value) > 1:
                    raise ValueError(f"two questions have the {what} '{value}'")
        return self
