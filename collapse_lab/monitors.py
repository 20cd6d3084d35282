"""Monitors: pure functions of the series so far.

The same monitor stops a running chain (``run(..., until=monitor)``) and reads a finished one
(``first_alarm(monitor, history)``). `calibrate` sets its level from healthy chains, `alarm_rate`
counts its alarms on others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collapse_lab.measurement import mean_and_error
from collapse_lab.recursion import Monitor
from collapse_lab.rules import finite_array, real_number

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

    def raised(self, history: Series) -> NDArray[np.bool_]:
        """Return where the metric is at most the level, each generation judged by itself."""
        return np.asarray(_recorded(history, self.metric) <= self.level)

    def __call__(self, history: Series) -> NDArray[np.bool_]:
        """Return the alarms, shape (generations + 1, *replicates)."""
        return np.logical_or.accumulate(self.raised(history), axis=0)


@dataclass(frozen=True)
class AtLeast:
    """Alarm from the first generation on at which a metric is at least `level`; see `AtMost`."""

    metric: str
    level: float

    def __post_init__(self) -> None:
        finite_array("level", self.level)

    def raised(self, history: Series) -> NDArray[np.bool_]:
        """Return where the metric is at least the level, each generation judged by itself."""
        return np.asarray(_recorded(history, self.metric) >= self.level)

    def __call__(self, history: Series) -> NDArray[np.bool_]:
        """Return the alarms, shape (generations + 1, *replicates)."""
        return np.logical_or.accumulate(self.raised(history), axis=0)


def _recorded(history: Series, metric: str) -> NDArray[Any]:
    if metric not in history:
        raise ValueError(f"metric must be one of those recorded, {list(history)}, got {metric!r}")
    return history[metric]


def first_alarm(monitor: Monitor, history: Series) -> NDArray[np.float64]:
    """Return the generation of the first alarm, shape (*replicates); nan where there was none."""
    alarms = monitor(history)
    first = np.argmax(alarms, axis=0).astype(np.float64)
    return np.where(alarms[-1], first, np.nan)[()]


def calibrate(
    kind: type[AtMost] | type[AtLeast], metric: str, healthy: Series, *, rate: float
) -> AtMost | AtLeast:
    """Return the monitor that is as alert as a rate of false alarms allows.

    Parameters
    ----------
    kind : `AtMost` or `AtLeast`
        Whether low or high values of the metric are alarming.
    metric : str
    healthy : mapping
        Series of chains in which nothing is wrong. All their generations count alike, so a metric
        that changes in health, too, needs a level of its own for each generation.
    rate : float
        Wanted share of healthy generations with an alarm, in (0, 1]; 1/200 for one in 200.

    Returns
    -------
    AtMost or AtLeast
        Its level is one of the healthy readings: the most alert one that at most this share of
        them reaches. Equal readings are let pass together, so that a metric in whole numbers may
        give fewer alarms than wanted. Of N readings about N * `rate` lie beyond the level, and
        the true rate is uncertain by about one over the root of that number.

    Raises
    ------
    ValueError
        If `kind` is another, `rate` lies outside (0, 1], the metric was not recorded, a reading
        is not a finite number, or fewer than 1/`rate` readings were made.
    """
    if kind not in (AtMost, AtLeast):
        raise ValueError(f"kind must be AtMost or AtLeast, got {kind!r}")
    rate = real_number("rate", rate, low=0, high=1, open_low=True)
    readings = finite_array(metric, _recorded(healthy, metric)).ravel()
    allowed = int(rate * len(readings) * (1 + 1e-12))  # 1/200 of 20,000 is 100, not 99
    if allowed == 0:
        raise ValueError(
            f"healthy must hold at least 1/rate = {1 / rate:g} readings, got {len(readings)}"
        )
    sign = 1.0 if kind is AtMost else -1.0
    alarming = np.sort(sign * readings)  # the most alarming first
    within = alarming[:allowed]
    if allowed < len(alarming) and alarming[allowed] == within[-1]:  # a tie across the limit
        within = within[within < within[-1]]
    level = within[-1] if len(within) else np.nextafter(alarming[0], -np.inf)
    return kind(metric, float(sign * level))


def alarm_rate(monitor: AtMost | AtLeast, history: Series) -> tuple[float, float]:
    """Return the share of generations with an alarm, and its standard error.

    Each generation is judged by itself: an alarm does not last. The generations of one chain may
    depend on each other, so the error comes from the spread between chains, of which there must
    be at least two.
    """
    share = monitor.raised(history).mean(axis=0)
    value, error = mean_and_error(np.ravel(share))
    return float(value), float(error)
