"""My case in a real browser: from answers to a file that opens by itself and prints on two pages.

Run: python -m pytest tests/e2e/test_case.py
"""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from lib.content.case_texts import load_case_texts
from tests.e2e.walking import (
    does_not_scroll_sideways,
    has_title,
    no_errors,
    open_page,
    settled,
    violations,
)

pytestmark = pytest.mark.e2e

TEXTS = load_case_texts()
STYLE = "/choose?symptom=style&labels=1k_10k&task=extract&volume=high"


def _to_my_case(page: Page) -> None:
    page.get_by_role("main").get_by_role("link", name=TEXTS.foot.link).click()
    has_title(page, TEXTS.page.title)
    settled(page)


def test_answers_travel_into_a_file_that_opens_by_itself(page: Page, tmp_path: Path) -> None:
    open_page(page, STYLE)
    _to_my_case(page)
    memo = page.locator(".st-key-memo")
    expect(memo).to_contain_text("Style, labels or rules are hard to put into words")
    no_errors(page)
    assert violations(page) == []
    with page.expect_download() as begun:
        page.get_by_role("button", name=re.compile("HTML")).click()
    file = tmp_path / "my-case.html"
    begun.value.save_as(file)
    asked_for: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda one: asked_for.append(one.url))
    page.on("console", lambda one: complaints.append(one.text))
    page.goto(file.as_uri())
    expect(page.get_by_role("heading", level=1)).to_have_text(TEXTS.memo.untitled)
    expect(page.get_by_text("Tune with LoRA").first).to_be_visible()
    assert asked_for == [file.as_uri()]
    assert complaints == []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert violations(page) == []
    printed = page.pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page[^s]", printed)) <= 2


def test_page_fits_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_page(page, STYLE)
    _to_my_case(page)
    assert does_not_scroll_sideways(page)
