"""Gaussian chains under every workflow: replace, accumulate, subsample, keep, mix, grow, weigh.

Two facts carry all of them. Fitting is linear in expectation: the mean variance and the mean
square of the mean after a fit are linear in those before it. And maximum likelihood conserves:
as long as models are sampled honestly, E[variance] + E[mean²] = 1 in every generation of every
workflow, because the pooled second moment is an average of parts that all have it (L08).

``factor`` is the variance of what is sampled over that of the model: 1 for honest sampling, λ of
`alemohammad2024mad` for sharpened samples, `truncated_variance` for tails that are cut off.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from collapse_lab.rules import real_number, whole_number
from collapse_lab.theory.arguments import at_least, between, checked
from collapse_lab.theory.gaussian import expected_std

gaussian = checked(n=at_least(2))
pooled = checked(n=at_least(2), n_real=at_least(2))


class ExpectedFit(NamedTuple):
    """What a fitted Gaussian is on average, where the world has mean 0 and variance 1.

    Attributes
    ----------
    variance : float or array
        E[variance].
    mean_square : float or array
        E[mean²]: the mean square error of the mean.
    """

    variance: Any
    mean_square: Any


def _at(t: ArrayLike, states: Iterator[tuple[float, float]]) -> ExpectedFit:
    """Pick generations out of the pairs (E[variance], E[mean²]) of t = 0, 1, 2, ..."""
    when = np.asarray(t)
    table = np.array(list(islice(states, int(when.max()) + 1)))
    return ExpectedFit(*(column[when] for column in table.T))


@gaussian
def gaussian_under_replace(
    t: ArrayLike, n: int, *, ddof: int = 0, factor: float = 1.0
) -> ExpectedFit:
    """Variance and mean under `replace` (L05, L07, L08, L13).

    In each fit E[variance] is multiplied by ``factor`` (n - 1)/(n - ddof), and E[mean²] gains
    ``factor`` E[variance]/n.

    Parameters
    ----------
    t : int or array
    n : int
    ddof : {0, 1}
    factor : float
        Variance of what is sampled over that of the model.

    Returns
    -------
    ExpectedFit, of the shape of `t`
    """
    sizes = [n] * (int(np.max(t)) + 1)
    return _at(t, zip(*gaussian_under_growth(sizes, ddof=ddof, factor=factor), strict=True))


@gaussian
def gaussian_under_growth(
    sizes: Sequence[int], *, ddof: int = 0, factor: float = 1.0
) -> ExpectedFit:
    """Variance and mean under `replace` with a sample size for each generation (L01, L26).

    With the unbiased fit E[mean²] is the sum of 1/n_t. It is bounded for sizes that grow like t²,
    say, without any real data being kept, and not for sizes in proportion to t
    (`xu2025probabilistic`).

    Parameters
    ----------
    sizes : sequence of int, length T
        Sample size of each generation, the first on real data.
    ddof : {0, 1}
    factor : float
        Variance of what is sampled over that of the model.

    Returns
    -------
    ExpectedFit, each of shape (T,)
    """
    n = np.array([whole_number("sizes", size, at_least=2) for size in sizes], dtype=np.float64)
    variance = np.cumprod((n - 1) / (n - ddof)) * factor ** np.arange(len(n))
    drawn = np.concatenate([[1.0], factor * variance[:-1]])  # variance of what each fit has seen
    return ExpectedFit(variance, np.cumsum(drawn / n))


@gaussian
def gaussian_under_accumulate(
    t: ArrayLike, n: int, *, ddof: int = 0, factor: float = 1.0
) -> ExpectedFit:
    """Variance and mean under `accumulate` (L19, L61).

    The pool of nj points gains n points of variance ``factor`` v, whose mean lies around its own:
    its scatter grows by ``factor`` v (n - 1/(j + 1)) on average, and its mean moves by
    ``factor`` v / (n (j + 1)²) in the square. For maximum likelihood and honest samples this is
    the product of 1 - 1/(n j²) (`kazdan2025collapse`).

    Parameters
    ----------
    t : int or array
    n : int
        New points in each generation.
    ddof : {0, 1}
    factor : float
        Variance of what is sampled over that of the model. Below 1 the variance falls like
        T^-(1 - factor) to 0: see `accumulated_decay`.

    Returns
    -------
    ExpectedFit, of the shape of `t`
    """

    def states() -> Iterator[tuple[float, float]]:
        size, scatter, mean_square = n, n - 1.0, 1 / n
        while True:
            variance = scatter / (size - ddof)
            yield variance, mean_square
            size += n
            scatter += factor * variance * (n - n / size)
            mean_square += factor * variance * n / size**2

    return _at(t, states())


@gaussian
def variance_limit_under_accumulate(n: int) -> float:
    """E[variance] that accumulation with maximum likelihood ends at: sin(π/√n)/(π/√n) (L19)."""
    return float(np.sinc(1 / np.sqrt(n)))


@gaussian
def accumulated_decay(t: ArrayLike, factor: float) -> Any:
    """E[variance] under `accumulate` with endless data, the product of 1 - (1 - factor)/j (L61).

    Over j = 2..T it is Γ(T + factor) / (Γ(T + 1) Γ(1 + factor)), which falls like
    T^-(1 - factor): accumulation slows a biased sampler down, and does not stop it.
    """
    fits = np.asarray(t) + 1.0
    return np.exp(
        special.gammaln(fits + factor) - special.gammaln(fits + 1) - special.gammaln(1 + factor)
    )[()]


@gaussian
def gaussian_under_subsample(
    t: ArrayLike,
    n: int,
    *,
    with_replacement: bool = False,
    ddof: int = 0,
    factor: float = 1.0,
) -> ExpectedFit:
    """Variance and mean when each fit sees `n` random points of the accumulated pool (L20).

    Let q be the variance of the pool of N points. Without replacement, as ``train_size`` of the
    engine draws, the part's mean lies around the pool's with variance (q/n)(N - n)/(N - 1), and
    its unbiased variance is q N/(N - 1) on average. With replacement these are q/n and q, and for
    maximum likelihood q is (1 - 1/n) times the product over j = 2..T of 1 - (2 - 1/n)/(n j²).

    Parameters
    ----------
    t : int or array
    n : int
        New points in each generation, and points in each fit.
    with_replacement : bool
        Whether a fit may see a point of the pool twice.
    ddof : {0, 1}
    factor : float
        Variance of what is sampled over that of the model.

    Returns
    -------
    ExpectedFit, of the shape of `t`
        Of the fits, not of the pool. Source of the workflow: `kazdan2025collapse`.
    """

    def states() -> Iterator[tuple[float, float]]:
        size, q, pool_square = n, 1 - 1 / n, 1 / n
        while True:
            around = q / n if with_replacement else q / n * (size - n) / (size - 1)
            unbiased = q if with_replacement else q * size / (size - 1)
            variance = unbiased * (n - 1) / (n - ddof)
            yield variance, pool_square + around
            drawn, share = factor * variance, n / (size + n)
            moved = share**2 * (around + drawn / n)
            q = (1 - share) * q + share * (around + drawn) - moved
            pool_square += moved
            size += n

    return _at(t, states())


@pooled
def gaussian_under_keep(
    t: ArrayLike, n_real: int, n: int, *, ddof: int = 0, factor: float = 1.0
) -> ExpectedFit:
    """Variance and mean under `Keep`: fixed real data and `n` new points (L17, L56).

    With N = n_real + n, w = n/N and D = E[(mean - mean of the real data)²], which starts at 0:
    D' = w² (D + factor V/n), E[mean²] = 1/n_real + D, and the pool's scatter is
    n_real - 1 + factor V n (1 - 1/N) + n_real w D on average. Real and generated part pull with
    constant shares, so that all of it converges at least like w^t.

    Parameters
    ----------
    t : int or array
    n_real : int
        Real data, drawn once.
    n : int
        Points of the last model in each generation t >= 1.
    ddof : {0, 1}
    factor : float
        Variance of what is sampled over that of the model.

    Returns
    -------
    ExpectedFit, of the shape of `t`
    """
    size = n_real + n
    w = n / size

    def states() -> Iterator[tuple[float, float]]:
        variance, apart = (n_real - 1) / (n_real - ddof), 0.0
        while True:
            yield variance, 1 / n_real + apart
            drawn = factor * variance
            scatter = n_real - 1 + drawn * n * (1 - 1 / size) + n_real * w * apart
            variance, apart = scatter / (size - ddof), w**2 * (apart + drawn / n)

    return _at(t, states())


@pooled
def mean_square_limit_under_keep(n_real: int, n: int) -> float:
    """E[mean²] that `Keep` with maximum likelihood ends at (L17).

    1/r + (1 - 1/r) n / (N² (1 - w²) + n) with r = n_real, N = r + n, w = n/N. For n much larger
    than r it is near 3/(2r): however much is generated, at least two thirds of the real data's
    worth are left.
    """
    size = n_real + n
    return float(1 / n_real + (1 - 1 / n_real) * n / (size**2 - n**2 + n))


def _some_generated(n_real: int, n: int) -> None:
    if n_real >= n:
        raise ValueError(f"n_real must be less than n = {n}, got {n_real}")


@pooled
def gaussian_under_mix(
    t: ArrayLike,
    n_real: int,
    n: int,
    *,
    n_first: int | None = None,
    weight: float | None = None,
    ddof: int = 0,
    factor: float = 1.0,
) -> ExpectedFit:
    """Variance and mean under `Mix`: fresh real data in each generation (L15, L16, L52).

    With s = n - n_real, the weight w of the real part and drawn = factor V, E[mean²] becomes
    w²/n_real + (1 - w)² (E[mean²] + drawn/s). The variance is that of the pooled data: within the
    parts, and between their means.

    Parameters
    ----------
    t : int or array
    n_real : int
        Fresh real points among the `n`.
    n : int
    n_first : int, optional
        Real points of generation 0; `n` by default.
    weight : float, optional
        Weight of the real part, as in ``Mix(..., weight=...)``; n_real/n by default.
    ddof : {0, 1}
        0 if a weight is given.
    factor : float
        Variance of what is sampled over that of the model.

    Returns
    -------
    ExpectedFit, of the shape of `t`
    """
    _some_generated(n_real, n)
    if weight is not None and ddof:
        raise ValueError(f"ddof must be 0 if a weight is given, got {ddof}")
    first = n if n_first is None else n_first
    w = n_real / n if weight is None else weight
    s = n - n_real

    def states() -> Iterator[tuple[float, float]]:
        variance, mean_square = (first - 1) / (first - ddof), 1 / first
        while True:
            yield variance, mean_square
            drawn = factor * variance
            within = w * (1 - 1 / n_real) + (1 - w) * drawn * (1 - 1 / s)
            between = w * (1 - w) * (1 / n_real + mean_square + drawn / s)
            variance = (within + between) * n / (n - ddof)
            mean_square = w**2 / n_real + (1 - w) ** 2 * (mean_square + drawn / s)

    return _at(t, states())


@pooled
def mean_square_limit_under_mix(n_real: int, n: int) -> float:
    """E[mean²] that `Mix` with maximum likelihood ends at: 1/(n (1 - w²) + w) (L15).

    w = 1 - n_real/n is the generated share. Independent of generation 0. The sample of real data
    with the same error has about n_real (n_real + 2s)/(n_real + s) points for s generated ones:
    between n_real and 2 n_real.
    """
    if n_real > n:
        raise ValueError(f"n_real must be at most n = {n}, got {n_real}")
    w = 1 - n_real / n
    return float(1 / (n * (1 - w**2) + w))


@pooled
def squared_wasserstein_under_mix(
    n_real: int, n: int, *, ddof: int = 0, factor: float = 1.0
) -> float:
    """E[squared 2-Wasserstein distance to the world] that `Mix` ends at (L16).

    Mean square of the mean and mean variance V are exact, the fixed point of `gaussian_under_mix`.
    The mean standard deviation is √V (1 - Var/(8V²)) by the delta method, with the variance of
    the variance to leading order, 2 (n_real + s (factor V)²)/n² / (1 - (factor s/n)²) for
    s = n - n_real.
    """
    _some_generated(n_real, n)
    share, bessel = n_real / n, (n - 1) / (n - ddof)
    left = 1 - share
    # (V, E[mean²]) = a (V, E[mean²]) + b
    a = np.array(
        [
            [bessel * factor * left, n / (n - ddof) * share * left],
            [factor * left / n, left**2],
        ]
    )
    variance, mean_square = np.linalg.solve(np.eye(2) - a, [bessel * share, share / n])
    spread = 2 * (share + left * (factor * variance) ** 2) / n / (1 - (factor * left) ** 2)
    std = np.sqrt(variance) * (1 - spread / (8 * variance**2))
    return float(mean_square + variance + 1 - 2 * std)


@checked(n_real=at_least(2), factor=between(0, 1, open_ends=True))
def admissible_synthetic(n_real: int, factor: float, *, ddof: int = 0) -> int:
    """Most generated points that help beside `n_real` fresh real ones, if factor < 1 (L16).

    Up to it `squared_wasserstein_under_mix` is below the distance of a fit to the real data
    alone, with more it is above. An approximation for a few dozen real points or more, as that is.
    """
    variance = (n_real - 1) / (n_real - ddof)
    alone = 1 / n_real + variance + 1 - 2 * expected_std(0, n_real, ddof=ddof)

    def helps(s: int) -> bool:
        mixed = squared_wasserstein_under_mix(n_real, n_real + s, ddof=ddof, factor=factor)
        return mixed < float(alone)

    high = 1
    while helps(high):
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if helps(middle) else (low, middle)
    return low


@checked(n_synthetic=at_least(1))
def weighted_mean_square(weight: float, n_real: int, n_synthetic: int) -> float:
    """E[mean²] that fresh real data of a given weight end at, unbiased variance (L52, L53).

    [w²/n_real + (1 - w)²/n_synthetic] / (w (2 - w)): the fixed point of
    M = w²/n_real + (1 - w)² (M + 1/n_synthetic). With maximum likelihood it is a little lower,
    see `gaussian_under_mix`.
    """
    w = real_number("weight", weight, low=0, high=1, open_low=True)
    return float((w**2 / n_real + (1 - w) ** 2 / n_synthetic) / (w * (2 - w)))


@checked(n_synthetic=at_least(1))
def optimal_weight(n_real: int, n_synthetic: int) -> float:
    """Weight of fresh real data with the least `weighted_mean_square`: (√(k² + 4k) - k)/2 (L52).

    k = n_real/n_synthetic. For k = 1 it is 0.618, one over the golden ratio, and for every k
    n_real times the least mean square is the weight itself. Source: `he2026recursive`.
    """
    k = n_real / n_synthetic
    return float((np.sqrt(k**2 + 4 * k) - k) / 2)


@checked()
def variance_ratio_under_accumulate(t: ArrayLike) -> Any:
    """Variance of an estimate under `accumulate`, over that of the first: sum of 1/j² (L45, L46).

    Exact where the new data of generation j + 1 have the fitted mean and a variance that is
    linear in it, and to leading order for many estimates; it tends to π²/6
    (`dey2024universality`), while `replace` gives T.
    """
    fits = np.arange(1.0, np.max(t) + 2)
    return np.cumsum(1 / fits**2)[np.asarray(t)]


@checked(n=at_least(1))
def exponential_scale_under_accumulate(t: ArrayLike, n: int, *, power: int = 2) -> Any:
    """E[scale^power] of an exponential law fitted under `accumulate`, world of scale 1 (L47).

    Fit j multiplies the scale by 1 + (g - 1)/j with g a Gamma variable of mean 1 and variance
    1/n. For the square the product of 1 + 1/(n j²) tends to sinh(π/√n)/(π/√n).
    """
    fits = np.arange(1.0, np.max(t) + 2)
    powers = range(power + 1)
    gamma = [np.exp(special.gammaln(n + i) - special.gammaln(n)) / n**i for i in powers]  # E[g^i]
    step = sum(
        special.comb(power, i) * (1 - 1 / fits) ** (power - i) * fits**-i * gamma[i] for i in powers
    )
    return np.cumprod(step)[np.asarray(t)]


@checked(fraction=between(0, 1))
def bias_under_mix(t: ArrayLike, fraction: float, shift: float) -> Any:
    """Mean bias under `Mix` if the model's own data are off by `shift` in each generation (L60).

    b' = (1 - f)(b + shift) from b = 0: it tends to shift (1 - f)/f for a fresh real share
    f > 0, and is t times shift for f = 0. Source of the question: `taori2023feedback`.
    """
    kept = 1 - fraction
    generations = np.asarray(t)
    steps = np.concatenate([[0.0], np.cumsum(kept ** np.arange(1.0, generations.max() + 1))])
    return shift * steps[generations]
