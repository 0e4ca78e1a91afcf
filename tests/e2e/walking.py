"""How a visitor moves through the app: the few steps that most browser tests share."""

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from lib.content.page_texts import load_page_texts
from lib.content.tasks import load_task
from lib.inference.conditions import ALL_CONDITIONS, Condition

FIRST_ANSWER = 120_000  # milliseconds; the first run of a server loads the model
DEMO_TITLE = load_page_texts().demo.title
HOME_TITLE = load_page_texts().home.title
SOON = 15_000  # milliseconds; the server may be busy

_QUIET = """() => new Promise(done => {
    let last = setTimeout(done, 400);
    new MutationObserver(() => { clearTimeout(last); last = setTimeout(done, 400); })
        .observe(document.body, {childList: true, subtree: true, characterData: true});
})"""
"""Ends when nothing on the page has changed for 400 ms."""


def open_page(page: Page, address: str) -> None:
    """Open a page and wait until it has been drawn."""
    page.goto(address)
    has_title(page, re.compile(r"\S"))
    settled(page)


def open_quiet_page(page: Page, address: str) -> None:
    """Open a page and wait until nothing is added to it any more."""
    open_page(page, address)
    quiet(page)
    settled(page)


def quiet(page: Page) -> None:
    """Wait until nothing on the page has changed for a while."""
    page.evaluate(_QUIET)


def address_ending(address: str, more: str = "") -> re.Pattern[str]:
    """Return a pattern for what `wait_for_url` waits for; in its own, `?` is any character."""
    return re.compile(re.escape(address) + more + "$")


def has_title(page: Page, text: str | re.Pattern[str]) -> None:
    """Wait until the page has this title and no other.

    The list makes Playwright wait on: between two pages Streamlit shows the titles of both.
    """
    expect(page.get_by_role("heading", level=1)).to_have_text([text], timeout=30_000)


def settled(page: Page) -> None:
    """Wait until no script runs."""
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-script-state", "notRunning", timeout=30_000)


def text_box(page: Page) -> Locator:
    """Return the box for the visitor's text."""
    return page.get_by_role("textbox", name=load_task("booking").input_label)


def run_button(page: Page) -> Locator:
    """Return the button that starts a run."""
    return page.get_by_role("main").get_by_role("button", name="Run", exact=True)


def stop_button(page: Page) -> Locator:
    """Return our button that stops a run; Streamlit shows one of its own above the page."""
    return page.get_by_role("main").get_by_role("button", name="Stop", exact=True)


def ask(page: Page, text: str) -> None:
    """Type a text, press Run, and wait until the run has ended."""
    start(page, text)
    ended(page)


def start(page: Page, text: str) -> None:
    """Type a text and press Run."""
    text_box(page).fill(text)
    run_button(page).click()
    is_running(page)


def is_running(page: Page) -> None:
    """Check that a run goes on, and that it can only be stopped."""
    expect(stop_button(page)).to_be_visible()
    expect(run_button(page)).to_have_count(0)


def ended(page: Page) -> None:
    """Wait until the run has ended."""
    expect(run_button(page)).to_be_visible(timeout=FIRST_ANSWER)
    settled(page)


def card(page: Page, condition: Condition) -> Locator:
    """Return the card of a condition."""
    return page.locator(f".st-key-card_{condition.value}")


def answer(page: Page, condition: Condition) -> Locator:
    """Return the place where a card shows what the model wrote."""
    return card(page, condition).get_by_test_id("stCode").first


def open_sent(page: Page, condition: Condition) -> Locator:
    """Open "What was sent" in a card and return the prompt in it."""
    inside = card(page, condition)
    inside.get_by_text("What was sent").click()
    return inside.get_by_test_id("stExpander").get_by_test_id("stCode")


def all_answered(page: Page) -> None:
    """Check that every card holds an answer, and that nothing went wrong."""
    for condition in ALL_CONDITIONS:
        expect(answer(page, condition)).to_be_visible()
        expect(answer(page, condition)).not_to_be_empty()
        expect(card(page, condition)).to_contain_text("tokens sent")
    no_errors(page)


def no_errors(page: Page) -> None:
    """Check that the page complains about nothing."""
    expect(page.get_by_test_id("stAlertContentError")).to_have_count(0)
    expect(page.get_by_test_id("stException")).to_have_count(0)


def does_not_scroll_sideways(page: Page) -> bool:
    """Return whether everything fits into the width of the window."""
    fits = page.evaluate(
        """() => [document.documentElement, document.querySelector('[data-testid="stMain"]')]
            .every(element => element.scrollWidth <= element.clientWidth)"""
    )
    return bool(fits)


def violations(page: Page) -> list[str]:
    """Return what axe-core complains about on the page as it is now."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']} ({one['impact']}): {node['html'][:200]}"
        for one in found
        for node in one["nodes"]
    ]


def search_box(page: Page) -> Locator:
    """Return the box that searches everything."""
    return page.get_by_role("main").get_by_label("Search questions, concepts, words and findings")


def hits(page: Page) -> Locator:
    """Return what the search shows, best first: links, and buttons that look like links."""
    found = page.locator(".st-key-search_hits")
    return found.locator("[data-testid='stPageLink'] a, [data-testid='stButton'] button")
