"""Worlds of known modes, and what is counted on them."""

import re

import numpy as np
import pytest

from collapse_lab.mixture import Mixture, copied, mode_shares, total_variation


def test_a_ring_has_its_modes_on_a_circle():
    ring = Mixture.ring(8)
    assert np.allclose(np.hypot(*ring.centers.T), 1)
    assert np.allclose(ring.centers[[0, 2]], [[1, 0], [0, 1]])
    assert np.array_equal(ring.p, np.full(8, 1 / 8))


def test_samples_have_the_law_of_the_mixture(within):
    world = Mixture([[0.0, 3.0], [4.0, -1.0]], 0.5, [0.25, 0.75]).expand(2)
    points = world.sample(20_000, rng=1)
    assert points.shape == (20_000, 2, 2)
    # E x = 3, E y = 0; the variance of x is 0.25 + 16 * 3/16, that of y 0.25 + 16 * 3/16
    mean, var, n = np.array([3.0, 0.0]), 0.25 + 3.0, 40_000
    flat = np.moveaxis(points, 1, -1).reshape(-1, 2)
    within(flat.mean(axis=0), mean, se=np.sqrt(var / n))
    second = np.mean((flat - mean) ** 2, axis=0)
    # a sum of two independent parts: fourth moment of the mode's part, and of the normal one
    fourth = 256 * (0.25 * 0.75**4 + 0.75 * 0.25**4) + 6 * 3.0 * 0.25 + 3 * 0.25**2
    within(second, var, se=np.sqrt((fourth - var**2) / n))
    shares = mode_shares(points, world.centers, within=100.0)
    within(shares[0], 0.25, se=np.sqrt(0.25 * 0.75 / 20_000))


def test_modes_can_be_left_out():
    part = Mixture.ring(4, width=0.0).among([1, 2])
    shares = mode_shares(part.sample(500, rng=2), part.centers, within=0.1)
    assert np.array_equal(part.p, [0, 0.5, 0.5, 0])
    assert shares[[0, 3, 4]].tolist() == [0, 0, 0]
    assert shares[1] > 0.3


def test_shares_by_hand():
    points = np.array([[0.1, 0.0], [0.9, 0.0], [1.0, 0.2], [5.0, 0.0]])
    centers = [[0.0, 0.0], [1.0, 0.0]]
    assert mode_shares(points, centers, within=0.3).tolist() == [0.25, 0.5, 0.25]
    assert mode_shares(points, centers, within=0.15).tolist() == [0.25, 0.25, 0.5]
    side_by_side = np.stack([points, points + 1.0], axis=-1)
    assert mode_shares(side_by_side, centers, within=0.3)[:, 1].tolist() == [0, 0, 1]


def test_total_variation_by_hand():
    assert total_variation([0.5, 0.5, 0.0], [0.25, 0.25, 0.5]) == 0.5
    assert total_variation(np.eye(3), [[1 / 3]] * 3).tolist() == pytest.approx([2 / 3] * 3)


def test_a_copier_is_told_from_a_learner(within):
    ring = Mixture.ring().expand(40)
    shown, unseen = ring.sample(50, rng=3), ring.sample(50, rng=4)
    assert copied(shown, shown, unseen).tolist() == [1.0] * 40
    assert copied(unseen, shown, unseen).tolist() == [0.0] * 40
    shares = copied(ring.sample(100, rng=5), shown, unseen)
    within(shares.mean(), 0.5, se=shares.std(ddof=1) / np.sqrt(40))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"centers": [0.0, 1.0]}, "centers must have shape (K, d), got (2,)"),
        ({"centers": [[0.0], [np.nan]]}, "centers must hold finite numbers, got nan"),
        ({"p": [0.5, 0.6]}, "p must hold 2 shares that sum to 1, got [0.5, 0.6]"),
        ({"p": [1.0]}, "p must hold 2 shares that sum to 1, got [1.0]"),
        ({"p": [1.5, -0.5]}, "p must hold 2 shares that sum to 1, got [1.5, -0.5]"),
        ({"width": -1.0}, "width must lie in [0, inf), got -1.0"),
    ],
)
def test_wrong_worlds_are_refused(change, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        Mixture(**{"centers": [[0.0], [1.0]], "width": 0.1, **change})


def test_wrong_arguments_are_named():
    ring = Mixture.ring()
    points = ring.sample(5, rng=6)
    with pytest.raises(ValueError, match="n_modes must be a whole number of at least 1, got 0"):
        Mixture.ring(0)
    with pytest.raises(ValueError, match="n_replicates must be a whole number"):
        ring.expand(0.5)
    with pytest.raises(ValueError, match=r"modes must name at least one mode .*, got \[\]"):
        ring.among([])
    with pytest.raises(ValueError, match="n must be a whole number"):
        ring.sample(0, rng=1)
    with pytest.raises(ValueError, match=re.escape("within must lie in (0, inf), got 0")):
        mode_shares(points, ring.centers, within=0)
    with pytest.raises(ValueError, match=re.escape("got (5, 2) and (1, 3)")):
        mode_shares(points, [[0.0, 0.0, 0.0]], within=1)
    with pytest.raises(ValueError, match=re.escape("got (5, 2), (4, 2) and (5, 2)")):
        copied(points, points, points[:4])
