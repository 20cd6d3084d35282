"""Data sets: what models draw, what fits take, and how data sets are joined.

Data is anything with ``len`` that `pool` joins: an array (axis 0 is the observation), a list,
`Labelled` and `Weighted` data, and the sufficient statistics `Moments`, `Counts` and
`NormalEquations`.
"""

from __future__ import annotations

import operator
from collections.abc import Sized
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from collapse_lab.protocols import RNG
from collapse_lab.rules import finite_array, whole_number

Data = TypeVar("Data", bound=Sized)


@dataclass(frozen=True, eq=False)
class Moments:
    """Count, mean and scatter: all that a Gaussian fit needs to know of `n` points.

    Parameters
    ----------
    n : int
        Number of points.
    mean : array, shape (*replicates) or (d, *replicates)
        Sample mean.
    scatter : array, shape (*replicates) or (d, d, *replicates)
        Sum of squared deviations from the mean (for vectors, of their outer products).
    """

    n: int
    mean: NDArray[np.float64]
    scatter: NDArray[np.float64]

    def __post_init__(self) -> None:
        whole_number("n", self.n)
        for name in ("mean", "scatter"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=np.float64)[()])
        mean, scatter = np.shape(self.mean), np.shape(self.scatter)
        if scatter != mean and scatter != mean[:1] + mean:
            raise ValueError(
                f"scatter must have the shape of mean, or that with the first axis doubled, "
                f"got {scatter} for a mean of shape {mean}"
            )

    def __len__(self) -> int:
        return self.n

    def __add__(self, other: Moments) -> Moments:
        """Pool two samples exactly (Chan's update: the gap between the means adds scatter)."""
        n = self.n + other.n
        gap = other.mean - self.mean
        is_vector = np.ndim(self.scatter) > np.ndim(self.mean)
        square = np.einsum("i...,j...->ij...", gap, gap) if is_vector else gap**2
        mean = self.mean + gap * (other.n / n)
        return Moments(n, mean, self.scatter + other.scatter + square * (self.n * other.n / n))


@dataclass(frozen=True, eq=False)
class Counts:
    """How often each category occurred: all that a categorical fit needs to know.

    Parameters
    ----------
    values : int array, shape (K, *replicates)
        Occurrences of each of K categories; the totals of all replicates are equal.

    Attributes
    ----------
    n : int
        That total.
    """

    values: NDArray[np.int64]
    n: int = field(init=False)

    def __post_init__(self) -> None:
        values = np.asarray(self.values)
        is_integer = np.issubdtype(values.dtype, np.integer)
        if values.ndim == 0 or values.size == 0 or not is_integer or values.min() < 0:
            raise ValueError(
                f"values must be a non-empty array of whole numbers >= 0, got {self.values!r}"
            )
        totals = values.sum(axis=0, dtype=np.int64)
        if np.min(totals) != np.max(totals):
            raise ValueError(f"values must have equal totals in all replicates, got {totals}")
        object.__setattr__(self, "values", values.astype(np.int64, copy=False))
        object.__setattr__(self, "n", int(np.max(totals)))

    @classmethod
    def trusted(cls, values: NDArray[np.int64], n: int) -> Counts:
        """Wrap counts that add up to `n` by their making: large ones take long to check."""
        counts = object.__new__(cls)
        object.__setattr__(counts, "values", values)
        object.__setattr__(counts, "n", n)
        return counts

    def __len__(self) -> int:
        return self.n

    def __add__(self, other: Counts) -> Counts:
        return Counts.trusted(self.values + other.values, self.n + other.n)


@dataclass(frozen=True, eq=False)
class NormalEquations:
    """Sums of products: all that least squares needs to know of `n` labelled points.

    Parameters
    ----------
    n : int
        Number of points.
    gram : array, shape (d, d, *replicates)
        XᵀX: the inputs' sum of outer products.
    cross : array, shape (d, *replicates)
        Xᵀy: the sum of inputs times labels.
    """

    n: int
    gram: NDArray[np.float64]
    cross: NDArray[np.float64]

    def __post_init__(self) -> None:
        whole_number("n", self.n)
        for name in ("gram", "cross"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=np.float64))
        gram, cross = self.gram.shape, self.cross.shape
        if not cross or gram != cross[:1] + cross:
            raise ValueError(
                f"gram must have the shape of cross with its first axis doubled, "
                f"got {gram} for a cross of shape {cross}"
            )

    def __len__(self) -> int:
        return self.n

    def __add__(self, other: NormalEquations) -> NormalEquations:
        return NormalEquations(self.n + other.n, self.gram + other.gram, self.cross + other.cross)


@dataclass(frozen=True, eq=False)
class Labelled:
    """Inputs with their labels: `X` and `y` have equal length."""

    X: NDArray[Any]
    y: NDArray[Any]

    def __post_init__(self) -> None:
        object.__setattr__(self, "X", np.asarray(self.X))
        object.__setattr__(self, "y", np.asarray(self.y))
        _same_length("y", self.y, "X", self.X)

    def __len__(self) -> int:
        return len(self.X)

    def __getitem__(self, rows: Any) -> Labelled:
        return Labelled(self.X[rows], self.y[rows])

    def __add__(self, other: Labelled) -> Labelled:
        return Labelled(pool(self.X, other.X), pool(self.y, other.y))


@dataclass(frozen=True, eq=False)
class Weighted:
    """Points with a weight each: shape (n,) and not negative."""

    data: NDArray[Any]
    weights: NDArray[np.float64]

    def __post_init__(self) -> None:
        weights = finite_array("weights", self.weights)
        if weights.ndim != 1 or weights.min(initial=0.0) < 0 or weights.sum() <= 0:
            raise ValueError(f"weights must be a vector of numbers >= 0, not all 0, got {weights}")
        _same_length("weights", weights, "data", self.data)
        object.__setattr__(self, "data", np.asarray(self.data))
        object.__setattr__(self, "weights", weights)

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, rows: Any) -> Weighted:
        return Weighted(self.data[rows], self.weights[rows])

    def __add__(self, other: Weighted) -> Weighted:
        return Weighted(pool(self.data, other.data), pool(self.weights, other.weights))


def _same_length(name: str, value: Sized, other_name: str, other: Sized) -> None:
    if len(value) != len(other):
        raise ValueError(
            f"{name} must be as long as {other_name}, got {len(value)} and {len(other)}"
        )


def pool(*datasets: Data) -> Data:
    """Join data sets of one kind into one.

    Parameters
    ----------
    *datasets : arrays, lists, Labelled, Weighted, Moments, Counts or NormalEquations
        At least one; all of the same kind. Arrays are joined along axis 0.

    Returns
    -------
    The joined data; its length is the sum of the lengths.

    Raises
    ------
    TypeError
        If the data sets are not of one kind.
    ValueError
        If there is none, or if their shapes differ in more than the number of observations.
    """
    if not datasets:
        raise ValueError("datasets must hold at least one data set, got none")
    kinds = {type(data).__name__ for data in datasets}
    if len(kinds) > 1:
        raise TypeError(f"datasets must be of one kind, got {' and '.join(sorted(kinds))}")
    shapes = dict.fromkeys(map(_shape_beside_length, datasets))
    if len(shapes) > 1:
        raise ValueError(
            f"datasets must have one shape beside their length, "
            f"got {' and '.join(map(str, shapes))}"
        )
    if len(datasets) == 1:
        return datasets[0]
    if isinstance(datasets[0], np.ndarray):
        return cast(Data, np.concatenate(cast(tuple[NDArray[Any], ...], datasets)))
    return reduce(operator.add, datasets)


def _shape_beside_length(data: Any) -> tuple[Any, ...]:
    """Return what data sets must share to be pooled; ``()`` for data without a shape."""
    if isinstance(data, Moments):
        return np.shape(data.mean), np.shape(data.scatter)
    if isinstance(data, Counts):
        return data.values.shape
    if isinstance(data, NormalEquations):
        return data.gram.shape
    return data.shape[1:] if isinstance(data, np.ndarray) else ()


def check_replicates(data: Any, replicates: tuple[int, ...]) -> None:
    """Raise ValueError unless `replicates` are the trailing axes of `data`."""
    if isinstance(data, Labelled):
        check_replicates(data.X, replicates)
        check_replicates(data.y, replicates)
        return
    shape = np.shape(data)[1:] if isinstance(data, np.ndarray) else ()
    if replicates and shape[-len(replicates) :] != tuple(replicates):
        raise ValueError(
            f"replicates must be the trailing axes of data, got {replicates} "
            f"for observations of shape {shape}"
        )


def take_rows(data: Any, rows: NDArray[np.int64], replicates: tuple[int, ...] = ()) -> Any:
    """Pick observations, in each replicate its own.

    Parameters
    ----------
    data : array of shape (N, *event, *replicates), list, Labelled or Weighted
        Lists and weights have no replicates.
    rows : int array, shape (n, *replicates)
        Which observations to take, in each replicate.
    replicates : tuple of int
        Trailing axes of `data` that number replicates.

    Returns
    -------
    Data of the same kind; an array has shape (n, *event, *replicates).
    """
    if isinstance(data, Labelled):
        return Labelled(take_rows(data.X, rows, replicates), take_rows(data.y, rows, replicates))
    check_replicates(data, replicates)
    if isinstance(data, np.ndarray):
        n_event_axes = data.ndim - 1 - len(replicates)
        spread = rows.reshape(rows.shape[:1] + (1,) * n_event_axes + rows.shape[1:])
        return np.take_along_axis(data, spread, axis=0)
    return [data[row] for row in rows] if isinstance(data, list) else data[rows]


def refuse_statistics(who: str, data: Any) -> None:
    """Raise TypeError if `data` holds sufficient statistics where points are needed."""
    if isinstance(data, Moments | Counts | NormalEquations):
        raise TypeError(
            f"{who} must see single observations, got {type(data).__name__}: "
            f'use a world with draw="points"'
        )


def subsample(data: Data, n: int, *, rng: RNG, replicates: tuple[int, ...] = ()) -> Data:
    """Draw `n` observations without replacement, in each replicate its own.

    Parameters
    ----------
    data : array, list, Labelled, Weighted or Counts
    n : int
        How many to draw, at most ``len(data)``.
    rng : Generator or seed
    replicates : tuple of int
        Trailing axes of an array that number replicates.

    Returns
    -------
    Data of the same kind, of length `n`.

    Raises
    ------
    TypeError
        For `Moments` and `NormalEquations`: they do not determine those of a part.
    ValueError
        If there are fewer than `n` observations, or `replicates` does not fit the data.
    """
    rng = np.random.default_rng(rng)
    whole_number("n", n)
    if n > len(data):
        raise ValueError(f"n must be at most the {len(data)} observations there are, got {n}")
    if isinstance(data, Counts):
        return cast(Data, Counts.trusted(_hypergeometric(data.values, n, rng), n))
    refuse_statistics("subsample", data)
    rows = np.argsort(rng.random((len(data), *replicates)), axis=0)[:n]
    return cast(Data, take_rows(data, rows, replicates))


def _hypergeometric(
    counts: NDArray[np.int64], n: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return counts of `n` draws without replacement, in each replicate its own."""
    if counts.ndim == 1:
        return rng.multivariate_hypergeometric(counts, n, method="marginals")
    # numpy has no replicates here: draw category by category, all replicates at once.
    left = counts.sum(axis=0, dtype=np.int64)
    wanted = np.full_like(left, n)
    drawn = np.empty_like(counts)
    for category, available in enumerate(counts):
        left = left - available
        drawn[category] = rng.hypergeometric(available, left, wanted)
        wanted = wanted - drawn[category]
    return drawn
