"""The train page in a real browser with the real worker: from pasted rows to a verdict and a zip.

Run: python -m pytest tests/e2e/test_train.py (add --headed to watch)
"""

import io
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from lib.content.page_texts import load_page_texts
from lib.inference.base_model import cache_dir
from tests.e2e.conftest import ROOT, StartServer, running
from tests.e2e.walking import (
    does_not_scroll_sideways,
    no_errors,
    open_page,
    settled,
    violations,
)

pytestmark = pytest.mark.e2e

TEXTS = load_page_texts().train
ALL_OF_IT = {"width": 1280, "height": 7_000}
SOON = 30_000  # milliseconds; the server may be busy
A_TRAINING = 600_000  # about a minute where nobody else needs the machine
_THINGS = ("parcel", "invoice", "refund", "kettle", "order", "voucher", "account", "box")
_TIMES = ("today", "again", "at once", "once more", "now")


def rows() -> str:
    """Return forty rows with two labels that anybody can tell apart."""
    lines = []
    for number, (time, thing) in enumerate((time, thing) for time in _TIMES for thing in _THINGS):
        kind = number % 2
        text = f"Please be so kind as to look at the {thing}" if kind else f"Fix the {thing}"
        lines.append(f"{text} {time},{'polite' if kind else 'curt'}")
    return "text,label\n" + "\n".join(lines) + "\n"


@pytest.fixture
def own_cache(tmp_path: Path) -> dict[str, str]:
    """A cache of its own that shares the base model, so that no training of others is met."""
    cache = tmp_path / "cache"
    cache.mkdir()
    for one in ("base", "pace.json"):
        if (cache_dir() / one).exists():
            (cache / one).symlink_to(cache_dir() / one)
    return {"POT_CACHE_DIR": str(cache)}


def _button(page: Page, name: str) -> Locator:
    return page.get_by_role("main").get_by_role("button", name=name, exact=True)


def _paste(page: Page, text: str) -> None:
    page.get_by_role("radio", name=TEXTS.bring.ways["paste"]).click()
    box = page.get_by_role("textbox", name=TEXTS.bring.paste_label)
    box.fill(text)
    box.press("Control+Enter")


def _submit(page: Page) -> str:
    """Press the button and return the address of the private page."""
    _button(page, TEXTS.minutes.train).click(timeout=SOON)
    expect(page.get_by_role("heading", name=TEXTS.job.link_title)).to_be_visible(timeout=SOON)
    expect(page).to_have_url(re.compile(r"/train\?job=[\w-]{20,}$"))
    return page.url


def test_pasted_rows_become_a_verdict_and_a_zip(
    browser: Browser, start_server: StartServer, own_cache: dict[str, str]
) -> None:
    page = browser.new_page(base_url=start_server(**own_cache), viewport=ALL_OF_IT)
    open_page(page, "/train")
    _paste(page, rows())
    expect(page.get_by_text("40 of 40 rows in pasted.csv can be used")).to_be_visible(timeout=SOON)
    assert violations(page) == []
    address = _submit(page)
    expect(page.get_by_test_id("stVegaLiteChart").first).to_be_visible(timeout=A_TRAINING)

    # Whoever has the link sees the same, in another browser too.
    other = browser.new_page(viewport={"width": 390, "height": 4_000}, color_scheme="dark")
    open_page(other, address)
    expect(other.get_by_text(TEXTS.job.scored_title)).to_be_visible(timeout=SOON)
    assert does_not_scroll_sideways(other)

    for one in (page, other):
        expect(one.get_by_text(TEXTS.verdict.pairs)).to_be_visible(timeout=A_TRAINING)
        settled(one)
        no_errors(one)
    assert does_not_scroll_sideways(other)
    assert violations(page) == []
    with page.expect_download() as download:
        _button(page, TEXTS.verdict.zip).click()
    with zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes())) as packed:
        names = {name.partition("/")[2] for name in packed.namelist()}
    assert {"adapter/adapter_model.safetensors", "README.md", "run.py", "answers.csv"} <= names

    _button(page, TEXTS.job.delete_done).click()
    _button(page, TEXTS.job.sure_yes).click()
    expect(page.get_by_text(TEXTS.job.deleted)).to_be_visible(timeout=SOON)
    other.reload()
    expect(other.get_by_text("Nothing is kept under this link")).to_be_visible(timeout=SOON)
    other.close()
    page.close()


def test_a_killed_server_says_what_was_lost_and_starts_again(
    browser: Browser, tmp_path: Path, own_cache: dict[str, str]
) -> None:
    with running(ROOT, tmp_path / "first.txt", own_cache) as address:
        page = browser.new_page(base_url=address)
        open_page(page, "/train")
        _paste(page, rows())
        token = _submit(page).partition("?")[2]
        expect(page.get_by_text(TEXTS.job.stages["prompts"])).to_be_visible(timeout=A_TRAINING)
        page.close()
    # Leaving the block has killed the server, as a power cut would.
    with running(ROOT, tmp_path / "second.txt", own_cache) as address:
        page = browser.new_page(base_url=address)
        open_page(page, f"/train?{token}")
        expect(page.get_by_text("its progress is lost")).to_be_visible(timeout=SOON)
        _button(page, TEXTS.job.restart).click()
        expect(_button(page, TEXTS.job.delete)).to_be_visible(timeout=SOON)
        expect(page.get_by_text("its progress is lost")).to_have_count(0)
        no_errors(page)
        _button(page, TEXTS.job.delete).click()
        _button(page, TEXTS.job.sure_yes).click()
        expect(page.get_by_text(TEXTS.job.deleted)).to_be_visible(timeout=SOON)
        page.close()
