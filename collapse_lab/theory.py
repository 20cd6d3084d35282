"""Closed forms, each with its source.

Generations are counted as in the engine: generation t = 0 is fitted to real data, so that
generation t has seen ``T = t + 1`` fits. Every function takes t. ``ddof`` is that of the fit:
0 for maximum likelihood, 1 for the unbiased variance. The world has mean 0 and variance 1
unless stated. Ids such as L05 name rows of `collapse_lab.results`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from collapse_lab.rules import finite_array, real_number, whole_number

# --- Gaussian chains -------------------------------------------------------------------------


def c4(n: int) -> float:
    """Mean of the sample standard deviation of `n` normal points, over its true value (L10)."""
    whole_number("n", n, at_least=2)
    log_ratio = special.gammaln(n / 2) - special.gammaln((n - 1) / 2)
    return float(np.sqrt(2 / (n - 1)) * np.exp(log_ratio))


def expected_variance(t: ArrayLike, n: int, *, ddof: int = 0) -> Any:
    """E[variance] under `replace`: 1 for the unbiased fit, (1 - 1/n)^T for maximum likelihood.

    L05, L07; the first makes the variance a martingale.
    """
    fits = np.asarray(t) + 1
    return np.ones_like(fits, dtype=np.float64) if ddof else (1 - 1 / n) ** fits


def variance_second_moment(t: ArrayLike, n: int, *, ddof: int = 0) -> Any:
    """E[variance²] under `replace` (L05): ((n - 1)(n + 1) / (n - ddof)²)^T."""
    return ((n - 1) * (n + 1) / (n - ddof) ** 2) ** (np.asarray(t) + 1.0)


def expected_std(t: ArrayLike, n: int, *, ddof: int = 0) -> Any:
    """E[standard deviation] under `replace`: c4(n)^T, times sqrt(1 - 1/n)^T for ML (L07, L10).

    Source: `bertrand2024stability`, as quoted by `suresh2025rate`.
    """
    per_fit = c4(n) * (1.0 if ddof else np.sqrt(1 - 1 / n))
    return per_fit ** (np.asarray(t) + 1.0)


def log_variance_drift(n: int, *, ddof: int = 0) -> float:
    """Mean change of the log variance in one fit: digamma((n-1)/2) - log((n-ddof)/2) (L06, L07)."""
    return float(special.digamma((n - 1) / 2) - np.log((n - ddof) / 2))


def log_variance_spread(n: int) -> float:
    """Variance of the change of the log variance in one fit: trigamma((n-1)/2) (L06)."""
    return float(special.polygamma(1, (n - 1) / 2))


def median_variance(t: ArrayLike, n: int, *, ddof: int = 0) -> Any:
    """Median of the variance under `replace`, with its skewness correction (L06).

    The log variance is a sum of T independent terms; the first Cornish-Fisher term moves its
    median by minus a sixth of skewness times standard deviation.
    """
    shift = -special.polygamma(2, (n - 1) / 2) / (6 * log_variance_spread(n))
    return np.exp((np.asarray(t) + 1) * log_variance_drift(n, ddof=ddof) + shift)


def log_variance_quantile(q: ArrayLike, t: int, n: int, *, ddof: int = 0) -> Any:
    """Quantile of the log variance under `replace`, by the central limit theorem (L04)."""
    center = (t + 1) * log_variance_drift(n, ddof=ddof)
    return center + np.sqrt((t + 1) * log_variance_spread(n)) * special.ndtri(q)


def collapse_probability(level: float, t: int, n: int, *, ddof: int = 0) -> float:
    """P(variance <= level) under `replace`, by the central limit theorem for its log (L04)."""
    center = (t + 1) * log_variance_drift(n, ddof=ddof)
    return float(special.ndtr((np.log(level) - center) / np.sqrt((t + 1) * log_variance_spread(n))))


def mean_square_of_mean(t: ArrayLike, n: int, *, ddof: int = 0) -> Any:
    """E[mean²] under `replace`: T/n for the unbiased fit (L05), 1 - (1 - 1/n)^T for ML (L08)."""
    fits = np.asarray(t) + 1
    return fits / n if ddof else 1 - (1 - 1 / n) ** fits


def expected_squared_wasserstein(t: ArrayLike, n: int) -> Any:
    """E[squared 2-Wasserstein distance to the world], unbiased fit: T/n + 2(1 - c4(n)^T) (L02)."""
    fits = np.asarray(t) + 1
    return fits / n + 2 * (1 - c4(n) ** fits)


def expected_variance_accumulate(t: ArrayLike, n: int) -> Any:
    """E[variance] of the maximum-likelihood fit under `accumulate` (L19).

    The product over j = 1..T of 1 - 1/(n j²), which tends to sin(π/√n) / (π/√n): the chain
    stops losing variance.
    """
    fits = np.arange(1, np.max(t) + 2)
    return np.cumprod(1 - 1 / (n * fits.astype(np.float64) ** 2))[np.asarray(t)]


def truncated_variance(c: float) -> float:
    """Variance of a standard normal cut off beyond ±c: 1 - 2c φ(c) / (2Φ(c) - 1) (L22)."""
    real_number("c", c, low=0, open_low=True)
    density = np.exp(-(c**2) / 2) / np.sqrt(2 * np.pi)
    return float(1 - 2 * c * density / (2 * special.ndtr(c) - 1))


def critical_inflation(n: int) -> float:
    """Factor on the sampling variance that keeps the typical unbiased chain from shrinking (L14).

    exp(log((n-1)/2) - digamma((n-1)/2)), close to 1 + 1/(n - 1).
    """
    return float(np.exp(-log_variance_drift(n, ddof=1)))


def log_det_drift(n: int, d: int, *, ddof: int = 1) -> float:
    """Mean change of the log determinant of a d-dimensional covariance in one fit (L12)."""
    dof = n - np.arange(1, d + 1)
    return float(special.digamma(dof / 2).sum() - d * np.log((n - ddof) / 2))


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


# --- categorical chains ----------------------------------------------------------------------


def expected_heterozygosity(t: ArrayLike, n: int, p: ArrayLike) -> Any:
    """E[1 - sum p²] under `replace`: (1 - 1/n)^T times that of the world `p`, shape (K,) (L27).

    Source: `seddik2024bad`, Theorem 1; in genetics the decay of heterozygosity
    (`wright1931evolution`).
    """
    return (1 - 1 / n) ** (np.asarray(t) + 1.0) * (1 - np.square(p).sum())


def survival_generating(t: ArrayLike) -> Any:
    """Return g_T, with g_1 = 1 and g_{k+1} = 1 - exp(-g_k), T = t + 1 (L33).

    A type that n draws hold λ times on average still exists at generation t with probability
    about 1 - exp(-λ g_T) (`suresh2025rate`). g_T lies in [1/T, 3/T] and T g_T tends to 2.
    """
    generations = np.asarray(t)
    g = np.ones(int(generations.max()) + 1)
    for k in range(1, len(g)):
        g[k] = -np.expm1(-g[k - 1])
    return g[generations]


def expected_types(t: ArrayLike, n: int, p: ArrayLike) -> Any:
    """Mean number of types left at generation t, Poisson approximation (L35).

    The sum over types of 1 - exp(-n p g_T): the vocabulary of a real corpus of n g_T words,
    about 2n/T (`suresh2025rate`, Corollary 1).
    """
    rate = n * finite_array("p", p)
    g = np.ravel(survival_generating(t))
    types = np.array([-np.expm1(-rate * level).sum() for level in g])
    return types.reshape(np.shape(t))[()]


def wright_fisher_matrix(n: int) -> NDArray[np.float64]:
    """Transition matrix of the count of one of two types: row i is Binomial(n, i/n)."""
    states = np.arange(whole_number("n", n) + 1, dtype=np.float64)
    share = states[:, None] / n
    log_choose = (
        special.gammaln(n + 1) - special.gammaln(states + 1) - special.gammaln(n - states + 1)
    )
    log_chance = special.xlogy(states, share) + special.xlog1py(n - states, -share)
    return np.asarray(np.exp(log_choose + log_chance))


def mean_absorption_time(n: int) -> NDArray[np.float64]:
    """Mean number of fits until one of two types is alone, from each count 0..n (L30).

    Exact: the solution of (I - Q) x = 1 for the inner states of the Wright-Fisher chain.
    """
    inner = wright_fisher_matrix(n)[1:-1, 1:-1]
    times = np.linalg.solve(np.eye(n - 1) - inner, np.ones(n - 1))
    return np.concatenate([[0.0], times, [0.0]])


def diffusion_absorption_time(p: ArrayLike, n: int) -> Any:
    """Diffusion approximation of the mean absorption time: -2n (p log p + q log q) (L30).

    Source: `kimura1969average`, for n haploid copies.
    """
    share = finite_array("p", p)
    return -2 * n * (special.xlogy(share, share) + special.xlogy(1 - share, 1 - share))


# --- results of chapter 1: moments and tails of Gaussian chains ------------------------------


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
    a = whole_number("mean_power", mean_power, at_least=0)
    total = a + whole_number("std_power", std_power, at_least=0)
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


def mean_displacement_bound(t: ArrayLike, n: int, *, ddof: int = 1) -> Any:
    """Bound on E|final mean - mean of generation t| under `replace` (L24).

    Each later fit moves the mean by E|step| = √(2/(πn)) E[std], and E[std] falls geometrically
    (`expected_std`). The sum over all later fits is finite: the mean converges, although
    E[mean²] = T/n grows without end under the unbiased fit.
    """
    shrink = expected_std(0, n, ddof=ddof)
    return np.sqrt(2 / (np.pi * n)) * expected_std(t, n, ddof=ddof) / (1 - shrink)


def median_first_passage(level: float, n: int, *, ddof: int = 0) -> float:
    """Median number of fits until the standard deviation is at most `level` (L11).

    Median of the inverse Gaussian law with the mean of `mean_first_passage`: the first passage
    of Brownian motion through a barrier moved by Siegmund's overshoot (`siegmund1979corrected`).
    """
    from scipy import stats  # takes half a second to load: only here

    drift, spread = -log_variance_drift(n, ddof=ddof), log_variance_spread(n)
    mean = mean_first_passage(level, n, ddof=ddof)
    shape = (mean * drift) ** 2 / spread
    return float(stats.invgauss.median(mean / shape, scale=shape))


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


# --- results of chapter 2: categorical chains ------------------------------------------------


def expected_squared_distance(t: ArrayLike, n: int, p: ArrayLike) -> Any:
    """E[sum (p_t - p)²] under `replace`: (1 - sum p²)(1 - (1 - 1/n)^T) (L28).

    What heterozygosity loses, distance to the world gains: p_t is a martingale with mean `p`,
    shape (K,).
    """
    return (1 - np.square(p).sum()) * (1 - (1 - 1 / n) ** (np.asarray(t) + 1.0))


def fixation_probability(p: ArrayLike, *, t: int | None = None, n: int | None = None) -> Any:
    """Chance that a type of share `p` is the only one left (L29).

    Plain copying favors nobody: in the end the chance equals the share, because the share is a
    martingale and ends at 0 or 1 (`wright1931evolution`; `shumailov2024collapse` for model
    collapse). With `t` and `n`, the chance that it is alone at generation t already, by the
    transition matrix of its count (n up to a few thousand).

    Parameters
    ----------
    p : float or array
        Share of the type in the world.
    t, n : int, optional
        Generation and sample size; both or none.
    """
    share = finite_array("p", p)
    if (t is None) != (n is None):
        raise ValueError(f"t and n must be given together, got t={t} and n={n}")
    if t is None or n is None:
        return share[()]
    alone = np.linalg.matrix_power(wright_fisher_matrix(n), t)[:, -1]
    counts = np.arange(n + 1.0)
    log_choose = -special.betaln(counts + 1, n - counts + 1) - np.log(n + 1.0)
    first = np.exp(
        log_choose
        + special.xlogy(counts, share[..., None])
        + special.xlog1py(n - counts, -share[..., None])
    )
    return first @ alone


def no_collapse_bounds(t: ArrayLike, n: int, p: ArrayLike) -> tuple[Any, Any]:
    """Bounds on the chance that more than one type is left at generation t (L31).

    Heterozygosity is at most 1 - 1/s for s types, and at least 2(n - 1)/n² while two are left;
    its mean is `expected_heterozygosity`. The upper bound is half that of the source at large n.

    Parameters
    ----------
    t : int or array
    n : int
    p : array, shape (K,)
        The world; s is the number of its types with p > 0.

    Returns
    -------
    lower, upper : of the shape of `t`
        Source: `seddik2024bad`, Theorem 1, (7), whose upper bound is n (1 - sum p²)(1 - 1/n)^T.
    """
    expected = expected_heterozygosity(t, n, p)
    n_types = np.count_nonzero(p)
    return expected / (1 - 1 / n_types), expected * n**2 / (2 * (n - 1))


def mean_collapse_time_bounds(n: int, p: ArrayLike) -> tuple[float, float]:
    """Bounds on the mean number of fits until one type is left (L31).

    1 + (1 - S)(n - 1)/(1 - 1/s) and 1 + (1 - S) n (n - 1), with S = sum p² and s types with
    p > 0. Source: `seddik2024bad`, Theorem 1, (8); the true mean is of order n
    (`kingman_time`).
    """
    diversity, n_types = 1 - np.square(p).sum(), np.count_nonzero(p)
    return (
        float(1 + diversity * (n - 1) / (1 - 1 / n_types)),
        float(1 + diversity * n * (n - 1)),
    )


def kingman_time(n: int) -> float:
    """Mean number of fits until `n` distinct symbols are one: 2n (1 - 1/n) (L32).

    Kingman's coalescent (`kingman1982coalescent`), an approximation for large n; see
    `coalescence_time` for the exact value.
    """
    return 2 * whole_number("n", n, at_least=2) * (1 - 1 / n)


def coalescence_time(n: int) -> float:
    """Mean number of fits until `n` distinct symbols are one, exact (L32).

    Looking back, k symbols of one generation have j parents with the chance that k balls thrown
    into n boxes occupy j of them. The mean time to a single ancestor solves a triangular system.
    """
    n = whole_number("n", n, at_least=2)
    occupied = np.zeros((n + 1, n + 1))  # row k: law of the number of boxes that k balls occupy
    occupied[0, 0] = 1.0
    boxes = np.arange(n + 1)
    for k in range(n):
        occupied[k + 1] = occupied[k] * boxes / n
        occupied[k + 1, 1:] += occupied[k, :-1] * (n - boxes[:-1]) / n
    inner = occupied[2:, 2:]
    return float(np.linalg.solve(np.eye(n - 1) - inner, np.ones(n - 1))[-1])


def homozygosity_with_innovation(rate: float, n: int) -> float:
    """Stationary E[sum p²] if every draw is a new symbol with probability `rate`, exact (L36).

    Two draws of a generation are the same one with chance 1/n; else both must be copies, and of
    equal symbols. So (1/n) / (1 - (1 - u)²(1 - 1/n)); with u = θ/(2n) about 1/(1 + θ). (Without
    the pairs of a draw with itself this has (1 - u)² as a factor.)
    """
    kept = (1 - real_number("rate", rate, low=0, high=1)) ** 2
    return 1 / n / (1 - kept * (1 - 1 / n))


def ewens_types(theta: float, n: int) -> float:
    """Mean number of distinct symbols among `n` draws: sum of θ/(θ + i), i < n (L36).

    Source: `ewens1972sampling`; a diffusion formula, θ = 2n times the rate of new symbols.
    """
    theta = real_number("theta", theta, low=0, open_low=True)
    return float((theta / (theta + np.arange(whole_number("n", n)))).sum())


def homozygosity_with_fresh_data(fraction: float, n: int, p: ArrayLike) -> float:
    """Stationary E[sum p²] if every draw is real with probability `fraction` (L37).

    [1/n + (1 - 1/n)(1 - (1 - f)²) S] / [1 - (1 - 1/n)(1 - f)²] with S = sum p² of the world `p`,
    shape (K,).
    """
    copied = (1 - real_number("fraction", fraction, low=0, high=1)) ** 2
    s = np.square(p).sum()
    return float((1 / n + (1 - 1 / n) * (1 - copied) * s) / (1 - (1 - 1 / n) * copied))


def homozygosity_under_mix(n_real: int, n: int, p: ArrayLike) -> float:
    """Stationary E[sum p²] under `Mix`, with exactly `n_real` fresh real draws among `n` (L37).

    With r real draws, (n + r(2n - r - 1) S) / (n² - (n - r)(n - r - 1)), S = sum p² of the world:
    a little less than `homozygosity_with_fresh_data`, where the number of real draws is random.
    """
    r, copied = whole_number("n_real", n_real), n - n_real
    s = np.square(p).sum()
    return float((n + r * (n + copied - 1) * s) / (n**2 - copied * (copied - 1)))


def homozygosity_under_keep(t: ArrayLike, n_real: int, n: int, p: ArrayLike) -> Any:
    """E[sum p_t²] under `Keep`, with `n_real` fixed real draws and `n` new ones (L38).

    Parameters
    ----------
    t : int or array
        Generation; 0 is fitted to the real data alone.
    n_real, n : int
    p : array, shape (K,)

    Notes
    -----
    Derived here: with a = n/(n_real + n), generation 0 has S_0 = 1/n_real + (1 - 1/n_real) S;
    each later one (1 - a²) S_0 + a²/n + a²(1 - 1/n) times the value before, because the model's
    mean is the fit to the real data. Written out this is Theorem 2 of `seddik2024bad` with
    "+ a b^m/N" in its numerator, m = t - 1.
    """
    a = n / (n_real + n)
    start = 1 / n_real + (1 - 1 / n_real) * np.square(p).sum()
    memory = a**2 * (1 - 1 / n)
    limit = ((1 - a**2) * start + a**2 / n) / (1 - memory)
    return limit + (start - limit) * memory ** np.asarray(t, dtype=np.float64)


def squared_distance_under_keep(n_real: int, n: int, p: ArrayLike) -> float:
    """Limit of E[sum (p_t - p_0)²] under `Keep`, p_0 the fit to the `n_real` real draws (L38).

    a² H/n over 1 - a²(1 - 1/n), with a = n/(n_real + n) and H = (1 - 1/n_real)(1 - sum p²) the
    expected heterozygosity of p_0. The distance stays bounded: kept data anchors the chain.
    """
    heterozygosity = (1 - 1 / n_real) * (1 - np.square(p).sum())
    return float(_anchored(n / (n_real + n), n, heterozygosity))


def squared_distance_when_smoothed(smoothing: float, n: int, k: int) -> float:
    """Limit of E[sum (p_t - 1/k)²] if `smoothing` is added to each of `k` counts (L39).

    The formula of `squared_distance_under_keep` about the uniform law, with a = n/(n + k
    smoothing): smoothing anchors the chain, too, but to 1/k instead of to the world.
    """
    return float(_anchored(n / (n + k * smoothing), n, 1 - 1 / k))


def _anchored(a: float, n: int, heterozygosity: float) -> float:
    """Limit of the mean squared distance to an anchor of weight 1 - a."""
    return a**2 * heterozygosity / n / (1 - a**2 * (1 - 1 / n))


def tempering_growth(temperature: float, fraction: float = 0.0) -> float:
    """Factor on log odds in one generation of sampling at a temperature, large n (L40).

    1/temperature exactly. With a `fraction` of real data from a balanced world, (1 - fraction) /
    temperature for small log odds: balance is stable if the fraction exceeds 1 - temperature.
    Source: derived here; `marchi2024heat` for the temperature loop.
    """
    share = real_number("fraction", fraction, low=0, high=1)
    return (1 - share) / real_number("temperature", temperature, low=0, open_low=True)


def expected_types_under_mix(t: ArrayLike, n: int, fraction: float, p: ArrayLike) -> Any:
    """Return the expected number of types at generation t under `Mix`, Poisson approximation.

    Derived here, as in `expected_types`: a draw of a type leaves 1 - f copies on average in the
    next generation, so that it is still present k generations on with probability g_k, where
    g_0 = 1 and g_{k+1} = 1 - exp(-(1 - f) g_k). A type that n draws hold λ times on average is
    absent at t with probability exp(-λ (g_t + f (g_0 + ... + g_{t-1}))).

    Parameters
    ----------
    t : int or array
    n : int
    fraction : float
        Share f of fresh real data, in [0, 1].
    p : array, shape (K,)
    """
    copied = 1 - real_number("fraction", fraction, low=0, high=1)
    rate = n * finite_array("p", p)
    generations = np.asarray(t)
    g = np.ones(int(generations.max()) + 1)
    for k in range(1, len(g)):
        g[k] = -np.expm1(-copied * g[k - 1])
    reach = g + fraction * (np.cumsum(g) - g)
    types = [-np.expm1(-rate * level).sum() for level in reach[np.ravel(generations)]]
    return np.reshape(types, np.shape(t))[()]


def zipf(exponent: float, n_types: int) -> NDArray[np.float64]:
    """Zipf's law on `n_types` types: p proportional to rank^-exponent, shape (n_types,)."""
    real_number("exponent", exponent, low=0)
    p = np.arange(1, whole_number("n_types", n_types) + 1, dtype=np.float64) ** -exponent
    return np.asarray(p / p.sum())


def unseen_mass(n: int, p: ArrayLike) -> float:
    """Mean probability of the types that `n` draws from `p` miss: sum p (1 - p)^n (L41)."""
    share = finite_array("p", p)
    return float((share * np.exp(special.xlog1py(n, -share))).sum())


def zipf_unseen_mass(n: int, exponent: float) -> float:
    """Mean probability of what `n` draws from an endless Zipf law miss, large n (L41).

    (C^{1/β}/β) Γ(1 - 1/β) n^{-(1 - 1/β)} with β = `exponent` > 1 and C = 1/ζ(β). Source:
    `hutter2021learning`, `dohmatob2024tails`.
    """
    power = 1 / real_number("exponent", exponent, low=1, open_low=True)
    scale = special.zeta(exponent) ** -power * power * special.gamma(1 - power)
    return float(scale * n ** (power - 1))


def zipf_types_seen(n: int, exponent: float) -> float:
    """Mean number of types among `n` draws from an endless Zipf law, large n (L41).

    Γ(1 - 1/β) (C n)^{1/β} with β = `exponent` > 1 and C = 1/ζ(β): learning from n draws cuts the
    tail at a rank of the order of n^{1/β} (`dohmatob2024tails`).
    """
    power = 1 / real_number("exponent", exponent, low=1, open_low=True)
    return float(special.gamma(1 - power) * (n / special.zeta(exponent)) ** power)


def lost_mass(t: ArrayLike, n: int, p: ArrayLike) -> Any:
    """Mean real probability of the types that are gone at generation t (L42).

    The sum of p exp(-n p g_T), Poisson approximation, with g of `survival_generating`: what a real
    corpus of n g_T words would miss, about 2n/T. For a Zipf law it grows like T^{1 - 1/β}, more
    slowly than in proportion to T.
    """
    rate = n * finite_array("p", p)
    g = np.ravel(survival_generating(t))
    lost = np.array([(np.asarray(p) * np.exp(-rate * level)).sum() for level in g])
    return lost.reshape(np.shape(t))[()]
