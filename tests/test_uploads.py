"""Uploaded files: what is read, and one sentence with line and cure for what is not.

Example run: python -m pytest tests/test_uploads.py -v
"""

import gzip
import io
import json
import zipfile
from typing import Any

import pytest

from lib import uploads
from lib.errors import DataError
from lib.uploads import Upload, read_upload


def read(text: str | bytes, name: str = "rows.csv") -> Upload:
    return read_upload(text if isinstance(text, bytes) else text.encode(), name)


def rows(upload: Upload) -> list[dict[str, Any]]:
    return [one.fields for one in upload.rows]


# ---------------------------------------------------------------- what is read


def test_csv_rows_bear_their_number_and_the_line_where_they_begin() -> None:
    found = read('text,label\n"two\nlines",a\nlast,b\n')

    assert [(one.number, one.line) for one in found.rows] == [(1, 2), (2, 4)]
    assert rows(found) == [{"text": "two\nlines", "label": "a"}, {"text": "last", "label": "b"}]
    assert found.columns == ("text", "label")


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators_are_found_in_the_header(separator: str) -> None:
    found = read(f"text{separator}label\na, b{separator}c\n")

    assert rows(found) == [{"text": "a, b", "label": "c"}]
    assert "parted by" in found.notes[0]


def test_a_formula_in_a_cell_stays_text() -> None:
    found = read("text,label\n=cmd()|' /C calc'!A0,@SUM(A1)\n")

    assert rows(found) == [{"text": "=cmd()|' /C calc'!A0", "label": "@SUM(A1)"}]


def test_a_byte_order_mark_is_passed_over_and_told() -> None:
    found = read(b"\xef\xbb\xbftext,label\na,b\n")

    assert found.columns == ("text", "label")
    assert "byte-order mark" in found.notes[0]


def test_jsonl_rows_keep_lists_and_numbers() -> None:
    chat = {"messages": [{"role": "user", "content": "hi"}]}
    found = read(json.dumps(chat) + '\n\n{"prompt": "a", "completion": 7}\n', "chat.jsonl")

    assert rows(found) == [chat, {"prompt": "a", "completion": 7}]
    assert [one.line for one in found.rows] == [1, 3]
    assert found.notes == ("Blank lines passed over: 1.",)


def test_a_line_separator_inside_a_json_text_ends_no_line() -> None:
    found = read('{"text": "a\u2028b"}\n', "rows.jsonl")

    assert rows(found) == [{"text": "a\u2028b"}]


def test_a_json_list_gives_its_objects_with_their_lines() -> None:
    found = read('[\n {"text": "a"},\n\n {"text": "b"}\n]\n', "rows.json")

    assert [(one.line, one.fields["text"]) for one in found.rows] == [(2, "a"), (4, "b")]
    assert found.format == "json"


def test_lines_in_a_json_file_and_a_list_in_a_jsonl_file_are_read_too() -> None:
    assert read('{"text": "a"}\n{"text": "b"}\n', "rows.json").format == "jsonl"
    assert read('[{"text": "a"}]', "rows.jsonl").format == "json"


def test_columns_are_those_of_all_rows() -> None:
    assert read('{"a": "1"}\n{"b": "2"}', "rows.jsonl").columns == ("a", "b")


# ---------------------------------------------------------------- what is refused


def zipped(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names or ("rows.csv",):
            archive.writestr(name, "a,b")
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        (b"", "rows.csv", "rows.csv is empty: upload a file with at least one row."),
        (b"\xef\xbb\xbf \n", "rows.csv", "is empty"),
        (b"text,label\n", "rows.csv", "holds no rows"),
        (b"[]", "rows.json", "holds no rows"),
        (b"a,b\n1,2\n\xe4,3\n", "rows.csv", "line 3 is not UTF-8 text: save the file as UTF-8"),
        ("a,b\n1,2".encode("utf-16"), "rows.csv", "is UTF-16 text: save it as UTF-8"),
        (b"a,b\n1,\x002\n", "rows.csv", "line 2 holds a zero byte"),
        (b"%PDF-1.7 ...", "rows.csv", "is a PDF: export its rows"),
        (b"PAR1....", "rows.jsonl", "is a Parquet file"),
        (b"a,b\n1,2\n3\n", "rows.csv", "line 3 has 1 column and the header has 2"),
        (b"a,b\n1,2,3\n", "rows.csv", "line 2 has 3 columns and the header has 2: put quotes"),
        (b'a,b\n1,2\n"3,4\n5,6\n', "rows.csv", "line 3: a quote is opened and never closed"),
        (b'a,b\n"1"x,2\n', "rows.csv", "line 2"),
        (b"a,a\n1,2\n", "rows.csv", "two columns are called 'a'"),
        (b"a,\n1,2\n", "rows.csv", "column 2 of the header has no name"),
        (b'{"a": 1}\n{"a": \n', "rows.jsonl", "line 2 is no JSON"),
        (b'{"a": NaN}\n', "rows.jsonl", "line 1 is no JSON (NaN is no JSON)"),
        (b'{"a": 1}\n["b"]\n', "rows.jsonl", "line 2 is a list and no object"),
        (b'["a"]\n["b"]\n', "rows.jsonl", "line 1 is a list and no object"),
        (b'{"a": 1}\n{}\n', "rows.jsonl", "line 2 is an empty object"),
        (b'[{"a": 1},\n{"a" 2}]', "rows.json", "line 2 is no JSON"),
        (b'[{"a": 1}\n{"a": 2}]', "rows.json", "line 2: a comma is missing"),
        (b'[{"a": 1}', "rows.json", "line 1: a comma is missing"),
        (b'[{"a": 1},', "rows.json", "line 1 is no JSON"),
        (b'[{"a": 1}] x', "rows.json", "text follows the end of the list"),
        (b'{\n"a": [\n1]}', "rows.json", "is no JSON list"),
        (b'{"a": "\\ud800"}', "rows.jsonl", "line 1 holds half of a character"),
        (b'{"a": ' + b"[" * 5_000 + b"]" * 5_000 + b"}", "rows.jsonl", "nested too deeply"),
        (b'{"a": ' + b"[" * 30 + b"]" * 30 + b"}", "rows.jsonl", "nested too deeply"),
        (b"hello", "rows.txt", "is neither .csv, .jsonl nor .json"),
        (b"hello", "rows", "is neither .csv, .jsonl nor .json"),
    ],
)
def test_a_broken_file_is_refused_in_one_sentence(data: bytes, name: str, says: str) -> None:
    with pytest.raises(DataError) as caught:
        read(data, name)

    message = str(caught.value)
    assert says in message
    assert message.startswith(name)
    assert "\n" not in message
    assert message.endswith(".")


def test_packed_files_are_named_for_what_they_are() -> None:
    with pytest.raises(DataError, match="is a zip archive: unpack it"):
        read(zipped(), "rows.csv")
    with pytest.raises(DataError, match=r"rows\.csv is an Excel workbook: export its rows as CSV"):
        read(zipped("xl/workbook.xml"), "rows.csv")
    with pytest.raises(DataError, match="is a spreadsheet or document of OpenOffice"):
        read(zipped("mimetype", "content.xml"), "rows.csv")
    with pytest.raises(DataError, match="is packed with gzip"):
        read(gzip.compress(b"a,b\n1,2"), "rows.csv.gz")


def test_too_many_bytes_are_refused_before_anything_is_read(monkeypatch: Any) -> None:
    monkeypatch.setattr(uploads, "MAX_BYTES", 2_000_000)

    with pytest.raises(DataError, match=r"has 2\.1 MB and 2 MB is the most"):
        read(b"\xff" * 2_100_000)


def test_too_many_rows_are_refused(monkeypatch: Any) -> None:
    monkeypatch.setattr(uploads, "MAX_ROWS", 3)

    assert len(read("a\n1\n2\n3\n").rows) == 3
    with pytest.raises(DataError, match="has more than 3 rows"):
        read("a\n1\n2\n3\n4\n")


@pytest.mark.parametrize("length", [100_001, 200_000])
def test_a_field_that_is_too_long_is_refused_in_every_format(length: int) -> None:
    text = "x" * length
    for data, name in (
        (f"a\nb\n{text}\n", "rows.csv"),
        (f'{{"a": 1}}\n{{"m": [{{"content": "{text}"}}]}}', "rows.jsonl"),
    ):
        with pytest.raises(DataError, match=r"line [23] has a field of more than 100,000"):
            read(data, name)


def test_a_field_of_just_the_limit_is_read() -> None:
    assert len(read("a\n" + "x" * 100_000).rows[0].fields["a"]) == 100_000


def test_the_limits_are_those_that_the_page_states() -> None:
    assert (uploads.MAX_BYTES, uploads.MAX_ROWS, uploads.MAX_CHARACTERS) == (
        50_000_000,
        200_000,
        100_000,
    )


def test_a_name_is_shown_without_folders_and_control_characters() -> None:
    with pytest.raises(DataError, match=r"^rows.csv is empty"):
        read(b"", "../../etc/\x1b[31mrows.csv".replace("[31m", ""))
