"""The results page: what was measured for a task, with its ranges, its losses and its limits."""

import streamlit as st

from lib.content.results_texts import ResultsTexts, filled
from lib.task import Task
from lib.ui import estimator_inputs as ask
from lib.ui import (
    prose,
    results_calls_view,
    results_curve_view,
    results_f1_view,
    results_forgetting_view,
    results_gallery_view,
    results_main_view,
    results_sets_view,
    results_stability_view,
    shell,
)
from lib.ui.library import get_library, get_tasks
from lib.ui.results_library import get_found, get_texts
from lib.ui.results_main_view import Shown
from lib.ui.results_words import Names


def show() -> None:
    """Draw the page."""
    with shell.explained("This page can't be shown"):
        texts = get_texts()
        st.title(texts.title)
        st.markdown(texts.lead)
        task = _chosen_task(texts)
        _show_task(task, texts)
        _show_reported(task, texts)
        _show_limits(task, texts)
        shell.link("The same with your own rows", "train", {}, "results", shell.icon_of("train"))
        told = [*texts.reported.tasks.get(task.id, ()), *_limits(task, texts)]
        prose.show_findings(prose.cited_findings(told, get_library()))


def _chosen_task(texts: ResultsTexts) -> Task:
    tasks, problems = get_tasks()
    for problem in problems:
        st.error(shell.plain(problem), icon=":material/error:")
    chosen = ask.choice(
        texts.task_label,
        "task",
        list(tasks),
        next(iter(tasks)),
        lambda id: tasks[id].title,
        key="results",
        as_buttons=True,
    )
    return tasks[chosen]


def _show_task(task: Task, texts: ResultsTexts) -> None:
    st.markdown(f"**{shell.plain(task.title)}**: {shell.plain(task.summary)}")
    found = get_found(task)
    for problem in found.problems:
        st.warning(shell.plain(problem), icon=":material/warning:")
    main = found.results.main
    if main is None or not main.lines:
        file = f"content/tasks/{task.id}/results/{task.test_sets[0].id}.json"
        st.info(filled(texts.nothing, task=task.id, file=file), icon=":material/info:")
        return
    lines = [line for one in found.results.sets for line in one.lines]
    page = Shown(task, texts, found, main, Names(texts, lines))
    results_main_view.show_finding(page)
    results_main_view.show_main(page)
    results_f1_view.show_f1(page)
    results_main_view.show_pairs(page)
    results_main_view.show_effects(page)
    results_main_view.show_tried(page)
    results_curve_view.show_curve(page)
    results_sets_view.show_sets(page)
    results_sets_view.show_twins(page)
    results_sets_view.show_strangers(page)
    results_gallery_view.show_gallery(page)
    results_forgetting_view.show_forgetting(page)
    results_stability_view.show_stability(page)
    results_calls_view.show_calls(page)


def _show_reported(task: Task, texts: ResultsTexts) -> None:
    st.header(texts.reported.title, anchor="reported")
    told = texts.reported.tasks.get(task.id)
    if not told:
        st.markdown(texts.reported.missing)
        return
    st.markdown(texts.reported.lead)
    library = get_library()
    st.markdown("\n".join(f"- {prose.markdown(one, library)}" for one in told))


def _limits(task: Task, texts: ResultsTexts) -> list[str]:
    return [*texts.limits.points, *texts.limits.tasks.get(task.id, ())]


def _show_limits(task: Task, texts: ResultsTexts) -> None:
    st.header(texts.limits.title, anchor="limits")
    library = get_library()
    st.markdown("\n".join(f"- {prose.markdown(one, library)}" for one in _limits(task, texts)))
