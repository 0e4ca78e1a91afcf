"""How long somebody's rows are trained.

Example run: python -m pytest tests/verdict/test_plan.py -v
"""

import pytest

from lib.training.recipe import Recipe
from lib.verdict.plan import MAX_EPOCHS, MAX_TOKENS, MIN_STEPS, plan_training

RECIPE = Recipe(epochs=2, batch_size=16, held_out_rows=300)


def test_few_rows_are_gone_through_until_there_are_steps_enough():
    plan = plan_training([50] * 160, RECIPE)

    assert plan.recipe.epochs == 10  # ten steps an epoch, a hundred are wanted
    assert plan.steps == MIN_STEPS
    assert plan.tokens == 160 * 50 * 10


def test_very_few_rows_are_not_gone_through_for_ever():
    assert plan_training([50] * 10, RECIPE).recipe.epochs == MAX_EPOCHS


def test_many_rows_keep_the_epochs_of_the_recipe():
    plan = plan_training([50] * 3_200, RECIPE)

    assert plan.recipe.epochs == 2
    assert plan.rows == 3_200


def test_long_rows_are_gone_through_once():
    plan = plan_training([500] * 1_200, RECIPE)

    assert plan.recipe.epochs == 1
    assert plan.tokens == 600_000


def test_too_much_for_once_is_cut_to_the_first_rows():
    plan = plan_training([1_000] * 5_000, RECIPE)

    assert plan.recipe.epochs == 1
    assert plan.rows == MAX_TOKENS // 1_000
    assert plan.tokens <= MAX_TOKENS


@pytest.mark.parametrize("lengths", [[50] * 20, [50] * 5_000, [1_000] * 5_000, [2_000_000]])
def test_a_plan_always_trains_something_and_looks_at_it(lengths):
    plan = plan_training(lengths, RECIPE)

    assert plan.rows >= 1
    assert plan.recipe.epochs >= 1
    assert plan.look_every >= 5
    assert plan.recipe.held_out_rows == 0, "the rows are divided before"
