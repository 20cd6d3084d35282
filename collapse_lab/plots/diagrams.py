"""Figures of decisions: questions, their answers, and what was measured for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from collapse_lab.plots.style import BLUE, GRAY, VERMILION

Branch = tuple[str, str, str]  # answer, verdict, number
COLORS = {"student wins": BLUE, "teacher wins": VERMILION}


def decisions(
    questions: Mapping[str, Sequence[Branch]], *, heading: str = "", ax: Axes | None = None
) -> Axes:
    """Draw questions from top to bottom, and under each its answers with their verdicts.

    Parameters
    ----------
    questions : mapping of str to sequence of (answer, verdict, number)
        The verdict gives the color of a box: blue for "student wins", vermilion for "teacher
        wins", gray for all others. It is written into the box, and the number beside it.
    heading : str
        What the numbers are; stands above them.
    ax : Axes, optional
        Where to draw. Default: the current axes.

    Returns
    -------
    Axes
        The axes drawn on.
    """
    ax = plt.gca() if ax is None else ax
    row = 0.0
    ax.text(1.0, row, heading, ha="right", va="center", fontsize=9)
    for question, branches in questions.items():
        ax.text(0.0, row, question, fontweight="bold", va="center", fontsize=9.5)
        ax.plot([0.012] * 2, [row + 0.45, row + len(branches)], color=GRAY, linestyle="-", lw=1.2)
        for answer, verdict, number in branches:
            row += 1
            ax.plot([0.012, 0.04], [row] * 2, color=GRAY, linestyle="-", lw=1.2)
            ax.text(0.05, row, answer, va="center", fontsize=9)
            color = to_rgb(COLORS.get(verdict, GRAY))
            pale = tuple(1 - 0.3 * (1 - channel) for channel in color)
            box = {"boxstyle": "round,pad=0.25", "facecolor": pale, "edgecolor": color}
            ax.text(0.66, row, verdict, ha="center", va="center", fontsize=9, bbox=box)
            ax.text(1.0, row, number, ha="right", va="center", fontsize=9)
        row += 1.4
    ax.set(xlim=(0, 1), ylim=(row - 0.9, -0.7))
    ax.axis("off")
    return ax
