import re

import numpy as np
import pytest
from scipy import stats

import collapse_lab as cl

P = np.array([0.5, 0.3, 0.15, 0.05])


# --- what the family refuses -----------------------------------------------------------------


def test_probabilities_are_checked():
    with pytest.raises(ValueError, match=r"p must have shape \(K, \*replicates\).* got shape \(\)"):
        cl.Categorical(1.0)
    with pytest.raises(ValueError, match=r"p must have shape .* got shape \(0,\)"):
        cl.Categorical([])
    with pytest.raises(ValueError, match=r"p must hold numbers >= 0, got -0\.5"):
        cl.Categorical([1.5, -0.5])
    with pytest.raises(ValueError, match="p must hold finite numbers, got nan"):
        cl.Categorical([0.5, np.nan])
    with pytest.raises(ValueError, match=r"p must sum to 1 along axis 0, got a sum of 0\.9"):
        cl.Categorical([[0.5, 0.5], [0.5, 0.4]])
    with pytest.raises(ValueError, match="draw must be 'points' or 'counts', got 'moments'"):
        cl.Categorical(P, draw="moments")


def test_sizes_are_checked():
    for n in (0, -1, 2.5):
        with pytest.raises(ValueError, match=f"n must be a whole number of at least 1, got {n}"):
            cl.Categorical(P).sample(n, rng=1)
    with pytest.raises(ValueError, match="n_replicates must be a whole number of at least 1"):
        cl.Categorical(P).expand(0)


def test_fit_checks_its_data():
    for data in ([], 3, [0.5]):
        with pytest.raises(ValueError, match="data must be a non-empty array of category numbers"):
            cl.Categorical.fit(data, n_categories=2)
    for data, wrong in (([0, 4], 4), ([-1, 0], -1)):
        message = f"data must hold category numbers from 0 to 3, got {wrong}"
        with pytest.raises(ValueError, match=message):
            cl.Categorical.fit(data, n_categories=4)
    with pytest.raises(ValueError, match="n_categories must be given for category numbers, got No"):
        cl.Categorical.fit([0, 1])
    with pytest.raises(ValueError, match="n_categories must be a whole number of at least 1"):
        cl.Categorical.fit([0, 1], n_categories=2.5)
    with pytest.raises(ValueError, match="n_categories must be 2, as in the counts, got 3"):
        cl.Categorical.fit(cl.Counts([1, 2]), n_categories=3)
    with pytest.raises(ValueError, match="data must hold at least one observation, got none"):
        cl.Categorical.fit(cl.Counts([0, 0]))
    with pytest.raises(ValueError, match=re.escape("smoothing must lie in [0, inf), got -1")):
        cl.Categorical.fit(cl.Counts([1, 2]), smoothing=-1)


def test_other_arguments_are_checked():
    model = cl.Categorical(P)
    with pytest.raises(ValueError, match=re.escape("temperature must lie in (0, inf), got 0")):
        model.temper(0)
    with pytest.raises(ValueError, match="k must be a whole number of at least 1, got 0"):
        model.top_k(0)
    with pytest.raises(ValueError, match="k must be at most the number of categories 4, got 5"):
        model.top_k(5)
    for x in ([0.5], [4], [-1]):
        with pytest.raises(ValueError, match="x must hold category numbers from 0 to 3"):
            model.log_prob(x)


# --- shapes and types ------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(), (3,), (3, 2)])
def test_shapes_and_types(shape):
    model = cl.Categorical(P)
    for size in shape:
        model = model.expand(size)
    points = model.sample(5, rng=1)
    counts = cl.Categorical(model.p, draw="counts").sample(5, rng=1)
    assert model.replicates == shape
    assert points.shape == (5, *shape)
    assert points.dtype == np.int64
    assert len(counts) == 5
    assert counts.values.shape == (4, *shape)
    assert counts.values.dtype == np.int64
    fitted = cl.Categorical.fit(points, n_categories=4)
    twin = cl.Categorical.fit(counts)
    assert fitted.p.shape == twin.p.shape == (4, *shape)
    assert (fitted.draw, twin.draw) == ("points", "counts")
    assert fitted.p.dtype == np.float64


def test_probabilities_are_normalized_as_far_as_numpy_asks():
    p = np.full(3, 1 / 3) * (1 + 5e-10)
    assert abs(cl.Categorical(p).p.sum() - 1) < 1e-15
    assert len(cl.Categorical(p, draw="counts").sample(10, rng=1)) == 10


# --- laws ------------------------------------------------------------------------------------


def test_points_and_counts_have_the_same_law(has_mean, same_law):
    n, replicates = 12, 20_000
    points = cl.Categorical(P).expand(replicates).sample(n, rng=1)
    tallied = cl.Categorical.fit(points, n_categories=4).p * n
    counts = cl.Categorical(P, draw="counts").expand(replicates).sample(n, rng=2).values
    for values in (tallied, counts):
        has_mean(values.T, n * P, sd=np.sqrt(n * P * (1 - P)))
        product = values[0] * values[1]
        has_mean(product, n * (n - 1) * P[0] * P[1])
    for one, two in zip(tallied, counts, strict=True):
        same_law(one, two)


def test_each_replicate_has_its_own_probabilities(within):
    p = np.stack([P, P[::-1]], axis=-1)
    n = 20_000
    points = cl.Categorical(p).sample(n, rng=3)
    counts = cl.Categorical(p, draw="counts").sample(n, rng=3).values / n
    shares = (points[:, None] == np.arange(4)[:, None]).mean(axis=0)
    for measured in (shares, counts):
        within(measured, p, se=np.sqrt(p * (1 - p) / n))


def test_impossible_categories_never_come():
    p = [0.0, 0.5, 0.0, 0.5, 0.0]
    assert set(cl.Categorical(p).sample(1000, rng=4)) == {1, 3}
    assert (
        cl.Categorical(p, draw="counts").sample(1000, rng=4).values[[0, 2, 4]].tolist() == [0] * 3
    )


def test_a_vocabulary_of_321_000_words(within):
    k, n = 321_180, 10**6
    rank = np.arange(1, k + 1)
    p = 1 / rank / (1 / rank).sum()
    model = cl.Categorical(p, draw="counts")
    fitted = cl.Categorical.fit(model.sample(n, rng=5))
    unseen = np.exp(n * np.log1p(-p))  # of each type; the types' counts are negatively correlated
    within(cl.metrics.n_types(fitted), k - unseen.sum(), se=np.sqrt((unseen * (1 - unseen)).sum()))
    points = cl.Categorical(p).sample(1000, rng=5)
    assert cl.Categorical.fit(points, n_categories=k).p.shape == (k,)


# --- fits and transformations ----------------------------------------------------------------


@pytest.mark.parametrize("smoothing", [0.0, 0.5])
def test_fit_is_the_smoothed_relative_frequency(smoothing):
    points = np.array([[0, 1], [0, 2], [1, 2]], dtype=np.int8)
    counts = np.array([[2, 0], [1, 1], [0, 2]])
    expected = (counts + smoothing) / (3 + 3 * smoothing)
    by_points = cl.Categorical.fit(points, n_categories=3, smoothing=smoothing)
    by_counts = cl.Categorical.fit(cl.Counts(counts), smoothing=smoothing)
    np.testing.assert_allclose(by_points.p, expected, rtol=1e-15)
    np.testing.assert_allclose(by_counts.p, expected, rtol=1e-15)


def test_temper():
    model = cl.Categorical([0.8, 0.2, 0.0])
    np.testing.assert_allclose(model.temper(0.5).p, np.array([0.64, 0.04, 0]) / 0.68, rtol=1e-14)
    np.testing.assert_allclose(model.temper(1).p, model.p, rtol=1e-15)
    np.testing.assert_allclose(model.temper(1e9).p, [0.5, 0.5, 0], rtol=1e-8)
    assert model.temper(1e-9).p.tolist() == [1, 0, 0]
    assert cl.Categorical(P, draw="counts").expand(2).temper(2).draw == "counts"


def test_top_k():
    model = cl.Categorical(np.array([[0.2, 0.4], [0.4, 0.2], [0.2, 0.4], [0.2, 0.0]]))
    expected = np.array([[1, 1], [2, 0], [0, 1], [0, 0]]) / [3, 2]
    np.testing.assert_allclose(model.top_k(2).p, expected, rtol=1e-15)
    assert (model.top_k(4).p == model.p).all()


def test_log_prob():
    model = cl.Categorical([0.5, 0.5, 0.0])
    assert model.log_prob([0, 2]).tolist() == [np.log(0.5), -np.inf]
    replicated = cl.Categorical(np.array([[0.1, 0.6], [0.9, 0.4]]))
    expected = np.log([[0.1, 0.4], [0.9, 0.6]])
    np.testing.assert_allclose(replicated.log_prob([[0, 1], [1, 0]]), expected)


def test_points_follow_the_law_in_one_long_sample():
    n = 50_000
    counts = np.bincount(cl.Categorical(P).sample(n, rng=6), minlength=4)
    assert stats.chisquare(counts, n * P).pvalue > 1e-6
