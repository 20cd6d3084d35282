"""Figures of text."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import shorten, wrap

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.transforms import blended_transform_factory

from collapse_lab.plots.style import BLACK


def passage(
    paragraphs: Sequence[str],
    *,
    ax: Axes | None = None,
    lines: int = 11,
    width: int = 82,
    longest: int = 230,
) -> Axes:
    """Draw paragraphs as a page of text, as many of them as fit, from the figure's left edge on.

    Parameters
    ----------
    paragraphs : sequence of str
        From top to bottom; the last one may be cut.
    ax : Axes, optional
        Where to draw. Default: the current axes.
    lines, width : int
        Size of the page, in lines and letters.
    longest : int
        Longer paragraphs are shortened to so many letters.

    Returns
    -------
    Axes
        The axes drawn on, without a frame.
    """
    ax = plt.gca() if ax is None else ax
    page: list[str] = []
    for paragraph in paragraphs:
        short = shorten(paragraph, longest, placeholder=" …")
        page += wrap(short, width, initial_indent="• ", subsequent_indent="   ")
        if len(page) >= lines:
            break
    text = "\n".join(page[:lines])
    edge = blended_transform_factory(ax.figure.transFigure, ax.transAxes)
    drawn = ax.text(0.01, 1, text, va="top", color=BLACK, fontsize=8.8, transform=edge)
    drawn.set_linespacing(1.45)
    drawn.set_in_layout(False)  # it may begin left of the axes
    ax.set(xlim=(0, 1), ylim=(0, 1))
    ax.set_axis_off()
    return ax
