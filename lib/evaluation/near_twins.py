"""Finds test rows that are almost in the training rows, so that scores can be given without them."""

import re
from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix

from lib.rows import LabelledRow

JACCARD = 0.8
_WORD = re.compile(r"\w+")


def near_twins(rows: Sequence[LabelledRow], training: Sequence[LabelledRow]) -> frozenset[str]:
    """Return the ids of rows whose words are nearly those of a training row.

    Two rows are near twins if the Jaccard similarity of their sets of lower-case words is at
    least 0.8; rows that are equal word for word are among them. Questions are compared by their
    passages: whoever has trained on a passage has seen the answers to other questions on it.
    """
    vocabulary: dict[str, int] = {}
    one, other = _word_sets(rows, vocabulary), _word_sets(training, vocabulary)
    size = len(vocabulary)
    left, right = _matrix(one, size), _matrix(other, size)
    shared = (left @ right.T).tocsr()
    twins = set()
    for index, row in enumerate(rows):
        span = slice(shared.indptr[index], shared.indptr[index + 1])
        columns, counts = shared.indices[span], shared.data[span]
        lengths = np.array([len(other[column]) for column in columns])
        union = len(one[index]) + lengths - counts
        if np.any(counts >= JACCARD * union):
            twins.add(row.id)
    return frozenset(twins)


def _word_sets(rows: Sequence[LabelledRow], vocabulary: dict[str, int]) -> list[set[int]]:
    return [
        {
            vocabulary.setdefault(word, len(vocabulary))
            for word in _WORD.findall(_compared(row).lower())
        }
        for row in rows
    ]


def _compared(row: LabelledRow) -> str:
    return row.inputs.get("context") or " ".join(row.inputs.values())


def _matrix(sets: Sequence[set[int]], size: int) -> csr_matrix:
    """Return a 0/1 matrix of shape (rows, words)."""
    columns = [column for words in sets for column in sorted(words)]
    starts = np.cumsum([0, *(len(words) for words in sets)])
    return csr_matrix(
        (np.ones(len(columns), dtype=np.int32), columns, starts), shape=(len(sets), size)
    )
