"""Closed forms of regression on model labels, against drawn points and exact small cases."""

import re

import numpy as np
import pytest
from scipy import integrate

from collapse_lab import theory

RNG = np.random.default_rng


def least_squares(X, y):
    """Fit each replicate by itself; X of shape (R, n, d), y of shape (R, n)."""
    return (np.linalg.pinv(X) @ y[..., None])[..., 0]


def chain_errors(n, d, fits, noise, runs, keep, rng):
    """Squared errors of chains of points, shape (fits, runs), around true coefficients 0."""
    coef = np.zeros((runs, d))
    Xs, ys, errors = [], [], []
    for _ in range(fits):
        X = rng.standard_normal((runs, n, d))
        y = np.einsum("rnd,rd->rn", X, coef) + noise * rng.standard_normal((runs, n))
        Xs, ys = ([*Xs, X], [*ys, y]) if keep else ([X], [y])
        coef = least_squares(np.concatenate(Xs, axis=1), np.concatenate(ys, axis=1))
        errors.append(np.square(coef).sum(axis=1))
    return np.array(errors)


def test_chains_of_least_squares(has_mean):
    n, d, t = 12, 3, np.arange(4)
    for keep, form in (
        (False, theory.regression_under_replace),
        (True, theory.regression_under_accumulate),
    ):
        errors = chain_errors(n, d, 4, 0.7, 6000, keep, RNG(1))
        has_mean(errors.T, form(t, n, d, noise=0.7))
        assert form(3, n, d) == pytest.approx(form(t, n, d)[3])
        assert form(t.reshape(2, 2), n, d).shape == (2, 2)


def test_accumulation_stays_below_its_bound():
    late = theory.regression_under_accumulate(10_000, 40, 10)
    once = theory.regression_under_replace(0, 40, 10)
    assert late / once == pytest.approx(1.513, abs=5e-4)  # the bound has π²/6 = 1.645
    late = theory.regression_under_accumulate(10_000, 10**6, 10)
    assert late == pytest.approx(np.pi**2 / 6 * 10 / 10**6, rel=1e-3)


def test_interpolation_forgets(has_mean):
    n, d, runs, rng = 3, 5, 20_000, RNG(2)
    truth = np.eye(d)[0]
    coef = np.broadcast_to(truth, (runs, d))
    for t in range(3):
        X = rng.standard_normal((runs, n, d))
        coef = least_squares(X, np.einsum("rnd,rd->rn", X, coef))
        has_mean(np.square(coef - truth).sum(axis=1), theory.interpolation_error(t, n, d))
    assert theory.interpolation_error([0, 9], d, d).tolist() == [0, 0]


@pytest.mark.parametrize("ratio", [0.3, 1.0, 2.5])
def test_resolvent_is_an_integral_over_the_marchenko_pastur_law(ratio):
    low, high = (1 - np.sqrt(ratio)) ** 2, (1 + np.sqrt(ratio)) ** 2

    def mean(f):
        def weighted(angle):  # substitute s = middle + half width * cos: smooth at both ends
            s = (low + high) / 2 - (high - low) / 2 * np.cos(angle)
            density = (high - low) / 2 * np.sin(angle) / (2 * np.pi * ratio * max(s, 1e-300))
            return f(s) * density * (high - low) / 2 * np.sin(angle)

        return integrate.quad(weighted, 0, np.pi)[0] + max(0.0, 1 - 1 / ratio) * f(0.0)

    assert mean(lambda s: 1.0) == pytest.approx(1)  # noqa: ARG005
    for ridge in (0.05, 1.0):
        first, second = theory.marchenko_pastur_resolvent(ridge, ratio)
        assert first == pytest.approx(mean(lambda s, r=ridge: 1 / (s + r)))
        assert second == pytest.approx(mean(lambda s, r=ridge: 1 / (s + r) ** 2))


def test_ridge_error():
    n, d, ridge, noise, runs, rng = 120, 60, 0.3, 0.5, 400, RNG(3)
    X = rng.standard_normal((runs, n, d))
    truth, off = np.eye(d)[0], np.full(d, 0.04)
    y = X @ (truth + off) + noise * rng.standard_normal((runs, n))
    gram = np.swapaxes(X, -1, -2) @ X / n + ridge * np.eye(d)
    coef = np.linalg.solve(gram, np.einsum("rnd,rn->rd", X, y)[..., None] / n)[..., 0]
    error = np.square(coef - truth).sum(axis=1)
    # off is fixed here: add what its product with the bias of shrinking leaves
    first, second = theory.marchenko_pastur_resolvent(ridge, d / n)
    cross = -2 * ridge * (first - ridge * second) * (truth @ off)
    limit = theory.ridge_error(ridge, n, d, label_error=off @ off, noise=noise) + cross
    gap = error.mean() - limit
    assert abs(gap) < 4.9 * error.std() / np.sqrt(runs) + 0.01 * limit
    tiny = theory.ridge_error(1e-9, n, d, label_error=0.2, noise=noise)
    assert tiny == pytest.approx(theory.strong_collapse_error(1, 0.5, label_error=0.2, noise=noise))


def test_optimal_ridge():
    assert theory.optimal_ridge(400, 200, noise=0.5) == pytest.approx(0.125, rel=1e-3)
    assert theory.optimal_ridge(400, 200, norm=2.0) == pytest.approx(0.125, rel=1e-3)
    best = [theory.optimal_ridge(400, 200, label_error=e, noise=0.5) for e in (0.0, 0.5, 3.0)]
    assert best == sorted(best)
    at = [
        theory.ridge_error(best[1] * f, 400, 200, label_error=0.5, noise=0.5) for f in (0.9, 1, 1.1)
    ]
    assert at[1] < min(at[0], at[2])


@pytest.mark.parametrize(("n", "d", "wrong"), [(7, 2, 1), (9, 4, 5), (30, 3, 30), (12, 1, 3)])
def test_shifted_labels(n, d, wrong, has_mean):
    runs, rng = 40_000, RNG(4)
    X = rng.standard_normal((runs, n, d))
    y = 0.6 * rng.standard_normal((runs, n))
    y[:, :wrong] += X[:, :wrong, 0]  # the other model is off by 1 in the first coefficient
    gram, cross = np.swapaxes(X, -1, -2) @ X, np.einsum("rnd,rn->rd", X, y)
    coef = np.linalg.solve(gram, cross[..., None])[..., 0]
    expected = theory.shifted_labels_error(wrong, n, d, label_error=1.0, noise=0.6)
    has_mean(np.square(coef).sum(axis=1), expected)


def test_shifted_labels_in_special_cases():
    alone = theory.regression_under_replace(0, 30, 4)
    assert theory.shifted_labels_error(0, 30, 4, label_error=5.0) == pytest.approx(alone)
    all_wrong = theory.shifted_labels_error(30, 30, 4, label_error=5.0)
    assert all_wrong == pytest.approx(alone + 5.0)
    # one coefficient: the square of a Beta variable
    a, b = 3 / 2, 9 / 2
    square = a * (a + 1) / ((a + b) * (a + b + 1))
    assert theory.shifted_labels_error(3, 12, 1, label_error=1.0, noise=0) == pytest.approx(square)
    for n, d in ((10_000, 2500), (40_000, 10)):
        exact = theory.shifted_labels_error(n // 10, n, d, label_error=2.0, noise=0.3)
        limit = theory.strong_collapse_error(0.1, d / n, label_error=2.0, noise=0.3)
        assert limit == pytest.approx(exact, rel=3e-3)
    assert theory.strong_collapse_error(0.1, 1e-9, label_error=2.0) == pytest.approx(0.02)


def edited(n, d, rounds, share, rows, runs, rng):
    """Squared errors of label editing on fixed inputs, over the mean of one fit."""
    X = np.linalg.qr(rng.standard_normal((n, d)))[0]
    labels = rng.standard_normal((n, runs))
    size = round(share * n)
    order = rng.random((n, runs)).argsort(axis=0).argsort(axis=0)
    for k in range(rounds):
        if rows == "random":
            order = rng.random((n, runs)).argsort(axis=0).argsort(axis=0)
        start = k * size if rows == "once" else 0
        chosen = (order >= start) & (order < start + size)
        redrawn = X @ (X.T @ labels) + rng.standard_normal((n, runs))
        labels = np.where(chosen, redrawn, labels)
    return np.square(X.T @ labels).sum(axis=0) / d


@pytest.mark.parametrize(
    ("rows", "rounds", "share"),
    [("once", 1, 0.5), ("once", 2, 0.5), ("once", 4, 0.25), ("same", 5, 0.5), ("random", 6, 0.3)],
)
def test_edited_labels(rows, rounds, share):
    n, d, runs = 800, 4, 1500
    errors = edited(n, d, rounds, share, rows, runs, RNG(5))
    expected = theory.edited_labels_error(rounds, share, rows=rows)
    # the form is the limit of many points: terms of order d/n are left out
    allowed = 4.9 * errors.std() / np.sqrt(runs) + 4 * d / n * expected
    assert abs(errors.mean() - expected) < allowed


def test_edited_labels_in_special_cases():
    q, t = 0.3, np.arange(4)
    for rows in ("once", "same", "random"):
        series = theory.edited_labels_error(t, q, rows=rows)
        assert series[0] == pytest.approx(1)
        assert series[1] == pytest.approx(1 + 2 * q - q**2)
        assert theory.edited_labels_error(t, 0.0, rows=rows).tolist() == [1, 1, 1, 1]
    # all rows in one round, or in the same way for ever: that is replacing labels
    assert theory.edited_labels_error(1, 1.0, rows="once") == pytest.approx(2)
    np.testing.assert_allclose(theory.edited_labels_error(t, 1.0, rows="same"), t + 1)
    assert theory.edited_labels_error(10_000, 1e-4, rows="once") == pytest.approx(
        2 * np.e - 1, rel=1e-3
    )
    limit = 1 - q + 2 * q + q * (1 + q + q**2) / (1 - q**2)
    assert theory.edited_labels_error(200, q, rows="same") == pytest.approx(limit)


def test_the_value_two_of_edited_labels():
    """In how many rounds and up to which share of edited rows 2 is not exceeded."""
    for rounds in (1, 2, 10, 1000):
        share = np.log(1.5) / rounds
        assert theory.edited_labels_error(rounds, share, rows="once") < 2
        assert (theory.edited_labels_error(rounds, 1 / rounds, rows="once") > 2) == (rounds > 1)
    assert theory.edited_labels_error(10_000, np.log(1.5) / 10_000, rows="once") == pytest.approx(
        2, rel=1e-3
    )


def test_surrogate_data():
    n, d, bias = 200, 50, 0.6
    best = theory.optimal_surrogate_weight(n, d, bias=bias)
    errors = theory.surrogate_error([best, best - 0.01, best + 0.01, 0.0, 1.0], n, d, bias=bias)
    assert errors.argmin() == 0
    assert errors[0] == pytest.approx(0.25 * 0.36 / 0.61)
    assert errors[3:].tolist() == pytest.approx([0.25, 0.36])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: theory.regression_under_replace(0, 5, 4), "n must be more than d + 1 = 5, got 5"),
        (lambda: theory.regression_under_accumulate(0, 5, 4), "n must be more than d + 1 = 5"),
        (
            lambda: theory.shifted_labels_error(1, 5, 4, label_error=1.0),
            "n must be more than d + 1 = 5, got 5",
        ),
        (
            lambda: theory.shifted_labels_error(11, 10, 2, label_error=1.0),
            "n_synthetic must be at most n = 10, got 11",
        ),
        (lambda: theory.interpolation_error(0, 5, 4), "n must be at most d = 4, got 5"),
        (
            lambda: theory.strong_collapse_error(0.1, 1.0, label_error=1.0),
            "ratio must lie in (0, 1), got 1",
        ),
        (
            lambda: theory.edited_labels_error(3, 0.5, rows="once"),
            "share * t must be at most 1 if rows are edited once, got 1.5",
        ),
    ],
)
def test_arguments_are_checked(call, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        call()
