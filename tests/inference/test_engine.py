"""What must hold of the engine, on a random model: its rows are what they claim to be.

Run alone: python -m pytest tests/inference/test_engine.py
"""

import json
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier, Event

import pytest
import torch
from peft.tuners.tuners_utils import BaseTunerLayer
from safetensors.torch import load_file, save_file

from lib.errors import AdapterError
from lib.inference.adapter import CONFIG, WEIGHTS, Adapter
from lib.inference.base_model import BaseModel
from lib.inference.engine import Engine, Row
from lib.inference.turns import Turns

Oracle = Callable[..., tuple[int, ...]]

NEW_TOKENS = 10
SHORT = (11, 12, 13)
LONG = (90, 31, 32, 40, 50, 33, 71, 8, 9)
MIDDLE = (60, 61, 62, 63, 64)


def answers(engine: Engine, *rows: Row, limit: int = NEW_TOKENS) -> list[tuple[int, ...]]:
    return [generated.ids for generated in engine.generate(rows, limit)]


def hooks_left(engine: Engine) -> int:
    """Return how many of PEFT's hooks are left on the layers that adapters change."""
    return sum(
        len(module._forward_pre_hooks)
        for module in engine._model.modules()
        if isinstance(module, BaseTunerLayer)
    )


# ---------------------------------------------------------------- rows are what they claim


def test_base_row_equals_model_without_adapter(
    engine: Engine, adapter: Adapter, plain_greedy: Oracle
) -> None:
    engine.attach(adapter)

    assert answers(engine, Row(LONG)) == [plain_greedy(LONG, NEW_TOKENS)]


def test_adapter_row_equals_peft_alone(
    engine: Engine, adapter: Adapter, plain_greedy: Oracle
) -> None:
    engine.attach(adapter)
    expected = plain_greedy(LONG, NEW_TOKENS, adapter.folder)

    assert answers(engine, Row(LONG, adapter=adapter.name)) == [expected]
    assert expected != plain_greedy(LONG, NEW_TOKENS)


def test_engine_without_any_adapter_answers_as_the_model(
    engine: Engine, plain_greedy: Oracle
) -> None:
    assert answers(engine, Row(LONG), Row(SHORT)) == [
        plain_greedy(LONG, NEW_TOKENS),
        plain_greedy(SHORT, NEW_TOKENS),
    ]


def test_mixed_batch_equals_rows_alone(engine: Engine, adapter: Adapter) -> None:
    engine.attach(adapter)
    rows = [
        Row(SHORT),
        Row(LONG, adapter=adapter.name),
        Row(LONG),
        Row(MIDDLE, adapter=adapter.name),
    ]

    alone = [answers(engine, row)[0] for row in rows]

    assert answers(engine, *rows) == alone
    assert len(set(alone)) == len(rows)


def test_two_adapters_side_by_side_answer_each_as_alone(
    engine: Engine, adapter: Adapter, other_adapter: Adapter, plain_greedy: Oracle
) -> None:
    engine.attach(adapter)
    engine.attach(other_adapter)

    both = answers(
        engine, Row(LONG, adapter=adapter.name), Row(LONG, adapter=other_adapter.name), Row(LONG)
    )

    assert both == [
        plain_greedy(LONG, NEW_TOKENS, adapter.folder),
        plain_greedy(LONG, NEW_TOKENS, other_adapter.folder),
        plain_greedy(LONG, NEW_TOKENS),
    ]


def test_a_b_a_returns_the_first_answer(engine: Engine, adapter: Adapter) -> None:
    engine.attach(adapter)

    first = answers(engine, Row(LONG))
    between = answers(engine, Row(LONG, adapter=adapter.name))
    again = answers(engine, Row(LONG))

    assert again == first
    assert between != first


# ---------------------------------------------------------------- kept prefixes


def test_kept_prefix_changes_nothing(engine: Engine, adapter: Adapter) -> None:
    engine.attach(adapter)
    whole = [Row(LONG), Row(LONG, adapter=adapter.name), Row(MIDDLE), Row(SHORT)]
    kept = [
        replace(row, prefix_tokens=tokens) for row, tokens in zip(whole, (6, 6, 2, 0), strict=True)
    ]
    expected = answers(engine, *whole)

    assert answers(engine, *kept) == expected, "while the prefixes are computed"
    assert answers(engine, *kept) == expected, "when they come from the store"


def test_prefix_of_the_base_never_serves_an_adapter_row(
    engine: Engine, adapter: Adapter, plain_greedy: Oracle
) -> None:
    engine.attach(adapter)
    answers(engine, Row(LONG, prefix_tokens=6))

    with_adapter = answers(engine, Row(LONG, prefix_tokens=6, adapter=adapter.name))

    assert with_adapter == [plain_greedy(LONG, NEW_TOKENS, adapter.folder)]


def test_a_prompt_that_is_all_prefix_is_answered(engine: Engine, plain_greedy: Oracle) -> None:
    row = Row(LONG, prefix_tokens=len(LONG))

    [generated] = engine.generate([row], NEW_TOKENS)

    assert generated.ids == plain_greedy(LONG, NEW_TOKENS)
    assert generated.cached_tokens == len(LONG) - 1


def test_other_inputs_after_a_kept_prefix_are_not_mixed_up(
    engine: Engine, plain_greedy: Oracle
) -> None:
    prefix = LONG[:5]
    answers(engine, Row((*prefix, 20, 21), prefix_tokens=5))

    other = answers(engine, Row((*prefix, 70), prefix_tokens=5))

    assert other == [plain_greedy((*prefix, 70), NEW_TOKENS)]


def test_more_prefixes_than_are_kept_are_still_answered_rightly(
    engine: Engine, plain_greedy: Oracle
) -> None:
    rows = [Row((token, token + 1, token + 2, 5), prefix_tokens=3) for token in range(20, 40)]
    expected = [plain_greedy(row.ids, 3) for row in rows]

    assert answers(engine, *rows, limit=3) == expected
    assert [answers(engine, row, limit=3)[0] for row in rows] == expected


# ---------------------------------------------------------------- streaming and the end


def test_streamed_tokens_are_the_answer(engine: Engine, adapter: Adapter) -> None:
    engine.attach(adapter)
    seen: dict[int, list[int]] = {0: [], 1: []}

    generated = engine.generate(
        [Row(SHORT), Row(LONG, adapter=adapter.name)],
        NEW_TOKENS,
        on_token=lambda row, token: seen[row].append(token),
    )

    assert [tuple(seen[0]), tuple(seen[1])] == [one.ids for one in generated]


def test_a_row_ends_with_its_end_token_while_others_go_on(
    tiny_base: BaseModel, plain_greedy: Oracle
) -> None:
    endless, other = plain_greedy(SHORT, NEW_TOKENS), plain_greedy(LONG, NEW_TOKENS)
    end = next(token for token in endless[:-1] if token not in other)
    tiny_base.model.generation_config.eos_token_id = end

    short, long = Engine(tiny_base).generate([Row(SHORT), Row(LONG)], NEW_TOKENS)

    assert short.ids == endless[: endless.index(end) + 1]
    assert short.finished
    assert long.ids == other
    assert not long.finished


def test_cancel_ends_within_one_step(engine: Engine, adapter: Adapter) -> None:
    engine.attach(adapter)
    rows = [Row(LONG), Row(SHORT, adapter=adapter.name)]
    whole = answers(engine, *rows)
    cancel = Event()
    steps = []

    def stop_at_the_third(row: int, token: int) -> None:
        steps.extend([token] if row == 0 else [])
        if len(steps) == 3:
            cancel.set()

    generated = engine.generate(rows, NEW_TOKENS, stop_at_the_third, cancel)

    for one, ids in zip(generated, whole, strict=True):
        assert len(one.ids) in (3, 4)
        assert one.ids == ids[: len(one.ids)]
    assert not any(one.finished for one in generated)
    assert answers(engine, *rows) == whole


# ---------------------------------------------------------------- failures


class StopPressed(BaseException):
    """Like Streamlit's own stop: no `except Exception` sees it."""


@pytest.mark.parametrize("failure", [RuntimeError, StopPressed])
def test_failed_generation_leaves_no_hooks(
    engine: Engine, adapter: Adapter, plain_greedy: Oracle, failure: type[BaseException]
) -> None:
    engine.attach(adapter)

    def fail(row: int, token: int) -> None:
        raise failure

    with pytest.raises(failure):
        engine.generate([Row(LONG, adapter=adapter.name)] * 3, NEW_TOKENS, fail)

    assert hooks_left(engine) == 0
    assert answers(engine, Row(SHORT), Row(LONG, adapter=adapter.name)) == [
        plain_greedy(SHORT, NEW_TOKENS),
        plain_greedy(LONG, NEW_TOKENS, adapter.folder),
    ]


def test_failed_prefix_leaves_no_hooks(
    engine: Engine, adapter: Adapter, plain_greedy: Oracle
) -> None:
    engine.attach(adapter)
    outside_the_vocabulary = (10_000, 10_001, 5)

    with pytest.raises(IndexError):
        engine.generate([Row(outside_the_vocabulary, 2, adapter.name)], NEW_TOKENS)

    assert hooks_left(engine) == 0
    assert answers(engine, Row(LONG)) == [plain_greedy(LONG, NEW_TOKENS)]


def test_two_threads_behind_turns_never_mix_rows(
    engine: Engine, adapter: Adapter, plain_greedy: Oracle
) -> None:
    engine.attach(adapter)
    turns = Turns()
    together = Barrier(2)
    visitors = [
        [Row(SHORT, prefix_tokens=2), Row(SHORT, adapter=adapter.name)],
        [Row(LONG, prefix_tokens=4, adapter=adapter.name), Row(MIDDLE), Row(LONG)],
    ]

    def visit(rows: list[Row]) -> list[list[tuple[int, ...]]]:
        together.wait(timeout=30)
        results = []
        for _ in range(8):
            with turns.turn():
                results.append(answers(engine, *rows, limit=4))
        return results

    with ThreadPoolExecutor(2) as pool:
        seen = list(pool.map(visit, visitors))

    folders = {None: None, adapter.name: adapter.folder}
    for rows, results in zip(visitors, seen, strict=True):
        expected = [plain_greedy(row.ids, 4, folders[row.adapter]) for row in rows]
        assert results == [expected] * 8


# ---------------------------------------------------------------- adapters


def test_unknown_adapter_is_refused(engine: Engine, adapter: Adapter) -> None:
    with pytest.raises(AdapterError, match="not loaded"):
        engine.generate([Row(SHORT, adapter="nobody")], NEW_TOKENS)

    engine.attach(adapter)

    with pytest.raises(AdapterError, match="not loaded"):
        engine.generate([Row(SHORT), Row(SHORT, adapter="nobody")], NEW_TOKENS)


def test_self_check_of_a_good_adapter_passes_and_shows_its_figures(
    engine: Engine, adapter: Adapter
) -> None:
    check = engine.attach(adapter)

    assert check.passed
    assert check.base_difference <= check.tolerance < check.adapter_difference


def test_attaching_twice_does_nothing_the_second_time(engine: Engine, adapter: Adapter) -> None:
    first = engine.attach(adapter)

    assert engine.attach(adapter) is first


def test_adapter_that_does_nothing_fails_the_self_check(
    engine: Engine, zero_adapter: Adapter, adapter: Adapter, plain_greedy: Oracle
) -> None:
    with pytest.raises(AdapterError, match="self-check"):
        engine.attach(zero_adapter)

    with pytest.raises(AdapterError, match="not loaded"):
        engine.generate([Row(LONG, adapter=zero_adapter.name)], NEW_TOKENS)
    assert answers(engine, Row(LONG)) == [plain_greedy(LONG, NEW_TOKENS)]
    engine.attach(adapter)
    assert answers(engine, Row(LONG), Row(LONG, adapter=adapter.name)) == [
        plain_greedy(LONG, NEW_TOKENS),
        plain_greedy(LONG, NEW_TOKENS, adapter.folder),
    ]


def test_failed_self_check_leaves_the_other_adapters_as_they_were(
    engine: Engine, zero_adapter: Adapter, adapter: Adapter
) -> None:
    engine.attach(adapter)
    rows = [Row(LONG), Row(LONG, adapter=adapter.name)]
    before = answers(engine, *rows)

    with pytest.raises(AdapterError, match="self-check"):
        engine.attach(zero_adapter)

    assert answers(engine, *rows) == before


def test_a_failed_self_check_can_be_tried_again(engine: Engine, zero_adapter: Adapter) -> None:
    for _ in range(2):
        with pytest.raises(AdapterError, match="self-check"):
            engine.attach(zero_adapter)


def test_self_check_fails_where_base_rows_have_changed(engine: Engine, adapter: Adapter) -> None:
    with torch.no_grad():
        engine.base.model.lm_head.weight.mul_(1.5)

    with pytest.raises(AdapterError, match="self-check"):
        engine.attach(adapter)


def test_adapter_that_does_not_fit_leaves_the_engine_as_it_was(
    engine: Engine, adapter: Adapter, plain_greedy: Oracle
) -> None:
    too_wide = replace(adapter, name="wrong", rank=adapter.rank + 1)

    with pytest.raises(AdapterError, match="does not fit"):
        engine.attach(too_wide)

    assert answers(engine, Row(LONG)) == [plain_greedy(LONG, NEW_TOKENS)]
    assert engine.attach(adapter).passed


def test_adapter_still_fits_when_another_is_attached(
    engine: Engine, adapter: Adapter, other_adapter: Adapter
) -> None:
    engine.attach(adapter)

    assert engine.attach(other_adapter).passed


def test_adapter_in_fp16_is_run_in_the_type_of_the_base(
    engine: Engine, adapter: Adapter, tmp_path: Path, plain_greedy: Oracle
) -> None:
    folder = shutil.copytree(adapter.folder, tmp_path / "adapter")
    halves = {name: tensor.half() for name, tensor in load_file(folder / WEIGHTS).items()}
    save_file(halves, folder / WEIGHTS, metadata={"format": "pt"})

    engine.attach(replace(adapter, name="halves", folder=folder))

    weights = [one for name, one in engine._model.named_parameters() if "lora_" in name]
    assert {weight.dtype for weight in weights} == {torch.float32}
    assert answers(engine, Row(LONG, adapter="halves")) == [plain_greedy(LONG, NEW_TOKENS, folder)]


@pytest.mark.parametrize(
    "damage", [{"lora_alpha": "many"}, {"target_modules": ["no_such_layer"]}], ids=str
)
def test_adapter_with_a_damaged_configuration_is_refused(
    engine: Engine,
    adapter: Adapter,
    tmp_path: Path,
    plain_greedy: Oracle,
    damage: dict[str, object],
) -> None:
    folder = shutil.copytree(adapter.folder, tmp_path / "adapter")
    settings = json.loads((folder / CONFIG).read_text())
    (folder / CONFIG).write_text(json.dumps({**settings, **damage}))

    with pytest.raises(AdapterError, match="can't be loaded: restore its"):
        engine.attach(replace(adapter, name="damaged", folder=folder))

    assert answers(engine, Row(LONG)) == [plain_greedy(LONG, NEW_TOKENS)]
    assert engine.attach(adapter).passed
