"""Fields that take one value or a range, and choices; the address holds what was changed.

A field whose text is no amount says so in a sentence below, and the last good amount stays in use.
What the address says and no field can use is told in a sentence, once.
"""

import re
import textwrap
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import fields
from decimal import Decimal
from typing import Any

import streamlit as st

from lib.errors import InputError
from lib.estimator.amounts import Spread, shown, spread
from lib.estimator.checked import number as checked_number
from lib.estimator.checked import whole
from lib.ui import history, shell

PAGE = "estimator"
"""What `history` calls the page."""

_GOOD = "estimator_good"
"""In the session: key of a field -> the last text that was an amount."""

_DRAWN = "estimator_drawn"
"""In the session: the names of the fields that this run has drawn."""

_SET = "estimator_set"
"""In the session: name -> (label, value) of the fields that this run has drawn and that differ."""

_ODD = "estimator_odd"
"""In the session: a sentence on the first thing in the address that this run could not use."""

_CAPTION = 100  # characters
_LONGEST = 60  # characters of a text

_LONG_NUMBER = re.compile(r"(?<![\d.,])\d{4,}")
"""Thousands that are written together, as addresses have them."""

Check = Callable[[str], object]


def remember(name: str, value: str, default: str, label: str = "", shown_as: str = "") -> None:
    """Put a value into the address, or take it out where it is the default.

    `label` and `shown_as` are what people read for the name and for the value.
    """
    st.session_state.setdefault(_DRAWN, set()).add(name)
    if value == default:
        st.query_params.pop(name, None)
        return
    if label:
        st.session_state.setdefault(_SET, {})[name] = (label, shown_as or value)
    if st.query_params.get(name) != value:
        st.query_params[name] = value


def forget_others(prefix: str, names: Collection[str]) -> None:
    """Take out of the address what begins like our fields and is none of them."""
    for name in list(st.query_params):
        if name.startswith(prefix) and name not in names:
            del st.query_params[name]


def begin() -> None:
    """Note that a run begins in which no field has been drawn yet."""
    st.session_state[_DRAWN] = set()
    st.session_state[_SET] = {}
    st.session_state[_ODD] = ""


def changed(names: Collection[str]) -> tuple[tuple[str, str], ...]:
    """Return (label, value) of the fields of these names that were drawn and differ."""
    differing: dict[str, tuple[str, str]] = st.session_state.get(_SET, {})
    return tuple(told for name, told in differing.items() if name in names)


def told_odd() -> str:
    """Return a sentence on the first thing in the address that this run could not use; else ""."""
    return str(st.session_state.get(_ODD, ""))


def odd(name: str, text: str, what: str = "which is no amount") -> None:
    """Note that the address holds a text that can't be used; only the first of a run is kept."""
    if not told_odd():
        st.session_state[_ODD] = (
            f"The address says {name} = {text[:_LONGEST]}, {what}: the usual one is used."
        )


def from_address(name: str, options: Collection[str], default: str, what: str = "") -> str:
    """Return what the address says if it is one of the options, else the default."""
    wanted = st.query_params.get(name, default)
    if wanted in options:
        return wanted
    odd(name, wanted, what or "which is none of the choices")
    return default


def forget_undrawn(prefix: str, hidden: Collection[str]) -> None:
    """Take out of the address what begins like the drawn fields, and is none of them or `hidden`."""
    forget_others(prefix, {*st.session_state.get(_DRAWN, ()), *hidden})


def forget_strangers(names: Collection[str], prefixes: tuple[str, ...]) -> None:
    """Take out of the address what no field of the page can be."""
    for name in list(st.query_params):
        if name not in names and not name.startswith(prefixes):
            del st.query_params[name]


def limits_of(kind: type, name: str) -> dict[str, Any]:
    """Return label and limits of an amount of some inputs."""
    return dict(next(one for one in fields(kind) if one.name == name).metadata)


def amount(
    label: str,
    name: str,
    default: Spread | None,
    limits: Mapping[str, Any],
    caption: str = "",
    key: str = "",
) -> Spread | None:
    """Draw a field for an amount and return it; None only where the default is None too.

    `name` is its name in the address, `key` tells equal names apart (of several presets).
    """
    text = written(default, str(limits["label"]).startswith("share"))

    def read(typed: str) -> Spread | None:
        if not typed.strip() and default is None:
            return None
        return spread(value=typed.strip(), **limits)

    typed, changed = _field(label, name, text, read, caption, key)
    return read(typed) if changed else default


def number(
    label: str,
    name: str,
    default: str,
    *,
    least: int = 1,
    most: int,
    caption: str = "",
    key: str = "",
) -> int:
    """Draw a field for a whole number and return it; `key` tells equal names apart."""

    def read(typed: str) -> int:
        return whole(label, typed, least=least, most=most)

    return read(_field(label, name, default, read, caption, key)[0])


def share(label: str, name: str, default: str, caption: str = "", most: float = 1) -> float | None:
    """Draw a field for one number such as 0.85 or 85%; None where it is left empty."""

    def read(typed: str) -> float | None:
        if not typed.strip() and not default:
            return None
        return checked_number(label, typed, most=most)

    return read(_field(label, name, default, read, caption)[0])


def choice(
    label: str,
    name: str,
    options: Sequence[str],
    default: str,
    format_func: Callable[[str], str] = str,
    key: str = "",
    help: str | None = None,
    as_buttons: bool = False,
    on_change: Callable[[], None] | None = None,
) -> str:
    """Draw a choice whose address is `name`, and return what is chosen."""
    widget = f"{name}_{key}" if key else name
    history.watch(PAGE, widget)
    if widget not in st.session_state:
        st.session_state[widget] = from_address(name, options, default)
    if as_buttons:
        chosen = st.segmented_control(
            label,
            options,
            format_func=format_func,
            required=True,
            key=widget,
            help=help,
            on_change=on_change or "rerun",
        )
    else:
        chosen = st.selectbox(
            label,
            options,
            format_func=format_func,
            key=widget,
            help=help,
            on_change=on_change or "rerun",
        )
    remember(name, str(chosen), default, label, format_func(str(chosen)))
    return str(chosen)


def switch(label: str, name: str, default: bool, help: str | None = None) -> bool:
    """Draw a switch whose address is `name`."""
    history.watch(PAGE, name)
    if name not in st.session_state:
        usual = "yes" if default else "no"
        st.session_state[name] = from_address(name, ("yes", "no"), usual) == "yes"
    chosen = st.toggle(label, key=name, help=help)
    remember(name, "yes" if chosen else "no", "yes" if default else "no", label)
    return chosen


def written(value: Spread | None, percent: bool = False) -> str:
    """Return an amount as one would type it."""
    if value is None:
        return ""
    parts = [value.low, value.likely, value.high] if value.is_range else [value.likely]
    if percent:
        return "-".join(f"{shown(one * 100)}%" for one in parts)
    return "-".join(shown(one) for one in parts)


def told(value: Spread, unit: Callable[[Decimal], str] = shown) -> str:
    """Return an amount for a sentence: likely, with its ends behind it."""
    if not value.is_range:
        return unit(value.likely)
    return f"{unit(value.likely)} ({unit(value.low)} to {unit(value.high)})"


def problem(sentence: str) -> None:
    """Say in one sentence below a field what is wrong with it."""
    st.markdown(f":red[:material/error: {shell.plain(sentence)}]")


def _field(
    label: str, name: str, default: str, read: Check, caption: str, key: str = ""
) -> tuple[str, bool]:
    """Draw a text field; return its last good text, and whether that is another than the default."""
    widget = f"{name}_{key}" if key else name
    good: dict[str, str] = st.session_state.setdefault(_GOOD, {})
    history.watch(PAGE, widget)
    if widget not in st.session_state:
        text = _from_address(name, default, read)
        st.session_state[widget] = good[widget] = text
    short = textwrap.shorten(caption, _CAPTION, placeholder=" ...")
    full = shell.plain(caption) if short != caption else None
    typed = st.text_input(label, key=widget, max_chars=_LONGEST, help=full) or ""
    try:
        read(typed)
        good[widget] = typed.strip()
    except InputError as error:
        problem(f"{error} {_kept(good.get(widget, default))}")
    if caption:
        st.caption(shell.plain(short))
    used = good.get(widget, default)
    remember(name, used, default, label, _with_thousands(used))
    return used, used != default


def _from_address(name: str, default: str, read: Check) -> str:
    """Return what the address says if it is an amount, else the default."""
    text = st.query_params.get(name, default)[:_LONGEST]
    try:
        read(text)
    except InputError:
        odd(name, text)
        return default
    return text


def _kept(good: str) -> str:
    """Return which amount stays in use while the text of a field is none."""
    if not good:
        return "It stays left open."
    return f"{_with_thousands(good)} stays in use."


def _with_thousands(text: str) -> str:
    return _LONG_NUMBER.sub(lambda one: f"{int(one[0]):,}", text)
