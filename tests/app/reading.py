"""What tests read off a page."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from lib.content import marks
from lib.inference.conditions import Condition

APP = Path(__file__).parents[2] / "app.py"

_SHOWN_AS_TEXT = {"code", "dataframe", "text_area", "text_input"}
"""Elements that show what they get letter by letter; all others may read it as Markdown."""


def run_text(at: AppTest, text: str) -> AppTest:
    """Type a text and press Run."""
    at.text_area(key="demo_text_booking").set_value(text).run()
    return at.button(key="demo_start").click().run()


def card(at: AppTest, condition: Condition) -> Any:
    """Return the card of a condition."""
    return at.get_by_key(f"card_{condition.value}")


def words(block: Any) -> str:
    """Return all Markdown text of a page or a part of it, the escaping taken back."""
    texts = [
        element.value
        for kind in ("title", "header", "markdown", "caption", "info", "warning", "error")
        for element in block.get(kind)
    ]
    return "\n".join(texts).replace("\\", "").replace("\u2060", "")


def answer(at: AppTest, condition: Condition) -> str:
    """Return what a card shows as the model's answer."""
    text = card(at, condition).get("code")[0].value
    assert isinstance(text, str)
    return text


def sent(at: AppTest, condition: Condition) -> str:
    """Return what a card shows as sent to the model."""
    text = card(at, condition).get("code")[1].value
    assert isinstance(text, str)
    return text


def maybe_rendered(at: AppTest) -> Iterator[tuple[str, str]]:
    """Yield (type, everything in it) of each element that might read a text as Markdown or HTML."""
    for node in at:
        proto = getattr(node, "proto", None)
        if proto is not None and node.type not in _SHOWN_AS_TEXT:
            yield node.type, str(proto)


# ------------------------------------------------------------------------- pages to read


_MARK = re.compile(r'\[(?:\\.|[^\]\\])*\]\(#([^\s")]+) "([^"]*)"\)')


def shown_marks(at: AppTest) -> list[tuple[str, str]]:
    """Return (anchor, words on hover) of each mark in the prose of a page."""
    return [
        found.groups()
        for kind in ("markdown", "caption", "info", "warning")
        for element in at.get(kind)
        for found in _MARK.finditer(element.value)
    ]


def anchors(at: AppTest) -> list[str]:
    """Return the anchors that the headings of a page were given."""
    return [
        heading.proto.anchor
        for kind in ("title", "header", "subheader")
        for heading in at.get(kind)
        if heading.proto.anchor
    ]


def is_told(text: str, block: Any) -> bool:
    """Return whether a page or a part of it holds a prose text; what its marks became is left open."""
    written = marks.EVIDENCE.sub("•", marks.TERM.sub("•", text)).replace(marks.COMPUTED, "•")
    page = _MARK.sub("•", _raw_words(block)).replace(":gray[:small[(computed)]]", "•")
    parts = marks.MEASURED.split(_one_line(written))[::2]  # our own figures are filled in
    return re.search(".*?".join(map(re.escape, parts)), _one_line(page)) is not None


def _raw_words(block: Any) -> str:
    kinds = ("markdown", "caption", "info", "warning", "error")
    return "\n".join(element.value for kind in kinds for element in block.get(kind))


def _one_line(text: str) -> str:
    return " ".join(text.replace("\\", "").replace("\u2060", "").split())


def assert_foot_holds(at: AppTest, findings: list[str], terms: list[str]) -> None:
    """Check that the foot of a page explains exactly these words and findings, each once.

    Every mark on the page has to lead to one of them, and to say something on hover.
    """
    at_foot = anchors(at)
    assert [one for one in at_foot if re.fullmatch(r"e\d+", one)] == [id.lower() for id in findings]
    assert [one for one in at_foot if one.startswith("word-")] == [f"word-{id}" for id in terms]
    for anchor, hover in shown_marks(at):
        assert anchor in at_foot
        assert hover.strip()


def loads_no_model_library(steps: str, seconds: float = 60) -> None:
    """See that a process of its own, which does these steps, has no model library afterwards."""
    report = 'print([one for one in ("torch", "transformers", "peft") if one in sys.modules])'
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{steps}\n{report}"],
        cwd=APP.parent,
        env={"PYTHONPATH": str(APP.parent), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=seconds,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
