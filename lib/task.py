"""The words that every layer shares: a task, its prompts, its examples.

These are data only. `lib.content` reads them from `content/tasks/`, `lib.inference` turns them
into prompts, `lib.evaluation` and `lib.training` pair them with rows. Pydantic checks them when
they are made, so a task that exists is a task that makes sense.
"""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic.dataclasses import dataclass

_STRICT = ConfigDict(extra="forbid")

Kind = Literal["extraction", "classification", "question_answering"]
PromptName = Literal["plain", "engineered", "short"]

INPUT_FIELDS: dict[Kind, tuple[str, ...]] = {
    "extraction": ("text",),
    "classification": ("text",),
    "question_answering": ("context", "question"),
}
"""What a visitor types, and what a row of data holds, for each kind of task."""

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
"""What a change may call a key or a label."""

_FEWEST_SAMPLES = 2  # of a key or label that was added

_ALL_FIELDS = frozenset(field for fields in INPUT_FIELDS.values() for field in fields)


@dataclass(frozen=True, config=_STRICT)
class Example:
    """One solved case for a few-shot prompt: the inputs, and the answer as the model should write it."""

    inputs: dict[str, str]
    answer: str


@dataclass(frozen=True, config=_STRICT)
class PromptTemplate:
    """How a prompt is made. `user` holds the placeholders, for instance `{text}`.

    Without `system` the model's chat template writes its own default system prompt. Every example
    becomes a user turn (through `user`) and an assistant turn.
    """

    user: str
    system: str | None = None
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, config=_STRICT)
class Prompts:
    """The three prompts of a task: two for people to compare, one that the adapter was trained on."""

    plain: PromptTemplate
    engineered: PromptTemplate
    short: PromptTemplate


@dataclass(frozen=True, config=_STRICT)
class Sample:
    """An input to try on the demo page, with what a careful person would answer, and why it is here."""

    id: str
    title: str
    inputs: dict[str, str]
    expected: str | None
    note: str


@dataclass(frozen=True, config=_STRICT)
class OwnText:
    """A prompt's texts in a change's own words; those left out follow by rule."""

    system: str | None = None
    user: str | None = None


@dataclass(frozen=True, config=_STRICT)
class Change:
    """A requirement that came after the training: names of keys or labels that are new.

    Either `rename` or `add` is given. What the prompts make of it stands in `lib.task_change`.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    title: str
    about: str
    rename: dict[str, Name] = Field(default_factory=dict)
    """The old name of a key or label, and the new one."""
    add: dict[Name, str] = Field(default_factory=dict)
    """The name of a new key or label, and its meaning."""
    examples: tuple[Example, ...] = ()
    """Solved examples for the engineered prompt; one whose inputs are there already takes its place."""
    samples: tuple[Sample, ...] = ()
    """Samples for the demo; one with the id of another takes its place."""
    keep: tuple[str, ...] = ()
    """Phrases in which the old name is an ordinary word and stays."""
    own_text: dict[Literal["plain", "engineered"], OwnText] = Field(default_factory=dict)
    """Where the rules would write nonsense."""

    @model_validator(mode="after")
    def _is_one_kind_of_change(self) -> Self:
        if bool(self.rename) == bool(self.add):
            raise ValueError("a change needs either `rename` or `add`")
        if self.add and (not self.examples or len(self.samples) < _FEWEST_SAMPLES):
            raise ValueError("`add` needs solved `examples`, and two `samples` of its own")
        return self


@dataclass(frozen=True, config=_STRICT)
class Data:
    """Where the rows come from, for `prepare`, the model card and the credits."""

    name: str
    source: str
    licence: str
    credit: str


@dataclass(frozen=True, config=_STRICT)
class RowSet:
    """A set of held-out rows: its measured files are called after its id."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    title: str
    """As it stands behind a number of rows: "test messages"."""
    about: str = ""


# The names of a set's measured files end in these.
_TAKEN_ENDINGS = ("_score", "_classic", "_rows")
OTHER_MEASURED = ("calls", "curve", "forgetting", "gallery", "stability")
"""Measured files of a task that are called after what they hold, not after a set of rows."""


@dataclass(frozen=True, config=_STRICT)
class Task:
    """One job that the model is compared on."""

    id: str
    title: str
    kind: Kind
    summary: str
    input_label: str
    max_characters: Annotated[int, Field(gt=0, le=20_000)]
    max_new_tokens: Annotated[int, Field(gt=0, le=512)]
    prompts: Prompts
    samples: tuple[Sample, ...]
    data: Data
    keys: dict[str, str] = Field(default_factory=dict)
    """Extraction: the keys of the answer in their order, each with its meaning."""
    labels: dict[str, str] = Field(default_factory=dict)
    """Classification: the labels, each with its meaning."""
    test_sets: Annotated[tuple[RowSet, ...], Field(min_length=1)] = (RowSet("test", "test rows"),)
    """Where the task is measured; the first one is the main set."""
    changes: tuple[Change, ...] = ()
    """Requirements that came later, to try on the demo page."""
    folder: Path = Path()

    @model_validator(mode="after")
    def _agrees_with_its_kind(self) -> Self:
        if self.kind == "extraction" and not self.keys:
            raise ValueError("an extraction task needs `keys`")
        if self.kind == "classification" and not self.labels:
            raise ValueError("a classification task needs `labels`")
        fields = set(self.input_fields)
        for name in ("plain", "engineered", "short"):
            template: PromptTemplate = getattr(self.prompts, name)
            missing = [field for field in self.input_fields if f"{{{field}}}" not in template.user]
            if missing:
                raise ValueError(f"prompts.{name}.user lacks the placeholder {{{missing[0]}}}")
            foreign = [field for field in _ALL_FIELDS - fields if f"{{{field}}}" in template.user]
            if foreign:
                raise ValueError(f"prompts.{name}.user has {{{foreign[0]}}}, which no input fills")
        solved = (*self.prompts.plain.examples, *self.prompts.engineered.examples)
        for example in (*solved, *(one for change in self.changes for one in change.examples)):
            if set(example.inputs) != fields:
                raise ValueError(f"an example has {sorted(example.inputs)}, not {sorted(fields)}")
        for sample in (*self.samples, *(one for change in self.changes for one in change.samples)):
            if set(sample.inputs) != fields:
                raise ValueError(
                    f"sample {sample.id} has {sorted(sample.inputs)}, not {sorted(fields)}"
                )
        return self

    @model_validator(mode="after")
    def _sets_can_be_told_apart(self) -> Self:
        ids = [one.id for one in self.test_sets]
        for id in ids:
            if ids.count(id) > 1:
                raise ValueError(f"two test_sets have the id '{id}'")
            if id.endswith(_TAKEN_ENDINGS) or id in OTHER_MEASURED:
                raise ValueError(f"test_sets: '{id}' is what another measured file is called")
        return self

    @model_validator(mode="after")
    def _changes_fit(self) -> Self:
        ids = [one.id for one in self.changes]
        for change in self.changes:
            if ids.count(change.id) > 1:
                raise ValueError(f"two changes have the id '{change.id}'")
            unknown = [old for old in change.rename if old not in self.names]
            if unknown:
                raise ValueError(f"change '{change.id}': the task has no '{unknown[0]}' to rename")
            taken = [name for name in (*change.rename.values(), *change.add) if name in self.names]
            if taken:
                raise ValueError(f"change '{change.id}': '{taken[0]}' is there already")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The keys or labels of an answer, in their order; none where the answer is free."""
        return tuple(self.keys or self.labels)

    @property
    def main_set(self) -> RowSet:
        """The held-out rows whose figures stand beside the answers."""
        return self.test_sets[0]

    @property
    def input_fields(self) -> tuple[str, ...]:
        """The names of the inputs, in the order in which they are asked for."""
        return INPUT_FIELDS[self.kind]
