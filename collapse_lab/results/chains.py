"""What the experiments take out of a chain."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collapse_lab.recursion import Generation


def models_at(chain: Iterator[Generation], when: Iterable[int]) -> list[Any]:
    """Models of the generations in `when`, in rising order."""
    wanted = {int(t) for t in when}
    return [g.model for g in islice(chain, max(wanted) + 1) if g.index in wanted]


def fits_until(
    chain: Iterator[Generation], stopped: Callable[[Any], NDArray[np.bool_]]
) -> NDArray[np.int64]:
    """Number of fits until each replicate has stopped: 1 if the first model has, and so on."""
    running = np.asarray(True)
    times = np.asarray(1)
    for generation in chain:
        running = running & ~stopped(generation.model)
        if not running.any():
            break
        times = times + running
    return times
