"""Figures of monitors: chains with their alarms, and monitors side by side."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from collapse_lab.plots.style import BLACK, BLUE, GRAY, VERMILION


def watched(
    t: ArrayLike,
    series: ArrayLike,
    alarms: ArrayLike,
    level: float,
    *,
    ax: Axes | None = None,
) -> Axes:
    """Draw chains as thin lines, the level of a monitor, and a mark at each alarm.

    Parameters
    ----------
    t : array, shape (generations,)
        The generations.
    series : array, shape (generations, replicates)
        The reading that is watched.
    alarms : bool array, shape (generations, replicates)
        Where to put a mark.
    level : float
        The level, a dashed line.
    ax : Axes, optional
        Where to draw. Default: the current axes.

    Returns
    -------
    Axes
        The axes drawn on.
    """
    ax = plt.gca() if ax is None else ax
    generations, values, marks = np.asarray(t), np.asarray(series), np.asarray(alarms)
    gap = np.full((1, values.shape[1]), np.nan)  # one line with gaps: an explorer draws many frames
    x = np.tile(np.append(generations, np.nan), values.shape[1])
    ax.plot(x, np.vstack([values, gap]).T.ravel(), color=GRAY, linestyle="-", linewidth=0.8)
    ax.axhline(level, color=BLACK, linestyle=(0, (4, 2)), linewidth=1.2)
    when, chain = np.nonzero(marks)
    ax.scatter(generations[when], values[when, chain], color=VERMILION, marker="v", s=26, zorder=5)
    return ax


def ranked(
    values: ArrayLike,
    standard_error: ArrayLike,
    names: Sequence[str],
    *,
    ax: Axes | None = None,
    color: str = BLUE,
) -> Axes:
    """Draw one measured value a row, with bars of two standard errors and its name at the left.

    Parameters
    ----------
    values, standard_error : array, shape (rows,)
        What was measured, and how uncertain it is.
    names : sequence of str
        One for each row, from top to bottom.
    ax : Axes, optional
        Where to draw. Default: the current axes.
    color : str
        Color of points and bars.

    Returns
    -------
    Axes
        The axes drawn on.
    """
    ax = plt.gca() if ax is None else ax
    rows = np.arange(len(names))
    ax.errorbar(
        values, rows, xerr=2 * np.asarray(standard_error), color=color, fmt="o", elinewidth=1.4
    )
    ax.set(yticks=rows, yticklabels=list(names), ylim=(len(names) - 0.5, -0.5))
    return ax
