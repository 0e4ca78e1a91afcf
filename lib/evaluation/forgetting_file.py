"""The measured file of general questions as the pages read it, with its verdict and its examples."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from lib.errors import ContentError
from lib.evaluation.condition_scores import interval_from_json
from lib.evaluation.contest import SIGNIFICANT
from lib.evaluation.forgetting import Asked
from lib.evaluation.measured_rows import rows_file
from lib.evaluation.statistics import Interval
from lib.files import shown_path

Verdict = Literal["lost", "level", "gained"]


@dataclass(frozen=True, slots=True)
class AskedFigures:
    """What one way of asking gave; shares from 0 to 1."""

    accuracy: float
    interval95: Interval
    inside_object: int
    """Replies that are wrong only because the right words stand inside a JSON object."""
    task_answers: float | None
    """Share of replies that are as a whole an answer of the task; None for question answering."""
    task_answers_interval95: Interval | None


@dataclass(frozen=True, slots=True)
class AgainstBase:
    """One way against the base model with the bare question, on the same questions."""

    both: int
    only_base: int
    only_this: int
    neither: int
    p_holm: float
    """McNemar's exact p, adjusted for all the ways that were tested."""

    @property
    def verdict(self) -> Verdict:
        """What this many questions can show."""
        if self.p_holm >= SIGNIFICANT:
            return "level"
        return "lost" if self.only_base > self.only_this else "gained"


@dataclass(frozen=True, slots=True)
class QuestionGroup:
    """The figures of one group of questions."""

    rows: int
    figures: Mapping[Asked, AskedFigures]


@dataclass(frozen=True, slots=True)
class ForgettingResults:
    """A measured file of general questions."""

    path: Path
    rows: int
    date: str
    command: str
    max_new_tokens: int
    dtype: str
    data_file: str
    data_sha256: str
    base_sha256: str
    adapter_sha256: str
    prompt_sha256: Mapping[str, str]
    figures: Mapping[Asked, AskedFigures]
    groups: Mapping[str, QuestionGroup]
    against: Mapping[Asked, AgainstBase]


@dataclass(frozen=True, slots=True)
class KeptReply:
    """A reply as the rows file keeps it: its beginning."""

    question_id: str
    group: str
    question: str
    way: Asked
    correct: bool
    task_answer: bool
    text: str


@dataclass(frozen=True, slots=True)
class LostExample:
    """A question that the base model answers and the adapter takes for its task."""

    group: str
    question: str
    base: str
    adapter: str


def read_forgetting(path: Path) -> ForgettingResults:
    """Return a measured file of general questions.

    Raises:
        ContentError: if it is missing or not what `forgetting --out` writes.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return ForgettingResults(
            path=path,
            rows=int(data["rows"]),
            date=data["date"],
            command=data["command"],
            max_new_tokens=int(data["max_new_tokens"]),
            dtype=data["dtype"],
            data_file=data["data"]["file"],
            data_sha256=data["data"]["sha256"],
            base_sha256=data["base_sha256"],
            adapter_sha256=data["adapter_sha256"],
            prompt_sha256=dict(data["prompt_sha256"]),
            figures=_figures(data["conditions"]),
            groups={
                name: QuestionGroup(int(one["rows"]), _figures(one["conditions"]))
                for name, one in data["by_group"]["groups"].items()
            },
            against={
                Asked(name): AgainstBase(
                    **{what: int(one[what]) for what in _COUNTS}, p_holm=float(one["p_holm"])
                )
                for name, one in data["paired_against_base"].items()
            },
        )
    except (OSError, AttributeError, ValueError, KeyError, TypeError) as error:
        raise ContentError(
            f"{shown_path(path)} is not a file that `forgetting --out` wrote: measure again."
        ) from error


_COUNTS = ("both", "only_base", "only_this", "neither")


def _figures(conditions: Mapping[str, Mapping[str, Any]]) -> dict[Asked, AskedFigures]:
    return {
        Asked(name): AskedFigures(
            accuracy=float(one["accuracy"]),
            interval95=interval_from_json(one["interval95"]),
            inside_object=int(one["inside_object"]),
            task_answers=float(one["task_answers"]) if "task_answers" in one else None,
            task_answers_interval95=interval_from_json(one["task_answers_interval95"])
            if "task_answers" in one
            else None,
        )
        for name, one in conditions.items()
    }


def read_replies(results: ForgettingResults) -> list[KeptReply]:
    """Return the single replies, in the order of their file.

    Raises:
        ContentError: if the file beside the measured one can't be read.
    """
    path = rows_file(results.path)
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return [
                KeptReply(
                    question_id=row["id"],
                    group=row["group"],
                    question=row["question"],
                    way=Asked(row["condition"]),
                    correct=row["correct"] == "1",
                    task_answer=row["task_answer"] == "1",
                    text=row["reply"],
                )
                for row in csv.DictReader(file, strict=True)
            ]
    except (OSError, ValueError, csv.Error, KeyError) as error:
        raise ContentError(f"The replies in {shown_path(path)} can't be read.") from error


def lost_examples(replies: Sequence[KeptReply], per_group: int) -> list[LostExample]:
    """Return questions that base got right and to which the adapter wrote an answer of its task.

    In each group the first ones of the file, leaving out those whose reply of the adapter was
    already shown: nobody picks them.
    """
    adapters = {one.question_id: one for one in replies if one.way is Asked.ADAPTER}
    found: list[LostExample] = []
    for base in replies:
        adapter = adapters.get(base.question_id)
        if base.way is not Asked.BASE or adapter is None:
            continue
        lost = base.correct and not adapter.correct and adapter.task_answer
        is_new = all(adapter.text != one.adapter for one in found)
        in_group = sum(one.group == base.group for one in found)
        if lost and is_new and in_group < per_group:
            found.append(LostExample(base.group, base.question, base.text, adapter.text))
    return found
