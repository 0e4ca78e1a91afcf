"""A finished folder as the worker leaves it, with a tiny adapter."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from pydantic import TypeAdapter
from safetensors.numpy import save_file

from lib.inference.base_model import HUB_ID
from lib.task import Task

ROWS = {
    "training": '{"id": "a", "text": "my card is gone", "label": "cards"}\n',
    "validation": '{"id": "b", "text": "no cash came out", "label": "cash"}\n',
    "test": '{"id": "c", "text": "the card broke", "label": "cards"}\n',
}


def finished_folder(folder: Path, task: Task, rank: int = 2) -> Path:
    """Write a folder in which everything fits together."""
    (folder / "adapter").mkdir(parents=True)
    (folder / "rows").mkdir()
    data: dict[str, Any] = TypeAdapter(Task).dump_python(task, mode="json")
    del data["folder"]
    (folder / "task.yaml").write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    (folder / "recipe.yaml").write_text("seed: 7\n")
    (folder / "training.json").write_text("{}\n")
    (folder / "verdict.json").write_text("{}\n")
    for name, text in ROWS.items():
        (folder / "rows" / f"{name}.jsonl").write_text(text)
    config = {"peft_type": "LORA", "base_model_name_or_path": HUB_ID, "r": rank, "bias": "none"}
    (folder / "adapter" / "adapter_config.json").write_text(json.dumps(config))
    tensors = {"base_model.model.first.lora_A.weight": np.zeros((rank, 4), np.float16)}
    save_file(tensors, folder / "adapter" / "adapter_model.safetensors")
    write_card(folder)
    return folder


def write_card(folder: Path) -> None:
    """Write a card that names the adapter as it is."""
    digest = {
        name: hashlib.sha256((folder / "adapter" / file).read_bytes()).hexdigest()
        for name, file in (
            ("adapter", "adapter_model.safetensors"),
            ("config", "adapter_config.json"),
        )
    }
    lines = "".join(f"{name}_sha256: {one}\n" for name, one in digest.items())
    (folder / "README.md").write_text(f"---\n{lines}---\n\n# Card\n")
