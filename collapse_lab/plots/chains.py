"""Figures of chains: replicates, bands, closed forms and what was measured against generations."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from numpy.typing import ArrayLike

from collapse_lab.plots.style import BLACK, BLUE, ORANGE, VERMILION


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
