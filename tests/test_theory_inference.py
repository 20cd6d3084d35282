"""Closed forms about inference from made data, against simulations and known cases."""

import re

import numpy as np
import pytest
from scipy import stats

from collapse_lab import theory


def test_coverage_of_few_made_records_is_nominal():
    assert theory.synthetic_coverage(1e-12) == pytest.approx(0.95)
    assert theory.synthetic_coverage(1e-12, confidence=0.8) == pytest.approx(0.8)
    assert theory.synthetic_coverage(1) == pytest.approx(0.8342, abs=5e-5)
    assert theory.synthetic_coverage(1, parameter_draws=True) == pytest.approx(0.7422, abs=5e-5)
    assert np.all(np.diff(theory.synthetic_coverage([0.1, 1.0, 10.0])) < 0)


@pytest.mark.parametrize("n_sets", [2, 5, 50])
def test_combined_coverage_by_simulation(n_sets):
    runs, rng = 100_000, np.random.default_rng(1)
    between = 2 * rng.chisquare(n_sets - 1, runs) / (n_sets - 1)
    total = np.maximum((1 + 1 / n_sets) * between - 1, 0)
    estimate = np.sqrt(1 + 2 / n_sets) * rng.standard_normal(runs)
    share = (np.abs(estimate) <= stats.norm.ppf(0.975) * np.sqrt(total)).mean()
    expected = theory.combined_coverage(n_sets)
    assert abs(share - expected) <= 4.9 * np.sqrt(expected * (1 - expected) / runs)


def test_many_sets_cover_as_promised():
    assert theory.combined_coverage(5000) == pytest.approx(0.95, abs=5e-4)
    assert theory.combined_coverage(5000, confidence=0.5) == pytest.approx(0.5, abs=5e-4)


def test_tstr_error_is_two_errors():
    assert theory.tstr_error(60, 30, 10) == pytest.approx(10 / 49 + 10 / 19)
    assert theory.tstr_error(60, 10**9, 10, noise=2.0) == pytest.approx(4 * 10 / 49)
    with pytest.raises(ValueError, match=re.escape("n_synthetic must be more than d + 1 = 11")):
        theory.tstr_error(60, 11, 10)


def test_prediction_powered_variance():
    form = theory.prediction_powered_variance(50, 10**12, prediction_var=3.0, residual_var=0.2)
    assert form == pytest.approx(0.2 / 50)
    assert theory.prediction_powered_variance(50, 100, residual_var=0.0) == 0.01
    assert theory.prediction_powered_variance(50, 100, prediction_var=0.0) == 0.02


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: theory.prediction_powered_variance(1, 9),
            "n must be a whole number of at least 2, got 1",
        ),
        (
            lambda: theory.prediction_powered_variance(9, 0),
            "n_unlabeled must be a whole number of at least 1, got 0",
        ),
        (lambda: theory.combined_coverage(1), "n_sets must be a whole number of at least 2, got 1"),
        (
            lambda: theory.synthetic_coverage(1, confidence=1.0),
            "confidence must lie in (0, 1), got 1",
        ),
        (lambda: theory.synthetic_coverage(0), "ratio must lie in (0, inf), got 0"),
    ],
)
def test_wrong_arguments(call, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        call()
