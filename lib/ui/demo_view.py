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
from lib.ui import cards, demo_answers, demo_change, demo_input, demo_remote, history, shell
from lib.ui.demo_answers import AnswerMode, Slots
from lib.ui.demo_remote import Hosted
from lib.ui.live_run import LiveRun
from lib.ui.remote_run import RemoteRun


def show() -> None:
    """Draw the page."""
    with shell.explained("This page can't be shown"):
        history.begin("demo")
        texts = load_page_texts().demo
        st.title(texts.title)
        hosted = demo_remote.find()
        st.markdown(f"{texts.lead} {demo_remote.where_texts_go(hosted, texts)}")
        _show(texts, hosted, demo_change.ask(demo_input.ask_task()))
        history.end("demo")


def _show(texts: DemoText, hosted: Hosted, task: Task) -> None:
    run: LiveRun | None = st.session_state.get(demo_input.run_key(task))
    if run is not None and not run.waiting_to_start:
        run.stop()  # it has ended already, unless a click interrupted the script that drew it
    running = run is not None and run.waiting_to_start
    with st.container():  # what comes and goes in it does not move what stands below
        demo_input.ask_inputs(task, running)
    notice = st.container()
    # A hosted model tells what it writes, and not how likely each label is.
    mode = AnswerMode.GENERATE if hosted.is_alone else demo_answers.ask_mode(task)
    summary = st.empty()
    slots, remote_slots = demo_remote.place(hosted, task, cards.grid(task))
    demo_change.show_cost(task)
    if not hosted.is_alone:
        _show_model(texts, task)
    demo_remote.show_how(hosted)
    # What was measured here says nothing about another model.
    results = None if hosted.is_alone else _results(task, mode, notice)
    # Everything else is drawn by now, so nothing on the page looks stale during a run.
    if run is not None and running:
        _draw_while_running(run, summary, slots, remote_slots)
    beside = run.beside if run else None
    outcome = run.outcome if run else None
    problem = st.session_state.get(demo_input.problem_key(task)) or (outcome and outcome.problem)
    if problem:
        notice.error(shell.plain(problem), icon=":material/error:")
    if outcome is not None and outcome.comparison is not None:
        remote = demo_remote.as_json(beside)
        demo_answers.show(task, outcome.comparison, mode, results, summary, slots, remote)
    else:
        for slot in slots.values():
            cards.show_waiting(slot)
        if beside is not None and beside.replies and hosted.is_alone:
            _summarise_remote(task, beside, summary)
    if running and beside is not None:
        if problem:
            summary.empty()  # the last that was heard of the model here
        demo_remote.follow(beside, remote_slots)
        st.rerun()
    expected = demo_answers.expected_answer(task, beside.inputs) if beside else None
    demo_remote.show(beside, task, expected, remote_slots)


def _show_model(texts: DemoText, task: Task) -> None:
    st.header(texts.model_title)
    st.markdown(texts.model_text)
    if task.id in texts.limits:
        st.markdown(texts.limits[task.id])


def _draw_while_running(
    run: LiveRun, summary: DeltaGenerator, slots: Slots, remote_slots: Slots
) -> None:
    """Stream into the cards until the model here has ended.

    Then the page is drawn anew, unless a hosted model still writes: it holds nobody up.
    """
    shown: dict[Condition, str] = {}
    for slot in slots.values():
        slot.caption("Waiting for the first word ...")
    with closing(run.ticks()) as ticks:
        for progress in ticks:
            if run.beside is not None:
                demo_remote.show_texts(run.beside, remote_slots)
            # This call comes every tick, so that Stop never waits for the next token.
            summary.caption(shell.plain(progress.status if not progress.texts else "Writing ..."))
            for condition, text in progress.texts.items():
                if shown.get(condition) != text:
                    cards.show_text(slots[condition], text)
                    shown[condition] = text
    if run.beside is None or not run.beside.is_alive:
        st.rerun()


def _summarise_remote(task: Task, run: RemoteRun, summary: DeltaGenerator) -> None:
    """Say above the cards that all of them are a hosted model's."""
    with summary.container():
        demo_answers.show_older_text(task, run.inputs)
        model = shell.plain(run.remote.settings.model)
        st.caption(f"All answers come from the hosted model {model}; the model here was not asked.")
        change = change_id(task)
        about = {"task": task.id, **({"change": change} if change else {}), **run.inputs}
        demo_answers.show_download(task, change, {**about, **demo_remote.as_json(run)})


def _results(task: Task, mode: AnswerMode, notice: DeltaGenerator) -> MeasuredResults | None:
    if change_id(task):
        return None  # what was measured belongs to the requirement of before
    try:
        ending = "_score" if mode is AnswerMode.SCORE else ""
        return read_results(task, task.folder / "results" / f"{task.main_set.id}{ending}.json")
    except ContentError as error:
        notice.warning(shell.plain(str(error)))
        return None
