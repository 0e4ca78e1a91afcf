"""A data file that somebody uploads -> its rows, or one sentence on what to mend.

Reads CSV (comma, semicolon or tab), JSONL and a JSON list. Cells stay text: a formula such as
`=cmd()` is never evaluated. Knows nothing about what the columns mean.
"""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from lib.errors import DataError

MAX_BYTES = 50_000_000
MAX_ROWS = 200_000
MAX_CHARACTERS = 100_000
"""The most that one field may hold."""

Format = Literal["csv", "jsonl", "json"]
Fields = dict[str, Any]

# The first bytes of files that are no text, and what to do about them.
_EXPORT = "export its rows as CSV or JSONL, and upload that"
_UNPACK = "unpack it, and upload the file inside"
_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"PK\x03\x04", "a zip archive", _UNPACK),
    (b"PK\x05\x06", "a zip archive", _UNPACK),
    (b"\x1f\x8b", "packed with gzip", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "packed with zstandard", _UNPACK),
    (b"\xfd7zXZ\x00", "packed with xz", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (b"Rar!\x1a\x07", "a rar archive", _UNPACK),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file", _EXPORT),
    (b"PAR1", "a Parquet file", _EXPORT),
    (b"ARROW1", "an Arrow file", _EXPORT),
    (b"SQLite format 3\x00", "an SQLite database", _EXPORT),
    (b"%PDF-", "a PDF", _EXPORT),
    (b"\x89PNG", "a picture", _EXPORT),
    (b"\xff\xd8\xff", "a picture", _EXPORT),
    (b"\xff\xfe", "UTF-16 text", "save it as UTF-8"),
    (b"\xfe\xff", "UTF-16 text", "save it as UTF-8"),
)
# What is in a zip archive that is an office document, whatever its name says.
_OFFICE = {
    "xl/workbook.xml": "an Excel workbook",
    "xl/workbook.bin": "an Excel workbook",
    "word/document.xml": "a Word document",
    "content.xml": "a spreadsheet or document of OpenOffice or LibreOffice",
}
_SUFFIXES: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
}


@dataclass(frozen=True, slots=True)
class UploadedRow:
    """One row as it stands in the file."""

    number: int
    """1 for the first row of data; a header is none."""
    line: int
    """Where the row begins in the file."""
    fields: Fields


@dataclass(frozen=True)
class Upload:
    """A file that could be read."""

    name: str
    format: Format
    size_bytes: int
    columns: tuple[str, ...]
    """The names of all fields, in the order of their first appearance."""
    rows: tuple[UploadedRow, ...]
    notes: tuple[str, ...] = ()
    """What was passed over or guessed, one sentence each."""


def read_upload(data: bytes, name: str) -> Upload:
    """Return the rows of an uploaded file; `name` decides between the formats.

    Raises:
        DataError: naming the file, the line and what to do, if it is empty, too large, no UTF-8
            text, of another format, or broken.
    """
    name = _plain_name(name)
    text, notes = _text(data, name)
    form = _format(name, text)
    found = _csv_rows(name, text, notes) if form == "csv" else _json_rows(name, text, form, notes)
    rows: list[UploadedRow] = []
    columns: dict[str, None] = {}
    for line, fields in found:
        if len(rows) == MAX_ROWS:
            raise DataError(
                f"{name} has more than {MAX_ROWS:,} rows: upload a part of it, drawn at random."
            )
        _check_lengths(f"{name}, line {line}", fields)
        columns.update(dict.fromkeys(fields))
        rows.append(UploadedRow(len(rows) + 1, line, fields))
    if not rows:
        raise DataError(f"{name} holds no rows: upload a file with at least one.")
    return Upload(name, form, len(data), tuple(columns), tuple(rows), tuple(notes))


def _plain_name(name: str) -> str:
    """Return a name that is safe to show: no folders, no control characters, not endless."""
    name = name.replace("\\", "/").rpartition("/")[2]
    return "".join(one for one in name if one.isprintable())[:100] or "The file"


def _suffix(name: str) -> str:
    return "." + name.rpartition(".")[2].lower() if "." in name else ""


# ---------------------------------------------------------------- bytes to text


def _text(data: bytes, name: str) -> tuple[str, list[str]]:
    if len(data) > MAX_BYTES:
        raise DataError(
            f"{name} has {len(data) / 1e6:,.1f} MB and {MAX_BYTES // 1_000_000} MB is the most: "
            "upload a part of it, drawn at random."
        )
    if not data.strip(b"\xef\xbb\xbf \t\r\n"):
        raise DataError(f"{name} is empty: upload a file with at least one row.")
    _refuse_binary(data, name)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{name}, line {line} is not UTF-8 text: save the file as UTF-8 "
            "(in Excel: CSV UTF-8), and upload it again."
        ) from error
    if text.startswith("\ufeff"):
        return text[1:], ["A byte-order mark at its beginning was passed over."]
    return text, []


def _refuse_binary(data: bytes, name: str) -> None:
    for magic, what, cure in _MAGIC:
        if data.startswith(magic):
            office = _office(data)
            if office and what == "a zip archive":
                what, cure = office, _EXPORT
            raise DataError(f"{name} is {what}: {cure}.")
    if b"\x00" in data:
        line = data.count(b"\n", 0, data.index(b"\x00")) + 1
        raise DataError(
            f"{name}, line {line} holds a zero byte, so this is no text file: {_EXPORT}."
        )


def _office(data: bytes) -> str | None:
    """Return what an office document is; only the list of what it holds is read."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return None
    return next((_OFFICE[one] for one in names if one in _OFFICE), None)


def _format(name: str, text: str) -> Format:
    """Return what the file is; a list in a .jsonl file and lines in a .json file are common."""
    form = _SUFFIXES.get(_suffix(name))
    if form is None:
        raise DataError(f"{name} is neither .csv, .jsonl nor .json: save it as one of them.")
    if form == "csv":
        return form
    start = text.lstrip()
    first, _, rest = start.partition("\n")
    if start.startswith("["):
        # Lists line by line are no list of rows, and are told so by their line.
        return "jsonl" if form == "jsonl" and rest.strip() and _is_a(list, first) else "json"
    if form == "json" and not _is_a(dict, first):
        raise DataError(f"{name} is no JSON list: put its rows between [ and ], parted by commas.")
    return "jsonl"


def _is_a(kind: type, text: str) -> bool:
    try:
        return isinstance(json.loads(text), kind)
    except (ValueError, RecursionError):
        return False


# ---------------------------------------------------------------- CSV


def _csv_rows(name: str, text: str, notes: list[str]) -> Iterator[tuple[int, Fields]]:
    separator = _separator(text)
    if separator != ",":
        notes.append(f"Columns are parted by {'a tab' if separator == chr(9) else separator}.")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=separator)
    header: list[str] = []
    blank, line = 0, 1
    try:
        for cells in reader:
            if not cells:
                blank += 1
            elif not header:
                header = _header(name, line, cells)
            elif len(cells) != len(header):
                raise DataError(_unequal(name, line, len(cells), len(header), separator))
            else:
                yield line, dict(zip(header, cells, strict=True))
            line = reader.line_num + 1
    except csv.Error as error:
        raise DataError(_csv_problem(name, line, error)) from error
    if blank:
        notes.append(f"Blank lines passed over: {blank:,}.")


def _separator(text: str) -> str:
    """Return what parts the columns: what stands most often in the header outside quotes."""
    header = next((line for line in io.StringIO(text) if line.strip()), "")
    bare = "".join(header.split('"')[::2])
    return max((",", ";", "\t"), key=bare.count)


def _header(name: str, line: int, cells: list[str]) -> list[str]:
    names = [one.strip() for one in cells]
    for position, one in enumerate(names, start=1):
        if not one:
            raise DataError(f"{name}, line {line}: column {position} of the header has no name.")
        if one in names[: position - 1]:
            raise DataError(
                f"{name}, line {line}: two columns are called '{one[:40]}': rename one."
            )
    return names


def _unequal(name: str, line: int, cells: int, columns: int, separator: str) -> str:
    cure = f'put quotes round a cell that holds "{separator}"' if cells > columns else "fill them"
    return (
        f"{name}, line {line} has {_count(cells, 'column')} and the header has {columns}: {cure}."
    )


def _csv_problem(name: str, line: int, error: csv.Error) -> str:
    problem = str(error)
    if "field larger" in problem:
        return _too_long(f"{name}, line {line}")
    if "unexpected end" in problem:
        return f"{name}, line {line}: a quote is opened and never closed: close or double it."
    return f"{name}, line {line}: {problem}: write a quote inside a cell twice."


# ---------------------------------------------------------------- JSON


def _json_rows(
    name: str, text: str, form: Format, notes: list[str]
) -> Iterator[tuple[int, Fields]]:
    found = _list_items(name, text) if form == "json" else _lines(name, text, notes)
    for line, value in found:
        if not isinstance(value, dict):
            raise DataError(
                f"{name}, line {line} is {_KINDS[type(value)]} and no object: write each row as "
                '{"text": "...", "label": "..."}.'
            )
        if not value:
            raise DataError(f"{name}, line {line} is an empty object: fill or remove it.")
        yield line, value


_KINDS = {
    list: "a list",
    str: "a text",
    int: "a number",
    float: "a number",
    bool: "true or false",
    type(None): "null",
}


def _refuse_constant(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def _lines(name: str, text: str, notes: list[str]) -> Iterator[tuple[int, Any]]:
    blank, line = 0, 0
    # Not splitlines: it would also part at characters that JSON allows inside a text.
    for line, content in enumerate(text.split("\n"), start=1):
        if not content.strip():
            blank += 1
            continue
        try:
            yield line, _DECODER.decode(content)
        except (ValueError, RecursionError) as error:
            raise DataError(_broken(name, line, error)) from error
    blank -= text.endswith("\n")
    if blank:
        notes.append(f"Blank lines passed over: {blank:,}.")


def _list_items(name: str, text: str) -> Iterator[tuple[int, Any]]:
    """Yield the items of a list one by one, so that a broken one can be named by its line."""
    place, line = _skip(text, text.index("[") + 1, 1 + text.count("\n", 0, text.index("[")))
    while text[place : place + 1] != "]":
        try:
            value, end = _DECODER.raw_decode(text, place)
        except (ValueError, RecursionError) as error:
            line += text.count("\n", place, getattr(error, "pos", place))
            raise DataError(_broken(name, line, error)) from error
        yield line, value
        place, line = _skip(text, end, line + text.count("\n", place, end))
        if text[place : place + 1] == ",":
            place, line = _skip(text, place + 1, line)
        elif text[place : place + 1] != "]":
            raise DataError(
                f"{name}, line {line}: a comma is missing between two rows, or the list is cut "
                "off: mend it, or write one object a line and call the file .jsonl."
            )
    if text[place + 1 :].strip():
        raise DataError(f"{name}, line {line}: text follows the end of the list: remove it.")


def _skip(text: str, place: int, line: int) -> tuple[int, int]:
    """Return the next place that is no white space, and its line."""
    while place < len(text) and text[place] in " \t\r\n":
        line += text[place] == "\n"
        place += 1
    return place, line


def _broken(name: str, line: int, error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        problem = f"{error.msg[:1].lower()}{error.msg[1:]}, column {error.colno}"
    elif isinstance(error, RecursionError):
        problem = "it is nested too deeply"
    else:
        problem = str(error)[:80]
    return f"{name}, line {line} is no JSON ({problem}): mend or remove that line."


# ---------------------------------------------------------------- limits


def _check_lengths(where: str, value: Any, depth: int = 0) -> None:
    if isinstance(value, str):
        if len(value) > MAX_CHARACTERS:
            raise DataError(_too_long(where))
        if not _is_whole_text(value):
            raise DataError(f"{where} holds half of a character (a surrogate): remove it.")
    elif isinstance(value, dict | list):
        if depth > 20:
            raise DataError(f"{where} is nested too deeply: keep to 20 levels.")
        for one in (*value, *value.values()) if isinstance(value, dict) else value:
            _check_lengths(where, one, depth + 1)


def _is_whole_text(text: str) -> bool:
    """Whether the text can be written as UTF-8; JSON can spell out halves of characters."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _too_long(where: str) -> str:
    return (
        f"{where} has a field of more than {MAX_CHARACTERS:,} characters: shorten or split the row."
    )


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
