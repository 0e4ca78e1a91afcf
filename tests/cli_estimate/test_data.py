"""Rows, their number and learning curves as commands: the JSON that stays, and a short answer.

Run: python -m pytest tests/cli_estimate/test_data.py
"""

from pathlib import Path

import pytest

from tests.running import Run


def test_a_need_has_its_keys_and_a_verdict(run: Run) -> None:
    words = ("data", "--goal", "classification", "--classes", "8")

    found = run(*words, "--rows", "20", "--json").json

    assert {"low", "likely", "high", "basis"} <= set(found)
    assert found["low"] < found["likely"] < found["high"]
    assert "fewer than" in found["verdict"]
    assert "8 classes" in run(*words).out


def test_a_task_names_its_goal(run: Run) -> None:
    assert run("data", "--task", "booking", "--json").json["goal"] == "extraction"
    assert run("data", "--task", "style", "--json").json["goal"] == "style"


def test_facts_need_no_number_of_rows(run: Run) -> None:
    found = run("data", "--goal", "facts", "--json").json

    assert found["likely"] is None
    assert "no number of rows" in run("data", "--goal", "facts").out


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """A small file of labels, with a repeated row."""
    path = tmp_path / "rows.csv"
    texts = ["where is my card", "close my account", "=cmd()", "where is my card"]
    lines = [f"{text},{label}" for text, label in zip(texts, "abca", strict=True)]
    path.write_text("text,label\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_file_is_reported_with_its_need(run: Run, rows: Path) -> None:
    found = run("data", "--file", rows, "--json").json

    assert (found["goal"], found["classes"]) == ("classification", 3)
    assert found["report"]["rows"] == 4
    assert found["report"]["usable_rows"] == 3
    assert any("Repeated rows" in one for one in found["findings"])
    assert "Repeated rows" in run("data", "--file", rows).out


def test_leaks_into_a_test_file_are_told(run: Run, rows: Path, tmp_path: Path) -> None:
    test = tmp_path / "test.csv"
    test.write_text("text,label\nwhere is my card,a\n", encoding="utf-8")

    ended = run("data", "--file", rows, "--test", test, "--json")

    assert ended.json["report"]["test"]["leaked_share"] == 1


def test_a_curve_in_per_cent_gives_fractions(run: Run) -> None:
    percent = run("data", "--points", "100:71.5,400:78", "--json").json

    assert [one["rows"] for one in percent["points"]] == [800, 1600, 3200]
    assert 0.78 < percent["low"] < percent["likely"] < percent["high"] < 1
    assert percent["unit"] == "score"
    assert run("data", "--points", "100:0.715,400:0.78", "--json").json == percent
    assert " %" in run("data", "--points", "100:71.5,400:78").out


def test_a_curve_tells_how_many_rows_a_score_takes(run: Run) -> None:
    found = run("data", "--points", "100:71.5,400:78", "--wanted", "85", "--json").json

    assert found["unit"] == "rows"
    assert 400 < found["low"] < found["likely"] < found["high"]


def test_a_flat_curve_promises_nothing(run: Run) -> None:
    found = run("data", "--points", "100:78,400:78", "--json").json

    assert (found["likely"], found["points"]) == (None, [])
    assert "equal" in found["basis"]
