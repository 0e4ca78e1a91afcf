"""Loads the tasks: every folder under `content/tasks/` that has a `task.yaml`."""

from pathlib import Path

from lib.errors import ContentError
from lib.files import read_yaml, shown_path
from lib.paths import CONTENT
from lib.task import Task
from lib.task_change import changed_task

TASKS = CONTENT / "tasks"


def task_names() -> list[str]:
    """Return the names of the tasks that come with the project, sorted."""
    return sorted(file.parent.name for file in TASKS.glob("*/task.yaml"))


def load_task(name_or_folder: str) -> Task:
    """Return a task by its name under `content/tasks/`, or from a folder of the same form.

    Raises:
        ContentError: if there is no such task, or its file is broken.
    """
    if name_or_folder in task_names():
        folder = TASKS / name_or_folder
    else:
        folder = Path(name_or_folder)
        if not (folder / "task.yaml").is_file():
            raise ContentError(
                f"'{name_or_folder}' is neither a task ({', '.join(task_names())}) nor a folder "
                "with a task.yaml."
            )
    task = read_yaml(folder / "task.yaml", Task, folder=folder.resolve())
    for change in task.changes:
        try:
            changed_task(task, change)
        except ValueError as error:
            file = shown_path(folder / "task.yaml")
            raise ContentError(f"{file}: the change '{change.id}': {error}.") from error
    return task
