"""What a comparison shows of a changed requirement, in one sentence made by rule.

Run: python -m pytest tests/inference/test_change_reading.py
"""

from dataclasses import replace

import pytest

from lib.inference.compare import Comparison
from lib.inference.conditions import Condition
from lib.inference.reading import what_it_shows, what_the_change_shows
from lib.task import Change, Example, Prompts, PromptTemplate, Sample, Task
from lib.task_change import ChangedTask, changed_task
from tests.fakes import FakeComparer


@pytest.fixture
def renamed(extraction_task: Task) -> ChangedTask:
    return changed_task(
        _named(extraction_task), Change("party", "", "", rename={"people": "party"})
    )


@pytest.fixture
def added(extraction_task: Task) -> ChangedTask:
    sample = Sample("bar", "Bar", {"text": "the bar"}, '{"table": "bar"}', "")
    change = Change(
        "table",
        "",
        "",
        add={"table": "where to sit"},
        examples=(Example({"text": "outside"}, '{"table": "outside"}'),),
        samples=(sample, replace(sample, id="two")),
    )
    return changed_task(_named(extraction_task), change)


def _named(task: Task) -> Task:
    template = PromptTemplate(user="people and date:\n{text}")
    return replace(task, prompts=Prompts(template, template, task.prompts.short))


def _run(task: Task, *raws: str) -> Comparison:
    """Return a comparison whose four conditions wrote these, in their order."""
    replies = dict(zip(Condition, raws, strict=True))
    return FakeComparer(replies=replies).compare(task, {"text": "for 4"})


OLD, NEW = '{"people": "4"}', '{"party": "4"}'


def test_who_keeps_the_old_form_is_named(renamed: ChangedTask) -> None:
    told = what_the_change_shows(renamed, _run(renamed, "Sure!", NEW, OLD, OLD))
    assert told == (
        "LoRA and LoRA + engineered answer in the old form. The engineered prompt uses the new name. "
        "The adapter has to be trained again."
    )
    told = what_the_change_shows(renamed, _run(renamed, "Sure!", "{}", OLD, NEW))
    assert told == "LoRA answers in the old form. The adapter has to be trained again."
    told = what_the_change_shows(renamed, _run(renamed, "Sure!", NEW, NEW, OLD))
    assert told == (
        "LoRA + engineered answers in the old form. The engineered prompt uses the new name."
    )


def test_nothing_is_said_where_nobody_keeps_the_old_form(renamed: ChangedTask) -> None:
    assert what_the_change_shows(renamed, _run(renamed, "Sure!", NEW, "{}", "{}")) is None


def test_who_uses_an_added_key_is_named_where_it_is_expected(added: ChangedTask) -> None:
    run = _run(added, "Sure!", '{"table": "bar"}', "{}", '{"table": "bar"}')
    assert what_the_change_shows(added, run, {"table": "bar"}) == (
        "“table”, which is new here, is used by Engineered prompt and LoRA + engineered. The adapter "
        "under its own prompt can't know it."
    )
    assert what_the_change_shows(added, run, {"people": "4"}) is None
    assert what_the_change_shows(added, run) is None
    nobody = _run(added, "Sure!", "{}", "{}", "{}")
    assert what_the_change_shows(added, nobody, {"table": "bar"}) == (
        "Nobody uses “table”, which is new here."
    )


def test_a_task_as_trained_has_nothing_to_say(extraction_task: Task) -> None:
    run = _run(extraction_task, OLD, OLD, OLD, OLD)
    assert what_the_change_shows(extraction_task, run) is None


def test_an_unfinished_comparison_has_nothing_to_say(renamed: ChangedTask) -> None:
    run = replace(_run(renamed, "Sure!", NEW, OLD, OLD), stopped=True)
    assert what_the_change_shows(renamed, run) is None


def test_the_form_that_is_missed_is_the_one_of_now(renamed: ChangedTask) -> None:
    assert what_it_shows(renamed, _run(renamed, "Sure!", "no", OLD, OLD)) == (
        "No condition wrote an answer of the form that is wanted now for this text."
    )
