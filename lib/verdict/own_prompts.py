"""Solved examples for the engineered prompt, drawn from somebody's own rows."""

import json
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from lib.columns import normalised
from lib.inference.phrases import places
from lib.rows import LabelledRow
from lib.task import Example, Task
from lib.training.mixing import answer_text

T = TypeVar("T")

PROMPT_CHARACTERS = 2_200
"""For the instruction and its examples: about 550 tokens of 4 characters, so that a prompt with a
short text stays near 600."""
_TURN_CHARACTERS = 40
"""What the chat template adds to an example: 10 tokens (5 a message, counted)."""


def with_examples(task: Task, rows: Sequence[LabelledRow], number: int, seed: int) -> Task:
    """Return the task with up to so many solved examples in its engineered prompt.

    `rows` are those that are trained on. Every label has as many examples as any other, or one
    more; objects are balanced over what they say; questions are on different passages. Short rows
    go first and what would make the prompt too long is left out, so that there may be fewer than
    `number`. The same rows and seed give the same examples, in whatever order the rows come.
    """
    rng = random.Random(seed)
    groups = _groups(task, rows)
    for group in groups:
        _short_first(group, _length, rng)
    if task.kind == "question_answering":
        _short_first(groups, lambda group: _length(group[0]), rng)
    elif task.kind == "extraction":
        groups = _spread(groups, rng)
    room = PROMPT_CHARACTERS - len(task.prompts.engineered.system or "")
    chosen: list[Example] = []
    for row in _in_turns(groups):
        example = Example(dict(row.inputs), answer_text(task, row))
        size = _length(row) + len(example.answer) + _TURN_CHARACTERS
        if len(chosen) < number and size <= room:
            chosen.append(example)
            room -= size
    rng.shuffle(chosen)  # or the last example would always bear the rarest label
    engineered = replace(task.prompts.engineered, examples=tuple(chosen))
    return replace(task, prompts=replace(task.prompts, engineered=engineered))


def _length(row: LabelledRow) -> int:
    return sum(map(len, row.inputs.values()))


def _groups(task: Task, rows: Sequence[LabelledRow]) -> list[list[LabelledRow]]:
    """Return the rows by what an example of them would show, the largest group first."""
    ordered = sorted(rows, key=lambda row: json.dumps([dict(row.inputs), row.target, row.id]))
    texts = Counter(map(_text, ordered))
    alone = [row for row in ordered if texts[_text(row)] == 1]  # of two answers one may be wrong
    answers = [answer_text(task, row) for row in alone]
    repeat = 2 * len(set(answers)) <= len(answers)
    groups: dict[str, list[LabelledRow]] = {}
    for row, answer in zip(alone, answers, strict=True):
        if task.kind == "question_answering":
            if not places(answer, row.inputs["context"]):
                continue
            shown = normalised(row.inputs["context"])
        elif isinstance(row.target, dict) and not repeat:
            shown = json.dumps(sorted(row.target))  # which keys it has
        else:
            shown = answer
        groups.setdefault(shown, []).append(row)
    return sorted(groups.values(), key=len, reverse=True)


def _short_first(items: list[T], length: Callable[[T], int], rng: random.Random) -> None:
    """Put the shorter half first, each half in random order."""
    rng.shuffle(items)
    if items:
        middle = sorted(map(length, items))[(len(items) - 1) // 2]
        items.sort(key=lambda item: length(item) > middle)


def _spread(groups: Sequence[list[LabelledRow]], rng: random.Random) -> list[list[LabelledRow]]:
    """Return the groups so that the first few show as many different values as they can."""
    left = rng.sample(groups, len(groups))
    shown: Counter[tuple[str, str]] = Counter()
    ordered = []
    for _ in groups:
        group = min(left, key=lambda one: sum(shown[pair] for pair in _pairs(one[0])))
        left.remove(group)
        ordered.append(group)
        shown.update(_pairs(group[0]))
    return ordered


def _pairs(row: LabelledRow) -> list[tuple[str, str]]:
    return list(row.target.items()) if isinstance(row.target, dict) else []


def _text(row: LabelledRow) -> str:
    return "\n".join(map(normalised, row.inputs.values()))


def _in_turns(groups: Sequence[Sequence[LabelledRow]]) -> list[LabelledRow]:
    """Return the first row of every group, then the second of every one, and so on."""
    longest = max(map(len, groups), default=0)
    return [group[turn] for turn in range(longest) for group in groups if turn < len(group)]
