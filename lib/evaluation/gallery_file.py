"""The measured file of a gallery: the answers of four ways to inputs that were chosen to show losses.

The inputs go through the model one at a time and four ways at once, as on the demo page, so the
page shows the same answers. No share follows from them: nobody drew these inputs at random.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lib.errors import ContentError
from lib.evaluation.metrics import score_row
from lib.files import shown_path
from lib.inference.base_model import file_sha256
from lib.inference.compare import Comparer, Comparison, Reply
from lib.inference.conditions import ALL_CONDITIONS, Condition
from lib.inference.parsing import parse_answer
from lib.inference.prompts import fingerprint, template_for
from lib.rows import Target
from lib.task import Sample, Task

MODE = "gallery"

Progress = Callable[[int, int], None]
"""Called with (inputs done, inputs in all)."""


@dataclass(frozen=True, slots=True)
class GalleryAnswer:
    """What one way wrote, and whether that is right."""

    raw: str
    valid: bool
    right: bool


@dataclass(frozen=True, slots=True)
class MeasuredItem:
    """An input as it was measured, with the four answers."""

    inputs: Mapping[str, str]
    expected: str
    answers: Mapping[Condition, GalleryAnswer]


@dataclass(frozen=True, slots=True)
class MeasuredGallery:
    """A gallery's measured file as the pages read it."""

    date: str
    command: str
    dtype: str
    base_sha256: str
    adapter_sha256: str
    prompt_sha256: Mapping[str, str]
    items: Mapping[str, MeasuredItem]

    @property
    def right(self) -> dict[str, dict[str, bool]]:
        """Which ways are right on each item, by the ids of both."""
        return {
            id: {way.value: answer.right for way, answer in item.answers.items()}
            for id, item in self.items.items()
        }


def measure_gallery(
    comparer: Comparer,
    task: Task,
    samples: Sequence[Sample],
    file: Path,
    command: str = "",
    on_progress: Progress = lambda done, total: None,
) -> dict[str, Any]:
    """Return the object of a gallery's measured file; `file` is where the samples stand.

    Raises:
        InputError: if a text is longer than the task allows.
        AdapterError: if the adapter can't be used.
        ContentError: if an expected answer is none.
    """
    targets = [_target(task, one) for one in samples]
    made: list[Comparison] = []
    for sample in samples:
        made.append(comparer.compare(task, sample.inputs, ALL_CONDITIONS))
        on_progress(len(made), len(samples))
    adapters = {reply.adapter_sha256 for one in made for reply in one.replies}
    return {
        "task": task.id,
        "mode": MODE,
        "rows": len(samples),
        "dtype": comparer.base.dtype,
        "base_sha256": comparer.base.sha256,
        "adapter_sha256": next((sha256 for sha256 in adapters if sha256), None),
        "prompt_sha256": {
            one.value: fingerprint(template_for(task, one)) for one in ALL_CONDITIONS
        },
        "seconds": round(sum(one.seconds for one in made), 1),
        "date": datetime.now(UTC).date().isoformat(),
        "command": command,
        "data": {"file": file.name, "sha256": file_sha256(file)},
        "items": {
            sample.id: {
                "inputs": sample.inputs,
                "expected": sample.expected,
                "answers": {
                    reply.condition.value: _answer(task, reply, target) for reply in one.replies
                },
            }
            for sample, target, one in zip(samples, targets, made, strict=True)
        },
    }


def read_gallery(path: Path) -> MeasuredGallery:
    """Return a gallery's measured file.

    Raises:
        ContentError: if it is missing or not what `gallery` writes.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return MeasuredGallery(
            date=data["date"],
            command=data["command"],
            dtype=data["dtype"],
            base_sha256=data["base_sha256"],
            adapter_sha256=data["adapter_sha256"],
            prompt_sha256=data["prompt_sha256"],
            items={id: _read_item(item) for id, item in data["items"].items()},
        )
    except (OSError, AttributeError, ValueError, KeyError, TypeError) as error:
        raise ContentError(
            f"{shown_path(path)} is not what `gallery` writes: run `python -m lib gallery` again."
        ) from error


def _read_item(item: Mapping[str, Any]) -> MeasuredItem:
    return MeasuredItem(
        dict(item["inputs"]),
        item["expected"],
        {
            Condition(name): GalleryAnswer(answer["raw"], answer["valid"], answer["right"])
            for name, answer in item["answers"].items()
        },
    )


def _answer(task: Task, reply: Reply, target: Target) -> dict[str, Any]:
    return {
        "raw": reply.raw,
        "valid": reply.valid,
        "right": score_row(task, reply.answer, target).correct,
    }


def _target(task: Task, sample: Sample) -> Target:
    answer = parse_answer(task, sample.expected or "")
    if answer is None:
        raise ContentError(f"The gallery's '{sample.id}' expects what is no answer of the task.")
    return (answer,) if task.kind == "question_answering" and isinstance(answer, str) else answer
