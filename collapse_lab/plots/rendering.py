"""Figures of training on drawn pictures and testing on real ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from collapse_lab.plots.galleries import gallery
from collapse_lab.plots.style import BLUE, GRAY


def at_strength(
    table: Mapping[str, NDArray[np.float64]], row: int, pictures: ArrayLike, axes: Sequence[Axes]
) -> Sequence[Axes]:
    """Draw what is learned from at one strength, and what that does at all strengths.

    Parameters
    ----------
    table : mapping
        Columns ``strength``, ``real`` and ``clean`` (shares from 0 to 1), and the standard errors
        ``real_se`` and ``clean_se``.
    row : int
        Of the strength that is marked.
    pictures : array, shape (8 k, pixels)
        The ink of square pictures drawn at that strength.
    axes : two Axes

    Returns
    -------
    axes
        At the left the pictures; at the right the shares that are read right, ± 2 standard errors:
        of real pictures (solid) and of drawn ones (dashed).
    """
    left, right = axes
    gallery(pictures, columns=8, ax=left)
    left.set_anchor("N")
    left.set_title("it learns from these")
    for name, color, style in (("clean", GRAY, "--"), ("real", BLUE, "-")):
        error = 2 * table[f"{name}_se"]
        right.errorbar(
            table["strength"], table[name], error, color=color, linestyle=style, marker=""
        )
    real = table["real"][row]
    right.plot(table["strength"][row], real, "o", color=BLUE)
    right.set(ylim=(0, 1.04), xticks=[0, 1, 2, 3], xlabel="strength of randomization")
    right.set_yticks([0, 0.5, 1], ["0%", "50%", "100%"])
    right.text(0, 0.88, "almost plain faces", color="0.35")
    right.text(0, 0.44, "handwriting", color=BLUE)
    right.set_title(f"and reads {real:.0%} of handwriting")
    return axes
