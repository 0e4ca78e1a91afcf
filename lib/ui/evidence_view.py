"""Findings, charts, words and the dated status of tuning services."""

import csv
import io
from collections.abc import Sequence
from enum import StrEnum

import streamlit as st

from lib.content.approaches import Approach
from lib.content.evidence import Confidence, Finding, ReadAs
from lib.content.library import Library
from lib.content.page_texts import EvidenceText, load_page_texts
from lib.content.status import State
from lib.ui import article_view, prose, shell
from lib.ui.downloads import offer_csv
from lib.ui.figures import show_figure
from lib.ui.library import get_library


class _Part(StrEnum):
    FINDINGS = "findings"
    CHARTS = "charts"
    GLOSSARY = "glossary"
    STATUS = "status"


_TITLES = {
    _Part.FINDINGS: "Findings",
    _Part.CHARTS: "Charts",
    _Part.GLOSSARY: "Glossary",
    _Part.STATUS: "Who still tunes",
}
_OPENS = {"find": _Part.FINDINGS, "figure": _Part.CHARTS, "term": _Part.GLOSSARY}
_PART = "evidence_part"
_PAGE = 20


def show() -> None:
    """Draw the page."""
    with shell.explained("This page can't be shown"):
        library, texts = get_library(), load_page_texts().evidence
        st.title(texts.title)
        if _PART not in st.session_state:
            st.session_state[_PART] = _wanted_part()
        part = st.segmented_control(
            "Show",
            list(_Part),
            format_func=_TITLES.__getitem__,
            required=True,
            key=_PART,
            on_change=_remember_part,
        )
        if part is _Part.CHARTS:
            _show_charts(library, texts)
        elif part is _Part.GLOSSARY:
            _show_glossary(library, texts)
        elif part is _Part.STATUS:
            _show_status(library)
        else:
            _show_findings(library, texts)


def _wanted_part() -> _Part:
    for name, part in _OPENS.items():
        if name in st.query_params:
            return part
    wanted = st.query_params.get("show", "")
    return _Part(wanted) if wanted in set(_Part) else _Part.FINDINGS


def _remember_part() -> None:
    st.query_params.from_dict({"show": st.session_state[_PART].value})


def _show_broken(what: str, file: str) -> None:
    st.error(
        f"{what} can't be shown: content/{file} is broken, and `make check` says where.",
        icon=":material/error:",
    )


# ---------------------------------------------------------------------------- findings


def _show_findings(library: Library, texts: EvidenceText) -> None:
    if not library.findings:
        _show_broken("The findings", "evidence.csv")
        return
    st.markdown(texts.lead)
    wanted = st.query_params.get("find", "")
    if wanted in library.findings:
        st.header("One finding", anchor="finding")
        prose.show_finding(library.findings[wanted], key="wanted_")
        st.page_link(
            shell.page_file("evidence"), label="All findings", icon=":material/arrow_back:"
        )
        return
    if wanted:
        st.info("There is no such finding here. These are all there are:", icon=":material/info:")
    findings = _filtered(list(library.findings.values()))
    st.header(f"{len(findings)} of {len(library.findings)} findings", anchor="findings")
    if not findings:
        st.info("No finding fits all of these filters. Take one away.", icon=":material/info:")
        return
    offer_csv(_as_csv(findings), "evidence", "evidence_csv", label="Download these as CSV")
    pages = -(-len(findings) // _PAGE)
    page = 1
    if pages > 1:
        page = st.segmented_control(
            "Page", list(range(1, pages + 1)), default=1, required=True, key="evidence_page"
        )
    for one in findings[(page - 1) * _PAGE : page * _PAGE]:
        prose.show_finding(one)


def _filtered(findings: list[Finding]) -> list[Finding]:
    topics = list(dict.fromkeys(one.topic for one in findings))
    with st.container(horizontal=True):
        topic = st.multiselect("Topic", topics, key="evidence_topic", placeholder="All")
        approach = st.multiselect(
            "Approach",
            list(Approach),
            format_func=lambda one: one.shown_as,
            key="evidence_approach",
            placeholder="All",
        )
        confidence = st.multiselect(
            "Confidence",
            [c.value for c in Confidence],
            key="evidence_confidence",
            placeholder="All",
        )
        read = st.multiselect(
            "How we read it", [r.value for r in ReadAs], key="evidence_read", placeholder="All"
        )
    return [
        one
        for one in findings
        if (not topic or one.topic in topic)
        and (not approach or set(approach) & set(one.approaches))
        and (not confidence or one.confidence.value in confidence)
        and (not read or one.read.value in read)
    ]


def _as_csv(findings: Sequence[Finding]) -> str:
    file = io.StringIO()
    fields = list(Finding.__dataclass_fields__)
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(fields)
    for one in findings:
        values = [getattr(one, field) for field in fields]
        writer.writerow([";".join(v) if isinstance(v, tuple) else str(v) for v in values])
    return file.getvalue()


# ---------------------------------------------------------------------------- the rest


def _show_charts(library: Library, texts: EvidenceText) -> None:
    st.markdown(texts.charts_lead)
    ids = list(library.figures)
    if not ids:
        st.info("There is no chart that can be shown.", icon=":material/info:")
        return
    wanted = st.query_params.get("figure", "")
    chosen = st.selectbox(
        "Chart",
        ids,
        index=ids.index(wanted) if wanted in ids else 0,
        format_func=lambda id: library.figures[id].title,
        key="evidence_figure",
    )
    figure = library.figures[chosen]
    show_figure(figure, library, key="evidence_", heading=True)
    prose.show_findings([library.findings[id] for id in figure.evidence if id in library.findings])


def _show_glossary(library: Library, texts: EvidenceText) -> None:
    if not library.terms:
        _show_broken("The glossary", "glossary.yaml")
        return
    st.markdown(texts.glossary_lead)
    wanted = st.query_params.get("term", "")
    if wanted in library.terms:
        one = library.terms[wanted]
        st.header("One word", anchor="word")
        prose.show_term(one, library)
        for id in one.see:
            if id in library.articles:
                article_view.link_to(library.articles[id])
        st.page_link(
            shell.page_file("evidence"),
            label="All words",
            icon=":material/arrow_back:",
            query_params={"show": _Part.GLOSSARY.value},
        )
        return
    st.header("All words", anchor="words")
    for one in sorted(library.terms.values(), key=lambda one: one.term.lower()):
        prose.show_term(one, library)


_STATES = {
    State.OPEN: ("green", "lock_open"),
    State.CLOSING: ("orange", "hourglass_bottom"),
    State.CLOSED: ("red", "lock"),
    State.UNCLEAR: ("gray", "help"),
}


def _show_status(library: Library) -> None:
    status = library.status
    if status is None:
        _show_broken("The status of the services", "status.yaml")
        return
    st.markdown(status.lead)
    prose.show_review(status.reviewed_on, status.review_after)
    st.header("Services", anchor="services")
    for one in status.services:
        colour, icon = _STATES[one.state]
        with st.container(border=True, key=f"status_{one.name}"):
            st.subheader(one.name)
            st.markdown(f":{colour}-badge[:material/{icon}: {one.state.value.capitalize()}]")
            prose.show(one.what, library)
            st.markdown(f"Checked on {one.checked_on}: [{shell.plain(one.url)}]({one.url})")
    ids = [id for one in status.services for id in one.evidence]
    prose.show_findings(
        [library.findings[id] for id in dict.fromkeys(ids) if id in library.findings]
    )
