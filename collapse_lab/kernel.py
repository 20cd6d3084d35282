"""The kernel family: a normal bump on every point of the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Self, get_args

import numpy as np
from numpy.typing import ArrayLike

from collapse_lab.data import refuse_statistics, take_rows
from collapse_lab.protocols import RNG
from collapse_lab.rules import finite_array, one_of, real_number, whole_number

Rule = Literal["silverman", "scott"]
RULES: tuple[Rule, ...] = get_args(Rule)


def bandwidth_factor(n: int, rule: Rule) -> float:
    """Bandwidth over the unbiased standard deviation of `n` points, on the line.

    Silverman's rule of thumb is (4/(3n))^(1/5), about 1.06 n^(-1/5); Scott's is n^(-1/5).
    These are the rules of `scipy.stats.gaussian_kde`. Source: `silverman1986density`.
    """
    one_of("rule", rule, RULES)
    n = whole_number("n", n, at_least=2)
    return float((4 / (3 * n)) ** 0.2 if rule == "silverman" else n**-0.2)


@dataclass(frozen=True, eq=False)
class Kernel:
    """Kernel density on the line: a normal bump on each point; may carry replicates.

    Parameters
    ----------
    points : array, shape (N, *replicates)
        At least one.
    bandwidth : float or array, shape (*replicates)
        Standard deviation of the bumps, at least 0; with 0 the points themselves are repeated.

    Examples
    --------
    >>> model = Kernel.fit(np.array([0.0, 1.0, 2.0]), bandwidth=0.5)
    >>> round(float(model.var), 3)  # that of the points, 2/3, and that of a bump
    0.917
    """

    points: Any
    bandwidth: Any

    def __post_init__(self) -> None:
        points = finite_array("points", self.points)
        bandwidth = finite_array("bandwidth", self.bandwidth)
        if points.ndim == 0 or len(points) == 0:
            raise ValueError(f"points must hold at least one observation, got {self.points!r}")
        if bandwidth.min(initial=0.0) < 0:
            raise ValueError(f"bandwidth must hold numbers >= 0, got {bandwidth.min()}")
        if bandwidth.shape not in ((), points.shape[1:]):
            raise ValueError(
                f"bandwidth must be a number or have shape {points.shape[1:]} "
                f"for points of shape {points.shape}, got {bandwidth.shape}"
            )
        object.__setattr__(self, "points", points)
        object.__setattr__(self, "bandwidth", np.broadcast_to(bandwidth, points.shape[1:])[()])

    @property
    def replicates(self) -> tuple[int, ...]:
        """Trailing axes of every sample."""
        return tuple(self.points.shape[1:])

    @property
    def mean(self) -> Any:
        """Mean of the distribution, shape (*replicates): that of the points."""
        return self.points.mean(axis=0)

    @property
    def var(self) -> Any:
        """Variance of the distribution, shape (*replicates): of the points, and of a bump."""
        return self.points.var(axis=0) + self.bandwidth**2

    def expand(self, n_replicates: int) -> Self:
        """Return `n_replicates` independent copies of this model, side by side."""
        added = whole_number("n_replicates", n_replicates)
        points, bandwidth = (
            np.broadcast_to(np.expand_dims(x, -1), (*np.shape(x), added))
            for x in (self.points, self.bandwidth)
        )
        return type(self)(points, bandwidth)

    def sample(self, n: int, *, rng: RNG) -> Any:
        """Draw `n` points, shape (n, *replicates): a point of the data, moved by a bump."""
        n = whole_number("n", n)
        rng = np.random.default_rng(rng)
        shape = (n, *self.replicates)
        rows = rng.integers(len(self.points), size=shape, dtype=np.int64)
        chosen = take_rows(self.points, rows, self.replicates)
        return chosen + self.bandwidth * rng.standard_normal(shape)

    def logpdf(self, x: ArrayLike) -> Any:
        """Log density at `x`, shape (n, *replicates); the bandwidth must be above 0."""
        if np.min(self.bandwidth) <= 0:
            raise ValueError(f"bandwidth must be above 0 for a density, got {self.bandwidth!r}")
        z = (finite_array("x", x)[:, None] - self.points) / self.bandwidth
        bumps = np.logaddexp.reduce(-0.5 * z**2, axis=1)
        return bumps - np.log(len(self.points) * np.sqrt(2 * np.pi) * self.bandwidth)

    @classmethod
    def fit(cls, data: Any, *, bandwidth: float | Rule = "silverman", rng: RNG = None) -> Self:  # noqa: ARG003 - every Fit takes rng
        """Keep the points and choose a bandwidth.

        Parameters
        ----------
        data : array, shape (n, *replicates)
        bandwidth : {"silverman", "scott"}, or float
            A rule scales the unbiased standard deviation of the data by `bandwidth_factor`, and
            needs two points; a number is taken as it is, whatever the data.
        rng : ignored
            Every fit has this argument; this one needs no randomness.
        """
        refuse_statistics("Kernel", data)
        points = finite_array("data", data)
        if points.ndim == 0 or len(points) == 0:
            raise ValueError(f"data must hold at least one observation, got {data!r}")
        if not isinstance(bandwidth, str):
            return cls(points, bandwidth)
        one_of("bandwidth", bandwidth, RULES)
        if len(points) < 2:
            raise ValueError(f"data must hold two observations for a rule, got {len(points)}")
        return cls(points, bandwidth_factor(len(points), bandwidth) * points.std(axis=0, ddof=1))


@dataclass(frozen=True, eq=False)
class CopyAndBlur:
    """Kernel density of points in d dimensions, by what it does: copy a point, and blur it.

    `Kernel` is that on the line; here the coordinates of a point stay together. Its twin without
    replicates is `sklearn.neighbors.KernelDensity`.

    Parameters
    ----------
    points : array, shape (N, d, *replicates)
        At least one.
    bandwidth : float
        Standard deviation of the bumps in every direction, at least 0; with 0 it only copies.
    """

    points: Any
    bandwidth: float

    def __post_init__(self) -> None:
        points = finite_array("points", self.points)
        if points.ndim < 2 or len(points) == 0:
            raise ValueError(f"points must have shape (N, d, ...), N > 0, got {points.shape}")
        real_number("bandwidth", self.bandwidth, low=0)
        object.__setattr__(self, "points", points)

    @property
    def replicates(self) -> tuple[int, ...]:
        """Trailing axes of every sample."""
        return tuple(self.points.shape[2:])

    def sample(self, n: int, *, rng: RNG) -> Any:
        """Draw `n` points, shape (n, d, *replicates)."""
        rng = np.random.default_rng(rng)
        shape = (whole_number("n", n), *self.replicates)
        rows = rng.integers(len(self.points), size=shape, dtype=np.int64)
        copies = take_rows(self.points, rows, self.replicates)
        return copies + self.bandwidth * rng.standard_normal(copies.shape)

    def logpdf(self, x: ArrayLike) -> Any:
        """Log density at `x`, shape (n, *replicates) for `x` of shape (n, d, *replicates)."""
        if not self.bandwidth > 0:
            raise ValueError(f"bandwidth must be above 0 for a density, got {self.bandwidth!r}")
        places = finite_array("x", x)
        n, d = self.points.shape[:2]
        if places.shape[1:] != self.points.shape[1:]:
            raise ValueError(
                f"x must have shape {('n', *self.points.shape[1:])}, got {np.shape(x)}"
            )
        bumps = sum(np.square(places[:, None, i] - self.points[:, i]) for i in range(d))
        bumps *= -0.5 / self.bandwidth**2
        top = bumps.max(axis=1)
        bumps -= top[:, None]
        total = np.exp(bumps, out=bumps).sum(axis=1)
        return top + np.log(total) - np.log(n) - d * np.log(np.sqrt(2 * np.pi) * self.bandwidth)

    @classmethod
    def fit(cls, data: Any, *, bandwidth: float, rng: RNG = None) -> Self:  # noqa: ARG003 - every Fit takes rng
        """Keep the points; `rng` is ignored, since this fit needs no randomness."""
        refuse_statistics("CopyAndBlur", data)
        return cls(data, bandwidth)
