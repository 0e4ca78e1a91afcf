"""Rows with known answers: the one data format that evaluation and training read.

JSONL or CSV. Classification has `text` and `label`; extraction `text` and `target_json`; question
answering `context`, `question` and `answers` (a list). `id` is optional.
"""

import csv
import io
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lib.errors import DataError
from lib.task import INPUT_FIELDS, Task

Target = str | dict[str, str] | tuple[str, ...]

MAX_BYTES = 200_000_000
MAX_ROWS = 200_000


@dataclass(frozen=True, slots=True)
class LabelledRow:
    """One input with its known answer: a label, an object, or the accepted phrases."""

    id: str
    inputs: Mapping[str, str]
    target: Target
    group: str = ""
    """What figures are also given by, for instance a domain; empty where nobody asked."""


def read_rows(
    path: Path, task: Task, limit: int | None = None, group_by: str | None = None
) -> list[LabelledRow]:
    """Return the rows of a file, in their order; `group_by` names the field that holds their group.

    Raises:
        DataError: naming the file, the line and what is wrong with it.
    """
    rows = []
    for line, record in read_records(path):
        where = f"{path.name}, line {line}"
        row = row_from_record(record, task, where, default_id=f"line-{line}")
        rows.append(replace(row, group=_group(record, group_by, where)) if group_by else row)
        if limit is not None and len(rows) >= limit:
            break
        if len(rows) > MAX_ROWS:
            raise DataError(f"{path.name} has more than {MAX_ROWS:,} rows: split the file.")
    if not rows:
        raise DataError(f"{path.name} holds no rows.")
    return rows


def positions_by_group(rows: Sequence[LabelledRow]) -> dict[str, list[int]]:
    """Return where the rows of each group stand, the groups sorted by name."""
    positions: dict[str, list[int]] = {}
    for position, row in enumerate(rows):
        positions.setdefault(row.group, []).append(position)
    return dict(sorted(positions.items()))


def read_records(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line number, record) of a JSONL or CSV file.

    Raises:
        DataError: if the file can't be read or a line is neither.
    """
    if path.suffix.lower() not in (".jsonl", ".ndjson", ".csv"):
        raise DataError(f"{path.name} is neither .jsonl nor .csv.")
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DataError(
                f"{path.name} is larger than {MAX_BYTES // 1_000_000} MB: split the file."
            )
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{path.name} is not UTF-8 text: save it as UTF-8.") from error
    except OSError as error:
        raise DataError(f"{path} can't be read ({error.strerror}).") from error
    yield from (_csv_records if path.suffix.lower() == ".csv" else _json_records)(path.name, text)


def _json_records(name: str, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for line, content in enumerate(text.split("\n"), start=1):
        if not content.strip():
            continue
        try:
            record = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise DataError(f"{name}, line {line}: not a JSON object.") from error
        if not isinstance(record, dict):
            raise DataError(f"{name}, line {line}: not a JSON object.")
        yield line, record


def _csv_records(name: str, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        for record in reader:
            if None in record or None in record.values():
                raise DataError(f"{name}, line {reader.line_num}: the number of columns differs.")
            if isinstance(record.get("answers"), str):
                record = {**record, "answers": _json_or_text(record["answers"])}
            yield reader.line_num, record
    except csv.Error as error:
        raise DataError(f"{name}, line {reader.reader.line_num}: {error}.") from error


def row_from_record(record: dict[str, Any], task: Task, where: str, default_id: str) -> LabelledRow:
    """Return one record as a row of the task; `where` names its place for a complaint.

    Raises:
        DataError: if a field is missing or of the wrong form.
    """
    inputs = {}
    for field in INPUT_FIELDS[task.kind]:
        value = record.get(field)
        if not isinstance(value, str) or not value.strip():
            raise DataError(f"{where}: the field '{field}' is missing or empty.")
        inputs[field] = value
    target = _TARGETS[task.kind](record, where, task)
    return LabelledRow(str(record.get("id") or default_id), inputs, target)


def _group(record: dict[str, Any], field: str, where: str) -> str:
    value = record.get(field)
    group = str(value).strip() if isinstance(value, str | int) else ""
    if not group:
        raise DataError(f"{where}: the field '{field}', to group by, is missing or empty.")
    return group


def _label(record: dict[str, Any], where: str, task: Task) -> Target:
    label = record.get("label")
    if not isinstance(label, str) or not label.strip():
        raise DataError(f"{where}: the field 'label' is missing or empty.")
    return label.strip()


def _object(record: dict[str, Any], where: str, task: Task) -> Target:
    target = record.get("target_json")
    try:
        value = json.loads(target) if isinstance(target, str) else target
    except (ValueError, RecursionError) as error:
        raise DataError(f"{where}: 'target_json' is not JSON.") from error
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise DataError(f"{where}: 'target_json' must be an object whose values are strings.")
    unknown = sorted(value.keys() - task.keys.keys())
    if unknown:
        raise DataError(
            f"{where}: 'target_json' has the key '{unknown[0]}', which the task does not have."
        )
    return value


def _phrases(record: dict[str, Any], where: str, task: Task) -> Target:
    answers = record.get("answers")
    phrases = [answers] if isinstance(answers, str) else answers
    if (
        not isinstance(phrases, list)
        or not phrases
        or not all(isinstance(one, str) for one in phrases)
    ):
        raise DataError(f"{where}: 'answers' must be a list of phrases.")
    return tuple(phrases)


_TARGETS = {"classification": _label, "extraction": _object, "question_answering": _phrases}


def _json_or_text(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def split_rows(
    rows: Sequence[LabelledRow], seed: int, held_out_rows: int
) -> tuple[list[LabelledRow], list[LabelledRow]]:
    """Return (rows to train on, held-out rows); the same seed gives the same division."""
    shuffled = sorted(rows, key=lambda row: row.id)
    random.Random(seed).shuffle(shuffled)
    return shuffled[held_out_rows:], shuffled[:held_out_rows]


def as_record(row: LabelledRow) -> dict[str, Any]:
    """Return a row as the fields that `row_from_record` reads."""
    record: dict[str, Any] = {"id": row.id, **row.inputs}
    if isinstance(row.target, dict):
        return record | {"target_json": json.dumps(row.target, ensure_ascii=False)}
    if isinstance(row.target, str):
        return record | {"label": row.target}
    return record | {"answers": list(row.target)}


def as_jsonl(rows: Sequence[LabelledRow]) -> str:
    """Return rows as a file that `read_rows` reads: one JSON object a line."""
    return "".join(json.dumps(as_record(row), ensure_ascii=False) + "\n" for row in rows)
