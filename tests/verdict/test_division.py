"""Three parts of somebody's rows: fair, and the same every time.

Example run: python -m pytest tests/verdict/test_division.py -v
"""

import random
from collections import Counter
from collections.abc import Sequence

import pytest

from lib.errors import DataError
from lib.rows import LabelledRow
from lib.task import Task
from lib.verdict.division import Parts, divide


def labelled(**counts: int) -> list[LabelledRow]:
    return [
        LabelledRow(f"{label}-{n}", {"text": f"{label} {n}"}, label)
        for label, count in counts.items()
        for n in range(count)
    ]


def questions(passages: int, each: int) -> list[LabelledRow]:
    return [
        LabelledRow(f"{p}-{q}", {"context": f"passage {p}", "question": f"{q}?"}, ("x",))
        for p in range(passages)
        for q in range(each)
    ]


def sizes(parts: Parts) -> tuple[int, int, int]:
    return len(parts.training), len(parts.validation), len(parts.test)


def ids(rows: Sequence[LabelledRow]) -> set[str]:
    return {row.id for row in rows}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (20, (5, 5, 10)),  # the least of both parts
        (100, (65, 10, 25)),  # a tenth, a quarter
        (1_000, (750, 50, 200)),  # the most of both parts
    ],
)
def test_a_quarter_tests_and_a_tenth_validates(
    classification_task: Task, rows: int, expected: tuple[int, int, int]
) -> None:
    parts = divide(classification_task, labelled(cards=rows // 2, cash=rows // 2))

    assert sizes(parts) == expected
    assert len(ids((*parts.training, *parts.validation, *parts.test))) == rows


def test_the_parts_are_the_same_in_whatever_order_the_rows_come(
    classification_task: Task, extraction_task: Task, qa_task: Task
) -> None:
    rows = [*labelled(cards=40, cash=20), LabelledRow("twin", {"text": "CARDS 1"}, "cash")]
    objects = [LabelledRow(row.id, row.inputs, {"people": row.id}) for row in rows]
    for task, given in (
        (classification_task, rows),
        (extraction_task, objects),
        (qa_task, questions(12, 4)),
    ):
        mixed = random.Random(3).sample(given, len(given))

        assert divide(task, given) == divide(task, mixed)
        assert divide(task, given).test != divide(task, given, seed=8).test


def test_labels_have_the_same_share_in_every_part(classification_task: Task) -> None:
    parts = divide(classification_task, labelled(cards=120, cash=60, other=20))

    assert Counter(row.target for row in parts.test) == {"cards": 30, "cash": 15, "other": 5}
    assert Counter(row.target for row in parts.validation) == {"cards": 12, "cash": 6, "other": 2}


@pytest.mark.parametrize("seed", range(20))
def test_every_label_with_three_rows_is_trained_on(classification_task: Task, seed: int) -> None:
    rows = labelled(a=3, b=3, c=3, d=3, e=3, f=3, g=2, h=1)

    parts = divide(classification_task, rows, seed)

    trained = Counter(str(row.target) for row in parts.training)
    assert set(trained) == set("abcdefgh")
    assert trained["g"] == 2  # a label with less than three rows is never tested
    assert len(parts.test) == 10


def test_rows_with_the_same_text_stay_on_one_side(classification_task: Task) -> None:
    twins = [
        LabelledRow(
            f"{n}-{label}", {"text": f" TEXT  {n}" if label == "cash" else f"text {n}"}, label
        )
        for n in range(30)
        for label in ("cards", "cash")
    ]

    parts = divide(classification_task, twins)

    for part in (parts.training, parts.validation, parts.test):
        assert set(Counter(row.id.split("-")[0] for row in part).values()) == {2}
    assert len(parts.test) in (14, 15, 16)


def test_no_passage_is_on_two_sides(qa_task: Task) -> None:
    parts = divide(qa_task, questions(passages=20, each=5))

    sides = [
        {row.inputs["context"] for row in part}
        for part in (parts.training, parts.validation, parts.test)
    ]
    assert sum(map(len, sides)) == len(set.union(*sides)) == 20
    assert sizes(parts) == (65, 10, 25)


def test_a_huge_passage_is_trained_on(qa_task: Task) -> None:
    huge = [
        LabelledRow(f"h{n}", {"context": "huge", "question": f"{n}"}, ("x",)) for n in range(90)
    ]

    for seed in range(10):
        parts = divide(qa_task, [*huge, *questions(passages=6, each=5)], seed)
        assert ids(huge) <= ids(parts.training)
        assert min(sizes(parts)) > 0


def test_three_passages_are_enough_to_be_parted(qa_task: Task) -> None:
    assert sizes(divide(qa_task, questions(passages=3, each=10))) == (10, 10, 10)


def test_a_part_has_never_more_rows_than_its_most(qa_task: Task) -> None:
    parts = divide(qa_task, questions(passages=4, each=1_000))

    assert len(parts.test) == 200
    assert len(parts.validation) == 50


def test_rows_that_cannot_be_parted_are_refused(classification_task: Task, qa_task: Task) -> None:
    with pytest.raises(DataError, match="at least three passages"):
        divide(qa_task, questions(passages=2, each=20))
    with pytest.raises(DataError, match="at least two labels 3 rows"):
        divide(classification_task, labelled(**{f"l{n}": 1 for n in range(30)}))
