"""Training again and again on one base model, for learning curves.

Run alone: python -m pytest tests/training/test_few_rows.py
"""

from pathlib import Path

import pytest
import torch

from lib.inference.base_model import BaseModel
from lib.inference.engine import Engine, Row
from lib.rows import LabelledRow
from lib.task import Task
from lib.training import few_rows
from lib.training.few_rows import Learned, learn, recipe_for
from lib.training.recipe import Recipe
from tests.tiny_model import tiny_base

RECIPE = Recipe(rank=2, alpha=4, epochs=2, batch_size=2, learning_rate=1e-2)
ROWS = [LabelledRow(str(n), {"text": f"text {n}"}, ("cards", "cash")[n % 2]) for n in range(4)]
PROBE = Row((5, 6, 7, 8))


@pytest.fixture
def base() -> BaseModel:
    return tiny_base()


def weights(base: BaseModel) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in base.model.named_parameters()}


def taught(base: BaseModel, task: Task, folder: Path, seed: int = 1) -> Learned:
    return learn(base, task, ROWS, recipe_for(RECIPE, len(ROWS), seed), folder)


@pytest.fixture(autouse=True)
def _few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(few_rows, "MIN_STEPS", 6)


def test_few_rows_are_gone_through_until_there_were_enough_steps() -> None:
    # 4 rows are 2 steps an epoch: 3 epochs for 6 steps.
    assert recipe_for(RECIPE, 4, 1).epochs == 3


def test_many_rows_are_gone_through_as_often_as_the_recipe_says() -> None:
    assert recipe_for(RECIPE, 400, 1).epochs == 2


def test_epochs_are_capped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(few_rows, "MIN_STEPS", 1_000)

    assert recipe_for(RECIPE, 2, 1).epochs == few_rows.MAX_EPOCHS


def test_the_seed_is_that_of_the_run_and_only_the_short_prompt_is_trained() -> None:
    found = recipe_for(RECIPE, 4, 3)

    assert (found.seed, found.engineered_share, found.learning_rate) == (3, 0.0, 1e-2)


def test_the_base_model_is_left_as_it_was(
    base: BaseModel, classification_task: Task, tmp_path: Path
) -> None:
    before, names = weights(base), [name for name, _ in base.model.named_modules()]

    learned = taught(base, classification_task, tmp_path)

    assert learned.steps == 6
    assert [name for name, _ in base.model.named_modules()] == names
    for name, value in base.model.named_parameters():
        assert torch.equal(value, before[name])
    assert not base.model.training


def test_the_same_seed_gives_the_same_adapter_after_another_one(
    base: BaseModel, classification_task: Task, tmp_path: Path
) -> None:
    first = taught(base, classification_task, tmp_path / "first", seed=1)
    other = taught(base, classification_task, tmp_path / "other", seed=2)
    again = taught(base, classification_task, tmp_path / "again", seed=1)

    assert first.adapter.sha256 == again.adapter.sha256 != other.adapter.sha256


def test_an_adapter_answers_while_it_is_attached_and_leaves_nothing_behind(
    base: BaseModel, classification_task: Task, tmp_path: Path
) -> None:
    engine = Engine(base)
    before = engine.generate([PROBE], 8)[0].ids
    for seed in (1, 2):
        learned = taught(base, classification_task, tmp_path / str(seed), seed)
        name = learned.adapter.name

        check = engine.attach(learned.adapter)
        with_adapter = engine.forward(torch.tensor([PROBE.ids]), [name]).logits
        without = engine.forward(torch.tensor([PROBE.ids]), [None]).logits
        engine.detach(name)

        assert check.passed
        assert not torch.allclose(with_adapter, without)
        assert engine.generate([PROBE], 8)[0].ids == before
        assert not any("lora" in name for name, _ in base.model.named_modules())
