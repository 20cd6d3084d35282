"""The closed forms of `theory.rates`, against independent calculations."""

import numpy as np
import pytest
from scipy import stats

import collapse_lab as cl
from collapse_lab import theory


def test_generating_numbers_keep_their_bounds():
    fits = np.arange(1, 3001)
    g = theory.survival_generating(fits - 1)
    assert (g >= 1 / fits).all()
    assert (g <= 3 / fits).all()
    assert fits[-1] * g[-1] == pytest.approx(2, abs=0.01)


def test_a_poisson_chain_survives_as_its_transition_matrix_says():
    top, count = 150, 3.0  # no mass to speak of beyond
    k = np.arange(top + 1)
    step = stats.poisson.pmf(k[None, :], k[:, None])
    law = stats.poisson.pmf(k, count)
    for t in range(6):
        assert theory.survival_probability(t, count) == pytest.approx(1 - law[0], abs=1e-9)
        law = law @ step


@pytest.mark.parametrize(("n", "p"), [(10, 0.3), (100, 0.01), (400, 0.005)])
def test_the_exact_chain_lies_between_the_bounds(n, p):
    for t in (0, 1, 5, 30):
        exact = 1 - theory.fixation_probability(1 - p, t=t, n=n)
        lower, upper = theory.survival_bounds(t, n, p)
        assert lower <= exact <= upper <= 1
    assert np.shape(theory.survival_bounds(np.arange(3), n, p)) == (2, 3)


def test_bounds_for_a_word_by_hand():
    # ten times in ten thousand words, 20 fits: g_20 = 0.0916, and 3np² + 3kp = 0.03 + 0.06
    lower, upper = theory.survival_bounds(19, 10_000, 0.001)
    assert lower == pytest.approx(0.600, abs=5e-4)
    assert 1 - upper == pytest.approx((1 - 0.09) * (1 - lower))
    assert theory.survival_probability(19, 10.0) == pytest.approx(lower)


def power_mean(law, power):
    return law.expect(lambda x: x**power)


def test_the_tail_bound_is_a_bound_and_its_rate_is_nearly_true():
    for n in (2, 3, 10, 100):
        t = np.array([5, 20, 80])
        moment = theory.expected_std(t, n, ddof=1) / 0.3  # Markov's inequality
        assert (np.minimum(moment, 1) <= theory.spread_tail_bound(0.3, t, n)).all()
    assert theory.spread_tail_bound(0.1, 0, 20) == 1.0
    # of the exact tail, over many fits
    n, t = 5, np.array([150, 200])
    tail = [1 - theory.variance_cdf(0.25, int(x), n, ddof=1) for x in t]
    slope = -np.diff(np.log(tail))[0] / 50
    prefactor = np.log(t[1] / t[0]) / 2 / 50  # the tail has a factor 1/√T besides
    assert theory.spread_decay_rate(n) == pytest.approx(slope - prefactor, rel=0.01)
    for n in (3, 20, 500):
        powers = np.linspace(0.9, 1.1, 41)  # the moments of a chi law, by integration
        one = stats.chi(n - 1, scale=1 / np.sqrt(n - 1))
        smallest = min(power_mean(one, a) for a in powers)
        assert theory.spread_decay_rate(n) == pytest.approx(-np.log(smallest), rel=1e-3)
        assert 1 / (4 * n - 1) < theory.spread_decay_rate(n)


def test_steps_of_the_log_mean_of_an_exponential_law():
    for n in (1, 7, 300):
        law = stats.loggamma(n, loc=-np.log(n))
        assert theory.log_scale_drift(n) == pytest.approx(law.mean(), abs=1e-10)
        assert theory.log_scale_spread(n) == pytest.approx(law.var(), rel=1e-8)


@pytest.mark.parametrize("bandwidth", ["silverman", "scott", 0.7])
def test_first_two_kernel_moments_by_simulation(bandwidth, has_mean):
    n, t, runs = 6, 2, 40_000
    world = cl.Gaussian().expand(runs)

    def fit(data, rng=None):
        return cl.Kernel.fit(data, bandwidth=bandwidth, rng=rng)

    variance = cl.run(fit, world, n=n, n_generations=t, metrics=[cl.metrics.variance], rng=1)[
        "variance"
    ]
    for i in range(t + 1):
        first, second = theory.kernel_variance_moments(i, n, bandwidth)
        has_mean(variance[i], first, sd=np.sqrt(second - first**2))
        # the fourth moment is not known: its sample error is fair here, after three fits
        square = variance[i] ** 2
        assert abs(square.mean() - second) < 4.9 * square.std() / np.sqrt(runs)


def test_kernel_chains_settle_or_explode():
    points, model = 19 * 0.3**2, 20 * 0.3**2
    first, _ = theory.kernel_variance_moments(2000, 20, 0.3)
    assert first == pytest.approx(model)
    assert first - 0.3**2 == pytest.approx(points)
    for rule in ("silverman", "scott"):
        last = [theory.kernel_variance_moments(t, 50, rule)[0] for t in (3, 4)]
        assert last[1] / last[0] == pytest.approx(theory.kernel_growth(50, rule))
        assert theory.kernel_growth(50, rule) > 1
