"""Published results, each as an experiment that takes seconds.

`RESULTS` maps ids to results: ``RESULTS["L05"].measure(rng=1)`` runs one, ``measure_all(rng=1)``
all of them, and ``python -m collapse_lab.results`` prints the table. Where a source's own words
were not read, "as summarized from" or "as remembered from" says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

import numpy as np

from collapse_lab.measurement import Measurement
from collapse_lab.protocols import RNG
from collapse_lab.results import (
    augmentation,
    categorical,
    definitions,
    distillation,
    embedding,
    fidelity,
    gaussian,
    inference,
    rates,
    regression,
    selection,
    self_distillation,
    sequence,
    workflows,
)
from collapse_lab.results.result import FLAGS, Result
from collapse_lab.results.tables import as_markdown, as_text

__all__ = ["FLAGS", "RESULTS", "Result", "as_markdown", "as_text", "measure_all"]

ROWS = (
    *augmentation.ROWS,
    *categorical.ROWS,
    *definitions.ROWS,
    *distillation.ROWS,
    *embedding.ROWS,
    *fidelity.ROWS,
    *gaussian.ROWS,
    *inference.ROWS,
    *rates.ROWS,
    *regression.ROWS,
    *selection.ROWS,
    *self_distillation.ROWS,
    *sequence.ROWS,
    *workflows.ROWS,
)
RESULTS: Mapping[str, Result] = MappingProxyType(
    {row.id: row for row in sorted(ROWS, key=lambda row: row.id)}
)


def measure_all(
    ids: Iterable[str] | None = None,
    *,
    rng: RNG = None,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Measurement]:
    """Measure results, each with a random generator of its own.

    Result L05 gets child number 5 of `rng`, whatever else is measured and whatever is added to the
    registry: ``measure_all(["L05"], rng=1)`` gives what ``measure_all(rng=1)`` has for it.

    Parameters
    ----------
    ids : iterable of str, optional
        All results by default.
    rng : Generator or seed
    progress : callable, optional
        Called as ``progress(done, total)`` after each result.

    Returns
    -------
    dict from id to Measurement

    Raises
    ------
    ValueError
        If an id is unknown.
    """
    wanted = list(RESULTS if ids is None else ids)
    for name in wanted:
        if name not in RESULTS:
            raise ValueError(f"ids must be among {', '.join(RESULTS)}, got {name!r}")
    children = np.random.default_rng(rng).spawn(100)
    measured = {}
    for done, name in enumerate(wanted, start=1):
        measured[name] = RESULTS[name].measure(rng=children[int(name[1:])])
        if progress is not None:
            progress(done, len(wanted))
    return measured
