"""A random model of few weights, for tests that train or measure without the real one."""

from typing import Any

import torch
from transformers import LlamaConfig, LlamaForCausalLM

from lib.inference.base_model import BaseModel
from tests.fakes import LetterTokenizer


def tiny_base(layers: int = 2) -> BaseModel:
    """Return the model, the same at every call, with a tokenizer that counts letters."""
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=160,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=layers,
        num_attention_heads=2,
        num_key_value_heads=1,
        initializer_range=0.4,  # wide, or all texts get one answer
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
    )
    tokenizer: Any = LetterTokenizer()
    return BaseModel(LlamaForCausalLM(config).eval(), tokenizer, "tiny", "0" * 64, "float32")
