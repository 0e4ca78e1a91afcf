"""The solved examples from which prompts are made: fair to every label, and no sample among them."""

from collections import Counter
from typing import Any

import yaml

from lib.content.tasks import load_task, task_names
from lib.evaluation.choose_examples import Pool, ready_pool
from lib.files import read_yaml
from lib.task import Task


def _pools() -> list[tuple[Task, dict[str, Any]]]:
    """Return the classification tasks that have a pool, each with it."""
    tasks = [task for task in map(load_task, task_names()) if task.kind == "classification"]
    files = [(task, task.folder / "example_pool.yaml") for task in tasks]
    return [
        (task, yaml.safe_load(file.read_text(encoding="utf-8")))
        for task, file in files
        if file.is_file()
    ]


def test_every_label_has_as_many_examples_as_any_other() -> None:
    for task, pool in _pools():
        counts = Counter(example["answer"] for example in pool["examples"])
        assert counts.keys() == task.labels.keys()
        assert len(set(counts.values())) == 1, task.id


def test_no_example_stands_twice_or_is_a_sample() -> None:
    for task, pool in _pools():
        texts = [example["text"] for example in pool["examples"]]
        texts += [sample.inputs["text"] for sample in task.samples]
        assert len(set(texts)) == len(texts), task.id


def test_every_wording_asks_for_the_name_only() -> None:
    for task, pool in _pools():
        for wording in pool.get("wordings", []):
            text = f"{wording.get('system', '')} {wording['user']}"
            asks = ("only", "nothing else", "one word", "Answer")
            assert any(words in text for words in asks), f"{task.id}: {text}"


def test_every_pool_is_of_its_tasks_form() -> None:
    for task in map(load_task, task_names()):
        file = task.folder / "example_pool.yaml"
        if file.is_file():
            assert ready_pool(read_yaml(file, Pool), task).examples, task.id


def test_no_passage_of_a_pool_stands_twice_or_in_a_sample() -> None:
    for task in map(load_task, task_names()):
        file = task.folder / "example_pool.yaml"
        if task.kind == "question_answering" and file.is_file():
            pool = ready_pool(read_yaml(file, Pool), task)
            passages = [one.inputs["context"] for one in pool.examples]
            passages += {one.inputs["context"] for one in task.samples}
            assert len(set(passages)) == len(passages), task.id
