"""The tasks under content/tasks/: each loads, and each agrees with its own parser."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from pydantic import TypeAdapter

from lib.content.tasks import TASKS, load_task, task_names
from lib.errors import ContentError
from lib.inference.parsing import parse_answer
from lib.task import Task

every_task = pytest.mark.parametrize("name", task_names())


def test_booking_is_there() -> None:
    assert "booking" in task_names()


@every_task
def test_a_task_is_called_like_its_folder(name: str) -> None:
    assert load_task(name).id == name


@every_task
def test_sample_ids_are_unique(name: str) -> None:
    ids = [sample.id for sample in load_task(name).samples]

    assert ids
    assert len(set(ids)) == len(ids)


@every_task
def test_expected_answers_of_samples_parse(name: str) -> None:
    task = load_task(name)

    unreadable = [
        sample.id
        for sample in task.samples
        if sample.expected is not None and parse_answer(task, sample.expected) is None
    ]

    assert unreadable == []


@every_task
def test_samples_are_short_enough_to_be_sent(name: str) -> None:
    task = load_task(name)

    too_long = [
        sample.id
        for sample in task.samples
        if max(map(len, sample.inputs.values())) > task.max_characters
    ]

    assert too_long == []


@every_task
def test_answers_of_solved_examples_parse(name: str) -> None:
    task = load_task(name)
    examples = [
        example
        for template in (task.prompts.plain, task.prompts.engineered, task.prompts.short)
        for example in template.examples
    ]

    assert [one.answer for one in examples if parse_answer(task, one.answer) is None] == []


@every_task
def test_values_of_extraction_answers_stand_in_the_text(name: str) -> None:
    task = load_task(name)
    if task.kind != "extraction":
        pytest.skip("only extraction copies")
    solved = [(one.inputs["text"], one.answer) for one in task.prompts.engineered.examples]
    solved += [(one.inputs["text"], one.expected) for one in task.samples if one.expected]

    invented = [
        (text, value)
        for text, answer in solved
        for value in parse_answer(task, answer).values()  # type: ignore[union-attr]
        if value not in text
    ]

    assert invented == []


@every_task
def test_answers_to_questions_stand_in_the_passage(name: str) -> None:
    task = load_task(name)
    if task.kind != "question_answering":
        pytest.skip("no passage")
    solved = [(one.inputs["context"], one.answer) for one in task.prompts.engineered.examples]
    solved += [(one.inputs["context"], one.expected) for one in task.samples if one.expected]

    assert [answer for passage, answer in solved if answer not in passage] == []


# ---------------------------------------------------------------- loading


def test_a_folder_elsewhere_is_a_task_too(tmp_path: Path) -> None:
    shutil.copytree(TASKS / "booking", tmp_path / "mine", ignore=shutil.ignore_patterns("adapter"))

    task = load_task(str(tmp_path / "mine"))

    assert task.id == "booking"
    assert task.folder == tmp_path / "mine"


def test_an_unknown_task_names_those_that_exist() -> None:
    with pytest.raises(ContentError, match=r"'bookings' is neither a task \(.*booking.*\) nor"):
        load_task("bookings")


@pytest.fixture
def task_yaml(extraction_task: Task, tmp_path: Path) -> Path:
    """The small task as a file, one field a line where it can be."""
    data = TypeAdapter(Task).dump_python(extraction_task, mode="json", exclude={"folder"})
    path = tmp_path / "task.yaml"
    path.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    return path


def test_a_task_read_from_its_file_is_the_same_task(task_yaml: Path, extraction_task: Task) -> None:
    assert load_task(str(task_yaml.parent)) == replace(extraction_task, folder=task_yaml.parent)


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("kind: extraction", "kind: magic", "kind"),
        ("max_new_tokens: 16", "max_new_tokens: many", "max_new_tokens"),
        ("summary:", "colour: red\nsummary:", "colour"),
        ("  licence: CC0", "  licence: [CC0]", "data.licence"),
        ("    system: Write JSON.", "    system: {a: b}", "prompts.engineered.system"),
    ],
)
def test_a_broken_task_names_file_line_and_field(
    task_yaml: Path, old: str, new: str, field: str
) -> None:
    text = task_yaml.read_text(encoding="utf-8")
    assert text.count(old) == 1
    task_yaml.write_text(text.replace(old, new), encoding="utf-8")
    line = text[: text.index(old)].count("\n") + 1

    with pytest.raises(ContentError, match=rf"task\.yaml, line {line}: {re.escape(field)}: "):
        load_task(str(task_yaml.parent))


def test_a_task_that_contradicts_itself_is_refused(task_yaml: Path) -> None:
    text = task_yaml.read_text(encoding="utf-8")
    task_yaml.write_text(text.replace("kind: extraction", "kind: classification"))

    with pytest.raises(ContentError, match="a classification task needs `labels`"):
        load_task(str(task_yaml.parent))
