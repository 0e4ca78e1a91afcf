"""The demo page: an input, a run, four cards, and what they show."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib.content.page_texts import DemoText, load_page_texts
from lib.content.tasks import load_task
from lib.errors import ContentError, InputError
from lib.evaluation.results import MeasuredResults, read_results
from lib.inference.compare import Comparison
from lib.inference.conditions import ALL_CONDITIONS, Condition
from lib.inference.parsing import Answer, parse_answer
from lib.inference.prompts import clean_inputs
from lib.inference.reading import what_it_shows
from lib.task import Sample, Task
from lib.ui import cards, shell
from lib.ui.live_run import LiveRun, Outcome

Slots = dict[Condition, DeltaGenerator]

_TASK = "booking"
_TEXT, _SAMPLE, _RUNNING, _OUTCOME = "demo_text", "demo_sample", "demo_running", "demo_outcome"


def show() -> None:
    """Draw the page."""
    with shell.explained("This page can't be shown"):
        _show(load_page_texts().demo, load_task(_TASK))


def _show(texts: DemoText, task: Task) -> None:
    st.title(texts.title)
    st.markdown(texts.lead)
    _show_input(task)
    notice = st.container()
    summary = st.empty()
    slots = cards.grid()
    if st.session_state.get(_RUNNING):
        _run(task, summary, slots)
    outcome: Outcome | None = st.session_state.get(_OUTCOME)
    if outcome is not None and outcome.problem:
        notice.error(shell.plain(outcome.problem), icon=":material/error:")
    results = _results(task, notice)
    if outcome is not None and outcome.comparison is not None:
        _show_comparison(task, outcome.comparison, results, summary, slots)
    else:
        for slot in slots.values():
            cards.show_waiting(slot)
    st.subheader(texts.model_title)
    st.markdown(texts.model_text)


# ---------------------------------------------------------------------------- input


def _show_input(task: Task) -> None:
    samples = {sample.id: sample for sample in task.samples}
    if _TEXT not in st.session_state:
        wanted = st.query_params.get(_SAMPLE)
        first = samples.get(wanted or "", task.samples[0])
        st.session_state[_TEXT] = first.inputs["text"]
    st.pills(
        "Samples that we wrote",
        options=list(samples),
        format_func=lambda key: samples[key].title,
        key=_SAMPLE,
        bind="query-params",
        on_change=_take_sample,
        args=(samples,),
    )
    st.text_area(
        task.input_label,
        key=_TEXT,
        height=100,
        persist_state="session",
        help=f"Up to {task.max_characters} characters. Change a sample or write your own; it stays here.",
    )
    sample = _sample_of(task, st.session_state[_TEXT])
    if sample is not None:
        st.caption(shell.plain(sample.note))
    if st.session_state.get(_RUNNING):
        st.button("Stop", icon=":material/stop:", key="demo_stop", on_click=_stop)
    else:
        st.button(
            "Run",
            icon=":material/play_arrow:",
            type="primary",
            key="demo_run",
            on_click=_start,
            args=(task,),
        )


def _take_sample(samples: dict[str, Sample]) -> None:
    chosen = samples.get(st.session_state[_SAMPLE] or "")
    if chosen is not None:
        st.session_state[_TEXT] = chosen.inputs["text"]


def _start(task: Task) -> None:
    """Begin a run, unless the text can't be used: that is said at once, without the model."""
    try:
        clean_inputs(task, {"text": st.session_state[_TEXT]})
    except InputError as error:
        st.session_state[_OUTCOME] = Outcome(problem=str(error))
    else:
        st.session_state[_OUTCOME] = None
        st.session_state[_RUNNING] = True


def _stop() -> None:
    st.session_state[_RUNNING] = False


# ---------------------------------------------------------------------------- the run


def _run(task: Task, summary: DeltaGenerator, slots: Slots) -> None:
    """Stream into the cards until the run has ended; being stopped keeps what is there."""
    run = LiveRun(task, {"text": st.session_state[_TEXT]})
    shown: dict[Condition, str] = {}
    ticks = run.ticks()
    try:
        for progress in ticks:
            # This call comes every tick, so that Stop never waits for the next token.
            summary.caption(shell.plain(progress.status if not progress.texts else "Writing ..."))
            for condition, text in progress.texts.items():
                if shown.get(condition) != text:
                    cards.show_text(slots[condition], text)
                    shown[condition] = text
    finally:
        ticks.close()
        st.session_state[_OUTCOME] = run.outcome
        st.session_state[_RUNNING] = False
    st.rerun()


# ---------------------------------------------------------------------------- the answers


def _show_comparison(
    task: Task,
    comparison: Comparison,
    results: MeasuredResults | None,
    summary: DeltaGenerator,
    slots: Slots,
) -> None:
    sample = _sample_of(task, comparison.inputs["text"])
    expected = _expected(task, sample)
    with summary.container():
        if comparison.inputs["text"] != st.session_state[_TEXT].strip():
            st.caption(
                f"These answers belong to the text before: {shell.plain(comparison.inputs['text'])}"
            )
        st.info(shell.plain(what_it_shows(task, comparison, expected)), icon=":material/lightbulb:")
        st.caption(_proof(comparison, results))
    replies = {reply.condition: reply for reply in comparison.replies}
    for condition in ALL_CONDITIONS:
        if condition in replies:
            score = results.scores.get(condition) if results else None
            rows = results.rows if results else 0
            cards.show_reply(slots[condition], task, replies[condition], expected, score, rows)
        else:
            cards.show_missing(slots[condition])


def _proof(comparison: Comparison, results: MeasuredResults | None) -> str:
    parts = [f"{comparison.seconds:.1f} s for all answers together, in {comparison.dtype}"]
    if comparison.self_check is not None:
        word = "passed" if comparison.self_check.passed else "failed"
        parts.append(
            f"self-check {word}: rows without the adapter equal the untouched model, rows with it differ"
        )
    if results is not None and results.base_sha256 != comparison.base_sha256:
        parts.append("**the shares below were measured on another base model than the one in use**")
    return " · ".join(parts)


def _results(task: Task, notice: DeltaGenerator) -> MeasuredResults | None:
    try:
        return read_results(task, task.folder / "results" / "test.json")
    except ContentError as error:
        notice.warning(shell.plain(str(error)))
        return None


def _sample_of(task: Task, text: str) -> Sample | None:
    return next((one for one in task.samples if one.inputs["text"] == text.strip()), None)


def _expected(task: Task, sample: Sample | None) -> Answer | None:
    return parse_answer(task, sample.expected) if sample and sample.expected else None
