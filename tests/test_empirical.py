import re
from functools import partial

import numpy as np
import pytest

import collapse_lab as cl


def test_arguments_are_checked():
    with pytest.raises(TypeError, match="Empirical must see single observations, got Moments"):
        cl.Empirical(cl.Moments(3, 0.0, 1.0))
    for data in ([], np.zeros((0, 2))):
        with pytest.raises(ValueError, match="data must hold at least one observation, got none"):
            cl.Empirical(data)
    message = re.escape("replicates must be the trailing axes of data, got (3,)")
    for data in (np.zeros((5, 2)), list("abc")):
        with pytest.raises(ValueError, match=message):
            cl.Empirical(data, replicates=(3,))
    with pytest.raises(TypeError, match="data must be an array to expand, got list"):
        cl.Empirical(list("abc")).expand(2)
    with pytest.raises(ValueError, match="n_replicates must be a whole number of at least 1"):
        cl.Empirical(np.zeros(3)).expand(0)
    with pytest.raises(ValueError, match="n must be a whole number of at least 1, got 0"):
        cl.Empirical(np.zeros(3)).sample(0, rng=1)


@pytest.mark.parametrize("event", [(), (2,), (2, 3)])
def test_shapes(event):
    data = np.arange(7 * np.prod(event, dtype=int)).reshape(7, *event)
    assert cl.Empirical(data).sample(4, rng=1).shape == (4, *event)
    assert cl.Empirical(data).expand(5).sample(4, rng=1).shape == (4, *event, 5)
    assert cl.Empirical(data).expand(5).expand(6).replicates == (5, 6)


def test_draws_hold_observations_only_and_keep_pairs():
    documents = ["a b", "c", "d e f"]
    assert set(cl.Empirical(documents).sample(50, rng=1)) == set(documents)
    pairs = cl.Empirical.fit(cl.Labelled(np.arange(9), np.arange(9) ** 2)).sample(50, rng=1)
    assert (pairs.y == pairs.X**2).all()
    vectors = np.arange(12).reshape(6, 2)
    drawn = cl.Empirical(vectors).expand(40).sample(3, rng=1)
    assert (drawn[:, 1] == drawn[:, 0] + 1).all()


def test_draws_are_uniform_and_independent_between_replicates(within):
    replicates = 40_000
    drawn = cl.Empirical(np.arange(5)).expand(replicates).sample(2, rng=2)
    for value in range(5):
        share = (drawn == value).mean(axis=1)
        within(share, 0.2, se=np.sqrt(0.2 * 0.8 / replicates))
    repeats = (drawn[0] == drawn[1]).mean()  # with replacement
    neighbors = (drawn[0, ::2] == drawn[0, 1::2]).mean()
    within(repeats, 0.2, se=np.sqrt(0.2 * 0.8 / replicates))
    within(neighbors, 0.2, se=np.sqrt(0.2 * 0.8 / (replicates / 2)))


def test_a_model_that_memorizes_forgets_like_a_drifting_population(within):
    # Resampling loses observations as Wright-Fisher drift loses types: the chance that two draws
    # differ falls by 1 - 1/n a generation.
    n, generations, replicates = 10, 5, 20_000
    world = cl.Empirical(np.arange(8)).expand(replicates)
    fit = partial(cl.Empirical.fit, replicates=(replicates,))
    different = {"different": lambda model: 1 - same_pairs(model.data)}
    history = cl.run(fit, world, n=n, n_generations=generations, metrics=different, rng=3)
    expected = cl.theory.expected_heterozygosity(np.arange(generations + 1), n, np.full(8, 1 / 8))
    measured = history["different"]
    se = measured.std(axis=1) / np.sqrt(replicates)  # a bounded law: its own error can be trusted
    within(measured.mean(axis=1), expected, se=se)


def same_pairs(data):
    shares = (data[None] == np.arange(8)[:, None, None]).mean(axis=1)
    return np.square(shares).sum(axis=0)
