"""What is lost: general questions put to the model with and without the adapter and the prompt.

Four ways: the base model with the bare question, the base model under the task's engineered prompt
(the question stands where the task's text would), and the same two with the adapter. Bare means
nothing but the model's own chat template. A question answering task has no engineered rows: its
prompt needs a passage, and whichever passage we wrote would decide what can be answered.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from lib.evaluation.agreement import holm
from lib.evaluation.general_rules import is_right, is_right_inside
from lib.evaluation.statistics import paired_p, share_interval
from lib.inference import adapter as adapter_files
from lib.inference.base_model import file_sha256
from lib.inference.compare import Comparer
from lib.inference.parsing import parse_answer
from lib.inference.prompts import fingerprint
from lib.questions import GeneralQuestion
from lib.task import PromptTemplate, Task

MAX_NEW_TOKENS = 64
MAX_SHOWN = 300
"""Characters of a reply that the rows file keeps."""

_BATCH = 64
_BARE = PromptTemplate(user="{text}")

Progress = Callable[[int, int], None]
"""Called with (replies done, replies in all)."""


class Asked(StrEnum):
    """How a general question is put; iterating gives the order used everywhere."""

    BASE = "base"
    BASE_ENGINEERED = "base_engineered"
    ADAPTER = "adapter"
    ADAPTER_ENGINEERED = "adapter_engineered"

    @property
    def uses_adapter(self) -> bool:
        """Whether the LoRA adapter is added to the base weights."""
        return self in (Asked.ADAPTER, Asked.ADAPTER_ENGINEERED)

    @property
    def uses_prompt(self) -> bool:
        """Whether the question stands in the task's engineered prompt."""
        return self in (Asked.BASE_ENGINEERED, Asked.ADAPTER_ENGINEERED)


@dataclass(frozen=True, slots=True)
class GeneralReply:
    """One reply to a general question."""

    question_id: str
    raw: str
    finished: bool
    correct: bool
    task_answer: bool
    """Whether all of it is a valid answer of the task; always False for question answering."""
    inside_object: bool
    """Whether it is wrong only because the right words stand as values in a JSON object."""


Replies = Mapping[Asked, Sequence[GeneralReply]]


@dataclass(frozen=True, slots=True)
class Forgetting:
    """The finished measurement: the object of the measured file, and the single replies."""

    summary: dict[str, Any]
    questions: tuple[GeneralQuestion, ...]
    replies: Replies


def ways_of(task: Task) -> tuple[Asked, ...]:
    """Return the ways in which general questions can be put under a task's prompts."""
    if task.kind == "question_answering":
        return (Asked.BASE, Asked.ADAPTER)
    return tuple(Asked)


def measure_forgetting(
    comparer: Comparer,
    task: Task,
    questions: Sequence[GeneralQuestion],
    questions_file: Path,
    command: str = "",
    on_progress: Progress = lambda done, total: None,
) -> Forgetting:
    """Return what the model makes of general questions, asked in every way, greedily.

    Raises:
        AdapterError: if the adapter can't be used.
    """
    adapter = adapter_files.check(task.id, task.folder)
    with comparer.turns.turn():
        comparer.engine.attach(adapter)
    ways = ways_of(task)
    replies: dict[Asked, list[GeneralReply]] = {}
    for place, way in enumerate(ways):
        name = adapter.name if way.uses_adapter else None

        def show(done: int, before: int = place * len(questions)) -> None:
            on_progress(before + done, len(ways) * len(questions))

        replies[way] = _ask(comparer, task, questions, way, name, show)
    summary: dict[str, Any] = {
        "task": task.id,
        "mode": "forgetting",
        "rows": len(questions),
        "date": datetime.now(UTC).date().isoformat(),
        "command": command,
        "seed": None,
        "max_new_tokens": MAX_NEW_TOKENS,
        "dtype": comparer.base.dtype,
        "base_sha256": comparer.base.sha256,
        "adapter_sha256": adapter.sha256,
        "prompt_sha256": {"engineered": fingerprint(task.prompts.engineered)}
        if Asked.BASE_ENGINEERED in ways
        else {},
        "data": {"file": questions_file.name, "sha256": file_sha256(questions_file)},
        **summarise(task, questions, replies),
    }
    return Forgetting(summary, tuple(questions), replies)


def _ask(
    comparer: Comparer,
    task: Task,
    questions: Sequence[GeneralQuestion],
    way: Asked,
    adapter: str | None,
    on_progress: Callable[[int], None],
) -> list[GeneralReply]:
    """Return the replies in the order of the questions."""
    from lib.inference.engine import Row

    template = task.prompts.engineered if way.uses_prompt else _BARE
    prompts = [comparer.renderer.render(template, {"text": one.question}) for one in questions]
    # Questions of like length go together and need little padding.
    order = sorted(range(len(questions)), key=lambda at: (len(prompts[at].ids), questions[at].id))
    found: dict[int, GeneralReply] = {}
    for start in range(0, len(order), _BATCH):
        batch = order[start : start + _BATCH]
        rows = [Row(prompts[at].ids, prompts[at].prefix_tokens, adapter) for at in batch]
        with comparer.turns.turn():
            generated = comparer.engine.generate(rows, MAX_NEW_TOKENS)
        for at, result in zip(batch, generated, strict=True):
            raw = comparer.text_of(result.ids)
            found[at] = judged(task, questions[at], raw, result.finished)
        on_progress(len(found))
    return [found[at] for at in range(len(questions))]


def judged(task: Task, question: GeneralQuestion, raw: str, finished: bool) -> GeneralReply:
    """Return a reply with what the rule says of it, and whether it is an answer of the task."""
    return GeneralReply(
        question.id,
        raw,
        finished,
        correct=is_right(question.rule, question.question, raw),
        task_answer=looks_like_the_task(task, raw) if finished else False,
        inside_object=is_right_inside(question.rule, question.question, raw),
    )


def looks_like_the_task(task: Task, raw: str) -> bool:
    """Return whether all of a reply is a label or an object of the task.

    A question answering task takes any line of text, so there is nothing to tell its answers by.
    """
    return task.kind != "question_answering" and parse_answer(task, raw) is not None


# ------------------------------------------------------------------------- figures


def summarise(task: Task, questions: Sequence[GeneralQuestion], replies: Replies) -> dict[str, Any]:
    """Return shares with Wilson intervals, over all and by group, and paired tests against base."""
    groups = {
        name: [at for at, one in enumerate(questions) if one.group == name]
        for name in dict.fromkeys(one.group for one in questions)
    }
    everything = list(range(len(questions)))
    return {
        "conditions": {way.value: _figures(task, of, everything) for way, of in replies.items()},
        "by_group": {
            "field": "group",
            "groups": {
                name: {
                    "rows": len(places),
                    "conditions": {
                        way.value: _figures(task, of, places) for way, of in replies.items()
                    },
                }
                for name, places in groups.items()
            },
        },
        "paired_against_base": _paired(replies),
    }


def _figures(task: Task, replies: Sequence[GeneralReply], places: Sequence[int]) -> dict[str, Any]:
    some = [replies[place] for place in places]
    figures = _share("accuracy", "interval95", sum(one.correct for one in some), len(some))
    figures["inside_object"] = sum(one.inside_object for one in some)
    if task.kind != "question_answering":
        alike = sum(one.task_answer for one in some)
        figures |= _share("task_answers", "task_answers_interval95", alike, len(some))
    return figures


def _share(name: str, interval: str, count: int, rows: int) -> dict[str, Any]:
    ends = [round(end, 4) for end in share_interval(count, rows)]
    return {name: round(count / rows, 4), interval: ends}


def _paired(replies: Replies) -> dict[str, dict[str, Any]]:
    """Return McNemar's exact test of each way against the base model, with Holm's p beside it."""
    base = {one.question_id for one in replies[Asked.BASE] if one.correct}
    rows = len(replies[Asked.BASE])
    counted = {}
    for way, of_way in replies.items():
        if way is not Asked.BASE:
            right = {one.question_id for one in of_way if one.correct}
            counted[way] = (len(base & right), len(base - right), len(right - base))
    tests = [paired_p(lost, gained) for _, lost, gained in counted.values()]
    return {
        way.value: {
            "both": both,
            "only_base": lost,
            "only_this": gained,
            "neither": rows - both - lost - gained,
            "p": _digits(p),
            "p_holm": _digits(p_holm),
        }
        for (way, (both, lost, gained)), p, p_holm in zip(
            counted.items(), tests, holm(tests), strict=True
        )
    }


def _digits(p: float) -> float:
    """Return a p with three digits that count: rounded to places, a small one would become 0."""
    return float(f"{p:.3g}")


def row_records(found: Forgetting) -> list[dict[str, object]]:
    """Return a record for each question and way, as the rows file holds them."""
    return [
        {
            "id": question.id,
            "group": question.group,
            "question": question.question,
            "condition": way.value,
            **_cells(reply),
        }
        for way, of_way in found.replies.items()
        for question, reply in zip(found.questions, of_way, strict=True)
    ]


def _cells(reply: GeneralReply) -> dict[str, object]:
    return {
        "correct": int(reply.correct),
        "task_answer": int(reply.task_answer),
        "inside_object": int(reply.inside_object),
        "finished": int(reply.finished),
        "reply": reply.raw[:MAX_SHOWN],
    }
