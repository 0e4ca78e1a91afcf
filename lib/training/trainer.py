"""Trains a LoRA adapter on a CPU: answer-only loss, batches of like length, bf16 where native."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from torch.nn.functional import cross_entropy
from torch.nn.utils import clip_grad_norm_
from transformers import get_cosine_schedule_with_warmup

from lib.errors import DataError
from lib.inference.base_model import BaseModel
from lib.inference.rendering import PromptRenderer
from lib.rows import LabelledRow
from lib.task import Task
from lib.training.forward import answer_logits, parts
from lib.training.mixing import Encoded, batches, mixed_sequences
from lib.training.recipe import Recipe

_MAX_GRADIENT_NORM = 1.0


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
    after_step: Callable[[Any, Step], None] = lambda model, step: None,
) -> TrainingRun:
    """Return the base model with a trained adapter around it; the base weights stay as they are.

    `after_step` gets the half-trained model too, to look at it; it must leave it as it was.

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

    layers = int(base.model.config.num_hidden_layers)
    model: Any = get_peft_model(base.model, lora_config(recipe, layers))
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
                "The loss is no longer a number: look for odd rows or lower the learning rate, and "
                "train again."
            )
        clip_grad_norm_(weights, _MAX_GRADIENT_NORM)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
        tokens = sum(len(one.ids) for one in batch)
        steps.append(Step(number, len(plan), loss, tokens, time.monotonic() - began))
        on_step(steps[-1])
        after_step(model, steps[-1])
        if cancel is not None and cancel.is_set():
            break
    return TrainingRun(model.eval(), tuple(steps), left_out)


def lora_config(recipe: Recipe, layers: int) -> LoraConfig:
    """Return PEFT's configuration for a recipe and a model of so many layers."""
    some = recipe.last_layers is not None and recipe.last_layers < layers
    return LoraConfig(
        r=recipe.rank,
        lora_alpha=recipe.alpha,
        lora_dropout=recipe.dropout,
        target_modules=[f"{name}_proj" for name in recipe.target_modules],
        layers_to_transform=list(range(layers - (recipe.last_layers or 0), layers))
        if some
        else None,
        layers_pattern="layers" if some else None,
        task_type="CAUSAL_LM",
    )


def _backward(model: Any, batch: Sequence[Encoded], base: BaseModel) -> float:
    """Add the gradients of a batch; return its mean loss an answer token.

    The batch goes through in parts, so that memory does not depend on the longest row; the
    gradients are those of the whole batch.
    """
    answer_tokens = sum(len(one.ids) - one.answer_start for one in batch)
    total = 0.0
    for part in parts(batch):
        found = answer_logits(model, part, base)
        loss = cross_entropy(found.logits, found.wanted, reduction="sum") / answer_tokens
        loss.backward()
        total += loss.item()
    return total
