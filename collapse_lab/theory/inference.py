"""What can be learned from made data, and from predictions: errors and coverage.

``n`` real records stand behind ``ratio`` times as many made ones. The intervals are for a mean, of
nominal coverage ``confidence``, with quantiles of the normal law; variances are taken as known.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy  # its slow rooms load at their first use
from numpy.typing import ArrayLike
from scipy import special

from collapse_lab.theory.arguments import at_least, between, checked, true_or_false
from collapse_lab.theory.regression import regression_under_replace

inference = checked(
    n=at_least(2),
    n_synthetic=at_least(2),
    n_sets=at_least(2),
    n_unlabeled=at_least(1),
    confidence=between(0, 1, open_ends=True),
    parameter_draws=true_or_false,
)


@inference
def tstr_error(n: int, n_synthetic: int, d: int, *, noise: float = 1.0) -> Any:
    """Mean excess error when least squares is trained on synthetic labels, tested on real (L78).

    noise² d/(n - d - 1) for the generator, which was fitted to n real points, and
    noise² d/(m - d - 1) for the model that was fitted to its m points: the two are independent, and
    standard normal inputs are assumed. After `esteban2017tstr`, who named the test.

    Raises
    ------
    ValueError
        Also if `n` or `n_synthetic` is not more than d + 1.
    """
    if n_synthetic <= d + 1:
        raise ValueError(f"n_synthetic must be more than d + 1 = {d + 1}, got {n_synthetic}")
    parts = [regression_under_replace(0, size, d, noise=noise) for size in (n, n_synthetic)]
    return sum(parts)


@inference
def synthetic_coverage(
    ratio: ArrayLike, *, confidence: float = 0.95, parameter_draws: bool = False
) -> Any:
    """Coverage of the interval that takes made records for real ones (L82).

    The mean of m made records errs by the law of m draws *and* by what the n real records missed:
    its variance is (1 + m/n) times what the interval believes, so that it covers with probability
    2Φ(z/sqrt(1 + m/n)) - 1.

    Parameters
    ----------
    ratio : float or array
        m/n, above 0.
    confidence : float
    parameter_draws : bool
        Whether the generator's mean is itself drawn from its posterior law, as in multiple
        imputation: then the variance is 1 + 2m/n times what is believed.
    """
    z = special.ndtri((1 + confidence) / 2)
    spread = 1 + (2 if parameter_draws else 1) * np.asarray(ratio, dtype=np.float64)
    return 2 * special.ndtr(z / np.sqrt(spread)) - 1


@inference
def combined_coverage(n_sets: int, *, confidence: float = 0.95) -> Any:
    """Coverage of the interval from several synthetic sets, with normal quantiles (L82).

    The sets have n records each, from M draws of the generator's mean. The estimate is the mean of
    their M means, with variance (1 + 2/M) v, where v = sigma²/n; its estimated variance is
    T = (1 + 1/M) b - v, with b the unbiased variance of the M means, which is 2v times a
    chi-squared number with M - 1 degrees of freedom over M - 1. Coverage is the mean of
    2Φ(z sqrt(T/(v + 2v/M))) - 1; where T is negative there is no interval, and it counts as missed.
    Source of T: `raghunathan2003multiple`.
    """
    z, law = special.ndtri((1 + confidence) / 2), scipy.stats.chi2(n_sets - 1)

    def covered(x: float) -> float:
        total = max((1 + 1 / n_sets) * 2 * x / (n_sets - 1) - 1, 0.0)
        return float(law.pdf(x) * (2 * special.ndtr(z * np.sqrt(total / (1 + 2 / n_sets))) - 1))

    low, high = (n_sets - 1) / (2 * (1 + 1 / n_sets)), law.isf(1e-14)
    return float(scipy.integrate.quad(covered, low, high, limit=200)[0])


@inference
def prediction_powered_variance(
    n: int, n_unlabeled: int, *, prediction_var: float = 1.0, residual_var: float = 1.0
) -> Any:
    """Variance of the prediction-powered mean (L83).

    The mean of N predictions plus the mean of n residuals, independent of one another:
    Var(f)/N + Var(y - f)/n. It has no bias, whatever the predictions are worth. Source:
    `angelopoulos2023ppi`.
    """
    return prediction_var / n_unlabeled + residual_var / n
