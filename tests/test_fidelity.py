"""Precision, recall and the Fréchet distance, against slow twins and closed forms."""

import re

import numpy as np
import pytest
from scipy.linalg import sqrtm
from sklearn.neighbors import NearestNeighbors

from collapse_lab.fidelity import covered, frechet_distance, precision, recall


def slow_covered(points, by, k):
    """Point by point, ball by ball."""
    found = []
    for x in points:
        hit = False
        for i, center in enumerate(by):
            others = sorted(np.linalg.norm(center - y) for j, y in enumerate(by) if j != i)
            hit |= bool(np.linalg.norm(x - center) <= others[k - 1])
        found.append(hit)
    return np.array(found)


@pytest.mark.parametrize("k", [1, 3, 7])
def test_covered_is_what_the_definition_says(k):
    rng = np.random.default_rng(k)
    points, by = rng.normal(size=(30, 3)), rng.normal(1, 0.7, size=(20, 3))
    expected = slow_covered(points, by, k)
    assert 0 < expected.sum() < 30
    assert (covered(points, by, k=k) == expected).all()


def test_precision_and_recall_by_scikit_learns_neighbors():
    rng = np.random.default_rng(1)
    real, made = rng.normal(size=(200, 8)), rng.normal(0.3, 0.8, size=(150, 8))

    def share(points, by):
        radius = NearestNeighbors(n_neighbors=4).fit(by).kneighbors(by)[0][:, 3]
        gaps = np.sqrt(np.square(points[:, None] - by).sum(axis=2))
        return (gaps <= radius).any(axis=1).mean()

    assert precision(real, made, k=3) == pytest.approx(share(made, real), abs=1e-12)
    assert recall(real, made, k=3) == pytest.approx(share(real, made), abs=1e-12)
    assert precision(real, made) != recall(real, made)


def test_a_lost_mode_costs_recall_and_junk_costs_precision():
    rng = np.random.default_rng(2)
    near, far, junk = (rng.uniform(size=(100, 1)) + shift for shift in (0, 100, 1000))
    real = np.concatenate([near, near, far])
    assert recall(real, np.concatenate([near, near])) == pytest.approx(2 / 3)
    assert precision(real, np.concatenate([near, near])) == 1
    assert precision(real, np.concatenate([near, far, junk])) == pytest.approx(2 / 3)
    assert recall(real, np.concatenate([near, far, junk])) == 1


def test_precision_of_uniform_points_on_a_line(within):
    # A point x is outside of all balls (k = 1) of two points a, b iff it is farther than |a - b|
    # from both. With a, b, x uniform on [0, 1]: by symmetry P = 2 P(x > b + (b - a), b > a),
    # twice, for both sides: 4 * integral of (1 - 2b + a)+ over a < b, which is 4 * 1/12 = 1/3.
    rng = np.random.default_rng(3)
    runs = 4000
    inside = [
        precision(rng.uniform(size=(2, 1)), rng.uniform(size=(1, 1)), k=1) for _ in range(runs)
    ]
    within(np.mean(inside), 2 / 3, se=np.sqrt(2 / 9 / runs))


def test_a_repeated_picture_has_no_ball_but_its_own_point():
    made = np.zeros((10, 2))
    real = np.array([[0.0, 0.0], [0.1, 0.0], [1.0, 1.0], [3.0, 3.0]])
    assert recall(real, made) == 0.25


def test_frechet_distance_of_shifted_and_scaled_points():
    x = np.random.default_rng(4).normal(size=(500, 5))
    shift = np.array([1.0, 0, 2, 0, 0])
    assert frechet_distance(x, x) == pytest.approx(0, abs=1e-9)
    assert frechet_distance(x, x + shift) == pytest.approx(5, rel=1e-9)
    spread = np.trace(np.cov(x, rowvar=False))
    gap = 4 * np.square(x.mean(axis=0)).sum()
    # the covariance of 3 x is 9 C, whose root product with C is 3 C
    assert frechet_distance(x, 3 * x) == pytest.approx(gap + (1 + 9 - 6) * spread, rel=1e-9)


def test_frechet_distance_by_the_matrix_root():
    rng = np.random.default_rng(5)
    a, b = rng.normal(size=(60, 4)) @ rng.normal(size=(4, 4)), rng.normal(1, 2, size=(90, 4))
    c1, c2 = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    gap = a.mean(axis=0) - b.mean(axis=0)
    expected = gap @ gap + np.trace(c1 + c2 - 2 * np.real(sqrtm(c1 @ c2)))
    assert frechet_distance(a, b) == pytest.approx(expected, rel=1e-7)
    assert frechet_distance(b, a) == pytest.approx(expected, rel=1e-7)


def test_frechet_distance_on_a_line_and_of_singular_clouds():
    x, y = np.array([[0.0], [2.0]]), np.array([[3.0], [3.0]])
    assert frechet_distance(x, y) == pytest.approx(4 + 2)
    flat = np.random.default_rng(6).normal(size=(50, 1)) * np.ones(3)
    assert frechet_distance(flat, 2 * flat) == pytest.approx(
        np.square(flat.mean(axis=0)).sum() + 3 * flat[:, 0].var(ddof=1)
    )


def test_frechet_distance_of_samples_of_known_gaussians(within):
    rng = np.random.default_rng(7)
    values = [
        frechet_distance(rng.normal(0, 1, (4000, 2)), rng.normal(1, 2, (4000, 2)))
        for _ in range(30)
    ]
    # |mean gap|² = 2, (2 - 1)² in each of two directions; bias of order 1/n
    within(np.mean(values), 4, se=np.std(values) / np.sqrt(30), bias=20 / 4000)


@pytest.mark.parametrize("score", [precision, recall, frechet_distance])
def test_shapes_are_checked(score):
    good = np.zeros((5, 2))
    with pytest.raises(ValueError, match=re.escape("must have shape (m, d), got (5,)")):
        score(np.zeros(5), good)
    with pytest.raises(ValueError, match=re.escape("must have shape (m, d), got (0, 2)")):
        score(good, np.zeros((0, 2)))
    with pytest.raises(ValueError, match="must hold points of one length, got"):
        score(good, np.zeros((5, 3)))
    with pytest.raises(ValueError, match="must hold finite numbers, got nan"):
        score(good, np.full((5, 2), np.nan))


def test_numbers_are_checked():
    points = np.zeros((5, 2))
    with pytest.raises(ValueError, match="k must be a whole number of at least 1, got 0"):
        precision(points, points, k=0)
    with pytest.raises(ValueError, match="k must be less than the number of points, 5, got 5"):
        recall(points, points, k=5)
    with pytest.raises(ValueError, match="other must hold at least two points, got 1"):
        frechet_distance(points, points[:1])
