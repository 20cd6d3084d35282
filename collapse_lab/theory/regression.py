"""Linear regression on labels that models gave: standard normal inputs, excess squared error.

Throughout, ``n`` points have ``d`` inputs, labels have noise of standard deviation ``noise``, and
the excess error of a model is the squared distance of its coefficients to the true ones
(`metrics.excess_error`). Generations are counted as everywhere: ``T = t + 1`` fits, the first on
real labels.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import scipy  # its slow rooms load at their first use
from numpy.typing import ArrayLike

from collapse_lab.rules import one_of
from collapse_lab.theory.arguments import at_least, between, checked

regression = checked(n=at_least(2))


def _more_points(n: int, d: int) -> None:
    """Least squares has a finite mean error for n > d + 1 only."""
    if n <= d + 1:
        raise ValueError(f"n must be more than d + 1 = {d + 1}, got {n}")


@regression
def regression_under_replace(t: ArrayLike, n: int, d: int, *, noise: float = 1.0) -> Any:
    """Mean excess error under `replace`: T noise² d/(n - d - 1) (L44).

    Each fit adds (XᵀX)⁻¹Xᵀ times fresh noise to the coefficients, whatever they are, and the
    inverse of a Wishart matrix has mean I/(n - d - 1). Source: `dohmatob2024demystified`,
    `gerstgrasser2024inevitable`.
    """
    _more_points(n, d)
    return (np.asarray(t) + 1) * noise**2 * d / (n - d - 1)


@regression
def regression_under_accumulate(t: ArrayLike, n: int, d: int, *, noise: float = 1.0) -> Any:
    """Mean excess error under `accumulate`: noise² d times the sum of 1/(j (jn - d - 1)) (L45).

    Over j = 1..T. With all data so far, the new coefficients are the last ones plus G⁻¹Xᵀ times
    the new noise, with G the sum of all XᵀX; by symmetry each generation has the j-th part of
    E[tr G⁻¹] = d/(jn - d - 1). It stays below π²/6 times the error of one fit, the bound of
    `gerstgrasser2024inevitable`.
    """
    _more_points(n, d)
    j = np.arange(1.0, np.max(t) + 2)
    return np.cumsum(noise**2 * d / (j * (j * n - d - 1)))[np.asarray(t)]


@regression
def interpolation_error(t: ArrayLike, n: int, d: int) -> Any:
    """Mean excess error of noise-free interpolation under `replace`: 1 - (n/d)^T, n <= d (L49).

    For true coefficients of length 1. Each fit projects the coefficients onto the span of n fresh
    inputs, a random subspace: what lies outside is forgotten. Source:
    `dohmatob2024demystified`.
    """
    if n > d:
        raise ValueError(f"n must be at most d = {d}, got {n}")
    return 1 - (n / d) ** (np.asarray(t) + 1.0)


class Resolvent(NamedTuple):
    """E[1/(s + ridge)] and E[1/(s + ridge)²] over eigenvalues s of XᵀX/n.

    Attributes
    ----------
    first, second : float
    """

    first: float
    second: float


@checked()
def marchenko_pastur_resolvent(ridge: float, ratio: float) -> Any:
    """Means of 1/(s + ridge) and of its square under the Marchenko-Pastur law (L50).

    Parameters
    ----------
    ridge : float
    ratio : float
        d/n, the number of inputs over that of points.

    Returns
    -------
    Resolvent
    """
    root = np.sqrt((1 - ratio + ridge) ** 2 + 4 * ratio * ridge)
    first = (root - (1 - ratio + ridge)) / (2 * ratio * ridge)
    slope = ((1 + ratio + ridge) / root - 1) / (2 * ratio * ridge) - first / ridge
    return Resolvent(float(first), float(-slope))


@regression
def ridge_error(
    ridge: float,
    n: int,
    d: int,
    *,
    label_error: float = 0.0,
    noise: float = 1.0,
    norm: float = 1.0,
) -> float:
    """Mean excess error of ridge regression on labels of another model, d and n large (L50).

    λ² norm² E[(s + λ)⁻²] + noise² (d/n) E[s (s + λ)⁻²] + label_error E[s² (s + λ)⁻²] over the
    Marchenko-Pastur law: the price of shrinking, the noise of the labels, and what is left of the
    error of the model that gave them. Exact for given n and d if the mean is over the eigenvalues
    of XᵀX/n. Source: `dohmatob2024demystified`.

    Parameters
    ----------
    ridge : float
        Penalty λ of `LinearModel.fit`, above 0.
    n, d : int
    label_error : float
        Excess error of the model that gave the labels, on average in no special direction;
        `regression_under_replace` for a chain of least squares.
    noise : float
    norm : float
        Length of the true coefficients.
    """
    m = marchenko_pastur_resolvent(ridge, d / n)
    kept = 1 - 2 * ridge * m.first + ridge**2 * m.second
    shrunk = (ridge * norm) ** 2 * m.second
    return float(shrunk + noise**2 * d / n * (m.first - ridge * m.second) + label_error * kept)


@regression
def optimal_ridge(
    n: int, d: int, *, label_error: float = 0.0, noise: float = 1.0, norm: float = 1.0
) -> float:
    """Penalty with the least `ridge_error`; noise² (d/n)/norm² for true labels (L50).

    The worse the labels, the larger the penalty: `dohmatob2024demystified` call it adaptive
    regularization.
    """

    def error(log_ridge: float) -> float:
        return ridge_error(np.exp(log_ridge), n, d, label_error=label_error, noise=noise, norm=norm)

    found = scipy.optimize.minimize_scalar(error, bounds=(-12, 12), method="bounded")
    return float(np.exp(found.x))


@checked(n=at_least(2), n_synthetic=at_least(0))
def shifted_labels_error(
    n_synthetic: int, n: int, d: int, *, label_error: float, noise: float = 1.0
) -> float:
    """Mean excess error of least squares where some labels come from another model, exact (L51).

    With G₂ the part of G = XᵀX that has labels of a model off by δ, the fit is off by G⁻¹G₂δ.
    Its mean square is |δ|²/d times [n₂ a + n₂ (n₂ - 1) b], a = d (d + 2)(n - 2) / (n (n + 2)
    (n - d - 1)) and n a + n (n - 1) b = d: a is the mean of (x'G⁻²x)(x'x) for one of the inputs,
    by the law of one row of a Wishart matrix; all rows are alike, and together they give
    tr(G G⁻² G) = d. Noise adds noise² d/(n - d - 1). The limit of many points and inputs is in
    `strong_collapse_error`.

    Parameters
    ----------
    n_synthetic : int
        Points, of the `n`, with labels of the other model.
    n, d : int
    label_error : float
        Excess error |δ|² of the other model, independent of these points.
    noise : float
        Of all labels.
    """
    _more_points(n, d)
    if n_synthetic > n:
        raise ValueError(f"n_synthetic must be at most n = {n}, got {n_synthetic}")
    a = d * (d + 2) * (n - 2) / (n * (n + 2) * (n - d - 1))
    b = (d - n * a) / (n * (n - 1))
    share = (n_synthetic * a + n_synthetic * (n_synthetic - 1) * b) / d
    return float(label_error * share + noise**2 * d / (n - d - 1))


@checked(ratio=between(0, 1, open_ends=True))
def strong_collapse_error(
    share: float, ratio: float, *, label_error: float, noise: float = 1.0
) -> float:
    """Limit of `shifted_labels_error` for many inputs and points, d/n = ratio < 1 (L51).

    (p² + p (1 - p) φ/(1 - φ)) |δ|² + noise² φ/(1 - φ) for a share p of labels that are off by δ.
    With more and more data, φ to 0, a floor of p² |δ|² stays. Source: `dohmatob2025strong`.
    """
    odds = ratio / (1 - ratio)
    return float((share**2 + share * (1 - share) * odds) * label_error + noise**2 * odds)


EDITED_ROWS = ("once", "same", "random")


@checked()
def edited_labels_error(t: ArrayLike, share: float, *, rows: str) -> Any:
    """Mean excess error after t rounds of editing labels, over that of one fit, n >> d (L54).

    In each round a share q of the labels is drawn anew from the last model, and all are fitted
    again, on inputs that stay. With A = (1 + q)^t it is 2A - A² + 2 (A² - 1)/(2 + q) if no row is
    edited twice, which tends to 2 exp(q t) - 1 for small q; it settles if the same rows are edited
    each time, and is 1 + q (2 - q) t for random rows. After one round all three are
    1 + 2q - q². Derived here; the workflow is from `zhu2025toedit`.

    Parameters
    ----------
    t : int or array
        Rounds of editing, 0 for the fit to the real labels.
    share : float
        Rows edited in a round, q.
    rows : {"once", "same", "random"}
        Disjoint sets of rows, so that share * t is at most 1; the same set in each round; or a
        random set each time.
    """
    one_of("rows", rows, EDITED_ROWS)
    rounds, q = np.asarray(t), share
    if rows == "random":
        return 1 + q * (2 - q) * rounds
    if rows == "once":
        if q * rounds.max() > 1 + 1e-9:
            raise ValueError(
                f"share * t must be at most 1 if rows are edited once, got {q * rounds.max():g}"
            )
        growth = (1 + q) ** rounds
        return 2 * growth - growth**2 + 2 * (growth**2 - 1) / (2 + q)
    edited, common, series = q, 0.0, []  # the edited part's square, and its product with the rest
    for _ in range(int(rounds.max()) + 1):
        whole = 1 - q + 2 * common + edited
        series.append(whole)
        edited, common = q + q**2 * whole, q * (1 - q + common)
    return np.array(series)[rounds]


@regression
def surrogate_error(weight: ArrayLike, n: int, d: int, *, bias: float) -> Any:
    """Mean square error of a mean in d dimensions, with biased surrogate data (L55).

    (1 - w)² d/n + w² bias²: `n` real points of unit variance with weight 1 - w, and endless
    surrogate points whose mean is off by a vector of length `bias`. Source: `jain2024surrogate`.
    """
    w = np.asarray(weight)
    return (1 - w) ** 2 * d / n + w**2 * bias**2


@regression
def optimal_surrogate_weight(n: int, d: int, *, bias: float) -> float:
    """Weight of surrogate data with the least `surrogate_error`: (d/n)/(d/n + bias²) (L55).

    The least error is (d/n) bias²/(d/n + bias²): below that of the real data alone and that of
    the surrogate data alone.
    """
    return float(d / n / (d / n + bias**2))
