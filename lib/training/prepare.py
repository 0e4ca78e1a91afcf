"""Turns published data files into exactly the rows that the project's adapters were made from.

The data itself is not part of the project. What is kept is the choice of rows (their positions in
the published files, in `rows.json` of the task) and the fingerprint of the result, so that
anybody can fetch the files and get the same rows, byte for byte.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from lib.errors import DataError
from lib.task import Task

Record = dict[str, str]


def prepare(task: Task, sources: Sequence[Path], out: Path) -> int:
    """Write the chosen rows of the published files as JSONL; return how many.

    Raises:
        DataError: if a source is not the published file, or the task has no public data.
    """
    reader = _READERS.get(task.data.name)
    choice_file = task.folder / "rows.json"
    if reader is None or not choice_file.is_file():
        raise DataError(f"The task '{task.id}' has no published data to prepare.")
    choice = json.loads(choice_file.read_text(encoding="utf-8"))
    lines: list[str] = []
    for source in sources:
        lines += _prepare_file(source, choice, reader)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text("".join(lines), encoding="utf-8", newline="\n")
    except OSError as error:
        raise DataError(f"{out} can't be written ({error.strerror}).") from error
    return len(lines)


def _prepare_file(
    source: Path, choice: dict[str, Any], reader: Callable[[Any], Record]
) -> list[str]:
    splits = [
        name for name, part in choice.items() if name != "about" and part["source"] == source.name
    ]
    if not splits:
        known = ", ".join(part["source"] for name, part in choice.items() if name != "about")
        raise DataError(f"{source.name} is not one of the published files ({known}).")
    split, part = splits[0], choice[splits[0]]
    published = _read_json_list(source)
    if len(published) != part["published_rows"]:
        raise DataError(
            f"{source.name} has {len(published)} rows and the published file {part['published_rows']}: "
            "fetch it again."
        )
    lines = []
    differs = DataError(f"{source.name} differs from the published file: fetch it again.")
    for position in part["positions"]:
        try:
            record = {"id": f"{split}-{position}", **reader(published[position])}
        except (AttributeError, KeyError, TypeError) as error:
            raise differs from error
        lines.append(json.dumps(record, ensure_ascii=False) + "\n")
    if hashlib.sha256("".join(lines).encode()).hexdigest() != part["sha256"]:
        raise differs
    return lines


def _read_json_list(source: Path) -> list[Any]:
    try:
        data = json.loads(source.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"{source} can't be read ({error.strerror}).") from error
    except ValueError as error:
        raise DataError(f"{source.name} is not JSON.") from error
    if not isinstance(data, list):
        raise DataError(f"{source.name} is not a list of rows.")
    return data


def _restaurant8k(published: Any) -> Record:
    """Return one row of RESTAURANTS-8K: the text, and the labelled spans as a JSON object.

    A span that starts at 0 has no `startIndex` in the published file.
    """
    text = published["userInput"]["text"]
    slots = {
        label["slot"]: text[
            label["valueSpan"].get("startIndex", 0) : label["valueSpan"]["endIndex"]
        ]
        for label in published.get("labels", [])
    }
    return {"text": text, "target_json": json.dumps(slots, ensure_ascii=False)}


_READERS: dict[str, Callable[[Any], Record]] = {"restaurant8k": _restaurant8k}
