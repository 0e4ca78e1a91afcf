"""A task after its requirement changed: the prompts follow by rule, the adapter stays as it is.

Samples and solved examples are translated with the prompts. The adapter's own short prompt is what
it was trained on, so it stays, and what the adapter writes may still have the old form.
"""

import json
from collections.abc import Iterable
from dataclasses import fields
from typing import Any, TypeVar

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

from lib.errors import InputError
from lib.rewording import names_in, renamed, with_count, with_name
from lib.task import Change, Example, OwnText, Prompts, PromptTemplate, Sample, Task

T = TypeVar("T", Example, Sample)


@dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid"))
class ChangedTask(Task):
    """A task whose answers are held to a changed requirement."""

    change: Change
    original: Task
    """What the adapter was trained on."""


def find_change(task: Task, id: str) -> Change:
    """Return the change of a task that has this id.

    Raises:
        InputError: if there is none.
    """
    for change in task.changes:
        if change.id == id:
            return change
    known = ", ".join(one.id for one in task.changes)
    raise InputError(
        f"The task '{task.id}' has no change '{id}': "
        + (f"choose from {known}." if known else "its task.yaml lists none.")
    )


def change_id(task: Task) -> str | None:
    """Return the id of the change that a task has gone through, or None."""
    return task.change.id if isinstance(task, ChangedTask) else None


def changed_task(task: Task, change: Change) -> ChangedTask:
    """Return the task as the changed requirement wants it; the short prompt stays.

    Raises:
        ValueError: if the change does not fit, above all if the engineered prompt that comes out
            does not name what is new, or still names what is old.
    """
    own: dict[str, Any] = {one.name: getattr(task, one.name) for one in fields(Task)}
    own["keys" if task.keys else "labels"] = _names(task, change)
    own["summary"] = with_count(task.summary, len(task.names)) if change.add else task.summary
    own["samples"] = _samples(task, change)
    own["prompts"] = Prompts(
        plain=_template(task, change, "plain"),
        engineered=_template(task, change, "engineered"),
        short=task.prompts.short,
    )
    own["changes"] = ()
    made = ChangedTask(**own, change=change, original=task)
    _check(made)
    return made


def translated(task: Task, change: Change, answer: str) -> str:
    """Return an answer of the task (as it is written down) under the new names of keys or labels.

    Raises:
        ValueError: if it is no answer of this kind of task.
    """
    if task.kind != "extraction":
        return change.rename.get(answer, answer)
    value = json.loads(answer)
    if not isinstance(value, dict):
        raise ValueError(f"'{answer}' is no object")
    return json.dumps(
        {change.rename.get(key, key): text for key, text in value.items()}, ensure_ascii=False
    )


def _names(task: Task, change: Change) -> dict[str, str]:
    """Return the keys or labels with their meanings, renamed in place or with the new ones last."""
    meanings = {**(task.keys or task.labels), **change.add}
    return {change.rename.get(name, name): meaning for name, meaning in meanings.items()}


def _template(task: Task, change: Change, name: str) -> PromptTemplate:
    old: PromptTemplate = getattr(task.prompts, name)
    own = change.own_text.get(name, OwnText())  # type: ignore[call-overload]
    examples = [Example(one.inputs, translated(task, change, one.answer)) for one in old.examples]
    if name == "engineered":
        given = {_key(one): one for one in change.examples}
        examples = [given.pop(_key(one), one) for one in examples]
        examples += given.values()
    return PromptTemplate(
        user=_reworded(task, change, old.user) if own.user is None else own.user,
        system=_reworded(task, change, old.system) if own.system is None else own.system,
        examples=tuple(examples),
    )


def _reworded(task: Task, change: Change, text: str | None) -> Any:
    if text is None:
        return None
    names = list(task.names)
    for name, meaning in change.add.items():
        text = with_name(text, names, name, meaning)
        names.append(name)
    return renamed(text, change.rename, change.keep)


def _samples(task: Task, change: Change) -> tuple[Sample, ...]:
    """Return the change's own samples, then the task's with their answers translated."""
    taken = {one.id for one in change.samples}
    old = (
        Sample(
            one.id,
            one.title,
            one.inputs,
            None if one.expected is None else translated(task, change, one.expected),
            one.note,
        )
        for one in task.samples
        if one.id not in taken
    )
    return (*change.samples, *old)


def _key(example: Example) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(example.inputs.items()))


# ------------------------------------------------------------------ does it make sense?


def _check(task: ChangedTask) -> None:
    change, engineered = task.change, task.prompts.engineered
    new, old = {*change.rename.values(), *change.add}, set(change.rename)
    _check_prose("engineered", engineered, new, old, change)
    if names_in(_prose(task.original.prompts.plain), task.original.names):
        _check_prose("plain", task.prompts.plain, new, old, change)
    used = {name for one in engineered.examples for name in _used(task, one.answer)}
    if still := sorted(used & old):
        raise ValueError(f"a solved example still answers with '{still[0]}'")
    if missing := sorted(set(change.add) - used):
        raise ValueError(f"no solved example answers with '{missing[0]}'")
    wanted = [one.expected for one in change.samples if one.expected is not None]
    for answer in wanted:
        _used(task, answer)
    if change.add and not any(_used(task, answer) & set(change.add) for answer in wanted):
        raise ValueError("no sample of its own expects what is new")


def _check_prose(
    which: str, template: PromptTemplate, new: set[str], old: set[str], change: Change
) -> None:
    prose = _prose(template)
    if missing := sorted(new - names_in(prose, new)):
        raise ValueError(f"the {which} prompt does not name '{missing[0]}': give it an `own_text`")
    if still := sorted(names_in(prose, old, change.keep)):
        raise ValueError(
            f"the {which} prompt still names '{still[0]}': rewrite its `own_text`, or `keep` the phrase"
        )


def _prose(template: PromptTemplate) -> str:
    return f"{template.system or ''}\n{template.user}"


def _used(task: Task, answer: str) -> set[str]:
    """Return the keys or the label that an answer uses.

    Raises:
        ValueError: if the task has no such key or label.
    """
    used: Iterable[str] = json.loads(answer) if task.kind == "extraction" else [answer]
    if foreign := sorted(set(used) - set(task.names)):
        raise ValueError(f"the answer '{answer}' has '{foreign[0]}', which is no name of the task")
    return set(used)
