"""Results about fidelity and diversity: what sampling with less variety does to both."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from collapse_lab.fidelity import precision, recall
from collapse_lab.gaussian import MultivariateGaussian
from collapse_lab.measurement import Measurement, mean_and_error
from collapse_lab.policies import Decode
from collapse_lab.recursion import recurse
from collapse_lab.results.chains import models_at
from collapse_lab.results.result import result


def _narrowed(model: MultivariateGaussian, factor: float) -> MultivariateGaussian:
    return replace(model, cov=factor * model.cov)


@result(
    id="L18",
    title="Less variety in sampling: precision up, recall down",
    statement=r"""In a loop that samples from $N(\mu, \lambda\Sigma)$ with $\lambda < 1$, the
share of generated points that lie among the real ones (precision) rises over the generations, and
the share of real points that lie among the generated ones (recall) falls.""",
    source="alemohammad2024mad",
    flag="A",
    kind="qualitative",
    chapter=5,
    note=r"""The paper measures it on generated pictures; here the world is a Gaussian. Balls reach
to the fifth nearest neighbor. In two dimensions the balls of 500 points leave hardly a gap, so
that precision is close to 1 from the start; ten dimensions leave room to rise. The dimension was
changed after a first look: in a world of two dimensions the rise of precision was
0.0014 ± 0.0004.""",
)
def sampling_bias_trade(rng: np.random.Generator) -> Measurement:
    """Run 20 chains with d = 10, λ = 0.8, n = 500; compare the samples of generations 0 and 9."""
    n, d, runs, factor = 500, 10, 20, 0.8
    world = MultivariateGaussian(np.zeros(d), np.eye(d))
    narrowed = partial(_narrowed, factor=factor)
    fit = partial(MultivariateGaussian.fit, ddof=1)
    rises, falls = [], []
    for child in rng.spawn(runs):
        chain = recurse(fit, world, n=n, policy=Decode(narrowed), rng=child)
        real = world.sample(n, rng=child)
        early, late = (narrowed(model).sample(n, rng=child) for model in models_at(chain, [0, 9]))
        rises.append(precision(real, late, k=5) - precision(real, early, k=5))
        falls.append(recall(real, early, k=5) - recall(real, late, k=5))
    value, error = mean_and_error(np.array([rises, falls]))
    return Measurement(["rise of precision", "fall of recall"], value, error, np.zeros(2))


ROWS = (sampling_bias_trade,)
