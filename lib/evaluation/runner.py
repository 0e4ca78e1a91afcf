"""Runs conditions over rows, in batches, so that a run that was cut can go on.

Every batch is appended to a work file in the cache folder. The file's name is a fingerprint of
everything that the answers depend on; a finished run removes it, so the next one measures anew.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from lib.errors import DataError, InputError
from lib.evaluation.metrics import RowScore, score_row
from lib.inference import adapter as adapter_files
from lib.inference.adapter import Adapter
from lib.inference.base_model import cache_dir
from lib.inference.compare import Comparer
from lib.inference.conditions import Condition
from lib.inference.parsing import parse_answer
from lib.inference.prompts import clean_inputs, fingerprint, template_for
from lib.inference.rendering import RenderedPrompt
from lib.rows import LabelledRow
from lib.task import Task

BATCH = 32


@dataclass(frozen=True, slots=True)
class Prediction:
    """What one condition wrote for one row."""

    condition: str
    row_id: str
    raw: str
    finished: bool
    prompt_tokens: int
    output_tokens: int


@dataclass(frozen=True, slots=True)
class Predictions:
    """All predictions of a run, in the order of conditions and rows."""

    by_condition: dict[Condition, list[Prediction]]
    seconds: float
    """Of model time, over all the sittings that the run took."""
    adapter_sha256: str | None
    resumed: int
    """How many answers an earlier sitting had given."""


Progress = Callable[[int, int], None]
"""Called with (answers done, answers in all)."""


def predict(
    comparer: Comparer,
    task: Task,
    rows: Sequence[LabelledRow],
    conditions: Sequence[Condition],
    on_progress: Progress = lambda done, total: None,
) -> Predictions:
    """Return what every condition writes for every row, greedily.

    Raises:
        DataError: if two rows have the same id.
        AdapterError: if an adapter is needed and can't be used.
    """
    if len({row.id for row in rows}) != len(rows):
        raise DataError("Two rows have the same id: give every row its own, or leave the ids out.")
    adapter = None
    if any(condition.uses_adapter for condition in conditions):
        adapter = adapter_files.check(task.id, task.folder)
        comparer.engine.attach(adapter)
    work = _work_file(comparer, task, rows, adapter)
    done, seconds = _read_work(work)
    wanted = {(condition.value, row.id) for condition in conditions for row in rows}
    done = {key: prediction for key, prediction in done.items() if key in wanted}
    resumed = len(done)
    on_progress(resumed, len(wanted))

    work.parent.mkdir(parents=True, exist_ok=True)
    with work.open("a", encoding="utf-8") as file:
        for condition in conditions:
            left = [row for row in rows if (condition.value, row.id) not in done]
            for batch in _batches(comparer, task, condition, left):
                began = time.monotonic()
                predictions = _answer(comparer, task, condition, batch, adapter)
                took = time.monotonic() - began
                seconds += took
                for prediction in predictions:
                    done[prediction.condition, prediction.row_id] = prediction
                record = {"seconds": took, "predictions": [asdict(one) for one in predictions]}
                file.write(json.dumps(record, ensure_ascii=False) + "\n")
                file.flush()
                on_progress(len(done), len(wanted))
    work.unlink()
    return Predictions(
        {one: [done[one.value, row.id] for row in rows] for one in conditions},
        seconds,
        adapter.sha256 if adapter else None,
        resumed,
    )


def score(
    task: Task, rows: Sequence[LabelledRow], predictions: Sequence[Prediction]
) -> list[RowScore]:
    """Return the score of each prediction, under the strict parser."""
    return [
        score_row(task, parse_answer(task, one.raw) if one.finished else None, row.target)
        for row, one in zip(rows, predictions, strict=True)
    ]


Batch = list[tuple[LabelledRow, RenderedPrompt]]


def _batches(
    comparer: Comparer, task: Task, condition: Condition, rows: Sequence[LabelledRow]
) -> Iterator[Batch]:
    """Yield batches of prompts of like length, which need little padding."""
    template = template_for(task, condition)
    prompts = [(row, comparer.renderer.render(template, _clean(task, row))) for row in rows]
    prompts.sort(key=lambda pair: (len(pair[1].ids), pair[0].id))
    for start in range(0, len(prompts), BATCH):
        yield prompts[start : start + BATCH]


def _clean(task: Task, row: LabelledRow) -> dict[str, str]:
    try:
        return clean_inputs(task, row.inputs)
    except InputError as error:
        raise DataError(f"Row {row.id}: {error}") from error


def _answer(
    comparer: Comparer, task: Task, condition: Condition, batch: Batch, adapter: Adapter | None
) -> list[Prediction]:
    from lib.inference.engine import Row

    name = adapter.name if adapter and condition.uses_adapter else None
    with comparer.turns.turn():
        generated = comparer.engine.generate(
            [Row(prompt.ids, prompt.prefix_tokens, name) for _, prompt in batch],
            task.max_new_tokens,
        )
    return [
        Prediction(
            condition.value,
            row.id,
            comparer.text_of(result.ids),
            result.finished,
            len(prompt.ids),
            len(result.ids),
        )
        for (row, prompt), result in zip(batch, generated, strict=True)
    ]


def _work_file(
    comparer: Comparer, task: Task, rows: Sequence[LabelledRow], adapter: Adapter | None
) -> Path:
    facts = {
        "rows": [[row.id, dict(row.inputs)] for row in rows],
        "prompts": [fingerprint(template_for(task, condition)) for condition in Condition],
        "max_new_tokens": task.max_new_tokens,
        "base": comparer.base.sha256,
        "dtype": comparer.base.dtype,
        "adapter": adapter.sha256 if adapter else None,
        "batch": BATCH,
        "libraries": [version(name) for name in ("torch", "transformers", "peft")],
    }
    key = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
    return cache_dir() / "evaluations" / f"{task.id}-{key[:16]}.jsonl"


def _read_work(work: Path) -> tuple[dict[tuple[str, str], Prediction], float]:
    """Return what an earlier sitting left; a last line that was cut is passed over."""
    done: dict[tuple[str, str], Prediction] = {}
    seconds = 0.0
    if not work.is_file():
        return done, seconds
    for line in work.read_text(encoding="utf-8").splitlines():
        try:
            record = json.loads(line)
            predictions = [Prediction(**fields) for fields in record["predictions"]]
        except (ValueError, KeyError, TypeError):
            continue
        seconds += record["seconds"]
        done.update({(one.condition, one.row_id): one for one in predictions})
    return done, seconds
