"""A memo as data: sections of plain texts, tables and pictures. Knows no markup and draws nothing.

Every text is plain, whoever wrote it: what writes or draws a memo escapes all of them alike.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Says:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class Point:
    """An entry of a list: a label that stands out, and a text."""

    label: str
    text: str
    url: str = ""
    """Where a source is found; a link, which nothing fetches by itself."""
    is_address: bool = False
    """Whether the text is to be typed letter by letter."""


@dataclass(frozen=True)
class Points:
    """A list."""

    items: tuple[Point, ...]
    title: str = ""
    small: bool = False


@dataclass(frozen=True)
class Table:
    """A table; each row has as many cells as the head."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Bar:
    """One line of a picture: a likely value between its ends."""

    name: str
    low: float
    likely: float
    high: float
    shown: str
    """The same in words."""
    colour: str


@dataclass(frozen=True)
class Picture:
    """Ranges side by side; where no picture can stand, a table says the same."""

    title: str
    what: str
    """What the lines are: the first column of the table."""
    value: str
    """What is drawn: the second one."""
    bars: tuple[Bar, ...]
    most: float | None = None
    """The end of the scale, which begins at 0; None where the widest range is."""

    @property
    def in_words(self) -> str:
        """All of it in a sentence."""
        return f"{self.title}: {'; '.join(f'{one.name} {one.shown}' for one in self.bars)}."

    @property
    def table(self) -> Table:
        """The same as a table."""
        return Table((self.what, self.value), tuple((one.name, one.shown) for one in self.bars))


Block = Says | Points | Table | Picture


@dataclass(frozen=True)
class Section:
    """A heading with what stands below it."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Memo:
    """The whole of it."""

    title: str
    made: str
    sections: tuple[Section, ...]
