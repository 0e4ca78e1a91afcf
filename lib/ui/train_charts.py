"""The charts of the train page: how the training goes, and how the ways scored."""

from collections.abc import Sequence

import altair as alt
import pandas as pd
import streamlit as st

from lib.content.page_texts import JobText
from lib.evaluation import result_lines
from lib.inference.conditions import Condition
from lib.ui import results_charts
from lib.ui.palette import COLOURS, SERIES_COLOURS, chart_text_colour
from lib.ui.results_album import Picture
from lib.verdict.diary import Looked, Progress
from lib.verdict.facts import Score, Way

_HEIGHT = 220
_ROW = 38
_SHARES = ("share", "low", "high", "F1")


def show_course(texts: JobText, progress: Progress) -> None:
    """Draw the loss, and beside it the looks at the validation rows."""
    left, right = st.columns(2)
    first, last = progress.steps[0], progress.steps[-1]
    with left:
        st.markdown(f"**{texts.loss}**")
        st.altair_chart(
            _loss_chart(progress),
            width="stretch",
            alt=f"{texts.loss}: {first.loss:.2f} at step {first.number}, {last.loss:.2f} at step "
            f"{last.number} of {last.of}.",
            key="train_loss",
        )
    with right:
        st.markdown(f"**{texts.looks}**")
        if not progress.looks:
            st.caption(texts.looks_none)
            return
        told = "; ".join(f"{one.right} of {one.rows} at step {one.step}" for one in progress.looks)
        st.altair_chart(
            _looks_chart(progress.looks, last.of),
            width="stretch",
            alt=f"{texts.looks}: {told}.",
            key="train_looks",
        )


def _loss_chart(progress: Progress) -> alt.Chart:
    table = pd.DataFrame([{"step": one.number, "loss": one.loss} for one in progress.steps])
    return (
        alt.Chart(table)
        .mark_line(strokeWidth=1.5, color=SERIES_COLOURS[0], point=len(table) == 1)
        .encode(
            x=_steps(progress.steps[-1].of),
            y=alt.Y("loss:Q", title=None, scale=alt.Scale(domainMin=0)),
            tooltip=["step", alt.Tooltip("loss", format=".3f")],
        )
        .properties(height=_HEIGHT)
    )


def _looks_chart(looks: Sequence[Looked], of: int) -> alt.Chart:
    table = pd.DataFrame(
        [
            {"step": one.step, "share": one.right / one.rows, "right": one.right, "rows": one.rows}
            for one in looks
        ]
    )
    return (
        alt.Chart(table)
        .mark_line(
            strokeWidth=2,
            color=COLOURS[Condition.LORA],
            point=alt.OverlayMarkDef(size=60, filled=True, color=COLOURS[Condition.LORA]),
        )
        .encode(
            x=_steps(of),
            y=alt.Y(
                "share:Q",
                title=None,
                scale=alt.Scale(domain=[0, 1]),
                axis=alt.Axis(format="%"),
            ),
            tooltip=["step", "right", "rows", alt.Tooltip("share", format=".0%")],
        )
        .properties(height=_HEIGHT)
    )


def _steps(of: int) -> alt.X:
    return alt.X("step:Q", title="Step", scale=alt.Scale(domain=[0, of], nice=False))


# ---------------------------------------------------------------------------- ways


def ways_picture(scores: Sequence[Score], rows: int, what: str) -> Picture:
    """Return the ways as dots with their 95% intervals, with words and table."""
    table = pd.DataFrame([_row(one, rows) for one in scores])
    table = table.loc[:, table.notna().any()]
    told = "; ".join(
        f"{one.way.shown_as} {one.accuracy:.0%} ({one.interval95[0]:.0%} to "
        f"{one.interval95[1]:.0%})"
        for one in scores
    )
    drawn = [(one.way, one.accuracy, *one.interval95) for one in scores]
    return Picture(_dots(drawn, what), f"{what}, with 95% intervals: {told}.", table, _SHARES)


def f1_picture(scores: Sequence[Score], what: str) -> Picture | None:
    """Return the same for F1; None where the kind of task has none."""
    drawn = [
        (one.way, one.f1, *one.f1_interval95)
        for one in scores
        if one.f1 is not None and one.f1_interval95
    ]
    if not drawn:
        return None
    table = pd.DataFrame(
        [{"way": way.shown_as, "F1": f1, "low": low, "high": high} for way, f1, low, high in drawn]
    )
    told = "; ".join(
        f"{way.shown_as} {f1:.0%} ({low:.0%} to {high:.0%})" for way, f1, low, high in drawn
    )
    return Picture(_dots(drawn, what), f"{what}, with 95% intervals: {told}.", table, _SHARES)


def _row(score: Score, rows: int) -> dict[str, str | float | int | None]:
    return {
        "way": score.way.shown_as,
        "right": score.right,
        "rows": rows,
        "share": score.accuracy,
        "low": score.interval95[0],
        "high": score.interval95[1],
        "F1": score.f1,
        "prompt tokens": round(score.mean_prompt_tokens, 1),
        "written tokens": round(score.mean_output_tokens, 1),
    }


def _dots(drawn: Sequence[tuple[Way, float, float, float]], what: str) -> alt.LayerChart:
    names = [way.shown_as for way, *_ in drawn]
    table = pd.DataFrame(
        [
            {"line": way.shown_as, "share": at, "low": low, "high": high}
            for way, at, low, high in drawn
        ]
    )
    colour = alt.Color(
        "line:N",
        scale=alt.Scale(domain=names, range=[_colour(way) for way, *_ in drawn]),
        legend=None,
    )
    scale = alt.Scale(domain=[0, 1])
    base = alt.Chart(table).encode(
        y=results_charts.category("line", names),
        color=colour,
        tooltip=[
            "line",
            alt.Tooltip("share", format=".1%", title=what),
            alt.Tooltip("low", format=".1%", title="95% interval, low end"),
            alt.Tooltip("high", format=".1%", title="high end"),
        ],
    )
    rules = base.mark_rule(strokeWidth=4, opacity=0.7).encode(
        x=alt.X("low:Q", scale=scale, title=what, axis=alt.Axis(format="%")), x2="high:Q"
    )
    dots = base.mark_point(filled=True, size=90, opacity=1).encode(
        x=alt.X("share:Q", scale=scale, title=what)
    )
    labels = base.mark_text(dy=-11, fontSize=12).encode(
        x=alt.X("share:Q", scale=scale, title=what),
        text=alt.Text("share:Q", format=".0%"),
        color=alt.value(chart_text_colour()),
    )
    return alt.layer(rules, dots, labels).properties(height=alt.Step(_ROW))


def _colour(way: Way) -> str:
    return results_charts.way_colour(result_lines.Way(way.removesuffix("_score")))
