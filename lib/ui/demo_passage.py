"""Where a short answer stands in its passage: marked there, or said to be missing."""

import re

import streamlit as st

from lib.inference.phrases import Span, places
from lib.ui import shell

_WHOLE = 900  # characters up to which a passage is shown whole
_AROUND = 350  # characters on each side of the first place in a longer one
_JOINER = "\u2060"  # nobody sees it
_TYPOGRAPHIC = re.compile(r"-(?=[->])|<(?=[-=])|[>~](?==)")


def show(answer: str, passage: str) -> None:
    """Draw the passage with the answer marked, or say that it does not stand there."""
    passage = "\n".join(passage.splitlines())
    found = places(answer, passage)
    if not found:
        st.markdown(
            ":material/report: **Not in the passage:** these words do not stand there, so they were "
            "not copied from it."
        )
        return
    st.caption("Where it stands" if len(found) == 1 else f"It stands in {len(found)} places")
    st.markdown(marked(passage, found))


def marked(passage: str, found: list[Span]) -> str:
    """Return a passage as Markdown that shows every sign as it is, with the found places marked.

    Of a long passage only what stands around the first place is kept.
    """
    start, stop = _part(passage, found[0])
    parts = ["… " if start else ""]
    at = start
    for begin, end in found:
        if end <= stop:
            parts += [_text(passage[at:begin]), _mark(passage[begin:end])]
            at = end
    parts += [_text(passage[at:stop]), " …" if stop < len(passage) else ""]
    return _JOINER + "".join(parts)


def _mark(words: str) -> str:
    return f":yellow-background[**{_text(' '.join(words.split()))}**]"


def _text(text: str) -> str:
    # Before the first sign of each line: a number with a dot there would begin a list, white space
    # a block of code, and a row of equal signs would make a heading of the line above.
    # Between the others: Streamlit makes arrows, dashes and signs of comparison of them.
    text = _TYPOGRAPHIC.sub(rf"\g<0>{_JOINER}", text)
    return shell.plain(text).replace("\n", f"  \n{_JOINER}")


def _part(passage: str, first: Span) -> Span:
    """Return which part of a passage is shown, from word to word."""
    if len(passage) <= _WHOLE:
        return 0, len(passage)
    start, stop = max(0, first[0] - _AROUND), min(len(passage), first[1] + _AROUND)
    if start:
        start = passage.find(" ", start, first[0]) + 1 or first[0]
    if stop < len(passage):
        stop = max(passage.rfind(" ", first[1], stop), first[1])
    return start, stop
