"""The visit's case: the pages put their part into it, and say so in their last line."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import partial

import streamlit as st

from lib.content.case_texts import load_case_texts
from lib.ui import history, shell
from lib.ui.case import MAX_NAME, Advice, Estimate, MyCase, Trial
from lib.verdict.facts import Verdict

_CASE = "my_case"


def current() -> MyCase:
    """Return what is known of this visit's case."""
    case: MyCase = st.session_state.get(_CASE, MyCase())
    return case


def keep_words(name: str, question: str) -> None:
    """Keep what the visitor calls the case, and the question."""
    _save(replace(current(), name=name.strip(), question=question.strip()))


def show_advice(answers: Mapping[str, str]) -> None:
    """Put answers that differ from the defaults into the case; where none does, offer to."""
    kept = current().advice is not None
    _show_foot("choose", bool(answers) or kept, partial(_keep_advice, dict(answers)))


def show_estimate(estimate: Estimate) -> None:
    """Put an estimate with own numbers into the case; where it has none, offer to."""
    kept = current().estimate(estimate.part) is not None
    _show_foot("estimator", estimate.is_changed or kept, partial(_keep_estimate, estimate))


def show_verdict(verdict: Verdict, name: str) -> None:
    """Put the verdict on a visitor's rows into the case; `name` is that of their file or sample."""
    _show_foot("train", True, partial(_keep_trial, Trial(verdict, name[:MAX_NAME], date.today())))


def forget() -> None:
    """Empty the case, and what the guide and the estimator remember of this visit."""
    st.session_state.pop(_CASE, None)
    for page in ("choose", "estimator"):
        history.forget(page)


def _show_foot(page: str, is_part: bool, keep: Callable[[], None]) -> None:
    texts = load_case_texts().foot
    if not is_part:
        st.button(
            texts.offer, icon=":material/work:", type="tertiary", key=f"case_{page}", on_click=keep
        )
        return
    keep()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(texts.kept, width="content")
        shell.link(texts.link, "case", {}, f"case_{page}", shell.icon_of("case"))


def _keep_advice(answers: Mapping[str, str]) -> None:
    _save(replace(current(), advice=Advice(answers)))


def _keep_estimate(estimate: Estimate) -> None:
    _save(current().with_estimate(estimate))


def _keep_trial(trial: Trial) -> None:
    _save(replace(current(), trial=trial))


def _save(case: MyCase) -> None:
    st.session_state[_CASE] = case
