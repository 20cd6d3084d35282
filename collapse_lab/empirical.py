"""The empirical family: a data set as a world, or as a model that only repeats what it saw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from collapse_lab.data import check_replicates, refuse_statistics, take_rows
from collapse_lab.protocols import RNG
from collapse_lab.rules import whole_number


@dataclass(frozen=True, eq=False)
class Empirical:
    """Draws with replacement from the observations that it holds.

    Parameters
    ----------
    data : array, shape (N, *event, *replicates), or a list
        At least one observation. A list (of documents, say) has no replicates.
    replicates : tuple of int
        Trailing axes of `data` that number replicates.
    """

    data: Any
    replicates: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        refuse_statistics("Empirical", self.data)
        if len(self.data) == 0:
            raise ValueError("data must hold at least one observation, got none")
        check_replicates(self.data, self.replicates)

    def expand(self, n_replicates: int) -> Self:
        """Return `n_replicates` independent copies of this model, side by side."""
        if not isinstance(self.data, np.ndarray):
            raise TypeError(f"data must be an array to expand, got {type(self.data).__name__}")
        added = whole_number("n_replicates", n_replicates)
        spread = np.broadcast_to(self.data[..., None], (*self.data.shape, added))
        return type(self)(spread, (*self.replicates, added))

    def sample(self, n: int, *, rng: RNG) -> Any:
        """Draw `n` observations with replacement, in each replicate its own."""
        n = whole_number("n", n)
        rng = np.random.default_rng(rng)
        rows = rng.integers(len(self.data), size=(n, *self.replicates), dtype=np.int64)
        return take_rows(self.data, rows, self.replicates)

    @classmethod
    def fit(cls, data: Any, *, replicates: tuple[int, ...] = (), rng: RNG = None) -> Self:  # noqa: ARG003 - every Fit takes rng
        """Keep the data: the model that memorizes.

        Parameters
        ----------
        data : array, list or Labelled
        replicates : tuple of int
            Trailing axes of an array that number replicates.
        rng : ignored
        """
        return cls(data, replicates)
