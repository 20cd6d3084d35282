"""Drawn digits: faces, ranges, what each does to a picture, and a reader of them."""

import re
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest

from collapse_lab import plots, rendering
from collapse_lab.pictures import Digits
from collapse_lab.rendering import FACES, Randomization, rendered

PLAIN = Randomization().times(0)


def centers(digits):
    """Center of the ink, in pixels, columns and rows, shape (N, 2)."""
    y, x = np.mgrid[0:8, 0:8]
    mass = digits.ink.sum(axis=1)
    return np.stack([digits.ink @ x.ravel(), digits.ink @ y.ravel()], axis=1) / mass[:, None]


def test_pictures_have_the_format_of_handwritten_ones():
    digits = rendered(420, rng=1)
    assert digits.ink.shape == (420, 64)
    assert digits.ink.min() == 0
    assert digits.ink.max() == 1
    np.testing.assert_array_equal(digits.ink * 16, np.round(digits.ink * 16))
    np.testing.assert_array_equal(np.bincount(digits.label), 42)
    again = rendered(420, rng=1)
    np.testing.assert_array_equal(digits.ink, again.ink)


@pytest.mark.parametrize("face", FACES)
def test_every_face_has_ten_different_digits_that_fill_the_height(face):
    digits = rendered(10, PLAIN, faces=[face], rng=1)
    assert sorted(digits.label) == list(range(10))
    assert len(np.unique(digits.ink, axis=0)) == 10
    rows = digits.ink.reshape(10, 8, 8).sum(axis=2)
    assert (rows[:, [0, 7]] > 0).all()
    zero = digits.ink[digits.label == 0].reshape(8, 8)
    assert zero[4, 3:5].mean() < zero[0, 3:5].mean() or "Mono" in face  # a hole (or a dot in it)


def test_all_faces_differ():
    eights = np.array([rendered(1, PLAIN, faces=[f], digits=[8], rng=1).ink[0] for f in FACES])
    assert len(np.unique(eights, axis=0)) == len(FACES)


def test_a_digit_looks_like_itself():
    # A 7 has its ink at the top and a 1 is narrow, with y upward in the font and down here.
    seven = rendered(21, PLAIN, digits=[7], rng=1).ink.reshape(-1, 8, 8)
    assert (seven[:, 0].sum(axis=1) > 1.5 * seven[:, 7].sum(axis=1)).mean() > 0.9
    four = rendered(1, PLAIN, faces=["DejaVuSans"], digits=[4], rng=1).ink.reshape(8, 8)
    assert four[7, 4:].sum() > four[7, :4].sum()  # its leg stands on the right


def test_at_strength_0_nothing_is_random():
    first, second = (rendered(50, PLAIN, faces=["cmr10"], digits=[5], rng=i) for i in (1, 2))
    assert len(np.unique(np.concatenate([first.ink, second.ink]), axis=0)) == 1


@pytest.mark.parametrize("name", ["shift", "scale", "rotation", "shear", "stroke", "blur", "noise"])
def test_each_range_alone_changes_the_picture(name):
    one = {**dict.fromkeys(vars(PLAIN), 0.0), name: getattr(Randomization(), name)}
    digits = rendered(30, Randomization(**one), faces=["DejaVuSans"], digits=[4], rng=1)
    assert len(np.unique(digits.ink, axis=0)) > 15


def test_shift_moves_as_far_as_it_says():
    zeros = rendered(400, Randomization(1 / 8, 0, 0, 0, 0, 0, 0), digits=[0], rng=1)
    still = rendered(21, PLAIN, digits=[0], rng=1)
    moved = centers(zeros) - centers(still).mean(axis=0)
    assert 0.75 < np.abs(moved).max() < 1.3  # one pixel, and what the edge cuts off
    assert np.abs(moved.mean(axis=0)).max() < 0.15


def test_stroke_changes_the_ink_and_shear_does_not():
    def spread(**ranges):
        some = {**dict.fromkeys(vars(PLAIN), 0.0), **ranges}
        drawn = rendered(200, Randomization(**some), faces=["cmss10"], digits=[3], rng=1)
        return drawn.ink.sum(axis=1).std()

    assert spread(stroke=0.03) > 5 * spread(shear=0.1)


def drawn(digit=4, ranges=None, grain=0.0, **units):
    """One digit as an 8 x 8 picture, each of the eight random numbers given (0 by default)."""
    names = ("wide", "high", "right", "up", "turn", "shear", "stroke", "blur")
    given = np.array([units.get(name, 0.0) for name in names]).reshape(8, 1, 1)
    law = SimpleNamespace(
        uniform=lambda low, high, shape: np.broadcast_to(given, shape),
        standard_normal=lambda shape: np.full(shape, grain),
    )
    some = Randomization(**{**dict.fromkeys(vars(PLAIN), 0.0), **(ranges or {})})
    return rendering._draw(np.array([digit]), some, law).reshape(8, 8)


def test_a_shift_of_an_eighth_is_a_pixel():
    plain, right, up = (
        drawn(ranges={"shift": 1 / 8}, **units) for units in ({}, {"right": 1}, {"up": 1})
    )
    np.testing.assert_array_equal(right[:, 1:], plain[:, :-1])
    np.testing.assert_array_equal(up[:-1], plain[1:])


def test_a_quarter_turn_turns_the_picture_and_a_shift_comes_after_it():
    both = {"rotation": 90.0, "shift": 1 / 8}
    turned = drawn(ranges=both, turn=1)
    np.testing.assert_array_equal(turned, np.rot90(drawn()))
    np.testing.assert_array_equal(drawn(ranges=both, turn=1, right=1)[:, 1:], turned[:, :-1])


@pytest.mark.parametrize(("name", "axis"), [("wide", 0), ("high", 1)])
def test_a_scale_is_that_of_a_logarithm(name, axis):
    def spread(picture):
        ink = picture.sum(axis=axis)
        places = np.arange(8) - 3.5
        return np.sqrt(ink @ places**2 / ink.sum() - (ink @ places / ink.sum()) ** 2)

    narrow = drawn(0, {"scale": 0.7}, **{name: -1})
    assert spread(narrow) / spread(drawn(0)) == pytest.approx(np.exp(-0.7), abs=0.07)  # edges stay
    other = drawn(0, {"scale": 0.7}, **{"high" if name == "wide" else "wide": -1})
    assert spread(other) / spread(drawn(0)) == pytest.approx(1, abs=0.07)


def test_shear_moves_each_row_by_its_height():
    rows = [drawn(1, {"shear": 0.25}, shear=unit)[1:6] for unit in (0, 1)]  # without the foot
    middle = [row @ np.arange(8) / row.sum(axis=1) for row in rows]
    height = (3.5 - np.arange(1, 6)) / 8
    np.testing.assert_allclose(middle[1] - middle[0], 8 * 0.25 * height, atol=0.25)


def test_a_stroke_grows_on_both_sides_and_blur_begins_at_0():
    plain, thick = (drawn(1, {"stroke": 1 / 16}, stroke=unit) for unit in (0, 1))
    stem = thick[3:6].sum(axis=1) - plain[3:6].sum(axis=1)
    np.testing.assert_allclose(stem, 2 / 16 * 8, atol=2 / 16)
    np.testing.assert_array_equal(drawn(1, {"stroke": 1 / 16}, blur=1), plain)
    sharp, soft = (drawn(1, {"blur": 1 / 4}, blur=unit) for unit in (-1, 1))
    np.testing.assert_array_equal(sharp, plain)
    assert (soft > 0).sum() > (plain > 0).sum()
    wide = drawn(1, {"blur": 1 / 2}, blur=1)  # reaches 1/4 and a bit from the stem, not 3/8
    assert not wide[3:5, 0].any()  # above and below are flag and foot


def test_a_stem_is_as_wide_as_in_the_font():
    width = 184 / 1493 * 8  # DejaVu Sans draws the 1 with a stem of 184 units, 1493 high
    np.testing.assert_allclose(drawn(1)[3:6].sum(axis=1), width, atol=2 / 16)


def test_noise_is_added_to_each_pixel():
    noisy = drawn(ranges={"noise": 1 / 8}, grain=2.0)
    np.testing.assert_array_equal(noisy, np.minimum(drawn() + 2 / 8, 1))


def test_every_face_comes_as_often():
    eights = rendered(84, PLAIN, digits=[8], rng=1).ink
    assert np.unique(eights, axis=0, return_counts=True)[1].tolist() == 21 * [4]


def test_a_strength_multiplies_every_range():
    assert Randomization(1, 2, 3, 4, 5, 6, 7).times(0.5) == Randomization(
        0.5, 1, 1.5, 2, 2.5, 3, 3.5
    )


def test_recognizer_reads_what_it_learned():
    train, new = rendered(420, rng=1), rendered(210, rng=2)
    read = rendering.recognizer(train)
    assert rendering.accuracy(read, train) > 0.98
    assert rendering.accuracy(read, new) > 0.9
    assert read(new.ink[:3]).shape == (3,)


def test_weight_decides_between_contradictions():
    one = rendered(210, PLAIN, rng=1)
    renamed = Digits(one.ink, (one.label + 1) % 10)
    both = rendering.join(one, renamed)
    weight = np.repeat([1.0, 0.1], 210)
    assert rendering.accuracy(rendering.recognizer(both, weight), one) > 0.95
    assert rendering.accuracy(rendering.recognizer(both, weight[::-1]), one) < 0.05


def test_halves_are_all_of_the_handwritten_digits_once():
    train, test = rendering.real_halves(1)
    assert (len(train), len(test)) == (898, 899)
    together = np.concatenate([train.ink, test.ink])
    np.testing.assert_allclose(together.sum(), rendering.handwritten().ink.sum())


def test_the_figure_marks_its_strength():
    table = {"strength": np.array([0.0, 1.0]), "real": np.array([0.5, 0.6])}
    table |= {"clean": np.array([1.0, 0.9]), "real_se": np.full(2, 0.01)}
    fig, axes = plt.subplots(ncols=2)
    plots.at_strength({**table, "clean_se": np.zeros(2)}, 1, np.zeros((16, 64)), axes)
    assert "60%" in axes[1].get_title()
    np.testing.assert_array_equal(axes[1].lines[-1].get_xydata(), [[1.0, 0.6]])
    plt.close(fig)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: rendered(0), "n must be a whole number of at least 1, got 0"),
        (lambda: rendered(5, faces=["Arial"]), "faces must be among DejaVuSans, "),
        (lambda: rendered(5, faces=["Arial"]), "got 'Arial'"),
        (lambda: rendered(5, faces=[]), "faces must hold at least one, got none"),
        (lambda: rendered(5, digits=[10]), "digits must be among 0, 1, "),
        (lambda: Randomization(shift=-1), "shift must lie in [0, inf), got -1"),
        (lambda: Randomization().times(-1), "strength must lie in [0, inf), got -1"),
        (
            lambda: rendering.recognizer(rendered(20, rng=1), np.ones(3)),
            "weight must hold 20 numbers above 0, got 3",
        ),
        (
            lambda: rendering.recognizer(rendered(20, rng=1), np.zeros(20)),
            "weight must hold 20 numbers above 0, got 20 from 0",
        ),
    ],
)
def test_errors_name_argument_rule_and_value(call, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        call()


def test_drawn_digits_stand_in_the_middle():
    """Of each face and digit the ink reaches as far to one side as to the other, up to a cell."""
    inside = rendering._maps() < 0
    cell = 2 * rendering.REACH / rendering.MAP
    for axis in (-1, -2):
        filled = inside.any(axis=-3 - axis)
        first = filled.argmax(axis=-1)
        last = filled.shape[-1] - 1 - filled[..., ::-1].argmax(axis=-1)
        middle = (first + last + 1) / 2 - rendering.MAP / 2
        assert np.abs(middle * cell).max() <= cell
