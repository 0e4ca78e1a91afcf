"""Puts rows through the model one way and says which it got right."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lib.evaluation.answering import Mode, RowReply, answer_of, reply_in_batches
from lib.evaluation.condition_scores import ConditionScore, summarise
from lib.evaluation.metrics import score_row
from lib.inference.calibration import calibrated, likeliest, shares
from lib.inference.compare import Comparer
from lib.inference.parsing import Answer
from lib.rows import LabelledRow
from lib.task import PromptTemplate, Task

OnRows = Callable[[int, int], None]
"""Called with (rows done, rows in all)."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What one way made of some rows, in their order."""

    rows: tuple[LabelledRow, ...]
    answers: tuple[Answer | None, ...]
    """None where nothing of the task's form was written."""
    prompt_tokens: tuple[int, ...]
    output_tokens: tuple[int, ...]

    def right(self, task: Task) -> tuple[bool, ...]:
        """Return which rows got the right answer."""
        return tuple(
            score_row(task, answer, row.target).correct
            for answer, row in zip(self.answers, self.rows, strict=True)
        )

    def figures(self, task: Task) -> ConditionScore:
        """Return the figures over all rows."""
        scores = [
            score_row(task, answer, row.target)
            for answer, row in zip(self.answers, self.rows, strict=True)
        ]
        return summarise(task, scores, self.prompt_tokens, self.output_tokens)

    def part(self, start: int, stop: int | None = None) -> "Answers":
        """Return those of some neighbouring rows."""
        return Answers(
            self.rows[start:stop],
            self.answers[start:stop],
            self.prompt_tokens[start:stop],
            self.output_tokens[start:stop],
        )


def written(
    comparer: Comparer,
    task: Task,
    template: PromptTemplate,
    rows: Sequence[LabelledRow],
    adapter: str | None = None,
    on_rows: OnRows = lambda done, of: None,
) -> Answers:
    """Return what the model writes under a prompt, greedily and read by the strict parser.

    Raises:
        DataError: if a row is longer than the task allows.
    """
    replies = _replies(comparer, task, template, rows, adapter, Mode.GENERATE, on_rows)
    return _answers(rows, replies, [answer_of(task, one) for one in replies])


def likeliest_labels(
    comparer: Comparer,
    task: Task,
    template: PromptTemplate,
    rows: Sequence[LabelledRow],
    adapter: str | None = None,
    on_rows: OnRows = lambda done, of: None,
) -> tuple[Answers, Answers]:
    """Return the label that the model would likeliest write, without and with calibration.

    Calibration takes off what the prompt prefers on inputs without content (Zhao et al., 2021).

    Raises:
        DataError: if a row is longer than the task allows.
    """
    labels = list(task.labels)
    with comparer.turns.turn():
        found = comparer.labels.content_free(task, [(template, adapter)])
    assert found is not None, "nobody can have stopped this"
    replies = _replies(comparer, task, template, rows, adapter, Mode.SCORE, on_rows)
    plain = [shares(one.log_probabilities) for one in replies]
    fair = [calibrated(one, found[0]) for one in plain]
    return (
        _answers(rows, replies, [labels[likeliest(one)] for one in plain]),
        _answers(rows, replies, [labels[likeliest(one)] for one in fair]),
    )


def _replies(
    comparer: Comparer,
    task: Task,
    template: PromptTemplate,
    rows: Sequence[LabelledRow],
    adapter: str | None,
    mode: Mode,
    on_rows: OnRows,
) -> list[RowReply]:
    found: dict[str, RowReply] = {}
    on_rows(0, len(rows))
    for batch in reply_in_batches(comparer, task, template, rows, adapter, mode):
        found.update({one.row_id: one for one in batch})
        on_rows(len(found), len(rows))
    return [found[row.id] for row in rows]


def _answers(
    rows: Sequence[LabelledRow], replies: Sequence[RowReply], answers: Sequence[Answer | None]
) -> Answers:
    return Answers(
        tuple(rows),
        tuple(answers),
        tuple(one.prompt_tokens for one in replies),
        tuple(one.output_tokens for one in replies),
    )
