"""The world of doctors: its exact shares against counted ones, its groups, its editing program."""

import re

import numpy as np
import pytest
from scipy import integrate, special, stats

from collapse_lab import doctors
from collapse_lab.data import Labelled
from collapse_lab.doctors import WEB, Doctors, Recognizer

WORLD = Doctors()
RULE = Recognizer(np.r_[0.2, -0.4, 1.0, 0.7, 0.5, np.full(15, 0.1)], -0.3)


def test_the_cells_are_named_in_the_order_of_their_numbers():
    assert len(doctors.CELLS) == len(WEB) == 8
    assert doctors.CELLS[5] == "younger men, doctors"
    assert sum(WEB) == 600


def test_the_means_are_those_that_the_chapter_states():
    assert Doctors(0.5, 15) == WORLD  # by default
    others = np.array([[1, -1], [-1, -1], [1, 1], [-1, 1]])  # gray hair, long hair
    np.testing.assert_array_equal(WORLD.means[:, :2], np.vstack([others, others]))
    coat, scrubs, stethoscope = WORLD.means[:, 2:5].T
    np.testing.assert_allclose(coat, [-0.5] * 4 + [1, 0.3, 1, -0.2])
    np.testing.assert_array_equal(scrubs, [-0.5] * 4 + [0, 1, 0, 1])
    np.testing.assert_array_equal(stethoscope, [-0.5] * 4 + [0.5] * 4)
    assert not WORLD.means[:, 5:].any()  # the background says nothing


def test_draws_have_the_stated_counts_means_and_spread():
    n = 20_000
    drawn = WORLD.draw([n] * 8, rng=1)
    assert np.bincount(drawn.y).tolist() == [n] * 8
    cells = drawn.X.reshape(8, n, 20)
    assert np.abs(cells.mean(axis=1) - WORLD.means).max() < 4.9 / np.sqrt(n) * 1.3  # 160 of them
    assert np.abs(cells.var(axis=1) - 1).max() < 4.9 * np.sqrt(2 / n) * 1.3


def test_exact_shares_are_those_that_one_counts():
    n = 50_000
    drawn = WORLD.draw([n] * 8, rng=2)
    odds = (drawn.X @ RULE.weights + RULE.intercept).reshape(8, n)
    right = WORLD.right(RULE)
    counted = ((odds > 0) == (np.arange(8) >= 4)[:, None]).mean(axis=1)
    assert (np.abs(counted - right) < 4.9 * np.sqrt(right * (1 - right) / n)).all()
    said = special.expit(odds)
    error = said.std(axis=1) / np.sqrt(n)
    assert (np.abs(said.mean(axis=1) - WORLD.said(RULE)) < 4.9 * error).all()


def test_what_is_said_is_an_integral():
    spread = np.linalg.norm(RULE.weights)
    odds = WORLD.means @ RULE.weights + RULE.intercept
    for mean, said in zip(odds, WORLD.said(RULE), strict=True):
        exact, _ = integrate.quad(
            lambda z, m=mean: special.expit(m + spread * z) * stats.norm.pdf(z), -12, 12
        )
        assert said == pytest.approx(exact, abs=1e-8)


def test_the_clash_is_all_that_the_editing_program_does_not_know():
    for clash in (0.0, 1.0):
        means = Doctors(clash, background=0).means
        composed = means[5] + means[3] - means[1]
        np.testing.assert_allclose(composed - means[7], [0, 0, clash, 0, 0], atol=1e-12)


def test_edited_pictures_are_shifted_pictures_of_men():
    pictures = WORLD.draw(WEB, rng=3)
    made = doctors.edited(pictures, 40, rng=4)
    assert made.y.tolist() == [7] * 40
    men, women, source = (pictures.X[pictures.y == cell] for cell in (1, 3, 5))
    back = made.X - women.mean(axis=0) + men.mean(axis=0)
    gaps = np.abs(back[:, None] - source[None]).max(axis=2)
    assert gaps.min(axis=1).max() < 1e-12
    many = doctors.edited(pictures, 30_000, rng=4)  # each of the 75 men comes as often
    which = np.unique(many.X[:, 0], return_counts=True)[1]
    assert len(which) == 75
    assert stats.chisquare(which).pvalue > 1e-6


def test_a_weight_is_as_good_as_copies():
    pictures = WORLD.draw(WEB, rng=5)
    weights = np.where(pictures.y == 7, 3.0, 1.0)
    twice = Labelled(
        np.concatenate([pictures.X] + 2 * [pictures.X[pictures.y == 7]]),
        np.concatenate([pictures.y, np.full(18, 7)]),
    )
    weighted, copied = doctors.recognizer(pictures, weights), doctors.recognizer(twice)
    np.testing.assert_allclose(weighted.weights, copied.weights, atol=1e-6)
    assert weighted.intercept == pytest.approx(copied.intercept, abs=1e-6)


def test_the_recognizer_finds_the_slope_of_the_penalized_likelihood():
    pictures = WORLD.draw(WEB, rng=6)
    model = doctors.recognizer(pictures)
    wrong = special.expit(pictures.X @ model.weights + model.intercept) - (pictures.y >= 4)
    np.testing.assert_allclose(pictures.X.T @ wrong + model.weights, 0, atol=1e-4)
    assert wrong.sum() == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Doctors(-1.0), "clash must lie in [0, inf), got -1.0"),
        (lambda: Doctors(background=-1), "background must be a whole number of at least 0, got -1"),
        (lambda: WORLD.draw([1, 2]), "counts must hold 8 whole numbers >= 0, got [1, 2]"),
        (lambda: WORLD.draw([-1] * 8), "counts must hold 8 whole numbers >= 0, got [-1"),
        (lambda: WORLD.draw([0.5] * 8), "counts must hold 8 whole numbers >= 0, got [0.5"),
        (
            lambda: doctors.recognizer(WORLD.draw([5] * 4 + [0] * 4, rng=1)),
            "pictures must show doctors and others, got 0 doctors",
        ),
        (
            lambda: doctors.recognizer(WORLD.draw([0] * 4 + [5] * 4, rng=1)),
            "pictures must show doctors and others, got 20 doctors",
        ),
        (
            lambda: doctors.edited(WORLD.draw([5, 5, 5, 5, 5, 0, 5, 5], rng=1), 3),
            "pictures must show cells 1, 3 and 5, got 5, 5 and 0 pictures of them",
        ),
        (
            lambda: doctors.edited(WORLD.draw([5, 0, 5, 5, 5, 5, 5, 5], rng=1), 3),
            "pictures must show cells 1, 3 and 5, got 0, 5 and 5 pictures of them",
        ),
        (
            lambda: doctors.edited(WORLD.draw([5, 5, 5, 0, 5, 5, 5, 5], rng=1), 3),
            "pictures must show cells 1, 3 and 5, got 5, 0 and 5 pictures of them",
        ),
        (
            lambda: doctors.edited(WORLD.draw(WEB, rng=1), -1),
            "n must be a whole number of at least 0, got -1",
        ),
    ],
)
def test_wrong_arguments(call, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        call()
