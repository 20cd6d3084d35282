"""The map of the course: what is copied, from whom, and beside how much truth."""

from itertools import islice

import numpy as np
import pytest

from collapse_lab import metrics
from collapse_lab.copying import COPIED, TEACHERS, TRUTHS, Copy, Pairs, map_cell
from collapse_lab.measurement import mean_and_error
from collapse_lab.policies import Keep
from collapse_lab.recursion import recurse
from collapse_lab.regression import LinearModel


def cell(copied, teacher, truth, when=(1, 8), runs=600, **sizes):
    return mean_and_error(map_cell(copied, teacher, truth, when=when, runs=runs, rng=2, **sizes))


def test_pairs_are_drawn_and_fitted():
    world = Pairs(LinearModel([[2.0], [-1.0]], noise=0.5), [[3.0], [0.5]])
    data = world.sample(20_000, rng=1)
    found = Pairs.fit(data)
    np.testing.assert_allclose(found.coef, world.coef, atol=0.05)
    np.testing.assert_allclose(found.spread, world.spread, rtol=0.05)
    assert abs(data.gram[0, 1, 0] / 20_000) < 4.9 * 1.5 / np.sqrt(20_000)  # independent inputs
    assert found.replicates == (1,)
    exact = Pairs.fit(world.plain().sample(5, rng=1))
    np.testing.assert_allclose(exact.coef, world.coef)
    assert abs(Pairs.fit(world.sample(5, rng=1)).coef - world.coef).max() > 1e-3


@pytest.mark.parametrize("teacher", TEACHERS[:2])
def test_soft_labels_without_truth_change_nothing(teacher):
    errors = map_cell("soft labels", teacher, "none", when=[0, 1, 7], runs=20, rng=1)
    np.testing.assert_allclose(errors[1:], errors[[0, 0]], rtol=1e-9)
    errors = map_cell("soft labels", teacher, "first kept", when=[0, 1, 7], runs=20, rng=1)
    np.testing.assert_allclose(errors[1:], errors[[0, 0]], rtol=1e-9)


def test_drawn_labels_add_the_error_of_one_fit_each_time():
    mean, error = cell("drawn labels", "the last student", "none")
    assert (abs(mean - [2, 9]) < 4.9 * error).all()
    assert (abs(mean - [1, 1]) > 4.9 * error).all()


def test_copied_inputs_are_worse_than_copied_labels_alone():
    drawn, error = cell("drawn labels", "the last student", "none", when=(30,))
    both, other = cell("inputs and labels", "the last student", "none", when=(30,))
    assert both - drawn > 4.9 * np.hypot(error, other)


def test_the_first_teacher_is_copied_once_however_often():
    mean, error = cell("drawn labels", "the first teacher", "none")
    assert (abs(mean - 2) < 4.9 * error).all()


def test_a_teacher_who_stays_needs_no_students_in_between():
    """The shortcut agrees in law with a chain of all students."""
    shape = (5, 600)
    world = Pairs(LinearModel(np.ones(shape)), np.ones(shape))
    policy = Keep(Copy("drawn labels", "first"))
    *_, slow = islice(recurse(Pairs.fit, world, n=50, policy=policy, rng=5), 9)
    mean, error = mean_and_error(metrics.excess_error(slow.model, world) * 44 / 5)
    fast, other = cell("drawn labels", "the first teacher", "first kept")
    assert (abs(fast - mean) < 4.9 * np.hypot(error, other)).all()


def test_a_better_teacher_hands_over_its_own_error():
    mean, error = cell("soft labels", "a better teacher", "none", n=60, d=4)
    assert (abs(mean - (60 - 5) / (300 - 5)) < 4.9 * error).all()


def test_no_copies_are_the_control():
    cells = [
        map_cell(copied, teacher, "all fresh", when=[3], runs=400, rng=4)
        for copied in COPIED
        for teacher in TEACHERS[:2]
    ]
    for other in cells[1:]:
        np.testing.assert_array_equal(cells[0], other)
    mean, error = mean_and_error(cells[0])
    assert abs(mean - 1) < 4.9 * error


@pytest.mark.parametrize(("truth", "share"), [("10% fresh", 0.1), ("50% fresh", 0.5)])
def test_a_share_of_truth_weighs_as_much_as_it_says(truth, share):
    """One copy with n >> d: the teacher's error counts (1 - share)², and a fit adds its own."""
    mean, error = cell(
        "drawn labels", "the last student", truth, when=(1,), n=300, d=3, runs=20_000
    )
    assert abs(mean - 1 - (1 - share) ** 2) < 4.9 * error + 0.01


@pytest.mark.parametrize("what", COPIED)
def test_a_copy_has_as_many_observations_as_are_asked_for(what):
    world = Pairs(LinearModel(np.ones((2, 3))), np.ones((2, 3)))
    chain = recurse(Pairs.fit, world, n=9, policy=Copy(what), rng=1)
    assert [len(generation.data) for generation in islice(chain, 3)] == [9, 9, 9]


@pytest.mark.parametrize("teacher", TEACHERS[:2])
def test_no_copy_is_one_fit_to_real_data(teacher):
    """With few observations, where n - d - 1 is not n - d."""
    mean, error = cell("drawn labels", teacher, "none", when=(0,), n=16, d=3, runs=20_000)
    assert abs(mean - 1) < 4.9 * error < 1 / 12


def test_truth_makes_drawn_labels_settle():
    """Beside as many real labels, a copied error counts a quarter: 1 + 1/3 in the end, n >> d."""
    mean, error = cell("drawn labels", "the last student", "first kept", when=(12,), n=300, d=3)
    assert abs(mean - 4 / 3) < 4.9 * error + 0.03
    share = cell("drawn labels", "the last student", "50% fresh", when=(12,), n=300, d=3)
    assert abs(share[0] - 4 / 3) < 4.9 * share[1] + 0.03


def test_a_teacher_that_stays_is_used():
    world = Pairs(LinearModel(np.zeros((2, 3))), np.ones((2, 3)))
    teacher = Pairs(LinearModel(np.ones((2, 3))), np.ones((2, 3)))
    chain = recurse(Pairs.fit, world, n=9, policy=Copy("soft labels", teacher), rng=1)
    next(chain)
    np.testing.assert_allclose(next(chain).model.coef, 1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Copy("words"), "what must be .*, got 'words'"),
        (lambda: map_cell("words", TEACHERS[0], TRUTHS[0], when=[1]), "copied must be "),
        (lambda: map_cell(COPIED[0], "me", TRUTHS[0], when=[1]), "teacher must be "),
        (lambda: map_cell(COPIED[0], TEACHERS[0], "half", when=[1]), "truth must be "),
        (lambda: Pairs(LinearModel([1.0]), [0.0, 1.0]), "spread must have the shape"),
        (lambda: Pairs(LinearModel([1.0]), [-1.0]), "spread must be at least 0, got -1"),
    ],
)
def test_errors_name_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_labels_are_those_of_the_world_for_drawn_labels():
    """Inputs of "drawn labels" are the world's: their spread does not shrink."""
    shape = (2, 300)
    world = Pairs(LinearModel(np.zeros(shape)), np.ones(shape))
    for what, kept in (("drawn labels", True), ("inputs and labels", False)):
        chain = recurse(Pairs.fit, world, n=10, policy=Copy(what), rng=1)
        for generation in chain:
            if generation.index == 10:
                break
        assert (np.median(generation.model.spread**2) > 0.8) == kept  # 0.93 and about 0.4
