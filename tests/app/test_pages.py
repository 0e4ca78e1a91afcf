"""Every page, in this process: it shows, it has its chrome, and what is broken is said in a sentence.

Run: python -m pytest tests/app
"""

from collections.abc import Callable
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from lib.content import page_texts
from lib.content.tasks import TASKS, load_task, task_names
from lib.errors import ContentError
from lib.ui import demo_input, home_view
from tests.app.conftest import Link
from tests.app.reading import APP, loads_no_model_library, words

PAGES = sorted(file.stem for file in (APP.parent / "pages").glob("*.py"))

OpenPage = Callable[..., AppTest]


@pytest.fixture
def navigations(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The titles in each navigation that is built from now on."""
    built: list[list[str]] = []
    real = st.navigation

    def navigation(pages: list[st.Page], **options: object) -> st.Page:
        built.append([page.title for page in pages])
        return real(pages, **options)

    monkeypatch.setattr(st, "navigation", navigation)
    return built


@pytest.mark.parametrize("name", PAGES)
def test_page_shows_one_title_and_no_mistake(open_page: OpenPage, name: str) -> None:
    at = open_page(name)
    assert not at.exception
    assert not at.error
    assert len(at.title) == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_page_has_its_chrome_when_it_is_opened_first(
    open_page: OpenPage, navigations: list[list[str]], name: str
) -> None:
    open_page(name)
    assert navigations
    assert all(len(titles) == len(PAGES) for titles in navigations)


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_page_has_its_chrome_after_a_switch(
    home: AppTest, navigations: list[list[str]], name: str
) -> None:
    home.switch_page(f"pages/{name}.py").run()
    assert not home.exception
    assert navigations
    assert all(len(titles) == len(PAGES) for titles in navigations)


def test_home_shows_levers_results_and_the_way_into_the_demo(home: AppTest) -> None:
    texts = page_texts.load_page_texts().home
    text = words(home)
    assert all(lever.title in text for lever in texts.levers)
    assert len(home.get("vega_lite_chart")) == 1
    assert texts.demo_link in [link.value or link.label for link in home.page_link]


def test_home_says_what_was_found_on_the_other_tasks(home: AppTest, links: list[Link]) -> None:
    text = words(home)
    others = [name for name in task_names() if name != "booking"]
    assert page_texts.load_page_texts().home.others_title in text
    home.run()
    led_to = [params["task"] for _, page, params in links if page == "results" and params]
    assert sorted(set(led_to)) == sorted(others)
    assert "**You needed neither.**" in text
    assert "a classic classifier, which learned in" in text


def test_home_says_how_it_was_measured(home: AppTest) -> None:
    text = words(home)
    assert "1,234 test messages" in text
    assert "2026-01-02" in text
    assert "bfloat16" in text
    assert "1,000 are left" in text
    assert "LoRA 87.3%" in text
    assert home.code[0].value.startswith("python -m lib evaluate")


def test_home_says_what_an_always_empty_answer_would_reach(home: AppTest) -> None:
    assert "In 25.0% of these messages there is nothing to note down" in words(home)


def test_chart_has_words_and_a_table_beside_it(home: AppTest) -> None:
    alt = home.get("vega_lite_chart")[0].proto.alt
    assert "LoRA 88.3% (86.3% to 90.3%)" in alt
    assert list(home.dataframe[0].value["condition"]) == [
        "Plain prompt",
        "Engineered prompt",
        "LoRA",
        "LoRA + engineered",
    ]


@pytest.mark.parametrize("name", ["home", "demo"])
def test_missing_results_are_told_and_the_page_works(
    open_page: OpenPage, results_file: Path, name: str
) -> None:
    results_file.unlink()
    at = open_page(name)
    assert not at.exception
    assert "The measured results of 'booking' are missing: run `evaluate --out`." in words(at)
    assert at.page_link if name == "home" else at.button(key="demo_start")


@pytest.mark.slow
@pytest.mark.parametrize("content", ["", "{}", '{"rows": 3}', "no JSON", "[1, 2]"])
@pytest.mark.parametrize("name", ["home", "demo"])
def test_broken_results_are_told_and_the_page_works(
    open_page: OpenPage, results_file: Path, name: str, content: str
) -> None:
    results_file.write_text(content)
    at = open_page(name)
    assert not at.exception
    assert "The measured results of 'booking' can't be read" in words(at)


def test_broken_task_leaves_the_rest_of_home_standing(
    open_page: OpenPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (TASKS / "booking" / "task.yaml").read_text(encoding="utf-8")
    (tmp_path / "task.yaml").write_text(
        text.replace("kind: extraction", "kind: magic"), encoding="utf-8"
    )
    monkeypatch.setattr(home_view, "load_task", lambda _: load_task(str(tmp_path)))
    at = open_page()
    assert not at.exception
    assert len(at.error) == 1
    assert "task.yaml, line 3: kind" in words(at)
    assert at.page_link


def test_mistake_in_content_is_not_read_as_markdown(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise ContentError("bad: ![x](https://example.org/a.png) <b>")

    monkeypatch.setattr(demo_input, "get_tasks", broken)
    message = open_page("demo").error[0].value
    assert "![x]" not in message
    assert "<b>" not in message.replace("\\<", "")
    assert (
        message.replace("\\", "").replace("\u2060", "")
        == "bad: ![x](https://example.org/a.png) <b>"
    )


@pytest.mark.slow
def test_pages_never_import_torch_without_a_run() -> None:
    code = f"""
from streamlit.testing.v1 import AppTest
at = AppTest.from_file({str(APP)!r}, default_timeout=30).run()
for page in {PAGES!r}:
    at.switch_page(f"pages/{{page}}.py").run()
    assert not at.exception
"""
    loads_no_model_library(code)
