"""The changed requirements of the committed tasks: each follows, and agrees with its own parser.

Run: python -m pytest tests/content/test_changes.py
"""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from lib.content.tasks import TASKS, load_task, task_names
from lib.errors import ContentError
from lib.inference.parsing import parse_answer
from lib.rewording import names_in
from lib.task import PromptTemplate
from lib.task_change import ChangedTask, changed_task, find_change

_CHANGES = [(name, change.id) for name in task_names() for change in load_task(name).changes]
every_change = pytest.mark.parametrize(("name", "id"), _CHANGES)


def _changed(name: str, id: str) -> ChangedTask:
    task = load_task(name)
    return changed_task(task, find_change(task, id))


@pytest.mark.parametrize("name", ["booking", "routing"])
def test_two_changes_can_be_tried(name: str) -> None:
    kinds = [bool(change.add) for change in load_task(name).changes]
    assert sorted(kinds) == [False, True]


@every_change
def test_engineered_prompt_names_what_is_new_and_nothing_old(name: str, id: str) -> None:
    task = _changed(name, id)
    prose = f"{task.prompts.engineered.system}\n{task.prompts.engineered.user}"
    new = {*task.change.rename.values(), *task.change.add}
    assert names_in(prose, new) == new
    assert names_in(prose, task.change.rename, task.change.keep) == set()


@every_change
def test_answers_of_examples_and_samples_parse(name: str, id: str) -> None:
    task = _changed(name, id)
    answers = [one.answer for one in task.prompts.engineered.examples]
    answers += [one.expected for one in task.samples if one.expected is not None]
    assert [one for one in answers if parse_answer(task, one) is None] == []


@every_change
def test_values_of_new_answers_stand_in_their_text(name: str, id: str) -> None:
    task = _changed(name, id)
    if task.kind != "extraction":
        pytest.skip("only extraction copies")
    solved = [(one.inputs["text"], one.answer) for one in task.change.examples]
    solved += [(one.inputs["text"], one.expected) for one in task.change.samples if one.expected]
    for text, expected in solved:
        found = parse_answer(task, expected)
        assert isinstance(found, dict)
        assert [value for value in found.values() if value not in text] == []


@every_change
def test_samples_are_unique_and_short_enough(name: str, id: str) -> None:
    task = _changed(name, id)
    ids = [one.id for one in task.samples]
    assert len(set(ids)) == len(ids)
    longest = max(len(text) for one in task.samples for text in one.inputs.values())
    assert longest <= task.max_characters


@every_change
def test_no_sample_is_a_solved_example(name: str, id: str) -> None:
    task = _changed(name, id)
    solved = [one.inputs for one in task.prompts.engineered.examples]
    assert [one.id for one in task.samples if one.inputs in solved] == []


@pytest.mark.parametrize("id", ["card_desk", "loans"])
def test_every_text_that_was_tried_for_routing_could_follow(id: str) -> None:
    # The engineered prompt is chosen among these, and a change must not break the next choice.
    task = load_task("routing")
    pool = yaml.safe_load((TASKS / "routing" / "example_pool.yaml").read_text(encoding="utf-8"))
    for wording in pool["wordings"]:
        prompts = replace(task.prompts, engineered=PromptTemplate(**wording))
        changed_task(replace(task, prompts=prompts), find_change(task, id))


def test_a_change_that_does_not_follow_is_told_with_its_file(tmp_path: Path) -> None:
    text = (TASKS / "booking" / "task.yaml").read_text(encoding="utf-8")
    broken = text.replace(
        "rename: {people: party}",
        "rename: {people: party}\n    own_text: {plain: {user: '{text}'}}",
    )
    assert broken != text
    (tmp_path / "task.yaml").write_text(broken, encoding="utf-8")
    with pytest.raises(ContentError, match=r"task\.yaml: the change 'party': the plain prompt"):
        load_task(str(tmp_path))
