"""What the engine expects of a model, a fit and a policy."""

from __future__ import annotations

from collections.abc import Sized
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np

RNG = np.random.Generator | np.random.SeedSequence | int | None


@runtime_checkable
class Model(Protocol):
    """A fitted model, or the world itself."""

    def sample(self, n: int, *, rng: RNG) -> Any:
        """Draw a data set of `n` observations, so that ``len(result) == n``."""


class Fit(Protocol):
    """From data to a model."""

    def __call__(self, data: Any, *, rng: np.random.Generator) -> Model:
        """Return the model fitted to `data`."""


@dataclass(frozen=True, eq=False)
class Past:
    """What a policy may draw on when it makes the training pool of generation `t`.

    Attributes
    ----------
    t : int
        The generation to be trained, at least 1.
    model : Model
        The model of generation ``t - 1``.
    pool : sized
        All data kept so far: what the policy returned for generation ``t - 1``.
    real : sized
        The real data on which generation 0 was fitted.
    world : Model
        The source of real data.
    n : int
        The sample size of generation `t`.
    """

    t: int
    model: Model
    pool: Sized
    real: Sized
    world: Model
    n: int

    @property
    def replicates(self) -> tuple[int, ...]:
        """Trailing axes of the data that number independent replicates of the experiment."""
        return replicates_of(self.world)


class Policy(Protocol):
    """What the next generation may train on."""

    def __call__(self, past: Past, *, rng: np.random.Generator) -> Any:
        """Return the training pool of generation ``past.t``."""


def replicates_of(model: Model) -> tuple[int, ...]:
    """Return the replicate axes of a model, ``()`` for a family without replicates."""
    return tuple(getattr(model, "replicates", ()))
