"""Results about selection: curated, verified and filtered data."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from collapse_lab import theory
from collapse_lab.categorical import Categorical
from collapse_lab.gaussian import Gaussian
from collapse_lab.measurement import Measurement
from collapse_lab.policies import Curate, Filter
from collapse_lab.recursion import recurse
from collapse_lab.results.chains import models_at
from collapse_lab.results.result import result

in_chapter_8 = partial(result, chapter=8)


@in_chapter_8(
    id="L57",
    title="Curated copies please more and more",
    statement=r"""Of every $K$ draws one is picked, with chances in proportion to $e^{r}$ for a
reward $r$, and the next model learns from what was picked. Without sampling noise the mean of
$e^{r}$ grows in each generation by at least $\frac{K-1}{K} \operatorname{Var}(e^{r}) / e^{r_*}$,
where $r_*$ is the largest reward.""",
    source="ferbach2024curated",
    flag="A",
    kind="at least",
    note=r"""The constants are remembered, not read. As $K$ grows, generation $t$ tends to a law
in proportion to $p_0\, e^{t r}$, so that the bound is far from sharp. For finite $K$ we derived
the exact step, an integral (`theory.curated`); the tests compare it with simulation and with that
limit.""",
)
def curation_pleases(rng: np.random.Generator) -> Measurement:
    """Pick from 4, five times over, 200,000 times a generation, among 30 items."""
    n, k, reward = 200_000, 4, np.linspace(0.0, 2.0, 30)
    weight = np.exp(reward)
    fit = partial(Categorical.fit, n_categories=30)
    world = Categorical(np.full(30, 1 / 30))
    policy = Curate(lambda data: np.asarray(reward[data]), k)
    models = models_at(recurse(fit, world, n=n, policy=policy, rng=rng), range(6))
    rows = []
    for before, after in pairwise(models):
        mean = after.p @ weight
        error = np.sqrt((after.p @ weight**2 - mean**2) / n)  # given the model before
        gain = mean - before.p @ weight
        rows.append((gain, error, theory.curation_gain(before.p, reward, k)))
    labels = [f"growth of the mean of exp(r), fit {fit}" for fit in range(2, 7)]
    return Measurement(labels, *np.transpose(rows))


@in_chapter_8(
    id="L58",
    title="A verifier's breakdown point",
    statement=r"""Two classes $\mathcal{N}(\pm s\,e, I)$ in $d$ dimensions; of $n$ labels a
share $p$ is wrong. A verifier keeps right labels with chance $\phi$ and wrong ones with chance
$\psi$. With unlimited data a classifier taught on what it keeps is right, apart from the
unavoidable errors, for $p < p_* = 1/(1 + \psi/\phi)$ and wrong for $p > p_*$. With $K$ labels
kept, the mean of label times point has accuracy about $\Phi\left(s a / \sqrt{a^2 +
(d-1)/K}\right)$, where $a$ is $s$ times the share of right minus that of wrong labels among the
kept.""",
    source="feng2025beyond",
    flag="A",
    kind="approximate",
    note=r"""The breakdown point is the paper's, as a stored reading note of its second version
has it; the formula for the accuracy is derived here, to leading order, and stated to 1 % for this
case. Without a verifier $\phi = \psi$ and $p_* = \frac12$; one that keeps only right labels has
$p_* = 1$. One round; the verifier's mistakes do not depend on the point.""",
)
def verified_labels(rng: np.random.Generator) -> Measurement:
    """Teach 4,000 classifiers for each share of wrong labels; d = 200, n = 20,000, s = 1."""
    d, n, runs, right, wrong = 200, 20_000, 4000, 0.9, 0.3
    errors = np.array([0.65, 0.73, 0.75, 0.77, 0.85])
    rows = []
    for error in errors:
        accuracy = _taught(error, right, wrong, d, n, runs, rng)
        rows.append((accuracy.mean(), accuracy.std(ddof=1) / np.sqrt(runs)))
    labels = [f"accuracy, p = {error}" for error in errors]
    expected = theory.verified_accuracy(errors, right, wrong, 1.0, d, n)
    value, standard_error = np.transpose(rows)
    return Measurement(labels, value, standard_error, expected, relative_error=0.01)


def _taught(
    error: float, right: float, wrong: float, d: int, n: int, runs: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Accuracy of classifiers taught on verified labels, classes one unit from the middle.

    Exact: label times point is N(±e, I), plus for a right label and minus for a wrong one, so that
    the mean over K of them has a normal part along e and a chi-square part across it.
    """
    chances = [(1 - error) * right, error * wrong]
    n_right, n_wrong, _ = rng.multinomial(n, [*chances, 1 - sum(chances)], size=runs).T
    kept = n_right + n_wrong
    along = (n_right - n_wrong) / kept + rng.standard_normal(runs) / np.sqrt(kept)
    across = rng.chisquare(d - 1, runs) / kept
    return np.asarray(special.ndtr(along / np.sqrt(along**2 + across)))


@in_chapter_8(
    id="L59",
    title="The verifier's center becomes the world's",
    statement=r"""The model is $\mathcal{N}(\theta, 1)$, and a verifier passes what lies within
$r$ of its own center $\theta_c$. Refitted on what passed, $\theta$ tends to $\theta_c$ wherever the
truth lies. Near the end each generation multiplies the distance by the variance of a standard
normal cut off beyond $\pm r$.""",
    source="yi2025escaping",
    flag="A",
    kind="equal",
    note=r"""Measured against the exact means of truncated normal laws, one after the other, which
we derived.""",
)
def verifier_attracts(rng: np.random.Generator) -> Measurement:
    """Run one chain of 200,000 points a generation from truth 0, with center 0.8 and radius 1."""
    n, center, radius, generations = 200_000, 0.8, 1.0, (0, 1, 2, 4, 8)
    policy = Filter(lambda data, _: np.abs(data - center) <= radius)
    chain = recurse(_unit_normal, Gaussian(0.0, 1.0), n=n, policy=policy, rng=rng)
    measured = [model.mean for model in models_at(chain, generations)]
    mean, variance, rows = 0.0, 1 / n, {0: (0.0, np.sqrt(1 / n))}
    for t in range(1, generations[-1] + 1):
        # the passed variance is the slope of the map, and the variance of one passed point
        mean, slope = theory.window_moments(mean, center, radius)
        variance = slope**2 * variance + slope / n
        rows[t] = (mean, np.sqrt(variance))
    expected, error = np.transpose([rows[t] for t in generations])
    labels = [f"mean, T = {t + 1}" for t in generations]
    return Measurement(labels, measured, error, expected)


def _unit_normal(data: Any, *, rng: Any = None) -> Gaussian:  # noqa: ARG001 - every Fit takes rng
    """Fit the mean alone; the variance stays 1."""
    return Gaussian(np.mean(data, axis=0), np.ones(np.shape(data)[1:]))


ROWS = [curation_pleases, verified_labels, verifier_attracts]
