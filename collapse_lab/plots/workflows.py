"""Figures that compare workflows: what is left, for every share of fresh data and every time."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from collapse_lab.plots.style import BLACK


def survival_map(
    shares: ArrayLike,
    fits: ArrayLike,
    left: ArrayLike,
    *,
    ax: Axes | None = None,
    levels: Sequence[float] = (0.1, 0.5, 0.9),
) -> Axes:
    """Draw what is left as a map over share and time, both on log scales, with lines of height.

    Parameters
    ----------
    shares : array, shape (columns,)
        Shares of real data, above 0, growing by a constant factor.
    fits : array, shape (rows,)
        Numbers of fits, at least 1, growing by a constant factor (rounded is fine).
    left : array, shape (rows, columns)
        What is left, between 0 and 1, growing with the share; dark is little, bright is much.
    ax : Axes, optional
        Where to draw. Default: the current axes.
    levels : sequence of float
        Heights at which a line is drawn, growing; the last one thick. A line that reaches the
        last row has its percentage there; a height that the map does not have has no line.

    Returns
    -------
    Axes
        The axes drawn on.
    """
    ax = plt.gca() if ax is None else ax
    x, y = (np.log10(np.asarray(values, dtype=float)) for values in (shares, fits))
    table = np.asarray(left, dtype=float)
    if table.shape != (len(y), len(x)):
        raise ValueError(
            f"left must have a row for each of the fits and a column for each of the shares, "
            f"got shape {table.shape} for {len(y)} fits and {len(x)} shares"
        )
    # An image on linear axes of logarithms takes a tenth of the time of a mesh on log axes.
    extent = (x[0], x[-1], y[0], y[-1])
    ax.imshow(table, origin="lower", aspect="auto", extent=extent, vmin=0, vmax=1)
    rows = np.linspace(y[0], y[-1], len(y))
    colors = ["white" if level < 0.6 else BLACK for level in levels]
    widths = [1.0] * (len(levels) - 1) + [2.4]
    inside = [level for level in levels if table.min() < level < table.max()]
    if inside:
        first = len(levels) - len(inside)
        ax.contour(x, rows, table, inside, colors=colors[first:], linewidths=widths[first:])
    for level, color in zip(levels, colors, strict=True):
        top = np.interp(level, table[-1], x, left=np.nan)
        if np.isfinite(top):
            ax.text(top + 0.04, y[-1] - 0.03, f"{level:.0%}", color=color, va="top")
    decades = np.arange(np.ceil(x[0] - 1e-9), x[-1] + 1e-9)
    ax.set_xticks(decades, [f"{100 * 10.0**decade:g}%" for decade in decades])
    decades = np.arange(np.ceil(y[0] - 1e-9), y[-1] + 1e-9)
    ax.set_yticks(decades, [f"{10.0**decade:,.0f}" for decade in decades])
    ax.set(xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
    ax.grid(visible=False)
    return ax


_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def log_ticks(
    *, ax: Axes | None = None, x: Sequence[float] | None = None, y: Sequence[float] | None = None
) -> Axes:
    """Make axes logarithmic, with a few ticks written as plain text and none between.

    Parameters
    ----------
    ax : Axes, optional
        The axes. Default: the current ones.
    x, y : sequence of float, optional
        Ticks of the horizontal and of the vertical axis, above 0; an axis without ticks stays
        as it is.

    Returns
    -------
    Axes
        The axes.
    """
    ax = plt.gca() if ax is None else ax
    if x is not None:
        ax.set_xscale("log")
        ax.set_xticks(x, [_plain(value) for value in x])
    if y is not None:
        ax.set_yscale("log")
        ax.set_yticks(y, [_plain(value) for value in y])
    ax.minorticks_off()
    return ax


def _plain(value: float) -> str:
    """Return 10000000 as 10 million, 1000 as 1,000, 0.001 as 0.001, and 0.00001 as 10⁻⁵."""
    if value >= 1e6:
        return f"{value / 1e6:,g} million"
    if value >= 1e-3:
        return f"{value:,.10g}"
    factor, _, exponent = f"{value:e}".partition("e-")
    power = f"10⁻{str(int(exponent)).translate(_RAISED)}"
    return power if float(factor) == 1 else f"{float(factor):g} × {power}"
