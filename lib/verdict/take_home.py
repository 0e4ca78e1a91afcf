"""Packs a finished folder into the zip that somebody takes home.

Only files of the list below go in, and only if they lie in the folder themselves: a link is left
where it is. The same folder gives the same bytes.
"""

import io
import re
import unicodedata
import zipfile
from pathlib import Path

from lib.errors import DataError
from lib.files import read_yaml
from lib.inference import adapter as adapter_files
from lib.inference.base_model import HUB_ID
from lib.task import Task
from lib.verdict.take_home_texts import licence_note, packing_list, run_script, serving_note

NEEDED = (
    "README.md",
    "task.yaml",
    "recipe.yaml",
    "training.json",
    f"adapter/{adapter_files.CONFIG}",
    f"adapter/{adapter_files.WEIGHTS}",
)
"""A task folder, as every command with `--task DIR` takes it."""

IF_THERE = (
    "verdict.json",
    "answers.csv",
    "rows/training.jsonl",
    "rows/validation.jsonl",
    "rows/test.jsonl",
)

_TIME = (1980, 1, 1, 0, 0, 0)  # the first that a zip file knows
_MODE = 0o100644 << 16  # an ordinary file that everybody may read
_UNIX = 3


def pack(folder: Path) -> bytes:
    """Return the zip of a finished folder: everything under one folder, named after the task.

    Raises:
        DataError: if a file that is needed is missing.
        ContentError: if `task.yaml` is broken.
        AdapterError: if the adapter is not the one that its card names.
    """
    missing = next((name for name in NEEDED if not _lies_in(folder, name)), None)
    if missing:
        raise DataError(
            f"There is nothing to take home yet: {missing} is missing, so train to the end first."
        )
    task = read_yaml(folder / "task.yaml", Task, folder=folder.resolve())
    adapter = adapter_files.check(task.id, folder)
    name = folder_name(task)
    names = [one for one in (*NEEDED, *IF_THERE) if _lies_in(folder, one)]
    try:
        files = {one: (folder / one).read_bytes() for one in names}
    except OSError as error:
        raise DataError(f"The training can't be read ({error.strerror}): train again.") from error
    made = {
        "README.md": files["README.md"].decode("utf-8", "replace") + packing_list(task, names),
        "LICENCE.md": licence_note(task, HUB_ID),
        "run.py": run_script(task),
        "SERVE.md": serving_note(task, HUB_ID, name, adapter.rank),
    }
    files |= {one: text.encode("utf-8", "replace") for one, text in made.items()}
    return _zipped({f"{name}/{one}": content for one, content in files.items()})


def folder_name(task: Task) -> str:
    """Return a name for the folder that every system can write, from the task's title."""
    plain = unicodedata.normalize("NFKD", task.title).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:40].strip("-")
    return f"{words}-adapter" if words else "my-adapter"


def _lies_in(folder: Path, name: str) -> bool:
    """Whether a file is there, and neither it nor the folder above it is a link."""
    path = folder / name
    return path.is_file() and path.resolve() == folder.resolve() / name


def _zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, _TIME)
            info.create_system, info.external_attr = _UNIX, _MODE
            archive.writestr(info, files[name], zipfile.ZIP_DEFLATED, compresslevel=6)
    return buffer.getvalue()
