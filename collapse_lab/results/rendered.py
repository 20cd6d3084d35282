"""Results about training data that are changed at random on purpose."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from collapse_lab import theory
from collapse_lab.measurement import Measurement, mean_and_error
from collapse_lab.results.result import result


def _least_squares(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Coefficients of y on the columns of x, no intercept."""
    return np.asarray(np.linalg.solve(x.T @ x, x.T @ y), dtype=np.float64)


@result(
    id="L81",
    title="Noise on the inputs is a ridge, and shrinks a cue that does not last",
    statement=r"""Least squares on endless copies of $n$ rows, each with new noise of standard
deviation $s$ on every input, is ridge regression with penalty $n\,s^2$. If the label is seen
through two cues with noise variances $v_1$ and $v_2$, and training adds noise to the second alone
(domain randomization), its weight is $\frac{1/v_2}{1 + 1/v_1 + 1/v_2}$ with $v_2 = 0.09 + s^2$.""",
    source="bishop1995noise",
    flag="M",
    kind="equal",
    chapter=11,
    note=r"""In least squares the first part is exact. The second part, derived here, has $v_1 =
0.25$; all variables are Gaussian with mean 0, and the label has variance 1.""",
)
def randomized_inputs(rng: np.random.Generator) -> Measurement:
    """Fit 40 rows in 4,000 noisy copies, s = 0.7, 30 times; 20,000 rows, s = 0, 1, 3, 30 times."""
    n, d, copies, rows, runs, s = 40, 2, 4000, 20_000, 30, 0.7
    x = rng.standard_normal((n, d))
    y = x @ [1.0, -0.5] + rng.standard_normal(n)
    ridge = np.linalg.solve(x.T @ x + theory.ridge_of_noise(n, s) * np.eye(d), x.T @ y)
    noisy = [
        _least_squares(
            (x + s * rng.standard_normal((copies, n, d))).reshape(-1, d), np.tile(y, copies)
        )
        for _ in range(runs)
    ]
    strengths = np.array([0.0, 1.0, 3.0])
    texture = []
    for strength in strengths:
        fits = []
        for _ in range(runs):
            label, *noise = rng.standard_normal((3, rows))
            scales = np.sqrt([0.25, 0.09 + strength**2])
            fits.append(_least_squares((label + scales[:, None] * np.array(noise)).T, label)[1])
        texture.append(fits)
    return Measurement(
        [
            "first coefficient, s = 0.7",
            "second coefficient, s = 0.7",
            *(f"weight of texture, s = {strength:g}" for strength in strengths),
        ],
        *mean_and_error([*np.transpose(noisy), *texture]),
        [*ridge, *theory.cue_weights(strengths)[1]],
    )


ROWS = (randomized_inputs,)
