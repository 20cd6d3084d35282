"""Readings: what a team can see of a categorical model, its training data and a human reference.

A metric looks at the model alone. A reading may also compare: with data that people made and that
no model was trained on, or with the version before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import islice, pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from collapse_lab.data import Counts
from collapse_lab.recursion import Generation
from collapse_lab.rules import real_number, whole_number


def coverage(model: Any, reference: Counts) -> Any:
    """Share of the reference observations that the model can still produce.

    Parameters
    ----------
    model : Categorical, p of shape (K, *replicates)
    reference : Counts, values of shape (K,)
        Human data that no model was trained on. If models were, it says nothing.

    Returns
    -------
    array, shape (*replicates)
    """
    counts = _aligned(model.p, reference)
    return np.tensordot(counts, (model.p > 0).astype(np.float64), axes=1) / len(reference)


def log_score(model: Any, reference: Counts, *, floor: float = 0.01) -> Any:
    """Mean log probability that the model gives to a reference observation, in nats.

    Minus this number is the cross-entropy. One observation that the model holds to be impossible
    would make it infinite, so the model is mixed with a `floor` of equal shares.

    Parameters
    ----------
    model : Categorical, p of shape (K, *replicates)
    reference : Counts, values of shape (K,)
    floor : float
        Weight of equal shares, in (0, 1].

    Returns
    -------
    array, shape (*replicates)
    """
    counts = _aligned(model.p, reference)
    floor = real_number("floor", floor, low=0, high=1, open_low=True)
    log_p = np.log((1 - floor) * model.p + floor / len(counts))
    return np.tensordot(counts, log_p, axes=1) / len(reference)


def two_sample(one: Counts, other: Counts, *, groups: ArrayLike | None = None) -> Any:
    """Chi-squared statistic of the question whether two samples come from one law.

    For large counts and two independent samples of one law it has about as many degrees of
    freedom as there are groups less one (`scipy.stats.chi2_contingency` computes it for one pair,
    with its p-value). A group that is empty in both samples adds nothing.

    Parameters
    ----------
    one : Counts, values of shape (K, *replicates)
    other : Counts, values of shape (K, *replicates), or (K,): one sample for all replicates
    groups : int array, shape (K,), optional
        Group number of each category, from 0: rare ones are judged together, because the law
        needs about five expected observations in each group. Default: each by itself.

    Returns
    -------
    array, shape (*replicates)
    """
    n_types = len(one.values)
    if len(other.values) != n_types:
        raise ValueError(
            f"other must have the {n_types} categories of one, got {len(other.values)}"
        )
    number = np.arange(n_types) if groups is None else np.asarray(groups)
    if (
        number.shape != (n_types,)
        or not np.issubdtype(number.dtype, np.integer)
        or number.min() < 0
    ):
        raise ValueError(
            f"groups must hold a number of at least 0 for each category, got {groups!r}"
        )
    # floats are as exact for these counts, and much faster to multiply than integers
    member = (number == np.arange(number.max() + 1)[:, None]).astype(np.float64)
    a, b = np.tensordot(member, one.values, axes=1), np.tensordot(member, other.values, axes=1)
    if b.ndim == 1:  # one sample for all replicates
        b = b.reshape(len(b), *(1,) * (a.ndim - 1))
    ratio = np.sqrt(len(other) / len(one))
    gap, total = ratio * a - b / ratio, a + b
    return np.sum(gap**2 / np.where(total > 0, total, 1), axis=0)


def record(
    chain: Iterable[Generation],
    read: Callable[[Generation, Generation], Mapping[str, Any]],
    n_generations: int,
) -> dict[str, NDArray[Any]]:
    """Read every generation of a chain beside its predecessor.

    Parameters
    ----------
    chain : iterable of Generation
        From `recurse`.
    read : callable
        ``read(generation, previous)`` returns named readings, each of shape (*replicates).
    n_generations : int
        How many generations after generation 0 to read, at least 1.

    Returns
    -------
    dict of arrays, shape (n_generations, *replicates)
        Row i belongs to generation i + 1, the first that has a predecessor being generation 1.
        So one more than `first_alarm` is the number of generations until the alarm.
    """
    last = whole_number("n_generations", n_generations)
    pairs = pairwise(islice(chain, last + 1))
    rows = [read(generation, previous) for previous, generation in pairs]
    return {name: np.stack([row[name] for row in rows]) for name in rows[0]}


def _aligned(p: NDArray[np.float64], reference: Counts) -> NDArray[Any]:
    """Return the reference counts, or raise ValueError if they are not one sample of the types."""
    if reference.values.shape != np.shape(p)[:1]:
        raise ValueError(
            f"reference must be one sample with counts of shape {np.shape(p)[:1]}, "
            f"got shape {reference.values.shape}"
        )
    return reference.values
