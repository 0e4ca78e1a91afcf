"""The training step on a random model of a few thousand weights.

Example run: python -m pytest tests/training/test_trainer.py -v
"""

import pytest
import torch

from lib.training import forward, trainer
from lib.training.mixing import Encoded
from lib.training.recipe import Recipe

BATCH = [
    Encoded((1, 5, 6, 7, 8, 2), 3),
    Encoded((1, 9, 10, 2), 2),
    Encoded((1, 11, 12, 13, 14, 15, 16, 2), 5),
]


def gradients(model):
    return {
        name: parameter.grad.clone()
        for name, parameter in model.named_parameters()
        if parameter.requires_grad
    }


def test_parts_of_a_batch_give_the_gradients_of_the_whole(model, base, monkeypatch):
    whole = trainer._backward(model, BATCH, base)
    expected = gradients(model)
    model.zero_grad()
    monkeypatch.setattr(forward, "_MAX_PART_TOKENS", 8)

    in_parts = trainer._backward(model, BATCH, base)

    assert in_parts == pytest.approx(whole, rel=1e-5)
    for name, gradient in gradients(model).items():
        torch.testing.assert_close(gradient, expected[name], rtol=1e-4, atol=1e-7)


def test_the_loss_is_that_of_transformers_on_the_answers_alone(model, base):
    losses = []
    for one in BATCH:
        ids = torch.tensor([one.ids])
        labels = ids.clone()
        labels[0, : one.answer_start] = -100
        answer_tokens = len(one.ids) - one.answer_start
        losses.append(model(input_ids=ids, labels=labels).loss.item() * answer_tokens)
    tokens = sum(len(one.ids) - one.answer_start for one in BATCH)

    assert trainer._backward(model, BATCH, base) == pytest.approx(sum(losses) / tokens, rel=1e-4)


def test_the_base_weights_get_no_gradient(model, base):
    trainer._backward(model, BATCH, base)

    touched = [name for name, value in model.named_parameters() if value.grad is not None]
    assert touched
    assert all("lora_" in name for name in touched)


def test_a_common_beginning_is_read_once_and_changes_no_gradient(model, base, monkeypatch):
    batch = [
        Encoded((1, 5, 6, 7, 8, 20, 2), 5),
        Encoded((1, 5, 6, 7, 9, 10, 21, 22, 2), 6),
        Encoded((1, 5, 6, 7, 8, 11, 23, 2), 6),
    ]
    assert forward._shared_tokens(batch) == 4
    assert forward._shared_tokens([*batch, Encoded((1, 5, 6, 7, 2), 3)]) == 2, "an answer begins"
    together = trainer._backward(model, batch, base)
    found = gradients(model)
    model.zero_grad()
    monkeypatch.setattr(forward, "_MAX_PART_TOKENS", 1)

    one_by_one = trainer._backward(model, batch, base)

    assert together == pytest.approx(one_by_one, rel=1e-5)
    for name, gradient in gradients(model).items():
        torch.testing.assert_close(found[name], gradient, rtol=1e-4, atol=1e-7)


def test_a_recipe_can_adapt_the_last_layers_alone():
    config = trainer.lora_config(Recipe(rank=2, last_layers=1), layers=2)

    assert config.layers_to_transform == [1]
    assert trainer.lora_config(Recipe(rank=2), layers=2).layers_to_transform is None
    assert trainer.lora_config(Recipe(rank=2, last_layers=9), layers=2).layers_to_transform is None
