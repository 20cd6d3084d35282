"""Closed forms about filling gaps, against integrals and the best of all thresholds."""

import re

import numpy as np
import pytest
from scipy import integrate, optimize, special, stats

from collapse_lab import theory


@pytest.mark.parametrize("n", [2, 9, 100])
def test_interpolation_narrows_by_the_two_factors_of_its_derivation(n: int) -> None:
    within = 2 / 3 - 1 / (3 * (n - 1))  # of a new point, given the sample; u (1 - u) is 1/6
    assert theory.smote_variance(1, n) == pytest.approx((1 - 1 / n) * within)
    assert theory.smote_variance(3, n) == pytest.approx(theory.smote_variance(1, n) ** 3)
    assert theory.smote_variance(0, n) == 1


def test_two_points_by_hand() -> None:
    # Both new points lie on one line: their variance is that of two uniform draws, 1/24 of the
    # squared length, which is 4 times the variance of the two old ones.
    assert theory.smote_variance(1, 2) == pytest.approx(4 / 24)


@pytest.mark.parametrize("share", [0.05, 0.5, 0.8])
def test_the_right_share_gives_the_smallest_error_of_all_thresholds(share: float) -> None:
    gap = 1.7

    def error(threshold: float) -> float:
        missed = stats.norm.cdf(threshold, gap / 2)
        return float(share * missed + (1 - share) * stats.norm.sf(threshold, -gap / 2))

    best = optimize.minimize_scalar(error, bounds=(-6, 6), method="bounded")
    assert theory.error_when_assumed(share, share, gap) == pytest.approx(best.fun, rel=1e-6)
    wrong = error(-special.logit(0.3) / gap)
    assert theory.error_when_assumed(share, 0.3, gap) == pytest.approx(wrong)


def test_the_share_that_counts_is_one_over_the_mean_square_of_the_weights() -> None:
    for shift in (0.0, 0.5, 1.5):
        square, _ = integrate.quad(
            lambda x, d=shift: np.exp(2 * (d * x - d**2 / 2)) * stats.norm.pdf(x), -20, 20
        )
        assert theory.effective_share(shift) == pytest.approx(1 / square, rel=1e-8)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: theory.smote_variance(1, 1), "n must be a whole number of at least 2, got 1"),
        (lambda: theory.error_when_assumed(1.0, 0.5, 1.0), "share must lie in (0, 1), got 1"),
        (lambda: theory.error_when_assumed(0.5, 0.0, 1.0), "assumed must lie in (0, 1), got 0"),
        (lambda: theory.error_when_assumed(0.5, 0.5, 0.0), "gap must lie in (0, inf), got 0"),
    ],
)
def test_wrong_arguments(call, message) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        call()
