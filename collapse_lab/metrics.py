"""What is measured on a model: each metric takes a model and returns shape (*replicates)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from collapse_lab.rules import finite_array


def mean(model: Any) -> Any:
    """Mean of a Gaussian."""
    return model.mean


def variance(model: Any) -> Any:
    """Variance of a Gaussian on the line."""
    return model.var


def log_variance(model: Any) -> Any:
    """Natural logarithm of the variance; -inf where the variance is 0."""
    with np.errstate(divide="ignore"):
        return np.log(model.var)


def std(model: Any) -> Any:
    """Standard deviation of a Gaussian on the line."""
    return model.std


def trace(model: Any) -> Any:
    """Total variance of a multivariate Gaussian: the trace of its covariance."""
    return np.einsum("ii...->...", model.cov)


def log_det(model: Any) -> Any:
    """Log determinant of a multivariate Gaussian's covariance; -inf where it is singular."""
    return np.linalg.slogdet(np.moveaxis(model.cov, (0, 1), (-2, -1)))[1]


def top_eigenvalue_share(model: Any) -> Any:
    """Share of the total variance that lies along the main axis: 1/d is round, 1 is a line."""
    values = np.linalg.eigvalsh(np.moveaxis(model.cov, (0, 1), (-2, -1)))
    return values[..., -1] / values.sum(axis=-1)


def squared_wasserstein(model: Any, world: Any) -> Any:
    """Squared 2-Wasserstein distance between two Gaussians on the line.

    (mean difference)² + (standard-deviation difference)² (`villani2009optimal`).
    """
    return (model.mean - world.mean) ** 2 + (model.std - world.std) ** 2


def excess_error(model: Any, world: Any) -> Any:
    """Mean squared error of a linear model beyond the noise, for standard normal inputs.

    The squared distance between the coefficients of model and world.
    """
    gap = (model.coef.T - world.coef.T).T  # a world without replicates serves all of them
    return np.einsum("d...,d...->...", gap, gap)


def heterozygosity(model: Any) -> Any:
    """Chance that two independent draws differ: 1 - sum of p²."""
    return 1 - np.einsum("k...,k...->...", model.p, model.p)


def n_types(model: Any) -> Any:
    """Number of categories that the model can still produce (int64)."""
    axis = 0 if model.p.ndim > 1 else None  # a whole array is counted faster than along an axis
    return np.count_nonzero(model.p > 0, axis=axis) + np.int64(0)


def entropy(model: Any) -> Any:
    """Shannon entropy in nats; its exponential is the perplexity."""
    p = model.p
    return 0.0 - np.sum(p * np.log(p, where=p > 0, out=np.zeros_like(p)), axis=0)


def top_share(model: Any) -> Any:
    """Probability of the most common category."""
    return model.p.max(axis=0)


def tail_mass(model: Any, tail: ArrayLike) -> Any:
    """Probability that the model gives to the categories marked in `tail`, bool of shape (K,)."""
    marked = np.asarray(tail)
    if marked.dtype != np.bool_ or marked.shape != np.shape(model.p)[:1]:
        raise ValueError(
            f"tail must be a bool array of shape {np.shape(model.p)[:1]}, "
            f"got {marked.dtype} of shape {marked.shape}"
        )
    return model.p[marked].sum(axis=0)


def squared_distance(model: Any, p: ArrayLike) -> Any:
    """Sum of squared differences between the model's probabilities and `p`, shape (K,)."""
    target = finite_array("p", p)
    if target.shape != np.shape(model.p)[:1]:
        raise ValueError(f"p must have shape {np.shape(model.p)[:1]}, got {target.shape}")
    gap = model.p - target.reshape(-1, *(1,) * (np.ndim(model.p) - 1))
    return np.square(gap).sum(axis=0)
