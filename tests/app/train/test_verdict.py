"""The train page, in this process, with a scripted worker: the verdict and what can be taken home.

Run: python -m pytest tests/app/train/test_verdict.py
"""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lib.verdict import take_home
from lib.verdict.diary import Looked, Noted, Stage, Trained
from lib.verdict.folder import ANSWERS, VERDICT
from lib.verdict.judge import Measured, Way, judge, verdict_json
from tests.app.reading import words
from tests.app.train.server import (
    NASTY,
    TEXTS,
    Server,
    keys,
    paste,
    submitted,
    token_of,
    tone_rows,
)

RIGHT = {
    Way.PLAIN: [n < 3 for n in range(15)],
    Way.PLAIN_SCORE: [n < 8 for n in range(15)],
    Way.CLASSIC: [n < 10 for n in range(15)],
    Way.LORA: [n < 14 for n in range(15)],
    Way.LORA_ENGINEERED: [n < 13 for n in range(15)],
}


@pytest.fixture
def done(train: AppTest, server: Server) -> AppTest:
    """The page of a training that has come to its end."""
    token = submitted(paste(train, tone_rows()))
    server.is_running(token)
    folder = server.state(token).folder
    measured = [Measured(way, tuple(right), 40.0, 3.0) for way, right in RIGHT.items()]
    verdict = judge(measured, "classification", 39, (True,) * 7 + (False,) * 8)
    (folder / VERDICT).write_text(json.dumps(verdict_json(verdict, measured)), encoding="utf-8")
    with (folder / ANSWERS).open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["id", "text", "wanted", "way", "answer", "right"])
        for way, right in RIGHT.items():
            for n, one in enumerate(right):
                answer = "curt" if one else ["null", NASTY][n % 2]
                table.writerow([f"row-{n}", f"text {n} {NASTY}", "curt", way, answer, int(one)])
    (folder / "adapter").mkdir()
    steps = [Trained(n, 3, 1.0 / n, float(n)) for n in (1, 2, 3)]
    server.write(token, Stage("training"), *steps, Looked(3, 6, 6), Noted("2 rows were too long."))
    server.write(token, Stage("verdict"))
    server.end(token)
    return train.run()


def test_the_verdict_is_told_in_words_figures_and_what_could_not_be_told(done: AppTest) -> None:
    assert not done.exception
    assert not done.error
    told = words(done)
    assert "15 test rows" in told
    assert TEXTS.verdict.pairs in told
    assert TEXTS.verdict.changes in told
    assert "2 rows were too long." in told
    ways, loss, looks = done.get("vega_lite_chart")
    assert "LoRA 93% (70% to 99%)" in ways.proto.alt
    assert loss.proto.alt.startswith(TEXTS.job.loss)
    assert looks.proto.alt.startswith(TEXTS.job.looks)
    table = next(one.value for one in done.dataframe if "way" in one.value)
    assert list(table["right"]) == [3, 8, 10, 14, 13]
    assert "train_stop" not in keys(done)
    assert "train_delete" in keys(done)


def test_rows_that_divide_the_ways_are_shown_as_plain_text(done: AppTest) -> None:
    table = next(one.value for one in done.dataframe if "wanted" in one.value)
    assert len(table) == 11  # 14 rows that some way got right, less the 3 that all did
    assert f"{NASTY}" in table["text"].iloc[0]
    assert f"wrong: {NASTY}" in set(table["Plain prompt"])
    assert "wrong: no answer of the form" in set(table["Plain prompt"])
    done.selectbox(key="train_differ").set_value(Way.LORA_ENGINEERED).run()
    table = next(one.value for one in done.dataframe if "wanted" in one.value)
    assert len(table) == 1
    assert table["LoRA"].iloc[0] == "right: curt"


def test_downloads_are_made_only_when_somebody_wants_them(
    done: AppTest, downloads: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    packed: list[Path] = []
    monkeypatch.setattr(take_home, "pack", lambda folder: packed.append(folder) or b"zip")
    done.run()
    assert packed == []
    assert downloads["train_zip"]() == b"zip"
    assert len(packed) == 1
    assert downloads["train_answers"]().startswith(b"id,text,wanted,way,answer,right")


def test_a_verdict_without_an_adapter_offers_none(done: AppTest, server: Server) -> None:
    (server.state(token_of(done)).folder / "adapter").rmdir()
    done.run()
    assert TEXTS.verdict.no_adapter in words(done)


def test_a_damaged_verdict_is_one_sentence_and_the_rest_stands(
    done: AppTest, server: Server
) -> None:
    (server.state(token_of(done)).folder / VERDICT).write_text("{")
    done.run()
    assert not done.exception
    assert len(done.error) == 1
    assert "train_delete" in keys(done)


def test_delete_now_removes_a_finished_training(done: AppTest, server: Server) -> None:
    folder = server.state(token_of(done)).folder
    assert done.button(key="train_delete").label == TEXTS.job.delete_done
    done.button(key="train_delete").click().run()
    done.button(key="train_sure_yes").click().run()
    assert not folder.exists()
