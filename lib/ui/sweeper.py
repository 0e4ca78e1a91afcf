"""Deletes visitors' trainings when their day is over, whichever pages are open and after a restart."""

import logging
import threading
import time

_log = logging.getLogger(__name__)

_EVERY = 600.0  # seconds
_lock = threading.Lock()
_thread: threading.Thread | None = None


def start() -> None:
    """Begin to look from time to time; one thread a server, however often this is called."""
    global _thread
    with _lock:
        if _thread is None:
            _thread = threading.Thread(target=_sweep_for_ever, name="sweeper", daemon=True)
            _thread.start()


def _sweep_for_ever() -> None:
    while True:
        time.sleep(_EVERY)
        sweep()


def sweep() -> None:
    """Delete what is too old; a mistake is logged and tried again next time."""
    # Imported here: it takes a second, and no page has to wait for it.
    from lib.verdict import jobs

    try:
        jobs.get_jobs().sweep()
    except OSError:
        _log.exception("Old trainings could not be deleted")
