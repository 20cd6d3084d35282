"""Closed forms of monitoring, against simulation and cases known by hand."""

import re
from functools import partial

import numpy as np
import pytest
from scipy import stats

import collapse_lab as cl
from collapse_lab import metrics, theory


def test_false_alarms_are_geometric():
    t = np.array([1, 10, 200])
    assert theory.false_alarm_chance(t, 1 / 200) == pytest.approx(stats.geom(1 / 200).cdf(t))


@pytest.mark.parametrize("ddof", [0, 1])
def test_own_and_held_out_score_of_a_gaussian_chain(ddof, within):
    n, t, runs = 30, 6, 20_000

    def held_out(model):  # mean log density on the world, exact for each model
        return -0.5 * (np.log(2 * np.pi * model.var) + (1 + model.mean**2) / model.var)

    fit = partial(cl.Gaussian.fit, ddof=ddof)
    world = cl.Gaussian(draw="moments").expand(runs)
    chain = cl.run(
        fit,
        world,
        n=n,
        n_generations=t,
        metrics={"var": metrics.variance, "held out": held_out},
        rng=1,
    )
    own = -0.5 * np.log(2 * np.pi * np.e * chain["var"][-1])
    spread = np.sqrt((t + 1) * theory.log_variance_spread(n)) / 2
    within(own.mean(), theory.expected_own_score(t, n, ddof=ddof), se=spread / np.sqrt(runs))
    found = chain["held out"][-1]
    # E(1/σ⁴) = 4.6 times the world's: the fourth moment is finite, and the sample error good
    expected = theory.expected_held_out_score(t, n, ddof=ddof)
    within(found.mean(), expected, se=found.std() / np.sqrt(runs))


@pytest.mark.parametrize("ddof", [0, 1])
@pytest.mark.parametrize("n", [4, 12, 100])
def test_scores_of_the_first_fit_are_integrals(n, ddof):
    law = stats.gamma((n - 1) / 2, scale=2 / (n - ddof))  # of the variance; the mean is N(0, 1/n)
    log_variance, inverse = law.expect(np.log), law.expect(lambda variance: 1 / variance)
    own = -0.5 * (np.log(2 * np.pi) + 1 + log_variance)
    held_out = -0.5 * (np.log(2 * np.pi) + log_variance + (1 + 1 / n) * inverse)
    assert theory.expected_own_score(0, n, ddof=ddof) == pytest.approx(own, rel=1e-6)
    assert theory.expected_held_out_score(0, n, ddof=ddof) == pytest.approx(held_out, rel=1e-6)


def test_own_score_rises_and_the_truths_falls():
    t = np.arange(60)
    assert (np.diff(theory.expected_own_score(t, 100)) > 0).all()
    assert (np.diff(theory.expected_held_out_score(t, 100)) < 0).all()
    # infinite data: both are the world's entropy
    for form in (theory.expected_own_score, theory.expected_held_out_score):
        assert form(0, 10**9) == pytest.approx(-0.5 * np.log(2 * np.pi * np.e), abs=1e-8)
    with pytest.raises(ValueError, match="n must be a whole number of at least 4, got 3"):
        theory.expected_held_out_score(0, 3)


def test_share_won_back(within):
    p = np.array([0.01, 0.002, 0.0005])
    seen = np.random.default_rng(1).multinomial(300, [*p, 1 - p.sum()], size=4000)[:, :3] > 0
    share = seen.mean(axis=1)
    within(share.mean(), theory.share_won_back(p, 300), se=share.std() / np.sqrt(4000))


def test_draws_to_win_all_back():
    assert theory.draws_to_win_all_back(0.01) == pytest.approx(100)
    assert theory.draws_to_win_all_back([1e-6]) == pytest.approx(1e6)
    coupons = 200  # equal chances: K times the harmonic number
    harmonic = np.sum(1 / np.arange(1, coupons + 1))
    assert theory.draws_to_win_all_back(np.full(coupons, 1 / coupons)) == pytest.approx(
        coupons * harmonic
    )
    a, b = 0.3, 0.01  # two types: 1/a + 1/b - 1/(a + b)
    assert theory.draws_to_win_all_back([a, b]) == pytest.approx(1 / a + 1 / b - 1 / (a + b))
    with pytest.raises(ValueError, match="p must hold numbers > 0, got 0"):
        theory.draws_to_win_all_back([0.1, 0.0])


@pytest.mark.parametrize("n_fresh", [0, 1, 5, 20])
def test_squared_error_of_both_families(n_fresh, within):
    n, t, runs = 20, 15, 20_000
    policy = cl.Mix(n_fresh / n) if n_fresh else cl.replace
    expected = theory.squared_error_under_mix(t, n, n_fresh)
    world = cl.Gaussian(draw="moments").expand(runs)
    chain = cl.run(
        cl.Gaussian.fit, world, n=n, n_generations=t, policy=policy, metrics=[metrics.mean], rng=1
    )
    square = chain["mean"][-1] ** 2
    within(square.mean(), expected, se=square.std() / np.sqrt(runs))
    p = theory.zipf(1.0, 6)
    dogs = cl.Categorical(p, draw="counts").expand(runs)
    chain = cl.run(
        cl.Categorical.fit,
        dogs,
        n=n,
        n_generations=t,
        policy=policy,
        metrics={"far": lambda model: metrics.squared_distance(model, p)},
        rng=2,
    )
    far = chain["far"][-1] / (1 - np.sum(p**2))
    within(far.mean(), expected, se=far.std() / np.sqrt(runs))


@pytest.mark.parametrize(("n", "n_fresh"), [(20, 2), (20, 19), (1000, 30)])
def test_squared_error_is_the_mean_square_of_the_general_recursion(n, n_fresh):
    t = np.arange(40)
    general = theory.gaussian_under_mix(t, n_fresh, n).mean_square
    assert theory.squared_error_under_mix(t, n, n_fresh) == pytest.approx(general, rel=1e-12)
    limit = theory.mean_square_limit_under_mix(n_fresh, n)
    assert theory.squared_error_under_mix(10**6, n, n_fresh) == pytest.approx(limit, rel=1e-12)


def test_value_of_one_more():
    far = 10**6
    assert theory.value_of_one_more(0, 100, 3) == pytest.approx(0)  # generation 0 is all real
    n = 10**5  # n_fresh small beside n
    first = [theory.value_of_one_more(far, n, k) for k in range(4)]
    assert first == pytest.approx([2 / 3, 2 / 15, 2 / 35, 2 / 63], rel=1e-3)
    assert theory.squared_error_under_mix(far, 100, 100) == pytest.approx(1 / 100)
    with pytest.raises(ValueError, match=re.escape("n_fresh must be at most n = 10, got 11")):
        theory.squared_error_under_mix(3, 10, 11)
