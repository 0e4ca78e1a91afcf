"""What lies in a trial's folder: the task made from the rows, the plan, the divided rows.

Once the trial is done, the same folder is a task folder like those under `content/tasks/`.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter

from lib.errors import DataError
from lib.files import read_yaml
from lib.rows import as_jsonl, read_rows
from lib.task import Task
from lib.training.recipe import Recipe
from lib.verdict.division import Parts

TASK, RECIPE, VERDICT, ANSWERS = "task.yaml", "recipe.yaml", "verdict.json", "answers.csv"
_PARTS = ("training", "validation", "test")


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done: everything that the worker process needs to know."""

    task: Task
    recipe: Recipe
    trained_rows: int
    """The first so many of the training rows are trained on."""
    look_every: int
    """Steps between looks at the validation rows."""
    parts: Parts


def write_order(folder: Path, order: Order) -> None:
    """Write an order into an empty folder, from which the worker reads it.

    Raises:
        OSError: if it can't be written.
    """
    (folder / "rows").mkdir(parents=True)
    write_task(folder, order.task)
    _write_yaml(folder / RECIPE, TypeAdapter(Recipe).dump_python(order.recipe, mode="json"))
    for name in _PARTS:
        path = folder / "rows" / f"{name}.jsonl"
        path.write_text(as_jsonl(getattr(order.parts, name)), encoding="utf-8")
    plan = {"trained_rows": order.trained_rows, "look_every": order.look_every}
    (folder / "plan.json").write_text(json.dumps(plan), encoding="utf-8")


def read_order(folder: Path) -> Order:
    """Return what `write_order` wrote.

    Raises:
        ContentError or DataError: if a file is missing or damaged.
    """
    task = read_yaml(folder / TASK, Task, folder=folder)
    try:
        plan = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
        trained_rows, look_every = int(plan["trained_rows"]), int(plan["look_every"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError("The files of this training are damaged: start it again.") from error
    parts = [tuple(read_rows(rows_file(folder, name), task)) for name in _PARTS]
    return Order(task, read_yaml(folder / RECIPE, Recipe), trained_rows, look_every, Parts(*parts))


def rows_file(folder: Path, part: str) -> Path:
    """Return where one part of the rows lies."""
    return folder / "rows" / f"{part}.jsonl"


def write_task(folder: Path, task: Task) -> None:
    """Write `task.yaml`."""
    data: dict[str, Any] = TypeAdapter(Task).dump_python(task, mode="json")
    del data["folder"]
    _write_yaml(folder / TASK, data)


def _write_yaml(path: Path, data: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), encoding="utf-8")
