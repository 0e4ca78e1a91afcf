"""The estimator: money, memory, time and data, one at a time; the address holds what was changed."""

from dataclasses import replace
from enum import StrEnum

import streamlit as st

from lib.content.estimator_texts import load_estimator_texts
from lib.ui import (
    case_session,
    estimator_data_view,
    estimator_inputs,
    estimator_memory_view,
    estimator_money_view,
    estimator_time_view,
    estimator_validation_view,
    history,
    shell,
)
from lib.ui.case import Estimate
from lib.ui.estimator_serving_view import NAMES as SERVING


class _Part(StrEnum):
    MONEY = "money"
    MEMORY = "memory"
    TIME = "time"
    DATA = "data"


_PART = "estimator_part"
_NAMES = ("show", "preset", "bands")
_PREFIXES = ("m_", "g_", "t_", "d_")
"""What the address may hold; each part looks after the names that begin like its own."""
_OWN = {
    _Part.MONEY: ("preset", "m_"),
    _Part.MEMORY: ("g_",),
    _Part.TIME: ("t_",),
    _Part.DATA: ("d_",),
}
"""What the names of a part's fields in the address begin with."""
_HIDDEN = ("g_rank", "t_active_parameters", "d_classes", "d_points", *SERVING)
"""Fields that are not always drawn, and keep their value meanwhile."""


def show() -> None:
    """Draw the page."""
    with shell.explained("This page can't be shown"):
        texts = load_estimator_texts()
        st.title(texts.title)
        st.markdown(texts.lead)
        odd = st.empty()
        history.begin(estimator_inputs.PAGE)
        history.watch(estimator_inputs.PAGE, _PART)
        estimator_inputs.begin()
        if _PART not in st.session_state:
            wanted = estimator_inputs.from_address(
                "show", set(_Part), _Part.MONEY, "which is no part of this page"
            )
            st.session_state[_PART] = _Part(wanted)
        chosen = st.segmented_control(
            "Estimate",
            list(_Part),
            format_func=str.capitalize,
            required=True,
            key=_PART,
        )
        part = chosen or _Part.MONEY
        estimator_inputs.forget_strangers(_NAMES, _PREFIXES)
        estimator_inputs.remember("show", part.value, _Part.MONEY.value)
        if part is _Part.MEMORY:
            found = estimator_memory_view.show(texts.memory)
            estimator_inputs.forget_undrawn("g_", _HIDDEN)
            estimator_validation_view.show()
        elif part is _Part.TIME:
            found = estimator_time_view.show(texts.time)
            estimator_inputs.forget_undrawn("t_", _HIDDEN)
        elif part is _Part.DATA:
            found = estimator_data_view.show(texts.data)
            estimator_inputs.forget_undrawn("d_", _HIDDEN)
        else:
            found = estimator_money_view.show(texts.money)
        if found:
            case_session.show_estimate(_with_address(found, part))
        if sentence := estimator_inputs.told_odd():
            odd.caption(shell.plain(sentence))
        history.end(estimator_inputs.PAGE)


def _with_address(found: Estimate, part: _Part) -> Estimate:
    """Return an estimate with what was set for it, and the address that brings it back."""
    names = [one for one in st.query_params if one.startswith(_OWN[part])]
    params = {name: st.query_params[name] for name in names}
    if part is not _Part.MONEY:
        params = {"show": part.value, **params}
    return replace(found, params=params, settings=estimator_inputs.changed(names))
