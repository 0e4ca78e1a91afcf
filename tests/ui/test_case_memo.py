"""The memo of a case: what it holds, what it leaves out, and that no text in it is markup.

Run: python -m pytest tests/ui/test_case_memo.py
"""

import re
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from lib.content.case_texts import load_case_texts
from lib.content.library import Library, load_library
from lib.content.verdict_texts import load_verdict_texts
from lib.estimator.amounts import Spread
from lib.estimator.export import Line, Report
from lib.ui import memo_files
from lib.ui.agreement import Agreement, agreement
from lib.ui.case import Advice, Estimate, MyCase, Trial, address, estimate_of
from lib.ui.case_memo import Words, advice_of, memo_of
from lib.ui.memo import Bar, Memo, Picture, Point, Points, Says, Section
from tests.ui.made_up_verdict import made_up_verdict

DAY = date(2026, 1, 2)
EVIL = (
    """</title><script>alert(1)</script> ![x](https://example.org/a.png) | # `code` & "quoted" """
)
TUNED = {"symptom": "style", "labels": "1k_10k", "task": "extract", "volume": "high"}
"""Answers after which LoRA leads alone."""


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library()


@pytest.fixture(scope="module")
def words() -> Words:
    return Words(load_case_texts(), load_verdict_texts())


def _spread(low: int, likely: int, high: int) -> Spread:
    return Spread(Decimal(low), Decimal(likely), Decimal(high))


def _money() -> Estimate:
    report = Report(
        "Estimate: ours",
        DAY,
        (
            Line("inputs", "calls", 5),
            Line("result", "Prompting: a month", _spread(10, 20, 40), "USD"),
            Line("result", "Prompting: first year", _spread(100, 250, 500), "USD"),
            Line("result", "Tuning: first year", _spread(0, 125, 250), "USD"),
            Line("result", "break-even", "never"),
            Line("assumptions", "wage", _spread(30, 35, 40), "", "a survey", date(2025, 5, 6)),
            Line("assumptions", "guess", Decimal(7), "", "made up"),
            Line("assumptions", "note", "as it came"),
        ),
    )
    return estimate_of("money", "It never pays.", report, changes=("The wage matters most.",))


def _full(verdict: str = "prompt") -> MyCase:
    return MyCase(
        name="Ours",
        question="Which way?",
        advice=Advice(TUNED),
        estimates=(_money(),),
        trial=Trial(made_up_verdict(verdict), "ours.csv", DAY),
    )


def _texts(memo: Memo) -> str:
    return memo_files.to_markdown(memo).replace("\\", "")


def test_memo_holds_question_advice_costs_verdict_and_changes(
    library: Library, words: Words
) -> None:
    text = _texts(memo_of(_full(), library, words, DAY))
    for told in (
        "# Ours",
        "Which way?",
        "Tune with LoRA",
        "Style, labels or rules are hard to put into words",
        "It never pays.",
        "$20.00 ($10.00 to $40.00)",
        "$250.00 ($100.00 to $500.00)",
        "wage: 35 (30 to 40) (a survey, 2025-05-06)",
        "guess: 7 (made up)",
        "- note: as it came\n",
        "A prompt is enough",
        "ours.csv, 300 rows to train on and 100 test rows",
        "looked at on 2026-01-02",
        "Engineered prompt | 90 % (83 to 94)",
        "The wage matters most.",
        "`/choose?symptom=style&labels=1k_10k&task=extract&volume=high`",
    ):
        assert told in text, told
    assert words.case.memo.missing_title not in text


def test_every_mark_in_the_memo_has_its_source_with_the_year(
    library: Library, words: Words
) -> None:
    text = _texts(memo_of(_full(), library, words, DAY))
    body, _, sources = text.partition(f"## {words.case.memo.sources_title}")
    cited = set(re.findall(r"\[(E\d+)\]", body))
    assert cited
    assert set(re.findall(r"\*\*(E\d+)\*\*", sources)) == cited
    for id in cited:
        assert (library.findings[id].year or library.findings[id].ref) in sources


@pytest.mark.parametrize(
    ("case", "missing"),
    [
        (MyCase(question="Which?"), {"choose", "estimator", "train"}),
        (MyCase(advice=Advice({})), {"estimator", "train"}),
        (MyCase(estimates=(_money(),)), {"choose", "train"}),
        (MyCase(trial=Trial(made_up_verdict("lora"), "ours.csv", DAY)), {"choose", "estimator"}),
    ],
)
def test_what_is_missing_is_said_and_nothing_else_breaks(
    library: Library, words: Words, case: MyCase, missing: set[str]
) -> None:
    memo = memo_of(case, library, words, DAY)
    text = _texts(memo)
    told = {step for step, one in words.case.steps.items() if one.missing in text}
    assert told == missing
    assert memo_files.to_html(memo).count("<h2>") == len(memo.sections)


def test_answers_that_the_guide_no_longer_knows_count_as_none(
    library: Library, words: Words
) -> None:
    case = MyCase(advice=Advice({"symptom": "gone"}))
    assert advice_of(case, library) is None
    assert words.case.steps["choose"].missing in _texts(memo_of(case, library, words, DAY))


# ---------------------------------------------------------------------------- agreement


@pytest.mark.parametrize(
    ("answers", "outcome", "found"),
    [
        (TUNED, "lora", Agreement.SAME),
        ({**TUNED, "task": "generate", "volume": "low"}, "lora", Agreement.NEAR),
        (TUNED, "classic", Agreement.DIFFER),
        ({}, "lora", Agreement.DIFFER),
        (TUNED, "unclear", Agreement.UNCLEAR),
        (TUNED, "nothing", Agreement.UNCLEAR),
        ({"symptom": "facts", "task": "qa", "fresh": "fast"}, "lora", Agreement.UNTESTED),
    ],
)
def test_advice_is_held_to_the_rows(
    library: Library, answers: dict[str, str], outcome: str, found: Agreement
) -> None:
    advice = advice_of(MyCase(advice=Advice(answers)), library)
    assert advice
    assert agreement(advice, made_up_verdict(outcome)) is found


def test_disagreement_is_a_sentence_of_the_memo(library: Library, words: Words) -> None:
    text = _texts(memo_of(_full("classic"), library, words, DAY))
    assert (
        'disagree: the guide advised "Tune with LoRA", and the rows say '
        '"A classic classifier is enough"' in text
    )
    assert "rows disagree" not in _texts(memo_of(_full("lora"), library, words, DAY))


# ---------------------------------------------------------------------------- texts are texts


class _Seen(HTMLParser):
    """What a browser would find in a file."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.fetching: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name == "href" and tag == "a":
                self.links.append(value or "")
            elif name in ("src", "href", "srcset", "data", "action", "xlink:href", "style"):
                self.fetching.append(f"{tag} {name}")
            elif name.startswith("on"):
                self.fetching.append(name)


def _evil() -> MyCase:
    verdict = made_up_verdict("prompt")
    return MyCase(EVIL, EVIL, Advice(TUNED), (_money(),), Trial(verdict, EVIL, DAY))


def test_html_runs_and_fetches_nothing(library: Library, words: Words) -> None:
    text = memo_files.to_html(memo_of(_evil(), library, words, DAY))
    seen = _Seen()
    seen.feed(text)
    assert not {"script", "img", "link", "iframe", "object", "base", "form"} & set(seen.tags)
    assert seen.fetching == []
    assert "url(" not in text
    assert "@import" not in text
    assert "default-src 'none'" in text
    sources = {one.url for one in library.findings.values()}
    assert seen.links
    assert set(seen.links) <= sources
    assert text.count("&lt;script&gt;alert(1)") == 4  # title, heading, question, name of the file


def test_no_text_in_the_markdown_is_markup(library: Library, words: Words) -> None:
    text = memo_files.to_markdown(memo_of(_evil(), library, words, DAY))
    assert "\\<script\\>alert(1)" in text
    assert "!\\[x\\](https" in text
    assert not re.search(r"(?<!\\)<(?!https://)", text)
    tables = [line for line in text.splitlines() if line.startswith("|")]
    assert {line.count("|") - line.count("\\|") for line in tables} == {3}


@pytest.mark.parametrize("text", ["- one", "+ one", "1. one", "12) one", "# one", "> one"])
def test_text_begins_no_list_and_no_heading(text: str) -> None:
    memo = Memo("A", "B", (Section("C", (Says(text), Points((Point("", text),)))),))
    lines = memo_files.to_markdown(memo).splitlines()
    begun = re.compile(r"(- )?([-+#>]|\d+[.)]) ")
    assert not [one for one in lines[5:] if begun.fullmatch(one[: len(one) - 3])]


def test_number_at_the_beginning_stays_as_it_is() -> None:
    memo = Memo("A", "B", (Section("C", (Says("24.03 GB"),)),))
    assert memo_files.to_markdown(memo).endswith("\n24.03 GB\n")


def test_picture_has_its_ends_where_they_belong() -> None:
    """640 wide with edges of 8: 0 stands at 8, 100 % at 632, half of it at 320."""
    picture = Picture("A", "way", "share", (Bar("B", 0, 0.5, 1, "50 %", "#000"),), most=1)
    text = memo_files.to_html(Memo("A", "B", (Section("C", (picture,)),)))
    assert '<line x1="8.0" x2="632.0"' in text
    assert '<circle cx="320.0"' in text
    assert 'aria-label="A: B 50 %."' in text
    assert "| B | 50 % |" in memo_files.to_markdown(Memo("A", "B", (Section("C", (picture,)),)))


def test_address_is_written_for_a_browser() -> None:
    assert address("choose", {}) == "/choose"
    assert address("estimator", {"m": "a b&c", "n": "1"}) == "/estimator?m=a+b%26c&n=1"
