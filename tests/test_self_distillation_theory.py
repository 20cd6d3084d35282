"""Closed forms of students and teachers, against searches and other ways to compute them."""

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from collapse_lab import theory
from collapse_lab.results.self_distillation import ROWS
from collapse_lab.students import WeakSupervisor

S = 1 / np.arange(1.0, 7)
SIGNAL = np.sqrt(S) * np.array([1.0, 0.0, 0.5, 0.0, 0.0, 2.0])
N = 40


def error_of_blend(xi, ridge, noise=1.0):
    return theory.shrinkage_error(theory.kept_by_blend(xi, ridge, S), SIGNAL, N, noise=noise)


def test_rounds_multiply_the_shares():
    penalties = [0.1, 0.5, 2.0]
    each = [theory.kept_by_ridge(c, S) for c in penalties]
    np.testing.assert_allclose(theory.kept_by_ridge(penalties, S), np.prod(each, axis=0))
    np.testing.assert_allclose(theory.kept_by_ridge(0.5, [1.0, 0.5]), [2 / 3, 0.5])


def test_a_blend_of_one_is_a_second_round_and_of_none_the_teacher():
    np.testing.assert_allclose(
        theory.kept_by_blend([1.0, 1.0], 0.2, S), theory.kept_by_ridge([0.2] * 3, S)
    )
    np.testing.assert_allclose(theory.kept_by_blend(0.0, 0.2, S), theory.kept_by_ridge(0.2, S))


def test_the_filter_leaves_the_least_error():
    best = theory.wiener_filter(SIGNAL, N)
    least = theory.shrinkage_error(best, SIGNAL, N)
    for j in range(len(S)):
        for step in (-0.01, 0.01):
            assert theory.shrinkage_error(best + step * np.eye(len(S))[j], SIGNAL, N) > least


@pytest.mark.parametrize("noise", [0.02, 1.5, 200.0])
def test_ridge_is_the_filter_if_all_coefficients_are_alike(noise):
    signal = np.sqrt(S) * 0.7
    ridge = theory.best_penalty(S, signal, N, noise=noise)
    assert ridge == pytest.approx(noise**2 / (N * 0.7**2), rel=1e-3)
    np.testing.assert_allclose(
        theory.kept_by_ridge(ridge, S), theory.wiener_filter(signal, N, noise=noise), rtol=1e-3
    )


@pytest.mark.parametrize("ridge", [0.01, 0.2, 3.0])
def test_the_best_share_is_that_of_a_search_and_of_the_formula(ridge):
    (xi,) = theory.best_blends(1, ridge, S, SIGNAL, N)
    found = optimize.minimize_scalar(lambda x: error_of_blend(x, ridge), tol=1e-12).x
    assert xi == pytest.approx(found, rel=1e-5)
    (loud,) = theory.best_blends(1, ridge, S, SIGNAL, N, noise=2.0)
    found = optimize.minimize_scalar(lambda x: error_of_blend(x, ridge, 2.0), tol=1e-12).x
    assert loud == pytest.approx(found, rel=1e-5)
    a, v = theory.kept_by_ridge(ridge, S), 1 / N
    b, m2 = 1 - a, SIGNAL**2
    formula = np.sum(a**2 * b * v - a * b**2 * m2) / np.sum(a**2 * b**2 * (m2 + v))
    assert xi == pytest.approx(formula, rel=1e-9)
    slope = (
        theory.shrinkage_error(theory.kept_by_ridge(ridge * 1.0001, S), SIGNAL, N)
        - theory.shrinkage_error(theory.kept_by_ridge(ridge / 1.0001, S), SIGNAL, N)
    ) / (ridge * (1.0001 - 1 / 1.0001))
    numerator = np.sum(a**2 * b * v - a * b**2 * m2)
    assert numerator == pytest.approx(-ridge / 2 * slope, rel=1e-4)


def test_at_the_best_penalty_the_best_share_is_none():
    best = theory.best_penalty(S, SIGNAL, N)
    assert abs(theory.best_blends(1, best, S, SIGNAL, N)[0]) < 1e-3
    assert theory.best_blends(1, best / 2, S, SIGNAL, N)[0] > 0.1
    assert theory.best_blends(1, best * 2, S, SIGNAL, N)[0] < -0.1


def test_more_students_come_nearer_to_the_filter_and_a_search_agrees():
    ridge, errors = 0.5, []
    for steps in (1, 2, 3, 4):
        blends = theory.best_blends(steps, ridge, S, SIGNAL, N)
        errors.append(error_of_blend(blends, ridge))
    assert (np.diff(errors) < 1e-12).all()
    least = theory.shrinkage_error(theory.wiener_filter(SIGNAL, N), SIGNAL, N)
    assert errors[-1] > least
    searched = optimize.minimize(
        lambda x: error_of_blend(x, ridge),
        [1.0, 1.0],
        method="Nelder-Mead",
        options={"xatol": 1e-10, "fatol": 1e-14, "maxiter": 20_000, "maxfev": 20_000},
    )
    assert errors[1] <= searched.fun + 1e-9


def test_rounds_that_leave_something():
    """Labels of length 3, of which each round takes 1 and 1/2: the second leaves nothing."""
    assert theory.rounds_before_collapse(3.0, 9, tolerance=0.25) == pytest.approx(1)


def test_weak_to_strong_at_its_ends():
    mu = np.r_[1.0, np.full(19, np.sqrt(3 / 19))]
    free = theory.weak_to_strong(mu, strength=1.0, visible=0.0)
    assert free.gap == pytest.approx(1.0)
    gaps = [theory.weak_to_strong(mu, strength=1.0, visible=r).gap for r in np.linspace(0, 1, 9)]
    assert (np.diff(gaps) < 0).all()
    # A student that has its supervisor's feature, and nothing else, is its supervisor.
    same = theory.weak_to_strong([1.0, 1e-3], strength=1.0, visible=1.0)
    assert same.student == pytest.approx(same.weak, abs=1e-5)
    with pytest.raises(ValueError, match="mu must not have the length of strength, got 1 for both"):
        theory.weak_to_strong([1.0, 0.0], strength=1.0, visible=0.5)


def test_the_best_surrogate_is_that_of_a_search():
    variances, coef, n = np.arange(1.0, 31) ** -1.2, np.linspace(0.2, 1, 30), 12
    best = theory.best_surrogate(coef, variances, n)
    least = theory.ridgeless_error(best, coef, variances, n)
    assert least < theory.ridgeless_error(coef, coef, variances, n)
    rng = np.random.default_rng(1)
    for _ in range(50):
        other = best + 0.01 * rng.normal(size=30)
        assert theory.ridgeless_error(other, coef, variances, n) > least


def test_with_more_points_than_inputs_the_best_teacher_is_the_truth():
    coef = np.array([1.0, -2.0, 0.5])
    np.testing.assert_array_equal(theory.best_surrogate(coef, [1.0, 0.5, 0.1], 10), coef)
    assert theory.ridgeless_error(coef, coef, [1.0, 0.5, 0.1], 10) == pytest.approx(3 / 7)
    with pytest.raises(ValueError, match="n must not be the number of coefficients, got 3"):
        theory.best_surrogate(coef, [1.0, 0.5, 0.1], 3)


def test_points_show_as_many_directions_as_there_are():
    # In the formula for equal variances: S = n/p, and the error of the truth is known.
    p, n = 40, 10
    coef, share = np.full(p, p**-0.5), n / p
    odds = share / (1 - share)
    expected = (1 - share) ** 2 + odds * (0.3**2 + (1 - share) ** 2)
    assert theory.ridgeless_error(coef, coef, np.ones(p), n, noise=0.3) == pytest.approx(expected)


def test_ridgeless_error_is_that_of_drawn_inputs(within):
    """Of 200 inputs with unequal variances, seen by 100 points; the form is good to 3% there."""
    rng, p, n = np.random.default_rng(5), 200, 100
    variances = np.arange(1.0, p + 1) ** -0.7
    coef, surrogate = rng.normal(size=(2, p))
    errors = []
    for _ in range(40):
        X = rng.normal(size=(n, p)) * np.sqrt(variances)
        inverse = np.linalg.pinv(X)
        missed = coef - inverse @ (X @ surrogate)
        errors.append(variances @ missed**2 + 9.0 * np.sum(variances[:, None] * inverse**2))
    expected = theory.ridgeless_error(surrogate, coef, variances, n, noise=3.0)
    se = np.std(errors, ddof=1) / np.sqrt(40)
    within(np.mean(errors), expected, se=se, bias=0.03 * expected)


def test_a_student_that_sees_all_inherits_all():
    teacher, truth = np.array([1.0, 0.3]), np.array([0.8, 0.0])
    assert theory.taught_error(teacher, truth, 2, 10) == pytest.approx(0.04 + 0.09)
    with pytest.raises(ValueError, match="n must be more than k \\+ 1 = 3, got 3"):
        theory.taught_error(teacher, truth, 2, 3)


def test_the_rows_are_those_of_the_chapter():
    assert [row.id for row in ROWS] == [f"L{i}" for i in (64, 65, 66, 67, 68, 69, 74, 75)]
    assert {row.chapter for row in ROWS} == {16}


def test_a_student_that_sees_less_takes_the_rest_for_noise():
    rng, n, runs = np.random.default_rng(2), 10, 20_000
    teacher, truth = np.array([1.0, -0.5, 0.8]), np.array([0.7, 0.0, 0.4])
    x = rng.normal(size=(runs, n, 3))
    seen = x[..., :2]
    fitted = np.linalg.solve(
        np.swapaxes(seen, 1, 2) @ seen, np.swapaxes(seen, 1, 2) @ (x @ teacher)[..., None]
    )[..., 0]
    errors = np.sum((fitted - truth[:2]) ** 2, axis=1) + truth[2] ** 2
    expected = theory.taught_error(teacher, truth, 2, n)
    assert abs(errors.mean() - expected) <= 4.9 * errors.std() / np.sqrt(runs)


def test_a_strong_student_of_endless_labels_by_quadrature():
    """Least squares: the covariance of the inputs, and what they share with the answers."""
    mu, m, rho = np.array([1.0, 0.6, 0.9]), 0.8, 0.7

    def errors_seen(z):
        said = 2 * stats.norm.cdf((m + rho * z) / np.sqrt(1 - rho**2)) - 1
        return z * said * stats.norm.pdf(z)

    shared = (2 * stats.norm.cdf(m) - 1) * mu
    shared[0] += integrate.quad(errors_seen, -10, 10)[0]
    w = np.linalg.solve(np.eye(3) + np.outer(mu, mu), shared)
    found = theory.weak_to_strong(mu, strength=m, visible=rho)
    assert found.student == pytest.approx(stats.norm.cdf(mu @ w / np.linalg.norm(w)), rel=1e-9)


@pytest.mark.parametrize("visible", [0.0, 0.7, 1.0])
def test_a_strong_student_of_many_labels(visible):
    mu, n = np.array([1.0, 0.6, 0.9]), 400_000
    x, _, said = WeakSupervisor(mu, 0.8, visible).sample(n, rng=3)
    w = np.linalg.solve(x.T @ x, x.T @ said)
    found = stats.norm.cdf(mu @ w / np.linalg.norm(w))
    expected = theory.weak_to_strong(mu, strength=0.8, visible=visible).student
    # Coefficients are off by about 1/sqrt(n) each, and the accuracy moves no faster than they do.
    assert abs(found - expected) <= 4.9 / np.sqrt(n) / np.linalg.norm(w)
