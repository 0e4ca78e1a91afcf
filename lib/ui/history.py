"""Back and forward in the browser, on pages whose widgets write the address.

A widget keeps its value whatever the address says, so without this the way back would change the
address only for the page to write it again. Where the address is another than the one that the page
left and no widget was touched, the visitor moved in the browser's history: then the address wins.
A page that somebody comes back to from another one is as it was left.

A page calls `begin` first, `watch` for every widget that the address knows, and `end` last.
"""

from dataclasses import dataclass
from typing import Any

import streamlit as st

_PREFIX = "history_"


@dataclass
class _Visit:
    """How a run of a page left the address and its widgets."""

    address: dict[str, str]
    widgets: dict[str, Any]


def begin(page: str) -> None:
    """Compare what is there with what the last run left, and follow the address where it moved."""
    last: _Visit | None = st.session_state.get(_PREFIX + page)
    st.session_state[_watched(page)] = set()
    if last is None or not last.widgets:
        return
    address = st.query_params.to_dict()
    there = {key: st.session_state[key] for key in last.widgets if key in st.session_state}
    if not there:
        if not address:
            st.query_params.from_dict(last.address)
    elif there == last.widgets and address != last.address:
        for key in there:
            del st.session_state[key]


def watch(page: str, key: str) -> None:
    """Say that the address knows this widget."""
    st.session_state.setdefault(_watched(page), set()).add(key)


def end(page: str) -> None:
    """Remember how the address and the widgets were left."""
    keys = st.session_state.get(_watched(page), set())
    widgets = {key: st.session_state[key] for key in keys if key in st.session_state}
    st.session_state[_PREFIX + page] = _Visit(st.query_params.to_dict(), widgets)


def forget(page: str) -> None:
    """Let a page begin as for somebody who has never been there."""
    st.session_state.pop(_PREFIX + page, None)


def _watched(page: str) -> str:
    return f"{_PREFIX}{page}_watched"
