"""Draws the charts of `content/figures/`: one builder a kind, a table and a download for each."""

import json
import textwrap

import altair as alt
import pandas as pd
import streamlit as st

from lib.content.figures import Axis, Figure, figure_data
from lib.content.library import Library
from lib.inference.conditions import ALL_CONDITIONS, Condition
from lib.ui import prose, shell
from lib.ui.charts import bar_axis, labelled_bars
from lib.ui.downloads import offer_csv
from lib.ui.palette import COLOURS, SERIES_COLOURS, chart_text_colour

_SHAPES = ["circle", "square", "triangle-up", "diamond", "cross"]
_DASHES = [[1, 0], [6, 3], [2, 2], [8, 2, 2, 2]]
_ROW = 26
_LINE = 13
_LEGEND = alt.Legend(orient="top", columns=2, labelLimit=0)
_NAME_WIDTH = 26  # characters


def show_figure(figure: Figure, library: Library, key: str = "", heading: bool = False) -> None:
    """Draw a chart with its words, its data as a table and a download."""
    table = _with_names(figure, figure_data(figure))
    if heading:
        st.header(figure.title, anchor=f"figure-{figure.id}")
    else:
        st.markdown(f"**{shell.plain(figure.title)}**")
    prose.show(figure.shows, library)
    value = figure.value
    if figure.choices:
        chosen = st.segmented_control(
            "Show",
            list(figure.choices),
            default=next(iter(figure.choices)),
            required=True,
            format_func=figure.choices.__getitem__,
            key=f"figure_{key}{figure.id}_choice",
        )
        value = Axis(column=str(chosen), title=figure.choices[str(chosen)])
    assert value is not None
    st.altair_chart(
        _chart(figure, table, value),
        width="stretch",
        alt=figure.alt,
        key=f"figure_{key}{figure.id}",
    )
    with st.expander("The data as a table"):
        st.dataframe(table, hide_index=True, width="stretch", alt=f"Data: {figure.title}")
        offer_csv(table.to_csv(index=False), figure.id, f"figure_{key}{figure.id}_csv")
        st.caption(shell.plain(_source(figure)))


def _source(figure: Figure) -> str:
    parts = [f"Findings {', '.join(figure.evidence)}"] if figure.evidence else []
    return f"Source: {'; '.join([*parts, figure.source] if figure.source else parts)}."


def _with_names(figure: Figure, table: pd.DataFrame) -> pd.DataFrame:
    """Call our four conditions by their names."""
    column = figure.category.column if figure.category else None
    if column and set(table[column].astype(str)) <= set(Condition):
        table[column] = [Condition(one).shown_as for one in table[column]]
    return table


def _chart(figure: Figure, table: pd.DataFrame, value: Axis) -> alt.Chart | alt.LayerChart:
    builders = {
        "bars": _bars,
        "ranges": _ranges,
        "dots": _dots,
        "lines": _lines,
        "timeline": _timeline,
    }
    return builders[figure.kind](figure, table, value)


def _bars(figure: Figure, table: pd.DataFrame, value: Axis) -> alt.LayerChart:
    x = bar_axis(table, value.column, value.title, value.format)
    if value.domain:
        x.scale = alt.Scale(domain=list(value.domain))
    bars = (
        alt.Chart(table)
        .mark_bar(height=_ROW * 0.62)
        .encode(
            y=_category(figure, table, value),
            x=x,
            color=_colour(figure, table),
            tooltip=list(table),
        )
    )
    return _sized(labelled_bars(bars, value.column, value.format or "~g"), figure, table)


def _ranges(figure: Figure, table: pd.DataFrame, value: Axis) -> alt.LayerChart:
    assert value.to is not None
    base = alt.Chart(table).encode(
        y=_category(figure, table, value), color=_colour(figure, table), tooltip=list(table)
    )
    rules = base.mark_rule(strokeWidth=5, opacity=0.55).encode(
        x=_quantity(value), x2=alt.X2(value.to)
    )
    low = base.mark_point(filled=True, size=70, opacity=1).encode(
        x=_quantity(value), shape=_shape(figure, table)
    )
    high = base.mark_point(filled=True, size=70, opacity=1).encode(
        x=alt.X(value.to, type="quantitative", title=value.title), shape=_shape(figure, table)
    )
    return _sized(alt.layer(rules, low, high), figure, table)


def _dots(figure: Figure, table: pd.DataFrame, value: Axis) -> alt.LayerChart:
    base = alt.Chart(table).encode(y=_category(figure, table, value), tooltip=list(table))
    dots = base.mark_point(filled=True, size=90, opacity=0.9).encode(
        x=_quantity(value), color=_colour(figure, table), shape=_shape(figure, table)
    )
    return _sized(alt.layer(dots), figure, table)


def _lines(figure: Figure, table: pd.DataFrame, value: Axis) -> alt.LayerChart:
    assert figure.x is not None
    base = alt.Chart(table).encode(
        x=_quantity(figure.x), y=_quantity(value, alt.Y), tooltip=list(table)
    )
    if figure.series is None:
        return alt.layer(base.mark_line(strokeWidth=1.5, color=SERIES_COLOURS[0])).properties(
            height=340
        )
    name = figure.series.column
    lines = base.mark_line(strokeWidth=2.5).encode(
        color=_colour(figure, table),
        strokeDash=alt.StrokeDash(
            name,
            type="nominal",
            scale=alt.Scale(range=_DASHES),
            title=figure.series.title,
            legend=_LEGEND,
        ),
    )
    return alt.layer(lines).properties(height=380)


def _timeline(figure: Figure, table: pd.DataFrame, value: Axis) -> alt.LayerChart:
    base = alt.Chart(table).encode(
        y=_category(figure, table, value),
        x=alt.X(value.column, type="temporal", title=value.title),
        tooltip=list(table),
    )
    dots = base.mark_point(filled=True, size=120, opacity=1).encode(
        color=_colour(figure, table), shape=_shape(figure, table)
    )
    dates = base.mark_text(align="left", dx=10, color=chart_text_colour()).encode(
        text=alt.Text(value.column, type="nominal")
    )
    return _sized(alt.layer(dots, dates), figure, table)


def _category(figure: Figure, table: pd.DataFrame, value: Axis) -> alt.Y:
    assert figure.category is not None
    column = figure.category.column
    if figure.sort == "value":
        order = list(table.sort_values(value.column, ascending=False)[column].unique())
    else:
        order = list(table[column].unique())
    # Long names break their line: on a phone they would leave no room for the chart.
    broken = json.dumps({str(name): textwrap.wrap(str(name), _NAME_WIDTH) for name in order})
    axis = alt.Axis(labelExpr=f"({broken})[datum.label]", labelLimit=0, labelOverlap=False)
    return alt.Y(column, type="nominal", sort=order, title=None, axis=axis)


def _quantity(axis: Axis, channel: type[alt.X] | type[alt.Y] = alt.X) -> alt.X | alt.Y:
    if axis.log:
        scale = alt.Scale(type="log")
    elif axis.domain:
        scale = alt.Scale(domain=list(axis.domain))
    else:
        scale = alt.Scale()
    look = alt.Axis(format=axis.format) if axis.format else alt.Axis()
    return channel(axis.column, type="quantitative", title=axis.title, scale=scale, axis=look)


def _colour(figure: Figure, table: pd.DataFrame) -> alt.Color | alt.ColorValue:
    if figure.series is not None:
        return alt.Color(
            figure.series.column,
            type="nominal",
            title=figure.series.title,
            sort=list(table[figure.series.column].unique()),
            scale=alt.Scale(range=SERIES_COLOURS),
            legend=_LEGEND,
        )
    if figure.category and set(table[figure.category.column]) == {
        c.shown_as for c in ALL_CONDITIONS
    }:
        return alt.Color(
            figure.category.column,
            type="nominal",
            legend=None,
            scale=alt.Scale(
                domain=[one.shown_as for one in ALL_CONDITIONS],
                range=[COLOURS[one] for one in ALL_CONDITIONS],
            ),
        )
    return alt.ColorValue(SERIES_COLOURS[0])


def _shape(figure: Figure, table: pd.DataFrame) -> alt.Shape | alt.ShapeValue:
    if figure.series is None:
        return alt.ShapeValue("circle")
    return alt.Shape(
        figure.series.column,
        type="nominal",
        title=figure.series.title,
        sort=list(table[figure.series.column].unique()),
        scale=alt.Scale(range=_SHAPES),
        legend=_LEGEND,
    )


def _sized(chart: alt.LayerChart, figure: Figure, table: pd.DataFrame) -> alt.LayerChart:
    assert figure.category is not None
    names = table[figure.category.column].unique()
    lines = max(len(textwrap.wrap(str(name), _NAME_WIDTH)) for name in names)
    return chart.properties(height=alt.Step(max(_ROW, lines * _LINE + 8)))
