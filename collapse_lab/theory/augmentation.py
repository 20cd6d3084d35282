"""Filling gaps: what interpolation does to the spread, wrong shares to errors, weights to size."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from collapse_lab.rules import finite_array
from collapse_lab.theory.arguments import at_least, between, checked


@checked(n=at_least(2))
def smote_variance(t: ArrayLike, n: int) -> Any:
    """Expected variance after t rounds of interpolation between random pairs: (2/3 - 1/n)^t (L77).

    In each round n points are made from the n of the last one, each at a uniformly random place
    between two different points. In units of the first sample's variance, both with division by n.
    A point u of the way has the variance (1 - u)² + u² = 2/3 on average, less what two points of
    one sample have in common, and less the degree of freedom of the new mean:
    (1 - 1/n)(2/3 - 1/(3(n - 1))) = 2/3 - 1/n. For vectors, the same factor on the covariance.

    Parameters
    ----------
    t : int or array
    n : int
    """
    return (2 / 3 - 1 / n) ** np.asarray(t)


inside = between(0, 1, open_ends=True)


@checked(share=inside, assumed=inside, gap=between(0, np.inf, open_ends=True))
def error_when_assumed(share: ArrayLike, assumed: ArrayLike, gap: ArrayLike) -> Any:
    """Error of the best rule for a share `assumed`, where the share is another (L79).

    Two classes N(-g/2, 1) and N(g/2, 1), g the `gap`; the second has the given share. The
    rule's threshold is -logit(assumed)/g. With ``assumed=share`` it is the Bayes error.

    Parameters
    ----------
    share, assumed : float or array
        In (0, 1).
    gap : float or array
        Above 0.
    """
    half = finite_array("gap", gap) / 2
    threshold = -special.logit(assumed) / (2 * half)
    missed = special.ndtr(threshold - half)
    alarms = special.ndtr(-threshold - half)
    return np.asarray(share) * missed + (1 - np.asarray(share)) * alarms


@checked()
def effective_share(shift: ArrayLike) -> Any:
    """Share n_eff/n of a weighted sample that counts: exp(-δ²) (L80).

    n points of N(0, 1), weighted to stand for N(δ, 1), δ the `shift`: the weights w have mean 1
    and mean square exp(δ²), and n_eff = (Σw)²/Σw² tends to n exp(-δ²) for large n.
    """
    return np.exp(-(finite_array("shift", shift) ** 2))
