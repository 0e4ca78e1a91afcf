"""The sentence under the cards, for the cases that people meet.

Example run: python -m pytest tests/inference/test_reading.py -v
"""

import pytest

from lib.inference.conditions import ALL_CONDITIONS, Condition
from lib.inference.reading import what_it_shows
from tests.fakes import FakeComparer

RIGHT, WRONG, NO_JSON = '{"people": "4"}', '{"people": "9"}', "Sure, see you then!"


def sentence(task, *written, expected=None, conditions=ALL_CONDITIONS):
    comparer = FakeComparer(replies=dict(zip(conditions, written, strict=True)))
    comparison = comparer.compare(task, {"text": "for 4"}, conditions)
    return what_it_shows(task, comparison, expected)


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ((RIGHT,) * 4, "All four are right"),
        ((WRONG,) * 4, "Nobody is right"),
        ((NO_JSON, WRONG, RIGHT, RIGHT), "The adapter made the difference"),
        ((NO_JSON, RIGHT, RIGHT, RIGHT), "Either lever was enough"),
        ((NO_JSON, RIGHT, WRONG, WRONG), "The adapter loses here: right is Engineered prompt"),
        ((NO_JSON, WRONG, RIGHT, WRONG), "LoRA alone is right"),
        ((NO_JSON, WRONG, WRONG, RIGHT), "Only the two levers together"),
        ((RIGHT, WRONG, RIGHT, WRONG), "Right here: Plain prompt and LoRA"),
    ],
)
def test_with_a_known_answer_it_says_who_is_right(extraction_task, written, says):
    assert says in sentence(extraction_task, *written, expected={"people": "4"})


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ((NO_JSON,) * 4, "No condition wrote JSON"),
        ((NO_JSON, NO_JSON, RIGHT, WRONG), "Only the adapter brought JSON"),
        ((RIGHT,) * 4, "All four agree"),
        ((NO_JSON, RIGHT, RIGHT, RIGHT), "came to the same answer"),
        ((NO_JSON, WRONG, RIGHT, RIGHT), "different answers"),
        ((RIGHT, NO_JSON, RIGHT, NO_JSON), "The form was met by Plain prompt and LoRA"),
    ],
)
def test_without_one_it_speaks_of_form_and_agreement_only(extraction_task, written, says):
    assert says in sentence(extraction_task, *written)


def test_without_the_adapter_it_says_that_only_prompts_can_be_compared(extraction_task):
    base_rows = (Condition.PLAIN, Condition.ENGINEERED)

    text = sentence(extraction_task, RIGHT, RIGHT, conditions=base_rows)

    assert "only the two prompts" in text


def test_phrases_that_differ_in_an_article_or_a_full_stop_agree(qa_task):
    comparer = FakeComparer(
        replies={ALL_CONDITIONS[0]: "The pier.", ALL_CONDITIONS[2]: "Pier"}, default_reply="pier"
    )
    comparison = comparer.compare(qa_task, {"context": "From the pier.", "question": "Where?"})

    assert "All four agree" in what_it_shows(qa_task, comparison)
    assert "for this question the plain prompt" in what_it_shows(qa_task, comparison, "a pier")
