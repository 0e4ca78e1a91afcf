"""All measured files of a task, as the results page reads them: sets by modes, and the classic line.

In `results/` of a task's folder a set `test` may have `test.json` (the model writes its answer),
`test_score.json` (the likeliest label wins) and `test_classic.json` (no language model at all).
A file that can't be read is told as a problem, and the others are served.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lib.errors import ContentError
from lib.evaluation.call_times import CallTimes, read_call_times
from lib.evaluation.condition_scores import interval_from_json, scores_from_json
from lib.evaluation.measured_rows import rows_file
from lib.evaluation.result_lines import Line, Lines, Reading, Way, in_order
from lib.files import shown_path
from lib.task import OTHER_MEASURED, Task

_CALLS = "calls"
_FILES = {Reading.WRITTEN: "", Reading.SCORED: "_score", Reading.CLASSIC: "_classic"}


@dataclass(frozen=True, slots=True)
class Learning:
    """What a classic classifier learned from, and which of its kinds was chosen."""

    file: str
    sha256: str
    rows: int
    held_out_rows: int
    seconds: float
    seconds_to_answer: float | None
    """Median of single calls."""
    chosen: str
    candidates: Mapping[str, float]
    """Share right on the held-out rows, by candidate."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One measured file; what a mode does not have is None or empty."""

    path: Path
    reading: Reading
    rows: int
    unscored_rows: int
    lines: tuple[Line, ...]
    date: str
    command: str
    data_file: str
    data_sha256: str
    dtype: str | None = None
    seconds: float | None = None
    base_sha256: str | None = None
    adapter_sha256: str | None = None
    prompt_sha256: Mapping[str, str] = field(default_factory=dict)
    content_free: tuple[str, ...] = ()
    """The inputs without content that calibration used."""
    unscored_answers: Mapping[Way, Mapping[str, int]] = field(default_factory=dict)
    """How often each answer was given to rows that belong to no class."""
    near_twins: int | None = None
    without_twins: Lines | None = None
    group_field: str | None = None
    groups: Mapping[str, Lines] = field(default_factory=dict)
    learning: Learning | None = None
    commonest_share: float | None = None
    """Classification: the share of rows that have the most frequent label."""

    @property
    def rows_path(self) -> Path:
        """Where the scores of single rows stand."""
        return rows_file(self.path)


@dataclass(frozen=True, slots=True)
class SetResults:
    """One set of held-out rows with what was measured on it."""

    id: str
    title: str
    about: str
    files: Mapping[Reading, Measured]

    @property
    def rows(self) -> int:
        """Rows with a label of the task; 0 if none was measured."""
        return max((one.rows for one in self.files.values()), default=0)

    @property
    def unscored_rows(self) -> int:
        """Rows that belong to no class of the task."""
        return max((one.unscored_rows for one in self.files.values()), default=0)

    @property
    def lines(self) -> tuple[Line, ...]:
        """All figures, way by way and in the order of the readings."""
        return in_order(line for one in self.files.values() for line in one.lines)

    @property
    def learning(self) -> Learning | None:
        """How the classic classifier learned, if it was measured."""
        classic = self.files.get(Reading.CLASSIC)
        return classic.learning if classic else None

    @property
    def without_twins(self) -> Lines | None:
        """The figures without the rows that nearly repeat a training row."""
        found = [one.without_twins for one in self.files.values() if one.without_twins]
        if not found:
            return None
        return Lines(found[0].rows, in_order(line for one in found for line in one.lines))

    @property
    def near_twins(self) -> int | None:
        """How many rows nearly repeat a training row; None if nobody looked."""
        return next(
            (one.near_twins for one in self.files.values() if one.near_twins is not None), None
        )

    @property
    def groups(self) -> dict[str, Lines]:
        """The figures of each group of rows, for instance by domain."""
        names = dict.fromkeys(name for one in self.files.values() for name in one.groups)
        found = {name: [one.groups.get(name) for one in self.files.values()] for name in names}
        return {
            name: Lines(
                max(one.rows for one in all_of if one),
                in_order(line for one in all_of if one for line in one.lines),
            )
            for name, all_of in found.items()
        }


@dataclass(frozen=True, slots=True)
class TaskResults:
    """Everything that was measured for a task; the first set is the main one."""

    sets: tuple[SetResults, ...]
    problems: tuple[str, ...]
    """One sentence for each file that can't be read."""
    calls: CallTimes | None = None
    tried: tuple[Path, ...] = ()
    """CSV files of the trials by which prompts were chosen."""

    @property
    def main(self) -> SetResults | None:
        """The first set, if anything was measured on it."""
        return self.sets[0] if self.sets and self.sets[0].files else None

    @property
    def unmeasured(self) -> tuple[SetResults, ...]:
        """The sets on which nothing has been measured yet."""
        return tuple(one for one in self.sets if not one.files)


def read_task_results(task: Task) -> TaskResults:
    """Return all measured files of a task; those that are broken are told in `problems`."""
    folder = task.folder / "results"
    problems: list[str] = []
    sets = []
    for id, title, about in _sets(task, folder):
        files: dict[Reading, Measured] = {}
        for reading, ending in _FILES.items():
            path = folder / f"{id}{ending}.json"
            if path.is_file():
                try:
                    files[reading] = read_measured(task, path, reading)
                except ContentError as error:
                    problems.append(str(error))
        sets.append(SetResults(id, title, about, files))
    calls = None
    if (path := folder / f"{_CALLS}.json").is_file():
        try:
            calls = read_call_times(path)
        except ContentError as error:
            problems.append(str(error))
    return TaskResults(
        tuple(sets), tuple(problems), calls, tuple(sorted(folder.glob("*_tried.csv")))
    )


def _sets(task: Task, folder: Path) -> list[tuple[str, str, str]]:
    """Return id, title and about of the declared sets, then of those that only have a file."""
    declared = [(one.id, one.title, one.about) for one in task.test_sets]
    known = {id for id, _, _ in declared} | set(OTHER_MEASURED)
    endings = tuple(ending for ending in _FILES.values() if ending)
    found = sorted(file.stem for file in folder.glob("*.json") if not file.stem.endswith(endings))
    return [*declared, *((id, id, "") for id in found if id not in known)]


def read_measured(task: Task, path: Path, reading: Reading) -> Measured:
    """Return one measured file.

    Raises:
        ContentError: if it is not what the commands write.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        twins, groups = data.get("without_near_twins"), data.get("by_group")
        return Measured(
            path=path,
            reading=reading,
            rows=int(data["rows"]),
            unscored_rows=int(data.get("unscored_rows", 0)),
            lines=_lines(task, data["conditions"], reading),
            date=data["date"],
            command=data["command"],
            data_file=data["data"]["file"],
            data_sha256=data["data"]["sha256"],
            dtype=data.get("dtype"),
            seconds=data.get("seconds"),
            base_sha256=data.get("base_sha256"),
            adapter_sha256=data.get("adapter_sha256"),
            prompt_sha256=data.get("prompt_sha256") or {},
            content_free=tuple(data.get("content_free") or ()),
            unscored_answers={
                Way(way): dict(counts)
                for way, counts in (data.get("unscored_answers") or {}).items()
            },
            near_twins=twins["near_twins"] if twins else None,
            without_twins=_part(task, twins, reading) if twins else None,
            group_field=groups["field"] if groups else None,
            groups={name: _part(task, one, reading) for name, one in groups["groups"].items()}
            if groups
            else {},
            learning=_learning(data) if reading is Reading.CLASSIC else None,
            commonest_share=data.get("commonest_share"),
        )
    except (OSError, AttributeError, ValueError, KeyError, TypeError) as error:
        raise ContentError(
            f"{shown_path(path)} is not a file that `evaluate --out` or `classic --out` wrote: "
            "measure again."
        ) from error


def _part(task: Task, data: Mapping[str, Any], reading: Reading) -> Lines:
    return Lines(int(data["rows"]), _lines(task, data["conditions"], reading))


def _learning(data: Mapping[str, Any]) -> Learning:
    training = data["training"]
    return Learning(
        file=training["file"],
        sha256=training["sha256"],
        rows=training["rows"],
        held_out_rows=training["held_out_rows"],
        seconds=data["seconds_to_learn"],
        seconds_to_answer=data.get("seconds_to_answer"),
        chosen=data["chosen"],
        candidates={one["name"]: one["held_out_accuracy"] for one in data["candidates"]},
    )


def _lines(task: Task, conditions: Mapping[str, Any], reading: Reading) -> tuple[Line, ...]:
    """Return the lines of a file; scored ones come with their calibrated twins."""
    if reading is Reading.CLASSIC:
        return tuple(_classic_line(Way(name), figures) for name, figures in conditions.items())
    found = []
    for condition, score in scores_from_json(task, dict(conditions)).items():
        line = Line(
            Way(condition.value),
            reading,
            score=score.score,
            interval95=score.interval95,
            valid_rate=score.valid_rate,
            prompt_tokens=score.mean_prompt_tokens,
            output_tokens=score.mean_output_tokens,
            f1=score.f1,
            f1_interval95=score.f1_interval95,
        )
        found.append(line)
        if one := score.calibrated:
            found.append(
                replace(
                    line,
                    reading=Reading.CALIBRATED,
                    score=one.score,
                    interval95=one.interval95,
                )
            )
    return tuple(found)


def _classic_line(way: Way, figures: Mapping[str, Any]) -> Line:
    return Line(
        way,
        Reading.CLASSIC,
        score=float(figures["accuracy"]),
        interval95=interval_from_json(figures["interval95"]),
        valid_rate=float(figures["valid_rate"]),
    )
