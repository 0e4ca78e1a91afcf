"""A run in a thread of its own: what the page is told meanwhile, and how every ending looks."""

from threading import Event

import pytest

from lib.errors import AdapterError, BaseModelError, BusyError
from lib.inference import shared
from lib.inference.conditions import ALL_CONDITIONS, Condition
from lib.task import Task
from lib.ui.live_run import LiveRun, Outcome, Progress
from tests.fakes import FakeComparer


def _new_run(task: Task, text: str = "for 4") -> LiveRun:
    return LiveRun(task, {"text": text})


def _to_the_end(run: LiveRun) -> Outcome:
    for _ in run.ticks():
        pass
    assert run.outcome is not None
    return run.outcome


def test_run_ends_with_all_answers(extraction_task: Task, fake_comparer: FakeComparer) -> None:
    run = _new_run(extraction_task)
    assert run.waiting_to_start
    outcome = _to_the_end(run)
    assert not run.waiting_to_start
    assert outcome.problem is None
    assert outcome.comparison is not None
    assert [reply.condition for reply in outcome.comparison.replies] == list(ALL_CONDITIONS)
    assert not outcome.comparison.stopped


def test_progress_grows_while_the_model_writes(
    extraction_task: Task, fake_comparer: FakeComparer
) -> None:
    fake_comparer.may_end = Event()
    texts: list[str] = []
    for progress in _new_run(extraction_task).ticks():
        texts.append(progress.texts.get(Condition.LORA, ""))
        if texts[-1] == "{":
            fake_comparer.may_end.set()
    assert texts[-1] == fake_comparer.default_reply
    assert texts == sorted(texts)


def test_progress_says_how_many_are_before(
    extraction_task: Task, fake_comparer: FakeComparer
) -> None:
    fake_comparer.ahead = (2, 1)
    fake_comparer.turn_comes = Event()
    told = []
    for progress in _new_run(extraction_task).ticks():
        told.append(progress.status)
        if "1 person is before you" in progress.status:
            fake_comparer.turn_comes.set()
    assert any("1 person is before you" in status for status in told)


def test_progress_says_what_the_model_is_doing_at_the_start(
    extraction_task: Task, fake_comparer: FakeComparer, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = Event()

    def slow_start(progress) -> FakeComparer:  # type: ignore[no-untyped-def]
        progress("Loading the base model")
        assert loaded.wait(30)
        return fake_comparer

    monkeypatch.setattr(shared, "get_comparer", slow_start)
    told = []
    for progress in _new_run(extraction_task).ticks():
        told.append(progress.status)
        if progress.status == "Loading the base model ...":
            loaded.set()
    assert "Loading the base model ..." in told


def test_stop_keeps_what_was_written(extraction_task: Task, fake_comparer: FakeComparer) -> None:
    fake_comparer.may_end = Event()  # never set: only the stop ends this run
    run = _new_run(extraction_task)
    ticks = run.ticks()
    assert isinstance(next(ticks), Progress)
    assert fake_comparer.is_writing.wait(30)
    ticks.close()
    run.stop()
    assert run.outcome is not None
    assert run.outcome.comparison is not None
    assert run.outcome.comparison.stopped
    assert {reply.raw for reply in run.outcome.comparison.replies} == {"{"}
    assert not any(reply.valid for reply in run.outcome.comparison.replies)


def test_stop_while_waiting_in_line_is_told(
    extraction_task: Task, fake_comparer: FakeComparer
) -> None:
    fake_comparer.ahead = (3,)
    fake_comparer.turn_comes = Event()
    run = _new_run(extraction_task)
    ticks = run.ticks()
    next(ticks)
    ticks.close()
    run.stop()
    assert run.outcome is not None
    assert run.outcome.comparison is None
    assert "Stopped before the model's turn came" in (run.outcome.problem or "")


def test_stop_before_the_start_runs_nothing(
    extraction_task: Task, fake_comparer: FakeComparer
) -> None:
    run = _new_run(extraction_task)
    run.stop()
    assert run.outcome is None
    assert not fake_comparer.compared


def test_missing_adapter_gives_base_answers_and_the_reason(
    extraction_task: Task, fake_comparer: FakeComparer
) -> None:
    fake_comparer.adapter_error = AdapterError("There is no adapter.")
    outcome = _to_the_end(_new_run(extraction_task))
    assert outcome.problem == "There is no adapter."
    assert outcome.comparison is not None
    assert [reply.condition for reply in outcome.comparison.replies] == [
        Condition.PLAIN,
        Condition.ENGINEERED,
    ]


@pytest.mark.parametrize("error", [BusyError("Too many wait."), BaseModelError("No model.")])
def test_mistake_ends_with_its_sentence(
    extraction_task: Task, fake_comparer: FakeComparer, error: Exception
) -> None:
    fake_comparer.error = error
    assert _to_the_end(_new_run(extraction_task)) == Outcome(problem=str(error))


def test_mistake_after_a_missing_adapter_ends_with_its_sentence(
    extraction_task: Task, fake_comparer: FakeComparer, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_comparer.adapter_error = AdapterError("There is no adapter.")
    compare = fake_comparer.compare

    def busy_at_the_second_call(task, inputs, conditions, **rest):  # type: ignore[no-untyped-def]
        if len(fake_comparer.compared) == 1:
            raise BusyError("Too many wait.")
        return compare(task, inputs, conditions, **rest)

    monkeypatch.setattr(fake_comparer, "compare", busy_at_the_second_call)
    assert _to_the_end(_new_run(extraction_task)) == Outcome(problem="Too many wait.")


def test_unexpected_failure_goes_to_the_log_and_not_to_the_page(
    extraction_task: Task, fake_comparer: FakeComparer, caplog: pytest.LogCaptureFixture
) -> None:
    fake_comparer.error = RuntimeError("secret detail")
    outcome = _to_the_end(_new_run(extraction_task))
    assert outcome.comparison is None
    assert outcome.problem is not None
    assert "secret detail" not in outcome.problem
    assert "secret detail" in caplog.text
