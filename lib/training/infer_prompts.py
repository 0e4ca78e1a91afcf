"""The three prompts of a task that nobody wrote a `task.yaml` for, from its labels or keys alone.

Labels and keys are somebody's own words, so nothing is filled into what they stand in: a label
that is called `{text}` stays one.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lib.columns import LONGEST_LABEL
from lib.inference.phrases import places
from lib.task import INPUT_FIELDS, Prompts, PromptTemplate

MOST_CHOICES = 20
ROWS_A_CHOICE = 3
_LOOK_AT = 500
"""Rows in which values are looked for in their texts: about a tenth of a second for four keys."""

_PLACEHOLDERS = tuple(f"{{{field}}}" for fields in INPUT_FIELDS.values() for field in fields)


@dataclass(frozen=True, slots=True)
class KeyUse:
    """What the rows show of one key of an answer."""

    name: str
    choices: tuple[str, ...]
    """Its values where they are a small fixed set, else none."""
    copied: bool
    """Whether its values mostly stand in the text word for word."""
    always: bool
    """Whether every answer has it."""

    @property
    def meaning(self) -> str:
        """What belongs there, for people."""
        if self.choices:
            return f"one of {', '.join(self.choices)}"
        return self.name.replace("_", " ")


def key_uses(answered: Sequence[tuple[str, Mapping[str, str]]]) -> tuple[KeyUse, ...]:
    """Return what texts and their answers show of each key, in the order of their appearance.

    A key has a fixed set of values if it has at most 20 of them, on average three rows or more
    for each, and less than half of its values stand in their texts.
    """
    names = dict.fromkeys(key for _, answer in answered for key in answer)
    return tuple(_key_use(name, answered) for name in names)


def _key_use(name: str, answered: Sequence[tuple[str, Mapping[str, str]]]) -> KeyUse:
    given = [(text, answer[name]) for text, answer in answered if name in answer]
    counts = Counter(value for _, value in given)
    looked = given[:: max(1, len(given) // _LOOK_AT)]
    copied = 2 * sum(bool(places(value, text)) for text, value in looked) >= len(looked)
    fixed = (
        not copied
        and len(counts) <= MOST_CHOICES
        and len(given) >= ROWS_A_CHOICE * len(counts)
        and max(map(len, counts)) <= LONGEST_LABEL
    )
    choices = tuple(sorted(counts)) if fixed else ()
    return KeyUse(name, choices, copied, always=len(given) == len(answered))


def label_prompts(labels: Sequence[str]) -> Prompts:
    """Return prompts that ask for one of the labels."""
    asked = f"Which of these labels fits the text: {_listed(labels)}?"
    system = (
        "You sort texts by label. These are the labels, one on each line:\n"
        + "\n".join(labels)
        + "\nAnswer with the label that fits the text best, written exactly as above, and with "
        "nothing else."
    )
    return Prompts(
        _asking(asked, "{text}"),
        PromptTemplate(user="{text}", system=system),
        PromptTemplate(user="{text}"),
    )


def key_prompts(keys: Sequence[KeyUse]) -> Prompts:
    """Return prompts that ask for a JSON object with the keys; fixed values are listed."""
    asked = f"Extract {_listed([one.name for one in keys])} from this text as JSON."
    system = "\n".join(
        [
            "You turn a text into one line of JSON. Its keys, and what belongs to each:",
            *map(_described, keys),
            _left_out(keys),
            "Write the JSON and nothing else.",
        ]
    )
    return Prompts(
        _asking(asked, "{text}"),
        PromptTemplate(user="{text}", system=system),
        PromptTemplate(user="{text}"),
    )


def question_prompts() -> Prompts:
    """Return prompts that ask for a phrase of the passage."""
    body = "Passage: {context}\n\nQuestion: {question}"
    system = (
        "You answer questions about a passage. Copy the shortest phrase of the passage that answers "
        "the question, and write nothing else."
    )
    return Prompts(
        _asking("Answer the question with a short phrase from the passage.", body),
        PromptTemplate(user=body, system=system),
        PromptTemplate(user=body),
    )


def _listed(names: Sequence[str]) -> str:
    return ("; " if any("," in one for one in names) else ", ").join(names)


def _asking(instruction: str, body: str) -> PromptTemplate:
    """Return a prompt that begins with an instruction.

    The user's turn is what inputs are filled into. An instruction that looks like a place for one
    goes into the system turn, where it stays as it is.
    """
    if any(one in instruction for one in _PLACEHOLDERS):
        return PromptTemplate(user=body, system=instruction)
    return PromptTemplate(user=f"{instruction}\n\n{body}")


def _described(key: KeyUse) -> str:
    name = _quoted(key.name)
    if key.choices:
        return f"{name}: one of {', '.join(map(_quoted, key.choices))}"
    if key.copied:
        return f"{name}: copied word for word from the text"
    return f"{name}: what the text says about it, in short"


def _left_out(keys: Sequence[KeyUse]) -> str:
    if all(one.always for one in keys):
        return "Write every key, in this order, and no other."
    always = [_quoted(one.name) for one in keys if one.always]
    if not always:
        return (
            "Leave out every key that the text does not mention, and add no other. "
            "If none is left, write {}."
        )
    return (
        f"Always write {' and '.join(always)}. Leave out every other key that the text does not "
        "mention, and add none."
    )


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
