"""Training speed: the trainer beside a plain loop of PEFT and transformers' Trainer.

Both train the same rows of a sample set under the same prompt, with the same rank, batch size,
epochs and learning rate, and answer the same held-out rows. The trainer adapts the layers that a
visitor's recipe names. The plain loop does what a first script does: all layers are adapted, every
row is padded to the longest, and the loss is the model's own, over logits of the whole vocabulary at
every position.

Run alone: python -m tests.benchmarks.training [SAMPLE SET] [ROWS]
"""

import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from peft import get_peft_model
from transformers import Trainer, TrainingArguments

from lib.content.samples import load_sample_sets
from lib.inference import base_model
from lib.inference.base_model import BaseModel
from lib.inference.rendering import PromptRenderer
from lib.rows import LabelledRow
from lib.task import Task
from lib.training.held_out import right_answers
from lib.training.infer import read_training_rows
from lib.training.mixing import Encoded, encoded
from lib.training.recipe import Recipe
from lib.training.trainer import lora_config, train
from lib.verdict.division import divide
from lib.verdict.plan import OWN_RECIPE, plan_training

ROWS = 200


@dataclass(frozen=True)
class Timed:
    """One training: how long, and how many held-out rows are right afterwards."""

    seconds: float
    examples: int
    """Rows gone through, each as often as there were epochs."""
    right: int
    of: int

    @property
    def pace(self) -> float:
        """Examples a second."""
        return self.examples / self.seconds


def main(sample: str = "support-tickets", rows: int = ROWS) -> None:
    """Train both ways and print one line."""
    task, training, held_out = _rows(sample, rows)
    base = base_model.load()
    renderer = PromptRenderer(base.tokenizer)
    lengths = [len(one.ids) for one in _encoded(task, training, renderer)]
    recipe = replace(plan_training(lengths, OWN_RECIPE).recipe, engineered_share=0.0)
    ours = _ours(base, task, training, held_out, recipe)
    everywhere = replace(recipe, last_layers=None)
    plain = _plain(base_model.load(), task, training, held_out, everywhere)
    print(
        f"training on {len(training)} rows of {sample}, {recipe.epochs} epochs: "
        f"{ours.seconds:.0f} s, {ours.pace:.1f} examples/s, {ours.right} of {ours.of} held-out rows "
        f"right; plain PEFT + Trainer: {plain.seconds:.0f} s, {plain.pace:.1f} examples/s, "
        f"{plain.right} of {plain.of}; ratio {ours.pace / plain.pace:.1f}"
    )


def _rows(sample: str, rows: int) -> tuple[Task, list[LabelledRow], list[LabelledRow]]:
    path = next(one.path for one in load_sample_sets() if one.id == sample)
    task, everything = read_training_rows(path, None)
    parts = divide(task, everything)
    return task, list(parts.training[:rows]), [*parts.validation, *parts.test]


def _encoded(task: Task, rows: Sequence[LabelledRow], renderer: PromptRenderer) -> list[Encoded]:
    return [encoded(task, row, task.prompts.short, renderer) for row in rows]


def _ours(
    base: BaseModel,
    task: Task,
    training: Sequence[LabelledRow],
    held_out: Sequence[LabelledRow],
    recipe: Recipe,
) -> Timed:
    began = time.perf_counter()
    run = train(base, task, training, recipe)
    seconds = time.perf_counter() - began
    sequences = _encoded(task, held_out, PromptRenderer(base.tokenizer))
    right = right_answers(run.model, sequences, base)
    return Timed(seconds, len(training) * recipe.epochs, right, len(held_out))


def _plain(
    base: BaseModel,
    task: Task,
    training: Sequence[LabelledRow],
    held_out: Sequence[LabelledRow],
    recipe: Recipe,
) -> Timed:
    torch.manual_seed(recipe.seed)
    renderer = PromptRenderer(base.tokenizer)
    model = get_peft_model(base.model, lora_config(recipe, base.model.config.num_hidden_layers))
    sequences = _encoded(task, training, renderer)
    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(
            model=model,
            args=TrainingArguments(
                output_dir=folder,
                per_device_train_batch_size=recipe.batch_size,
                num_train_epochs=recipe.epochs,
                learning_rate=recipe.learning_rate,
                lr_scheduler_type="cosine",
                warmup_steps=3,
                max_grad_norm=1.0,
                weight_decay=0.0,
                seed=recipe.seed,
                use_cpu=True,
                save_strategy="no",
                report_to="none",
                disable_tqdm=True,
                logging_strategy="no",
            ),
            train_dataset=_padded(sequences, base.tokenizer.pad_token_id),
        )
        began = time.perf_counter()
        trainer.train()
        seconds = time.perf_counter() - began
    right = right_answers(model.eval(), _encoded(task, held_out, renderer), base)
    return Timed(seconds, len(training) * recipe.epochs, right, len(held_out))


def _padded(sequences: Sequence[Encoded], pad: int) -> list[dict[str, Any]]:
    """Return every row at the length of the longest, as a first script's tokenizer call does."""
    width = max(len(one.ids) for one in sequences)
    return [
        {
            "input_ids": [*one.ids, *[pad] * (width - len(one.ids))],
            "attention_mask": [1] * len(one.ids) + [0] * (width - len(one.ids)),
            "labels": [
                *[-100] * one.answer_start,
                *one.ids[one.answer_start :],
                *[-100] * (width - len(one.ids)),
            ],
        }
        for one in sequences
    ]


if __name__ == "__main__":
    main(*sys.argv[1:2], *map(int, sys.argv[2:3]))
