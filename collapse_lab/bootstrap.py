"""The smoothed bootstrap: one knob from repeating the data to a fitted Gaussian."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from collapse_lab.data import Labelled, refuse_statistics
from collapse_lab.protocols import RNG
from collapse_lab.rules import finite_array, real_number, whole_number


@dataclass(frozen=True, eq=False)
class SmoothedBootstrap:
    """A generator that repeats records, more or less blurred, and keeps mean and covariance.

    It picks one of its records, moves it towards the mean of its class, by the factor
    sqrt(1 - s²), and adds Gaussian noise with s² times the covariance of its class: whatever the
    smoothness s, what it makes has the mean and the covariance of its records (ddof 0). At s = 0 it
    repeats them; at s = 1 it is a Gaussian for each class.

    Parameters
    ----------
    data : array of shape (n, d), or Labelled with such an `X`
        The records. Each label is a class of its own; without labels, all are one class.
    smoothness : float
        In [0, 1].

    Notes
    -----
    A kernel density that is shrunk to keep the variance: `silverman1986density`, section 6.4.

    Examples
    --------
    >>> records = np.array([[0.0, 1.0], [2.0, 5.0], [4.0, 3.0]])
    >>> SmoothedBootstrap(records, smoothness=0.0).sample(2, rng=1)
    array([[2., 5.],
           [2., 5.]])
    """

    data: Any
    smoothness: float

    def __post_init__(self) -> None:
        real_number("smoothness", self.smoothness, low=0, high=1)
        refuse_statistics("SmoothedBootstrap", self.data)
        points = finite_array("data", self._points)
        if points.ndim != 2 or points.size == 0:
            raise ValueError(f"data must have shape (n, d), got {points.shape}")

    @property
    def _points(self) -> Any:
        return self.data.X if isinstance(self.data, Labelled) else self.data

    def sample(self, n: int, *, rng: RNG) -> Any:
        """Draw `n` records, shape (n, d); with labels if the data had them."""
        n = whole_number("n", n)
        rng = np.random.default_rng(rng)
        points = np.asarray(self._points, dtype=np.float64)
        labels = self.data.y if isinstance(self.data, Labelled) else np.zeros(len(points))
        picked = rng.integers(len(points), size=n, dtype=np.int64)
        made, kept = points[picked], np.sqrt(1 - self.smoothness**2)
        for label in np.unique(labels) if self.smoothness > 0 else ():
            here, own = labels[picked] == label, points[labels == label]
            centered = own - own.mean(axis=0)
            # Random sums of all centered records have their covariance; no root is needed.
            noise = rng.standard_normal((here.sum(), len(own))) @ centered / np.sqrt(len(own))
            blurred = kept * (made[here] - own.mean(axis=0)) + self.smoothness * noise
            made[here] = own.mean(axis=0) + blurred
        return Labelled(made, self.data.y[picked]) if isinstance(self.data, Labelled) else made

    @classmethod
    def fit(cls, data: Any, *, smoothness: float, rng: RNG = None) -> Self:  # noqa: ARG003 - every Fit takes rng
        """Keep the records.

        Parameters
        ----------
        data : array of shape (n, d), or Labelled
        smoothness : float
        rng : ignored
            Every fit has this argument; this one needs no randomness.
        """
        return cls(data, smoothness)
