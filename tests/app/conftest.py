"""The app in this process, with a scripted model and a measured file of its own."""

import json
import shutil
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from lib import files
from lib.content import articles, faq, figures, tasks
from lib.content import library as library_module
from lib.content.library import Library, content_stamp, load_library
from lib.evaluation.results import MeasuredResults, read_results
from lib.paths import CONTENT
from lib.task import Task
from lib.ui import demo_view, home_view, shell
from tests.app.reading import APP
from tests.fakes import FAKE_ADAPTER_SHA256, FAKE_BASE_SHA256, FakeComparer

HERE = Path(__file__).parent
AT_ONCE = "test_pages.py"
"""Opens every page once, which is what `make check` has time for."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave all that runs a page to `make test`, but for the one file that opens them all."""
    for item in items:
        if item.path.is_relative_to(HERE) and item.path.name != AT_ONCE:
            item.add_marker(pytest.mark.slow)


def _figures(share: float) -> dict[str, Any]:
    interval = [round(share - 0.02, 4), round(share + 0.02, 4)]
    return {
        "exact_match": share,
        "interval95": interval,
        "field_f1": share,
        "field_f1_interval95": interval,
        "valid_rate": 0.9,
        "mean_prompt_tokens": 100.0,
        "mean_output_tokens": 20.0,
    }


_SHARES = {"plain": 0.031, "engineered": 0.217, "lora": 0.883, "lora_engineered": 0.871}


@pytest.fixture
def results_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The measured file that the pages read, in the form that `evaluate --out` writes."""
    file = tmp_path / "test.json"
    measured = {
        "task": "booking",
        "rows": 1234,
        "dtype": "bfloat16",
        "base_sha256": FAKE_BASE_SHA256,
        "adapter_sha256": FAKE_ADAPTER_SHA256,
        "prompt_sha256": {},
        "date": "2026-01-02",
        "command": "python -m lib evaluate --task booking --data test.jsonl",
        "data": {"file": "test.jsonl", "sha256": "0" * 64},
        "conditions": {name: _figures(share) for name, share in _SHARES.items()},
        "without_near_twins": {
            "rows": 1000,
            "conditions": {name: _figures(share - 0.01) for name, share in _SHARES.items()},
        },
    }
    file.write_text(json.dumps(measured), encoding="utf-8")
    rows = "id,pairs_wanted\none,0\ntwo,1\nthree,2\nfour,1\n"
    file.with_name("test_rows.csv").write_text(rows, encoding="utf-8")

    def read(task: Task, path: Path) -> MeasuredResults:
        if task.id != "booking":
            return read_results(task, path)
        assert path == task.folder / "results" / "test.json"
        return read_results(task, file)

    for view in (demo_view, home_view):
        monkeypatch.setattr(view, "read_results", read)
    return file


@pytest.fixture
def open_page(results_file: Path, fake_comparer: FakeComparer) -> Callable[..., AppTest]:
    """Return a function that opens a page in a new session, as a visitor who comes from outside."""

    def open_(name: str = "home", **query_params: str) -> AppTest:
        at = AppTest.from_file(APP, default_timeout=30)
        at.query_params.update(query_params)
        if name != "home":
            at.switch_page(f"pages/{name}.py")
        return at.run()

    return open_


@pytest.fixture
def home(open_page: Callable[..., AppTest]) -> AppTest:
    return open_page()


@pytest.fixture
def demo(open_page: Callable[..., AppTest]) -> AppTest:
    return open_page("demo")


# ------------------------------------------------------------------------- pages to read


@pytest.fixture
def library() -> Library:
    """Everything under `content/`, as the pages get it."""
    return _library(content_stamp())


@lru_cache(maxsize=1)
def _library(stamp: tuple[int, int]) -> Library:
    return load_library()


@pytest.fixture
def downloads(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What the download buttons that are drawn from now on would hand over, by their keys."""
    offered: dict[str, str] = {}
    real = st.download_button

    def download_button(label: str, data: str, **options: Any) -> bool:
        offered[options["key"]] = data
        return real(label, data, **options)

    monkeypatch.setattr(st, "download_button", download_button)
    return offered


Link = tuple[str, str, dict[str, str]]


@pytest.fixture
def links(monkeypatch: pytest.MonkeyPatch) -> list[Link]:
    """(label, page, parameters) of the links drawn from now on, those that are buttons included."""
    drawn: list[Link] = []
    real_page_link, real_link = st.page_link, shell.link

    def page_link(page: str, *, label: str, **options: Any) -> None:
        drawn.append((label, Path(page).stem, dict(options.get("query_params") or {})))
        real_page_link(page, label=label, **options)

    def link(label: str, page: str, params: Mapping[str, str], *rest: Any, **more: Any) -> None:
        drawn.append((label, page, dict(params)))
        real_link(label, page, params, *rest, **more)

    monkeypatch.setattr(st, "page_link", page_link)
    monkeypatch.setattr(shell, "link", link)
    return drawn


@pytest.fixture
def content_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of `content/` that the pages read from now on, to break it."""
    copy = tmp_path / "content"
    shutil.copytree(CONTENT, copy, ignore=shutil.ignore_patterns("adapter"))
    for module in (articles, faq, figures, files, library_module):
        monkeypatch.setattr(module, "CONTENT", copy)
    monkeypatch.setattr(tasks, "TASKS", copy / "tasks")
    for loader, file in _FILES.items():
        load = partial(_once, getattr(library_module, loader))
        monkeypatch.setattr(library_module, loader, partial(load, copy / file) if file else load)
    st.cache_resource.clear()  # a copied file is as old as its original
    return copy


_FILES = {
    "load_findings": "evidence.csv",
    "load_glossary": "glossary.yaml",
    "load_comparison": "comparison.yaml",
    "load_myths": "myths.yaml",
    "load_guide": "decision_guide.yaml",
    "load_status": "status.yaml",
    "load_article": "",
    "load_question": "",
}
_read: dict[tuple[object, str, bytes], Any] = {}


def _once(load: Callable[[Path], Any], path: Path) -> Any:
    """Read each file once in all tests, unless its bytes differ: reading all takes a second."""
    if not path.is_file():
        return load(path)
    key = (load, path.name, path.read_bytes())
    if key not in _read:
        _read[key] = load(path)
    return _read[key]
