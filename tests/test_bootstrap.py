"""The smoothed bootstrap keeps mean and covariance, from copies to a Gaussian."""

import re

import numpy as np
import pytest
from scipy import stats

import collapse_lab as cl
from collapse_lab.bootstrap import SmoothedBootstrap

RECORDS = np.random.default_rng(1).gamma(2.0, size=(12, 2)) @ [[1.0, 0.5], [0.0, 1.0]]
LABELS = np.repeat([0, 1, 2], [3, 4, 5])


@pytest.mark.parametrize("smoothness", [0.0, 0.3, 0.8, 1.0])
def test_mean_and_covariance_are_those_of_the_records(smoothness):
    n = 40_000
    made = SmoothedBootstrap(RECORDS, smoothness).sample(n, rng=2)
    center, cov = RECORDS.mean(axis=0), np.cov(RECORDS.T, ddof=0)
    assert (np.abs(made.mean(axis=0) - center) <= 4.9 * np.sqrt(np.diag(cov) / n)).all()
    products = (made - center)[:, :, None] * (made - center)[:, None, :]
    error = products.std(axis=0) / np.sqrt(n)
    assert (np.abs(products.mean(axis=0) - cov) <= 4.9 * error).all()


def test_at_zero_it_repeats_and_at_one_it_is_a_gaussian():
    copies, blurred = (SmoothedBootstrap(RECORDS, s).sample(50, rng=1) for s in (0.0, 0.1))
    assert (copies[:, None] == RECORDS).all(axis=2).any(axis=1).all()
    assert not (blurred[:, None] == RECORDS).all(axis=2).any()
    made = SmoothedBootstrap(RECORDS, 1.0).sample(2000, rng=1)
    z = (made[:, 0] - RECORDS[:, 0].mean()) / RECORDS[:, 0].std()
    assert stats.kstest(z, "norm").pvalue > 1e-6


def test_each_class_is_blurred_on_its_own_and_keeps_its_share():
    data = cl.Labelled(RECORDS + 100 * LABELS[:, None], LABELS)
    made = SmoothedBootstrap.fit(data, smoothness=0.9).sample(6000, rng=3)
    assert (np.round(made.X.mean(axis=1) / 100) == made.y).all()
    shares = np.bincount(made.y) / 6000
    error = np.sqrt(shares * (1 - shares) / 6000)
    assert (np.abs(shares - np.array([3, 4, 5]) / 12) <= 4.9 * error).all()
    for label in range(3):
        own, like = data.X[label == LABELS], made.X[label == made.y]
        centered = like - own.mean(axis=0)
        products = centered[:, :, None] * centered[:, None, :]
        for found, wanted in (
            (centered, 0.0),
            (products, np.cov(own.T, ddof=0)),
        ):
            error = found.std(axis=0) / np.sqrt(len(like))
            assert (np.abs(found.mean(axis=0) - wanted) <= 4.9 * error).all()


def test_it_is_a_family():
    world = SmoothedBootstrap(RECORDS, 0.5)
    from functools import partial

    chain = cl.recurse(partial(SmoothedBootstrap.fit, smoothness=0.5), world, n=9, rng=1)
    assert [len(next(chain).data) for _ in range(3)] == [9, 9, 9]
    np.testing.assert_array_equal(world.sample(4, rng=7), world.sample(4, rng=7))


def test_wrong_arguments():
    with pytest.raises(ValueError, match=re.escape("smoothness must lie in [0, 1], got 1.5")):
        SmoothedBootstrap(RECORDS, 1.5)
    with pytest.raises(ValueError, match=re.escape("data must have shape (n, d), got (12,)")):
        SmoothedBootstrap(RECORDS[:, 0], 0.5)
    with pytest.raises(ValueError, match=re.escape("data must have shape (n, d), got (0, 2)")):
        SmoothedBootstrap(RECORDS[:0], 0.5)
    with pytest.raises(TypeError, match="SmoothedBootstrap"):
        SmoothedBootstrap(cl.Moments(2, 0.0, 1.0), 0.5)
    with pytest.raises(ValueError, match="n must be a whole number of at least 1, got 0"):
        SmoothedBootstrap(RECORDS, 0.5).sample(0, rng=1)
