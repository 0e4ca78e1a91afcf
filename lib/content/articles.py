"""The concept articles: one Markdown file each under `content/concepts/`."""

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, model_validator
from pydantic.dataclasses import dataclass

from lib.content.glossary import Id, Text
from lib.files import check_name, read_markdown
from lib.paths import CONTENT

_STRICT = ConfigDict(extra="forbid")


class Part(StrEnum):
    """The parts of the concepts page, in the order in which they are read."""

    START = "start"
    PROMPTING = "prompting"
    TUNING = "tuning"
    DIFFERENCES = "differences"
    TOGETHER = "together"
    EVIDENCE = "evidence"


@dataclass(frozen=True, config=_STRICT)
class Picture:
    """One chart from `content/figures/`, or one Mermaid diagram with what it shows in words."""

    figure: Id | None = None
    mermaid: Text | None = None
    alt: Text | None = None
    caption: str = ""

    @model_validator(mode="after")
    def _one_of_both(self) -> "Picture":
        if (self.figure is None) == (self.mermaid is None):
            raise ValueError("give either figure or mermaid")
        if self.mermaid and not self.alt:
            raise ValueError("a diagram needs an alt text")
        return self


@dataclass(frozen=True, config=_STRICT)
class LiveLink:
    """A page of the app, in a certain state."""

    page: Literal["demo", "choose", "evidence", "concepts", "faq", "estimator", "results"]
    label: Text
    params: dict[str, str] = Field(default_factory=dict)


@dataclass(frozen=True, config=_STRICT)
class Article:
    """One article."""

    id: Id
    order: int
    part: Part
    title: Text
    goal: Text
    key_points: Annotated[tuple[Text, ...], Field(min_length=3, max_length=6)]
    picture: Picture
    live: Annotated[tuple[LiveLink, ...], Field(min_length=1)]
    would_change: Annotated[tuple[Text, ...], Field(min_length=1)]
    reviewed_on: date
    review_after: date
    body: Annotated[str, Field(min_length=1)]
    seed: tuple[str, ...] = ()
    """Points of the first article that this one covers, as in `content/myths.yaml`."""
    related: tuple[Id, ...] = ()
    questions: tuple[Id, ...] = ()

    @property
    def minutes(self) -> int:
        """Reading time at 200 words a minute."""
        return max(1, round(len(self.body.split()) / 200))


def load_article(path: Path) -> Article:
    """Return one article.

    Raises:
        ContentError: naming file, line and field.
    """
    article = read_markdown(path, Article)
    check_name(path, article.id)
    return article


def article_files() -> list[Path]:
    """Return the files of all articles, sorted by name."""
    return sorted((CONTENT / "concepts").glob("*.md"))
