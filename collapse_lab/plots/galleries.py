"""Figures of many small pictures: galleries, generation by generation."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike


def gallery(
    pictures: ArrayLike,
    *,
    ax: Axes | None = None,
    rows: Sequence[str] | None = None,
    columns: int = 12,
    frame: float = 0.25,
) -> Axes:
    """Draw square pictures side by side, as ink on white paper, each in a thin gray frame.

    Parameters
    ----------
    pictures : array, shape (N, pixels)
        The ink of square pictures, row by row; below 0 is white, above 1 is black.
    ax : Axes, optional
        Where to draw. Default: the current axes.
    rows : sequence of str, optional
        A name for each row, written at its left.
    columns : int
        Pictures in a row; N must be a multiple of it.
    frame : float
        Ink of the frames.

    Returns
    -------
    Axes
        The axes drawn on, without ticks.
    """
    ax = plt.gca() if ax is None else ax
    ink = np.asarray(pictures, dtype=np.float64)
    side = round(np.sqrt(ink.shape[-1]))
    if ink.ndim != 2 or side**2 != ink.shape[1] or len(ink) % columns:
        raise ValueError(
            f"pictures must be rows of {columns} square pictures, got shape {ink.shape}"
        )
    tiles = np.pad(
        ink.reshape(-1, columns, side, side), ((0, 0), (0, 0), (1, 1), (1, 1)),
        constant_values=frame,
    )  # fmt: skip
    height = len(tiles) * (side + 2)
    sheet = tiles.transpose(0, 2, 1, 3).reshape(height, columns * (side + 2))
    ax.imshow(sheet, cmap="Greys", vmin=0, vmax=1, interpolation="nearest")
    for row, name in enumerate(rows or ()):
        y = (row + 0.5) * (side + 2) - 0.5
        ax.text(-side / 4, y, name, ha="right", va="center", color="#3f474f", fontsize=8.8)
    ax.set_axis_off()
    return ax
