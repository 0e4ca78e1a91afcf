"""Intervals against published and simple cases.

Example run: python -m pytest tests/evaluation/test_statistics.py -v
"""

import pytest

from lib.evaluation.metrics import RowScore
from lib.evaluation.statistics import field_f1_interval, share_interval


def test_wilson_interval_of_a_half():
    assert share_interval(50, 100) == pytest.approx((0.4038, 0.5962), abs=1e-4)


def test_wilson_interval_stays_inside_at_both_ends():
    assert share_interval(0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)
    assert share_interval(20, 20) == pytest.approx((0.8389, 1.0), abs=1e-4)


def test_field_f1_interval_is_a_point_when_all_rows_are_alike():
    rows = [RowScore(False, True, pairs_right=1, pairs_given=2, pairs_wanted=2)] * 30

    assert field_f1_interval(rows) == pytest.approx((0.5, 0.5))


def test_field_f1_interval_holds_the_f1_and_is_the_same_every_time():
    good = RowScore(True, True, pairs_right=2, pairs_given=2, pairs_wanted=2)
    bad = RowScore(False, False, pairs_right=0, pairs_given=0, pairs_wanted=2)
    rows = [good] * 30 + [bad] * 30

    low, high = field_f1_interval(rows)

    assert 0.5 < low < 2 * 60 / (60 + 120) < high < 0.8
    assert (low, high) == field_f1_interval(rows)
