"""Scores one answer against the known one.

Extraction: exact match of the parsed object (order of keys ignored) and F1 over key and value
pairs. Question answering: exact match and F1 over words, with the normalisation of SQuAD
(Rajpurkar et al., 2016): lower case, no punctuation, no articles. Classification: equal or not.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from lib.inference.parsing import Answer
from lib.inference.phrases import normalise
from lib.rows import Target
from lib.task import Task


@dataclass(frozen=True, slots=True)
class RowScore:
    """What one answer earned. Pairs are counted for extraction; `f1` is set for question answering."""

    correct: bool
    valid: bool
    pairs_right: int = 0
    pairs_given: int = 0
    pairs_wanted: int = 0
    f1: float = 0.0


def score_row(task: Task, answer: Answer | None, target: Target) -> RowScore:
    """Return the score of a parsed answer; `None` (nothing valid was written) is wrong."""
    valid = answer is not None
    if task.kind == "extraction":
        assert isinstance(target, dict)
        given = answer if isinstance(answer, dict) else {}
        right = len(given.items() & target.items())
        return RowScore(valid and given == target, valid, right, len(given), len(target))
    if task.kind == "classification":
        return RowScore(valid and answer == target, valid)
    assert isinstance(target, tuple)
    text = answer if isinstance(answer, str) else ""
    exact = valid and any(normalise(text) == normalise(phrase) for phrase in target)
    f1 = max(word_f1(text, phrase) for phrase in target) if valid else 0.0
    return RowScore(exact, valid, f1=f1)


def commonest_share(targets: Sequence[Target]) -> float:
    """Return the share of rows that the best answer gets right that is the same for all; 4 digits."""
    return round(Counter(map(str, targets)).most_common(1)[0][1] / len(targets), 4)


def field_f1(right: int, given: int, wanted: int) -> float:
    """Return the F1 over key and value pairs of many rows; 1 where there was nothing to find."""
    return 2 * right / (given + wanted) if given + wanted else 1.0


def word_f1(given: str, wanted: str) -> float:
    """Return the F1 over the words of two phrases, as SQuAD counts it."""
    given_words, wanted_words = normalise(given).split(), normalise(wanted).split()
    if not given_words or not wanted_words:
        return float(given_words == wanted_words)
    shared = sum((Counter(given_words) & Counter(wanted_words)).values())
    return 2 * shared / (len(given_words) + len(wanted_words))
