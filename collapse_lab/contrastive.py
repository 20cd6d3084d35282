"""Contrastive training of a projection: what belongs together near, what does not apart.

The vectors have the shape (wordings, meanings, d): row j of each wording says the same thing in
other words. A projection is judged, and trained, by a choice: given a text in one wording, which of
all texts in another wording says the same? The wording of the candidates is one and the same, so
that it gives nothing away. The loss of that choice is InfoNCE (`oord2018cpc`).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from collapse_lab.rules import finite_array, real_number, whole_number

Array = NDArray[np.float64]


def unit(vectors: ArrayLike) -> Array:
    """Return the vectors, shape (..., d), scaled to length 1."""
    array = finite_array("vectors", vectors)
    length = np.linalg.norm(array, axis=-1, keepdims=True)
    if (length == 0).any():
        raise ValueError("vectors must not be zero: they have no direction")
    return np.asarray(array / length)


def cosine(a: ArrayLike, b: ArrayLike) -> Array:
    """Return the cosine of the angle between vectors, shape (..., d), one by one."""
    return np.asarray((unit(a) * unit(b)).sum(axis=-1))


@dataclass(frozen=True, eq=False)
class Projection:
    """The linear map W = I + axes (core - I) axesᵀ, which changes only the span of `axes`.

    Attributes
    ----------
    axes : array, shape (d, r)
        Orthonormal columns.
    core : array, shape (r, r)
        What is done within their span; the identity does nothing.
    """

    axes: Array
    core: Array

    @property
    def matrix(self) -> Array:
        """W, shape (d, d)."""
        change = self.core - np.eye(len(self.core))
        return np.asarray(np.eye(len(self.axes)) + self.axes @ change @ self.axes.T)

    def __call__(self, vectors: ArrayLike) -> Array:
        """Return W v for vectors of shape (..., d), scaled to length 1."""
        array = finite_array("vectors", vectors)
        inside = array @ self.axes
        return unit(array + (inside @ self.core.T - inside) @ self.axes.T)


def identity(d: int) -> Projection:
    """Return the projection that does nothing to vectors of length d but scale them to 1."""
    d = whole_number("d", d)
    return Projection(np.eye(d)[:, :1], np.eye(1))


def leading_axes(vectors: ArrayLike, rank: int) -> Array:
    """Return the `rank` directions in which the vectors, shape (..., d), differ most: (d, rank)."""
    array = finite_array("vectors", vectors)
    flat = array.reshape(-1, array.shape[-1])
    rank = whole_number("rank", rank)
    if rank > min(flat.shape):
        raise ValueError(f"rank must be at most {min(flat.shape)}, got {rank}")
    centered = flat - flat.mean(axis=0)
    return np.asarray(np.linalg.eigh(centered.T @ centered)[1][:, ::-1][:, :rank])


class Choices:
    """The loss of a core as a function of its r² numbers, with its gradient.

    Parameters
    ----------
    vectors : array, shape (wordings, meanings, d)
        Of length 1.
    axes : array, shape (d, r)
    temperature : float
    pull : float
        Weight of ½‖core - I‖², which pulls towards doing nothing.
    """

    def __init__(self, vectors: Array, axes: Array, *, temperature: float, pull: float) -> None:
        self.inside = vectors @ axes
        pairs = [(i, (i + k) % len(vectors)) for i in range(len(vectors)) for k in (1, 2)]
        self.first, self.second = np.transpose(pairs)
        inner = np.einsum("pid,pjd->pij", vectors[self.first], vectors[self.second], optimize=True)
        f, g = self.inside[self.first], self.inside[self.second]
        self.rest = inner - f @ g.swapaxes(1, 2)  # what the axes do not see stays as it is
        self.rest_length = 1 - (self.inside**2).sum(axis=-1)
        self.temperature, self.pull = temperature, pull

    def __call__(self, numbers: Array) -> tuple[float, Array]:
        """Return the mean loss in nats, the pull included, and its gradient."""
        rank = self.inside.shape[-1]
        core = numbers.reshape(rank, rank)
        moved = self.inside @ core.T
        length = np.sqrt(self.rest_length + (moved**2).sum(axis=-1))
        u, v = moved[self.first], moved[self.second]
        a, b = length[self.first][:, :, None], length[self.second][:, None, :]
        cosines = (self.rest + u @ v.swapaxes(1, 2)) / (a * b)
        loss, slope = _choice(cosines / self.temperature)
        slope /= self.temperature
        per_length = slope / (a * b)
        weighted = slope * cosines
        back = np.zeros_like(moved)
        np.add.at(back, self.first, per_length @ v - weighted.sum(axis=2)[:, :, None] / a**2 * u)
        turned = per_length.swapaxes(1, 2) @ u
        turned -= (weighted.sum(axis=1) / b[:, 0] ** 2)[:, :, None] * v
        np.add.at(back, self.second, turned)
        gradient = np.einsum("wir,wis->rs", back, self.inside, optimize=True)
        change = core - np.eye(rank)
        loss += 0.5 * self.pull * float((change**2).sum())
        return loss, (gradient + self.pull * change).ravel()


def _choice(scores: Array) -> tuple[float, Array]:
    """Return the mean of -log softmax at the right candidate, the diagonal, and its slope."""
    k = scores.shape[-1]
    right = np.einsum("...ii->...i", scores)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    total = weights.sum(axis=-1, keepdims=True)
    loss = np.log(total)[..., 0] + scores.max(axis=-1) - right
    slope = weights / total
    diagonal = np.einsum("...ii->...i", slope)
    diagonal -= 1
    return float(loss.mean()), slope / (scores.size / k)


def fit_projection(
    vectors: ArrayLike,
    *,
    rank: int = 48,
    pull: float = 0.01,
    temperature: float = 0.1,
    max_steps: int = 200,
) -> Projection:
    """Train a projection, from the identity, so that the same meaning is chosen in other words."""
    from scipy.optimize import minimize

    array = unit(vectors)
    axes = leading_axes(array, rank)
    loss = Choices(array, axes, temperature=temperature, pull=pull)
    found = minimize(
        loss, np.eye(rank).ravel(), jac=True, method="L-BFGS-B",
        options={"maxiter": max_steps, "ftol": 1e-9, "gtol": 1e-6},
    )  # fmt: skip
    fit_projection.last = found
    return Projection(axes, found.x.reshape(rank, rank))
