"""Shares without near twins: one sentence, computed from what was measured.

Example run: python -m pytest tests/verdict/test_twins.py -v
"""

from lib.rows import LabelledRow
from lib.verdict.facts import Measured, Way
from lib.verdict.twins import twins_note

TRAINING = [
    LabelledRow("t1", {"text": "my card was swallowed by the machine at the station"}, "cash"),
    LabelledRow("t2", {"text": "please send me a new card"}, "cards"),
]
NEW = LabelledRow("new", {"text": "what is the rate for kroner"}, "rates")
OTHER = LabelledRow("other", {"text": "I lost my PIN"}, "cards")
TWIN = LabelledRow("twin", {"text": "My card was swallowed by the machine at the Station!"}, "cash")


def _measured(way: Way, *right: bool) -> Measured:
    return Measured(way, right, 10.0, 2.0)


def test_nothing_is_said_where_no_row_has_a_twin() -> None:
    assert twins_note([NEW, OTHER], TRAINING, [_measured(Way.LORA, True, False)]) is None


def test_shares_are_given_without_the_twins() -> None:
    note = twins_note(
        [NEW, TWIN, OTHER],
        TRAINING,
        [_measured(Way.PLAIN, False, True, False), _measured(Way.LORA, True, True, False)],
    )

    assert note is not None
    assert note.startswith("1 test row has a near twin among the training rows")
    assert note.endswith("the 2 others are right in: Plain prompt 0 %, LoRA 50 %.")


def test_twins_alone_say_nothing_of_new_texts() -> None:
    again = LabelledRow("again", {"text": "Please, send me a new card"}, "cards")

    note = twins_note([TWIN, again], TRAINING, [_measured(Way.LORA, True, True)])

    assert note is not None
    assert note.startswith("2 test rows have")
    assert "can't say how new texts would be answered" in note
    assert "LoRA" not in note
