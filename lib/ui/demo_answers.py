"""What a finished run shows: the answers, what they mean, how typical they are, and ways on."""

import json
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib.evaluation.results import MeasuredResults
from lib.inference.compare import Comparison, Reply
from lib.inference.conditions import ALL_CONDITIONS, Condition
from lib.inference.parsing import Answer, parse_answer
from lib.inference.reading import what_it_shows, what_the_change_shows
from lib.task import Task
from lib.ui import cards, demo_change, demo_input, demo_typical, history, shell

Slots = dict[Condition, DeltaGenerator]

_MODE = "mode"  # its name in the address
_PRESETS = {
    "extraction": "json-extraction",
    "classification": "support-routing",
    "question_answering": "policy-answers",
}
"""The estimator's scenario that is nearest to a kind of task."""


class AnswerMode(StrEnum):
    """How a classification is read off the model."""

    GENERATE = "generate"
    SCORE = "score"


_MODE_TITLES = {
    AnswerMode.GENERATE: "What it writes",
    AnswerMode.SCORE: "Which label it finds likeliest",
}


def ask_mode(task: Task) -> AnswerMode:
    """Draw the choice of how answers are read, where there is one; the address holds it."""
    if task.kind != "classification":
        st.query_params.pop(_MODE, None)
        return AnswerMode.GENERATE
    history.watch("demo", "demo_mode")
    if "demo_mode" not in st.session_state:
        scored = st.query_params.get(_MODE) == AnswerMode.SCORE
        st.session_state.demo_mode = AnswerMode.SCORE if scored else AnswerMode.GENERATE
    chosen = st.segmented_control(
        "The answer is",
        list(AnswerMode),
        format_func=_MODE_TITLES.__getitem__,
        required=True,
        key="demo_mode",
        persist_state="session",
        help="A small model often knows what it can't say: it writes something that is no label, "
        "and still finds the right label the likeliest of all.",
    )
    mode = AnswerMode(chosen or AnswerMode.GENERATE)
    if mode is AnswerMode.GENERATE:
        st.query_params.pop(_MODE, None)
    elif st.query_params.get(_MODE) != mode:
        st.query_params[_MODE] = mode.value
    return mode


def expected_answer(task: Task, inputs: Mapping[str, str]) -> Answer | None:
    """Return what a careful person would answer, where the inputs are a sample's."""
    sample = demo_input.sample_of(task, inputs)
    return parse_answer(task, sample.expected) if sample and sample.expected else None


def show(
    task: Task,
    comparison: Comparison,
    mode: AnswerMode,
    results: MeasuredResults | None,
    summary: DeltaGenerator,
    slots: Slots,
    remote: Mapping[str, Any],
) -> None:
    """Fill the cards, and the summary above them; `remote` goes into the download."""
    expected = expected_answer(task, comparison.inputs)
    read = _as_read(comparison, mode)
    with summary.container():
        show_older_text(task, comparison.inputs)
        shown = [what_it_shows(task, read, expected), what_the_change_shows(task, read, expected)]
        st.info(shell.plain(" ".join(filter(None, shown))), icon=":material/lightbulb:")
        st.caption(_proof(comparison, results))
        if comparison.change:
            demo_change.show_untypical()
        else:
            with shell.explained("How typical this is can't be shown"):
                demo_typical.show(task, mode.value, read, expected)
        with st.container(horizontal=True):
            _show_estimator_link(task, comparison)
            show_download(task, comparison.change, {**comparison.to_json(), **remote})
    replies = {reply.condition: reply for reply in read.replies}
    for condition in ALL_CONDITIONS:
        if condition in replies:
            score = results.scores.get(condition) if results else None
            rows = results.rows if results else 0
            likely = mode is AnswerMode.SCORE
            passage = comparison.inputs.get("context")
            cards.show_reply(
                slots[condition], task, replies[condition], expected, score, rows, likely, passage
            )
        else:
            cards.show_missing(slots[condition])


def _as_read(comparison: Comparison, mode: AnswerMode) -> Comparison:
    """Return the comparison with each answer as the mode reads it."""
    if mode is AnswerMode.GENERATE:
        return comparison
    weighed = all(reply.label_probabilities for reply in comparison.replies)
    return replace(
        comparison,
        replies=tuple(map(_likeliest, comparison.replies)),
        stopped=comparison.stopped or not weighed,
    )


def _likeliest(reply: Reply) -> Reply:
    found = reply.label_probabilities
    answer = max(found, key=found.__getitem__) if found else None
    return replace(reply, answer=answer, old_answer=None)


def show_older_text(task: Task, inputs: Mapping[str, str]) -> None:
    """Show what was answered, where something else stands in the fields by now."""
    now = {field: text.strip() for field, text in demo_input.typed(task).items()}
    if dict(inputs) != now:
        st.caption("These answers belong to the text before:")
        text = "\n\n".join(inputs[field] for field in task.input_fields)
        st.code(text, language=None, wrap_lines=True)


def _show_estimator_link(task: Task, comparison: Comparison) -> None:
    """Hand the tokens of this run over to the estimator; the text itself never goes into a link."""
    found = next((r for r in comparison.replies if r.condition is Condition.ENGINEERED), None)
    if found is None:
        return
    tokens = {
        "m_prompting.prefix_tokens": found.prompt.fixed_tokens,
        "m_traffic.input_tokens": found.prompt.user_tokens,
        "m_traffic.output_tokens": found.output_tokens,
    }
    shell.link(
        "What would these tokens cost a month? The estimator, filled in",
        "estimator",
        {
            "preset": _PRESETS[task.kind],
            **{name: str(max(n, 1)) for name, n in tokens.items()},
        },
        "demo",
        ":material/calculate:",
    )


def show_download(task: Task, change: str | None, data: Mapping[str, Any]) -> None:
    """Draw the button that hands the run over."""
    st.download_button(
        "This run as JSON",
        json.dumps(data, ensure_ascii=False, indent=1) + "\n",
        file_name="-".join(filter(None, [task.id, change, "run.json"])),
        mime="application/json",
        icon=":material/download:",
        key="demo_download",
        help="What was sent, what came back, tokens, and the fingerprints of prompts and weights.",
    )


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
