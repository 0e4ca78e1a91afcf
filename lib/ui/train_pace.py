"""Measures how fast this machine is in a thread of its own, so that no page waits for it."""

import logging
import threading

from lib.errors import UserError
from lib.verdict import pace
from lib.verdict.pace import Pace

_log = logging.getLogger(__name__)

_FAILED = "This machine's speed could not be measured; the server's log says why."


class PaceMeter:
    """Finds out the pace, at most once at a time. Safe to share between visitors."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self.problem: str | None = None
        """Why the last measurement failed, in a sentence."""

    def look(self) -> Pace | None:
        """Return the pace where it is known; else see that it is being measured.

        After a failure nothing is measured again until `retry`.
        """
        known = None if self.is_measuring else pace.known_pace()
        with self._lock:
            if known is None and not self.is_measuring and self.problem is None:
                self._thread = threading.Thread(target=self._measure, name="pace", daemon=True)
                self._thread.start()
        return known

    @property
    def is_measuring(self) -> bool:
        """Whether a measurement is under way."""
        return self._thread is not None and self._thread.is_alive()

    def retry(self) -> None:
        """Forget the last failure."""
        with self._lock:
            self.problem = None

    def _measure(self) -> None:
        try:
            pace.measure_pace()
        except UserError as error:
            self.problem = str(error)
        except Exception:
            _log.exception("The pace could not be measured")
            self.problem = _FAILED


_meter = PaceMeter()


def get_meter() -> PaceMeter:
    """Return the one of this process."""
    return _meter
