"""The `train` command's work: a file of rows in, a task folder out."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from lib.errors import DataError
from lib.inference.base_model import BaseModel
from lib.rows import split_rows
from lib.task import Task
from lib.training.infer import read_training_rows
from lib.training.recipe import Recipe, TrainingRecord


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """A finished or stopped training."""

    record: TrainingRecord
    adapter_sha256: str


def train_task_folder(
    data: Path,
    out: Path,
    recipe: Recipe,
    task: Task | None,
    load_model: Callable[[], BaseModel],
    cancel: Event | None = None,
) -> TrainingResult:
    """Train on a file of rows and write the task folder; a stop keeps what is trained so far.

    Without a task, one is made from the rows.

    Raises:
        DataError: if the rows or the output folder can't be used; nothing is written then.
    """
    task, rows = read_training_rows(data, task)
    training, held_out = split_rows(rows, recipe.seed, recipe.held_out_rows)
    if len(training) < 2:
        raise DataError(
            f"{data.name} leaves {len(training)} rows to train on: two or more are needed."
        )
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"{out} can't be written ({error.strerror}).") from error
    base = load_model()

    from tqdm import tqdm

    from lib.training.export import training_record, write_task_folder
    from lib.training.trainer import Step, train

    with tqdm(unit="step", desc="training", file=sys.stderr, disable=None) as bar:

        def show(step: Step) -> None:
            bar.total = step.of
            bar.set_postfix(loss=f"{step.loss:.3f}", refresh=False)
            bar.update(step.number - bar.n)

        run = train(base, task, training, recipe, show, cancel)
    record = training_record(run, base, data, len(training), len(held_out))
    return TrainingResult(record, write_task_folder(task, recipe, run, record, out))
