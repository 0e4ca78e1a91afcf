"""Runs a comparison in a thread of its own and hands what happens to the page.

The model must never see Streamlit: a visitor's Stop raises inside any `st` call, and inside a
forward pass that would leave the shared model broken for everybody (peft#3475). So the thread
only puts events into a queue, and the page's own thread draws them.
"""

import logging
import queue
import threading
from collections.abc import Generator, Mapping
from dataclasses import dataclass

from lib.errors import AdapterError, UserError
from lib.inference import shared
from lib.inference.compare import Comparison
from lib.inference.conditions import ALL_CONDITIONS, Condition
from lib.inference.turns import Cancelled
from lib.task import Task
from lib.ui.remote_run import RemoteRun

_log = logging.getLogger(__name__)

_TICK = 0.1  # seconds; the page redraws at most this often, and can be stopped this often
_STOP_WITHIN = 5.0  # seconds to wait for the step that is under way


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended: with a comparison, with a problem, or with both (base answers only).

    With neither where only a hosted model was asked.
    """

    comparison: Comparison | None = None
    problem: str | None = None


@dataclass(slots=True)
class Progress:
    """What is known while a run goes on; texts are as long as they have become."""

    status: str
    texts: dict[Condition, str]


class LiveRun:
    """One visitor's run, kept in the session: whoever redraws the page finds it there.

    A click interrupts the script that draws, but never the thread that works, so a run that was
    left is stopped by the next script that meets it, and its answers so far are still shown.

    A hosted model, if there is one, is asked `beside`, or in place of the model here.
    """

    def __init__(
        self,
        task: Task,
        inputs: Mapping[str, str],
        beside: RemoteRun | None = None,
        is_local: bool = True,
    ) -> None:
        self.beside = beside
        self._task = task
        self._inputs = inputs
        self._is_local = is_local
        self._events: queue.SimpleQueue[tuple[Condition | None, str]] = queue.SimpleQueue()
        self._cancel = threading.Event()
        self._thread = threading.Thread(target=self._work, name="comparison", daemon=True)
        self._progress = Progress("Starting ...", {})
        self._started = False
        self.outcome: Outcome | None = None
        """None until the model here has ended; `beside` may still go on."""

    @property
    def waiting_to_start(self) -> bool:
        """Whether nobody has begun to draw it yet."""
        return not self._started

    def ticks(self) -> Generator[Progress, None, None]:
        """Start, and yield the progress about ten times a second until the model here has ended.

        Leaving the loop early, whatever the reason, stops the model within one step, and `beside`.
        """
        self._started = True
        self._thread.start()
        if self.beside:
            self.beside.start()
        try:
            while self._thread.is_alive():
                self._take_events()
                yield self._progress
            self._take_events()
            yield self._progress
        finally:
            if self.beside and self._thread.is_alive():
                self.beside.cancel()
            self._cancel.set()

    def stop(self) -> None:
        """End the run within one step and wait until it has ended."""
        self._cancel.set()
        if self.beside:
            self.beside.stop()
        if self._started:
            self._thread.join(_STOP_WITHIN)

    def _take_events(self) -> None:
        """Wait up to one tick for news, then take all there is."""
        try:
            self._take(self._events.get(timeout=_TICK))
            while True:
                self._take(self._events.get_nowait())
        except queue.Empty:
            return

    def _take(self, event: tuple[Condition | None, str]) -> None:
        condition, text = event
        if condition is None:
            self._progress.status = text
        else:
            self._progress.texts[condition] = text

    def _work(self) -> None:
        if not self._is_local:
            self._events.put((None, "Asking the hosted model ..."))
            self.outcome = Outcome()
            return
        try:
            try:
                self.outcome = Outcome(self._compare(ALL_CONDITIONS))
            except AdapterError as error:
                # The prompts need no adapter, so half of the answers are still to be had.
                base_only = tuple(one for one in ALL_CONDITIONS if not one.uses_adapter)
                self.outcome = Outcome(self._compare(base_only), str(error))
        except Cancelled:
            self.outcome = Outcome(
                problem="Stopped before the model's turn came; your text is still there."
            )
        except UserError as error:
            self.outcome = Outcome(problem=str(error))
        except Exception:
            _log.exception("A comparison failed")
            self.outcome = Outcome(
                problem="The model failed on this text; the log says why. Please try again."
            )

    def _compare(self, conditions: tuple[Condition, ...]) -> Comparison:
        comparer = shared.get_comparer(lambda what: self._events.put((None, f"{what} ...")))
        self._events.put((None, "Reading the prompts ..."))
        return comparer.compare(
            self._task,
            self._inputs,
            conditions,
            on_text=lambda condition, text: self._events.put((condition, text)),
            on_wait=lambda ahead: self._events.put((None, _waiting(ahead))),
            cancel=self._cancel,
        )


def _waiting(ahead: int) -> str:
    people = "1 person is" if ahead == 1 else f"{ahead} people are"
    return f"{people} before you; your turn comes by itself ..."
