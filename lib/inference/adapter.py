"""Checks an adapter folder before anything of it reaches the model.

Only safetensors are read. The fingerprint must be the one in the task's model card, so that a
damaged or exchanged adapter is refused instead of answering.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from safetensors import SafetensorError, safe_open

from lib.errors import AdapterError
from lib.inference.base_model import HUB_ID, file_sha256

if TYPE_CHECKING:
    from transformers import PreTrainedModel

WEIGHTS = "adapter_model.safetensors"
CONFIG = "adapter_config.json"

_CARD_LINE = re.compile(r"^(adapter|config)_sha256:\s*([0-9a-f]{64})\s*$", re.MULTILINE)
_TENSOR_NAME = re.compile(r"base_model\.model\.(?P<module>.+)\.lora_(?P<side>[AB])\.weight")


@dataclass(frozen=True, slots=True)
class Adapter:
    """An adapter that passed every check that needs no model."""

    name: str
    folder: Path
    sha256: str
    rank: int


def check(task_id: str, task_folder: Path) -> Adapter:
    """Return the adapter of a task folder.

    Raises:
        AdapterError: if a file is missing or unreadable, it is no LoRA for this base model, or its
            SHA-256 is not the one in the model card.
    """
    folder = task_folder / "adapter"
    weights, config_file, card = folder / WEIGHTS, folder / CONFIG, task_folder / "README.md"
    for file in (weights, config_file, card):
        if not file.is_file():
            raise AdapterError(
                f"The adapter of '{task_id}' is missing: there is no {file.name} in {file.parent}."
            )
    promised = dict(_CARD_LINE.findall(card.read_text(encoding="utf-8", errors="replace")))
    if "adapter" not in promised:
        raise AdapterError(
            f"The model card of '{task_id}' names no adapter_sha256, so its adapter is not used."
        )
    sha256 = file_sha256(weights)
    # A changed configuration would load the same weights with another strength, or only some.
    for file, found, wanted in (
        (weights, sha256, promised["adapter"]),
        (config_file, file_sha256(config_file), promised.get("config")),
    ):
        if wanted not in (None, found):
            raise AdapterError(
                f"The adapter of '{task_id}' is not the one its model card names ({file.name} has SHA-256 "
                f"{found[:12]}..., not {wanted[:12]}...): restore the file or train it again."
            )
    return Adapter(f"{task_id}-{sha256[:12]}", folder, sha256, _check_config(task_id, config_file))


def check_fits(adapter: Adapter, model: "PreTrainedModel") -> None:
    """Compare the adapter's tensor shapes with the model's layers.

    Raises:
        AdapterError: if the file is no safetensors file, or a tensor does not fit its layer.
    """
    layers = dict(model.named_modules())
    wrong = f"The adapter in {adapter.folder} does not fit the base model"
    try:
        with safe_open(adapter.folder / WEIGHTS, framework="np") as file:
            shapes = {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise AdapterError(
            f"The adapter in {adapter.folder} is not a safetensors file: train it again."
        ) from error
    if not shapes:
        raise AdapterError(f"The adapter in {adapter.folder} holds no weights: train it again.")
    for name, shape in shapes.items():
        found = _TENSOR_NAME.fullmatch(name)
        layer = layers.get(found["module"]) if found else None
        if found is None or layer is None or not hasattr(layer, "in_features"):
            raise AdapterError(f"{wrong}: it has no layer for '{name}'.")
        expected = (
            (adapter.rank, layer.in_features)
            if found["side"] == "A"
            else (layer.out_features, adapter.rank)
        )
        if shape != expected:
            raise AdapterError(f"{wrong}: '{name}' is {shape}, and {expected} is needed.")


def _check_config(task_id: str, config_file: Path) -> int:
    """Return the adapter's rank."""
    try:
        config = json.loads(config_file.read_text(encoding="utf-8"))
        kind, base, rank = config["peft_type"], config["base_model_name_or_path"], config["r"]
        if not isinstance(rank, int):
            raise ValueError("the rank is no number")
    except (ValueError, KeyError, TypeError) as error:
        raise AdapterError(
            f"The adapter of '{task_id}' has a broken {CONFIG}: train it again."
        ) from error
    if kind != "LORA":
        raise AdapterError(
            f"The adapter of '{task_id}' is a {kind} adapter, and only LoRA is served."
        )
    if (
        config.get("use_dora")
        or config.get("modules_to_save")
        or config.get("bias", "none") != "none"
    ):
        raise AdapterError(
            f"The adapter of '{task_id}' changes more than LoRA does (DoRA, biases or whole layers), so "
            "it can't share a batch with the base model."
        )
    if base != HUB_ID:
        raise AdapterError(f"The adapter of '{task_id}' was trained for {base}, not for {HUB_ID}.")
    return rank
