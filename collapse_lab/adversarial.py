"""Generative adversarial networks, small enough to read: two networks that train on each other.

A generator turns noise into points; a discriminator tells them from real points; each is trained
against the other (`goodfellow2014gan`). The gradients are written out: no dependency of
ours trains two networks against each other.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice, pairwise

import numpy as np
from numpy.typing import NDArray

from collapse_lab.protocols import RNG, Model
from collapse_lab.rules import real_number, whole_number

Array = NDArray[np.float64]
MEMORY = 0.5, 0.999  # of Adam's two averages; the first is shorter than usual, as GANs want it


@dataclass(frozen=True, eq=False)
class Network:
    """R fully connected networks side by side: rectified hidden layers, a linear last one.

    Attributes
    ----------
    widths : tuple of int
        Inputs, hidden units of each layer, outputs.
    parameters : array, shape (R, P)
        All weights and biases, layer by layer: one array, so that a step of an optimizer is a
        few operations.
    """

    widths: tuple[int, ...]
    parameters: Array

    @classmethod
    def start(cls, *widths: int, n_replicates: int, rng: np.random.Generator) -> Network:
        """Return networks with random weights of variance 2/inputs, and without biases."""
        sizes = [(a + 1) * b for a, b in pairwise(widths)]
        network = cls(widths, np.zeros((n_replicates, sum(sizes))))
        for weights, _ in network.layers:
            weights[:] = rng.standard_normal(weights.shape) * np.sqrt(2 / weights.shape[1])
        return network

    @cached_property
    def layers(self) -> list[tuple[Array, Array]]:
        """Each layer's weights (R, inputs, outputs) and biases (R, 1, outputs), as views."""
        found, begin = [], 0
        for a, b in pairwise(self.widths):
            middle, end = begin + a * b, begin + (a + 1) * b
            weights = self.parameters[:, begin:middle].reshape(-1, a, b)
            found.append((weights, self.parameters[:, None, middle:end]))
            begin = end
        return found

    def activations(self, x: Array) -> list[Array]:
        """Return the input, shape (R, n, inputs), and what each layer makes of it."""
        seen = [x]
        for weights, bias in self.layers:
            x = seen[-1] @ weights
            x += bias
            seen.append(x if len(seen) == len(self.widths) - 1 else np.maximum(x, 0, out=x))
        return seen

    def gradient(self, activations: list[Array], slope: Array) -> Array:
        """Return the gradient of a loss by the parameters, (R, P).

        Parameters
        ----------
        activations : list of array
            As the method of this name returns them.
        slope : array, shape (R, n, outputs)
            Gradient of the loss by the outputs.
        """
        gradient = replace(self, parameters=np.empty_like(self.parameters))
        layers, parts = self.layers, gradient.layers
        for i in range(len(layers) - 1, -1, -1):
            parts[i][0][:] = np.swapaxes(activations[i], 1, 2) @ slope
            parts[i][1][:] = slope.sum(axis=1, keepdims=True)
            if i:
                slope = _before(layers[i][0], activations[i], slope)
        return gradient.parameters

    def pull(self, activations: list[Array], slope: Array) -> Array:
        """Return the gradient of a loss by the input, (R, n, inputs); arguments as above."""
        layers = self.layers
        for i in range(len(layers) - 1, 0, -1):
            slope = _before(layers[i][0], activations[i], slope)
        return np.asarray(slope @ np.swapaxes(layers[0][0], 1, 2))


@dataclass(frozen=True, eq=False)
class Descent:
    """A network on its way down, with the two running averages of Adam."""

    network: Network
    rate: float
    n_steps: int = 0
    slope: Array | float = 0.0
    square: Array | float = 0.0

    def step(self, gradient: Array) -> Descent:
        """Return the next place: one step against the gradient, each number by its own scale."""
        first, second = MEMORY
        n_steps = self.n_steps + 1
        slope = first * self.slope + (1 - first) * gradient
        square = second * self.square + (1 - second) * np.square(gradient)
        size = np.sqrt(square / (1 - second**n_steps))
        size += 1e-8
        moved = self.network.parameters - self.rate / (1 - first**n_steps) * slope / size
        return Descent(replace(self.network, parameters=moved), self.rate, n_steps, slope, square)


@dataclass(frozen=True, eq=False)
class Forger:
    """The generator of adversarial pairs, as a model with one replicate for each pair.

    Attributes
    ----------
    network : Network
        From standard normal noise to points.
    """

    network: Network

    @property
    def replicates(self) -> tuple[int, ...]:
        """Trailing axes of the samples."""
        return (len(self.network.parameters),)

    def noise(self, n: int, *, rng: np.random.Generator) -> Array:
        """Draw what the network starts from, shape (R, n, inputs)."""
        return rng.standard_normal((*self.replicates, n, self.network.widths[0]))

    def sample(self, n: int, *, rng: RNG) -> Array:
        """Draw `n` points in each replicate, shape (n, d, R)."""
        noise = self.noise(whole_number("n", n), rng=np.random.default_rng(rng))
        return np.moveaxis(self.network.activations(noise)[-1], 0, -1)


@dataclass(frozen=True, eq=False)
class Bout:
    """State of adversarial pairs after `index` steps.

    Attributes
    ----------
    index : int
    generator : Forger
    discriminator : Network
    real : array, shape (batch_size, d, R)
        What the world gave for the last step; no points where there was none yet.
    """

    index: int
    generator: Forger
    discriminator: Network
    real: Array


def adversarial(
    world: Model,
    *,
    batch_size: int = 64,
    n_hidden: int = 32,
    n_noise: int = 4,
    generator_rate: float = 5e-3,
    discriminator_rate: float = 5e-3,
    start: Bout | None = None,
    rng: RNG = None,
) -> Iterator[Bout]:
    """Train generators against discriminators, step by step, without end.

    In each step the discriminator lowers its log loss on fresh real points and on the generator's
    points; then the generator raises the mean of log D on its points, the loss that does not
    saturate (`goodfellow2014gan`).

    Parameters
    ----------
    world : model
        Its samples have shape (n, d, R), as after ``expand(R)``: one pair for each replicate.
    batch_size : int
        Real points, and generated points, in a step.
    n_hidden : int
        Width of the two hidden layers of each network.
    n_noise : int
        Dimension of the generator's noise.
    generator_rate, discriminator_rate : float
        Learning rates of Adam, positive.
    start : Bout, optional
        The pairs to go on from, in place of new ones of `n_hidden` and `n_noise`; Adam's averages
        begin anew.
    rng : Generator or seed

    Yields
    ------
    Bout
        Index 0 is before any training, or as it was at the `start`.

    Raises
    ------
    ValueError
        If a size is not a whole number of at least 1, a rate is not positive, or the samples of
        the world have no replicate axis, or do not fit the pairs of `start`.
    """
    size, width = whole_number("batch_size", batch_size), whole_number("n_hidden", n_hidden)
    inputs = whole_number("n_noise", n_noise)
    rates = [
        real_number(name, rate, low=0, open_low=True)
        for name, rate in (
            ("generator_rate", generator_rate),
            ("discriminator_rate", discriminator_rate),
        )
    ]
    rng = np.random.default_rng(rng)
    none = np.asarray(world.sample(1, rng=rng), dtype=np.float64)[:0]
    shape = none.shape
    if len(shape) != 3:
        raise ValueError(f"world must have samples of shape (n, d, R), got {('n', *shape[1:])}")
    if start is None:
        generator = Network.start(inputs, width, width, shape[1], n_replicates=shape[2], rng=rng)
        discriminator = Network.start(shape[1], width, width, 1, n_replicates=shape[2], rng=rng)
    else:
        generator, discriminator = start.generator.network, start.discriminator
        held = generator.widths[-1], len(generator.parameters)
        if shape[1:] != held:
            raise ValueError(
                f"start must hold pairs for samples of shape (n, d, R) with (d, R) = {shape[1:]}, "
                f"got {held}"
            )
    pair = Descent(generator, rates[0]), Descent(discriminator, rates[1])
    return _bouts(world, size, *pair, none, rng)


def snapshots(
    bouts: Iterable[Bout], steps: Sequence[int], *, memory: int = 8
) -> list[tuple[Bout, Array]]:
    """Train until the last of some steps, and return the pairs as they were at each.

    Parameters
    ----------
    bouts : iterable of Bout
        As `adversarial` yields them, from index 0.
    steps : sequence of int
        At least one, growing, none below 0.
    memory : int
        How many of the last batches of real points come with each.

    Returns
    -------
    list of (Bout, array of shape (n, d, R))
        The pairs, and the real points of their last `memory` steps.

    Raises
    ------
    ValueError
        If the steps are none, or do not grow.
    """
    size = whole_number("memory", memory)
    wanted = [whole_number("steps", step, at_least=0) for step in steps]
    if not wanted or any(a >= b for a, b in pairwise(wanted)):
        raise ValueError(f"steps must grow, and be at least one, got {steps!r}")
    found = []
    last: deque[Array] = deque(maxlen=size)
    for bout in islice(bouts, wanted[-1] + 1):
        last.append(bout.real)
        if bout.index in wanted:
            found.append((bout, np.concatenate(list(last))))
    return found


def _bouts(
    world: Model,
    n: int,
    forger: Descent,
    critic: Descent,
    real: Array,
    rng: np.random.Generator,
) -> Iterator[Bout]:
    index = 0
    while True:
        model = Forger(forger.network)
        yield Bout(index, model, critic.network, real)
        made = forger.network.activations(model.noise(n, rng=rng))
        real = np.asarray(world.sample(n, rng=rng))
        both = np.concatenate([np.moveaxis(real, -1, 0), made[-1]], axis=1)
        seen = critic.network.activations(both)
        slope = _passing(seen[-1])
        slope[:, :n] -= 1.0
        critic = critic.step(critic.network.gradient(seen, slope / n))
        seen = critic.network.activations(made[-1])
        pull = critic.network.pull(seen, (_passing(seen[-1]) - 1.0) / n)
        forger = forger.step(forger.network.gradient(made, pull))
        index += 1


def _before(weights: Array, activation: Array, slope: Array) -> Array:
    """Return the slope by what a rectified layer got, from that by what the next one got."""
    slope = slope @ np.swapaxes(weights, 1, 2).copy()  # a third faster than by a view
    slope *= activation > 0
    return slope


def _passing(log_odds: Array) -> Array:
    """Return the probability of being real that the discriminator gives."""
    return 1 / (1 + np.exp(-log_odds))
