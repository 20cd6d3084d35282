"""Students: chains of ridge regressions, weak supervisors and comparisons."""

import numpy as np
import pytest
from scipy import special

from collapse_lab import Labelled, LinearModel, theory
from collapse_lab.measurement import TOLERANCE
from collapse_lab.students import (
    Comparison,
    WeakSupervisor,
    answer_error,
    compare,
    fit_columns,
    inputs_with,
    rounds_until_nothing,
    self_distill,
)

SPECTRUM = np.array([2.0, 0.7, 0.1])


def test_inputs_have_exactly_the_spectrum_that_was_asked_for():
    X = inputs_with(SPECTRUM, 20, rng=1)
    np.testing.assert_allclose(X.T @ X / 20, np.diag(SPECTRUM), atol=1e-12)
    np.testing.assert_array_equal(X, inputs_with(SPECTRUM, 20, rng=1))
    assert not np.allclose(X, inputs_with(SPECTRUM, 20, rng=2))
    assert inputs_with(SPECTRUM, 3, rng=1).shape == (3, 3)


@pytest.mark.parametrize(
    ("spectrum", "n", "message"),
    [
        ([1.0, 0.0], 10, "spectrum must hold numbers above 0 in one row"),
        ([[1.0]], 10, "spectrum must hold numbers above 0 in one row"),
        ([1.0, 1.0, 1.0], 2, "n must be a whole number of at least 3, got 2"),
    ],
)
def test_inputs_that_cannot_be(spectrum, n, message):
    with pytest.raises(ValueError, match=message):
        inputs_with(spectrum, n, rng=1)


@pytest.mark.parametrize("blends", [[1.0], [0.4, -2.0, 7.0], np.ones(5)])
def test_students_keep_the_shares_of_theory(blends):
    X, y = inputs_with(SPECTRUM, 30, rng=2), np.random.default_rng(3).normal(size=30)
    labels = LinearModel.fit(Labelled(X, y)).coef  # what least squares reads along each direction
    models = self_distill(Labelled(X, y), ridge=0.3, blends=blends)
    for g in range(len(blends) + 1):
        kept = theory.kept_by_blend(blends[:g], 0.3, SPECTRUM)
        np.testing.assert_allclose(models[g].coef, kept * labels, rtol=1e-9)


def test_least_squares_taught_by_plain_answers_is_its_teacher():
    rng = np.random.default_rng(4)
    X, y = rng.normal(size=(15, 4)), rng.normal(size=(15, 6))
    first, *_, last = self_distill(Labelled(X, y), ridge=0.0, blends=np.ones(30))
    np.testing.assert_allclose(last.coef, first.coef, rtol=1e-10)


def test_one_student_of_plain_answers_unless_told_otherwise():
    data = Labelled(np.eye(3), np.arange(3.0))
    plain, said = (self_distill(data, ridge=0.2, **how) for how in ({}, {"blends": [1.0]}))
    assert [m.coef.tolist() for m in plain] == [m.coef.tolist() for m in said]


def test_blends_must_be_numbers():
    with pytest.raises(ValueError, match="blends must hold finite numbers, got nan"):
        self_distill(Labelled(np.eye(3), np.ones(3)), ridge=0.1, blends=[np.nan])


def test_answer_error_is_by_hand():
    X = np.array([[1.0, 0.0], [0.0, 2.0], [1.0, 1.0]])
    found = answer_error(LinearModel([1.0, 0.5]), LinearModel([1.0, 1.0]), X)
    assert found == pytest.approx((0 + 1 + 0.25) / 3)
    two = LinearModel([[1.0, 1.0], [0.5, 1.0]])  # side by side
    np.testing.assert_allclose(answer_error(two, LinearModel([1.0, 1.0]).expand(2), X), [found, 0])


@pytest.mark.parametrize(
    ("n", "d", "ridge"), [(20, 5, 0.0), (20, 5, 0.3), (6, 9, 0.0), (6, 9, 0.2)]
)
def test_columns_are_fitted_as_by_the_linear_model(n, d, ridge):
    rng = np.random.default_rng(5)
    X, Y = rng.normal(size=(n, d)), rng.normal(size=(n, 3))
    slow = LinearModel.fit(Labelled(X, Y), ridge=ridge).coef
    np.testing.assert_allclose(fit_columns(X, Y, ridge=ridge), slow, rtol=1e-8, atol=1e-10)


def test_columns_must_fit_their_inputs():
    with pytest.raises(
        ValueError, match=r"shapes \(n, d\) and \(n, k\), got \(4, 2\) and \(3, 1\)"
    ):
        fit_columns(np.ones((4, 2)), np.ones((3, 1)))
    with pytest.raises(ValueError, match=r"got \(0, 2\) and \(0, 1\)"):
        fit_columns(np.ones((0, 2)), np.ones((0, 1)))
    with pytest.raises(ValueError, match=r"ridge must lie in \[0, inf\), got -1"):
        fit_columns(np.ones((4, 2)), np.ones((4, 1)), ridge=-1)


def _rounds_by_steps(values, z, tolerance):
    """Count rounds for one chain, with a root finder of scipy."""
    from scipy import optimize

    allowed, rounds = tolerance * len(z), 0
    while z @ z > allowed:
        rounds += 1
        z0 = z

        def surplus(x, z0=z0):
            return np.sum((np.exp(x) / (values + np.exp(x)) * z0) ** 2) - allowed

        c = np.exp(optimize.brentq(surplus, -60, 60, xtol=1e-12))
        z = values / (values + c) * z
    return rounds


def test_rounds_are_counted_as_one_chain_at_a_time():
    rng = np.random.default_rng(6)
    values, y = np.geomspace(0.01, 3, 8), rng.normal(size=(8, 12))
    found = rounds_until_nothing(np.diag(values), y, tolerance=0.02)
    assert found.tolist() == [_rounds_by_steps(values, z, 0.02) for z in y.T]
    assert len(set(found.tolist())) > 1
    turn, _ = np.linalg.qr(rng.normal(size=(8, 8)))  # the same chains, seen from elsewhere
    turned = rounds_until_nothing(turn @ np.diag(values) @ turn.T, turn @ y, tolerance=0.02)
    np.testing.assert_array_equal(turned, found)


def test_a_flat_kernel_meets_the_bound():
    y = np.random.default_rng(7).normal(size=(9, 5))
    y *= 3 / np.linalg.norm(y, axis=0)
    bound = theory.rounds_before_collapse(3, 9, tolerance=0.013)
    found = rounds_until_nothing(np.eye(9), y, tolerance=0.013)
    assert found.tolist() == [int(np.ceil(bound))] * 5


def test_rounds_stop_at_the_most():
    y = np.ones((4, 1))
    assert rounds_until_nothing(np.eye(4), y, tolerance=1e-6, most=3).tolist() == [3]


@pytest.mark.parametrize(
    ("kernel", "tolerance", "message"),
    [
        (np.diag([1.0, 0.0]), 0.1, "kernel must have eigenvalues above 0, got 0"),
        (np.eye(2), 0.0, r"tolerance must lie in \(0, inf\), got 0"),
    ],
)
def test_kernels_and_tolerances_that_cannot_be(kernel, tolerance, message):
    with pytest.raises(ValueError, match=message):
        rounds_until_nothing(kernel, np.ones((2, 1)), tolerance=tolerance)


def test_a_weak_supervisor_shares_the_noise_it_is_said_to_share():
    n, strength, visible = 200_000, 0.8, 0.6
    x, y, said = WeakSupervisor([0.5, 1.0], strength, visible).sample(n, rng=8)
    right = special.ndtr(strength)
    for found, expected, spread in [
        (np.mean(y), 0, 1),
        (np.mean(said == y), right, np.sqrt(right * (1 - right))),
        *zip(np.mean(x * y[:, None], axis=0), [0.5, 1.0], [1, 1], strict=True),
        *zip(
            np.mean(x * said[:, None], axis=0),
            (2 * right - 1) * np.array([0.5, 1.0])
            + np.array([2 * visible * np.exp(-(strength**2) / 2) / np.sqrt(2 * np.pi), 0]),
            np.sqrt([1.25, 2.0]),  # at most the root of E x²
            strict=True,
        ),
    ]:
        assert abs(found - expected) <= TOLERANCE * spread / np.sqrt(n)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"mu": [np.nan]}, "mu must hold finite numbers, got nan"),
        ({"strength": 0.0}, r"strength must lie in \(0, inf\), got 0"),
        ({"visible": 1.5}, r"visible must lie in \[0, 1\], got 1.5"),
    ],
)
def test_supervisors_that_cannot_be(arguments, message):
    with pytest.raises(ValueError, match=message):
        WeakSupervisor(**{"mu": [1.0], "strength": 1.0, "visible": 0.5, **arguments})


def test_a_comparison_is_of_pairs():
    rng = np.random.default_rng(9)
    found = []
    for _ in range(400):
        teacher = rng.gamma(4.0, size=60)
        found.append(compare(0.8 * teacher + 0.1 * rng.gamma(4.0, size=60), teacher))
    changes = np.array([c.change for c in found])
    stated = np.mean([c.standard_error for c in found])
    assert abs(changes.mean() + 0.1) <= TOLERANCE * changes.std() / 20 + 0.002  # bias of a ratio
    assert changes.std() == pytest.approx(stated, rel=TOLERANCE / np.sqrt(800) + 0.03)
    unpaired = np.sqrt(2 / 4 / 60)
    assert stated < unpaired / 2


@pytest.mark.parametrize(
    ("change", "error", "won", "agree", "says"),
    [
        (-0.1, 0.04, 0.7, 0.0, "student wins"),
        (-0.1, 0.04, 0.7, 0.95, "no clear winner"),
        (-0.1, 0.04, 0.75, 0.75, "student wins"),
        (-0.1, 0.06, 1.0, 0.0, "no clear winner"),
        (0.1, 0.04, 0.4, 0.0, "teacher wins"),
        (0.1, 0.04, 0.4, 0.95, "no clear winner"),
        (0.1, 0.04, 0.25, 0.75, "teacher wins"),
        (0.0, 0.0, 0.0, 0.95, "they are equal"),
    ],
)
def test_verdicts(change, error, won, agree, says):
    assert Comparison(change, error, won).verdict(agree=agree) == says


def test_a_wider_interval_is_more_careful():
    close = Comparison(-0.1, 0.04, 0.9)
    assert close.interval(3.0) == pytest.approx((-0.22, 0.02))
    assert close.verdict(3.0) == "no clear winner"
    assert close.interval() == pytest.approx((-0.18, -0.02))
    assert close.verdict() == "student wins"


def test_equal_up_to_rounding_is_equal():
    teacher = np.array([1.0, 2.0, 3.0])
    assert compare(teacher * (1 + 1e-13), teacher).verdict() == "they are equal"
    assert compare([0.0, 0.0], [0.0, 0.0]).verdict() == "they are equal"
    for unit in (1.0, 1e-12):
        found = compare(unit * teacher * [0.5, 0.9, 1.1], unit * teacher)
        assert found.won == pytest.approx(2 / 3)


def test_a_comparison_by_hand():
    assert compare([1.0, 3.0], [2.0, 2.0]) == Comparison(0.0, 0.5, 0.5)
    one_tie = compare([1.0, 1.0], [1.0, 2.0])
    assert one_tie.change == pytest.approx(-1 / 3)
    assert one_tie.won == 0.5
    assert compare([1 - 1e-6, 2 - 2e-6], [1.0, 2.0]).verdict() == "student wins"


@pytest.mark.parametrize(("s", "t"), [([1.0], [1.0]), ([1.0, 2.0], [1.0]), (np.eye(2), np.eye(2))])
def test_pairs_must_be_pairs(s, t):
    with pytest.raises(ValueError, match="one error for each of at least two pairs"):
        compare(s, t)
