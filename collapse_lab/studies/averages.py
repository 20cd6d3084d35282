"""Means over repeated runs, with their standard errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from collapse_lab.measurement import mean_and_error


def by_name(runs: Sequence[Mapping[str, float]]) -> dict[str, NDArray[np.float64]]:
    """Collect what repeated runs found: under each name an array, shape (runs,)."""
    return {name: np.array([run[name] for run in runs], np.float64) for name in runs[0]}


def with_errors(found: Mapping[str, ArrayLike]) -> dict[str, float]:
    """Average over repeated runs.

    Where runs are random splits of one data set, they overlap: the errors say how well these splits
    stand for all splits of the same data, and nothing about other data.

    Parameters
    ----------
    found : dict from str to array, shape (runs,)
        At least two runs.

    Returns
    -------
    dict from str to float
        Under each name the mean, and under ``"<name>_se"`` its standard error.
    """
    averages: dict[str, float] = {}
    for name, values in found.items():
        mean, error = mean_and_error(values)
        averages |= {name: float(mean), f"{name}_se": float(error)}
    return averages
