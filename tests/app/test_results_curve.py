"""The learning curve on the results page, from a made-up measured file.

Run: python -m pytest tests/app/test_results_curve.py
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.content import tasks
from lib.content.results_texts import load_results_texts
from lib.evaluation.curve_file import NAME
from lib.ui import library, results_library
from tests.app.reading import words
from tests.measured_curve import write_curve_file
from tests.measured_folder import write_everything, write_task

OpenPage = Callable[..., AppTest]

TEXTS = load_results_texts().curve
BOOKING = tasks.TASKS / "booking"


@pytest.fixture
def routing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of tasks that the page reads: a small task with everything measured but the curve."""
    folder = tmp_path / "tasks"
    shutil.copytree(BOOKING, folder / "booking", ignore=shutil.ignore_patterns("adapter", NAME))
    write_everything(write_task(folder))
    monkeypatch.setattr(tasks, "TASKS", folder)
    for kept in (library._tasks, library._measured, results_library._found):
        kept.clear()
    yield folder / "routing"
    for kept in (library._tasks, library._measured, results_library._found):
        kept.clear()


def _curve(at: AppTest) -> str:
    (alt,) = [
        chart.proto.alt
        for chart in at.get("vega_lite_chart")
        if "by rows to learn from" in chart.proto.alt
    ]
    return str(alt)


def _headers(at: AppTest) -> list[str]:
    return [one.value for one in at.header]


def test_without_a_curve_there_is_no_section(open_page: OpenPage, routing: Path) -> None:
    at = open_page("results", task="routing")

    assert not at.exception
    assert TEXTS.title not in _headers(at)


def test_the_sentences_say_where_the_lines_cross(open_page: OpenPage, routing: Path) -> None:
    write_curve_file(routing)

    at = open_page("results", task="routing")

    assert not at.exception
    assert not at.warning
    assert TEXTS.title in _headers(at)
    text = words(at)
    assert "on 16, 64, 256 and 2,048 rows" in text
    # The two draws of 16 examples have 38 and 42: as good as the engineered prompt, and earlier.
    assert "LoRA passes the best prompt (16 examples, knows it: 40.0%) between 16 and 64" in text
    # From 22% at 16 rows to 62% at 64, 40% lies 0.45 of the way: 16 * 4 ** 0.45 = 29.9.
    assert "at about 30 (95%:" in text
    # Ahead by 4 points at 256 rows, behind by 2 at 2,048: 256 * 8 ** (4 / 6) = 1,024.
    assert "LoRA falls behind the classic classifier between 256 and 2,048 rows" in text
    assert "at about 1,024 (95%:" in text
    # 94 against 86, with seeds of 84 and 88.
    assert "From 256 to 2,048 rows LoRA gains 8.0 points; at 256 rows its seeds lie 4.0" in text
    assert "until there were 60 steps" in text
    assert "each size above 1,024 rows has one run" in text


def test_the_picture_shows_prompts_as_the_best_one_is_read_off(
    open_page: OpenPage, routing: Path
) -> None:
    write_curve_file(routing)

    at = open_page("results", task="routing")
    assert "Prompt, no examples, 30.0% (30.0% to 30.0%)" in _curve(at)
    assert "LoRA, 64 rows, 62.0% (60.0% to 64.0%)" in _curve(at)
    assert "Classic classifier, 2,048 rows, 96.0%" in _curve(at)

    at.segmented_control(key="results_curve_routing_reading").set_value("generate").run()
    assert "Prompt, no examples, 2.0%" in _curve(at)
    assert "Prompt, the engineered one, 22.0%" in _curve(at)


def test_a_task_without_scored_labels_has_nothing_to_choose(
    open_page: OpenPage, routing: Path
) -> None:
    write_curve_file(routing.parent / "booking", scored=False, missing=3)

    at = open_page("results", task="booking")

    assert not at.exception
    text = words(at)
    assert "the best prompt (16 examples: 22.0%)" in text
    assert "classic classifier" not in _curve(at).lower()
    assert "3 points of this curve are not measured yet." in text
    assert not [one for one in at.get("button_group") if "curve" in str(one.proto.id)]


def test_a_broken_file_costs_its_section_only(open_page: OpenPage, routing: Path) -> None:
    (routing / "results" / "curve.json").write_text("{}")

    at = open_page("results", task="routing")

    assert not at.exception
    assert any("learning curve" in one.value for one in at.warning)
    assert TEXTS.title in _headers(at)


# ------------------------------------------------------------------------- in the estimator


def test_the_estimator_shows_measured_curves_beside_typed_ones(
    open_page: OpenPage, routing: Path
) -> None:
    write_curve_file(routing)

    at = open_page("estimator", show="data")

    assert not at.exception
    text = words(at)
    assert "Curves that were measured here" in [one.label for one in at.expander]
    assert "The best prompt (16 drawn examples, the likeliest label) reached 40.0%." in text
    assert "2,048 rows promised" in text
    assert "measured were 94.0%, inside the band." in text


def test_a_measured_curve_is_taken_over_run_by_run(open_page: OpenPage, routing: Path) -> None:
    write_curve_file(routing)
    at = open_page("estimator", show="data")

    at.button(key="d_measured_routing").click().run()

    assert not at.exception
    lines = str(at.text_area(key="d_points").value).splitlines()
    assert lines[:3] == ["16, 0.2", "16, 0.24", "64, 0.6"]
    assert lines[-1] == "2048, 0.94"
    assert at.text_input(key="d_items").value == "100"
    assert at.query_params["d_items"] == "100"


def test_without_measured_curves_the_estimator_says_nothing_of_them(
    open_page: OpenPage, routing: Path
) -> None:
    at = open_page("estimator", show="data")

    assert "Curves that were measured here" not in [one.label for one in at.expander]
