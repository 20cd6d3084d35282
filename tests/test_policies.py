"""What each policy returns, exactly and in law; and that exact paths equal their slow twins."""

import re

import numpy as np
import pytest
from scipy import stats

import collapse_lab as cl
from collapse_lab import metrics

RNG = np.random.default_rng


def past(model, world, *, n=10, pool=None, real=None, t=1):
    pool = world.sample(n, rng=1) if pool is None else pool
    return cl.Past(t, model, pool, pool if real is None else real, world, n)


def from_zero(n=10):
    """A past whose world draws zeros only and whose model draws ones only."""
    return past(cl.Gaussian(1.0, 0.0), cl.Gaussian(0.0, 0.0), n=n)


# --- exact laws and slow twins ---------------------------------------------------------------

COV = np.array([[1.0, 0.5], [0.5, 2.0]])
P = np.array([0.4, 0.3, 0.2, 0.1])
TWINS = {
    "Gaussian": (
        cl.Gaussian.fit,
        lambda draw: cl.Gaussian(1.0, 4.0, draw="points" if draw == "points" else "moments"),
        {"mean": metrics.mean, "log_variance": metrics.log_variance},
        20_000,
    ),
    "MultivariateGaussian": (
        cl.MultivariateGaussian.fit,
        lambda draw: cl.MultivariateGaussian(
            [0.0, 1.0], COV, draw="points" if draw == "points" else "moments"
        ),
        {
            "mean": lambda model: model.mean[0],
            "log_det": metrics.log_det,
            "log_trace": lambda model: np.log(metrics.trace(model)),
            "correlation": lambda model: (
                model.cov[0, 1] / np.sqrt(model.cov[0, 0] * model.cov[1, 1])
            ),
        },
        8_000,
    ),
    "Categorical": (
        lambda data, rng: cl.Categorical.fit(  # noqa: ARG005 - a fit has this argument
            data, n_categories=len(P)
        ),
        lambda draw: cl.Categorical(P, draw="points" if draw == "points" else "counts"),
        {
            "first": lambda model: model.p[0],
            "last": lambda model: model.p[-1],
            "heterozygosity": metrics.heterozygosity,
            "n_types": metrics.n_types,
        },
        4_000,
    ),
}
POLICIES = {
    "replace": cl.replace,
    "accumulate": cl.accumulate,
    "Mix": cl.Mix(0.3),
    "Keep": cl.Keep(),
    "Mix(Keep)": cl.Mix(0.2, cl.Keep()),
    "Mix(accumulate)": cl.Mix(0.2, cl.accumulate),
}


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
@pytest.mark.parametrize("family", TWINS)
def test_statistics_and_points_agree_in_law(family, policy, same_law):
    fit, world, watched, replicates = TWINS[family]
    setting = {"n": 12, "n_generations": 4, "metrics": watched, "policy": policy}
    slow = cl.run(fit, world("points").expand(replicates), **setting, rng=1)
    exact = cl.run(fit, world("statistics").expand(replicates), **setting, rng=2)
    assert isinstance(slow.last.data, np.ndarray)
    assert isinstance(exact.last.data, cl.Moments | cl.Counts)
    assert len(slow.last.data) == len(exact.last.data)
    for name in watched:
        same_law(slow[name][-1], exact[name][-1])


def test_counts_and_points_agree_in_law_when_a_part_is_trained_on(same_law):
    fit, world, _, replicates = TWINS["Categorical"]
    setting = {"n": 12, "n_generations": 4, "metrics": [metrics.heterozygosity, metrics.top_share]}
    setting |= {"policy": cl.accumulate, "train_size": 12}
    slow = cl.run(fit, world("points").expand(replicates), **setting, rng=3)
    exact = cl.run(fit, world("counts").expand(replicates), **setting, rng=4)
    for name in slow:
        same_law(slow[name][-1], exact[name][-1])


# --- replace and accumulate ------------------------------------------------------------------


def test_replace_and_accumulate():
    assert cl.replace(from_zero(3), rng=RNG(1)).tolist() == [1, 1, 1]
    assert cl.accumulate(from_zero(2), rng=RNG(1)).tolist() == [0, 0, 1, 1]


def test_accumulate_follows_its_closed_form(within):
    n, generations, replicates = 5, 30, 40_000
    world = cl.Gaussian(0.0, 1.0, draw="moments").expand(replicates)
    history = cl.run(
        cl.Gaussian.fit, world, n=n, n_generations=generations, policy=cl.accumulate,
        metrics=[metrics.mean, metrics.variance], rng=5,
    )  # fmt: skip
    expected = cl.theory.expected_variance_accumulate(np.arange(generations + 1), n)
    # The later a generation, the less it moves: the law has light tails, its own error holds.
    variance, square = history["variance"], history["mean"] ** 2
    within(variance.mean(axis=1), expected, se=variance.std(axis=1) / np.sqrt(replicates))
    within(square.mean(axis=1), 1 - expected, se=square.std(axis=1) / np.sqrt(replicates))


def accumulate_and_subsample(generations, n):
    """E variance and E mean² of a fit (maximum likelihood) to n points of the accumulated pool.

    L20 draws the n points with replacement: per generation the pool's variance q falls by the
    factor 1 - (2 - 1/n) / (n (j + 1)²). Here they are drawn without: with N = n j points in the
    pool and f = (N - n) / (N - 1), the mean of a part has variance q f / n about the pool's mean,
    its variance is (1 - 1/n) q N / (N - 1) on average, and n new points of that law join the pool.
    """
    q, rows = 1 - 1 / n, []
    for j in range(1, generations + 2):
        size = n * j
        around = q * (size - n) / (size - 1) / n
        variance = (1 - 1 / n) * q * size / (size - 1)
        rows.append((variance, 1 - q + around))
        q -= (around + variance / n) / (j + 1) ** 2
    return np.array(rows).T


def test_accumulate_and_subsample_follows_its_closed_form(within):
    n, generations, replicates = 8, 12, 10_000
    history = cl.run(
        cl.Gaussian.fit, cl.Gaussian().expand(replicates), n=n, n_generations=generations,
        policy=cl.accumulate, train_size=n, metrics=[metrics.mean, metrics.variance], rng=6,
    )  # fmt: skip
    expected_variance, expected_square = accumulate_and_subsample(generations, n)
    variance, square = history["variance"], history["mean"] ** 2
    within(variance.mean(axis=1), expected_variance, se=variance.std(axis=1) / np.sqrt(replicates))
    within(square.mean(axis=1), expected_square, se=square.std(axis=1) / np.sqrt(replicates))


# --- Mix and Keep ----------------------------------------------------------------------------


@pytest.mark.parametrize("fraction", [-0.1, 1.1, np.nan, None])
def test_fraction_lies_between_0_and_1(fraction):
    with pytest.raises(ValueError, match=re.escape(f"fraction must lie in [0, 1], got {fraction}")):
        cl.Mix(fraction)


def test_a_fraction_too_small_for_one_observation_is_refused():
    message = re.escape("fraction * n must round to at least one observation, got 0.04 * 10")
    with pytest.raises(ValueError, match=message):
        cl.Mix(0.04)(from_zero(10), rng=RNG(1))


@pytest.mark.parametrize(("fraction", "n_real"), [(0, 0), (0.1, 1), (0.29, 3), (0.5, 5), (1, 10)])
def test_mix_has_its_share_of_real_data(fraction, n_real):
    data = cl.Mix(fraction)(from_zero(10), rng=RNG(1))
    assert data.tolist() == [0] * n_real + [1] * (10 - n_real)


def test_mix_draws_real_data_afresh_and_keep_does_not():
    world, model = cl.Gaussian(), cl.Gaussian(5.0, 0.0)
    before = past(model, world, n=8)
    mixed = cl.Mix(0.5)(before, rng=RNG(2))
    assert not np.isin(mixed, before.real).any()
    kept = cl.Keep()(before, rng=RNG(2))
    assert kept.tolist() == [*before.real, *[5.0] * 8]


def test_inner_policies():
    assert cl.Mix(0.5, cl.accumulate)(from_zero(2), rng=RNG(1)).tolist() == [0, 0, 0, 1]
    assert cl.Keep(cl.Mix(0.5))(from_zero(2), rng=RNG(1)).tolist() == [0, 0, 0, 1]
    assert cl.Mix(0.5, cl.Keep())(from_zero(2), rng=RNG(1)).tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize(
    "policy",
    [lambda inner: cl.Mix(0.5, inner), cl.Keep, lambda inner: cl.Decode(abs, inner),
     lambda inner: cl.Filter(abs, inner)],
    ids=["Mix", "Keep", "Decode", "Filter"],
)  # fmt: skip
def test_inner_must_be_a_policy(policy):
    with pytest.raises(TypeError, match="inner must be callable, got 0"):
        policy(0)


# --- Decode ----------------------------------------------------------------------------------


def test_decode_samples_the_transformed_model_only():
    with pytest.raises(TypeError, match=re.escape("transform must be callable, got 0.9")):
        cl.Decode(0.9)
    shift = cl.Decode(lambda model: cl.Gaussian(model.mean + 6, 0.0))
    assert shift(from_zero(2), rng=RNG(1)).tolist() == [7, 7]
    assert cl.Keep(shift)(from_zero(2), rng=RNG(1)).tolist() == [0, 0, 7, 7]
    mixed = cl.Decode(shift.transform, cl.Mix(0.5))
    assert mixed(from_zero(2), rng=RNG(1)).tolist() == [0, 7]


def test_decode_with_temperature_and_top_k(has_mean):
    replicates, n = 20_000, 10
    world = cl.Categorical(P, draw="counts").expand(replicates)
    for transform in (lambda model: model.temper(0.5), lambda model: model.top_k(2)):
        data = cl.Decode(transform)(past(world, world, n=n), rng=RNG(3))
        p = transform(cl.Categorical(P)).p
        has_mean(data.values.T, n * p, sd=np.sqrt(n * p * (1 - p)))


# --- Filter ----------------------------------------------------------------------------------


def test_filter_checks_its_arguments():
    with pytest.raises(TypeError, match="keep must be callable, got None"):
        cl.Filter(None)
    with pytest.raises(ValueError, match="max_rounds must be a whole number of at least 1, got 0"):
        cl.Filter(abs, max_rounds=0)
    integers = cl.Filter(lambda data, model: np.ones(len(data), dtype=np.int64))  # noqa: ARG005
    message = re.escape("keep must return a bool array of shape (10,), got int64 of shape (10,)")
    with pytest.raises(ValueError, match=message):
        integers(from_zero(10), rng=RNG(1))
    short = cl.Filter(lambda data, model: np.ones(3, dtype=bool), cl.Keep())  # noqa: ARG005
    message = re.escape("keep must return a bool array of shape (20,), got bool of shape (3,)")
    with pytest.raises(ValueError, match=message):
        short(from_zero(10), rng=RNG(1))
    nothing = cl.Filter(lambda data, model: data > 2, max_rounds=7)  # noqa: ARG005
    message = "keep must pass n = 10 observations within 7 draws of n in every replicate, got 0"
    with pytest.raises(ValueError, match=message):
        nothing(from_zero(10), rng=RNG(1))


@pytest.mark.parametrize("world", [
    cl.Gaussian(draw="moments"),
    cl.MultivariateGaussian(np.zeros(2), COV, draw="moments"),
    cl.Categorical(P, draw="counts"),
])  # fmt: skip
def test_filter_refuses_statistics(world):
    message = 'Filter must see single observations, got .*: use a world with draw="points"'
    with pytest.raises(TypeError, match=message):
        cl.Filter(lambda data, model: data > 0)(past(world, world), rng=RNG(1))  # noqa: ARG005


def within_two_sigma(data, model):
    return np.abs(data - model.mean) <= 2 * model.std


def test_filter_gives_exactly_n_of_the_conditional_law(has_law):
    world = cl.Gaussian().expand(2_000)
    upper = cl.Filter(lambda data, model: data > 1)  # noqa: ARG005 - passes 16 percent
    data = upper(past(world, world, n=10), rng=RNG(4))
    assert data.shape == (10, 2_000)
    assert (data > 1).all()
    has_law(data, stats.truncnorm(1, np.inf).cdf)


def test_filter_keeps_replicates_apart():
    world = cl.Gaussian(np.array([0.0, 100.0, 200.0]), 1.0)
    data = cl.Filter(within_two_sigma)(past(world, world, n=50), rng=RNG(5))
    assert (np.abs(data - [0, 100, 200]) <= 2).all()
    assert all(len(set(column)) == 50 for column in data.T)


def test_truncated_sampling_shrinks_the_variance_by_its_factor(within):
    # L22: what is cut off is lost for every n; the fit on n points loses its 1/n besides.
    n, generations, replicates = 20, 4, 10_000
    history = cl.run(
        cl.Gaussian.fit, cl.Gaussian().expand(replicates), n=n, n_generations=generations,
        policy=cl.Filter(within_two_sigma), metrics=[metrics.variance], rng=6,
    )  # fmt: skip
    t = np.arange(generations + 1)
    expected = (1 - 1 / n) ** (t + 1) * cl.theory.truncated_variance(2.0) ** t
    variance = history["variance"]
    within(variance.mean(axis=1), expected, se=variance.std(axis=1) / np.sqrt(replicates))


def coin(data, model):  # noqa: ARG001 - a keep has this argument
    """Pass half of the observations, real and synthetic alike: by the parity of a far digit."""
    return np.floor(data * 1e6) % 2 == 0


def test_filter_does_not_favor_either_part_of_a_mixed_pool(within):
    # Real data come first in each draw. With a keep that passes half of either part, the part of
    # real data among what passed must stay as it was.
    n, replicates = 10, 40_000
    world, model = (
        cl.Gaussian(0.0, 1.0).expand(replicates),
        cl.Gaussian(100.0, 1.0).expand(replicates),
    )
    data = cl.Filter(coin, cl.Mix(0.3))(past(model, world, n=n), rng=RNG(7))
    share = (data < 50).mean(axis=0)
    within(share.mean(), 0.3, se=share.std() / np.sqrt(replicates))


def test_filter_composes():
    before = past(cl.Gaussian(1.0, 1.0), cl.Gaussian(), n=10)
    positive = cl.Filter(lambda data, model: data > 0)  # noqa: ARG005
    assert (cl.Mix(0.5, positive)(before, rng=RNG(8))[5:] > 0).all()
    assert (cl.Keep(positive)(before, rng=RNG(8))[10:] > 0).all()
    sharpened = cl.Filter(positive.keep, cl.Decode(lambda model: cl.Gaussian(model.mean, 1e-6)))
    np.testing.assert_allclose(sharpened(before, rng=RNG(8)), 1.0, atol=1e-2)


def test_filter_takes_lists_and_labelled_data():
    documents = cl.Empirical(["keep", "drop", "keep too"])
    kept = cl.Filter(lambda data, model: np.array(["keep" in d for d in data]))  # noqa: ARG005
    data = kept(past(documents, documents, n=9), rng=RNG(9))
    assert len(data) == 9
    assert set(data) == {"keep", "keep too"}
    pairs = cl.Empirical(cl.Labelled(np.arange(9), np.arange(9) % 2))
    odd = cl.Filter(lambda data, model: data.y == 1)(past(pairs, pairs, n=9), rng=RNG(9))  # noqa: ARG005
    assert (odd.X % 2 == 1).all()


# --- Mix with a weight -----------------------------------------------------------------------


def test_a_weight_is_that_of_the_real_part():
    data = cl.Mix(0.3, weight=0.6)(from_zero(10), rng=RNG(1))
    assert isinstance(data, cl.Weighted)
    assert data.data.tolist() == [0] * 3 + [1] * 7
    np.testing.assert_allclose(data.weights, [0.2] * 3 + [0.4 / 7] * 7)
    assert cl.Gaussian.fit(data).mean == pytest.approx(0.4)
    longer = cl.Mix(0.5, cl.Keep(), weight=0.5)(from_zero(10), rng=RNG(1))
    assert len(longer) == 5 + 10 + 5
    assert longer.weights[:5].sum() == pytest.approx(0.5)


def test_a_weight_equal_to_the_share_changes_nothing():
    world, model = cl.Gaussian().expand(3), cl.Gaussian(5.0, 2.0).expand(3)
    plain, weighted = (
        cl.Mix(0.4, weight=weight)(past(model, world), rng=RNG(2)) for weight in (None, 0.4)
    )
    np.testing.assert_array_equal(plain, weighted.data)
    one, two = cl.Gaussian.fit(plain), cl.Gaussian.fit(weighted)
    np.testing.assert_allclose([one.mean, one.var], [two.mean, two.var])


def test_wrong_weights_are_refused():
    with pytest.raises(ValueError, match=re.escape("weight must lie in [0, 1], got 1.5")):
        cl.Mix(0.5, weight=1.5)
    message = re.escape("fraction must lie in (0, 1) if a weight is given, got 0")
    with pytest.raises(ValueError, match=message):
        cl.Mix(0, weight=0.5)
    world = cl.Gaussian(draw="moments")
    with pytest.raises(TypeError, match="Mix with a weight must see single observations"):
        cl.Mix(0.5, weight=0.5)(past(world, world), rng=RNG(1))


# --- Relabel ---------------------------------------------------------------------------------


def past_of_lines():
    """A past whose world labels by 2x and whose model labels by -x, without noise."""
    world, model = cl.LinearModel([2.0], 0.0), cl.LinearModel([-1.0], 0.0)
    return past(model, world, n=6)


def test_relabel_takes_inputs_from_the_world_and_labels_from_the_model():
    before = past_of_lines()
    data = cl.Relabel()(before, rng=RNG(1))
    np.testing.assert_array_equal(data.X, before.world.sample(6, rng=RNG(1)).X)
    np.testing.assert_allclose(data.y, -data.X[:, 0])


def test_relabel_composes():
    before = past_of_lines()
    slopes = {
        policy: (policy(before, rng=RNG(2)).y / policy(before, rng=RNG(2)).X[:, 0]).round(9)
        for policy in (
            cl.Relabel(cl.accumulate),
            cl.Keep(cl.Relabel()),
            cl.Mix(0.5, cl.Relabel()),
            cl.Relabel(cl.Mix(0.5)),
            cl.Decode(lambda model: cl.LinearModel(3 * model.coef, 0.0), cl.Relabel()),
        )
    }
    expected = [[2] * 6 + [-1] * 6, [2] * 6 + [-1] * 6, [2] * 3 + [-1] * 3, [2] * 3 + [-1] * 3]
    assert [slope.tolist() for slope in slopes.values()] == [*expected, [-3] * 6]


def test_relabel_equals_replace_where_the_model_knows_the_inputs(same_law):
    world = cl.LinearModel([1.0, -1.0]).expand(4000)
    first = {"first": lambda model: model.coef[0]}
    chains = [
        cl.run(
            cl.LinearModel.fit, world, n=8, n_generations=3, policy=policy, metrics=first, rng=seed
        )
        for seed, policy in enumerate((cl.replace, cl.Relabel()))
    ]
    same_law(chains[0]["first"][-1], chains[1]["first"][-1])


def test_relabel_needs_labels_and_a_model_that_gives_them():
    with pytest.raises(TypeError, match="model must have a method label, got Gaussian"):
        cl.Relabel()(from_zero(), rng=RNG(1))
    model = cl.LinearModel([1.0])
    with pytest.raises(TypeError, match="world must draw Labelled data, got ndarray"):
        cl.Relabel()(past(model, cl.Gaussian()), rng=RNG(1))
    with pytest.raises(TypeError, match="Relabel must see single observations, got Normal"):
        cl.Relabel()(past(model, cl.LinearModel([1.0], draw="equations")), rng=RNG(1))
    with pytest.raises(TypeError, match="inner must be callable, got 0"):
        cl.Relabel(0)
