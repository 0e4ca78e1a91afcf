"""What is left of the shares without the test rows that stand almost the same in the training rows."""

from collections.abc import Sequence

from lib.evaluation.near_twins import near_twins
from lib.rows import LabelledRow
from lib.verdict.facts import Measured
from lib.verdict.words import percent


def twins_note(
    test: Sequence[LabelledRow], training: Sequence[LabelledRow], measured: Sequence[Measured]
) -> str | None:
    """Return one sentence with every way's share of right rows beside near twins; None without twins.

    Near twins are defined in `lib.evaluation.near_twins`, for the measured tasks too. The verdict
    counts them: what comes in later may well repeat what was labelled. Whoever expects new words
    reads the shares without them.
    """
    twins = near_twins(test, training)
    if not twins:
        return None
    kept = [place for place, row in enumerate(test) if row.id not in twins]
    have = "1 test row has" if len(twins) == 1 else f"{len(twins):,} test rows have"
    told = f"{have} a near twin among the training rows (eight of ten words the same)"
    if not kept:
        return f"{told}: these rows can't say how new texts would be answered."
    shares = ", ".join(
        f"{one.way.shown_as} {percent(sum(one.right[place] for place in kept) / len(kept))} %"
        for one in measured
    )
    others = "the other one is" if len(kept) == 1 else f"the {len(kept):,} others are"
    return f"{told}; {others} right in: {shares}."
