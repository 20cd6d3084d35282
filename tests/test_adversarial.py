"""The adversarial pair: its gradients, its optimizer, what it learns and what it refuses."""

import re
from itertools import islice

import numpy as np
import pytest
from scipy.optimize import check_grad

import collapse_lab as cl
from collapse_lab.adversarial import Descent, Forger, Network, adversarial, snapshots


def log_loss(network, x, y):
    """Mean log loss of the first of the networks, and its gradient by the log odds."""
    odds = network.activations(x)[-1]
    return np.logaddexp(0, odds).mean() - (odds * y).mean(), (1 / (1 + np.exp(-odds)) - y) / y.size


def test_the_gradients_are_those_of_finite_differences():
    rng = np.random.default_rng(1)
    network = Network.start(3, 5, 4, 1, n_replicates=1, rng=rng)
    x, y = rng.standard_normal((1, 7, 3)), rng.integers(2, size=(1, 7, 1))

    def by_parameters(p):
        return Network(network.widths, p[None])

    def loss(p):
        return log_loss(by_parameters(p), x, y)[0]

    def slope(p):
        net = by_parameters(p)
        return net.gradient(net.activations(x), log_loss(net, x, y)[1])[0]

    def loss_of_input(v):
        return log_loss(network, v.reshape(x.shape), y)[0]

    def slope_of_input(v):
        v = v.reshape(x.shape)
        return network.pull(network.activations(v), log_loss(network, v, y)[1]).ravel()

    assert check_grad(loss, slope, network.parameters[0]) < 1e-6
    assert check_grad(loss_of_input, slope_of_input, x.ravel()) < 1e-6


def test_networks_side_by_side_are_independent():
    rng = np.random.default_rng(2)
    both = Network.start(2, 3, 1, n_replicates=2, rng=rng)
    x = rng.standard_normal((2, 4, 2))
    for r in range(2):
        alone = Network(both.widths, both.parameters[[r]])
        assert np.array_equal(alone.activations(x[[r]])[-1], both.activations(x)[-1][[r]])


def test_a_step_of_adam_is_the_textbook_s():
    gradients = np.random.default_rng(3).standard_normal((4, 1, 9))
    place = Descent(Network((2, 3), np.zeros((1, 9))), rate=0.1)
    m = v = p = np.zeros((1, 9))
    for t, g in enumerate(gradients, start=1):
        place = place.step(g)
        m, v = 0.5 * m + 0.5 * g, 0.999 * v + 0.001 * g**2
        p = p - 0.1 * (m / (1 - 0.5**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    assert np.allclose(place.network.parameters, p, rtol=1e-12)


def test_a_generator_is_a_model():
    forger = Forger(Network.start(2, 4, 3, n_replicates=5, rng=np.random.default_rng(4)))
    drawn = forger.sample(10, rng=6)
    assert drawn.shape == (10, 3, 5)
    assert forger.replicates == (5,)
    assert np.array_equal(drawn, forger.sample(10, rng=6))


def test_a_pair_learns_where_its_world_is():
    """One broad Gaussian far from the start: an adversarial pair finds its middle."""
    world = cl.MultivariateGaussian([3.0, -2.0], np.eye(2)).expand(3)
    bouts = adversarial(world, rng=5)
    before, after = next(bouts), next(islice(bouts, 599, None))
    center = np.array([[3.0], [-2.0]])
    far = np.abs(before.generator.sample(2_000, rng=1).mean(axis=0) - center).max()
    near = np.abs(after.generator.sample(2_000, rng=1).mean(axis=0) - center).max()
    assert after.index == 600
    assert near < 1 < far  # a standard deviation of the world


def test_the_same_seed_gives_the_same_pair():
    world = cl.MultivariateGaussian([0.0, 0.0], np.eye(2)).expand(2)
    first, again = (next(islice(adversarial(world, rng=7), 5, None)) for _ in range(2))
    assert np.array_equal(first.generator.network.parameters, again.generator.network.parameters)
    assert np.array_equal(first.discriminator.parameters, again.discriminator.parameters)


@pytest.mark.parametrize(
    ("argument", "value", "rule"),
    [
        ("batch_size", 0, "must be a whole number of at least 1, got 0"),
        ("n_hidden", 2.5, "must be a whole number of at least 1, got 2.5"),
        ("n_noise", -1, "must be a whole number of at least 1, got -1"),
        ("generator_rate", 0.0, "must lie in (0, inf), got 0.0"),
        ("discriminator_rate", -1e-3, "must lie in (0, inf), got -0.001"),
    ],
)
def test_wrong_arguments_are_named(argument, value, rule):
    world = cl.MultivariateGaussian([0.0, 0.0], np.eye(2)).expand(2)
    with pytest.raises(ValueError, match=re.escape(f"{argument} {rule}")):
        adversarial(world, **{argument: value})


def test_a_world_without_replicates_is_refused():
    message = "world must have samples of shape (n, d, R), got ('n', 2)"
    with pytest.raises(ValueError, match=re.escape(message)):
        adversarial(cl.MultivariateGaussian([0.0, 0.0], np.eye(2)))


def test_a_pair_goes_on_from_where_it_was():
    world = cl.MultivariateGaussian([0.0, 0.0], np.eye(2)).expand(2)
    first = next(islice(adversarial(world, rng=8), 5, None))
    again = next(adversarial(world, start=first, rng=9))
    assert again.generator.network is first.generator.network
    assert again.discriminator is first.discriminator
    message = (
        "start must hold pairs for samples of shape (n, d, R) with (d, R) = (2, 3), got (2, 2)"
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        adversarial(cl.MultivariateGaussian([0.0, 0.0], np.eye(2)).expand(3), start=first)


class Counting:
    """A world whose points are the number of samples asked for so far."""

    def __init__(self):
        self.asked = 0

    def sample(self, n, *, rng):  # noqa: ARG002 - as called
        self.asked += 1
        return np.full((n, 2, 3), float(self.asked))


def test_a_bout_holds_the_real_points_of_its_last_step():
    first, second, third = islice(adversarial(Counting(), batch_size=5, rng=1), 3)
    assert first.real.shape == (0, 2, 3)
    assert second.real.shape == (5, 2, 3)
    assert third.real.min() == third.real.max() == second.real.max() + 1


def test_snapshots_come_with_the_last_real_points():
    found = snapshots(adversarial(Counting(), batch_size=5, rng=1), (0, 2, 6), memory=3)
    assert [bout.index for bout, _ in found] == [0, 2, 6]
    assert [len(real) for _, real in found] == [0, 10, 15]
    # the first sample of all is asked for its shape only
    assert [sorted(set(real.ravel())) for _, real in found] == [[], [2, 3], [5, 6, 7]]


@pytest.mark.parametrize(
    ("steps", "memory", "rule"),
    [
        ((), 8, "steps must grow, and be at least one, got ()"),
        ((3, 3), 8, "steps must grow, and be at least one, got (3, 3)"),
        ((-1, 3), 8, "steps must be a whole number of at least 0, got -1"),
        ((3,), 0, "memory must be a whole number of at least 1, got 0"),
    ],
)
def test_snapshots_name_a_wrong_argument(steps, memory, rule):
    bouts = adversarial(Counting(), rng=1)
    with pytest.raises(ValueError, match=re.escape(rule)):
        snapshots(bouts, steps, memory=memory)
