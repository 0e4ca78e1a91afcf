"""An adapter folder is checked before anything of it reaches the model.

The files here hold a few numbers each; the model they must fit is two linear layers.
"""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from lib.errors import AdapterError
from lib.inference.adapter import CONFIG, WEIGHTS, Adapter, check, check_fits
from lib.inference.base_model import HUB_ID

RANK = 2
GOOD_CONFIG = {"peft_type": "LORA", "base_model_name_or_path": HUB_ID, "r": RANK, "bias": "none"}
GOOD_SHAPES = {
    "base_model.model.first.lora_A.weight": (RANK, 4),
    "base_model.model.first.lora_B.weight": (3, RANK),
    "base_model.model.inner.second.lora_A.weight": (RANK, 3),
    "base_model.model.inner.second.lora_B.weight": (5, RANK),
}

FolderMaker = Callable[..., Path]


class TwoLayers(torch.nn.Module):
    """A model with one layer at the top and one further down."""

    def __init__(self) -> None:
        super().__init__()
        self.first = torch.nn.Linear(4, 3)
        self.inner = torch.nn.ModuleDict({"second": torch.nn.Linear(3, 5)})
        self.norm = torch.nn.LayerNorm(5)


@pytest.fixture
def model() -> Any:
    return TwoLayers()


@pytest.fixture
def make_folder(tmp_path: Path) -> FolderMaker:
    """Return a function that writes a task folder whose card names the adapter's true SHA-256."""

    def make(
        shapes: dict[str, tuple[int, ...]] = GOOD_SHAPES,
        config: object = GOOD_CONFIG,
        weights: bytes | None = None,
    ) -> Path:
        folder = tmp_path / "adapter"
        folder.mkdir()
        if weights is None:
            save_file(
                {name: np.zeros(shape, np.float16) for name, shape in shapes.items()},
                folder / WEIGHTS,
            )
        else:
            (folder / WEIGHTS).write_bytes(weights)
        (folder / CONFIG).write_text(config if isinstance(config, str) else json.dumps(config))
        write_card(tmp_path, sha256(folder / WEIGHTS))
        return tmp_path

    return make


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_card(folder: Path, digest: str) -> None:
    (folder / "README.md").write_text(f"---\nname: x\nadapter_sha256: {digest}\n---\n# Card\n")


# ---------------------------------------------------------------- the folder


def test_a_good_folder_gives_its_fingerprint_and_rank(make_folder: FolderMaker) -> None:
    folder = make_folder()
    digest = sha256(folder / "adapter" / WEIGHTS)

    assert check("booking", folder) == Adapter(
        f"booking-{digest[:12]}", folder / "adapter", digest, RANK
    )


@pytest.mark.parametrize("name", [f"adapter/{WEIGHTS}", f"adapter/{CONFIG}", "README.md"])
def test_a_missing_file_is_named(make_folder: FolderMaker, name: str) -> None:
    folder = make_folder()
    (folder / name).unlink()

    with pytest.raises(AdapterError, match=f"'booking' is missing: there is no {Path(name).name}"):
        check("booking", folder)


def test_a_task_without_an_adapter_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(AdapterError, match="'booking' is missing"):
        check("booking", tmp_path)


def test_a_wrong_hash_is_refused(make_folder: FolderMaker) -> None:
    folder = make_folder()
    weights = folder / "adapter" / WEIGHTS
    damaged = bytearray(weights.read_bytes())
    damaged[-1] ^= 1
    weights.write_bytes(damaged)

    with pytest.raises(AdapterError, match="not the one its model card names"):
        check("booking", folder)


@pytest.mark.parametrize("card", ["# Card\n", "adapter_sha256: short\n", b"\xff\xfe"])
def test_a_card_without_a_hash_is_refused(make_folder: FolderMaker, card: str | bytes) -> None:
    folder = make_folder()
    (folder / "README.md").write_bytes(card if isinstance(card, bytes) else card.encode())

    with pytest.raises(AdapterError, match="names no adapter_sha256"):
        check("booking", folder)


@pytest.mark.parametrize(
    "config",
    ["", "{", "[]", "null", "{}", {**GOOD_CONFIG, "r": "16"}, {**GOOD_CONFIG, "r": None}],
)
def test_a_broken_configuration_is_refused(make_folder: FolderMaker, config: object) -> None:
    with pytest.raises(AdapterError, match=f"broken {CONFIG}: train it again"):
        check("booking", make_folder(config=config))


def test_another_base_model_is_refused_by_name(make_folder: FolderMaker) -> None:
    config = {**GOOD_CONFIG, "base_model_name_or_path": "someone/other-model"}

    with pytest.raises(AdapterError, match=f"trained for someone/other-model, not for {HUB_ID}"):
        check("booking", make_folder(config=config))


def test_what_is_not_lora_is_refused(make_folder: FolderMaker) -> None:
    with pytest.raises(AdapterError, match="is a IA3 adapter, and only LoRA is served"):
        check("booking", make_folder(config={**GOOD_CONFIG, "peft_type": "IA3"}))


@pytest.mark.parametrize(
    "more", [{"use_dora": True}, {"modules_to_save": ["lm_head"]}, {"bias": "all"}]
)
def test_what_is_more_than_lora_is_refused(
    make_folder: FolderMaker, more: dict[str, object]
) -> None:
    with pytest.raises(AdapterError, match="can't share a batch"):
        check("booking", make_folder(config={**GOOD_CONFIG, **more}))


# ---------------------------------------------------------------- the fit


def test_an_adapter_that_fits_is_let_through(make_folder: FolderMaker, model: Any) -> None:
    check_fits(check("booking", make_folder()), model)


@pytest.mark.parametrize(
    "weights", [b"", b"not safetensors at all", b"PK\x03\x04 a zip file, as torch.save writes it"]
)
def test_a_file_that_is_not_safetensors_is_refused(
    make_folder: FolderMaker, model: Any, weights: bytes
) -> None:
    adapter = check("booking", make_folder(weights=weights))

    with pytest.raises(AdapterError, match="is not a safetensors file: train it again"):
        check_fits(adapter, model)


def test_an_adapter_without_weights_is_refused(make_folder: FolderMaker, model: Any) -> None:
    with pytest.raises(AdapterError, match="holds no weights"):
        check_fits(check("booking", make_folder(shapes={})), model)


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("base_model.model.first.lora_A.weight", (RANK, 5)),
        ("base_model.model.first.lora_A.weight", (RANK + 1, 4)),
        ("base_model.model.first.lora_B.weight", (RANK, 3)),
        ("base_model.model.inner.second.lora_B.weight", (5, RANK, 1)),
    ],
)
def test_a_wrong_shape_is_refused_by_name(
    make_folder: FolderMaker, model: Any, name: str, shape: tuple[int, ...]
) -> None:
    adapter = check("booking", make_folder(shapes={**GOOD_SHAPES, name: shape}))

    with pytest.raises(AdapterError, match=f"does not fit the base model: '{name}' is "):
        check_fits(adapter, model)


@pytest.mark.parametrize(
    "name",
    [
        "base_model.model.third.lora_A.weight",
        "base_model.model.norm.lora_A.weight",
        "base_model.model.inner.lora_A.weight",
        "base_model.model.first.weight",
        "first.lora_A.weight",
        "base_model.model.first.lora_A.weight.more",
    ],
)
def test_a_layer_that_the_model_does_not_have_is_refused_by_name(
    make_folder: FolderMaker, model: Any, name: str
) -> None:
    adapter = check("booking", make_folder(shapes={**GOOD_SHAPES, name: (RANK, 4)}))

    with pytest.raises(AdapterError, match=f"has no layer for '{name}'"):
        check_fits(adapter, model)
