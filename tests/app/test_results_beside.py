"""The results page beyond the tests: what is lost, and whether the order of the examples decides.

Run: python -m pytest tests/app/test_results_beside.py
"""

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.content import tasks
from lib.content.results_texts import load_results_texts
from lib.ui import library, results_library
from tests.app.reading import maybe_rendered, words
from tests.measured_folder import write_forgetting, write_set, write_stability, write_task

OpenPage = Callable[..., AppTest]

TEXTS = load_results_texts()
SAMPLES = [
    {"id": "s1", "title": "A <b>card</b>", "inputs": {"text": "lost **it**"}, "expected": "cards"},
    {"id": "s2", "title": "Rain", "inputs": {"text": "Will it rain?"}, "expected": None},
]


@pytest.fixture
def routing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A small measured task, the only one that the page knows."""
    folder = tmp_path / "tasks"
    task = write_task(folder, samples=[one | {"note": "why"} for one in SAMPLES])
    write_set(task, "test", "generate")
    monkeypatch.setattr(tasks, "TASKS", folder)
    _forget_tasks()
    yield task
    _forget_tasks()


def _forget_tasks() -> None:
    for kept in (library._tasks, library._measured, results_library._found):
        kept.clear()


def _open(open_page: OpenPage) -> AppTest:
    at = open_page("results", task="routing")
    assert not at.exception
    assert not at.error
    return at


def _headers(at: AppTest) -> list[str]:
    return [one.value for one in at.header]


def _chart(at: AppTest, what: str) -> str:
    [alt] = [c.proto.alt for c in at.get("vega_lite_chart") if c.proto.alt.startswith(what)]
    return str(alt)


def test_nothing_measured_leaves_the_sections_out(open_page: OpenPage, routing: Path) -> None:
    at = _open(open_page)
    assert not at.warning
    assert TEXTS.forgetting.title not in _headers(at)
    assert TEXTS.stability.title not in _headers(at)


# ------------------------------------------------------------------------- what is lost


def test_what_is_lost_is_said_by_rule(open_page: OpenPage, routing: Path) -> None:
    write_forgetting(routing)
    text = words(_open(open_page))
    # One of four, with Wilson's interval; its p is below 0.05, the p of the others is not.
    assert "- **LoRA: lost.** 25.0% (4.6% to 69.9%) right, against 75.0% (30.1% to 95.4%)" in text
    assert "2 questions were lost and 0 gained." in text
    assert "**Base model, engineered prompt: no difference that 4 questions can show.**" in text
    assert "LoRA 75.0% (30.1% to 95.4%)" in text
    assert "the question asks for none: Base model, engineered prompt 1." in text


def test_shares_by_group_stand_in_a_chart_with_a_table(
    open_page: OpenPage, routing: Path, downloads: dict[str, str]
) -> None:
    write_forgetting(routing)
    alt = _chart(_open(open_page), TEXTS.forgetting.what)
    assert "All questions (4), Base model 75.0% (30.1% to 95.4%)" in alt
    assert "Small talk (2), Base model 50.0%" in alt
    rows = list(csv.DictReader(io.StringIO(downloads["results_forgetting_csv"])))
    assert len(rows) == 3 * 4
    assert rows[0]["share right"] == "0.75"


def test_examples_are_chosen_by_rule_and_stay_plain(open_page: OpenPage, routing: Path) -> None:
    write_forgetting(routing)
    at = _open(open_page)
    codes = [one.value for one in at.get("code")]
    # Of the facts the second, for LoRA got the first one right; of small talk the only one.
    for id in ("two", "three"):
        place = codes.index(f"the answer to **{id}** <b>")
        assert codes[place + 1] == f"cards {id}"
    assert "the answer to **one** <b>" not in codes
    assert "the answer to **four** <b>" not in codes
    assert all("<b>" not in text for _, text in maybe_rendered(at))
    assert any("Question \\*two\\*?" in one.value for one in at.markdown)


def test_how_questions_were_asked_is_told(open_page: OpenPage, routing: Path) -> None:
    write_forgetting(routing)
    at = _open(open_page)
    at.session_state["results_how_forgetting"] = True
    at.run()
    codes = "\n".join(one.value for one in at.get("code"))
    assert "python -m lib forgetting --task routing" in codes
    assert f"adapter: {'a' * 64}" in codes


# ------------------------------------------------------------------------- the order


def test_the_share_right_moves_with_the_order(open_page: OpenPage, routing: Path) -> None:
    write_stability(routing)
    at = _open(open_page)
    text = words(at)
    assert "the order alone moves the share of right answers from 30.0% to 60.0%" in text
    # Three of the ten rows are right under one of the two orders.
    assert "30.0% of the rows are right under some orders" in text
    assert "LoRA is right in 90.0%." in text
    assert "2: drawn, Engineered prompt 30.0%" in _chart(at, TEXTS.stability.what)


def test_without_rows_the_page_says_so(open_page: OpenPage, routing: Path) -> None:
    write_stability(routing, with_rows=False)
    at = _open(open_page)
    assert TEXTS.stability.no_rows in words(at)
    assert "Over 2 sample inputs the 2 orders give 1.5 different answers" in words(at)


def test_a_sample_shows_every_order_beside_the_adapter(open_page: OpenPage, routing: Path) -> None:
    write_stability(routing)
    at = _open(open_page)
    codes = [one.value for one in at.get("code")]
    place = codes.index("lost **it**")
    assert codes[place + 1 : place + 4] == ["cards", "my **cards**", "cards"]
    assert "2: drawn · wrong" in words(at)
    at.selectbox(key="results_orders_sample_routing").set_value("s2").run()
    codes = [one.value for one in at.get("code")]
    place = codes.index("Will it rain?")
    assert codes[place + 1 : place + 4] == ["security", "security", "transfers"]
    assert "no answer can be right here" in words(at)


def test_all_samples_stand_in_a_table(
    open_page: OpenPage, routing: Path, downloads: dict[str, str]
) -> None:
    write_stability(routing)
    _open(open_page)
    rows = list(csv.DictReader(io.StringIO(downloads["results_orders_samples_csv"])))
    assert [(one["sample"], one["different answers"]) for one in rows] == [
        ("A <b>card</b>", "2"),
        ("Rain", "1"),
    ]
    assert [one["right under"] for one in rows] == ["1", ""]
    assert [one["LoRA right"] for one in rows] == ["yes", ""]


@pytest.mark.parametrize("name", ["forgetting.json", "forgetting_rows.csv", "stability.json"])
def test_a_broken_file_costs_its_own_section_only(
    open_page: OpenPage, routing: Path, name: str
) -> None:
    write_forgetting(routing)
    write_stability(routing)
    (routing / "results" / name).write_text("broken\n1")
    at = _open(open_page)
    assert len(at.warning) == 1
    assert "LoRA 93.0%" in at.get("vega_lite_chart")[0].proto.alt
