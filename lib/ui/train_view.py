"""The train page: rows and what they are, or a training that a private link leads to."""

import streamlit as st

from lib.content.page_texts import TrainText, load_page_texts
from lib.content.results_texts import filled
from lib.ui import shell, train_acts, train_job, train_rows, train_start, train_understood
from lib.verdict.jobs import KEEP_SECONDS

_STATUS = {
    "waiting": "waits",
    "running": "runs",
    "done": "has a verdict",
    "failed": "failed",
    "lost": "was lost",
}


def show() -> None:
    """Draw the page."""
    with shell.explained("This page can't be shown"):
        texts = load_page_texts().train
        st.title(texts.title)
        token = st.query_params.get(train_acts.JOB)
        if token:
            train_job.show(texts, token)
        else:
            _show_start(texts)


def _show_start(texts: TrainText) -> None:
    if train_acts.take_deleted():
        st.success(texts.job.deleted, icon=":material/delete:")
    st.markdown(texts.lead)
    st.caption(filled(texts.privacy, hours=KEEP_SECONDS // 3600))
    _show_mine(texts)
    found = train_rows.show(texts)
    if found is not None:
        train_understood.show(texts.understood, found)
        train_start.show(texts.minutes, found)


def _show_mine(texts: TrainText) -> None:
    """Draw the way back to the trainings of this visit."""
    found = train_acts.mine()
    if not found:
        return
    st.markdown(f"**{texts.mine}**")
    for number, (token, state) in enumerate(found):
        label = filled(
            texts.mine_link, name=shell.plain(state.name[:60]), status=_STATUS[state.status]
        )
        st.button(
            label,
            type="tertiary",
            icon=":material/link:",
            key=f"train_mine_{number}",
            on_click=train_acts.go_to,
            args=(token,),
        )
