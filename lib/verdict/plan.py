"""How a visitor's own rows are trained: long enough to learn, short enough to wait for."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from lib.training.recipe import Recipe
from lib.verdict.division import divide
from lib.verdict.folder import Order
from lib.verdict.own_rows import OwnRows

MIN_STEPS = 100
"""Fewer teach nothing where rows are few; see `lib/training/few_rows.py` for how this was found."""

MAX_EPOCHS = 20
MAX_TOKENS = 800_000
"""Over all epochs: about 15 to 25 minutes of two cores."""

OWN_RECIPE = Recipe(last_layers=15, engineered_share=0.15, engineered_examples=(0, 2))
"""Of the project's own recipe, with fewer rows under the long prompt: they take most of the time."""

_LOOKS = 10  # at the validation rows, spread over the run


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be trained."""

    recipe: Recipe
    rows: int
    """The first so many of the training rows."""
    tokens: int
    """Of these rows over all epochs, prompts included."""

    @property
    def steps(self) -> int:
        """How many optimiser steps that makes."""
        return self.recipe.epochs * math.ceil(self.rows / self.recipe.batch_size)

    @property
    def look_every(self) -> int:
        """After how many steps the validation rows are tried again."""
        return max(5, self.steps // _LOOKS)


def plan_training(tokens: Sequence[int], recipe: Recipe = OWN_RECIPE) -> Plan:
    """Return the plan for training rows of these lengths, in tokens with prompt and answer.

    Rows are gone through until there were `MIN_STEPS` steps, `MAX_EPOCHS` times at most, and never
    less often than the recipe says, as long as that stays under `MAX_TOKENS`. Where one time is too
    much already, only the first rows are trained on; their order is random.
    """
    rows = len(tokens)
    if sum(tokens) > MAX_TOKENS:
        rows = max(1, sum(1 for total in accumulate(tokens) if total <= MAX_TOKENS))
    once = sum(tokens[:rows])
    wanted = math.ceil(MIN_STEPS / math.ceil(rows / recipe.batch_size))
    affordable = max(1, MAX_TOKENS // once)
    epochs = min(max(recipe.epochs, min(wanted, MAX_EPOCHS)), affordable)
    return Plan(replace(recipe, epochs=epochs, held_out_rows=0), rows, once * epochs)


def make_order(own: OwnRows, recipe: Recipe = OWN_RECIPE) -> Order:
    """Return the order for somebody's rows: divided, and with the plan for the training part.

    Raises:
        DataError: if there are too few rows to divide.
    """
    parts = divide(own.task, own.rows, recipe.seed)
    tokens = {row.id: number for row, number in zip(own.rows, own.tokens, strict=True)}
    plan = plan_training([tokens[row.id] for row in parts.training], recipe)
    return Order(own.task, plan.recipe, plan.rows, plan.look_every, parts)
