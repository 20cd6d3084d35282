"""Students, losses and costs of distillation."""

import math
import warnings
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from sklearn.calibration import calibration_curve
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import log_loss
from sklearn.neural_network import MLPClassifier

from collapse_lab.distill import (
    Student,
    agreement,
    calibration_error,
    cost,
    cross_entropy,
    distillation_loss,
    draw_labels,
    ensemble,
    jittered,
    one_hot,
    soften,
    softmax,
)
from collapse_lab.pictures import halves, handwritten

RNG = np.random.default_rng(14)
Z = RNG.normal(size=(7, 4))
V = 3 * RNG.normal(size=(7, 4))
LABELS = np.array([0, 1, 2, 3, -1, 2, -1])
X = RNG.normal(size=(200, 5))
Y = (X @ RNG.normal(size=(5, 3)) + RNG.normal(size=(200, 3))).argmax(axis=1)


# ---------------------------------------------------------------------- temperature, targets


def test_softmax_is_what_it_says_and_does_not_overflow():
    by_hand = np.exp(Z / 2.5) / np.exp(Z / 2.5).sum(axis=1)[:, None]
    np.testing.assert_allclose(softmax(Z, 2.5), by_hand, rtol=1e-13)
    np.testing.assert_array_equal(softmax([[1e5, 0.0], [0.0, 0.0]]), [[1.0, 0.0], [0.5, 0.5]])


def test_softening_probabilities_is_softening_logits():
    np.testing.assert_allclose(soften(softmax(V), 4.0), softmax(V, 4.0), rtol=1e-12)
    np.testing.assert_allclose(soften(softmax(V), 1.0), softmax(V), rtol=1e-12)
    np.testing.assert_allclose(soften([[1.0, 0.0]], 6.0), [[1 / 1.01, 0.01 / 1.01]], rtol=1e-12)
    assert soften(softmax(V), 1e6) == pytest.approx(0.25, abs=1e-4)


def test_one_hot():
    np.testing.assert_array_equal(one_hot([2, 0], 3), [[0, 0, 1], [1, 0, 0]])


def test_drawn_labels_have_their_probabilities():
    p, n = np.array([0.2, 0.0, 0.7, 0.1]), 40_000
    drawn = draw_labels(np.tile(p, (n, 1)), rng=1)
    share = np.bincount(drawn, minlength=4) / n
    assert drawn.dtype == np.int64
    assert share[1] == 0
    assert (np.abs(share - p) <= 4.9 * np.sqrt(p * (1 - p) / n)).all()


def test_rows_may_sum_to_a_little_less_than_one(monkeypatch):
    class Highest:
        def random(self, shape):
            return np.full(shape, 1 - 2**-53)

    monkeypatch.setattr(np.random, "default_rng", lambda _: Highest())
    assert draw_labels([[1 / 3 - 1e-7, 1 / 3, 1 / 3]]).tolist() == [2]


# ------------------------------------------------------------------------------------ losses


def test_loss_by_hand():
    targets = soften(softmax(V), 3.0)
    soft = -9 * (targets * np.log(softmax(Z, 3.0))).sum() / 7
    hard = -sum(np.log(softmax(Z))[i, k] for i, k in enumerate(LABELS) if k >= 0) / 7
    loss, _ = distillation_loss(Z, targets, temperature=3.0)
    assert loss == pytest.approx(soft, rel=1e-12)
    loss, _ = distillation_loss(Z, targets, temperature=3.0, labels=LABELS, soft_share=0.3)
    assert loss == pytest.approx(0.3 * soft + 0.7 * hard, rel=1e-12)


@pytest.mark.parametrize("share", [1.0, 0.4, 0.0])
def test_gradient_of_the_loss(share):
    targets = soften(softmax(V), 3.0)
    mixed = {"temperature": 3.0, "labels": LABELS, "soft_share": share}

    def loss(z):
        return distillation_loss(z.reshape(7, 4), targets, **mixed)[0]

    _, gradient = distillation_loss(Z, targets, **mixed)
    np.testing.assert_allclose(gradient.ravel(), approx_fprime(Z.ravel(), loss), atol=1e-6)


def test_loss_of_huge_logits_is_finite():
    loss, gradient = distillation_loss([[1e4, 0.0]], [[0.5, 0.5]])
    assert loss == pytest.approx(5000)
    np.testing.assert_allclose(gradient, [[0.5, -0.5]])


def test_cross_entropy_is_that_of_scikit_learn():
    p = softmax(X[:, :3])
    assert cross_entropy(p, Y) == pytest.approx(log_loss(Y, p), rel=1e-12)
    assert cross_entropy(p, one_hot(Y, 3)) == cross_entropy(p, Y)
    q = softmax(X[:, 1:4])
    assert cross_entropy(p, q) == pytest.approx(-(q * np.log(p)).sum() / 200, rel=1e-12)
    assert cross_entropy([[1.0, 0.0]], [1]) == pytest.approx(-np.log(1e-12))


# ----------------------------------------------------------------------------------- student


def numbers(student):
    return np.concatenate([part.ravel() for part in (*student.weights, *student.biases)])


@pytest.mark.parametrize("hidden", [0, 6])
def test_the_fit_is_where_an_independent_gradient_is_zero(hidden):
    """The gradient by finite differences, of an objective that is written out here."""
    targets = soften(softmax(X[:, :3]), 2.0)
    student = Student.fit(
        X,
        targets,
        hidden=hidden,
        temperature=2.0,
        labels=np.where(Y == 2, -1, Y),
        soft_share=0.6,
        weight_decay=0.05,
        max_iter=3000,
        rng=5,
    )
    assert student.converged
    assert student.hidden == hidden
    parts = (*student.weights, *student.biases)

    def objective(parameters):
        ends = np.cumsum([part.size for part in parts])[:-1]
        new = [a.reshape(b.shape) for a, b in zip(np.split(parameters, ends), parts, strict=True)]
        w, b = new[: len(new) // 2], new[len(new) // 2 :]
        z = X if hidden == 0 else np.tanh(X @ w[0] + b[0])
        z = z @ w[-1] + b[-1]
        soft = -4 * (targets * np.log(softmax(z, 2.0))).sum() / 200
        hard = -np.log(softmax(z))[np.arange(200), Y][Y < 2].sum() / 200
        return 0.6 * soft + 0.4 * hard + 0.025 * sum((a**2).sum() for a in w)

    slope = approx_fprime(numbers(student), objective, 1e-6)
    assert np.abs(slope).max() < 1e-5
    away = approx_fprime(numbers(student) + 0.1, objective, 1e-6)
    assert np.abs(away).max() > 1e-3


def test_linear_student_with_hard_labels_is_logistic_regression():
    student = Student.fit(X, one_hot(Y, 3), weight_decay=0.01)
    theirs = LogisticRegression(C=1 / (0.01 * 200), tol=1e-10, max_iter=10_000).fit(X, Y)
    np.testing.assert_allclose(student.predict_proba(X), theirs.predict_proba(X), atol=1e-5)
    np.testing.assert_array_equal(student.predict(X), theirs.predict(X))


def test_linear_student_recovers_a_linear_teacher():
    teacher = Student((RNG.normal(size=(5, 3)),), (RNG.normal(size=3),))
    for temperature in (1.0, 4.0):
        student = Student.fit(
            X,
            soften(teacher.predict_proba(X), temperature),
            temperature=temperature,
            weight_decay=0.0,
            max_iter=5000,
        )
        np.testing.assert_allclose(
            student.predict_proba(X), teacher.predict_proba(X), atol=2e-4, rtol=0
        )
    assert agreement(student.logits(X), teacher.logits(X)) == 1


def test_high_temperature_is_least_squares_on_centered_logits():
    """Matching logits, the limit of `hinton2015distilling`; scikit-learn solves it."""
    teacher = Student((RNG.normal(size=(5, 3)),), (RNG.normal(size=3),))
    v = teacher.logits(X) + 0.5 * np.sin(3 * teacher.logits(X))  # not linear
    v -= v.mean(axis=1, keepdims=True)
    ridge = Ridge(alpha=200 * 3 * 0.2).fit(X, v)  # the loss is |z - v|^2 / (2 K n)
    gaps = []
    for temperature in (30.0, 300.0):
        student = Student.fit(
            X, softmax(v, temperature), temperature=temperature, weight_decay=0.2, max_iter=5000
        )
        z = student.logits(X)
        gaps.append(np.abs(z - z.mean(axis=1, keepdims=True) - ridge.predict(X)).max())
    assert gaps[1] < 0.02 * np.abs(ridge.predict(X)).max()
    assert gaps[1] < gaps[0] / 5  # the error of the limit falls as 1/T


def test_hidden_units_solve_what_a_plane_cannot():
    x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    xor = one_hot([0, 1, 1, 0], 2)
    deep = Student.fit(x, xor, hidden=8, weight_decay=1e-5, rng=1)
    flat = Student.fit(x, xor, weight_decay=1e-5)
    np.testing.assert_array_equal(deep.predict(x), [0, 1, 1, 0])
    np.testing.assert_allclose(flat.predict_proba(x), 0.5, atol=1e-6)


def test_same_seed_same_student_and_other_seed_other_student():
    fits = [Student.fit(X, one_hot(Y, 3), hidden=3, max_iter=20, rng=seed) for seed in (1, 1, 2)]
    np.testing.assert_array_equal(numbers(fits[0]), numbers(fits[1]))
    assert not np.allclose(numbers(fits[0]), numbers(fits[2]))


def test_hidden_units_start_with_variance_one_over_their_inputs():
    start = Student._start((400, 100, 10), np.random.default_rng(3))
    for weights in start.weights:
        error = np.sqrt(2 / weights.size)  # of the variance, as a share of it
        assert weights.var() * len(weights) == pytest.approx(1, abs=4.9 * error)
    assert all((bias == 0).all() for bias in start.biases)


def test_one_input_is_enough():
    np.testing.assert_allclose(Student.fit([[1.0]], HALF).predict_proba([[3.0]]), HALF)


def test_too_few_steps_are_told():
    assert not Student.fit(X, one_hot(Y, 3), max_iter=2).converged


# ------------------------------------------------------------------------------------ teacher


def test_ensemble_votes_with_its_networks_probabilities():
    train, test = halves(handwritten())
    teacher = ensemble(train.ink[:300], train.label[:300], n_members=3, hidden=30, rng=1)
    p = teacher.predict_proba(test.ink)
    by_hand = np.mean([net.predict_proba(test.ink) for net in teacher.estimators_], axis=0)
    np.testing.assert_allclose(p, by_hand, rtol=1e-12)
    assert (p.argmax(axis=1) == test.label).mean() > 0.85
    starts = {float(net.coefs_[0][0, 0]) for net in teacher.estimators_}
    assert len(starts) == 3
    again = ensemble(train.ink[:300], train.label[:300], n_members=3, hidden=30, rng=1)
    np.testing.assert_array_equal(again.predict_proba(test.ink), p)


def test_a_teacher_is_four_networks_of_a_hundred_units():
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # few inputs make a small batch
        teacher = ensemble(X[:60], Y[:60], rng=1)
    assert cost(teacher, X, repeats=1).parameters == 4 * (5 * 100 + 100 + 303)


def test_jittered_pictures_are_shifted_by_one_pixel():
    one = np.arange(1.0, 10.0).reshape(1, 9)
    same, right, left, down, up = jittered(one).reshape(5, 3, 3)
    np.testing.assert_array_equal(same.ravel(), one[0])
    np.testing.assert_array_equal(right, [[0, 1, 2], [0, 4, 5], [0, 7, 8]])
    np.testing.assert_array_equal(left, [[2, 3, 0], [5, 6, 0], [8, 9, 0]])
    np.testing.assert_array_equal(down, [[0, 0, 0], [1, 2, 3], [4, 5, 6]])
    np.testing.assert_array_equal(up, [[4, 5, 6], [7, 8, 9], [0, 0, 0]])
    many = handwritten().ink[:7]
    np.testing.assert_array_equal(jittered(many)[:7], many)
    np.testing.assert_array_equal(jittered(many)[7:14], jittered(many[:7])[7:14])
    assert jittered(many).shape == (35, 64)


# ----------------------------------------------------------------------- measures and costs


def test_calibration_error_is_that_of_scikit_learn_on_two_classes():
    p = softmax(RNG.normal(size=(500, 2)))
    right = (RNG.random(500) < 0.75).astype(np.int64)
    labels = np.where(right == 1, p.argmax(axis=1), p.argmin(axis=1))
    confidence = p.max(axis=1)
    share, mean = calibration_curve(right, confidence, n_bins=10)
    filled = np.histogram(confidence, bins=np.linspace(0, 1, 11))[0]
    wanted = (filled[filled > 0] * np.abs(share - mean)).sum() / 500
    assert calibration_error(p, labels) == pytest.approx(wanted, rel=1e-9)


def test_calibration_error_of_one_bin_and_of_the_overconfident():
    sure = np.tile([1.0, 0.0], (10, 1))
    labels = np.array([0] * 7 + [1] * 3)
    assert calibration_error(sure, labels) == pytest.approx(0.3)
    assert calibration_error(np.tile([0.7, 0.3], (10, 1)), labels) == pytest.approx(0, abs=1e-12)
    last = [[1.0, 0.0], [0.9, 0.1]]  # in one bin: too sure of one, not sure enough of the other
    assert calibration_error(last, [1, 0]) == pytest.approx((1.0 - 0.1) / 2)
    apart = [[0.95, 0.05], [0.85, 0.15]]
    assert calibration_error(apart, [1, 0]) == pytest.approx((0.95 + 0.15) / 2)


def test_agreement_counts_equal_answers():
    assert agreement([[0.9, 0.1], [0.6, 0.4]], [[0.8, 0.2], [0.3, 0.7]]) == 0.5


def test_cost_counts_a_student():
    student = Student.fit(X, one_hot(Y, 3), hidden=6, max_iter=3, rng=1)
    price = cost(student, X)
    assert price.parameters == 5 * 6 + 6 + 6 * 3 + 3
    assert price.bytes == 8 * price.parameters
    assert price.multiply_adds == 5 * 6 + 6 * 3
    assert 0 < price.seconds < 1
    assert cost(Student.fit(X, one_hot(Y, 3), max_iter=3), X).multiply_adds == 15


def test_cost_counts_an_ensemble():
    member = ensemble(X, Y, n_members=1, hidden=4, rng=1).estimators_[0]
    assert isinstance(member, MLPClassifier)
    one, three = cost(member, X), cost(ensemble(X, Y, n_members=3, hidden=4, rng=1), X)
    assert one.parameters == 5 * 4 + 4 + 4 * 3 + 3
    assert replace(three, seconds=0) == replace(
        one,
        parameters=3 * one.parameters,
        bytes=3 * one.bytes,
        multiply_adds=3 * one.multiply_adds,
        seconds=0,
    )


def test_seconds_are_those_of_one_prediction():
    class Slow(Student):
        def predict_proba(self, X):
            clock[0] += next(lasting)
            return super().predict_proba(X)

    clock, lasting = [0.0], iter([3.0, 2.0, 4.0])
    slow = Slow((np.ones((5, 3)),), (np.zeros(3),))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("collapse_lab.distill.perf_counter", lambda: clock[0])
        assert cost(slow, X[:100], repeats=3).seconds == pytest.approx(2 / 100)
    assert clock == [9.0]


# ------------------------------------------------------------------------------------- errors

HALF = [[0.5, 0.5]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: softmax(Z, 0), r"temperature must lie in \(0, inf\), got 0"),
        (lambda: softmax([[np.nan, 0]]), "logits must hold finite numbers, got nan"),
        (
            lambda: soften([[1.5, -0.5]], 2),
            "probabilities must hold numbers of at least 0, got -0.5",
        ),
        (lambda: one_hot([0.5], 2), "labels must be whole numbers in one row"),
        (lambda: one_hot([2], 2), "labels must be whole numbers from 0 to 1, got 2"),
        (lambda: one_hot([-1], 2), "labels must be whole numbers from 0 to 1, got -1"),
        (lambda: one_hot([[0]], 2), "labels must be whole numbers in one row"),
        (lambda: draw_labels([[0.5, 0.5001]]), "must have rows that sum to 1, got 1.0001"),
        (lambda: draw_labels([0.5, 0.5]), r"probabilities must have shape \(n, K\)"),
        (lambda: distillation_loss(Z, HALF), r"shape of the logits \(7, 4\), got \(1, 2\)"),
        (
            lambda: distillation_loss(HALF, [[1.5, -0.5]]),
            "targets must hold numbers of at least 0, got -0.5",
        ),
        (
            lambda: distillation_loss(HALF, HALF, soft_share=0.5),
            "labels must be given where soft_share is below 1, got 0.5",
        ),
        (
            lambda: distillation_loss(HALF, HALF, labels=[0, 1], soft_share=0.5),
            "labels must have one entry for each of 1 rows, got 2",
        ),
        (
            lambda: distillation_loss(HALF, HALF, labels=[-2], soft_share=0.5),
            "labels must be whole numbers from -1 to 1, got -2",
        ),
        (
            lambda: distillation_loss(HALF, HALF, labels=[0], soft_share=1.5),
            r"soft_share must lie in \[0, 1\], got 1.5",
        ),
        (lambda: Student.fit(X, HALF), "targets must have one row for each of 200 inputs, got 1"),
        (
            lambda: Student.fit([], HALF),
            r"X must have shape \(n, d\), and not be empty, got \(0,\)",
        ),
        (lambda: Student.fit(HALF, HALF, hidden=-1), "hidden must be a whole number of at least 0"),
        (
            lambda: Student.fit(HALF, HALF, weight_decay=-1.0),
            r"weight_decay must lie in \[0, inf\), got -1.0",
        ),
        (lambda: Student.fit(HALF, HALF, temperature=0), r"temperature must lie in \(0, inf\)"),
        (lambda: distillation_loss(HALF, HALF, temperature=0), "temperature must lie in"),
        (lambda: Student.fit(HALF, HALF, max_iter=0), "max_iter must be a whole number"),
        (
            lambda: Student.fit(HALF, HALF).logits([[1.0, 2.0, 3.0]]),
            "X must have 2 columns, got 3",
        ),
        (lambda: jittered(np.ones((2, 8))), "pictures must be square, got 8 pixels"),
        (lambda: ensemble(X, Y + 1), r"labels must be 0, 1, ..., K - 1, each present, got \[1, 2"),
        (lambda: ensemble(X, 0 * Y), r"labels must be 0, 1, ..., K - 1, each present, got \[0\]"),
        (lambda: ensemble(X, Y, n_members=0), "n_members must be a whole number of at least 1"),
        (
            lambda: cross_entropy(HALF, [[1.0, 0.0, 0.0]]),
            r"targets must fit probabilities of shape",
        ),
        (lambda: calibration_error(HALF, [0, 1]), "one entry for each of 1 rows, got 2"),
        (lambda: calibration_error(HALF, [-1]), "whole numbers from 0 to 1, got -1"),
        (lambda: calibration_error(HALF, [0], n_bins=0), "n_bins must be a whole number"),
        (
            lambda: agreement(HALF, Z),
            r"second must have the shape of first, \(1, 2\), got \(7, 4\)",
        ),
        (lambda: agreement([1.0, 2.0], [1.0, 2.0]), r"second must have the shape of first, \(2,\)"),
        (lambda: cost(Student.fit(HALF, HALF), HALF, repeats=0), "repeats must be a whole number"),
    ],
)
def test_errors_say_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_cost_needs_weights():
    with pytest.raises(TypeError, match="model must hold weights and biases, got Ridge"):
        cost(Ridge(), X)


def test_uniform_targets_have_the_entropy_of_uniform_targets():
    loss, gradient = distillation_loss(np.zeros((2, 4)), np.full((2, 4), 0.25), temperature=5.0)
    assert loss == pytest.approx(25 * math.log(4))
    np.testing.assert_allclose(gradient, 0, atol=1e-15)
