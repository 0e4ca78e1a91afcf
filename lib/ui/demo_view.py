"""The demo page: a task, an input, a run, four cards, and what they show."""

from contextlib import closing

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib.content.page_texts import DemoText, load_page_texts
from lib.errors import ContentError
from lib.evaluation.results import MeasuredResults, read_results
from lib.inference.conditions import Condition
from lib.task import Task
from lib.task_change import change_id
from lib.ui import cards, demo_answers, demo_change, demo_input, history, shell
from lib.ui.demo_answers import AnswerMode, Slots
from lib.ui.live_run import LiveRun


def show() -> None:
    """Draw the page."""
    with shell.explained("This page can't be shown"):
        history.begin("demo")
        texts = load_page_texts().demo
        st.title(texts.title)
        st.markdown(texts.lead)
        _show(texts, demo_change.ask(demo_input.ask_task()))
        history.end("demo")


def _show(texts: DemoText, task: Task) -> None:
    run: LiveRun | None = st.session_state.get(demo_input.run_key(task))
    if run is not None and not run.waiting_to_start:
        run.stop()  # it has ended already, unless a click interrupted the script that drew it
    running = run is not None and run.waiting_to_start
    with st.container():  # what comes and goes in it does not move what stands below
        demo_input.ask_inputs(task, running)
    notice = st.container()
    mode = demo_answers.ask_mode(task)
    summary = st.empty()
    slots = cards.grid(task)
    demo_change.show_cost(task)
    st.header(texts.model_title)
    st.markdown(texts.model_text)
    if task.id in texts.limits:
        st.markdown(texts.limits[task.id])
    results = _results(task, mode, notice)
    # Everything else is drawn by now, so nothing on the page looks stale during a run.
    if run is not None and running:
        _draw_while_running(run, summary, slots)
    outcome = run.outcome if run else None
    problem = st.session_state.get(demo_input.problem_key(task)) or (outcome and outcome.problem)
    if problem:
        notice.error(shell.plain(problem), icon=":material/error:")
    if outcome is not None and outcome.comparison is not None:
        demo_answers.show(task, outcome.comparison, mode, results, summary, slots)
    else:
        for slot in slots.values():
            cards.show_waiting(slot)


def _draw_while_running(run: LiveRun, summary: DeltaGenerator, slots: Slots) -> None:
    """Stream into the cards until the run has ended, then draw the page anew."""
    shown: dict[Condition, str] = {}
    for slot in slots.values():
        slot.caption("Waiting for the first word ...")
    with closing(run.ticks()) as ticks:
        for progress in ticks:
            # This call comes every tick, so that Stop never waits for the next token.
            summary.caption(shell.plain(progress.status if not progress.texts else "Writing ..."))
            for condition, text in progress.texts.items():
                if shown.get(condition) != text:
                    cards.show_text(slots[condition], text)
                    shown[condition] = text
    st.rerun()


def _results(task: Task, mode: AnswerMode, notice: DeltaGenerator) -> MeasuredResults | None:
    if change_id(task):
        return None  # what was measured belongs to the requirement of before
    try:
        ending = "_score" if mode is AnswerMode.SCORE else ""
        return read_results(task, task.folder / "results" / f"{task.main_set.id}{ending}.json")
    except ContentError as error:
        notice.warning(shell.plain(str(error)))
        return None
