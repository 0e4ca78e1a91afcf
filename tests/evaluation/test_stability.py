"""The same examples in other orders, beside the adapter: the orders, the counting, and the file.

Run: python -m pytest tests/evaluation/test_stability.py
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lib.errors import ContentError, InputError
from lib.evaluation import stability
from lib.evaluation.measured_rows import write_records
from lib.evaluation.stability import (
    ADAPTER,
    OrderedReply,
    measure_stability,
    orders_of,
    row_records,
    samples_fingerprint,
    summarise,
)
from lib.evaluation.stability_file import read_sample_answers, read_stability
from lib.inference.rendering import PromptRenderer
from lib.inference.turns import Turns
from lib.task import Example, PromptTemplate, Sample, Task
from tests.fakes import FAKE_ADAPTER_SHA256, FAKE_BASE_SHA256, LetterTokenizer

EXAMPLES = tuple(Example({"text": text}, "{}") for text in ("A1", "B2", "C3", "D4"))


@pytest.fixture
def task(extraction_task: Task) -> Task:
    """Booking with four examples and two samples, one of which has no right answer."""
    prompts = replace(
        extraction_task.prompts,
        engineered=PromptTemplate(system="JSON.", user="{text}", examples=EXAMPLES),
    )
    samples = (
        Sample("one", "One", {"text": "for 4"}, '{"people": "4"}', "why"),
        Sample("none", "None", {"text": "for 4 or 5"}, None, "why"),
    )
    return replace(extraction_task, prompts=prompts, samples=samples)


class Writer:
    """A comparer whose answer depends on the first example of the prompt."""

    def __init__(self, answer: Callable[[str, bool], str]) -> None:
        tokenizer: Any = LetterTokenizer()
        self.base = SimpleNamespace(name="a fake model", sha256=FAKE_BASE_SHA256, dtype="float32")
        self.renderer = PromptRenderer(tokenizer)
        self.turns = Turns()
        self.engine = self
        self._answer = answer

    def attach(self, adapter: Any) -> None:
        assert adapter.name == "fake"

    def generate(self, rows: Sequence[Any], max_new_tokens: int) -> list[Any]:
        texts = [self._answer(self.text_of(row.ids), row.adapter is not None) for row in rows]
        return [
            SimpleNamespace(ids=self.renderer.encode_text(text), finished=True) for text in texts
        ]

    def text_of(self, ids: Sequence[int]) -> str:
        return self.renderer.decode(tuple(ids))


def by_first_example(prompt: str, is_tuned: bool) -> str:
    """Right where A1 comes first, and always with the adapter."""
    is_first = prompt.find("A1") == min(prompt.find(one) for one in ("A1", "B2", "C3", "D4"))
    return '{"people": "4"}' if is_tuned or is_first else "four people"


@pytest.fixture(autouse=True)
def _an_adapter(monkeypatch: pytest.MonkeyPatch) -> None:
    found = SimpleNamespace(name="fake", sha256=FAKE_ADAPTER_SHA256)
    monkeypatch.setattr(stability.adapter_files, "check", lambda id, folder: found)


def measure(task: Task, answer: Callable[[str, bool], str] = by_first_example, **more: Any) -> Any:
    writer: Any = Writer(answer)
    return measure_stability(writer, task, **more)


# ------------------------------------------------------------------------- orders


def test_orders_begin_with_the_tasks_own_and_differ(task: Task) -> None:
    orders = orders_of(task.prompts.engineered)
    assert [one.id for one in orders] == ["own", "order_2", "order_3", "order_4", "order_5"]
    assert orders[0].positions == (0, 1, 2, 3)
    assert len({one.positions for one in orders}) == 5
    assert all(sorted(one.positions) == [0, 1, 2, 3] for one in orders)


def test_a_seed_fixes_the_orders(task: Task) -> None:
    template = task.prompts.engineered
    assert orders_of(template, seed=3) == orders_of(template, seed=3)
    assert orders_of(template, seed=3) != orders_of(template, seed=4)


def test_two_examples_have_two_orders(task: Task) -> None:
    template = replace(task.prompts.engineered, examples=EXAMPLES[:2])
    assert [one.positions for one in orders_of(template)] == [(0, 1), (1, 0)]


def test_one_example_can_not_change_places(task: Task) -> None:
    with pytest.raises(InputError, match="no two examples that could change places"):
        orders_of(replace(task.prompts.engineered, examples=EXAMPLES[:1]))


def test_an_order_moves_examples_and_nothing_else(task: Task) -> None:
    template = task.prompts.engineered
    order = orders_of(template)[1]
    moved = order.of(template)
    assert [one.inputs["text"] for one in moved.examples] == [
        EXAMPLES[at].inputs["text"] for at in order.positions
    ]
    assert replace(moved, examples=template.examples) == template


# ------------------------------------------------------------------------- counting


def reply(key: str, correct: bool | None) -> OrderedReply:
    return OrderedReply(key, key != "x", correct, key)


def test_different_answers_and_right_orders_are_counted() -> None:
    over = summarise(
        {
            "own": [reply("a", True), reply("b", None), reply("c", True)],
            "order_2": [reply("x", False), reply("b", None), reply("c", True)],
            "order_3": [reply("d", False), reply("x", None), reply("c", True)],
            ADAPTER: [reply("a", True), reply("b", None), reply("e", False)],
        }
    )
    # Three answers to the first input, two to the second, one to the third.
    assert over["distinct"] == {"1": 1, "2": 1, "3": 1}
    assert over["mean_distinct"] == 2.0
    assert over["one_answer"]["share"] == 0.3333
    assert (over["rows"], over["judged_rows"]) == (3, 2)
    assert over["right_under"] == {"0": 0, "1": 1, "2": 0, "3": 1}
    assert over["range"] == [0.5, 1.0]
    assert over["conditions"]["own"]["share_right"] == 1.0
    assert over["conditions"]["order_2"]["valid_rate"] == 0.6667
    assert over["conditions"][ADAPTER]["share_right"] == 0.5


def test_samples_are_answered_under_every_order(task: Task) -> None:
    found = measure(task)
    first = [one.positions[0] == 0 for one in orders_of(task.prompts.engineered)]
    assert [one[0].correct for way, one in found.samples.items() if way != ADAPTER] == first
    assert found.samples[ADAPTER][0].correct is True
    assert found.samples[ADAPTER][1].correct is None
    assert "over_rows" not in found.summary


def test_an_empty_object_can_be_right(task: Task) -> None:
    menu = Sample("menu", "Menu", {"text": "No booking"}, "{}", "why")
    found = measure(replace(task, samples=(menu,)), lambda prompt, is_tuned: "{}")
    assert found.summary["over_samples"]["range"] == [1.0, 1.0]


def test_objects_with_the_same_pairs_are_the_same_answer(task: Task) -> None:
    def turned(prompt: str, is_tuned: bool) -> str:
        pairs = ['"people": "4"', '"date": "Friday"']
        is_first = by_first_example(prompt, False).startswith("{")
        return "{" + ", ".join(pairs if is_first else reversed(pairs)) + "}"

    assert measure(task, turned).summary["over_samples"]["distinct"]["1"] == 2


def test_rows_of_a_file_are_spread_and_judged(task: Task, tmp_path: Path) -> None:
    data = tmp_path / "rows.jsonl"
    records = [
        {"id": f"r{n}", "text": "for 4", "target_json": {"people": str(n)}} for n in range(1, 9)
    ]
    data.write_text("".join(json.dumps(one) + "\n" for one in records), encoding="utf-8")
    found = measure(task, data=data, limit=4)
    assert found.row_ids == ("r1", "r3", "r5", "r7")
    over = measure(task, data=data).summary["over_rows"]
    assert over["rows"] == 8
    # Only r4 is ever right.
    assert over["conditions"][ADAPTER]["share_right"] == 0.125
    assert found.summary["data"]["file"] == "rows.jsonl"
    kept = [one for one in row_records(found) if one["inputs"] == "rows"]
    assert len(kept) == 4 * 6
    assert {one["reply"] for one in kept} == {""}


def test_a_task_without_samples_is_told(task: Task) -> None:
    with pytest.raises(InputError, match="has no samples to answer"):
        measure(replace(task, samples=()))


def test_other_samples_have_another_fingerprint(task: Task) -> None:
    other = replace(task, samples=task.samples[:1])
    assert samples_fingerprint(task) != samples_fingerprint(other)


# ------------------------------------------------------------------------- the file


def test_the_file_is_read_as_it_was_written(task: Task, tmp_path: Path) -> None:
    found = measure(task, command="the command", seed=5)
    out = tmp_path / "results" / "stability.json"
    write_records(out, found.summary, row_records(found))

    results = read_stability(out)
    assert (results.command, results.seed, results.over_rows) == ("the command", 5, None)
    assert results.orders["own"] == (0, 1, 2, 3)
    assert results.over_samples.rows == 2
    expected = sum(one.positions[0] == 0 for one in orders_of(task.prompts.engineered, seed=5))
    assert results.over_samples.right_under[expected] == 1
    assert results.over_samples.right_under_some == (1 if expected < 5 else 0)
    answers = read_sample_answers(results)
    assert list(answers["one"]) == [*results.orders, ADAPTER]
    assert answers["one"]["own"].text == '{"people": "4"}'
    assert answers["one"]["own"].number == 1
    assert answers["none"]["own"].correct is None


@pytest.mark.parametrize("text", ["broken", "{}", "[]"])
def test_a_broken_file_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "stability.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ContentError, match=r"stability.json is not a file that `stability --out`"):
        read_stability(path)
