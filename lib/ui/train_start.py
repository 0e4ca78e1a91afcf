"""How long a training will take, and the button that puts it into the line."""

import streamlit as st

from lib.content.page_texts import MinutesText
from lib.content.results_texts import filled
from lib.ui import estimator_inputs as ask
from lib.ui import train_acts
from lib.ui.train_pace import get_meter
from lib.ui.train_rows import Understood
from lib.verdict.pace import Minutes, estimate

_LOOK_EVERY = 1.0  # seconds


def show(texts: MinutesText, found: Understood) -> None:
    """Draw the estimate and the button."""
    st.header(texts.title, anchor="minutes")
    get_meter().look()
    measuring = get_meter().is_measuring
    # Only while something is measured is there anything to ask for again and again.
    minutes = st.fragment(_show_minutes, run_every=_LOOK_EVERY if measuring else None)
    minutes(texts, found, measuring)
    st.markdown(_steps(texts, found))
    st.caption(texts.after)
    st.button(
        texts.train,
        icon=":material/model_training:",
        key="train_submit",
        on_click=train_acts.submit,
        args=(found.own.name, found.order, f"{found.file} {found.columns}"),
    )
    train_acts.show_problem()


def _show_minutes(texts: MinutesText, found: Understood, was_measuring: bool) -> None:
    """Draw the estimate, or that the machine is being measured for it."""
    meter = get_meter()
    known = meter.look()
    if meter.is_measuring != was_measuring:
        st.rerun()
    if known is not None:
        st.markdown(_minutes(texts, estimate(found.order, found.tokens, known)))
    elif meter.problem is not None:
        ask.problem(meter.problem)
        st.button(texts.again, key="train_measure_again", on_click=meter.retry)
    else:
        st.caption(f":material/timer: {texts.measuring}")


def _minutes(texts: MinutesText, minutes: Minutes) -> str:
    low, high = (max(1, round(one)) for one in (minutes.low, minutes.high))
    return filled(texts.one if low == high else texts.known, low=low, high=high)


def _steps(texts: MinutesText, found: Understood) -> str:
    recipe, rows = found.order.recipe, found.order.trained_rows
    return filled(
        texts.steps,
        steps=f"{recipe.epochs * -(-rows // recipe.batch_size):,}",
        batch=recipe.batch_size,
        epochs=recipe.epochs,
        rows=f"{rows:,}",
        tokens=f"{found.tokens // recipe.epochs:,}",
    )
