"""Memory and time as commands: the JSON that stays, and a short answer.

Run: python -m pytest tests/cli_estimate/test_machine.py
"""

import json
from pathlib import Path

import pytest

from tests.cli_estimate.options import MEMORY, TIME
from tests.running import Run

# ---------------------------------------------------------------- memory


@pytest.mark.parametrize(
    ("typed", "parameters"),
    [
        ("meta-llama/Llama-2-7b-hf", 6_738_415_616),
        ("Llama 2 7B", 6_738_415_616),
        ("llama2-7b-chat", 6_738_415_616),
        ("qwen 2.5 7b", 7_615_616_512),
        ("phi4", 14_659_507_200),
        ("gpt2", 124_439_808),
        ("bloomz-7b1", 7_069_016_064),
        ("EleutherAI/pythia-2.8b-deduped", 2_775_208_960),
        ("facebook/opt-125m", 125_239_296),
    ],
)
def test_a_model_is_known_by_its_usual_names(run: Run, typed: str, parameters: int) -> None:
    found = run("memory", "--model", typed, "--json").json

    assert f"{parameters:,} parameters" in found["assumptions"]["model"]


def test_memory_tells_what_nvidia_smi_may_show(run: Run) -> None:
    found = run(*MEMORY, "--json").json["process"]

    assert found["needs_gb"] <= found["shown_high_gb"]
    assert "nvidia-smi" in found["basis"]
    assert "nvidia-smi may show" in run(*MEMORY).out


def test_memory_has_its_keys_and_parts_that_add_up(run: Run) -> None:
    found = run(*MEMORY, "--method", "qlora", "--json").json

    assert {"peak_gb", "low_gb", "high_gb", "metric", "parts", "assumptions"} <= set(found)
    assert found["low_gb"] <= found["peak_gb"] <= found["high_gb"]
    assert sum(found["parts"].values()) == pytest.approx(found["peak_gb"])
    assert found["assumptions"]["quantization"] == "nf4"


def test_memory_takes_every_option(run: Run) -> None:
    found = run(
        *(*MEMORY, "--method", "qlora", "--quantization", "gptq4", "--no-double-quant"),
        *("--rank", "8", "--targets", "q,v", "--batch-size", "4", "--seq-len", "1024"),
        *("--no-gradient-checkpointing", "--precision", "fp16", "--optimizer", "adamw-8bit"),
        *("--attention", "flash", "--loss", "fused", "--gpus", "4", "--sharding", "ddp", "--json"),
    ).json

    told = found["assumptions"]
    assert (told["rank"], told["targets"], told["batch_size"]) == (8, ["q", "v"], 4)
    assert (told["seq_len"], told["gradient_checkpointing"]) == (1024, False)
    assert (told["precision"], told["optimizer"], told["attention"]) == (
        "fp16",
        "adamw-8bit",
        "flash",
    )
    assert (told["loss"], told["gpus"], told["sharding"]) == ("fused", 4, "ddp")


def test_memory_of_a_config_is_that_of_the_listed_model(run: Run, tmp_path: Path) -> None:
    config = {
        "model_type": "llama",
        "hidden_size": 4096,
        "intermediate_size": 14336,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
        "vocab_size": 128256,
        "max_position_embeddings": 131072,
        "tie_word_embeddings": False,
    }
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config), encoding="utf-8")

    by_config = run("memory", "--config", path, "--json").json

    assert by_config["peak_gb"] == run(*MEMORY, "--json").json["peak_gb"]


def test_memory_tells_people_which_gpus_fit_and_what_to_change(run: Run) -> None:
    ended = run(*MEMORY, "--method", "full", "--gpu", "L4")

    assert ended.status == 0
    assert " GB a GPU (" in ended.out.splitlines()[0]
    assert "On the L4: does not fit" in ended.out


# ---------------------------------------------------------------- time


def test_time_has_its_keys_and_counts_operations(run: Run) -> None:
    found = run(*TIME, "--epochs", "2", "--no-gradient-checkpointing", "--json").json

    assert {"hours", "low", "high", "flops", "gpu_cost_usd"} <= set(found)
    assert found["flops"] == 4 * 8e9 * 2e6  # LoRA: 4 operations a parameter and token
    assert found["low"] < found["hours"] < found["high"]


def test_time_says_whether_rows_are_packed(run: Run) -> None:
    assert "Rows are packed" in run(*TIME).out
    padded = run(*TIME, "--no-packed")
    assert "Rows are padded, not packed" in padded.out
    assert "Rows are packed" not in padded.out
    told = run(*TIME, "--no-packed", "--json").json["assumptions"]
    assert any("Rows are padded" in one for one in told)


def test_rows_times_tokens_a_row_are_tokens(run: Run) -> None:
    rows = ("--rows", "2000", "--tokens-per-row", "500")

    by_rows = run("time", "--params", "8e9", "--gpu", "L4", *rows, "--json").json

    assert by_rows == run(*TIME, "--json").json


def test_a_listed_model_brings_its_attention(run: Run) -> None:
    words = ("time", "--model", "Llama-3.1-8B", "--tokens", "1e6", "--gpu", "L4", "--json")

    found = run(*words, "--seq-len", "2048").json

    # 6 a parameter with checkpointing, and 16 x layers x width x length for attention.
    per_token = 6 * 8_030_261_248 + 16 * 32 * 4096 * 2048
    assert found["flops"] == pytest.approx(3e6 * per_token)


def test_typed_rent_is_hours_times_price_times_gpus(run: Run) -> None:
    found = run(*TIME, "--gpus", "2", "--gpu-usd-per-hour", "3", "--json").json

    assert found["gpu_cost_usd"] == pytest.approx(found["hours"] * 2 * 3)
    assert "Rent: $" in run(*TIME).out


def test_our_own_model_has_a_time_on_a_processor(run: Run) -> None:
    words = ("time", "--model", "SmolLM2-135M-Instruct", "--gpu", "cpu", "--tokens", "1e5")

    assert run(*words, "--json").json["gpu_cost_usd"] is None
    assert "tokens/s" in run(*words).out
    assert "only LoRA" in run(*words, "--method", "full").err
