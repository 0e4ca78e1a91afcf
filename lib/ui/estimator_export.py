"""Downloads of a result: inputs, result and assumptions as JSON, CSV and Markdown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

import streamlit as st

from lib.estimator.amounts import Spread
from lib.estimator.breakeven import BreakEven, Case, Compared
from lib.estimator.cost import RouteCost
from lib.estimator.export import Line, Report, input_lines, to_csv, to_json, to_markdown
from lib.estimator.presets import Preset
from lib.estimator.prices import age_warning
from lib.estimator.routes import Route
from lib.estimator.tornado import Tornado

_KINDS = (
    ("JSON", to_json, "json", "application/json"),
    ("CSV", to_csv, "csv", "text/csv"),
    ("Markdown", to_markdown, "md", "text/markdown"),
)


def show_downloads(report: Report, key: str) -> None:
    """Draw the three download buttons of a report."""
    with st.container(horizontal=True):
        for name, write, ending, mime in _KINDS:
            st.download_button(
                name,
                write(report),
                file_name=f"{key.replace('_', '-')}.{ending}",
                mime=mime,
                icon=":material/download:",
                key=f"{key}_{ending}",
            )


def money_report(
    preset: Preset,
    case: Case,
    changed: Sequence[str],
    found: BreakEven,
    costs: Mapping[str, RouteCost],
    moved: Tornado,
    rows: Sequence[Compared],
) -> Report:
    """Return what the downloads of a break-even hold."""
    lines = [
        *input_lines(case),
        *_result_lines(found, moved),
        *(line for name, one in costs.items() for line in _cost_lines(name, one)),
        *(Line("result", f"{one.name}: first year", one.first_year_usd, "USD") for one in rows),
        *_assumption_lines(preset, changed),
    ]
    return Report(f"Estimate: {preset.title}", date.today(), tuple(lines))


def taken_in_words(preset: Preset, routes: Iterable[Route], changed: Sequence[str]) -> list[Line]:
    """Return the scenario's amounts that still count and the prices of tokens, named for people.

    A price list that has grown old says so in its note.
    """
    labels = [one.label for one in preset.assumptions]
    lines = [
        Line(
            "assumptions",
            one.label if labels.count(one.label) == 1 else f"{one.label} ({_route_of(one.path)})",
            one.value,
            source="made up, replace it" if one.made_up else one.source,
            checked_on=one.checked_on,
        )
        for one in preset.assumptions
        if one.path not in changed
    ]
    known = {
        one.value: replace(one, name="prices of tokens", note=_age(one.checked_on))
        for route in routes
        for one in input_lines(route)
        if one.name.endswith("prices.model")
    }
    return [*lines, *known.values()]


def _age(checked_on: date | None) -> str:
    return (age_warning(checked_on) or "") if checked_on else ""


def _route_of(path: str) -> str:
    return path.partition(".")[0]


def _result_lines(found: BreakEven, moved: Tornado) -> list[Line]:
    lines = [Line("result", "break-even", found.why), Line("result", "tornado", moved.says)]
    for name, one in (("likely", found.likely), ("best", found.best), ("worst", found.worst)):
        months = "never" if one.months is None else one.months
        calls = "never" if one.calls is None else one.calls
        lines.append(Line("result", f"{name}: months to break even", months, "months"))
        lines.append(Line("result", f"{name}: calls to break even", calls, "calls"))
    return lines


def _cost_lines(name: str, cost: RouteCost) -> list[Line]:
    amounts: dict[str, Spread] = {
        "once": cost.upfront_usd,
        "a call": cost.usd_per_call,
        "a month": cost.usd_per_month,
    }
    return [Line("result", f"{name}: {what}", one, "USD") for what, one in amounts.items()]


def _assumption_lines(preset: Preset, changed: Sequence[str]) -> list[Line]:
    """The scenario's amounts that still count, and the names of those that were replaced."""
    lines = [
        Line(
            "assumptions",
            one.path,
            one.value,
            source="made up" if one.made_up else one.source,
            checked_on=one.checked_on,
            note=one.note,
        )
        for one in preset.assumptions
        if one.path not in changed
    ]
    return lines + [
        Line("assumptions", path, "typed by you", note="see inputs") for path in changed
    ]
