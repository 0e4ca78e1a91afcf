"""Learning curves that were measured here, beside the ones that visitors type."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from lib.content.estimator_texts import DataText
from lib.errors import ContentError, InputError
from lib.estimator.learning_curve import FURTHEST, CurvePoint, extrapolate
from lib.evaluation.curve_figures import Spot, best_prompt, spots
from lib.evaluation.curve_file import NAME, Curve, read_curve
from lib.evaluation.curve_points import CurveLine
from lib.evaluation.curve_words import prompt_in_words
from lib.task import Task
from lib.ui import shell
from lib.ui.library import get_tasks


@dataclass(frozen=True)
class MeasuredHere:
    """A task's measured curve."""

    task: Task
    curve: Curve
    spots: tuple[Spot, ...]

    @property
    def lora(self) -> list[Spot]:
        """LoRA's figures, fewest rows first."""
        return [one for one in self.spots if one.line is CurveLine.LORA]

    @property
    def lines(self) -> list[str]:
        """LoRA's scores as somebody would type them, run by run."""
        return [f"{rows}, {score}" for rows, score in self.pairs]

    @property
    def pairs(self) -> list[tuple[int, float]]:
        """Rows and score of each of LoRA's runs, fewest rows first."""
        points = [one for one in self.curve.points if one.line is CurveLine.LORA]
        ordered = sorted(points, key=lambda one: (one.size, one.seed))
        return [(one.size, one.score) for one in ordered]


def show_measured(texts: DataText, points_key: str, items_key: str) -> None:
    """Draw the curves that were measured here; nothing where there is none.

    A button puts a curve's runs into the field `points_key`, and its test rows into `items_key`.
    """
    found = _measured()
    if not found:
        return
    with st.expander(texts.measured_title, key="d_measured", icon=":material/show_chart:"):
        st.markdown(texts.measured)
        for one in found:
            _show_one(one, points_key, items_key)


def _measured() -> list[MeasuredHere]:
    """Return the curves with two sizes or more; a broken file is told of on the results page."""
    tasks, _ = get_tasks()
    found = []
    for task in tasks.values():
        try:
            curve = read_curve(task.folder / "results" / NAME)
        except ContentError:
            continue
        if curve is not None:
            one = MeasuredHere(task, curve, spots(curve.points, curve.test_rows))
            found += [one] if len(one.lora) > 1 else []
    return found


def _show_one(one: MeasuredHere, points_key: str, items_key: str) -> None:
    st.markdown(f"**{shell.plain(one.task.title)}**")
    st.table(_table(one), hide_index=True, alt=f"Measured here: {one.task.title}")
    told = [*_best_prompt(one.spots), *_drawn_on(one)]
    st.markdown(" ".join(told))
    st.caption(
        f"Our own measurement of {shell.plain(one.curve.date)} on {one.curve.test_rows:,} test rows "
        "with a model of 135 million weights."
    )
    with st.container(horizontal=True):
        st.button(
            "Draw this curve on",
            key=f"d_measured_{one.task.id}",
            on_click=_take,
            args=(one, points_key, items_key),
        )
        params = {"task": one.task.id}
        shell.link("The whole curve", "results", params, "d_measured", ":material/bar_chart:")


def _take(one: MeasuredHere, points_key: str, items_key: str) -> None:
    st.session_state[points_key] = "\n".join(one.lines)
    st.session_state[items_key] = str(one.curve.test_rows)


def _table(one: MeasuredHere) -> pd.DataFrame:
    classic = {spot.size: spot for spot in one.spots if spot.line is CurveLine.CLASSIC}
    table = pd.DataFrame(
        [
            {
                "rows": f"{spot.size:,}",
                "LoRA": _with_range(spot),
                "classic classifier": _with_range(classic.get(spot.size)),
                "one training": _minutes(spot.seconds_to_learn),
            }
            for spot in one.lora
        ]
    )
    return table if classic else table.drop(columns="classic classifier")


def _with_range(spot: Spot | None) -> str:
    if spot is None:
        return ""
    if spot.runs == 1:
        return f"{spot.mean:.1%} (one run)"
    return f"{spot.mean:.1%} ({spot.lowest:.1%} to {spot.highest:.1%})"


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"


def _best_prompt(found: Sequence[Spot]) -> list[str]:
    best = best_prompt(found)
    if best is None:
        return []
    return [f"The best prompt ({prompt_in_words(best)}) reached {best.mean:.1%}."]


def _drawn_on(one: MeasuredHere) -> list[str]:
    """Say what the curve without its last size would have promised for that size."""
    last = one.lora[-1]
    before = [pair for pair in one.pairs if pair[0] < last.size]
    if last.size > FURTHEST * max(rows for rows, _ in before):
        return []
    try:
        promised = extrapolate(before, [last.size], test_items=one.curve.test_rows)
    except InputError:
        return []
    if promised.refusal:
        return []
    point: CurvePoint = promised.points[0]
    inside = "inside" if point.low <= last.mean <= point.high else "outside"
    return [
        f"Drawn on from fewer rows as below, {last.size:,} rows promised {point.low:.1%} to "
        f"{point.high:.1%}; measured were {last.mean:.1%}, {inside} the band."
    ]
