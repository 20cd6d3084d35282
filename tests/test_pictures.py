"""The world of digits, samplers of scikit-learn's estimators, and sharpened sampling."""

import re
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import multivariate_normal
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import KernelDensity
from sklearn.neural_network import BernoulliRBM

import collapse_lab as cl
from collapse_lab import pictures, theory
from collapse_lab.testing import check_family

DIGITS = pictures.handwritten()


def test_digits_are_those_of_scikit_learn():
    assert DIGITS.ink.shape == (1797, 64)
    assert DIGITS.ink.dtype == np.float64
    assert DIGITS.label.dtype == np.int64
    assert (DIGITS.ink.min(), DIGITS.ink.max()) == (0, 1)
    assert np.bincount(DIGITS.label).min() >= 174


def test_halves_share_nothing_and_hold_each_digit_evenly():
    one, other = pictures.halves(DIGITS)
    assert len(one) + len(other) == 1797
    counts = np.bincount(one.label) - np.bincount(other.label)
    assert set(counts.tolist()) <= {0, 1}
    both = np.concatenate([one.ink, other.ink])
    assert sorted(map(bytes, both)) == sorted(map(bytes, DIGITS.ink))


@pytest.mark.parametrize("share", [0.01, 0.03, 0.09])
def test_thinned_share(share):
    thinned = pictures.thin(DIGITS, 0, share)
    assert np.mean(thinned.label == 0) == pytest.approx(share, abs=0.5 / len(thinned))
    assert (np.bincount(thinned.label)[1:] == np.bincount(DIGITS.label)[1:]).all()


def test_what_is_kept_and_what_is_flawed_is_spread_over_the_writers():
    zeros = np.flatnonzero(DIGITS.label == 0)
    thinned = pictures.thin(DIGITS, 0, 0.05)
    kept = {bytes(x) for x in thinned.ink[thinned.label == 0]}
    places = [i for i, row in enumerate(zeros) if bytes(DIGITS.ink[row]) in kept]
    assert np.diff(places).max() <= 3
    flawed = pictures.stroke_ink(pictures.plant(DIGITS, 0, 0.5).ink[zeros]) > 0.5
    assert flawed.sum() == round(0.5 * len(zeros))
    assert flawed[: len(zeros) // 2].sum() == pytest.approx(flawed.sum() / 2, abs=1)


def test_the_stroke_is_where_digits_have_no_ink():
    assert pictures.stroke_ink(DIGITS.ink).max() < 0.25
    planted = pictures.plant(DIGITS, 7, 0.3)
    flawed = pictures.stroke_ink(planted.ink) > 0.5
    n_sevens = np.sum(DIGITS.label == 7)
    assert flawed.sum() == round(0.3 * n_sevens)
    assert (planted.label[flawed] == 7).all()
    assert (pictures.stroke_ink(planted.ink[flawed]) == 1).all()
    assert ((planted.ink != DIGITS.ink).sum(axis=1)[flawed] <= 4).all()
    assert (planted.ink[~flawed] == DIGITS.ink[~flawed]).all()
    assert pictures.stroke_ink(planted.ink.reshape(3, -1, 64)).shape == (3, 599)


def test_no_share_and_all_of_it():
    assert (pictures.plant(DIGITS, 7, 0.0).ink == DIGITS.ink).all()
    assert (pictures.stroke_ink(pictures.plant(DIGITS, 7, 1).ink)[DIGITS.label == 7] == 1).all()


@pytest.mark.parametrize("damage", [pictures.thin, pictures.plant])
def test_damages_check_their_arguments(damage):
    with pytest.raises(ValueError, match=r"share must lie in .0, 1\], got 1.5"):
        damage(DIGITS, 0, 1.5)
    with pytest.raises(ValueError, match=re.escape("digit must be one of [0, 1, 2, 3")):
        damage(DIGITS, 10, 0.05)


def test_a_class_cannot_be_thinned_to_more_than_it_has():
    with pytest.raises(ValueError, match=r"share must be at most .* digit 0, 0\.099, got 0\.2"):
        pictures.thin(DIGITS, 0, 0.2)


# --- samplers ----------------------------------------------------------------------------------

FACTORS = cl.from_sklearn(
    PCA(3, whiten=True, svd_solver="covariance_eigh"), sample=pictures.draw_factors
)


def test_factors_have_the_moments_of_the_sample_along_the_main_directions(within):
    data = np.random.default_rng(1).normal(size=(300, 6)) * [5, 4, 3, 0.1, 0.1, 0.1] + 2
    model = FACTORS(data, rng=np.random.default_rng(2))
    drawn = model.sample(40_000, rng=3)
    values, vectors = np.linalg.eigh(np.cov(data, rowvar=False))
    values[:3] = 0  # only the three largest are kept
    cov = vectors * values @ vectors.T
    spread = np.sqrt((np.outer(np.diag(cov), np.diag(cov)) + cov**2) / 40_000)
    within(np.cov(drawn, rowvar=False), cov, se=spread + 1e-12)
    within(drawn.mean(axis=0), data.mean(axis=0), se=np.sqrt(np.diag(cov) / 40_000) + 1e-12)


def test_factor_score_is_a_normal_density_up_to_a_constant():
    model = FACTORS(DIGITS.ink[:200], rng=np.random.default_rng(1))
    points = model.sample(50, rng=2)
    pca = model.estimator
    inside = (points - pca.mean_) @ pca.components_.T
    density = multivariate_normal.logpdf(inside, cov=np.diag(pca.explained_variance_))
    gap = pictures.factor_score(model, points) - density
    assert np.ptp(gap) < 1e-8


def test_kernel_score_is_the_log_density_up_to_a_constant():
    fit = cl.from_sklearn(KernelDensity(bandwidth=0.5))
    data = np.random.default_rng(1).normal(size=(40, 2))
    model = fit(data, rng=np.random.default_rng(2))
    points = np.random.default_rng(3).normal(size=(30, 2))
    assert np.ptp(pictures.kernel_score(model, points) - model.logpdf(points)) < 1e-9
    by_hand = [logsumexp(-np.square(x - data).sum(axis=1) / 2 / 0.5**2) for x in points]
    np.testing.assert_allclose(pictures.kernel_score(model, points), by_hand, rtol=1e-12)


def tiny_rbm(weights, visible, hidden):
    """Return what `draw_gibbs` reads of a fitted machine."""
    return SimpleNamespace(
        components_=np.array(weights, dtype=float),
        intercept_visible_=np.array(visible, dtype=float),
        intercept_hidden_=np.array(hidden, dtype=float),
        h_samples_=np.zeros((4, len(hidden))),
    )


def test_gibbs_draws_have_the_law_of_the_machine(within):
    # Two visible and one hidden unit: all eight states can be summed.
    weights, visible, hidden = [[1.5, -1.0]], [0.3, -0.2], [0.4]
    states = np.array([[a, b] for a in (0, 1) for b in (0, 1)], dtype=float)
    log_p = states @ visible + np.logaddexp(0, states @ np.transpose(weights) + hidden).sum(axis=1)
    p = np.exp(log_p - logsumexp(log_p))
    n = 50_000
    drawn = pictures.draw_gibbs(
        tiny_rbm(weights, visible, hidden), n, rng=np.random.default_rng(1), n_steps=25
    )
    counts = np.bincount((drawn @ [2, 1]).astype(int), minlength=4)
    within(counts / n, p, se=np.sqrt(p * (1 - p) / n))


def test_one_gibbs_step_starts_from_what_training_left(within):
    machine = tiny_rbm([[2.0, -2.0]], [0.0, 0.0], [0.0])
    machine.h_samples_ = np.ones((3, 1))
    drawn = pictures.draw_gibbs(machine, 20_000, rng=np.random.default_rng(2), n_steps=1)
    p = 1 / (1 + np.exp([-2.0, 2.0]))
    within(drawn.mean(axis=0), p, se=np.sqrt(p * (1 - p) / 20_000))
    with pytest.raises(ValueError, match="n_steps must be a whole number of at least 1, got 0"):
        pictures.draw_gibbs(machine, 3, rng=np.random.default_rng(2), n_steps=0)


@pytest.mark.parametrize(
    "fit",
    [
        FACTORS,
        cl.from_sklearn(BernoulliRBM(4, n_iter=2), sample=pictures.draw_gibbs),
        cl.from_sklearn(GaussianMixture(2, covariance_type="diag", reg_covar=1e-3)),
    ],
)
def test_families_keep_what_the_engine_needs(fit):
    black = cl.Empirical((DIGITS.ink[:300] > 0.5).astype(np.float64))
    assert check_family(fit, black, n=40)


# --- the average picture -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "fit",
    [
        FACTORS,
        cl.from_sklearn(GaussianMixture(3, covariance_type="diag", reg_covar=1e-4)),
        cl.from_sklearn(KernelDensity(bandwidth=0.1)),
    ],
    ids=["factors", "mixture", "kernel"],
)
def test_models_have_the_mean_of_their_sample(fit):
    data = pictures.plant(DIGITS, 7, 0.3).ink[:150]
    estimator = fit(data, rng=np.random.default_rng(1)).estimator
    if hasattr(estimator, "weights_"):
        mean = estimator.weights_ @ estimator.means_
    else:
        mean = getattr(estimator, "mean_", None)
        mean = np.asarray(estimator.tree_.data).mean(axis=0) if mean is None else mean
    np.testing.assert_allclose(mean, data.mean(axis=0), atol=1e-9)


def test_a_mixture_has_the_variance_of_its_sample_and_its_safety_term():
    data = DIGITS.ink[:150]
    fit = cl.from_sklearn(GaussianMixture(5, covariance_type="diag", reg_covar=1e-3))
    e = fit(data, rng=np.random.default_rng(1)).estimator
    mean = e.weights_ @ e.means_
    variance = e.weights_ @ (e.covariances_ + np.square(e.means_)) - np.square(mean)
    np.testing.assert_allclose(variance, data.var(axis=0) + 1e-3, atol=1e-9)


# --- the most likely share ---------------------------------------------------------------------


def test_the_most_likely_are_kept_in_their_order():
    model = SimpleNamespace(sample=lambda n, rng: np.arange(n), logpdf=lambda x: -np.abs(x - 5))
    assert pictures.MostLikely(model, 0.5).sample(5, rng=1).tolist() == [3, 4, 5, 6, 7]
    assert pictures.MostLikely(model, 1).sample(3, rng=1).tolist() == [0, 1, 2]
    assert pictures.MostLikely(model, 0.3).sample(3, rng=1).tolist() == [4, 5, 6]
    least = pictures.MostLikely(model, 0.5, lambda model, x: -model.logpdf(x))
    assert least.sample(5, rng=1).tolist() == [0, 1, 2, 8, 9]


def test_all_of_a_model_is_the_model():
    world = cl.Gaussian(1.0, 4.0)
    sharp = pictures.MostLikely(world, 1.0)
    assert (sharp.sample(9, rng=1) == world.sample(9, rng=1)).all()


@pytest.mark.parametrize(("share", "d"), [(0.5, 1), (0.5, 4), (0.2, 3), (0.9, 16)])
def test_variance_of_the_most_likely(share, d, within):
    factor = theory.most_likely_variance(share, d)
    n = 200_000
    model = SimpleNamespace(
        sample=lambda m, rng: np.random.default_rng(rng).normal(size=(m, d)),
        logpdf=lambda x: -np.square(x).sum(axis=1),
    )
    kept = pictures.MostLikely(model, share).sample(n, rng=1)
    # per point, the mean of d squares; one threshold for all adds less than their own spread
    squares = np.square(kept).mean(axis=1)
    within(squares.mean(), factor, se=2 * squares.std() / np.sqrt(n))


def test_variance_of_the_most_likely_on_a_line_is_that_of_a_cut_normal():
    share = 0.6826894921370859  # within one standard deviation
    expected = theory.truncated_variance(1.0)
    assert theory.most_likely_variance(share, 1) == pytest.approx(expected, rel=1e-9)
    assert theory.most_likely_variance(1.0, 7) == 1


def test_a_loop_of_the_most_likely_follows_the_law(within):
    d, n, t, runs = 3, 400, 4, 60
    fit = cl.from_sklearn(
        PCA(d, whiten=True, svd_solver="covariance_eigh"), sample=pictures.draw_factors
    )
    policy = cl.Decode(lambda m: pictures.MostLikely(m, 0.5, pictures.factor_score))
    world = cl.MultivariateGaussian(np.zeros(d), np.eye(d))
    history = [
        cl.run(
            fit,
            world,
            n=n,
            n_generations=t,
            policy=policy,
            metrics={"total": lambda m: m.estimator.explained_variance_.sum()},
            rng=seed,
        )["total"][-1]
        for seed in range(runs)
    ]
    expected = d * theory.most_likely_variance(0.5, d) ** t
    # of 2 n candidates the n likeliest, not those within the ball: an error of order 1/n each time
    within(
        np.mean(history), expected, se=np.std(history) / np.sqrt(runs), bias=2 * t / n * expected
    )


def test_noisy_copies_follow_their_law(within):
    n, t, h, runs = 30, 4, 0.5, 400
    fit = cl.from_sklearn(KernelDensity(bandwidth=h))
    total = {"v": lambda m: np.asarray(m.estimator.tree_.data).var() + h**2}
    v = np.array(
        [
            cl.run(fit, cl.Gaussian(), n=n, n_generations=t, metrics=total, rng=seed)["v"]
            for seed in range(runs)
        ]
    )
    expected = theory.noisy_copy_variance(np.arange(t + 1), n, noise=h**2)
    within(v.mean(axis=0), expected, se=v.std(axis=0) / np.sqrt(runs))


def test_law_of_noisy_copies_at_its_ends():
    t = np.arange(5)
    np.testing.assert_allclose(
        theory.noisy_copy_variance(t, 10, noise=0.0), theory.expected_variance(t, 10)
    )
    late = theory.noisy_copy_variance(10**5, 10, noise=0.3, world=8.0)
    assert late == pytest.approx(3.0)


@pytest.mark.parametrize("bandwidth", [0.1, 0.8])
def test_the_two_laws_of_kernels_agree(bandwidth):
    t = np.arange(40)
    first = [theory.kernel_variance_moments(int(i), 12, bandwidth)[0] for i in t]
    np.testing.assert_allclose(theory.noisy_copy_variance(t, 12, noise=bandwidth**2), first)


def test_sharpened_sampling_checks_its_arguments():
    model = SimpleNamespace(sample=lambda n, rng: n)
    with pytest.raises(TypeError, match="score must be given for a model without a method logpdf"):
        pictures.MostLikely(model, 0.5)
    with pytest.raises(TypeError, match="score must be callable, got 3"):
        pictures.MostLikely(model, 0.5, 3)
    with pytest.raises(ValueError, match=re.escape("share must lie in (0, 1], got 0")):
        pictures.MostLikely(model, 0, lambda model, x: x)
    with pytest.raises(ValueError, match="n must be a whole number of at least 1, got 0"):
        pictures.MostLikely(cl.Gaussian(), 0.5).sample(0, rng=1)
