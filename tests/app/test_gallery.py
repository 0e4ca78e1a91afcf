"""The gallery of losses: on the results page as it was measured, and opened on the demo page.

Run: python -m pytest tests/app/test_gallery.py
"""

import csv
import io
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.content import tasks
from lib.content.gallery import GalleryItem, load_gallery
from lib.content.results_texts import load_results_texts
from lib.content.tasks import load_task
from lib.inference.conditions import Condition
from lib.ui import library, results_library
from tests.app.conftest import Link
from tests.app.reading import card, words
from tests.fakes import FakeComparer

OpenPage = Callable[..., AppTest]
TEXTS = load_results_texts().gallery
BOOKING = tasks.TASKS / "booking"


@pytest.fixture
def booking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the booking task that the pages read, to change it."""
    folder = tmp_path / "tasks"
    shutil.copytree(BOOKING, folder / "booking", ignore=shutil.ignore_patterns("adapter"))
    monkeypatch.setattr(tasks, "TASKS", folder)
    for kept in (library._tasks, library._measured, results_library._found):
        kept.clear()
    yield folder / "booking"
    for kept in (library._tasks, library._measured, results_library._found):
        kept.clear()


def _items() -> tuple[GalleryItem, ...]:
    gallery = load_gallery(load_task("booking"))
    assert gallery is not None
    return gallery.items


def _fold(at: AppTest, id: str) -> AppTest:
    at.session_state[f"results_gallery_{id}"] = True
    return at.run()


# ------------------------------------------------------------------------- the results page


def test_gallery_stands_on_the_page_with_its_figures_as_a_table(
    open_page: OpenPage, downloads: dict[str, str]
) -> None:
    at = open_page("results", task="booking")
    assert not at.exception
    assert TEXTS.title in [one.value for one in at.header]
    rows = list(csv.DictReader(io.StringIO(downloads["results_gallery_csv"])))
    assert [row["input"] for row in rows] == [one.title for one in _items()]
    assert rows[0]["LoRA"] == "✗ wrong"
    assert rows[0]["Engineered prompt"] == "✓ right"
    assert "python -m lib gallery --task booking" in [one.value for one in at.code]


def test_only_the_first_input_is_open(open_page: OpenPage) -> None:
    at = open_page("results", task="booking")
    first, second = _items()[:2]
    codes = [one.value for one in at.code]
    assert first.inputs["text"] in codes
    assert second.inputs["text"] not in codes
    _fold(at, second.id)
    assert second.inputs["text"] in [one.value for one in at.code]
    assert second.look.strip() in words(at)


def test_right_and_wrong_are_told_with_a_word_and_a_sign(open_page: OpenPage) -> None:
    text = words(open_page("results", task="booking"))
    assert ":material/check: **Right** · Engineered prompt" in text
    assert ":material/close: **Wrong** · LoRA" in text
    assert ":material/close: **Not usable** · Plain prompt" in text


def test_link_holds_the_id_and_never_the_text(open_page: OpenPage, links: list[Link]) -> None:
    open_page("results", task="booking")
    found = [params for label, page, params in links if label == TEXTS.link and page == "demo"]
    assert found
    assert all(one == {"task": "booking", "demo_sample": _items()[0].id} for one in found)


def test_task_without_a_gallery_has_no_such_section(open_page: OpenPage, booking: Path) -> None:
    (booking / "gallery.yaml").unlink()
    at = open_page("results", task="booking")
    assert not at.exception
    assert TEXTS.title not in [one.value for one in at.header]


def test_gallery_that_was_not_measured_says_so(open_page: OpenPage, booking: Path) -> None:
    (booking / "results" / "gallery.json").unlink()
    at = open_page("results", task="booking")
    assert not at.exception
    assert "python -m lib gallery --task booking" in words(at)


@pytest.mark.parametrize("file", ["gallery.yaml", "results/gallery.json"])
def test_broken_file_is_one_warning(open_page: OpenPage, booking: Path, file: str) -> None:
    (booking / file).write_text("broken")
    at = open_page("results", task="booking")
    assert not at.exception
    assert len(at.warning) == 1
    assert "gallery" in at.warning[0].value


def test_answers_of_other_prompts_are_told_as_such(open_page: OpenPage, booking: Path) -> None:
    file = booking / "results" / "gallery.json"
    data = json.loads(file.read_text("utf-8"))
    data["prompt_sha256"]["engineered"] = "0" * 64
    file.write_text(json.dumps(data), encoding="utf-8")
    at = open_page("results", task="booking")
    assert TEXTS.stale in words(at)


# ------------------------------------------------------------------------- the demo page


def test_link_opens_the_input_with_its_reason(
    open_page: OpenPage, fake_comparer: FakeComparer
) -> None:
    item = _items()[0]
    fake_comparer.replies = {Condition.ENGINEERED: item.expected}
    at = open_page("demo", demo_sample=item.id)
    assert at.text_area(key="demo_text_booking").value == item.inputs["text"]
    assert item.look.strip() in words(at)
    at.button(key="demo_start").click().run()
    assert "**Right**" in words(card(at, Condition.ENGINEERED))
    assert at.query_params["demo_sample"] == item.id


def test_link_is_followed_whatever_was_typed_before(demo: AppTest) -> None:
    item = _items()[0]
    demo.text_area(key="demo_text_booking").set_value("My own words").run()
    demo.switch_page("pages/results.py").run()
    demo.query_params.update({"task": "booking", "demo_sample": item.id})
    demo.switch_page("pages/demo.py").run()
    assert demo.text_area(key="demo_text_booking").value == item.inputs["text"]


def test_own_words_stay_after_a_link_was_followed(open_page: OpenPage) -> None:
    at = open_page("demo", demo_sample=_items()[0].id)
    at.text_area(key="demo_text_booking").set_value("My own words").run()
    assert at.text_area(key="demo_text_booking").value == "My own words"
    assert "demo_sample" not in at.query_params


def test_renamed_key_is_renamed_in_the_gallery_too(
    open_page: OpenPage, fake_comparer: FakeComparer
) -> None:
    item = _items()[0]
    fake_comparer.replies = {
        Condition.ENGINEERED: item.expected.replace("people", "party"),
        Condition.LORA: item.expected,
    }
    at = open_page("demo", demo_sample=item.id, change="party")
    at.button(key="demo_start").click().run()
    assert "**Right**" in words(card(at, Condition.ENGINEERED))
    assert "in the old form" in words(card(at, Condition.LORA))


def test_nothing_is_expected_of_the_gallery_where_a_key_was_added(
    open_page: OpenPage, fake_comparer: FakeComparer
) -> None:
    item = _items()[0]
    fake_comparer.default_reply = item.expected
    at = open_page("demo", demo_sample=item.id, change="table")
    at.button(key="demo_start").click().run()
    assert "Valid answer" in words(card(at, Condition.LORA))


def test_broken_gallery_leaves_the_demo_alone(open_page: OpenPage, booking: Path) -> None:
    (booking / "gallery.yaml").write_text("broken")
    at = open_page("demo")
    assert not at.exception
    assert not at.error
