"""Answers many rows under one prompt, in batches of like length."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lib.errors import DataError, InputError
from lib.evaluation.metrics import RowScore, score_row
from lib.inference.compare import Comparer
from lib.inference.parsing import parse_answer
from lib.inference.prompts import clean_inputs
from lib.rows import LabelledRow
from lib.task import PromptTemplate, Task

BATCH = 64


@dataclass(frozen=True, slots=True)
class RowReply:
    """What the model wrote for one row."""

    row_id: str
    raw: str
    finished: bool
    prompt_tokens: int
    output_tokens: int


def reply_in_batches(
    comparer: Comparer,
    task: Task,
    template: PromptTemplate,
    rows: Sequence[LabelledRow],
    adapter: str | None = None,
) -> Iterator[list[RowReply]]:
    """Yield the replies batch by batch; rows of like length go together and need little padding.

    Raises:
        DataError: if a row is empty or longer than the task allows.
    """
    from lib.inference.engine import Row

    prompts = [(row, comparer.renderer.render(template, _clean(task, row))) for row in rows]
    prompts.sort(key=lambda pair: (len(pair[1].ids), pair[0].id))
    for start in range(0, len(prompts), BATCH):
        batch = prompts[start : start + BATCH]
        with comparer.turns.turn():
            generated = comparer.engine.generate(
                [Row(prompt.ids, prompt.prefix_tokens, adapter) for _, prompt in batch],
                task.max_new_tokens,
            )
        yield [
            RowReply(
                row.id,
                comparer.text_of(result.ids),
                result.finished,
                len(prompt.ids),
                len(result.ids),
            )
            for (row, prompt), result in zip(batch, generated, strict=True)
        ]


def score_replies(
    task: Task, rows: Sequence[LabelledRow], replies: Sequence[RowReply]
) -> list[RowScore]:
    """Return the score of each row's reply (same order), under the strict parser."""
    return [
        score_row(task, parse_answer(task, reply.raw) if reply.finished else None, row.target)
        for row, reply in zip(rows, replies, strict=True)
    ]


def _clean(task: Task, row: LabelledRow) -> dict[str, str]:
    try:
        return clean_inputs(task, row.inputs)
    except InputError as error:
        raise DataError(f"Row {row.id}: {error}") from error
