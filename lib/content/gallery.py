"""Reads `gallery.yaml` of a task: inputs that we wrote to show where each way loses, and why.

Each item says which ways are right and which are wrong; `python -m lib gallery` measures that, and
`broken_claims` tells what was said and is not so. Where LoRA loses stands first.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic.dataclasses import dataclass

from lib.errors import ContentError
from lib.files import read_yaml, shown_path
from lib.task import Sample, Task

_STRICT = ConfigDict(extra="forbid")
_FIRST_TO_LOSE = "lora"

WayName = Literal["plain", "engineered", "lora", "lora_engineered"]


@dataclass(frozen=True, config=_STRICT)
class GalleryItem:
    """An input, the right answer, who loses on it, and why."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    title: str
    inputs: dict[str, str]
    expected: str
    look: str
    """What to look at, and the reason, in a sentence or two."""
    loses: Annotated[tuple[WayName, ...], Field(min_length=1)]
    """The ways whose answers are wrong."""
    wins: tuple[WayName, ...] = ()
    """The ways whose answers are right."""

    @model_validator(mode="after")
    def _nobody_does_both(self) -> Self:
        if both := set(self.loses) & set(self.wins):
            raise ValueError(f"{self.id}: '{min(both)}' can't lose and win")
        return self

    @property
    def as_sample(self) -> Sample:
        """The item as the demo page takes it."""
        return Sample(self.id, self.title, self.inputs, self.expected, self.look)


@dataclass(frozen=True, config=_STRICT)
class Gallery:
    """The items of a task, LoRA's losses first."""

    items: Annotated[tuple[GalleryItem, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _begins_with_the_losses_of_lora(self) -> Self:
        ids = [one.id for one in self.items]
        if repeated := {id for id in ids if ids.count(id) > 1}:
            raise ValueError(f"two items have the id '{min(repeated)}'")
        loses = [_FIRST_TO_LOSE in one.loses for one in self.items]
        if loses != sorted(loses, reverse=True):
            late = self.items[loses.index(False) + loses[loses.index(False) :].index(True)]
            raise ValueError(f"items: '{late.id}' has to stand among the first: LoRA loses there")
        return self


def gallery_file(task: Task) -> Path:
    """Return where a task's gallery stands, if it has one."""
    return task.folder / "gallery.yaml"


def load_gallery(task: Task) -> Gallery | None:
    """Return a task's gallery, or None if it has none.

    Raises:
        ContentError: naming file, line and field.
    """
    path = gallery_file(task)
    if not path.is_file():
        return None
    gallery = read_yaml(path, Gallery)
    samples = {one.id for one in task.samples}
    for item in gallery.items:
        if item.id in samples:
            raise ContentError(f"{shown_path(path)}: '{item.id}' is the id of a sample.")
        if set(item.inputs) != set(task.input_fields):
            raise ContentError(
                f"{shown_path(path)}: {item.id}: `inputs` needs {', '.join(task.input_fields)}."
            )
    return gallery


def broken_claims(
    items: Sequence[GalleryItem], right: Mapping[str, Mapping[str, bool]]
) -> list[str]:
    """Return a sentence for each claim that was not measured so.

    `right` tells for each item's id which ways' answers were right.
    """
    broken = []
    for item in items:
        of_ways = right.get(item.id, {})
        for said, ways in ((False, item.loses), (True, item.wins)):
            for way in ways:
                if way not in of_ways:
                    broken.append(f"{item.id}: {way} was not measured")
                elif of_ways[way] is not said:
                    broken.append(f"{item.id}: {way} is {'wrong' if said else 'right'}")
    return broken
