"""The results page: drawn from measured files alone, with ranges, losses and what is missing.

Run: python -m pytest tests/app/test_results.py
"""

import csv
import io
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.content import tasks
from lib.content.results_texts import ResultsTexts, filled, load_results_texts
from lib.ui import library, results_library
from tests.app.conftest import Link
from tests.app.reading import maybe_rendered, words
from tests.measured_folder import write_everything, write_set, write_task

OpenPage = Callable[..., AppTest]

TEXTS: ResultsTexts = load_results_texts()
BOOKING = tasks.TASKS / "booking"


@pytest.fixture
def all_tasks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of tasks that the page reads: booking as it is, and a small one to fill."""
    folder = tmp_path / "tasks"
    shutil.copytree(BOOKING, folder / "booking", ignore=shutil.ignore_patterns("adapter"))
    write_task(folder)
    monkeypatch.setattr(tasks, "TASKS", folder)
    _forget_tasks()  # what was read by now came from another folder
    yield folder
    _forget_tasks()


def _forget_tasks() -> None:
    """Empty what hangs on the folder of tasks; reading the whole library again takes seconds."""
    for kept in (library._tasks, library._measured, results_library._found):
        kept.clear()


@pytest.fixture
def routing(all_tasks: Path) -> Path:
    """The small task with everything measured."""
    write_everything(all_tasks / "routing")
    return all_tasks / "routing"


def _charts(at: AppTest) -> list[str]:
    return [chart.proto.alt for chart in at.get("vega_lite_chart")]


def _headers(at: AppTest) -> list[str]:
    return [one.value for one in at.header]


def _open_fold(at: AppTest, key: str) -> AppTest:
    at.session_state[key] = True
    return at.run()


# ------------------------------------------------------------------------- as it is today


def test_every_measured_task_of_the_project_is_shown(open_page: OpenPage) -> None:
    for name in tasks.task_names():
        at = open_page("results", task=name)
        assert not at.exception
        assert not at.error
        assert not at.warning


def test_booking_is_shown_from_its_one_file(open_page: OpenPage) -> None:
    at = open_page("results", task="booking")
    text = words(at)
    assert "Tuning won. On 2,292 test messages LoRA was right in 91.7%" in text.replace("*", "")
    assert "Engineered prompt, in 19.6% (18.0% to 21.3%)" in text
    assert TEXTS.no_score in text
    assert TEXTS.sets.one in text
    assert TEXTS.strangers.none in text
    assert "211 of the 2,292 rows" in text
    main = _charts(at)[0]
    assert "LoRA 91.7% (90.5% to 92.7%)" in main
    assert "Plain prompt 0.0%" in main


# ------------------------------------------------------------------------- all that can be there


def test_page_stands_in_the_promised_order(open_page: OpenPage, routing: Path) -> None:
    at = open_page("results", task="routing")
    assert not at.exception
    assert not at.warning
    sections = (
        TEXTS.main,
        TEXTS.pairs,
        TEXTS.effects,
        TEXTS.tried,
        TEXTS.sets,
        TEXTS.twins,
        TEXTS.strangers,
        TEXTS.calls,
        TEXTS.reported,
        TEXTS.limits,
    )
    expected = [one.title for one in sections]
    assert _headers(at)[: len(expected)] == expected


def test_finding_says_that_neither_was_needed(open_page: OpenPage, routing: Path) -> None:
    text = words(open_page("results", task="routing"))
    assert "**You needed neither.** On 100 test messages a classic classifier" in text
    assert "learned in 1.2 seconds, was right in 96.0% (90.2% to 98.4%)" in text
    assert "LoRA (knows it) with 94.0%" in text
    assert "Plain prompt (knows it, calibrated) with 52.0%" in text


def test_losses_stand_below_the_finding(open_page: OpenPage, routing: Path) -> None:
    text = words(open_page("results", task="routing"))
    assert "- Plain prompt knows more than it writes: 2.0% (0.5% to 7.0%) written, 45.0%" in text
    assert "- Away from home LoRA (knows it) drops: 94.0%" in text
    assert "- The classic classifier drops too: 96.0%" in text


def test_both_modes_and_the_classic_line_stand_in_one_picture(
    open_page: OpenPage, routing: Path
) -> None:
    main = _charts(open_page("results", task="routing"))[0]
    for part in (
        "LoRA, writes it 93.0% (86.2% to 96.6%)",
        "LoRA, knows it 94.0%",
        "Plain prompt, knows it, calibrated 52.0%",
        "Classic classifier 96.0%",
    ):
        assert part in main


def test_calibration_names_its_inputs(open_page: OpenPage, routing: Path) -> None:
    assert '("N/A", "")' in words(open_page("results", task="routing"))


def test_every_chart_has_words_a_table_and_a_download(
    open_page: OpenPage, routing: Path, downloads: dict[str, str]
) -> None:
    at = open_page("results", task="routing")
    charts = at.get("vega_lite_chart")
    # Main, effects, sets, domains, near twins, no class, tokens, seconds.
    assert len(charts) == 8
    assert all(chart.proto.alt for chart in charts)
    # The pairs and the calls are tables without a chart.
    assert len(at.dataframe) == len(charts) + 2
    keys = [
        "main", "pairs", "effects", "sets", "groups_other_bank", "twins", "no_class_no_team",
        "tokens", "seconds", "calls",
    ]  # fmt: skip
    assert {f"results_{key}_csv" for key in keys} == {key for key in downloads if "results" in key}
    rows = list(csv.DictReader(io.StringIO(downloads["results_main_csv"])))
    assert len(rows) == 13
    assert rows[0]["share right"] == "0.02"


def test_paired_tests_are_told_in_words_and_numbers(open_page: OpenPage, routing: Path) -> None:
    table = open_page("results", task="routing").dataframe[1].value
    pairs = {(row["first"], row["second"]): row for _, row in table.iterrows()}
    pair = pairs["LoRA (writes it)", "Classic classifier"]
    assert (pair["only the first right"], pair["only the second right"]) == (0, 3)
    # Three rows on one side and none on the other: 2 * 0.5 ** 3.
    assert (pair["p"], pair["says"]) == ("0.2500", "can't be told apart")
    won = pairs["Plain prompt (writes it)", "LoRA (writes it)"]
    assert (won["says"], won["p after Holm"]) == ("LoRA (writes it) is ahead", "< 0.0001")


def test_effects_have_sizes_and_ranges(open_page: OpenPage, routing: Path) -> None:
    effects = _charts(open_page("results", task="routing"))[1]
    assert "Prompt alone, writes it +18.0 (" in effects
    assert "Prompt alone, knows it -4.0 (" in effects
    assert "Interaction, writes it -21.0 (" in effects


def test_other_sets_show_one_reading_at_a_time(open_page: OpenPage, routing: Path) -> None:
    at = open_page("results", task="routing")
    assert "messages to another bank (100): right, with 95% intervals" in _charts(at)[2]
    assert "LoRA, writes it 73.0%" in _charts(at)[2]
    at.segmented_control(key="results_sets_reading").set_value("score").run()
    assert "LoRA, knows it 74.0%" in _charts(at)[2]
    assert "Classic classifier 76.0%" in _charts(at)[2]
    assert "LoRA, writes it" not in _charts(at)[2]


def test_answers_to_messages_of_no_class_are_shown(open_page: OpenPage, routing: Path) -> None:
    at = open_page("results", task="routing")
    assert "LoRA, writes it: cards 60.0%, transfers 30.0%, (no label) 10.0%" in _charts(at)[5]
    assert "LoRA, knows it: cards 70.0%, transfers 30.0%" in _charts(at)[5]
    # 5 of 50, with Wilson's interval.
    assert "LoRA + engineered 10.0% (4.3% to 21.4%)." in words(at)
    assert "50 messages for no team" in words(at)


def test_seconds_and_cost_name_machine_and_price(open_page: OpenPage, routing: Path) -> None:
    at = open_page("results", task="routing")
    assert "A made-up processor, 2 threads" in words(at)
    assert TEXTS.calls.hosted.name in words(at)
    table = at.dataframe[-1].value
    assert list(table["way"])[-1] == "Classic classifier"
    assert table["median s"].iloc[-1] == 0.002
    assert table["$ per 1,000 calls"].iloc[0] > 0


def test_tokens_go_to_the_estimator(open_page: OpenPage, links: list[Link]) -> None:
    open_page("results", task="booking")
    page, params = next(rest for label, *rest in links if label == TEXTS.calls.link)
    assert page == "estimator"
    # What the engineered prompt adds to the adapter's own: 627 less 49 tokens.
    assert params == {
        "m_traffic.input_tokens": "49",
        "m_traffic.output_tokens": "13",
        "m_prompting.prefix_tokens": "578",
    }


def test_the_estimator_takes_the_tokens(open_page: OpenPage, links: list[Link]) -> None:
    open_page("results", task="booking")
    page, params = next(rest for label, *rest in links if label == TEXTS.calls.link)
    at = open_page(page, **params)
    assert not at.error
    assert {name: at.query_params[name] for name in params} == params


def test_how_it_was_measured_holds_command_seed_and_fingerprints(
    open_page: OpenPage, routing: Path
) -> None:
    at = open_page("results", task="routing")
    before = len(at.get("code"))
    _open_fold(at, "results_how_main")
    codes = [one.value for one in at.get("code")][:-1]
    assert len(codes) > before
    assert "python -m lib classic --task routing --data test.jsonl" in codes
    assert f"adapter: {'a' * 64}" in "\n".join(codes)
    assert f"prompt lora_engineered: {'l' * 64}" in "\n".join(codes)
    text = words(at)
    assert "training used seed 11" in text
    assert "Tried there: words 95.0% (91.9% to 96.9%); characters 97.0%" in text


# ------------------------------------------------------------------------- what is missing


def test_nothing_measured_is_said_in_a_sentence(open_page: OpenPage, all_tasks: Path) -> None:
    at = open_page("results", task="routing")
    assert not at.exception
    assert not at.error
    assert "Nothing has been measured for this task yet" in words(at)
    assert not at.get("vega_lite_chart")
    assert TEXTS.limits.title in _headers(at)


def test_what_is_not_measured_yet_is_said(open_page: OpenPage, all_tasks: Path) -> None:
    write_set(all_tasks / "routing", "test", "generate")
    at = open_page("results", task="routing")
    assert not at.exception
    text = words(at)
    for sentence in (
        TEXTS.score_missing,
        TEXTS.classic_missing,
        TEXTS.tried.missing,
        TEXTS.sets.missing,
        TEXTS.twins.missing,
        TEXTS.strangers.missing,
        TEXTS.calls.seconds_missing,
    ):
        assert sentence in text
    assert "Tuning won." in text


def test_rows_without_near_twins_are_told_and_not_drawn_again(
    open_page: OpenPage, all_tasks: Path
) -> None:
    write_set(all_tasks / "routing", "test", "generate", twins=0)
    at = open_page("results", task="routing")
    assert not at.exception
    assert filled(TEXTS.twins.none, all="100") in words(at)
    assert not [chart for chart in _charts(at) if "without near twins" in chart]


@pytest.mark.parametrize("mode", ["score", "classic"])
def test_a_single_mode_is_enough_for_a_page(
    open_page: OpenPage, all_tasks: Path, mode: str
) -> None:
    write_set(all_tasks / "routing", "test", mode)
    at = open_page("results", task="routing")
    assert not at.exception
    assert not at.error
    assert _charts(at)


@pytest.mark.parametrize("name", ["test.json", "test_score_rows.csv", "calls.json", "recipe.yaml"])
def test_a_broken_file_costs_its_own_figures_only(
    open_page: OpenPage, routing: Path, name: str
) -> None:
    file = routing / name if name == "recipe.yaml" else routing / "results" / name
    file.write_text("broken")
    at = open_page("results", task="routing")
    assert not at.exception
    assert at.warning
    assert "Classic classifier 96.0%" in _charts(at)[0]


def test_a_broken_task_is_told_and_the_others_are_shown(open_page: OpenPage, routing: Path) -> None:
    (routing / "task.yaml").write_text("id: [")
    at = open_page("results")
    assert not at.exception
    assert len(at.error) == 1
    assert "LoRA 91.7%" in _charts(at)[0]


# ------------------------------------------------------------------------- the address


def test_task_stands_in_the_address(open_page: OpenPage, routing: Path) -> None:
    at = open_page("results")
    assert "task" not in at.query_params
    at.segmented_control(key="task_results").set_value("routing").run()
    assert at.query_params["task"] == "routing"
    assert "You needed neither" in words(at)


@pytest.mark.parametrize("task", ["nothing", "../booking", "<b>", ""])
def test_an_unknown_task_in_the_address_opens_the_first(open_page: OpenPage, task: str) -> None:
    at = open_page("results", task=task)
    assert not at.exception
    assert not at.error
    assert "task" not in at.query_params
    assert all("<b>" not in text for _, text in maybe_rendered(at))


def test_changed_files_are_read_again(open_page: OpenPage, all_tasks: Path) -> None:
    write_set(all_tasks / "routing", "test", "generate")
    assert "LoRA 93.0%" in _charts(open_page("results", task="routing"))[0]
    write_set(all_tasks / "routing", "test", "generate", right={"plain": 1, "lora": 50})
    assert "LoRA 50.0%" in _charts(open_page("results", task="routing"))[0]
