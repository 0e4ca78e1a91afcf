"""Adapters that are not what they should be, brought to the command line: one sentence each.

Run: python -m pytest tests/model/test_bad_adapters.py
"""

import json
import pickle
import shutil
from pathlib import Path

import pytest

from lib import cli
from lib.content.tasks import load_task
from lib.inference import base_model
from lib.inference.base_model import BaseModel
from tests.running import Run, runner
from tests.verdict.folders import write_card

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def base() -> BaseModel:
    return base_model.load()


@pytest.fixture
def run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, base: BaseModel
) -> Run:
    monkeypatch.setattr(cli, "_load_model", lambda: base)
    return runner(capsys, "compare")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A task folder with a real adapter, to be damaged."""
    source = load_task("sentiment").folder
    shutil.copytree(source / "adapter", tmp_path / "own" / "adapter")
    shutil.copy(source / "task.yaml", tmp_path / "own")
    return tmp_path / "own"


def test_an_adapter_for_another_model_is_refused_in_one_sentence(run: Run, folder: Path) -> None:
    config = folder / "adapter" / "adapter_config.json"
    content = json.loads(config.read_text())
    config.write_text(json.dumps(content | {"base_model_name_or_path": "other/model-7b"}))
    write_card(folder)

    ended = run("--task", folder, "--text", "fine")

    assert ended.status == 2
    assert ended.out == ""
    assert ended.err.count("\n") == 1
    assert "was trained for other/model-7b, not for HuggingFaceTB/SmolLM2-135M" in ended.err


def test_an_adapter_whose_weights_fit_no_layer_is_refused_in_one_sentence(
    run: Run, folder: Path
) -> None:
    config = folder / "adapter" / "adapter_config.json"
    content = json.loads(config.read_text())
    config.write_text(json.dumps(content | {"r": content["r"] * 2}))  # as of a wider adapter
    write_card(folder)

    ended = run("--task", folder, "--text", "fine")

    assert ended.status == 2
    assert ended.err.count("\n") == 1
    assert "does not fit the base model" in ended.err


def test_a_pickle_renamed_to_safetensors_is_refused_unread(run: Run, folder: Path) -> None:
    trap = folder / "opened"
    weights = pickle.dumps(_Trap(str(trap)))
    (folder / "adapter" / "adapter_model.safetensors").write_bytes(weights)
    write_card(folder)

    ended = run("--task", folder, "--text", "fine")

    assert ended.status == 2
    assert ended.out == ""
    assert ended.err.count("\n") == 1
    assert "is not a safetensors file: train it again" in ended.err
    assert not trap.exists()


class _Trap:
    """Makes a folder when it is unpickled."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        import os

        return os.mkdir, (self._path,)
