"""The estimator's page, data: rows, how many are needed, test items, learning curves.

Run: python -m pytest tests/app/test_estimator_data.py
"""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from tokenizers import Tokenizer, models, pre_tokenizers

from lib.estimator.data_needs import data_need
from lib.ui import rows_form
from tests.app.reading import words

OpenPage = Callable[..., AppTest]


def test_data_tells_needs_tests_and_curves(open_page: OpenPage) -> None:
    at = open_page("estimator", show="data", d_goal="facts")
    assert not at.exception
    assert "No number of examples" in words(at)
    assert "test items that both answer" in words(at)
    assert "Measured score" in at.get("vega_lite_chart")[0].proto.alt
    at.text_area(key="d_points").set_value("100, 0.8\n200, 0.7").run()
    assert "don't rise" in words(at)
    at.text_area(key="d_points").set_value("100").run()
    assert not at.exception
    assert "Line 1 is no pair" in words(at)


def test_pasted_rows_are_reported(open_page: OpenPage) -> None:
    at = open_page("estimator", show="data")
    at.button_group(key="d_way").set_value("Paste").run()
    rows = "text,label\nhello,a\nhello,a\nhello,b\n=cmd(),b\n"
    at.text_area(key="d_pasted").set_value(rows).run()
    assert not at.exception
    assert "3 rows are usable" in words(at)
    assert "One input with different answers" in words(at)
    output = next(one for one in at.selectbox if one.label == "Output column")
    output.set_value("text").run()
    assert "You chose the output" in words(at)
    at.text_area(key="d_pasted").set_value("text,label\nonly one\n").run()
    assert not at.exception
    assert "line 2" in words(at)


def test_classes_are_the_labels_of_the_rows_until_somebody_types_them(open_page: OpenPage) -> None:
    def paste(at: AppTest, labels: str) -> None:
        at.button_group(key="d_way").set_value("Paste").run()
        rows = "".join(f"row number {n},{label}\n" for n, label in enumerate(labels))
        at.text_area(key="d_pasted").set_value("text,label\n" + rows * 2).run()

    def classes(at: AppTest) -> str:
        return str(next(one.value for one in at.text_input if one.label == "Classes"))

    at = open_page("estimator", show="data")
    assert classes(at) == "8"
    paste(at, "abcabcabc")
    assert not at.exception
    assert classes(at) == "3"
    need = data_need("classification", 3)
    assert f"Likely {need.likely:,} labelled examples; at least {need.low:,}" in words(at)
    assert "d_classes" not in at.query_params
    next(one for one in at.text_input if one.label == "Classes").set_value("5").run()
    paste(at, "ababab")
    assert classes(at) == "5"
    at.text_area(key="d_pasted").set_value("").run()
    assert classes(at) == "5"
    typed = open_page("estimator", show="data", d_classes="9")
    paste(typed, "abcabcabc")
    assert classes(typed) == "9"


def test_rows_are_counted_with_the_demo_models_tokenizer_where_it_is(
    open_page: OpenPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    for file, says in (
        (tmp_path / "tokenizer.json", "About 5 tokens (5 to 5)"),
        (None, "Estimated at 4 characters a token, give or take 25 %"),
    ):
        monkeypatch.setattr(rows_form, "tokenizer_file", lambda file=file: file)
        at = open_page("estimator", show="data")
        at.button_group(key="d_way").set_value("Paste").run()
        at.text_area(key="d_pasted").set_value("text,label\none two,a\nthree,b\n").run()
        assert says in words(at)
        assert "Other models' tokenizers:" in words(at)


def test_points_of_a_curve_stand_in_the_address_as_numbers_only(open_page: OpenPage) -> None:
    at = open_page("estimator", show="data", d_points="50:0.5_100:60%")
    assert at.text_area(key="d_points").value == "50, 0.5\n100, 60%"
    at.text_area(key="d_points").set_value("50, 0.5\n100, lots").run()
    assert at.query_params["d_points"] == "50:0.5_100:60%"
    at.text_area(key="d_points").set_value("50 0.5\n\n100; .61").run()
    assert at.query_params["d_points"] == "50:0.5_100:.61"
    other = open_page("estimator", show="data", d_points="<b>x:1")
    assert "62" in str(other.text_area(key="d_points").value)


def test_data_export_holds_figures_and_no_text_of_a_row(
    open_page: OpenPage, downloads: dict[str, str]
) -> None:
    at = open_page("estimator", show="data")
    at.button_group(key="d_way").set_value("Paste").run()
    rows = "=text,label\nsecret,=a()\nsecret,=a()\nhidden,b\nhidden,=a()\n"
    at.text_area(key="d_pasted").set_value(rows).run()
    whole = downloads["estimator_data_json"]
    found = {one["name"]: one.get("value") for one in json.loads(whole)["result"]}
    assert (found["rows"], found["usable rows"], found["repeated rows"]) == (4, 3, 1)
    assert found["label: =a()"] == 3
    assert found["test items that both answer"] == 943
    assert "score at 800 rows" in found
    for kind in ("json", "csv", "md"):
        text = downloads[f"estimator_data_{kind}"]
        assert "secret" not in text
        assert "hidden" not in text
    for row in csv.reader(io.StringIO(downloads["estimator_data_csv"])):
        assert not [cell for cell in row if cell.startswith(("=", "+", "@"))]
