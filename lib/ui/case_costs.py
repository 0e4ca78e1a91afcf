"""What the estimator had to say, as blocks of a memo. Draws nothing."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from lib.content.case_texts import CaseTexts
from lib.estimator.amounts import Spread, shown, usd
from lib.estimator.export import Line
from lib.ui.case import Estimate
from lib.ui.estimator_inputs import told
from lib.ui.memo import Bar, Block, Picture, Point, Points, Table
from lib.ui.palette import SERIES_COLOURS

_FIRST_YEAR = ": first year"
_ESTIMATE = re.compile(r"^Estimate( of \w+)?(: )?")


def estimate_blocks(one: Estimate, texts: CaseTexts) -> Iterator[Block]:
    """Yield what was set, every amount with its range, and what is taken for granted."""
    memo = texts.memo
    name = texts.parts[one.part].capitalize()
    points = [Point(name, f"{_ESTIMATE.sub('', one.title) or one.title}.")]
    if one.settings:
        points.append(
            Point(memo.set, "; ".join(f"{label}: {value}" for label, value in one.settings))
        )
    yield Points(tuple(points))
    years = [line for line in one.amounts if line.name.endswith(_FIRST_YEAR)]
    others = [line for line in one.amounts if line not in years]
    if others:
        rows = tuple((line.name[:1].upper() + line.name[1:], _value(line)) for line in others)
        yield Table((memo.amounts, memo.value), rows)
    if years:
        yield Picture(memo.first_year, memo.way, memo.value, tuple(map(_bar, years)))
    if one.taken:
        yield Points(tuple(_taken(one.taken)), memo.taken, small=True)


def _taken(lines: Sequence[Line]) -> Iterator[Point]:
    """What rests on the same source becomes one entry."""
    for origin, same in groupby(sorted(lines, key=_origin), key=_origin):
        amounts = "; ".join(f"{one.name}: {_value(one)}{_note(one)}" for one in same)
        yield Point("", f"{amounts} ({origin})" if origin else amounts)


def _origin(line: Line) -> str:
    day = line.checked_on.isoformat() if line.checked_on else ""
    return ", ".join(one for one in (line.source.rstrip("."), day) if one)


def _value(line: Line) -> str:
    """Return the value of a line in words, with its unit."""
    if not isinstance(line.value, Spread):
        return "" if line.value is None else f"{line.value} {line.unit}".strip()
    if line.unit == "USD":
        return told(line.value, usd)
    return f"{told(line.value, shown)} {line.unit}".strip()


def _note(line: Line) -> str:
    return f". {line.note.rstrip('.')}" if line.note else ""


def _bar(line: Line) -> Bar:
    assert isinstance(line.value, Spread), "a case keeps amounts with ranges"
    low, likely, high = (float(one) for one in (line.value.low, line.value.likely, line.value.high))
    name = line.name.removesuffix(_FIRST_YEAR)
    return Bar(name, low, likely, high, _value(line), SERIES_COLOURS[0])
