"""One pass over some training sequences, up to the logits of their answers and no further."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

import torch
from peft.helpers import disable_input_dtype_casting
from torch.nn.attention import SDPBackend, sdpa_kernel
from transformers import DynamicCache

from lib.inference.base_model import BaseModel
from lib.training.mixing import Encoded

_MAX_PART_TOKENS = 2_048  # of one forward and backward pass; about 4 GB of activations

_SHORT = 256
"""Tokens up to which attention is computed as plain matrix products. The way back through the fused
kernel takes a quarter of a step on a CPU, and plain products half of that; on long rows they would
need memory for the square of the length."""


@dataclass(frozen=True, slots=True)
class AnswerLogits:
    """What the model makes of the answer tokens of a batch, all rows' one after the other."""

    logits: torch.Tensor
    """Shape (answer tokens, vocabulary), fp32."""
    wanted: torch.Tensor
    """Shape (answer tokens,): the token that should come."""
    row: torch.Tensor
    """Shape (answer tokens,): which row of the batch the token belongs to."""


def parts(batch: Sequence[Encoded]) -> list[Sequence[Encoded]]:
    """Return a batch in parts that fit the memory, however long the longest row is."""
    width = max(len(one.ids) for one in batch)
    size = max(1, _MAX_PART_TOKENS // width)
    return [batch[start : start + size] for start in range(0, len(batch), size)]


def answer_logits(model: Any, batch: Sequence[Encoded], base: BaseModel) -> AnswerLogits:
    """Return the logits that predict the answer tokens, each seen after the right ones before it.

    Only the hidden states that predict an answer token meet the output layer: with 49,152 words
    in the vocabulary, logits for the prompts would cost more than the rest of the step. What all
    prompts begin with goes through the model once, not once a row: the gradients are the same,
    and of a short message's tokens that is about the half.
    """
    width = max(len(one.ids) for one in batch)
    shared = _shared_tokens(batch)
    pad = base.tokenizer.pad_token_id
    ids = torch.tensor([[*one.ids, *[pad] * (width - len(one.ids))] for one in batch])
    # Padding is told by position, never by token: the pad token also ends every answer.
    lengths = torch.tensor([len(one.ids) for one in batch])
    starts = torch.tensor([one.answer_start for one in batch])
    positions = torch.arange(width)
    predicts = (positions >= starts[:, None] - 1) & (positions < lengths[:, None] - 1)

    # PEFT would turn every layer's input into fp32 first, only for autocast to turn it back.
    native = base.dtype == "bfloat16"
    casting = disable_input_dtype_casting(model) if native else nullcontext()
    attention = sdpa_kernel(SDPBackend.MATH) if width <= _SHORT else nullcontext()
    with casting, attention, torch.autocast("cpu", torch.bfloat16, enabled=native):
        causal = model.get_base_model()
        # No mask: padding stands on the right, so no real token can look at it.
        hidden = causal.model(
            input_ids=ids[:, shared:],
            past_key_values=_read_once(causal, ids[:1, :shared], len(batch)),
            use_cache=shared > 0,
        )[0]
        logits = causal.lm_head(hidden[predicts[:, shared:]])
    return AnswerLogits(logits.float(), ids[:, 1:][predicts[:, :-1]], predicts.nonzero()[:, 0])


def _shared_tokens(batch: Sequence[Encoded]) -> int:
    """Return how many tokens all rows begin with, short of the first that predicts an answer."""
    if len(batch) == 1:
        return 0
    most = min(one.answer_start for one in batch) - 1
    columns = zip(*(one.ids[:most] for one in batch), strict=True)
    return sum(1 for _ in takewhile(lambda column: len(set(column)) == 1, columns))


def _read_once(causal: Any, ids: torch.Tensor, rows: int) -> DynamicCache | None:
    """Return keys and values of a common beginning, for every row; gradients flow through them."""
    if not ids.numel():
        return None
    cache = DynamicCache()
    causal.model(input_ids=ids, past_key_values=cache, use_cache=True)
    for layer in cache.layers:
        layer.keys = layer.keys.expand(rows, -1, -1, -1)
        layer.values = layer.values.expand(rows, -1, -1, -1)
    return cache
