"""The closed forms that the course builds on, against scipy's laws and cases known by hand.

That chains follow them is tested with the engine and the policies; the published results, each
with its own measurement, are tested with the results.
"""

import re
from inspect import signature

import numpy as np
import pytest
from scipy import stats

from collapse_lab import theory

N, T = 20, np.arange(6)


def fitted_variance(n, ddof):
    """Law of the variance that is fitted to n standard normal points."""
    return stats.gamma((n - 1) / 2, scale=2 / (n - ddof))


BAD = {  # for each argument: a wrong value, and how the message begins
    "t": (-1, "t must hold whole numbers of at least 0, got -1"),
    "n": (0, "n must be a whole number of at least"),
    "ddof": (2, "ddof must be 0 or 1, got 2"),
    "p": ([0.5, 1.5], "p must lie in [0, 1], got 1.5"),
    "q": (1.0, "q must lie in (0, 1), got 1"),
    "level": (0.0, "level must lie in (0, inf), got 0"),
    "fraction": (1.5, "fraction must lie in [0, 1], got 1.5"),
    "weight": (1.5, "weight must lie in "),
    "factor": (0.0, "factor must lie in (0, "),
    "shift": (np.nan, "shift must hold finite numbers, got nan"),
    "with_replacement": (1, "with_replacement must be True or False, got 1"),
    "n_first": (1, "n_first must be a whole number of at least 2, got 1"),
    "n_synthetic": (-1, "n_synthetic must be a whole number of at least"),
    "ridge": (0.0, "ridge must lie in (0, inf), got 0"),
    "ratio": (0.0, "ratio must lie in (0, "),
    "noise": (-1.0, "noise must lie in [0, inf], got -1"),
    "norm": (-1.0, "norm must lie in [0, inf], got -1"),
    "bias": (-1.0, "bias must lie in [0, inf], got -1"),
    "label_error": (-1.0, "label_error must lie in [0, inf], got -1"),
    "share": (1.5, "share must lie in"),  # the low end is open for some
    "rows": ("all", "rows must be 'once' or 'same' or 'random', got 'all'"),
    "rate": (-0.1, "rate must lie in [0, 1], got -0.1"),
    "theta": (0.0, "theta must lie in (0, inf), got 0"),
    "smoothing": (-1.0, "smoothing must lie in [0, inf], got -1"),
    "temperature": (0.0, "temperature must lie in (0, inf), got 0"),
    "exponent": (-1.0, "exponent must lie in "),
    "counts": ([-1.0, 2.0], "counts must lie in [0, inf], got -1"),
    "c": (0.0, "c must lie in (0, inf), got 0"),
    "expected_count": (0.0, "expected_count must lie in (0, inf), got 0"),
    "bandwidth": (-1.0, "bandwidth must lie in (0, inf), got -1.0"),
    "rule": ("wide", "rule must be 'silverman' or 'scott', got 'wide'"),
    "d": (0, "d must be a whole number of at least 1, got 0"),
    "k": (0, "k must be a whole number of at least 1, got 0"),
    "n_real": (0, "n_real must be a whole number of at least"),
    "n_fresh": (-1, "n_fresh must be a whole number of at least 0, got -1"),
    "n_types": (0, "n_types must be a whole number of at least 1, got 0"),
    "sizes": ([1], "sizes must be a whole number of at least 2, got 1"),
    "mean_power": (-1, "mean_power must be a whole number of at least 0, got -1"),
    "std_power": (-1, "std_power must be a whole number of at least 0, got -1"),
    "power": (-1, "power must be a whole number of at least 0, got -1"),
    "m": (0, "m must hold whole numbers of at least 1, got 0"),
    "n_classes": (1, "n_classes must be a whole number of at least 2, got 1"),
    "distance": (1.5, "distance must lie in [0, 1], got 1.5"),
    "affinity": (1.5, "affinity must lie in [0, 1], got 1.5"),
    "sensitivity": (1.5, "sensitivity must lie in [0, 1], got 1.5"),
    "false_alarms": (-0.1, "false_alarms must lie in [0, 1], got -0.1"),
    "error": (1.5, "error must lie in [0, 1], got 1.5"),
    "kept_right": (1.5, "kept_right must lie in [0, 1], got 1.5"),
    "kept_wrong": (-0.5, "kept_wrong must lie in [0, 1], got -0.5"),
    "separation": (-1.0, "separation must lie in [0, inf], got -1"),
    "radius": (0.0, "radius must lie in (0, inf), got 0"),
    "mean": (np.nan, "mean must hold finite numbers, got nan"),
    "center": (np.inf, "center must hold finite numbers, got inf"),
    "reward": ([np.nan, 0.0], "reward must hold finite numbers, got nan"),
    "assumed": (1.0, "assumed must lie in (0, 1), got 1"),
    "gap": (0.0, "gap must lie in (0, inf), got 0"),
    "n_sets": (1, "n_sets must be a whole number of at least 2, got 1"),
    "n_unlabeled": (0, "n_unlabeled must be a whole number of at least 1, got 0"),
    "confidence": (1.0, "confidence must lie in (0, 1), got 1"),
    "parameter_draws": (1, "parameter_draws must be True or False, got 1"),
    "prediction_var": (-1.0, "prediction_var must lie in [0, inf], got -1"),
    "residual_var": (-1.0, "residual_var must lie in [0, inf], got -1"),
    "world": (-1.0, "world must lie in [0, inf], got -1"),
    "n_candidates": (0, "n_candidates must be a whole number of at least 1, got 0"),
    "information": (-1.0, "information must lie in [0, inf], got -1"),
    "correlation": (1.5, "correlation must lie in (-1, 1), got 1.5"),
    "spectrum": ([1.0, -0.5], "spectrum must lie in [0, inf], got -0.5"),
    "signal": ([np.nan, 1.0], "signal must hold finite numbers, got nan"),
    "kept": ([np.nan, 1.0], "kept must hold finite numbers, got nan"),
    "blend": (np.inf, "blend must hold finite numbers, got inf"),
    "coef": ([np.nan, 1.0], "coef must hold finite numbers, got nan"),
    "surrogate": ([np.nan, 1.0], "surrogate must hold finite numbers, got nan"),
    "teacher": ([np.nan, 1.0], "teacher must hold finite numbers, got nan"),
    "truth": ([np.nan, 1.0], "truth must hold finite numbers, got nan"),
    "mu": ([np.nan, 1.0], "mu must hold finite numbers, got nan"),
    "steps": (0, "steps must be a whole number of at least 1, got 0"),
    "strength": (0.0, "strength must lie in (0, inf), got 0"),
    "visible": (1.5, "visible must lie in [0, 1], got 1.5"),
    "tolerance": (0.0, "tolerance must lie in (0, inf), got 0"),
    "student": ([np.nan, 0.0], "student must hold finite numbers, got nan"),
    "spread": (0.0, "spread must lie in (0, inf), got 0"),
    "probabilities": ([[0.5, 0.6]], "probabilities must have rows of shares that sum to 1"),
    "losses": ([[np.nan, 0.0]], "losses must hold finite numbers, got nan"),
    "n_parameters": (0.0, "n_parameters must lie in (0, inf), got 0"),
    "n_tokens": (-1.0, "n_tokens must lie in (0, inf), got -1"),
    "start": ([np.nan, 0.5], "start must hold finite numbers, got nan"),
    "transitions": ([[[0.5, 0.6], [0.5, 0.5]]], "transitions must hold shares that sum to 1"),
    "words": ([0, 2], "words must hold 2 numbers below 2 for each chain, got [0, 2]"),
}
GOOD = {"t": 3, "n": 10, "p": [0.5, 0.5], "q": 0.5, "level": 0.5, "fraction": 0.1, "rate": 0.1}
GOOD |= {"theta": 1.0, "smoothing": 0.1, "temperature": 0.9, "exponent": 2.0, "c": 1.0, "d": 2}
GOOD |= {"k": 3, "n_real": 5, "n_types": 4, "sizes": [5], "mean_power": 2, "std_power": 0}
GOOD |= {"power": 1, "expected_count": 3.0, "bandwidth": 0.5, "rule": "silverman"}
GOOD |= {"weight": 0.5, "factor": 0.9, "shift": 0.1, "n_synthetic": 5}
GOOD |= {"ridge": 0.1, "ratio": 0.5, "noise": 1.0, "norm": 1.0, "bias": 0.5, "label_error": 0.1}
GOOD |= {"share": 0.1, "rows": "once"}
GOOD |= {"n_fresh": 2}
GOOD |= {"m": 3, "distance": 0.2, "affinity": 0.9, "sensitivity": 0.9}
GOOD |= {"false_alarms": 0.05, "error": 0.6, "kept_right": 0.9, "kept_wrong": 0.3}
GOOD |= {"separation": 1.0, "radius": 1.0, "mean": 0.0, "center": 0.8, "reward": [0.0, 1.0]}
GOOD |= {"world": 1.0, "assumed": 0.3, "gap": 1.0}
GOOD |= {"world": 1.0}
GOOD |= {"n_candidates": 8, "information": 1.0, "correlation": 0.9}
GOOD |= {"world": 1.0, "spectrum": [1.0, 0.5], "signal": [1.0, 0.2], "kept": [0.9, 0.5]}
GOOD |= {"blend": 0.5, "coef": [1.0, 0.2], "surrogate": [1.0, 0.1], "teacher": [1.0, 0.3, 0.2]}
GOOD |= {"truth": [1.0, 0.2, 0.0], "mu": [1.0, 0.5], "steps": 2, "strength": 1.0}
GOOD |= {"visible": 0.5, "tolerance": 0.01}
GOOD |= {"n_sets": 5, "n_unlabeled": 20, "confidence": 0.9, "parameter_draws": True}
GOOD |= {"prediction_var": 0.5, "residual_var": 0.2}
GOOD |= {"student": [0.0, 1.0, 0.5], "spread": 2.0, "n_classes": 10}
GOOD |= {"probabilities": [[0.5, 0.5]], "losses": [[1.0, 2.0]]}
GOOD |= {"n_parameters": 1e9, "n_tokens": 2e10}
GOOD |= {"start": [0.5, 0.5], "transitions": [[[0.5, 0.5], [0.5, 0.5]]], "words": [0, 1]}
OWN = {"interpolation_error": {"n": 2}}  # needs n <= d
GOOD |= {"power": 1, "counts": [1, 2]}
ARGUMENTS = [
    (form, name) for form in theory.__all__ for name in signature(getattr(theory, form)).parameters
]


@pytest.mark.parametrize(("form", "name"), ARGUMENTS)
def test_every_argument_of_every_form_has_its_rule(form, name):
    function = getattr(theory, form)
    good = {x: GOOD[x] for x in signature(function).parameters if x in GOOD} | OWN.get(form, {})
    assert np.isfinite(function(**good)).all()
    wrong, message = BAD[name]
    with pytest.raises(ValueError, match=re.escape(message)):
        function(**{**good, name: wrong})


def test_rules_that_a_wider_rule_does_not_know():
    with pytest.raises(ValueError, match="n must be a whole number of at least 2, got 1"):
        theory.c4(1)
    with pytest.raises(ValueError, match=re.escape("level must lie in (0, 1], got 1.5")):
        theory.mean_first_passage(1.5, 100)
    with pytest.raises(ValueError, match=re.escape("exponent must lie in (1, inf), got 1.0")):
        theory.zipf_types_seen(100, 1.0)
    with pytest.raises(ValueError, match="p must hold finite numbers, got nan"):
        theory.expected_types(0, 10, [0.5, np.nan])
    with pytest.raises(ValueError, match=re.escape("share must lie in (0, 1], got 0.0")):
        theory.most_likely_variance(0.0, 2)
    with pytest.raises(ValueError, match=re.escape("share must lie in [0, 1], got -0.1")):
        theory.edited_labels_error(1, -0.1, rows="once")
    with pytest.raises(ValueError, match="t and n must be given together"):
        theory.fixation_probability(0.5, t=3)


@pytest.mark.parametrize("n", [2, 5, 100])
def test_c4_is_the_mean_of_a_scaled_chi(n):
    assert theory.c4(n) == pytest.approx(stats.chi(n - 1).mean() / np.sqrt(n - 1), rel=1e-12)


@pytest.mark.parametrize("ddof", [0, 1])
def test_moments_are_powers_of_those_of_one_fit(ddof):
    one, fits = fitted_variance(N, ddof), T + 1
    expected = theory.expected_variance(T, N, ddof=ddof)
    np.testing.assert_allclose(expected, one.mean() ** fits, rtol=1e-12)
    square = theory.variance_second_moment(T, N, ddof=ddof)
    np.testing.assert_allclose(square, one.moment(2) ** fits, rtol=1e-12)
    root = one.expect(np.sqrt)
    np.testing.assert_allclose(theory.expected_std(T, N, ddof=ddof), root**fits, rtol=1e-7)


@pytest.mark.parametrize("ddof", [0, 1])
@pytest.mark.parametrize("n", [2, 20])
def test_steps_of_the_log_variance(n, ddof):
    law = stats.loggamma((n - 1) / 2, loc=np.log(2 / (n - ddof)) if n > ddof else 0)
    assert theory.log_variance_drift(n, ddof=ddof) == pytest.approx(law.mean(), rel=1e-10)
    assert theory.log_variance_spread(n) == pytest.approx(law.var(), rel=1e-10)


def test_the_mean_hides_the_typical_path():
    assert theory.expected_variance(1000, 100, ddof=1) == 1
    assert theory.median_variance(1000, 100, ddof=1) < 1e-4


@pytest.mark.parametrize("ddof", [0, 1])
def test_median_variance_after_one_fit(ddof):
    # Twice the fits, half the error: the correction is the first term of a series.
    errors = []
    for n in (20, 40, 80):
        exact = np.log(fitted_variance(n, ddof).median())
        errors.append(abs(np.log(theory.median_variance(0, n, ddof=ddof)) - exact))
        plain = abs(theory.log_variance_drift(n, ddof=ddof) - exact)
        assert errors[-1] < plain / 10
    assert errors[0] > 3 * errors[1] > 9 * errors[2]


def test_quantiles_and_probabilities_by_the_central_limit_theorem():
    t, n, q = 99, 10, np.array([0.01, 0.5, 0.9])
    levels = np.exp(theory.log_variance_quantile(q, t, n))
    np.testing.assert_allclose(
        [theory.collapse_probability(level, t, n) for level in levels], q, rtol=1e-10
    )
    # After one fit the law is known; the error is below that of Berry and Esseen.
    law = fitted_variance(n, 0)
    center, spread = theory.log_variance_drift(n), theory.log_variance_spread(n)
    third = law.expect(lambda x: np.abs(np.log(x) - center) ** 3)
    bound = 0.4748 * third / spread**1.5
    for level in (0.3, 0.9, 1.5):
        gap = theory.collapse_probability(level, 0, n) - law.cdf(level)
        assert abs(gap) <= bound


def test_expected_distance_is_made_of_its_parts():
    # E mean² + E (std - 1)² with E variance = 1
    mean2, std = theory.mean_square_of_mean(T, N, ddof=1), theory.expected_std(T, N, ddof=1)
    expected = mean2 + 1 - 2 * std + 1
    np.testing.assert_allclose(theory.expected_squared_wasserstein(T, N), expected, rtol=1e-12)


def test_what_the_variance_loses_the_mean_gains():
    total = theory.expected_variance(T, N) + theory.mean_square_of_mean(T, N)
    np.testing.assert_allclose(total, 1, rtol=1e-12)


def test_accumulation_stops_the_loss():
    x = np.pi / np.sqrt(N)
    expected = theory.expected_variance_accumulate([0, 1, 100_000], N)
    np.testing.assert_allclose(expected[:2], [1 - 1 / N, (1 - 1 / N) * (1 - 1 / (4 * N))])
    assert expected[2] == pytest.approx(np.sin(x) / x, abs=1 / (N * 100_000))  # what is left out


@pytest.mark.parametrize("c", [0.1, 1.0, 2.0, 6.0])
def test_truncated_variance_is_that_of_scipy(c):
    assert theory.truncated_variance(c) == pytest.approx(stats.truncnorm(-c, c).var(), rel=1e-6)


def test_critical_inflation_cancels_the_drift():
    for n in (10, 100):
        factor = theory.critical_inflation(n)
        assert np.log(factor) == pytest.approx(-theory.log_variance_drift(n, ddof=1), rel=1e-12)
        assert factor - 1 == pytest.approx(1 / (n - 1), rel=2 / n)


@pytest.mark.parametrize("ddof", [0, 1])
def test_log_det_drift_is_a_sum_over_bartletts_chi_squares(ddof):
    assert theory.log_det_drift(N, 1, ddof=ddof) == theory.log_variance_drift(N, ddof=ddof)
    steps = [stats.loggamma((N - i) / 2, loc=np.log(2 / (N - ddof))).mean() for i in (1, 2, 3)]
    assert theory.log_det_drift(N, 3, ddof=ddof) == pytest.approx(sum(steps), rel=1e-10)


def test_mean_first_passage_is_wald_with_siegmunds_overshoot():
    n, level = 100, 0.5
    drift, spread = theory.log_variance_drift(n), theory.log_variance_spread(n)
    expected = (np.log(4) + 0.5826 * np.sqrt(spread)) / -drift
    assert theory.mean_first_passage(level, n) == pytest.approx(expected, rel=1e-4)


def test_heterozygosity_of_the_world_falls_with_each_fit():
    p = [0.5, 0.3, 0.2]
    expected = theory.expected_heterozygosity([0, 1], 10, p)
    np.testing.assert_allclose(expected, [0.62 * 0.9, 0.62 * 0.81], rtol=1e-12)


def test_survival_generating():
    g = theory.survival_generating(np.arange(2000))
    assert g[0] == 1
    np.testing.assert_allclose(g[1:], 1 - np.exp(-g[:-1]), rtol=1e-12)
    fits = np.arange(1, 2001)
    assert ((g >= 1 / fits) & (g <= 3 / fits)).all()
    assert g[-1] * 2000 == pytest.approx(2, rel=0.01)
    assert theory.survival_generating(5) == g[5]


def test_expected_types_of_one_fit_up_to_the_poisson_error():
    n, p = 50, np.array([0.9, 0.05, 0.03, 0.02])
    exact = (1 - (1 - p) ** n).sum()
    assert abs(theory.expected_types(0, n, p) - exact) <= n * np.square(p[1:]).sum()  # Le Cam
    assert theory.expected_types(np.arange(6).reshape(2, 3), n, p).shape == (2, 3)


@pytest.mark.parametrize("n", [1, 7, 300])
def test_wright_fisher_rows_are_binomial(n):
    counts = np.arange(n + 1)
    expected = stats.binom.pmf(counts[None], n, counts[:, None] / n)
    np.testing.assert_allclose(theory.wright_fisher_matrix(n), expected, rtol=1e-9, atol=1e-300)


def test_mean_absorption_time_by_hand():
    # n = 2: from one of each, half of the fits end it. n = 3: a third does, from either state.
    np.testing.assert_allclose(theory.mean_absorption_time(2), [0, 2, 0], rtol=1e-12)
    np.testing.assert_allclose(theory.mean_absorption_time(3), [0, 3, 3, 0], rtol=1e-12)
    assert theory.mean_absorption_time(1).tolist() == [0, 0]


@pytest.mark.parametrize(("share", "excess"), [(0.5, 0.015), (0.1, 0.025), (0.01, 0.063)])
def test_diffusion_is_a_little_too_slow(share, excess):
    exact = theory.mean_absorption_time(100)[round(100 * share)]
    ratio = theory.diffusion_absorption_time(share, 100) / exact
    assert ratio - 1 == pytest.approx(excess, abs=0.0005)
    assert theory.diffusion_absorption_time([0, 1], 100).tolist() == [0, 0]


@pytest.mark.parametrize("correlation", [-0.5, 0.0, 0.99])
def test_information_of_normal_numbers_is_a_difference_of_entropies(correlation):
    joint = stats.multivariate_normal(cov=[[1, correlation], [correlation, 1]])
    expected = 2 * stats.norm.entropy() - joint.entropy()
    assert theory.gaussian_information(correlation) == pytest.approx(expected, abs=1e-12)


def test_a_choice_shows_no_more_than_there_is_to_know():
    assert theory.infonce_bound(8, 1.0) == 1.0
    assert theory.infonce_bound(2, 1.0) == pytest.approx(np.log(2))
    assert theory.infonce_bound(1, 5.0) == 0
