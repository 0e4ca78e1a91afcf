"""Data: what is in a file of rows, how many are needed, how large a test, and learning curves."""

import re
from collections.abc import Sequence

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib.content.estimator_texts import DataText
from lib.errors import InputError
from lib.estimator.amounts import shown
from lib.estimator.data_needs import GOALS, MOST_CLASSES, DataNeed, data_need
from lib.estimator.eval_size import EvalSize, half_width, items_to_tell_apart
from lib.estimator.learning_curve import LearningCurve, extrapolate, rows_for
from lib.estimator.row_report import RowsReport
from lib.ui import (
    estimator_assumptions,
    estimator_charts,
    estimator_curve_view,
    estimator_export,
    estimator_reports,
    estimator_rows_view,
    history,
    prose,
    shell,
)
from lib.ui import estimator_inputs as ask
from lib.ui.case import Estimate, estimate_of
from lib.ui.library import get_library

_GOALS = {
    "classification": "put texts into classes",
    "extraction": "pull out fields",
    "style": "a style or voice",
    "chat": "chat behaviour",
    "facts": "new facts",
    "skills": "a new skill",
}
_EXAMPLE = "100, 0.62\n200, 0.70\n400, 0.76"
_LONGEST = 2000
_POINTS = "d_points"
_CLASSES_AT_FIRST = 8
_CLASSES = "estimator_classes"
"""In the session: the classes of the rows that were reported."""

Pair = tuple[str, str]


def show(texts: DataText) -> Estimate:
    """Draw this part of the page, and return what it found."""
    known = _classes_known()
    st.markdown(texts.lead)
    st.header("Your rows")
    st.markdown(texts.report)
    # A large file takes many seconds: the rest of the page is drawn before it is looked at.
    place = st.container()
    need, verdict = _show_need(texts)
    size = _show_test(texts)
    curve = _show_curve(texts)
    with place:
        rows = estimator_rows_view.show()
    if _classes_of(rows) != known:
        st.session_state[_CLASSES] = _classes_of(rows)
        st.rerun()
    if rows:
        verdict.markdown(f":material/arrow_forward: {need.verdict(rows.usable_rows)}")
    st.header("Take it with you", anchor="take-data")
    st.markdown(texts.export)
    report = estimator_reports.data_report(rows, need, size, curve)
    estimator_export.show_downloads(report, "estimator_data")
    return estimate_of("data", _need_in_words(need), report, is_own=rows is not None)


# ---------------------------------------------------------------------------- how many rows


def _show_need(texts: DataText) -> tuple[DataNeed, DeltaGenerator]:
    """Draw how many examples are needed; return that, and the place for what a file has of them."""
    st.header("How many examples")
    questions, result = st.columns([2, 3], gap="large")
    with questions:
        goal = ask.choice("What the model should learn", "d_goal", GOALS, GOALS[0], _goal)
        classes: int | None = None
        if goal == "classification":
            found = _classes_known()
            classes = ask.number(
                "Classes",
                "d_classes",
                str(found or _CLASSES_AT_FIRST),
                least=2,
                most=MOST_CLASSES,
                caption="As many as your rows have labels." if found else "",
                key=f"of_{found}" if found else "",
            )
    need = data_need(goal, classes)
    with result:
        st.markdown(f"**{_need_in_words(need)}**")
        verdict = st.empty()
        library = get_library()
        prose.show(need.basis, library)
        st.caption(f"{texts.need} Checked on {need.checked_on}.")
        with st.container(horizontal=True):
            for id in need.evidence:
                if id in library.findings:
                    shell.link(f"Finding {id}", "evidence", {"find": id}, "d_need")
        estimator_assumptions.show_old([("the findings", need.checked_on)])
    return need, verdict


def _classes_known() -> int | None:
    """Return the classes of the rows that the last run reported; None without labels."""
    found: int | None = st.session_state.get(_CLASSES)
    return found


def _classes_of(rows: RowsReport | None) -> int | None:
    """Return the classes of rows for a need, which are two at least; None without labels."""
    return max(rows.classes or 2, 2) if rows and rows.labels else None


def _goal(goal: str) -> str:
    return _GOALS.get(goal, goal)


def _need_in_words(need: DataNeed) -> str:
    if need.low is None or need.likely is None or need.high is None:
        return "No number of examples: look facts up instead of training them in."
    return (
        f"Likely {need.likely:,} labelled examples; at least {need.low:,}, at most {need.high:,}."
    )


# ---------------------------------------------------------------------------- how large a test


def _show_test(texts: DataText) -> EvalSize | None:
    st.header("How large a test")
    st.markdown(texts.test)
    questions, result = st.columns([2, 3], gap="large")
    with questions:
        first = ask.share("Score of one", "d_first", "80%", "Share of answers that are right.")
        second = ask.share("Score of the other", "d_second", "85%")
        with st.expander("Advanced", key="d_test_advanced", icon=":material/tune:"):
            differing = ask.share(
                "Share of items on which only one is right",
                "d_differing",
                "",
                "Left open: as if both failed independently, which asks for the most items.",
            )
            power = ask.share("Chance to find the difference", "d_power", "80%")
            confidence = ask.share("Confidence", "d_confidence", "95%")
    with result:
        try:
            size = items_to_tell_apart(
                first, second, differing=differing, power=power, confidence=confidence
            )
        except InputError as error:
            ask.problem(str(error))
            return None
        _show_size(size)
    return size


def _show_size(size: EvalSize) -> None:
    items = size.paired_exact or size.paired
    st.markdown(
        f"**{items:,} test items that both answer tell {size.first:.1%} from {size.second:.1%}.**"
    )
    st.markdown(
        f"With other items for each it takes {size.unpaired_each:,} for each. Found "
        f"{size.power:.0%} of the time, at {size.confidence:.0%} confidence."
    )
    share = f"{size.differing:.1%} ({size.differing_from})"
    how = "McNemar's exact test" if size.paired_exact else "McNemar's test, by approximation"
    st.caption(f"Items on which exactly one of the two is right: {share}. {how}.")
    width = half_width(items, size.first)
    st.caption(
        f"A score of {size.first:.1%} on {items:,} items is off by up to {100 * width:.1f} points."
    )


# ---------------------------------------------------------------------------- learning curve


def _show_curve(texts: DataText) -> LearningCurve | None:
    st.header("What more rows would bring")
    st.markdown(texts.curve)
    estimator_curve_view.show_measured(texts, _POINTS, "d_items")
    questions, result = st.columns([2, 3], gap="large")
    with questions:
        points, problem = _ask_points()
        goal = ask.share("Score you want", "d_wanted", "", "Left open: no goal.")
        items = ask.number("Items in your test", "d_items", "500", least=1, most=10_000_000)
        with st.expander("Advanced", key="d_curve_advanced", icon=":material/tune:"):
            best = ask.share(
                "Best score that can be reached", "d_best", "100%", "Labels have errors, too."
            )
    with result:
        try:
            if problem:
                raise InputError(problem)
            curve = extrapolate(points, test_items=items, best=best)
        except InputError as error:
            ask.problem(str(error))
            return None
        _show_found(curve, goal)
    return curve


def _ask_points() -> tuple[list[Pair], str]:
    """Return the points of the field and what is wrong with them; the address holds good ones."""
    history.watch(ask.PAGE, _POINTS)
    if _POINTS not in st.session_state:
        wanted = st.query_params.get(_POINTS, "")[:_LONGEST].replace(":", ", ").split("_")
        good = _are_numbers(wanted)
        if not good and _POINTS in st.query_params:
            ask.odd(_POINTS, st.query_params[_POINTS], "which are no rows with scores")
        st.session_state[_POINTS] = "\n".join(wanted) if good else _EXAMPLE
    typed = st.text_area("Rows and scores", key=_POINTS, max_chars=_LONGEST, height=140) or ""
    try:
        points = _points(typed)
    except InputError as error:
        return [], str(error)
    in_short = [f"{rows}:{score}" for rows, score in points]
    if _are_numbers(in_short):
        ask.remember(_POINTS, "_".join(in_short), _EXAMPLE.replace(", ", ":").replace("\n", "_"))
    return points, ""


def _are_numbers(points: Sequence[str]) -> bool:
    """Whether there is nothing but pairs of plain numbers: the address holds no other text."""
    return all(re.fullmatch(r"[\d.]+(:|, )[\d.]+%?", one) for one in points)


def _points(text: str) -> list[Pair]:
    points = []
    for number, line in enumerate(text.splitlines(), 1):
        parts = line.replace(";", ",").replace("\t", ",").split(",")
        if len(parts) == 1:
            parts = line.split()
        if not line.strip():
            continue
        if len(parts) != 2:
            raise InputError(f"Line {number} is no pair: type rows, a comma, and the score.")
        points.append((parts[0].strip(), parts[1].strip()))
    return points


def _show_found(curve: LearningCurve, goal: float | None) -> None:
    if curve.refusal:
        st.info(shell.plain(curve.refusal), icon=":material/info:")
        return
    estimator_charts.show_curve(curve)
    table = pd.DataFrame(
        [
            {
                "rows": f"{one.rows:,}",
                "likely": shown(round(one.likely, 3)),
                "low": shown(round(one.low, 3)),
                "high": shown(round(one.high, 3)),
            }
            for one in curve.points
        ]
    )
    st.table(table, hide_index=True, alt="What more rows promise")
    if goal is not None:
        _show_goal(curve, goal)
    st.caption(shell.plain(" ".join(curve.notes)))


def _show_goal(curve: LearningCurve, goal: float) -> None:
    try:
        rows = rows_for(curve, goal)
    except InputError as error:
        ask.problem(str(error))
        return
    likely, soonest, latest = (
        f"{one:,} rows" if one else "more rows than can be told"
        for one in (rows.likely, rows.soonest, rows.latest)
    )
    st.markdown(f"**For {goal:.1%}: likely {likely}; at best {soonest}; at worst {latest}.**")
