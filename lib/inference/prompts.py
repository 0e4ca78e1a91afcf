"""From a task and what somebody typed to the chat messages that are sent.

Plain strings only: this module knows no tokenizer. The user's text is put in last and in one
pass, so braces, JSON or placeholders inside it stay as they are.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict

from lib.errors import InputError
from lib.inference.conditions import Condition
from lib.task import PromptTemplate, Task

Message = dict[str, str]

_SAID = {"context": "passage"}
"""What people call an input, where its name is another."""

_PLACEHOLDER = re.compile(r"\{(text|context|question)\}")


def clean_inputs(task: Task, inputs: Mapping[str, str]) -> dict[str, str]:
    """Return the task's inputs without surrounding white space, ready to be sent.

    Lone surrogates (half an emoji, from a broken paste) become the replacement character, because
    no tokenizer can encode them.

    Raises:
        InputError: if an input is missing, empty, or longer than the task allows.
    """
    clean = {}
    for field in task.input_fields:
        said = _SAID.get(field, field)
        text = _without_lone_surrogates(inputs.get(field, "")).strip()
        if not text:
            raise InputError(f"The {said} is empty: type something or pick a sample.")
        if len(text) > task.max_characters:
            raise InputError(
                f"The {said} has {len(text):,} characters and this task takes "
                f"{task.max_characters:,} at most: please shorten it."
            )
        clean[field] = text
    return clean


def build_messages(template: PromptTemplate, inputs: Mapping[str, str]) -> list[Message]:
    """Return the chat: a system turn if the template has one, the solved examples, the question."""
    messages: list[Message] = []
    if template.system is not None:
        messages.append({"role": "system", "content": template.system.strip()})
    for example in template.examples:
        messages.append({"role": "user", "content": _fill(template.user, example.inputs)})
        messages.append({"role": "assistant", "content": example.answer})
    messages.append({"role": "user", "content": _fill(template.user, inputs)})
    return messages


def template_for(task: Task, condition: Condition) -> PromptTemplate:
    """Return the prompt template that a condition uses."""
    template: PromptTemplate = getattr(task.prompts, condition.prompt)
    return template


def fingerprint(template: PromptTemplate) -> str:
    """Return the SHA-256 of a template, so that results can name the prompt they were measured with."""
    text = json.dumps(asdict(template), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _without_lone_surrogates(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _fill(template: str, inputs: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: inputs[found.group(1)], template.strip())
