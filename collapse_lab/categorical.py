"""The categorical family: words, breeds, symbols; with points or with exact counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from collapse_lab.data import Counts
from collapse_lab.protocols import RNG
from collapse_lab.rules import finite_array, one_of, real_number, whole_number


@dataclass(frozen=True, eq=False)
class Categorical:
    """Distribution over K categories, numbered from 0; may carry replicates.

    Refitted on its own draws, it is the Wright-Fisher model of genetic drift
    (`fisher1930genetical`, `wright1931evolution`).

    Parameters
    ----------
    p : array, shape (K, *replicates)
        Probabilities; along axis 0 they sum to 1 within 1e-9.
    draw : {"points", "counts"}
        Whether `sample` returns category numbers or their `Counts`, drawn from their exact law,
        the multinomial.

    Examples
    --------
    >>> coin = Categorical([0.5, 0.5], draw="counts")
    >>> len(coin.sample(10, rng=1))
    10
    """

    p: Any
    draw: Literal["points", "counts"] = "points"

    def __post_init__(self) -> None:
        one_of("draw", self.draw, ("points", "counts"))
        p = np.asarray(self.p)
        if p.dtype != np.float64:
            p = finite_array("p", p)
        if p.ndim == 0 or p.size == 0:
            raise ValueError(
                f"p must have shape (K, *replicates) and hold at least one number, "
                f"got shape {p.shape}"
            )
        total = p.sum(axis=0)
        worst = total.flat[np.argmax(np.abs(total - 1))]
        # A good p costs two passes: 321,000 words are fitted once a generation.
        if not (p.min() >= 0 and abs(worst - 1) <= 1e-9):
            lowest = finite_array("p", p).min()
            if lowest < 0:
                raise ValueError(f"p must hold numbers >= 0, got {lowest}")
            raise ValueError(f"p must sum to 1 along axis 0, got a sum of {worst}")
        if abs(worst - 1) > 1e-12:  # numpy's multinomial takes no more
            p = p / total
        object.__setattr__(self, "p", p)

    @property
    def replicates(self) -> tuple[int, ...]:
        """Trailing axes of every sample."""
        return tuple(np.shape(self.p)[1:])

    def expand(self, n_replicates: int) -> Self:
        """Return `n_replicates` independent copies of this model, side by side."""
        shape = (*np.shape(self.p), whole_number("n_replicates", n_replicates))
        return type(self)(np.broadcast_to(self.p[..., None], shape), draw=self.draw)

    def sample(self, n: int, *, rng: RNG) -> NDArray[np.int64] | Counts:
        """Draw `n` category numbers, shape (n, *replicates), or their exact `Counts`."""
        n = whole_number("n", n)
        rng = np.random.default_rng(rng)
        if self.draw == "counts":
            counts = rng.multinomial(n, np.moveaxis(self.p, 0, -1))
            return Counts.trusted(np.moveaxis(counts, -1, 0), n)
        cdf = self.p.reshape(len(self.p), -1).cumsum(axis=0)
        cdf /= cdf[-1]
        points = np.empty((n, cdf.shape[1]), dtype=np.int64)
        for replicate, levels in enumerate(cdf.T):
            points[:, replicate] = np.searchsorted(levels, rng.random(n), side="right")
        return points.reshape(n, *self.replicates)

    def log_prob(self, x: ArrayLike) -> NDArray[np.float64]:
        """Log probability of category numbers `x`, shape (n, *replicates)."""
        x = np.asarray(x)
        if not np.issubdtype(x.dtype, np.integer) or x.min() < 0 or x.max() >= len(self.p):
            raise ValueError(f"x must hold category numbers from 0 to {len(self.p) - 1}, got {x!r}")
        with np.errstate(divide="ignore"):  # an impossible category has log probability -inf
            log_p = np.log(self.p)
        return np.take_along_axis(log_p, x, axis=0) if self.replicates else log_p[x]

    def temper(self, temperature: float) -> Self:
        """Return the model sampled at a temperature: p to the power 1/temperature, normalized.

        Below 1 the common categories gain, at 1 nothing changes, above 1 the rare ones gain.
        A category of probability 0 keeps it.
        """
        power = 1 / real_number("temperature", temperature, low=0, open_low=True)
        scaled = (self.p / self.p.max(axis=0)) ** power
        return type(self)(scaled / scaled.sum(axis=0), draw=self.draw)

    def top_k(self, k: int) -> Self:
        """Return the model cut to its `k` most probable categories, normalized.

        Of equal probabilities the lower category number is kept.
        """
        k = whole_number("k", k)
        if k > len(self.p):
            raise ValueError(f"k must be at most the number of categories {len(self.p)}, got {k}")
        order = np.argsort(-self.p, axis=0, kind="stable")[:k]
        kept = np.zeros_like(self.p)
        np.put_along_axis(kept, order, np.take_along_axis(self.p, order, axis=0), axis=0)
        return type(self)(kept / kept.sum(axis=0), draw=self.draw)

    @classmethod
    def fit(
        cls,
        data: Any,
        *,
        n_categories: int | None = None,
        smoothing: float = 0.0,
        rng: RNG = None,  # noqa: ARG003 - every Fit takes rng
    ) -> Self:
        """Estimate the probabilities by relative frequency.

        Parameters
        ----------
        data : Counts, or int array of category numbers, shape (n, *replicates)
            A model fitted to `Counts` draws `Counts`.
        n_categories : int
            Number of categories K; needed for category numbers only, because a sample does not
            tell which categories it missed.
        smoothing : float
            Added to every count before normalizing (0 is maximum likelihood, 1 is Laplace's rule).
        rng : ignored
        """
        smoothing = real_number("smoothing", smoothing, low=0)
        if isinstance(data, Counts):
            if n_categories is not None and n_categories != len(data.values):
                raise ValueError(
                    f"n_categories must be {len(data.values)}, as in the counts, got {n_categories}"
                )
            if len(data) == 0:
                raise ValueError("data must hold at least one observation, got none")
            counts = data.values
        else:
            counts = _count(data, n_categories)
        total = len(data) + smoothing * len(counts)
        draw: Literal["points", "counts"] = "counts" if isinstance(data, Counts) else "points"
        return cls((counts + smoothing if smoothing else counts) / total, draw=draw)


def _count(data: ArrayLike, n_categories: int | None) -> NDArray[np.int64]:
    """Count category numbers, in each replicate apart."""
    points = np.asarray(data)
    if points.ndim == 0 or len(points) == 0 or not np.issubdtype(points.dtype, np.integer):
        raise ValueError(f"data must be a non-empty array of category numbers, got {data!r}")
    if n_categories is None:
        raise ValueError("n_categories must be given for category numbers, got None")
    k = whole_number("n_categories", n_categories)
    if points.min() < 0 or points.max() >= k:
        wrong = points.min() if points.min() < 0 else points.max()
        raise ValueError(f"data must hold category numbers from 0 to {k - 1}, got {wrong}")
    columns = points.reshape(len(points), -1).astype(np.int64)
    n_columns = columns.shape[1]
    flat = np.bincount(
        (columns * n_columns + np.arange(n_columns)).ravel(), minlength=k * n_columns
    )
    return flat.reshape(k, *points.shape[1:]).astype(np.int64)
