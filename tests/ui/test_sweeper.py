"""Trainings are deleted after a day, also where nobody opens their page again.

Example run: python -m pytest tests/ui/test_sweeper.py -v
"""

import threading

from lib.ui import sweeper
from lib.verdict import jobs
from lib.verdict.jobs import KEEP_SECONDS, Jobs


def test_what_a_server_left_behind_yesterday_is_deleted(tmp_path, monkeypatch):
    now = 1_000_000.0
    for name, created in (("old", now - KEEP_SECONDS), ("new", now - 60)):
        (tmp_path / name).mkdir()
        about = f'{{"name": "rows.csv", "created": {created}}}'
        (tmp_path / name / "about.json").write_text(about, encoding="utf-8")
    line = Jobs(tmp_path, clock=lambda: now)
    monkeypatch.setattr(jobs, "get_jobs", lambda: line)

    sweeper.sweep()

    assert [path.name for path in tmp_path.iterdir()] == ["new"]


def test_a_disk_that_fails_ends_no_sweeper(monkeypatch, caplog):
    class Broken:
        def sweep(self):
            raise OSError("the disk is gone")

    monkeypatch.setattr(jobs, "get_jobs", Broken)

    sweeper.sweep()

    assert "could not be deleted" in caplog.text


def test_there_is_one_sweeper_however_many_pages_are_opened(monkeypatch):
    monkeypatch.setattr(sweeper, "_thread", None)
    monkeypatch.setattr(sweeper, "_sweep_for_ever", threading.Event().wait)

    sweeper.start()
    first = sweeper._thread
    sweeper.start()

    assert sweeper._thread is first
