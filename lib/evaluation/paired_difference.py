"""The difference of two shares of right rows, where both were measured on the same rows.

Interval: Tango's score interval (Tango 1998, "Equivalence test and confidence interval for the
difference in proportions for the paired-sample design", Statistics in Medicine 17, 891-908), which
Fagerland, Lydersen and Laake (2014, Statistics in Medicine 33, 2850-2875) recommend for paired
shares. It holds the differences d that a score test keeps:

    |b - c - n d| <= z sqrt(n (2 q + d (1 - d)))

with n rows, b of them right the first way alone, c the second way alone, and q the likeliest share
of the latter if the true difference is d, the larger root of
    2n q^2 + ((2n - b + c) d - b - c) q - c d (1 - d) = 0.

The numbers of rows are normal approximations for a measurement still to be made, with the shares
that were seen, and no promise.
"""

from math import ceil, sqrt
from statistics import NormalDist

from scipy.optimize import brentq

from lib.evaluation.statistics import Interval

_EDGE = 1e-12  # the score is not defined at a difference of exactly -1 and 1
_POWER = 0.8


def difference_interval(
    only_first: int, only_second: int, rows: int, confidence: float = 0.95
) -> Interval:
    """Return the interval of the first way's share of right rows less the second way's, -1 to 1.

    `only_first` rows were right the first way alone, `only_second` the second way alone.
    """
    z = _two_sided(1 - confidence)
    seen = (only_first - only_second) / rows

    def beyond(difference: float, sign: int) -> float:
        return _score(only_first, only_second, rows, difference) - sign * z

    # The score falls from above z to below -z as the assumed difference rises, 0 at what was seen.
    low = -1.0 if seen <= -1 else float(brentq(beyond, _EDGE - 1, seen, args=(1,)))
    high = 1.0 if seen >= 1 else float(brentq(beyond, seen, 1 - _EDGE, args=(-1,)))
    return low, high


def rows_to_tell_apart(difference: float, differing: float, alpha: float = 0.05) -> int:
    """Return how many rows find a difference in a paired test, four times out of five.

    `differing` is the share of rows on which exactly one of the two is right. Connor (1987,
    Biometrics 43, 207-211): n = (z1 sqrt(s) + z2 sqrt(s - d^2))^2 / d^2.
    """
    z1, z2 = _two_sided(alpha), NormalDist().inv_cdf(_POWER)
    spread = sqrt(max(0.0, differing - difference**2))
    return _whole(((z1 * sqrt(differing) + z2 * spread) / difference) ** 2)


def rows_to_rule_out_loss(
    difference: float, differing: float, margin: float, alpha: float = 0.05
) -> int:
    """Return how many rows show, four times out of five, that the first way loses no more than `margin`.

    `difference` (the first way's share less the second's) has to be above -`margin`. The lower end
    of a normal interval, d - z1 sqrt((s - d^2) / n), shall lie above -margin, so
    n = (z1 + z2)^2 (s - d^2) / (d + margin)^2; and if hardly a row differs, as many as Tango's
    interval needs where none does, n = z1^2 (1 - margin) / margin.
    """
    z1, z2 = _two_sided(alpha), NormalDist().inv_cdf(_POWER)
    variance = max(0.0, differing - difference**2)
    usual = (z1 + z2) ** 2 * variance / (difference + margin) ** 2
    return _whole(max(usual, z1**2 * (1 - margin) / margin))


def _score(only_first: int, only_second: int, rows: int, difference: float) -> float:
    linear = (2 * rows - only_first + only_second) * difference - only_first - only_second
    constant = -only_second * difference * (1 - difference)
    root = sqrt(max(0.0, linear**2 - 8 * rows * constant))
    other = (root - linear) / (4 * rows)
    variance = rows * (2 * other + difference * (1 - difference))
    distance = only_first - only_second - rows * difference
    if variance <= 0:  # only where nothing differs and nothing is assumed to
        return 0.0
    return float(distance / sqrt(variance))


def _two_sided(alpha: float) -> float:
    return NormalDist().inv_cdf(1 - alpha / 2)


def _whole(rows: float) -> int:
    # A hair less, so that rounding inside the floating point never adds a row.
    return max(1, ceil(rows - 1e-9))
