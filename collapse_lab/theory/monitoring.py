"""Monitoring: false alarms, a model's own score, what is won back, what a human sample is worth."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy  # its slow rooms load at their first use
from numpy.typing import ArrayLike

from collapse_lab.rules import finite_array
from collapse_lab.theory.arguments import at_least, between, checked
from collapse_lab.theory.gaussian import log_variance_drift

gaussian = checked(n=at_least(2))
monitoring = checked(n=at_least(2), n_fresh=at_least(0), p=between(0, 1))


@monitoring
def false_alarm_chance(t: ArrayLike, rate: float) -> Any:
    """Chance of at least one false alarm in `t` generations: 1 - (1 - rate)^t.

    Each healthy generation raises an alarm with probability `rate`, independently of the others,
    as where every generation has fresh real data of its own. The first alarm then comes after
    1/`rate` generations on average (the geometric law). Derived here.
    """
    return 1 - (1 - rate) ** np.asarray(t, dtype=np.float64)


@gaussian
def expected_own_score(t: ArrayLike, n: int, *, ddof: int = 0) -> Any:
    """Mean log density of a Gaussian chain's model on draws of its own, under `replace`, in nats.

    A model N(μ, σ²) scores its own draws by minus its entropy, -log(2πe σ²)/2, wherever it stands.
    The log variance falls by the same step in each of T fits (L06, L07), so the score rises in a
    straight line. World N(0, 1). Derived here.
    """
    fits = np.asarray(t) + 1.0
    return -0.5 * (np.log(2 * np.pi) + 1 + fits * log_variance_drift(n, ddof=ddof))


@gaussian
def expected_held_out_score(t: ArrayLike, n: int, *, ddof: int = 0) -> Any:
    """Mean log density of a Gaussian chain's model on new draws of the world, under `replace`.

    -[log 2π + T d + E((1 + μ²)/σ²)]/2, with d the step of the log variance. One fit multiplies
    E(1/σ²) by r = (n - ddof)/(n - 3) and turns E(μ²/σ²) into r (E(μ²/σ²) + 1/n), so that
    E((1 + μ²)/σ²) = r^T + r (r^T - 1)/(n (r - 1)). It needs n of at least 4; the tail is heavy for
    large t/n. World N(0, 1). Derived here.
    """
    at_least(4)("n", n)
    fits = np.asarray(t) + 1.0
    r = (n - ddof) / (n - 3)
    squares = r**fits + r * (r**fits - 1) / (n * (r - 1))
    return -0.5 * (np.log(2 * np.pi) + fits * log_variance_drift(n, ddof=ddof) + squares)


@monitoring
def share_won_back(p: ArrayLike, k: int) -> float:
    """Mean share of the lost types `p` that `k` fresh draws of the world show again.

    The mean of 1 - (1 - p)^k; a single type needs 1/p draws on average.
    """
    return float(np.mean(1 - (1 - finite_array("p", p)) ** k))


@monitoring
def draws_to_win_all_back(p: ArrayLike) -> float:
    """Mean number of fresh draws of the world until each of the lost types `p` was seen again.

    The integral of 1 - ∏(1 - exp(-p s)) over s > 0: the coupon collector with unequal chances,
    by draws at the times of a Poisson process. Exact, because that process makes one draw in each
    unit of time on average.
    """
    chance = finite_array("p", p).ravel()
    if not (chance > 0).all():
        raise ValueError(f"p must hold numbers > 0, got {chance.min():g}")

    def in_log_time(x: float) -> float:  # the rarest type needs about exp(x) = 1/min(p) draws
        return float(np.exp(x) * -np.expm1(np.log(-np.expm1(-chance * np.exp(x))).sum()))

    rarest = -np.log(chance.min())
    low, high = rarest - 40.0, rarest + 6.0
    middle = [rarest - 5.0, rarest, rarest + np.log1p(np.log(len(chance)))]
    return float(scipy.integrate.quad(in_log_time, low, high, points=middle, limit=200)[0])


@monitoring
def squared_error_under_mix(t: ArrayLike, n: int, n_fresh: int) -> Any:
    """E[μ_t²] of a Gaussian chain whose n observations hold `n_fresh` fresh real ones (L15).

    With w = 1 - n_fresh/n, the maximum-likelihood fit keeps E[μ²] + E[σ²] = 1, and E[μ²] tends to
    1/(n(1 - w²) + w), about 1/(2 n_fresh + 1) where n_fresh is small beside n, by a factor
    w² - w/n in each generation. Times 1 - sum p² it is the mean squared distance
    E[sum (p_t - p)²] of a categorical chain. World N(0, 1). Derived here, from the loop of
    `alemohammad2024mad`.

    `gaussian_under_mix` is the general case, with weights, bias and the variance, step by step.
    Here is its mean square for plain pooling, solved for all t at once, and also for 0 or 1 fresh
    observations, where that recursion needs 2; `mean_square_limit_under_mix` is the limit.
    """
    if n_fresh > n:
        raise ValueError(f"n_fresh must be at most n = {n}, got {n_fresh}")
    w = 1 - n_fresh / n
    limit = 1 / (n * (1 - w**2) + w)
    return limit + (1 / n - limit) * (w**2 - w / n) ** np.asarray(t, dtype=np.float64)


@monitoring
def value_of_one_more(t: ArrayLike, n: int, n_fresh: int) -> Any:
    """By how much one more fresh real observation in each generation lowers E[μ_t²].

    The difference of `squared_error_under_mix` at `n_fresh` and `n_fresh` + 1: in the long run
    about 2/((2 n_fresh + 2)² - 1) where n_fresh is small beside n. Derived here.
    """
    return squared_error_under_mix(t, n, n_fresh) - squared_error_under_mix(t, n, n_fresh + 1)
