"""Closed forms of detection, filters and verifiers, against simulation and cases by hand."""

import numpy as np
import pytest
from scipy import integrate, stats

from collapse_lab import theory

P = np.array([0.4, 0.3, 0.2, 0.1])
REWARD = np.log([1.0, 2.0, 0.5, 4.0])


@pytest.mark.parametrize("n", [1, 7, 100])
def test_expected_total_variation_is_that_of_binomial_counts(n):
    counts = np.arange(n + 1)
    exact = sum(stats.binom.pmf(counts, n, p) @ np.abs(counts / n - p) for p in P) / 2
    assert theory.expected_total_variation(n, P) == pytest.approx(exact, rel=1e-10)
    assert theory.expected_total_variation(n, [1.0, 0.0]) == 0


def test_area_bounds_are_the_areas_of_the_extreme_curves():
    for d in (0.0, 0.3, 1.0):
        highest, _ = integrate.quad(lambda x, d=d: min(1, x + d), 0, 1, points=[1 - d])
        low, high = theory.auc_bounds(d)
        assert high == pytest.approx(highest)
        assert low == pytest.approx(0.5 + d / 2)  # the triangle (0, 0), (0, d), (1, 1)


@pytest.mark.parametrize("shift", [0.1, 1.0, 3.0])
def test_two_bells_keep_the_bounds(shift):
    distance = 2 * stats.norm.cdf(shift / 2) - 1
    low, high = theory.auc_bounds(distance)
    assert low <= stats.norm.cdf(shift / np.sqrt(2)) <= high
    # affinity of N(0, 1) and N(shift, 1); m points are worth a shift of sqrt(m)
    near, far = theory.distance_bounds(np.exp(-(shift**2) / 8), np.array([1, 9]))
    exact = 2 * stats.norm.cdf(np.array([1, 3]) * shift / 2) - 1
    assert (near <= exact).all()
    assert (exact <= far).all()


def test_detection_area_of_two_bells():
    s2 = 3 * 99 / 200
    exact = stats.norm.cdf(s2 / np.sqrt(2 * s2))  # means s² apart, both variances s²
    assert theory.detection_auc(3, 200, 100) == pytest.approx(exact)
    assert theory.detection_auc([10, 20], 10**9, 2).shape == (2,)


def test_blind_advantage_is_the_chance_of_a_repetition(within):
    rng, n, m, runs = np.random.default_rng(1), 50, 6, 40_000
    drawn = np.sort(rng.integers(0, n, (runs, m)), axis=1)
    repeated = (np.diff(drawn, axis=1) == 0).any(axis=1).mean()
    expected = theory.blind_advantage(m, n)
    within(repeated, expected, se=np.sqrt(expected * (1 - expected) / runs))
    assert expected <= m * (m - 1) / (2 * n)
    assert theory.blind_advantage(1, 9) == 0
    assert theory.blind_advantage(10, 9) == 1
    assert theory.blind_advantage(2, 2) == pytest.approx(0.5)


def test_a_blind_judge_gains_no_more(within):
    # All documents of two tokens; the judge knows p and accuses what repeats itself.
    rng, n, runs = np.random.default_rng(2), 10, 40_000
    models = rng.multinomial(n, P, size=runs) / n
    hits = np.square(models).sum(axis=1)
    alarms = np.square(P).sum()
    gain = hits.mean() - alarms
    within(gain, (1 - alarms) / n, se=hits.std() / np.sqrt(runs))
    assert (1 - alarms) / n <= theory.blind_advantage(2, n)


def test_filtered_share_multiplies_the_odds(within):
    rng, n = np.random.default_rng(3), 400_000
    is_human = rng.random(n) < 0.3
    passes = rng.random(n) < np.where(is_human, 0.9, 0.2)
    expected = theory.filtered_share(0.3, 0.8, 0.1)
    assert expected / (1 - expected) == pytest.approx(0.3 / 0.7 * 0.9 / 0.2)
    within(is_human[passes].mean(), expected, se=np.sqrt(0.25 / passes.sum()))
    assert theory.filtered_share([0.0, 1.0], 0.8, 0.1).tolist() == [0, 1]
    with pytest.raises(ValueError, match="must let something pass, got nothing"):
        theory.filtered_share(0.0, 1.0, 0.5)


def test_breakdown_point():
    assert theory.breakdown_point(0.9, 0.9) == 0.5
    assert theory.breakdown_point(0.9, 0.0) == 1
    assert theory.breakdown_point(0.9, 0.3) == pytest.approx(0.75)
    for classes in (2, 3, 10):
        p = theory.breakdown_point(0.8, 0.3, classes)
        assert 0.8 * (1 - p) == pytest.approx(0.3 * p / (classes - 1))
    with pytest.raises(ValueError, match="kept_right must be above 0, got 0"):
        theory.breakdown_point(0.0, 0.3)


def test_verified_accuracy_of_drawn_points(within):
    rng, d, n, runs, s = np.random.default_rng(4), 30, 400, 300, 1.5
    for error in (0.3, 0.6, 0.9):
        truth = rng.choice([-1.0, 1.0], (runs, n))
        points = rng.standard_normal((runs, n, d))
        points[..., 0] += s * truth
        wrong = rng.random((runs, n)) < error
        keep = rng.random((runs, n)) < np.where(wrong, 0.3, 0.9)
        labels = np.where(wrong, -truth, truth) * keep
        weights = np.einsum("rn,rnd->rd", labels, points)
        accuracy = stats.norm.cdf(s * weights[:, 0] / np.linalg.norm(weights, axis=1))
        expected = theory.verified_accuracy(error, 0.9, 0.3, s, d, n)
        within(accuracy.mean(), expected, se=accuracy.std() / np.sqrt(runs), bias=0.01)


def test_verified_accuracy_at_its_ends():
    at = theory.breakdown_point(0.9, 0.3)
    assert theory.verified_accuracy(at, 0.9, 0.3, 1.0, 50, 1000) == pytest.approx(0.5)
    below, above = theory.verified_accuracy([at - 0.01, at + 0.01], 0.9, 0.3, 1.0, 50, 10**12)
    assert below == pytest.approx(stats.norm.cdf(1.0), abs=1e-4)
    assert above == pytest.approx(stats.norm.cdf(-1.0), abs=1e-4)
    with pytest.raises(ValueError, match="must keep some labels, got none"):
        theory.verified_accuracy(1.0, 0.9, 0.0, 1.0, 5, 100)


def test_window_moments():
    rng = np.random.default_rng(5)
    x = rng.normal(0.2, 1, 400_000)
    x = x[np.abs(x - 0.8) <= 1]
    mean, variance = theory.window_moments(0.2, 0.8, 1.0)
    assert x.mean() == pytest.approx(mean, abs=4.9 * np.sqrt(variance / len(x)))
    assert x.var() == pytest.approx(variance, rel=4.9 * np.sqrt(2 / len(x)))
    # the fixed point, and the slope there
    mean, variance = theory.window_moments(0.8, 0.8, 1.5)
    assert mean == pytest.approx(0.8)
    assert variance == pytest.approx(theory.truncated_variance(1.5), rel=1e-6)
    up, down = (theory.window_moments(0.3 + h, 0.8, 1.0)[0] for h in (1e-5, -1e-5))
    slope = theory.window_moments(0.3, 0.8, 1.0)[1]
    assert (up - down) / 2e-5 == pytest.approx(slope, rel=1e-5)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_curated_is_the_sum_over_all_offers(k):
    weight, exact = np.exp(REWARD), np.zeros(4)
    for offer in np.ndindex(*(4,) * k):
        chance = P[list(offer)].prod()
        total = weight[list(offer)].sum()
        for item in offer:
            exact[item] += chance * weight[item] / total
    np.testing.assert_allclose(theory.curated(P, REWARD, k), exact, rtol=1e-9)


def test_curated_tends_to_its_limit():
    limit = theory.curated_limit(1, P, REWARD)
    np.testing.assert_allclose(limit, P * np.exp(REWARD) / (P @ np.exp(REWARD)))
    gaps = [np.abs(theory.curated(P, REWARD, k) - limit).max() for k in (100, 200, 400)]
    assert gaps[0] == pytest.approx(2 * gaps[1], rel=0.05)
    assert gaps[1] == pytest.approx(2 * gaps[2], rel=0.05)
    twice = theory.curated_limit(1, limit, REWARD)
    np.testing.assert_allclose(theory.curated_limit(2, P, REWARD), twice)


@pytest.mark.parametrize("k", [2, 4, 200])
def test_the_mean_reward_grows_by_at_least_its_bound(k):
    weight, p = np.exp(REWARD), P
    for _ in range(5):
        after = theory.curated(p, REWARD, k)
        assert (after - p) @ weight >= theory.curation_gain(p, REWARD, k) > 0
        p = after


def test_items_are_checked():
    for form in (theory.curated, theory.curation_gain):
        with pytest.raises(ValueError, match=r"reward must have the shape of p \(4,\), got \(3,\)"):
            form(P, REWARD[:3], 2)
        with pytest.raises(ValueError, match=r"p must sum to 1, got a sum of 0\.5"):
            form(P / 2, REWARD, 2)
