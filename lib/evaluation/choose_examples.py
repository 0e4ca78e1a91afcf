"""Picks the few-shot examples of an engineered prompt by trying them on rows with answers.

Draws sets of several sizes from a pool, scores each on some development rows, then scores the best
of them, in several orders, on all. The rows must be held out from training and from the test.
"""

import csv
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass as checked_dataclass

from lib.evaluation.answering import reply_in_batches, score_replies
from lib.evaluation.metrics import field_f1
from lib.inference.compare import Comparer
from lib.rows import LabelledRow
from lib.task import Example, PromptTemplate, Task


@checked_dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class PoolExample:
    """A solved example as an editor writes it."""

    text: str
    answer: dict[str, str]


@checked_dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Pool:
    """The examples to choose from."""

    examples: tuple[PoolExample, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """One tried set: positions in the pool, in their order, and what it scored."""

    examples: tuple[int, ...]
    rows: int
    exact_match: float
    field_f1: float
    valid_rate: float


@dataclass(frozen=True, slots=True)
class Plan:
    """How much to try."""

    sizes: tuple[int, ...] = (4, 8, 12, 16, 24)
    draws: int = 6
    """Random sets for each size."""
    quick_rows: int = 100
    finalists: int = 3
    orders: int = 2
    """Orders tried for each finalist, its own included."""
    seed: int = 1


class TrialLog:
    """Writes every trial to a CSV file as it comes, the bad ones too."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.count = 0

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._writer.writerow(
            ["size", "rows", "exact_match", "field_f1", "valid_rate", "pool_positions"]
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, trial: Trial) -> None:
        """Append one trial."""
        shares = (trial.exact_match, trial.field_f1, trial.valid_rate)
        positions = " ".join(map(str, trial.examples))
        figures = [round(share, 4) for share in shares]
        self._writer.writerow([len(trial.examples), trial.rows, *figures, positions])
        self._file.flush()
        self.count += 1


def pool_examples(pool: Pool, task: Task) -> list[Example]:
    """Return the examples of a pool, answers written as the task wants them."""
    return [
        Example(
            {"text": one.text},
            json.dumps(
                {key: one.answer[key] for key in task.keys if key in one.answer}, ensure_ascii=False
            ),
        )
        for one in pool.examples
    ]


def choose_examples(
    comparer: Comparer,
    task: Task,
    pool: Sequence[Example],
    rows: Sequence[LabelledRow],
    plan: Plan,
    on_trial: Callable[[Trial], None] = lambda trial: None,
) -> Trial:
    """Return the best set found, scored on all rows."""
    rng = random.Random(plan.seed)
    sets = [
        tuple(rng.sample(range(len(pool)), size))
        for size in plan.sizes
        if size <= len(pool)
        for _ in range(plan.draws)
    ]
    quick = [_try(comparer, task, pool, one, rows[: plan.quick_rows], on_trial) for one in sets]
    best = sorted(quick, key=_merit, reverse=True)[: plan.finalists]
    ordered = {trial.examples for trial in best}
    for trial in best:
        for _ in range(plan.orders - 1):
            ordered.add(tuple(rng.sample(trial.examples, len(trial.examples))))
    final = [_try(comparer, task, pool, one, rows, on_trial) for one in sorted(ordered)]
    return max(final, key=_merit)


def engineered_with(task: Task, pool: Sequence[Example], examples: Sequence[int]) -> PromptTemplate:
    """Return the task's engineered prompt with these examples of the pool."""
    return replace(task.prompts.engineered, examples=tuple(pool[index] for index in examples))


def _try(
    comparer: Comparer,
    task: Task,
    pool: Sequence[Example],
    examples: tuple[int, ...],
    rows: Sequence[LabelledRow],
    on_trial: Callable[[Trial], None],
) -> Trial:
    template = engineered_with(task, pool, examples)
    batches = reply_in_batches(comparer, task, template, rows)
    replies = {reply.row_id: reply for batch in batches for reply in batch}
    scores = score_replies(task, rows, [replies[row.id] for row in rows])
    trial = Trial(
        examples,
        len(rows),
        sum(one.correct for one in scores) / len(rows),
        field_f1(
            sum(one.pairs_right for one in scores),
            sum(one.pairs_given for one in scores),
            sum(one.pairs_wanted for one in scores),
        ),
        sum(one.valid for one in scores) / len(rows),
    )
    on_trial(trial)
    return trial


def _merit(trial: Trial) -> tuple[float, float]:
    return trial.exact_match, trial.field_f1
