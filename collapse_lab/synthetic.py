"""Filling gaps: generated cases, and the corrections that need none.

`oversample` and `smote` make cases out of the few real ones; any other generator is a family of
the course or an estimator of scikit-learn. `shift_prior`, `prior_by_em` and `prior_by_confusion`
correct a classifier for a world in which the classes have other shares; `effective_sample_size`
says what weights cost.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.distance import cdist

from collapse_lab.protocols import RNG
from collapse_lab.rules import finite_array, real_number, whole_number

__all__ = [
    "effective_sample_size",
    "oversample",
    "prior_by_confusion",
    "prior_by_em",
    "shift_prior",
    "smote",
]


def oversample(points: ArrayLike, n: int, *, rng: RNG = None) -> NDArray[np.float64]:
    """Copy random points: n draws with replacement.

    Parameters
    ----------
    points : array, shape (m, ...)
    n : int
    rng : Generator or seed

    Returns
    -------
    array, shape (n, ...)

    Raises
    ------
    ValueError
        If there is no point.
    """
    whole_number("n", n, at_least=0)
    given = finite_array("points", points)
    if not len(given):
        raise ValueError(f"points must hold at least 1 point, got {len(given)}")
    return given[np.random.default_rng(rng).integers(len(given), size=n)]


def smote(points: ArrayLike, n: int, *, k: int | None = 5, rng: RNG = None) -> NDArray[np.float64]:
    """Make points between neighbors: the interpolation of SMOTE (`chawla2002smote`).

    Each new point lies at a uniformly random place on the line from a random point to a random one
    of its k nearest neighbors (Euclidean). With ``k=None`` to any other point: then the
    covariance of new points is that of `collapse_lab.theory.smote_variance`.

    Parameters
    ----------
    points : array, shape (m, d)
        At least 2 points.
    n : int
    k : int, optional
        At most m - 1 neighbors are used.
    rng : Generator or seed

    Returns
    -------
    array, shape (n, d)

    Raises
    ------
    ValueError
        If `points` is not a table of at least 2 rows, or k is not a whole number >= 1.
    """
    whole_number("n", n, at_least=0)
    given = finite_array("points", points)
    if given.ndim != 2 or len(given) < 2:
        raise ValueError(f"points must have shape (m, d) with m >= 2, got {given.shape}")
    rng = np.random.default_rng(rng)
    m = len(given)
    start = rng.integers(m, size=n)
    if k is None:
        end = (start + rng.integers(1, m, size=n)) % m
    else:
        near = min(whole_number("k", k), m - 1)
        distance = cdist(given, given)
        np.fill_diagonal(distance, np.inf)  # no point is a neighbor of its own
        neighbors = np.argsort(distance, axis=1, kind="stable")
        end = neighbors[start, rng.integers(near, size=n)]
    return np.asarray(given[start] + rng.random((n, 1)) * (given[end] - given[start]))


def shift_prior(probability: ArrayLike, old: ArrayLike, new: ArrayLike) -> NDArray[np.float64]:
    """Correct class probabilities for other shares of the classes.

    Each is multiplied by new/old share of its class, and rows are made to sum to 1: the log odds
    shift by a constant. Exact if the classes look the same in both worlds (`saerens2002adjusting`).

    Parameters
    ----------
    probability : array, shape (n, K)
        Of the K classes, in the world with shares `old`.
    old, new : arrays, shape (K,)
        Shares of the classes; old ones above 0.

    Returns
    -------
    array, shape (n, K)

    Raises
    ------
    ValueError
        If the shapes do not fit, or shares are negative or do not sum to 1.
    """
    table = finite_array("probability", probability)
    weight = _shares("new", new, table) / _shares("old", old, table, open_low=True)
    joint = table * weight
    return np.asarray(joint / joint.sum(axis=1, keepdims=True))


def prior_by_em(
    probability: ArrayLike, old: ArrayLike, *, tolerance: float = 1e-10, max_iter: int = 10_000
) -> NDArray[np.float64]:
    """Estimate the shares of the classes among unlabeled cases, by their probabilities.

    The EM algorithm of `saerens2002adjusting`: correct the probabilities by the present guess of
    the shares (`shift_prior`), take their mean for the next guess. It climbs to the shares under
    which the cases are likeliest, if the probabilities are right where the shares are `old`.

    Parameters
    ----------
    probability : array, shape (n, K)
        What a classifier says of the unlabeled cases.
    old : array, shape (K,)
        Shares in its training data.
    tolerance : float
        Stop when no share changes by more.
    max_iter : int
        Stop after so many steps.

    Returns
    -------
    array, shape (K,)

    Raises
    ------
    ValueError
        As `shift_prior`; or if `tolerance` is not above 0, or `max_iter` not a whole number >= 1.
    """
    real_number("tolerance", tolerance, low=0, open_low=True)
    table = finite_array("probability", probability)
    share = old_share = _shares("old", old, table, open_low=True)
    for _ in range(whole_number("max_iter", max_iter)):
        last, share = share, shift_prior(table, old_share, share).mean(axis=0)
        if np.abs(share - last).max() <= tolerance:
            break
    return share


def prior_by_confusion(confusion: ArrayLike, predicted: ArrayLike) -> NDArray[np.float64]:
    """Estimate the shares of the classes among unlabeled cases, by hard predictions.

    Black box shift estimation (`lipton2018bbse`): the shares of the predictions are the confusion
    matrix times the shares of the classes; solve for these. Unbiased if the matrix is right, and
    it may leave [0, 1].

    Parameters
    ----------
    confusion : array, shape (K, K)
        Row: the true class; column: the share of it that is predicted as each class. (As
        scikit-learn's ``confusion_matrix`` with ``normalize="true"``.)
    predicted : array, shape (K,)
        Shares of the predictions among the unlabeled cases.

    Returns
    -------
    array, shape (K,)

    Raises
    ------
    ValueError
        If the matrix is not square, does not fit, or cannot be inverted.
    """
    matrix, shares = finite_array("confusion", confusion), finite_array("predicted", predicted)
    if shares.ndim != 1 or matrix.shape != 2 * shares.shape:
        raise ValueError(
            f"confusion must have shape (K, K) for K predicted shares, got {matrix.shape} "
            f"for {shares.shape}"
        )
    if np.linalg.matrix_rank(matrix) < len(shares):
        raise ValueError(f"confusion must be invertible, got {matrix.tolist()}")
    return np.asarray(np.linalg.solve(matrix.T, shares))


def effective_sample_size(weights: ArrayLike) -> float:
    """Size of the unweighted sample in which a mean has the same variance: (Σw)²/Σw².

    Parameters
    ----------
    weights : array, shape (n,)
        Not negative, not all 0.

    Raises
    ------
    ValueError
        If a weight is negative, or all are 0.
    """
    given = finite_array("weights", weights)
    if given.min(initial=0.0) < 0 or given.sum() <= 0:
        raise ValueError(f"weights must hold numbers >= 0, not all 0, got {given}")
    return float(given.sum() ** 2 / np.sum(given**2))


def _shares(
    name: str, value: ArrayLike, table: NDArray[Any], *, open_low: bool = False
) -> NDArray[np.float64]:
    """Return shares that fit the columns of `table`, or raise ValueError."""
    shares = finite_array(name, value)
    if table.ndim != 2 or shares.shape != table.shape[1:]:
        raise ValueError(
            f"{name} must have one share for each column of probability, got shape "
            f"{shares.shape} for {table.shape}"
        )
    low = shares.min(initial=1.0)
    if low < 0 or (open_low and low == 0) or not np.isclose(shares.sum(), 1):
        least = "> 0" if open_low else ">= 0"
        raise ValueError(f"{name} must hold shares {least} that sum to 1, got {shares.tolist()}")
    return shares
