"""A changed requirement on the demo page: the switch, what the answers say, and what it costs."""

import difflib
from collections.abc import Sequence

import streamlit as st

from lib.errors import ContentError
from lib.evaluation.curve_figures import spots
from lib.evaluation.curve_file import NAME as CURVE
from lib.evaluation.curve_file import read_curve
from lib.evaluation.curve_points import CurveLine
from lib.inference.parsing import Answer, Written, parse_answer
from lib.inference.prompts import build_messages
from lib.task import PromptTemplate, Task
from lib.task_change import ChangedTask, changed_task, find_change, translated
from lib.training.recipe import TrainingRecord
from lib.training.record_file import read_training_record
from lib.ui import history, shell

_CHANGE = "change"  # its name in the address
_AS_TRAINED = ""


def ask(task: Task) -> Task:
    """Draw the switch, where a task lists changes, and return the task as it is wanted."""
    if not task.changes:
        st.query_params.pop(_CHANGE, None)
        return task
    titles = {_AS_TRAINED: "As trained", **{one.id: one.title for one in task.changes}}
    widget = f"demo_change_{task.id}"
    history.watch("demo", widget)
    if st.session_state.get(widget) not in titles:
        wanted = st.query_params.get(_CHANGE, _AS_TRAINED)
        st.session_state[widget] = wanted if wanted in titles else _AS_TRAINED
    chosen = st.segmented_control(
        "What is wanted",
        list(titles),
        format_func=titles.__getitem__,
        required=True,
        key=widget,
        persist_state="session",
        help="Requirements change after the training. The prompts follow at once; the adapter stays "
        "what it was.",
    )
    id = str(chosen or _AS_TRAINED)
    if id == _AS_TRAINED:
        st.query_params.pop(_CHANGE, None)
        return task
    if st.query_params.get(_CHANGE) != id:
        st.query_params[_CHANGE] = id
    change = find_change(task, id)
    st.markdown(shell.plain(change.about))
    return changed_task(task, change)


def old_form(task: Task, reply: Written, expected: Answer | None) -> str | None:
    """Return what a card says of an answer that was valid before the change; None for all others."""
    if reply.old_answer is None or not isinstance(task, ChangedTask):
        return None
    old = {name: new for name, new in task.change.rename.items() if _uses(reply.old_answer, name)}
    names = shell.plain(", ".join(f"“{name}” is “{new}” now" for name, new in old.items()))
    told = f":material/history: **Answers in the old form**: {names}, so a program refuses this."
    if expected is not None and _renewed(task, reply) == expected:
        told += " The content is what we expect."
    return told


def show_untypical() -> None:
    """Say why nothing stands beside the answers of a changed task."""
    st.caption(
        "How typical this is nobody knows: no held-out rows exist for the changed requirement, and the "
        "shares measured before it would not fit."
    )


def show_cost(task: Task) -> None:
    """Draw what the change costs, for prompts and adapter; nothing for a task that is as trained."""
    if not isinstance(task, ChangedTask):
        return
    st.header("What the change costs", anchor="change-cost")
    lines = [*_difference(task, "plain"), *_difference(task, "engineered")]
    changed = sum(line.startswith("+") for line in lines)
    what = "1 line that was written" if changed == 1 else f"{changed} lines that were written"
    st.markdown(
        f":material/check: **The prompts follow at once**: {what} or rewritten, solved examples "
        "included."
    )
    with st.expander("What changed in the prompts"):
        st.code("\n".join(lines), language="diff", wrap_lines=True)
    st.markdown(f":material/history: **The adapter does not**: {_retraining(task)}")
    if fewer := _fewer_rows(task):
        st.markdown(fewer)


def _retraining(task: ChangedTask) -> str:
    rows = (
        "Where only a name is new, a script can rewrite the answers in the rows."
        if task.change.rename
        else "What is new was never labelled, so somebody has to go through the rows first."
    )
    try:
        record = read_training_record(task.folder)
    except ContentError as error:
        return f"it has to be trained again. {rows} {shell.plain(str(error))}"
    return f"{_took(record)} {rows}"


def _took(record: TrainingRecord) -> str:
    threads = "1 thread" if record.threads == 1 else f"{record.threads} threads"
    machine = f"{threads} of {record.processor}, {record.dtype}, {record.date}"
    return (
        f"it has to be trained again. The one here took **{record.rows:,} rows** and "
        f"**{record.seconds / 60:,.0f} minutes** ({record.tokens:,} tokens; {shell.plain(machine)})."
    )


def _fewer_rows(task: Task) -> str | None:
    """Return what fewer rows brought, by the learning curve; None where none was measured."""
    try:
        curve = read_curve(task.folder / "results" / CURVE)
    except ContentError as error:
        return shell.plain(str(error))
    found = spots(curve.points, curve.test_rows) if curve else ()
    lora = [one for one in found if one.line is CurveLine.LORA]
    if curve is None or not lora:
        return None
    told = "; ".join(
        f"{one.size:,} rows {one.mean:.1%} right after {one.seconds_to_learn / 60:,.1f} minutes"
        for one in lora
    )
    return (
        f"With fewer rows, for the requirement as trained, on {curve.test_rows:,} test rows: {told}. "
        "Whether a changed one takes as many was not measured."
    )


def _difference(task: ChangedTask, name: str) -> list[str]:
    """Return the lines of a prompt that a change took away (-) and wrote (+)."""
    before: PromptTemplate = getattr(task.original.prompts, name)
    after: PromptTemplate = getattr(task.prompts, name)
    found = difflib.ndiff(_lines(task, before), _lines(task, after))
    return [line for line in found if line[:2] in ("- ", "+ ")]


def _lines(task: Task, template: PromptTemplate) -> Sequence[str]:
    """Return a prompt's text line by line, without a text of a visitor's."""
    nothing = {field: f"{{{field}}}" for field in task.input_fields}
    return [
        line for one in build_messages(template, nothing) for line in one["content"].splitlines()
    ]


def _uses(answer: Answer, name: str) -> bool:
    return name in answer if isinstance(answer, dict) else name == answer


def _renewed(task: ChangedTask, reply: Written) -> Answer | None:
    return parse_answer(task, translated(task.original, task.change, reply.raw.strip()))
