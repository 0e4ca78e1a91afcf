"""One at a time, first come, first served.

PEFT's per-row adapters are hooks on shared layers (peft#3475), so every forward pass of the
process goes through one of these. A plain lock would neither keep the order nor tell people how
many are before them.
"""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition, Event

from lib.errors import BusyError

MAX_WAITING = 20
_LOOK_EVERY = 0.1  # seconds between looks at `cancel` while waiting


class Cancelled(Exception):
    """Whoever waited gave up before the turn came."""


class Turns:
    """A fair lock that tells those who wait how many are ahead."""

    def __init__(self, max_waiting: int = MAX_WAITING) -> None:
        self._changed = Condition()
        self._line: deque[object] = deque()
        self._max_waiting = max_waiting

    @contextmanager
    def turn(
        self, cancel: Event | None = None, on_wait: Callable[[int], None] = lambda _: None
    ) -> Iterator[None]:
        """Wait for the turn, hold it inside the `with` block, and pass it on afterwards.

        `on_wait` is called with the number of people ahead, whenever it changes.

        Raises:
            BusyError: if the line is full.
            Cancelled: if `cancel` is set before the turn comes.
        """
        ticket = object()
        with self._changed:
            if len(self._line) > self._max_waiting:
                raise BusyError(
                    f"{self._max_waiting} people already wait for the model: please try again in a minute."
                )
            self._line.append(ticket)
        try:
            self._wait(ticket, cancel or Event(), on_wait)
            yield
        finally:
            with self._changed:
                self._line.remove(ticket)
                self._changed.notify_all()

    @property
    def taken(self) -> bool:
        """Whether somebody holds the turn or waits for it."""
        return bool(self._line)

    def _wait(self, ticket: object, cancel: Event, on_wait: Callable[[int], None]) -> None:
        told = 0
        while True:
            with self._changed:
                ahead = self._line.index(ticket)
                if ahead and ahead == told:
                    self._changed.wait(_LOOK_EVERY)
                    ahead = self._line.index(ticket)
            if cancel.is_set():
                raise Cancelled
            if not ahead:
                return
            if ahead != told:
                told = ahead
                on_wait(ahead)
