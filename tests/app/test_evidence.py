"""The evidence page: findings with their filters, charts, words and the dated status.

Run: python -m pytest tests/app/test_evidence.py
"""

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lib.content import marks
from lib.content.approaches import Approach
from lib.content.evidence import Confidence, Finding, ReadAs, load_findings
from lib.content.figures import figure_data, figure_files
from lib.content.library import Library
from lib.content.page_texts import load_page_texts
from lib.ui import prose
from tests.app.conftest import Link
from tests.app.reading import anchors, is_told, maybe_rendered, shown_marks, words

OpenPage = Callable[..., AppTest]

FIGURES = [file.stem for file in figure_files()]
FINDINGS = list(load_findings())
A_PAGE = 20


def _shown(at: AppTest) -> list[str]:
    """Return the ids of the findings on the page."""
    return [one.value for one in at.subheader if one.value in FINDINGS]


def _count(at: AppTest) -> int:
    return int(next(one.value for one in at.header if one.value.endswith("findings")).split()[0])


def _filter(at: AppTest, name: str, *values: object) -> AppTest:
    return at.multiselect(key=f"evidence_{name}").set_value(list(values)).run()


def _offered(downloads: dict[str, str]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(downloads["evidence_csv"])))


def _assert_told(at: Any, finding: Finding) -> None:
    text = " ".join(words(at).split())
    for part in (
        *(finding.claim, finding.figures, finding.setting, finding.caveat, finding.authors),
        *(finding.title, finding.ref, finding.where, finding.read_note, finding.second_hand),
    ):
        assert " ".join(part.split()) in text
    assert f"Confidence: **{finding.confidence.value}**" in text
    assert f"read: **{finding.read.value}**" in text
    assert ("reported" in text) >= (finding.is_second_hand or bool(finding.second_hand))
    assert not finding.url or f"({finding.url})" in text


# ------------------------------------------------------------------------- findings


def test_findings_are_shown_by_the_page(open_page: OpenPage, library: Library) -> None:
    at = open_page("evidence")
    assert not at.exception
    assert not at.error
    assert at.title[0].value == load_page_texts().evidence.title
    assert f"{len(library.findings)} of {len(library.findings)} findings" in words(at)
    pages = -(-len(library.findings) // A_PAGE)
    seen: list[str] = []
    for page in range(1, pages + 1):
        at.button_group(key="evidence_page").set_value(page).run()
        assert not at.exception
        assert len(_shown(at)) <= A_PAGE
        for id in _shown(at):
            _assert_told(at.get_by_key(f"finding_{id}"), library.findings[id])
        seen += _shown(at)
    assert seen == list(library.findings)


def _filters(findings: list[Finding]) -> list[tuple[str, object, list[str]]]:
    """Return each filter with one value and the findings that fit."""
    topics = list(dict.fromkeys(one.topic for one in findings))
    return [
        *(("topic", topic, [one.id for one in findings if one.topic == topic]) for topic in topics),
        *(("approach", a, [one.id for one in findings if a in one.approaches]) for a in Approach),
        *(
            ("confidence", c.value, [one.id for one in findings if one.confidence is c])
            for c in Confidence
        ),
        *(("read", r.value, [one.id for one in findings if one.read is r]) for r in ReadAs),
    ]


def test_each_filter_leaves_what_fits(
    open_page: OpenPage, downloads: dict[str, str], library: Library
) -> None:
    at = open_page("evidence")
    for name, value, fitting in _filters(list(library.findings.values())):
        _filter(at, name, value)
        assert not at.exception
        if fitting:
            assert _count(at) == len(fitting)
            assert _shown(at) == fitting[:A_PAGE]
            assert [row["id"] for row in _offered(downloads)] == fitting
        _filter(at, name)
    assert _count(at) == len(library.findings)


def test_two_values_of_a_filter_widen_and_two_filters_narrow(
    open_page: OpenPage, library: Library
) -> None:
    findings = library.findings.values()
    at = _filter(open_page("evidence"), "confidence", "low", "medium")
    wide = [one.id for one in findings if one.confidence is not Confidence.HIGH]
    assert _count(at) == len(wide)
    _filter(at, "approach", Approach.LORA)
    both = [id for id in wide if Approach.LORA in library.findings[id].approaches]
    assert 0 < len(both) < len(wide)
    assert _shown(at) == both[:A_PAGE]


def test_filters_that_nothing_fits_are_told(open_page: OpenPage, library: Library) -> None:
    findings = library.findings.values()
    topic, read = next(
        (topic, read)
        for topic in dict.fromkeys(one.topic for one in findings)
        for read in ReadAs
        if not any(one.topic == topic and one.read is read for one in findings)
    )
    at = _filter(_filter(open_page("evidence"), "topic", topic), "read", read.value)
    assert not at.exception
    assert [one.value for one in at.info] == [
        "No finding fits all of these filters. Take one away."
    ]
    assert not _shown(at)
    _filter(at, "read")
    assert _shown(at)
    assert not at.info


def test_filter_on_the_last_page_shows_its_first_findings(
    open_page: OpenPage, library: Library
) -> None:
    at = open_page("evidence")
    at.button_group(key="evidence_page").set_value(-(-len(library.findings) // A_PAGE)).run()
    for name, value, fitting in _filters(list(library.findings.values())):
        if fitting:
            _filter(at, name, value)
            assert not at.exception
            assert _shown(at)
            _filter(at, name)


def test_download_holds_every_column(
    open_page: OpenPage, downloads: dict[str, str], library: Library
) -> None:
    open_page("evidence")
    rows = _offered(downloads)
    assert [row["id"] for row in rows] == list(library.findings)
    for row in rows:
        finding = library.findings[row["id"]]
        assert row["claim"] == finding.claim
        assert row["confidence"] == finding.confidence.value
        assert row["read"] == finding.read.value
        assert row["approaches"] == ";".join(one.value for one in finding.approaches)


@pytest.mark.parametrize("id", [FINDINGS[0], "E14", FINDINGS[-1]])
def test_finding_opens_by_its_address(
    open_page: OpenPage, links: list[Link], library: Library, id: str
) -> None:
    at = open_page("evidence", find=id)
    assert not at.exception
    assert _shown(at) == [id]
    _assert_told(at, library.findings[id])
    assert ("evidence", {}) in [(page, params) for _, page, params in links]


@pytest.mark.parametrize("unknown", ["E999", "e14", "E14 ", "<b>x</b>", "nonsense"])
def test_unknown_finding_is_told_and_the_list_shown(
    open_page: OpenPage, library: Library, unknown: str
) -> None:
    at = open_page("evidence", find=unknown)
    assert not at.exception
    assert "There is no such finding here" in at.info[0].value
    assert _count(at) == len(library.findings)
    assert all(unknown not in text for _, text in maybe_rendered(at) if len(unknown) > 4)


# ------------------------------------------------------------------------- parts and addresses


@pytest.mark.parametrize("part", ["findings", "charts", "glossary", "status"])
def test_part_opens_by_its_address(open_page: OpenPage, part: str) -> None:
    at = open_page("evidence", show=part)
    assert not at.exception
    assert at.button_group(key="evidence_part").value == part


@pytest.mark.parametrize("unknown", ["nonsense", "", "Charts", "<b>x</b>"])
def test_unknown_part_opens_the_findings(open_page: OpenPage, unknown: str) -> None:
    at = open_page("evidence", show=unknown)
    assert not at.exception
    assert _shown(at)
    assert all("<b>x" not in text for _, text in maybe_rendered(at))


def test_chosen_part_stands_in_the_address(open_page: OpenPage) -> None:
    at = open_page("evidence", find="E14")
    for part in ("charts", "glossary", "status", "findings"):
        at.button_group(key="evidence_part").set_value(part).run()
        assert not at.exception
        assert at.query_params == {"show": part}
    assert len(_shown(at)) == A_PAGE


# ------------------------------------------------------------------------- charts


@pytest.mark.parametrize("id", FIGURES)
def test_chart_is_drawn_with_words_data_and_findings(
    open_page: OpenPage, downloads: dict[str, str], library: Library, id: str
) -> None:
    at = open_page("evidence", figure=id)
    figure = library.figures[id]
    assert not at.exception
    assert not at.error
    assert at.selectbox(key="evidence_figure").value == id
    assert figure.title in [one.value for one in at.header]
    assert is_told(figure.shows, at)
    chart = at.get("vega_lite_chart")[0].proto
    spec = json.loads(chart.spec)
    assert spec["layer"]
    assert chart.alt == figure.alt
    assert chart.data.data or any(one.data.data for one in chart.datasets)
    data = figure_data(figure)
    table = at.dataframe[0].value
    assert list(table.columns) == list(data.columns)
    assert len(table) == len(data) > 1
    assert _fields(spec) <= set(data.columns)
    rows = list(csv.reader(io.StringIO(downloads[f"figure_evidence_{id}_csv"])))
    assert rows[0] == list(data.columns)
    assert len(rows) == len(data) + 1
    assert _shown(at) == list(figure.evidence)
    assert "Source: " in words(at)
    assert prose.NOT_MEASURED not in words(at)
    for anchor, hover in shown_marks(at):
        assert anchor in anchors(at)
        assert hover


def _fields(spec: object) -> set[str]:
    """Return the columns that a chart's marks are placed, coloured and written by."""
    if isinstance(spec, dict):
        own = {spec["field"]} if isinstance(spec.get("field"), str) else set()
        return own.union(*map(_fields, spec.values()))
    return set().union(*map(_fields, spec)) if isinstance(spec, list) else set()


def test_chart_can_be_chosen(open_page: OpenPage, library: Library) -> None:
    at = open_page("evidence", show="charts")
    for id, figure in library.figures.items():
        at.selectbox(key="evidence_figure").set_value(id).run()
        assert not at.exception
        assert at.get("vega_lite_chart")[0].proto.alt == figure.alt


def test_chart_with_choices_shows_each_of_them(open_page: OpenPage, library: Library) -> None:
    with_choices = [one for one in library.figures.values() if one.choices]
    assert with_choices
    for figure in with_choices:
        at = open_page("evidence", figure=figure.id)
        drawn = set()
        for column, title in figure.choices.items():
            at.button_group(key=f"figure_evidence_{figure.id}_choice").set_value(column).run()
            assert not at.exception
            spec = at.get("vega_lite_chart")[0].proto.spec
            assert title in spec
            drawn.add(spec)
        assert len(drawn) == len(figure.choices)


@pytest.mark.parametrize("unknown", ["nonsense", "", "<b>x</b>"])
def test_unknown_chart_shows_one_that_there_is(open_page: OpenPage, unknown: str) -> None:
    at = open_page("evidence", figure=unknown)
    assert not at.exception
    assert len(at.get("vega_lite_chart")) == 1


# ------------------------------------------------------------------------- words and status


def test_glossary_explains_every_word(open_page: OpenPage, library: Library) -> None:
    at = open_page("evidence", show="glossary")
    assert not at.exception
    assert sorted(one.value for one in at.subheader) == sorted(
        one.term for one in library.terms.values()
    )
    for one in library.terms.values():
        assert is_told(one.meaning, at)
        assert is_told(one.not_ or "", at)


@pytest.mark.parametrize("id", ["ablation", "lora", "test-set"])
def test_word_opens_by_its_address(
    open_page: OpenPage, links: list[Link], library: Library, id: str
) -> None:
    at = open_page("evidence", term=id)
    one = library.terms[id]
    assert not at.exception
    assert [heading.value for heading in at.subheader] == [one.term]
    assert is_told(one.meaning, at)
    assert ("evidence", {"show": "glossary"}) in [(page, params) for _, page, params in links]


@pytest.mark.parametrize("unknown", ["nonsense", "", "LORA", "<b>x</b>"])
def test_unknown_word_shows_all_words(open_page: OpenPage, library: Library, unknown: str) -> None:
    at = open_page("evidence", term=unknown)
    assert not at.exception
    assert len(at.subheader) == len(library.terms)


def test_word_says_where_there_is_more_to_read(
    open_page: OpenPage, links: list[Link], library: Library
) -> None:
    """A word's field `see` names the articles that say more."""
    one = next(one for one in library.terms.values() if one.see)
    open_page("evidence", term=one.id)
    assert ("concepts", {"read": one.see[0]}) in [(page, params) for _, page, params in links]


def test_marks_in_the_glossary_lead_somewhere(open_page: OpenPage) -> None:
    at = open_page("evidence", show="glossary")
    for anchor, _ in shown_marks(at):
        assert anchor in anchors(at)


def test_status_shows_each_service_with_date_source_and_findings(
    open_page: OpenPage, library: Library
) -> None:
    at = open_page("evidence", show="status")
    assert not at.exception
    assert library.status
    assert library.status.lead in words(at)
    for one in library.status.services:
        box = at.get_by_key(f"status_{one.name}")
        assert one.name in [heading.value for heading in box.subheader]
        assert one.state.value.capitalize() in words(box)
        assert is_told(one.what, box)
        assert str(one.checked_on) in words(box)
        assert f"]({one.url})" in words(box)
    cited = {id for one in library.status.services for id in marks.cited(one.what)}
    assert {id.lower() for id in cited} <= set(anchors(at))
    for anchor, _ in shown_marks(at):
        assert anchor in anchors(at)
