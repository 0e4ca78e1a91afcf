"""Which columns of an uploaded file are the input and the output, and each row as those two texts.

Known formats come first, then usual names, then the shape of the columns; the reason is told, so
that a wrong guess can be put right by naming the columns.
"""

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from lib.errors import InputError
from lib.uploads import Fields, Upload

Form = Literal["chat", "columns"]
OutputKind = Literal["labels", "objects", "texts", "none"]

# fmt: off
_INPUT_NAMES = (
    "text", "input", "prompt", "question", "instruction", "message", "query", "utterance",
    "sentence", "request", "content", "body", "review", "comment", "ticket", "email",
    "description", "document", "passage", "context", "title", "subject",
)
_OUTPUT_NAMES = (
    "label", "target_json", "completion", "output", "answer", "answers", "response", "target",
    "class", "category", "intent", "sentiment", "reply", "summary", "translation", "rating",
    "score",
)
LABEL_NAMES = frozenset({"label", "class", "category", "intent", "sentiment", "rating"})
ID_NAMES = frozenset({"id", "idx", "index", "uuid", "key", "row", "number"})
# fmt: on
# Tried in this order: the first whose columns are all there wins.
_FORMATS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("prompt",), "completion"),
    (("context", "question"), "answers"),
    (("context", "question"), "answer"),
    (("instruction", "input"), "output"),
    (("text",), "target_json"),
    (("text",), "label"),
)

_MOST_LABELS = 200
LONGEST_LABEL = 60
"""Characters; what is longer is taken for a text."""
_LOOK_AT = 2_000  # rows, to guess from


@dataclass(frozen=True)
class Roles:
    """What the columns are taken for."""

    form: Form
    inputs: tuple[str, ...]
    output: str | None
    why: str
    """One sentence on how this was decided."""


@dataclass(frozen=True, slots=True)
class RowText:
    """One row as input and output; either may be empty."""

    number: int
    input: str
    output: str

    @property
    def whole(self) -> str:
        """What a model would read in training, without its chat template."""
        return f"{self.input}\n{self.output}" if self.output else self.input


def find_roles(
    upload: Upload, inputs: Sequence[str] | None = None, output: str | None = None
) -> Roles:
    """Return which columns are input and output; `inputs` and `output` override the guess.

    Raises:
        InputError: naming the column that the file does not have, or that is given both ways.
    """
    for one in (*(inputs or ()), *([output] if output else ())):
        if one not in upload.columns:
            raise InputError(
                f"There is no column '{one[:40]}': use {', '.join(upload.columns[:20])}."
            )
    if inputs and output in inputs:
        raise InputError(f"The column '{output}' can't be both input and output: choose two.")
    if inputs:
        return Roles("columns", tuple(inputs), output, "You chose the columns.")
    guess = _by_format(upload) or _by_name(upload) or _by_shape(upload, output)
    if output and output != guess.output:
        left = tuple(one for one in guess.inputs if one != output) or tuple(
            one for one in upload.columns if one != output
        )
        return Roles("columns", left[:1], output, f"You chose the output. {guess.why}")
    return guess


def row_texts(upload: Upload, roles: Roles) -> tuple[RowText, ...]:
    """Return every row as input and output text."""
    if roles.form == "chat":
        return tuple(RowText(one.number, *_chat_texts(one.fields)) for one in upload.rows)
    return tuple(
        RowText(
            one.number,
            "\n".join(filter(None, (shown_text(one.fields.get(name)) for name in roles.inputs))),
            shown_text(one.fields.get(roles.output)) if roles.output else "",
        )
        for one in upload.rows
    )


def output_kind(rows: Sequence[RowText], roles: Roles) -> OutputKind:
    """Return whether the outputs are labels, JSON objects or free texts, judged by the rows.

    Labels are short and repeat: at most 200 different ones, at most one for two rows, none longer
    than 60 characters; under a column called label or the like they need not repeat.
    """
    outputs = [one.output.strip() for one in rows if one.output.strip()]
    if not outputs:
        return "none"
    looked = outputs[:_LOOK_AT]
    if sum(_as_object(one) is not None for one in looked) >= 0.9 * len(looked):
        return "objects"
    different = len(set(outputs))
    named = (roles.output or "").lower() in LABEL_NAMES
    if max(map(len, outputs)) <= LONGEST_LABEL and (
        different <= min(_MOST_LABELS, len(outputs) / 2) or (named and different <= _MOST_LABELS)
    ):
        return "labels"
    return "texts"


def messages_of(fields: Fields) -> list[Any] | None:
    """Return the messages of a chat row, which a CSV cell holds as JSON; None if there is no list."""
    value = fields.get("messages")
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, list) else None


def shown_text(value: Any) -> str:
    """Return a field as text: the first of several answers, the text parts of a content, or JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, list) and value:
        if all(isinstance(one, str) for one in value):
            return str(value[0])
        if all(isinstance(one, dict) and "type" in one for one in value):
            return "\n".join(str(one["text"]) for one in value if isinstance(one.get("text"), str))
    return json.dumps(value, ensure_ascii=False)


def canonical(output: str) -> str:
    """Return an output in a form in which equal answers are equal: keys sorted, spaces joined."""
    value = _as_object(output)
    if value is not None:
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return " ".join(output.split())


def normalised(text: str) -> str:
    """Return a text without differences of case, width and white space."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _as_object(text: str) -> dict[str, Any] | None:
    if not text.lstrip().startswith("{"):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _chat_texts(fields: Fields) -> tuple[str, str]:
    """Return all but the last answer, and that answer; nothing where the row is malformed."""
    messages = [one for one in messages_of(fields) or [] if isinstance(one, dict)]
    answer = ""
    if messages and messages[-1].get("role") == "assistant":
        answer = shown_text(messages.pop().get("content"))
    return "\n".join(filter(None, (shown_text(one.get("content")) for one in messages))), answer


# ---------------------------------------------------------------- guessing


def _by_format(upload: Upload) -> Roles | None:
    if "messages" in upload.columns:
        return Roles(
            "chat",
            ("messages",),
            None,
            "The rows are chats: the last answer is the output, all before it the input.",
        )
    lower = {one.lower(): one for one in upload.columns}
    for inputs, output in _FORMATS:
        if all(one in lower for one in (*inputs, output)):
            names = tuple(lower[one] for one in inputs)
            return Roles("columns", names, lower[output], _named(names, lower[output]))
    return None


def _by_name(upload: Upload) -> Roles | None:
    lower = {one.lower(): one for one in upload.columns}
    source = next((lower[one] for one in _INPUT_NAMES if one in lower), None)
    if source is None:
        return None
    names = (one for one in _OUTPUT_NAMES if one in lower and lower[one] != source)
    output = next((lower[one] for one in names), None)
    if output is None and len(upload.columns) > 1:
        return None  # the shape of the other columns says more
    return Roles("columns", (source,), output, _named((source,), output))


def _named(inputs: tuple[str, ...], output: str | None) -> str:
    source = " and ".join(f"'{one}'" for one in inputs) + (" are" if len(inputs) > 1 else " is")
    if output is None:
        return f"By its name, {source} the input; no column is the output."
    return f"By their names, {source} the input and '{output}' the output."


def _by_shape(upload: Upload, output: str | None) -> Roles:
    """Take the longest texts for the input, and the column that repeats most for the label."""
    looked = upload.rows[:_LOOK_AT]
    values = {
        name: [shown_text(one.fields.get(name)).strip() for one in looked]
        for name in upload.columns
        if name != output and (name.lower() not in ID_NAMES or len(upload.columns) == 1)
    } or {name: [] for name in upload.columns[:1]}
    source = max(values, key=lambda name: sum(map(len, values[name])))
    rest = {name: set(filter(None, values[name])) for name in values if name != source}
    labels = {
        name: len(found)
        for name, found in rest.items()
        if 1 < len(found) <= min(_MOST_LABELS, len(looked) / 2)
        and max(map(len, found)) <= LONGEST_LABEL
    }
    if labels:
        label = min(labels, key=lambda name: labels[name])
        why = (
            f"No column has a usual name: '{source}' holds the longest texts, so it is the input, "
            f"and '{label}' has {labels[label]} different values, so it is the label."
        )
        return Roles("columns", (source,), label, why)
    texts = {name: sum(map(len, values[name])) for name, found in rest.items() if found}
    if texts:
        second = max(texts, key=lambda name: texts[name])
        why = (
            f"No column has a usual name: '{source}' holds the longest texts, so it is the input, "
            f"and '{second}' the next longest, so it is the output."
        )
        return Roles("columns", (source,), second, why)
    return Roles(
        "columns",
        (source,),
        None,
        f"'{source}' holds the longest texts, so it is the input; no column is the output.",
    )
