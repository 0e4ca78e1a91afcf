"""Turns published data files into exactly the rows that the project's adapters were made from.

The data itself is not part of the project. What is kept is the choice of rows (their positions or
ids in the published files, in `rows.json` of the task) and the fingerprint of the result, so that
anybody can fetch the files and get the same rows, byte for byte.
"""

import csv
import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from lib.errors import ContentError, DataError
from lib.files import read_text, read_yaml, shown_path
from lib.rows import MAX_BYTES
from lib.task import Task
from lib.training.published import READERS, Record


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Part:
    """The rows of one set that come from one published file, in their order."""

    source: str
    """The name of the published file."""
    published_rows: int
    sha256: str
    """Of the prepared lines of this part."""
    positions: tuple[int, ...] = ()
    """Places in the published file, from 0."""
    row_ids: tuple[str, ...] = ()
    """In place of positions, where the published rows have ids of their own, which they keep."""
    data: str | None = None
    """The reader of the file; by default the one that is called like the task's data."""
    split: str = ""
    """The list in the file, where it holds several."""
    ids: str | None = None
    """What a row's id begins with before its position; by default the name of the set."""
    fields: tuple[str, ...] = ("text", "label", "target_json")
    """What is kept of a row."""


Choice = dict[str, tuple[Part, ...]]
"""The parts of each set."""


def prepare(task: Task, sources: Sequence[Path], out: Path, set_name: str | None = None) -> int:
    """Write the chosen rows of the published files as JSONL; return how many.

    Without the name of a set, every set is written for which all files were given, in the order
    of `rows.json`. A file may lie in a zip archive.

    Raises:
        DataError: if a source is not the published file, or the task has no public data.
        ContentError: if the task's own choice of rows is broken.
    """
    choice = _choice(task)
    known = {part.source: None for parts in choice.values() for part in parts}
    texts = _texts(sources, list(known))
    teams = _teams(task)
    rows: dict[tuple[str, str], dict[str, list[Record]]] = {}
    lines: list[str] = []
    for name in _complete_sets(choice, texts.keys(), set_name):
        for part in choice[name]:
            data = part.data or task.data.name
            key = (part.source, data)
            if key not in rows:
                rows[key] = _rows(*key, texts[part.source], teams.get(data, {}))
            lines += _lines(part, name, rows[key])
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text("".join(lines), encoding="utf-8", newline="\n")
    except OSError as error:
        raise DataError(f"{out} can't be written ({error.strerror}).") from error
    return len(lines)


# ---------------------------------------------------------------- what the task says


def _choice(task: Task) -> Choice:
    """Return the parts of each set; a set of one part may stand without its list."""
    file = task.folder / "rows.json"
    if not file.is_file():
        raise DataError(f"The task '{task.id}' has no published data to prepare.")
    try:
        sets = json.loads(read_text(file))
        sets = {
            name: parts if isinstance(parts, list) else [parts]
            for name, parts in sets.items()
            if name != "about"
        }
        choice = TypeAdapter(Choice).validate_python(sets)
        if any(
            bool(part.positions) == bool(part.row_ids)
            for parts in choice.values()
            for part in parts
        ):
            raise ValueError("a part names its rows in one of two ways")
    except (AttributeError, ValueError, ValidationError) as error:
        raise ContentError(f"{shown_path(file)} is not a choice of rows.") from error
    if any(
        not 0 <= position < part.published_rows
        for parts in choice.values()
        for part in parts
        for position in part.positions
    ):
        raise ContentError(f"{shown_path(file)} has a position that no published row has.")
    used = {part.data or task.data.name for parts in choice.values() for part in parts}
    if not used or not used <= READERS.keys():
        raise DataError(f"The task '{task.id}' has no published data to prepare.")
    return choice


def _teams(task: Task) -> dict[str, dict[str, str]]:
    """Return for each data set which label the task gives to a published intent."""
    file = task.folder / "intents.yaml"
    if not file.is_file():
        return {}
    by_data = read_yaml(file, dict[str, dict[str, list[str]]])
    return {
        data: {intent: team for team, intents in teams.items() for intent in intents}
        for data, teams in by_data.items()
    }


def _complete_sets(choice: Choice, given: Iterable[str], set_name: str | None) -> list[str]:
    """Return the sets to write: the one that was asked for, or all that can be written."""
    if set_name is not None and set_name not in choice:
        raise DataError(f"There is no set '{set_name}': choose one of {', '.join(choice)}.")
    asked = [set_name] if set_name else list(choice)
    have = set(given)
    lacking = {
        name: [part.source for part in choice[name] if part.source not in have] for name in asked
    }
    complete = [name for name in asked if not lacking[name]]
    if not complete:
        begun = [name for name in asked if len(lacking[name]) < len(choice[name])]
        nearest = min(begun or asked, key=lambda name: len(lacking[name]))
        needed = ", ".join(dict.fromkeys(lacking[nearest]))
        raise DataError(f"The set '{nearest}' also needs {needed}: give all its files.")
    return complete


# ---------------------------------------------------------------- what was published


def _texts(sources: Sequence[Path], known: Sequence[str]) -> dict[str, str]:
    """Return the text of each published file among the sources and in their archives."""
    contents: dict[str, bytes] = {}
    for source in sources:
        if source.suffix.lower() == ".zip":
            found = _unzipped(source, known)
        else:
            found = {source.name: _read(source)} if source.name in known else {}
        if not found:
            what = "holds none" if source.suffix.lower() == ".zip" else "is not one"
            raise DataError(f"{source.name} {what} of the published files ({', '.join(known)}).")
        contents |= found
    texts = {}
    for name, content in contents.items():
        try:
            texts[name] = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise DataError(f"{name} is not UTF-8 text: fetch it again.") from error
    return texts


def _read(source: Path) -> bytes:
    try:
        return source.read_bytes()
    except OSError as error:
        raise DataError(f"{source} can't be read ({error.strerror}).") from error


def _unzipped(source: Path, known: Sequence[str]) -> dict[str, bytes]:
    found = {}
    try:
        with zipfile.ZipFile(source) as archive:
            for member in archive.infolist():
                name = PurePosixPath(member.filename).name
                if name not in known:
                    continue
                if member.file_size > MAX_BYTES:
                    raise DataError(
                        f"{name} in {source.name} is far larger than what is published."
                    )
                found[name] = archive.read(member)
    except OSError as error:
        raise DataError(f"{source} can't be read ({error.strerror}).") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise DataError(f"{source.name} can't be unpacked: fetch it again.") from error
    return found


def _rows(source: str, data: str, text: str, teams: Mapping[str, str]) -> dict[str, list[Record]]:
    """Return all rows of a published file by split; a file without splits has one without a name."""
    try:
        rows = READERS[data](source, text, teams)
    except (AttributeError, LookupError, TypeError, ValueError, csv.Error) as error:
        raise _differs(source) from error
    return rows if isinstance(rows, dict) else {"": rows}


def _lines(part: Part, set_name: str, rows: Mapping[str, Sequence[Record]]) -> list[str]:
    published = rows.get(part.split, ())
    if len(published) != part.published_rows:
        where = f"{part.source}, {part.split}," if part.split else part.source
        raise DataError(
            f"{where} has {len(published)} rows and the published file {part.published_rows}: "
            "fetch it again."
        )
    lines = []
    for id, row in _chosen(part, set_name, published):
        record = {"id": id} | {field: row[field] for field in part.fields if field in row}
        lines.append(json.dumps(record, ensure_ascii=False) + "\n")
    if hashlib.sha256("".join(lines).encode()).hexdigest() != part.sha256:
        raise _differs(part.source)
    return lines


def _chosen(part: Part, set_name: str, published: Sequence[Record]) -> Iterator[tuple[str, Record]]:
    """Yield each row that is used, with the id that it gets."""
    for position in part.positions:
        yield f"{part.ids or set_name}-{position}", published[position]
    if part.row_ids:
        by_id = {row.get("id"): row for row in published}
        if not by_id.keys() >= set(part.row_ids):
            raise _differs(part.source)
        for id in part.row_ids:
            yield id, by_id[id]


def _differs(source: str) -> DataError:
    return DataError(f"{source} differs from the published file: fetch it again.")
