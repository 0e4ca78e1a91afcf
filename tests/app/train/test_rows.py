"""The train page, in this process, with a scripted worker: rows in, and the minutes they will take.

Run: python -m pytest tests/app/train/test_rows.py
"""

import csv
import io
import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lib.content.samples import load_sample_sets
from lib.errors import BaseModelError
from lib.ui import train_pace
from lib.verdict import pace
from lib.verdict.diary import Noted
from tests.app.reading import maybe_rendered, words
from tests.app.train.server import (
    NASTY,
    PACE,
    TEXTS,
    OpenPage,
    Server,
    keys,
    paste,
    problems,
    submitted,
    tone_rows,
    upload,
)

# ------------------------------------------------------------------------- rows


def test_nothing_is_understood_or_started_before_there_are_rows(train: AppTest) -> None:
    assert not train.exception
    assert TEXTS.lead in words(train)
    assert TEXTS.understood.title not in words(train)
    assert "train_submit" not in keys(train)


@pytest.mark.parametrize("sample", load_sample_sets(), ids=lambda one: one.id)
def test_each_sample_can_be_trained_on(train: AppTest, sample: Any) -> None:
    train.button_group(key="train_way").set_value("sample").run()
    train.radio(key="train_sample").set_value(sample.id).run()
    assert not train.exception
    assert problems(train) == []
    assert f"rows in {sample.file} can be used" in words(train)
    assert "minutes** on this machine" in words(train)
    assert "train_submit" in keys(train)


def test_pasted_rows_are_understood_before_anything_runs(train: AppTest, server: Server) -> None:
    paste(train, tone_rows() + '"message number 3 about the order",kind\nfree,\n')
    told = words(train)
    assert "60 of 62 rows in pasted.csv can be used" in told
    assert "one of 2 labels" in told
    assert [one.value for one in train.metric] == ["39", "6", "15"]
    assert "With 15 test rows, 12 right ones (80%) mean a share of 55% to 93%" in told
    balance = next(one.value for one in train.dataframe if "label" in one.value)
    assert dict(zip(balance["label"], balance["rows"], strict=True)) == {"curt": 30, "kind": 30}
    left_out = next(one.value for one in train.dataframe if "reason" in one.value)
    assert sorted(left_out["row numbers"]) == ["61", "62"]
    assert len(train.code) == 3  # the prompts
    assert all("message number" in one.value for one in train.code)
    assert server.workers == []
    assert not server.root.exists()


def test_uploaded_rows_stay_for_the_visit(train: AppTest) -> None:
    upload(train, "mine.csv", tone_rows().encode())
    assert "60 of 60 rows in mine.csv can be used" in words(train)
    train.switch_page("pages/faq.py").run()
    train.switch_page("pages/train.py").run()
    assert "mine.csv is still here from before." in words(train)
    assert "60 of 60 rows in mine.csv can be used" in words(train)
    train.button(key="train_forget").click().run()
    assert "can be used" not in words(train)


def test_other_columns_can_be_chosen(train: AppTest) -> None:
    rows = "text,label,team\n" + "".join(f"message {n},{n % 2},{'ab'[n % 2]}\n" for n in range(60))
    paste(train, rows)
    assert "Output: label." in words(train)
    box = train.selectbox[0]
    box.set_value(2).run()
    assert problems(train) == []
    assert "Output: team." in words(train)


BAD = {
    "empty file": ("rows.csv", b""),
    "broken UTF-8": ("rows.csv", b"text,label\n\xff\xfe\xfa,x\n"),
    "a workbook renamed": ("rows.csv", b"PK\x03\x04" + bytes(200)),
    "two rows": ("rows.csv", b"text,label\nfirst,a\nsecond,b\n"),
    "one label": ("rows.csv", tone_rows(labels=("same",)).encode()),
    "all rows equal": ("rows.csv", b"text,label\n" + b"the same,a\n" * 60),
    "a label a row": ("rows.csv", tone_rows(500, [f"label {n}" for n in range(500)]).encode()),
    "empty labels": ("rows.csv", tone_rows(labels=("",)).encode()),
    "5,001 rows": ("rows.csv", tone_rows(5_001).encode()),
    "too many bytes": ("rows.csv", b"text,label\n" + b"x" * 90_000 + b",a\n" + b" " * 5_000_000),
    "no JSON": ("rows.jsonl", b'{"text": "a", "label": "b"}\n{"text"\n'),
    "free texts": (
        "rows.jsonl",
        "".join(
            json.dumps({"prompt": f"Ask {n}", "completion": f"A long answer number {n}. " * 5})
            + "\n"
            for n in range(60)
        ).encode(),
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_rows_that_cannot_be_used_are_one_sentence_in_place(train: AppTest, name: str) -> None:
    upload(train, *BAD[name])
    assert not train.exception
    assert not train.error
    (sentence,) = problems(train)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert "train_submit" not in keys(train)
    assert len(train.title) == 1


def test_pasted_text_stays_when_it_cannot_be_used(train: AppTest) -> None:
    paste(train, "text,label\nonly one,a\n")
    assert len(problems(train)) == 1
    assert train.text_area(key="train_pasted").value == "text,label\nonly one,a\n"


def test_names_in_the_file_are_never_markdown(train: AppTest, server: Server) -> None:
    rows = io.StringIO()
    table = csv.writer(rows)
    table.writerow([f"text {NASTY}", f"label {NASTY}"])
    table.writerows([f"{NASTY} number {n}", f"{'ab'[n % 2]} {NASTY}"] for n in range(60))
    upload(train, f"rows {NASTY.replace('/', '')}.csv", rows.getvalue().encode())
    assert problems(train) == []
    token = submitted(train)
    server.is_running(token)
    train.run()
    for at in (train, _broken(train, server, token)):
        for kind, shown in maybe_rendered(at):
            if kind not in ("selectbox", "multiselect", "arrow_data_frame", "file_uploader"):
                assert "![x]" not in shown, kind
                assert "<b>" not in shown.replace("\\\\<", ""), kind


def _broken(at: AppTest, server: Server, token: str) -> AppTest:
    server.write(token, Noted(NASTY))
    server.end(token, f"It failed {NASTY}")
    return at.run()


# ------------------------------------------------------------------------- minutes


def test_minutes_are_estimated_from_the_measured_pace(train: AppTest) -> None:
    paste(train, tone_rows())
    assert "on this machine if nobody else uses it" in words(train)
    assert "training steps of up to 16 rows" in words(train)


@pytest.fixture
def unknown_pace(server: Server, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A machine whose pace is unknown; what it becomes or raises can be set."""
    found: dict[str, Any] = {"pace": None, "error": None, "measured": 0}

    def measure() -> None:
        found["measured"] += 1
        if found["error"]:
            raise found["error"]
        found["pace"] = PACE

    monkeypatch.setattr(pace, "known_pace", lambda: found["pace"])
    monkeypatch.setattr(pace, "measure_pace", measure)
    meter = train_pace.PaceMeter()
    monkeypatch.setattr(train_pace, "_meter", meter)
    return found


def pace_is_measured() -> None:
    """Wait until the measurement that is under way has ended."""
    thread = train_pace.get_meter()._thread
    assert thread is not None
    thread.join(timeout=5)


def test_an_unknown_pace_is_measured_while_the_page_can_be_used(
    unknown_pace: dict[str, Any], open_page: OpenPage
) -> None:
    at = paste(open_page("train"), tone_rows())
    assert "train_submit" in keys(at)
    pace_is_measured()
    at.run()
    assert "on this machine if nobody else uses it" in words(at)
    assert unknown_pace["measured"] == 1


def test_a_pace_that_cannot_be_measured_is_told_and_tried_again_on_request(
    unknown_pace: dict[str, Any], open_page: OpenPage
) -> None:
    unknown_pace["error"] = BaseModelError("There is no model: run `make setup`.")
    at = paste(open_page("train"), tone_rows())
    pace_is_measured()
    at.run()
    assert problems(at) == ["There is no model: run `make setup`."]
    assert "train_submit" in keys(at)
    assert unknown_pace["measured"] == 1
    unknown_pace["error"] = None
    at.button(key="train_measure_again").click().run()
    pace_is_measured()
    at.run()
    assert "on this machine if nobody else uses it" in words(at)
