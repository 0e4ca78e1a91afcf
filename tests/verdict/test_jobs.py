"""The line of trials, with workers that only pretend; `tests/e2e` has real ones.

Example run: python -m pytest tests/verdict/test_jobs.py -v
"""

import os
import signal
import subprocess
import sys
import time

import pytest

from lib.errors import BusyError, DataError
from lib.rows import LabelledRow
from lib.training.recipe import Recipe
from lib.verdict import jobs as jobs_module
from lib.verdict.diary import Diary, Ended, Stage, Trained
from lib.verdict.division import Parts
from lib.verdict.folder import Order, read_order
from lib.verdict.jobs import KEEP_SECONDS, MAX_SECONDS, MAX_WAITING, Jobs


class Pipe:
    """Keeps what was written."""

    def __init__(self):
        self.lines = []
        self.closed = False

    def write(self, line):
        self.lines.append(line)

    def flush(self):
        pass

    def close(self):
        self.closed = True


class PretendedWorker:
    """A process that does what the test says."""

    def __init__(self, folder, pid=0):
        self.folder = folder
        self.pid = pid
        self.stdin = Pipe()
        self.status = None

    def poll(self):
        return self.status

    def kill(self):
        self.status = -9

    def wait(self, timeout=None):
        return self.status

    def end(self, problem=None):
        Diary(self.folder).write(Ended(problem))
        self.status = 0


class Clock:
    now = 1_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def workers():
    return []


@pytest.fixture
def line(tmp_path, workers, clock, monkeypatch):
    """Trials that only go on when the test says `tick`."""

    def start(folder):
        workers.append(PretendedWorker(folder))
        return workers[-1]

    monkeypatch.setattr(Jobs, "_wake", lambda self: None)
    return Jobs(tmp_path / "trials", start, clock=clock)


@pytest.fixture
def order(classification_task):
    rows = [
        LabelledRow(f"r{number}", {"text": f"message {number}"}, ("cards", "cash")[number % 2])
        for number in range(6)
    ]
    parts = Parts(tuple(rows[:4]), tuple(rows[4:5]), tuple(rows[5:]))
    return Order(classification_task, Recipe(epochs=3), 4, 5, parts)


def test_one_at_a_time_in_the_order_of_coming(line, order, workers):
    first, second = line.submit("first", order), line.submit("second", order)
    line.tick()

    assert line.state(first).status == "running"
    assert (line.state(second).status, line.state(second).ahead) == ("waiting", 1)

    workers[0].end()
    line.tick()

    assert line.state(first).status == "done"
    assert line.state(second).status == "running"
    assert workers[0].stdin.closed


def test_the_worker_finds_its_order_in_the_folder(line, order, workers):
    line.submit("mine", order)
    line.tick()

    found = read_order(workers[0].folder)

    assert found.parts == order.parts
    assert found.recipe == order.recipe
    assert (found.trained_rows, found.look_every) == (4, 5)
    assert found.task.labels == order.task.labels


def test_a_token_that_nobody_got_leads_nowhere(line, order):
    line.submit("mine", order)

    assert line.state("../../etc/passwd") is None
    assert line.state("") is None
    assert line.state("A" * 32) is None


def test_the_folder_does_not_give_the_token_away(line, order, tmp_path):
    token = line.submit("mine", order)

    names = [path.name for path in (tmp_path / "trials").rglob("*")]
    texts = [path.read_text() for path in (tmp_path / "trials").rglob("*") if path.is_file()]
    assert not any(token in one for one in (*names, *texts))
    assert (tmp_path / "trials").joinpath(line.state(token).folder.name).stat().st_mode & 0o77 == 0


def test_stop_asks_the_worker_of_this_trial_alone(line, order, workers):
    first, second = line.submit("first", order), line.submit("second", order)
    line.tick()

    line.stop(second)
    assert workers[0].stdin.lines == []

    line.stop(first)
    assert workers[0].stdin.lines == [b"stop\n"]


def test_deleting_a_running_trial_ends_its_process(line, order, workers):
    token = line.submit("mine", order)
    line.tick()

    line.delete(token)

    assert workers[0].status == -9
    assert not workers[0].folder.exists()
    assert line.state(token) is None


def test_deleting_a_waiting_trial_moves_the_others_up(line, order):
    tokens = [line.submit("mine", order) for _ in range(3)]
    line.tick()

    line.delete(tokens[1])

    assert line.state(tokens[2]).ahead == 1


def test_a_worker_that_dies_without_a_word_is_told(line, order, workers):
    token = line.submit("mine", order)
    line.tick()
    workers[0].status = -9
    line.tick()

    state = line.state(token)
    assert state.status == "failed"
    assert "start it again" in state.progress.problem


def test_a_trial_that_takes_too_long_is_ended(line, order, workers, clock):
    token = line.submit("mine", order)
    line.tick()
    clock.now += MAX_SECONDS + 1
    line.tick()

    assert workers[0].status == -9
    assert "60 minutes" in line.state(token).progress.problem


def test_a_full_line_is_refused_and_keeps_nothing(line, order, tmp_path):
    line.submit("runs", order)
    line.tick()
    for number in range(MAX_WAITING):
        line.submit(f"waits {number}", order)
    before = len(list((tmp_path / "trials").iterdir()))

    with pytest.raises(BusyError, match="try again"):
        line.submit("too many", order)

    assert len(list((tmp_path / "trials").iterdir())) == before


def test_a_full_disk_is_one_sentence_and_leaves_nothing(line, order, tmp_path, monkeypatch):
    def full(folder, order):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(jobs_module, "write_order", full)

    with pytest.raises(DataError, match="No space left"):
        line.submit("mine", order)

    assert list((tmp_path / "trials").iterdir()) == []


def test_a_disk_that_fills_up_in_the_middle_is_told_and_the_rows_stay(
    line, order, workers, monkeypatch
):
    token = line.submit("mine", order)
    line.tick()

    def full(diary, event):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Diary, "write", full)
        workers[0].status = 1  # its own last words found no room either
        line.tick()
        state = line.state(token)
    assert state.status == "failed"
    assert "disk is full" in state.progress.problem
    assert read_order(state.folder).parts == order.parts
    line.restart(token)
    assert line.state(token).status == "waiting"


def test_after_a_restart_of_the_server_a_trial_is_lost_and_can_be_started_again(
    line, order, workers, tmp_path, clock, monkeypatch
):
    token = line.submit("mine", order)
    line.tick()
    Diary(workers[0].folder).write(Stage("training"))
    Diary(workers[0].folder).write(Trained(40, 100, 0.5, 60.0))
    restarted = Jobs(tmp_path / "trials", line._start, clock=clock)

    state = restarted.state(token)
    assert state.status == "lost"
    assert state.progress.steps[-1].number == 40

    restarted.restart(token)
    restarted.tick()

    assert restarted.state(token).status == "running"
    assert restarted.state(token).progress.steps == ()
    assert read_order(workers[-1].folder).parts == order.parts


def test_a_trial_that_failed_a_moment_ago_can_be_started_again(line, order, workers):
    token = line.submit("mine", order)
    line.tick()
    workers[0].end("The loss is no number.")

    line.restart(token)  # before the line has seen its end
    line.tick()

    assert line.state(token).status == "running"
    assert line.state(token).progress.problem is None
    assert len(workers) == 2


def test_a_trial_is_deleted_when_its_day_is_over(line, order, workers, clock):
    token = line.submit("mine", order)
    line.tick()
    workers[0].end()
    line.tick()
    clock.now += KEEP_SECONDS - 1
    assert line.state(token).status == "done"

    clock.now += 2
    line.tick()

    assert line.state(token) is None
    assert not workers[0].folder.exists()


def test_a_trial_that_is_gone_can_not_be_started_again(line):
    with pytest.raises(DataError, match="bring the rows again"):
        line.restart("A" * 32)


def test_a_real_process_stands_still_while_a_question_is_answered(tmp_path, order, monkeypatch):
    if not hasattr(signal, "SIGSTOP"):
        pytest.skip("this system has no way to stop a process")
    monkeypatch.setattr(Jobs, "_wake", lambda self: None)
    asked = [True]
    code = "import time\nwhile True: time.sleep(0.01)"

    def start(folder):
        return subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE)

    line = Jobs(tmp_path / "trials", start, busy=lambda: asked[0])
    token = line.submit("mine", order)
    line.tick()
    pid = line._worker.pid
    try:
        line.tick()
        assert _comes_to(pid, "T")
        assert line.state(token).yielding

        asked[0] = False
        line.tick()
        assert not _comes_to(pid, "T", within=0.2)
        assert not line.state(token).yielding
    finally:
        line.delete(token)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def _comes_to(pid, wanted, within=5.0):
    """Whether a process comes to a state, such as T for stopped, within some seconds."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            if file.read().rpartition(")")[2].split()[0] == wanted:
                return True
        time.sleep(0.01)
    return False
