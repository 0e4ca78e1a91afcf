"""The general questions: rules that a right reply passes, and that nothing else passes by chance.

Run: python -m pytest tests/content/test_general_questions.py
"""

import json
from collections import Counter
from pathlib import Path

import pytest
import yaml

from lib.content.general_questions import load_general_questions
from lib.content.tasks import load_task, task_names
from lib.errors import ContentError
from lib.evaluation.general_rules import is_right
from lib.questions import GeneralQuestion

QUESTIONS = load_general_questions().questions
every_question = pytest.mark.parametrize("one", QUESTIONS, ids=lambda one: one.id)


def _answers_of_tasks() -> list[str]:
    """Return what the tasks' own answers look like: every label, every object we wrote.

    A phrase of a passage has no form of its own: as a reply it is as good as any other.
    """
    found = ["", " ", "{}", "[]", "null", "positive", "negative"]
    tasks = [load_task(name) for name in task_names()]
    for task in tasks:
        if task.kind == "question_answering":
            continue
        found += task.labels
        found += [one.expected for one in task.samples if one.expected]
        found += [one.answer for one in task.prompts.engineered.examples]
        found += [json.dumps({key: str(number)}) for number, key in enumerate(task.keys, start=2)]
    return found


ANSWERS = _answers_of_tasks()


def test_there_are_enough_in_every_group() -> None:
    groups = Counter(one.group for one in QUESTIONS)
    assert len(QUESTIONS) >= 80
    assert groups.keys() == {"facts", "arithmetic", "instructions", "small_talk"}
    assert min(groups.values()) >= 20


@every_question
def test_a_rule_lets_its_own_example_pass(one: GeneralQuestion) -> None:
    assert is_right(one.rule, one.question, one.passes)


@every_question
def test_no_label_no_object_and_no_echo_passes(one: GeneralQuestion) -> None:
    inside = [json.dumps({"answer": one.passes}), f"```json\n{json.dumps([one.passes])}\n```"]
    passed = [
        text for text in [*ANSWERS, *inside, one.question] if is_right(one.rule, one.question, text)
    ]
    assert passed == []


def _written(folder: Path, *questions: object) -> Path:
    file = folder / "questions.yaml"
    file.write_text(yaml.safe_dump({"questions": list(questions)}), encoding="utf-8")
    return file


GOOD = {
    "id": "one",
    "group": "facts",
    "question": "Is it?",
    "rule": {"any_of": ["it is"]},
    "passes": "It is.",
}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"group": "jokes"}, r"group: Input should be 'facts'"),
        ({"rule": {"any_off": ["x"]}}, r"rule.any_off: Unexpected keyword argument"),
        ({"rule": {"none_of": ["x"]}}, r"rule: a rule needs something that a right reply has"),
        ({"rule": {"words": {"least": 3, "most": 2}}}, "at most 2 is less than at least 3"),
        ({"rule": {"any_of": [""]}}, "at least 1 character"),
        ({"id": "Not an id"}, "id: String should match pattern"),
    ],
)
def test_a_broken_question_is_told_by_line_and_field(
    tmp_path: Path, changes: dict[str, object], problem: str
) -> None:
    with pytest.raises(ContentError, match=problem) as told:
        load_general_questions(_written(tmp_path, GOOD | changes))
    assert "questions.yaml, line " in str(told.value)


def test_two_questions_with_one_id_are_told(tmp_path: Path) -> None:
    other = GOOD | {"question": "Is it not?"}
    with pytest.raises(ContentError, match="two questions have the id 'one'"):
        load_general_questions(_written(tmp_path, GOOD, other))
