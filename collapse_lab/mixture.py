"""Mixtures of round normal bumps: worlds whose modes are known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from collapse_lab.protocols import RNG
from collapse_lab.rules import finite_array, real_number, whole_number


@dataclass(frozen=True, eq=False)
class Mixture:
    """A world of K round normal bumps with a common width; to fit one, ask scikit-learn.

    Parameters
    ----------
    centers : array, shape (K, d)
        Where the modes are.
    width : float
        Standard deviation of each bump in every direction, at least 0.
    p : array, shape (K,), optional
        Shares of the modes; they sum to 1. Default: equal shares.
    replicates : tuple of int
        Trailing axes of the samples.

    Raises
    ------
    ValueError
        If `centers` is not a table of finite numbers, `p` does not hold K shares that sum to 1, or
        `width` is negative.
    """

    centers: Any
    width: float
    p: Any = None
    replicates: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        centers = finite_array("centers", self.centers)
        if centers.ndim != 2 or centers.size == 0:
            raise ValueError(f"centers must have shape (K, d), got {centers.shape}")
        k = len(centers)
        p = np.full(k, 1 / k) if self.p is None else finite_array("p", self.p)
        if p.shape != (k,) or p.min() < 0 or not np.isclose(p.sum(), 1.0, rtol=0, atol=1e-9):
            raise ValueError(f"p must hold {k} shares that sum to 1, got {self.p!r}")
        real_number("width", self.width, low=0)
        object.__setattr__(self, "centers", centers)
        object.__setattr__(self, "p", p)

    @classmethod
    def ring(cls, n_modes: int = 8, *, width: float = 0.05) -> Self:
        """Return equal modes on a circle of radius 1, the first at the right, counterclockwise."""
        angle = 2 * np.pi * np.arange(whole_number("n_modes", n_modes)) / n_modes
        return cls(np.stack([np.cos(angle), np.sin(angle)], axis=1), width)

    def expand(self, n_replicates: int) -> Self:
        """Return `n_replicates` independent copies of this world, side by side."""
        added = whole_number("n_replicates", n_replicates)
        return type(self)(self.centers, self.width, self.p, (*self.replicates, added))

    def among(self, modes: Any) -> Self:
        """Return the world of some of the modes only, their shares in proportion.

        Parameters
        ----------
        modes : sequence of int
            Indices of the modes that stay.
        """
        p = np.zeros_like(self.p)
        p[modes] = self.p[modes]
        if not p.sum() > 0:
            raise ValueError(f"modes must name at least one mode with a share, got {modes!r}")
        return type(self)(self.centers, self.width, p / p.sum(), self.replicates)

    def sample(self, n: int, *, rng: RNG) -> NDArray[np.float64]:
        """Draw `n` points in each replicate, shape (n, d, *replicates)."""
        n = whole_number("n", n)
        rng = np.random.default_rng(rng)
        # each share's upper end; a draw of exactly 1 does not occur
        mode = np.searchsorted(np.cumsum(self.p)[:-1], rng.random((n, *self.replicates)), "right")
        points = np.moveaxis(self.centers[mode], -1, 1)
        return np.asarray(points + self.width * rng.standard_normal(points.shape))


def mode_shares(points: Any, centers: Any, *, within: float) -> NDArray[np.float64]:
    """Share of the points that lie near each mode, and of those near none.

    Parameters
    ----------
    points : array, shape (n, d, *replicates)
    centers : array, shape (K, d)
    within : float
        How far from its nearest mode a point may lie, positive.

    Returns
    -------
    array, shape (K + 1, *replicates)
        They sum to 1; the last is the share of points near no mode.
    """
    points, centers = finite_array("points", points), finite_array("centers", centers)
    if points.ndim < 2 or centers.ndim != 2 or points.shape[1] != centers.shape[1]:
        raise ValueError(
            f"points must have shape (n, d, ...) for centers of shape (K, d), "
            f"got {points.shape} and {centers.shape}"
        )
    limit = real_number("within", within, low=0, open_low=True)
    squared = np.stack(
        [np.square(np.moveaxis(points, 1, -1) - center).sum(axis=-1) for center in centers]
    )
    nearest = np.where(squared.min(axis=0) <= limit**2, squared.argmin(axis=0), len(centers))
    kinds = np.arange(len(centers) + 1).reshape(-1, *(1,) * nearest.ndim)
    return np.asarray((nearest == kinds).mean(axis=1))


def total_variation(p: Any, q: Any) -> Any:
    """Total variation distance: half the sum of absolute differences along the first axis.

    Parameters
    ----------
    p, q : array, shape (K, *replicates)
        Shares; they broadcast.
    """
    return 0.5 * np.abs(finite_array("p", p) - finite_array("q", q)).sum(axis=0)


def copied(points: Any, shown: Any, unseen: Any) -> NDArray[np.float64]:
    """Share of the points that lie nearer to what was shown in training than to what was not.

    If `shown` and `unseen` are samples of one law and equally many, a model that learned the law
    has 1/2, and one that repeats what it was shown has 1.

    Parameters
    ----------
    points : array, shape (n, d, *replicates)
        What the model makes.
    shown, unseen : array, shape (m, d, *replicates)
        Training data, and as many points that the model has not seen.

    Returns
    -------
    array, shape (*replicates)
    """
    from scipy.spatial import KDTree

    points, shown, unseen = (
        finite_array(name, x)
        for name, x in (("points", points), ("shown", shown), ("unseen", unseen))
    )
    if shown.shape != unseen.shape or shown.shape[1:] != points.shape[1:]:
        raise ValueError(
            f"shown and unseen must have one shape, and that of points but for the first axis, "
            f"got {shown.shape}, {unseen.shape} and {points.shape}"
        )
    found = np.empty(points.shape[2:])
    for r in np.ndindex(found.shape):
        near, far = (
            KDTree(data[(..., *r)]).query(points[(..., *r)])[0] for data in (shown, unseen)
        )
        found[r] = np.mean(near < far)
    return found
