"""A random model of a few thousand weights, so that the engine is tested in seconds and offline."""

import copy
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import LlamaConfig, LlamaForCausalLM

from lib.inference.adapter import CONFIG, WEIGHTS, Adapter, check
from lib.inference.base_model import HUB_ID, BaseModel, file_sha256
from lib.inference.engine import Engine

AdapterMaker = Callable[..., Adapter]
Oracle = Callable[..., tuple[int, ...]]


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> Iterator[None]:
    """Tiny tensors are slower on many threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def tiny_llama() -> LlamaForCausalLM:
    """A random model that is never changed: tests work on copies."""
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=160,  # the engine's probe uses ids up to 130
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=256,
        initializer_range=0.4,  # wide, or the model repeats one token and every test passes
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        tie_word_embeddings=False,
    )
    return LlamaForCausalLM(config).eval()


@pytest.fixture
def tiny_base(tiny_llama: LlamaForCausalLM) -> BaseModel:
    """A fresh copy of the random model, as `base_model.load` would hand it over."""
    tokenizer: Any = SimpleNamespace(pad_token_id=0, eos_token_id=2)
    return BaseModel(copy.deepcopy(tiny_llama), tokenizer, "tiny", "0" * 64, "float32")


@pytest.fixture
def engine(tiny_base: BaseModel) -> Engine:
    return Engine(tiny_base)


@pytest.fixture(scope="session")
def make_adapter(
    tiny_llama: LlamaForCausalLM, tmp_path_factory: pytest.TempPathFactory
) -> AdapterMaker:
    """Return a function that saves a random adapter as a task folder and checks it."""

    def make(name: str, seed: int, rank: int = 4, b_scale: float = 0.3) -> Adapter:
        torch.manual_seed(seed)
        config = LoraConfig(
            r=rank,
            lora_alpha=2 * rank,
            target_modules=["q_proj", "k_proj", "v_proj", "down_proj"],
            task_type="CAUSAL_LM",
        )
        model = get_peft_model(copy.deepcopy(tiny_llama), config)
        for parameter_name, parameter in model.named_parameters():
            if "lora_B" in parameter_name:
                torch.nn.init.normal_(parameter, std=b_scale)
        task_folder = tmp_path_factory.mktemp(name)
        folder = task_folder / "adapter"
        model.save_pretrained(folder, save_embedding_layers=False)
        settings = json.loads((folder / CONFIG).read_text())
        settings["base_model_name_or_path"] = HUB_ID
        (folder / CONFIG).write_text(json.dumps(settings))
        card = f"---\nadapter_sha256: {file_sha256(folder / WEIGHTS)}\n---\n"
        (task_folder / "README.md").write_text(card)
        return check(name, task_folder)

    return make


@pytest.fixture(scope="session")
def adapter(make_adapter: AdapterMaker) -> Adapter:
    return make_adapter("first", seed=1)


@pytest.fixture(scope="session")
def other_adapter(make_adapter: AdapterMaker) -> Adapter:
    return make_adapter("second", seed=2, rank=2)


@pytest.fixture(scope="session")
def zero_adapter(make_adapter: AdapterMaker) -> Adapter:
    """An adapter whose B matrices are zero: it adds nothing."""
    return make_adapter("idle", seed=3, b_scale=0.0)


@pytest.fixture(scope="session")
def plain_greedy(tiny_llama: LlamaForCausalLM) -> Oracle:
    """Return a function that answers greedily with as little machinery as can be.

    One row, no padding, no cache, no `generate`, a model of its own: what the engine must equal.
    """
    from peft import PeftModel

    def answer(ids: Sequence[int], new_tokens: int, folder: Path | None = None) -> tuple[int, ...]:
        model: Any = copy.deepcopy(tiny_llama)
        if folder is not None:
            model = PeftModel.from_pretrained(model, folder).eval()
        sequence = list(ids)
        with torch.inference_mode():
            for _ in range(new_tokens):
                logits = model(input_ids=torch.tensor([sequence]), use_cache=False).logits[0, -1]
                sequence.append(int(logits.argmax()))
                if sequence[-1] == 2:
                    break
        return tuple(sequence[len(ids) :])

    return answer
