"""My case: what is known so far, what is missing, and the memo to take along."""

from datetime import date

import streamlit as st

from lib.content.case_texts import CaseTexts, Step, load_case_texts
from lib.content.library import Library
from lib.content.results_texts import filled
from lib.content.verdict_texts import load_verdict_texts
from lib.ui import case_session, memo_files, memo_view, shell
from lib.ui.case import MAX_NAME, MAX_QUESTION, MyCase
from lib.ui.case_memo import Words, advice_of, memo_of
from lib.ui.library import get_library
from lib.verdict.words import verdict_words

_NAME, _QUESTION = "case_name", "case_question"


def show() -> None:
    """Draw the page."""
    with shell.explained("This page can't be shown"):
        library = get_library()
        words = Words(load_case_texts(), load_verdict_texts())
        texts = words.case.page
        st.title(texts.title)
        st.markdown(texts.lead)
        case = case_session.current()
        if case.is_empty:
            st.info(texts.start, icon=":material/start:")
        st.header(texts.steps_title)
        _show_steps(case, words, library)
        st.header(texts.words_title)
        _ask_words(words.case, case)
        case = case_session.current()
        st.caption(texts.privacy)
        if case.is_empty:
            return
        memo = memo_of(case, library, words, date.today())
        _show_downloads(memo_files.to_markdown(memo), memo_files.to_html(memo))
        st.button(
            texts.anew,
            icon=":material/restart_alt:",
            help=texts.anew_help,
            key="case_anew",
            on_click=_start_anew,
        )
        st.header(texts.memo_title)
        memo_view.show(memo)


# ---------------------------------------------------------------------------- what is known


def _show_steps(case: MyCase, words: Words, library: Library) -> None:
    texts = words.case
    advice = advice_of(case, library)
    if advice:
        titles = {one.id: one.title for one in advice.guide.approaches}
        _show_known("choose", texts, ", then ".join(titles[one] for one in advice.picks))
        given = case.advice.answers if case.advice else {}
        shell.link(texts.steps["choose"].back, "choose", given, "case_back")
    else:
        _show_missing("choose", texts)
    if case.estimates:
        _show_known("estimator", texts, " ".join(one.says for one in case.estimates))
        for one in case.estimates:
            label = filled(texts.steps["estimator"].back, part=texts.parts[one.part])
            shell.link(label, "estimator", one.params or {"show": one.part}, "case_back")
    else:
        _show_missing("estimator", texts)
    if case.trial:
        verdict = verdict_words(case.trial.verdict, words.verdict)
        _show_known("train", texts, f"{case.trial.name}: {verdict.title}.")
        shell.link(texts.steps["train"].back, "train", {}, "case_back")
    else:
        _show_missing("train", texts)


def _show_known(step: Step, texts: CaseTexts, says: str) -> None:
    title = texts.steps[step].title
    st.markdown(f":material/check_circle: **{title}** · {shell.plain(says)}")


def _show_missing(step: Step, texts: CaseTexts) -> None:
    text = texts.steps[step]
    st.markdown(f":material/radio_button_unchecked: **{text.title}** · {text.missing}")
    shell.link(text.go, step, {}, "case_go", shell.icon_of(step))


# ---------------------------------------------------------------------------- the visitor's words


def _ask_words(texts: CaseTexts, case: MyCase) -> None:
    page = texts.page
    for key, text in ((_NAME, case.name), (_QUESTION, case.question)):
        if key not in st.session_state:
            st.session_state[key] = text
    name = st.text_input(page.name_label, key=_NAME, max_chars=MAX_NAME, placeholder=page.name_hint)
    question = st.text_area(
        page.question_label,
        key=_QUESTION,
        max_chars=MAX_QUESTION,
        placeholder=page.question_hint,
        height=110,
    )
    case_session.keep_words(name or "", question or "")


def _start_anew() -> None:
    case_session.forget()
    st.session_state[_NAME] = st.session_state[_QUESTION] = ""


def _show_downloads(markdown: str, html: str) -> None:
    with st.container(horizontal=True):
        for name, data, ending, mime in (
            ("HTML, to print or send", html, "html", "text/html"),
            ("Markdown", markdown, "md", "text/markdown"),
        ):
            st.download_button(
                name,
                data,
                file_name=f"my-case.{ending}",
                mime=mime,
                icon=":material/download:",
                key=f"case_{ending}",
            )
