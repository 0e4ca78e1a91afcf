"""The words of the results page: names in braces are known, and figures of others bear their marks.

Run: python -m pytest tests/content/test_results_texts.py
"""

import pytest

from lib.content.checks import check_all
from lib.content.library import load_library
from lib.content.results_texts import cited_pieces, filled, load_results_texts
from lib.content.tasks import task_names
from lib.errors import ContentError
from tests.content.copying import ContentCopy

FILE = "results_texts.yaml"


def _break(content: ContentCopy, old: str, new: str) -> None:
    text = content.read(FILE)
    assert old in text
    content.write(FILE, text.replace(old, new, 1))


def test_reported_figures_and_limits_are_cited() -> None:
    texts, library = load_results_texts(), load_library()
    told = list(cited_pieces(texts))
    assert {one.field.split(".")[0] for one in told} == {"limits", "reported"}
    assert any("[E14]" in one.text for one in told if one.field.startswith("limits"))
    assert set(task_names()) <= texts.reported.tasks.keys()
    assert library.findings.keys() >= {"E07", "E10", "E14"}


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("was right in {classic}", "was right in {clasic}", "{clasic} is not known here"),
        ("was right in {classic}", "was right in {classic", "a brace is left open"),
        ("title: Results", "title: Results\nextra: one", "extra: Unexpected keyword argument"),
    ],
)
def test_a_name_that_the_page_does_not_know_is_told_by_line(
    content: ContentCopy, old: str, new: str, problem: str
) -> None:
    _break(content, old, new)
    with pytest.raises(ContentError, match=rf"content/{FILE}, line \d+: .*") as told:
        load_results_texts(content.folder / FILE)
    assert problem in str(told.value)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("new", "problem"),
    [
        ("Others reach 97.31 there.", "a figure without a source: 'Others reach 97.31 there.'"),
        ("Others are reported to reach 97.31 [E999].", "no finding has the id E999"),
        ("Ours reached {{booking.magic}}.", "no measured figure is called 'booking.magic'"),
    ],
)
def test_marks_of_the_page_are_checked(content: ContentCopy, new: str, problem: str) -> None:
    _break(
        content,
        "    - >-\n      This page does not show",
        f"    - {new!r}\n    - >-\n      This page does not show",
    )
    problems = check_all(measured_names=())
    line = content.line_of(FILE, new[:40])
    assert [one for one in problems if problem in one and one.startswith(f"{FILE}, line {line}")]


def test_names_are_filled_in_and_marks_stay() -> None:
    text = "On {set} it was {share}, {{booking.rows}} rows."
    assert filled(text, set="A", share="B") == "On A it was B, {{booking.rows}} rows."
