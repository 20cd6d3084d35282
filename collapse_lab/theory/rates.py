"""How fast: survival of a symbol, tails of the spread, and chains of other estimators."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy  # its slow rooms load at their first use
from numpy.typing import ArrayLike
from scipy import special

from collapse_lab.kernel import RULES, Rule, bandwidth_factor
from collapse_lab.rules import finite_array, one_of, real_number
from collapse_lab.theory.arguments import at_least, between, checked
from collapse_lab.theory.categorical import survival_generating


def _bandwidth(name: str, value: Any) -> None:
    """Raise ValueError unless `value` is a rule or a number above 0."""
    if isinstance(value, str):
        one_of(name, value, RULES)
    else:
        real_number(name, value, low=0, open_low=True)


rates = checked(
    n=at_least(2),
    bandwidth=_bandwidth,
    rule=lambda name, value: one_of(name, value, RULES),
)


@checked(expected_count=between(0, np.inf, open_ends=True))
def survival_probability(t: ArrayLike, expected_count: ArrayLike) -> Any:
    """Chance that a symbol still exists at generation t: 1 - exp(-λ g_T) (L33).

    λ = `expected_count` is how often n draws from the world show it on average, g_T is that of
    `survival_generating`. Exact for the Poisson chain, in which a sample holds a Poisson number of
    the symbol; for shares of n draws (`Categorical`) it is a lower bound (L34). Source:
    `suresh2025rate`, Theorem 2.

    Parameters
    ----------
    t : int or array
    expected_count : float or array
        Above 0; broadcast against `t`.
    """
    return -np.expm1(-finite_array("expected_count", expected_count) * survival_generating(t))


@checked(n=at_least(1))
def survival_bounds(t: ArrayLike, n: int, p: ArrayLike) -> tuple[Any, Any]:
    """Bounds on the chance that a symbol of share `p` still exists at generation t (L34).

    With λ = n p: 1 - exp(-λ g_T), and 1 - (1 - 3 n p² - 3 T p) exp(-λ g_T), at most 1.

    Returns
    -------
    lower, upper : of the common shape of `t` and `p`
        Source: `suresh2025rate`, Theorem 1. The second says something only where
        3 n p² + 3 T p < 1: for rare symbols, and not too late.
    """
    share = finite_array("p", p)
    gone = np.exp(-n * share * survival_generating(t))
    slack = 3 * n * share**2 + 3 * (np.asarray(t) + 1) * share
    return 1 - gone, 1 - np.clip(1 - slack, 0, 1) * gone


@rates
def spread_tail_bound(level: ArrayLike, t: ArrayLike, n: int) -> Any:
    """Bound on P(std > level) of the unbiased Gaussian chain: exp(-T/(4n - 1)) / level (L09).

    Markov's inequality for the standard deviation, whose mean is c4(n)^T (L10); at most 1. The
    exact tail is ``1 - variance_cdf(level**2, t, n, ddof=1)``. Source: `suresh2025rate`,
    Theorem 3.
    """
    fits = np.asarray(t) + 1
    return np.minimum(np.exp(-fits / (4 * n - 1)) / finite_array("level", level), 1.0)


@rates
def spread_decay_rate(n: int) -> float:
    """Rate r of P(std > level) ≈ exp(-r T) for many fits, unbiased Gaussian chain (L09).

    Cramér's theorem: r is the largest value over a of -log E[std^a] for one fit. The best power
    is close to a = 1, so that Markov's inequality for the standard deviation itself has nearly
    the true rate, about 1/(4n).
    """
    half = (n - 1) / 2
    power = scipy.optimize.brentq(lambda a: special.digamma(half + a / 2) - np.log(half), 0.0, 4.0)
    log_moment = special.gammaln(half + power / 2) - special.gammaln(half)
    return float(power / 2 * np.log(half) - log_moment)


@checked(n=at_least(1))
def log_scale_drift(n: int) -> float:
    """Mean change of the log mean of an exponential law in one fit: digamma(n) - log n (L25).

    The mean of n draws is the old mean times Gamma(n)/n: a martingale whose logarithm falls by
    about 1/(2n).
    """
    return float(special.digamma(n) - np.log(n))


@checked(n=at_least(1))
def log_scale_spread(n: int) -> float:
    """Variance of the change of the log mean of an exponential law in one fit (L25)."""
    return float(special.polygamma(1, n))


@rates
def kernel_growth(n: int, rule: Rule) -> float:
    """Factor on E[variance] in one generation of a kernel density whose bandwidth follows a rule.

    With h = a s, s the unbiased standard deviation and a that of
    `collapse_lab.kernel.bandwidth_factor`: (n - 1)/n for the lost degree of freedom, times
    1 + a² n/(n - 1) for the bumps, so 1 - 1/n + a². It is above 1 for every n: the chain explodes
    (L21; `kazdan2025collapse` treat such chains).
    """
    return 1 - 1 / n + bandwidth_factor(n, rule) ** 2


@rates
def kernel_variance_moments(t: int, n: int, bandwidth: float | Rule) -> tuple[float, float]:
    """E[variance] and E[variance²] of a kernel density under `replace`, exact (L21).

    The world is the standard normal, the variance is that of the model, bumps included. A fixed
    bandwidth h makes the mean tend to n h², and that of its points to (n - 1) h²; with a rule it
    grows by `kernel_growth`. The mean at a fixed bandwidth is `noisy_copy_variance` with noise h²;
    it is carried along here because the second moment needs it. The recursion carries E[μ4],
    E[μ2²] and E[μ2] of the model through a sample, of which the second and fourth central moments
    are known, and through the bumps.

    Parameters
    ----------
    t, n : int
    bandwidth : float or {"silverman", "scott"}
    """
    fourth, square, second = 3.0, 1.0, 1.0  # of the world
    for _ in range(t + 1):
        sample_square = (n - 1) / n**3 * ((n - 1) * fourth + (n**2 - 2 * n + 3) * square)
        fourth = (n - 1) / n**3 * ((n**2 - 3 * n + 3) * fourth + 3 * (2 * n - 3) * square)
        square, second = sample_square, (n - 1) / n * second
        if isinstance(bandwidth, str):
            c = bandwidth_factor(n, bandwidth) ** 2 * n / (n - 1)
            fourth += (6 * c + 3 * c**2) * square
            square, second = (1 + c) ** 2 * square, (1 + c) * second
        else:
            h2 = float(bandwidth) ** 2
            fourth += 6 * h2 * second + 3 * h2**2
            square, second = square + 2 * h2 * second + h2**2, second + h2
    return float(second), float(square)
