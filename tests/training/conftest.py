"""A random model of a few thousand weights with an adapter around it."""

from types import SimpleNamespace

import pytest
import torch
from peft import get_peft_model
from transformers import LlamaConfig, LlamaForCausalLM

from lib.inference.base_model import BaseModel
from lib.training import trainer
from lib.training.recipe import Recipe


@pytest.fixture
def model():
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=40,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        pad_token_id=2,
        bos_token_id=1,
        eos_token_id=2,
    )
    peft_model = get_peft_model(LlamaForCausalLM(config), trainer.lora_config(Recipe(rank=2), 2))
    for name, parameter in peft_model.named_parameters():
        if "lora_B" in name:  # zero at first, which would make the gradients of lora_A zero too
            torch.nn.init.normal_(parameter, std=0.1)
    return peft_model


@pytest.fixture
def base(model):
    tokenizer = SimpleNamespace(pad_token_id=2, eos_token_id=2)
    return BaseModel(model.get_base_model(), tokenizer, "tiny", "0" * 64, "float32")
