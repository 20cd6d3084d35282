"""Results about how fast a chain collapses: bounds, other families, other estimators."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from collapse_lab import metrics, theory
from collapse_lab.categorical import Categorical
from collapse_lab.gaussian import Gaussian
from collapse_lab.kernel import Kernel, Rule
from collapse_lab.measurement import Measurement
from collapse_lab.recursion import recurse
from collapse_lab.results.chains import models_at
from collapse_lab.results.result import result

in_chapter_3 = partial(result, chapter=3)


def _share_error(share: NDArray[np.float64], runs: int) -> NDArray[np.float64]:
    """Standard error of the share of `runs` independent chains."""
    return np.asarray(np.sqrt(share * (1 - share) / runs))


@in_chapter_3(
    id="L09",
    title="A bound on the chance that a Gaussian is still wide",
    statement=r"""With unbiased fits to $n$ points, the standard deviation after $k$ fits exceeds
$\varepsilon$ with probability at most $\frac{\sigma_0}{\varepsilon}\exp\left(-\frac{k}{4n -
1}\right)$.""",
    source="suresh2025rate",
    flag="T",
    kind="at most",
    note=r"""The exponent is that of the authors' notebook; a summary of the paper has $-k/(4n)$,
which is weaker. The exact tail, by numerical inversion, has nearly the same rate: it is $-\ln$ of
the smallest moment $E[\sigma^a]$, which is close to $a = 1$, the moment behind the bound. No lower
bound is known here.""",
)
def gaussian_tail(rng: np.random.Generator) -> Measurement:
    """Count which of 40,000 chains with n = 20 are wider than 0.1 after 200, 300 and 400 fits."""
    n, level, runs, when = 20, 0.1, 40_000, np.array([200, 300, 400])
    world = Gaussian(0.0, 1.0, draw="moments").expand(runs)
    chain = recurse(partial(Gaussian.fit, ddof=1), world, n=n, rng=rng)
    wide = np.array([(model.std > level).mean() for model in models_at(chain, when - 1)])
    exact = np.array([1 - theory.variance_cdf(level**2, k - 1, n, ddof=1) for k in when])
    labels = [f"P(σ > 0.1), k = {k}" for k in when]
    bound = theory.spread_tail_bound(level, when - 1, n)
    rivals = {"exact tail": exact}
    return Measurement(labels, wide, _share_error(exact, runs), bound, rivals=rivals)


def _kernel_variance(
    n: int, bandwidth: float | Rule, t: int, runs: int, rng: np.random.Generator
) -> tuple[float, float, float]:
    """Mean variance of a kernel chain at generation t, its true error and its expectation."""
    fit = partial(Kernel.fit, bandwidth=bandwidth)
    chain = recurse(fit, Gaussian().expand(runs), n=n, rng=rng)
    (model,) = models_at(chain, [t])
    first, second = theory.kernel_variance_moments(t, n, bandwidth)
    return float(model.var.mean()), float(np.sqrt((second - first**2) / runs)), first


@in_chapter_3(
    id="L21",
    title="A kernel density settles, or explodes: its bandwidth decides",
    statement=r"""A kernel density that is refitted to its own draws keeps some spread for ever if
its bandwidth $h$ is fixed: the expected variance of its points tends to $(n - 1)\,h^2$, its own to
$n\,h^2$. If the bandwidth follows Silverman's rule, $h = \left(\frac{4}{3n}\right)^{1/5} s$ with
$s$ the unbiased standard deviation, the expected variance is multiplied by $g = 1 - \frac1n +
\left(\frac{4}{3n}\right)^{2/5} > 1$ in every generation: it grows without end.""",
    source="kazdan2025collapse",
    flag="D",
    kind="equal",
    note=r"""With the maximum-likelihood standard deviation in the rule, $g = \left(1 -
\frac1n\right)\left(1 + \left(\frac{4}{3n}\right)^{2/5}\right)$. Standard errors are true ones,
from the exact recursion of second and fourth moments.""",
)
def kernel_chains(rng: np.random.Generator) -> Measurement:
    """Run 6,000 chains with n = 20 and h = 0.3, and 1,500 with n = 100 and Silverman's rule."""
    rows = [_kernel_variance(20, 0.3, t, 6000, rng) for t in (10, 40)]
    rows += [_kernel_variance(100, "silverman", t, 1500, rng) for t in (5, 20)]
    value, error, expected = np.transpose(rows)
    labels = ["fixed h, t = 10", "fixed h, t = 40", "Silverman, t = 5", "Silverman, t = 20"]
    return Measurement([f"E[variance], {x}" for x in labels], value, error, expected)


@in_chapter_3(
    id="L25",
    title="Waiting times collapse, too",
    statement=r"""The mean $\theta$ of an exponential law, refitted to $n$ draws: $E[\theta_T] =
\theta_0$ for every $T$, while $E[\ln\theta_T] = \ln\theta_0 + T\left[\psi(n) - \ln n\right]
\approx -\frac{T}{2n}$: the typical chain goes to 0.""",
    source=None,
    flag="D",
    kind="equal",
    note="One parameter, estimated without bias, and no second one that could wander.",
)
def exponential_scale(rng: np.random.Generator) -> Measurement:
    """Multiply Gamma(n)/n over 40 fits, n = 20, in 100,000 chains; errors from their moments."""
    n, fits, runs = 20, 40, 100_000
    scale = np.ones(runs)
    for _ in range(fits):
        scale *= rng.standard_gamma(n, runs) / n  # the mean of n exponential draws
    return Measurement(
        ["E[θ]", "E[ln θ]"],
        [scale.mean(), np.log(scale).mean()],
        [
            np.sqrt(((1 + 1 / n) ** fits - 1) / runs),
            np.sqrt(fits * theory.log_scale_spread(n) / runs),
        ],
        [1.0, fits * theory.log_scale_drift(n)],
    )


def _poisson_counts(
    rate: float, n: int, runs: int, rng: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """Totals of n Poisson draws whose mean is refitted each time; a sum of Poissons is Poisson."""
    total = rng.poisson(n * rate, runs)
    while True:
        yield total
        total = rng.poisson(n * (total / n))


@in_chapter_3(
    id="L33",
    title="When a Poisson chain dies",
    statement=r"""The mean $\Lambda$ of a Poisson law, refitted to $n$ draws: after $k$ fits it is
not 0 with probability exactly $1 - \exp\left(-n\lambda_0\,g_k\right)$, where $g_1 = 1$, $g_{k+1} =
1 - e^{-g_k}$, and $\frac1k \le g_k \le \frac3k$.""",
    source="suresh2025rate",
    flag="T",
    kind="equal",
    note=r"""Sharper: $k\,g_k \to 2$, since $1/g$ grows by about $\frac12$ with each fit. The total
count is a branching process, with a Poisson number of children of mean 1.""",
)
def poisson_survival(rng: np.random.Generator) -> Measurement:
    """Count survivors of 100,000 chains with n = 10 and λ₀ = 0.3, after 2, 10 and 40 fits."""
    n, rate, runs, when = 10, 0.3, 100_000, np.array([2, 10, 40])
    chain = _poisson_counts(rate, n, runs, rng)
    alive = np.array([(next(chain) > 0).mean() for _ in range(when[-1])])[when - 1]
    expected = theory.survival_probability(when - 1, n * rate)
    labels = [f"P(Λ ≠ 0), k = {k}" for k in when]
    return Measurement(labels, alive, _share_error(expected, runs), expected)


@in_chapter_3(
    id="L34",
    title="Bounds on the chance that a word is still known",
    statement=r"""A word of share $p_0$ in a chain that copies $n$ words: after $k$ fits it is still
known with probability at least $1 - e^{-n p_0 g_k}$ and at most $1 - \left(1 - 3 n p_0^2 - 3 k
p_0\right) e^{-n p_0 g_k}$, with $g_k$ as in L33.""",
    source="suresh2025rate",
    flag="T",
    kind="at least",
    note="""The upper bound is shown as a lower bound on the chance of the opposite. The proof of
the lower bound, by induction from 1 - x ≤ exp(-x), is in chapter 3; it holds for every n and
share.""",
)
def bernoulli_survival(rng: np.random.Generator) -> Measurement:
    """Follow 20,000 chains each with n = 10,000, p = 0.001 and with n = 100, p = 0.01."""
    runs, k = 20_000, 20
    labels, values, bounds = [], [], []
    for n, p in ((10_000, 0.001), (100, 0.01)):
        world = Categorical([p, 1 - p], draw="counts").expand(runs)
        (model,) = models_at(recurse(Categorical.fit, world, n=n, rng=rng), [k - 1])
        known = float(metrics.tail_mass(model, [True, False]).astype(bool).mean())
        lower, upper = theory.survival_bounds(k - 1, n, p)
        labels += [f"P(known), k = {k}, n = {n}", f"P(forgotten), k = {k}, n = {n}"]
        values += [known, 1 - known]
        bounds += [lower, 1 - upper]
    value = np.array(values)
    return Measurement(labels, value, _share_error(value, runs), bounds)


ROWS = (
    gaussian_tail,
    kernel_chains,
    exponential_scale,
    poisson_survival,
    bernoulli_survival,
)
