"""The hosted model's side against a real OpenAI-compatible server, started here.

`transformers serve` with the base model in fp32 on the CPU. It knows no adapters by name, so the two
prompts are what it can answer.

Run: python -m pytest tests/model/test_remote_server.py -v
"""

import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.content.tasks import load_task
from lib.inference import base_model
from lib.inference.conditions import Condition
from lib.inference.parsing import parse_answer
from lib.inference.prompts import build_messages, template_for
from lib.inference.remote import RemoteModel, RemoteReply
from lib.inference.remote_settings import read_settings
from lib.task import Task

pytestmark = pytest.mark.model

PATIENCE = (
    600.0  # seconds for the server to load the model; seconds alone, minutes beside other work
)
SAMPLE = 0  # of the booking task


@pytest.fixture(scope="module")
def task() -> Task:
    return load_task("booking")


@pytest.fixture(scope="module")
def folder() -> Path:
    return base_model.prepare()


@pytest.fixture(scope="module")
def address(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base address of a running server."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path_factory.mktemp("serve") / "log.txt"
    command = [
        *(Path(sys.executable).with_name("transformers"), "serve", folder),
        *("--device", "cpu", "--dtype", "float32", "--host", "127.0.0.1", "--port", port),
    ]
    with log.open("w") as out:
        server = subprocess.Popen(
            [str(word) for word in command],
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, "HF_HUB_OFFLINE": "1"},
        )
        try:
            _wait_until_ready(f"http://127.0.0.1:{port}/health", server, log)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _wait_until_ready(health: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert server.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(health, timeout=5) as reply:
                if json.load(reply)["status"] == "ok":
                    return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.2)
    pytest.fail(f"the server was not ready within {PATIENCE} s: {log.read_text()}")


def _remote(address: str, model: object) -> RemoteModel:
    settings = read_settings(
        {
            "POT_REMOTE_BASE_URL": address,
            "POT_REMOTE_MODEL": str(model),
            "POT_REMOTE_CONDITIONS": "all",
            "POT_REMOTE_TIMEOUT": "600",
        }
    )
    assert settings is not None
    return RemoteModel(settings)


@pytest.fixture(scope="module")
def replies(address: str, folder: Path, task: Task) -> dict[Condition, RemoteReply]:
    asked = task.samples[SAMPLE].inputs
    return {one.condition: one for one in _remote(address, folder).answer(task, asked)}


@pytest.fixture(scope="module")
def plain_transformers(folder: Path):
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    return model, AutoTokenizer.from_pretrained(folder)


@pytest.mark.parametrize("condition", [Condition.PLAIN, Condition.ENGINEERED])
def test_answer_equals_plain_transformers_greedy_in_fp32(
    replies: dict[Condition, RemoteReply], plain_transformers, task: Task, condition: Condition
) -> None:
    model, tokenizer = plain_transformers
    messages = build_messages(template_for(task, condition), task.samples[SAMPLE].inputs)
    prompt = tokenizer.apply_chat_template(
        messages, add_generation_prompt=True, return_tensors="pt", return_dict=True
    )
    found = model.generate(**prompt, max_new_tokens=task.max_new_tokens, do_sample=False)[0]
    written = found[prompt["input_ids"].shape[1] :]
    text = tokenizer.decode(written, skip_special_tokens=True)

    reply = replies[condition]
    assert reply.problem is None
    assert reply.raw == text
    assert reply.prompt_tokens == prompt["input_ids"].shape[1]
    ended = written[-1].item() == tokenizer.eos_token_id
    assert reply.finished == ended
    assert reply.answer == (parse_answer(task, text) if ended else None)


def test_model_that_the_server_does_not_offer_is_one_sentence(address: str, task: Task) -> None:
    replies = _remote(address, "no-such-model").answer(task, task.samples[SAMPLE].inputs)
    for reply in replies:
        assert reply.raw == ""
        assert reply.problem is not None
        assert "refused the request (400)" in reply.problem
        assert "POT_REMOTE_MODEL" in reply.problem


def test_stop_ends_the_answer_and_the_server_goes_on(
    address: str, folder: Path, task: Task
) -> None:
    remote, asked = _remote(address, folder), task.samples[SAMPLE].inputs
    cancel = threading.Event()
    replies = remote.answer(task, asked, lambda condition, text: cancel.set(), cancel)
    assert any(reply.problem and "Stopped" in reply.problem for reply in replies)
    (again, _) = remote.answer(task, asked)
    assert again.problem is None
