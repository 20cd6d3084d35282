"""Figures of detectors: how likely each text is to be generated, and what a threshold finds."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from scipy.special import expit

from collapse_lab.detection import ScoreLaw
from collapse_lab.plots.style import BLACK, BLUE, GRAY, VERMILION

_TICKS = {"xticks": [0, 1], "yticks": [0, 0.5, 1]}  # few: explorers draw many frames


def evidence(law: ScoreLaw, *, ax: Axes | None = None, bins: int = 20) -> Axes:
    """Draw how sure the best detector is, for human texts and for generated ones.

    Parameters
    ----------
    law : ScoreLaw
        Law of the scores of both.
    ax : Axes, optional
        Where to draw. Default: the current axes.
    bins : int
        Bins between 0, surely human, and 1, surely generated.

    Returns
    -------
    Axes
        The axes drawn on. Horizontal: the chance that a text is generated, given its score, if
        half of all texts are. Vertical: share of the texts, from 0 to 1.
    """
    ax = plt.gca() if ax is None else ax
    edges, chance = np.linspace(0, 1, bins + 1), expit(law.scores)
    for masses, color, style, name in (
        (law.human, BLUE, "-", "human"),
        (law.generated, VERMILION, "--", "generated"),
    ):
        share, _ = np.histogram(chance, edges, weights=masses)
        ax.stairs(
            share,
            edges,
            fill=True,
            facecolor=to_rgba(color, 0.18),
            edgecolor=color,
            linestyle=style,
            linewidth=1.6,
            label=name,
        )
    ax.set(xlim=(-0.02, 1.02), ylim=(0, 1.02), **_TICKS)
    return ax


def roc(law: ScoreLaw, *, ax: Axes | None = None, false_alarms: float = 0.01) -> Axes:
    """Draw the share of generated texts that is found against the rate of false alarms.

    Parameters
    ----------
    law : ScoreLaw
        Law of the scores of both.
    ax : Axes, optional
        Where to draw. Default: the current axes.
    false_alarms : float
        Rate of false alarms at which a dot marks what is found.

    Returns
    -------
    Axes
        The axes drawn on, both from 0 to 1; a gray diagonal marks pure guessing.
    """
    ax = plt.gca() if ax is None else ax
    ax.plot([0, 1], [0, 1], color=GRAY, linestyle=":", linewidth=1.2)
    alarms, hits = law.roc()
    shown = np.linspace(0, 1, 201) ** 2  # finer where false alarms are rare
    ax.plot(shown, np.interp(shown, alarms, hits), color=BLACK, linestyle="-", linewidth=1.6)
    ax.plot(false_alarms, law.hits(false_alarms), "o", color=VERMILION, clip_on=False, zorder=5)
    ax.set(xlim=(0, 1), ylim=(0, 1.02), **_TICKS)
    return ax
