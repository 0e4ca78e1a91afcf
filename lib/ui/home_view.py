"""The home page: two levers, one measured result, one way on."""

import streamlit as st

from lib.content.page_texts import HomeText, load_page_texts
from lib.content.tasks import load_task
from lib.evaluation.results import MeasuredResults, read_results
from lib.inference.conditions import Condition
from lib.task import Task
from lib.ui import results_words, search_view, shell
from lib.ui.charts import show_scores
from lib.ui.library import get_tasks
from lib.ui.palette import TEXT_COLOURS
from lib.ui.results_library import get_found, get_texts
from lib.ui.results_words import Names

_TASK = "booking"


def show() -> None:
    """Draw the page."""
    with shell.explained("This page can't be shown"):
        texts = load_page_texts().home
        st.title(texts.title)
        st.markdown(texts.lead)
        _show_levers(texts)
        _show_problems(texts)
        st.header(texts.measured_title)
        st.markdown(texts.measured_text)
        with shell.explained("The measured results can't be shown"):
            task = load_task(_TASK)
            _show_results(
                task, read_results(task, task.folder / "results" / f"{task.main_set.id}.json")
            )
            st.markdown(texts.caveat)
        with shell.explained("What was found on other tasks can't be shown"):
            _show_others(texts)
        with st.container(horizontal=True):
            st.page_link(shell.page_file("demo"), label=texts.demo_link, icon=":material/compare:")
            st.page_link(
                shell.page_file("results"), label=texts.results_link, icon=":material/query_stats:"
            )
        _show_ways(texts)


def _show_levers(texts: HomeText) -> None:
    for lever, column in zip(texts.levers, st.columns(len(texts.levers)), strict=True):
        with column.container(border=True, height="stretch"):
            st.markdown(f"## :{TEXT_COLOURS[Condition(lever.condition)]}[{lever.title}]")
            st.markdown(lever.text)


def _show_problems(texts: HomeText) -> None:
    st.header(texts.problems_title)
    with st.container(horizontal=True, gap="small"):
        for one in texts.problems:
            st.page_link(
                shell.page_file("choose"),
                label=one.label,
                icon=":material/alt_route:",
                query_params=one.answers,
            )


def _show_others(texts: HomeText) -> None:
    """Say what was found on the other tasks: one task would tell only half of the story."""
    words = get_texts()
    findings = []
    for task in get_tasks()[0].values():
        found = get_found(task)
        main, outcome = found.results.main, found.outcome
        if task.id != _TASK and main and outcome:
            names = Names(words, main.lines)
            findings.append(
                (task, results_words.finding(words, outcome, main, names, main.learning))
            )
    if not findings:
        return
    st.markdown(f"**{texts.others_title}**")
    for task, said in findings:
        with st.container(border=True):
            link = {"task": task.id}
            shell.link(task.title, "results", link, "home", shell.icon_of("results"))
            st.markdown(said)


def _show_ways(texts: HomeText) -> None:
    st.header(texts.ways_title)
    search_view.show("home")
    for one, column in zip(texts.ways, st.columns(len(texts.ways)), strict=True):
        with column.container(border=True, height="stretch"):
            st.page_link(shell.page_file(one.page), label=f"**{one.label}**")
            st.markdown(one.text)


def _show_results(task: Task, results: MeasuredResults) -> None:
    show_scores(results.scores, "Exactly right", key="home_scores")
    st.caption(
        f"{results.rows:,} test messages of {task.data.name} ({task.data.credit}), none of them used for "
        f"training or for choosing a prompt; greedy decoding, measured {results.date} in {results.dtype}. "
        f"Bars end at the measured share, whiskers show the 95% interval (Wilson)."
    )
    if results.empty_share is not None:
        st.caption(
            f"In {results.empty_share:.1%} of these messages there is nothing to note down, so an "
            "answer that is always empty would reach that share. A score that is not above it proves "
            "nothing; the field F1 in the table tells more."
        )
    if results.rows_without_twins:
        parts = ", ".join(
            f"{condition.shown_as} {score.score:.1%}"
            for condition, score in results.scores_without_twins.items()
        )
        st.caption(
            f"Without the test messages that nearly repeat a training message "
            f"({results.rows_without_twins:,} are left): {parts}."
        )
    st.caption("Measured with")
    st.code(results.command, language=None, wrap_lines=True)
