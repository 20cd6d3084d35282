import pickle
import re
from itertools import islice

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture
from sklearn.neighbors import KernelDensity
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import collapse_lab as cl

POINTS = np.random.default_rng(0).normal([0, 5], size=(200, 2))
QUICK = {"init_params": "random_from_data", "tol": 1e9}  # two steps from random starting points
SEEDS = {
    "an integer": lambda: 7,
    "a RandomState": lambda: np.random.RandomState(7),
    "None": lambda: None,
}


def mixture_of_pipeline(pipeline, n, rng):  # noqa: ARG001 - a sampler has this argument
    """Sample the last step and undo the first, with the mixture's own seed."""
    return pipeline[0].inverse_transform(pipeline[-1].sample(n)[0])


ESTIMATORS = {
    "mixture": lambda seed: (GaussianMixture(2, random_state=seed, **QUICK),),
    "Bayesian mixture": lambda seed: (
        BayesianGaussianMixture(n_components=2, random_state=seed, **QUICK),
    ),
    "kernel density": lambda seed: (KernelDensity(),),
    "pipeline": lambda seed: (
        make_pipeline(StandardScaler(), GaussianMixture(2, random_state=seed, **QUICK)),
        mixture_of_pipeline,
    ),
}


def bridged(kind, seed):
    return cl.from_sklearn(*ESTIMATORS[kind](SEEDS[seed]()))


# --- noise is never repeated -----------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", ESTIMATORS)
def test_draws_follow_rng_alone(kind, seed):
    model = bridged(kind, seed)(POINTS, rng=np.random.default_rng(1))
    rng = np.random.default_rng(2)
    first, second = model.sample(50, rng=rng), model.sample(50, rng=rng)
    again = model.sample(50, rng=np.random.default_rng(2))
    assert (first == again).all()
    assert not np.isin(first, second).any()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", ESTIMATORS)
def test_a_recursion_never_repeats_its_noise(kind, seed):
    # With a fixed seed, the standardized draws of all generations would be the same numbers.
    generations = islice(cl.recurse(bridged(kind, seed), cl.Empirical(POINTS), n=60, rng=3), 4)
    noise = []
    for generation in generations:
        data = generation.data[:, 0]
        noise.append(np.sort((data - data.mean()) / data.std()))
    gaps = [np.abs(one - two).max() for i, one in enumerate(noise) for two in noise[:i]]
    assert min(gaps) > 0.05


def test_a_fit_follows_rng_alone():
    fit = cl.from_sklearn(GaussianMixture(5, random_state=7, **QUICK))
    one, same, other = (fit(POINTS, rng=np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert (one.estimator.means_ == same.estimator.means_).all()
    assert not (one.estimator.means_ == other.estimator.means_).any()


def test_variance_falls_as_theory_says_whatever_the_seed(within):
    # With one component and a repeated seed the variance can even grow.
    n, generations, replicates = 20, 3, 100
    fit = cl.from_sklearn(GaussianMixture(reg_covar=0.0, random_state=7, **QUICK))
    variance = {"variance": lambda model: model.estimator.covariances_.item()}
    setting = {"n": n, "n_generations": generations, "metrics": variance}
    runs = [
        cl.run(fit, cl.Gaussian(), **setting, rng=child)["variance"]
        for child in np.random.default_rng(4).spawn(replicates)
    ]
    t = np.arange(generations + 1)
    expected = cl.theory.expected_variance(t, n)
    sd = np.sqrt(cl.theory.variance_second_moment(t, n) - expected**2)
    within(np.mean(runs, axis=0), expected, se=sd / np.sqrt(replicates))


@pytest.mark.parametrize("kind", ["mixture", "Bayesian mixture"])
def test_draws_are_not_grouped_by_component(kind, within):
    data = np.vstack([POINTS, POINTS + np.array([100, 0])])
    n = 2_000
    drawn = bridged(kind, "an integer")(data, rng=np.random.default_rng(5)).sample(n, rng=6)
    from_right = drawn[:, 0] > 50
    changes = (from_right[1:] != from_right[:-1]).sum()
    share = from_right.mean()
    # Given the share, every order is equally likely: the law of the number of runs.
    expected = 2 * n * share * (1 - share)
    within(changes, expected, se=expected / np.sqrt(n))


# --- what belongs to the user stays as it was ------------------------------------------------


@pytest.mark.parametrize("kind", ESTIMATORS)
def test_the_users_estimator_is_not_changed(kind):
    state = np.random.RandomState(7)
    estimator, *sampler = ESTIMATORS[kind](state)
    before = pickle.dumps(estimator)
    model = cl.from_sklearn(estimator, *sampler)(POINTS, rng=np.random.default_rng(1))
    model.sample(10, rng=1)
    assert pickle.dumps(estimator) == before
    assert (state.get_state()[1] == np.random.RandomState(7).get_state()[1]).all()


@pytest.mark.parametrize("kind", ESTIMATORS)
def test_sampling_does_not_change_the_fitted_estimator(kind):
    model = bridged(kind, "an integer")(POINTS, rng=np.random.default_rng(1))
    before = pickle.dumps(model.estimator)
    model.sample(10, rng=2)  # another seed than that of the fit
    assert pickle.dumps(model.estimator) == before


# --- shapes ----------------------------------------------------------------------------------


@pytest.mark.parametrize("estimator", [GaussianMixture(2), KernelDensity(bandwidth=0.3)])
def test_scalars_and_vectors(estimator):
    fit = cl.from_sklearn(estimator)
    for data, shape in ((POINTS[:, 0], (7,)), (POINTS[:, :1], (7, 1)), (POINTS, (7, 2))):
        model = fit(data, rng=np.random.default_rng(1))
        drawn = model.sample(7, rng=1)
        assert drawn.shape == shape
        assert drawn.dtype == np.float64
        density = model.logpdf(drawn)
        expected = model.estimator.score_samples(drawn.reshape(7, -1))
        np.testing.assert_allclose(density, expected, rtol=1e-12)


def test_a_sampler_gets_the_fitted_estimator_and_rng():
    def sampler(pca, n, rng):
        return pca.inverse_transform(rng.normal(size=(n, 1)))

    model = cl.from_sklearn(PCA(1), sampler)(POINTS, rng=np.random.default_rng(1))
    drawn = model.sample(30, rng=1)
    assert drawn.shape == (30, 2)
    assert np.linalg.matrix_rank(drawn - drawn.mean(axis=0), tol=1e-9) == 1


# --- what is refused -------------------------------------------------------------------------


def test_arguments_are_checked():
    for wrong in (3, GaussianMixture):
        message = re.escape(f"estimator must be an object with a method fit, got {wrong!r}")
        with pytest.raises(TypeError, match=message):
            cl.from_sklearn(wrong)
    with pytest.raises(TypeError, match=r"sample must be given for .* got StandardScaler\(\)"):
        cl.from_sklearn(StandardScaler())
    with pytest.raises(TypeError, match="sample must be callable, got 'sample'"):
        cl.from_sklearn(StandardScaler(), "sample")


def test_data_are_checked():
    fit = cl.from_sklearn(GaussianMixture())
    with pytest.raises(TypeError, match="from_sklearn must see single observations, got Moments"):
        fit(cl.Moments(3, 0.0, 1.0))
    with pytest.raises(
        ValueError, match=re.escape("must have shape (n,) or (n, d), got (2, 2, 2)")
    ):
        fit(np.zeros((2, 2, 2)))
    with pytest.raises(ValueError, match="data must hold finite numbers, got nan"):
        fit([0.0, np.nan])
    model = fit(POINTS)
    with pytest.raises(ValueError, match="n must be a whole number of at least 1, got 0"):
        model.sample(0, rng=1)
    with pytest.raises(ValueError, match="x must hold finite numbers, got nan"):
        model.logpdf([[0.0, np.nan]])


@pytest.mark.parametrize(("drawn", "got"), [(np.zeros((3, 2)), r"\(3, 2\)"), (1.0, r"\(\)")])
def test_a_sampler_must_return_n_observations(drawn, got):
    model = cl.from_sklearn(PCA(1), lambda estimator, n, rng: drawn)(POINTS)
    with pytest.raises(ValueError, match=f"sample must return n = 5 observations, got shape {got}"):
        model.sample(5, rng=1)
