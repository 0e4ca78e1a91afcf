"""The four conditions: two kinds of weights by two kinds of prompts.

Rows are weights, columns are prompts, so that what the prompt did, what the adapter did and how
they interact can be told apart.
"""

from collections.abc import Iterable
from enum import StrEnum

from lib.errors import InputError
from lib.task import PromptName


class Condition(StrEnum):
    """One way to get an answer out of the model; iterating gives the order used everywhere."""

    PLAIN = "plain"
    ENGINEERED = "engineered"
    LORA = "lora"
    LORA_ENGINEERED = "lora_engineered"

    @property
    def shown_as(self) -> str:
        """The name that people see."""
        return _TITLES[self]

    @property
    def prompt(self) -> PromptName:
        """Which of the task's prompts is sent."""
        return _PROMPTS[self]

    @property
    def uses_adapter(self) -> bool:
        """Whether the LoRA adapter is added to the base weights."""
        return self in (Condition.LORA, Condition.LORA_ENGINEERED)


_TITLES = {
    Condition.PLAIN: "Plain prompt",
    Condition.ENGINEERED: "Engineered prompt",
    Condition.LORA: "LoRA",
    Condition.LORA_ENGINEERED: "LoRA + engineered",
}

_PROMPTS: dict[Condition, PromptName] = {
    Condition.PLAIN: "plain",
    Condition.ENGINEERED: "engineered",
    Condition.LORA: "short",
    Condition.LORA_ENGINEERED: "engineered",
}

ALL_CONDITIONS: tuple[Condition, ...] = tuple(Condition)


def parse_conditions(names: Iterable[str]) -> tuple[Condition, ...]:
    """Return the named conditions in the fixed order.

    Raises:
        InputError: if a name is unknown or none is given.
    """
    wanted = {name.strip() for name in names if name.strip()}
    known = {condition.value for condition in Condition}
    unknown = sorted(wanted - known)
    if unknown or not wanted:
        what = f"'{unknown[0]}' is not a condition" if unknown else "No condition is named"
        raise InputError(f"{what}; choose from {', '.join(Condition)}.")
    return tuple(condition for condition in Condition if condition in wanted)
