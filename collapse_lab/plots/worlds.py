"""Figures of what a model makes: densities, shares of categories, pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_hex, to_rgb
from numpy.typing import ArrayLike

from collapse_lab.plots.style import BLACK, BLUE, GRAY, VERMILION


def ridges(
    x: ArrayLike,
    heights: ArrayLike,
    *,
    ax: Axes | None = None,
    scale: float = 3.0,
    colors: tuple[str, str] = (BLUE, VERMILION),
) -> Axes:
    """Stack curves from the back (first row, at the top) to the front (last row).

    Parameters
    ----------
    x : array, shape (points,)
        Shared horizontal positions.
    heights : array, shape (rows, points)
        Heights of each curve above its own base line, not negative; row i stands at height -i.
    ax : Axes, optional
        Where to draw. Default: the current axes.
    scale : float
        Distances between rows that a height of 1 covers.
    colors : (str, str)
        Colors of the first and of the last row; those between shade from one to the other.

    Returns
    -------
    Axes
        The axes drawn on, without a vertical axis.
    """
    ax = plt.gca() if ax is None else ax
    rows = np.asarray(heights, dtype=float)
    first, last = map(to_rgb, colors)
    shades = np.linspace(first, last, num=len(rows))
    for i, (row, shade) in enumerate(zip(rows, shades, strict=True)):
        color = to_hex(shade)
        ax.fill_between(x, -i, -i + scale * row, color="white", zorder=i, linewidth=0)
        ax.fill_between(x, -i, -i + scale * row, color=color, alpha=0.12, zorder=i, linewidth=0)
        ax.plot(x, -i + scale * row, color=color, linestyle="-", linewidth=1.1, zorder=i + 0.5)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    return ax


def bells(
    mean: ArrayLike,
    var: ArrayLike,
    *,
    ax: Axes | None = None,
    world: tuple[float, float] | None = (0.0, 1.0),
    label: str | None = "the world",
) -> Axes:
    """Draw the bell curves of Gaussian models over that of the world, a gray shape.

    Parameters
    ----------
    mean, var : array, shape (models,)
        Means and variances; a variance may be as small as it likes.
    ax : Axes, optional
        Where to draw. Default: the current axes.
    world : (float, float), optional
        Mean and variance of the world; None where it is not Gaussian and drawn otherwise.
    label : str, optional
        Name of the world in a legend.

    Returns
    -------
    Axes
        The axes drawn on.
    """
    ax = plt.gca() if ax is None else ax
    z = np.linspace(-6.0, 6.0, 241)
    height = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    if world is not None:
        x, density = world[0] + np.sqrt(world[1]) * z, height / np.sqrt(world[1])
        ax.fill_between(x, density, color=GRAY, alpha=0.35, linewidth=0, label=label)
    for m, v in zip(np.ravel(mean), np.ravel(var), strict=True):
        width = max(np.sqrt(v), 1e-3)  # a needle without any width is drawn as a line
        ax.plot(m + width * z, height / width, linewidth=1.5)
    return ax


def share_bars(
    shares: ArrayLike,
    names: Sequence[str],
    *,
    ax: Axes | None = None,
    before: ArrayLike | None = None,
    colors: Mapping[str, str] | None = None,
) -> Axes:
    """Draw shares as bars from top to bottom, each with its name and its percentage.

    Parameters
    ----------
    shares : array, shape (K,)
        Between 0 and 1.
    names : sequence of str, length K
        One for each bar.
    ax : Axes, optional
        Where to draw. Default: the current axes.
    before : array, shape (K,), optional
        Shares to compare with, marked by upright black lines.
    colors : mapping, optional
        Color by name; the other bars are gray.

    Returns
    -------
    Axes
        The axes drawn on, from 0 to 1, without a horizontal scale.
    """
    ax = plt.gca() if ax is None else ax
    values, rows = np.asarray(shares, dtype=float), np.arange(len(names))
    ax.barh(rows, values, height=0.72, color=[(colors or {}).get(name, GRAY) for name in names])
    ends = values
    if before is not None:
        ax.vlines(before, rows - 0.44, rows + 0.44, color=BLACK, linewidth=1.4)
        ends = np.maximum(values, np.asarray(before, dtype=float))
    for row, (name, value, end) in enumerate(zip(names, values, ends, strict=True)):
        # plain text: tick labels take twice as long to lay out, and explorers draw many frames
        ax.text(-0.012, row, name, ha="right", va="center", color="#3f474f", fontsize=8.8)
        share = "none" if value == 0 else "< 0.1%" if value < 0.001 else f"{value:.1%}"
        if end > 0.85:  # no room beside a long bar
            ax.text(0.99 * end, row, share, ha="right", va="center", color="white")
        else:
            ax.text(end + 0.012, row, share, va="center", color=BLACK)
    ax.set(xlim=(0, 1), xticks=[], ylim=(len(names) - 0.4, -0.6), yticks=[])
    ax.grid(visible=False)
    ax.spines["bottom"].set_visible(False)
    return ax


def squares(
    shares: ArrayLike,
    *,
    ax: Axes | None = None,
    colors: Sequence[str],
    letters: Sequence[str],
    side: int = 10,
) -> Axes:
    """Draw shares as a square of small squares, row by row: a hundred dogs, a square each.

    Parameters
    ----------
    shares : array, shape (K,)
        They sum to 1; rounded so that the small squares are exactly ``side**2`` (the largest
        remainders are rounded up).
    ax : Axes, optional
        Where to draw. Default: the current axes.
    colors, letters : sequence of str, length K
        Color of each kind, and a letter inside (may be empty), which tells kinds apart in gray.
    side : int
        Small squares in a row.

    Returns
    -------
    Axes
        The axes drawn on, without ticks.
    """
    ax = plt.gca() if ax is None else ax
    wanted = np.asarray(shares, dtype=float) * side**2
    counts = np.floor(wanted).astype(int)
    for kind in np.argsort(counts - wanted, kind="stable")[: side**2 - counts.sum()]:
        counts[kind] += 1
    rows, columns = np.divmod(np.arange(side**2), side)
    parts = np.split(np.arange(side**2), counts.cumsum()[:-1])
    for part, color, letter in zip(parts, colors, letters, strict=True):
        corners = np.array([[-0.44, -0.44], [0.44, -0.44], [0.44, 0.44], [-0.44, 0.44]])
        x, y = columns[part], -rows[part]
        outlines = np.stack([x, y], axis=1)[:, None] + corners
        ax.add_collection(PolyCollection(list(outlines), facecolors=color))
        if letter:
            pale = np.mean(to_rgb(color)) > 0.53
            ax.scatter(x, y, s=26, marker=f"${letter}$", color=BLACK if pale else "white")
    ax.set(xticks=[], yticks=[], aspect="equal", xlim=(-0.6, side - 0.4), ylim=(0.6 - side, 0.6))
    ax.grid(visible=False)
    ax.spines[["left", "bottom"]].set_visible(False)
    return ax


def picture(ink: ArrayLike, *, ax: Axes | None = None, darkest: float | None = None) -> Axes:
    """Draw a picture as ink on white paper, without axes.

    Parameters
    ----------
    ink : array, shape (rows, columns)
        Amount of ink on each spot; 0 is white.
    ax : Axes, optional
        Where to draw. Default: the current axes.
    darkest : float, optional
        The amount that is black; more cannot be darker. Default: the largest there is.

    Returns
    -------
    Axes
        The axes drawn on.
    """
    ax = plt.gca() if ax is None else ax
    black = np.max(ink) if darkest is None else darkest
    ax.imshow(ink, cmap="Greys", vmin=0, vmax=black, interpolation="nearest")
    ax.set_axis_off()
    return ax
