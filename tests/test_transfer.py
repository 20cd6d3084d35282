"""Transfer sets: pictures made out of pictures, and how near they come to unseen ones."""

import numpy as np
import pytest
from scipy import ndimage, stats

from collapse_lab.pictures import handwritten
from collapse_lab.transfer import KINDS, copied, imagined, interpolated, noise, reach, warp, warped

INK = handwritten().ink[:40]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_makes_as_many_pictures_as_asked_for(kind):
    made = KINDS[kind](INK, 300, rng=1)
    assert made.shape == (300, 64)
    assert made.min() >= 0
    assert made.max() <= 1
    np.testing.assert_array_equal(made, KINDS[kind](INK, 300, rng=1))
    assert not np.array_equal(made, KINDS[kind](INK, 300, rng=2))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_names_what_is_wrong(kind):
    with pytest.raises(ValueError, match="pictures must be rows of pixels, and not empty, got sh"):
        KINDS[kind](np.zeros(64), 3, rng=1)
    with pytest.raises(ValueError, match="n must be a whole number of at least 1, got 0"):
        KINDS[kind](INK, 0, rng=1)


def test_copies_are_real_and_each_as_likely():
    made = copied(INK, 40_000, rng=3)
    counts = np.array([(made == picture).all(axis=1).sum() for picture in INK])
    assert counts.sum() == 40_000
    error = np.sqrt(40_000 * (1 / 40) * (39 / 40))
    assert np.abs(counts - 1000).max() < 4.9 * error


def test_noise_knows_the_size_only(has_law):
    made = noise(INK, 4000, rng=4)
    assert np.abs(made.mean(axis=0) - 0.5).max() < 4.9 * np.sqrt(1 / 12 / 4000)
    has_law(made, stats.uniform.cdf)
    np.testing.assert_array_equal(made, noise(1 - INK, 4000, rng=4))


def test_interpolations_draw_both_pictures_anew():
    names = np.eye(1000)
    seen = [set(map(tuple, np.argwhere(interpolated(names, 200, rng=s) > 0))) for s in (1, 2)]
    assert len(seen[0] & seen[1]) < 10  # of 400; 0.8 are expected by chance


def test_interpolations_lie_between_two_pictures():
    pair = np.eye(2)
    made = interpolated(pair, 20_000, rng=5)
    np.testing.assert_allclose(made.sum(axis=1), 1)
    inside = (made[:, 0] > 0) & (made[:, 0] < 1)
    assert abs(inside.mean() - 0.5) < 4.9 * np.sqrt(0.25 / 20_000)  # else one of them twice
    share = made[inside, 0]
    assert abs(share.mean() - 0.5) < 4.9 * np.sqrt(1 / 12 / len(share))
    assert abs(share.var() - 1 / 12) < 4.9 * np.sqrt(1 / 180 / len(share))


def test_the_mixture_keeps_mean_and_variance_of_its_pictures_and_no_correlation():
    x, n = np.random.default_rng(6).standard_normal((200, 4)), 20_000
    gray = 0.5 + 0.05 * (x + x[:, :1])
    made = imagined(gray, n, n_bumps=1, rng=6)
    var = gray.var(axis=0) + 1e-3  # scikit-learn is told to add so much
    assert (np.abs(made.mean(axis=0) - gray.mean(axis=0)) < 4.9 * np.sqrt(var / n)).all()
    gap = np.cov(made.T, ddof=0) - np.diag(var)
    error = np.sqrt((1 + np.eye(4)) * np.outer(var, var) / n)
    assert (np.abs(gap) < 4.9 * error).all()


def test_the_mixture_has_ten_bumps_unless_told_otherwise():
    np.testing.assert_array_equal(imagined(INK, 9, rng=1), imagined(INK, 9, n_bumps=10, rng=1))
    assert imagined(INK[:3], 9, n_bumps=3, rng=1).shape == (9, 64)
    with pytest.raises(ValueError, match="n_bumps must be at most the 40 pictures, got 41"):
        imagined(INK, 10, n_bumps=41)


def test_a_warp_of_no_strength_changes_nothing_and_1_is_the_default():
    np.testing.assert_allclose(warp(INK, strength=0, rng=7), INK, atol=1e-12)
    np.testing.assert_array_equal(warp(INK, rng=7), warp(INK, strength=1.0, rng=7))
    np.testing.assert_array_equal(warped(INK, 9, rng=7), warped(INK, 9, strength=1.0, rng=7))
    made = warped(INK, 50, strength=0, rng=7)
    assert all(np.isclose(picture, INK).all(axis=1).any() for picture in made)


@pytest.mark.parametrize("strength", [0.5, 1.0, 3.0])
def test_a_warp_is_that_of_scipy(strength, monkeypatch):
    unit = np.random.default_rng(8).random((4, len(INK)))

    class Fixed:
        def uniform(self, low, high, shape):
            return (low + (high - low) * unit).reshape(shape)

    monkeypatch.setattr(np.random, "default_rng", lambda _: Fixed())
    made = warp(INK, strength=strength).reshape(-1, 8, 8)
    for i, picture in enumerate(INK.reshape(-1, 8, 8)):
        turn, scale, right, down = strength * (2 * unit[:, i] - 1)
        turn, size = np.deg2rad(15) * turn, np.exp(0.1 * scale)
        turning = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        offset = np.full(2, 3.5) - turning @ np.full(2, 3.5) / size - np.array([down, right])
        theirs = ndimage.affine_transform(
            picture, turning / size, offset, order=1, mode="grid-constant"
        )
        np.testing.assert_allclose(made[i], theirs, atol=1e-9)


def test_a_warp_names_what_is_wrong():
    with pytest.raises(ValueError, match="pictures must be square, got 63 pixels"):
        warp(INK[:, :63])
    with pytest.raises(ValueError, match="strength must"):
        warp(INK, strength=-1.0)


def test_reach_is_the_mean_distance_to_the_nearest():
    made, unseen = np.zeros((1, 4)), np.array([[0.0] * 4, [1.0] * 4, [1.0, 0, 0, 0]])
    assert reach(made, unseen) == pytest.approx((0 + 1 + 0.5) / 3)
    assert reach(unseen, unseen) == 0
    nearer = reach(np.concatenate([made, unseen[1:2]]), unseen)
    assert nearer == pytest.approx((0 + 0 + 0.5) / 3)
    with pytest.raises(ValueError, match=r"unseen must have rows of 4 pixels, got \(3, 3\)"):
        reach(made, unseen[:, :3])
