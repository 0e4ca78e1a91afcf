"""`make check` finds each kind of mistake, in one line that names file, line and field.

One copy of the content gets a good article, question and chart, and for each kind of mistake one
more that differs from the good one in that mistake alone. Everything is checked once.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from lib.content.checks import check_all, overdue
from lib.content.evidence import Confidence
from lib.content.library import Library, load_library
from lib.content.tasks import load_task, task_names
from lib.evaluation.measured_names import measured_names
from tests.content.copying import ContentCopy, copy_content, read_from

ARTICLE = """---
id: made-up
order: 99
part: evidence
title: Nothing but an example
goal: Show what the check finds.
key_points:
  - One point.
  - Another point.
  - A third point.
picture:
  mermaid: flowchart LR; A --> B
  alt: A leads to B.
live:
  - page: faq
    label: Everything that people ask
would_change:
  - A better study.
related: []
questions: []
reviewed_on: 2026-01-01
review_after: 2099-01-01
---
The first one reportedly helped FIRST. The other one reportedly did too SECOND.

{filler}

LAST

## Worked example

These figures are made up: 73 of 99 were right.

## Afterwards

Prose again.
""".replace("{filler}", "Plain words fill this text. " * 90)

QUESTION = """---
id: made-up
order: 99
group: basics
question: What does the check find?
short: It finds mistakes. It names them.
mistake: None that we know.
asked: [one, two, three]
related: [lora]
articles: [lora]
reviewed_on: 2026-01-01
review_after: 2099-01-01
---
LAST
"""

FIGURE = """id: made-up
title: An example
shows: LAST
alt: Bars.
kind: bars
data: figures/lora_size.csv
category: {column: rank, title: Rank}
value: {column: megabytes, title: Megabytes}
source: made up
"""

GOOD = {"concepts": (ARTICLE, ".md"), "faq": (QUESTION, ".md"), "figures": (FIGURE, ".yaml")}


@dataclass(frozen=True)
class Mistake:
    """A mistake in one file: `old` becomes `new`, and the line that holds `at` gets `problem`."""

    name: str
    folder: str
    old: str
    new: str
    at: str
    problem: str

    @property
    def file(self) -> str:
        return f"{self.folder}/{self.name}{GOOD[self.folder][1]}"


LIVE = "  - page: faq\n"
LABEL = "Everything that people ask"

MISTAKES = [
    Mistake(
        "unknown-evidence", "concepts", "LAST", "Nobody found this [E999].", "[E999]",
        "body: no finding has the id E999: 'Nobody found this [E999].'",
    ),
    Mistake(
        "uncited-figure", "concepts", "LAST", "Somehow it rose to 73.", "to 73",
        "body: a figure without a source: 'Somehow it rose to 73.'",
    ),
    Mistake(
        "uncited-after-the-example", "concepts", "Prose again.", "It was 88 again.", "was 88",
        "body: a figure without a source: 'It was 88 again.'",
    ),
    Mistake(
        "uncited-point", "concepts", "Another point.", "Another 73 points.", "73 points",
        "key_points.1: a figure without a source: 'Another 73 points.'",
    ),
    Mistake(
        "mark-in-the-middle", "concepts", "LAST", "It SECOND reportedly stood.", "reportedly stood",
        "body: evidence marks belong at the sentence's end: 'It SECOND reportedly stood.'",
    ),
    Mistake(
        "link-in-the-text", "concepts", "LAST", "It is [here](https://example.org).", "[here]",
        "body: links, images and HTML do not belong into the text: '[here](https://example.org)'",
    ),
    Mistake(
        "missing-word", "concepts", "LAST", "It is a [[no-such-word]].", "no-such-word",
        "body: the glossary has no 'no-such-word'",
    ),
    Mistake(
        "missing-measured-figure", "concepts", "LAST", "It got {{booking.magic.exact}}.", "magic",
        "body: no measured figure is called 'booking.magic.exact'",
    ),
    Mistake(
        "dead-related", "concepts", "related: []", "related: [lora, no-such-article]", "related:",
        "related: there is no 'no-such-article'",
    ),
    Mistake(
        "dead-related-whose-word-stands-elsewhere", "concepts", "related: []", "related: [nothing]",
        "related:", "related: there is no 'nothing'",
    ),
    Mistake(
        "dead-question", "concepts", "questions: []", "questions: [no-such-question]", "questions:",
        "questions: there is no 'no-such-question'",
    ),
    Mistake(
        "dead-picture", "concepts", "  mermaid: flowchart LR; A --> B\n  alt: A leads to B.\n",
        "  figure: no-such-figure\n", "figure:", "picture.figure: there is no 'no-such-figure'",
    ),
    Mistake(
        "dead-sample", "concepts", LIVE, "  - page: demo\n    params: {demo_sample: no-such}\n",
        LABEL, "live: the page demo knows no 'demo_sample: no-such'",
    ),
    Mistake(
        "dead-answer", "concepts", LIVE, "  - page: choose\n    params: {symptom: boredom}\n",
        LABEL, "live: the page choose knows no 'symptom: boredom'",
    ),
    Mistake(
        "dead-article", "concepts", LIVE, "  - page: concepts\n    params: {read: no-such}\n",
        LABEL, "live: the page concepts knows no 'read: no-such'",
    ),
    Mistake(
        "dead-entry", "concepts", LIVE, "  - page: faq\n    params: {q: no-such}\n",
        LABEL, "live: the page faq knows no 'q: no-such'",
    ),
    Mistake(
        "dead-finding", "concepts", LIVE, "  - page: evidence\n    params: {find: E999}\n",
        LABEL, "live: the page evidence knows no 'find: E999'",
    ),
    Mistake(
        "dead-parameter", "concepts", LIVE, "  - page: faq\n    params: {colour: red}\n",
        LABEL, "live: the page faq knows no 'colour: red'",
    ),
    Mistake(
        "too-long", "concepts", "LAST", "More words. " * 300, "---",
        "body: 1076 words, 400 to 900 are wanted",
    ),
    Mistake(
        "too-short", "concepts", "Plain words fill this text. ", "", "---",
        "body: 28 words, 400 to 900 are wanted",
    ),
    Mistake(
        "too-few-sources", "concepts", " SECOND", "", "---",
        "body: fewer than two sources of medium confidence or better",
    ),
    Mistake(
        "weak-source", "concepts", "SECOND", "WEAK", "---",
        "body: fewer than two sources of medium confidence or better",
    ),
    Mistake(
        "uncited-answer", "faq", "LAST", "Somehow it rose to 73.", "to 73",
        "body: a figure without a source: 'Somehow it rose to 73.'",
    ),
    Mistake(
        "uncited-short", "faq", "It names them.", "It names 73.", "names 73",
        "short: a figure without a source: 'It names 73.'",
    ),
    Mistake(
        "unrelated", "faq", "related: [lora]", "related: [no-such-question]", "related:",
        "related: there is no 'no-such-question'",
    ),
    Mistake(
        "without-article", "faq", "articles: [lora]", "articles: [no-such-article]", "articles:",
        "articles: there is no 'no-such-article'",
    ),
    Mistake(
        "uncited-chart", "figures", "LAST", "It rises to 73.", "to 73",
        "shows: a figure without a source: 'It rises to 73.'",
    ),
    Mistake(
        "chart-without-finding", "figures", "source: made up", "evidence: [E999]", "E999",
        "evidence: there is no 'E999'",
    ),
]  # fmt: skip

# The tables are damaged where the file itself says it first.
TABLES = [
    ("glossary.yaml", r"see: \[", "see: [no-such-page, ", "there is no 'no-such-page'"),
    ("myths.yaml", r"article: [a-z-]+", "article: no-such-tale", "there is no 'no-such-tale'"),
    ("decision_guide.yaml", r"evidence: \[", "evidence: [E997, ", "symptom: there is no 'E997'"),
    ("status.yaml", r"evidence: \[", "evidence: [E998, ", "there is no 'E998'"),
    ("pages.yaml", r"\A", "nonsense: 1\n", "nonsense: "),
]


@dataclass(frozen=True)
class Checked:
    """What the check said to the damaged copy."""

    copy: ContentCopy
    problems: list[str]
    sources: dict[str, str]

    def fill(self, text: str) -> str:
        return fill(text, self.sources)


def fill(text: str, sources: dict[str, str]) -> str:
    for word, id in sources.items():
        text = text.replace(word, f"[{id}]")
    return text


@pytest.fixture(scope="module")
def measured() -> set[str]:
    return {name for task in task_names() for name in measured_names(load_task(task))}


@pytest.fixture(scope="module")
def checked(
    tmp_path_factory: pytest.TempPathFactory, library: Library, measured: set[str]
) -> Checked:
    copy = copy_content(tmp_path_factory.mktemp("damaged"))
    good = [one.id for one in library.findings.values() if one.confidence is not Confidence.LOW]
    weak = [one.id for one in library.findings.values() if one.confidence is Confidence.LOW]
    sources = {"FIRST": good[0], "SECOND": good[1], "WEAK": weak[0]}
    for folder, (text, suffix) in GOOD.items():
        copy.write(f"{folder}/made-up{suffix}", fill(text.replace("LAST", "The end."), sources))
    for one in MISTAKES:
        text = GOOD[one.folder][0]
        assert one.old in text
        text = text.replace("id: made-up", f"id: {one.name}").replace(one.old, one.new)
        copy.write(one.file, fill(text.replace("LAST", "The end."), sources))
    for name, pattern, new, _ in TABLES:
        copy.write(name, re.sub(pattern, new, copy.read(name), count=1))
    with pytest.MonkeyPatch.context() as patch:
        read_from(copy, patch)
        return Checked(copy, check_all(measured), sources)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda one: one.name)
def test_a_mistake_is_found_once_with_its_line_and_field(
    checked: Checked, mistake: Mistake
) -> None:
    line = checked.copy.line_of(mistake.file, mistake.at)

    found = [one for one in checked.problems if mistake.file in one]

    assert found == [f"{mistake.file}, line {line}: {checked.fill(mistake.problem)}"]


@pytest.mark.parametrize(("name", "pattern", "new", "part"), TABLES, ids=lambda one: one)
def test_a_mistake_in_a_table_is_found_once(
    checked: Checked, name: str, pattern: str, new: str, part: str
) -> None:
    line = checked.copy.line_of(name, new.strip(" ,\n"))

    found = [one for one in checked.problems if part in one]

    assert len(found) == 1
    assert f"{name}, line {line}: " in found[0]


def test_what_is_right_is_left_alone(checked: Checked) -> None:
    assert [one for one in checked.problems if "/made-up." in one] == []


@pytest.mark.slow
def test_a_broken_file_is_told_by_the_check(content: ContentCopy, measured: set[str]) -> None:
    content.write("faq/lora.md", "No fields at all.\n")

    assert [one for one in check_all(measured) if "two lines of ---" in one] == [
        "content/faq/lora.md, line 1: two lines of --- around its fields are needed."
    ]


@pytest.mark.slow
def test_a_broken_task_is_told_and_the_rest_is_checked(
    content: ContentCopy, measured: set[str]
) -> None:
    content.write("tasks/booking/task.yaml", "nonsense\n")
    content.write("faq/lora.md", "No fields at all.\n")

    found = "\n".join(check_all(measured))

    assert "content/tasks/booking/task.yaml, line 1: " in found
    assert "content/faq/lora.md, line 1: " in found


# ---------------------------------------------------------------- dates


def test_a_page_is_overdue_from_the_day_after_its_date(
    content: ContentCopy, library: Library
) -> None:
    content.write("faq/made-up.md", QUESTION.replace("2099-01-01", "2026-02-01"))
    changed = load_library()

    late = overdue(changed, date(2026, 2, 2))

    line = content.line_of("faq/made-up.md", "review_after")
    assert late == [
        f"faq/made-up.md, line {line}: review_after: 2026-02-01 has passed, read it again."
    ]
    assert overdue(changed, date(2026, 2, 1)) == []


@pytest.mark.parametrize(
    ("table", "file"),
    [
        ("comparison", "comparison.yaml"),
        ("myths", "myths.yaml"),
        ("guide", "decision_guide.yaml"),
        ("status", "status.yaml"),
    ],
)
def test_a_table_is_overdue_from_the_day_after_its_date(
    library: Library, table: str, file: str
) -> None:
    day = getattr(library, table).review_after

    after = [one.partition(",")[0] for one in overdue(library, day + timedelta(days=1))]
    before = [one.partition(",")[0] for one in overdue(library, day)]

    assert after.count(file) == 1
    assert file not in before


# ---------------------------------------------------------------- what is here


@pytest.mark.slow
def test_the_content_has_no_problem(measured: set[str]) -> None:
    assert check_all(measured) == []
