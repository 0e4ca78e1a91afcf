"""What a trial writes down while it goes on, and what whoever looks at it reads.

One JSON line an event, added to a file in the trial's folder. So a page can be closed and opened
again, several people can look, and a server that was killed leaves behind how far the trial was.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

FILE = "diary.jsonl"

FULL = "The server's disk is full: whoever runs it has to make room, then start again."

StageName = Literal["model", "classic", "prompts", "training", "adapter", "verdict"]
STAGES: tuple[StageName, ...] = ("model", "classic", "prompts", "training", "adapter", "verdict")
"""In their order; `classic` is passed over where the task is no classification."""


@dataclass(frozen=True)
class Stage:
    """A part of the work begins."""

    name: StageName
    kind: Literal["stage"] = "stage"


@dataclass(frozen=True)
class Trained:
    """One optimiser step is done."""

    number: int
    of: int
    loss: float
    """Mean over the answer tokens of the batch."""
    seconds: float
    """Since the training began, waiting included."""
    kind: Literal["trained"] = "trained"


@dataclass(frozen=True)
class Looked:
    """The validation rows were tried on the half-trained model."""

    step: int
    right: int
    rows: int
    kind: Literal["looked"] = "looked"


@dataclass(frozen=True)
class Measuring:
    """So many of a way's rows are answered."""

    way: str
    done: int
    of: int
    kind: Literal["measuring"] = "measuring"


@dataclass(frozen=True)
class Scored:
    """A way was measured on all test rows."""

    way: str
    right: int
    rows: int
    kind: Literal["scored"] = "scored"


@dataclass(frozen=True)
class Noted:
    """Something that whoever reads the verdict should know."""

    text: str
    kind: Literal["noted"] = "noted"


@dataclass(frozen=True)
class Ended:
    """The last line: done, or a sentence on what went wrong."""

    problem: str | None = None
    kind: Literal["ended"] = "ended"


Event = Annotated[
    Stage | Trained | Looked | Measuring | Scored | Noted | Ended, Field(discriminator="kind")
]
_EVENT: TypeAdapter[Any] = TypeAdapter(Event)


@dataclass(frozen=True)
class Progress:
    """How far a trial is."""

    stage: StageName | None = None
    """None before the first."""
    steps: tuple[Trained, ...] = ()
    looks: tuple[Looked, ...] = ()
    measuring: Measuring | None = None
    """The way that is being measured now."""
    scored: tuple[Scored, ...] = ()
    notes: tuple[str, ...] = ()
    ended: bool = False
    problem: str | None = field(default=None)

    @property
    def seconds_left(self) -> float | None:
        """What the training will take yet at the pace so far; None before a pace is known."""
        if len(self.steps) < _STEPS_FOR_A_PACE:
            return None
        first, last = self.steps[0], self.steps[-1]
        pace = (last.seconds - first.seconds) / (last.number - first.number)
        return pace * (last.of - last.number)


_STEPS_FOR_A_PACE = 3  # the first is slower than the others


class Diary:
    """Adds events to the file of one trial."""

    def __init__(self, folder: Path, on_event: Callable[[Any], None] = lambda event: None) -> None:
        self._path = folder / FILE
        self._on_event = on_event

    def write(self, event: Any) -> None:
        """Add one event; it is on disk when this returns."""
        line = json.dumps(_EVENT.dump_python(event), ensure_ascii=False)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        self._on_event(event)


def read_progress(folder: Path) -> Progress:
    """Return how far the trial in a folder is; a line that was cut is passed over."""
    try:
        text = (folder / FILE).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return Progress()
    events = []
    for line in text.split("\n"):
        try:
            events.append(_EVENT.validate_json(line))
        except ValidationError:
            continue
    return _progress(events)


def _progress(events: Sequence[Any]) -> Progress:
    def of_kind(kind: type) -> tuple[Any, ...]:
        return tuple(event for event in events if isinstance(event, kind))

    stages, measuring, ends = of_kind(Stage), of_kind(Measuring), of_kind(Ended)
    scored = of_kind(Scored)
    now = measuring[-1] if measuring else None
    return Progress(
        stage=stages[-1].name if stages else None,
        steps=of_kind(Trained),
        looks=of_kind(Looked),
        measuring=None if now and any(one.way == now.way for one in scored) else now,
        scored=scored,
        notes=tuple(one.text for one in of_kind(Noted)),
        ended=bool(ends),
        problem=ends[-1].problem if ends else None,
    )
