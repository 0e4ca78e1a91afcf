"""What tests read off a page."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from lib.inference.conditions import Condition

APP = Path(__file__).parents[2] / "app.py"

_SHOWN_AS_TEXT = {"code", "dataframe", "text_area"}
"""Elements that show what they get letter by letter; all others may read it as Markdown."""


def run_text(at: AppTest, text: str) -> AppTest:
    """Type a text and press Run."""
    at.text_area(key="demo_text").set_value(text).run()
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
    return "\n".join(texts).replace("\\", "")


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
