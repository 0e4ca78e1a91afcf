"""One answer as somebody wrote it into a file -> as this project trains and measures it."""

import ast
import json
import math
from typing import Any

from lib.columns import LONGEST_LABEL, shown_text

Found = str | dict[str, str] | tuple[str, ...]


class Unusable(Exception):
    """A row that has to be left out; the text says why."""


EMPTY_ANSWER = "its answer is empty"


def check_text(text: str) -> str:
    """Return the text as it is.

    Raises:
        Unusable: if it holds a zero or half of a character, which JSON inside a cell can spell out.
    """
    if "\x00" in text:
        raise Unusable("it holds a zero character")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Unusable("it holds half of a character (a surrogate)") from error
    return text


def label_of(value: Any) -> str:
    """Return a label: any scalar as text, its white space joined.

    Raises:
        Unusable: if it is empty, too long, a list of several, or an object.
    """
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, list) and value:
        raise Unusable("it has several labels and one is needed")
    if isinstance(value, dict) or as_object(value) is not None:
        raise Unusable("its answer is a JSON object and those of other rows are labels")
    label = " ".join(check_text(shown_text(value) if value != [] else "").split())
    if not label:
        raise Unusable(EMPTY_ANSWER)
    if len(label) > LONGEST_LABEL:
        raise Unusable(f"its answer has more than {LONGEST_LABEL} characters, which no label has")
    return label


def object_of(value: Any) -> dict[str, str]:
    """Return an object whose values are texts; keys without a value are dropped.

    Numbers, true and false become text as one writes them in JSON.

    Raises:
        Unusable: if it is empty or no object, or a key or value can't be used.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        raise Unusable(EMPTY_ANSWER)
    found = as_object(value)
    if found is None:
        raise Unusable("its answer is no JSON object")
    answer = {}
    for key, one in found.items():
        name = check_text(key).strip()
        if not name or len(name) > LONGEST_LABEL:
            raise Unusable(
                f"a key of its answer is empty or longer than {LONGEST_LABEL} characters"
            )
        if name in answer:
            raise Unusable("a key of its answer comes twice")
        if text := _scalar(one):
            answer[name] = text
    return answer


def _scalar(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return check_text(value).strip()
    if isinstance(value, dict | list):
        raise Unusable("its answer holds a list or an object inside the object")
    if isinstance(value, float) and not math.isfinite(value):
        raise Unusable("its answer holds a number that is not finite")
    return json.dumps(value)


def phrases_of(value: Any) -> tuple[str, ...]:
    """Return the accepted phrases of a question, each once and on one line.

    They may come as a text, a list, SQuAD's `{"text": [...]}`, or either written into a cell.

    Raises:
        Unusable: if there is none, or they are of another form.
    """
    if isinstance(value, str) and value.lstrip()[:1] in ("[", "{"):
        value = _from_cell(value)
    if isinstance(value, dict):
        value = value.get("text")
    given = value if isinstance(value, list) else [value]
    phrases: dict[str, None] = {}
    for one in given:
        if isinstance(one, dict):  # a list of SQuAD's {"text", "answer_start"}
            one = one.get("text")
        if isinstance(one, dict | list):
            raise Unusable("its answers are no list of phrases")
        phrases[" ".join(check_text(shown_text(one)).split())] = None
    phrases.pop("", None)
    if not phrases:
        raise Unusable(EMPTY_ANSWER)
    return tuple(phrases)


def _from_cell(text: str) -> Any:
    """Return what a cell spells out, as JSON or as Python writes lists; else the text itself."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return _from_python(text)


def _from_python(text: str) -> Any:
    try:
        # Through JSON, which has no sets, bytes or endless numbers.
        return json.loads(json.dumps(ast.literal_eval(text)))
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return text


def as_object(value: Any) -> dict[str, Any] | None:
    """Return an object, or what a text spells out if that is one; None for all else."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            value = json.loads(value, object_pairs_hook=_unique)
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, dict) else None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build an object, refusing a key that comes twice: nobody knows which one is meant."""
    if len(found := dict(pairs)) != len(pairs):
        raise ValueError("a key comes twice")
    return found
