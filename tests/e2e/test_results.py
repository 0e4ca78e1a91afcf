"""The results page in a real browser: it can be read on any screen, and its folds tell the rest.

Run: python -m pytest tests/e2e/test_results.py (add --headed to watch)
"""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from lib.content.results_texts import load_results_texts
from lib.content.tasks import load_task, task_names
from tests.e2e.walking import (
    does_not_scroll_sideways,
    no_errors,
    open_page,
    settled,
    violations,
)

pytestmark = pytest.mark.e2e

TEXTS = load_results_texts()
ALL_OF_IT = {"width": 1280, "height": 16_000}
"""A window that needs no scrolling: axe-core judges the colours of what it can see."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("task", task_names())
def test_results_have_no_accessibility_mistakes(
    browser: Browser, base_url: str, task: str, scheme: str
) -> None:
    page = browser.new_page(viewport=ALL_OF_IT, color_scheme=scheme, base_url=base_url)
    _open(page, task)
    assert violations(page) == []
    page.close()


@pytest.mark.parametrize("task", task_names())
def test_results_fit_a_phone(page: Page, task: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    _open(page, task)
    assert does_not_scroll_sideways(page)


def test_charts_are_drawn(page: Page) -> None:
    _open(page, "booking")
    charts = page.get_by_test_id("stVegaLiteChart")
    # Who got it right, the parts of the effect, without near twins, how many rows, what is lost, five
    # orders, tokens, seconds.
    expect(charts).to_have_count(8)
    for number in range(8):
        expect(charts.nth(number).locator("canvas, svg").first).to_be_visible()


def test_fold_shows_the_command_and_what_was_measured(page: Page) -> None:
    _open(page, "booking")
    fold = page.locator(".st-key-results_how_main")
    fold.get_by_text(TEXTS.how.title).click()
    expect(fold.get_by_text("python -m lib evaluate --task booking")).to_be_visible()
    expect(fold.get_by_text(re.compile(r"adapter: [0-9a-f]{64}"))).to_be_visible()


def test_table_view_can_be_downloaded(page: Page) -> None:
    _open(page, "booking")
    fold = page.locator(".st-key-results_main_table")
    fold.get_by_text("The figures as a table").click()
    with page.expect_download() as download:
        fold.get_by_role("button", name="Download as CSV", exact=True).click()
    text = download.value.path().read_text(encoding="utf-8")
    assert text.startswith("way,reading,share right,low,high")
    assert "LoRA,writes it,0.9167" in text


def test_another_task_stands_in_the_address(page: Page) -> None:
    names = task_names()
    _open(page, names[0])
    if len(names) > 1:
        page.get_by_role("radio", name=load_task(names[1]).title).click()
        settled(page)
        expect(page).to_have_url(re.compile(rf"/results\?task={names[1]}$"))
        no_errors(page)


def test_tokens_are_carried_to_the_estimator(page: Page) -> None:
    _open(page, "booking")
    page.get_by_role("link", name=TEXTS.calls.link).click()
    expect(page).to_have_url(re.compile(r"/estimator\?.*m_prompting\.prefix_tokens=578"))
    expect(page.get_by_label("Tokens of the fixed prompt").first).to_have_value("578")


def _open(page: Page, task: str) -> None:
    open_page(page, f"/results?task={task}")
    expect(page.get_by_role("heading", name=TEXTS.limits.title)).to_be_visible(timeout=30_000)
    settled(page)
    no_errors(page)
