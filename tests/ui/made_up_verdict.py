"""Verdicts on rows that never were."""

from lib.verdict.facts import Measured, Verdict, Way
from lib.verdict.judge import judge

_ROWS = 100


def made_up_verdict(outcome: str) -> Verdict:
    """Return a verdict of that outcome: `prompt`, `classic`, `lora`, `unclear` or `nothing`."""
    right = {
        "prompt": (90, 60, 60),
        "classic": (40, 90, 60),
        "lora": (20, 40, 90),
        "unclear": (70, 72, 75),
        "nothing": (5, 6, 7),
    }[outcome]
    ways = (Way.ENGINEERED, Way.CLASSIC, Way.LORA)
    # Each way fails on rows of its own where it can, so that equal shares are no equal answers.
    measured = [
        Measured(way, _right(number, start), 100.0, 5.0)
        for way, number, start in zip(ways, right, (0, 30, 60), strict=True)
    ]
    verdict = judge(measured, "classification", 300, None)
    assert verdict.outcome == outcome
    return verdict


def _right(number: int, start: int) -> tuple[bool, ...]:
    there = {(start + place) % _ROWS for place in range(number)}
    return tuple(place in there for place in range(_ROWS))
