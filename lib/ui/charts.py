"""Charts drawn from measured figures, each with words and a table beside it."""

from collections.abc import Mapping

import altair as alt
import pandas as pd
import streamlit as st

from lib.evaluation.condition_scores import ConditionScore
from lib.inference.conditions import ALL_CONDITIONS, Condition
from lib.ui.downloads import offer_csv
from lib.ui.palette import COLOURS, chart_text_colour

_PERCENT = ".1%"
_WHISKER = alt.MarkConfig(color="#8A9199", strokeWidth=2)  # stands out from light and dark


def score_table(scores: Mapping[Condition, ConditionScore]) -> pd.DataFrame:
    """Return the figures as a table, one row a condition, shares from 0 to 1."""
    return pd.DataFrame(
        [
            {
                "condition": condition.shown_as,
                "score": scores[condition].score,
                "low": scores[condition].interval95[0],
                "high": scores[condition].interval95[1],
                "valid answers": scores[condition].valid_rate,
                "F1": scores[condition].f1,
                "prompt tokens": scores[condition].mean_prompt_tokens,
                "output tokens": scores[condition].mean_output_tokens,
            }
            for condition in ALL_CONDITIONS
            if condition in scores
        ]
    )


def show_scores(scores: Mapping[Condition, ConditionScore], what: str, key: str) -> None:
    """Draw the shares with their 95% intervals, and offer the figures as a table."""
    table = score_table(scores)
    st.altair_chart(_score_chart(table, what), width="stretch", alt=_in_words(table, what), key=key)
    with st.expander("The figures as a table"):
        shares = ["score", "low", "high", "valid answers"]
        st.dataframe(
            table,
            hide_index=True,
            width="stretch",
            alt=f"{what}: figures by condition",
            column_config={
                **{name: st.column_config.NumberColumn(format="percent") for name in shares},
                "F1": st.column_config.NumberColumn(format="%.3f"),
                "prompt tokens": st.column_config.NumberColumn(format="%.0f"),
                "output tokens": st.column_config.NumberColumn(format="%.0f"),
            },
        )
        offer_csv(table.to_csv(index=False), key, f"{key}_csv")


def labelled_bars(bars: alt.Chart, column: str, format: str = "~g") -> alt.LayerChart:
    """Return horizontal bars with their values behind the ends, also where they point to the left."""
    text = alt.Text(column, type="quantitative", format=format)
    plain = bars.encode(color=alt.value(chart_text_colour()), text=text)
    right = plain.mark_text(dx=4, align="left").transform_filter(alt.datum[column] >= 0)
    left = plain.mark_text(dx=-4, align="right").transform_filter(alt.datum[column] < 0)
    return alt.layer(bars, right, left)


def bar_axis(table: pd.DataFrame, column: str, title: str, format: str = "") -> alt.X:
    """Return the axis of such bars, with room for labels to the left where some are below zero."""
    scale = alt.Scale(padding=_LABEL_WIDTH) if table[column].min() < 0 else alt.Scale()
    axis = alt.Axis(format=format) if format else alt.Axis()
    return alt.X(column, type="quantitative", title=title, scale=scale, axis=axis)


_LABEL_WIDTH = 36


def _score_chart(table: pd.DataFrame, what: str) -> alt.LayerChart:
    order = [condition.shown_as for condition in ALL_CONDITIONS]
    base = alt.Chart(table).encode(
        y=alt.Y("condition:N", sort=order, title=None, axis=alt.Axis(labelLimit=200)),
        tooltip=[
            "condition",
            alt.Tooltip("score", format=_PERCENT, title=what),
            alt.Tooltip("low", format=_PERCENT, title="95% interval, low end"),
            alt.Tooltip("high", format=_PERCENT, title="high end"),
        ],
    )
    scale = alt.Scale(domain=[0, 1])
    bars = base.mark_bar(height=18).encode(
        x=alt.X("score:Q", scale=scale, title=what, axis=alt.Axis(format="%")),
        color=alt.Color(
            "condition:N",
            scale=alt.Scale(domain=order, range=[COLOURS[one] for one in ALL_CONDITIONS]),
            legend=None,
        ),
    )
    intervals = base.mark_errorbar(rule=_WHISKER, ticks=_WHISKER).encode(
        x=alt.X("low:Q", scale=scale, title=what), x2="high:Q"
    )
    labels = base.mark_text(align="left", dx=8, fontSize=13, color=chart_text_colour()).encode(
        x=alt.X("high:Q", scale=scale, title=what), text=alt.Text("score:Q", format=_PERCENT)
    )
    return alt.layer(bars, intervals, labels).properties(height=190)


def _in_words(table: pd.DataFrame, what: str) -> str:
    parts = [
        f"{row.condition} {row.score:.1%} ({row.low:.1%} to {row.high:.1%})"
        for row in table.itertuples()
    ]
    return f"{what}, with 95% intervals: {'; '.join(parts)}."
