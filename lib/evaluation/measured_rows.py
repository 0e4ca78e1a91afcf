"""Which rows each way got right, from the CSV files beside measured files: for comparing by row."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib.errors import ContentError
from lib.evaluation.result_lines import Way


@dataclass(frozen=True, slots=True)
class RightRows:
    """All rows of a measured file, and those that each way got right."""

    ids: tuple[str, ...]
    """In the order of the file."""
    right: Mapping[Way, frozenset[str]]


def rows_file(measured: Path) -> Path:
    """Return where the scores of a measured file's single rows stand."""
    return measured.with_name(f"{measured.stem}_rows.csv")


def write_records(
    path: Path, summary: Mapping[str, Any], records: Sequence[Mapping[str, object]]
) -> None:
    """Write a measured file and, beside it, its single rows; all records have the same columns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(summary, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    with rows_file(path).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(records[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(records)


def read_right_rows(path: Path) -> RightRows:
    """Return which rows of a `..._rows.csv` file are right, way by way.

    Raises:
        ContentError: if the file is missing or can't be read, or a way lacks rows of another one.
    """
    rows: dict[Way, dict[str, bool]] = {}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, strict=True):
                rows.setdefault(Way(row["condition"]), {})[row["id"]] = row["correct"] == "1"
    except (OSError, ValueError, csv.Error, KeyError) as error:
        raise ContentError(f"The measured rows in {path.name} can't be read.") from error
    ids = tuple(dict.fromkeys(id for of_way in rows.values() for id in of_way))
    for way, of_way in rows.items():
        if len(of_way) < len(ids):
            raise ContentError(f"The measured rows in {path.name} lack some of '{way}'.")
    return RightRows(
        ids,
        {
            way: frozenset(id for id, is_right in of_way.items() if is_right)
            for way, of_way in rows.items()
        },
    )
