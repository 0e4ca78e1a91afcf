"""The train page, in this process, with a scripted worker: a private link, progress, what was lost.

Run: python -m pytest tests/app/train/test_job.py
"""

from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lib.verdict import jobs as jobs_module
from lib.verdict.diary import Looked, Measuring, Scored, Stage, Trained
from lib.verdict.folder import read_order
from tests.app.reading import words
from tests.app.train.server import (
    TEXTS,
    OpenPage,
    Server,
    keys,
    paste,
    problems,
    submitted,
    token_of,
    tone_rows,
)


def test_submitting_leads_to_a_private_link_and_the_address_holds_no_row(
    train: AppTest, server: Server
) -> None:
    train.context.update(url="http://localhost/train", timezone="Europe/Berlin")
    token = submitted(paste(train, tone_rows()))
    assert list(train.query_params) == ["job"]
    assert train.code[0].value == f"http://localhost/train?job={token}"
    assert "(Europe/Berlin)" in words(train)
    order = read_order(server.state(token).folder)
    assert len(order.parts.training) == 39


def test_a_double_click_trains_once(train: AppTest, server: Server) -> None:
    token = submitted(paste(train, tone_rows()))
    train.query_params.pop("job")
    train.run()
    assert submitted(train) == token
    assert len(list(server.root.iterdir())) == 1


def test_the_same_rows_with_another_output_are_another_training(
    train: AppTest, server: Server
) -> None:
    paste(train, "text,label,team\n" + "".join(f"message {n},{n % 2},{n % 3}\n" for n in range(60)))
    first = submitted(train)
    train.button(key="train_anew").click().run()
    train.selectbox[0].set_value(2).run()
    assert submitted(train) != first


def test_whoever_waits_is_told_how_many_are_before(
    train: AppTest, server: Server, open_page: OpenPage
) -> None:
    first = submitted(paste(train, tone_rows()))
    server.is_running(first)
    second = open_page("train")
    token = submitted(paste(second, tone_rows(80)))
    assert "1 training before yours" in words(second)
    assert "pasted.csv" in words(second)
    assert token != first
    assert first not in str([one.value for one in second.code])


def test_a_full_line_is_told_and_the_rows_stay(
    train: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs_module, "MAX_WAITING", 0)
    paste(train, tone_rows())
    train.button(key="train_submit").click().run()
    (sentence,) = problems(train)
    assert "wait already" in sentence
    assert "job" not in train.query_params
    assert "60 of 60 rows" in words(train)


def test_a_running_training_shows_stage_loss_looks_and_what_was_scored(
    train: AppTest, server: Server, open_page: OpenPage
) -> None:
    token = submitted(paste(train, tone_rows()))
    server.is_running(token)
    steps = [Trained(n, 100, 2.0 / n, 3.0 * n) for n in range(1, 41)]
    server.write(token, Stage("prompts"), Measuring("plain", 5, 21))
    train.run()
    assert TEXTS.job.stages["prompts"] in words(train)
    assert "train_stop" not in keys(train)
    server.write(token, Scored("plain", 7, 15), Stage("training"), *steps, Looked(40, 5, 6))
    for at in (train.run(), open_page("train", job=token)):
        told = words(at)
        assert TEXTS.job.stages["training"] in told
        assert "Plain prompt: 7 of 15 right" in told
        loss, looks = at.get("vega_lite_chart")
        assert loss.proto.alt.endswith("2.00 at step 1, 0.05 at step 40 of 100.")
        assert "5 of 6 at step 40" in looks.proto.alt
        assert {"train_stop", "train_delete"} <= keys(at)
    # 60 steps of 3 seconds are left.
    assert any("Step 40 of 100 · about 3 minutes" in str(one.proto) for one in _progress(train))


def _progress(at: AppTest) -> list[Any]:
    return list(at.get("progress"))


def test_a_training_that_yields_says_so(
    train: AppTest, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = submitted(paste(train, tone_rows()))
    server.is_running(token)
    real = server.jobs.state
    monkeypatch.setattr(server.jobs, "state", lambda one: replace(real(one), yielding=True))
    assert TEXTS.job.yielding in words(train.run())


def test_stop_tells_the_worker_once(train: AppTest, server: Server) -> None:
    token = submitted(paste(train, tone_rows()))
    server.is_running(token)
    server.write(token, Stage("training"), Trained(1, 100, 2.0, 1.0))
    train.run().button(key="train_stop").click().run()
    assert server.workers[0].stdin.getvalue() == b"stop\n"
    assert train.button(key="train_stop").disabled
    assert TEXTS.job.stopping in words(train)


def test_deleting_asks_once_more_and_leaves_nothing(train: AppTest, server: Server) -> None:
    token = submitted(paste(train, tone_rows()))
    server.is_running(token)
    folder = server.state(token).folder
    train.run().button(key="train_delete").click().run()
    assert folder.is_dir()
    train.button(key="train_sure_no").click().run()
    assert "train_sure_yes" not in keys(train)
    train.button(key="train_delete").click().run()
    train.button(key="train_sure_yes").click().run()
    assert not folder.exists()
    assert server.workers[0].status == -9
    assert "job" not in train.query_params
    assert TEXTS.job.deleted in [one.value for one in train.success]
    assert train.text_area(key="train_pasted").value == tone_rows()


@pytest.mark.parametrize("token", ["nobody", "../../etc", "", "x" * 5_000])
def test_an_unknown_link_is_one_sentence_and_a_way_on(
    server: Server, open_page: OpenPage, token: str
) -> None:
    at = open_page("train", job=token) if token else open_page("train")
    assert not at.exception
    if token:
        assert at.warning[0].value.startswith("Nothing is kept under this link")
        at.button(key="train_anew").click().run()
    assert TEXTS.bring.title in words(at)
    assert "job" not in at.query_params


def test_a_link_ends_after_its_day(
    train: AppTest, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    submitted(paste(train, tone_rows()))
    monkeypatch.setattr(jobs_module, "KEEP_SECONDS", 0)
    assert "Nothing is kept under this link" in train.run().warning[0].value


def test_a_killed_server_says_what_was_lost_and_starts_again_with_the_same_rows(
    train: AppTest, server: Server
) -> None:
    token = submitted(paste(train, tone_rows()))
    server.is_running(token)
    server.write(token, Stage("training"), Trained(12, 100, 1.0, 30.0))
    server.kill()
    at = train.run()
    assert "It was at training step 12 of 100." in at.warning[0].value
    assert "The rows are still here until" in at.warning[0].value
    at.button(key="train_restart").click().run()
    server.is_running(token)
    assert server.state(token).progress.steps == ()
    assert not at.run().warning


def test_what_was_lost_before_it_began_is_told_as_that(train: AppTest, server: Server) -> None:
    token = submitted(paste(train, tone_rows()))
    server.is_running(token)
    server.kill()
    assert "before this training began" in train.run().warning[0].value


def test_a_failed_training_says_why_and_can_be_started_again(
    train: AppTest, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = submitted(paste(train, tone_rows()))
    server.is_running(token)
    server.end(token, "The loss is no number: try fewer rows.")
    train.run()
    assert "The loss is no number\\: try fewer rows." in train.error[0].value
    server.workers[0].status = 0
    monkeypatch.setattr(jobs_module, "MAX_WAITING", 0)
    train.button(key="train_restart").click().run()
    assert "wait already" in problems(train)[0]
    monkeypatch.setattr(jobs_module, "MAX_WAITING", 5)
    train.button(key="train_restart").click().run()
    server.is_running(token)


def test_a_visit_finds_its_own_trainings_again_and_no_others(
    train: AppTest, server: Server, open_page: OpenPage
) -> None:
    token = submitted(paste(train, tone_rows()))
    train.button(key="train_anew").click().run()
    assert "job" not in train.query_params
    train.button(key="train_mine_0").click().run()
    assert token_of(train) == token
    other = open_page("train")
    assert "train_mine_0" not in keys(other)
    assert TEXTS.mine not in words(other)
