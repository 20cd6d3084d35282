"""scikit-learn's generative estimators as model families."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from collapse_lab.data import refuse_statistics
from collapse_lab.protocols import RNG
from collapse_lab.rules import finite_array, function, whole_number

Sampler = Callable[..., Any]  # sample(estimator, n, rng=Generator) -> array of shape (n, d)


@dataclass(frozen=True, eq=False)
class SklearnModel:
    """A fitted scikit-learn estimator that can be sampled; made by `from_sklearn`.

    Attributes
    ----------
    estimator : fitted estimator
    sampler : callable or None
        As given to `from_sklearn`.
    is_flat : bool
        Whether the data were scalars of shape (n,); samples then have that shape, too.
    seeds : tuple of str
        Parameters of the estimator that are set anew for each draw.
    """

    estimator: Any
    sampler: Sampler | None = None
    is_flat: bool = False
    seeds: tuple[str, ...] = ()

    def sample(self, n: int, *, rng: RNG) -> NDArray[np.float64]:
        """Draw `n` points, shape (n, d), or (n,) if the model was fitted to scalars."""
        n = whole_number("n", n)
        rng = np.random.default_rng(rng)
        points = finite_array("sample", self._draw(n, rng))
        if points.ndim == 0 or len(points) != n:
            raise ValueError(f"sample must return n = {n} observations, got shape {points.shape}")
        # Mixtures group their draws by component: whoever takes the first half would be misled.
        points = rng.permutation(points)
        return points.reshape(n) if self.is_flat else points

    def _draw(self, n: int, rng: np.random.Generator) -> Any:
        """Sample with fresh noise, leaving the fitted estimator as it was."""
        fitted = self.estimator
        if self.sampler is None and "random_state" in inspect.signature(fitted.sample).parameters:
            return fitted.sample(n, random_state=_new_seed(rng))
        if self.seeds:
            fitted = copy.deepcopy(fitted)  # a pipeline's copy would share its steps
            _reseed(fitted, self.seeds, rng)
        if self.sampler is not None:
            return self.sampler(fitted, n, rng=rng)
        drawn = fitted.sample(n)
        return drawn[0] if isinstance(drawn, tuple) else drawn  # mixtures return (X, component)

    def logpdf(self, x: ArrayLike) -> NDArray[np.float64]:
        """Log density at `x`, shape (n,), for estimators with ``score_samples``."""
        points = finite_array("x", x)
        return np.asarray(
            self.estimator.score_samples(points.reshape(-1, 1) if self.is_flat else points)
        )


def from_sklearn(estimator: Any, sample: Sampler | None = None) -> Callable[..., SklearnModel]:
    """Turn a generative scikit-learn estimator into a `Fit`.

    Every fit and every draw is seeded anew from `rng`, whatever ``random_state`` the estimator
    carries: with a fixed integer it would repeat its noise in each generation of a recursion.

    Parameters
    ----------
    estimator : estimator
        Unfitted; it is cloned, never changed.
    sample : callable, optional
        ``sample(estimator, n, rng=Generator)`` returns an array of shape (n, d). Needed for
        estimators without a ``sample`` method, such as a pipeline. It gets a fitted estimator
        whose seeds are new at each call.

    Returns
    -------
    callable
        ``fit(data, *, rng)`` for data of shape (n, d) or (n,).

    Raises
    ------
    TypeError
        If the estimator cannot be sampled.
    """
    if isinstance(estimator, type) or not hasattr(estimator, "fit"):
        raise TypeError(f"estimator must be an object with a method fit, got {estimator!r}")
    if sample is not None:
        function("sample", sample)
    elif not hasattr(estimator, "sample"):
        raise TypeError(
            f"sample must be given for an estimator without a method sample, got {estimator!r}"
        )
    seeds = _seed_names(estimator)  # to ask each clone for them takes longer than many a fit

    def fit(data: Any, *, rng: RNG = None) -> SklearnModel:
        from sklearn.base import clone  # scikit-learn is heavy: loaded by the first fit only

        refuse_statistics("from_sklearn", data)
        points = finite_array("data", data)
        if points.ndim not in (1, 2):
            raise ValueError(f"data must have shape (n,) or (n, d), got {points.shape}")
        is_flat = points.ndim == 1
        fresh = clone(estimator)
        _reseed(fresh, seeds, np.random.default_rng(rng))
        fresh.fit(points.reshape(-1, 1) if is_flat else points)
        return SklearnModel(fresh, sample, is_flat, seeds)

    return fit


def _seed_names(estimator: Any) -> tuple[str, ...]:
    """Return the parameters that seed the estimator or one inside it (a step of a pipeline)."""
    names = estimator.get_params(deep=True)
    return tuple(sorted(name for name in names if name.split("__")[-1] == "random_state"))


def _reseed(estimator: Any, seeds: tuple[str, ...], rng: np.random.Generator) -> None:
    """Give the estimator, and every estimator inside it, a new integer seed."""
    estimator.set_params(**{name: _new_seed(rng) for name in seeds})


def _new_seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**31, dtype=np.int64))
