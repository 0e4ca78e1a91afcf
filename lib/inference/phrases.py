"""Compares short answers as SQuAD does, and finds where they stand in a passage."""

import re
import string

from lib.inference.parsing import Answer
from lib.task import Task

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)

_AROUND = string.punctuation + string.whitespace + "“”\u2018\u2019"

Span = tuple[int, int]
"""Where a stretch of a text begins and ends, as in `text[begin:end]`."""


def normalise(text: str) -> str:
    """Return text as SQuAD compares it (Rajpurkar et al., 2016).

    Lower case, no punctuation, no articles, one space between words.
    """
    bare = text.lower().translate(_PUNCTUATION)
    return " ".join(_ARTICLES.sub(" ", bare).split())


def is_expected(task: Task, answer: Answer | None, expected: Answer) -> bool:
    """Return whether an answer is the known one; phrases are compared as the measured scores do it."""
    if task.kind == "question_answering" and isinstance(answer, str) and isinstance(expected, str):
        return normalise(answer) == normalise(expected)
    return answer == expected


def places(phrase: str, passage: str) -> list[Span]:
    """Return where a phrase stands in a passage as whole words, in any case and white space.

    A full stop or quotation marks around the phrase need not stand there.
    """
    for wanted in (phrase.strip(), phrase.strip(_AROUND)):
        if found := _places(wanted, passage):
            return found
    return []


def _places(phrase: str, passage: str) -> list[Span]:
    if not phrase:
        return []
    words = r"\s+".join(map(re.escape, phrase.split()))
    before = r"(?<!\w)" if re.match(r"\w", phrase) else ""
    after = r"(?!\w)" if re.search(r"\w$", phrase) else ""
    return [one.span() for one in re.finditer(f"{before}{words}{after}", passage, re.IGNORECASE)]
