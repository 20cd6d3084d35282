"""Chains whose supply fails: the two ends are known chains, and what is bought is written down."""

import re

import numpy as np
import pytest

import collapse_lab as cl
from collapse_lab import metrics, theory

P = theory.zipf(1.0, 10)
WORLD = cl.Categorical(P)
SETTING = {"n": 50, "n_generations": 12, "metrics": [metrics.heterozygosity], "rng": 1}
R = 4000


def buy(amount):
    return lambda _history: amount


@pytest.mark.parametrize(
    ("onset", "bought", "fraction"), [(1, 0, 0.0), (1, 10, 0.2), (1, 50, 1.0), (99, 0, 1.0)]
)
def test_law_is_that_of_plain_copies_of_a_mix_and_of_fresh_data(onset, bought, fraction, has_mean):
    record = cl.upkeep(WORLD, buy(bought), onset=np.full(R, onset), **SETTING)
    chain = cl.run(
        cl.Categorical.fit,
        cl.Categorical(P, draw="counts").expand(R),
        n=50,
        n_generations=12,
        policy=cl.Mix(fraction) if fraction else cl.replace,
        metrics=[metrics.heterozygosity],
        rng=2,
    )
    for t in (0, 1, 12):
        gap = record["heterozygosity"][t] - chain["heterozygosity"][t]
        has_mean(gap, 0)


def test_chains_turn_at_their_own_onset(has_mean):
    onset = np.repeat([1, 5, 13], R)
    record = cl.upkeep(WORLD, buy(0), onset=onset, **SETTING)
    for t in (4, 5, 12):
        for begin in (1, 5, 13):
            copies = max(t - begin + 1, 0)
            values = record["heterozygosity"][t, onset == begin]
            has_mean(values, theory.expected_heterozygosity(copies, 50, P))


def test_the_rule_sees_the_past_alone_and_its_purchases_are_kept():
    seen = []

    def rule(history):
        seen.append(history["heterozygosity"].copy())
        return np.array([len(seen), 0])

    record = cl.upkeep(WORLD, rule, onset=[1, 3], **SETTING)
    assert record["bought"].T.tolist() == [[*range(1, 13), 0], [0] * 13]
    assert [len(past) for past in seen] == [*range(1, 13)]
    for t, past in enumerate(seen):
        assert (past == record["heterozygosity"][: t + 1]).all()


def test_arguments_are_checked():
    def run(rule=None, **changes):
        cl.upkeep(WORLD, rule or buy(0), **{"onset": [1, 2], **SETTING, **changes})

    with pytest.raises(TypeError, match="rule must be callable, got 3"):
        run(rule=3)
    for onset in ([0, 1], [1.0, 2.0], 5):
        message = f"onset must hold whole numbers of at least 1, got {onset!r}"
        with pytest.raises(ValueError, match=re.escape(message)):
            run(onset=onset)
    for amount in (51, -1, 2.5, np.zeros((2, 2), dtype=int)):
        with pytest.raises(ValueError, match="rule must return whole numbers from 0 to n = 50"):
            run(rule=buy(amount))
    with pytest.raises(ValueError, match="n must be a whole number of at least 1, got 0"):
        run(n=0)
    with pytest.raises(ValueError, match="n_generations must be a whole number of at least 1"):
        run(n_generations=0)
