"""Trains a LoRA adapter on a CPU: answer-only loss, batches of like length, bf16 where native."""

import math
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import takewhile
from threading import Event
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from peft.helpers import disable_input_dtype_casting
from torch.nn.functional import cross_entropy
from torch.nn.utils import clip_grad_norm_
from transformers import DynamicCache, get_cosine_schedule_with_warmup

from lib.errors import DataError
from lib.inference.base_model import BaseModel
from lib.inference.rendering import PromptRenderer
from lib.rows import LabelledRow
from lib.task import Task
from lib.training.mixing import Encoded, batches, mixed_sequences
from lib.training.recipe import Recipe

_MAX_GRADIENT_NORM = 1.0
_MAX_PART_TOKENS = 2_048  # of one forward and backward pass; about 4 GB of activations


@dataclass(frozen=True, slots=True)
class Step:
    """One optimiser step: where the run is, and the mean loss a token of this batch."""

    number: int
    of: int
    loss: float
    tokens: int
    seconds: float
    """Since the training began."""


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """The trained PEFT model and its record."""

    model: Any
    steps: tuple[Step, ...]
    left_out: int
    """Rows longer than the recipe allows, summed over the epochs."""


def train(
    base: BaseModel,
    task: Task,
    rows: Sequence[LabelledRow],
    recipe: Recipe,
    on_step: Callable[[Step], None] = lambda step: None,
    cancel: Event | None = None,
) -> TrainingRun:
    """Return the base model with a trained adapter around it; the base weights stay as they are.

    Raises:
        DataError: if no row is short enough, or the loss stops being a number.
    """
    torch.manual_seed(recipe.seed)
    renderer = PromptRenderer(base.tokenizer)
    epochs = []
    left_out = 0
    for epoch in range(recipe.epochs):
        sequences, skipped = mixed_sequences(task, rows, recipe, renderer, epoch)
        epochs.append(batches(sequences, recipe, epoch))
        left_out += skipped
    plan = [batch for epoch_batches in epochs for batch in epoch_batches]
    if not plan:
        raise DataError(f"Every row is longer than {recipe.max_tokens} tokens: shorten the texts.")

    model: Any = get_peft_model(base.model, lora_config(recipe))
    model.train()
    weights = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(weights, lr=recipe.learning_rate, weight_decay=0.0)
    schedule = get_cosine_schedule_with_warmup(
        optimiser, round(recipe.warmup_share * len(plan)), len(plan)
    )
    steps: list[Step] = []
    began = time.monotonic()
    for number, batch in enumerate(plan, start=1):
        loss = _backward(model, batch, base)
        if not math.isfinite(loss):
            raise DataError(
                "The loss is no longer a number: lower the learning rate and train again."
            )
        clip_grad_norm_(weights, _MAX_GRADIENT_NORM)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
        tokens = sum(len(one.ids) for one in batch)
        steps.append(Step(number, len(plan), loss, tokens, time.monotonic() - began))
        on_step(steps[-1])
        if cancel is not None and cancel.is_set():
            break
    return TrainingRun(model.eval(), tuple(steps), left_out)


def lora_config(recipe: Recipe) -> LoraConfig:
    """Return PEFT's configuration for a recipe."""
    return LoraConfig(
        r=recipe.rank,
        lora_alpha=recipe.alpha,
        lora_dropout=recipe.dropout,
        target_modules=[f"{name}_proj" for name in recipe.target_modules],
        task_type="CAUSAL_LM",
    )


def _backward(model: Any, batch: Sequence[Encoded], base: BaseModel) -> float:
    """Add the gradients of a batch; return its mean loss an answer token.

    The batch goes through in parts, so that memory depends on `_MAX_PART_TOKENS` and not on the
    longest row; the gradients are those of the whole batch.
    """
    answer_tokens = sum(len(one.ids) - one.answer_start for one in batch)
    total = 0.0
    for part in _parts(batch):
        loss = _summed_answer_loss(model, part, base) / answer_tokens
        loss.backward()
        total += loss.item()
    return total


def _parts(batch: Sequence[Encoded]) -> list[Sequence[Encoded]]:
    width = max(len(one.ids) for one in batch)
    size = max(1, _MAX_PART_TOKENS // width)
    return [batch[start : start + size] for start in range(0, len(batch), size)]


def _summed_answer_loss(model: Any, batch: Sequence[Encoded], base: BaseModel) -> torch.Tensor:
    """Return the loss summed over the answer tokens.

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
    with casting, torch.autocast("cpu", torch.bfloat16, enabled=native):
        causal = model.get_base_model()
        # No mask: padding stands on the right, so no real token can look at it.
        hidden = causal.model(
            input_ids=ids[:, shared:],
            past_key_values=_read_once(causal, ids[:1, :shared], len(batch)),
            use_cache=shared > 0,
        )[0]
        logits = causal.lm_head(hidden[predicts[:, shared:]])
    wanted = ids[:, 1:][predicts[:, :-1]]
    return cross_entropy(logits.float(), wanted, reduction="sum")


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
