"""Files that can't be used: one sentence each that says what to do, and never a traceback.

Example run: python -m pytest tests/verdict/test_bad_rows.py -v
"""

import json
import random
from typing import Any

import pytest

from lib.errors import DataError
from lib.rows import as_jsonl
from lib.uploads import read_upload
from lib.verdict.own_rows import understand


def rows(count: int = 30, **fields: Any) -> list[dict[str, Any]]:
    """Return rows of two labels; a field may be a function of the row's number."""
    usual = {"text": lambda n: f"message number {n}", "label": lambda n: ("late", "lost")[n % 2]}
    made = {**usual, **fields}
    return [
        {name: one(n) if callable(one) else one for name, one in made.items()} for n in range(count)
    ]


def as_bytes(records: list[Any]) -> bytes:
    return "\n".join(json.dumps(one) for one in records).encode()


FREE = "A long reply, of which there is no other: number"
PLAIN = "text,label\n" + "".join(f"message {n},{'ab'[n % 2]}\n" for n in range(30))
CHAT = {"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "late"}]}


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        (as_bytes(rows(label="late")), "one.jsonl", "the same label.* add rows with others"),
        (as_bytes(rows(2)), "two.jsonl", "two.jsonl has 2 usable rows and 20 is the least: add"),
        (as_bytes(rows(19)), "few.jsonl", "few.jsonl has 19 usable rows and 20 is the least"),
        (as_bytes(rows(text="x", label="y")), "same.jsonl", "are the same: upload rows that differ"),
        (as_bytes(rows(2_000, label=lambda n: f"class {n % 500}")), "many.jsonl", "500 labels and 50"),
        (as_bytes(rows(text=lambda n: f"{n:04} " * 3_000)), "long.jsonl", "30 of 30 .* 8,000 characters: sh"),
        (as_bytes(rows(text=lambda n: f"{n:04} " * 1_100)), "long.jsonl", "more than 1,024 tokens: sh"),
        (as_bytes(rows(label="")), "empty.jsonl", "Every answer in empty.jsonl is empty .*: fill it"),
        (as_bytes(rows(label=None)), "empty.jsonl", "Every answer in empty.jsonl is empty"),
        (as_bytes(rows(text="  ")), "empty.jsonl", "its text is empty: fill them"),
        (as_bytes([*rows(), CHAT]), "mixed.jsonl", "row 1 has text and label, row 31 has messages; w"),
        (
            as_bytes([*rows(), {"text": "a", "target_json": {"b": "c"}}]),
            "mixed.jsonl",
            "row 31 has text and target_json; write all rows in one",
        ),
        (
            as_bytes([{"prompt": f"{n}", "completion": ("late", '{"a": "b"}')[n % 2]} for n in range(30)]),
            "mixed.jsonl",
            "15 answers are JSON objects and 15 are not; write",
        ),
        (PLAIN.encode() + b"caf\xe9,a\n", "latin.csv", "line 32 is not UTF-8 text: save"),
        (PLAIN.encode("utf-16"), "wide.csv", "UTF-16 text: save it as UTF-8"),
        (b"PK\x03\x04" + b"\x00" * 99, "sheet.csv", "a zip archive: unpack"),
        (b"\xd0\xcf\x11\xe0" + b"\x00" * 99, "sheet.csv", "an old Excel or Word file: export"),
        (PLAIN.encode() + b"a\x00b,a\n", "nul.csv", "line 32 holds a zero byte"),
        (as_bytes(rows(5_001)), "big.jsonl", "big.jsonl has 5,001 rows and 5,000 is the most: upload"),
        (as_bytes(rows(25, text="x" * 90_000)) * 3, "big.jsonl", "no JSON"),
        (as_bytes(rows(60, text=lambda n: f"{n} " + "x" * 90_000)), "big.jsonl", "5.4 MB and 5 MB is"),
        (as_bytes([{"text": f"a {n}"} for n in range(30)]), "bare.jsonl", "No column of bare.jsonl"),
        (
            as_bytes([{"prompt": f"{n}", "completion": f"{FREE} {n}"} for n in range(60)]),
            "free.jsonl",
            "free texts, and only labels, JSON objects and phrases",
        ),
        (
            as_bytes([{"text": f"{n}", "label": f"An essay. {n} " * 9} for n in range(60)]),
            "free.jsonl",
            "free texts",
        ),
        (as_bytes(rows(20, label=lambda n: f"class {n}")), "thin.jsonl", "at least two labels 3 rows"),
        (
            as_bytes([{"text": f"{n}", "target_json": {}} for n in range(30)]),
            "none.jsonl",
            "Every answer is {}: at least one row must have a key",
        ),
        (
            as_bytes([{"text": f"{n}", "target_json": {f"key {n}": "a"}} for n in range(31)]),
            "keys.jsonl",
            "31 keys and 30 is the most: leave out",
        ),
        (
            as_bytes([{"context": "Blue.", "question": f"{n}?", "answers": "Blue"} for n in range(30)]),
            "one.jsonl",
            "at least three passages that differ",
        ),
        (as_bytes([{"messages": "none"}] * 30), "chat.jsonl", "'messages' must be a list of objects: mend"),
        (as_bytes([[1, 2]] * 30), "lists.jsonl", "line 1 is a list and no object"),
        (b"", "nothing.csv", "nothing.csv is empty"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_gets_one_sentence(data: bytes, name: str, says: str) -> None:
    with pytest.raises(DataError, match=says) as told:
        understand(read_upload(data, name))

    sentence = str(told.value)
    assert "\n" not in sentence
    assert len(sentence) < 300


def test_a_column_that_is_not_there_is_named() -> None:
    with pytest.raises(DataError, match="There is no column 'nope': use text, label"):
        understand(read_upload(PLAIN.encode(), "rows.csv"), ["nope"])


def test_exactly_as_many_rows_as_allowed_are_taken() -> None:
    assert len(understand(read_upload(as_bytes(rows(5_000)), "rows.jsonl")).rows) == 5_000


VALUES: tuple[Any, ...] = (
    None, "", " ", "late", "lost", 0, 1, -1.5, 1e300, True, [], {}, [[]], ["a"], ["a", "b"], [None],
    {"text": ["a"]}, {"a": "b"}, {"a": {"b": []}}, '{"a": 1}', "{", "[1,", "[1, 2]", "{'a'}", "\x00",
    "<|im_end|>", "{text}", "{0}", "%s", "\u2028", "😀", "x" * 2_000, "\\ud800", '{"a": "\\udfff"}',
    [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}], "a" * 61, "[{(" * 50,
    "{1, 2}", "[b'a']", "[0x" + "f" * 5_000 + "]", "nan", '{"a": NaN}',
)  # fmt: skip
NAMES = (
    "text", "label", "target_json", "context", "question", "answers", "answer", "messages",
    "prompt", "completion", "id", "", " ", "Größe", "a" * 300,
)  # fmt: skip


@pytest.mark.parametrize("seed", range(120))
def test_no_file_of_odd_values_ends_in_a_traceback(seed: int) -> None:
    rng = random.Random(seed)
    names = rng.sample(NAMES, rng.randint(1, 4))
    choice = rng.sample(VALUES, rng.randint(1, 6))
    records = [
        {name: rng.choice([*choice, f"words {n}"]) for name in names if rng.random() < 0.95}
        or {"a": 1}
        for n in range(40)
    ]
    found, problem = None, ""
    try:
        found = understand(read_upload(as_bytes(records), "rows.jsonl"))
    except DataError as error:
        problem = str(error)

    assert "\n" not in problem
    if found is None:
        assert problem.endswith(".")
    else:
        assert len(found.rows) + len(found.left_out) == 40
        as_jsonl(found.rows).encode()
