"""The four answer cards: rows are weights, columns are prompts."""

import json

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib.evaluation.metrics import word_f1
from lib.evaluation.results import ConditionScore
from lib.inference.compare import Reply
from lib.inference.conditions import ALL_CONDITIONS, Condition
from lib.inference.parsing import Answer, Written
from lib.inference.phrases import is_expected
from lib.inference.rendering import RenderedPrompt
from lib.task import Task
from lib.ui import demo_change, demo_passage, shell
from lib.ui.palette import coloured_title

_ROWS = (
    ("The model as it is", (Condition.PLAIN, Condition.ENGINEERED)),
    ("The same model with the adapter", (Condition.LORA, Condition.LORA_ENGINEERED)),
)

_PROMPT_LINES = {
    Condition.PLAIN: "one instruction",
    Condition.ENGINEERED: "instruction, {meanings}solved examples",
    Condition.LORA: "the adapter's own short prompt",
    Condition.LORA_ENGINEERED: "the adapter under the engineered prompt",
}
_MEANINGS = {"extraction": "meaning of the keys, ", "classification": "meaning of the labels, "}


def grid(task: Task) -> dict[Condition, DeltaGenerator]:
    """Draw the four empty cards and return a slot to fill in each."""
    slots = {}
    for title, conditions in _ROWS:
        st.caption(f"**{title}**")
        for condition, column in zip(conditions, st.columns(2), strict=True):
            card = column.container(border=True, height="stretch", key=f"card_{condition.value}")
            card.markdown(coloured_title(condition))
            card.caption(prompt_line(task, condition))
            slots[condition] = card.empty()
    assert set(slots) == set(ALL_CONDITIONS)
    return slots


def prompt_line(task: Task, condition: Condition) -> str:
    """Return what a condition's prompt consists of."""
    # Without a system text there is only the instruction in the visitor's turn.
    meanings = _MEANINGS.get(task.kind, "") if task.prompts.engineered.system else ""
    return _PROMPT_LINES[condition].format(meanings=meanings)


def show_waiting(slot: DeltaGenerator) -> None:
    """Say that nothing has been run yet."""
    slot.caption("Press Run to see the answer here.")


def show_text(slot: DeltaGenerator, text: str) -> None:
    """Show an answer that is still being written."""
    slot.code(f"{text}▌", language=None, wrap_lines=True)


def show_missing(slot: DeltaGenerator) -> None:
    """Say that this condition could not take part."""
    slot.caption("Not available: the adapter can't be used (see the message above).")


def show_reply(
    slot: DeltaGenerator,
    task: Task,
    reply: Reply,
    expected: Answer | None,
    score: ConditionScore | None,
    rows: int,
    likeliest: bool = False,
    passage: str | None = None,
) -> None:
    """Show a finished answer with all that belongs to it. What a model wrote is never rendered.

    `likeliest` shows the labels with their probabilities in place of what was written. In the
    `passage`, if the question is about one, the answer is marked.
    """
    with slot.container():
        if likeliest and not reply.label_probabilities:
            st.markdown(":material/close: **No probabilities**: the run was stopped before them.")
        else:
            st.markdown(verdict(task, reply, expected))
        if likeliest and reply.label_probabilities:
            _show_labels(reply)
        else:
            show_written(task, reply, reply.condition.shown_as, reply.condition.value, passage)
        st.caption(_tokens(reply))
        if score is not None:
            st.caption(_measured(task, score, rows))
        with st.expander("What was sent"):
            _show_sent(reply)


def _measured(task: Task, score: ConditionScore, rows: int) -> str:
    """Return how a way did on held-out rows."""
    low, high = score.interval95
    right = "right" if task.kind == "classification" else "exactly right"
    told = (
        f"On {rows:,} {shell.plain(task.main_set.title)} this way was {right} in "
        f"**{score.score:.1%}** (95% interval {low:.1%} to {high:.1%})."
    )
    if task.kind == "question_answering" and score.f1 is not None and score.f1_interval95:
        low, high = score.f1_interval95
        told += f" F1 over the words: **{score.f1:.1%}** ({low:.1%} to {high:.1%})."
    return told


_NOT_OF_THE_FORM = {
    "extraction": "not JSON of the right form",
    "classification": "none of the labels",
    "question_answering": "not one line",
}


def verdict(task: Task, reply: Written, expected: Answer | None) -> str:
    """Return as Markdown whether an answer can be used, and is what we expect."""
    if old := demo_change.old_form(task, reply, expected):
        return old
    if not reply.valid:
        reason = _NOT_OF_THE_FORM[task.kind] if reply.finished else "cut before it was done"
        return f":material/close: **No usable answer** ({reason}); this is what it wrote:"
    if expected is None:
        return ":material/check: **Valid answer**"
    if is_expected(task, reply.answer, expected):
        every = ": every field as we expect it" if task.kind == "extraction" else ""
        return f":material/check: **Right**{every}"
    if task.kind == "question_answering":
        return _overlap(str(reply.answer), str(expected))
    return ":material/error: **Valid, but not what we expect**"


def _overlap(answer: str, expected: str) -> str:
    """Return the verdict on a phrase that is not the expected one, which it tells."""
    ours = f"we expect “{shell.plain(expected)}”"
    if shared := word_f1(answer, expected):
        return f":material/error: **Partly right** (F1 over the words {shared:.0%}): {ours}"
    return f":material/error: **Not what we expect**: {ours}"


def show_written(
    task: Task, reply: Written, name: str, key: str, passage: str | None = None
) -> None:
    """Show what was written: fields as a table, a phrase also in the passage it is about.

    `name` says whose answer it is, and `key` keeps it apart from the others.
    """
    if isinstance(reply.answer, dict):
        _show_fields(task, reply.answer, name, key)
        text = json.dumps(reply.answer, ensure_ascii=False)
    else:
        text = reply.raw or "(nothing)"
    st.code(text, language=None, wrap_lines=True)
    if passage is not None and isinstance(reply.answer, str):
        demo_passage.show(reply.answer, passage)


def _show_labels(reply: Reply) -> None:
    """Show each label's probability, the likeliest first, and what calibration makes of it."""
    found, calibrated = reply.label_probabilities, reply.calibrated_label_probabilities
    assert found
    ordered = sorted(found, key=lambda label: -found[label])
    st.code(ordered[0], language=None, wrap_lines=True)
    table = {"label": ordered, "probability": [found[label] for label in ordered]}
    if calibrated:
        table["calibrated"] = [calibrated[label] for label in ordered]
    bar = st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1)
    st.dataframe(
        pd.DataFrame(table),
        hide_index=True,
        width="stretch",
        alt=f"Probability of each label for {reply.condition.shown_as}",
        key=f"labels_{reply.condition.value}",
        column_config={"probability": bar, "calibrated": bar},
    )
    if calibrated and (other := max(calibrated, key=calibrated.__getitem__)) != ordered[0]:
        st.caption(shell.plain(f"Calibrated on inputs without content it would be {other}."))


def _show_fields(task: Task, answer: dict[str, str], name: str, key: str) -> None:
    if not answer:
        st.caption("No field: the model found nothing to book.")
        return
    fields = [(field, answer[field]) for field in task.keys if field in answer]
    st.dataframe(
        pd.DataFrame(fields, columns=["field", "value"]),
        hide_index=True,
        width="stretch",
        alt=f"Fields that {name} found",
        key=f"fields_{key}",
    )


def _tokens(reply: Reply) -> str:
    prompt = reply.prompt
    return (
        f"{len(prompt.ids)} tokens sent ({prompt.fixed_tokens} fixed, {prompt.user_tokens} yours; "
        f"{reply.cached_tokens} kept from earlier runs) · {reply.output_tokens} written"
    )


def _show_sent(reply: Reply) -> None:
    st.caption(
        "Every character that the model received. ⟦…⟧ marks control tokens; the same signs without these "
        "brackets are ordinary text that somebody typed."
    )
    # st.code takes the last line break away, and the prompt ends with one.
    st.code(f"{marked(reply.prompt)}\n", language=None, wrap_lines=True, height=260)
    lines = [f"Prompt SHA-256 `{reply.prompt.sha256[:16]}…`"]
    if reply.adapter_sha256:
        lines.append(f"adapter SHA-256 `{reply.adapter_sha256[:16]}…`")
    else:
        lines.append("no adapter: base weights only")
    st.caption(" · ".join(lines))


def marked(prompt: RenderedPrompt) -> str:
    """Return the prompt's text with every control token in ⟦ ⟧."""
    return "".join(f"⟦{piece.text}⟧" if piece.is_control else piece.text for piece in prompt.pieces)
