"""How well the estimate of memory agrees with published measurements: shown, the bad stacks too."""

import altair as alt
import pandas as pd
import streamlit as st

from lib.estimator.validate import Checked, Validation, validate
from lib.ui.downloads import offer_csv
from lib.ui.palette import SERIES_COLOURS, chart_text_colour

_KINDS = ("comparable, one GPU", "comparable, sharded", "other stacks")


def show() -> None:
    """Draw the section; the figures are computed once a server."""
    st.header("How well it agrees with measurements", anchor="validation")
    found = validate()
    best = found.comparable
    st.markdown(
        f"On {best.cases} published runs on one GPU, of the two stacks whose settings are known in full, "
        f"the median error is **{best.median_error:.1%}** and nine tenths are within "
        f"**{best.p90_error:.1%}**; {best.coverage:.0%} lie in the range. A run's range comes from other "
        "sources only, or from other families of models where one source is all there is. The estimate "
        "counts bytes and copies; one constant, for FSDP with adapters, is measured. These runs were in "
        "view while the terms were worked out, so this is no blind test. Runs of other stacks than these "
        "miss by more: docs/estimator.md says by how much, and why."
    )
    checked = st.expander(
        "Every measurement beside its estimate", on_change="rerun", key="mem_checked"
    )
    if checked.open:
        with checked:
            _show_details(found)


def _show_details(found: Validation) -> None:
    table = _table(found)
    st.altair_chart(
        _chart(table),
        width="stretch",
        alt=(
            f"Estimated against measured peak memory of {len(table)} runs, both on logarithmic axes. "
            "Comparable runs lie on the diagonal, some of the other stacks far from it."
        ),
        key="mem_scatter",
    )
    st.caption(
        "The line is where both agree. Other stacks keep more tensors, pad less or shard in ways "
        "that are not known; their errors stand below, and no range is promised for them."
    )
    stacks = [found.comparable, found.comparable_sharded, *found.by_stack]
    st.dataframe(
        pd.DataFrame(
            {
                "stack": one.name,
                "runs": one.cases,
                "median error": one.median_error,
                "90th percentile": one.p90_error,
                "mean, signed": one.mean_error,
                "in range": one.coverage,
            }
            for one in stacks
        ),
        hide_index=True,
        width="stretch",
        alt="Errors by stack and method",
        column_config={
            name: st.column_config.NumberColumn(format="percent")
            for name in ("median error", "90th percentile", "mean, signed", "in range")
        },
    )
    offer_csv(
        table.to_csv(index=False),
        "memory_validation",
        "mem_validation_csv",
        label="Download every run as CSV",
    )
    st.caption(
        "Computed by `python -m lib.estimator.validate` from content/facts/measured_cases.csv."
    )


def _table(found: Validation) -> pd.DataFrame:
    kinds = zip(_KINDS, (found.checked, found.sharded, found.others), strict=True)
    return pd.DataFrame([_row(one, kind) for kind, checked in kinds for one in checked])


def _row(one: Checked, kind: str) -> dict[str, str | float]:
    return {
        "run": one.case.id,
        "model": one.case.model,
        "method": one.case.method,
        "kind": kind,
        "measured GB": round(one.measured_gb, 3),
        "estimated GB": round(one.estimated_gb, 3),
        "low GB": round(one.low_gb, 3),
        "high GB": round(one.high_gb, 3),
        "error": round(one.error, 4),
        "source": one.case.url,
    }


def _chart(table: pd.DataFrame) -> alt.LayerChart:
    scale = alt.Scale(type="log", domain=[1, 200])
    dots = (
        alt.Chart(table)
        .mark_point(filled=True, size=45, opacity=0.75)
        .encode(
            x=alt.X("measured GB", type="quantitative", scale=scale, title="Measured, GB"),
            y=alt.Y("estimated GB", type="quantitative", scale=scale, title="Estimated, GB"),
            color=alt.Color(
                "kind",
                type="nominal",
                title=None,
                sort=list(_KINDS),
                scale=alt.Scale(range=SERIES_COLOURS),
                legend=alt.Legend(orient="top"),
            ),
            shape=alt.Shape("kind", type="nominal", title=None, sort=list(_KINDS)),
            tooltip=list(table.columns),
        )
    )
    line = (
        alt.Chart(pd.DataFrame({"x": [1, 200], "y": [1, 200]}))
        .mark_line(strokeDash=[4, 4], color=chart_text_colour(), opacity=0.6)
        .encode(
            x=alt.X("x", type="quantitative", scale=scale),
            y=alt.Y("y", type="quantitative", scale=scale),
        )
    )
    return alt.layer(line, dots).properties(height=460)
