"""Contrastive training of a projection: the same meaning near, other meanings apart.

Training vectors have the shape (wordings, meanings, d): entry j of each wording says the same in
other words. The task is a choice: given a text in one wording, which of all texts in *another*
wording means the same? All candidates share their wording, so that it gives nothing away. The loss
of that choice is InfoNCE (`oord2018cpc`).

Products of matrices are written so that none is large: a large one is shared out to threads, which
on a busy machine take far more time than they save.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from collapse_lab.rules import finite_array, real_number, whole_number

Array = NDArray[np.float64]

NEVER = -1e9  # the score of a candidate that is not offered: its chance is exactly 0


def unit(vectors: ArrayLike) -> Array:
    """Return vectors, shape (..., d), scaled to length 1."""
    array = finite_array("vectors", vectors)
    length = np.linalg.norm(array, axis=-1, keepdims=True)
    if (length == 0).any():
        raise ValueError("vectors must not be zero: such a vector has no direction, got 0")
    return np.asarray(array / length)


def cosine(a: ArrayLike, b: ArrayLike) -> Array:
    """Return the cosines of the angles between vectors, one by one: (..., d) and (..., d)."""
    return np.asarray((unit(a) * unit(b)).sum(axis=-1))


@dataclass(frozen=True, eq=False)
class Projection:
    """The linear map W = I + A (core - I) Aᵀ, which changes a vector only within the span of A.

    Attributes
    ----------
    axes : array, shape (d, r)
        A: orthonormal columns.
    core : array, shape (r, r)
        What is done within the span. The identity does nothing.
    """

    axes: Array
    core: Array

    @property
    def matrix(self) -> Array:
        """W, shape (d, d)."""
        change = self.core - np.eye(len(self.core))
        return np.asarray(np.eye(len(self.axes)) + self.axes @ change @ self.axes.T)

    def __call__(self, vectors: ArrayLike) -> Array:
        """Return W v for each of the vectors, shape (..., d), scaled to length 1."""
        array = finite_array("vectors", vectors)
        inside = np.einsum("...d,dr->...r", array, self.axes)
        moved = np.einsum("...r,sr->...s", inside, self.core)
        return unit(array + np.einsum("...r,dr->...d", moved - inside, self.axes))


def no_projection(d: int) -> Projection:
    """Return the projection that leaves vectors of d numbers as they are."""
    d = whole_number("d", d)
    return Projection(np.eye(d)[:, :1], np.eye(1))


def leading_axes(vectors: ArrayLike, rank: int) -> Array:
    """Return the directions in which a few long vectors differ most.

    Parameters
    ----------
    vectors : array, shape (n, d)
    rank : int
        How many directions: below n, and at most d.

    Returns
    -------
    array, shape (d, rank)
        Orthonormal columns: the first principal axes.
    """
    array = finite_array("vectors", vectors)
    rank = whole_number("rank", rank)
    if rank > min(len(array) - 1, array.shape[1]):
        raise ValueError(f"rank must be at most {min(len(array) - 1, array.shape[1])}, got {rank}")
    centered = array - array.mean(axis=0)
    size, direction = np.linalg.eigh(np.einsum("id,jd->ij", centered, centered))
    axes = np.einsum("id,ir->dr", centered, direction[:, ::-1][:, :rank])
    return np.asarray(axes / np.sqrt(size[::-1][:rank]))


class ContrastiveLoss:
    """Mean loss of the choices, in nats, as a function of the core, with its gradient.

    Each wording puts the question to the next two, in a circle. The score of a candidate is its
    cosine divided by the temperature.

    Parameters
    ----------
    vectors : array, shape (wordings, meanings, d)
        At least three wordings; of length 1.
    axes : array, shape (d, r)
        Orthonormal columns.
    temperature : float
    pull : float
        Weight of the penalty ½‖core - I‖², which pulls towards doing nothing.
    left_out : array of bool, shape (meanings, meanings), optional
        True where a candidate (column) is not offered to a meaning (row). Never on the diagonal.
    """

    def __init__(
        self,
        vectors: ArrayLike,
        axes: Array,
        *,
        temperature: float,
        pull: float,
        left_out: ArrayLike | None = None,
    ) -> None:
        array = unit(vectors)
        if array.ndim != 3 or len(array) < 3:
            raise ValueError(
                "vectors must have shape (wordings, meanings, d) with at least three wordings, "
                f"got {array.shape}"
            )
        self.temperature = real_number("temperature", temperature, low=0, open_low=True)
        self.pull = real_number("pull", pull, low=0)
        shape = (array.shape[1], array.shape[1])
        self.left_out = np.zeros(shape, bool) if left_out is None else np.asarray(left_out, bool)
        if self.left_out.shape != shape or self.left_out.diagonal().any():
            raise ValueError(f"left_out must have shape {shape} and no True on its diagonal")
        order = np.arange(len(array))
        self.asked = np.concatenate([np.roll(order, -1), np.roll(order, -2)])
        self.asking = np.tile(order, 2)
        self.inside = np.einsum("wid,dr->wir", array, axes)
        # what the axes do not see stays as it is: inner products and squared lengths
        inner = np.einsum("wid,wjd->wij", array[self.asking], array[self.asked])
        seen = self.inside[self.asking] @ self.inside[self.asked].swapaxes(1, 2)
        self.unseen = inner - seen
        self.unseen_length = 1 - (self.inside**2).sum(axis=-1)

    def __call__(self, core: ArrayLike) -> tuple[float, Array]:
        """Return the loss at a core, given as r² numbers or as a matrix, and its r² slopes."""
        rank = self.inside.shape[-1]
        core = np.asarray(core, dtype=np.float64).reshape(rank, rank)
        moved = self.inside @ core.T
        length = np.sqrt(self.unseen_length + (moved**2).sum(axis=-1))
        u, v = moved[self.asking], moved[self.asked]
        a, b = length[self.asking][:, :, None], length[self.asked][:, :, None]
        both = a * b.swapaxes(1, 2)
        cosines = (self.unseen + u @ v.swapaxes(1, 2)) / both
        loss, slope = choice_loss(np.where(self.left_out, NEVER, cosines / self.temperature))
        slope /= self.temperature
        inner, shrink = slope / both, slope * cosines
        to_u = inner @ v - shrink.sum(axis=2)[:, :, None] / a**2 * u
        to_v = inner.swapaxes(1, 2) @ u - shrink.sum(axis=1)[:, :, None] / b**2 * v
        near, far = to_v.reshape(2, *moved.shape)  # of the next wording, of the next but one
        back = to_u.reshape(2, *moved.shape).sum(axis=0)
        back += np.roll(near, 1, axis=0) + np.roll(far, 2, axis=0)
        change = core - np.eye(rank)
        gradient = (back.swapaxes(1, 2) @ self.inside).sum(axis=0) + self.pull * change
        return loss + 0.5 * self.pull * float((change**2).sum()), gradient.ravel()


def choice_loss(scores: ArrayLike) -> tuple[float, Array]:
    """Mean surprise, in nats, at the right candidate, and its slope with respect to each score.

    Parameters
    ----------
    scores : array, shape (..., K, K)
        Row i: the scores of K candidates, of which candidate i is right.

    Returns
    -------
    loss : float
        InfoNCE: the mean of -log softmax at the diagonal. Blind guessing has log K.
    slope : array, shape (..., K, K)
    """
    array = finite_array("scores", scores)
    if array.ndim < 2 or array.shape[-1] != array.shape[-2]:
        raise ValueError(f"scores must have shape (..., K, K), got {array.shape}")
    highest = array.max(axis=-1, keepdims=True)
    weights = np.exp(array - highest)
    total = weights.sum(axis=-1, keepdims=True)
    right = np.diagonal(array, axis1=-2, axis2=-1)
    loss = (np.log(total) + highest)[..., 0] - right
    slope = weights / total - np.eye(array.shape[-1])
    return float(loss.mean()), slope / loss.size


def fit_projection(
    vectors: ArrayLike,
    *,
    rank: int = 32,
    pull: float = 0.03,
    temperature: float = 0.1,
    left_out: ArrayLike | None = None,
) -> Projection:
    """Train a projection, from doing nothing, by the contrastive loss and its gradient.

    Parameters
    ----------
    vectors : array, shape (wordings, meanings, d)
        Entry j of each wording means the same; all other entries are what it must be told from.
    rank : int
        In how many directions vectors may be changed: the leading axes of the meanings, each the
        mean over its wordings. At most the number of meanings.
    pull : float
        How strongly it is held back: weight of the squared distance from doing nothing.
    temperature : float
        Divides the cosines. The smaller, the more the nearest wrong candidates count.
    left_out : array of bool, shape (meanings, meanings), optional
        True where a candidate (column) is not offered to a meaning (row).

    Returns
    -------
    Projection
    """
    from scipy.optimize import minimize

    array = unit(vectors)
    axes = leading_axes(array.mean(axis=0), rank)
    loss = ContrastiveLoss(array, axes, temperature=temperature, pull=pull, left_out=left_out)
    start = np.eye(axes.shape[1]).ravel()
    options = {"maxiter": 500, "ftol": 1e-10, "gtol": 1e-6}
    best = minimize(loss, start, jac=True, method="L-BFGS-B", options=options)
    return Projection(axes, best.x.reshape(len(axes.T), -1))
