"""Figures of embeddings: the plane of two queries."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from collapse_lab.contrastive import unit
from collapse_lab.plots.style import BLUE, GRAY, VERMILION


def plane_of(queries: ArrayLike, points: ArrayLike) -> NDArray[np.float64]:
    """Coordinates of points in the plane through the origin and two queries.

    Parameters
    ----------
    queries : array, shape (2, d)
        Of different directions.
    points : array, shape (m, d)

    Returns
    -------
    array, shape (m, 2)
        The first coordinate runs from the first query's side to the second's: it is positive where
        the cosine with the second is larger. The second is along their bisector.
    """
    first, second = unit(queries)
    axes = unit([second - first, second + first])
    return np.asarray(unit(points) @ axes.T)


def query_plane(
    queries: ArrayLike,
    holding: ArrayLike,
    lacking: ArrayLike,
    *,
    names: Sequence[str] = (),
    ax: Axes | None = None,
) -> Axes:
    """Draw two queries, and examples that hold or lack a thing, in the plane of the queries.

    Parameters
    ----------
    queries : array, shape (2, d)
        "with", drawn at the left, and "without", at the right.
    holding, lacking : arrays, shape (m, d)
        Filled squares; open circles.
    names : sequence of str
        Of the first that holds it and the first that lacks it, written beside them.
    ax : Axes, optional
        Where to draw. Default: the current axes.

    Returns
    -------
    Axes
        From -1 to 1 across and from -0.1 to 1.1 upwards, in equal units.
    """
    ax = plt.gca() if ax is None else ax
    ax.axvline(0, color=GRAY, linewidth=0.8, linestyle=":")
    ends = plane_of(queries, queries)
    for end, color in zip(ends, (VERMILION, BLUE), strict=True):
        ax.plot([0, end[0]], [0, end[1]], color=color, linewidth=1.2)
        ax.plot(*end, marker="D", color=color, markersize=7)
    ax.plot(*plane_of(queries, holding).T, "s", color=VERMILION, markersize=5)
    ax.plot(*plane_of(queries, lacking).T, "o", color=BLUE, markersize=6, fillstyle="none")
    for points, name in zip((holding, lacking), names, strict=False):
        x, y = plane_of(queries, points)[0]
        ax.text(x, y - 0.05, name, ha="center", va="top", fontsize=8)
    ax.set(xlim=(-1, 1), ylim=(-0.1, 1.12), aspect="equal")
    return ax
