"""What was tried while a prompt was chosen, the bad tries too."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from lib.evaluation.answering import Mode
from lib.evaluation.condition_scores import metric_names
from lib.task import Task


@dataclass(frozen=True, slots=True)
class Trial:
    """One tried prompt and what it scored; shares from 0 to 1."""

    mode: Mode
    wording: int
    """Its position: 0 is the task's own, then those of the pool."""
    examples: tuple[int, ...]
    """Positions in the pool, in their order."""
    rows: int
    score: float
    """Accuracy, or exact match where the task is no classification."""
    calibrated: float | None
    """Mode score: accuracy with contextual calibration."""
    f1: float | None
    """Field F1 (extraction) or word F1 (question answering)."""
    valid_rate: float


class TrialLog:
    """Writes every trial to a CSV file as it comes."""

    def __init__(self, path: Path, task: Task) -> None:
        self._path = path
        main, f1 = metric_names(task)
        self._figures = (main, "calibrated_accuracy", f1 or "field_f1", "valid_rate")
        self.count = 0

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file, lineterminator="\n")
        names = ["mode", "wording", "size", "rows", *self._figures, "pool_positions"]
        self._writer.writerow(names)
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, trial: Trial) -> None:
        """Append one trial."""
        figures = (trial.score, trial.calibrated, trial.f1, trial.valid_rate)
        self._writer.writerow(
            [
                trial.mode.value,
                trial.wording,
                len(trial.examples),
                trial.rows,
                *("" if one is None else round(one, 4) for one in figures),
                " ".join(map(str, trial.examples)),
            ]
        )
        self._file.flush()
        self.count += 1
