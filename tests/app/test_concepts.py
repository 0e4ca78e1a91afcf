"""The concepts page: the list, every article, the table of approaches and the checked statements.

Run: python -m pytest tests/app/test_concepts.py
"""

from collections.abc import Callable
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from lib.content import marks
from lib.content.approaches import Approach
from lib.content.articles import Article, article_files
from lib.content.library import Library
from lib.content.myths import Verdict
from lib.content.page_texts import load_page_texts
from lib.ui import concepts_view, prose
from tests.app.conftest import Link
from tests.app.reading import (
    anchors,
    assert_foot_holds,
    is_told,
    maybe_rendered,
    shown_marks,
    words,
)

OpenPage = Callable[..., AppTest]

ARTICLES = [file.stem for file in article_files()]
UNKNOWN = ["nonsense", "LORA", "lora ", "../faq/lora", "<b>x</b>", "tables", "0"]


def _texts(article: Article, library: Library) -> str:
    """Return all prose of an article, in the order of reading."""
    figure = library.figures[article.picture.figure] if article.picture.figure else None
    return "\n".join(
        [
            *article.key_points,
            figure.shows if figure else "",
            article.picture.caption,
            article.body,
            *article.would_change,
        ]
    )


# ------------------------------------------------------------------------- the list


def test_list_shows_every_article_under_its_part(
    open_page: OpenPage, links: list[Link], library: Library
) -> None:
    at = open_page("concepts")
    texts = load_page_texts().concepts
    assert not at.exception
    assert at.title[0].value == texts.title
    parts = dict.fromkeys(article.part for article in library.articles.values())
    assert [header.value for header in at.header] == [
        *(texts.parts[part].title for part in parts),
        texts.tables_title,
    ]
    for article in library.articles.values():
        assert (f"**{article.title}**", "concepts", {"read": article.id}) in links
        assert is_told(article.goal, at)


def test_list_leads_to_the_table_and_the_statements(open_page: OpenPage, links: list[Link]) -> None:
    open_page("concepts")
    texts = load_page_texts().concepts
    assert (f"**{texts.table_label}**", "concepts", {"read": "table"}) in links
    assert (f"**{texts.myths_label}**", "concepts", {"read": "myths"}) in links


@pytest.mark.parametrize("unknown", UNKNOWN)
def test_unknown_article_is_told_and_the_list_shown(
    open_page: OpenPage, library: Library, unknown: str
) -> None:
    at = open_page("concepts", read=unknown)
    assert not at.exception
    assert not at.error
    assert "There is no such article here" in at.info[0].value
    assert len(at.page_link) >= len(library.articles)
    assert all(unknown not in text for _, text in maybe_rendered(at) if len(unknown) > 5)


def test_empty_address_is_the_plain_list(open_page: OpenPage) -> None:
    assert not open_page("concepts", read="").info


# ------------------------------------------------------------------------- an article


@pytest.mark.parametrize("id", ARTICLES)
def test_article_opens_by_its_address_with_all_that_belongs_to_it(
    open_page: OpenPage,
    links: list[Link],
    downloads: dict[str, str],
    library: Library,
    id: str,
) -> None:
    at = open_page("concepts", read=id)
    article = library.articles[id]
    assert not at.exception
    assert not at.error
    assert [title.value for title in at.title] == [article.title]
    for point in article.key_points:
        assert is_told(point, at.get_by_key("key_points"))
    for text in (article.body, *article.would_change, article.picture.caption):
        assert is_told(text, at)
    assert prose.NOT_MEASURED not in words(at)
    _assert_explained(at, article, library)
    _assert_pictured(at, article, library, downloads)
    _assert_leads_on(links, article, library)


def _assert_explained(at: AppTest, article: Article, library: Library) -> None:
    texts = _texts(article, library)
    assert_foot_holds(at, list(marks.cited(texts)), list(marks.terms(texts)))
    for cited in marks.cited(texts):
        finding = library.findings[cited]
        told = at.get_by_key(f"finding_{cited}")
        for text in (finding.claim, finding.figures, finding.setting, finding.caveat):
            assert " ".join(text.split()) in " ".join(words(told).split())


def _assert_pictured(
    at: AppTest, article: Article, library: Library, downloads: dict[str, str]
) -> None:
    picture = article.picture
    if picture.mermaid:
        assert picture.alt
        diagram = next(one.value for one in at.markdown if "mermaid\n" in one.value)
        assert " ".join(picture.alt.split()) in " ".join(diagram.split())
        assert picture.mermaid.strip() in diagram
    else:
        assert picture.figure
        chart = at.get("vega_lite_chart")[0].proto
        assert chart.alt == library.figures[picture.figure].alt
        assert len(chart.spec) > 100
        assert len(at.dataframe[0].value) > 1
        assert downloads[f"figure_{picture.figure}_csv"].count("\n") > 1


def _assert_leads_on(links: list[Link], article: Article, library: Library) -> None:
    led = [(page, params) for _, page, params in links]
    for one in article.live:
        assert (one.page, one.params) in led
    for question in article.questions:
        assert ("faq", {"q": question}) in led
    ordered = list(library.articles)
    place = ordered.index(article.id)
    for other in (*article.related, *ordered[max(place - 1, 0) : place], *ordered[place + 1 :][:1]):
        assert ("concepts", {"read": other}) in led
    assert ("concepts", {}) in led


@pytest.mark.parametrize("field", ["would_change", "picture"])
def test_mark_beside_the_body_leads_to_its_foot(
    open_page: OpenPage, library: Library, monkeypatch: pytest.MonkeyPatch, field: str
) -> None:
    """Both are drawn as prose, and `make check` allows marks in them."""
    article = library.articles["two-levers"]
    changed = {
        "would_change": replace(article, would_change=("What E88 found [E88].",)),
        "picture": replace(article, picture=replace(article.picture, caption="E88 [E88].")),
    }[field]
    assert "E88" not in marks.cited(_texts(article, library))
    more = replace(library, articles={**library.articles, "two-levers": changed})
    monkeypatch.setattr(concepts_view, "get_library", lambda: more)
    at = open_page("concepts", read="two-levers")
    assert not at.exception
    assert "e88" in [anchor for anchor, _ in shown_marks(at)]
    assert "e88" in anchors(at)


# ------------------------------------------------------------------------- the table


def _columns(at: AppTest) -> list[str]:
    head = _table(at).splitlines()[0]
    return [cell.strip(" *") for cell in head.strip("|").split("|")][1:]


def _table(at: AppTest) -> str:
    return next(one.value for one in at.markdown if one.value.startswith("| Aspect |"))


def _rows(at: AppTest) -> int:
    return len(_table(at).splitlines()) - 2


def test_table_opens_with_two_approaches_and_every_aspect(
    open_page: OpenPage, library: Library
) -> None:
    at = open_page("concepts", read="table")
    assert not at.exception
    assert library.comparison
    assert len(_columns(at)) == 2
    assert _rows(at) == len(library.comparison.aspects)
    for aspect in library.comparison.aspects:
        assert aspect.title in _table(at)


def test_table_shows_the_approaches_that_are_chosen_and_what_they_cite(
    open_page: OpenPage, library: Library, downloads: dict[str, str]
) -> None:
    at = open_page("concepts", read="table")
    assert library.comparison
    for chosen in (list(Approach), [Approach.LORA], [Approach.SPECIALIST, Approach.PROMPT]):
        at.button_group(key="table_approaches").set_value(chosen).run()
        assert not at.exception
        assert set(_columns(at)) == {one.shown_as for one in chosen}
        texts = "\n".join(
            aspect.cells[one]
            for aspect in library.comparison.aspects
            for one in Approach
            if one in chosen
        )
        assert_foot_holds(at, list(marks.cited(texts)), list(marks.terms(texts)))
        assert set(marks.cited(downloads["table_download"])) == set(marks.cited(texts))
        for aspect in library.comparison.aspects:
            for one in chosen:
                assert is_told(aspect.cells[one].replace("|", "\\|"), at)


def test_table_narrows_to_one_group_of_aspects(open_page: OpenPage, library: Library) -> None:
    at = open_page("concepts", read="table")
    assert library.comparison
    aspects = library.comparison.aspects
    for group in dict.fromkeys(one.group for one in aspects):
        at.button_group(key="table_group").set_value(group).run()
        assert _rows(at) == sum(one.group == group for one in aspects)
    at.button_group(key="table_group").set_value(None).run()
    assert _rows(at) == len(aspects)


def test_table_without_an_approach_asks_for_one(open_page: OpenPage) -> None:
    at = open_page("concepts", read="table")
    at.button_group(key="table_approaches").set_value([]).run()
    assert not at.exception
    assert [one.value for one in at.info] == ["Choose at least one approach above."]
    at.button_group(key="table_approaches").set_value([Approach.RAG]).run()
    assert _columns(at) == ["RAG"]


def test_table_is_a_table_with_as_many_cells_in_every_row(
    open_page: OpenPage, downloads: dict[str, str]
) -> None:
    at = open_page("concepts", read="table")
    for table in (_table(at), downloads["table_download"]):
        cells = {line.replace("\\|", "").count("|") for line in table.splitlines()}
        assert cells == {4}  # the aspect and two approaches


# ------------------------------------------------------------------------- often said


def test_statements_are_all_shown_with_verdict_and_evidence(
    open_page: OpenPage, library: Library
) -> None:
    at = open_page("concepts", read="myths")
    assert not at.exception
    assert library.myths
    texts = []
    for one in library.myths.statements:
        block = at.get_by_key(f"myth_{one.id}")
        assert one.verdict.value.capitalize() in words(block)
        assert " ".join(one.statement.split()) in " ".join(words(block).split())
        assert is_told(one.better, block)
        assert is_told(one.why, block)
        texts += [one.better, one.why]
    for advice in library.myths.contradictions:
        block = at.get_by_key(f"contradiction_{advice.id}")
        assert is_told(advice.reconciled, block)
        texts.append(advice.reconciled)
        for answer in advice.answers:
            assert is_told(answer.says, block)
            texts.append(answer.says)
    texts.append(library.myths.gap)
    text = "\n".join(texts)
    at_foot = [one.proto.anchor for one in at.subheader]
    assert {id.lower() for id in marks.cited(text)} <= set(at_foot)
    assert {f"word-{id}" for id in marks.terms(text)} <= set(at_foot)


@pytest.mark.parametrize("verdict", list(Verdict))
def test_statements_narrow_to_a_verdict(
    open_page: OpenPage, library: Library, verdict: Verdict
) -> None:
    at = open_page("concepts", read="myths")
    assert library.myths
    at.button_group(key="myths_verdicts").set_value([verdict]).run()
    assert not at.exception
    wanted = [one.id for one in library.myths.statements if one.verdict is verdict]
    shown = [key for key in _keys(at) if key.startswith("myth_")]
    assert shown == [f"myth_{id}" for id in wanted]
    assert bool(at.info) == (not wanted)
    assert library.myths.contradictions
    assert [key for key in _keys(at) if key.startswith("contradiction_")]


def test_statements_of_two_verdicts_are_shown_together(
    open_page: OpenPage, library: Library
) -> None:
    at = open_page("concepts", read="myths")
    assert library.myths
    two = {Verdict.TRUE, Verdict.WRONG}
    at.button_group(key="myths_verdicts").set_value(list(two)).run()
    shown = [key for key in _keys(at) if key.startswith("myth_")]
    assert len(shown) == sum(one.verdict in two for one in library.myths.statements)


def test_verdict_without_statements_is_told(
    open_page: OpenPage, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert library.myths
    few = tuple(one for one in library.myths.statements if one.verdict is not Verdict.WRONG)
    thinner = replace(library, myths=replace(library.myths, statements=few))
    monkeypatch.setattr(concepts_view, "get_library", lambda: thinner)
    at = open_page("concepts", read="myths")
    at.button_group(key="myths_verdicts").set_value([Verdict.WRONG]).run()
    assert not at.exception
    assert [one.value for one in at.info] == ["No statement has this verdict. Choose another one."]


def _keys(at: AppTest) -> list[str]:
    """Return the keys of the page's boxes, in the order in which they stand there."""
    return [node.key for node in at if getattr(node, "type", "") == "flex_container" and node.key]
