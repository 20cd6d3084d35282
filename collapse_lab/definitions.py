"""Eight meanings of "model collapse", each as a test that chains of models pass or fail.

`schaeffer2025position` counts eight definitions in the literature. The paper names them; how each
is turned into a number with a level here is our reading, and another reading may come out
differently. Seven are read from chains of Gaussians, the entanglement of modes from chains of
kernel densities whose world has two modes. A test fires if its number lies more than 4.9 standard
errors above its level.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from collapse_lab import metrics
from collapse_lab.empirical import Empirical
from collapse_lab.gaussian import Gaussian
from collapse_lab.kernel import Kernel
from collapse_lab.measurement import TOLERANCE
from collapse_lab.protocols import RNG, Policy
from collapse_lab.recursion import History, recurse, run
from collapse_lab.rules import whole_number

WORLD = Gaussian(0.0, 1.0, draw="moments")
# two normal bumps of standard deviation 0.3, at -1 and 1: 2 x 500 of their quantiles
_BUMP = 0.3 * special.ndtri((np.arange(500) + 0.5) / 500)
TWO_MODES = Empirical(np.concatenate([_BUMP - 1, _BUMP + 1]))
SIZES = 100, 1600  # for the scaling law
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Finding:
    """What a test of one definition found.

    Attributes
    ----------
    definition : str
        Its name in `schaeffer2025position`, in our spelling.
    reading : str
        What is measured, and above which level it counts.
    value, standard_error, level : float
    """

    definition: str
    reading: str
    value: float
    standard_error: float
    level: float

    @property
    def z(self) -> float:
        """How many standard errors the value lies above the level."""
        return (self.value - self.level) / self.standard_error

    @property
    def fires(self) -> bool:
        """Whether the value is clearly above the level."""
        return bool(self.z > TOLERANCE)


def eight_definitions(
    policy: Policy, *, n: int = 50, n_fits: int = 100, n_replicates: int = 12_000, rng: RNG = None
) -> list[Finding]:
    """Ask eight definitions of collapse about one policy.

    Parameters
    ----------
    policy : Policy
        It must take `Moments` and points.
    n : int
        Sample size of each generation, at least 2.
    n_fits : int
        Fits in a chain of Gaussians, an even number of at least 4; the variance is the unbiased
        one. Chains of kernel densities have a fifth of it.
    n_replicates : int
        Chains of Gaussians, at least 200; half of it at each of two sizes for the scaling law,
        and a hundredth of kernel densities.
    rng : Generator or seed

    Returns
    -------
    list of Finding
    """
    whole_number("n", n, at_least=2)
    runs = whole_number("n_replicates", n_replicates, at_least=200)
    if whole_number("n_fits", n_fits, at_least=4) % 2:
        raise ValueError(f"n_fits must be even, got {n_fits}")
    streams = np.random.default_rng(rng).spawn(2 + len(SIZES))
    chain = _gaussians(policy, n, n_fits, runs, streams[0])
    grown = [
        _gaussians(policy, m, n_fits, runs // 2, s) for m, s in zip(SIZES, streams[2:], strict=True)
    ]
    risk = _risk(chain)
    middle = n_fits // 2
    first, second = risk[middle] - risk[0], risk[-1] - risk[middle]
    mean, std = chain["mean"][-1], chain["std"][-1]
    tail, far = (special.ndtr((-c - mean) / std) + special.ndtr((mean - c) / std) for c in (2, 4))
    merged = _merged(policy, n, max(n_fits // 5, 2), runs // 100, streams[1])
    return [
        _mean("catastrophic increase of risk", "the risk, where a single point has 1", risk[-1], 1),
        _mean("any increase of risk", "how much the risk has grown", risk[-1] - risk[0], 0),
        _mean(
            "diverging risk",
            "its growth in the second half, less half of that in the first",
            second - first / 2,
            0,
        ),
        _scaling(grown),
        _most("collapsing variance", "less than half the variance", std**2 < 0.5),
        _most("entangled modes", "one mode where there were two", merged),
        _most("vanishing tails", "less than half of the tails", tail < special.ndtr(-2.0)),
        _mean(
            "hallucinated data",
            "mass where the world has next to none, over the world's",
            far / (2 * special.ndtr(-4.0)),
            10,
        ),
    ]


def _gaussians(policy: Policy, n: int, n_fits: int, runs: int, rng: np.random.Generator) -> History:
    return run(
        lambda data, rng: Gaussian.fit(data, ddof=1, rng=rng),
        WORLD.expand(runs),
        n=n,
        n_generations=n_fits - 1,
        policy=policy,
        metrics=[metrics.mean, metrics.std],
        rng=rng,
    )


def _risk(chain: History) -> Array:
    """Squared 2-Wasserstein distance to the world; that of a single point at its mean is 1."""
    return np.asarray(chain["mean"] ** 2 + (chain["std"] - 1) ** 2)


def _mean(definition: str, reading: str, values: Any, level: float) -> Finding:
    values = np.asarray(values, dtype=np.float64)
    error = values.std(ddof=1) / np.sqrt(len(values))
    return Finding(definition, reading, float(values.mean()), float(error), level)


def _most(definition: str, loss: str, happened: NDArray[np.bool_]) -> Finding:
    """Ask whether it happened in most chains; the error is that of a share of one half."""
    error = 0.5 / np.sqrt(len(happened))
    return Finding(definition, f"share of chains with {loss}", float(happened.mean()), error, 0.5)


def _scaling(grown: list[History]) -> Finding:
    """How far the exponent of the risk in the sample size moves from the first fit to the last."""
    risks = [_risk(chain) for chain in grown]
    growth = [risk[-1].mean() / risk[0].mean() for risk in risks]
    relative = [_mean("", "", r[-1] / r[-1].mean() - r[0] / r[0].mean(), 0) for r in risks]
    span = np.log(SIZES[1] / SIZES[0])
    return Finding(
        "change of the scaling law",
        "how much the exponent of the risk in n has changed",
        float(np.abs(np.log(growth[1] / growth[0])) / span),
        float(np.sqrt(sum(part.standard_error**2 for part in relative)) / span),
        0.1,
    )


def _merged(
    policy: Policy, n: int, n_fits: int, runs: int, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Whether the last kernel density is no lower between the two modes than at the lower one."""
    chain = recurse(Kernel.fit, TWO_MODES.expand(runs), n=n, policy=policy, rng=rng)
    model: Kernel = next(islice(chain, n_fits - 1, None)).model
    between, left, right = model.logpdf(np.broadcast_to([[0.0], [-1.0], [1.0]], (3, runs)))
    return np.asarray(between >= np.minimum(left, right))
