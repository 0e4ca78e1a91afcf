"""What a trial writes down, and what is read from it.

Example run: python -m pytest tests/verdict/test_diary.py -v
"""

import pytest

from lib.verdict.diary import (
    FILE,
    Diary,
    Ended,
    Looked,
    Measuring,
    Noted,
    Scored,
    Stage,
    Trained,
    read_progress,
)


@pytest.fixture
def diary(tmp_path):
    return Diary(tmp_path)


def test_a_folder_without_a_diary_has_not_begun(tmp_path):
    progress = read_progress(tmp_path)

    assert progress.stage is None
    assert not progress.ended


def test_events_come_back_in_their_order(diary, tmp_path):
    for event in (
        Stage("classic"),
        Scored("classic", 7, 10),
        Stage("model"),
        Stage("prompts"),
        Measuring("plain", 64, 100),
        Stage("training"),
        Trained(1, 10, 2.5, 0.5),
        Looked(1, 3, 5),
        Noted("2 rows were too long"),
    ):
        diary.write(event)

    progress = read_progress(tmp_path)

    assert progress.stage == "training"
    assert progress.scored == (Scored("classic", 7, 10),)
    assert progress.measuring == Measuring("plain", 64, 100)
    assert progress.steps == (Trained(1, 10, 2.5, 0.5),)
    assert progress.looks == (Looked(1, 3, 5),)
    assert progress.notes == ("2 rows were too long",)
    assert not progress.ended


def test_a_way_that_is_scored_is_measured_no_more(diary, tmp_path):
    diary.write(Measuring("plain", 100, 100))
    diary.write(Scored("plain", 1, 90))

    assert read_progress(tmp_path).measuring is None


def test_the_time_left_follows_the_pace_after_the_first_step(diary, tmp_path):
    for number, seconds in ((1, 5.0), (2, 6.0), (3, 7.0)):
        diary.write(Trained(number, 13, 1.0, seconds))

    assert read_progress(tmp_path).seconds_left == pytest.approx(10.0)


def test_no_pace_is_told_from_two_steps(diary, tmp_path):
    diary.write(Trained(1, 13, 1.0, 5.0))
    diary.write(Trained(2, 13, 1.0, 6.0))

    assert read_progress(tmp_path).seconds_left is None


def test_the_end_says_what_went_wrong(diary, tmp_path):
    diary.write(Ended("The disk is full."))

    progress = read_progress(tmp_path)

    assert progress.ended
    assert progress.problem == "The disk is full."


def test_a_line_that_was_cut_is_passed_over(diary, tmp_path):
    diary.write(Stage("model"))
    with (tmp_path / FILE).open("a", encoding="utf-8") as file:
        file.write('{"kind": "trained", "num')

    assert read_progress(tmp_path).stage == "model"
