"""The sentences of a verdict: no figure more precise than it is, and none more certain.

Run: python -m pytest tests/verdict/test_words.py
"""

import pytest

from lib.content.verdict_texts import VerdictTexts, load_verdict_texts
from lib.verdict.judge import Measured, Verdict, Way, judge
from lib.verdict.words import about, percent, verdict_lines, verdict_words, with_range

TEXTS: VerdictTexts = load_verdict_texts()


def first(right: int, of: int) -> tuple[bool, ...]:
    return (True,) * right + (False,) * (of - right)


def way(name: Way, right: tuple[bool, ...], validation: float | None = None) -> Measured:
    return Measured(name, right, 41.6, 2.4, validation=validation)


def verdict_of(*measured: Measured, commonest: tuple[bool, ...] | None = None) -> Verdict:
    return judge(measured, "classification", 1200, commonest)


# The prompt alone is right on 3 of 60 rows, LoRA alone on 6: 49 and 52 right.
UNCLEAR = verdict_of(
    way(Way.PLAIN, first(49, 60)),
    way(Way.LORA, first(46, 49) + first(6, 11)),
)
LORA = verdict_of(way(Way.PLAIN, first(50, 100)), way(Way.LORA, first(90, 100)))
PROMPT = verdict_of(way(Way.PLAIN, first(360, 400)), way(Way.LORA, first(360, 400)))
CLASSIC = verdict_of(
    way(Way.PLAIN, first(200, 400)),
    way(Way.CLASSIC, first(360, 400)),
    way(Way.LORA, first(361, 400)),
)
NOTHING = verdict_of(
    way(Way.PLAIN, first(58, 100)), way(Way.LORA, first(61, 100)), commonest=first(60, 100)
)
FLOOR = verdict_of(way(Way.PLAIN, first(0, 100)), way(Way.LORA, first(19, 100)))
CHANCE = verdict_of(
    way(Way.PLAIN, first(10, 20)), way(Way.LORA, first(15, 20)), commonest=first(10, 20)
)
LEVEL = verdict_of(way(Way.PLAIN, first(54, 60)), way(Way.LORA, first(54, 60)))
BOTH = verdict_of(
    way(Way.PLAIN, first(40, 100)),
    way(Way.LORA, first(70, 100)),
    way(Way.LORA_ENGINEERED, first(90, 100)),
)
ALL = [UNCLEAR, LORA, PROMPT, CLASSIC, NOTHING, FLOOR, CHANCE, LEVEL, BOTH]


@pytest.mark.parametrize(
    ("verdict", "title"),
    [
        (LORA, "LoRA earns its keep"),
        (BOTH, "LoRA earns its keep, together with the engineered prompt"),
        (PROMPT, "A prompt is enough"),
        (CLASSIC, "A classic classifier is enough"),
        (NOTHING, "Nothing works yet"),
        (FLOOR, "Nothing works yet"),
        (UNCLEAR, "Not enough data to tell: 60 test rows can't separate 82 from 87 %"),
        (CHANCE, "Not enough data to tell: 20 test rows can't separate 50 from 75 %"),
        (
            LEVEL,
            "Not enough data to tell: 60 test rows can't say which of two close ways is better",
        ),
    ],
)
def test_the_title_says_it_in_plain_words(verdict: Verdict, title: str) -> None:
    assert verdict_words(verdict, TEXTS).title == title


@pytest.mark.parametrize("verdict", ALL)
def test_no_name_is_left_open_and_no_line_is_empty(verdict: Verdict) -> None:
    lines = verdict_lines(verdict, TEXTS)

    assert all(line.strip() for line in lines)
    assert not [line for line in lines if "{" in line or "None" in line]


def test_a_share_stands_with_its_interval() -> None:
    # Wilson's interval of 49 of 60 is 70.1 to 89.4 %.
    assert "Plain prompt was right on 82 % (70 to 89) of 60 test rows" in (
        verdict_words(UNCLEAR, TEXTS).found
    )


def test_what_is_open_tells_how_many_rows_could_tell() -> None:
    # Connor (1987): (1.96 sqrt(0.15) + 0.8416 sqrt(0.15 - 0.05^2))^2 / 0.05^2 = 468
    assert verdict_words(UNCLEAR, TEXTS).needed == (
        "About 470 test rows could tell, if the shares stay as they are."
    )
    assert verdict_words(LORA, TEXTS).needed == ""


def test_the_ends_of_a_difference_are_rounded_outwards() -> None:
    # No row of 400 differs: -0.95 to 0.95 points.
    assert "between -1 and 1 points" in verdict_words(PROMPT, TEXTS).found


def test_a_difference_is_told_from_the_side_of_the_named_way() -> None:
    # 40 rows for LoRA, none for the prompt: about 30 to 50 points.
    found = verdict_words(LORA, TEXTS).found
    low, high = (int(word) for word in found.partition("between ")[2].split()[:3:2])
    assert 25 < low < 35
    assert 45 < high < 55


def test_a_small_gain_is_called_small() -> None:
    small = verdict_of(way(Way.PLAIN, first(1800, 2000)), way(Way.LORA, first(1820, 2000)))

    assert "counts a loss of 5 points as none, and the gain here was 1" in (
        verdict_words(small, TEXTS).found
    )
    assert "Mind the size" not in verdict_words(LORA, TEXTS).found


def test_every_way_has_a_line_and_the_classic_one_no_tokens() -> None:
    plain, classic, lora = verdict_words(CLASSIC, TEXTS).scores

    assert plain == (
        "Plain prompt: 50 % (45 to 55) right, 42 prompt tokens and 2 written tokens a row"
    )
    assert classic == "Classic classifier: 90 % (87 to 93) right, no language model"
    assert lora.startswith("LoRA: 90 % (87 to 93) right, 42 ")


def test_f1_stands_beside_what_is_exactly_right() -> None:
    measured = [
        Measured(Way.PLAIN, first(1, 100), 30, 9, f1=0.204, f1_interval95=(0.151, 0.262)),
        Measured(Way.LORA, first(80, 100), 30, 9, f1=0.9),
    ]
    scores = verdict_words(judge(measured, "extraction", 200, None), TEXTS).scores

    assert scores[0].startswith("Plain prompt: 1 % (")
    assert " exactly right, 30 prompt tokens" in scores[0]
    assert scores[0].endswith("; F1 20 % (15 to 26)")
    assert scores[1].endswith("; F1 90 %")


def test_pairs_say_on_how_many_rows_who_alone_was_right() -> None:
    apart, _, level = verdict_words(CLASSIC, TEXTS).pairs

    assert apart == (
        "Classic classifier is better than Plain prompt: on 160 rows it alone was right, on no row "
        "Plain prompt alone."
    )
    assert level == (
        "Classic classifier and LoRA can't be told apart: on no row Classic classifier alone was "
        "right, on 1 row LoRA alone."
    )


def test_the_notes_say_which_rows_chose() -> None:
    picked = verdict_of(
        way(Way.PLAIN, first(50, 100)),
        way(Way.ENGINEERED, first(60, 100)),
        way(Way.LORA, first(90, 100)),
    )
    chosen = verdict_of(
        way(Way.PLAIN, first(50, 100), 0.5),
        way(Way.ENGINEERED, first(60, 100), 0.6),
        way(Way.LORA, first(90, 100), 0.9),
    )

    assert verdict_words(picked, TEXTS).notes[0] == TEXTS.notes.picked_on_test
    assert "adjusted for 2 tests" in verdict_words(picked, TEXTS).notes[1]
    assert verdict_words(chosen, TEXTS).notes[0] == TEXTS.notes.picked_on_validation
    assert verdict_words(LORA, TEXTS).notes == (TEXTS.notes.one_test,)


@pytest.mark.parametrize("verdict", ALL)
def test_it_is_told_what_would_change_it(verdict: Verdict) -> None:
    words = verdict_words(verdict, TEXTS)

    assert words.changes
    assert all("{" not in one for one in words.changes)


@pytest.mark.parametrize(
    ("share", "told"),
    [(0.0, "0"), (0.004, "under 1"), (0.814, "81"), (0.996, "over 99"), (1.0, "100")],
)
def test_all_and_none_are_only_said_if_true(share: float, told: str) -> None:
    assert percent(share) == told


def test_a_share_with_its_range_reads_as_one_phrase() -> None:
    assert with_range(0.81, (0.7, 0.89)) == "81 % (70 to 89)"


@pytest.mark.parametrize(
    ("rows", "told"), [(9, "9"), (87, "87"), (468, "470"), (1234, "1,200"), (28_600, "29,000")]
)
def test_an_estimate_of_rows_has_two_digits_that_count(rows: int, told: str) -> None:
    assert about(rows) == told
