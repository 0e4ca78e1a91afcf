"""The hosted model beside ours: two threads, neither of which waits for the other."""

import time
from collections.abc import Iterator
from threading import Event

import pytest

from lib.inference.conditions import Condition
from lib.inference.remote import RemoteModel
from lib.inference.remote_settings import read_settings
from lib.task import Task
from lib.ui.live_run import LiveRun, Outcome
from lib.ui.remote_run import RemoteRun
from tests import fake_remote as fake
from tests.fake_remote import FakeRemote
from tests.fakes import FakeComparer

pytestmark = pytest.mark.slow  # it waits for servers of its own

INPUTS = {"text": "for 4"}


@pytest.fixture
def remote() -> Iterator[FakeRemote]:
    with fake.serving(FakeRemote()) as running:
        yield running


def _beside(remote: FakeRemote, task: Task) -> RemoteRun:
    settings = read_settings(remote.settings())
    assert settings is not None
    return RemoteRun(RemoteModel(settings), task, INPUTS)


def test_both_answer(
    remote: FakeRemote, extraction_task: Task, fake_comparer: FakeComparer
) -> None:
    beside = _beside(remote, extraction_task)
    run = LiveRun(extraction_task, INPUTS, beside)
    for _ in run.ticks():
        pass
    for _ in beside.ticks():
        pass
    assert run.outcome is not None
    assert run.outcome.comparison is not None
    (reply,) = beside.replies
    assert reply.valid
    assert beside.texts == {Condition.ENGINEERED: '{"people": "2"}'}


def test_slow_hosted_model_holds_nobody_up(
    remote: FakeRemote, extraction_task: Task, fake_comparer: FakeComparer
) -> None:
    remote.answers = [fake.silent_after("{", then=["}"])]
    beside = _beside(remote, extraction_task)
    run = LiveRun(extraction_task, INPUTS, beside)
    for _ in run.ticks():  # ends though the hosted model has not
        pass
    assert run.outcome is not None
    assert run.outcome.comparison is not None
    assert beside.is_alive
    remote.may_go_on.set()
    for _ in beside.ticks():
        pass
    (reply,) = beside.replies
    assert reply.raw == "{}"
    assert reply.problem is None


def test_waiting_for_our_turn_does_not_hold_the_hosted_model_up(
    remote: FakeRemote, extraction_task: Task, fake_comparer: FakeComparer
) -> None:
    fake_comparer.ahead = (3,)
    fake_comparer.turn_comes = Event()
    beside = _beside(remote, extraction_task)
    run = LiveRun(extraction_task, INPUTS, beside)
    for _ in run.ticks():
        if beside.replies:
            fake_comparer.turn_comes.set()
    assert run.outcome is not None
    assert run.outcome.comparison is not None


@pytest.mark.parametrize("closes", [True, False])
def test_stop_ends_both(
    remote: FakeRemote, extraction_task: Task, fake_comparer: FakeComparer, closes: bool
) -> None:
    fake_comparer.may_end = Event()  # never set
    remote.answers = [fake.silent_after("{")]
    beside = _beside(remote, extraction_task)
    run = LiveRun(extraction_task, INPUTS, beside)
    ticks = run.ticks()
    while not (beside.texts and fake_comparer.is_writing.is_set()):
        next(ticks)
    began = time.monotonic()
    if closes:
        ticks.close()  # as Streamlit does when it stops the script that draws
    run.stop()
    assert time.monotonic() - began < 5
    assert not beside.is_alive
    (reply,) = beside.replies
    assert reply.raw == "{"
    assert reply.problem is not None
    assert "Stopped" in reply.problem
    assert run.outcome is not None
    assert run.outcome.comparison is not None
    assert run.outcome.comparison.stopped


def test_run_of_the_hosted_model_alone_asks_nothing_here(
    remote: FakeRemote, extraction_task: Task, fake_comparer: FakeComparer
) -> None:
    beside = _beside(remote, extraction_task)
    run = LiveRun(extraction_task, INPUTS, beside, is_local=False)
    for _ in run.ticks():
        pass
    for _ in beside.ticks():
        pass
    assert run.outcome == Outcome()
    assert fake_comparer.compared == []
    assert beside.replies


def test_stop_before_the_start_asks_nothing(
    remote: FakeRemote, extraction_task: Task, fake_comparer: FakeComparer
) -> None:
    run = LiveRun(extraction_task, INPUTS, _beside(remote, extraction_task))
    run.stop()
    assert remote.asked == []


def test_fault_of_ours_goes_to_the_log_and_not_to_the_page(
    remote: FakeRemote,
    extraction_task: Task,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def break_(self: RemoteModel, *rest: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(RemoteModel, "answer", break_)
    run = _beside(remote, extraction_task)
    run.start()
    for _ in run.ticks():
        pass
    assert run.replies == ()
    assert run.problem is not None
    assert "secret detail" not in run.problem
    assert "secret detail" in caplog.text
