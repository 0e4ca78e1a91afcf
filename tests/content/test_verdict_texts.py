"""The words of a verdict: names in braces are known, and the check of all content reads them.

Run: python -m pytest tests/content/test_verdict_texts.py
"""

import pytest

from lib.content.checks import check_all
from lib.content.verdict_texts import load_verdict_texts
from lib.errors import ContentError
from tests.content.copying import ContentCopy

FILE = "verdict.yaml"


def test_every_outcome_has_words() -> None:
    texts = load_verdict_texts()

    for outcome in ("prompt", "classic", "lora", "nothing", "unclear"):
        assert getattr(texts.titles, outcome)
        assert getattr(texts.change, outcome)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("About {needed}", "About {rows}", "{rows} is not known here, only needed"),
        ("About {needed}", "About {needed", "a brace is left open"),
        ("titles:\n", "titles:\n  extra: one\n", "extra: Unexpected keyword argument"),
        ("  nothing: Nothing works yet\n", "", "titles.nothing: Field required"),
    ],
)
def test_a_mistake_in_the_words_is_told_by_line(
    content: ContentCopy, old: str, new: str, problem: str
) -> None:
    text = content.read(FILE)
    assert old in text
    content.write(FILE, text.replace(old, new, 1))

    with pytest.raises(ContentError, match=rf"content/{FILE}, line \d+: ") as told:
        load_verdict_texts(content.folder / FILE)
    assert problem in str(told.value)
    assert [one for one in check_all(measured_names=()) if problem in one]
