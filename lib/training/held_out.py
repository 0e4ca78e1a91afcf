"""How many rows a half-trained model would answer right, from one pass over their right answers.

Greedy writing gives exactly the right answer where, after every right beginning of it, the right
token is the likeliest. So one forward pass tells what generation would, many times faster.
"""

from collections.abc import Sequence
from typing import Any

import torch

from lib.inference.base_model import BaseModel
from lib.training.forward import answer_logits, parts
from lib.training.mixing import Encoded


@torch.inference_mode()
def right_answers(model: Any, sequences: Sequence[Encoded], base: BaseModel) -> int:
    """Return how many of the sequences the model would answer word for word, greedily."""
    was_training = model.training
    model.eval()
    ordered = sorted(sequences, key=lambda one: len(one.ids))
    right = 0
    for batch in parts(ordered):
        found = answer_logits(model, batch, base)
        missed = found.row[found.logits.argmax(dim=-1) != found.wanted]
        right += len(batch) - len(set(missed.tolist()))
    model.train(was_training)
    return right


class BestWeights:
    """Remembers the adapter's weights as they were when most held-out rows were right."""

    def __init__(self) -> None:
        self.right = -1
        self.step = 0
        self._kept: dict[str, torch.Tensor] = {}

    def look(self, model: Any, right: int, step: int) -> None:
        """Keep the weights of now where they are better than all before, or as good: later
        weights have seen more rows."""
        if right < self.right:
            return
        self.right, self.step = right, step
        self._kept = {name: one.detach().clone() for name, one in _trained(model)}

    def restore(self, model: Any) -> None:
        """Put the best weights back; nothing where none were looked at."""
        with torch.no_grad():
            for name, one in _trained(model):
                if name in self._kept:
                    one.copy_(self._kept[name])


def _trained(model: Any) -> list[tuple[str, torch.Tensor]]:
    return [(name, one) for name, one in model.named_parameters() if one.requires_grad]
