"""The decision guide: its questions, the recommendation with its reasons, and its address.

Run: python -m pytest tests/app/test_choose.py
"""

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lib.content.decide import Recommendation, decide
from lib.content.guide import Guide, load_guide
from lib.content.library import Library
from lib.content.page_texts import load_page_texts
from tests.app.conftest import Link
from tests.app.reading import anchors, is_told, maybe_rendered, shown_marks, words

OpenPage = Callable[..., AppTest]

CASES = load_guide().cases


@pytest.fixture
def guide(library: Library) -> Guide:
    assert library.guide
    return library.guide


def _answers(at: AppTest) -> dict[str, Any]:
    """Return what is chosen in each question."""
    return {
        box.key.removeprefix("choose_"): box.value
        for box in at.selectbox
        if box.key and box.key.startswith("choose_")
    }


def _picks(at: AppTest) -> list[str]:
    """Return what is recommended, best first."""
    keys = [node.key for node in at if getattr(node, "type", "") == "flex_container" and node.key]
    return [key.removeprefix("pick_") for key in keys if key.startswith("pick_")]


def _answer(at: AppTest, **answers: str) -> AppTest:
    """Choose answers, one after the other."""
    for question, id in answers.items():
        at.selectbox(key=f"choose_{question}").set_value(id).run()
    return at


def _reset(at: AppTest) -> AppTest:
    return next(one for one in at.button if one.label == "Start again").click().run()


def _titles(guide: Guide) -> dict[str, str]:
    return {one.id.value: one.title for one in guide.approaches}


def _assert_shows(at: AppTest, found: Recommendation) -> None:
    """Check that the page says all that the guide has to say."""
    titles = _titles(found.guide)
    assert not at.exception
    assert not at.error
    assert _answers(at) == found.answers
    assert _picks(at) == [one.value for one in found.picks]
    text = " ".join(words(at).split())
    for place, pick in enumerate(found.picks, 1):
        approach = next(one for one in found.guide.approaches if one.id is pick)
        box = at.get_by_key(f"pick_{pick.value}")
        assert f"{place}. {titles[pick.value]}" in words(box)
        assert is_told(approach.what, box)
        assert is_told(approach.first_step, box)
    assert f"Lead of {found.margin} point" in text
    assert f"{found.confidence.value} confidence" in text
    for gate in found.gates:
        assert is_told(gate.says.rstrip("."), at)
    assert len(at.warning) + len(at.info) == len(found.gates)
    for hybrid in found.hybrids:
        assert is_told(hybrid.text.rstrip("."), at.get_by_key(f"hybrid_{hybrid.id}"))
    for one in found.ranked:
        box = at.get_by_key(f"why_{one.approach.value}")
        assert f"{one.score:+d} points" in box.label
        assert box.proto.expanded == (one.approach is found.leader)
        for reason in one.reasons:
            assert f"**{reason.weight:+d}**" in box.markdown[0].value
            assert is_told(reason.answer.reason.rstrip("."), box)
    for removed in found.removed:
        assert f"why_{removed.value}" not in [getattr(node, "key", None) for node in at]
        assert titles[removed.value] in text.partition("Not possible here:")[2]
    _assert_flips(at, found)
    foot = anchors(at)
    assert all(anchor in foot for anchor, _ in shown_marks(at))


def _assert_flips(at: AppTest, found: Recommendation) -> None:
    titles = _titles(found.guide)
    if not found.flips:
        assert not at.table
        assert load_page_texts().choose.no_flips_text in words(at)
        return
    assert at.table[0].value.to_numpy().tolist() == [
        [one.question.text, one.answer.label, titles[one.leader]] for one in found.flips
    ]
    assert at.table[0].proto.alt


# ------------------------------------------------------------------------- answers


def test_first_visit_has_the_common_case(open_page: OpenPage, guide: Guide) -> None:
    at = open_page("choose")
    assert [box.label for box in at.selectbox] == [one.text for one in guide.questions]
    _assert_shows(at, decide(guide, {}))
    assert at.query_params == {}
    assert "Start again" not in [one.label for one in at.button]
    assert guide.lead in words(at)
    assert guide.honesty in words(at)


def test_case_typed_in_gets_its_recommendation_and_its_address(
    open_page: OpenPage, guide: Guide
) -> None:
    case = guide.cases[0]
    at = _answer(open_page("choose"), **case.answers)
    _assert_shows(at, decide(guide, case.answers))
    assert at.query_params == _changed(guide, case.answers)


@pytest.mark.parametrize("case", CASES, ids=[one.id for one in CASES])
def test_worked_case_opens_by_its_address(
    open_page: OpenPage, links: list[Link], guide: Guide, case: Any
) -> None:
    at = open_page("choose", **case.answers)
    found = decide(guide, case.answers)
    _assert_shows(at, found)
    assert at.query_params == _changed(guide, case.answers)
    assert {one.value for one in case.picks} <= set(_picks(at))
    led = [(page, params) for _, page, params in links]
    for pick in found.picks:
        article = next(one.article for one in guide.approaches if one.id is pick)
        assert ("concepts", {"read": article}) in led


def _changed(guide: Guide, answers: dict[str, str]) -> dict[str, str]:
    return {id: answer for id, answer in answers.items() if answer != guide.defaults[id]}


def test_every_single_answer_can_be_given(open_page: OpenPage, guide: Guide) -> None:
    at = open_page("choose")
    for question in guide.questions:
        for answer in question.answers:
            at.selectbox(key=f"choose_{question.id}").set_value(answer.id)
            at.run()
            _assert_shows(at, decide(guide, {question.id: answer.id}))
        at.selectbox(key=f"choose_{question.id}").set_value(question.default)


def test_changed_answer_changes_the_recommendation_and_the_address(open_page: OpenPage) -> None:
    at = open_page("choose")
    before = _picks(at)
    _answer(at, symptom="facts", fresh="fast")
    assert _picks(at) != before
    assert "rag" in _picks(at)
    assert at.query_params == {"symptom": "facts", "fresh": "fast"}


def test_answer_set_back_leaves_the_address(open_page: OpenPage, guide: Guide) -> None:
    at = open_page("choose", task="qa")
    _answer(at, task=guide.defaults["task"])
    assert at.query_params == {}
    _assert_shows(at, decide(guide, {}))


def test_start_again_brings_back_the_common_case(open_page: OpenPage, guide: Guide) -> None:
    at = open_page("choose", task="qa", symptom="facts", tunable="no")
    _reset(at)
    _assert_shows(at, decide(guide, {}))
    assert at.query_params == {}
    _answer(at, volume="high")
    _assert_shows(at, decide(guide, {"volume": "high"}))


@pytest.mark.parametrize(
    "junk",
    [
        {"task": "nonsense"},
        {"task": ""},
        {"nonsense": "qa"},
        {"task": "<b>qa</b>", "choose_task": "qa"},
        {"symptom": "qa", "read": "lora", "q": "lora"},
        {"lead": "x", "task": "QA"},
        {"labels": "20_100\n"},
    ],
)
def test_junk_in_the_address_is_ignored(
    open_page: OpenPage, guide: Guide, junk: dict[str, str]
) -> None:
    at = open_page("choose", **junk)
    _assert_shows(at, decide(guide, {}))
    assert at.query_params == {}
    assert all("<b>" not in text for _, text in maybe_rendered(at))


def test_junk_in_the_address_leaves_the_rest_of_it(open_page: OpenPage, guide: Guide) -> None:
    at = open_page("choose", task="qa", labels="many", foo="bar")
    _assert_shows(at, decide(guide, {"task": "qa"}))
    assert at.query_params == {"task": "qa"}


def test_answers_do_not_reach_another_visitor(open_page: OpenPage, guide: Guide) -> None:
    one, other = open_page("choose"), open_page("choose")
    _answer(one, task="qa")
    other.run()
    _assert_shows(other, decide(guide, {}))


# ------------------------------------------------------------------------- what it says


def test_every_gate_is_told_and_takes_away_what_it_says(open_page: OpenPage, guide: Guide) -> None:
    for gate in guide.gates:
        answers = {question: ids[0] for question, ids in gate.when.items()}
        at = open_page("choose", **answers)
        told = [one for kind in ("warning", "info") for one in at.get(kind)]
        assert gate.says.rstrip(".").split(":")[0] in " ".join(
            one.value.replace("\\", "") for one in told
        )
        for removed in gate.removes:
            assert removed.value not in _picks(at)


def test_chart_holds_the_points_of_each_approach(open_page: OpenPage, guide: Guide) -> None:
    at = open_page("choose", task="extract", labels="1k_10k")
    found = decide(guide, {"task": "extract", "labels": "1k_10k"})
    chart = at.get("vega_lite_chart")[0].proto
    titles = _titles(guide)
    for one in found.ranked:
        assert f"{titles[one.approach.value]} {one.score}" in chart.alt
    assert "points" in chart.spec
    assert chart.data.data or chart.datasets


def test_findings_behind_the_reasons_stand_at_the_foot(open_page: OpenPage, guide: Guide) -> None:
    at = open_page("choose")
    found = decide(guide, {})
    wanted = {
        id.lower()
        for one in found.ranked
        for reason in one.reasons
        for id in reason.answer.evidence
    }
    assert wanted <= set(anchors(at))


def test_steadiness_names_the_leader(open_page: OpenPage, guide: Guide) -> None:
    at = open_page("choose", symptom="facts", fresh="fast", task="qa")
    assert "Look it up (RAG) stays ahead in" in words(at).replace("*", "")
    assert "of 500 draws" in words(at)


@pytest.mark.parametrize("case", CASES[::4], ids=[one.id for one in CASES[::4]])
def test_report_holds_answers_recommendation_reasons_and_sources(
    open_page: OpenPage, downloads: dict[str, str], guide: Guide, library: Library, case: Any
) -> None:
    open_page("choose", **case.answers)
    report = downloads["choose_report"]
    found = decide(guide, case.answers)
    titles = _titles(guide)
    for question in guide.questions:
        assert f"{question.text} **{question.answer(found.answers[question.id]).label}**" in report
    for place, pick in enumerate(found.picks, 1):
        assert f"{place}. **{titles[pick.value]}**" in report
    for one in found.ranked:
        assert f"### {titles[one.approach.value]}: {one.score:+d} points" in report
        for reason in one.reasons:
            assert reason.answer.reason in report
            for id in reason.answer.evidence:
                assert f"- {id}: {library.findings[id].claim}" in report
    for gate in found.gates:
        assert gate.says in report
    for hybrid in found.hybrids:
        assert hybrid.text in report
    for flip in found.flips:
        assert f"{flip.question.text} {flip.answer.label}: then {titles[flip.leader]}" in report
    for step in load_page_texts().choose.sequence:
        assert step in report
    assert guide.honesty in report


def test_report_follows_the_answers(open_page: OpenPage, downloads: dict[str, str]) -> None:
    at = open_page("choose")
    before = downloads["choose_report"]
    _answer(at, symptom="facts", fresh="fast")
    assert downloads["choose_report"] != before
    _reset(at)
    assert downloads["choose_report"] == before
