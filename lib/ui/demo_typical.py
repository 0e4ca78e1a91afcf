"""Whether one run is like the others: what the same two ways did on held-out rows."""

import streamlit as st

from lib.inference.compare import Comparison
from lib.inference.conditions import Condition
from lib.inference.parsing import Answer
from lib.inference.phrases import is_expected
from lib.task import Task
from lib.ui import shell
from lib.ui.results_library import get_found

_FIRST, _SECOND = Condition.ENGINEERED, Condition.LORA


def show(task: Task, mode: str, comparison: Comparison, expected: Answer | None) -> None:
    """Say how often prompt and adapter share their fate, and to which kind this run belongs."""
    found = get_found(task)
    agreement = found.agreement
    pair = agreement.get(f"{mode}.{_FIRST}", f"{mode}.{_SECOND}") if agreement else None
    if pair is None:
        return
    first_alone = pair.only_first if pair.first.endswith(_FIRST) else pair.only_second
    second_alone = pair.only_first + pair.only_second - first_alone
    kinds = {
        (True, True): ("both right", pair.both),
        (False, True): (f"only {_SECOND.shown_as} right", second_alone),
        (True, False): (f"only the {_FIRST.shown_as.lower()} right", first_alone),
        (False, False): ("neither", pair.neither),
    }
    shares = ", ".join(f"{what} {count / pair.rows:.1%}" for what, count in kinds.values())
    text = f"Is this typical? On {pair.rows:,} held-out rows: {shares}."
    answers = {reply.condition: reply.answer for reply in comparison.replies}
    if expected is not None and not comparison.stopped and {_FIRST, _SECOND} <= answers.keys():
        right = {one: is_expected(task, answers[one], expected) for one in (_FIRST, _SECOND)}
        what, count = kinds[right[_FIRST], right[_SECOND]]
        text += f" This one belongs to “{what}”, so {_how_common(count / pair.rows)}."
    st.caption(shell.plain(text))
    params = {"task": task.id}
    shell.link("All results", "results", params, "demo_typical", ":material/query_stats:")


def _how_common(share: float) -> str:
    if share >= 0.5:
        return "it is like most rows"
    if share >= 0.2:
        return "many rows are like it"
    return "it is an exception" if share < 0.05 else "few rows are like it"
