"""Monitors: pure functions of the series so far.

The same monitor stops a running chain (``run(..., until=monitor)``) and reads a finished one
(``first_alarm(monitor, history)``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collapse_lab.recursion import Monitor
from collapse_lab.rules import finite_array

Series = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class AtMost:
    """Alarm from the first generation on at which a metric is at most `level`.

    ``monitor(history)`` returns bools of shape (generations + 1, *replicates).
    """

    metric: str
    level: float

    def __post_init__(self) -> None:
        finite_array("level", self.level)

    def __call__(self, history: Series) -> NDArray[np.bool_]:
        """Return the alarms, shape (generations + 1, *replicates)."""
        return np.logical_or.accumulate(_recorded(history, self.metric) <= self.level, axis=0)


@dataclass(frozen=True)
class AtLeast:
    """Alarm from the first generation on at which a metric is at least `level`; see `AtMost`."""

    metric: str
    level: float

    def __post_init__(self) -> None:
        finite_array("level", self.level)

    def __call__(self, history: Series) -> NDArray[np.bool_]:
        """Return the alarms, shape (generations + 1, *replicates)."""
        return np.logical_or.accumulate(_recorded(history, self.metric) >= self.level, axis=0)


def _recorded(history: Series, metric: str) -> NDArray[Any]:
    if metric not in history:
        raise ValueError(f"metric must be one of those recorded, {list(history)}, got {metric!r}")
    return history[metric]


def first_alarm(monitor: Monitor, history: Series) -> NDArray[np.float64]:
    """Return the generation of the first alarm, shape (*replicates); nan where there was none."""
    alarms = monitor(history)
    first = np.argmax(alarms, axis=0).astype(np.float64)
    return np.where(alarms[-1], first, np.nan)[()]
