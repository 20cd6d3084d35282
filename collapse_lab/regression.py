"""Linear regression, with labelled points or with their exact sufficient statistics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from collapse_lab.data import Labelled, NormalEquations
from collapse_lab.gaussian import wishart_root
from collapse_lab.protocols import RNG
from collapse_lab.rules import finite_array, one_of, real_number, whole_number

Draw = Literal["points", "equations"]
UNSEEN = 1e-12  # share of the largest square below which a direction has not been seen


@dataclass(frozen=True, eq=False)
class LinearModel:
    """Labels that are linear in standard normal inputs, with normal noise: y = X coef + noise.

    Parameters
    ----------
    coef : array, shape (d, *replicates)
    noise : float
        Standard deviation of the labels around their mean, at least 0.
    draw : {"points", "equations"}
        Whether `sample` returns the points themselves or their `NormalEquations`. Those of `n`
        points are drawn from their exact law: XᵀX is a Wishart matrix on `n` degrees of freedom,
        and Xᵀ times the noise is normal with covariance noise² XᵀX, given XᵀX.

    Examples
    --------
    >>> world = LinearModel([1.0, -2.0], noise=0.5)
    >>> LinearModel.fit(world.sample(10_000, rng=1)).coef.round(1)
    array([ 1., -2.])
    """

    coef: Any
    noise: float = 1.0
    draw: Draw = "points"

    def __post_init__(self) -> None:
        one_of("draw", self.draw, ("points", "equations"))
        object.__setattr__(self, "noise", real_number("noise", self.noise, low=0))
        coef = finite_array("coef", self.coef)
        if coef.ndim == 0 or len(coef) == 0:
            raise ValueError(f"coef must have shape (d, *replicates), got shape {coef.shape}")
        object.__setattr__(self, "coef", coef)

    @property
    def replicates(self) -> tuple[int, ...]:
        """Trailing axes of every sample."""
        return tuple(self.coef.shape[1:])

    def expand(self, n_replicates: int) -> Self:
        """Return `n_replicates` independent copies of this model, side by side."""
        shape = (*self.coef.shape, whole_number("n_replicates", n_replicates))
        return type(self)(np.broadcast_to(self.coef[..., None], shape), self.noise, self.draw)

    def sample(self, n: int, *, rng: RNG) -> Any:
        """Draw `n` points, X of shape (n, d, *replicates), or their `NormalEquations`."""
        n = whole_number("n", n)
        rng = np.random.default_rng(rng)
        if self.draw == "points":
            X = rng.standard_normal((n, *self.coef.shape))
            return Labelled(X, self.label(X, rng=rng))
        root = _matrices(wishart_root(len(self.coef), n, self.replicates, rng=rng))
        noise = self.noise * rng.standard_normal((*root.shape[:-2], root.shape[-1], 1))
        gram = root @ np.swapaxes(root, -1, -2)
        cross = (gram @ _columns(self.coef) + root @ noise)[..., 0]
        return NormalEquations(n, np.moveaxis(gram, (-2, -1), (0, 1)), np.moveaxis(cross, -1, 0))

    def label(self, X: ArrayLike, *, rng: RNG) -> NDArray[np.float64]:
        """Draw a label for each input, shape (n, *replicates).

        Parameters
        ----------
        X : array, shape (n, d, *replicates), or (n, d) for inputs that all replicates share
        rng : Generator or seed
        """
        X = finite_array("X", X)
        if X.ndim < 2 or X.shape[1:] not in (self.coef.shape, self.coef.shape[:1]):
            raise ValueError(
                f"X must have shape (n, d) or (n, d, *replicates) for a coef of shape "
                f"{self.coef.shape}, got {X.shape}"
            )
        shared = self.coef.ndim - X.ndim + 1  # replicate axes that X does not have
        mean = np.einsum("nd...,d...->n...", X[(..., *[None] * shared)], self.coef)
        noise = np.random.default_rng(rng).standard_normal(mean.shape)
        return np.asarray(mean + self.noise * noise)

    @classmethod
    def fit(
        cls,
        data: Any,
        *,
        ridge: float = 0.0,
        noise: float = 1.0,
        rng: RNG = None,  # noqa: ARG003 - every Fit takes rng
    ) -> Self:
        """Fit the coefficients by least squares; the noise is taken as known.

        Parameters
        ----------
        data : Labelled or NormalEquations
            Labelled points have X of shape (n, d, *replicates), or (n, d) if all replicates share
            their inputs, and y of shape (n, *replicates). A model fitted to `NormalEquations`
            draws `NormalEquations`.
        ridge : float
            Penalty λ >= 0: the fit has the least ‖y - X coef‖²/n + λ ‖coef‖². With 0 and inputs
            that do not span the space, the smallest coefficients of all that fit best (the
            minimum-norm interpolation, if there are fewer points than coefficients).
        noise : float
            Standard deviation of the labels that the fitted model draws.
        rng : ignored
            Every fit has this argument; this one needs no randomness.
        """
        ridge = real_number("ridge", ridge, low=0)
        draw: Draw = "points"
        if isinstance(data, NormalEquations):
            draw = "equations"
            gram, cross = _matrices(data.gram), _columns(data.cross)
            coef = _solve(gram, cross, data.n * ridge)
        elif isinstance(data, Labelled):
            X, y = _inputs_and_labels(data)
            coef = _fit_points(X, y, len(data) * ridge)
        else:
            raise TypeError(f"data must be Labelled or NormalEquations, got {type(data).__name__}")
        return cls(np.moveaxis(coef[..., 0], -1, 0), noise, draw)


def _matrices(array: NDArray[np.float64]) -> NDArray[np.float64]:
    """Move the axes of matrices behind the replicates, where linear algebra has them."""
    return np.moveaxis(array, (0, 1), (-2, -1))


def _columns(array: NDArray[np.float64]) -> NDArray[np.float64]:
    """Move the axis of vectors behind the replicates, as columns."""
    return np.moveaxis(array, 0, -1)[..., None]


def _inputs_and_labels(data: Labelled) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return X and y with the replicates first; X without them if it is shared."""
    X, y = finite_array("X", data.X), finite_array("y", data.y)
    if X.ndim < 2 or len(X) == 0 or X.shape[2:] not in (y.shape[1:], ()):
        raise ValueError(
            f"X must have shape (n, d) or (n, d, *replicates) for a y of shape {y.shape}, "
            f"got {X.shape}"
        )
    return _matrices(X), _columns(y)


def _fit_points(
    X: NDArray[np.float64], y: NDArray[np.float64], penalty: float
) -> NDArray[np.float64]:
    """Solve for the coefficients, or, if they are more than the points, for weights of these."""
    transposed = np.swapaxes(X, -1, -2)
    if X.shape[-2] < X.shape[-1]:
        return transposed @ _solve(X @ transposed, y, penalty)
    return _solve(transposed @ X, np.einsum("...nd,...nk->...dk", X, y), penalty)


def _solve(
    gram: NDArray[np.float64], right: NDArray[np.float64], penalty: float
) -> NDArray[np.float64]:
    """Solve (gram + penalty I) x = right, with the smallest x where there are many."""
    gram = gram + penalty * np.eye(gram.shape[-1])
    largest = np.diagonal(gram, axis1=-2, axis2=-1).max()
    try:
        pivots = np.diagonal(np.linalg.cholesky(gram), axis1=-2, axis2=-1)
        if (pivots**2 > UNSEEN * largest).all():
            return np.asarray(np.linalg.solve(gram, right))
    except np.linalg.LinAlgError:
        pass
    values, vectors = np.linalg.eigh(gram)
    seen = values > UNSEEN * values[..., -1:]
    inverse = np.divide(1.0, values, where=seen, out=np.zeros_like(values))
    return np.asarray(vectors @ (inverse[..., None] * (np.swapaxes(vectors, -1, -2) @ right)))
