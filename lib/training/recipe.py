"""What produced an adapter: everything that `train` needs besides the rows."""

from dataclasses import dataclass as std_dataclass
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

Positive = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(gt=0)]
Share = Annotated[float, Field(ge=0, le=1)]
TargetModule = Literal["q", "k", "v", "o", "gate", "up", "down"]
ExampleCount = Annotated[int, Field(ge=0)]


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Recipe:
    """Hyperparameters of one training run; the defaults are those of the project's own adapters."""

    seed: int = 7
    held_out_rows: Annotated[int, Field(ge=0)] = 0
    """Rows split off (by the seed) and never trained on, to choose prompts and settings with."""
    rank: Count = 16
    alpha: Count = 32
    dropout: Share = 0.0
    target_modules: Annotated[tuple[TargetModule, ...], Field(min_length=1)] = (
        "q", "k", "v", "o", "gate", "up", "down",
    )  # fmt: skip
    last_layers: Count | None = None
    """Adapt only so many layers, the last ones; None for all. Nothing has to go back through the
    layers below, so half of them train in about two thirds of the time."""
    learning_rate: Positive = 5e-4
    warmup_share: Share = 0.03
    epochs: Count = 2
    batch_size: Count = 16
    engineered_share: Share = 0.3
    """Share of rows trained under the engineered prompt; the rest use the short template."""
    engineered_examples: Annotated[tuple[ExampleCount, ...], Field(min_length=1)] = (0, 4)
    """How many solved examples such a row carries: drawn for each row from these."""
    max_tokens: Count = 1024
    """Longer rows are left out, and counted."""


@std_dataclass(frozen=True, slots=True)
class TrainingRecord:
    """What is kept of a run besides the weights."""

    data_file: str
    data_sha256: str
    rows: int
    held_out_rows: int
    left_out_rows: int
    """Rows longer than the recipe allows, summed over the epochs."""
    stopped: bool
    """Whether somebody ended the run before its last step."""
    seconds: float
    tokens: int
    first_loss: float
    last_loss: float
    """Mean over the last tenth of the steps."""
    base_sha256: str
    dtype: str
    processor: str
    threads: int
    date: str
