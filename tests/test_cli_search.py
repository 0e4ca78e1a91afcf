"""`python -m lib search`: a line a hit, or one JSON object.

Run: python -m pytest tests/test_cli_search.py
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lib import cli
from lib.content.library import Library, load_library
from tests.running import Ended, Run

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def content() -> Library:
    """The content, read once."""
    return load_library()


@pytest.fixture
def run(
    content: Library, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Run:
    """Return a function that searches in this process."""
    monkeypatch.setattr("lib.content.library.load_library", lambda: content)

    def run_(*words: str) -> Ended:
        capsys.readouterr()
        try:
            status = cli.main(["search", *words])
        except SystemExit as end:  # argparse
            status = int(end.code or 0)
        streams = capsys.readouterr()
        return Ended(status, streams.out, streams.err)

    return run_


def test_a_search_prints_a_line_for_each_hit(run: Run) -> None:
    ended = run("LoRA", "--limit", "3")

    lines = ended.out.splitlines()
    assert (ended.status, ended.err) == (0, "")
    assert len(lines) == 3
    assert lines[0].split() == ["glossary", "lora", "LoRA"]


def test_a_search_prints_one_json_object(run: Run) -> None:
    found = run("how much data do I need", "--json").json

    assert found["query"] == "how much data do I need"
    assert 0 < len(found["results"]) <= 8
    for one in found["results"]:
        assert set(one) == {"kind", "id", "title", "score"}
        assert one["kind"] in {"faq", "concept", "glossary", "evidence"}
    scores = [one["score"] for one in found["results"]]
    assert scores == sorted(scores, reverse=True)


def test_both_outputs_name_the_same_hits(run: Run) -> None:
    lines = run("rag or fine-tuning").out.splitlines()
    results = run("rag or fine-tuning", "--json").json["results"]

    assert [line.split()[:2] for line in lines] == [[r["kind"], r["id"]] for r in results]


def test_a_mended_spelling_is_told(run: Run) -> None:
    assert "Searched 'prompt' for 'promt'." in run("promt").out
    assert run("promt", "--json").json["corrected"] == {"promt": "prompt"}


def test_an_unknown_word_gets_what_comes_closest(run: Run) -> None:
    lines = run("xyzzyqwert").out.splitlines()

    assert lines[0] == "Nothing found. The closest are:"
    assert 1 < len(lines) <= 4
    assert run("xyzzyqwert", "--json").json["is_closest"] is True


@pytest.mark.parametrize("query", ["", "   ", "?!", "\t\n"])
def test_an_empty_query_says_so(run: Run, query: str) -> None:
    ended = run(query)

    assert ended.out == "Nothing found. Try other words.\n"
    assert run(query, "--json").json["results"] == []


@pytest.mark.parametrize("words", [(), ("a", "b"), ("a", "--limit", "0"), ("a", "--limit", "x")])
def test_a_wrong_call_gives_one_line(run: Run, words: tuple[str, ...]) -> None:
    ended = run(*words)

    assert ended.status == 2
    assert ended.out == ""
    assert ended.err.count("\n") == 1


@pytest.mark.slow
def test_a_search_runs_as_a_command_whatever_the_terminal_sends() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "lib", "search", b"\xff lora \x01", "--json"],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        timeout=60,
    )

    assert (ended.returncode, ended.stderr) == (0, b"")
    assert json.loads(ended.stdout)["results"][0]["id"] == "lora"
