"""The points of a learning curve, and the file to which each is added as soon as it is measured."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from lib.errors import DataError
from lib.evaluation.result_lines import Reading


class CurveLine(StrEnum):
    """What is measured with more and more rows."""

    PROMPT = "prompt"
    """The engineered wording with drawn examples, or with none."""
    ENGINEERED = "engineered"
    """The task's engineered prompt, whose wording and examples were searched for."""
    CLASSIC = "classic"
    LORA = "lora"


@dataclass(frozen=True, slots=True)
class Job:
    """What is measured in one go: a line under one mode, with one draw of rows."""

    line: CurveLine
    mode: Reading
    size: int
    """Rows learned from, or examples in the prompt."""
    seed: int
    """Draws the rows and their order, and the adapter's first weights."""

    @property
    def name(self) -> str:
        """How the command's `--points` calls it; both modes of a prompt have the same name."""
        return f"{self.line}-{self.size}-{self.seed}"


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One measured point; `score` and `f1` are shares from 0 to 1."""

    line: CurveLine
    mode: Reading
    size: int
    seed: int
    score: float
    """Accuracy, or exact match where the task is no classification."""
    correct: int
    """Test rows that are right."""
    f1: float | None
    """Field F1 or word F1; None for classification."""
    valid_rate: float
    steps: int
    """Optimiser steps; 0 where no adapter was trained."""
    seconds_to_learn: float
    seconds_to_answer: float
    """For all test rows together."""
    right: str
    """Which test rows are right: see `pack_bits`."""

    def belongs_to(self, job: Job) -> bool:
        """Whether this is (one of) the points that the job gives; calibrated ones come with scored."""
        mode = Reading.SCORED if self.mode is Reading.CALIBRATED else self.mode
        return (self.line, mode, self.size, self.seed) == (job.line, job.mode, job.size, job.seed)


def pack_bits(bits: Sequence[bool]) -> str:
    """Return yes and no of each row as hex digits: the first row is the highest bit of the first digit.

    The last digit is filled up with zeros.
    """
    filled = [*bits, *[False] * (-len(bits) % 4)]
    groups = [filled[start : start + 4] for start in range(0, len(filled), 4)]
    return "".join(f"{8 * a + 4 * b + 2 * c + d:x}" for a, b, c, d in groups)


def unpack_bits(digits: str, rows: int) -> tuple[bool, ...]:
    """Return what `pack_bits` packed.

    Raises:
        ValueError: if these are no hex digits of so many rows.
    """
    if len(digits) != (rows + 3) // 4:
        raise ValueError(f"{len(digits)} digits can't tell of {rows} rows")
    bits = [bit == "1" for digit in digits for bit in f"{int(digit, 16):04b}"]
    return tuple(bits[:rows])


def point_from_record(record: Mapping[str, Any]) -> CurvePoint:
    """Return a point from its JSON object or its line of the CSV file.

    Raises:
        KeyError, TypeError or ValueError: if it is not that.
    """
    f1 = record["f1"]
    return CurvePoint(
        line=CurveLine(record["line"]),
        mode=Reading(record["mode"]),
        size=int(record["size"]),
        seed=int(record["seed"]),
        score=float(record["score"]),
        correct=int(record["correct"]),
        f1=None if f1 in (None, "") else float(f1),
        valid_rate=float(record["valid_rate"]),
        steps=int(record["steps"]),
        seconds_to_learn=float(record["seconds_to_learn"]),
        seconds_to_answer=float(record["seconds_to_answer"]),
        right=str(record["right"]),
    )


class PointsFile:
    """The CSV file of finished points, so that a measuring of hours can be cut and go on.

    Every line carries the fingerprint of all that its answers depend on; what was measured under
    other circumstances stays in the file and is not used.
    """

    _COLUMNS = ("facts", *(one.name for one in fields(CurvePoint)))

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> dict[str, list[CurvePoint]]:
        """Return the points by the fingerprint of their facts; a line that was cut is passed over.

        Raises:
            DataError: if the file can't be read or is another one.
        """
        found: dict[str, list[CurvePoint]] = {}
        if not self.path.exists():
            return found
        try:
            with self.path.open(encoding="utf-8", newline="") as file:
                reader = csv.DictReader(file)
                if tuple(reader.fieldnames or self._COLUMNS) != self._COLUMNS:
                    raise DataError(
                        f"{self.path} holds no points of a learning curve: remove it, or choose "
                        "another --out."
                    )
                for record in reader:
                    try:
                        point = point_from_record(record)
                    except (KeyError, TypeError, ValueError):
                        continue
                    found.setdefault(record["facts"], []).append(point)
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise DataError(f"{self.path} can't be read: remove it to measure anew.") from error
        return found

    def add(self, facts: str, points: Sequence[CurvePoint]) -> None:
        """Append the points of one job."""
        is_new = not self.path.exists() or self.path.stat().st_size == 0
        with self.path.open("a+", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            if is_new:
                writer.writerow(self._COLUMNS)
            elif not self._ends_with_a_line():  # cut by a full disk or a kill
                file.write("\n")
            for point in points:
                writer.writerow([facts, *asdict(point).values()])

    def _ends_with_a_line(self) -> bool:
        with self.path.open("rb") as file:
            file.seek(-1, 2)
            return file.read(1) == b"\n"


def points_json(points: Sequence[CurvePoint]) -> list[dict[str, Any]]:
    """Return the points as the measured file holds them."""
    objects: list[dict[str, Any]] = json.loads(json.dumps([asdict(point) for point in points]))
    return objects
