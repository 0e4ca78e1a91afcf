"""Which test rows count as nearly seen in training.

Example run: python -m pytest tests/evaluation/test_near_twins.py -v
"""

from lib.evaluation.near_twins import near_twins
from lib.rows import LabelledRow


def rows(*texts):
    return [LabelledRow(str(number), {"text": text}, {}) for number, text in enumerate(texts)]


def test_case_order_and_punctuation_do_not_hide_a_twin():
    assert near_twins(rows("A table, for 4!"), rows("for 4 a TABLE")) == {"0"}


def test_four_of_five_words_are_a_twin_and_three_of_five_are_none():
    training = rows("one two three four five")

    assert near_twins(rows("one two three four"), training) == {"0"}
    assert near_twins(rows("one two three"), training) == frozenset()


def test_nothing_is_a_twin_without_training_rows():
    assert near_twins(rows("anything at all"), []) == frozenset()


def test_another_question_on_a_passage_of_the_training_rows_is_a_twin():
    passage = "The mill stands by the river and grinds rye"
    asked, seen, other = (
        LabelledRow(str(number), {"context": context, "question": question}, ())
        for number, (context, question) in enumerate(
            [
                (passage, "What does it grind on most days of the week?"),
                (passage, "Where?"),
                ("Rye bread keeps for a week in a dry box", "Where?"),
            ]
        )
    )

    assert near_twins([asked, other], [seen]) == {"0"}
