"""The engine: what it records, what it refuses, and that its chains follow the closed forms."""

import re
from functools import partial
from itertools import islice

import numpy as np
import pytest
from scipy import special
from sklearn.mixture import GaussianMixture

import collapse_lab as cl
from collapse_lab import metrics, theory

WORLD = cl.Gaussian(0.0, 1.0, draw="moments")
UNBIASED = partial(cl.Gaussian.fit, ddof=1)
SETTING = {"n": 10, "n_generations": 3, "metrics": [metrics.variance], "rng": 1}


def run(fit=cl.Gaussian.fit, world=WORLD, **changes):
    return cl.run(fit, world, **(SETTING | changes))


# --- what is refused -------------------------------------------------------------------------


@pytest.mark.parametrize("start", [cl.recurse, partial(run)], ids=["recurse", "run"])
def test_parts_are_checked_before_anything_is_drawn(start):
    with pytest.raises(TypeError, match="fit must be callable, got 3"):
        start(3, WORLD, n=10)
    with pytest.raises(TypeError, match="policy must be callable, got 'replace'"):
        start(cl.Gaussian.fit, WORLD, n=10, policy="replace")
    with pytest.raises(TypeError, match="world must have a method sample, got 0"):
        start(cl.Gaussian.fit, 0, n=10)
    with pytest.raises(ValueError, match="n must be a whole number of at least 1, got 0"):
        start(cl.Gaussian.fit, WORLD, n=0)
    with pytest.raises(ValueError, match="train_size must be a whole number of at least 1, got 0"):
        start(cl.Gaussian.fit, WORLD, n=10, train_size=0)


def test_sizes_as_functions_are_checked_at_each_generation():
    message = re.escape("n(2) must be a whole number of at least 1, got 0")
    with pytest.raises(ValueError, match=message):
        run(n=lambda t: 2 - t)
    message = re.escape("train_size(0) must be a whole number of at least 1, got 2.5")
    with pytest.raises(ValueError, match=message):
        run(world=cl.Gaussian(), train_size=lambda t: 2.5 + t)


def test_a_part_larger_than_the_pool_is_refused():
    with pytest.raises(ValueError, match="n must be at most the 10 observations there are, got 11"):
        run(world=cl.Gaussian(), train_size=11)


def test_moments_cannot_be_trained_on_in_part():
    with pytest.raises(TypeError, match='got Moments: use a world with draw="points"'):
        run(train_size=5)


def test_a_fit_must_not_lose_the_replicates():
    message = re.escape("fit must keep the replicate axes (4,) of world, got ()")
    with pytest.raises(ValueError, match=message):  # it would see 4 replicates as 4 dimensions
        run(cl.from_sklearn(GaussianMixture()), cl.Gaussian().expand(4), metrics=[id])


@pytest.mark.parametrize("n_generations", [-1, 2.5])
def test_n_generations_is_a_whole_number(n_generations):
    message = f"n_generations must be a whole number of at least 0, got {n_generations}"
    with pytest.raises(ValueError, match=message):
        run(n_generations=n_generations)


@pytest.mark.parametrize("wrong", [metrics.variance, "variance", [], {}, None])
def test_metrics_are_a_dict_or_a_list(wrong):
    message = re.escape(f"metrics must be a dict or a list of functions, got {wrong!r}")
    with pytest.raises(TypeError, match=message):
        run(metrics=wrong)


def test_metrics_are_functions_with_names():
    for wrong in (["variance"], {"variance": "variance"}):
        with pytest.raises(TypeError, match="metrics must be callable, got 'variance'"):
            run(metrics=wrong)
    nameless = partial(metrics.squared_wasserstein, world=WORLD)
    for wrong in ([nameless], [lambda model: model.var], [metrics.mean, metrics.mean]):
        with pytest.raises(
            ValueError, match="metrics must be a dict unless each function has a na"
        ):
            run(metrics=wrong)
    assert list(run(metrics={"distance": nameless})) == ["distance"]


def test_metrics_keep_their_shapes():
    sizes = iter([1, 1, 2])
    message = re.escape("got (1,) at first and (2,) at generation 2 for 'growing'")
    with pytest.raises(ValueError, match=message):
        run(metrics={"growing": lambda _: np.zeros(next(sizes))})


# --- recurse ---------------------------------------------------------------------------------


def test_generation_0_is_fitted_to_real_data():
    world = cl.Gaussian(50.0, 1.0)
    generations = list(islice(cl.recurse(cl.Gaussian.fit, world, n=10, rng=1), 4))
    assert [generation.index for generation in generations] == [0, 1, 2, 3]
    first = generations[0]
    assert (first.data == world.sample(10, rng=np.random.default_rng(1))).all()
    for generation in generations:
        assert generation.model.mean == generation.data.mean()


def test_a_policy_sees_the_past():
    seen = []

    def watch(past, *, rng):
        seen.append(past)
        return cl.accumulate(past, rng=rng)

    world = cl.Gaussian().expand(3)
    sizes = {"n": lambda t: 5 + t, "train_size": 4}
    first, second, third = islice(
        cl.recurse(cl.Gaussian.fit, world, policy=watch, rng=1, **sizes), 3
    )
    assert [past.t for past in seen] == [1, 2]
    assert [past.n for past in seen] == [6, 7]
    assert [past.model for past in seen] == [first.model, second.model]
    assert [len(past.pool) for past in seen] == [5, 5 + 6]  # kept whole, though 4 were trained on
    assert [len(generation.data) for generation in (first, second, third)] == [4, 4, 4]
    assert all(past.world is world and past.real is seen[0].pool for past in seen)
    assert seen[0].replicates == (3,)


def test_sizes_may_depend_on_the_generation():
    sizes = [20, 40, 10]
    chain = cl.recurse(cl.Gaussian.fit, WORLD, n=sizes.__getitem__, rng=1)
    assert [len(generation.data) for generation in islice(chain, 3)] == sizes


# --- run and its history ---------------------------------------------------------------------


def test_history_is_a_mapping_of_series():
    history = run(world=WORLD.expand(4), metrics=[metrics.mean, metrics.variance])
    assert list(history) == ["mean", "variance"]
    assert len(history) == 2
    assert history["variance"].shape == (4, 4)
    assert history["variance"].dtype == np.float64
    assert repr(history) == "History(mean (4, 4), variance (4, 4))"
    assert history.last.index == 3
    assert (history.last.model.var == history["variance"][-1]).all()
    with pytest.raises(KeyError):
        history["median"]


def test_history_records_types():
    world = cl.Categorical([0.5, 0.5], draw="counts").expand(3)
    history = run(cl.Categorical.fit, world, metrics=[metrics.n_types, metrics.heterozygosity])
    assert history["n_types"].dtype == np.int64
    assert history["heterozygosity"].dtype == np.float64
    values = iter([1, 0.5, 2, 0.25])
    mixed = run(metrics={"mixed": lambda _: next(values)})["mixed"]
    assert mixed.tolist() == [1, 0.5, 2, 0.25]


def test_no_generation_after_the_first():
    assert run(n_generations=0)["variance"].shape == (1,)


def test_a_seed_tells_everything():
    one, two, other = (run(rng=seed)["variance"] for seed in (1, np.random.default_rng(1), 2))
    assert (one == two).all()
    assert not (one == other).any()
    assert not (run(rng=None)["variance"] == run(rng=None)["variance"]).any()


@pytest.mark.parametrize("policy", [cl.replace, cl.accumulate, cl.Mix(0.5), cl.Keep()])
def test_provenance_is_enough_to_run_again(policy):
    rng = np.random.default_rng(5)
    rng.random(3)  # a generator that was used before
    history = run(UNBIASED, policy=policy, rng=rng)
    told = history.provenance
    again = np.random.default_rng()
    again.bit_generator.state = told["rng_state"]
    repeated = run(
        UNBIASED, policy=policy, rng=again, n=told["n"], n_generations=told["n_generations"]
    )
    assert (repeated["variance"] == history["variance"]).all()
    assert told["world"] == "Gaussian"
    assert "ddof=1" in told["fit"]
    assert told["train_size"] is None
    assert told["versions"]["numpy"] == np.__version__


def test_provenance_names_parts_without_addresses():
    told = run(policy=cl.Mix(0.5)).provenance
    assert told["fit"] == "Gaussian.fit"
    assert told["policy"] == "Mix(fraction=0.5, inner=<function replace>, weight=None)"


def test_until_stops_when_every_replicate_has_its_alarm():
    monitor = cl.AtMost("variance", 0.2)
    setting = {"world": WORLD.expand(5), "n_generations": 400}
    whole, stopped = run(**setting), run(**setting, until=monitor)
    alarms = cl.first_alarm(monitor, whole)
    assert stopped.last.index == alarms.max() < 400
    assert (stopped["variance"] == whole["variance"][: stopped.last.index + 1]).all()
    assert (cl.first_alarm(monitor, stopped) == alarms).all()


# --- chains follow the closed forms ----------------------------------------------------------


@pytest.mark.parametrize("ddof", [0, 1])
def test_variance_follows_its_expectation(ddof, within):
    n, t, replicates = 20, np.arange(10), 40_000
    history = run(
        partial(cl.Gaussian.fit, ddof=ddof), WORLD.expand(replicates), n=n, n_generations=9, rng=2
    )
    expected = theory.expected_variance(t, n, ddof=ddof)
    # nearly lognormal: the error is that of the law, not of the sample
    sd = np.sqrt(theory.variance_second_moment(t, n, ddof=ddof) - expected**2)
    assert (sd / np.sqrt(replicates) < 0.01).all()
    within(history["variance"].mean(axis=1), expected, se=sd / np.sqrt(replicates))


def mean_moments(t, n, ddof):
    """E mean² and E mean⁴ at generation t, by recursion over mean² var and var² (L05, L08)."""
    keep, square = (n - 1) / (n - ddof), (n - 1) * (n + 1) / (n - ddof) ** 2
    mean2 = mean4 = mean2_var = 0.0
    var = var2 = 1.0
    for _ in range(t + 1):
        mean4 += 6 * mean2_var / n + 3 * var2 / n**2
        mean2_var = keep * (mean2_var + var2 / n)
        mean2 += var / n
        var, var2 = keep * var, square * var2
    return mean2, mean4


@pytest.mark.parametrize("ddof", [0, 1])
def test_mean_wanders_as_far_as_expected(ddof, within):
    n, replicates = 20, 40_000
    fit = partial(cl.Gaussian.fit, ddof=ddof)
    history = run(fit, WORLD.expand(replicates), n=n, n_generations=9, metrics=[metrics.mean])
    for t in (0, 4, 9):
        mean2, mean4 = mean_moments(t, n, ddof)
        np.testing.assert_allclose(mean2, theory.mean_square_of_mean(t, n, ddof=ddof), rtol=1e-12)
        mean = history["mean"][t]
        within(mean.mean(), 0, se=np.sqrt(mean2 / replicates))
        within((mean**2).mean(), mean2, se=np.sqrt((mean4 - mean2**2) / replicates))


@pytest.mark.parametrize("ddof", [0, 1])
def test_log_variance_is_a_random_walk(ddof, within):
    n, fits, replicates = 20, 201, 10_000
    fit = partial(cl.Gaussian.fit, ddof=ddof)
    history = run(
        fit, WORLD.expand(replicates), n=n, n_generations=fits - 1, metrics=[metrics.log_variance]
    )
    last = history["log_variance"][-1]
    spread = fits * theory.log_variance_spread(n)
    within(
        last.mean(), fits * theory.log_variance_drift(n, ddof=ddof), se=np.sqrt(spread / replicates)
    )
    excess_kurtosis = fits * float(special.polygamma(3, (n - 1) / 2)) / spread**2
    within(last.var(ddof=1), spread, se=spread * np.sqrt((2 + excess_kurtosis) / replicates))


def test_log_det_follows_its_drift(within):
    n, d, fits, replicates = 12, 3, 6, 4_000
    world = cl.MultivariateGaussian(np.zeros(d), np.eye(d), draw="moments").expand(replicates)
    fit = partial(cl.MultivariateGaussian.fit, ddof=1)
    watched = [metrics.log_det, metrics.trace]
    history = run(fit, world, n=n, n_generations=fits - 1, metrics=watched, rng=3)
    spread = fits * special.polygamma(1, (n - np.arange(1, d + 1)) / 2).sum()
    expected = fits * theory.log_det_drift(n, d)
    within(history["log_det"][-1].mean(), expected, se=np.sqrt(spread / replicates))
    trace = history["trace"][0]  # a sum of d chi-squares over n - 1
    within(trace.mean(), d, se=np.sqrt(2 * d / (n - 1) / replicates))


def test_other_sizes_for_other_generations(within):
    sizes, replicates = [20, 40, 10, 80, 20], 40_000
    history = run(
        UNBIASED, WORLD.expand(replicates), n=sizes.__getitem__, n_generations=4,
        metrics=[metrics.mean],
    )  # fmt: skip
    mean = history["mean"][-1]
    # L01: the mean moves by 1/n in square at each fit. The law is a mixture of normals whose
    # variances vary by a third at most: its own error can be trusted.
    error = (mean**2).std() / np.sqrt(replicates)
    within((mean**2).mean(), sum(1 / n for n in sizes), se=error)


def test_heterozygosity_decays(within):
    n, replicates, p = 20, 20_000, np.array([0.5, 0.3, 0.15, 0.05])
    world = cl.Categorical(p, draw="counts").expand(replicates)
    history = run(
        cl.Categorical.fit, world, n=n, n_generations=40, metrics=[metrics.heterozygosity], rng=4
    )
    measured = history["heterozygosity"]
    expected = theory.expected_heterozygosity(np.arange(41), n, p)
    se = measured.std(axis=1) / np.sqrt(replicates)  # bounded: its own error can be trusted
    within(measured.mean(axis=1), expected, se=se)


def test_one_type_is_left_with_its_first_share_as_chance(within):
    n, replicates, p = 15, 20_000, np.array([0.6, 0.3, 0.1])
    world = cl.Categorical(p, draw="counts").expand(replicates)
    history = run(
        cl.Categorical.fit, world, n=n, n_generations=10_000, metrics=[metrics.n_types],
        until=cl.AtMost("n_types", 1), rng=5,
    )  # fmt: skip
    fixed = history.last.model.p
    assert ((fixed == 0) | (fixed == 1)).all()
    within(fixed.mean(axis=1), p, se=np.sqrt(p * (1 - p) / replicates))


def test_time_until_one_type_is_left(within):
    n, replicates, share = 15, 20_000, 4 / 15
    world = cl.Categorical([share, 1 - share], draw="counts").expand(replicates)
    alone = cl.AtMost("n_types", 1)
    history = run(
        cl.Categorical.fit, world, n=n, n_generations=10_000, metrics=[metrics.n_types],
        until=alone, rng=6,
    )  # fmt: skip
    fits = cl.first_alarm(alone, history) + 1
    # A geometric tail: its own error can be trusted.
    within(fits.mean(), theory.mean_absorption_time(n)[4], se=fits.std() / np.sqrt(replicates))
