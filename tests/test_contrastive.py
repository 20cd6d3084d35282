"""A contrastive loss against finite differences, scipy and cases known by hand."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from scipy.special import log_softmax

from collapse_lab.contrastive import (
    ContrastiveLoss,
    Projection,
    choice_loss,
    cosine,
    fit_projection,
    leading_axes,
    no_projection,
    unit,
)


@pytest.fixture
def vectors(rng=7):
    return unit(np.random.default_rng(rng).normal(size=(5, 6, 12)) + 0.5)


def by_definition(vectors, projection, *, temperature, pull):
    """The same loss, with no regard for what is already known."""
    z, total = projection(vectors), []
    for i in range(len(z)):
        for j in ((i + 1) % len(z), (i + 2) % len(z)):
            total += list(np.diag(log_softmax(z[i] @ z[j].T / temperature, axis=1)))
    change = projection.core - np.eye(len(projection.core))
    return -np.mean(total) + 0.5 * pull * (change**2).sum()


def test_loss_is_that_of_the_definition(vectors):
    axes = leading_axes(vectors[0], 4)
    loss = ContrastiveLoss(vectors, axes, temperature=0.2, pull=0.3)
    core = np.eye(4) + 0.4 * np.random.default_rng(1).normal(size=(4, 4))
    expected = by_definition(vectors, Projection(axes, core), temperature=0.2, pull=0.3)
    assert loss(core)[0] == pytest.approx(expected, rel=1e-12)
    assert loss(core.ravel())[0] == loss(core)[0]


@pytest.mark.parametrize("pull", [0.0, 0.3])
def test_gradient_agrees_with_finite_differences(vectors, pull):
    axes = leading_axes(vectors[0], 4)
    loss = ContrastiveLoss(vectors, axes, temperature=0.2, pull=pull)
    core = (np.eye(4) + 0.4 * np.random.default_rng(2).normal(size=(4, 4))).ravel()
    numeric = approx_fprime(core, lambda x: loss(x)[0], 1e-7)
    np.testing.assert_allclose(loss(core)[1], numeric, atol=2e-6)
    assert np.abs(numeric).max() > 0.05


def test_a_candidate_that_is_left_out_is_not_offered(vectors):
    left_out = np.arange(6)[:, None] == np.arange(6) ^ 1
    axes = leading_axes(vectors[0], 4)
    loss = ContrastiveLoss(vectors, axes, temperature=0.2, pull=0.0, left_out=left_out)
    core = (np.eye(4) + 0.4 * np.random.default_rng(4).normal(size=(4, 4))).ravel()
    z = Projection(axes, core.reshape(4, 4))(vectors)
    scores = [z[i] @ z[(i + k) % 5].T / 0.2 for i in range(5) for k in (1, 2)]
    few = [np.where(left_out, -np.inf, each) for each in scores]
    expected = -np.mean([np.diag(log_softmax(each, axis=1)) for each in few])
    assert loss(core)[0] == pytest.approx(expected, rel=1e-12)
    numeric = approx_fprime(core, lambda x: loss(x)[0], 1e-7)
    np.testing.assert_allclose(loss(core)[1], numeric, atol=2e-6)


def test_choice_loss_and_its_slope():
    scores = np.random.default_rng(3).normal(size=(2, 3, 3))
    loss, slope = choice_loss(scores)
    expected = -np.mean([np.diag(log_softmax(each, axis=1)) for each in scores])
    assert loss == pytest.approx(expected, rel=1e-12)
    numeric = approx_fprime(scores.ravel(), lambda x: choice_loss(x.reshape(2, 3, 3))[0], 1e-7)
    np.testing.assert_allclose(slope.ravel(), numeric, atol=1e-6)
    assert choice_loss(np.zeros((4, 4)))[0] == pytest.approx(np.log(4), rel=1e-12)
    assert choice_loss(1e5 * np.eye(3))[0] == pytest.approx(0, abs=1e-12)


def test_projection_changes_only_the_span_of_its_axes(vectors):
    axes = leading_axes(vectors[0], 3)
    assert np.allclose(axes.T @ axes, np.eye(3))
    projection = Projection(axes, np.array([[3.0, 0, 0], [0, 2.0, 0.7], [0, 0, 0.5]]))
    flat = vectors.reshape(-1, 12)
    np.testing.assert_allclose(projection(flat), unit(flat @ projection.matrix.T), atol=1e-12)
    beyond = np.linalg.svd(axes.T)[2][-1]  # at right angles to all axes
    np.testing.assert_allclose(projection.matrix @ beyond, beyond, atol=1e-12)
    np.testing.assert_allclose(projection.matrix @ axes[:, 0], 3 * axes[:, 0], atol=1e-12)


def test_no_projection_does_nothing(vectors):
    np.testing.assert_allclose(no_projection(12)(vectors), vectors, atol=1e-15)
    np.testing.assert_allclose(no_projection(12).matrix, np.eye(12))


def test_leading_axes_are_those_of_the_largest_variance():
    spread = np.array([1.0, 5.0, 0.1, 3.0])
    data = np.random.default_rng(5).normal(size=(500, 4)) * spread
    axes = leading_axes(data, 2)
    assert np.abs(axes).argmax(axis=0).tolist() == [1, 3]
    svd = np.linalg.svd(data - data.mean(axis=0), full_matrices=False)[2][:2].T
    np.testing.assert_allclose(np.abs(axes), np.abs(svd), atol=1e-10)


def test_training_finds_the_meaning_behind_the_wording():
    rng = np.random.default_rng(8)
    meanings, wordings = rng.normal(size=(1, 20, 16)), 4 * rng.normal(size=(6, 1, 16))
    sign = np.tile([1.0, -1.0], 10)[:, None] * 0.3 * np.eye(16)[0]
    meanings[:, 1::2] = meanings[:, ::2]  # pairs that differ in a small sign alone
    vectors = meanings + sign + wordings + 0.02 * rng.normal(size=(6, 20, 16))

    def loss(projection):
        z = projection(unit(vectors))
        return np.mean([choice_loss(z[i] @ z[i - 1].T / 0.1)[0] for i in range(6)])

    before, after = loss(no_projection(16)), loss(fit_projection(vectors, rank=16, pull=1e-4))
    assert after < before / 10 < np.log(20) / 10


def test_only_directions_count_in_training(vectors):
    long = vectors * np.random.default_rng(9).uniform(0.1, 10, (5, 6, 1))
    axes = leading_axes(vectors.mean(axis=0), 3)  # of the meanings: means over wordings
    for each in (vectors, long):
        found = np.abs(fit_projection(each, rank=3).axes)
        np.testing.assert_allclose(found, np.abs(axes), atol=1e-9)
    losses = [
        ContrastiveLoss(each, axes, temperature=0.2, pull=0.1)(2 * np.eye(3))[0]
        for each in (vectors, long)
    ]
    assert losses[0] == pytest.approx(losses[1], rel=1e-12)


def test_pull_holds_back(vectors):
    cores = [fit_projection(vectors, rank=4, pull=pull).core for pull in (1e3, 1.0, 1e-3)]
    change = [np.abs(core - np.eye(4)).max() for core in cores]
    assert change[0] < 1e-2 < change[1] < change[2]


def test_cosine_and_unit():
    assert cosine([3.0, 0.0], [5.0, 5.0]) == pytest.approx(np.sqrt(0.5))
    np.testing.assert_allclose(np.linalg.norm(unit([[3.0, 4.0], [0.0, 2.0]]), axis=1), 1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda v: unit(0 * v), "vectors must not be zero.*got 0"),
        (
            lambda v: fit_projection(v, rank=4, left_out=np.eye(6)),
            r"left_out must have shape \(6, 6\) and no True on its diagonal",
        ),
        (
            lambda v: fit_projection(v, rank=4, left_out=np.zeros((1, 6))),
            r"left_out must have shape \(6, 6\) and no True on its diagonal",
        ),
        (lambda v: leading_axes(v[0, :, :2], 3), "rank must be at most 2, got 3"),
        (
            lambda v: ContrastiveLoss(v[0], np.eye(12)[:, :2], temperature=1.0, pull=0.0),
            r"vectors must have shape .* at least three wordings, got \(6, 12\)",
        ),
        (lambda v: leading_axes(v[0], 6), "rank must be at most 5, got 6"),
        (lambda v: leading_axes(v[0], 0), "rank must be a whole number of at least 1, got 0"),
        (lambda v: fit_projection(v[:2], rank=2), r"at least three wordings, got \(2, 6, 12\)"),
        (lambda v: fit_projection(v, rank=2, temperature=0), "temperature must lie in .*, got 0"),
        (lambda v: fit_projection(v, rank=2, pull=-1), "pull must lie in .*, got -1"),
        (lambda _: choice_loss(np.zeros((2, 3))), r"scores must have shape .*, got \(2, 3\)"),
        (lambda _: no_projection(0), "d must be a whole number of at least 1, got 0"),
    ],
)
def test_wrong_arguments(vectors, call, message):
    with pytest.raises(ValueError, match=message):
        call(vectors)
