"""Gaussian families, with points or with their exact sufficient statistics."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from collapse_lab.data import Moments, Weighted
from collapse_lab.protocols import RNG
from collapse_lab.rules import finite_array, one_of, whole_number

Draw = Literal["points", "moments"]


def _check_ddof(ddof: int, n: int) -> None:
    if ddof not in (0, 1):
        raise ValueError(
            f"ddof must be 0 (maximum likelihood) or 1 (unbiased variance), got {ddof!r}"
        )
    if n <= ddof:
        raise ValueError(f"data must hold more than ddof = {ddof} observations, got {n}")


@dataclass(frozen=True, eq=False)
class Gaussian:
    """Normal distribution on the line; its parameters may carry replicates.

    Parameters
    ----------
    mean, var : float or array, shape (*replicates)
        Mean and variance (not the standard deviation); ``var >= 0``.
    draw : {"points", "moments"}
        Whether `sample` returns the points themselves or their `Moments`. The moments of `n`
        points are drawn from their exact law: the mean is normal, the scatter is ``var`` times a
        chi-square with ``n - 1`` degrees of freedom, and the two are independent
        (Cochran 1934, `cochran1934distribution`).

    Examples
    --------
    >>> world = Gaussian(0.0, 1.0, draw="moments").expand(10_000)
    >>> world.sample(100, rng=1).mean.shape
    (10000,)
    """

    mean: Any = 0.0
    var: Any = 1.0
    draw: Draw = "points"

    def __post_init__(self) -> None:
        one_of("draw", self.draw, ("points", "moments"))
        mean, var = finite_array("mean", self.mean), finite_array("var", self.var)
        if var.min(initial=0.0) < 0:
            raise ValueError(f"var must hold numbers >= 0, got {var.min()}")
        if mean.shape != var.shape:
            try:
                mean, var = np.broadcast_arrays(mean, var)
            except ValueError:
                raise ValueError(
                    f"var must have the shape of mean, got {var.shape} and {mean.shape}"
                ) from None
        object.__setattr__(self, "mean", mean[()])
        object.__setattr__(self, "var", var[()])

    @property
    def std(self) -> Any:
        """Standard deviation, shape (*replicates)."""
        return np.sqrt(self.var)

    @property
    def replicates(self) -> tuple[int, ...]:
        """Shape of the parameters: the trailing axes of every sample."""
        return np.shape(self.var)

    def expand(self, n_replicates: int) -> Self:
        """Return `n_replicates` independent copies of this model, side by side."""
        shape = (*self.replicates, whole_number("n_replicates", n_replicates))
        mean, var = (np.broadcast_to(np.expand_dims(x, -1), shape) for x in (self.mean, self.var))
        return type(self)(mean, var, draw=self.draw)

    def sample(self, n: int, *, rng: RNG) -> Any:
        """Draw `n` points, shape (n, *replicates), or their exact `Moments`."""
        n = whole_number("n", n)
        rng = np.random.default_rng(rng)
        if self.draw == "points":
            return self.mean + self.std * rng.standard_normal((n, *self.replicates))
        mean = rng.standard_normal(self.replicates)
        mean *= np.sqrt(self.var / n)
        mean += self.mean
        chi_square = rng.chisquare(n - 1, self.replicates) if n > 1 else np.zeros(self.replicates)
        return Moments(n, mean, chi_square * self.var)

    def logpdf(self, x: ArrayLike) -> Any:
        """Log density at `x`, shape (n, *replicates)."""
        x = finite_array("x", x)
        return -0.5 * (np.log(2 * np.pi * self.var) + (x - self.mean) ** 2 / self.var)

    @classmethod
    def fit(cls, data: Any, *, ddof: int = 0, rng: RNG = None) -> Self:  # noqa: ARG003 - every Fit takes rng
        """Estimate mean and variance.

        Parameters
        ----------
        data : array, shape (n, *replicates), or Moments, or Weighted
            A model fitted to `Moments` draws `Moments`.
        ddof : {0, 1}
            0 for maximum likelihood (divide the scatter by n), 1 for the unbiased variance
            (divide by n - 1). Weighted data takes 0 only.
        rng : ignored
            Every fit has this argument; this one needs no randomness.
        """
        draw: Draw = "points"
        if isinstance(data, Moments):
            if np.ndim(data.scatter) > np.ndim(data.mean):
                raise ValueError("data must be moments of scalars, got moments of vectors")
            n, mean, scatter, draw = data.n, data.mean, data.scatter, "moments"
        elif isinstance(data, Weighted):
            if ddof != 0:
                raise ValueError(f"ddof must be 0 for weighted data, got {ddof!r}")
            n, points = len(data), finite_array("data", data.data)
            mean = np.average(points, axis=0, weights=data.weights)
            scatter = n * np.average((points - mean) ** 2, axis=0, weights=data.weights)
        else:
            points = finite_array("data", data)
            if points.ndim == 0 or len(points) == 0:
                raise ValueError(f"data must hold at least one observation, got {data!r}")
            n, mean = len(points), points.mean(axis=0)
            scatter = ((points - mean) ** 2).sum(axis=0)
        _check_ddof(ddof, n)
        return cls(mean, scatter / (n - ddof), draw=draw)


@dataclass(frozen=True, eq=False)
class MultivariateGaussian:
    """Normal distribution in d dimensions; its parameters may carry replicates.

    Parameters
    ----------
    mean : array, shape (d, *replicates)
    cov : array, shape (d, d, *replicates)
        Symmetric, with no negative eigenvalue (beyond rounding).
    draw : {"points", "moments"}
        Whether `sample` returns points or their `Moments`, whose scatter is drawn from its exact
        law, the Wishart distribution.
    """

    mean: Any
    cov: Any
    draw: Draw = "points"
    _root: NDArray[np.float64] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        one_of("draw", self.draw, ("points", "moments"))
        mean, cov = finite_array("mean", self.mean), finite_array("cov", self.cov)
        if mean.ndim == 0 or cov.shape != mean.shape[:1] + mean.shape:
            raise ValueError(
                f"cov must have shape (d, d, *replicates) for a mean of shape (d, *replicates), "
                f"got {cov.shape} and {mean.shape}"
            )
        gap = np.abs(cov - np.swapaxes(cov, 0, 1))
        if (gap > 1e-9 * np.abs(cov).max(axis=(0, 1), initial=0.0)).any():
            raise ValueError(f"cov must be symmetric, got entries that differ by {gap.max():.3g}")
        object.__setattr__(self, "mean", mean)
        object.__setattr__(self, "cov", cov)
        object.__setattr__(self, "_root", _root(cov))

    @property
    def replicates(self) -> tuple[int, ...]:
        """Trailing axes of every sample."""
        return tuple(np.shape(self.mean)[1:])

    def expand(self, n_replicates: int) -> Self:
        """Return `n_replicates` independent copies of this model, side by side."""
        added = (whole_number("n_replicates", n_replicates),)
        mean, cov = (
            np.broadcast_to(np.expand_dims(x, -1), (*x.shape, *added))
            for x in (self.mean, self.cov)
        )
        return type(self)(mean, cov, draw=self.draw)

    def sample(self, n: int, *, rng: RNG) -> Any:
        """Draw `n` points, shape (n, d, *replicates), or their exact `Moments`."""
        n = whole_number("n", n)
        rng = np.random.default_rng(rng)
        if self.draw == "points":
            noise = rng.standard_normal((n, *self.mean.shape))
            return self.mean + np.einsum("ij...,nj...->ni...", self._root, noise)
        noise = rng.standard_normal(self.mean.shape)
        mean = self.mean + np.einsum("ij...,j...->i...", self._root, noise) / np.sqrt(n)
        unit = wishart_root(len(self.mean), n - 1, self.replicates, rng=rng)
        half = np.einsum("ij...,jk...->ik...", self._root, unit)
        return Moments(n, mean, np.einsum("ik...,jk...->ij...", half, half))

    @classmethod
    def fit(
        cls,
        data: Any,
        *,
        ddof: int = 0,
        rng: RNG = None,  # noqa: ARG003 - every Fit takes rng
    ) -> Self:
        """Estimate mean and covariance; see `Gaussian.fit`.

        Parameters
        ----------
        data : array, shape (n, d, *replicates), or Moments of vectors
        ddof : {0, 1}
            0 for maximum likelihood, 1 for the unbiased covariance.
        rng : ignored
        """
        draw: Draw = "points"
        if isinstance(data, Moments):
            if np.ndim(data.scatter) == np.ndim(data.mean):
                raise ValueError("data must be moments of vectors, got moments of scalars")
            n, mean, scatter, draw = data.n, data.mean, data.scatter, "moments"
        else:
            points = finite_array("data", data)
            if points.ndim < 2 or len(points) == 0:
                raise ValueError(
                    f"data must have shape (n, d, *replicates), got shape {points.shape}"
                )
            n, mean = len(points), points.mean(axis=0)
            scatter = np.einsum("ni...,nj...->ij...", points - mean, points - mean)
        _check_ddof(ddof, n)
        return cls(mean, scatter / (n - ddof), draw=draw)


def _root(cov: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a root R of `cov`, R Rᵀ = cov; eigenvectors, since a fitted cov may be singular."""
    values, vectors = np.linalg.eigh(np.moveaxis(cov, (0, 1), (-2, -1)))
    if values.size and (values[..., 0] < -1e-9 * np.abs(values[..., -1])).any():
        raise ValueError(f"cov must have no negative eigenvalue, got {values.min():.3g}")
    root = vectors * np.sqrt(values.clip(min=0.0))[..., None, :]
    return np.moveaxis(root, (-2, -1), (0, 1))


def wishart_root(
    d: int, dof: int, replicates: tuple[int, ...], *, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return A with A Aᵀ ~ Wishart(I, dof), shape (d, d or dof, *replicates).

    The law of XᵀX for `dof` standard normal rows X, by Bartlett's lower triangle.
    """
    if dof < d:  # a singular Wishart: the sum of dof outer products
        return rng.standard_normal((d, dof, *replicates))
    factor = np.zeros((d, d, *replicates))
    for i in range(d):
        factor[i, :i] = rng.standard_normal((i, *replicates))
        factor[i, i] = np.sqrt(rng.chisquare(dof - i, replicates))
    return factor
