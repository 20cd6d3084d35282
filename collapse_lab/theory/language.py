"""Language chains: the words and phrases that a text keeps, and the fate of a false one."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from collapse_lab.rules import whole_number
from collapse_lab.theory.arguments import at_least, checked
from collapse_lab.theory.categorical import survival_generating

language = checked(n=at_least(1))


@language
def expected_types_copied(t: ArrayLike, counts: ArrayLike) -> Any:
    """Mean number of types in the text that generation t writes, Poisson approximation.

    Generation 0 has read a text in which the types occur `counts` times, all of it. Then each
    occurrence has about Poisson(1) copies in the next text, so that a type with c occurrences is
    left with probability 1 - (1 - s)^c. Here s is the chance that the line of one occurrence lasts
    through T = t + 1 texts: `survival_generating` at T, about 2/T.

    Derived here, after `suresh2025rate`. It differs from `expected_types` in that generation 0
    knows every type. Runs of words count as types, too, up to the order of an n-gram model.

    Parameters
    ----------
    t : int or array
    counts : array, shape (K,)
        Occurrences in the text of people, at least 0.
    """
    values, how_many = np.unique(np.asarray(counts), return_counts=True)
    s = np.ravel(survival_generating(np.asarray(t) + 1))
    types = -np.expm1(values * np.log1p(-s[:, None])) @ how_many
    return np.reshape(types, np.shape(t))[()]


@language
def tempered_matrix(n: int, temperature: float) -> NDArray[np.float64]:
    """Transition matrix of the count of one of two words that n places of a context hold.

    Row i is Binomial(n, f(i/n)) with odds raised to the power 1/temperature: f = x^a / (x^a +
    (1 - x)^a), a = 1/temperature. At temperature 1 it is `wright_fisher_matrix`.
    """
    states = np.arange(n + 1, dtype=np.float64)
    with np.errstate(divide="ignore"):
        log_odds = (np.log(states) - np.log(n - states)) / temperature
    share = special.expit(log_odds)[:, None]
    log_choose = -special.betaln(states + 1, n - states + 1) - np.log(n + 1.0)
    log_chance = special.xlogy(states, share) + special.xlog1py(n - states, -share)
    return np.asarray(np.exp(log_choose + log_chance))


@language
def phrase_fate(t: int, k: int, n: int, temperature: float = 1.0) -> tuple[float, float, float]:
    """Return mean share, chance of loss and chance of takeover of a false phrase.

    People's text has a context n times; in k of them the false word follows, else the right one.
    Every later text has the context n times, too (a simplification: in an n-gram chain that number
    drifts). Exact for this chain, by powers of `tempered_matrix`.

    At temperature 1 the share is a martingale (`wright1931evolution`): its mean stays k/n.

    Parameters
    ----------
    t : int
        Generation whose text is looked at: it has been copied t + 1 times.
    k, n : int
        Occurrences of the false word and of the context, k at most n.
    temperature : float
    """
    if k > n:
        raise ValueError(f"k must be at most n = {n}, got {k}")
    steps = whole_number("t", t, at_least=0) + 1
    law = np.linalg.matrix_power(tempered_matrix(n, temperature), steps)[k]
    return float(law @ np.arange(n + 1) / n), float(law[0]), float(law[-1])
