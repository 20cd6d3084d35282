"""Parameters on a lattice."""

from functools import partial

import numpy as np
import pytest

import collapse_lab as cl
from collapse_lab.testing import check_family


@pytest.mark.parametrize("grid", ["float16", "float32", 0.125])
def test_it_is_a_fit_like_any_other(grid):
    fit = cl.Rounded(cl.Gaussian.fit, grid)
    assert check_family(fit, cl.Gaussian(2.0, 3.0).expand(4))
    assert check_family(fit, cl.Gaussian(2.0, 3.0, draw="moments"))


@pytest.mark.parametrize("name", ["float16", "float32"])
def test_parameters_are_values_of_the_format(name):
    data = np.random.default_rng(1).normal(3.0, 1e-3, (20, 50))
    plain, stored = cl.Gaussian.fit(data), cl.Rounded(cl.Gaussian.fit, name)(data)
    for before, after in ((plain.mean, stored.mean), (plain.var, stored.var)):
        assert after.dtype == np.float64
        np.testing.assert_array_equal(after, after.astype(name))  # no digits beyond the format
        np.testing.assert_array_equal(after, before.astype(name))
        assert (after != before).any()
    np.testing.assert_array_equal(cl.Rounded(cl.Gaussian.fit, "float64")(data).var, plain.var)


def test_an_even_lattice_rounds_to_the_nearest():
    data = np.random.default_rng(1).normal(3.0, 1.0, (20, 50))
    plain, stored = cl.Gaussian.fit(data), cl.Rounded(cl.Gaussian.fit, 0.125, ("var",))(data)
    np.testing.assert_array_equal(stored.mean, plain.mean)  # not named, not rounded
    np.testing.assert_array_equal(stored.var % 0.125, 0)
    assert np.abs(stored.var - plain.var).max() <= 0.0625


def test_a_variance_below_the_lattice_is_gone_for_good():
    world = cl.Gaussian(0.0, 2e-8, draw="moments")  # float16 has nothing between 0 and 6e-8
    history = cl.run(
        cl.Rounded(cl.Gaussian.fit, "float16"),
        world,
        n=1000,
        n_generations=3,
        metrics=[cl.metrics.variance],
        rng=1,
    )
    assert (history["variance"] == 0).all()


def test_what_it_refuses():
    with pytest.raises(TypeError, match="fit must be callable, got None"):
        cl.Rounded(None, "float16")
    with pytest.raises(ValueError, match=r"grid must be one of float16, .*, got 'int8'"):
        cl.Rounded(cl.Gaussian.fit, "int8")
    with pytest.raises(ValueError, match=r"grid must lie in \(0, inf\), got 0"):
        cl.Rounded(cl.Gaussian.fit, 0)
    with pytest.raises(ValueError, match="mean must hold finite numbers, got inf"):
        cl.Rounded(partial(cl.Gaussian.fit, ddof=1), "float16")(np.array([1e5, 3e5]))
