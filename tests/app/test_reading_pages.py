"""What all pages to read have in common: broken and old content, and nothing heavy behind them.

Run: python -m pytest tests/app/test_reading_pages.py
"""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.content import page_texts
from lib.content.library import load_library
from lib.ui import choose_view, concepts_view, demo_view, evidence_view, faq_view, home_view
from tests.app.conftest import Link
from tests.app.reading import APP, is_told, loads_no_model_library, maybe_rendered, words

OpenPage = Callable[..., AppTest]

ADDRESSES: list[tuple[str, dict[str, str]]] = [
    ("concepts", {"read": "lora"}),
    ("choose", {}),
    ("faq", {"q": "lora"}),
    ("evidence", {}),
    ("evidence", {"figure": "lora-size"}),
    ("concepts", {}),
    ("concepts", {"read": "two-levers"}),
    ("concepts", {"read": "better-together"}),
    ("concepts", {"read": "table"}),
    ("concepts", {"read": "myths"}),
    ("choose", {"task": "qa", "tunable": "no"}),
    ("faq", {}),
    ("evidence", {"find": "E14"}),
    ("evidence", {"show": "charts"}),
    ("evidence", {"term": "lora"}),
    ("evidence", {"show": "glossary"}),
    ("evidence", {"show": "status"}),
]
"""The first five are one of each kind."""

BREAKS: dict[str, Callable[[Path], object]] = {
    "empty": lambda file: file.write_text(""),
    "garbage": lambda file: file.write_text("--- : [}\n\x00 <b>"),
    "wrong kind": lambda file: file.write_text("---\ntitle: [1]\n---\nno\n"),
    "not text": lambda file: file.write_bytes(b"\xff\xfe\x00\x81"),
    "missing": lambda file: file.unlink(),
    "a folder": lambda file: (file.unlink(), file.mkdir()),
}

FILES = [
    "concepts/lora.md",
    "faq/lora.md",
    "evidence.csv",
    "decision_guide.yaml",
    "glossary.yaml",
    "comparison.yaml",
    "myths.yaml",
    "status.yaml",
    "figures/lora-size.yaml",
    "figures/lora_size.csv",
]


def _assert_no_traceback(at: AppTest) -> None:
    assert not at.exception, [one.message for one in at.exception]
    assert len(at.title) <= 1
    assert all("Traceback" not in text for _, text in maybe_rendered(at))


# ------------------------------------------------------------------------- what is broken


@pytest.mark.parametrize("file", FILES)
def test_broken_file_leaves_every_page_standing(
    open_page: OpenPage, content_copy: Path, file: str
) -> None:
    BREAKS["garbage"](content_copy / file)
    for name, params in ADDRESSES[:5]:
        _assert_no_traceback(open_page(name, **params))


@pytest.mark.parametrize("how", ["garbage", "missing"])
def test_pages_stand_though_every_file_is_broken(
    open_page: OpenPage, content_copy: Path, how: str
) -> None:
    for file in sorted(content_copy.glob("*.*")) + sorted(content_copy.glob("*/*.*")):
        if file.name != "pages.yaml":
            BREAKS[how](file)
    for name, params in ADDRESSES:
        _assert_no_traceback(open_page(name, **params))


@pytest.mark.parametrize("how", BREAKS)
@pytest.mark.parametrize(
    ("file", "article"),
    [
        ("task.yaml", "lora"),
        ("results/test.json", "better-together"),
        ("training.json", "what-fine-tuning-does"),
    ],
)
def test_broken_file_of_a_task_leaves_the_article_that_draws_it(
    open_page: OpenPage, content_copy: Path, file: str, article: str, how: str
) -> None:
    BREAKS[how](content_copy / "tasks" / "booking" / file)
    at = open_page("concepts", read=article)
    _assert_no_traceback(at)
    assert at.title


@pytest.mark.parametrize("how", ["garbage", "missing", "not text"])
def test_broken_article_leaves_the_others(
    open_page: OpenPage, content_copy: Path, links: list[Link], how: str
) -> None:
    BREAKS[how](content_copy / "concepts" / "lora.md")
    library = load_library()
    assert "lora" not in library.articles
    at = open_page("concepts")
    assert not at.error
    shown = [params["read"] for _, page, params in links if page == "concepts" and "read" in params]
    assert set(shown) >= set(library.articles)
    assert "lora" not in shown
    at = open_page("concepts", read="lora")
    assert "There is no such article here" in at.info[0].value
    for id in ("what-fine-tuning-does", "how-many-examples"):  # its neighbours
        at = open_page("concepts", read=id)
        assert at.title[0].value == library.articles[id].title
    at = open_page("faq", q="lora")
    assert is_told(library.questions["lora"].body, at)


def test_broken_question_leaves_the_others(open_page: OpenPage, content_copy: Path) -> None:
    BREAKS["garbage"](content_copy / "faq" / "lora.md")
    library = load_library()
    assert len(open_page("faq").expander) == len(library.questions)
    assert "There is no such question here" in open_page("faq", q="lora").info[0].value
    assert open_page("concepts", read="lora").title[0].value == library.articles["lora"].title


def test_broken_findings_leave_the_articles_with_their_marks_as_words(
    open_page: OpenPage, content_copy: Path
) -> None:
    BREAKS["garbage"](content_copy / "evidence.csv")
    article = load_library().articles["lora"]
    at = open_page("concepts", read="lora")
    assert at.title[0].value == article.title
    assert "[E30]" in words(at)
    assert "](#e30" not in words(at)
    assert "Evidence" not in [one.value for one in at.header]
    assert open_page("choose").selectbox
    assert len(open_page("evidence", show="glossary").subheader) > 10


def test_broken_findings_are_told_where_they_are_wanted(
    open_page: OpenPage, content_copy: Path
) -> None:
    """No filter is set, so taking one away can't help."""
    BREAKS["garbage"](content_copy / "evidence.csv")
    at = open_page("evidence")
    assert not at.exception
    assert "Take one away" not in words(at)
    assert at.error or at.warning or at.info


@pytest.mark.parametrize("how", ["garbage", "missing", "not text"])
def test_broken_guide_is_one_sentence_and_the_rest_works(
    open_page: OpenPage, content_copy: Path, how: str
) -> None:
    BREAKS[how](content_copy / "decision_guide.yaml")
    at = open_page("choose", task="qa")
    assert not at.exception
    assert [one.value for one in at.error] == [
        "The guide can't be shown: content/decision_guide.yaml is broken, and `make check` says where."
    ]
    assert at.title[0].value == page_texts.load_page_texts().choose.title
    assert not open_page("concepts", read="lora").error
    assert not open_page("evidence").error


@pytest.mark.parametrize(
    ("file", "name", "params"),
    [
        ("comparison.yaml", "concepts", {"read": "table"}),
        ("myths.yaml", "concepts", {"read": "myths"}),
        ("status.yaml", "evidence", {"show": "status"}),
        ("glossary.yaml", "evidence", {"show": "glossary"}),
    ],
)
def test_broken_table_is_told_where_it_is_wanted(
    open_page: OpenPage, content_copy: Path, file: str, name: str, params: dict[str, str]
) -> None:
    BREAKS["garbage"](content_copy / file)
    at = open_page(name, **params)
    assert not at.exception
    assert at.error or at.warning or at.info


def test_broken_chart_of_an_article_is_told(open_page: OpenPage, content_copy: Path) -> None:
    BREAKS["garbage"](content_copy / "figures" / "lora-size.yaml")
    library = load_library()
    at = open_page("concepts", read="lora")
    assert not at.exception
    assert "The chart of this article can't be shown: its file is broken." in words(at)
    assert is_told(library.articles["lora"].body, at)
    at = open_page("evidence", figure="lora-size")
    assert at.selectbox(key="evidence_figure").value in library.figures


@pytest.mark.parametrize("file", ["task.yaml", "results/test.json"])
def test_figures_that_can_not_be_read_are_named_as_not_measured(
    open_page: OpenPage, content_copy: Path, file: str
) -> None:
    BREAKS["garbage"](content_copy / "tasks" / "booking" / file)
    at = open_page("concepts", read="lora")
    assert not at.exception
    assert "(not measured here)" in words(at)
    assert "{{" not in words(at)


@pytest.mark.parametrize(
    ("name", "view"),
    [
        ("home", home_view),
        ("demo", demo_view),
        ("concepts", concepts_view),
        ("choose", choose_view),
        ("faq", faq_view),
        ("evidence", evidence_view),
    ],
)
def test_broken_page_texts_are_one_sentence_with_file_line_and_field(
    open_page: OpenPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, view: object
) -> None:
    broken = tmp_path / "pages.yaml"
    broken.write_text("home:\n  titel: Oops\ndemo: {}\n", encoding="utf-8")
    monkeypatch.setattr(view, "load_page_texts", lambda: page_texts.load_page_texts(broken))
    at = open_page(name)
    assert not at.exception
    assert len(at.error) == 1
    assert "pages.yaml, line " in words(at)
    assert "home." in words(at)


# ------------------------------------------------------------------------- what changes


def test_edited_file_is_read_again(open_page: OpenPage, content_copy: Path) -> None:
    file = content_copy / "concepts" / "lora.md"
    title = load_library().articles["lora"].title
    assert open_page("concepts", read="lora").title[0].value == title
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(f"title: {title}", "title: Another one"), encoding="utf-8")
    assert open_page("concepts", read="lora").title[0].value == "Another one"


def test_new_measurement_is_read_again(open_page: OpenPage, content_copy: Path) -> None:
    """As the home page does: the same figure may not differ between two pages."""
    file = content_copy / "tasks" / "booking" / "results" / "test.json"
    concept = content_copy / "concepts" / "lora.md"
    text = concept.read_text(encoding="utf-8")
    concept.write_text(text + "\nRows: {{booking.rows}}.\n", encoding="utf-8")
    rows = re.search(r'"rows": (\d+)', file.read_text(encoding="utf-8"))
    assert rows
    assert "Rows: " in words(open_page("concepts", read="lora"))
    file.write_text(
        file.read_text(encoding="utf-8").replace(rows[0], '"rows": 4321', 1), encoding="utf-8"
    )
    assert re.search(r"Rows: 4,?321", words(open_page("concepts", read="lora")))


DATED = [
    ("concepts/lora.md", "concepts", {"read": "lora"}),
    ("faq/lora.md", "faq", {"q": "lora"}),
    ("comparison.yaml", "concepts", {"read": "table"}),
    ("myths.yaml", "concepts", {"read": "myths"}),
    ("decision_guide.yaml", "choose", {}),
    ("status.yaml", "evidence", {"show": "status"}),
]


@pytest.mark.parametrize(("file", "name", "params"), DATED)
@pytest.mark.parametrize("is_overdue", [True, False])
def test_page_past_its_date_of_review_says_so(
    open_page: OpenPage,
    content_copy: Path,
    file: str,
    name: str,
    params: dict[str, str],
    is_overdue: bool,
) -> None:
    path = content_copy / file
    day = "2020-01-31" if is_overdue else "2199-01-31"
    text, changes = re.subn(
        r"review_after: \S+", f"review_after: {day}", path.read_text(encoding="utf-8")
    )
    assert changes == 1
    path.write_text(text, encoding="utf-8")
    at = open_page(name, **params)
    assert not at.exception
    assert f"next time by {day}" in words(at)
    notices = [one.value for one in at.warning if "was to be read again by" in one.value]
    assert len(notices) == is_overdue
    assert all(day in notice for notice in notices)


# ------------------------------------------------------------------------- nothing heavy


def test_pages_to_read_never_import_torch() -> None:
    code = f"""
from streamlit.testing.v1 import AppTest
for page, params in {ADDRESSES!r}:
    at = AppTest.from_file({str(APP)!r}, default_timeout=30)
    at.query_params.update(params)
    at.switch_page(f"pages/{{page}}.py").run()
    assert not at.exception
    assert at.title
    if at.text_input:
        at.text_input[0].set_value("how much data do I need").run()
        assert not at.exception
"""
    loads_no_model_library(code, seconds=120)
