"""Detection: how well the best test tells generated documents from human ones.

A document is a run of independent tokens, drawn from the probabilities of a human source or from
those of a generator. Its score is the log likelihood ratio, the sum over its tokens of log q - log
p. No test of the same rate of false alarms finds more generated documents than a threshold on this
score (the lemma of Neyman and Pearson).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from collapse_lab.rules import finite_array, real_number, whole_number

_SPREADS = 12  # standard deviations of a score that the grid covers on either side


def log_likelihood_ratio(generated: ArrayLike, human: ArrayLike) -> NDArray[np.float64]:
    """Score of each token: the log of its probability when generated over that when human.

    Parameters
    ----------
    generated, human : array, shape (K,)
        Probabilities of the K tokens; each sums to 1, and no human one is 0.

    Returns
    -------
    array, shape (K,)
        -inf for a token that the generator cannot write: it proves that a human wrote it.

    Raises
    ------
    ValueError
        If these are not probabilities of the same K tokens, or a human one is 0.
    """
    q, p = _probabilities("generated", generated), _probabilities("human", human)
    if p.shape != q.shape:
        raise ValueError(f"generated must have the shape of human {p.shape}, got {q.shape}")
    if p.min() == 0:
        raise ValueError("human must hold numbers > 0, got 0.0")
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(q / p))


def auc(human: ArrayLike, generated: ArrayLike) -> tuple[float, float]:
    """Area under the ROC curve of measured scores, and its standard error.

    The area is the chance that a generated document scores higher than a human one, ties counted
    half. The standard error is that of two independent samples: for each document, the share of
    the other side that it beats; the variances of these shares, over the sample sizes, add up.

    Parameters
    ----------
    human, generated : array, shape (documents,)
        Scores, at least two of either kind; -inf is a score.

    Returns
    -------
    area, standard_error : float
    """
    sides = []
    for name, scores in (("human", human), ("generated", generated)):
        array = np.asarray(scores, dtype=np.float64)
        if array.ndim != 1 or len(array) < 2 or np.isnan(array).any():
            raise ValueError(f"{name} must hold at least two scores, got {scores!r}")
        sides.append(array)
    low, high = sides
    beaten = _share_below(high, np.sort(low))
    beating = 1 - _share_below(low, np.sort(high))
    variance = beaten.var(ddof=1) / len(beaten) + beating.var(ddof=1) / len(beating)
    return float(beaten.mean()), float(np.sqrt(variance))


def _share_below(scores: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for each score the share of the sorted `others` below it, ties counted half."""
    below = np.searchsorted(others, scores, side="left")
    not_above = np.searchsorted(others, scores, side="right")
    return np.asarray((below + not_above) / (2 * len(others)))


@dataclass(frozen=True, eq=False)
class ScoreLaw:
    """The law of a document's score under either author; made by `score_law`.

    Attributes
    ----------
    scores : array, shape (points,)
        Possible scores in growing order; the first is -inf.
    human, generated : array, shape (points,)
        Probabilities of these scores.
    """

    scores: NDArray[np.float64]
    human: NDArray[np.float64]
    generated: NDArray[np.float64]

    def roc(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return false alarms and hits of every threshold, from the strictest to the laxest."""
        false_alarms, hits = (
            np.concatenate([[0.0], np.cumsum(law[::-1]).clip(max=1.0)])
            for law in (self.human, self.generated)
        )
        return false_alarms, hits

    def auc(self) -> float:
        """Area under the ROC curve: the chance that a generated document scores higher."""
        below = np.cumsum(self.human) - self.human / 2  # ties count half
        return float((self.generated * below).sum())  # @ would wake BLAS threads

    def hits(self, false_alarms: float) -> float:
        """Share of generated documents that are found at this rate of false alarms.

        Between two thresholds the test is drawn by lot, which reaches every rate exactly.
        """
        rate = real_number("false_alarms", false_alarms, low=0, high=1)
        return float(np.interp(rate, *self.roc()))

    def distance(self) -> float:
        """Total variation between the two laws: the most that hits can exceed false alarms."""
        return float(np.abs(self.human - self.generated).sum() / 2)


def score_law(
    generated: ArrayLike, human: ArrayLike, length: int, *, points: int = 2**15
) -> ScoreLaw:
    """Law of the score of documents of `length` tokens, by convolution instead of simulation.

    The score of one token has a law on at most K values. It is laid on a grid, each value split
    between its two neighbors so that its mean is kept, and convolved `length` times with itself by
    Fourier transform. The grid covers 12 standard deviations of the score on either side.

    Parameters
    ----------
    generated, human : array, shape (K,)
        Probabilities of the tokens, as in `log_likelihood_ratio`.
    length : int
        Tokens in a document.
    points : int
        Points of the grid, at least 16; a token's own spread should cover several of its steps.

    Returns
    -------
    ScoreLaw

    Examples
    --------
    >>> fair, loaded = [0.5, 0.5], [0.6, 0.4]
    >>> round(score_law(loaded, fair, 100).auc(), 2)
    0.92
    """
    length = whole_number("length", length)
    points = whole_number("points", points, at_least=16)
    ratio = log_likelihood_ratio(generated, human)
    possible = np.isfinite(ratio)
    ratio = ratio[possible]
    masses = [np.asarray(side, dtype=np.float64)[possible] for side in (human, generated)]
    low, high = _range(ratio, masses, length)
    step = (high - low) / (points - 1)
    first = int(np.floor(low / step))
    place = ratio / step
    cell = np.floor(place)
    upper = place - cell
    lower = cell.astype(np.int64) % points
    laws = []
    for mass in masses:
        one = np.bincount(lower, mass * (1 - upper), minlength=points)
        one += np.roll(np.bincount(lower, mass * upper, minlength=points), 1)
        many = np.fft.irfft(np.fft.rfft(one) ** length, points)
        finite = np.roll(many, -(first % points)).clip(min=0)
        never = max(0.0, 1 - mass.sum() ** length)
        laws.append(np.concatenate([[never], finite * (1 - never) / finite.sum()]))
    scores = np.concatenate([[-np.inf], (first + np.arange(points)) * step])
    return ScoreLaw(scores, *laws)


def _range(
    ratio: NDArray[np.float64], masses: list[NDArray[np.float64]], length: int
) -> tuple[float, float]:
    """Return the lowest and the highest score that the grid must hold."""
    ends = []
    for mass in masses:
        mean = np.average(ratio, weights=mass)
        spread = np.sqrt(length * np.average((ratio - mean) ** 2, weights=mass))
        ends += [length * mean - _SPREADS * spread, length * mean + _SPREADS * spread]
    reach = max(float(np.ptp(ratio)), 1e-9)  # one unusual token; equal laws have no spread at all
    return min(ends) - reach, max(ends) + reach


def _probabilities(name: str, values: ArrayLike) -> NDArray[np.float64]:
    """Return probabilities of shape (K,), or raise ValueError."""
    p = finite_array(name, values)
    if p.ndim != 1 or p.size == 0 or p.min() < 0 or abs(p.sum() - 1) > 1e-9:
        raise ValueError(
            f"{name} must hold numbers >= 0 that sum to 1, got shape {p.shape} and sum {p.sum():g}"
        )
    return p
