"""The charts of the results page. Draws nothing: `results_album` does."""

import json
import textwrap
from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

from lib.evaluation.result_lines import Line, Way
from lib.ui.palette import CLASSIC_COLOUR, COLOURS, SERIES_COLOURS, chart_text_colour
from lib.ui.results_words import Names

_COLOUR_OF = {
    **{Way(condition.value): colour for condition, colour in COLOURS.items()},
    Way.CLASSIC: CLASSIC_COLOUR,
}
_SHAPES = ["circle", "square", "triangle-up", "diamond", "cross"]
_NAME_WIDTH = 20  # characters; a phone has no room for more
_ROW = 34
_LABELS = [*SERIES_COLOURS, "#C2A83E", "#8FB8C2", "#D9A3BE", "#B9BF8A", "#C9B3A6"]

Table = pd.DataFrame


def line_table(lines: Sequence[Line], names: Names) -> Table:
    """Return lines as a table, with only those columns that some line fills."""
    rows = [
        {
            "way": one.way.shown_as,
            "reading": names.reading(one.reading),
            "share right": one.score,
            "low": one.interval95[0],
            "high": one.interval95[1],
            "valid answers": one.valid_rate,
            "F1": one.f1,
            "F1 low": one.f1_interval95[0] if one.f1_interval95 else None,
            "F1 high": one.f1_interval95[1] if one.f1_interval95 else None,
            "tokens sent": one.prompt_tokens,
            "tokens written": one.output_tokens,
        }
        for one in lines
    ]
    table = pd.DataFrame(rows)
    return table.loc[:, table.notna().any() & (table != "").any()]


LINE_SHARES = ("share right", "low", "high", "valid answers")


def line_bars(lines: Sequence[Line], names: Names, what: str) -> alt.LayerChart:
    """Return a bar for each line, with its interval and its figure."""
    table = _drawn(lines, names)
    base = alt.Chart(table).encode(y=category("line", list(table["line"])), tooltip=_tooltip(what))
    scale = alt.Scale(domain=[0, 1])
    bars = base.mark_bar(height=18).encode(
        x=alt.X("share:Q", scale=scale, title=what, axis=alt.Axis(format="%")),
        color=_way_colour(table, legend=None),
    )
    whisker = alt.MarkConfig(color=chart_text_colour(), strokeWidth=1.5)  # seen on every bar
    whiskers = base.mark_errorbar(rule=whisker, ticks=whisker).encode(
        x=alt.X("low:Q", scale=scale, title=what), x2="high:Q"
    )
    labels = base.mark_text(align="left", dx=6, fontSize=13, color=chart_text_colour()).encode(
        x=alt.X("high:Q", scale=scale, title=what), text=alt.Text("share:Q", format=".1%")
    )
    return alt.layer(bars, whiskers, labels).properties(height=alt.Step(_ROW))


def grouped_dots(groups: Mapping[str, Sequence[Line]], names: Names, what: str) -> alt.LayerChart:
    """Return dots with intervals, way by way within each group of rows."""
    table = pd.concat([_drawn(lines, names).assign(group=name) for name, lines in groups.items()])
    order = [one.shown_as for one in Way if one.shown_as in set(table["way"])]
    legend = alt.Legend(orient="top", title=None, columns=1, labelLimit=0)
    base = alt.Chart(table).encode(
        y=category("group", list(groups)),
        yOffset=alt.YOffset("way:N", sort=order),
        color=_way_colour(table, legend),
        tooltip=["group", *_tooltip(what)],
    )
    scale = alt.Scale(domain=[0, 1])
    rules = base.mark_rule(strokeWidth=3).encode(
        x=alt.X("low:Q", scale=scale, title=what, axis=alt.Axis(format="%")), x2="high:Q"
    )
    dots = base.mark_point(filled=True, size=80, opacity=1).encode(
        x=alt.X("share:Q", scale=scale, title=what),
        # The same order and legend as the colours', so that both become one legend.
        shape=alt.Shape(
            "way:N", scale=alt.Scale(domain=order, range=_SHAPES[: len(order)]), legend=legend
        ),
    )
    step = alt.Step(max(14 * len(order), _ROW), **{"for": "position"})
    return alt.layer(rules, dots).properties(height=step)


def effect_dots(table: Table, order: Sequence[str], colours: Sequence[str]) -> alt.LayerChart:
    """Return a dot with its interval for each effect (columns: effect, points, low, high)."""
    title = "Points against the plain prompt"
    base = alt.Chart(table).encode(
        y=category("effect", list(order)),
        color=alt.Color(
            "effect:N", scale=alt.Scale(domain=list(order), range=list(colours)), legend=None
        ),
        tooltip=["effect", *(alt.Tooltip(one, format="+.1f") for one in ("points", "low", "high"))],
    )
    rules = base.mark_rule(strokeWidth=4, opacity=0.7).encode(
        x=alt.X("low:Q", title=title), x2="high:Q"
    )
    dots = base.mark_point(filled=True, size=90, opacity=1).encode(x=alt.X("points:Q", title=title))
    labels = base.mark_text(dy=-11, fontSize=12, color=chart_text_colour()).encode(
        x=alt.X("points:Q", title=title),
        text=alt.Text("points:Q", format="+.1f"),
        color=alt.value(chart_text_colour()),
    )
    zero = (
        alt.Chart(pd.DataFrame({"zero": [0]}))
        .mark_rule(color=chart_text_colour(), strokeDash=[4, 3])
        .encode(x="zero:Q")
    )
    return alt.layer(zero, rules, dots, labels).properties(height=alt.Step(_ROW + 4))


def answer_bars(table: Table, labels: Sequence[str], no_label: str) -> alt.Chart:
    """Return stacked shares of answers (columns: line, answer, rows, share)."""
    colours = [
        chart_text_colour() if one == no_label else _LABELS[place % len(_LABELS)]
        for place, one in enumerate(labels)
    ]
    place = {name: number for number, name in enumerate(labels)}
    return (
        alt.Chart(table.assign(place=table["answer"].map(place)))
        .mark_bar(height=22)
        .encode(
            y=category("line", list(dict.fromkeys(table["line"]))),
            x=alt.X(
                "share:Q",
                stack="zero",
                title="Share of the answers",
                axis=alt.Axis(format="%"),
                scale=alt.Scale(domain=[0, 1]),
            ),
            color=alt.Color(
                "answer:N",
                scale=alt.Scale(domain=list(labels), range=colours),
                legend=alt.Legend(orient="top", title=None, columns=1, labelLimit=0),
            ),
            order=alt.Order("place:Q"),
            tooltip=["line", "answer", "rows", alt.Tooltip("share", format=".1%")],
        )
        .properties(height=alt.Step(_ROW))
    )


def token_bars(table: Table) -> alt.Chart:
    """Return stacked bars of tokens (columns: way, kind, tokens)."""
    return (
        alt.Chart(table)
        .mark_bar(height=20)
        .encode(
            y=category("way", list(dict.fromkeys(table["way"]))),
            x=alt.X("tokens:Q", stack="zero", title="Mean tokens a call"),
            color=alt.Color(
                "kind:N",
                sort=["sent", "written"],
                scale=alt.Scale(domain=["sent", "written"], range=SERIES_COLOURS[:2]),
                legend=alt.Legend(orient="top", title=None),
            ),
            order=alt.Order("kind:N"),
            tooltip=["way", "kind", alt.Tooltip("tokens", format=",.1f")],
        )
        .properties(height=alt.Step(_ROW))
    )


def second_dots(table: Table) -> alt.LayerChart:
    """Return median seconds with the span of the middle four fifths of the calls."""
    title = "Seconds a call, logarithmic"
    axis = alt.X("median:Q", title=title, scale=alt.Scale(type="log"))
    base = alt.Chart(table).encode(
        y=category("way", list(table["way"])),
        color=_way_colour(table, legend=None),
        tooltip=list(table),
    )
    rules = base.mark_rule(strokeWidth=4, opacity=0.7).encode(
        x=alt.X("p10:Q", title=title, scale=alt.Scale(type="log")), x2="p90:Q"
    )
    dots = base.mark_point(filled=True, size=90, opacity=1).encode(x=axis)
    return alt.layer(rules, dots).properties(height=alt.Step(_ROW))


def way_colour(way: Way) -> str:
    """Return a way's colour."""
    return _COLOUR_OF[way]


def _drawn(lines: Sequence[Line], names: Names) -> Table:
    return pd.DataFrame(
        [
            {
                "line": names.line(one),
                "way": one.way.shown_as,
                "share": one.score,
                "low": one.interval95[0],
                "high": one.interval95[1],
            }
            for one in lines
        ]
    )


def _tooltip(what: str) -> list[str | alt.Tooltip]:
    return [
        "line",
        alt.Tooltip("share", format=".1%", title=what),
        alt.Tooltip("low", format=".1%", title="95% interval, low end"),
        alt.Tooltip("high", format=".1%", title="high end"),
    ]


def _way_colour(table: Table, legend: alt.Legend | None) -> alt.Color:
    shown = set(table["way"])
    ways = [one for one in Way if one.shown_as in shown]
    return alt.Color(
        "way:N",
        scale=alt.Scale(
            domain=[one.shown_as for one in ways], range=[_COLOUR_OF[one] for one in ways]
        ),
        legend=legend,
    )


def category(column: str, order: Sequence[str]) -> alt.Y:
    """Return an axis of names in this order, long ones on several lines."""
    lines = {name: _broken(name) for name in order}
    axis = alt.Axis(
        labelExpr=f"({json.dumps(lines)})[datum.label]",
        labelLimit=0,
        labelOverlap=False,
        # Vega puts the first line beside the bar, not the middle of several.
        labelOffset=-5 if max(map(len, lines.values()), default=1) > 1 else 0,
    )
    return alt.Y(column, type="nominal", sort=list(order), title=None, axis=axis)


def _broken(name: str) -> list[str]:
    """Return a name in lines: the reading below the way, and no line too long."""
    return [line for part in name.split(", ", 1) for line in textwrap.wrap(part, _NAME_WIDTH)]
