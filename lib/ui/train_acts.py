"""What a visitor does with trainings, each as a callback; and which ones this visit began.

A token is a key: it stands in the address of whoever has it and in this visit's state, and nowhere
else. A mistake becomes a sentence that the next run of the page shows in its place.
"""

import streamlit as st

from lib.errors import UserError
from lib.ui import estimator_inputs as ask
from lib.verdict import jobs
from lib.verdict.folder import Order

JOB = "job"
"""The token's name in the address."""

_MINE = "train_mine"
_PROBLEM = "train_problem"
_DELETED = "train_deleted"
_SURE = "train_sure"
_STOPPING = "train_stopping"


def submit(name: str, order: Order, rows: str) -> None:
    """Put rows into the line and go to their private page.

    `rows` tells them from all others. Those that this visit has in the line already are not put
    there twice: a double click must not train twice.
    """
    mine: dict[str, str] = st.session_state.setdefault(_MINE, {})
    st.session_state.pop(_DELETED, None)
    for token, other in mine.items():
        state = jobs.get_jobs().state(token) if other == rows else None
        if state is not None and state.status in ("waiting", "running"):
            go_to(token)
            return
    try:
        token = jobs.get_jobs().submit(name, order)
    except UserError as error:
        st.session_state[_PROBLEM] = str(error)
        return
    mine[token] = rows
    go_to(token)


def go_to(token: str) -> None:
    """Go to a training's page."""
    st.query_params[JOB] = token


def stop(token: str) -> None:
    """End the training early."""
    jobs.get_jobs().stop(token)
    st.session_state[_STOPPING] = token


def is_stopping(token: str) -> bool:
    """Return whether this visit has asked a training to end."""
    return bool(st.session_state.get(_STOPPING) == token)


def restart(token: str) -> None:
    """Put a training that was lost or failed into the line again."""
    st.session_state.pop(_STOPPING, None)
    try:
        jobs.get_jobs().restart(token)
    except UserError as error:
        st.session_state[_PROBLEM] = str(error)


def ask_if_sure(token: str, sure: bool) -> None:
    """Remember whether deleting has to be confirmed now."""
    st.session_state[_SURE] = token if sure else None


def is_asked(token: str) -> bool:
    """Return whether deleting has to be confirmed now."""
    return bool(st.session_state.get(_SURE) == token)


def delete(token: str) -> None:
    """Delete everything of a training and leave its page."""
    jobs.get_jobs().delete(token)
    st.session_state.setdefault(_MINE, {}).pop(token, None)
    st.session_state[_SURE] = None
    st.session_state[_DELETED] = True
    leave()


def leave() -> None:
    """Go to the page for new rows."""
    st.query_params.pop(JOB, None)


def take_deleted() -> bool:
    """Return, once, whether something was deleted."""
    return bool(st.session_state.pop(_DELETED, False))


def mine() -> list[tuple[str, jobs.JobState]]:
    """Return the trainings that this visit began and that are kept still."""
    states = ((token, jobs.get_jobs().state(token)) for token in st.session_state.get(_MINE, {}))
    return [(token, state) for token, state in states if state is not None]


def show_problem() -> None:
    """Say, once, what could not be done."""
    problem = st.session_state.pop(_PROBLEM, None)
    if problem:
        ask.problem(problem)
