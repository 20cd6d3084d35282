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
    names: Sequence[str] = ("with", "without"),
    ax: Axes | None = None,
) -> Axes:
    """Draw two queries, and examples that hold or lack a thing, in the plane of the queries.

    Parameters
    ----------
    queries : array, shape (2, d)
        Drawn as diamonds, the first at the left.
    holding, lacking : arrays, shape (m, d)
        Filled squares; open circles.
    names : sequence of two str
        Of the queries.
    ax : Axes, optional
        Where to draw. Default: the current axes.

    Returns
    -------
    Axes
        From -0.9 to 0.9 across and from -0.1 to 1.15 upwards, in equal units.
    """
    ax = plt.gca() if ax is None else ax
    ax.axvline(0, color=GRAY, linewidth=0.8, linestyle=":")
    ends = plane_of(queries, queries)
    for (x, y), name, color in zip(ends, names, (VERMILION, BLUE), strict=True):
        ax.plot([0, x], [0, y], color=color, linewidth=1.2)
        ax.plot(x, y, marker="D", color=color, markersize=6)
        ax.text(x, y + 0.07, name, ha="right" if x < 0 else "left", color=color)
    ax.plot(*plane_of(queries, holding).T, "s", color=VERMILION, markersize=4)
    ax.plot(*plane_of(queries, lacking).T, "o", color=BLUE, markersize=5, fillstyle="none")
    ax.set(xlim=(-0.9, 0.9), ylim=(-0.1, 1.15), aspect="equal", xticks=[], yticks=[0, 1])
    return ax


def preference_strip(
    queries: ArrayLike,
    holding: ArrayLike,
    lacking: ArrayLike,
    *,
    names: Sequence[str] = (),
    ax: Axes | None = None,
) -> Axes:
    """Draw by how much examples are nearer to the second query than to the first.

    Parameters
    ----------
    queries : array, shape (2, d)
    holding, lacking : arrays, shape (m, d)
        The upper row, filled squares; the lower row, open circles.
    names : sequence of two str, optional
        Of the first example in each row, written beside it.
    ax : Axes, optional
        Where to draw. Default: the current axes.

    Returns
    -------
    Axes
        The difference of the two cosines across, from -0.6 to 0.3.
    """
    ax = plt.gca() if ax is None else ax
    first, second = unit(queries)
    ax.axvline(0, color=GRAY, linewidth=0.8, linestyle=":")
    for y, points, color, marker in ((1, holding, VERMILION, "s"), (0, lacking, BLUE, "o")):
        x = unit(points) @ (second - first)
        style = "full" if marker == "s" else "none"
        ax.plot(x, np.full(len(x), y), marker, color=color, fillstyle=style, linestyle="none")
        if names:
            ax.plot([x[0], x[0]], [y, y + 0.3], color=color, linewidth=0.8)
            ax.text(x[0], y + 0.34, names[1 - y], ha="center", color=color, fontsize=8)
    ax.set(xlim=(-0.6, 0.3), ylim=(-0.5, 1.8), xticks=[0], yticks=[])
    return ax
