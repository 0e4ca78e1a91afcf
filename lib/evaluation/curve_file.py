"""The measured file of a learning curve: what `learning-curve` writes and the pages read."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lib.errors import ContentError
from lib.evaluation.curve_measure import CurveBench
from lib.evaluation.curve_plan import TEST_SEED
from lib.evaluation.curve_points import (
    CurvePoint,
    Job,
    point_from_record,
    points_json,
    unpack_bits,
)
from lib.evaluation.results import check_writable
from lib.inference.base_model import file_sha256
from lib.inference.machine import processor_name
from lib.inference.prompts import fingerprint

NAME = "curve.json"
"""In a task's folder of results."""


@dataclass(frozen=True, slots=True)
class CurveFiles:
    """Where the rows of a curve came from."""

    data: Path
    test: Path
    test_rows: int
    """In the file, before the sample was drawn."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A measured learning curve as the pages read it."""

    task_id: str
    test_rows: int
    """In the fixed sample."""
    test_file: str
    test_sha256: str
    test_seed: int
    data_file: str
    data_sha256: str
    date: str
    command: str
    dtype: str
    base_sha256: str
    prompt_sha256: dict[str, str]
    processor: str
    threads: int
    recipe: dict[str, Any]
    min_steps: int
    seconds: float
    missing: int
    """Points of the plan that are not measured yet."""
    points: tuple[CurvePoint, ...]


def points_path(out: Path) -> Path:
    """Return where the single points are kept beside a measured file, as they come."""
    return out.with_name(f"{out.stem}_points.csv")


def check_curve_writable(out: Path) -> None:
    """Find out that the measured file or its points can't be written before the work, not after it.

    Raises:
        DataError: saying why.
    """
    check_writable(out)
    check_writable(points_path(out))


def curve_summary(
    bench: CurveBench,
    jobs: Sequence[Job],
    points: Sequence[CurvePoint],
    files: CurveFiles,
    recipe: dict[str, Any],
    how_long: dict[str, int],
    command: str,
) -> dict[str, Any]:
    """Return the measured file's object for the finished points of a plan.

    `recipe` is the one that was adapted to each number of rows, `how_long` the rule by which.
    """
    from torch import get_num_threads

    base, prompts = bench.comparer.base, bench.task.prompts
    done = {job for job in jobs if any(point.belongs_to(job) for point in points)}
    return {
        "task": bench.task.id,
        "date": datetime.now(UTC).date().isoformat(),
        "command": command,
        "base_sha256": base.sha256,
        "dtype": base.dtype,
        "processor": processor_name(),
        "threads": get_num_threads(),
        "data": {"file": files.test.name, "sha256": file_sha256(files.test)},
        "test": {
            "rows": len(bench.test),
            "of_rows": files.test_rows,
            "seed": TEST_SEED,
            "ids": [row.id for row in bench.test],
        },
        "training": {
            "file": files.data.name,
            "sha256": file_sha256(files.data),
            "rows": len(bench.rows),
            "held_out_rows": len(bench.held_out),
        },
        "recipe": recipe,
        **how_long,
        "prompt_sha256": {
            "short": fingerprint(prompts.short),
            "engineered": fingerprint(prompts.engineered),
        },
        "seconds": round(sum(one.seconds_to_learn + one.seconds_to_answer for one in points), 1),
        "missing": len(jobs) - len(done),
        "points": points_json(points),
    }


def write_curve(out: Path, summary: dict[str, Any]) -> None:
    """Write the measured file, every point on a line of its own."""
    # Indented as a whole, the ids alone would take a line each, and every point a dozen.
    rest = {name: value for name, value in summary.items() if name != "points"}
    rest["test"] = {**rest["test"], "ids": "@ids"}
    points = ",\n".join(f"  {json.dumps(one)}" for one in summary["points"])
    text = json.dumps(rest, indent=1, ensure_ascii=False).removesuffix("\n}")
    text = text.replace('"@ids"', json.dumps(summary["test"]["ids"], ensure_ascii=False))
    out.write_text(f'{text},\n "points": [\n{points}\n ]\n}}\n', encoding="utf-8")


def read_curve(path: Path) -> Curve | None:
    """Return a measured learning curve; None where there is no file.

    Raises:
        ContentError: if it is not what `learning-curve` writes.
    """
    if not path.is_file():
        return None
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        rows = int(data["test"]["rows"])
        points = tuple(point_from_record(one) for one in data["points"])
        for point in points:
            if sum(unpack_bits(point.right, rows)) != point.correct:
                raise ValueError("the rows that are right are not as many as it says")
        return Curve(
            task_id=data["task"],
            test_rows=rows,
            test_file=data["data"]["file"],
            test_sha256=data["data"]["sha256"],
            test_seed=int(data["test"]["seed"]),
            data_file=data["training"]["file"],
            data_sha256=data["training"]["sha256"],
            date=data["date"],
            command=data["command"],
            dtype=data["dtype"],
            base_sha256=data["base_sha256"],
            prompt_sha256=dict(data["prompt_sha256"]),
            processor=data["processor"],
            threads=int(data["threads"]),
            recipe=dict(data["recipe"]),
            min_steps=int(data["min_steps"]),
            seconds=float(data["seconds"]),
            missing=int(data["missing"]),
            points=points,
        )
    except (OSError, AttributeError, ValueError, KeyError, TypeError) as error:
        raise ContentError(
            f"The measured learning curve in {path.parent.parent.name}/{path.parent.name}/{path.name} "
            "can't be read: run `learning-curve --out` again."
        ) from error
