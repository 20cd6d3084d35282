"""Closed forms of every workflow, against chains of drawn points and cases known by hand."""

import re
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from scipy import optimize

import collapse_lab as cl
from collapse_lab import metrics, theory

T, N, REAL = np.arange(8), 6, 4


def scaled(factor, inner=cl.replace):
    """Sample the last model with its variance multiplied."""
    return cl.Decode(lambda model: replace(model, var=factor * model.var), inner)


def resampled(data, *, rng, ddof):
    """Fit to as many points as are new in a generation, drawn with replacement."""
    part = cl.Empirical(data, replicates=data.shape[1:]).sample(N, rng=rng)
    return cl.Gaussian.fit(part, ddof=ddof)


def first_then(first, later):
    return lambda t: later if t else first


GROWING = (4, 7, 3, 9, 12, 5, 6, 8)
WORKFLOWS = {  # closed form, and how the engine runs it: sample size, policy, other arguments
    "replace": (
        lambda **more: theory.gaussian_under_replace(T, N, **more),
        lambda factor: {"n": N, "policy": scaled(factor)},
    ),
    "growth": (
        lambda **more: theory.gaussian_under_growth(GROWING, **more),
        lambda factor: {"n": GROWING.__getitem__, "policy": scaled(factor)},
    ),
    "accumulate": (
        lambda **more: theory.gaussian_under_accumulate(T, N, **more),
        lambda factor: {"n": N, "policy": scaled(factor, cl.accumulate)},
    ),
    "subsample": (
        lambda **more: theory.gaussian_under_subsample(T, N, **more),
        lambda factor: {"n": N, "policy": scaled(factor, cl.accumulate), "train_size": N},
    ),
    "keep": (
        lambda **more: theory.gaussian_under_keep(T, REAL, N, **more),
        lambda factor: {"n": first_then(REAL, N), "policy": cl.Keep(scaled(factor))},
    ),
    "mix": (
        lambda **more: theory.gaussian_under_mix(T, REAL, N, n_first=5, **more),
        lambda factor: {"n": first_then(5, N), "policy": cl.Mix(REAL / N, scaled(factor))},
    ),
    "mix with a weight": (
        lambda **more: theory.gaussian_under_mix(T, REAL, N, weight=0.3, **more),
        lambda factor: {"n": N, "policy": cl.Mix(REAL / N, scaled(factor), weight=0.3)},
    ),
}


def chain(fit, options, replicates, rng):
    return cl.run(
        fit, cl.Gaussian().expand(replicates), n_generations=T[-1], rng=rng,
        metrics=[metrics.mean, metrics.variance], **options,
    )  # fmt: skip


CASES = [
    (name, ddof, factor)
    for name in WORKFLOWS
    for ddof in ((0,) if name == "mix with a weight" else (0, 1))  # weighted data: 0 only
    for factor in (1.0, 0.8)
]


@pytest.mark.parametrize(("name", "ddof", "factor"), CASES)
def test_chains_of_points_follow_the_closed_form(name, ddof, factor, has_mean):
    form, options = WORKFLOWS[name]
    expected = form(ddof=ddof, factor=factor)
    # Few fits: the laws are not yet so heavy-tailed that their own errors would lie.
    history = chain(partial(cl.Gaussian.fit, ddof=ddof), options(factor), 40_000, rng=1)
    has_mean(history["variance"].T, expected.variance)
    has_mean(history["mean"].T ** 2, expected.mean_square)


@pytest.mark.parametrize("ddof", [0, 1])
def test_a_part_drawn_with_replacement(ddof, has_mean):
    expected = theory.gaussian_under_subsample(T, N, with_replacement=True, ddof=ddof)
    options = {"n": N, "policy": cl.accumulate}
    history = chain(partial(resampled, ddof=ddof), options, 40_000, rng=2)
    has_mean(history["variance"].T, expected.variance)
    has_mean(history["mean"].T ** 2, expected.mean_square)


@pytest.mark.parametrize("name", WORKFLOWS)
def test_maximum_likelihood_conserves(name):
    expected = WORKFLOWS[name][0]()
    np.testing.assert_allclose(expected.variance + expected.mean_square, 1, rtol=1e-12)
    assert theory.gaussian_under_subsample(5, N, with_replacement=True)[0] < 1
    assert sum(theory.gaussian_under_subsample(5, N, with_replacement=True)) == pytest.approx(1)


def test_older_forms_agree():
    for ddof in (0, 1):
        form = theory.gaussian_under_replace(T, N, ddof=ddof)
        np.testing.assert_allclose(form.variance, theory.expected_variance(T, N, ddof=ddof))
        np.testing.assert_allclose(form.mean_square, theory.mean_square_of_mean(T, N, ddof=ddof))
    form = theory.gaussian_under_accumulate(T, N)
    np.testing.assert_allclose(form.variance, theory.expected_variance_accumulate(T, N))


def test_t_may_have_any_shape():
    for t in (3, [3, 0], [[0, 3], [2, 1]]):
        for form in (
            theory.gaussian_under_replace(t, N),
            theory.gaussian_under_accumulate(t, N),
            theory.gaussian_under_subsample(t, N),
            theory.gaussian_under_keep(t, REAL, N),
            theory.gaussian_under_mix(t, REAL, N),
        ):
            assert form.variance.shape == form.mean_square.shape == np.shape(t)
    both = theory.gaussian_under_keep([3, 0], REAL, N).mean_square
    assert both.tolist() == [theory.gaussian_under_keep(t, REAL, N).mean_square for t in (3, 0)]


def test_subsamples_with_replacement_are_a_product():
    j = np.arange(2, T[-1] + 2)
    q = (1 - 1 / N) * np.concatenate([[1], np.cumprod(1 - (2 - 1 / N) / (N * j**2))])
    form = theory.gaussian_under_subsample(T, N, with_replacement=True)
    np.testing.assert_allclose(form.variance, (1 - 1 / N) * q, rtol=1e-12)
    np.testing.assert_allclose(form.mean_square, 1 - q + q / N, rtol=1e-12)


def test_limits():
    many = 10_000
    assert theory.gaussian_under_accumulate(many, N).variance == pytest.approx(
        theory.variance_limit_under_accumulate(N), rel=1e-4
    )
    assert theory.variance_limit_under_accumulate(4) == pytest.approx(2 / np.pi)
    keep = theory.gaussian_under_keep(many, REAL, N).mean_square
    assert theory.mean_square_limit_under_keep(REAL, N) == pytest.approx(keep)
    assert theory.mean_square_limit_under_keep(100, 10**9) == pytest.approx(1.5 / 100, rel=0.01)
    mix = theory.gaussian_under_mix(many, REAL, N).mean_square
    assert theory.mean_square_limit_under_mix(REAL, N) == pytest.approx(mix)
    assert theory.mean_square_limit_under_mix(N, N) == pytest.approx(1 / N)
    assert theory.mean_square_limit_under_mix(100, 10**8) == pytest.approx(0.005, rel=0.01)


def test_accumulated_decay():
    k = theory.truncated_variance(1.0)
    product = np.concatenate([[1], np.cumprod(1 - (1 - k) / np.arange(2, 9))])
    np.testing.assert_allclose(theory.accumulated_decay(T, k), product, rtol=1e-12)
    endless = theory.gaussian_under_accumulate(T, 10**9, factor=k).variance
    np.testing.assert_allclose(endless, product, rtol=1e-6)
    slope = theory.accumulated_decay(20_000, k) / theory.accumulated_decay(10_000, k)
    assert slope == pytest.approx(2 ** -(1 - k), rel=1e-4)


@pytest.mark.parametrize("ddof", [0, 1])
@pytest.mark.parametrize("s", [50, 300])
def test_distance_under_mix(ddof, s, has_mean):
    n, replicates = 100 + s, 40_000
    world = cl.Gaussian(draw="moments").expand(replicates)
    history = cl.run(
        partial(cl.Gaussian.fit, ddof=ddof), world, n=n, n_generations=30, rng=3,
        policy=cl.Mix(100 / n, scaled(0.8)), metrics=[metrics.mean, metrics.std],
    )  # fmt: skip
    distance = history["mean"][-1] ** 2 + (history["std"][-1] - 1) ** 2
    expected = theory.squared_wasserstein_under_mix(100, n, ddof=ddof, factor=0.8)
    has_mean(distance, expected)
    # mean square and variance are those of the recursion, the rest is the spread of the variance
    v, m = theory.gaussian_under_mix(500, 100, n, ddof=ddof, factor=0.8)
    step = (2 * 100 + 2 * s * (0.8 * v) ** 2) / n**2  # of one fit
    spread = step / (1 - (0.8 * s / n) ** 2)
    parts = m + (np.sqrt(v) - 1) ** 2 + spread / (4 * v**1.5)
    assert expected == pytest.approx(parts, rel=1e-9)


def test_admissible_synthetic_is_where_the_distance_crosses():
    for ddof, factor in ((0, 0.8), (1, 0.7)):
        s = theory.admissible_synthetic(100, factor, ddof=ddof)
        distance = partial(theory.squared_wasserstein_under_mix, 100, ddof=ddof, factor=factor)
        first = theory.gaussian_under_replace(0, 100, ddof=ddof)
        alone = sum(first) + 1 - 2 * theory.expected_std(0, 100, ddof=ddof)
        assert distance(100 + s) < alone <= distance(100 + s + 1)
    assert theory.admissible_synthetic(100, 0.9) > theory.admissible_synthetic(100, 0.8)


@pytest.mark.parametrize(("n_real", "n_synthetic"), [(50, 50), (10, 40), (300, 20)])
def test_optimal_weight_is_the_best(n_real, n_synthetic):
    found = optimize.minimize_scalar(
        lambda w: theory.weighted_mean_square(w, n_real, n_synthetic), bounds=(0.01, 1)
    )
    best = theory.optimal_weight(n_real, n_synthetic)
    assert best == pytest.approx(found.x, rel=1e-4)
    assert n_real * theory.weighted_mean_square(best, n_real, n_synthetic) == pytest.approx(best)
    assert theory.optimal_weight(50, 50) == pytest.approx((np.sqrt(5) - 1) / 2)


def test_weighted_mean_square_is_a_fixed_point():
    w, n_real, s = 0.3, 7, 20
    m = theory.weighted_mean_square(w, n_real, s)
    assert w**2 / n_real + (1 - w) ** 2 * (m + 1 / s) == pytest.approx(m)
    likely = theory.gaussian_under_mix(500, n_real, n_real + s, weight=w).mean_square
    assert likely < m < likely * (1 + 2 / n_real)


def test_variance_ratio():
    assert theory.variance_ratio_under_accumulate([0, 2]).tolist() == [1, 1 + 1 / 4 + 1 / 9]
    assert theory.variance_ratio_under_accumulate(10**5) == pytest.approx(np.pi**2 / 6, rel=1e-4)


def test_exponential_scale(has_mean):
    n, fits = 3, 6
    draws = np.random.default_rng(4).gamma(n, size=(fits, 200_000)) / n
    scale = draws[0]
    for j in range(2, fits + 1):
        scale = scale * (1 + (draws[j - 1] - 1) / j)
    for power in (1, 2, 3):
        has_mean(scale**power, theory.exponential_scale_under_accumulate(5, n, power=power))
    product = np.prod(1 + 1 / (n * np.arange(1, 7) ** 2))
    assert theory.exponential_scale_under_accumulate(5, n) == pytest.approx(product)
    x = np.pi / np.sqrt(n)
    limit = theory.exponential_scale_under_accumulate(10**5, n)
    assert limit == pytest.approx(np.sinh(x) / x, rel=1e-4)


def test_bias_under_mix():
    f, shift = 0.2, 0.5
    bias = [0.0]
    for _ in T[1:]:
        bias.append((1 - f) * (bias[-1] + shift))
    np.testing.assert_allclose(theory.bias_under_mix(T, f, shift), bias, rtol=1e-12)
    assert theory.bias_under_mix(1000, f, shift) == pytest.approx(shift * 0.8 / 0.2)
    np.testing.assert_allclose(theory.bias_under_mix(T, 0.0, shift), shift * T)
    assert theory.bias_under_mix([0, 3], 1.0, shift).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: theory.gaussian_under_mix(1, 6, 6), "n_real must be less than n = 6, got 6"),
        (lambda: theory.squared_wasserstein_under_mix(6, 6), "n_real must be less than n = 6"),
        (lambda: theory.mean_square_limit_under_mix(7, 6), "n_real must be at most n = 6, got 7"),
        (lambda: theory.gaussian_under_keep(1, 1, 6), "n_real must be .* at least 2, got 1"),
        (lambda: theory.gaussian_under_replace(1, 1), "n must be .* at least 2, got 1"),
        (lambda: theory.gaussian_under_growth([4, 1]), "sizes must be .* at least 2, got 1"),
        (
            lambda: theory.gaussian_under_mix(1, 4, 6, weight=0.5, ddof=1),
            "ddof must be 0 if a weight is given, got 1",
        ),
        (lambda: theory.admissible_synthetic(100, 1.0), "factor must lie in (0, 1), got 1"),
        (lambda: theory.weighted_mean_square(0.0, 5, 5), "weight must lie in (0, 1], got 0.0"),
    ],
)
def test_arguments_are_checked(call, message):
    with pytest.raises(ValueError, match=message if ".*" in message else re.escape(message)):
        call()
