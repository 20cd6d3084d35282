"""Policies: what the next generation may train on.

A policy is any callable ``policy(past, *, rng)`` that returns a training pool. The ones here
compose through `inner`: ``Keep(Decode(sharpen))`` keeps the real data beside sharpened copies.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import replace as replace_fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collapse_lab.data import Labelled, Weighted, pool, refuse_statistics, take_rows
from collapse_lab.protocols import RNG, Model, Past, Policy
from collapse_lab.rules import function, real_number, whole_number


def replace(past: Past, *, rng: np.random.Generator) -> Any:
    """Train on the last model's output alone: `n` draws."""
    return past.model.sample(past.n, rng=rng)


def accumulate(past: Past, *, rng: np.random.Generator) -> Any:
    """Train on everything kept so far, the real data included, and `n` new draws of the model."""
    return pool(past.pool, past.model.sample(past.n, rng=rng))


@dataclass(frozen=True)
class Mix:
    """Train on a share of fresh real data and fill up with what `inner` draws.

    Parameters
    ----------
    fraction : float
        Share of fresh real data in the `n` observations, in [0, 1]; the number of real
        observations is ``fraction * n``, rounded to the nearest whole number.
    inner : Policy
        Draws the other part; `replace` by default.
    weight : float, optional
        Total weight of the real part, in [0, 1], whatever its share is; the data are `Weighted`
        then. By default every observation counts alike. See `theory.optimal_weight`.
    """

    fraction: float
    inner: Policy = replace
    weight: float | None = None

    def __post_init__(self) -> None:
        real_number("fraction", self.fraction, low=0, high=1)
        function("inner", self.inner)
        if self.weight is not None:
            real_number("weight", self.weight, low=0, high=1)
            if self.fraction in (0, 1):
                raise ValueError(
                    f"fraction must lie in (0, 1) if a weight is given, got {self.fraction}"
                )

    def __call__(self, past: Past, *, rng: np.random.Generator) -> Any:
        """Return `n` observations, the real ones first."""
        n_real = round(self.fraction * past.n)
        if n_real == 0:
            if self.fraction > 0:
                raise ValueError(
                    f"fraction * n must round to at least one observation, "
                    f"got {self.fraction} * {past.n}"
                )
            return self.inner(past, rng=rng)
        real = past.world.sample(n_real, rng=rng)
        if n_real == past.n:
            return real
        rest = self.inner(replace_fields(past, n=past.n - n_real), rng=rng)
        if self.weight is None:
            return pool(real, rest)
        refuse_statistics("Mix with a weight", real)
        shares = [self.weight / n_real, (1 - self.weight) / len(rest)]
        return Weighted(pool(real, rest), np.repeat(shares, [n_real, len(rest)]))


@dataclass(frozen=True)
class Keep:
    """Train on the fixed real data of generation 0 and on what `inner` draws."""

    inner: Policy = replace

    def __post_init__(self) -> None:
        function("inner", self.inner)

    def __call__(self, past: Past, *, rng: np.random.Generator) -> Any:
        """Return the real data of generation 0, then what `inner` draws."""
        return pool(past.real, self.inner(past, rng=rng))


@dataclass(frozen=True)
class Decode:
    """Sample the last model through `transform`: a temperature, a cut to the top k, ...

    Parameters
    ----------
    transform : callable
        From a model to the model that is sampled in its place; for instance
        ``lambda model: model.temper(0.9)``.
    inner : Policy
        Draws from the transformed model; `replace` by default.
    """

    transform: Callable[[Any], Model]
    inner: Policy = replace

    def __post_init__(self) -> None:
        function("transform", self.transform)
        function("inner", self.inner)

    def __call__(self, past: Past, *, rng: np.random.Generator) -> Any:
        """Return what `inner` draws from the transformed model."""
        return self.inner(replace_fields(past, model=self.transform(past.model)), rng=rng)


@dataclass(frozen=True, eq=False)
class _Annotated:
    """Model that draws inputs from `world` and has `model` label them."""

    world: Model
    model: Any

    def sample(self, n: int, *, rng: RNG) -> Labelled:
        rng = np.random.default_rng(rng)
        data = self.world.sample(n, rng=rng)
        refuse_statistics("Relabel", data)
        if not isinstance(data, Labelled):
            raise TypeError(f"world must draw Labelled data, got {type(data).__name__}")
        return Labelled(data.X, self.model.label(data.X, rng=rng))


@dataclass(frozen=True)
class Relabel:
    """Draw inputs from the world and labels from the last model: the teacher teaches.

    Parameters
    ----------
    inner : Policy
        Draws inputs with such labels; `replace` by default. ``Relabel(accumulate)`` keeps all
        labels there were, and ``Keep(Relabel())`` the real ones.
    """

    inner: Policy = replace

    def __post_init__(self) -> None:
        function("inner", self.inner)

    def __call__(self, past: Past, *, rng: np.random.Generator) -> Any:
        """Return what `inner` draws; the model needs a method ``label(X, *, rng)``."""
        if not hasattr(past.model, "label"):
            raise TypeError(f"model must have a method label, got {type(past.model).__name__}")
        return self.inner(replace_fields(past, model=_Annotated(past.world, past.model)), rng=rng)


@dataclass(frozen=True)
class Filter:
    """Keep only observations that pass; draw from `inner` until each replicate has exactly n.

    Parameters
    ----------
    keep : callable
        ``keep(data, model)`` returns a bool array of shape (n, *replicates): what stays. It sees
        points, not sufficient statistics.
    inner : Policy
        Draws the candidates; `replace` by default.
    max_rounds : int
        After so many draws of `n` candidates a replicate that is still short is an error.
    """

    keep: Callable[[Any, Model], NDArray[np.bool_]]
    inner: Policy = replace
    max_rounds: int = 1000

    def __post_init__(self) -> None:
        function("keep", self.keep)
        function("inner", self.inner)
        whole_number("max_rounds", self.max_rounds)

    def __call__(self, past: Past, *, rng: np.random.Generator) -> Any:
        """Return `n` observations that passed, in random order."""
        candidates: list[Any] = []
        masks: list[NDArray[np.bool_]] = []
        n_kept = np.zeros(past.replicates, dtype=np.int64)
        while np.min(n_kept) < past.n:
            if len(masks) == self.max_rounds:
                raise ValueError(
                    f"keep must pass n = {past.n} observations within {self.max_rounds} draws of n "
                    f"in every replicate, got {np.min(n_kept)}"
                )
            data = self.inner(past, rng=rng)
            refuse_statistics("Filter", data)
            mask, shape = np.asarray(self.keep(data, past.model)), (len(data), *past.replicates)
            if mask.dtype != np.bool_ or mask.shape != shape:
                raise ValueError(
                    f"keep must return a bool array of shape {shape}, "
                    f"got {mask.dtype} of shape {mask.shape}"
                )
            candidates.append(data)
            masks.append(mask)
            n_kept += mask.sum(axis=0, dtype=np.int64)
        # A random choice among what passed: the order of a mixed pool must not matter.
        passed = np.concatenate(masks)
        keys = np.where(passed, rng.random(passed.shape), np.inf)
        rows = np.argsort(keys, axis=0)[: past.n]
        return take_rows(pool(*candidates), rows, past.replicates)
