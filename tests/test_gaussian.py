import re

import numpy as np
import pytest
from scipy import stats

import collapse_lab as cl

COV = np.array([[2.0, 0.6], [0.6, 1.0]])


# --- what the families refuse ----------------------------------------------------------------


@pytest.mark.parametrize("family", [cl.Gaussian, cl.MultivariateGaussian])
def test_draw_is_one_of_two(family):
    parameters = (0.0, 1.0) if family is cl.Gaussian else (np.zeros(2), COV)
    with pytest.raises(ValueError, match="draw must be 'points' or 'moments', got 'counts'"):
        family(*parameters, draw="counts")


@pytest.mark.parametrize("model", [cl.Gaussian(), cl.MultivariateGaussian(np.zeros(2), COV)])
def test_sizes_are_checked(model):
    for n in (0, -1, 2.5):
        with pytest.raises(ValueError, match=f"n must be a whole number of at least 1, got {n}"):
            model.sample(n, rng=1)
    with pytest.raises(ValueError, match="n_replicates must be a whole number of at least 1"):
        model.expand(0)


def test_gaussian_parameters_are_checked():
    with pytest.raises(ValueError, match=r"var must hold numbers >= 0, got -1.0"):
        cl.Gaussian(0.0, [1.0, -1.0])
    with pytest.raises(ValueError, match="mean must hold finite numbers, got nan"):
        cl.Gaussian(np.nan, 1.0)
    with pytest.raises(ValueError, match="var must hold finite numbers, got inf"):
        cl.Gaussian(0.0, np.inf)
    with pytest.raises(ValueError, match=r"var must have the shape of mean, got \(3,\) and \(2,\)"):
        cl.Gaussian(np.zeros(2), np.ones(3))
    with pytest.raises(ValueError, match="x must hold finite numbers, got nan"):
        cl.Gaussian().logpdf(np.nan)


def test_covariances_are_checked():
    with pytest.raises(ValueError, match=r"cov must have shape .* got \(2, 2\) and \(3,\)"):
        cl.MultivariateGaussian(np.zeros(3), COV)
    with pytest.raises(ValueError, match=r"cov must be symmetric, got entries that differ by 0\.5"):
        cl.MultivariateGaussian(np.zeros(2), [[1.0, 0.5], [0.0, 1.0]])
    with pytest.raises(ValueError, match="cov must have no negative eigenvalue, got -1"):
        cl.MultivariateGaussian(np.zeros(2), [[1.0, 2.0], [2.0, 1.0]])


def test_rounding_does_not_make_a_covariance_asymmetric():
    turn = stats.ortho_group.rvs(4, random_state=1)
    cov = turn @ np.diag([4.0, 3.0, 2.0, 1e-12]) @ turn.T
    cov[0, 1] = np.nextafter(cov[0, 1], 1)
    assert cl.MultivariateGaussian(np.zeros(4), cov).sample(3, rng=1).shape == (3, 4)


FITS = [(cl.Gaussian.fit, np.zeros(1)), (cl.MultivariateGaussian.fit, np.zeros((1, 2)))]


@pytest.mark.parametrize(("fit", "data"), FITS)
def test_ddof_is_checked(fit, data):
    with pytest.raises(ValueError, match=r"ddof must be 0 .* or 1 .*, got 2"):
        fit(data, ddof=2)
    with pytest.raises(ValueError, match="data must hold more than ddof = 1 observations, got 1"):
        fit(data, ddof=1)


def test_fits_check_their_data():
    with pytest.raises(ValueError, match="data must hold at least one observation"):
        cl.Gaussian.fit(np.zeros(0))
    with pytest.raises(ValueError, match="data must hold finite numbers, got nan"):
        cl.Gaussian.fit([1.0, np.nan])
    with pytest.raises(ValueError, match="data must hold finite numbers, got Counts"):
        cl.Gaussian.fit(cl.Counts([1, 2]))
    with pytest.raises(ValueError, match="ddof must be 0 for weighted data, got 1"):
        cl.Gaussian.fit(cl.Weighted([1.0, 2.0], [1, 1]), ddof=1)
    with pytest.raises(ValueError, match=re.escape("data must have shape (n, d, *replicates)")):
        cl.MultivariateGaussian.fit(np.zeros(3))
    scalars, vectors = cl.Moments(3, 0.0, 1.0), cl.Moments(3, np.zeros(2), COV)
    with pytest.raises(ValueError, match="data must be moments of scalars, got moments of vectors"):
        cl.Gaussian.fit(vectors)
    with pytest.raises(ValueError, match="data must be moments of vectors, got moments of scalars"):
        cl.MultivariateGaussian.fit(scalars)


# --- shapes and types ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "model"),
    [
        ((), cl.Gaussian()),
        ((3,), cl.Gaussian().expand(3)),
        ((3, 2), cl.Gaussian().expand(3).expand(2)),
        ((), cl.MultivariateGaussian(np.zeros(2), COV)),
        ((3,), cl.MultivariateGaussian(np.zeros(2), COV).expand(3)),
    ],
)
def test_shapes_and_types(shape, model):
    event = () if isinstance(model, cl.Gaussian) else (2,)
    points = model.sample(5, rng=1)
    moments = type(model)(*list(vars(model).values())[:2], draw="moments").sample(5, rng=1)
    assert model.replicates == shape
    assert points.shape == (5, *event, *shape)
    assert points.dtype == np.float64
    assert isinstance(moments, cl.Moments)
    assert len(moments) == 5
    assert np.shape(moments.mean) == (*event, *shape)
    assert np.shape(moments.scatter) == (*event, *event, *shape)
    for data, draw in ((points, "points"), (moments, "moments")):
        fitted = type(model).fit(data)
        assert fitted.replicates == shape
        assert fitted.draw == draw


def test_parameters_become_float64_and_share_a_shape():
    model = cl.Gaussian(0, np.ones(4, dtype=np.float32))
    assert model.mean.dtype == model.var.dtype == np.float64
    assert model.mean.shape == (4,)
    assert isinstance(cl.Gaussian(1, 2).mean, float)
    assert cl.Gaussian(0.0, 4.0).std == 2.0


def test_one_point_and_no_variance():
    moments = cl.Gaussian(0.0, 1.0, draw="moments").expand(3).sample(1, rng=1)
    assert (moments.scatter == 0).all()
    assert np.unique(moments.mean).size == 3
    vectors = cl.MultivariateGaussian(np.zeros(2), COV, draw="moments").sample(1, rng=1)
    assert (vectors.scatter == 0).all()
    assert (cl.Gaussian(3.0, 0.0).sample(4, rng=1) == 3).all()
    flat = cl.MultivariateGaussian([1.0, 2.0], np.diag([1.0, 0.0])).sample(4, rng=1)
    assert (flat[:, 1] == 2).all()


# --- laws ------------------------------------------------------------------------------------


def test_points_are_normal(has_law):
    model = cl.Gaussian([3.0, -1.0], [4.0, 0.25])
    points = model.sample(20_000, rng=1)
    has_law(points[:, 0], stats.norm(3, 2).cdf)
    has_law(points[:, 1], stats.norm(-1, 0.5).cdf)


@pytest.mark.parametrize("n", [2, 7])
def test_moments_follow_cochran(n, has_law, has_mean):
    mean, var, replicates = 3.0, 4.0, 40_000
    moments = cl.Gaussian(mean, var, draw="moments").expand(replicates).sample(n, rng=2)
    standard = (moments.mean - mean) / np.sqrt(var / n)
    has_law(standard, stats.norm.cdf)
    has_law(moments.scatter / var, stats.chi2(n - 1).cdf)
    # Independent: neither the mean nor its square goes with the scatter.
    centered = moments.scatter / var - (n - 1)
    has_mean(standard * centered, 0, sd=np.sqrt(2 * (n - 1)))
    has_mean((standard**2 - 1) * centered, 0, sd=np.sqrt(2 * 2 * (n - 1)))


def test_moments_of_points_and_drawn_moments_agree_in_law(same_law):
    points = cl.Gaussian(3.0, 4.0).expand(20_000).sample(6, rng=3)
    drawn = cl.Gaussian(3.0, 4.0, draw="moments").expand(20_000).sample(6, rng=4)
    same_law(points.mean(axis=0), drawn.mean)
    same_law(points.var(axis=0) * 6, drawn.scatter)


@pytest.mark.parametrize("n", [2, 3, 12], ids=["singular", "n - 1 = d", "n - 1 > d"])
def test_scatter_is_wishart(n, has_mean, same_law):
    cov = np.array([[2.0, 0.6, 0.1], [0.6, 1.0, -0.3], [0.1, -0.3, 0.5]])[: min(n, 3), : min(n, 3)]
    d, dof, replicates = len(cov), n - 1, 20_000
    model = cl.MultivariateGaussian(np.arange(d), cov, draw="moments").expand(replicates)
    moments = model.sample(n, rng=5)
    variance = dof * (cov**2 + np.outer(np.diag(cov), np.diag(cov)))
    has_mean(np.moveaxis(moments.scatter, -1, 0), dof * cov, sd=np.sqrt(variance))
    has_mean(moments.mean.T, np.arange(d), sd=np.sqrt(np.diag(cov) / n))
    points = cl.MultivariateGaussian(np.arange(d), cov).expand(replicates).sample(n, rng=6)
    fitted = cl.MultivariateGaussian.fit(points)
    twin = cl.MultivariateGaussian.fit(moments)
    same_law(cl.metrics.trace(fitted), cl.metrics.trace(twin))
    same_law(fitted.cov[0, 1], twin.cov[0, 1])
    same_law(fitted.mean[0], twin.mean[0])


def test_vectors_have_mean_and_covariance(has_mean):
    n, mean = 40_000, np.array([1.0, -2.0])
    points = cl.MultivariateGaussian(mean, COV).sample(n, rng=7)
    has_mean(points, mean, sd=np.sqrt(np.diag(COV)))
    gap = points - mean
    products = np.einsum("ni,nj->nij", gap, gap)
    has_mean(products, COV, sd=np.sqrt(COV**2 + np.outer(np.diag(COV), np.diag(COV))))


def test_each_replicate_has_its_own_covariance(has_mean):
    cov = np.stack([COV, np.diag([9.0, 0.01])], axis=-1)
    points = cl.MultivariateGaussian(np.zeros((2, 2)), cov).sample(20_000, rng=8)
    has_mean(points**2, np.einsum("iir->ir", cov), sd=np.sqrt(2) * np.einsum("iir->ir", cov))


# --- fits ------------------------------------------------------------------------------------


@pytest.mark.parametrize("ddof", [0, 1])
def test_fits_are_mean_and_variance(ddof):
    points = np.random.default_rng(9).normal(5, 2, (30, 4))
    model = cl.Gaussian.fit(points, ddof=ddof)
    np.testing.assert_allclose(model.mean, points.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(model.var, points.var(axis=0, ddof=ddof), rtol=1e-12)
    vectors = cl.MultivariateGaussian.fit(points, ddof=ddof)
    np.testing.assert_allclose(vectors.cov, np.cov(points.T, ddof=ddof), rtol=1e-12)
    moments = cl.Moments(30, points.mean(axis=0), points.var(axis=0) * 30)
    np.testing.assert_allclose(cl.Gaussian.fit(moments, ddof=ddof).var, model.var, rtol=1e-12)


def test_whole_weights_are_repeated_points():
    points, weights = np.array([1.0, 4.0, 6.0]), np.array([2, 0, 3])
    for scale in (1, 0.1):
        weighted = cl.Gaussian.fit(cl.Weighted(points, weights * scale))
        repeated = cl.Gaussian.fit(np.repeat(points, weights))
        np.testing.assert_allclose(weighted.mean, repeated.mean, rtol=1e-12)
        np.testing.assert_allclose(weighted.var, repeated.var, rtol=1e-12)


def test_logpdf_is_that_of_scipy():
    model, x = cl.Gaussian([0.0, 3.0], [1.0, 4.0]), np.linspace(-3, 3, 7)[:, None]
    expected = stats.norm(model.mean, model.std).logpdf(x)
    np.testing.assert_allclose(model.logpdf(x), expected, rtol=1e-12)
