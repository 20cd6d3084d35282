"""Closed forms behind the results, against independent calculations."""

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import trapezoid

from collapse_lab import theory


def test_gaussian_moments_contain_the_known_ones():
    for ddof in (0, 1):
        sizes, t = [7] * 5, 4
        moments = {
            (0, 1): theory.expected_std(t, 7, ddof=ddof),
            (0, 2): theory.expected_variance(t, 7, ddof=ddof),
            (0, 4): theory.variance_second_moment(t, 7, ddof=ddof),
            (2, 0): theory.mean_square_of_mean(t, 7, ddof=ddof),
            (1, 2): 0.0,
        }
        for (a, b), expected in moments.items():
            assert theory.gaussian_moment(sizes, a, b, ddof=ddof) == pytest.approx(expected)


def test_gaussian_moments_agree_with_drawn_points():
    sizes, runs, rng = (5, 9, 6), 200_000, np.random.default_rng(1)
    mean, std = np.zeros(runs), np.ones(runs)
    for n in sizes:
        points = mean + std * rng.standard_normal((n, runs))
        mean, std = points.mean(axis=0), points.std(axis=0)
    for a, b in ((2, 2), (4, 0), (2, 1), (4, 1)):
        expected = theory.gaussian_moment(sizes, a, b)
        error = np.sqrt((theory.gaussian_moment(sizes, 2 * a, 2 * b) - expected**2) / runs)
        assert abs((mean**a * std**b).mean() - expected) < 4.9 * error


def test_wasserstein_moments():
    assert theory.squared_wasserstein_moment([20] * 30, 0) == pytest.approx(1.0)
    assert theory.squared_wasserstein_moment([20] * 30, 1) == pytest.approx(
        theory.expected_squared_wasserstein(29, 20)
    )
    sizes = [10**4] * 3
    first, second = (theory.squared_wasserstein_moment(sizes, k) for k in (1, 2))
    assert second - first**2 == pytest.approx(2.5 * (3 / 10**4) ** 2, rel=1e-3)


def test_variance_cdf_is_exact():
    level = np.array([0.01, 0.3, 1.0, 2.5])
    for n in (2, 3, 10):
        assert theory.variance_cdf(level, 0, n) == pytest.approx(
            stats.chi2.cdf(level * n, n - 1), abs=1e-6
        )
    # two fits to three points: the product of two exponentials of mean 2/3, by integration
    x = np.linspace(0, 30, 300_001)
    above = np.exp(-x - 2.25 * 0.3 / x.clip(min=1e-9))
    assert theory.variance_cdf(0.3, 1, 3) == pytest.approx(1 - trapezoid(above, x), abs=1e-4)
    median = theory.median_variance(50, 20, ddof=1)
    assert theory.variance_cdf(median, 50, 20, ddof=1) == pytest.approx(0.5, abs=1e-5)
    assert theory.variance_cdf(1e-3, 99, 10) == pytest.approx(
        theory.collapse_probability(1e-3, 99, 10), abs=0.01
    )


def test_displacement_bound_is_the_sum_of_the_steps():
    later = np.arange(7, 4000)
    steps = np.sqrt(2 / (np.pi * 12)) * theory.expected_std(later, 12, ddof=1)
    assert theory.mean_displacement_bound(7, 12) == pytest.approx(steps.sum())


def test_median_first_passage_is_that_of_brownian_motion():
    n, level = 400, 0.5
    drift, spread = theory.log_variance_drift(n), theory.log_variance_spread(n)
    median = theory.median_first_passage(level, n)
    distance = -drift * theory.mean_first_passage(level, n)
    ahead = (-distance - drift * median) / np.sqrt(spread * median)  # reflection principle
    behind = (-distance + drift * median) / np.sqrt(spread * median)
    passed = stats.norm.cdf(ahead) + np.exp(2 * distance * -drift / spread) * stats.norm.cdf(behind)
    assert passed == pytest.approx(0.5)


def test_trace_moments():
    mean, spread = theory.trace_moments(6, 9, 1)
    assert mean == pytest.approx(1.0)
    assert spread == pytest.approx(theory.variance_second_moment(6, 9, ddof=1) - 1)
    assert theory.trace_moments(0, 9, 4) == pytest.approx((4.0, 2 * 4 / 8))  # chi-square, 4 x 8
    assert theory.trace_moments(2, 9, 4, ddof=0)[0] == pytest.approx(4 * (8 / 9) ** 3)


def test_diversity_and_distance_add_up():
    p, t = np.array([0.5, 0.3, 0.2]), np.arange(10)
    total = theory.expected_squared_distance(t, 8, p) + theory.expected_heterozygosity(t, 8, p)
    assert total == pytest.approx(1 - np.square(p).sum())


def test_fixation_probability():
    assert theory.fixation_probability(0.3) == 0.3
    p = np.array([0.2, 0.7])
    assert theory.fixation_probability(p, t=0, n=4) == pytest.approx(p**4)
    assert theory.fixation_probability(p, t=500, n=10) == pytest.approx(p)
    with pytest.raises(ValueError, match="t and n must be given together, got t=3 and n=None"):
        theory.fixation_probability(0.3, t=3)


def test_no_collapse_bounds_enclose_the_exact_chance():
    p, n = np.array([0.3, 0.7]), 12
    for t in (0, 3, 20, 60):
        exact = 1 - theory.fixation_probability(p, t=t, n=n).sum()
        lower, upper = theory.no_collapse_bounds(t, n, p)
        assert lower <= exact <= upper
        assert upper <= n * (1 - np.square(p).sum()) * (1 - 1 / n) ** (t + 1)
    start = stats.binom.pmf(np.arange(n + 1), n, 0.3)
    exact = 1 + start @ theory.mean_absorption_time(n)
    lower, upper = theory.mean_collapse_time_bounds(n, p)
    assert lower <= exact <= upper


def test_coalescence_time_of_few_symbols():
    assert theory.coalescence_time(2) == pytest.approx(2.0)
    assert theory.coalescence_time(3) == pytest.approx(27 / 7)  # by hand
    assert theory.kingman_time(2) == pytest.approx(2.0)
    assert theory.coalescence_time(100) == pytest.approx(theory.kingman_time(100), rel=0.01)


def test_innovation():
    u, n = 0.03, 25
    f = theory.homozygosity_with_innovation(u, n)
    assert 1 / n + (1 - 1 / n) * (1 - u) ** 2 * f == pytest.approx(f)  # stationary
    assert theory.homozygosity_with_innovation(0.0, n) == pytest.approx(1.0)
    assert theory.homozygosity_with_innovation(1 / 10**6, 10**6) == pytest.approx(1 / 3, rel=1e-4)
    assert theory.ewens_types(2.0, 3) == pytest.approx(1 + 2 / 3 + 2 / 4)


def test_fresh_data():
    p, n, m = np.array([0.5, 0.3, 0.2]), 10, 0.2
    s = np.square(p).sum()
    f = theory.homozygosity_with_fresh_data(m, n, p)
    blended = (1 - m) ** 2 * f + (1 - (1 - m) ** 2) * s
    assert 1 / n + (1 - 1 / n) * blended == pytest.approx(f)  # stationary
    f = theory.homozygosity_under_mix(2, n, p)
    pairs = 2 * 1 * s + 8 * 7 * f + 2 * 2 * 8 * s  # real and real, copied and copied, mixed
    assert (n + pairs) / n**2 == pytest.approx(f)
    all_real = 1 / n + (1 - 1 / n) * s
    assert theory.homozygosity_under_mix(n, n, p) == pytest.approx(all_real)
    assert theory.homozygosity_with_fresh_data(1.0, n, p) == pytest.approx(all_real)


def test_kept_data():
    p, n_real, n, m = np.array([0.4, 0.4, 0.2]), 10, 40, np.arange(8)
    s, a = np.square(p).sum(), 0.8
    b = a * ((1 + 1 / n_real) * a - 1 / n_real)
    theorem = (1 + 2 * a - (1 - 1 / n_real) * a * b**m) / n_real
    theorem += (1 - 1 / n_real) * s * (1 + a + a * b**m / n_real)
    theorem /= 1 + (1 + 1 / n_real) * a
    f = theory.homozygosity_under_keep(m, n_real, n, p)
    assert f == pytest.approx(theorem)
    # the mean of the chain is the fit to the real data, so that distance² = E[sum p²] - S_0
    limit = theory.homozygosity_under_keep(10_000, n_real, n, p) - f[0]
    assert theory.squared_distance_under_keep(n_real, n, p) == pytest.approx(limit)


def test_smoothing():
    assert theory.squared_distance_when_smoothed(0.0, 50, 4) == pytest.approx(0.75)  # one is left
    a, d = 50 / 54, theory.squared_distance_when_smoothed(1.0, 50, 4)
    assert a**2 * (d + (0.75 - d) / 50) == pytest.approx(d)  # stationary


def test_tempering():
    assert theory.tempering_growth(0.8) == pytest.approx(1.25)
    assert theory.tempering_growth(0.8, 0.2) == pytest.approx(1.0)
    with pytest.raises(ValueError, match=r"fraction must lie in \[0, 1\], got 2"):
        theory.tempering_growth(0.8, 2)


def test_unseen_mass():
    p = np.array([0.5, 0.3, 0.2])
    assert theory.unseen_mass(2, p) == pytest.approx(0.5 * 0.25 + 0.3 * 0.49 + 0.2 * 0.64)
    world = theory.zipf(2.0, 10**6)
    assert world.sum() == pytest.approx(1.0)
    assert world[0] / world[9] == pytest.approx(100.0)
    for n in (10**3, 10**5):
        assert theory.zipf_unseen_mass(n, 2.0) == pytest.approx(
            theory.unseen_mass(n, world), rel=2e-3
        )
        seen = -np.expm1(n * np.log1p(-world[1:])).sum() + 1
        assert theory.zipf_types_seen(n, 2.0) == pytest.approx(seen + 0.5, rel=1e-3)


def test_lost_mass():
    p = theory.zipf(1.5, 10_000)
    assert theory.lost_mass(0, 5000, p) == pytest.approx(theory.unseen_mass(5000, p), rel=1e-3)
    t = np.array([[0, 3], [9, 9]])
    lost = theory.lost_mass(t, 5000, p)
    assert lost.shape == (2, 2)
    assert lost[1, 0] == pytest.approx(
        (p * np.exp(-5000 * p * theory.survival_generating(9))).sum()
    )


def test_half_of_the_expected_variance_lies_above_the_size_biased_median():
    # One fit, exactly: weighted by its size, (n - 1) times the variance is chi² on n + 1 degrees.
    for n in (30, 100):
        level = theory.size_biased_median_variance(0, n, ddof=1)
        below = stats.chi2.cdf((n - 1) * level, n + 1)
        assert below == pytest.approx(0.5, abs=5e-4)  # next order: 1/n²
    # Many fits, by integration of x f(x) = level - the integral of the distribution function.
    level = theory.size_biased_median_variance(9, 20)
    x = np.linspace(1e-4, level, 400)
    held = level * theory.variance_cdf(level, 9, 20) - trapezoid(theory.variance_cdf(x, 9, 20), x)
    assert held / theory.expected_variance(9, 20) == pytest.approx(0.5, abs=2e-3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: theory.gaussian_moment([1], 0, 1), "sizes must be .* at least 2, got 1"),
        (lambda: theory.gaussian_moment([5], -1, 1), "mean_power must be .* at least 0, got -1"),
        (lambda: theory.gaussian_moment([5], 0, -1), "std_power must be .* at least 0, got -1"),
        (lambda: theory.homozygosity_with_innovation(2, 5), r"rate must lie in \[0, 1\], got 2"),
        (lambda: theory.ewens_types(0, 5), r"theta must lie in \(0, inf\), got 0"),
        (lambda: theory.kingman_time(1), "n must be .* at least 2, got 1"),
        (lambda: theory.coalescence_time(1), "n must be .* at least 2, got 1"),
        (lambda: theory.zipf(-1.0, 5), r"exponent must lie in \[0, inf\), got -1"),
        (lambda: theory.zipf(1.0, 0), "n_types must be .* at least 1, got 0"),
        (lambda: theory.zipf_unseen_mass(10, 1.0), r"exponent must lie in \(1, inf\), got 1"),
        (lambda: theory.zipf_types_seen(10, 1.0), r"exponent must lie in \(1, inf\), got 1"),
        (lambda: theory.variance_cdf(np.nan, 1, 5), "level must hold finite numbers, got nan"),
        (lambda: theory.homozygosity_under_mix(0, 5, [1.0]), "n_real must be .* 1, got 0"),
        (lambda: theory.homozygosity_with_fresh_data(-1, 5, [1.0]), "fraction must lie in"),
    ],
)
def test_arguments_are_checked(call, message):
    with pytest.raises(ValueError, match=message):
        call()
