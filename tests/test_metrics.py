import re

import numpy as np
import pytest
from scipy import stats

import collapse_lab as cl
from collapse_lab import metrics

P = np.array([[0.5, 0.2, 1.0], [0.3, 0.8, 0.0], [0.2, 0.0, 0.0]])  # 3 categories, 3 replicates
MODEL = cl.Categorical(P)
GAUSSIAN = cl.Gaussian([0.0, 3.0], [1.0, 4.0])
COV = np.stack([np.diag([3.0, 1.0]), np.array([[2.0, 2.0], [2.0, 2.0]])], axis=-1)
VECTORS = cl.MultivariateGaussian(np.zeros((2, 2)), COV)


def test_gaussian_metrics():
    assert metrics.mean(GAUSSIAN).tolist() == [0, 3]
    assert metrics.variance(GAUSSIAN).tolist() == [1, 4]
    assert metrics.std(GAUSSIAN).tolist() == [1, 2]
    assert metrics.log_variance(GAUSSIAN).tolist() == [0, np.log(4)]
    assert metrics.log_variance(cl.Gaussian(0.0, 0.0)) == -np.inf
    assert metrics.squared_wasserstein(GAUSSIAN, cl.Gaussian(1.0, 1.0)).tolist() == [1, 5]


def test_squared_wasserstein_is_that_of_the_quantiles():
    q = (np.arange(200_000) + 0.5) / 200_000
    one, two = stats.norm(1, 2), stats.norm(-1, 0.5)
    by_quantiles = np.mean((one.ppf(q) - two.ppf(q)) ** 2)
    by_moments = metrics.squared_wasserstein(cl.Gaussian(1.0, 4.0), cl.Gaussian(-1.0, 0.25))
    assert by_moments == pytest.approx(by_quantiles, rel=1e-4)  # the quantiles end at 4.6 sigma


def test_multivariate_metrics():
    np.testing.assert_allclose(metrics.trace(VECTORS), [4, 4])
    np.testing.assert_allclose(metrics.top_eigenvalue_share(VECTORS), [0.75, 1])
    assert metrics.log_det(VECTORS)[0] == pytest.approx(np.log(3))
    flat = cl.MultivariateGaussian(np.zeros(2), np.diag([1.0, 0.0]))
    assert metrics.log_det(flat) == -np.inf


def test_categorical_metrics():
    np.testing.assert_allclose(metrics.heterozygosity(MODEL), [0.62, 0.32, 0], atol=1e-15)
    assert metrics.n_types(MODEL).tolist() == [3, 2, 1]
    np.testing.assert_allclose(metrics.entropy(MODEL), stats.entropy(P, axis=0), atol=1e-15)
    assert metrics.top_share(MODEL).tolist() == [0.5, 0.8, 1]
    np.testing.assert_allclose(metrics.tail_mass(MODEL, [False, True, True]), [0.5, 0.8, 0])
    np.testing.assert_allclose(metrics.squared_distance(MODEL, P[:, 0]), [0, 0.38, 0.38])


def test_metrics_of_a_model_without_replicates_are_numbers():
    for metric in (metrics.heterozygosity, metrics.n_types, metrics.entropy, metrics.top_share):
        assert np.shape(metric(cl.Categorical(P[:, 0]))) == ()
    assert metrics.n_types(MODEL).dtype == np.int64
    assert isinstance(metrics.n_types(cl.Categorical(P[:, 0])), np.int64)
    assert str(metrics.entropy(cl.Categorical([1.0, 0.0]))) == "0.0"  # not -0.0


@pytest.mark.parametrize(
    ("tail", "got"), [(np.int64([0, 1, 1]), "int64 of shape (3,)"), ([True], "bool of shape (1,)")]
)
def test_tail_is_a_mask(tail, got):
    message = re.escape(f"tail must be a bool array of shape (3,), got {got}")
    with pytest.raises(ValueError, match=message):
        metrics.tail_mass(MODEL, tail)


def test_squared_distance_needs_a_probability_for_each_category():
    with pytest.raises(ValueError, match=re.escape("p must have shape (3,), got (2,)")):
        metrics.squared_distance(MODEL, [0.5, 0.5])
    with pytest.raises(ValueError, match="p must hold finite numbers, got nan"):
        metrics.squared_distance(MODEL, [0.5, 0.5, np.nan])
