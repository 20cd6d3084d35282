"""Categorical chains: diversity, fixation, survival of types, and what real data changes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from collapse_lab.rules import finite_array, real_number, whole_number
from collapse_lab.theory.arguments import at_least, checked

categorical = checked(n=at_least(1))


@categorical
def expected_heterozygosity(t: ArrayLike, n: int, p: ArrayLike) -> Any:
    """E[1 - sum p²] under `replace`: (1 - 1/n)^T times that of the world `p`, shape (K,) (L27).

    Source: `seddik2024bad`, Theorem 1; in genetics the decay of heterozygosity
    (`wright1931evolution`).
    """
    return (1 - 1 / n) ** (np.asarray(t) + 1.0) * (1 - np.square(p).sum())


@categorical
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


@categorical
def expected_types(t: ArrayLike, n: int, p: ArrayLike) -> Any:
    """Mean number of types left at generation t, Poisson approximation (L35).

    The sum over types of 1 - exp(-n p g_T): the vocabulary of a real corpus of n g_T words,
    about 2n/T (`suresh2025rate`, Corollary 1).
    """
    rate = n * finite_array("p", p)
    g = np.ravel(survival_generating(t))
    types = np.array([-np.expm1(-rate * level).sum() for level in g])
    return types.reshape(np.shape(t))[()]


@categorical
def wright_fisher_matrix(n: int) -> NDArray[np.float64]:
    """Transition matrix of the count of one of two types: row i is Binomial(n, i/n)."""
    states = np.arange(n + 1, dtype=np.float64)
    share = states[:, None] / n
    log_choose = (
        special.gammaln(n + 1) - special.gammaln(states + 1) - special.gammaln(n - states + 1)
    )
    log_chance = special.xlogy(states, share) + special.xlog1py(n - states, -share)
    return np.asarray(np.exp(log_choose + log_chance))


@categorical
def mean_absorption_time(n: int) -> NDArray[np.float64]:
    """Mean number of fits until one of two types is alone, from each count 0..n (L30).

    Exact: the solution of (I - Q) x = 1 for the inner states of the Wright-Fisher chain.
    """
    inner = wright_fisher_matrix(n)[1:-1, 1:-1]
    times = np.linalg.solve(np.eye(n - 1) - inner, np.ones(n - 1))
    return np.concatenate([[0.0], times, [0.0]])


@categorical
def diffusion_absorption_time(p: ArrayLike, n: int) -> Any:
    """Diffusion approximation of the mean absorption time: -2n (p log p + q log q) (L30).

    Source: `kimura1969average`, for n haploid copies.
    """
    share = finite_array("p", p)
    return -2 * n * (special.xlogy(share, share) + special.xlogy(1 - share, 1 - share))


@categorical
def expected_squared_distance(t: ArrayLike, n: int, p: ArrayLike) -> Any:
    """E[sum (p_t - p)²] under `replace`: (1 - sum p²)(1 - (1 - 1/n)^T) (L28).

    What heterozygosity loses, distance to the world gains: p_t is a martingale with mean `p`,
    shape (K,).
    """
    return (1 - np.square(p).sum()) * (1 - (1 - 1 / n) ** (np.asarray(t) + 1.0))


@categorical
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


@categorical
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


@categorical
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


@categorical
def kingman_time(n: int) -> float:
    """Mean number of fits until `n` distinct symbols are one: 2n (1 - 1/n) (L32).

    Kingman's coalescent (`kingman1982coalescent`), an approximation for large n; see
    `coalescence_time` for the exact value.
    """
    return 2 * whole_number("n", n, at_least=2) * (1 - 1 / n)


@categorical
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


@categorical
def homozygosity_with_innovation(rate: float, n: int) -> float:
    """Stationary E[sum p²] if every draw is a new symbol with probability `rate`, exact (L36).

    Two draws of a generation are the same one with chance 1/n; else both must be copies, and of
    equal symbols. So (1/n) / (1 - (1 - u)²(1 - 1/n)); with u = θ/(2n) about 1/(1 + θ). (Without
    the pairs of a draw with itself this has (1 - u)² as a factor.)
    """
    kept = (1 - rate) ** 2
    return 1 / n / (1 - kept * (1 - 1 / n))


@categorical
def ewens_types(theta: float, n: int) -> float:
    """Mean number of distinct symbols among `n` draws: sum of θ/(θ + i), i < n (L36).

    Source: `ewens1972sampling`; a diffusion formula, θ = 2n times the rate of new symbols.
    """
    return float((theta / (theta + np.arange(n))).sum())


@categorical
def homozygosity_with_fresh_data(fraction: float, n: int, p: ArrayLike) -> float:
    """Stationary E[sum p²] if every draw is real with probability `fraction` (L37).

    [1/n + (1 - 1/n)(1 - (1 - f)²) S] / [1 - (1 - 1/n)(1 - f)²] with S = sum p² of the world `p`,
    shape (K,).
    """
    copied = (1 - fraction) ** 2
    s = np.square(p).sum()
    return float((1 / n + (1 - 1 / n) * (1 - copied) * s) / (1 - (1 - 1 / n) * copied))


@categorical
def homozygosity_under_mix(n_real: int, n: int, p: ArrayLike) -> float:
    """Stationary E[sum p²] under `Mix`, with exactly `n_real` fresh real draws among `n` (L37).

    With r real draws, (n + r(2n - r - 1) S) / (n² - (n - r)(n - r - 1)), S = sum p² of the world:
    a little less than `homozygosity_with_fresh_data`, where the number of real draws is random.
    """
    r, copied = n_real, n - n_real
    s = np.square(p).sum()
    return float((n + r * (n + copied - 1) * s) / (n**2 - copied * (copied - 1)))


@categorical
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


@categorical
def squared_distance_under_keep(n_real: int, n: int, p: ArrayLike) -> float:
    """Limit of E[sum (p_t - p_0)²] under `Keep`, p_0 the fit to the `n_real` real draws (L38).

    a² H/n over 1 - a²(1 - 1/n), with a = n/(n_real + n) and H = (1 - 1/n_real)(1 - sum p²) the
    expected heterozygosity of p_0. The distance stays bounded: kept data anchors the chain.
    """
    heterozygosity = (1 - 1 / n_real) * (1 - np.square(p).sum())
    return float(_anchored(n / (n_real + n), n, heterozygosity))


@categorical
def squared_distance_when_smoothed(smoothing: float, n: int, k: int) -> float:
    """Limit of E[sum (p_t - 1/k)²] if `smoothing` is added to each of `k` counts (L39).

    The formula of `squared_distance_under_keep` about the uniform law, with a = n/(n + k
    smoothing): smoothing anchors the chain, too, but to 1/k instead of to the world.
    """
    return float(_anchored(n / (n + k * smoothing), n, 1 - 1 / k))


def _anchored(a: float, n: int, heterozygosity: float) -> float:
    """Limit of the mean squared distance to an anchor of weight 1 - a."""
    return a**2 * heterozygosity / n / (1 - a**2 * (1 - 1 / n))


@categorical
def tempering_growth(temperature: float, fraction: float = 0.0) -> float:
    """Factor on log odds in one generation of sampling at a temperature, large n (L40).

    1/temperature exactly. With a `fraction` of real data from a balanced world, (1 - fraction) /
    temperature for small log odds: balance is stable if the fraction exceeds 1 - temperature.
    Source: derived here; `marchi2024heat` for the temperature loop.
    """
    return (1 - fraction) / temperature


@categorical
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
    copied = 1 - fraction
    rate = n * finite_array("p", p)
    generations = np.asarray(t)
    g = np.ones(int(generations.max()) + 1)
    for k in range(1, len(g)):
        g[k] = -np.expm1(-copied * g[k - 1])
    reach = g + fraction * (np.cumsum(g) - g)
    types = [-np.expm1(-rate * level).sum() for level in reach[np.ravel(generations)]]
    return np.reshape(types, np.shape(t))[()]


@categorical
def zipf(exponent: float, n_types: int) -> NDArray[np.float64]:
    """Zipf's law on `n_types` types: p proportional to rank^-exponent, shape (n_types,)."""
    real_number("exponent", exponent, low=0)
    p = np.arange(1, n_types + 1, dtype=np.float64) ** -exponent
    return np.asarray(p / p.sum())


@categorical
def unseen_mass(n: int, p: ArrayLike) -> float:
    """Mean probability of the types that `n` draws from `p` miss: sum p (1 - p)^n (L41)."""
    share = finite_array("p", p)
    return float((share * np.exp(special.xlog1py(n, -share))).sum())


@categorical
def zipf_unseen_mass(n: int, exponent: float) -> float:
    """Mean probability of what `n` draws from an endless Zipf law miss, large n (L41).

    (C^{1/β}/β) Γ(1 - 1/β) n^{-(1 - 1/β)} with β = `exponent` > 1 and C = 1/ζ(β). Source:
    `hutter2021learning`, `dohmatob2024tails`.
    """
    power = 1 / real_number("exponent", exponent, low=1, open_low=True)
    scale = special.zeta(exponent) ** -power * power * special.gamma(1 - power)
    return float(scale * n ** (power - 1))


@categorical
def zipf_types_seen(n: int, exponent: float) -> float:
    """Mean number of types among `n` draws from an endless Zipf law, large n (L41).

    Γ(1 - 1/β) (C n)^{1/β} with β = `exponent` > 1 and C = 1/ζ(β): learning from n draws cuts the
    tail at a rank of the order of n^{1/β} (`dohmatob2024tails`).
    """
    power = 1 / real_number("exponent", exponent, low=1, open_low=True)
    return float(special.gamma(1 - power) * (n / special.zeta(exponent)) ** power)


@categorical
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
