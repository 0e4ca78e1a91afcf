"""The demo in a real browser where a case is opened in it: a changed requirement, a loss of LoRA's.

Run: python -m pytest tests/e2e/test_demo_cases.py (add --headed to watch)
"""

import re

import pytest
from playwright.sync_api import Page, expect

from lib.content.gallery import load_gallery
from lib.content.results_texts import load_results_texts
from lib.content.tasks import load_task
from lib.inference.conditions import Condition
from tests.e2e.walking import (
    all_answered,
    answer,
    card,
    ended,
    is_running,
    no_errors,
    open_page,
    open_sent,
    run_button,
    settled,
    text_box,
)

pytestmark = pytest.mark.e2e


def test_prompts_follow_a_renamed_key_and_the_adapter_does_not(page: Page) -> None:
    open_page(page, "/demo?task=booking")
    page.get_by_role("radio", name="people becomes party").click()
    page.wait_for_url("**change=party**")
    settled(page)
    _run(page)
    all_answered(page)
    expect(answer(page, Condition.LORA)).to_contain_text('"people"')
    expect(card(page, Condition.LORA)).to_contain_text("Answers in the old form")
    expect(open_sent(page, Condition.ENGINEERED).first).to_contain_text("party")
    expect(page.get_by_role("heading", name="What the change costs")).to_be_visible()
    expect(page.get_by_text(re.compile(r"took .* rows and .* minutes"))).to_be_visible()
    # Back at what was trained, the answers of the changed task are gone.
    page.get_by_role("radio", name="As trained").click()
    settled(page)
    expect(page).not_to_have_url(re.compile("change="))
    expect(page.get_by_role("heading", name="What the change costs")).to_have_count(0)
    no_errors(page)


def test_a_loss_opens_on_the_demo_and_comes_out_as_it_was_measured(page: Page) -> None:
    gallery = load_gallery(load_task("booking"))
    assert gallery is not None
    first = gallery.items[0]
    open_page(page, "/results?task=booking")
    page.get_by_role("link", name=load_results_texts().gallery.link).first.click()
    expect(text_box(page)).to_have_value(first.inputs["text"], timeout=30_000)
    settled(page)
    _run(page)
    all_answered(page)
    # Only the adapter's loss: what a prompt makes of it can differ from one processor to another.
    assert Condition.LORA.value in first.loses
    expect(card(page, Condition.LORA)).to_contain_text("not what we expect")
    no_errors(page)


def test_a_question_is_asked_and_its_answer_marked_in_the_passage(page: Page) -> None:
    sample = load_task("qa").samples[0]
    open_page(page, "/demo?task=qa")
    expect(page.get_by_role("textbox", name="A passage")).to_have_value(sample.inputs["context"])
    expect(page.get_by_role("textbox", name="A question")).to_have_value(sample.inputs["question"])
    _run(page)
    all_answered(page)
    expect(answer(page, Condition.LORA)).to_contain_text("Clara Voss")
    expect(card(page, Condition.LORA)).to_contain_text("Where it stands")
    # An answer of one's own question: the fields keep what was typed.
    page.get_by_role("textbox", name="A question").fill("How long is the footbridge?")
    _run(page)
    all_answered(page)
    expect(answer(page, Condition.LORA)).to_contain_text("34")


def _run(page: Page) -> None:
    run_button(page).click()
    is_running(page)
    ended(page)
