"""A memo as Markdown and as one HTML file. Pure; every text of the memo is escaped.

The HTML holds its style and its pictures (inline SVG), no script, and a policy that forbids the
browser to fetch anything. Addresses of sources are links, which only a click follows.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from lib.ui.memo import Block, Memo, Picture, Point, Points, Says, Table

_WIDTH = 640
_ROW = 34
_LINE = 22  # of a row: where the range is drawn, below its words
_EDGE = 8


def to_markdown(memo: Memo) -> str:
    """Return a memo as Markdown; pictures become tables, and no text of it is read as markup."""
    lines = [f"# {_escaped(memo.title)}", "", _escaped(memo.made)]
    for section in memo.sections:
        lines += ["", f"## {_escaped(section.title)}"]
        for block in section.blocks:
            lines += ["", *_in_markdown(block)]
    return "\n".join(lines) + "\n"


def to_html(memo: Memo) -> str:
    """Return a memo as a file of HTML that needs nothing else, for the screen and for print."""
    return _template().render(memo=memo, kind=_kind, drawn=_drawn, width=_WIDTH)


# ---------------------------------------------------------------------------- Markdown


def _in_markdown(block: Block) -> Iterator[str]:
    if isinstance(block, Says):
        yield _escaped(block.text)
    elif isinstance(block, Points):
        if block.title:
            yield from (f"**{_escaped(block.title)}**", "")
        yield from (f"- {_point(one)}" for one in block.items)
    elif isinstance(block, Picture):
        yield from (f"**{_escaped(block.title)}**", "")
        yield from _table(block.table)
    else:
        yield from _table(block)


def _point(one: Point) -> str:
    text = f"`{one.text}`" if one.is_address else _escaped(one.text)
    end = "" if one.label.endswith("?") else ":"
    label = f"**{_escaped(one.label)}**{end} " if one.label else ""
    link = f" <{one.url}>" if one.url and one.url not in one.text else ""
    return f"{label}{text}{link}"


def _table(table: Table) -> Iterator[str]:
    yield f"| {' | '.join(map(_escaped, table.head))} |"
    yield f"|{'---|' * len(table.head)}"
    yield from (f"| {' | '.join(map(_escaped, row))} |" for row in table.rows)


_SIGNS = re.compile(r"[\\`*_\[\]|#~$<>]")
_BEGINNING = re.compile(r"^([-+]|\d+(?=[.)](\s|$)))")


def _escaped(text: str) -> str:
    """Return a text on one line in which Markdown finds nothing to do."""
    text = _SIGNS.sub(r"\\\g<0>", " ".join(text.split()).replace("&", "&amp;"))
    return _BEGINNING.sub(lambda found: _listless(found[1]), text)


def _listless(sign: str) -> str:
    """Return the beginning of a list as a text: a backslash goes before a sign, not a digit."""
    return f"{sign}\u2060" if sign.isdigit() else f"\\{sign}"


# ---------------------------------------------------------------------------- HTML


@dataclass(frozen=True)
class _Row:
    """Where one line of a picture is drawn."""

    text: str
    text_y: int
    y: int
    low: float
    likely: float
    high: float
    colour: str


def _drawn(picture: Picture) -> tuple[int, list[_Row]]:
    """Return the height of a picture and its rows; the scale begins at 0, or at what is below it."""
    least = min(0.0, *(one.low for one in picture.bars))
    most = picture.most or max(one.high for one in picture.bars) or 1.0

    def at(value: float) -> float:
        return round(_EDGE + (value - least) / (most - least) * (_WIDTH - 2 * _EDGE), 1)

    rows = [
        _Row(
            f"{one.name}: {one.shown}",
            number * _ROW + 12,
            number * _ROW + _LINE,
            at(one.low),
            at(one.likely),
            at(one.high),
            one.colour,
        )
        for number, one in enumerate(picture.bars)
    ]
    return len(rows) * _ROW, rows


def _kind(block: Block) -> str:
    return type(block).__name__.lower()


@cache
def _template() -> Template:
    folder = FileSystemLoader(Path(__file__).parent)
    environment = Environment(
        loader=folder,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("memo.html")
