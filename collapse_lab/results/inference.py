"""Results about training, and about confidence, from made data and from predictions."""

from __future__ import annotations

from functools import partial
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from collapse_lab import metrics, theory
from collapse_lab.measurement import Measurement, mean_and_error
from collapse_lab.recursion import recurse
from collapse_lab.regression import LinearModel
from collapse_lab.results.result import result

in_chapter_13 = partial(result, chapter=13)


@in_chapter_13(
    id="L78",
    title="Train on synthetic, test on real: two errors add up",
    statement=r"""Fit $d$ coefficients to $n$ real points by least squares, and another model to
$m$ points that the first one made. On real data, the excess error of the second is on average
$\sigma^2\left(\frac{d}{n - d - 1} + \frac{d}{m - d - 1}\right)$. More made data removes the second
part only.""",
    source="esteban2017tstr",
    flag="D",
    kind="equal",
    note="""The source names the test, for clinical time series; the formula is derived here.
Inputs are standard normal, and both fits have the right form.""",
)
def train_on_synthetic(rng: np.random.Generator) -> Measurement:
    """Run 4,000 pairs of fits with d = 10, n = 60, and m = 30 or m = 600."""
    d, n, runs = 10, 60, 4000
    world = LinearModel(np.full(d, d**-0.5), 1.0, "equations").expand(runs)
    sizes, errors = (30, 600), []
    for m in sizes:
        chain = recurse(LinearModel.fit, world, n=[n, m].__getitem__, rng=rng)
        _, second = islice(chain, 2)
        errors.append(metrics.excess_error(second.model, world))
    return Measurement(
        [f"excess error, m = {m}" for m in sizes],
        *mean_and_error(errors),
        [theory.tstr_error(n, m, d) for m in sizes],
        rivals={"the generator's own": [theory.regression_under_replace(0, n, d)] * 2},
    )


def _covers(
    estimate: NDArray[np.float64], variance: NDArray[np.float64], z: float
) -> tuple[float, float]:
    """Share of 95% intervals around `estimate` that hold 0, and its binomial standard error."""
    share = float((np.square(estimate) <= z**2 * variance).mean())
    return share, float(np.sqrt(share * (1 - share) / len(estimate)))


@in_chapter_13(
    id="L82",
    title="Confidence from synthetic data: one set, and many",
    statement=r"""Intervals of nominal 95% for a mean, computed from synthetic records as if they
were real. One set of the size of the real data, from a mean drawn from its posterior law, covers
in $2\Phi(1.96/\sqrt3) - 1 = 74.2\%$ of cases only. With $M$ such sets, take the mean of their
means and the variance $T = \left(1 + \frac1M\right) b - \bar u$, where $b$ is the variance between
the means and $\bar u$ the average variance within: it is right on average.""",
    source="raghunathan2003multiple",
    flag="M",
    kind="equal",
    note=r"""With normal quantiles, $T$ covers less than 95% until $M$ is large, since $b$ is
estimated from few sets: exact values by an integral, for known $\sigma$. Where $T$ is negative the
interval counts as a miss. A generator with its best estimate plugged in, as most are, covers in
$2\Phi(1.96/\sqrt2) - 1 = 83.4\%$.""",
)
def coverage_of_synthetic(rng: np.random.Generator) -> Measurement:
    """Draw means of 100,000 data sets of n = 100 known variances, and of 1, 20 or 200 made sets."""
    runs, v, z = 100_000, 1 / 100, 1.959963984540054
    labels, numbers = [], []
    for sets in (1, 20, 200):
        real = np.sqrt(v) * rng.standard_normal(runs)
        # Given the real data, each made mean has the posterior's variance and its own.
        total, squares = np.zeros(runs), np.zeros(runs)
        for _ in range(sets):
            step = np.sqrt(2 * v) * rng.standard_normal(runs)
            total, squares = total + step, squares + step**2
        variance = np.full(runs, v)
        if sets > 1:
            between = (squares - total**2 / sets) / (sets - 1)
            variance = np.maximum((1 + 1 / sets) * between - v, 0)
        labels.append(f"coverage, M = {sets}")
        numbers.append(_covers(real + total / sets, variance, z))
    made = np.sqrt(2 * v) * rng.standard_normal(runs)
    labels.append("coverage, plugged in")
    numbers.append(_covers(made, np.full(runs, v), z))
    expected = [
        theory.synthetic_coverage(1, parameter_draws=True),
        theory.combined_coverage(20),
        theory.combined_coverage(200),
        theory.synthetic_coverage(1),
    ]
    share, error = np.transpose(numbers)
    return Measurement(labels, share, error, expected)


@in_chapter_13(
    id="L83",
    title="Prediction-powered inference",
    statement=r"""A mean from $n$ labeled cases and $N$ predictions $f$ without labels: the mean of
the predictions plus the mean of the $n$ residuals $y - f$ has no bias, however wrong the
predictions are, and the variance $\frac{\mathrm{Var}(f)}{N} + \frac{\mathrm{Var}(y - f)}{n}$.""",
    source="angelopoulos2023ppi",
    flag="M",
    kind="equal",
    note=r"""Predictions with correlation 0.9 to the truth and a bias of half a standard deviation:
to take them for labels would give a mean of 0.5. The labeled cases alone have the variance
0.01.""",
)
def prediction_powered(rng: np.random.Generator) -> Measurement:
    """Estimate a mean of 0 in 4,000 runs with n = 100, N = 2,000 and biased predictions."""
    n, many, rho, bias, runs = 100, 2000, 0.9, 0.5, 4000
    y = rng.standard_normal((n, runs))
    f = bias + rho * y + np.sqrt(1 - rho**2) * rng.standard_normal((n, runs))
    predicted = bias + rng.standard_normal(runs) / np.sqrt(many)  # the mean of N, exactly
    estimate = predicted + (y - f).mean(axis=0)
    expected = theory.prediction_powered_variance(n, many, residual_var=2 - 2 * rho)
    return Measurement(
        ["mean", "variance"],
        [estimate.mean(), estimate.var(ddof=1)],
        [np.sqrt(expected / runs), expected * np.sqrt(2 / (runs - 1))],
        [0.0, expected],
        rivals={"predictions as labels": [bias, 1 / many]},
    )


ROWS = (
    train_on_synthetic,
    coverage_of_synthetic,
    prediction_powered,
)
