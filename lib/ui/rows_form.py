"""What every page asks that takes somebody's rows: a paste, which column is what; and who counts."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

import streamlit as st

from lib.estimator.row_tokens import CountTokens, demo_counter
from lib.inference.tokenizer_file import tokenizer_file

FORMATS = ["csv", "tsv", "jsonl", "ndjson", "json"]
"""The files that can be uploaded, by their endings."""

File = tuple[str, bytes]
"""Name and content."""

Columns = tuple[tuple[str, ...], str | None]
"""The chosen input columns, none where they are to be guessed, and the output, likewise."""

_LONGEST = 200_000  # characters of pasted rows


def ask_pasted(
    label: str,
    key: str,
    placeholder: str,
    persist_state: Literal["session"] | None = None,
) -> File | None:
    """Draw a field for rows and return them as a file; None while it is empty."""
    text = st.text_area(
        label,
        key=key,
        max_chars=_LONGEST,
        height=160,
        placeholder=placeholder,
        persist_state=persist_state,
    )
    if not (text or "").strip():
        return None
    name = "pasted.jsonl" if text.lstrip()[:1] in ("{", "[") else "pasted.csv"
    return name, text.encode("utf-8", "replace")


def ask_columns(columns: Sequence[str], key: str, labels: tuple[str, str], guess: str) -> Columns:
    """Draw the choice of columns and return it.

    `key` holds what the file is, so that another file starts with a guess again; `guess` stands
    where nothing is chosen.
    """
    inputs = st.multiselect(labels[0], columns, key=f"{key}_inputs", placeholder=guess)
    places = [-1, *range(len(columns))]  # no names: a column may be called like the guess
    place = st.selectbox(
        labels[1],
        places,
        format_func=lambda one: guess if one < 0 else columns[one],
        key=f"{key}_output",
    )
    return tuple(inputs), None if place < 0 else columns[place]


def fingerprint(files: Iterable[File]) -> str:
    """Return what tells these files from all others."""
    digest = hashlib.sha256()
    for name, data in files:
        digest.update(name.encode("utf-8", "replace") + b"\x00")
        digest.update(data)
    return digest.hexdigest()


def counter() -> CountTokens | None:
    """Return a counter by the demo model's tokenizer; None where that is not there."""
    file = tokenizer_file()
    return demo_counter(file) if file else None


def single_counter() -> Callable[[str], int] | None:
    """Return the same for one text at a time."""
    count = counter()
    return None if count is None else lambda text: count([text])[0]
