"""What made records give away about the people whose records a generator learned from.

*Members* are the records that it learned from, *others* come from the same world and were not
used. Distances are Euclidean: bring the measurements to one scale first. scipy is loaded at the
first use.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from collapse_lab.detection import auc
from collapse_lab.rules import finite_array


def nearest(points: ArrayLike, among: ArrayLike) -> NDArray[np.float64]:
    """Distance of each of `points` to the nearest of `among`, shape (m,).

    Parameters
    ----------
    points : array, shape (m, d)
    among : array, shape (n, d)
    """
    from scipy.spatial.distance import cdist

    x, centers = _points("points", points), _points("among", among)
    if x.shape[1] != centers.shape[1]:
        raise ValueError(
            f"points and among must hold points of one length, got {x.shape[1]} and "
            f"{centers.shape[1]}"
        )
    return np.asarray(cdist(x, centers).min(axis=1))


def isolation(points: ArrayLike) -> NDArray[np.float64]:
    """Distance of each point to the nearest other one, shape (m,).

    Parameters
    ----------
    points : array, shape (m, d)
        At least two.
    """
    from scipy.spatial.distance import cdist

    x = _points("points", points)
    if len(x) < 2:
        raise ValueError(f"points must hold at least two points, got {len(x)}")
    gaps = cdist(x, x)
    np.fill_diagonal(gaps, np.inf)
    return np.asarray(gaps.min(axis=1))


def copied_share(made: ArrayLike, members: ArrayLike, others: ArrayLike) -> float:
    """Share of made records that lie nearer to a member than to any of the others.

    Without copying it is one half on average, since members and others are alike; ties count half.

    Parameters
    ----------
    made : array, shape (m, d)
    members, others : arrays, shape (n, d)
        Of equal length: of two sets, the larger one holds the nearest record more often.

    Returns
    -------
    float
        In [0, 1].
    """
    own, foreign = _points("members", members), _points("others", others)
    if len(own) != len(foreign):
        raise ValueError(
            f"others must hold as many records as members, {len(own)}, got {len(foreign)}"
        )
    near, far = nearest(made, own), nearest(made, foreign)
    return float((near < far).mean() + (near == far).mean() / 2)


def membership_auc(made: ArrayLike, members: ArrayLike, others: ArrayLike) -> tuple[float, float]:
    """Success of a membership attack, and its standard error.

    The attacker holds a person's record and sees what was made. The nearer the nearest made
    record, the more likely was this person among the members. The result is the chance that a
    random member looks more like one than a random other person: 0.5 is guessing.

    Parameters
    ----------
    made : array, shape (m, d)
    members : array, shape (n, d)
    others : array, shape (k, d)

    Returns
    -------
    area, standard_error : float
        For these made records; the error is that of the sample of people.
    """
    scores = [-nearest(_points(*each), made) for each in (("others", others), ("members", members))]
    return auc(*scores)


def _points(name: str, value: ArrayLike) -> NDArray[np.float64]:
    points = finite_array(name, value)
    if points.ndim != 2 or points.size == 0:
        raise ValueError(f"{name} must have shape (m, d), got {points.shape}")
    return points
