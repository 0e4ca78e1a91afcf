"""A mistake in an estimate's options or files is one line that names the field.

Run: python -m pytest tests/cli_estimate/test_mistakes.py
"""

from pathlib import Path

import pytest

from tests.cli_estimate.options import MEMORY, PROMPT, TIME, TUNED
from tests.running import Run


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ((), "WHAT"),
        (("weather",), "weather"),
        (("memory",), "--model"),
        (("memory", "--model", "no-such-model"), "no-such-model"),
        (("memory", "--config", "no-such-file"), "no-such-file"),
        ((*MEMORY, "--config", "x"), "--config"),
        ((*MEMORY, "--method", "magic"), "method"),
        ((*MEMORY, "--rank", "0"), "rank"),
        ((*MEMORY, "--batch-size", "-1"), "batch size"),
        ((*MEMORY, "--seq-len", "nan"), "sequence length"),
        ((*MEMORY, "--seq-len", "1e99"), "sequence length"),
        ((*MEMORY, "--batch-size", "1.5"), "batch size"),
        ((*MEMORY, "--gpus", "1-4"), "number of GPUs"),
        ((*MEMORY, "--targets", "q,nose"), "nose"),
        ((*MEMORY, "--sharding", "zero3"), "one GPU"),
        ((*MEMORY, "--gpu", "abacus"), "abacus"),
        (("time", "--params", "8B", "--gpu", "L4"), "--tokens"),
        (("time", "--params", "8B", "--gpu", "L4", "--rows", "5"), "--tokens-per-row"),
        ((*TIME, "--rows", "5"), "--tokens"),
        (("time", "--params", "zero", "--tokens", "1e6", "--gpu", "L4"), "parameters"),
        (("time", "--params", "B", "--tokens", "1e6", "--gpu", "L4"), "parameters"),
        (("time", "--params", "0B", "--tokens", "1e6", "--gpu", "L4"), "parameters"),
        ((*TIME, "--epochs", "0"), "epochs"),
        ((*TIME, "--gpus", "0"), "--gpus"),
        ((*TIME, "--method", "magic"), "method"),
        ((*TIME, "--gpu", "abacus"), "abacus"),
        ((*TIME, "--gpu-usd-per-hour", "0"), "GPU hour"),
        (("cost",), "--calls-per-month"),
        (("cost", "--preset", "nothing"), "support-routing"),
        (("cost", *PROMPT, "--set", "traffic.calls_per_month"), "PATH=VALUE"),
        (("cost", *PROMPT, "--set", "weather.rain=1"), "weather.rain"),
        (("cost", *PROMPT, "--set", "traffic=1"), "traffic"),
        (("cost", *PROMPT, "--cache-hit-share", "150%"), "cache hits"),
        (("cost", *PROMPT, "--input-usd-per-mtok", "0"), "price of input"),
        (("cost", *PROMPT, "--provider", "openai"), "--model-name"),
        (("cost", *PROMPT, "--provider", "openai", "--model-name", "gpt-4.1"), "not both"),
        (("cost", "--preset", "support-routing", "--output-usd-per-mtok", "3"), "--input-usd"),
        (("cost", "--preset", "support-routing", "--calls-per-month", "many"), "calls a month"),
        (("cost", *PROMPT, "--gpu", "L4"), "--preset"),
        (("cost", "--preset", "brand-voice", "--gpu", "L4"), "brand-voice"),
        (("breakeven", "--preset", "support-routing", "--gpu", "abacus"), "abacus"),
        (("breakeven",), "--calls-per-month"),
        (("breakeven", *PROMPT), "--training-usd"),
        (("breakeven", *PROMPT, "--training-usd", "5"), "--server-usd-per-hour"),
        (("breakeven", *PROMPT, *TUNED, "--training-hours", "5"), "--training-usd"),
        (("breakeven", *PROMPT, *TUNED, "--rows", "-5"), "rows to label"),
        (("breakeven", *PROMPT, *TUNED, "--rows", "500-300"), "smallest number first"),
        (("breakeven", *PROMPT, *TUNED, "--set", "other.serving.speed=1"), "other.serving.speed"),
        (("breakeven", *PROMPT, *TUNED, "--set", "traffic.input_tokens.x=1"), "input_tokens.x"),
        (
            ("breakeven", *PROMPT, *TUNED, "--set", "other.training.gpus=many"),
            "other.training.gpus",
        ),
        (("breakeven", *PROMPT, *TUNED, "--set", "prompting.prices.standard.tea=1"), "tea"),
        (("breakeven", *PROMPT, *TUNED, "--set", "prompting.prices.standard.input=1-2"), "range"),
        (("breakeven", *PROMPT, *TUNED, "--set", "prompting.prices=5"), "prompting.prices"),
        (("breakeven", *PROMPT, *TUNED, "--training-usd", "0"), "cost of training"),
        (("breakeven", *PROMPT, *TUNED, "--server-usd-per-hour", "1"), "--server-usd-per-hour"),
        (("breakeven", *PROMPT, *TUNED, "--cheaper-provider", "openai"), "--cheaper-model-name"),
        (("breakeven", *PROMPT, *TUNED, "--cheaper-input-usd-per-mtok", "1"), "--cheaper-output"),
        (("breakeven", *PROMPT, *TUNED, "--specialist-usd-per-hour", "0"), "specialist's machine"),
        (("breakeven", *PROMPT, *TUNED, "--specialist-training-usd", "4"), "--specialist-usd"),
        (("data",), "--goal"),
        (("data", "--goal", "happiness"), "happiness"),
        (("data", "--goal", "classification", "--classes", "1"), "classes"),
        (("data", "--goal", "style", "--classes", "3"), "classes"),
        (("data", "--classes", "3"), "--goal"),
        (("data", "--goal", "style", "--rows", "-1"), "rows"),
        (("data", "--file", "no-such-file.csv"), "no-such-file.csv"),
        (("data", "--test", "rows.csv"), "--file"),
        (("data", "--points", "100:70", "--goal", "style"), "--goal"),
        (("data", "--points", "100:70"), "One number"),
        (("data", "--points", "100,200"), "rows:score"),
        (("data", "--points", "100:a,200:b"), "score"),
        (("data", "--points", "100:70,400:170"), "score"),
        (("data", "--points", "100:70,400:80", "--at", "200"), "rows asked for"),
        (("data", "--points", "100:70,400:80", "--wanted", "75"), "reached already"),
    ],
)
def test_a_mistake_is_one_line_that_names_the_field(
    run: Run, words: tuple[str, ...], part: str
) -> None:
    ended = run(*words)

    assert ended.status == 2
    assert ended.out == ""
    assert ended.err.count("\n") == 1, ended.err
    assert part in ended.err


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"hello", "not valid JSON"),
        (b"", "not valid JSON"),
        (b"PK\x03\x04", "not valid JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"hidden_size": 1' + b"0" * 5000 + b"}", "too long"),
        (b"\xe9", "not UTF-8"),
        (b"\xff\xfe", "not UTF-8"),
        (b"{", "not valid JSON"),
        (b" " * 10_000_000, "10.0 MB"),
        (b"[1]", "no object"),
        (b"{}", "model_type"),
        (b'{"model_type": "bert"}', "'bert'"),
        (b'{"model_type": "vit"}', "'vit'"),
        (b'{"model_type": "llama", "hidden_size": NaN}', "hidden_size"),
        (b'{"model_type": "llama", "hidden_size": "4096"}', '"4096"'),
    ],
)
def test_a_config_that_is_none_is_one_line(
    run: Run, tmp_path: Path, content: bytes, part: str
) -> None:
    path = tmp_path / "config.json"
    path.write_bytes(content)

    ended = run("memory", "--config", path)

    assert (ended.status, ended.out) == (2, "")
    assert ended.err.count("\n") == 1
    assert "config.json" in ended.err
    assert part in ended.err


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("empty.csv", b""),
        ("packed.jsonl", b"PK\x03\x04rest"),
        ("latin.csv", b"text,label\ncaf\xe9,a\n"),
        ("unequal.csv", b"text,label\na,b,c\n"),
    ],
)
def test_a_bad_file_of_rows_is_one_line(run: Run, tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(data)

    ended = run("data", "--file", path)

    assert (ended.status, ended.out) == (2, "")
    assert ended.err.count("\n") == 1
    assert name in ended.err
