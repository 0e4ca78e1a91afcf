"""Reads published data files: each reader returns all rows of one file, cleaned and labelled.

A reader knows the form of a file and nothing of the rows that the project chose from it.
"""

import csv
import html
import io
import json
from collections.abc import Callable, Mapping
from typing import Any

from lib.errors import DataError

Record = dict[str, Any]
"""Fields of a row: texts, and for questions a list of `answers`."""


def restaurant8k(name: str, text: str, teams: Mapping[str, str]) -> list[Record]:
    """Return the rows of RESTAURANTS-8K: the text as it is, the labelled spans as a JSON object.

    A span that starts at 0 has no `startIndex` in the published file.
    """
    return [_restaurant8k_row(row) for row in _json(name, text, list)]


def banking77(name: str, text: str, teams: Mapping[str, str]) -> list[Record]:
    """Return the rows of BANKING77: CSV with `text` and `category`, which one of `teams` answers."""
    return [
        {"text": clean(row["text"]), "label": teams[row["category"]]}
        for row in csv.DictReader(io.StringIO(text, newline=""))
    ]


def clinc150(name: str, text: str, teams: Mapping[str, str]) -> dict[str, list[Record]]:
    """Return the rows of CLINC150 by split: JSON lists of [text, intent].

    An intent that no team answers keeps its name.
    """
    return {
        split: [{"text": clean(said), "label": teams.get(intent, intent)} for said, intent in rows]
        for split, rows in _json(name, text, dict).items()
    }


def uci_sentences(name: str, text: str, teams: Mapping[str, str]) -> list[Record]:
    """Return the rows of a Sentiment Labelled Sentences file: sentence, tab, 1 or 0 on each line.

    The domain is the beginning of the file's name.
    """
    # Not splitlines: one file holds control characters that it takes for ends of lines.
    lines = [line.rpartition("\t") for line in text.split("\n") if line.strip()]
    return [
        {
            "text": clean(sentence),
            "label": {"1": "positive", "0": "negative"}[mark.strip()],
            "domain": name.partition("_")[0],
        }
        for sentence, _, mark in lines
    ]


def clothing_reviews(name: str, text: str, teams: Mapping[str, str]) -> list[Record]:
    """Return the rows of Women's E-Commerce Clothing Reviews: CSV with `Review Text` and `Rating`.

    One and two stars are negative, three are neutral, four and five are positive.
    """
    stars = {"1": "negative", "2": "negative", "3": "neutral", "4": "positive", "5": "positive"}
    return [
        {"text": clean(row["Review Text"]), "label": stars[row["Rating"]]}
        for row in csv.DictReader(io.StringIO(text, newline=""))
    ]


def squadshifts(name: str, text: str, teams: Mapping[str, str]) -> list[Record]:
    """Return the rows of a SquadShifts file, which has the form of SQuAD 1.1.

    A question that comes again on the same passage counts once, under its first id, with the
    answers of all. The domain is the beginning of the file's name.
    """
    merged: dict[tuple[str, str], Record] = {}
    for row in _squad(name, text):
        first = merged.setdefault((row["context"], row["question"]), row)
        if first is not row:
            first["answers"] += row["answers"]
    domain = name.partition("_v")[0]
    return [{**row, "domain": domain} for row in merged.values()]


def xquad(name: str, text: str, teams: Mapping[str, str]) -> list[Record]:
    """Return the rows of an XQuAD file, which has the form of SQuAD 1.1."""
    return _squad(name, text)


Reader = Callable[[str, str, Mapping[str, str]], "list[Record] | dict[str, list[Record]]"]
"""From a file's name, its text and the team of each intent to its rows, or to its rows by split.

Readers raise DataError where the form is wrong as a whole, and let the errors of odd rows through.
"""

READERS: dict[str, Reader] = {
    reader.__name__: reader
    for reader in (
        restaurant8k,
        banking77,
        clinc150,
        uci_sentences,
        clothing_reviews,
        squadshifts,
        xquad,
    )
}


def clean(text: str) -> str:
    """Return a text with HTML entities undone and every run of white space as one space.

    Control characters that stand where Windows-1252 has a sign become that sign.
    """
    # Before white space: Python counts one of them, the ellipsis, as a line's end.
    return " ".join(_undone(text).split())


def _undone(text: str) -> str:
    return html.unescape(text).translate(_CP1252)


_CP1252 = {
    code: bytes([code]).decode("cp1252")
    for code in range(0x80, 0xA0)
    if code not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)  # not assigned
}


def _json(name: str, text: str, kind: type) -> Any:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{name} is not JSON.") from error
    if not isinstance(data, kind):
        form = "a list of rows" if kind is list else "an object of lists of rows"
        raise DataError(f"{name} is not {form}.")
    return data


def _squad(name: str, text: str) -> list[Record]:
    """Return the questions of a file of SQuAD's form in their order.

    White space inside a passage stays, for its answers are cut out of it.
    """
    return [
        {
            "id": question["id"],
            "context": _undone(paragraph["context"]).rstrip(),
            "question": clean(question["question"]),
            "answers": [_undone(answer["text"]).strip() for answer in question["answers"]],
        }
        for article in _json(name, text, dict)["data"]
        for paragraph in article["paragraphs"]
        for question in paragraph["qas"]
    ]


def _restaurant8k_row(published: Any) -> Record:
    text = published["userInput"]["text"]
    slots = {
        label["slot"]: text[
            label["valueSpan"].get("startIndex", 0) : label["valueSpan"]["endIndex"]
        ]
        for label in published.get("labels", [])
    }
    return {"text": text, "target_json": json.dumps(slots, ensure_ascii=False)}
