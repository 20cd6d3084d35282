"""How good and how varied generated pictures are: precision, recall and the Fréchet distance.

Everything here compares two sets of points of shape (m, d), real ones and made ones; what a point
is (pixels, the output of a network) is the caller's choice and has to be stated with the number.
scipy is loaded at the first use.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from collapse_lab.rules import finite_array, whole_number


def precision(real: ArrayLike, made: ArrayLike, *, k: int = 3) -> float:
    """Share of made points that lie among the real ones: fidelity.

    Parameters
    ----------
    real : array, shape (m, d)
    made : array, shape (n, d)
    k : int
        Each real point claims the ball that reaches to its `k`-th nearest other real point;
        less than m.

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    ValueError
        If a set is not of shape (m, d) with one d, or `k` is not a whole number in 1..m-1.

    Notes
    -----
    Source: `kynkaanniemi2019improved`. Compare numbers of one `k` and one pair of sample sizes
    only: balls grow as points become fewer. A ball around an outlier is large, so that a picture
    that looks like nothing may lie inside; an average picture does.
    """
    return float(covered(made, real, k=k).mean())


def recall(real: ArrayLike, made: ArrayLike, *, k: int = 3) -> float:
    """Share of real points that lie among the made ones: diversity.

    Parameters
    ----------
    real : array, shape (m, d)
    made : array, shape (n, d)
    k : int
        Each made point claims the ball that reaches to its `k`-th nearest other made point; less
        than n.

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    ValueError
        As `precision`.

    Notes
    -----
    Source: `kynkaanniemi2019improved`. Noise has large balls: pictures that are strewn around the
    real ones reach a high recall at a precision of 0.
    """
    return float(covered(real, made, k=k).mean())


def covered(points: ArrayLike, by: ArrayLike, *, k: int = 3) -> NDArray[np.bool_]:
    """Whether each of `points` lies in one of the balls of `by`, shape (m,).

    Parameters
    ----------
    points : array, shape (m, d)
    by : array, shape (n, d)
        Each of them claims the closed ball to its `k`-th nearest other point of `by`.
    k : int
    """
    from scipy.spatial.distance import cdist

    x, centers = _points("points", points), _points("by", by)
    _same_width(x, centers)
    k = whole_number("k", k)
    if k >= len(centers):
        raise ValueError(f"k must be less than the number of points, {len(centers)}, got {k}")
    among = cdist(centers, centers, "sqeuclidean")
    radius = np.partition(among, k, axis=1)[:, k]  # entry 0 is the distance to itself
    return np.asarray((cdist(x, centers, "sqeuclidean") <= radius).any(axis=1))


def frechet_distance(one: ArrayLike, other: ArrayLike) -> float:
    """Fréchet distance between the Gaussians with the moments of two sets.

    |m1 - m2|² + tr(C1 + C2 - 2 (C1 C2)^(1/2)), with unbiased covariances: the squared
    2-Wasserstein distance of the two Gaussians.

    Parameters
    ----------
    one, other : arrays, shape (m, d) and (n, d)
        At least two points each.

    Returns
    -------
    float
        At least 0, in squared units of the points.

    Notes
    -----
    Source: `heusel2017ttur`, there with the activations of a network as points. It sees means
    and covariances alone. Two samples of one law differ by about their sampling error, which is
    above 0: print that beside it.
    """
    a, b = _points("one", one), _points("other", other)
    _same_width(a, b)
    for name, x in (("one", a), ("other", b)):
        if len(x) < 2:
            raise ValueError(f"{name} must hold at least two points, got {len(x)}")
    gap = a.mean(axis=0) - b.mean(axis=0)
    c1, c2 = (np.atleast_2d(np.cov(x, rowvar=False)) for x in (a, b))
    # (C1 C2)^(1/2) has the trace of (S C2 S)^(1/2) with S² = C1, which is symmetric.
    values, vectors = np.linalg.eigh(c1)
    root = vectors * np.sqrt(np.maximum(values, 0.0)) @ vectors.T
    middle = np.linalg.eigvalsh(root @ c2 @ root)
    cross = np.sqrt(np.maximum(middle, 0.0)).sum()
    return float(max(gap @ gap + np.trace(c1) + np.trace(c2) - 2 * cross, 0.0))


def _points(name: str, value: Any) -> NDArray[np.float64]:
    points = finite_array(name, value)
    if points.ndim != 2 or points.size == 0:
        raise ValueError(f"{name} must have shape (m, d), got {points.shape}")
    return points


def _same_width(one: NDArray[Any], other: NDArray[Any]) -> None:
    if one.shape[1] != other.shape[1]:
        raise ValueError(
            f"both sets must hold points of one length, got {one.shape[1]} and {other.shape[1]}"
        )
