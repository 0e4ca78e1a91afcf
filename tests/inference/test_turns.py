"""The fair line before the model: first come, first served, and the waiting is told.

Every wait is on an event that must come; the time-outs only end a test that fails.
"""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from threading import Event

import pytest

from lib.errors import BusyError
from lib.inference.turns import Cancelled, Turns

SOON = 10.0


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as threads:
        yield threads


class WatchedEvent(Event):
    """An event that knows how often somebody has looked at it."""

    def __init__(self) -> None:
        super().__init__()
        self.looks = 0
        self.looked_at_often = Event()

    def is_set(self) -> bool:
        self.looks += 1
        if self.looks == 20:
            self.looked_at_often.set()
        return super().is_set()


class Visitor:
    """Somebody who takes a turn in a thread of their own, and holds it until told to go."""

    def __init__(self, turns: Turns, pool: ThreadPoolExecutor, served: list["Visitor"]) -> None:
        self.cancel = WatchedEvent()
        self.told: SimpleQueue[int] = SimpleQueue()
        self.serving = Event()
        self.go = Event()
        self.served = served
        self.done: Future[None] = pool.submit(self._visit, turns)

    def _visit(self, turns: Turns) -> None:
        with turns.turn(self.cancel, self.told.put):
            self.served.append(self)
            self.serving.set()
            assert self.go.wait(SOON)


def start_line(turns: Turns, pool: ThreadPoolExecutor, waiting: int) -> list[Visitor]:
    """Return one visitor who is served, and some who wait in a known order."""
    served: list[Visitor] = []
    visitors = [Visitor(turns, pool, served)]
    assert visitors[0].serving.wait(SOON)
    for ahead in range(1, waiting + 1):
        visitors.append(Visitor(turns, pool, served))
        assert visitors[-1].told.get(timeout=SOON) == ahead
    return visitors


def test_a_free_turn_is_taken_at_once_and_nobody_is_told_to_wait() -> None:
    told: list[int] = []

    with Turns().turn(on_wait=told.append):
        pass

    assert told == []


def test_first_come_first_served(pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lib.inference.turns._LOOK_EVERY", 2 * SOON)  # so each must be called
    turns = Turns()
    visitors = start_line(turns, pool, waiting=4)

    for visitor in visitors:
        assert visitor.serving.wait(SOON)
        visitor.go.set()
        visitor.done.result(SOON)

    assert visitors[0].served == visitors


def test_only_one_is_served_at_a_time(pool: ThreadPoolExecutor) -> None:
    first, second = start_line(Turns(), pool, waiting=1)

    assert not second.serving.is_set()
    first.go.set()
    assert second.serving.wait(SOON)
    first.done.result(SOON)
    second.go.set()


def test_those_who_wait_are_told_how_many_are_ahead(pool: ThreadPoolExecutor) -> None:
    visitors = start_line(Turns(), pool, waiting=3)

    visitors[1].cancel.set()
    with pytest.raises(Cancelled):
        visitors[1].done.result(SOON)

    assert [visitor.told.get(timeout=SOON) for visitor in visitors[2:]] == [1, 2]
    for visitor in visitors:
        visitor.go.set()


def test_those_who_wait_are_told_only_when_it_changes(
    pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lib.inference.turns._LOOK_EVERY", 0.001)
    first, second = start_line(Turns(), pool, waiting=1)

    assert second.cancel.looked_at_often.wait(SOON)

    assert second.told.empty()
    first.go.set()
    second.go.set()


def test_a_full_line_is_refused_at_once(pool: ThreadPoolExecutor) -> None:
    turns = Turns(max_waiting=2)
    visitors = start_line(turns, pool, waiting=2)

    with pytest.raises(BusyError, match="2 people already wait"), turns.turn():
        pytest.fail("a turn was given")

    for visitor in visitors:
        visitor.go.set()
    for visitor in visitors:
        visitor.done.result(SOON)
    with turns.turn():
        pass


def test_giving_up_while_waiting_lets_the_next_one_through(pool: ThreadPoolExecutor) -> None:
    first, second, third = start_line(Turns(), pool, waiting=2)

    second.cancel.set()
    with pytest.raises(Cancelled):
        second.done.result(SOON)
    first.go.set()

    assert third.serving.wait(SOON)
    third.go.set()
    assert not second.serving.is_set()


def test_who_has_given_up_before_gets_no_turn() -> None:
    cancel = Event()
    cancel.set()
    turns = Turns()

    with pytest.raises(Cancelled), turns.turn(cancel):
        pytest.fail("a turn was given")
    with turns.turn():
        pass


class StopPressed(BaseException):
    """Like Streamlit's own stop: no `except Exception` sees it."""


@pytest.mark.parametrize("failure", [RuntimeError, StopPressed])
def test_an_exception_inside_the_turn_passes_it_on(
    pool: ThreadPoolExecutor, failure: type[BaseException]
) -> None:
    turns = Turns()
    waiting: list[Visitor] = []

    def fail_while_another_waits() -> None:
        with turns.turn():
            waiting.append(Visitor(turns, pool, served=[]))
            assert waiting[0].told.get(timeout=SOON) == 1
            raise failure

    with pytest.raises(failure):
        fail_while_another_waits()

    assert waiting[0].serving.wait(SOON)
    waiting[0].go.set()


def test_an_exception_while_waiting_gives_the_place_up(pool: ThreadPoolExecutor) -> None:
    turns = Turns()
    [first] = start_line(turns, pool, waiting=0)

    def fail(ahead: int) -> None:
        raise StopPressed

    with pytest.raises(StopPressed), turns.turn(on_wait=fail):
        pytest.fail("a turn was given")
    first.go.set()
    first.done.result(SOON)
    with turns.turn():
        pass
