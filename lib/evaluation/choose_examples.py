"""Picks the wording and the few-shot examples of an engineered prompt by trying them.

Draws sets of several sizes from a pool, scores each under every wording on some development
rows, then scores the best of them, in several orders, on all. The rows must be held out from
training and from the test.
"""

import json
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass as checked_dataclass

from lib.errors import ContentError
from lib.evaluation.answering import Mode, RowReply, reply_in_batches, score_replies
from lib.evaluation.metrics import RowScore, field_f1
from lib.evaluation.trial_log import Trial
from lib.inference.calibration import calibrated, likeliest, shares
from lib.inference.compare import Comparer
from lib.rows import LabelledRow
from lib.task import Example, PromptTemplate, Task


@checked_dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class PoolExample:
    """A solved example as an editor writes it: the answer is an object, a label, or a phrase."""

    answer: dict[str, str] | str
    text: str | None = None
    context: str | None = None
    """Question answering: the passage."""
    question: str | None = None

    def inputs(self) -> dict[str, str]:
        """Return the inputs that were written."""
        named = {"text": self.text, "context": self.context, "question": self.question}
        return {name: value for name, value in named.items() if value is not None}


@checked_dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Wording:
    """A prompt without its examples."""

    user: str
    system: str | None = None
    """Without one, the model's chat template writes its own."""


@checked_dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Pool:
    """What to choose from, as an editor writes it."""

    examples: tuple[PoolExample, ...]
    wordings: tuple[Wording, ...] = ()
    """To try beside the task's own."""


@dataclass(frozen=True, slots=True)
class ReadyPool:
    """What to choose from: answers written as the task wants them, the task's wording first."""

    examples: tuple[Example, ...]
    wordings: tuple[PromptTemplate, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """How much to try."""

    modes: tuple[Mode, ...] = (Mode.GENERATE,)
    sizes: tuple[int, ...] = (4, 8, 12, 16, 24)
    draws: int = 6
    """Random sets for each size."""
    quick_rows: int = 100
    finalists: int = 3
    """For each mode."""
    orders: int = 2
    """Orders tried for each finalist, its own included."""
    seed: int = 1


def ready_pool(pool: Pool, task: Task) -> ReadyPool:
    """Return what there is to choose from.

    Raises:
        ContentError: if an example is not of the task's form, or a wording has no place for the input.
    """
    for number, one in enumerate(pool.wordings):
        for field in task.input_fields:
            if f"{{{field}}}" not in one.user:
                raise ContentError(f"wordings.{number}.user lacks the placeholder {{{field}}}.")
    examples = [
        Example(_inputs(one, number, task), _written(one, number, task))
        for number, one in enumerate(pool.examples)
    ]
    own = replace(task.prompts.engineered, examples=())
    others = (PromptTemplate(one.user, one.system) for one in pool.wordings)
    return ReadyPool(tuple(examples), (own, *others))


def choose_examples(
    comparer: Comparer,
    task: Task,
    pool: ReadyPool,
    rows: Sequence[LabelledRow],
    plan: Plan,
    on_trial: Callable[[Trial], None] = lambda trial: None,
) -> list[Trial]:
    """Return the best prompt found for each mode, scored on all rows.

    The finalists of every mode are tried in all modes, so that they can be compared.

    Raises:
        ContentError: if no size fits the pool.
    """
    bench = _Bench(comparer, task, pool, on_trial)
    rng = random.Random(plan.seed)
    candidates = _candidates(pool, plan, rng)
    quick = [
        bench.run(mode, one, rows[: plan.quick_rows]) for one in candidates for mode in plan.modes
    ]
    finalists = {
        (trial.wording, trial.examples): None
        for mode in plan.modes
        for trial in _ranked(quick, mode, task)[: plan.finalists]
    }
    for wording, examples in list(finalists):
        for _ in range(plan.orders - 1):
            finalists[wording, tuple(rng.sample(examples, len(examples)))] = None
    final = [bench.run(mode, one, rows) for one in sorted(finalists) for mode in plan.modes]
    return [_ranked(final, mode, task)[0] for mode in plan.modes]


_Candidate = tuple[int, tuple[int, ...]]
"""Position of the wording, positions of the examples in their order."""


def _candidates(pool: ReadyPool, plan: Plan, rng: random.Random) -> list[_Candidate]:
    """Return the same random sets under every wording, each once."""
    sets = {
        _drawn(pool.examples, size, rng): None
        for size in plan.sizes
        if size <= len(pool.examples)
        for _ in range(plan.draws)
    }
    if not sets:
        raise ContentError(
            f"The pool's number of examples, {len(pool.examples)}, is below all sizes: name a smaller "
            "size."
        )
    return [(wording, one) for wording in range(len(pool.wordings)) for one in sets]


def _drawn(examples: Sequence[Example], size: int, rng: random.Random) -> tuple[int, ...]:
    """Return positions in random order, every answer among them as often as any other, or nearly.

    A small model repeats the label that its examples show most (Zhao et al., 2021).
    """
    order = rng.sample(range(len(examples)), len(examples))
    met: Counter[str] = Counter()
    turn = {}
    for position in order:
        turn[position] = met[examples[position].answer]
        met[examples[position].answer] += 1
    taken = sorted(order, key=turn.__getitem__)[:size]
    return tuple(rng.sample(taken, size))


def _ranked(trials: Sequence[Trial], mode: Mode, task: Task) -> list[Trial]:
    """Return the trials of a mode, the best first; scored labels by the better of the two ways.

    A phrase that is a word too long counts for something: questions go by their F1 first.
    """

    def merit(trial: Trial) -> tuple[float, float]:
        score, f1 = max(trial.score, trial.calibrated or 0.0), trial.f1 or 0.0
        return (f1, score) if task.kind == "question_answering" else (score, f1)

    return sorted((one for one in trials if one.mode is mode), key=merit, reverse=True)


@dataclass(frozen=True)
class _Bench:
    """Where candidates are tried."""

    comparer: Comparer
    task: Task
    pool: ReadyPool
    on_trial: Callable[[Trial], None]

    def run(self, mode: Mode, candidate: _Candidate, rows: Sequence[LabelledRow]) -> Trial:
        wording, examples = candidate
        template = replace(
            self.pool.wordings[wording],
            examples=tuple(self.pool.examples[index] for index in examples),
        )
        batches = reply_in_batches(self.comparer, self.task, template, rows, mode=mode)
        by_id = {reply.row_id: reply for batch in batches for reply in batch}
        replies = [by_id[row.id] for row in rows]
        scores = score_replies(self.task, rows, replies)
        trial = Trial(
            mode=mode,
            wording=wording,
            examples=examples,
            rows=len(rows),
            score=sum(one.correct for one in scores) / len(rows),
            calibrated=self._calibrated(template, rows, replies) if mode is Mode.SCORE else None,
            f1=_f1(self.task, scores),
            valid_rate=sum(one.valid for one in scores) / len(rows),
        )
        self.on_trial(trial)
        return trial

    def _calibrated(
        self, template: PromptTemplate, rows: Sequence[LabelledRow], replies: Sequence[RowReply]
    ) -> float:
        """Return the share right after contextual calibration."""
        with self.comparer.turns.turn():
            found = self.comparer.labels.content_free(self.task, [(template, None)])
        assert found is not None, "nobody can have stopped this"
        labels = list(self.task.labels)
        right = [
            labels[likeliest(calibrated(shares(reply.log_probabilities), found[0]))] == row.target
            for row, reply in zip(rows, replies, strict=True)
        ]
        return sum(right) / len(rows)


def _f1(task: Task, scores: Sequence[RowScore]) -> float | None:
    if task.kind == "classification":
        return None
    if task.kind == "question_answering":
        return sum(one.f1 for one in scores) / len(scores)
    return field_f1(
        sum(one.pairs_right for one in scores),
        sum(one.pairs_given for one in scores),
        sum(one.pairs_wanted for one in scores),
    )


def _inputs(example: PoolExample, number: int, task: Task) -> dict[str, str]:
    """Return an example's inputs, which are those that the task asks for."""
    inputs = example.inputs()
    if inputs.keys() != set(task.input_fields):
        wanted = " and ".join(task.input_fields)
        raise ContentError(f"examples.{number}: the task '{task.id}' takes {wanted}.")
    return inputs


def _written(example: PoolExample, number: int, task: Task) -> str:
    """Return an example's answer as the model should write it."""
    answer = example.answer
    where = f"examples.{number}.answer"
    if task.kind == "question_answering":
        if not isinstance(answer, str) or answer not in (example.context or "") or not answer:
            raise ContentError(f"{where}: {answer!r} is no phrase of its passage.")
        return answer
    if task.kind == "classification":
        if not isinstance(answer, str) or answer not in task.labels:
            raise ContentError(f"{where}: {answer!r} is not a label of the task '{task.id}'.")
        return answer
    if not isinstance(answer, dict):
        raise ContentError(f"{where}: the task '{task.id}' needs an object, not a text.")
    ordered = {key: answer[key] for key in task.keys if key in answer}
    return json.dumps(ordered, ensure_ascii=False)
