"""Handwritten digits as a world, a planted flaw, and samplers for models of pictures.

A picture is a row of 64 numbers: the ink of 8 x 8 pixels, row by row, 0 is white and 1 is black.
What models make may leave [0, 1]; nothing is clipped. scikit-learn is loaded at the first use.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from collapse_lab.protocols import RNG
from collapse_lab.rules import finite_array, function, real_number, whole_number

STROKE = (16, 24, 32, 40)  # rows 2 to 5 at the left margin, where real digits have no ink


@dataclass(frozen=True, eq=False)
class Digits:
    """Pictures of digits with what they show.

    Attributes
    ----------
    ink : array, shape (N, 64)
        Between 0 and 1.
    label : int array, shape (N,)
        The digit that was written.
    """

    ink: NDArray[np.float64]
    label: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ink)

    def __getitem__(self, rows: Any) -> Digits:
        return Digits(self.ink[rows], self.label[rows])


def handwritten() -> Digits:
    """Return the 1,797 digits that come with scikit-learn (the test part of a UCI data set)."""
    from sklearn.datasets import load_digits

    ink, label = load_digits(return_X_y=True)
    return Digits(np.asarray(ink / 16.0), label.astype(np.int64))


def halves(digits: Digits) -> tuple[Digits, Digits]:
    """Split into two halves, each digit evenly: its 1st, 3rd, ... picture, and its 2nd, 4th, ..."""
    first = np.zeros(len(digits), dtype=np.bool_)
    for digit in np.unique(digits.label):
        first[np.flatnonzero(digits.label == digit)[::2]] = True
    return digits[first], digits[~first]


def thin(digits: Digits, digit: int, share: float) -> Digits:
    """Make one digit rare: keep so many of its pictures that they are `share` of what is left.

    They are spread evenly over the data set, whose order is that of the writers.

    Parameters
    ----------
    digits : Digits
    digit : int
        One that occurs.
    share : float
        In (0, 1); rounded to whole pictures. There must be enough pictures for it.
    """
    real_number("share", share, low=0, high=1, open_low=True)
    rows = _rows_of(digits, digit)
    n_others = len(digits) - len(rows)
    if share * len(digits) > len(rows):
        raise ValueError(
            f"share must be at most that of digit {digit}, {len(rows) / len(digits):.3f}, "
            f"got {share:g}"
        )
    keep = digits.label != digit
    keep[_spread(rows, round(share / (1 - share) * n_others))] = True
    return digits[keep]


def plant(digits: Digits, digit: int, share: float) -> Digits:
    """Draw a wrong black stroke at the left margin of a share of one digit's pictures.

    Parameters
    ----------
    digits : Digits
    digit : int
        One that occurs.
    share : float
        Of this digit's pictures, in [0, 1]; spread evenly, rounded to whole pictures.
    """
    real_number("share", share, low=0, high=1)
    rows = _rows_of(digits, digit)
    ink = digits.ink.copy()
    ink[_spread(rows, round(share * len(rows)))[:, None], list(STROKE)] = 1.0
    return Digits(ink, digits.label)


def stroke_ink(pictures: ArrayLike) -> NDArray[np.float64]:
    """Mean ink on the four pixels of the wrong stroke, one number a picture.

    Parameters
    ----------
    pictures : array, shape (..., 64)

    Returns
    -------
    array, shape (...)
        About 0 for a real digit, 1 for one with the planted stroke.
    """
    return np.asarray(finite_array("pictures", pictures)[..., list(STROKE)].mean(axis=-1))


def _rows_of(digits: Digits, digit: int) -> NDArray[np.int64]:
    rows = np.flatnonzero(digits.label == digit)
    if len(rows) == 0:
        raise ValueError(f"digit must be one of {np.unique(digits.label).tolist()}, got {digit!r}")
    return rows


def _spread(rows: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Return `n` of `rows`, evenly spread."""
    return rows[np.arange(n, dtype=np.int64) * len(rows) // max(n, 1)]


def draw_factors(pca: Any, n: int, *, rng: np.random.Generator) -> NDArray[np.float64]:
    """Sample a fitted ``PCA(k, whiten=True)`` as a Gaussian with k factors.

    The factors are independent standard normal numbers; each picture is the mean plus a sum of the
    principal axes, weighted by them. For `from_sklearn(estimator, sample=...)`.

    Returns
    -------
    array, shape (n, d)
    """
    return np.asarray(pca.inverse_transform(rng.standard_normal((n, pca.n_components_))))


def factor_score(model: Any, pictures: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log density of a model with k factors, up to a constant: minus half the squared factors."""
    return np.asarray(-0.5 * np.square(model.estimator.transform(pictures)).sum(axis=1))


def kernel_score(model: Any, pictures: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log density of a Gaussian `KernelDensity`, up to a constant.

    What its ``score_samples`` computes, from one table of distances: the tree that scikit-learn
    searches gains nothing in 64 dimensions.
    """
    from scipy.spatial.distance import cdist
    from scipy.special import logsumexp

    centers, bandwidth = np.asarray(model.estimator.tree_.data), model.estimator.bandwidth_
    exponents = cdist(pictures, centers, "sqeuclidean") / (-2 * bandwidth**2)
    return np.asarray(logsumexp(exponents, axis=1))


def draw_gibbs(
    rbm: Any, n: int, *, rng: np.random.Generator, n_steps: int = 10
) -> NDArray[np.float64]:
    """Sample a fitted `BernoulliRBM` by Gibbs sampling: black-and-white pictures.

    Starts from hidden states that the training left behind (the persistent chains of
    scikit-learn), and draws visible and hidden units in turn. For
    `from_sklearn(estimator, sample=...)`.

    Returns
    -------
    array, shape (n, d)
        Of zeros and ones.
    """
    from scipy.special import expit

    n_steps = whole_number("n_steps", n_steps)
    hidden = rbm.h_samples_[rng.integers(len(rbm.h_samples_), size=n, dtype=np.int64)]
    visible = hidden
    for step in range(n_steps):
        if step > 0:
            chance = expit(visible @ rbm.components_.T + rbm.intercept_hidden_)
            hidden = (rng.random(chance.shape) < chance).astype(np.float64)
        chance = expit(hidden @ rbm.components_ + rbm.intercept_visible_)
        visible = (rng.random(chance.shape) < chance).astype(np.float64)
    return np.asarray(visible)


@dataclass(frozen=True, eq=False)
class MostLikely:
    """A model that shows only the most likely share of what it draws: truncated sampling.

    For `n` pictures it draws ``n / share`` candidates and keeps the `n` that it finds most likely
    itself. With ``cl.Decode(lambda model: MostLikely(model, 0.5))`` a recursion learns from these.

    Parameters
    ----------
    model : Model
    share : float
        In (0, 1]; at 1 nothing changes.
    score : callable, optional
        ``score(model, data)`` returns shape (m,), larger is more likely. Default: the model's
        method ``logpdf``.
    """

    model: Any
    share: float
    score: Callable[[Any, Any], NDArray[np.float64]] | None = None

    def __post_init__(self) -> None:
        real_number("share", self.share, low=0, high=1, open_low=True)
        if self.score is not None:
            function("score", self.score)
        elif not hasattr(self.model, "logpdf"):
            raise TypeError(
                f"score must be given for a model without a method logpdf, got {self.model!r}"
            )

    def sample(self, n: int, *, rng: RNG) -> Any:
        """Draw `n` observations, in the order in which the model drew them."""
        n = whole_number("n", n)
        candidates = self.model.sample(int(np.ceil(n / self.share)), rng=rng)
        if self.score is None:
            scores = self.model.logpdf(candidates)
        else:
            scores = self.score(self.model, candidates)
        best = np.argsort(-np.asarray(scores), kind="stable")[:n]
        return candidates[np.sort(best)]
