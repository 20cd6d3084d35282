"""Figures of the course, in one style: functions that take arrays and an `ax`, and return the `ax`.

Nothing here computes what a chapter teaches. Every function draws on `ax`, or on the current axes
where none is given, and leaves titles and axis labels to its caller.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources

import matplotlib.pyplot as plt
import numpy as np
from IPython import get_ipython
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_hex, to_rgb
from matplotlib_inline.config import InlineBackend
from numpy.typing import ArrayLike

__all__ = [
    "BLACK",
    "BLUE",
    "GRAY",
    "GREEN",
    "ORANGE",
    "PURPLE",
    "SKY",
    "VERMILION",
    "bells",
    "expectation",
    "fan",
    "intervals",
    "label_line",
    "measured",
    "paths",
    "picture",
    "ridges",
    "share_bars",
    "split",
    "squares",
    "use_course_style",
]

# The palette of Okabe and Ito, told apart by the color-blind; yellow is left out.
BLACK = "#000000"
BLUE = "#0072B2"
GRAY = "#9aa3ab"
GREEN = "#009E73"
ORANGE = "#E69F00"
PURPLE = "#CC79A7"
SKY = "#56B4E9"
VERMILION = "#D55E00"


def use_course_style() -> None:
    """Make the course's style the style of every figure drawn from now on."""
    with resources.as_file(resources.files("collapse_lab") / "course.mplstyle") as path:
        plt.style.use(path)
    # A notebook would draw each figure once more to trim its margins; the layout leaves none.
    if get_ipython() is not None:
        InlineBackend.instance().print_figure_kwargs = {}


def paths(
    series: ArrayLike, *, ax: Axes | None = None, t: ArrayLike | None = None, color: str = BLUE
) -> Axes:
    """Draw each replicate as a thin line.

    Parameters
    ----------
    series : array, shape (generations, replicates)
        A recorded metric; a hundred replicates are plenty.
    ax : Axes, optional
        Where to draw. Default: the current axes.
    t : array, shape (generations,), optional
        The generations. Default: 0, 1, 2, ...
    color : str
        Color of all lines.

    Returns
    -------
    Axes
        The axes drawn on.
    """
    ax, values, t = _prepare(series, ax, t)
    alpha = float(np.clip(8.0 / values.shape[1], 0.08, 0.6))
    ax.plot(t, values, color=color, linestyle="-", linewidth=0.7, alpha=alpha)
    return ax


def fan(
    series: ArrayLike,
    *,
    ax: Axes | None = None,
    t: ArrayLike | None = None,
    color: str = BLUE,
    inside: Sequence[float] = (0.5, 0.9),
    label: str | None = "half of all chains run below",
) -> Axes:
    """Draw the median over replicates, and bands that hold a given share of them.

    Parameters
    ----------
    series : array, shape (generations, replicates)
        A recorded metric.
    ax : Axes, optional
        Where to draw. Default: the current axes.
    t : array, shape (generations,), optional
        The generations. Default: 0, 1, 2, ...
    color : str
        Color of the median and, paler, of the bands.
    inside : sequence of float
        Share of the replicates that each band holds, between 0 and 1.
    label : str, optional
        Name of the median in a legend.

    Returns
    -------
    Axes
        The axes drawn on.
    """
    ax, values, t = _prepare(series, ax, t)
    for share in sorted(inside, reverse=True):
        low, high = np.quantile(values, [0.5 - share / 2, 0.5 + share / 2], axis=1)
        ax.fill_between(t, low, high, color=color, alpha=0.16, linewidth=0)
    ax.plot(t, np.median(values, axis=1), color=color, linestyle="-", label=label)
    return ax


def expectation(
    t: ArrayLike, values: ArrayLike, *, ax: Axes | None = None, label: str | None = "theory"
) -> Axes:
    """Draw a closed form over a simulation: a thin black dashed line.

    Parameters
    ----------
    t, values : array, shape (generations,)
        The generations and what theory says about them.
    ax : Axes, optional
        Where to draw. Default: the current axes.
    label : str, optional
        Name of the line in a legend.

    Returns
    -------
    Axes
        The axes drawn on.
    """
    ax = plt.gca() if ax is None else ax
    ax.plot(t, values, color=BLACK, linestyle=(0, (4, 2)), linewidth=1.2, zorder=5, label=label)
    return ax


def measured(
    t: ArrayLike,
    values: ArrayLike,
    standard_error: ArrayLike,
    *,
    ax: Axes | None = None,
    color: str = VERMILION,
    label: str | None = "measured, ± 2 standard errors",
) -> Axes:
    """Draw measured values as points with bars of two standard errors.

    Parameters
    ----------
    t, values, standard_error : array, shape (points,)
        Where, what, and how uncertain.
    ax : Axes, optional
        Where to draw. Default: the current axes.
    color : str
        Color of points and bars.
    label : str, optional
        Name in a legend.

    Returns
    -------
    Axes
        The axes drawn on.
    """
    ax = plt.gca() if ax is None else ax
    bars = 2 * np.asarray(standard_error)
    ax.errorbar(t, values, bars, color=color, fmt="o", elinewidth=1.2, zorder=6, label=label)
    return ax


def label_line(
    x: float, y: float, text: str, *, ax: Axes | None = None, color: str = BLACK
) -> Axes:
    """Write a name beside the end of a line, in the line's color: better than a legend.

    Parameters
    ----------
    x, y : float
        The end of the line, in data coordinates.
    text : str
        The name; may hold line breaks.
    ax : Axes, optional
        Where to draw. Default: the current axes.
    color : str
        Color of the line; the text is drawn a little darker, so that it reads on white.

    Returns
    -------
    Axes
        The axes drawn on.
    """
    ax = plt.gca() if ax is None else ax
    dark = tuple(0.72 * channel for channel in to_rgb(color))
    ax.annotate(
        text, (x, y), (6, 0), textcoords="offset points", va="center", color=dark, fontsize=8.8
    )
    return ax


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


def split(
    t: ArrayLike,
    share: ArrayLike,
    names: tuple[str, str],
    *,
    ax: Axes | None = None,
    colors: tuple[str, str] = (BLUE, ORANGE),
) -> Axes:
    """Draw how a whole is split in two: a growing share from below, the rest above it.

    Parameters
    ----------
    t, share : array, shape (points,)
        Where, and the lower part: it grows, between 0 and 1.
    names : (str, str)
        Names of the lower and of the upper part, written into them.
    ax : Axes, optional
        Where to draw. Default: the current axes.
    colors : (str, str)
        Colors of the lower and of the upper part.

    Returns
    -------
    Axes
        The axes drawn on.
    """
    ax = plt.gca() if ax is None else ax
    t, share = np.asarray(t), np.asarray(share)
    ax.fill_between(t, 0, share, color=colors[0], alpha=0.22, linewidth=0)
    ax.fill_between(t, share, 1, color=colors[1], alpha=0.30, linewidth=0)
    ax.plot(t, share, color=BLACK, linestyle=(0, (4, 2)), linewidth=1.2)
    low, left, right = np.searchsorted(t, np.quantile(t, [0.7, 0.08, 0.35]))
    ax.text(t[low], share[low] / 2, names[0], ha="center", va="center")
    ax.text(t[left], (1 + share[right]) / 2, names[1], va="center")  # clear of the line
    return ax


def intervals(
    values: ArrayLike, standard_error: ArrayLike, truth: float, *, ax: Axes | None = None
) -> Axes:
    """Draw one error bar of two standard errors for each experiment, and the truth behind them.

    Bars that reach the truth have a full blue dot, bars that miss it a hollow vermilion one.

    Parameters
    ----------
    values, standard_error : array, shape (experiments,)
        What each experiment found, and the standard error that it computed itself.
    truth : float
        What all of them estimate.
    ax : Axes, optional
        Where to draw. Default: the current axes.

    Returns
    -------
    Axes
        The axes drawn on.
    """
    ax = plt.gca() if ax is None else ax
    found, bars = np.asarray(values, dtype=float), 2 * np.asarray(standard_error, dtype=float)
    number = np.arange(1, len(found) + 1)
    hits = np.abs(found - truth) <= bars
    ax.axhline(truth, color=BLACK, linestyle=(0, (4, 2)), linewidth=1.2)
    for which, color, fill in ((hits, BLUE, BLUE), (~hits, VERMILION, "white")):
        ax.errorbar(
            number[which],
            found[which],
            bars[which],
            color=color,
            fmt="o",
            elinewidth=1.2,
            markerfacecolor=fill,
        )
    return ax


def _prepare(
    series: ArrayLike, ax: Axes | None, t: ArrayLike | None
) -> tuple[Axes, np.ndarray, np.ndarray]:
    """Return the axes, the series as a table of replicates, and the generations."""
    values = np.asarray(series, dtype=float)
    if values.ndim == 0:
        raise ValueError(f"series must have the generation as its first axis, got {series!r}")
    values = values.reshape(len(values), -1)
    generations = np.arange(len(values)) if t is None else np.asarray(t)
    if generations.shape != (len(values),):
        raise ValueError(
            f"t must hold one number a generation, got shape {generations.shape}"
            f" for {len(values)} generations"
        )
    return plt.gca() if ax is None else ax, values, generations
