"""The trials of one server: one at a time, in the order in which they came, each in its own process.

A trial lives in a folder whose name is the fingerprint of a random token, which only its owner
has. It yields to live questions: while somebody waits for an answer on the demo page its process
is stopped, and goes on afterwards. After a day the folder is deleted.
"""

import errno
import hashlib
import json
import logging
import os
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, Protocol

from lib.errors import BusyError, DataError
from lib.inference import shared
from lib.inference.base_model import cache_dir
from lib.verdict.diary import FILE as DIARY
from lib.verdict.diary import FULL, Diary, Ended, Progress, read_progress
from lib.verdict.folder import Order, write_order

_log = logging.getLogger(__name__)

KEEP_SECONDS = 24 * 3600
MAX_WAITING = 5
MAX_SECONDS = 60 * 60
"""Of one trial, waiting for live questions included."""

_LOOK_EVERY = 0.2  # seconds
_SWEEP_EVERY = 600.0
_ROOT = Path(__file__).resolve().parents[2]

Status = Literal["waiting", "running", "done", "failed", "lost"]


@dataclass(frozen=True, slots=True)
class JobState:
    """What a page shows of a trial."""

    status: Status
    progress: Progress
    ahead: int
    """Trials before this one; 0 unless it waits."""
    yielding: bool
    """Whether it stands still for a live question."""
    name: str
    """What the visitor called the rows."""
    folder: Path
    delete_at: float
    """Seconds since the epoch."""


class Worker(Protocol):
    """A running process, as `subprocess.Popen` is one."""

    pid: int
    stdin: Any

    def poll(self) -> int | None:
        """Return the exit status; None while it runs."""

    def kill(self) -> None:
        """End it at once."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end."""


def start_worker(folder: Path) -> Worker:
    """Start the process that does the trial in a folder.

    It gets a process group of its own: if the server dies while the process is stopped, the
    system then wakes and ends it.
    """
    with (folder / "worker.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "lib.verdict.work", str(folder)],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=log,
            process_group=0 if os.name == "posix" else None,
        )


class Jobs:
    """All trials of this server. Safe to share between threads."""

    def __init__(
        self,
        root: Path,
        start: Callable[[Path], Worker] = start_worker,
        busy: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._root = root
        self._start = start
        self._busy = busy
        self._clock = clock
        self._lock = threading.RLock()
        self._line: deque[Path] = deque()
        self._running: Path | None = None
        self._worker: Worker | None = None
        self._stopped = False
        self._began = 0.0
        self._swept = 0.0
        self._thread: threading.Thread | None = None
        self._untold: dict[Path, str] = {}
        """How trials ended whose diary could not be written any more."""

    def submit(self, name: str, order: Order) -> str:
        """Put a trial into the line and return the token that leads to it.

        Raises:
            BusyError: if too many wait already.
            DataError: if the disk is full or can't be written.
        """
        token = secrets.token_urlsafe(24)
        folder = self._folder(token)
        with self._lock:
            self._check_room()
            try:
                self._root.mkdir(parents=True, exist_ok=True)
                folder.mkdir(mode=0o700)
                about = {"name": name, "created": self._clock()}
                (folder / "about.json").write_text(json.dumps(about), encoding="utf-8")
                write_order(folder, order)
            except OSError as error:
                shutil.rmtree(folder, ignore_errors=True)
                raise DataError(
                    f"The server can't keep these rows ({error.strerror}): whoever runs it has to "
                    "make room; nothing was started."
                ) from error
            self._line.append(folder)
        self._wake()
        return token

    def restart(self, token: str) -> None:
        """Put a trial that was lost or failed into the line again, with the same rows.

        Raises:
            BusyError: if too many wait already.
            DataError: if it is not there any more.
        """
        with self._lock:
            state = self.state(token)
            if state is None:
                raise DataError("This training is not kept any more: bring the rows again.")
            if state.status in ("waiting", "running"):
                return
            self._check_room()
            self._take_leave(state.folder)
            self._untold.pop(state.folder, None)
            (state.folder / DIARY).unlink(missing_ok=True)
            self._line.append(state.folder)
        self._wake()

    def state(self, token: str) -> JobState | None:
        """Return how a trial is; None where no trial belongs to the token, or not any more."""
        folder = self._folder(token)
        with self._lock:
            about = _read_about(folder)
            if about is None or about["created"] + KEEP_SECONDS <= self._clock():
                return None
            progress = read_progress(folder)
            if folder in self._untold:
                progress = replace(progress, ended=True, problem=self._untold[folder])
            running = folder == self._running
            ahead = 0
            status: Status
            if folder in self._line:
                status = "waiting"
                ahead = self._line.index(folder) + (self._running is not None)
            elif running and not progress.ended:
                status = "running"
            elif progress.ended:
                status = "failed" if progress.problem else "done"
            else:
                status = "lost"
            return JobState(
                status,
                progress,
                ahead,
                running and self._stopped,
                about["name"],
                folder,
                about["created"] + KEEP_SECONDS,
            )

    def stop(self, token: str) -> None:
        """End the training early; the best weights so far are kept and measured."""
        with self._lock:
            if self._folder(token) == self._running and self._worker is not None:
                try:
                    self._worker.stdin.write(b"stop\n")
                    self._worker.stdin.flush()
                except OSError:
                    _log.info("A training had ended before it could be stopped")

    def delete(self, token: str) -> None:
        """Delete a trial with everything of it, at once, whatever it is doing."""
        folder = self._folder(token)
        with self._lock:
            if folder in self._line:
                self._line.remove(folder)
            if folder == self._running and self._worker is not None:
                self._worker.kill()
                self._worker.wait(timeout=10)
                self._end()
            self._untold.pop(folder, None)
        shutil.rmtree(folder, ignore_errors=True)

    # ------------------------------------------------------------------ the line

    def _check_room(self) -> None:
        if len(self._line) >= MAX_WAITING:
            raise BusyError(
                f"{MAX_WAITING} trainings wait already: please try again in half an hour; your rows "
                "are still here."
            )

    def _wake(self) -> None:
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._serve, name="trials", daemon=True)
                self._thread.start()

    def _serve(self) -> None:
        """Look after the line until it is empty and nothing runs."""
        while True:
            with self._lock:
                try:
                    self.tick()
                except OSError:
                    _log.exception("A trial could not be started")
                if self._worker is None and not self._line:
                    self._thread = None
                    return
            time.sleep(_LOOK_EVERY)

    def tick(self) -> None:
        """Take one look: start the next trial, let the running one yield, end what takes too long."""
        with self._lock:
            if self._worker is not None:
                self._look_after(self._worker)
            if self._worker is None and self._line:
                self._begin(self._line.popleft())
        self.sweep()

    def _begin(self, folder: Path) -> None:
        self._running, self._began, self._stopped = folder, self._clock(), False
        try:
            self._worker = self._start(folder)
        except OSError:
            self._running = None
            self._tell_end(
                folder, "The server could not start the training: please try again later."
            )
            raise

    def _look_after(self, worker: Worker) -> None:
        if worker.poll() is not None:
            assert self._running is not None
            if not read_progress(self._running).ended:
                self._tell_end(
                    self._running,
                    "The training was ended from outside, perhaps for want of memory: start it "
                    "again, with fewer or shorter rows if it happens twice.",
                )
            self._end()
        elif self._clock() - self._began > MAX_SECONDS:
            worker.kill()
            worker.wait(timeout=10)
            assert self._running is not None
            self._tell_end(
                self._running,
                f"The training took longer than {MAX_SECONDS // 60} minutes and was ended: bring "
                "fewer or shorter rows.",
            )
            self._end()
        elif self._busy() != self._stopped and hasattr(signal, "SIGSTOP"):
            self._stopped = not self._stopped
            os.kill(worker.pid, signal.SIGSTOP if self._stopped else signal.SIGCONT)

    def _take_leave(self, folder: Path) -> None:
        """See that a trial's old process is gone: it has written its end, and may linger a moment."""
        if folder == self._running and self._worker is not None:
            try:
                self._worker.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self._worker.kill()
            self._end()

    def _end(self) -> None:
        if self._worker is not None and self._worker.stdin is not None:
            self._worker.stdin.close()
        self._worker, self._running, self._stopped = None, None, False

    def sweep(self) -> None:
        """Delete the folders whose day is over, looking at most every ten minutes."""
        now = self._clock()
        if now - self._swept < _SWEEP_EVERY or not self._root.is_dir():
            return
        self._swept = now
        with self._lock:
            for folder in self._root.iterdir():
                about = _read_about(folder)
                old = about is None or about["created"] + KEEP_SECONDS <= now
                if old and folder != self._running and folder not in self._line:
                    self._untold.pop(folder, None)
                    shutil.rmtree(folder, ignore_errors=True)

    def _tell_end(self, folder: Path, problem: str) -> None:
        """Write down how a trial ended; where that can't be written, remember it."""
        try:
            Diary(folder).write(Ended(problem))
        except OSError as error:
            _log.exception("A trial's end could not be written down")
            self._untold[folder] = FULL if error.errno == errno.ENOSPC else problem

    def _folder(self, token: str) -> Path:
        """Return where a token leads; nothing that a visitor types becomes a path itself."""
        name = hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()[:32]
        return self._root / name


def _read_about(folder: Path) -> dict[str, Any] | None:
    try:
        about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
        return {"name": str(about["name"]), "created": float(about["created"])}
    except (OSError, ValueError, KeyError, TypeError):
        return None


_jobs: Jobs | None = None
_jobs_lock = threading.Lock()


def get_jobs() -> Jobs:
    """Return the one line of this server's trials."""
    global _jobs
    with _jobs_lock:
        if _jobs is None:
            _jobs = Jobs(cache_dir() / "trials", busy=shared.is_busy)
        return _jobs
