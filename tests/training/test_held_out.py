"""The held-out score of a half-trained model, on a random model of a few thousand weights.

Example run: python -m pytest tests/training/test_held_out.py -v
"""

import pytest
import torch

from lib.training import forward
from lib.training.held_out import BestWeights, right_answers
from lib.training.mixing import Encoded

PROMPTS = [(1, 5, 6), (1, 9), (1, 11, 12, 13, 14), (1, 5, 7), (1, 5, 20)]


def written(model, prompt, tokens):
    """Return what the model itself writes next, greedily and one token at a time."""
    ids = list(prompt)
    with torch.no_grad():
        for _ in range(tokens):
            ids.append(int(model(input_ids=torch.tensor([ids])).logits[0, -1].argmax()))
    return tuple(ids[len(prompt) :])


@pytest.fixture
def answered(model):
    """Every prompt with the three tokens that the model would write."""
    return [Encoded((*one, *written(model, one, 3)), len(one)) for one in PROMPTS]


def test_what_the_model_would_write_counts_as_right(model, base, answered):
    assert right_answers(model, answered, base) == len(PROMPTS)


@pytest.mark.parametrize("position", [-3, -2, -1])
def test_one_other_token_makes_a_row_wrong(model, base, answered, position):
    ids = list(answered[2].ids)
    ids[position] = (ids[position] + 1) % 40
    changed = [*answered[:2], Encoded(tuple(ids), answered[2].answer_start), *answered[3:]]

    assert right_answers(model, changed, base) == len(PROMPTS) - 1


def test_small_parts_give_the_same_count(model, base, answered, monkeypatch):
    ids = list(answered[0].ids)
    ids[-1] = (ids[-1] + 1) % 40
    changed = [Encoded(tuple(ids), 3), *answered[1:]]
    monkeypatch.setattr(forward, "_MAX_PART_TOKENS", 8)

    assert right_answers(model, changed, base) == len(PROMPTS) - 1


def test_a_model_in_training_goes_on_training(model, base, answered):
    model.train()

    right_answers(model, answered, base)

    assert model.training
    assert all(one.grad is None for one in model.parameters())


def adapter_weight(model):
    return next(one for name, one in model.named_parameters() if "lora_B" in name)


def test_the_best_weights_come_back_and_later_ones_win_a_tie(model):
    best = BestWeights()
    for step, (value, right) in enumerate([(1.0, 3), (2.0, 5), (3.0, 5), (4.0, 4)], start=1):
        with torch.no_grad():
            adapter_weight(model).fill_(value)
        best.look(model, right, step)

    best.restore(model)

    assert (best.right, best.step) == (5, 3)
    assert torch.all(adapter_weight(model) == 3.0)


def test_without_a_look_nothing_is_restored(model):
    before = adapter_weight(model).clone()

    BestWeights().restore(model)

    assert torch.equal(adapter_weight(model), before)
