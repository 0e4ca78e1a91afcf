"""The estimator's charts, each with words and its data as a table beside it."""

from collections.abc import Sequence
from decimal import Decimal

import altair as alt
import pandas as pd
import streamlit as st

from lib.estimator.amounts import shown, usd
from lib.estimator.breakeven import LinePoint
from lib.estimator.learning_curve import LearningCurve
from lib.estimator.tornado import Bar, Tornado
from lib.ui.downloads import offer_csv
from lib.ui.palette import SERIES_COLOURS, chart_text_colour

_MOST_BARS = 10
_STEP = 30
_LABEL = alt.Axis(labelLimit=260)
_LINES = alt.Legend(
    orient="top",
    title=None,
    labelLimit=0,
    symbolType="stroke",
    symbolOpacity=1,
    symbolStrokeWidth=3,
)
_LEGEND = alt.Legend(orient="top", title=None, labelLimit=0, columns=3)


def show_chart(
    chart: alt.Chart | alt.LayerChart, words: str, table: pd.DataFrame, key: str
) -> None:
    """Draw a chart that `words` describe, and offer its data as a table and a file."""
    st.altair_chart(chart, width="stretch", alt=words, key=key)
    with st.expander("The data as a table", key=f"{key}_table"):
        st.dataframe(table, hide_index=True, width="stretch", alt=f"Data of the chart: {words}")
        offer_csv(table.to_csv(index=False), key, f"{key}_csv")


def show_cost_lines(points: Sequence[LinePoint], bands: bool = True) -> None:
    """Draw what each route has cost in all, month by month, with its band or without."""
    table = pd.DataFrame(
        [
            {
                "route": one.route,
                "month": one.month,
                "low $": round(float(one.low), 2),
                "likely $": round(float(one.likely), 2),
                "high $": round(float(one.high), 2),
            }
            for one in points
        ]
    )
    routes = list(table["route"].unique())
    colour = alt.Color(
        "route:N", scale=alt.Scale(domain=routes, range=SERIES_COLOURS), legend=_LINES
    )
    months = alt.Scale(domain=[0, points[-1].month], nice=False)
    base = alt.Chart(table).encode(
        x=alt.X("month:Q", title="Months", scale=months, axis=alt.Axis(tickMinStep=6)),
        color=colour,
    )
    axis = alt.Axis(format="$~s")
    band = base.mark_area(opacity=0.18).encode(
        y=alt.Y("low $:Q", title="Cost in all", axis=axis), y2="high $:Q"
    )
    line = base.mark_line(strokeWidth=2.5).encode(
        y=alt.Y("likely $:Q", title="Cost in all", axis=axis),
        strokeDash=alt.StrokeDash(
            "route:N", scale=alt.Scale(domain=routes, range=[[1, 0], [6, 3]]), legend=_LINES
        ),
        tooltip=list(table),
    )
    last = [one for one in points if one.month == points[-1].month]
    words = "; ".join(
        f"{one.route} {usd(one.likely)} ({usd(one.low)} to {usd(one.high)})" for one in last
    )
    show_chart(
        alt.layer(*([band] if bands else []), line).properties(height=340),
        f"Cost in all after {points[-1].month} months: {words}.",
        table,
        "estimator_lines",
    )


def show_tornado(found: Tornado) -> None:
    """Draw how far each amount moves the result, the one that matters most on top."""
    months = found.measure == "months"
    title = "Months to break even" if months else "Saved in the first year"
    rows, ends = [], []
    for one in found.bars:
        low, high = _ends(one, months)
        rows.append(
            {
                "amount": one.label,
                "its low": float(one.low),
                "its high": float(one.high),
                "months at low": _float(one.months_at_low),
                "months at high": _float(one.months_at_high),
                "saved in the first year at low $": round(float(one.saving_at_low), 2),
                "saved in the first year at high $": round(float(one.saving_at_high), 2),
            }
        )
        for end, value, at in (("low", low, one.low), ("high", high, one.high)):
            ends.append({"amount": one.label, "end": end, "result": value, "value": shown(at)})
    likely = float((found.likely_months or 0) if months else found.likely_saving)
    drawn = pd.DataFrame(ends[: 2 * _MOST_BARS]).assign(likely=likely)
    order = list(drawn["amount"].unique())
    bars = (
        alt.Chart(drawn)
        .mark_bar(height=16)
        .encode(
            y=alt.Y("amount:N", sort=order, title=None, axis=_LABEL),
            x=alt.X("likely:Q", title=title, axis=alt.Axis(format="~g" if months else "$~s")),
            x2="result:Q",
            color=alt.Color(
                "end:N",
                scale=alt.Scale(domain=["low", "high"], range=SERIES_COLOURS),
                legend=_LEGEND,
            ),
            tooltip=["amount", "end", "value", alt.Tooltip("result", format=",.2f", title=title)],
        )
    )
    rule = (
        alt.Chart(pd.DataFrame({"likely": [likely]}))
        .mark_rule(color=chart_text_colour(), strokeDash=[4, 3])
        .encode(x="likely:Q")
    )
    first = found.bars[0]
    low, high = _ends(first, months)
    show_chart(
        alt.layer(bars, rule).properties(height=alt.Step(_STEP)),
        f"{title}, each amount at its low and its high. {found.says} From {_result(low, months)} at "
        f"{shown(first.low)} to {_result(high, months)} at {shown(first.high)}.",
        pd.DataFrame(rows),
        "estimator_tornado",
    )


def show_parts(parts_gb: dict[str, float], peak: str, words: str) -> None:
    """Draw the parts of the memory at its peak, one on top of the other."""
    table = pd.DataFrame(
        [{"part": name, "GB": round(size, 3)} for name, size in parts_gb.items() if size > 0]
    )
    order = list(table.sort_values("GB", ascending=False)["part"])
    table["place"] = table["part"].map(order.index)
    bar = (
        alt.Chart(table.assign(peak=peak))
        .mark_bar(height=44)
        .encode(
            x=alt.X("GB:Q", stack="zero", title="GB (1e9 bytes)"),
            y=alt.Y("peak:N", title=None, axis=None),
            color=alt.Color(
                "part:N",
                sort=order,
                scale=alt.Scale(domain=order, range=_PARTS[: len(order)]),
                legend=alt.Legend(orient="bottom", title=None, columns=3, labelLimit=0),
            ),
            order=alt.Order("place:Q"),
            tooltip=["part", "GB"],
        )
    )
    show_chart(
        bar.properties(height=alt.Step(60)),
        words,
        table.drop(columns="place"),
        "estimator_memory_parts",
    )


_PARTS = [*SERIES_COLOURS, "#C2A83E", "#8FB8C2", "#D9A3BE", "#B9BF8A", "#C9B3A6"]


def show_curve(curve: LearningCurve) -> None:
    """Draw measured scores, and what they promise with its band."""
    table = pd.DataFrame(curve.chart_rows())
    base = alt.Chart(table).encode(
        x=alt.X("rows:Q", title="Training rows", scale=alt.Scale(type="log")),
        tooltip=["kind", "rows", "score", "low", "high"],
    )
    title, scale = curve.measure.capitalize(), alt.Scale(zero=False)
    score = alt.Y("score:Q", title=title, scale=scale)
    drawn = base.transform_filter("datum.kind == 'likely'")
    band = drawn.mark_area(opacity=0.22, color=SERIES_COLOURS[0]).encode(
        y=alt.Y("low:Q", title=title, scale=scale), y2="high:Q"
    )
    line = drawn.mark_line(strokeDash=[6, 3], color=SERIES_COLOURS[0]).encode(y=score)
    dots = (
        base.transform_filter("datum.kind == 'measured'")
        .mark_point(filled=True, size=90, opacity=1, color=SERIES_COLOURS[1])
        .encode(y=score)
    )
    words = "; ".join(
        f"{one.rows:,} rows {shown(one.likely)} ({shown(one.low)} to {shown(one.high)})"
        for one in curve.points
    )
    show_chart(
        alt.layer(band, line, dots).properties(height=320),
        f"Measured {curve.measure} and what it promises: {words}.",
        table,
        "estimator_curve",
    )


def _ends(one: Bar, months: bool) -> tuple[float, float]:
    if months:
        return float(one.months_at_low or 0), float(one.months_at_high or 0)
    return float(one.saving_at_low), float(one.saving_at_high)


def _result(value: float, months: bool) -> str:
    return f"{value:,.1f} months" if months else usd(Decimal(str(round(value, 2))))


def _float(value: Decimal | None) -> float | None:
    return None if value is None else round(float(value), 2)
