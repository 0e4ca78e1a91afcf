"""The train page with a line of trainings that belongs to one test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.ui import rows_form
from lib.verdict import jobs as jobs_module
from lib.verdict import pace
from tests.app.train.server import PACE, OpenPage, Server


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    server = Server(tmp_path / "trials")
    monkeypatch.setattr(jobs_module, "get_jobs", lambda: server.jobs)
    monkeypatch.setattr(pace, "known_pace", lambda: PACE)
    monkeypatch.setattr(rows_form, "tokenizer_file", lambda: None)
    yield server
    for worker in server.workers:
        worker.status = 0  # or a thread would look after it for ever


@pytest.fixture
def train(server: Server, open_page: OpenPage) -> AppTest:
    return open_page("train")
