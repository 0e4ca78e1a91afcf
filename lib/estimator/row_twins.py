"""Rows that are the same or nearly the same: inside one file, and between training and test.

The same: equal after Unicode folding (NFKC), case folding and joining of white space. Nearly the
same: the sets of words have a Jaccard similarity of at least 0.8, the definition that this project
uses for near twins everywhere. Candidates come from MinHash signatures (Broder 1997, "On the
resemblance and containment of documents") in 16 bands of 4 (Leskovec, Rajaraman & Ullman, "Mining
of Massive Datasets", section 3.4): a pair at 0.8 shares one with a chance of 1 - (1 - 0.8^4)^16 =
99.98 %, and every candidate is checked exactly, so nothing dissimilar is reported. In a band, a row
is compared with the first and the previous row of its bucket only, so the work grows with the
number of rows (and the sorting of their hashes), and a few twins are missed. Text without spaces
between words counts as one word, Chinese and Japanese characters apart.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

JACCARD = 0.8
_BANDS, _ROWS_A_BAND = 16, 4
_SEED = 1
_CHUNK = 100_000  # pairs checked together
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|\w+")


@dataclass(frozen=True)
class RowGroup:
    """Rows that belong together, by number, ascending; the first is the one to keep."""

    rows: tuple[int, ...]


@dataclass(frozen=True)
class Leak:
    """A test row that is in the training rows."""

    test_row: int
    training_row: int
    """The first one that is the same, else the most similar of those compared."""
    similarity: float
    """Jaccard similarity of the two sets of words; 1 where the texts are the same."""


def same_groups(numbers: Sequence[int], keys: Sequence[str]) -> tuple[RowGroup, ...]:
    """Return the groups of two and more rows with an equal key; empty keys are in none."""
    found: dict[str, list[int]] = {}
    for number, key in zip(numbers, keys, strict=True):
        if key:
            found.setdefault(key, []).append(number)
    return tuple(RowGroup(tuple(rows)) for rows in found.values() if len(rows) > 1)


def near_groups(numbers: Sequence[int], texts: Sequence[str]) -> tuple[RowGroup, ...]:
    """Return groups of rows with nearly the same normalised texts; equal texts count once.

    Rows are in one group if a chain of near twins leads from one to the other.
    """
    first: dict[str, int] = {}
    for place, text in enumerate(texts):
        if text:
            first.setdefault(text, place)
    places, words = list(first.values()), _Words(list(first))
    pairs = _candidates(words)
    close = words.similarities(pairs) >= JACCARD
    groups: dict[int, list[int]] = {}
    for place, group in enumerate(_components(len(places), pairs[close])):
        groups.setdefault(group, []).append(numbers[places[place]])
    return tuple(RowGroup(tuple(rows)) for rows in groups.values() if len(rows) > 1)


def find_leaks(
    test: Sequence[tuple[int, str]], training: Sequence[tuple[int, str]]
) -> tuple[Leak, ...]:
    """Return the test rows that the training rows hold too; both are (number, normalised text)."""
    first = {text: number for number, text in reversed(training)}
    leaks = {number: Leak(number, first[text], 1.0) for number, text in test if text in first}
    left = [(number, text) for number, text in test if number not in leaks and text]
    for number, twin, similarity in _near_leaks(left, [(n, text) for text, n in first.items()]):
        if number not in leaks or similarity > leaks[number].similarity:
            leaks[number] = Leak(number, twin, similarity)
    return tuple(leaks[number] for number in sorted(leaks))


def _near_leaks(
    test: list[tuple[int, str]], training: list[tuple[int, str]]
) -> list[tuple[int, int, float]]:
    import numpy as np

    if not test or not training:
        return []
    words = _Words([text for _, text in (*test, *training)])
    found = []
    for keys in words.band_keys():
        order = np.argsort(keys[len(test) :], kind="stable")
        behind = keys[len(test) :][order]
        for side in ("left", "right"):
            place = np.searchsorted(behind, keys[: len(test)], side=side) - (side == "right")
            place = np.clip(place, 0, len(training) - 1)
            hit = behind[place] == keys[: len(test)]
            found.append(np.stack([np.flatnonzero(hit), len(test) + order[place[hit]]], axis=1))
    pairs = _different(found, words)
    alike = words.similarities(pairs)
    return [
        (test[one][0], training[other - len(test)][0], round(float(similarity), 3))
        for (one, other), similarity in zip(pairs.tolist(), alike, strict=True)
        if similarity >= JACCARD
    ]


# ---------------------------------------------------------------- MinHash


class _Words:
    """The sets of words of some texts, as one flat array of word numbers."""

    def __init__(self, texts: Sequence[str]) -> None:
        import numpy as np

        vocabulary: dict[str, int] = {}
        flat: list[int] = []
        sizes = []
        for text in texts:
            words = set(_WORD.findall(text))
            flat.extend(vocabulary.setdefault(word, len(vocabulary)) for word in words)
            sizes.append(len(words))
        self.sizes: Integers = np.array(sizes, dtype=np.int64)
        self._flat: Integers = np.array(flat, dtype=np.int64)
        self._starts: Integers = np.concatenate(([0], np.cumsum(self.sizes)))
        self._vocabulary = len(vocabulary)

    def band_keys(self) -> list["NDArray[np.uint64]"]:
        """Return one hash a text for every band; texts without words get 0."""
        import numpy as np

        chance = np.random.default_rng(_SEED)
        filled = np.flatnonzero(self.sizes)
        keys = []
        for _ in range(_BANDS):
            key = np.zeros(len(self.sizes), dtype=np.uint64)
            for _ in range(_ROWS_A_BAND):
                table = chance.integers(1, 2**32, size=self._vocabulary, dtype=np.uint64)
                if len(filled):
                    least = np.minimum.reduceat(table[self._flat], self._starts[filled])
                    key[filled] = key[filled] * np.uint64(0x9E3779B97F4A7C15) + least
            keys.append(key)
        return keys

    def similarities(self, pairs: "Integers") -> "NDArray[np.float64]":
        """Return the Jaccard similarity of each pair of texts."""
        import numpy as np
        from scipy.sparse import csr_matrix

        matrix: Any = csr_matrix(
            (np.ones(len(self._flat), dtype=np.int64), self._flat, self._starts),
            shape=(len(self.sizes), max(1, self._vocabulary)),
        )
        parts = [np.zeros(0)]
        for start in range(0, len(pairs), _CHUNK):
            one, other = pairs[start : start + _CHUNK].T
            shared = np.asarray(matrix[one].multiply(matrix[other]).sum(axis=1)).ravel()
            parts.append(shared / np.maximum(1, self.sizes[one] + self.sizes[other] - shared))
        return np.concatenate(parts)


def _candidates(words: _Words) -> "Integers":
    """Return pairs of texts that share a bucket: each with the first and the previous one in it."""
    import numpy as np

    found = [np.zeros((0, 2), dtype=np.int64)]
    for keys in words.band_keys():
        order = np.argsort(keys, kind="stable")
        same = keys[order][1:] == keys[order][:-1]
        begins = np.concatenate(([True], ~same)) if len(order) else np.zeros(0, dtype=bool)
        leader = order[np.maximum.accumulate(np.where(begins, np.arange(len(order)), 0))]
        found.append(np.stack([order[:-1][same], order[1:][same]], axis=1))
        found.append(np.stack([leader[1:][same], order[1:][same]], axis=1))
    return _different(found, words)


def _different(found: list["Integers"], words: _Words) -> "Integers":
    """Return every pair once, if both of its texts have words."""
    import numpy as np

    # As one number each: sorting those is many times faster than sorting pairs.
    size = len(words.sizes)
    once = np.unique(np.concatenate([pairs[:, 0] * size + pairs[:, 1] for pairs in found]))
    one, other = once // size, once % size
    both = (words.sizes[one] > 0) & (words.sizes[other] > 0)
    return np.stack([one[both], other[both]], axis=1)


def _components(size: int, pairs: "Integers") -> list[int]:
    """Return the number of each text's group."""
    import numpy as np
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    edges = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(size, size))
    return [int(one) for one in connected_components(edges, directed=False)[1]]
