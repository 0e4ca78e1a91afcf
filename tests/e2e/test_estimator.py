"""The estimator in a real browser: numbers in, a range out, a link that keeps it, files to take home.

Run: python -m pytest tests/e2e/test_estimator.py (add --headed to watch)
"""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from lib.estimator.shapes import load_models
from tests.e2e.walking import (
    SOON,
    does_not_scroll_sideways,
    has_title,
    no_errors,
    open_page,
    settled,
    violations,
)

pytestmark = pytest.mark.e2e

PARTS = {
    "money": re.compile(r"Break-even: likely"),
    "memory": re.compile(r"GB, on one GPU\."),
    "time": re.compile(r"Likely .+, between"),
    "data": re.compile(r"Likely 200 labelled examples"),
}
CHARTS = {"money": 2, "memory": 1, "time": 0, "data": 1}
ALL_OF_IT: ViewportSize = {"width": 1280, "height": 6000}
"""A window that needs no scrolling: axe-core judges the colours of what it can see."""
PHONE: ViewportSize = {"width": 390, "height": 9000}
PASTE = "/estimator?show=memory&g_model=pasted+config.json"


def _open(page: Page, part: str, **fields: str) -> None:
    """Open a part and wait for its last heading."""
    more = "".join(f"&{name}={value}" for name, value in fields.items())
    open_page(page, f"/estimator?show={part}{more}")
    expect(page.get_by_role("heading", name="Take it with you")).to_be_visible(timeout=SOON)
    settled(page)


def _field(page: Page, label: str) -> Locator:
    return page.get_by_role("main").get_by_role("textbox", name=label, exact=True)


def _type(page: Page, label: str, text: str) -> None:
    _field(page, label).fill(text)
    _field(page, label).press("Enter")


def _upload(page: Page, name: str, data: bytes) -> None:
    box = page.get_by_test_id("stFileUploader").filter(has_text="Training rows")
    file: Any = {"name": name, "mimeType": "text/csv", "buffer": data}
    box.locator("input[type=file]").set_input_files(file)


def _download(page: Page, kind: str) -> str:
    main = page.get_by_role("main")
    with page.expect_download(timeout=SOON) as waiting:
        main.get_by_role("button", name=kind, exact=True).click()
    return Path(waiting.value.path()).read_text(encoding="utf-8")


# ------------------------------------------------------------------------- what is drawn


@pytest.mark.parametrize("part", PARTS)
def test_each_part_opens_by_its_address_and_fits_a_phone_too(page: Page, part: str) -> None:
    page.set_viewport_size(PHONE)
    _open(page, part)
    expect(page.get_by_text(PARTS[part]).first).to_be_visible()
    expect(page.get_by_test_id("stVegaLiteChart")).to_have_count(CHARTS[part])
    no_errors(page)
    assert does_not_scroll_sideways(page)
    assert _grave(page) == []
    page.set_viewport_size(ALL_OF_IT)
    settled(page)
    assert _grave(page) == []


@pytest.mark.parametrize("part", PARTS)
def test_nothing_is_hard_to_see_in_the_dark(page: Page, part: str) -> None:
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(ALL_OF_IT)
    _open(page, part)
    assert _grave(page) == []


def _grave(page: Page) -> list[str]:
    """Return what axe-core complains about, save for one fault of Streamlit's own.

    Its file uploader is a section with role="presentation" that can take the focus.
    """
    return [one for one in violations(page) if not one.startswith("presentation-role-conflict ")]


# ------------------------------------------------------------------------- fields


def test_a_changed_field_stands_in_the_address_and_survives_a_reload(page: Page) -> None:
    _open(page, "memory")
    _type(page, "Batch size on one GPU", "4")
    page.wait_for_url(re.compile("g_batch=4"))
    settled(page)
    told = page.get_by_text(PARTS["memory"]).first.inner_text()
    page.reload()
    has_title(page, "Estimator")
    expect(_field(page, "Batch size on one GPU")).to_have_value("4", timeout=SOON)
    expect(page.get_by_text(PARTS["memory"]).first).to_have_text(told)
    assert "show=memory" in page.url


def test_a_broken_amount_gets_one_sentence_and_the_result_stays(page: Page) -> None:
    _open(page, "money")
    before = page.get_by_text(PARTS["money"]).inner_text()
    _type(page, "Calls a month", "lots")
    sentence = page.get_by_text("The number of calls a month is 'lots'")
    expect(sentence).to_have_count(1, timeout=SOON)
    settled(page)
    expect(page.get_by_text(PARTS["money"])).to_have_text(before)
    assert "lots" not in page.url
    no_errors(page)


def test_points_of_a_learning_curve_stand_in_the_address_as_numbers(page: Page) -> None:
    _open(page, "data", d_points="50:0.5_100:0.6")
    box = _field(page, "Rows and scores")
    expect(box).to_have_value("50, 0.5\n100, 0.6")
    box.fill("50, 0.5\n100, much")
    box.press("Control+Enter")
    expect(page.get_by_text("is 'much'")).to_be_visible(timeout=SOON)
    assert "much" not in page.url
    box.fill("50, 0.5\n100, 0.62")
    box.press("Control+Enter")
    page.wait_for_url(re.compile("0.62"))
    no_errors(page)


def test_a_pasted_config_is_used_and_a_broken_one_gets_a_sentence(page: Page) -> None:
    open_page(page, PASTE)
    box = _field(page, "config.json of the model")
    llama = load_models()["meta-llama/Meta-Llama-3.1-8B"]
    config = {
        "model_type": "llama",
        "hidden_size": llama.hidden,
        "num_hidden_layers": llama.layers,
        "intermediate_size": llama.intermediate,
        "num_attention_heads": llama.heads,
        "num_key_value_heads": llama.kv_heads,
        "vocab_size": llama.vocab,
        "tie_word_embeddings": False,
    }
    box.fill(json.dumps(config))
    box.press("Control+Enter")
    expect(page.get_by_text(f"{llama.parameters / 1e9:,.2f} billion")).to_be_visible(timeout=SOON)
    expect(page.get_by_text(PARTS["memory"]).first).to_be_visible(timeout=SOON)
    assert "hidden" not in page.url
    box.fill('{"model_type": ')
    box.press("Control+Enter")
    expect(page.get_by_text(re.compile(r"config\.json.*\.$"))).not_to_have_count(0, timeout=SOON)
    settled(page)
    expect(page.get_by_role("heading", name="The run")).to_be_visible()
    no_errors(page)


# ------------------------------------------------------------------------- files


def test_an_uploaded_file_is_reported_and_its_figures_can_be_taken_home(page: Page) -> None:
    _open(page, "data")
    rows = "text,label\nwhere is my parcel,=cmd()\nwhere is my parcel,=cmd()\nno light,repair\n"
    _upload(page, "rows.csv", rows.encode())
    expect(page.get_by_role("heading", name="3 rows in rows.csv")).to_be_visible(timeout=SOON)
    expect(page.get_by_text("2 rows are usable")).to_be_visible()
    expect(page.get_by_text("Other models' tokenizers:")).to_be_visible()
    settled(page)
    whole = json.loads(_download(page, "JSON"))
    found = {one["name"]: one.get("value") for one in whole["result"]}
    assert (found["rows"], found["usable rows"], found["label: =cmd()"]) == (3, 2, 2)
    cells = [cell for row in csv.reader(io.StringIO(_download(page, "CSV"))) for cell in row]
    assert "inputs" in cells
    assert [one for one in cells if one.startswith(("=", "+", "@"))] == []
    markdown = _download(page, "Markdown")
    assert "## Assumptions" in markdown
    assert "parcel" not in markdown + "".join(cells) + json.dumps(whole)
    no_errors(page)


def test_a_broken_file_gets_one_sentence_and_the_rest_stays(page: Page) -> None:
    _open(page, "data")
    _upload(page, "rows.csv", b"PK\x03\x04 packed")
    expect(page.get_by_text("rows.csv is a zip archive: unpack it")).to_have_count(1, timeout=SOON)
    settled(page)
    expect(page.get_by_role("heading", name="How many examples")).to_be_visible()
    expect(page.get_by_text(PARTS["data"])).to_be_visible()
    no_errors(page)


@pytest.mark.parametrize("part", ["memory", "time"])
def test_downloads_hold_inputs_result_and_assumptions(page: Page, part: str) -> None:
    _open(page, part)
    whole = json.loads(_download(page, "JSON"))
    assert {"inputs", "result", "assumptions"} <= whole.keys()
    assert all(one["source"] for one in whole["assumptions"])
    parts = {row[0] for row in csv.reader(io.StringIO(_download(page, "CSV")))}
    assert {"inputs", "result", "assumptions"} <= parts
    assert "## Result" in _download(page, "Markdown")
