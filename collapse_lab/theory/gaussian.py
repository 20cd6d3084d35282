"""Gaussian chains: how their mean, their variance and their distance to the world evolve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy  # its slow rooms load at their first use
from numpy.typing import ArrayLike
from scipy import special

from collapse_lab.rules import finite_array, real_number, whole_number
from collapse_lab.theory.arguments import at_least, checked

gaussian = checked(n=at_least(2))


@gaussian
def c4(n: int) -> float:
    """Mean of the sample standard deviation of `n` normal points, over its true value (L10)."""
    log_ratio = special.gammaln(n / 2) - special.gammaln((n - 1) / 2)
    return float(np.sqrt(2 / (n - 1)) * np.exp(log_ratio))


@gaussian
def expected_variance(t: ArrayLike, n: int, *, ddof: int = 0) -> Any:
    """E[variance] under `replace`: 1 for the unbiased fit, (1 - 1/n)^T for maximum likelihood.

    L05, L07; the first makes the variance a martingale.
    """
    fits = np.asarray(t) + 1
    return np.ones_like(fits, dtype=np.float64) if ddof else (1 - 1 / n) ** fits


@gaussian
def variance_second_moment(t: ArrayLike, n: int, *, ddof: int = 0) -> Any:
    """E[variance²] under `replace` (L05): ((n - 1)(n + 1) / (n - ddof)²)^T."""
    return ((n - 1) * (n + 1) / (n - ddof) ** 2) ** (np.asarray(t) + 1.0)


@gaussian
def expected_std(t: ArrayLike, n: int, *, ddof: int = 0) -> Any:
    """E[standard deviation] under `replace`: c4(n)^T, times sqrt(1 - 1/n)^T for ML (L07, L10).

    Source: `bertrand2024stability`, as quoted by `suresh2025rate`.
    """
    per_fit = c4(n) * (1.0 if ddof else np.sqrt(1 - 1 / n))
    return per_fit ** (np.asarray(t) + 1.0)


@gaussian
def log_variance_drift(n: int, *, ddof: int = 0) -> float:
    """Mean change of the log variance in one fit: digamma((n-1)/2) - log((n-ddof)/2) (L06, L07)."""
    return float(special.digamma((n - 1) / 2) - np.log((n - ddof) / 2))


@gaussian
def log_variance_spread(n: int) -> float:
    """Variance of the change of the log variance in one fit: trigamma((n-1)/2) (L06)."""
    return float(special.zeta(2, (n - 1) / 2))  # the trigamma function


@gaussian
def median_variance(t: ArrayLike, n: int, *, ddof: int = 0) -> Any:
    """Median of the variance under `replace`, with its skewness correction (L06).

    The log variance is a sum of T independent terms; the first Cornish-Fisher term moves its
    median by minus a sixth of skewness times standard deviation.
    """
    spread, third = special.zeta([2, 3], (n - 1) / 2) * [1, -2]  # the second and third cumulant
    shift = -third / (6 * spread)
    return np.exp((np.asarray(t) + 1) * log_variance_drift(n, ddof=ddof) + shift)


@gaussian
def size_biased_median_variance(t: int, n: int, *, ddof: int = 0) -> float:
    """Level of the variance above which half of E[variance] lies under `replace` (L05).

    Weighted by its own size, a chi-square gains two degrees of freedom, so that the log variance
    is a sum of T independent terms log(chi²/(n - ddof)) with n + 1 degrees of freedom. The median
    of the sum has its skewness correction, as in `median_variance`.
    """
    half = (n + 1) / 2
    shift = -special.polygamma(2, half) / (6 * special.polygamma(1, half))
    drift = special.digamma(half) - np.log((n - ddof) / 2)
    return float(np.exp((t + 1) * drift + shift))


@gaussian
def log_variance_quantile(q: ArrayLike, t: int, n: int, *, ddof: int = 0) -> Any:
    """Quantile of the log variance under `replace`, by the central limit theorem (L04)."""
    center = (t + 1) * log_variance_drift(n, ddof=ddof)
    return center + np.sqrt((t + 1) * log_variance_spread(n)) * special.ndtri(q)


@gaussian
def collapse_probability(level: float, t: int, n: int, *, ddof: int = 0) -> float:
    """P(variance <= level) under `replace`, by the central limit theorem for its log (L04)."""
    center = (t + 1) * log_variance_drift(n, ddof=ddof)
    return float(special.ndtr((np.log(level) - center) / np.sqrt((t + 1) * log_variance_spread(n))))


@gaussian
def mean_square_of_mean(t: ArrayLike, n: int, *, ddof: int = 0) -> Any:
    """E[mean²] under `replace`: T/n for the unbiased fit (L05), 1 - (1 - 1/n)^T for ML (L08)."""
    fits = np.asarray(t) + 1
    return fits / n if ddof else 1 - (1 - 1 / n) ** fits


@gaussian
def expected_squared_wasserstein(t: ArrayLike, n: int) -> Any:
    """E[squared 2-Wasserstein distance to the world], unbiased fit: T/n + 2(1 - c4(n)^T) (L02)."""
    fits = np.asarray(t) + 1
    return fits / n + 2 * (1 - c4(n) ** fits)


@gaussian
def expected_variance_accumulate(t: ArrayLike, n: int) -> Any:
    """E[variance] of the maximum-likelihood fit under `accumulate` (L19).

    The product over j = 1..T of 1 - 1/(n j²), which tends to sin(π/√n) / (π/√n): the chain
    stops losing variance.
    """
    fits = np.arange(1, np.max(t) + 2)
    return np.cumprod(1 - 1 / (n * fits.astype(np.float64) ** 2))[np.asarray(t)]


@gaussian
def truncated_variance(c: float) -> float:
    """Variance of a standard normal cut off beyond ±c: 1 - 2c φ(c) / (2Φ(c) - 1) (L22)."""
    real_number("c", c, low=0, open_low=True)
    density = np.exp(-(c**2) / 2) / np.sqrt(2 * np.pi)
    return float(1 - 2 * c * density / (2 * special.ndtr(c) - 1))


@gaussian
def critical_inflation(n: int) -> float:
    """Factor on the sampling variance that keeps the typical unbiased chain from shrinking (L14).

    exp(log((n-1)/2) - digamma((n-1)/2)), close to 1 + 1/(n - 1).
    """
    return float(np.exp(-log_variance_drift(n, ddof=1)))


@gaussian
def log_det_drift(n: int, d: int, *, ddof: int = 1) -> float:
    """Mean change of the log determinant of a d-dimensional covariance in one fit (L12)."""
    dof = n - np.arange(1, d + 1)
    return float(special.digamma(dof / 2).sum() - d * np.log((n - ddof) / 2))


@gaussian
def mean_first_passage(level: float, n: int, *, ddof: int = 0) -> float:
    """Mean number of fits until the standard deviation is at most `level` (L11).

    The log variance is a random walk with negative drift. Wald's identity gives the mean time as
    (distance + mean overshoot) / |drift|; the overshoot is Siegmund's 0.5826 standard deviations
    (`siegmund1979corrected`), an approximation for steps that are small beside the distance.
    """
    real_number("level", level, low=0, high=1, open_low=True)
    overshoot = -special.zeta(0.5) / np.sqrt(2 * np.pi)
    distance = -2 * np.log(level) + overshoot * np.sqrt(log_variance_spread(n))
    return float(distance / -log_variance_drift(n, ddof=ddof))


@gaussian
def gaussian_moment(
    sizes: Sequence[int], mean_power: int, std_power: int, *, ddof: int = 0
) -> float:
    """E[mean^a std^b] under `replace`, exact, for any sample sizes (L01-L05, L07, L08, L10).

    A fit to n points of N(mean, std²) gives mean + std z/√n with z normal, and std √(chi²/(n -
    ddof)) with chi-square on n - 1 degrees of freedom, independent of z
    (`cochran1934distribution`). So each fit maps the moments with a + b fixed to one another
    linearly, and the recursion below is exact. It gives *true* standard errors where a sample
    standard error lies, because the law is close to a product of many chi-squares.

    Parameters
    ----------
    sizes : sequence of int, length T
        Sample size of each fit, the first on real data; each at least 2.
    mean_power, std_power : int
        The powers a and b, not negative; the moment is 0 for odd a.
    ddof : {0, 1}
    """
    a, total = mean_power, mean_power + std_power
    if a % 2:
        return 0.0
    powers = range(0, a + 1, 2)
    odd_factorial = {i: float(np.prod(np.arange(1, i, 2))) for i in powers}  # E[z^i]
    moments = {i: float(i == 0) for i in powers}
    for size in sizes:
        n = whole_number("sizes", size, at_least=2)
        moments = {
            i: _std_moment(n, total - i, ddof)
            * sum(
                special.comb(i, k) * odd_factorial[k] * n ** (-k / 2) * moments[i - k]
                for k in range(0, i + 1, 2)
            )
            for i in powers
        }
    return float(moments[a])


def _std_moment(n: int, power: int, ddof: int) -> float:
    """E[fitted std^power] of `n` standard normal points."""
    log_ratio = special.gammaln((n - 1 + power) / 2) - special.gammaln((n - 1) / 2)
    return float(np.exp(log_ratio + power / 2 * np.log(2 / (n - ddof))))


@gaussian
def squared_wasserstein_moment(sizes: Sequence[int], power: int, *, ddof: int = 1) -> float:
    """E[(squared 2-Wasserstein distance to the world)^power] under `replace`, exact (L02, L03).

    The distance is mean² + (std - 1)²; its powers are expanded into `gaussian_moment`. For large
    equal sizes n its mean tends to 3T/(2n) and its variance to 5T²/(2n²).

    Parameters
    ----------
    sizes : sequence of int, length T
        Sample size of each fit.
    power : int
        At most about 4: terms near 1 cancel.
    ddof : {0, 1}
    """
    return float(
        sum(
            special.comb(power, i)
            * special.comb(2 * (power - i), j)
            * (-1) ** j
            * gaussian_moment(sizes, 2 * i, j, ddof=ddof)
            for i in range(power + 1)
            for j in range(2 * (power - i) + 1)
        )
    )


@gaussian
def variance_cdf(level: ArrayLike, t: int, n: int, *, ddof: int = 0) -> Any:
    """P(variance <= level) under `replace`, exact up to numerical integration (L04).

    The log variance is a sum of T independent log chi-squares, whose characteristic function is a
    power of a ratio of Gamma functions; it is inverted by the formula of Gil-Pelaez. See
    `collapse_probability` for the approximation by the central limit theorem.

    Parameters
    ----------
    level : float or array
        Above 0.
    t : int
    n : int
    ddof : {0, 1}

    Returns
    -------
    array of the shape of `level`
    """
    fits, half = t + 1, (n - 1) / 2
    spread = np.sqrt(fits * log_variance_spread(n))
    z = (np.log(finite_array("level", level)) - fits * log_variance_drift(n, ddof=ddof)) / spread
    step = 0.01
    u = step * (np.arange(6000) + 0.5)
    s = u / spread
    log_cf = fits * (
        special.loggamma(half + 1j * s)
        - special.gammaln(half)
        - 1j * s * special.digamma(half)  # centered: z is, too
    )
    waves = np.exp(log_cf - 1j * np.multiply.outer(z, u))
    return (0.5 - (waves.imag / u).sum(axis=-1) * step / np.pi).clip(0.0, 1.0)[()]


@gaussian
def mean_displacement_bound(t: ArrayLike, n: int, *, ddof: int = 1) -> Any:
    """Bound on E|final mean - mean of generation t| under `replace` (L24).

    Each later fit moves the mean by E|step| = √(2/(πn)) E[std], and E[std] falls geometrically
    (`expected_std`). The sum over all later fits is finite: the mean converges, although
    E[mean²] = T/n grows without end under the unbiased fit.
    """
    shrink = expected_std(0, n, ddof=ddof)
    return np.sqrt(2 / (np.pi * n)) * expected_std(t, n, ddof=ddof) / (1 - shrink)


@gaussian
def median_first_passage(level: float, n: int, *, ddof: int = 0) -> float:
    """Median number of fits until the standard deviation is at most `level` (L11).

    Median of the inverse Gaussian law with the mean of `mean_first_passage`: the first passage
    of Brownian motion through a barrier moved by Siegmund's overshoot (`siegmund1979corrected`).
    """
    drift, spread = -log_variance_drift(n, ddof=ddof), log_variance_spread(n)
    mean = mean_first_passage(level, n, ddof=ddof)
    shape = (mean * drift) ** 2 / spread
    return float(scipy.stats.invgauss.median(mean / shape, scale=shape))


@gaussian
def trace_moments(t: int, n: int, d: int, *, ddof: int = 1) -> tuple[float, float]:
    """Mean and variance of the trace of a d-dimensional covariance under `replace` (L12).

    The world is the standard normal. A Wishart matrix W on m = n - 1 degrees of freedom and scale
    S has E[(tr W)²] = m² (tr S)² + 2m tr S² and E[tr W²] = m (tr S)² + m(m + 1) tr S², so that the
    pair ((tr S)², tr S²) goes through a 2 x 2 matrix with every fit.
    """
    m = n - 1
    step = np.array([[m**2, 2 * m], [m, m * (m + 1)]]) / (n - ddof) ** 2
    second = (np.linalg.matrix_power(step, t + 1) @ [d**2, d])[0]
    mean = d * (m / (n - ddof)) ** (t + 1)
    return float(mean), float(second - mean**2)
