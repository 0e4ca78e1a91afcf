"""A line of trainings whose workers are scripted, and what a visitor does on the train page."""

import io
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from lib.content.page_texts import load_page_texts
from lib.verdict.diary import Diary, Ended
from lib.verdict.jobs import Jobs, JobState
from lib.verdict.pace import Pace

TEXTS = load_page_texts().train
PACE = Pace(trained_tokens=500.0, read_tokens=2000.0, steps=100.0, machine="a test")
NASTY = "**bold** ![x](https://example.org/a.png) <b>"
OpenPage = Callable[..., AppTest]


@dataclass
class FakeWorker:
    """A process that does nothing: a test writes the diary in its place."""

    folder: Path
    pid: int = 0
    stdin: io.BytesIO = field(default_factory=io.BytesIO)
    status: int | None = None

    def poll(self) -> int | None:
        return self.status

    def kill(self) -> None:
        self.status = -9

    def wait(self, timeout: float | None = None) -> int:
        return self.status or 0


@dataclass
class Server:
    """A line of trainings, and the workers it started."""

    root: Path
    workers: list[FakeWorker] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.jobs = Jobs(self.root, start=self._start)

    def _start(self, folder: Path) -> FakeWorker:
        self.workers.append(FakeWorker(folder))
        return self.workers[-1]

    def kill(self) -> None:
        """Forget everything that is not on disk, as a killed server does."""
        self.jobs = Jobs(self.root, start=self._start)

    def write(self, token: str, *events: Any) -> None:
        """Write into a training's diary."""
        diary = Diary(self.state(token).folder)
        for one in events:
            diary.write(one)

    def state(self, token: str) -> JobState:
        state = self.jobs.state(token)
        assert state is not None
        return state

    def is_running(self, token: str) -> None:
        """Wait until the worker has been started."""
        for _ in range(200):
            if self.state(token).status == "running":
                return
            time.sleep(0.02)
        raise AssertionError("the training did not begin")

    def end(self, token: str, problem: str | None = None) -> None:
        """Let a running training come to its end."""
        folder = self.state(token).folder
        self.write(token, Ended(problem))
        next(one for one in self.workers if one.folder == folder).status = 0


def tone_rows(number: int = 60, labels: Sequence[str] = ("curt", "kind")) -> str:
    """Return pasted rows whose texts and labels differ."""
    return "text,label\n" + "".join(
        f'"message number {n} about the order",{labels[n % len(labels)]}\n' for n in range(number)
    )


def paste(at: AppTest, text: str) -> AppTest:
    at.button_group(key="train_way").set_value("paste").run()
    return at.text_area(key="train_pasted").set_value(text).run()


def upload(at: AppTest, name: str, data: bytes) -> AppTest:
    at.file_uploader(key="train_upload").set_value((name, data, "text/csv"))
    return at.run()


def submitted(at: AppTest) -> str:
    """Press the button, and return the token that the address then has."""
    at.button(key="train_submit").click().run()
    assert not at.exception
    return token_of(at)


def token_of(at: AppTest) -> str:
    value = at.query_params["job"]
    return value if isinstance(value, str) else value[0]


def keys(at: AppTest) -> set[str]:
    return {one.key for one in at.button}


def problems(at: AppTest) -> list[str]:
    """Return the sentences on mistakes that the page shows."""
    plain = [one.value.replace("\\", "").replace("\u2060", "") for one in at.markdown]
    start = ":red[:material/error: "
    return [one.removeprefix(start)[:-1] for one in plain if one.startswith(start)]
