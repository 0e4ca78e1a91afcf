"""The measured file of orders of examples as the pages read it."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib.errors import ContentError
from lib.evaluation.condition_scores import interval_from_json
from lib.evaluation.measured_rows import rows_file
from lib.evaluation.statistics import Interval
from lib.files import shown_path


@dataclass(frozen=True, slots=True)
class WayFigures:
    """What one order, or the adapter, got right; shares from 0 to 1."""

    share_right: float | None
    """None where no answer can be judged."""
    interval95: Interval | None
    valid_rate: float


@dataclass(frozen=True, slots=True)
class OverInputs:
    """Some inputs under all orders."""

    rows: int
    judged_rows: int
    mean_distinct: float
    """How many different answers the orders give to one input, on average."""
    same: int
    """Inputs to which all orders give one answer."""
    right_under: Mapping[int, int]
    """By the number of orders that got it right: how many of the judged inputs."""
    ways: Mapping[str, WayFigures]
    """By order, the adapter's last."""
    range: tuple[float, float] | None
    """The smallest and the largest share right among the orders."""

    @property
    def right_under_some(self) -> int:
        """Inputs that are right under some orders and wrong under others."""
        most = max(self.right_under)
        return sum(count for orders, count in self.right_under.items() if 0 < orders < most)


@dataclass(frozen=True, slots=True)
class StabilityResults:
    """A measured file of orders of examples."""

    path: Path
    date: str
    command: str
    seed: int
    dtype: str
    base_sha256: str
    adapter_sha256: str
    prompt_sha256: Mapping[str, str]
    orders: Mapping[str, tuple[int, ...]]
    over_samples: OverInputs
    over_rows: OverInputs | None
    data_file: str | None
    data_sha256: str | None


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """One answer to a sample."""

    correct: bool | None
    """None where no answer is right."""
    valid: bool
    number: int
    """Equal for equal answers to one sample, counted from 1."""
    text: str


def read_stability(path: Path) -> StabilityResults:
    """Return a measured file of orders of examples.

    Raises:
        ContentError: if it is missing or not what `stability --out` writes.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        given = data.get("data")
        return StabilityResults(
            path=path,
            date=data["date"],
            command=data["command"],
            seed=int(data["seed"]),
            dtype=data["dtype"],
            base_sha256=data["base_sha256"],
            adapter_sha256=data["adapter_sha256"],
            prompt_sha256=dict(data["prompt_sha256"]),
            orders={name: tuple(map(int, one)) for name, one in data["orders"].items()},
            over_samples=_over(data["over_samples"]),
            over_rows=_over(data["over_rows"]) if "over_rows" in data else None,
            data_file=given["file"] if given else None,
            data_sha256=given["sha256"] if given else None,
        )
    except (OSError, AttributeError, ValueError, KeyError, TypeError) as error:
        raise ContentError(
            f"{shown_path(path)} is not a file that `stability --out` wrote: measure again."
        ) from error


def _over(data: Mapping[str, Any]) -> OverInputs:
    ends = data["range"]
    return OverInputs(
        rows=int(data["rows"]),
        judged_rows=int(data["judged_rows"]),
        mean_distinct=float(data["mean_distinct"]),
        same=int(data["distinct"]["1"]),
        right_under={int(orders): int(count) for orders, count in data["right_under"].items()},
        ways={
            name: WayFigures(
                share_right=float(one["share_right"]) if "share_right" in one else None,
                interval95=interval_from_json(one["interval95"]) if "interval95" in one else None,
                valid_rate=float(one["valid_rate"]),
            )
            for name, one in data["conditions"].items()
        },
        range=(float(ends[0]), float(ends[1])) if ends else None,
    )


def read_sample_answers(results: StabilityResults) -> dict[str, dict[str, KeptAnswer]]:
    """Return the answers to each sample, by its id and then by order, the adapter's last.

    Raises:
        ContentError: if the file beside the measured one can't be read.
    """
    path = rows_file(results.path)
    found: dict[str, dict[str, KeptAnswer]] = {}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, strict=True):
                if row["inputs"] != "samples":
                    continue
                found.setdefault(row["id"], {})[row["condition"]] = KeptAnswer(
                    correct=row["correct"] == "1" if row["correct"] else None,
                    valid=row["valid"] == "1",
                    number=int(row["answer_number"]),
                    text=row["reply"],
                )
    except (OSError, ValueError, csv.Error, KeyError) as error:
        raise ContentError(f"The answers in {shown_path(path)} can't be read.") from error
    return found
