"""Memory: the peak of a training step, the GPUs that have it, and what to change if none does."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
import streamlit as st

from lib.content.estimator_texts import MemoryText
from lib.estimator.export import Report
from lib.estimator.fit import (
    CONTEXT_GB,
    RESERVE_SHARE,
    GpuFit,
    Knob,
    cheapest_knobs,
    gpu_fits,
    largest_batch,
    longest_sequence,
)
from lib.estimator.measured import Nearest, nearest_cases
from lib.estimator.memory import estimate_memory
from lib.estimator.memory_inputs import MemoryInputs
from lib.estimator.memory_range import memory_range
from lib.ui import (
    estimator_assumptions,
    estimator_charts,
    estimator_export,
    estimator_reports,
    estimator_serving_view,
    shell,
)
from lib.ui.case import Estimate, estimate_of
from lib.ui.estimator_memory_form import ask_run

_VERDICTS = {
    "fits": "it fits, the high end too.",
    "tight": "it likely fits; at the high end of the range it does not.",
    "does not fit": "it doesn't fit.",
}


def show(texts: MemoryText) -> Estimate | None:
    """Draw this part of the page, and return what it found."""
    st.markdown(texts.lead)
    # On a phone the result stands far below the fields, so its sentence comes first.
    verdict = st.empty()
    questions, result = st.columns([2, 3], gap="large")
    with questions:
        inputs, gpu = ask_run()
    if inputs is None:
        return None
    with result:
        sentence, report = _show_result(inputs, gpu, texts)
        verdict.markdown(f"**{shell.plain(sentence)}**")
    serving = estimator_serving_view.show(inputs.shape, gpu)
    st.header("Take it with you", anchor="take-memory")
    whole = replace(report, lines=(*report.lines, *serving))
    estimator_export.show_downloads(whole, "estimator_memory")
    return estimate_of("memory", sentence, whole)


# ---------------------------------------------------------------------------- result


def _show_result(inputs: MemoryInputs, gpu: str, texts: MemoryText) -> tuple[str, Report]:
    """Draw the result, and return it in a sentence and for an export."""
    estimate = estimate_memory(inputs)
    span = memory_range(estimate)
    st.header("The peak")
    told = f"{estimate.peak_gb:.1f} GB, between {span.low_gb:.1f} and {span.high_gb:.1f} GB, on one GPU."
    st.caption(
        shell.plain(
            f"The peak comes at this moment of a step: {estimate.peak.name}. The range: "
            f"{span.basis}. A process needs about {RESERVE_SHARE:.0%} and {CONTEXT_GB:g} GB more; "
            "the room below allows for it."
        )
    )
    words = ", ".join(
        f"{name} {size:.2f} GB"
        for name, size in sorted(estimate.parts_gb.items(), key=lambda one: -one[1])
    )
    estimator_charts.show_parts(
        estimate.parts_gb, estimate.peak.name, f"Parts of the {estimate.peak_gb:.1f} GB: {words}."
    )
    fits = gpu_fits(estimate)
    _show_gpus(fits)
    fit = next(one for one in fits if one.gpu.name == gpu)
    most, knobs = _show_room(inputs, fit)
    nearest = nearest_cases(inputs)
    _show_nearest(nearest)
    taken = estimator_assumptions.of_memory(estimate, span, fit.gpu, texts.assumptions)
    estimator_assumptions.show(taken, "g_assumptions")
    report = estimator_reports.memory_report(estimate, span, fits, most, knobs, nearest, taken)
    words = f"{inputs.shape.name}: {told} On one {gpu}: {_VERDICTS[fit.verdict]}"
    return words, report


def _show_gpus(fits: Sequence[GpuFit]) -> None:
    st.header("Which GPUs have room")
    smallest = next((one for one in fits if one.verdict == "fits"), None)
    if smallest is None:
        st.markdown("**No single GPU of the table has room for all of the range.**")
    else:
        st.markdown(f"**The smallest with room for all of the range: {smallest.gpu.name}.**")
    table = pd.DataFrame(
        [
            {
                "GPU": one.gpu.name,
                "GB on the box": one.gpu.memory_gb,
                "verdict": one.verdict,
                "room, GB": one.room_gb,
                "room at the high end, GB": one.room_at_high_gb,
            }
            for one in fits
        ]
    )
    st.dataframe(
        table,
        hide_index=True,
        width="stretch",
        height=300,
        alt="GPUs and their room, the smallest first",
        column_config={
            name: st.column_config.NumberColumn(format="%.1f")
            for name in ("room, GB", "room at the high end, GB")
        },
    )


def _show_room(inputs: MemoryInputs, fit: GpuFit) -> tuple[list[tuple[str, int]], tuple[Knob, ...]]:
    """Draw what fits on one GPU, and return that and the changes after which it would fit."""
    gpu = fit.gpu
    st.header(shell.plain(f"On the {gpu.name}"))
    st.markdown(
        f"**{_VERDICTS[fit.verdict].capitalize()}** Room: {fit.room_gb:.1f} GB, at the high end "
        f"{fit.room_at_high_gb:.1f} GB."
    )
    batch, length = largest_batch(inputs, gpu), longest_sequence(inputs, gpu)
    most = [
        (f"largest batch on {gpu.name}", batch),
        (f"longest sequence on {gpu.name}", length),
    ]
    if batch:
        st.markdown(
            f"- Largest batch with {inputs.seq_len:,} tokens: **{batch:,}**\n"
            f"- Longest sequence with a batch of {inputs.batch_size:,}: **{length:,} tokens**"
        )
    if fit.verdict != "does not fit":
        return most, ()
    turned = cheapest_knobs(inputs, gpu)
    if not turned:
        st.markdown("No change that we know makes it fit.")
        return most, ()
    st.markdown("The cheapest change:" if len(turned) == 1 else "The cheapest changes, together:")
    st.markdown(
        "\n".join(
            f"- **{shell.plain(one.name)}**: {one.peak_gb:.1f} GB then; costs "
            f"{shell.plain(one.costs)}"
            for one in turned
        )
    )
    return most, turned


def _show_nearest(nearest: Sequence[Nearest]) -> None:
    st.header("Published measurements nearest to it")
    table = pd.DataFrame(
        [
            {
                "model": one.case.model,
                "method": one.case.method,
                "rank": one.case.rank,
                "batch": one.case.batch_size,
                "tokens": one.case.seq_len,
                "GPUs": one.case.gpus,
                "peak, GB": one.case.peak_gb,
                "distance": one.distance,
                "source": one.case.url,
                "checked on": one.case.checked_on,
            }
            for one in nearest
        ]
    )
    st.dataframe(
        table,
        hide_index=True,
        width="stretch",
        alt="Published measurements that are most like this run, the nearest first",
        column_config={
            "source": st.column_config.LinkColumn(display_text=r"https://([^/]+)/"),
            "peak, GB": st.column_config.NumberColumn(format="%.1f"),
            "distance": st.column_config.NumberColumn(format="%.1f"),
        },
    )
    st.caption("Distance: how unlike a run is in size, tokens, rank and ways; it orders the list.")
