"""Shares as dots with intervals, several in each group, for what is no way to a task's answer."""

from collections.abc import Mapping

import altair as alt
import pandas as pd

from lib.ui.results_charts import category

_SHAPES = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down"]
_ROW = 34
_DOT = 14


def share_dots(table: pd.DataFrame, colours: Mapping[str, str], what: str) -> alt.LayerChart:
    """Return a dot for each row (columns: group, series, share, low, high).

    Groups stand in the order of the table, the series in that of their colours. A single series
    needs no legend.
    """
    order = list(colours)
    legend = (
        alt.Legend(orient="top", title=None, columns=1, labelLimit=0) if len(order) > 1 else None
    )
    base = alt.Chart(table).encode(
        y=category("group", list(dict.fromkeys(table["group"]))),
        color=alt.Color(
            "series:N", scale=alt.Scale(domain=order, range=list(colours.values())), legend=legend
        ),
        tooltip=["group", "series", *_shares(what)],
    )
    dots_a_group = int(table.groupby("group").size().max())
    if dots_a_group > 1:
        base = base.encode(yOffset=alt.YOffset("series:N", sort=order))
    scale = alt.Scale(domain=[0, 1])
    rules = base.mark_rule(strokeWidth=3).encode(
        x=alt.X("low:Q", scale=scale, title=what, axis=alt.Axis(format="%")), x2="high:Q"
    )
    dots = base.mark_point(filled=True, size=80, opacity=1).encode(
        x=alt.X("share:Q", scale=scale, title=what),
        # The same order and legend as the colours', so that both become one legend.
        shape=alt.Shape(
            "series:N", scale=alt.Scale(domain=order, range=_SHAPES[: len(order)]), legend=legend
        ),
    )
    step = alt.Step(max(_DOT * dots_a_group, _ROW), **{"for": "position"})
    return alt.layer(rules, dots).properties(height=step)


def share_words(table: pd.DataFrame, what: str) -> str:
    """Return such a table in words; up to the colon they name the picture."""
    parts = [
        f"{name}, " + ", ".join(_told(row) for _, row in of_group.iterrows())
        for name, of_group in table.groupby("group", sort=False)
    ]
    return f"{what}, with 95% intervals: {'; '.join(parts)}."


def _told(row: pd.Series) -> str:
    return f"{row['series']} {row['share']:.1%} ({row['low']:.1%} to {row['high']:.1%})"


def _shares(what: str) -> list[alt.Tooltip]:
    return [
        alt.Tooltip("share", format=".1%", title=what),
        alt.Tooltip("low", format=".1%", title="95% interval, low end"),
        alt.Tooltip("high", format=".1%", title="high end"),
    ]
