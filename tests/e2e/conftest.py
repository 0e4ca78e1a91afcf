"""A real browser against the real app in a process of its own.

Where there is no browser, these tests are skipped with the reason; in CI (`CI` is set) they fail.
"""

import os
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
START_WITHIN = 60.0  # seconds

StartServer = Callable[..., str]


def _find_browser() -> str | None:
    names = (os.environ["CHROMIUM"],) if "CHROMIUM" in os.environ else NAMES
    return next((path for name in names if (path := shutil.which(name))), None)


_NO_BROWSER = (
    "No browser: install one (Debian, Ubuntu: `apt-get install chromium`) or name one in $CHROMIUM."
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the browser tests where they can't run; in CI they are run all the same, and fail."""
    if _find_browser() is None and not os.environ.get("CI"):
        for item in items:
            if item.get_closest_marker("e2e"):
                item.add_marker(pytest.mark.skip(reason=_NO_BROWSER))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    """Use the system's browser: Playwright's own would be a download of its own."""
    browser = _find_browser()
    if browser is None:
        pytest.fail(_NO_BROWSER, pytrace=False)
    return {**browser_type_launch_args, "executable_path": browser, "args": ["--no-sandbox"]}


@contextmanager
def running(folder: Path, log: Path, variables: dict[str, str]) -> Iterator[str]:
    """Serve the app in `folder` and give its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py"]
    options = ["--server.port", str(port), "--server.headless", "true"]
    with log.open("wb") as output:  # a pipe that nobody empties would stop the server
        process = subprocess.Popen(
            [*command, *options],
            cwd=folder,
            env={**os.environ, **variables},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_for(f"http://localhost:{port}/_stcore/health", process, log)
            yield f"http://localhost:{port}"
        finally:
            process.kill()
            process.wait()


def _wait_for(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(int(START_WITHIN / 0.2)):
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            pass
        try:
            process.wait(0.2)
        except subprocess.TimeoutExpired:
            continue
        break
    raise AssertionError(f"the server did not start:\n{log.read_text(errors='replace')}")


@pytest.fixture(scope="session")
def base_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the server that most tests share; `page.goto` takes paths on it."""
    with running(ROOT, tmp_path_factory.mktemp("server") / "log.txt", {}) as address:
        yield address


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[StartServer]:
    """Return a function that starts a server that nobody has visited yet and returns its address."""
    with ExitStack() as servers:

        def start(folder: Path = ROOT, **variables: str) -> str:
            return servers.enter_context(running(folder, tmp_path / "log.txt", variables))

        yield start
