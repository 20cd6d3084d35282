"""Gauges that tell apart the ways to lose variety, for a world whose kinds are known.

How far are a model's data from the world, how far is the model from its data, and does it copy?
The first two are blind to a model that copies, and none of them sees who made the data.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collapse_lab.mixture import Mixture, copied, mode_shares, total_variation
from collapse_lab.protocols import RNG, Model
from collapse_lab.rules import real_number, whole_number

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Reading:
    """What the gauges say of a model.

    Attributes
    ----------
    points : array, shape (n, d, *replicates)
        What the model made.
    data_off : array, shape (*replicates)
        Total variation distance of the shares of kinds, from the world to the model's data.
    model_off : array, shape (*replicates)
        That from the data to what the model made.
    copied : array, shape (*replicates)
        Share of the points made that lie nearer to the data than to as many points unseen.
    kinds : array, shape (*replicates)
        How many kinds the model shows.
    """

    points: Array
    data_off: Array
    model_off: Array
    copied: Array
    kinds: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Gauges:
    """Gauges for models of a world whose modes are its kinds.

    Parameters
    ----------
    world : Mixture
    within : float
        How near its mode a point of a kind lies, positive.
    at_least : float
        Share of the points that a kind must have to be shown, in (0, 1].

    Examples
    --------
    >>> gauges = Gauges(Mixture.ring(4, width=0.0), within=0.1)
    >>> gauges.shares([[1.0, 0.0], [0.0, 1.0], [0.0, 0.95], [9.0, 9.0]]).tolist()
    [0.25, 0.5, 0.0, 0.0, 0.25]
    """

    world: Mixture
    within: float
    at_least: float = 0.01

    def __post_init__(self) -> None:
        real_number("within", self.within, low=0, open_low=True)
        real_number("at_least", self.at_least, low=0, high=1, open_low=True)

    def shares(self, points: Any) -> Array:
        """Share of the points in each of K kinds, and in none, shape (K + 1, *replicates)."""
        return mode_shares(points, self.world.centers, within=self.within)

    def kinds(self, points: Any) -> NDArray[np.int64]:
        """How many kinds have their share of the points, shape (*replicates)."""
        return np.asarray((self.shares(points)[:-1] >= self.at_least).sum(axis=0))

    def read(
        self, model: Model, shown: Any, source: Model, *, n: int = 1000, rng: RNG = None
    ) -> Reading:
        """Let a model make points, and read all gauges.

        Parameters
        ----------
        model : model
            Its samples have shape (n, d, *replicates).
        shown : array, shape (m, d, *replicates)
            The data that it was trained on, or a sample of them.
        source : model
            Who made the data; asked for m points that the model has not seen.
        n : int
            Points to make in each replicate.
        rng : Generator or seed
        """
        rng = np.random.default_rng(rng)
        points = model.sample(whole_number("n", n), rng=rng)
        data, made = self.shares(shown), self.shares(points)
        truth = np.append(self.world.p, 0.0).reshape(-1, *(1,) * (data.ndim - 1))
        return Reading(
            points,
            np.asarray(total_variation(data, truth)),
            np.asarray(total_variation(made, data)),
            copied(points, shown, source.sample(len(shown), rng=rng)),
            self.kinds(points),
        )
