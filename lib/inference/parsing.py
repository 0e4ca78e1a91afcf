"""From what a model wrote to an answer, strictly: almost right is not an answer.

A reply counts as valid only if the whole of it is the answer, as a program that reads it would
demand. Prompts and adapters are held to the same rule.
"""

import json
import re
from typing import Any, Protocol

from lib.task import Task
from lib.task_change import ChangedTask

Answer = str | dict[str, str]


class Written(Protocol):
    """What a model wrote and what it says, whether the model runs here or elsewhere."""

    @property
    def raw(self) -> str:
        """The text, as far as it came."""

    @property
    def answer(self) -> Answer | None:
        """The parsed answer; None where `raw` is not a valid one."""

    @property
    def old_answer(self) -> Answer | None:
        """What `raw` says in the form from before the task changed."""

    @property
    def finished(self) -> bool:
        """Whether nothing cut the answer."""

    @property
    def valid(self) -> bool:
        """Whether the whole of it is an answer of the task's form."""


_SURROGATE = re.compile("[\ud800-\udfff]")


def parse_answer(task: Task, raw: str) -> Answer | None:
    """Return the label, object or phrase that was written, or None if it is none.

    Extraction: one JSON object, known keys only, each at most once, values non-empty strings.
    Classification: exactly one of the labels. Question answering: a non-empty single line.
    """
    text = raw.strip()
    if task.kind == "extraction":
        return parse_object(text, frozenset(task.keys))
    if task.kind == "classification":
        return text if text in task.labels else None
    return text if text and "\n" not in text else None


def parse_old_form(task: Task, raw: str) -> Answer | None:
    """Return the answer that this was before the task changed.

    None where it is valid as it is, or never was, or where nothing changed.
    """
    if not isinstance(task, ChangedTask) or parse_answer(task, raw) is not None:
        return None
    return parse_answer(task.original, raw)


def parse_object(text: str, keys: frozenset[str]) -> dict[str, str] | None:
    """Return a JSON object that has only these keys and non-empty strings, or None."""
    try:
        value = json.loads(text, object_pairs_hook=_unique_pairs)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or not value.keys() <= keys:
        return None
    return value if all(map(_is_text, value.values())) else None


def _is_text(value: Any) -> bool:
    """Whether this is a non-empty string that can be written down: no half of a surrogate pair."""
    return isinstance(value, str) and bool(value) and not _SURROGATE.search(value)


def _unique_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build an object, refusing a key that comes twice (JSON readers disagree on which one wins)."""
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key comes twice")
    return result
