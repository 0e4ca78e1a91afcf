"""The interval of a paired difference, and how many rows a difference takes.

Run: python -m pytest tests/evaluation/test_paired_difference.py
"""

import pytest

from lib.estimator.eval_size import items_to_tell_apart
from lib.evaluation.paired_difference import (
    difference_interval,
    rows_to_rule_out_loss,
    rows_to_tell_apart,
)

Z2 = 1.959963984540054**2


@pytest.mark.parametrize(
    ("only_first", "only_second", "rows", "low", "high"),
    [
        (1, 7, 21, -0.517, -0.026),  # Fagerland, Lydersen and Laake (2014), airway reactions
        (16, 8, 86, -0.020, 0.207),  # Agresti and Min (2005), by Tango's method
    ],
)
def test_published_intervals_are_met(
    only_first: int, only_second: int, rows: int, low: float, high: float
) -> None:
    found = difference_interval(only_first, only_second, rows)

    assert [round(end, 3) for end in found] == [low, high]


def test_the_confidence_can_be_chosen() -> None:
    # scoreci.mp(25, 28, 618, 0.9) of the R package PropCIs, which takes the counts the other way round.
    found = difference_interval(28, 25, 618, confidence=0.9)

    assert [round(end, 4) for end in found] == [-0.0148, 0.0247]


def test_where_no_row_differs_the_interval_is_as_wide_as_by_hand() -> None:
    # n d = z sqrt(n d (1 - d)), so d = z^2 / (n + z^2).
    end = Z2 / (100 + Z2)

    assert difference_interval(0, 0, 100) == pytest.approx((-end, end))


def test_where_every_row_differs_one_way_the_interval_is_as_by_hand() -> None:
    # n (1 - d) = z sqrt(n (1 - d) (1 + d)), so d = (n - z^2) / (n + z^2).
    end = (10 - Z2) / (10 + Z2)

    assert difference_interval(10, 0, 10) == pytest.approx((end, 1))
    assert difference_interval(0, 10, 10) == pytest.approx((-1, -end))


@pytest.mark.parametrize(
    ("b", "c", "n"), [(3, 9, 60), (0, 1, 2), (40, 20, 160), (1, 0, 900), (0, 59, 60)]
)
def test_changing_places_turns_the_interval_round(b: int, c: int, n: int) -> None:
    low, high = difference_interval(b, c, n)

    assert difference_interval(c, b, n) == pytest.approx((-high, -low))
    assert -1 <= low <= (b - c) / n <= high <= 1


def test_the_rows_that_tell_two_shares_apart_are_those_of_the_estimator() -> None:
    theirs = items_to_tell_apart(0.81, 0.86, differing=0.15)

    assert rows_to_tell_apart(0.05, 0.15) == theirs.paired


def test_a_stricter_test_takes_more_rows() -> None:
    assert rows_to_tell_apart(0.05, 0.15, alpha=0.01) > rows_to_tell_apart(0.05, 0.15)


def test_rows_that_rule_out_a_loss_are_those_by_hand() -> None:
    # (1.95996 + 0.84162)^2 x 0.1 / 0.03^2 = 872.1
    assert rows_to_rule_out_loss(0.0, 0.1, 0.03) == 873
    # No row differs: 3.84146 x 0.97 / 0.03 = 124.2, and 125 rows do rule it out.
    assert rows_to_rule_out_loss(0.0, 0.0, 0.03) == 125
    assert difference_interval(0, 0, 125)[0] > -0.03 > difference_interval(0, 0, 124)[0]
