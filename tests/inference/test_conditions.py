"""The four conditions: a 2x2 of weights and prompts, in one order."""

import pytest

from lib.errors import InputError
from lib.inference.conditions import ALL_CONDITIONS, Condition, parse_conditions


def test_the_order_is_the_same_everywhere() -> None:
    assert [condition.value for condition in ALL_CONDITIONS] == [
        "plain",
        "engineered",
        "lora",
        "lora_engineered",
    ]
    assert [condition.shown_as for condition in ALL_CONDITIONS] == [
        "Plain prompt",
        "Engineered prompt",
        "LoRA",
        "LoRA + engineered",
    ]


def test_weights_and_prompts_make_a_two_by_two() -> None:
    assert [(condition.uses_adapter, condition.prompt) for condition in ALL_CONDITIONS] == [
        (False, "plain"),
        (False, "engineered"),
        (True, "short"),
        (True, "engineered"),
    ]


def test_named_conditions_come_in_the_fixed_order() -> None:
    assert parse_conditions([" lora ", "plain", "lora", ""]) == (Condition.PLAIN, Condition.LORA)


@pytest.mark.parametrize("names", [[], [""], ["  "]])
def test_no_condition_at_all_is_refused(names: list[str]) -> None:
    with pytest.raises(InputError, match="No condition is named; choose from plain, engineered"):
        parse_conditions(names)


def test_an_unknown_condition_is_named() -> None:
    with pytest.raises(InputError, match="'magic' is not a condition; choose from plain, "):
        parse_conditions(["plain", "magic"])
