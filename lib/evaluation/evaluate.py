"""The `evaluate` command's work: rows in, figures with their intervals out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lib.errors import DataError
from lib.evaluation.answering import RowReply, score_replies
from lib.evaluation.metrics import RowScore
from lib.evaluation.near_twins import near_twins
from lib.evaluation.results import score_json, summarise
from lib.evaluation.runner import Predictions, Progress, predict
from lib.inference.base_model import file_sha256
from lib.inference.compare import Comparer
from lib.inference.conditions import Condition
from lib.inference.prompts import fingerprint, template_for
from lib.rows import LabelledRow, read_rows
from lib.task import Task


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A finished evaluation: the printed object, and what the measured file adds to it."""

    summary: dict[str, Any]
    rows: list[LabelledRow]
    scores: dict[Condition, list[RowScore]]
    twins: frozenset[str]
    resumed: int


def evaluate(
    comparer: Comparer,
    task: Task,
    data: Path,
    conditions: Sequence[Condition],
    limit: int | None = None,
    training_data: Path | None = None,
    command: str = "",
    on_progress: Progress = lambda done, total: None,
) -> Evaluation:
    """Measure the conditions on a file of rows.

    With `training_data`, the figures come a second time without the rows that have a near twin
    there. Rows whose label is not one of the task's are not scored; their answers are counted.

    Raises:
        DataError: if a file can't be used.
        AdapterError: if an adapter is needed and can't be used.
    """
    rows = read_rows(data, task, limit)
    training = read_rows(training_data, task) if training_data else []
    predictions = predict(comparer, task, rows, conditions, on_progress)
    scored = [index for index, row in enumerate(rows) if _can_be_scored(task, row)]
    if not scored:
        raise DataError(f"No row of {data.name} has a label of the task '{task.id}'.")
    kept = [rows[index] for index in scored]
    scores = {
        condition: score_replies(task, kept, [all_of[index] for index in scored])
        for condition, all_of in predictions.by_condition.items()
    }
    twins = near_twins(kept, training)
    summary = {
        "task": task.id,
        "rows": len(kept),
        "unscored_rows": len(rows) - len(kept),
        "mode": "generate",
        "dtype": comparer.base.dtype,
        "base_sha256": comparer.base.sha256,
        "adapter_sha256": predictions.adapter_sha256,
        "prompt_sha256": {one.value: fingerprint(template_for(task, one)) for one in conditions},
        "seconds": round(predictions.seconds, 1),
        "date": datetime.now(UTC).date().isoformat(),
        "command": command,
        "data": {"file": data.name, "sha256": file_sha256(data)},
        "conditions": _figures(task, predictions, scores, scored, range(len(kept))),
    }
    if len(kept) < len(rows):
        unscored = sorted(set(range(len(rows))) - set(scored))
        summary["unscored_answers"] = {
            condition.value: _distribution([all_of[index] for index in unscored])
            for condition, all_of in predictions.by_condition.items()
        }
    if training_data:
        left = [index for index, row in enumerate(kept) if row.id not in twins]
        summary["without_near_twins"] = {
            "rows": len(left),
            "near_twins": len(twins),
            "conditions": _figures(task, predictions, scores, scored, left) if left else {},
        }
    return Evaluation(summary, kept, scores, twins, predictions.resumed)


def _figures(
    task: Task,
    predictions: Predictions,
    scores: dict[Condition, list[RowScore]],
    scored: Sequence[int],
    positions: Sequence[int],
) -> dict[str, dict[str, Any]]:
    """Return each condition's figures over the given positions of the scored rows."""
    figures = {}
    for condition, of_rows in scores.items():
        made = [predictions.by_condition[condition][scored[position]] for position in positions]
        figures[condition.value] = score_json(
            task,
            summarise(
                task,
                [of_rows[position] for position in positions],
                [one.prompt_tokens for one in made],
                [one.output_tokens for one in made],
            ),
        )
    return figures


def _can_be_scored(task: Task, row: LabelledRow) -> bool:
    return task.kind != "classification" or row.target in task.labels


def _distribution(predictions: Sequence[RowReply]) -> dict[str, int]:
    """Return how often each reply was written, the commonest first."""
    counts: dict[str, int] = {}
    for one in predictions:
        counts[one.raw] = counts.get(one.raw, 0) + 1
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:50])
