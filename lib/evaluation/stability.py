"""Does the order of the examples decide? The same prompt under several orders, beside the adapter.

The few-shot examples of the engineered prompt stay the same and only change places, so the prompts
are equally long and batches are padded alike. The adapter answers under its short prompt, which
has no examples that could change places.
"""

import hashlib
import json
import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lib.errors import InputError
from lib.evaluation.answering import RowReply, answer_of, reply_in_batches, score_replies
from lib.evaluation.call_times import spread
from lib.evaluation.metrics import RowScore
from lib.evaluation.statistics import share_interval
from lib.inference import adapter as adapter_files
from lib.inference.base_model import file_sha256
from lib.inference.compare import Comparer
from lib.inference.parsing import parse_answer
from lib.inference.prompts import fingerprint
from lib.rows import LabelledRow, Target, read_rows
from lib.task import PromptTemplate, Sample, Task

ORDERS = 5
ADAPTER = "adapter"
"""What the adapter's answers are called beside those of the orders."""
MAX_SHOWN = 300
"""Characters of a reply that the rows file keeps."""

Progress = Callable[[int, int], None]
"""Called with (replies done, replies in all)."""


@dataclass(frozen=True, slots=True)
class Order:
    """One order of a prompt's examples."""

    id: str
    positions: tuple[int, ...]
    """Where each example stands in the task's own order, from 0."""

    def of(self, template: PromptTemplate) -> PromptTemplate:
        """Return the template with its examples in this order."""
        return replace(template, examples=tuple(template.examples[at] for at in self.positions))


@dataclass(frozen=True, slots=True)
class OrderedReply:
    """One reply to one input."""

    raw: str
    valid: bool
    correct: bool | None
    """None where no answer can be right, or nobody said which."""
    key: str
    """Equal for equal answers: objects whatever the order of their keys, other replies as written."""


Replies = Mapping[str, Sequence[OrderedReply]]
"""By order, the adapter's last; each in the order of the inputs."""


@dataclass(frozen=True, slots=True)
class Stability:
    """The finished measurement: the object of the measured file, and the single replies."""

    summary: dict[str, Any]
    samples: Replies
    sample_ids: tuple[str, ...]
    rows: Replies
    """Empty where no file of rows was given."""
    row_ids: tuple[str, ...]


def orders_of(template: PromptTemplate, count: int = ORDERS, seed: int = 1) -> tuple[Order, ...]:
    """Return different orders of a prompt's examples, the task's own first; the seed fixes the rest.

    Few examples have fewer orders than asked for.

    Raises:
        InputError: if there are no two examples to change places.
    """
    own = tuple(range(len(template.examples)))
    if len(own) < 2:
        raise InputError(
            "The engineered prompt has no two examples that could change places: there is nothing to "
            "measure."
        )
    draw = random.Random(seed)
    found = [own]
    while len(found) < min(count, math.factorial(len(own))):
        drawn = list(own)
        draw.shuffle(drawn)
        if tuple(drawn) not in found:
            found.append(tuple(drawn))
    names = ["own", *(f"order_{number}" for number in range(2, len(found) + 1))]
    return tuple(Order(name, one) for name, one in zip(names, found, strict=True))


def measure_stability(
    comparer: Comparer,
    task: Task,
    data: Path | None = None,
    limit: int | None = None,
    seed: int = 1,
    command: str = "",
    on_progress: Progress = lambda done, total: None,
) -> Stability:
    """Return the answers to a task's samples under each order, and to rows of a file if one is given.

    With a `limit`, so many rows spread over the file are taken, for files are often sorted.

    Raises:
        InputError: if the prompt has no two examples, or the task no samples.
        DataError: if the file can't be used.
        AdapterError: if the adapter can't be used.
    """
    orders = orders_of(task.prompts.engineered, seed=seed)
    if not task.samples:
        raise InputError(f"The task '{task.id}' has no samples to answer: write some first.")
    rows = read_rows(data, task) if data else []
    rows = spread(rows, limit) if limit else rows
    adapter = adapter_files.check(task.id, task.folder)
    with comparer.turns.turn():
        comparer.engine.attach(adapter)
    targets = [_target(task, one) for one in task.samples]
    inputs = [
        LabelledRow(one.id, one.inputs, "" if target is None else target)
        for one, target in zip(task.samples, targets, strict=True)
    ]
    total = (len(orders) + 1) * (len(inputs) + len(rows))
    done = 0

    def show(more: int) -> None:
        nonlocal done
        done += more
        on_progress(done, total)

    known = [target is not None for target in targets]
    samples = _answers(comparer, task, orders, adapter.name, inputs, known, show)
    on_rows = _answers(comparer, task, orders, adapter.name, rows, [True] * len(rows), show)
    summary: dict[str, Any] = {
        "task": task.id,
        "mode": "stability",
        "rows": len(inputs),
        "date": datetime.now(UTC).date().isoformat(),
        "command": command,
        "seed": seed,
        "dtype": comparer.base.dtype,
        "base_sha256": comparer.base.sha256,
        "adapter_sha256": adapter.sha256,
        "prompt_sha256": {
            "engineered": fingerprint(task.prompts.engineered),
            "short": fingerprint(task.prompts.short),
        },
        "samples_sha256": samples_fingerprint(task),
        "orders": {one.id: list(one.positions) for one in orders},
        "over_samples": summarise(samples),
    }
    if data:
        summary["data"] = {"file": data.name, "sha256": file_sha256(data)}
        summary["over_rows"] = summarise(on_rows)
    return Stability(
        summary,
        samples,
        tuple(one.id for one in inputs),
        on_rows if rows else {},
        tuple(one.id for one in rows),
    )


def samples_fingerprint(task: Task) -> str:
    """Return the SHA-256 of a task's samples as they are asked and judged."""
    facts = [[one.id, one.inputs, one.expected] for one in task.samples]
    text = json.dumps(facts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _target(task: Task, sample: Sample) -> Target | None:
    """Return what a sample's answer should be; None where no answer is right."""
    answer = parse_answer(task, sample.expected) if sample.expected else None
    if answer is None:
        return None
    return (str(answer),) if task.kind == "question_answering" else answer


# ------------------------------------------------------------------------- answering


def _answers(
    comparer: Comparer,
    task: Task,
    orders: Sequence[Order],
    adapter: str,
    rows: Sequence[LabelledRow],
    known: Sequence[bool],
    on_progress: Callable[[int], None],
) -> dict[str, list[OrderedReply]]:
    ways: dict[str, tuple[PromptTemplate, str | None]] = {
        one.id: (one.of(task.prompts.engineered), None) for one in orders
    }
    ways[ADAPTER] = (task.prompts.short, adapter)
    found = {}
    for way, (template, name) in ways.items():
        replies: dict[str, RowReply] = {}
        for batch in reply_in_batches(comparer, task, template, rows, name):
            replies |= {one.row_id: one for one in batch}
            on_progress(len(batch))
        in_order = [replies[one.id] for one in rows]
        judged = [
            score_replies(task, [row], [reply])[0] if is_known else None
            for row, reply, is_known in zip(rows, in_order, known, strict=True)
        ]
        found[way] = [
            _judged(task, reply, score) for reply, score in zip(in_order, judged, strict=True)
        ]
    return found


def _judged(task: Task, reply: RowReply, score: RowScore | None) -> OrderedReply:
    answer = answer_of(task, reply)
    return OrderedReply(
        reply.raw,
        answer is not None,
        score.correct if score else None,
        json.dumps(answer, sort_keys=True, ensure_ascii=False)
        if answer is not None
        else f"not valid: {reply.raw.strip()}",
    )


# ------------------------------------------------------------------------- figures


def summarise(replies: Replies) -> dict[str, Any]:
    """Return how many answers the orders give to an input, and the share right under each.

    `distinct` counts inputs by their number of different answers; `right_under` counts those with
    a known answer by the number of orders under which it came.
    """
    orders = [of_way for way, of_way in replies.items() if way != ADAPTER]
    inputs = list(zip(*orders, strict=True))
    distinct = [len({one.key for one in of_input}) for of_input in inputs]
    right = [
        sum(bool(one.correct) for one in of_input)
        for of_input in inputs
        if of_input[0].correct is not None
    ]
    shares = {way: _figures(of_way) for way, of_way in replies.items()}
    of_orders = [one["share_right"] for way, one in shares.items() if way != ADAPTER and right]
    return {
        "rows": len(inputs),
        "judged_rows": len(right),
        "distinct": {str(n): distinct.count(n) for n in range(1, len(orders) + 1)},
        "mean_distinct": round(sum(distinct) / len(distinct), 4),
        "one_answer": _share("share", distinct.count(1), len(distinct)),
        "right_under": {str(n): right.count(n) for n in range(len(orders) + 1)},
        "conditions": shares,
        "range": [min(of_orders), max(of_orders)] if of_orders else None,
    }


def _figures(replies: Sequence[OrderedReply]) -> dict[str, Any]:
    judged = [one.correct for one in replies if one.correct is not None]
    figures = _share("share_right", sum(judged), len(judged)) if judged else {}
    return figures | {"valid_rate": round(sum(one.valid for one in replies) / len(replies), 4)}


def _share(name: str, count: int, rows: int) -> dict[str, Any]:
    return {
        name: round(count / rows, 4),
        "interval95": [round(end, 4) for end in share_interval(count, rows)],
    }


def row_records(found: Stability) -> list[dict[str, object]]:
    """Return a record for each input and way; of rows of a file the words stay out."""
    return [
        *_records("samples", found.sample_ids, found.samples, with_words=True),
        *_records("rows", found.row_ids, found.rows, with_words=False),
    ]


def _records(
    what: str, ids: Sequence[str], replies: Replies, with_words: bool
) -> list[dict[str, object]]:
    numbers: list[dict[str, int]] = [{} for _ in ids]
    records: list[dict[str, object]] = []
    for way, of_way in replies.items():
        for id, seen, one in zip(ids, numbers, of_way, strict=True):
            records.append(
                {
                    "inputs": what,
                    "id": id,
                    "condition": way,
                    "correct": "" if one.correct is None else int(one.correct),
                    "valid": int(one.valid),
                    "answer_number": seen.setdefault(one.key, len(seen) + 1),
                    "reply": one.raw[:MAX_SHOWN] if with_words else "",
                }
            )
    return records
