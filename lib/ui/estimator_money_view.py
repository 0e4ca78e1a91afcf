"""Money: when a tuned model pays for itself, beside a cheaper model and a small specialist."""

from decimal import Decimal

import pandas as pd
import streamlit as st

from lib.content.estimator_texts import MoneyText
from lib.estimator.amounts import Spread, shown, time_in_words, usd
from lib.estimator.breakeven import (
    BreakEven,
    Case,
    Compared,
    Point,
    break_even,
    cheaper_way,
    cost_lines,
    side_by_side,
)
from lib.estimator.cost import RouteCost, route_cost
from lib.estimator.export import Report
from lib.estimator.presets import load_presets
from lib.estimator.prices import age_warning
from lib.estimator.routes import PerToken, Route, Tuning
from lib.estimator.tornado import Tornado, tornado
from lib.ui import (
    estimator_assumptions,
    estimator_charts,
    estimator_export,
    prose,
    shell,
)
from lib.ui import estimator_inputs as ask
from lib.ui.case import Estimate, estimate_of
from lib.ui.estimator_money_form import PREFIX, Asked, ask_case
from lib.ui.library import get_library

_PRESET = "preset"
_MONTHS = 36


def show(texts: MoneyText) -> Estimate:
    """Draw this part of the page, and return what it found."""
    st.markdown(texts.lead)
    presets = load_presets()
    id = ask.choice(
        "Scenario",
        _PRESET,
        list(presets),
        next(iter(presets)),
        lambda one: presets[one].title,
        as_buttons=True,
        on_change=_forget,
    )
    preset = presets[id]
    st.markdown(f"{shell.plain(preset.summary)} {shell.plain(preset.why)}")
    again = st.container()
    # On a phone the result stands far below the fields, so its sentence comes first.
    verdict = st.empty()
    questions, result = st.columns([2, 3], gap="large")
    with questions:
        asked = ask_case(preset)
    if any(name.startswith(PREFIX) for name in st.query_params):
        again.button(
            "Back to the scenario's numbers",
            icon=":material/restart_alt:",
            on_click=_reset,
            args=(preset.id,),
        )
    found = break_even(asked.case)
    rows = side_by_side(asked.case.traffic, asked.case.prompting, asked.rivals)
    cheapest = cheaper_way(rows)
    verdict.markdown(f"**{shell.plain(found.why)}** {shell.plain(cheapest)}".rstrip())
    with result:
        report, moved = _show_result(asked, found, rows, texts)
    return estimate_of(
        "money",
        f"{found.why} {cheapest}".rstrip(),
        report,
        taken=estimator_export.taken_in_words(
            asked.preset, (asked.case.prompting, *asked.rivals.values()), asked.changed
        ),
        changes=(moved.says, _span(found)),
    )


def _forget() -> None:
    """Take the typed numbers out of the address: another scenario begins with its own."""
    ask.forget_others(PREFIX, ())


def _reset(preset: str) -> None:
    _forget()
    for key in list(st.session_state):
        if str(key).startswith(PREFIX) and str(key).endswith(f"_{preset}"):
            del st.session_state[key]


# ---------------------------------------------------------------------------- result


def _show_result(
    asked: Asked,
    found: BreakEven,
    rows: tuple[Compared, ...],
    texts: MoneyText,
) -> tuple[Report, Tornado]:
    """Draw the result; return it for an export, and what moves it."""
    case = asked.case
    st.header("When tuning pays")
    st.markdown(shell.plain(_span(found)))
    st.caption(texts.ends)
    costs = {
        "Prompting": route_cost(case.traffic, case.prompting),
        "Tuning": route_cost(case.traffic, case.other),
    }
    _show_costs(costs)
    st.header("Cost over three years")
    st.caption(texts.lines)
    bands = ask.switch("Show low and high", "bands", True)
    estimator_charts.show_cost_lines(cost_lines(case, _MONTHS), bands)
    st.header("What matters most")
    moved = tornado(case)
    st.markdown(f"**{shell.plain(moved.says)}** {texts.tornado}")
    if moved.bars:
        estimator_charts.show_tornado(moved)
    st.header("Side by side")
    prose.show(texts.rivals, get_library())
    _show_rivals(rows)
    _show_prices(case, asked.rivals)
    estimator_assumptions.show_old(
        (one.label, one.checked_on)
        for one in asked.preset.assumptions
        if one.path not in asked.changed
    )
    st.header("Take it with you", anchor="take-money")
    report = estimator_export.money_report(
        asked.preset, case, asked.changed, found, costs, moved, rows
    )
    estimator_export.show_downloads(report, "estimator_money")
    return report, moved


def _span(found: BreakEven) -> str:
    likely, best, worst = (_when(one) for one in (found.likely, found.best, found.worst))
    return f"Break-even: likely {likely}; at best {best}; at worst {worst}."


def _when(one: Point) -> str:
    if one.months is None or one.calls is None:
        return "never"
    if not one.months:
        return "with the first call"
    return f"after {time_in_words(one.months)} ({Decimal(f'{one.calls:.3g}'):,.0f} calls)"


def _show_costs(costs: dict[str, RouteCost]) -> None:
    table = pd.DataFrame(
        [
            {
                "way": name,
                "a call": _money(one.usd_per_call),
                "a month": _money(one.usd_per_month),
                "once, upfront": _money(one.upfront_usd),
            }
            for name, one in costs.items()
        ]
    )
    st.table(table, hide_index=True, alt="Cost of both routes: likely, with low and high")


def _money(amount: Spread) -> str:
    return shell.plain(ask.told(amount, usd))


def _show_rivals(rows: tuple[Compared, ...]) -> None:
    # Two narrow tables: one with all columns would have to be scrolled sideways on a phone.
    pays = pd.DataFrame(
        [
            {
                "way": one.name,
                "first year": _money(one.first_year_usd),
                "pays against prompting": _when(one.break_even.likely) if one.break_even else "",
            }
            for one in rows
        ]
    )
    st.table(pays, hide_index=True, alt="Prompting, tuning and their rivals: first year")
    costs = pd.DataFrame(
        [
            {
                "way": one.name,
                "once": shell.plain(usd(one.upfront_usd)),
                "a call": shell.plain(usd(one.usd_per_call)),
                "a month": shell.plain(usd(one.usd_per_month)),
            }
            for one in rows
        ]
    )
    st.table(costs, hide_index=True, alt="Prompting, tuning and their rivals: likely costs")


def _show_prices(case: Case, rivals: dict[str, Route]) -> None:
    used = {case.prompting.prices.model: case.prompting.prices}
    for route in rivals.values():
        if not isinstance(route, Tuning):
            used[route.prices.model] = route.prices
        elif isinstance(route.serving, PerToken):
            used[route.serving.prompting.prices.model] = route.serving.prompting.prices
    for one in used.values():
        rates = one.standard
        written = ""
        if rates.cache_write != rates.input:
            written = f" (${shown(rates.cache_write)} for input written to the cache)"
        st.caption(
            shell.plain(
                f"{one.model}: ${shown(rates.input)} input, ${shown(rates.cached_input)} cached input, "
                f"${shown(rates.output)} output a million tokens{written}. {one.source} {one.version}, "
                f"looked up on {one.checked_on}. {' '.join(one.notes)}"
            )
        )
        if warning := age_warning(one.checked_on):
            st.warning(shell.plain(f"{one.model}: {warning}"), icon=":material/event_busy:")
