"""What a visitor chooses and types on the demo page: the task, a sample or a text, and Run."""

from collections.abc import Mapping

import streamlit as st

from lib.errors import InputError
from lib.inference.prompts import clean_inputs
from lib.task import Sample, Task
from lib.task_change import change_id
from lib.ui import demo_gallery, demo_remote, history, shell
from lib.ui.library import get_tasks
from lib.ui.live_run import LiveRun

_TASK, _SAMPLE = "task", "demo_sample"  # their names in the address; texts never stand there
_LEFT = "demo_left_sample"  # the session's name of the sample that the last run left there
_FIRST = "booking"
_FIELD_LABELS = {"context": "A passage", "question": "A question about it"}
_HEIGHTS = {"context": 160, "question": 68, "text": 100}  # pixels


def ask_task() -> Task:
    """Draw the choice of tasks, where there is one, and return the chosen task; the address holds it.

    Raises:
        ContentError: if no task can be read.
    """
    tasks, problems = get_tasks()
    for problem in problems:
        st.warning(shell.plain(problem))
    first = _FIRST if _FIRST in tasks else next(iter(tasks))
    names = [first, *(name for name in tasks if name != first)]
    if len(names) == 1:
        return tasks[first]
    widget = "demo_task"
    history.watch("demo", widget)
    if st.session_state.get(widget) not in names:
        wanted = st.query_params.get(_TASK)
        st.session_state[widget] = wanted if wanted in names else first
    chosen = st.segmented_control(
        "Task",
        names,
        format_func=lambda name: tasks[name].title,
        required=True,
        key=widget,
        on_change=_forget_sample,
        persist_state="session",
    )
    name = str(chosen or first)
    if name == first:
        st.query_params.pop(_TASK, None)
    elif st.query_params.get(_TASK) != name:
        st.query_params[_TASK] = name
    return tasks[name]


def ask_inputs(task: Task, running: bool) -> None:
    """Draw samples, the fields for the text, and the button that starts or stops a run."""
    _fill_in(task)
    st.caption("Samples that we wrote")
    with st.container(horizontal=True, gap="xsmall"):
        for one in task.samples:
            key = f"{_SAMPLE}_{one.id}" if task.id == _FIRST else f"{_SAMPLE}_{task.id}_{one.id}"
            st.button(one.title, key=key, on_click=_take_sample, args=(task, one))
    for field in task.input_fields:
        st.text_area(
            _FIELD_LABELS.get(field, task.input_label),
            key=text_key(task, field),
            height=_HEIGHTS[field],
            persist_state="session",  # a visit to another page must not lose it
            help=f"Up to {task.max_characters:,} characters. Change a sample or write your own; it "
            "stays here.",
        )
    # One key, so one button: it changes in place and keeps the keyboard's focus. As Stop it needs
    # no callback: any click interrupts the script that draws, and the next one stops the run.
    st.button(
        "Stop" if running else "Run",
        icon=":material/stop:" if running else ":material/play_arrow:",
        key="demo_start",
        on_click=None if running else _start,
        args=None if running else (task,),
    )
    # Below the button: the note goes away as soon as the text changes, and a button that moves
    # while it is pressed is not clicked.
    sample = sample_of(task, typed(task))
    if sample is not None:
        st.caption(shell.plain(sample.note))
    else:
        _forget_sample()  # whoever gets the address must not take the sample for this text
    st.session_state[_LEFT] = st.query_params.get(_SAMPLE)


def typed(task: Task) -> dict[str, str]:
    """Return what stands in the fields now."""
    return {field: st.session_state[text_key(task, field)] for field in task.input_fields}


def sample_of(task: Task, inputs: Mapping[str, str]) -> Sample | None:
    """Return the sample that these inputs are, if they are one."""
    given = {field: text.strip() for field, text in inputs.items()}
    known = (*task.samples, *demo_gallery.samples(task))
    return next((one for one in known if _stripped(one.inputs) == given), None)


def text_key(task: Task, field: str) -> str:
    """Return the session's name of a field."""
    return f"demo_{field}_{task.id}"


def run_key(task: Task) -> str:
    """Return the session's name of a task's run: a changed task has its own."""
    return "_".join(filter(None, ["demo_run", task.id, change_id(task)]))


def problem_key(task: Task) -> str:
    """Return the session's name of what was wrong with the last text."""
    return "_".join(filter(None, ["demo_problem", task.id, change_id(task)]))


def _fill_in(task: Task) -> None:
    """Take the sample of the address, or the first, where nothing was typed yet.

    A link that names another sample than the last run left is followed whatever was typed.
    """
    wanted = st.query_params.get(_SAMPLE)
    known = (*task.samples, *demo_gallery.samples(task))
    start = next((one.inputs for one in known if one.id == wanted), None)
    is_new = start is not None and wanted != st.session_state.get(_LEFT)
    if start is None:
        start = task.samples[0].inputs if task.samples else dict.fromkeys(task.input_fields, "")
    for field in task.input_fields:
        if is_new or text_key(task, field) not in st.session_state:
            st.session_state[text_key(task, field)] = start[field]


def _take_sample(task: Task, sample: Sample) -> None:
    for field, text in sample.inputs.items():
        st.session_state[text_key(task, field)] = text
    st.query_params[_SAMPLE] = sample.id  # so that the address can be sent to somebody


def _forget_sample() -> None:
    st.query_params.pop(_SAMPLE, None)


def _start(task: Task) -> None:
    """Begin a run, unless the text can't be used: that is said at once, without the model."""
    st.session_state[run_key(task)] = st.session_state[problem_key(task)] = None
    try:
        inputs, hosted = clean_inputs(task, typed(task)), demo_remote.find()
        st.session_state[run_key(task)] = LiveRun(
            task, inputs, demo_remote.new_run(hosted, task, inputs), not hosted.is_alone
        )
    except InputError as error:
        st.session_state[problem_key(task)] = str(error)


def _stripped(inputs: Mapping[str, str]) -> dict[str, str]:
    return {field: text.strip() for field, text in inputs.items()}
