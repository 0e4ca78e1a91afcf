"""Asks the hosted model in a thread of its own, so that it neither waits for the model here nor
holds it up."""

import logging
import threading
from collections.abc import Generator, Mapping

from lib.inference.conditions import Condition
from lib.inference.remote import RemoteModel, RemoteReply
from lib.task import Task

_log = logging.getLogger(__name__)

_TICK = 0.1  # seconds; as in live_run
_STOP_WITHIN = 5.0


class RemoteRun:
    """One visitor's questions to the hosted model, kept beside the run of the model here."""

    def __init__(self, remote: RemoteModel, task: Task, inputs: Mapping[str, str]) -> None:
        self.remote = remote
        self.inputs = inputs
        self.texts: dict[Condition, str] = {}
        """As long as they have become; only the working thread writes here."""
        self.replies: tuple[RemoteReply, ...] = ()
        """Empty until the run has ended."""
        self.problem: str | None = None
        """Where nothing at all came of it: one sentence."""
        self._task = task
        self._cancel = threading.Event()
        self._thread = threading.Thread(target=self._work, name="hosted model", daemon=True)

    @property
    def is_alive(self) -> bool:
        """Whether it is under way."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin to ask."""
        self._thread.start()

    def ticks(self) -> Generator[None, None, None]:
        """Yield about ten times a second until the run has ended; leaving early stops it."""
        try:
            while self._thread.is_alive():
                yield
                self._thread.join(_TICK)
        finally:
            self._cancel.set()

    def cancel(self) -> None:
        """Ask it to end, which it does within a tenth of a second."""
        self._cancel.set()

    def stop(self) -> None:
        """End it and wait until it has ended."""
        self._cancel.set()
        if self._thread.ident is not None:
            self._thread.join(_STOP_WITHIN)

    def _work(self) -> None:
        try:
            self.replies = self.remote.answer(
                self._task, self.inputs, self.texts.__setitem__, self._cancel
            )
        except Exception:
            _log.exception("Asking the hosted model failed")
            self.problem = "Asking the hosted model failed; the log says why."
