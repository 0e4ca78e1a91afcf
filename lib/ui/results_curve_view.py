"""How many rows: LoRA and the classic line by rows to learn from, with prompts as levels to pass."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import streamlit as st

from lib.content.results_texts import CurveText, filled
from lib.errors import ContentError
from lib.evaluation.curve_crossing import (
    Crossing,
    crossing_over_classic,
    crossing_over_prompts,
)
from lib.evaluation.curve_figures import Spot, best_prompt, is_prompt, spots
from lib.evaluation.curve_file import NAME, Curve, read_curve
from lib.evaluation.curve_plan import LARGE_ROWS
from lib.evaluation.curve_points import CurveLine
from lib.evaluation.curve_words import rows_range
from lib.evaluation.result_lines import Reading, Way
from lib.ui import results_how_view as how
from lib.ui import shell
from lib.ui.results_album import Picture
from lib.ui.results_curve_chart import curve_chart
from lib.ui.results_library import file_stamp
from lib.ui.results_main_view import Shown

_LEARNED = {CurveLine.LORA: Way.LORA, CurveLine.CLASSIC: Way.CLASSIC}
_Found = tuple[Curve, tuple[Spot, ...], Crossing | None, Crossing | None]


def show_curve(page: Shown) -> None:
    """Draw the section; nothing where no curve was measured."""
    texts = page.texts.curve
    path = page.task.folder / "results" / NAME
    if not path.is_file():
        return
    st.header(texts.title, anchor="curve")
    stamp = file_stamp(path)
    try:
        curve, found, over_prompts, over_classic = _read(str(path), stamp)
    except ContentError as error:
        st.warning(shell.plain(str(error)), icon=":material/warning:")
        return
    lora = [one for one in found if one.line is CurveLine.LORA]
    sizes = _in_words([f"{one.size:,}" for one in lora])
    st.markdown(filled(texts.lead, sizes=sizes, rows=f"{curve.test_rows:,}"))
    if any(one.line is CurveLine.CLASSIC for one in found):
        st.markdown(texts.classic)
    _show_verdict(page, found, over_prompts, over_classic)
    reading = _chosen_reading(page, found)
    shown = [one for one in found if not is_prompt(one.line) or one.mode is reading]
    what = filled(texts.what, what=page.what)
    page.found.album.draw(
        "results_curve",
        lambda: _picture(page, shown, found, what),
        choice=f"{stamp} {reading}",
    )
    _show_facts(page, curve, lora)


@st.cache_resource(max_entries=12, show_spinner=False)
def _read(path: str, stamp: int) -> _Found:
    curve = read_curve(Path(path))
    assert curve is not None, "the file was there a moment ago"
    rows = curve.test_rows
    return (
        curve,
        spots(curve.points, rows),
        crossing_over_prompts(curve.points, rows),
        crossing_over_classic(curve.points, rows),
    )


# ------------------------------------------------------------------------- sentences


def _show_verdict(
    page: Shown,
    found: Sequence[Spot],
    over_prompts: Crossing | None,
    over_classic: Crossing | None,
) -> None:
    """Say where the lines cross, and what the last rows brought."""
    texts, best = page.texts.curve, best_prompt(found)
    told = []
    if best and over_prompts:
        reading = f", {page.names.reading(best.mode)}" if page.names.has_readings else ""
        which = f"{_which(texts, best)}{reading}"
        rival = filled(texts.best_prompt, which=which, share=f"{best.mean:.1%}")
        told.append(_crossed(texts, over_prompts, rival))
    if over_classic:
        told.append(_crossed(texts, over_classic, texts.classic_line))
    lora = [one for one in found if one.line is CurveLine.LORA]
    if len(lora) > 1:
        told.append(_last_step(texts, *lora[-2:]))
    if not told:
        return
    with st.container(border=True, key="results_crossing"):
        st.markdown("\n".join(f"- {one}" for one in told))
        st.caption(texts.test)


def _crossed(texts: CurveText, crossing: Crossing, rival: str) -> str:
    fewer, more = crossing.between or (0, 0)
    return filled(
        getattr(texts.crossing, crossing.outcome),
        rival=rival,
        first=f"{crossing.first:,}",
        last=f"{crossing.last:,}",
        fewer=f"{fewer:,}",
        more=f"{more:,}",
        about=f"{crossing.at:,.0f}" if crossing.at else "",
        range=rows_range(crossing),
    )


def _last_step(texts: CurveText, fewer: Spot, more: Spot) -> str:
    return filled(
        texts.step if fewer.runs > 1 else texts.step_alone,
        fewer=f"{fewer.size:,}",
        more=f"{more.size:,}",
        points=f"{100 * (more.mean - fewer.mean):+.1f}".replace("+", ""),
        spread=f"{100 * (fewer.highest - fewer.lowest):.1f}",
    )


def _in_words(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _which(texts: CurveText, prompt: Spot) -> str:
    if prompt.line is CurveLine.ENGINEERED:
        return texts.engineered
    return filled(texts.examples, count=prompt.size) if prompt.size else texts.no_examples


def _line_name(texts: CurveText, spot: Spot) -> str:
    if is_prompt(spot.line):
        return filled(texts.prompt, which=_which(texts, spot))
    return _LEARNED[spot.line].shown_as


# ------------------------------------------------------------------------- the picture


def _chosen_reading(page: Shown, found: Sequence[Spot]) -> Reading | None:
    """Return how the prompts' answers are read off in the picture; the best prompt's way at first."""
    best = best_prompt(found)
    if best is None:
        return None
    readings = [one for one in Reading if any(is_prompt(s.line) and s.mode is one for s in found)]
    if len(readings) < 2:
        return best.mode
    chosen: Reading = st.segmented_control(
        page.texts.curve.prompts,
        readings,
        default=best.mode,
        required=True,
        format_func=page.names.reading,
        key=f"results_curve_{page.task.id}_reading",
    )
    return chosen


def _picture(page: Shown, shown: Sequence[Spot], found: Sequence[Spot], what: str) -> Picture:
    """Return the chart of some lines, with all of them in the table."""
    texts = page.texts.curve
    table = pd.DataFrame(
        [
            {
                "line": _line_name(texts, one),
                "reading": page.names.reading(one.mode),
                "rows": None if is_prompt(one.line) else one.size,
                "examples": one.size if is_prompt(one.line) else None,
                "runs": one.runs,
                "share right": one.mean,
                "lowest run": one.lowest,
                "highest run": one.highest,
                "low": one.interval95[0],
                "high": one.interval95[1],
                "F1": one.mean_f1,
                "seconds to learn": one.seconds_to_learn or None,
                "steps": one.steps or None,
            }
            for one in found
        ]
    )
    told = "; ".join(
        f"{_line_name(texts, one)}{'' if is_prompt(one.line) else f', {one.size:,} rows'}, "
        f"{one.mean:.1%} ({one.lowest:.1%} to {one.highest:.1%})"
        for one in shown
    )
    chart = curve_chart([(_line_name(texts, one), one) for one in shown], page.what)
    return Picture(
        chart,
        f"{what}, mean and range of the runs: {told}.",
        table.loc[:, table.notna().any() & (table != "").any()],
        ("share right", "lowest run", "highest run", "low", "high"),
    )


# ------------------------------------------------------------------------- below it


def _show_facts(page: Shown, curve: Curve, lora: Sequence[Spot]) -> None:
    texts = page.texts.curve
    if curve.missing:
        st.markdown(filled(texts.unfinished, missing=curve.missing))
    runs = max((one.runs for one in lora if one.size > LARGE_ROWS), default=1)
    values = {
        "large": "one run" if runs == 1 else f"{runs} runs",
        "steps": curve.min_steps,
        "rows": f"{curve.test_rows:,}",
    }
    st.markdown("\n".join(f"- {filled(one, **values)}" for one in texts.limits))
    if len(lora) > 1:
        runs_of_lora = [one for one in curve.points if one.line is CurveLine.LORA]
        ordered = sorted(runs_of_lora, key=lambda one: (one.size, one.seed))
        points = "_".join(f"{one.size}:{one.score}" for one in ordered)
        params = {"show": "data", "d_points": points, "d_items": str(curve.test_rows)}
        shell.link(texts.link, "estimator", params, "results", ":material/show_chart:")
    st.caption(
        f"{curve.test_rows:,} rows drawn from {shell.plain(curve.test_file)} with seed "
        f"{curve.test_seed}, the same for every point; learned from "
        f"{shell.plain(curve.data_file)}; measured {shell.plain(curve.date)} in "
        f"{shell.plain(curve.dtype)}."
    )
    facts = (
        f"{len(curve.points)} points, {curve.seconds / 60:,.0f} minutes in all on {curve.threads} "
        f"threads of {curve.processor}; measured {curve.date}"
    )
    fingerprints = [
        f"test rows {curve.test_file}: {curve.test_sha256}",
        f"training {curve.data_file}: {curve.data_sha256}",
        f"base model: {curve.base_sha256}",
        *(f"prompt {name}: {sha}" for name, sha in curve.prompt_sha256.items()),
    ]
    how.show_run(page.texts, "curve", facts, curve.command, fingerprints)
