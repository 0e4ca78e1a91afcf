"""Searching and reading in a real browser: the pages that need no model.

Run: python -m pytest tests/e2e/test_reading.py (add --headed to watch)
"""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from lib.content.library import load_library
from tests.e2e.conftest import StartServer
from tests.e2e.walking import (
    SOON,
    address_ending,
    has_title,
    hits,
    no_errors,
    open_page,
    open_quiet_page,
    quiet,
    search_box,
    settled,
)

pytestmark = pytest.mark.e2e


# ------------------------------------------------------------------------- search


def test_search_answers_while_one_types(page: Page, context: BrowserContext) -> None:
    open_page(page, "/faq")
    search_box(page).press_sequentially("finetunning", delay=60)
    expect(hits(page).first).to_be_visible(timeout=SOON)
    settled(page)
    expect(page.get_by_text('for "')).to_be_visible()  # how it was spelled
    first = hits(page).first.inner_text()
    assert " · Question" in first
    hits(page).first.click()
    title = next(
        one.question
        for one in load_library().questions.values()
        if one.question in first.replace("\n", " ")
    )
    has_title(page, title)
    assert "?q=" in page.url
    expect(page.locator(".st-key-short_answer")).to_be_visible()
    assert len(context.pages) == 1
    no_errors(page)


def test_search_follows_what_is_typed(page: Page) -> None:
    open_page(page, "/faq")
    search_box(page).press_sequentially("lora", delay=60)
    expect(hits(page).filter(has_text="LoRA").first).to_be_visible(timeout=SOON)
    search_box(page).press_sequentially(" merging rank", delay=60)
    expect(hits(page).filter(has_text="rank").first).to_be_visible(timeout=SOON)
    search_box(page).fill("")
    expect(hits(page)).to_have_count(0, timeout=SOON)
    no_errors(page)


@pytest.mark.parametrize("kind", ["Question", "Concept", "Word", "Finding"])
def test_every_kind_of_hit_leads_to_its_page(page: Page, kind: str) -> None:
    open_page(page, "/concepts")
    query = {
        "Question": "how much data do I need",
        "Concept": "let the machine write the prompt",
        "Word": "lora",
        "Finding": "E14",
    }[kind]
    search_box(page).press_sequentially(query, delay=60)
    hit = hits(page).filter(has_text=re.compile(rf" · {kind}$")).first
    expect(hit).to_be_visible(timeout=SOON)
    settled(page)
    hit.click()
    start = {"Question": "/faq?q=", "Concept": "/concepts?read=", "Word": "/evidence?term="}
    page.wait_for_url(address_ending(start.get(kind, "/evidence?find="), "[^#]+"))
    settled(page)
    has_title(page, re.compile(r"\S"))
    expect(page.get_by_text("There is no such")).to_have_count(0)
    no_errors(page)


@pytest.mark.parametrize(
    "query",
    [
        "**zxqvkj**<b>zxqvkj</b>",
        ":red[zxqvkj]",
        "[zxqvkj](http://zxqvkj)",
        "www.zxqvkj.zxqvkj",
        "http://zxqvkj.zxqvkj",
        "zxqvkj@zxqvkj.zxqvkj",
        "$zxqvkj$ :smile: `zxqvkj`",
        '<img src=x onerror="alert(1)">zxqvkj',
    ],
)
def test_query_stays_text(page: Page, query: str) -> None:
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    open_page(page, "/faq")
    search_box(page).fill(query)
    told = page.get_by_test_id("stAlert")
    expect(told.or_(hits(page).first).first).to_be_visible(timeout=SOON)
    settled(page)
    expect(page.get_by_role("main").locator("img, script, .katex")).to_have_count(0)
    assert not page.get_by_role("main").locator("a[href*='zxqvkj']").count()
    if told.count():
        assert f'"{query}"' in told.inner_text().replace("\u2060", "")
        expect(told.locator("a, b, strong, code, [style*='color']")).to_have_count(0)


def test_answers_that_are_open_stay_open_while_one_searches(page: Page) -> None:
    open_page(page, "/faq")
    one = load_library().questions["lora"]
    box = page.locator(".st-key-faq_lora")
    box.get_by_text(one.question).click()
    expect(box.get_by_text("A common mistake")).to_be_visible(timeout=SOON)
    expect(page.locator("#e27")).to_be_visible()
    search_box(page).press_sequentially("rank", delay=60)
    expect(hits(page).first).to_be_visible(timeout=SOON)
    settled(page)
    expect(box.get_by_text("A common mistake")).to_be_visible()


# ------------------------------------------------------------------------- finding the way


def test_evidence_mark_leads_to_the_foot_in_the_same_tab(
    page: Page, context: BrowserContext
) -> None:
    open_page(page, "/concepts?read=lora")
    finding = load_library().findings["E29"]
    mark = page.get_by_role("main").locator("a[href='#e29']").first
    expect(mark).to_have_text("[E29]")
    expect(mark).to_have_attribute("title", finding.claim.replace('"', "'"))
    mark.click()
    page.wait_for_url(address_ending("/concepts?read=lora#e29"))
    expect(page.locator("#e29")).to_be_in_viewport(timeout=SOON)
    expect(page.locator(".st-key-finding_E29")).to_contain_text(finding.claim)
    assert len(context.pages) == 1
    settled(page)
    has_title(page, load_library().articles["lora"].title)
    no_errors(page)


def test_explained_word_leads_to_the_foot_in_the_same_tab(
    page: Page, context: BrowserContext
) -> None:
    open_page(page, "/concepts?read=lora")
    mark = page.get_by_role("main").locator("a[href='#word-rank']").first
    assert "width" in str(mark.get_attribute("title"))
    mark.click()
    expect(page.locator("#word-rank")).to_be_in_viewport(timeout=SOON)
    assert urlsplit(page.url).fragment == "word-rank"
    assert len(context.pages) == 1


def test_mark_in_an_opened_answer_leads_to_the_foot(page: Page) -> None:
    open_page(page, "/faq")
    page.locator(".st-key-faq_lora").get_by_text(load_library().questions["lora"].question).click()
    mark = page.get_by_role("main").locator("a[href='#e27']").first
    mark.click(timeout=SOON)
    expect(page.locator("#e27")).to_be_in_viewport(timeout=SOON)
    expect(page.locator(".st-key-faq_lora").get_by_text("A common mistake")).to_be_visible()


@pytest.mark.parametrize(
    ("address", "tab", "text"),
    [
        ("/concepts?read=lora", "Concepts", None),
        ("/choose?task=qa", "Choose", "Answer questions from documents"),
        ("/faq?q=lora", "Questions", None),
        ("/evidence?find=E14", "Evidence", None),
    ],
)
def test_cold_deep_link_shows_what_it_names(
    page: Page, start_server: StartServer, address: str, tab: str, text: str | None
) -> None:
    library = load_library()
    open_page(page, f"{start_server()}{address}")
    expect(page).to_have_title(f"{tab} · Prompt or Tune")
    navigation = page.get_by_role("navigation")
    for name in ("Home", "Concepts", "Choose", "Questions", "Demo", "Evidence"):
        expect(navigation.get_by_role("link", name=name, exact=True)).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    wanted = text or {
        "Concepts": library.articles["lora"].title,
        "Questions": library.questions["lora"].question,
        "Evidence": library.findings["E14"].claim,
    }.get(tab, "")
    expect(page.get_by_role("main")).to_contain_text(wanted)
    assert page.url.endswith(address)
    no_errors(page)


def test_answer_changed_on_a_cold_server_stays_and_stands_in_the_address(
    page: Page, start_server: StartServer
) -> None:
    open_quiet_page(page, f"{start_server()}/choose?task=qa")
    asked = "Answer questions from documents"
    expect(_question(page, "What kind of task is it?")).to_have_value(asked, timeout=SOON)
    facts = _question(page, "Does it need facts")
    facts.scroll_into_view_if_needed()
    quiet(page)  # a list that is open closes when the page scrolls
    facts.click()
    page.get_by_role("option", name="Facts that change every week").click()
    page.wait_for_url(address_ending("/choose?task=qa&fresh=fast"))
    settled(page)
    expect(page.locator(".st-key-pick_rag")).to_be_visible()
    expect(_question(page, "What kind of task is it?")).to_have_value(asked)
    page.reload()
    expect(_question(page, "What kind of task is it?")).to_have_value(asked, timeout=SOON)
    expect(_question(page, "Does it need facts")).to_have_value(re.compile("every week"))
    settled(page)
    page.get_by_role("button", name="Start again").click()
    expect(_question(page, "What kind of task is it?")).not_to_have_value(asked, timeout=SOON)
    page.wait_for_url(address_ending("/choose"))
    no_errors(page)


def _question(page: Page, text: str) -> Locator:
    """Return the box of one of the guide's questions."""
    return page.get_by_role("combobox", name=text)


FOLLOWED = [
    ("/concepts", "LoRA and friends", "/concepts?read=lora"),
    ("/concepts", "The approaches side by side", "/concepts?read=table"),
    ("/concepts?read=lora", "How many examples?", "/concepts?read=how-many-examples"),
    ("/concepts?read=lora", "All concepts", "/concepts"),
    ("/concepts?read=myths", "All concepts", "/concepts"),
    ("/faq?q=lora", "All questions", "/faq"),
    ("/faq?q=difference", "Is RAG a kind of fine-tuning?", "/faq?q=rag-is-tuning"),
    ("/evidence?find=E14", "All findings", "/evidence"),
    ("/evidence?term=lora", "All words", "/evidence?show=glossary"),
]


@pytest.mark.parametrize(("start", "link", "address"), FOLLOWED)
def test_link_that_is_followed_stands_in_the_address(
    page: Page, start: str, link: str, address: str
) -> None:
    """So it can be shared, and a reload shows the same."""
    open_page(page, start)
    page.get_by_role("main").get_by_role("link", name=link).first.click()
    expect(page).to_have_url(address_ending(address), timeout=SOON)
    settled(page)
    title = page.get_by_role("heading", level=1).inner_text()
    page.reload()
    settled(page)
    has_title(page, title)


def test_back_leads_from_an_article_to_the_list(page: Page) -> None:
    library = load_library()
    open_page(page, "/concepts")
    title = page.get_by_role("heading", level=1).inner_text()
    article = library.articles["lora"]
    page.get_by_role("main").get_by_role("link", name=article.title).click()
    has_title(page, article.title)
    settled(page)
    page.go_back()
    has_title(page, title)
    settled(page)
    page.go_forward()
    has_title(page, article.title)


def test_article_that_is_followed_begins_at_its_top(page: Page) -> None:
    """A link at the foot of a long page must not open the next one at its foot."""
    library = load_library()
    open_page(page, "/concepts?read=lora")
    link = page.locator(".st-key-neighbours").get_by_role("link", name=re.compile("^Next: ")).first
    link.scroll_into_view_if_needed()
    link.click()
    ordered = list(library.articles)
    has_title(page, library.articles[ordered[ordered.index("lora") + 1]].title)
    settled(page)
    expect(page.get_by_role("heading", level=1)).to_be_in_viewport(timeout=SOON)


def test_report_is_downloaded(page: Page) -> None:
    open_page(page, "/choose?task=qa")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as Markdown").click()
    text = download.value.path().read_text(encoding="utf-8")
    assert text.startswith("# Prompt or tune: a recommendation")
    assert "**Answer questions from documents**" in text
