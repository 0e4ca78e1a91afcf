"""The words of My case: names in braces are known, and each page and part has its words.

Run: python -m pytest tests/content/test_case_texts.py
"""

from pathlib import Path
from typing import get_args

import pytest

from lib.content.case_texts import Part, Step, load_case_texts
from lib.errors import ContentError
from lib.paths import CONTENT

FILE = CONTENT / "case.yaml"


def test_each_page_and_each_part_has_its_words() -> None:
    texts = load_case_texts()
    assert set(texts.steps) == set(get_args(Step))
    assert set(texts.parts) == set(get_args(Part))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("{share} of 500", "{shares} of 500", "memo.steady"),
        ('"{rows}"', '"{row}"', "agreement.same"),
        ("  title: My case", "  titel: My case", "page."),
    ],
)
def test_slip_is_told_with_its_field(tmp_path: Path, old: str, new: str, told: str) -> None:
    text = FILE.read_text(encoding="utf-8")
    assert old in text
    broken = tmp_path / "case.yaml"
    broken.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ContentError, match=f"line .*{told}"):
        load_case_texts(broken)
