"""Tokens of rows: counted by the demo model's tokenizer, or estimated from characters.

Counts cover the texts alone. A chat template adds to them: 5 tokens a message in the demo model's
(counted), 3 a message and 3 a chat in OpenAI's (its cookbook, Chat_finetuning_data_prep). Other
models' tokenizers differ by what `content/facts/tokenizer_ratios.csv` holds, measured on English.
"""

import heapq
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass as checked_dataclass

from lib.columns import RowText
from lib.errors import ContentError, DataError
from lib.files import read_csv, shown_path
from lib.paths import CONTENT

CountTokens = Callable[[Sequence[str]], Sequence[int]]
"""Texts -> tokens in each."""

MOST_COUNTED = 20_000
"""Above this many rows, counts come from a random sample of this size."""
MOST_CHARACTERS = 10_000_000
"""Where the rows hold more than this, the sample is so much smaller: counting ten million takes
about five seconds on two threads."""
_LEAST_COUNTED = 500
_BATCH = 500_000
"""Characters that the tokenizer gets at once: what it gives back takes many times their memory."""
LONGEST_SHOWN = 10
CHARACTERS_PER_TOKEN = 4
CHARACTERS_RANGE = 0.25
"""Half-width of the range of an estimate from characters. Against the demo model's tokenizer, 4
characters a token gave 4 to 16 % too many on English prose and questions, 8 and 10 % too few on
Markdown and code, 18 % on short messages, and 41 % on compact JSON, which is outside the range
(column characters_per_demo_token of tokenizer_ratios.csv). Other languages were not measured."""

_Name = Annotated[str, Field(min_length=1)]


@checked_dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class TokenizerRatio:
    """Tokens of one tokenizer over tokens of the demo model's, on the same texts."""

    tokenizer: _Name
    texts: _Name
    rows: Annotated[int, Field(gt=0)]
    characters_per_demo_token: Annotated[float, Field(gt=0)]
    ratio: Annotated[float, Field(gt=0, lt=10)]
    source: _Name
    checked_on: date


@dataclass(frozen=True)
class LongRow:
    """A row with many tokens."""

    row: int
    tokens: int


@dataclass(frozen=True)
class TokenCounts:
    """Tokens of all rows together and of a single one."""

    total: int
    low: int
    """Of the total: what the sample or the estimate from characters leaves open."""
    high: int
    input_total: int
    output_total: int
    mean: float
    median: float
    p95: float
    """95 % of the rows have at most this many."""
    longest: tuple[LongRow, ...]
    counted_rows: int
    seed: int | None
    """Of the sample; None where every row was counted."""
    method: str
    """One sentence on where the counts come from."""
    other_low: int
    """The total by other models' tokenizers."""
    other_high: int

    @property
    def others(self) -> str:
        """One sentence on what other models' tokenizers would count, and what that rests on."""
        ratios = load_ratios()
        names = ", ".join(dict.fromkeys(one.tokenizer for one in ratios))
        least, most = (f(one.ratio for one in ratios) for f in (min, max))
        return (
            f"Other models' tokenizers: {self.other_low:,} to {self.other_high:,}; on English texts, "
            f"code and JSON they gave {least:.2f} to {most:.2f} times as many ({names}; measured by "
            f"{max(one.checked_on for one in ratios)})."
        )


@cache
def load_ratios(
    path: Path = CONTENT / "facts" / "tokenizer_ratios.csv",
) -> tuple[TokenizerRatio, ...]:
    """Return what other tokenizers made of the same texts.

    Raises:
        ContentError: naming file, line and field.
    """
    rows = tuple(read_csv(path, TokenizerRatio))
    if not rows:
        raise ContentError(f"{shown_path(path)} holds no rows.")
    return rows


@cache
def demo_counter(tokenizer_json: Path) -> CountTokens:
    """Return a counter that uses a `tokenizer.json` file, special tokens left out.

    Raises:
        DataError: if there is no such file, or it is no tokenizer.
    """
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(tokenizer_json))
    except Exception as error:  # the library raises bare Exception
        raise DataError(
            f"{tokenizer_json.name} can't be read as a tokenizer: run `make setup` again."
        ) from error
    tokenizer.no_truncation()
    tokenizer.no_padding()

    def count(texts: Sequence[str]) -> Sequence[int]:
        return [
            len(one)
            for batch in _batches(texts)
            for one in tokenizer.encode_batch_fast(batch, add_special_tokens=False)
        ]

    return count


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    """Yield the texts in order, so many at once that they stay small together."""
    batch: list[str] = []
    size = 0
    for one in texts:
        batch.append(one)
        size += len(one)
        if size >= _BATCH:
            yield batch
            batch, size = [], 0
    yield batch


def count_tokens(rows: Sequence[RowText], count: CountTokens | None, seed: int = 1) -> TokenCounts:
    """Return the tokens of some rows, of which there is at least one.

    Without `count`, a token is 4 characters, within 25 %. Above 20,000 rows, mean, median and 95 %
    point are those of a random sample of 20,000, or of fewer where they are so long that these
    would hold more than ten million characters; the total is the sample's tokens a character
    times all characters (a ratio estimator: Cochran 1977, "Sampling Techniques", chapter 6), and
    its range two standard errors of that. The longest rows are sought among those with the most
    characters.
    """
    chosen = list(rows)
    drawn = _sample_size(rows, count)
    sampled = drawn < len(rows)
    if sampled:
        chosen = random.Random(seed).sample(chosen, drawn)
    by_length = heapq.nlargest(10 * LONGEST_SHOWN, rows, key=_length)
    inputs, outputs = _counts(chosen, count)
    both = [one + other for one, other in zip(inputs, outputs, strict=True)]
    scale_in, scale_out = (
        _scale(part, chosen, rows, side) for part, side in ((inputs, "input"), (outputs, "output"))
    )
    total = scale_in + scale_out
    error = _sampling_error(both, chosen, len(rows)) if sampled else 0.0
    if count is None:
        error = max(error, CHARACTERS_RANGE * total)
    ratios = [1.0, *(one.ratio for one in load_ratios())]
    low, high = max(0.0, total - error), total + error
    ordered = sorted(both)
    return TokenCounts(
        total=round(total),
        low=round(low),
        high=round(high),
        input_total=round(scale_in),
        output_total=round(scale_out),
        mean=sum(both) / len(both),
        median=_point(ordered, 0.5),
        p95=_point(ordered, 0.95),
        longest=_longest(by_length, count),
        counted_rows=len(chosen),
        seed=seed if sampled else None,
        method=_method(count, drawn if sampled else None, seed),
        other_low=round(low * min(ratios)),
        other_high=round(high * max(ratios)),
    )


def _sample_size(rows: Sequence[RowText], count: CountTokens | None) -> int:
    """Return how many rows are counted; an estimate from characters costs nothing, however long."""
    most = min(len(rows), MOST_COUNTED)
    characters = sum(map(_length, rows))
    if count is None or characters <= MOST_CHARACTERS:
        return most
    affordable = len(rows) * MOST_CHARACTERS // characters
    return min(most, max(_LEAST_COUNTED, affordable))


def _length(row: RowText) -> int:
    return len(row.input) + len(row.output)


def _counts(rows: Sequence[RowText], count: CountTokens | None) -> tuple[list[float], list[float]]:
    if count is None:
        per = CHARACTERS_PER_TOKEN
        return [len(one.input) / per for one in rows], [len(one.output) / per for one in rows]
    return (
        [float(one) for one in count([one.input for one in rows])],
        [float(one) for one in count([one.output for one in rows])],
    )


def _scale(
    counts: Sequence[float], chosen: Sequence[RowText], rows: Sequence[RowText], side: str
) -> float:
    """Return the tokens of one side of all rows, from those of the chosen ones."""
    if len(chosen) == len(rows):
        return sum(counts)
    seen = sum(len(getattr(one, side)) for one in chosen)
    every = sum(len(getattr(one, side)) for one in rows)
    return sum(counts) * every / seen if seen else 0.0


def _sampling_error(counts: Sequence[float], chosen: Sequence[RowText], size: int) -> float:
    """Return two standard errors of the total, by the ratio of tokens to characters."""
    lengths = [_length(one) for one in chosen]
    ratio = sum(counts) / max(1, sum(lengths))
    spread = sum((t - ratio * c) ** 2 for t, c in zip(counts, lengths, strict=True))
    drawn = len(chosen)
    return float(2 * size * (spread / (drawn - 1) / drawn * (1 - drawn / size)) ** 0.5)


def _point(ordered: Sequence[float], share: float) -> float:
    """Return the point below which a share of the values lies, between neighbours in proportion."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def _longest(rows: Sequence[RowText], count: CountTokens | None) -> tuple[LongRow, ...]:
    inputs, outputs = _counts(rows, count)
    found = [
        LongRow(row.number, round(one + other))
        for row, one, other in zip(rows, inputs, outputs, strict=True)
    ]
    return tuple(sorted(found, key=lambda one: (-one.tokens, one.row))[:LONGEST_SHOWN])


def _method(count: CountTokens | None, drawn: int | None, seed: int) -> str:
    if count is None:
        how = f"Estimated at {CHARACTERS_PER_TOKEN} characters a token, give or take 25 %"
    else:
        how = "Counted with the demo model's tokenizer"
    where = f"on {drawn:,} rows drawn at random (seed {seed})" if drawn else "on every row"
    return f"{how}, {where}; chat templates add 3 to 5 tokens a message."
