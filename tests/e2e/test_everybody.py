"""For everybody: keyboard, screen reader, phone, and no request that leaves this machine.

Run: python -m pytest tests/e2e/test_everybody.py (add --headed to watch)
"""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from lib.content.articles import article_files
from lib.content.figures import figure_files
from lib.content.library import load_library
from tests.e2e.walking import (
    SOON,
    address_ending,
    does_not_scroll_sideways,
    hits,
    no_errors,
    open_quiet_page,
    search_box,
    settled,
    violations,
)

pytestmark = pytest.mark.e2e

NewContext = Callable[..., BrowserContext]

PAGES = [
    "/",
    "/concepts",
    "/concepts?read=lora",
    "/concepts?read=two-levers",
    "/concepts?read=table",
    "/concepts?read=myths",
    "/choose",
    "/choose?task=qa&tunable=no&eval=no",
    "/faq",
    "/faq?q=when-to-tune",
    "/evidence",
    "/evidence?find=E14",
    "/evidence?show=charts",
    "/evidence?show=glossary",
    "/evidence?show=status",
]
ALL_OF_IT = {"width": 1280, "height": 16_000}
"""A window that needs no scrolling: axe-core judges the colours of what it can see."""


def _diagram_is_drawn(page: Page) -> None:
    """Wait until the diagram of an article is there; it is drawn by the browser, as a picture."""
    diagram = page.get_by_test_id("stMermaidChart").locator("img")
    expect(diagram).to_be_visible(timeout=SOON)
    expect(diagram).to_have_attribute("alt", re.compile(r"\w+ \w+"))


def _tab_to(page: Page, is_there: Callable[[], bool], steps: int) -> None:
    for _ in range(steps):
        page.keyboard.press("Tab")
        if is_there():
            return
    pytest.fail(f"{steps} times Tab did not lead there")


def test_keyboard_alone_is_enough_to_search_and_read(page: Page) -> None:
    open_quiet_page(page, "/faq")
    focused = "element => element === document.activeElement"
    _tab_to(page, lambda: bool(search_box(page).evaluate(focused)), 25)
    page.keyboard.type("catastrophic forgetting", delay=60)
    expect(hits(page).first).to_be_visible(timeout=SOON)
    settled(page)
    expect(search_box(page)).to_be_focused()
    hit = hits(page).filter(has_text=" · Question").first
    _tab_to(page, lambda: bool(hit.evaluate(focused)), 10)
    page.keyboard.press("Enter")
    page.wait_for_url(address_ending("/faq?q=", "[^#]+"))
    expect(page.locator(".st-key-short_answer")).to_be_visible(timeout=SOON)


def test_keyboard_alone_opens_an_answer_in_the_list(page: Page) -> None:
    open_quiet_page(page, "/faq")
    summary = page.locator(".st-key-faq_difference summary")
    focused = "element => element === document.activeElement"
    _tab_to(page, lambda: bool(summary.evaluate(focused)), 30)
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-faq_difference").get_by_text("A common mistake")).to_be_visible(
        timeout=SOON
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", PAGES)
def test_page_has_no_accessibility_violations(
    new_context: NewContext, address: str, scheme: str
) -> None:
    page = new_context(color_scheme=scheme, viewport=ALL_OF_IT).new_page()
    open_quiet_page(page, address)
    if page.get_by_test_id("stMermaidChart").count():
        _diagram_is_drawn(page)
    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_opened_has_no_accessibility_violations(
    new_context: NewContext, scheme: str
) -> None:
    page = new_context(color_scheme=scheme, viewport=ALL_OF_IT).new_page()
    open_quiet_page(page, "/faq")
    page.locator(".st-key-faq_lora summary").click()
    expect(page.locator("#e27")).to_be_visible(timeout=SOON)
    search_box(page).fill("rank")
    expect(hits(page).first).to_be_visible(timeout=SOON)
    settled(page)
    assert violations(page) == []
    search_box(page).fill("zxqvkj")
    expect(page.get_by_test_id("stAlert")).to_be_visible(timeout=SOON)
    settled(page)
    assert violations(page) == []
    open_quiet_page(page, "/choose")
    for summary in page.get_by_role("main").locator("summary").all():
        if summary.locator("xpath=..").get_attribute("open") is None:
            summary.click()
    settled(page)
    assert violations(page) == []


_CUT = """() => {
    const main = document.querySelector('[data-testid="stMain"]');
    const cut = [];
    for (const one of main.querySelectorAll('p, a, button, summary, label, h1, h2, h3, span, li')) {
        const style = getComputedStyle(one);
        const box = one.getBoundingClientRect();
        if (box.width < 2 || box.height < 2 || style.visibility === 'hidden') continue;
        if (one.closest('.vega-embed, canvas, svg, [data-baseweb="select"], .stDataFrame')) continue;
        const hides = style.overflowX !== 'visible' && style.overflowX !== 'auto'
            && style.overflowX !== 'scroll';
        const isCut = hides && one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0;
        const isOut = box.right > document.documentElement.clientWidth + 1
            && !one.closest('table, pre, [data-testid="stTable"], [role="radiogroup"]');
        if ((isCut || isOut) && one.innerText && one.innerText.trim())
            cut.push((isCut ? 'cut: ' : 'outside: ') + one.tagName + ' ' + one.innerText.trim());
    }
    return [...new Set(cut)];
}"""


@pytest.mark.parametrize("address", PAGES)
def test_phone_shows_every_word_without_scrolling_sideways(
    new_context: NewContext, address: str
) -> None:
    phone = {"width": 390, "height": 844}
    page = new_context(viewport=phone, is_mobile=True, has_touch=True).new_page()
    open_quiet_page(page, address)
    assert does_not_scroll_sideways(page)
    assert page.evaluate(_CUT) == []


def test_phone_shows_hits_and_opened_answers_in_full(new_context: NewContext) -> None:
    phone = {"width": 390, "height": 844}
    page = new_context(viewport=phone, is_mobile=True, has_touch=True).new_page()
    open_quiet_page(page, "/faq")
    page.locator(".st-key-faq_lora summary").click()
    expect(page.locator("#e27")).to_be_visible(timeout=SOON)
    search_box(page).fill("lora adapter rank merging")
    expect(hits(page).first).to_be_visible(timeout=SOON)
    settled(page)
    assert does_not_scroll_sideways(page)
    assert page.evaluate(_CUT) == []
    longest = max(load_library().questions.values(), key=lambda one: len(one.question))
    heading = page.locator(f".st-key-faq_{longest.id} summary")
    expect(heading).to_contain_text(longest.question)
    shortest = min(load_library().questions.values(), key=lambda one: len(one.question))
    one_line = page.locator(f".st-key-faq_{shortest.id} summary").bounding_box()
    more_lines = heading.bounding_box()
    assert one_line
    assert more_lines
    assert more_lines["height"] > one_line["height"] + 10


@pytest.mark.parametrize("kind", ["pages", "articles", "charts"])
def test_nothing_leaves_this_machine_and_the_console_stays_clean(page: Page, kind: str) -> None:
    outside: list[str] = []
    complaints: list[str] = []

    def only_here(route: Route) -> None:
        if urlsplit(route.request.url).hostname in ("localhost", "127.0.0.1"):
            route.continue_()
        else:
            outside.append(route.request.url)
            route.abort()

    page.route("**/*", only_here)
    page.on("websocket", lambda one: outside.append(one.url) if "localhost" not in one.url else ...)
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    page.on(
        "console",
        # Streamlit itself looks for its server below a page's address first, and finds it above.
        lambda one: (
            complaints.append(f"{page.url}: {one.text} {one.location['url']}")
            if one.type == "error" and "/_stcore/" not in one.location["url"]
            else ...
        ),
    )
    library = load_library()
    addresses = {
        "pages": PAGES,
        "articles": [f"/concepts?read={file.stem}" for file in article_files()],
        "charts": [f"/evidence?figure={file.stem}" for file in figure_files()],
    }[kind]
    for address in addresses:
        open_quiet_page(page, address)
        no_errors(page)
        article = library.articles.get(address.partition("?read=")[2])
        if article and article.picture.mermaid:
            _diagram_is_drawn(page)
        elif article or kind == "charts":
            chart = page.get_by_test_id("stVegaLiteChart")
            expect(chart.locator("canvas, svg").first).to_be_visible(timeout=SOON)
    assert outside == []
    assert complaints == []
