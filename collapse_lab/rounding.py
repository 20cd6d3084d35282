"""Parameters on a lattice: what a computer keeps of a model is rounded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from collapse_lab.protocols import RNG, Fit
from collapse_lab.rules import function, real_number

FORMATS = ("float16", "float32", "float64")


@dataclass(frozen=True)
class Rounded:
    """Fit whose parameters are stored on a lattice, and read back from there.

    Parameters
    ----------
    fit : Fit
        Returns a dataclass model.
    grid : {"float16", "float32", "float64"}, or float
        A floating-point format, whose lattice is finer near 0, or the spacing of an even lattice.
        Both round to the nearest value, ties to the even one.
    parameters : tuple of str
        Fields of the model to round; all others stay.

    Examples
    --------
    >>> from collapse_lab.gaussian import Gaussian
    >>> float(Rounded(Gaussian.fit, 0.25)(np.array([1.0, 2.0, 4.0])).var)  # 1.5556 before
    1.5
    """

    fit: Fit
    grid: Any
    parameters: tuple[str, ...] = ("mean", "var")

    def __post_init__(self) -> None:
        function("fit", self.fit)
        if isinstance(self.grid, str):
            if self.grid not in FORMATS:
                raise ValueError(
                    f"grid must be one of {', '.join(FORMATS)}, or a spacing, got {self.grid!r}"
                )
        else:
            real_number("grid", self.grid, low=0, open_low=True)

    def __call__(self, data: Any, *, rng: RNG = None) -> Any:
        """Fit, then round."""
        model: Any = self.fit(data, rng=np.random.default_rng(rng))
        return replace(model, **{name: self._rounded(model, name) for name in self.parameters})

    def _rounded(self, model: Any, name: str) -> Any:
        """Return the nearest value of the lattice, as float64."""
        value = getattr(model, name)
        if isinstance(self.grid, str):
            with np.errstate(over="ignore"):  # the model itself refuses what became infinite
                return np.asarray(value, dtype=self.grid).astype(np.float64)[()]
        return np.rint(np.asarray(value) / self.grid) * self.grid
