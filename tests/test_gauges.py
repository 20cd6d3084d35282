"""The gauges: what each sees, and what each is blind to."""

import re

import numpy as np
import pytest
from scipy import stats

from collapse_lab.gauges import Gauges
from collapse_lab.kernel import CopyAndBlur
from collapse_lab.mixture import Mixture

WORLD = Mixture.ring(width=0.05)
GAUGES = Gauges(WORLD, within=0.3)


def test_kinds_are_counted_from_their_share_on():
    points = np.repeat(WORLD.centers[:3], [98, 1, 1], axis=0)
    assert GAUGES.kinds(points) == 3
    assert Gauges(WORLD, within=0.3, at_least=0.011).kinds(points) == 1
    assert GAUGES.kinds(points + 5.0) == 0
    assert GAUGES.kinds(np.stack([points, points + 5.0], axis=-1)).tolist() == [3, 0]
    assert GAUGES.shares(WORLD.centers[:1] * [[0.71], [0.69]])[-1] == 0.5  # within 0.3 or not


def test_the_world_itself_is_well(within):
    shown = WORLD.expand(30).sample(100, rng=1)
    found = GAUGES.read(WORLD.expand(30), shown, WORLD.expand(30), n=400, rng=2)
    assert found.points.shape == (400, 2, 30)
    assert found.kinds.tolist() == [8] * 30
    # half a sum of eight absolute deviations, and a point of the world is always near its mode
    data, made = (stats.binom.pmf(np.arange(n + 1), n, 1 / 8) for n in (100, 400))
    share, share_made = np.arange(101) / 100, np.arange(401) / 400
    within(
        found.data_off.mean(),
        4 * data @ np.abs(share - 1 / 8),
        se=found.data_off.std(ddof=1) / np.sqrt(30),
    )
    within(
        found.model_off.mean(),
        4 * data @ np.abs(share[:, None] - share_made) @ made,
        se=found.model_off.std(ddof=1) / np.sqrt(30),
    )
    within(found.copied.mean(), 0.5, se=found.copied.std(ddof=1) / np.sqrt(30))
    again = GAUGES.read(WORLD.expand(30), shown, WORLD.expand(30), n=100, rng=2)
    within(again.copied.mean(), 0.5, se=again.copied.std(ddof=1) / np.sqrt(30))


def test_data_are_compared_with_the_shares_of_the_world():
    uneven = Mixture(WORLD.centers[:2], 0.0, [0.75, 0.25])
    shown = np.repeat(uneven.centers, [3, 1], axis=0)
    found = Gauges(uneven, within=0.3).read(uneven.among([0]), shown, uneven, rng=1)
    assert (found.data_off, found.model_off) == (0, 0.25)
    assert found.points.shape == (1000, 2)


def test_each_illness_has_its_gauge():
    half = WORLD.among([0, 1, 2, 3])
    whole, part = WORLD.sample(400, rng=3), half.sample(400, rng=4)
    copier = GAUGES.read(CopyAndBlur(whole, 0.0), whole, WORLD, rng=5)
    stubborn = GAUGES.read(half, whole, WORLD, rng=6)
    partial = GAUGES.read(CopyAndBlur(part, 0.05), part, half, rng=7)
    assert copier.copied == 1
    assert max(copier.data_off, copier.model_off) < 0.15
    assert stubborn.model_off > 0.4 > 0.15 > stubborn.data_off
    assert partial.data_off == pytest.approx(0.5)
    assert partial.model_off < 0.15
    assert [x.kinds for x in (copier, stubborn, partial)] == [8, 4, 4]


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match=re.escape("within must lie in (0, inf), got 0")):
        Gauges(WORLD, within=0)
    with pytest.raises(ValueError, match=re.escape("at_least must lie in (0, 1], got 0")):
        Gauges(WORLD, within=1, at_least=0)
    with pytest.raises(ValueError, match="n must be a whole number of at least 1, got 0"):
        GAUGES.read(WORLD, WORLD.sample(5, rng=1), WORLD, n=0)
