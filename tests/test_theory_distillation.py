"""Closed forms of distillation, against finite differences, drawn points and exact small cases."""

import re

import numpy as np
import pytest

from collapse_lab import theory
from collapse_lab.distill import distillation_loss, softmax

RNG = np.random.default_rng


@pytest.mark.parametrize("temperature", [0.7, 1.0, 5.0, 80.0])
def test_gradient_is_that_of_the_loss(temperature):
    z, v = RNG(1).normal(size=(2, 1, 6))
    _, gradient = distillation_loss(z, softmax(v, temperature), temperature=temperature)
    found = theory.distillation_gradient(z, v, temperature)
    np.testing.assert_allclose(found, gradient, rtol=1e-9, atol=1e-12)


def test_matching_gradient_is_that_of_half_the_mean_square():
    z, v = RNG(2).normal(size=(2, 7))

    def loss(z):
        gap = (z - z.mean()) - (v - v.mean())
        return (gap**2).mean() / 2

    step = 1e-6
    slope = [(loss(z + step * e) - loss(z - step * e)) / (2 * step) for e in np.eye(7)]
    np.testing.assert_allclose(theory.matching_gradient(z, v), slope, atol=1e-9)
    np.testing.assert_allclose(theory.matching_gradient(z + 5, v - 3), slope, atol=1e-9)


def test_gradient_tends_to_matching_and_the_error_is_the_first_order():
    z, v = 2 * RNG(3).normal(size=(2, 50_000, 5))
    limit = theory.matching_gradient(z, v)
    for temperature in (200.0, 1000.0):
        gap = theory.distillation_gradient(z, v, temperature) - limit
        error = np.sqrt((gap**2).sum() / (limit**2).sum())
        assert error == pytest.approx(theory.matching_error(5, temperature, 2.0), rel=0.03)
    assert theory.matching_error(2, 10.0) == 0
    with pytest.raises(ValueError, match="n_classes must be a whole number of at least 2, got 1"):
        theory.matching_error(1, 10.0)


def test_two_classes_have_no_first_order():
    z, v = RNG(4).normal(size=(2, 1000, 2))
    limit = theory.matching_gradient(z, v)
    gap = [np.abs(theory.distillation_gradient(z, v, t) - limit).max() for t in (100.0, 200.0)]
    assert gap[0] / gap[1] == pytest.approx(4, rel=0.01)  # second order: a quarter


def test_projection_of_a_teacher(has_mean):
    d, runs = 12, 4000
    teacher = np.arange(1.0, d + 1)
    for n in (1, 5, 11):
        X = RNG(n).standard_normal((runs, n, d))
        student = np.einsum("rdn,rn->rd", np.linalg.pinv(X), X @ teacher)
        lost = ((student - teacher) ** 2).sum(axis=1) / (teacher @ teacher)
        has_mean(lost, theory.recovery_error(n, d))
        cosine = student @ teacher / np.linalg.norm(student, axis=1) / np.linalg.norm(teacher)
        has_mean(1 - np.arccos(np.clip(cosine, -1, 1)) / np.pi, theory.expected_agreement(n, d))
    assert theory.recovery_error(12, 12) == theory.recovery_error(40, 12) == 0
    assert theory.expected_agreement(12, 12) == theory.expected_agreement(40, 12) == 1


def test_one_direction_of_two():
    """In the plane the angle is uniform on [0, π/2]: agreement 3/4 on average."""
    assert theory.expected_agreement(1, 2) == pytest.approx(0.75, abs=1e-8)


def test_in_many_dimensions_the_angle_is_sure():
    """Its cosine is the root of 3/4, up to 1/d."""
    assert theory.expected_agreement(3000, 4000) == pytest.approx(5 / 6, abs=1e-4)


def test_risk_variances_by_enumeration():
    """Two examples of two inputs and two classes: all sixteen cases."""
    p, loss = np.array([[0.3, 0.7], [0.9, 0.1]]), np.array([[1.0, 4.0], [2.0, -1.0]])
    single = [(p[i, k] / 2, loss[i, k], (p[i] * loss[i]).sum()) for i in (0, 1) for k in (0, 1)]
    cases = [(a[0] * b[0], (a[1] + b[1]) / 2, (a[2] + b[2]) / 2) for a in single for b in single]
    weight, drawn, soft = np.array(cases).T
    wanted = [weight @ x**2 - (weight @ x) ** 2 for x in (drawn, soft)]
    np.testing.assert_allclose(theory.risk_variances(p, loss, 2), wanted, rtol=1e-12)
    np.testing.assert_allclose(theory.risk_variances(p, loss, 1), 2 * np.array(wanted))


@pytest.mark.parametrize("p", [[[0.5, 0.5, 0.0]], [0.5, 0.5], [[1.5, -0.5]]])
def test_risk_variances_want_shares(p):
    with pytest.raises(ValueError, match=re.escape("in the shape of losses (1, 2), got shape")):
        theory.risk_variances(p, [[1.0, 2.0]], 3)


def test_supervised_law_has_its_printed_value_and_falls():
    assert theory.supervised_loss(1e9, 2e10) == pytest.approx(2.375, abs=5e-4)
    sizes = theory.supervised_loss(np.logspace(6, 12, 20), 2e10)
    tokens = theory.supervised_loss(1e9, np.logspace(6, 14, 20))
    assert (np.diff(sizes) < 0).all()
    assert (np.diff(tokens) < 0).all()
    assert theory.supervised_loss(1e300, 1e300) == pytest.approx(1.22)
