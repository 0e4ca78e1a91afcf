"""My case: what one visit answered, set and measured comes together as a memo.

Run: python -m pytest tests/app/test_case.py
"""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lib.content.case_texts import load_case_texts
from lib.content.decide import decide
from lib.content.library import Library
from lib.ui import case_session
from lib.ui.case import MAX_NAME, MAX_QUESTION, MyCase, Trial
from tests.app.conftest import Link
from tests.app.reading import APP, loads_no_model_library, maybe_rendered, words
from tests.ui.made_up_verdict import made_up_verdict

OpenPage = Callable[..., AppTest]

TEXTS = load_case_texts()


def _go(at: AppTest, page: str, **params: str) -> AppTest:
    """Follow a link inside the app."""
    for name in list(at.query_params):
        del at.query_params[name]
    at.query_params.update(params)
    return at.switch_page(f"pages/{page}.py").run()


def _case(at: AppTest) -> MyCase:
    case: MyCase = at.session_state["my_case"]
    return case


def _kept(at: AppTest) -> bool:
    return "my_case" in at.session_state and not _case(at).is_empty


def _memo(at: AppTest) -> str:
    box: Any = at.get_by_key("memo")
    tables = " ".join(str(one.value.to_numpy().tolist()) for one in box.get("table"))
    return f"{words(box)} {tables}".replace("\\", "").replace("\u2060", "")


def test_fresh_visitor_is_told_what_comes_here_and_where_to_start(
    open_page: OpenPage, links: list[Link], downloads: dict[str, str]
) -> None:
    at = open_page("case")
    assert not at.exception
    assert TEXTS.page.lead in words(at)
    assert TEXTS.page.start in words(at)
    assert {page for _, page, _ in links} >= {"choose", "estimator", "train"}
    assert "case_md" not in downloads
    assert not _kept(at)


def test_answers_and_figures_of_one_visit_stand_in_the_memo(
    open_page: OpenPage, library: Library, links: list[Link], downloads: dict[str, str]
) -> None:
    at = open_page("choose")
    at.selectbox(key="choose_volume").set_value("high").run()
    at.selectbox(key="choose_labels").set_value("1k_10k").run()
    assert TEXTS.foot.kept in words(at)
    _go(at, "estimator", show="memory")
    at.text_input(key="g_length").set_value("4096").run()
    assert TEXTS.foot.kept in words(at)
    peak = next(one for one in _case(at).estimates[0].amounts if one.name.startswith("peak"))
    links.clear()
    _go(at, "case")
    assert not at.exception
    memo = _memo(at)
    guide = library.guide
    assert guide
    advice = decide(guide, {"volume": "high", "labels": "1k_10k"})
    first = next(one.title for one in guide.approaches if one.id is advice.leader)
    assert first in memo
    assert "1,000 to 10,000" in memo
    assert "4,096" in memo
    assert f"{peak.value.likely}"[:3] in memo  # type: ignore[union-attr]
    assert TEXTS.steps["train"].missing in memo
    assert ("choose", {"volume": "high", "labels": "1k_10k"}) in [one[1:] for one in links]
    assert ("estimator", {"show": "memory", "g_length": "4096"}) in [one[1:] for one in links]
    assert "/choose?" in downloads["case_md"]
    assert "/estimator?show=memory&g_length=4096" in downloads["case_md"]
    assert "4096" in downloads["case_html"]


def test_money_brings_its_ranges_and_what_moves_them(
    open_page: OpenPage, downloads: dict[str, str]
) -> None:
    at = open_page("estimator")
    key = next(one.key for one in at.text_input if one.key.startswith("m_traffic.calls_per_month"))
    at.text_input(key=key).set_value("1000-2000-3000").run()
    (money,) = _case(at).estimates
    assert money.settings == (("Calls a month", "1,000-2,000-3,000"),)
    assert money.params == {"m_traffic.calls_per_month": "1000-2000-3000"}
    _go(at, "case")
    assert not at.exception
    text = downloads["case_html"]
    assert "<svg" in text
    assert TEXTS.memo.first_year in text
    assert "matters most" in text
    assert "genai-prices" in text


def test_usual_answers_come_in_only_when_asked_for(open_page: OpenPage) -> None:
    at = open_page("choose")
    assert not _kept(at)
    at.button(key="case_choose").click().run()
    assert _case(at).advice
    assert TEXTS.foot.kept in words(at)
    _go(at, "estimator")
    assert not _case(at).estimates
    at.button(key="case_estimator").click().run()
    assert [one.part for one in _case(at).estimates] == ["money"]


def test_answer_set_back_follows_into_the_case(open_page: OpenPage) -> None:
    at = open_page("choose", volume="high")
    at.selectbox(key="choose_volume").set_value("low").run()
    advice = _case(at).advice
    assert advice is not None
    assert advice.answers == {}


def test_answers_survive_a_visit_to_another_page(open_page: OpenPage) -> None:
    at = open_page("choose", volume="high")
    _go(at, "case")
    _go(at, "choose")
    assert at.selectbox(key="choose_volume").value == "high"
    advice = _case(at).advice
    assert advice is not None
    assert advice.answers == {"volume": "high"}


def test_each_part_of_the_estimator_keeps_an_estimate_of_its_own(open_page: OpenPage) -> None:
    at = open_page("estimator", show="time", t_epochs="5")
    at.get_by_key("estimator_part").set_value("data").run()
    at.text_input(key="d_items").set_value("900").run()
    assert [(one.part, dict(one.params)) for one in _case(at).estimates] == [
        ("time", {"show": "time", "t_epochs": "5"}),
        ("data", {"show": "data", "d_items": "900"}),
    ]
    _go(at, "case")
    assert not at.exception
    assert "Time of the run" in _memo(at)


def test_own_words_are_text_and_stay_while_one_looks_elsewhere(
    open_page: OpenPage, downloads: dict[str, str]
) -> None:
    evil = "<script>alert(1)</script> ![x](https://example.org/a.png) :red[no]"
    at = open_page("case")
    at.text_input(key="case_name").set_value("Ours *and* theirs").run()
    at.text_area(key="case_question").set_value(evil).run()
    assert evil in _memo(at)
    for kind, text in maybe_rendered(at):
        if kind not in ("download_button", "text_input", "text_area"):
            assert "![x](https" not in text
    assert "<script" not in downloads["case_html"]
    _go(at, "choose")
    _go(at, "case")
    assert at.text_area(key="case_question").value == evil
    assert at.text_input(key="case_name").value == "Ours *and* theirs"
    assert "evil" not in str(dict(at.query_params))
    assert at.text_input(key="case_name").proto.max_chars == MAX_NAME
    assert at.text_area(key="case_question").proto.max_chars == MAX_QUESTION


def test_verdict_stands_beside_the_advice_that_it_contradicts(
    open_page: OpenPage, downloads: dict[str, str]
) -> None:
    at = open_page("choose", symptom="style", labels="1k_10k", task="extract", volume="high")
    verdict = made_up_verdict("prompt")
    at.session_state["my_case"] = MyCase(
        advice=_case(at).advice, trial=Trial(verdict, "ours.csv", date(2026, 1, 2))
    )
    _go(at, "case")
    assert not at.exception
    text = downloads["case_md"]
    assert 'the guide advised "Tune with LoRA", and the rows say "A prompt is enough"' in text
    assert "2026-01-02" in text


def test_page_that_measured_hands_its_verdict_over(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the train page does, with a line at its end; here the guide's page lends its place."""
    verdict = made_up_verdict("lora")
    monkeypatch.setattr(
        case_session, "show_advice", lambda _: case_session.show_verdict(verdict, "ours_*.csv")
    )
    at = open_page("choose")
    assert TEXTS.foot.kept in words(at)
    trial = _case(at).trial
    assert trial is not None
    assert trial.verdict == verdict
    _go(at, "case")
    assert not at.exception
    assert "ours_*.csv: LoRA earns its keep" in words(at)
    assert "LoRA 90 % (83 to 94)" in at.get_by_key("memo").get("vega_lite_chart")[0].proto.alt


def test_start_anew_empties_the_case_and_what_led_to_it(open_page: OpenPage) -> None:
    at = open_page("choose", volume="high")
    _go(at, "estimator", show="memory", g_length="4096")
    _go(at, "case")
    at.text_area(key="case_question").set_value("Which?").run()
    at.button(key="case_anew").click().run()
    assert not at.exception
    assert not _kept(at)
    assert TEXTS.page.start in words(at)
    assert at.text_area(key="case_question").value == ""
    _go(at, "choose")
    assert at.selectbox(key="choose_volume").value == "low"
    _go(at, "estimator", show="memory")
    assert at.text_input(key="g_length").value != "4096"
    assert not _kept(at)


def test_two_visits_have_two_cases(open_page: OpenPage) -> None:
    open_page("choose", volume="high")
    assert not _kept(open_page("case"))


def test_the_page_needs_no_model() -> None:
    code = f"""
from streamlit.testing.v1 import AppTest
at = AppTest.from_file({str(APP)!r}, default_timeout=30)
at.switch_page("pages/case.py").run()
assert not at.exception
at.text_input(key="case_name").set_value("Ours").run()
assert not at.exception
"""
    loads_no_model_library(code)
