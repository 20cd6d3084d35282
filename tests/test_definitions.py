"""The eight definitions: what is read from the chains, and what fires."""

import numpy as np
import pytest

import collapse_lab as cl
from collapse_lab import theory
from collapse_lab.definitions import SIZES, TWO_MODES, WORLD, Finding, eight_definitions
from collapse_lab.kernel import Kernel

NAMES = [
    "catastrophic increase of risk",
    "any increase of risk",
    "diverging risk",
    "change of the scaling law",
    "collapsing variance",
    "entangled modes",
    "vanishing tails",
    "hallucinated data",
]


def read(policy, **options):
    return {f.definition: f for f in eight_definitions(policy, rng=1, **options)}


def test_the_numbers_under_replace_are_those_of_theory(within):
    """Risk, variance and exponent have closed forms; the errors are true ones, from moments."""
    n, fits, runs = 50, 20, 20_000
    found = read(cl.replace, n=n, n_fits=fits, n_replicates=runs)
    assert list(found) == NAMES

    def moment(power, t=fits, size=n):
        return theory.squared_wasserstein_moment([size] * t, power)

    error = np.sqrt((moment(2) - moment(1) ** 2) / runs)
    within(found["catastrophic increase of risk"].value, moment(1), se=error)
    assert found["catastrophic increase of risk"].standard_error == pytest.approx(error, rel=0.3)
    within(found["any increase of risk"].value, moment(1) - moment(1, 1), se=1.1 * error)
    half = theory.variance_cdf(0.5, fits - 1, n, ddof=1)
    within(found["collapsing variance"].value, half, se=np.sqrt(half * (1 - half) / runs))
    ratios = [moment(1, size=m) / moment(1, 1, m) for m in SIZES]
    slope = np.log(ratios[1] / ratios[0]) / np.log(SIZES[1] / SIZES[0])
    scaling = found["change of the scaling law"]
    within(scaling.value, abs(slope), se=scaling.standard_error)


def test_a_world_that_is_always_asked_never_collapses():
    """Only fresh data: every generation is a first fit, whatever the definition."""
    found = read(cl.Mix(1.0), n_fits=20, n_replicates=4000)
    assert not any(finding.fires for finding in found.values())


def test_replace_and_accumulate_disagree():
    replaced, accumulated = read(cl.replace, n_replicates=16_000), read(cl.accumulate)
    assert [f.fires for f in replaced.values()] == [name != NAMES[3] for name in NAMES]
    assert [f.fires for f in accumulated.values()] == [name == NAMES[1] for name in NAMES]


def test_the_two_modes_are_two_at_first():
    model = Kernel.fit(TWO_MODES.sample(50, rng=1))
    between, left, right = model.logpdf(np.array([0.0, -1.0, 1.0]))
    assert between < min(left, right) - 0.5
    assert np.var(TWO_MODES.data) == pytest.approx(1 + 0.3**2, rel=0.01)
    assert WORLD.var == 1


def test_it_fires_only_when_it_is_clear():
    assert Finding("a", "b", 1.5, 0.1, 1.0).fires
    assert not Finding("a", "b", 1.5, 0.11, 1.0).fires
    assert not Finding("a", "b", 0.5, 0.1, 1.0).fires


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n": 1}, "n must be a whole number of at least 2, got 1"),
        ({"n_fits": 5}, "n_fits must be even, got 5"),
        ({"n_fits": 2}, "n_fits must be a whole number of at least 4, got 2"),
        ({"n_replicates": 100}, "n_replicates must be a whole number of at least 200, got 100"),
    ],
)
def test_wrong_arguments_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        eight_definitions(cl.replace, **options)
