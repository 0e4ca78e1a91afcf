"""Questions on a passage: how much of the answer is right, beside how often all of it is."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd
import streamlit as st

from lib.evaluation.result_lines import Line
from lib.ui import results_charts as charts
from lib.ui import results_how_view as how
from lib.ui import results_words as told
from lib.ui import shell
from lib.ui.results_album import Picture
from lib.ui.results_main_view import Shown
from lib.ui.results_words import Names

_WHAT = "F1 over the words"
_COLUMNS = ("F1", "F1 low", "F1 high")


def show_f1(page: Shown) -> None:
    """Draw the F1 of every way on the main set, on the others and by group; for questions only."""
    if page.task.kind != "question_answering":
        return
    texts, album = page.texts.f1, page.found.album
    st.header(texts.title, anchor="f1")
    st.markdown(texts.lead)
    album.draw("results_f1", lambda: _bars(page.main.lines, page.names))
    st.caption(how.caption(page.main))
    scored = [one for one in page.found.results.sets if one.lines]
    groups = {f"{one.title} ({one.rows:,})": one.lines for one in scored}
    if len(groups) > 1:
        album.draw("results_f1_sets", lambda: _dots(groups, page.names))
        st.caption(" ".join(how.caption(one) for one in scored))
    parts = {f"{name} ({part.rows:,})": part.lines for name, part in page.main.groups.items()}
    if parts:
        title = page.main.title[:1].upper() + page.main.title[1:]
        st.markdown(f"**{shell.plain(title)}, in parts**")
        album.draw("results_f1_groups", lambda: _dots(parts, page.names))
        st.caption(how.caption(page.main))
    how.show(page.texts, page.task, scored, page.found.training_seed, "f1")


def _bars(lines: Sequence[Line], names: Names) -> Picture:
    drawn = _by_f1(lines)
    return Picture(
        charts.line_bars(drawn, names, _WHAT),
        told.in_words(_WHAT, drawn, names),
        _table(lines, names),
        _COLUMNS,
    )


def _dots(groups: Mapping[str, Sequence[Line]], names: Names) -> Picture:
    drawn = {name: _by_f1(lines) for name, lines in groups.items()}
    words = (told.in_words(f"{name}: {_WHAT}", lines, names) for name, lines in drawn.items())
    table = pd.concat(
        [_table(lines, names).assign(set=name) for name, lines in groups.items()],
        ignore_index=True,
    )
    return Picture(
        charts.grouped_dots(drawn, names, _WHAT),
        " ".join(words),
        table[["set", *(one for one in table if one != "set")]],
        _COLUMNS,
    )


def _by_f1(lines: Sequence[Line]) -> list[Line]:
    """Return lines that are as long as their F1."""
    return [
        replace(one, score=one.f1, interval95=one.f1_interval95)
        for one in lines
        if one.f1 is not None and one.f1_interval95 is not None
    ]


def _table(lines: Sequence[Line], names: Names) -> pd.DataFrame:
    return charts.line_table(lines, names)[["way", *_COLUMNS]]
