"""Figures of text."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import shorten, wrap

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from collapse_lab.plots.style import BLACK


def passage(
    paragraphs: Sequence[str],
    *,
    ax: Axes | None = None,
    lines: int = 9,
    width: int = 74,
    longest: int = 220,
) -> Axes:
    """Draw paragraphs as a page of text, as many of them as fit.

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
    ax.text(0, 1, text, va="top", color=BLACK, fontsize=8.8, linespacing=1.45)
    ax.set(xlim=(0, 1), ylim=(0, 1))
    ax.set_axis_off()
    return ax
