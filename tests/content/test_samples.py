"""The sample sets keep the promises of their README: counts, balance, rules that can be checked.

Run: python -m pytest tests/content/test_samples.py
"""

import json
import re
from collections import Counter
from itertools import combinations

import pytest

from lib.content.samples import SampleSet, check_samples, load_sample_sets
from lib.errors import ContentError
from lib.rows import LabelledRow
from lib.training.infer import read_training_rows
from tests.content.copying import ContentCopy

SETS = {one.id: one for one in load_sample_sets()}
ROWS = {id: read_training_rows(one.path, task=None)[1] for id, one in SETS.items()}
PASSAGE_WORDS = range(30, 71)

every_set = pytest.mark.parametrize("one", SETS.values(), ids=lambda one: one.id)


def _words(row: LabelledRow) -> set[str]:
    return set(re.findall(r"\w+", " ".join(row.inputs.values()).lower()))


@every_set
def test_what_the_rows_show_is_the_kind_that_the_list_names(one: SampleSet) -> None:
    task, _ = read_training_rows(one.path, task=None)
    assert task.kind == one.kind


@every_set
def test_a_set_has_220_rows_or_more_with_an_id_each(one: SampleSet) -> None:
    rows = ROWS[one.id]
    assert len(rows) >= 220
    assert len({row.id for row in rows}) == len(rows)
    assert not any(row.id.startswith("line-") for row in rows)


@every_set
def test_nothing_is_said_twice(one: SampleSet) -> None:
    said = [" ".join(row.inputs.values()).strip().lower() for row in ROWS[one.id]]
    assert len(set(said)) == len(said)


@pytest.mark.parametrize("id", ["support-tickets", "message-tone"])
def test_no_two_texts_share_half_of_their_words(id: str) -> None:
    pairs = combinations([(row.id, _words(row)) for row in ROWS[id]], 2)
    alike = [(a, b) for (a, one), (b, two) in pairs if 2 * len(one & two) >= len(one | two)]
    assert alike == []


def test_the_readme_gives_the_number_of_rows(content: ContentCopy) -> None:
    readme = content.read("samples/README.md")
    for one in SETS.values():
        assert f"| `{one.file}` | {len(ROWS[one.id])} | {one.kind.replace('_', ' ')} |" in readme


def _tickets() -> list[dict[str, str]]:
    rows = [row.target for row in ROWS["support-tickets"]]
    return [target for target in rows if isinstance(target, dict)]


def test_every_ticket_names_a_team_and_an_urgency() -> None:
    targets = _tickets()
    assert len(targets) == len(ROWS["support-tickets"])
    assert all(list(target) == ["team", "urgency"] for target in targets)
    teams = Counter(target["team"] for target in targets)
    assert teams == dict.fromkeys(("delivery", "returns", "billing", "product", "account"), 70)


def test_every_team_has_as_many_tickets_of_each_urgency() -> None:
    counts = Counter((target["team"], target["urgency"]) for target in _tickets())
    for (team, urgency), count in counts.items():
        assert count == {"low": 21, "normal": 29, "high": 20}[urgency], team


def test_words_of_haste_stand_in_tickets_of_every_urgency() -> None:
    haste = re.compile(r"\b(today|tonight|tomorrow)\b", re.IGNORECASE)
    rows = [(row.inputs["text"], row.target) for row in ROWS["support-tickets"]]
    hasty = Counter(
        target["urgency"]
        for text, target in rows
        if isinstance(target, dict) and haste.search(text)
    )
    calm_but_high = [
        text
        for text, target in rows
        if isinstance(target, dict) and target["urgency"] == "high" and not haste.search(text)
    ]
    assert min(hasty["low"], hasty["normal"]) >= 5
    assert len(calm_but_high) >= 20


def test_every_tone_has_fifty_messages() -> None:
    counts = Counter(row.target for row in ROWS["message-tone"])
    assert counts == dict.fromkeys(("curt", "friendly", "formal", "pushy", "unsure"), 50)


def test_there_are_45_passages_with_four_to_six_questions() -> None:
    counts = Counter(row.inputs["context"] for row in ROWS["product-questions"])
    assert len(counts) >= 45
    assert set(counts.values()) <= {4, 5, 6}
    assert [text for text in counts if len(text.split()) not in PASSAGE_WORDS] == []


def test_every_answer_stands_in_its_passage_letter_by_letter() -> None:
    for row in ROWS["product-questions"]:
        assert isinstance(row.target, tuple)
        for answer in row.target:
            where = rf"(?<!\w){re.escape(answer)}(?!\w)"
            assert re.search(where, row.inputs["context"]), f"{row.id}: {answer}"
            assert len(answer.split()) <= 12, row.id


def test_the_first_answer_has_one_place_in_its_passage() -> None:
    """Else a reader could not tell which of two places answers the question."""
    twice = [
        row.id
        for row in ROWS["product-questions"]
        if isinstance(row.target, tuple)
        and len(re.findall(rf"(?<!\w){re.escape(row.target[0])}(?!\w)", row.inputs["context"])) > 1
    ]
    assert twice == []


def test_a_list_that_names_a_set_twice_is_refused(content: ContentCopy) -> None:
    listing = content.read("samples/samples.yaml")
    content.write(
        "samples/samples.yaml", listing.replace("id: message-tone", "id: support-tickets")
    )
    with pytest.raises(ContentError, match="id: 'support-tickets' stands there twice"):
        load_sample_sets()


def test_a_missing_file_is_named(content: ContentCopy) -> None:
    (content.folder / "samples" / "message_tone.jsonl").unlink()
    with pytest.raises(ContentError, match=r"message_tone\.jsonl is missing"):
        load_sample_sets()


@pytest.mark.parametrize(
    ("new", "problem"),
    [
        ("{broken", "line 1: not a JSON object"),
        ('{"id": "a", "text": "Hello"}', "line 1: the field 'label' is missing or empty"),
        ('{"id": "a", "text": "PLEASE STOP.", "label": "curt"}', "the row stands there twice"),
    ],
)
def test_a_broken_row_is_named_with_its_line(content: ContentCopy, new: str, problem: str) -> None:
    file = "samples/message_tone.jsonl"
    content.write(file, f"{new}\n{content.read(file)}")
    with pytest.raises(ContentError, match=re.escape("samples/message_tone.jsonl")) as told:
        check_samples()
    assert problem in str(told.value)


def test_a_set_that_is_too_small_is_told(content: ContentCopy) -> None:
    row = json.dumps({"id": "a", "text": "Got it.", "label": "curt"})
    content.write("samples/message_tone.jsonl", row + "\n")
    with pytest.raises(ContentError, match="has 1 rows, 200 is the least"):
        check_samples()
