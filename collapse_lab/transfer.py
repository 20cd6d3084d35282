"""Transfer sets: pictures that a teacher is asked about, made from few real ones.

A student learns what its teacher says about the pictures of a transfer set; nobody has to know
what they show. Each function here makes `n` pictures out of some real ones: an array of shape
(n, side²), the ink of square pictures row by row, 0 is white and 1 is black.
scikit-learn and scipy are loaded at the first use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from collapse_lab.protocols import RNG
from collapse_lab.rules import finite_array, real_number, whole_number

Array = NDArray[np.float64]

TURN, SCALE, SHIFT = np.deg2rad(15.0), 0.1, 1.0  # a warp of strength 1 goes up to these


def copied(pictures: ArrayLike, n: int, *, rng: RNG = None) -> Array:
    """Draw pictures with replacement: nothing new."""
    real = _pictures(pictures)
    return real[np.random.default_rng(rng).integers(len(real), size=whole_number("n", n))]


def noise(pictures: ArrayLike, n: int, *, rng: RNG = None) -> Array:
    """Draw each pixel on its own, uniform from white to black; `pictures` lend the size only."""
    size = (whole_number("n", n), _pictures(pictures).shape[1])
    return np.random.default_rng(rng).random(size)


def imagined(pictures: ArrayLike, n: int, *, n_bumps: int = 10, rng: RNG = None) -> Array:
    """Draw from a mixture of `n_bumps` normal laws fitted to the pictures, clipped to [0, 1].

    In each bump the pixels are independent (scikit-learn's `GaussianMixture`, "diag").
    """
    from sklearn.mixture import GaussianMixture

    from collapse_lab.sklearn_bridge import from_sklearn

    real, rng = _pictures(pictures), np.random.default_rng(rng)
    n_bumps = whole_number("n_bumps", n_bumps)
    if n_bumps > len(real):
        raise ValueError(f"n_bumps must be at most the {len(real)} pictures, got {n_bumps}")
    fit = from_sklearn(GaussianMixture(n_bumps, covariance_type="diag", reg_covar=1e-3))
    return np.clip(fit(real, rng=rng).sample(n, rng=rng), 0.0, 1.0)


def interpolated(pictures: ArrayLike, n: int, *, rng: RNG = None) -> Array:
    """Mix the ink of two pictures drawn at random, in a ratio that is uniform."""
    rng = np.random.default_rng(rng)
    first, second = copied(pictures, n, rng=rng), copied(pictures, n, rng=rng)
    share = rng.random((n, 1))
    return np.asarray(share * first + (1 - share) * second)


def warped(pictures: ArrayLike, n: int, *, strength: float = 1.0, rng: RNG = None) -> Array:
    """Draw pictures with replacement and `warp` each of them anew."""
    rng = np.random.default_rng(rng)
    return warp(copied(pictures, n, rng=rng), strength=strength, rng=rng)


def warp(pictures: ArrayLike, *, strength: float = 1.0, rng: RNG = None) -> Array:
    """Turn, scale and shift each square picture at random, as a hand might have done.

    At strength 1: by up to 15 degrees, 10% in size, and 1 pixel in each direction, all uniform;
    other strengths multiply these limits. Between pixels the ink is interpolated; outside it is
    white.

    Parameters
    ----------
    pictures : array, shape (n, side²)
    strength : float
        At least 0; at 0 nothing changes.
    rng : Generator or seed
    """
    flat, rng = _pictures(pictures), np.random.default_rng(rng)
    real_number("strength", strength, low=0)
    n, side = len(flat), round(flat.shape[1] ** 0.5)
    if side**2 != flat.shape[1]:
        raise ValueError(f"pictures must be square, got {flat.shape[1]} pixels")
    turn, scale, right, down = strength * rng.uniform(-1, 1, (4, n, 1))
    turn, scale = TURN * turn, np.exp(SCALE * scale)
    row, column = (np.indices((side, side)).reshape(2, 1, -1) - (side - 1) / 2) / scale
    # where each pixel's ink comes from
    y = np.cos(turn) * row - np.sin(turn) * column - SHIFT * down + (side - 1) / 2
    x = np.sin(turn) * row + np.cos(turn) * column - SHIFT * right + (side - 1) / 2
    framed = np.pad(flat.reshape(n, side, side), ((0, 0), (1, 2), (1, 2)))
    y, x = (np.clip(place + 1, 0, side + 1) for place in (y, x))
    top, left = y.astype(np.int64), x.astype(np.int64)
    below, beside = y - top, x - left
    which = np.arange(n)[:, None]
    ink = np.zeros(y.shape)
    for i, weight in ((0, 1 - below), (1, below)):
        ink += weight * (1 - beside) * framed[which, top + i, left]
        ink += weight * beside * framed[which, top + i, left + 1]
    return ink


def reach(inputs: ArrayLike, unseen: ArrayLike) -> float:
    """How far a transfer set stays away from what it is for: a mean distance, the less the better.

    From each picture of `unseen` (real, and used for nothing else) to the nearest of `inputs`:
    the root mean square difference of a pixel's ink, averaged over `unseen`. It sees distance in
    ink only, not whether a label is right.

    Parameters
    ----------
    inputs : array, shape (n, d)
    unseen : array, shape (m, d)
    """
    from scipy.spatial.distance import cdist

    made, real = _pictures(inputs), finite_array("unseen", unseen)
    if real.ndim != 2 or real.shape[1] != made.shape[1]:
        raise ValueError(f"unseen must have rows of {made.shape[1]} pixels, got {real.shape}")
    nearest = np.sqrt(cdist(real, made, "sqeuclidean").min(axis=1) / made.shape[1])
    return float(nearest.mean())


KINDS: Mapping[str, Callable[..., Array]] = MappingProxyType(
    {
        "copies": copied,
        "noise": noise,
        "mixture": imagined,
        "interpolations": interpolated,
        "warps": warped,
    }
)


def _pictures(pictures: Any) -> Array:
    flat = finite_array("pictures", pictures)
    if flat.ndim != 2 or flat.size == 0:
        raise ValueError(f"pictures must be rows of pixels, and not empty, got shape {flat.shape}")
    return flat
