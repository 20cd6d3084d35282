"""The kernel family, against scipy's kernel density and its own law."""

from functools import partial

import numpy as np
import pytest
from scipy import stats
from sklearn.neighbors import KernelDensity

import collapse_lab as cl
from collapse_lab.kernel import RULES, CopyAndBlur, bandwidth_factor
from collapse_lab.testing import check_family

POINTS = np.array([0.3, -1.2, 2.5, 0.1, 0.9])


@pytest.mark.parametrize("bandwidth", [*RULES, 0.4])
@pytest.mark.parametrize("world", [cl.Gaussian(2.0, 3.0), cl.Gaussian(2.0, 3.0).expand(4)])
def test_it_keeps_the_rules_of_families(bandwidth, world):
    assert check_family(partial(cl.Kernel.fit, bandwidth=bandwidth), world)


@pytest.mark.parametrize("rule", RULES)
def test_rules_and_density_are_those_of_scipy(rule):
    other = stats.gaussian_kde(POINTS, bw_method=rule)
    model = cl.Kernel.fit(POINTS, bandwidth=rule)
    assert bandwidth_factor(5, rule) == pytest.approx(other.factor)
    assert model.bandwidth**2 == pytest.approx(other.covariance[0, 0])
    x = np.linspace(-4, 5, 11)
    np.testing.assert_allclose(model.logpdf(x), other.logpdf(x), rtol=1e-12)


def test_each_replicate_has_its_own_bandwidth_and_density():
    points = np.stack([POINTS, 10 * POINTS], axis=1)
    model = cl.Kernel.fit(points)
    assert model.replicates == (2,)
    assert model.bandwidth[1] == pytest.approx(10 * model.bandwidth[0])
    x = np.zeros((1, 2))
    one = cl.Kernel.fit(10 * POINTS).logpdf([0.0])[0]
    assert model.logpdf(x)[0, 1] == pytest.approx(one)
    assert cl.Kernel.fit(POINTS).expand(3).sample(7, rng=1).shape == (7, 3)


def test_points_follow_the_density(has_law):
    model = cl.Kernel(POINTS, 0.4)
    points = model.expand(2).sample(20_000, rng=1)

    def cdf(x):
        return stats.norm.cdf((np.asarray(x)[..., None] - POINTS) / 0.4).mean(axis=-1)

    has_law(points[:, 0], cdf)
    has_law(points[:, 1], cdf)


def test_mean_and_variance_are_those_of_the_distribution(has_mean):
    model = cl.Kernel(POINTS, 0.4)
    assert model.mean == pytest.approx(POINTS.mean())
    assert model.var == pytest.approx(POINTS.var() + 0.16)
    points = model.sample(100_000, rng=2)
    has_mean(points, model.mean, sd=np.sqrt(model.var))


def test_a_bump_is_normal(has_law, has_mean):
    points = cl.Kernel([1.0], 0.4).sample(100_000, rng=3)
    has_law(points, stats.norm(1.0, 0.4).cdf)
    has_mean((points - 1.0) ** 2, 0.16, sd=0.16 * np.sqrt(2))


def test_no_bandwidth_repeats_the_points():
    model = cl.Kernel(POINTS, 0.0)
    assert set(model.sample(200, rng=1)) == set(POINTS)
    with pytest.raises(ValueError, match="bandwidth must be above 0 for a density, got "):
        model.logpdf([0.0])


def test_what_it_refuses():
    with pytest.raises(ValueError, match="points must hold at least one observation, got "):
        cl.Kernel(np.zeros(0), 1.0)
    with pytest.raises(ValueError, match="points must hold finite numbers, got nan"):
        cl.Kernel([np.nan], 1.0)
    with pytest.raises(ValueError, match=r"bandwidth must hold numbers >= 0, got -1.0"):
        cl.Kernel(POINTS, -1.0)
    with pytest.raises(ValueError, match=r"bandwidth must be a number or have shape \(\) for"):
        cl.Kernel(POINTS, [1.0, 2.0])
    with pytest.raises(ValueError, match="bandwidth must be 'silverman' or 'scott', got 'wide'"):
        cl.Kernel.fit(POINTS, bandwidth="wide")
    with pytest.raises(ValueError, match="data must hold two observations for a rule, got 1"):
        cl.Kernel.fit(POINTS[:1])
    with pytest.raises(ValueError, match="data must hold at least one observation, got "):
        cl.Kernel.fit(np.zeros(0))
    with pytest.raises(TypeError, match="Kernel must see single observations, got Moments"):
        cl.Kernel.fit(cl.Gaussian(draw="moments").sample(5, rng=1))
    with pytest.raises(ValueError, match="rule must be 'silverman' or 'scott', got 'wide'"):
        bandwidth_factor(5, "wide")
    with pytest.raises(ValueError, match="n must be a whole number of at least 2, got 1"):
        bandwidth_factor(1, "scott")


@pytest.mark.parametrize("replicates", [(), (4,)])
def test_copy_and_blur_keeps_the_rules_of_families(replicates):
    world = cl.MultivariateGaussian([1.0, -2.0], np.eye(2))
    world = world.expand(*replicates) if replicates else world
    assert check_family(partial(CopyAndBlur.fit, bandwidth=0.3), world)


def test_copies_stay_whole_and_are_blurred(within):
    points = np.array([[0.0, 0.0], [1.0, 10.0], [2.0, 20.0]])
    copies = CopyAndBlur(points, 0.0).sample(300, rng=1)
    assert sorted(set(map(tuple, copies))) == [(0, 0), (1, 10), (2, 20)]
    blurred = CopyAndBlur(points[:1], 0.5).sample(4_000, rng=2)
    within((blurred**2).mean(axis=0), 0.25, se=0.25 * np.sqrt(2 / 4_000))
    apart = CopyAndBlur(np.stack([points, points + 100.0], axis=-1), 0.0).sample(50, rng=3)
    assert apart[..., 0].max() < 50 < apart[..., 1].min()
    assert not np.array_equal(apart[..., 0], apart[..., 1] - 100)  # each copies by itself


@pytest.mark.parametrize(
    ("points", "bandwidth", "rule"),
    [
        ([0.0, 1.0], 0.1, r"points must have shape \(N, d, ...\), N > 0, got \(2,\)"),
        (np.empty((0, 2)), 0.1, r"points must have shape \(N, d, ...\), N > 0, got \(0, 2\)"),
        ([[0.0, np.inf]], 0.1, "points must hold finite numbers"),
        ([[0.0, 1.0]], -0.1, r"bandwidth must lie in \[0, inf\), got -0.1"),
    ],
)
def test_copy_and_blur_names_a_wrong_argument(points, bandwidth, rule):
    with pytest.raises(ValueError, match=rule):
        CopyAndBlur(points, bandwidth)


@pytest.mark.parametrize("bandwidth", [0.002, 0.5])
def test_the_density_in_the_plane_is_that_of_scikit_learn(bandwidth):
    data, x = (np.random.default_rng(i).standard_normal((9, 2, 3)) for i in (1, 2))
    found = CopyAndBlur(data, bandwidth).logpdf(x)
    for r in range(3):
        other = KernelDensity(bandwidth=bandwidth).fit(data[..., r]).score_samples(x[..., r])
        np.testing.assert_allclose(found[:, r], other, rtol=1e-9)


def test_a_density_in_the_plane_names_what_it_cannot_do():
    with pytest.raises(ValueError, match=r"bandwidth must be above 0 for a density, got 0\.0"):
        CopyAndBlur([[0.0, 1.0]], 0.0).logpdf([[0.0, 1.0]])
    with pytest.raises(ValueError, match=r"x must have shape \('n', 2\), got \(4, 3\)"):
        CopyAndBlur([[0.0, 1.0]], 0.1).logpdf(np.zeros((4, 3)))
