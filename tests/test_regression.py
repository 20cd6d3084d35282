"""Linear models: least squares against numpy's, exact equations against points, relabelling."""

import re
from functools import partial

import numpy as np
import pytest

import collapse_lab as cl
from collapse_lab import metrics
from collapse_lab.testing import check_family

RNG = np.random.default_rng
COEF = np.array([1.0, -2.0, 0.5])


def penalized(X, y, ridge):
    """Ridge regression as least squares with extra rows, by numpy."""
    n, d = X.shape
    rows = np.sqrt(n * ridge) * np.eye(d)
    return np.linalg.lstsq(np.vstack([X, rows]), np.concatenate([y, np.zeros(d)]), rcond=None)[0]


# --- what is refused -------------------------------------------------------------------------


def test_parameters_are_checked():
    with pytest.raises(ValueError, match="draw must be 'points' or 'equations', got 'moments'"):
        cl.LinearModel(COEF, draw="moments")
    with pytest.raises(ValueError, match=re.escape("noise must lie in [0, inf), got -1.0")):
        cl.LinearModel(COEF, -1.0)
    with pytest.raises(ValueError, match="coef must hold finite numbers, got nan"):
        cl.LinearModel([np.nan])
    for coef, shape in ((1.0, ()), ([], (0,))):
        message = re.escape(f"coef must have shape (d, *replicates), got shape {shape}")
        with pytest.raises(ValueError, match=message):
            cl.LinearModel(coef)
    for model in (cl.LinearModel(COEF), cl.LinearModel(COEF, draw="equations")):
        with pytest.raises(ValueError, match="n must be a whole number of at least 1, got 0"):
            model.sample(0, rng=1)
        with pytest.raises(ValueError, match=r"n_replicates must be .* at least 1, got 0"):
            model.expand(0)


@pytest.mark.parametrize("shape", [(5,), (5, 2), (5, 3, 2), (5, 2, 4)])
def test_inputs_to_label_must_fit_the_coefficients(shape):
    model = cl.LinearModel(COEF).expand(4)
    message = re.escape(f"for a coef of shape (3, 4), got {shape}")
    with pytest.raises(ValueError, match=message):
        model.label(np.zeros(shape), rng=1)
    with pytest.raises(ValueError, match="X must hold finite numbers, got inf"):
        model.label(np.full((5, 3), np.inf), rng=1)
    with pytest.raises(ValueError, match=re.escape("of shape (3, 4, 2), got (5, 3, 4)")):
        model.expand(2).label(np.zeros((5, 3, 4)), rng=1)


def test_fits_check_their_data():
    data = cl.LinearModel(COEF).sample(9, rng=1)
    with pytest.raises(ValueError, match=re.escape("ridge must lie in [0, inf), got -0.1")):
        cl.LinearModel.fit(data, ridge=-0.1)
    with pytest.raises(TypeError, match="data must be Labelled or NormalEquations, got ndarray"):
        cl.LinearModel.fit(data.X)
    with pytest.raises(ValueError, match="y must hold finite numbers, got nan"):
        cl.LinearModel.fit(cl.Labelled(data.X, np.full(9, np.nan)))
    for X, y in ((np.ones(9), data.y), (np.ones((9, 3, 2)), data.y), (np.ones((0, 3)), [])):
        message = re.escape(f"for a y of shape {np.shape(y)}, got {X.shape}")
        with pytest.raises(ValueError, match=message):
            cl.LinearModel.fit(cl.Labelled(X, y))


# --- fits ------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [2, 3, 12])
@pytest.mark.parametrize("ridge", [0.0, 0.3])
def test_a_fit_is_that_of_numpy(n, ridge):
    data = cl.LinearModel(COEF).expand(4).sample(n, rng=1)
    fitted = cl.LinearModel.fit(data, ridge=ridge, noise=0.7)
    assert fitted.coef.shape == (3, 4)
    assert fitted.noise == 0.7
    for r in range(4):
        X, y = data.X[..., r], data.y[:, r]
        expected = penalized(X, y, ridge) if ridge else np.linalg.lstsq(X, y, rcond=None)[0]
        np.testing.assert_allclose(fitted.coef[:, r], expected, rtol=1e-8)
        alone = cl.LinearModel.fit(cl.Labelled(X, y), ridge=ridge)
        np.testing.assert_allclose(alone.coef, expected, rtol=1e-8)


@pytest.mark.parametrize("n", [2, 12])
@pytest.mark.parametrize("ridge", [0.0, 0.3])
def test_shared_inputs_and_equations_give_the_same_fit(n, ridge):
    X = RNG(1).standard_normal((n, 3))
    y = cl.LinearModel(COEF).expand(4).label(X, rng=2)
    shared = cl.LinearModel.fit(cl.Labelled(X, y), ridge=ridge)
    repeated = np.repeat(X[..., None], 4, axis=2)
    apart = cl.LinearModel.fit(cl.Labelled(repeated, y), ridge=ridge)
    np.testing.assert_allclose(shared.coef, apart.coef, rtol=1e-8)
    gram = np.einsum("nir,njr->ijr", repeated, repeated)
    equations = cl.NormalEquations(n, gram, np.einsum("nir,nr->ir", repeated, y))
    summed = cl.LinearModel.fit(equations, ridge=ridge)
    np.testing.assert_allclose(summed.coef, shared.coef, rtol=1e-8)
    assert (shared.draw, summed.draw) == ("points", "equations")


def test_directions_that_no_input_has_get_no_coefficient():
    X = RNG(1).standard_normal((20, 3))
    X[:, 2] = X[:, 0]  # as many equations as unknowns, and yet one is missing
    y = X @ [1.0, -2.0, 3.0]
    expected = np.linalg.lstsq(X, y, rcond=None)[0]
    np.testing.assert_allclose(expected, [2, -2, 2])
    np.testing.assert_allclose(cl.LinearModel.fit(cl.Labelled(X, y)).coef, expected, rtol=1e-6)
    for seed in range(30):  # in some of these rounding hides what is missing from Cholesky
        X = RNG(seed).standard_normal((20, 3))
        X[:, 2] = 0.7 * X[:, 0] + X[:, 1] / 3
        y = RNG(seed + 100).standard_normal(20)
        expected = np.linalg.lstsq(X, y, rcond=None)[0]
        fitted = cl.LinearModel.fit(cl.Labelled(X, y)).coef
        np.testing.assert_allclose(fitted, expected, atol=1e-6)
        X = RNG(seed).standard_normal((20, 3)) * [1.0, 1e-4, 1.0]  # a small one is still seen
        X[:, 2] = 0.7 * X[:, 0]
        found = cl.LinearModel.fit(cl.Labelled(X, X @ [1.0, 1.0, 0.7])).coef
        np.testing.assert_allclose(found, [1.0, 1.0, 0.7], atol=1e-4)
    X = RNG(1).standard_normal((20, 3))
    X[:, 2] = X[:, 0]
    y = RNG(101).standard_normal(20)
    expected = np.linalg.lstsq(X, y, rcond=None)[0]
    small = np.stack([X, 1e-7 * X], axis=-1)  # each replicate in its own unit
    both = cl.LinearModel.fit(cl.Labelled(small, np.stack([y, 1e-7 * y], axis=-1)))
    np.testing.assert_allclose(both.coef, np.stack([expected, expected], axis=-1), atol=1e-6)
    zero = cl.LinearModel.fit(cl.Labelled(np.zeros((5, 2)), np.ones(5)))
    assert zero.coef.tolist() == [0, 0]


def test_noise_free_labels_are_interpolated():
    for n in (3, 30):
        data = cl.LinearModel(COEF, 0.0).sample(n, rng=1)
        np.testing.assert_allclose(cl.LinearModel.fit(data).coef, COEF, rtol=1e-6)
    data = cl.LinearModel(COEF, 0.0).sample(30, rng=1)
    units = np.array([1.0, 1e-4, 1.0])  # a direction is seen if it has 1e-12 of the largest square
    fitted = cl.LinearModel.fit(cl.Labelled(data.X * units, data.y))
    np.testing.assert_allclose(fitted.coef * units, COEF, rtol=1e-6)


# --- samples ---------------------------------------------------------------------------------


def test_shapes():
    for replicates in ((), (4,), (4, 2)):
        coef = np.ones((3, *replicates))
        data = cl.LinearModel(coef).sample(7, rng=1)
        assert (data.X.shape, data.y.shape) == ((7, 3, *replicates), (7, *replicates))
        assert cl.LinearModel.fit(data).replicates == replicates
        assert cl.LinearModel(coef).label(data.X[(..., *[0] * len(replicates))], rng=1).shape == (
            7,
            *replicates,
        )
        for n in (2, 7):
            equations = cl.LinearModel(coef, draw="equations").sample(n, rng=1)
            assert equations.gram.shape == (3, 3, *replicates)
            assert equations.cross.shape == (3, *replicates)
            assert cl.LinearModel.fit(equations).replicates == replicates
    assert cl.LinearModel(COEF).expand(5).expand(2).replicates == (5, 2)


def test_labels_are_linear_with_normal_noise(has_law):
    from scipy import stats

    model = cl.LinearModel(np.stack([COEF, -COEF], axis=1), noise=0.5)
    X = RNG(1).standard_normal((4000, 3))
    gap = model.label(X, rng=2) - np.stack([X @ COEF, -X @ COEF], axis=1)
    has_law(gap / 0.5, stats.norm.cdf)
    assert cl.LinearModel(COEF).noise == cl.LinearModel.fit(cl.Labelled(X, X[:, 0])).noise == 1
    exact = cl.LinearModel(COEF, noise=0.0)
    np.testing.assert_allclose(exact.label(X, rng=1), X @ COEF)


@pytest.mark.parametrize("n", [2, 9])
def test_equations_and_points_agree_in_law(n, same_law):
    world = partial(cl.LinearModel, COEF, 0.7)
    points = world().expand(8000).sample(n, rng=1)
    gram = np.einsum("nir,njr->ijr", points.X, points.X)
    cross = np.einsum("nir,nr->ir", points.X, points.y)
    exact = world(draw="equations").expand(8000).sample(n, rng=2)
    for i, j in ((0, 0), (0, 1), (2, 2)):
        same_law(gram[i, j], exact.gram[i, j])
    for i in range(3):
        same_law(cross[i], exact.cross[i])
        same_law(
            cross[i] - np.einsum("jr,j->r", gram[i], COEF),
            exact.cross[i] - np.einsum("jr,j->r", exact.gram[i], COEF),
        )
    same_law(gram[0, 1] * cross[2], exact.gram[0, 1] * exact.cross[2])


@pytest.mark.parametrize("policy", [cl.replace, cl.accumulate, cl.Keep(), cl.Mix(0.4)])
def test_chains_on_equations_and_on_points_agree_in_law(policy, same_law):
    fit = partial(cl.LinearModel.fit, ridge=0.05)
    chains = [
        cl.run(
            fit, cl.LinearModel(COEF, draw=draw).expand(4000), n=10, n_generations=3,
            policy=policy, metrics={"first": lambda model: model.coef[0]}, rng=seed,
        )
        for seed, draw in enumerate(("points", "equations"))
    ]  # fmt: skip
    same_law(chains[0]["first"][-1], chains[1]["first"][-1])


@pytest.mark.parametrize("draw", ["points", "equations"])
def test_the_family_conforms(draw):
    for world in (cl.LinearModel(COEF, 0.5, draw), cl.LinearModel(COEF, 0.5, draw).expand(3)):
        assert len(check_family(partial(cl.LinearModel.fit, noise=0.5), world)) == 12


def test_excess_error_is_the_error_beyond_the_noise(within):
    world, model = cl.LinearModel(COEF), cl.LinearModel(COEF + np.array([0.3, 0.0, -0.4]))
    assert metrics.excess_error(model, world) == pytest.approx(0.25)
    data = world.sample(400_000, rng=1)
    excess = (data.y - data.X @ model.coef) ** 2 - (data.y - data.X @ COEF) ** 2
    within(excess.mean(), 0.25, se=excess.std() / np.sqrt(len(excess)))
    side_by_side = cl.LinearModel(np.stack([COEF, COEF + 1], axis=1))
    np.testing.assert_allclose(metrics.excess_error(side_by_side, world), [0, 3])
    np.testing.assert_allclose(metrics.excess_error(side_by_side, world.expand(2)), [0, 3])
