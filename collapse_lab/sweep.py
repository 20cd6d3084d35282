"""Sweeps: one task over a grid of parameters, with results that no schedule can change."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence, Sized
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collapse_lab.protocols import RNG
from collapse_lab.rules import function


@dataclass(frozen=True, eq=False)
class Table(Mapping[str, NDArray[Any]]):
    """Columns of equal length by name; a row for each point of the grid."""

    columns: Mapping[str, NDArray[Any]]

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)

    def __repr__(self) -> str:
        rows = [
            [f"{x:.4g}" if isinstance(x, float) else str(x) for x in c.tolist()]
            for c in self.columns.values()
        ]
        cells = [[name, *column] for name, column in zip(self.columns, rows, strict=True)]
        widths = [max(map(len, column)) for column in cells]
        lines = zip(*cells, strict=True)
        return "\n".join(
            "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True))
            for line in lines
        )


def sweep(
    task: Callable[..., Mapping[str, Any]],
    grid: Mapping[str, Sequence[Any]],
    *,
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
    rng: RNG = None,
) -> Table:
    """Run a task at every point of a grid.

    Each point has a random generator of its own, spawned from `rng` by its place in the grid: the
    table is the same for every executor and every schedule.

    Parameters
    ----------
    task : callable
        ``task(**point, rng=Generator)`` returns a dict of results. A process pool needs a task
        that can be pickled.
    grid : dict of sequences
        Parameter names and the values that each takes; all combinations are run.
    executor : concurrent.futures.Executor, optional
        Where to run: a thread pool, a process pool, a dask client's ``get_executor()``.
        One after the other by default.
    progress : callable, optional
        Called as ``progress(done, total)`` after each point, in the order of the grid.
    rng : Generator or seed

    Returns
    -------
    Table
        The parameters and the results, one row a point, in the order of the grid.

    Raises
    ------
    ValueError
        If `grid` is empty or names ``rng``; if `task` returns something else than a dict, a name
        of the grid, or other names than before.
    """
    function("task", task)
    points = _points(grid)
    children = np.random.default_rng(rng).spawn(len(points))
    calls = [
        partial(task, **point, rng=child) for point, child in zip(points, children, strict=True)
    ]
    jobs = [] if executor is None else [executor.submit(call) for call in calls]
    rows: list[dict[str, Any]] = []
    try:
        for i, point in enumerate(points):
            result = jobs[i].result() if jobs else calls[i]()
            rows.append({**point, **_checked(result, point, rows)})
            if progress is not None:
                progress(i + 1, len(points))
    finally:  # after an error nobody waits for the rest
        for job in jobs:
            job.cancel()
    return Table({name: np.array([row[name] for row in rows]) for name in rows[0]})


def _checked(result: Any, point: Mapping[str, Any], rows: list[dict[str, Any]]) -> Any:
    """Return what a task returned, if it is a dict with the right names."""
    if not isinstance(result, Mapping) or set(result) & set(point):
        raise ValueError(
            f"task must return a dict of results with names other than {list(point)}, "
            f"got {result!r}"
        )
    if rows and set(rows[0]) != {*point, *result}:
        raise ValueError(
            f"task must return the same names at each point, "
            f"got {list(result)} at {dict(point)} after {list(rows[0])[len(point) :]}"
        )
    return result


def _points(grid: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    if not grid or "rng" in grid:
        raise ValueError(f"grid must name at least one parameter, and not rng, got {list(grid)}")
    for name, values in grid.items():
        if isinstance(values, str) or not isinstance(values, Sized) or len(values) == 0:
            raise ValueError(
                f"grid must give each parameter a sequence of values, got {values!r} for {name!r}"
            )
    return [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]
