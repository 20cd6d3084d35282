"""Generated cases and the corrections that need none, against closed forms and known answers."""

import re

import numpy as np
import pytest
from scipy import special, stats

from collapse_lab import synthetic, theory

POINTS = np.array([[0.0, 0.0], [1.0, 0.0], [10.0, 0.0], [11.0, 0.0]])
OLD, NEW = [0.5, 0.5], [0.9, 0.1]


def test_copies_are_points_and_each_comes_as_often():
    copies = synthetic.oversample(np.arange(5.0), 50_000, rng=1)
    values, counts = np.unique(copies, return_counts=True)
    assert values.tolist() == [0, 1, 2, 3, 4]
    assert stats.chisquare(counts).pvalue > 1e-6


def test_neighbors_only_are_joined():
    near = synthetic.smote(POINTS, 2000, k=1, rng=1)[:, 0]
    assert not ((near > 1) & (near < 10)).any()
    far = synthetic.smote(POINTS, 2000, k=3, rng=1)[:, 0]
    assert ((far > 1) & (far < 10)).any()


def test_a_place_between_two_points_is_uniform():
    between = synthetic.smote(POINTS[:2], 20_000, rng=2)
    assert stats.kstest(between[:, 0], "uniform").pvalue > 1e-6
    assert not between[:, 1].any()


def test_without_k_each_pair_is_joined_as_often_by_a_straight_line():
    made = synthetic.smote(np.eye(4), 6000, k=None, rng=6)
    np.testing.assert_allclose(made.sum(axis=1), 1)  # of one line: its two parts add up to 1
    pairs, counts = np.unique(made > 0, axis=0, return_counts=True)
    assert pairs.sum(axis=1).tolist() == 6 * [2]
    assert stats.chisquare(counts).pvalue > 1e-6


def test_the_nearest_is_the_nearest_as_the_crow_flies():
    points = np.array([[0.0, 0.0], [3.0, 3.0], [5.0, 0.0]])  # 5 blocks are fewer than 6
    x, y = synthetic.smote(points, 200, k=1, rng=7).T
    assert y[(x > 0) & (x < 5)].min() > 0


def test_five_neighbors_by_default():
    points = np.random.default_rng(8).standard_normal((9, 2))
    five = synthetic.smote(points, 20, k=5, rng=8)
    np.testing.assert_array_equal(synthetic.smote(points, 20, rng=8), five)


def test_more_neighbors_than_there_are_is_all_of_them():
    assert np.array_equal(
        synthetic.smote(POINTS, 9, k=3, rng=5), synthetic.smote(POINTS, 9, k=50, rng=5)
    )


def test_random_pairs_narrow_as_the_closed_form_says():
    runs, n = 4000, 8
    rng = np.random.default_rng(3)
    ratio = np.empty(runs)
    for run in range(runs):
        points = rng.standard_normal((n, 1))
        ratio[run] = synthetic.smote(points, n, k=None, rng=rng).var() / points.var()
    gap = ratio.mean() - theory.smote_variance(1, n)
    assert abs(gap) < 4.9 * ratio.std() / np.sqrt(runs)


def test_the_shift_is_a_constant_on_the_log_odds():
    odds = np.linspace(-5, 5, 11)
    said = np.column_stack([special.expit(-odds), special.expit(odds)])
    shifted = synthetic.shift_prior(said, OLD, NEW)
    np.testing.assert_allclose(special.logit(shifted[:, 1]) - odds, special.logit(0.1), rtol=1e-9)
    np.testing.assert_allclose(synthetic.shift_prior(shifted, NEW, OLD), said, rtol=1e-9)


def test_a_class_may_have_vanished():
    np.testing.assert_array_equal(synthetic.shift_prior([[0.3, 0.7]], OLD, [1, 0]), [[1, 0]])


@pytest.mark.parametrize("old", [0.5, 0.3])
def test_em_finds_where_the_likelihood_is_largest(old):
    rng = np.random.default_rng(4)
    odds = 2 * (np.where(rng.random(500) < 0.2, 1.0, -1.0) + rng.standard_normal(500))
    odds += special.logit(old)
    said = np.column_stack([special.expit(-odds), special.expit(odds)])
    grid = np.linspace(0.001, 0.999, 9981)
    likelihood = [np.log(said @ [(1 - q) / (1 - old), q / old]).sum() for q in grid]
    found = synthetic.prior_by_em(said, [1 - old, old])
    assert found.sum() == pytest.approx(1)
    assert found[1] == pytest.approx(grid[np.argmax(likelihood)], abs=2e-4)
    one = synthetic.prior_by_em(said, [1 - old, old], max_iter=1)
    np.testing.assert_allclose(one, said.mean(axis=0))


def test_confusion_gives_back_the_shares_behind_the_predictions():
    confusion = np.array([[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.0, 0.3, 0.7]])
    shares = np.array([0.2, 0.5, 0.3])
    found = synthetic.prior_by_confusion(confusion, shares @ confusion)
    np.testing.assert_allclose(found, shares)


def test_effective_size_of_known_weights():
    assert synthetic.effective_sample_size(np.full(7, 3.0)) == pytest.approx(7)
    assert synthetic.effective_sample_size([1, 0, 0]) == 1
    assert synthetic.effective_sample_size([1, 1, 2]) == pytest.approx(16 / 6)


def test_effective_size_is_that_of_a_mean_of_the_same_variance():
    weights, runs = np.array([1.0, 2.0, 5.0, 0.5]), 200_000
    means = np.random.default_rng(5).standard_normal((runs, 4)) @ weights / weights.sum()
    expected = 1 / synthetic.effective_sample_size(weights)
    assert abs(means.var() - expected) < 4.9 * expected * np.sqrt(2 / runs)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: synthetic.oversample([], 3), "points must hold at least 1 point, got 0"),
        (lambda: synthetic.oversample([1.0], -1), "n must be a whole number of at least 0, got -1"),
        (lambda: synthetic.smote([1.0, 2.0], 3), "points must have shape (m, d) with m >= 2"),
        (lambda: synthetic.smote([[1.0]], 3), "points must have shape (m, d) with m >= 2"),
        (lambda: synthetic.smote(POINTS, -1), "n must be a whole number of at least 0, got -1"),
        (lambda: synthetic.smote(POINTS, 3, k=0), "k must be a whole number of at least 1, got 0"),
        (
            lambda: synthetic.shift_prior([[0.5, 0.5]], [0, 1], NEW),
            "old must hold shares > 0 that sum to 1, got [0.0, 1.0]",
        ),
        (
            lambda: synthetic.shift_prior([[0.5, 0.5]], OLD, [0.5, 0.6]),
            "new must hold shares >= 0 that sum to 1, got [0.5, 0.6]",
        ),
        (
            lambda: synthetic.shift_prior([[0.5, 0.5]], OLD, [1.5, -0.5]),
            "new must hold shares >= 0 that sum to 1, got [1.5, -0.5]",
        ),
        (
            lambda: synthetic.shift_prior([[0.5, 0.5]], OLD, [1.0]),
            "new must have one share for each column of probability",
        ),
        (
            lambda: synthetic.prior_by_em([[0.5, 0.5]], OLD, tolerance=0.0),
            "tolerance must lie in (0, inf), got 0.0",
        ),
        (
            lambda: synthetic.prior_by_em([[0.5, 0.5]], OLD, max_iter=0),
            "max_iter must be a whole number of at least 1, got 0",
        ),
        (
            lambda: synthetic.prior_by_confusion(np.eye(3), OLD),
            "confusion must have shape (K, K) for K predicted shares, got (3, 3) for (2,)",
        ),
        (
            lambda: synthetic.prior_by_confusion(np.full((2, 2), 0.5), OLD),
            "confusion must be invertible, got [[0.5, 0.5], [0.5, 0.5]]",
        ),
        (
            lambda: synthetic.effective_sample_size([0.0, 0.0]),
            "weights must hold numbers >= 0, not all 0",
        ),
        (
            lambda: synthetic.effective_sample_size([2.0, -1.0]),
            "weights must hold numbers >= 0, not all 0, got [ 2. -1.]",
        ),
    ],
)
def test_wrong_arguments(call, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        call()
