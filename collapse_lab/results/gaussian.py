"""Results about Gaussian chains.

Standard errors here are true ones, from closed-form moments, wherever the law is heavy-tailed. The
variance after T fits is close to a lognormal variable: its mean is carried by rare runs that a
simulation may never draw, and the sample standard error misses them just as the sample mean does.
`theory.gaussian_moment` knows them: the variance of an estimate of E[X] from R runs is
(E[X²] - E[X]²)/R. Two things follow for the choice of T and R. The root of that variance must be
well below E[X]. And the estimate must itself be near normal, or 4.9 standard errors are no rare
event: the skewness of a lognormal variable with log variance v is (e^v + 2) √(e^v - 1), that of the
mean of R runs is this over √R, and here it is kept below 0.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from collapse_lab import metrics, theory
from collapse_lab.gaussian import Gaussian, MultivariateGaussian
from collapse_lab.measurement import Measurement, mean_and_error
from collapse_lab.policies import Decode, Filter
from collapse_lab.protocols import RNG
from collapse_lab.recursion import History, recurse, run
from collapse_lab.results.chains import fits_until, models_at
from collapse_lab.results.result import result

MAXIMUM_LIKELIHOOD = partial(Gaussian.fit, ddof=0)
UNBIASED = partial(Gaussian.fit, ddof=1)
WORLD = Gaussian(0.0, 1.0, draw="moments")

in_chapter_1 = partial(result, chapter=1)


def _chain(
    fit: Any, n: Any, n_fits: int, runs: int, rng: np.random.Generator, **options: Any
) -> History:
    """Mean and variance of `runs` replicates, recorded over `n_fits` fits."""
    recorded = [metrics.mean, metrics.variance]
    world = WORLD.expand(runs)
    return run(fit, world, n=n, n_generations=n_fits - 1, metrics=recorded, rng=rng, **options)


def _true_error(second: float, first: float, runs: int) -> float:
    """Standard error of the mean of X over `runs`, from E[X²] and E[X]."""
    return float(np.sqrt((second - first**2) / runs))


@in_chapter_1(
    id="L01",
    title="The mean wanders",
    statement=r"""Fit a Gaussian to $M_0$ real points, draw $M_1$ points from it, fit again,
and so on, each time with the unbiased variance. Then the last mean has variance exactly
$\sigma^2 \left(\frac1{M_0} + \frac1{M_1} + \dots + \frac1{M_t}\right)$.""",
    source="shumailov2023curse",
    flag="M",
    kind="equal",
)
def variance_of_the_mean(rng: np.random.Generator) -> Measurement:
    """Fit 20,000 chains to points, with samples of 20, 40, 10, 80 and 20."""
    sizes, runs = (20, 40, 10, 80, 20), 20_000
    points = Gaussian(0.0, 1.0, draw="points").expand(runs)
    chain = recurse(UNBIASED, points, n=lambda t: sizes[t], rng=rng)
    (last,) = models_at(chain, [len(sizes) - 1])
    expected = sum(1 / size for size in sizes)
    error = _true_error(theory.gaussian_moment(sizes, 4, 0, ddof=1), expected, runs)
    return Measurement(["E[mean²]"], np.mean(last.mean**2), error, expected)


@in_chapter_1(
    id="L02",
    title="Distance to the world grows",
    statement=r"""With the unbiased variance the squared Wasserstein distance between model
and world has mean $\frac32 \sigma^2 \left(\frac1{M_0} + \dots + \frac1{M_t}\right)$ plus
terms of second order. For equal samples of size $n$ it is exactly $\sigma^2\left[\frac Tn +
2\left(1 - c_4(n)^T\right)\right]$ after $T$ fits.""",
    source="shumailov2024collapse",
    flag="A",
    kind="equal",
    note="""The exact form is derived here. The leading order serves as long as $T$ is small
beside $n$.""",
)
def mean_distance(rng: np.random.Generator) -> Measurement:
    """Run 200,000 chains of 10 fits to 1,000 points, and of 20 fits to 20 points."""
    runs, cases = 200_000, ((1000, 10), (20, 20))
    rows = []
    for n, fits in cases:
        chain = recurse(UNBIASED, WORLD.expand(runs), n=n, rng=rng)
        (model,) = models_at(chain, [fits - 1])
        expected = theory.expected_squared_wasserstein(fits - 1, n)
        second = theory.squared_wasserstein_moment([n] * fits, 2)
        value = metrics.squared_wasserstein(model, WORLD).mean()
        rows.append((value, _true_error(second, expected, runs), expected))
    labels = [f"E[distance²], n = {n}, T = {fits}" for n, fits in cases]
    leading = {"leading order, 3T/(2n)": [1.5 * fits / n for n, fits in cases]}
    value, error, expected = np.transpose(rows)
    return Measurement(labels, value, error, expected, rivals=leading)


@in_chapter_1(
    id="L03",
    title="How uncertain that distance is",
    statement=r"""To leading order the squared Wasserstein distance has variance $\frac52
\sigma^4 \left(\frac1{M_0} + \dots + \frac1{M_t}\right)^2$. This is the form that we derived:
mean and standard deviation are nearly normal and independent, with variances $s =
\sigma^2\sum_i 1/M_i$ and $s/2$, so that the distance is $s\,(\chi^2_1 + \frac12
\tilde\chi^2_1)$, whose variance is $2 s^2 (1 + \frac14)$. Measured below is the variance over
$\left(\sum_i 1/M_i\right)^2$, beside its exact value.""",
    source=None,
    flag="D",
    kind="equal",
    note=r"""As remembered from an early version of {cite:t}`shumailov2023curse`, and not
found again: $\frac12 \sigma^4 \left(3 \sum_i 1/M_i^2 + 4 \sum_{i \ne j} 1/(M_i M_j)\right)$,
which is $\frac32$ for one fit in the units used here. A remembered formula may be a wrong
memory: read the paper's supplement before you compare.""",
)
def variance_of_the_distance(rng: np.random.Generator) -> Measurement:
    """Run 200,000 chains with one fit to 1,000 points, and with fits to 500, 2,000 and 1,000."""
    runs, cases = 200_000, ((1000,), (500, 2000, 1000))
    rows = []
    for sizes in cases:
        chain = recurse(UNBIASED, WORLD.expand(runs), n=sizes.__getitem__, rng=rng)
        (model,) = models_at(chain, [len(sizes) - 1])
        distance = metrics.squared_wasserstein(model, WORLD)
        first, second, third, fourth = (
            theory.squared_wasserstein_moment(sizes, power) for power in (1, 2, 3, 4)
        )
        expected = second - first**2
        about_mean = fourth - 4 * first * third + 6 * first**2 * second - 3 * first**4
        share = np.reciprocal(np.asarray(sizes, dtype=np.float64))
        error = _true_error(about_mean, expected, runs)
        rows.append(np.array([distance.var(), error, expected]) / share.sum() ** 2)
    value, error, expected = np.transpose(rows)
    return Measurement(["one fit", "three fits"], value, error, expected)


@in_chapter_1(
    id="L04",
    title="Almost every chain collapses, although the mean distance grows",
    statement=r"""With unbiased fits and a fixed sample size the variance tends to 0 with
probability 1, while the expected squared Wasserstein distance to the world tends to infinity.""",
    source="shumailov2024collapse",
    flag="T",
    kind="equal",
    note="""The expected values are exact and derived here: the law of a product of
chi-squares, and the distance of L02. The mean distance is measured at small $T$ only: later
its standard error is larger than itself, whatever a sample says.""",
)
def collapse_and_distance(rng: np.random.Generator) -> Measurement:
    """Count collapsed ones of 20,000 chains with n = 10; average the distance of 100,000."""
    n, runs, many = 10, 20_000, 100_000
    late, early = (100, 200, 400), (2, 5, 10)
    h = _chain(UNBIASED, n, late[-1], runs, rng)
    chance = np.array([theory.variance_cdf(1e-6, fits - 1, n, ddof=1) for fits in late])
    collapsed = [np.mean(h["variance"][fits - 1] < 1e-6) for fits in late]
    h = _chain(UNBIASED, n, early[-1], many, rng)
    distance = h["mean"] ** 2 + (np.sqrt(h["variance"]) - 1) ** 2
    expected = theory.expected_squared_wasserstein(np.array(early) - 1, n)
    second = [theory.squared_wasserstein_moment([n] * fits, 2) for fits in early]
    return Measurement(
        [f"P(σ < 0.001), T = {fits}" for fits in late]
        + [f"E[distance²], T = {fits}" for fits in early],
        [*collapsed, *(distance[fits - 1].mean() for fits in early)],
        [
            *np.sqrt(chance * (1 - chance) / runs),
            *map(_true_error, second, expected, [many] * len(early)),
        ],
        [*chance, *expected],
    )


@in_chapter_1(
    id="L05",
    title="The mean of all variances stays",
    statement=r"""With unbiased fits the variance is a martingale: $E[\sigma_T^2] =
\sigma_0^2$ for every $T$. At the same time $E[\sigma_T^4] = \left(1 + \frac2{n-1}\right)^T$
and $E[\mu_T^2] = T/n$ (for $\sigma_0 = 1$) grow without end.""",
    source=None,
    flag="D",
    kind="equal",
    note="""The fourth power is measured after few fits: later its standard error exceeds its
expectation, although a sample of runs gives no sign of it.""",
)
def martingale(rng: np.random.Generator) -> Measurement:
    """Average 100,000 chains with n = 20; all three laws are heavy-tailed, the errors true."""
    n, runs = 20, 100_000
    h = _chain(UNBIASED, n, 20, runs, rng)
    variance, short, center = h["variance"][19], h["variance"][4] ** 2, h["mean"][19] ** 2

    def error(fits: int, a: int, b: int) -> float:
        first, second = (theory.gaussian_moment([n] * fits, k * a, k * b, ddof=1) for k in (1, 2))
        return _true_error(second, first, runs)

    return Measurement(
        ["E[σ²], T = 20", "E[σ⁴], T = 5", "E[mean²], T = 20"],
        [variance.mean(), short.mean(), center.mean()],
        [error(20, 0, 2), error(5, 0, 4), error(20, 2, 0)],
        [
            1.0,
            theory.variance_second_moment(4, n, ddof=1),
            theory.mean_square_of_mean(19, n, ddof=1),
        ],
    )


@in_chapter_1(
    id="L06",
    title="The typical chain loses variance at a steady rate",
    statement=r"""With unbiased fits $E[\ln \sigma_T^2] = T\left[\psi\left(\tfrac{n-1}2\right)
- \ln \tfrac{n-1}2\right]$, with variance $T\,\psi_1\left(\tfrac{n-1}2\right)$, so that the
typical variance falls like $e^{-T/(n-1)}$ while its mean stays. The median is $\exp$ of that
mean, times $\exp\left(-\psi_2 / (6 \psi_1)\right) \approx e^{1/(3(n-1))}$ for the skewness.""",
    source=None,
    flag="D",
    kind="equal",
    note="""The factor for the skewness begins a series whose next terms are far below the
standard error here: see `theory.variance_cdf`, which is exact.""",
)
def typical_path(rng: np.random.Generator) -> Measurement:
    """Follow 100,000 chains with n = 20 for 40 fits; the median's error uses the density there."""
    n, fits, runs = 20, 40, 100_000
    log_variance = np.log(_chain(UNBIASED, n, fits, runs, rng)["variance"][-1])
    spread = fits * theory.log_variance_spread(n)
    fourth = fits * special.polygamma(3, (n - 1) / 2)  # fourth cumulant
    median = theory.median_variance(fits - 1, n, ddof=1)
    return Measurement(
        ["E[ln σ²]", "Var[ln σ²]", "median of σ²"],
        [log_variance.mean(), log_variance.var(), np.exp(np.median(log_variance))],
        np.array(
            [
                np.sqrt(spread),
                np.sqrt(fourth + 2 * spread**2),
                median * np.sqrt(np.pi / 2 * spread),
            ]
        )
        / np.sqrt(runs),
        [fits * theory.log_variance_drift(n, ddof=1), spread, median],
    )


@in_chapter_1(
    id="L07",
    title="Maximum likelihood loses variance twice",
    statement=r"""With maximum likelihood $E[\sigma_T^2] = (1 - 1/n)^T$, while the typical
variance falls twice as fast, $E[\ln \sigma_T^2] = T\left[\psi\left(\tfrac{n-1}2\right) - \ln
\tfrac n2\right] \approx -2T/n$, and the mean standard deviation lies between, $E[\sigma_T] =
\left(\sqrt{2/n}\;\Gamma\left(\tfrac n2\right) / \Gamma\left(\tfrac{n-1}2\right)\right)^T
\approx e^{-3T/(4n)}$.""",
    source=None,
    flag="D",
    kind="equal",
)
def maximum_likelihood(rng: np.random.Generator) -> Measurement:
    """Average 100,000 chains with n = 20 after 20 fits."""
    n, fits, runs = 20, 20, 100_000
    variance = _chain(MAXIMUM_LIKELIHOOD, n, fits, runs, rng)["variance"][-1]
    first = theory.expected_variance(fits - 1, n)
    root = theory.expected_std(fits - 1, n)
    return Measurement(
        ["E[σ²]", "E[σ]", "E[ln σ²]"],
        [variance.mean(), np.sqrt(variance).mean(), np.log(variance).mean()],
        [
            _true_error(theory.variance_second_moment(fits - 1, n), first, runs),
            _true_error(first, root, runs),
            np.sqrt(fits * theory.log_variance_spread(n) / runs),
        ],
        [first, root, fits * theory.log_variance_drift(n)],
    )


@in_chapter_1(
    id="L08",
    title="What the variance loses, the mean gains",
    statement=r"""With maximum likelihood $E[\mu_T^2] + E[\sigma_T^2] = \sigma_0^2$ for every
$T$: the spread is not destroyed, it moves from *within* the models to *between* them. In the
limit each chain is a single point, and the points have variance $\sigma_0^2$.""",
    source=None,
    flag="D",
    kind="equal",
    note="The twin of the conservation law of genetic drift, L28.",
)
def conservation(rng: np.random.Generator) -> Measurement:
    """Average mean² + variance over 100,000 chains with n = 20, after 1, 5 and 20 fits."""
    n, runs, when = 20, 100_000, (1, 5, 20)
    h = _chain(MAXIMUM_LIKELIHOOD, n, when[-1], runs, rng)
    total = h["mean"] ** 2 + h["variance"]
    second = [
        sum(c * theory.gaussian_moment([n] * fits, a, 4 - a) for c, a in ((1, 4), (2, 2), (1, 0)))
        for fits in when
    ]
    return Measurement(
        [f"E[mean²] + E[σ²], T = {fits}" for fits in when],
        [total[fits - 1].mean() for fits in when],
        [_true_error(s, 1.0, runs) for s in second],
        np.ones(len(when)),
    )


@in_chapter_1(
    id="L10",
    title="The mean standard deviation shrinks by c₄(n) in each fit",
    statement=r"""With unbiased variance $E[\sigma_T] = c_4(n)^T \sigma_0$, where $c_4(n) =
E\left[\sqrt{\chi^2_{n-1}}\right] / \sqrt{n-1} \approx 1 - \frac1{4n}$.""",
    source="suresh2025rate",
    flag="T",
    kind="equal",
    note="They quote it from {cite:t}`bertrand2024stability`.",
)
def mean_standard_deviation(rng: np.random.Generator) -> Measurement:
    """Average 50,000 chains with n = 20 after 10, 20 and 40 fits."""
    n, runs, when = 20, 50_000, np.array([10, 20, 40])
    std = np.sqrt(_chain(UNBIASED, n, when[-1], runs, rng)["variance"][when - 1])
    expected = theory.expected_std(when - 1, n, ddof=1)
    error = np.sqrt((1 - expected**2) / runs)  # E[σ²] = 1
    return Measurement([f"E[σ], T = {t}" for t in when], std.mean(axis=1), error, expected)


@in_chapter_1(
    id="L11",
    title="Half the standard deviation is gone after about n fits (median about n/2)",
    statement=r"""The standard deviation goes to 0 on a time scale of roughly $n$ fits. With
maximum likelihood the first $T$ at which it is at most half of its start has mean $\left(\ln
4 + 0.583\,s\right) / |{\rm drift}|$, where drift and $s$ are mean and standard deviation of
the change of $\ln\sigma^2$ in one fit, and its law is close to an inverse Gaussian.""",
    source="suresh2025rate",
    flag="A",
    kind="approximate",
    note=r"""The time scale is the source's, the formula is derived here (overshoot:
{cite:t}`siegmund1979corrected`). The simple guess $n \ln 2$ lies between median and mean.""",
)
def half_time(rng: np.random.Generator) -> Measurement:
    """Wait for 6,000 chains with n = 100; errors from the inverse Gaussian law."""
    n, runs, level = 100, 6000, 0.5
    chain = recurse(MAXIMUM_LIKELIHOOD, WORLD.expand(runs), n=n, rng=rng)
    times = fits_until(chain, lambda model: model.std <= level)
    mean, median = (f(level, n) for f in (theory.mean_first_passage, theory.median_first_passage))
    drift, spread = theory.log_variance_drift(n), theory.log_variance_spread(n)
    shape = (mean * drift) ** 2 / spread
    density = np.sqrt(shape / (2 * np.pi * median**3)) * np.exp(
        -shape * (median - mean) ** 2 / (2 * mean**2 * median)
    )
    return Measurement(
        ["mean time", "median time"],
        [times.mean(), np.median(times)],
        [np.sqrt(mean**3 / shape / runs), 0.5 / density / np.sqrt(runs)],
        [mean, median],
        relative_error=[0.01, 0.02],
    )


@in_chapter_1(
    id="L12",
    title="In many dimensions volume goes first",
    statement=r"""In $d$ dimensions, with the unbiased covariance, the total variance keeps
its mean, $E[\mathrm{tr}\,\Sigma_T] = d$, while $E[\ln\det\Sigma_T] = T\left[\sum_{i=1}^d
\psi\left(\tfrac{n-i}2\right) - d\ln\tfrac{n-1}2\right] \approx -T\,\frac{d(d+1)}{2(n-1)}$:
the volume falls faster than $d$ variances on their own would make it, and the models become
needles.""",
    source=None,
    flag="D",
    kind="equal",
)
def needles(rng: np.random.Generator) -> Measurement:
    """Run 2,000 chains with d = 5 and n = 20, for 30 fits; the trace after 10."""
    n, d, fits, short, runs = 20, 5, 30, 10, 2000
    world = MultivariateGaussian(np.zeros(d), np.eye(d), draw="moments").expand(runs)
    fit = partial(MultivariateGaussian.fit, ddof=1)
    chain = recurse(fit, world, n=n, rng=rng)
    early, late = models_at(chain, [short - 1, fits - 1])
    mean, spread = theory.trace_moments(short - 1, n, d)
    log_spread = fits * special.polygamma(1, (n - np.arange(1, d + 1)) / 2).sum()
    return Measurement(
        ["E[ln det Σ], T = 30", "E[tr Σ], T = 10"],
        [metrics.log_det(late).mean(), metrics.trace(early).mean()],
        np.sqrt([log_spread / runs, spread / runs]),
        [fits * theory.log_det_drift(n, d), mean],
    )


def _scaled(factor: float) -> Decode:
    """Sample the last model with its variance multiplied."""
    return Decode(lambda model: replace(model, var=factor * model.var))


@in_chapter_1(
    id="L13",
    title="Sampling with less than full variety",
    statement=r"""If the samples come from $N(\mu, \lambda\Sigma)$ and the fits are unbiased,
then $E[\Sigma_t \mid \text{past}] = \lambda\,\Sigma_{t-1}$ and $E[\Sigma_t] = \lambda^t
\Sigma_0$, with $\Sigma_t \to 0$ almost surely for every $\lambda \le 1$.""",
    source="alemohammad2024mad",
    flag="T",
    kind="equal",
    note=r"""Here $t$ counts the generations fitted to samples of a model. $\lambda$ scales
the covariance, not the standard deviation.""",
)
def sampling_bias(rng: np.random.Generator) -> Measurement:
    """Run 100,000 chains with λ = 0.9 and n = 30 for 30 generations."""
    n, t, runs, factor = 30, 30, 100_000, 0.9
    variance = _chain(UNBIASED, n, t + 1, runs, rng, policy=_scaled(factor))["variance"]
    log_spread = (t + 1) * theory.log_variance_spread(n)
    return Measurement(
        ["E[σ²] / λᵗ, t = 30", "E[ln σ²], t = 30"],
        [variance[t].mean() / factor**t, np.log(variance[t]).mean()],
        [
            _true_error(theory.variance_second_moment(t, n, ddof=1), 1.0, runs),
            np.sqrt(log_spread / runs),
        ],
        [1.0, t * np.log(factor) + (t + 1) * theory.log_variance_drift(n, ddof=1)],
    )


@in_chapter_1(
    id="L14",
    title="The inflation that keeps the typical chain alive",
    statement=r"""Multiply the variance by $\lambda^* = \exp\left(\ln\tfrac{n-1}2 -
\psi\left(\tfrac{n-1}2\right)\right) \approx 1 + \frac1{n-1}$ before sampling, and with
unbiased fits the mean of $\ln\sigma_t^2$ no longer moves.""",
    source=None,
    flag="D",
    kind="equal",
    note="The price: the mean of the variance now grows like $(\\lambda^*)^t$.",
)
def inflation(rng: np.random.Generator) -> Measurement:
    """Compare generations 0 and 30 of 20,000 chains with n = 30."""
    n, t, runs = 30, 30, 20_000
    policy = _scaled(theory.critical_inflation(n))
    variance = _chain(UNBIASED, n, t + 1, runs, rng, policy=policy)["variance"]
    change = np.log(variance[t] / variance[0]).mean()
    error = np.sqrt(t * theory.log_variance_spread(n) / runs)
    return Measurement(["E[ln σ²(30) - ln σ²(0)]"], change, error, 0.0)


@in_chapter_1(
    id="L22",
    title="Cutting off the tails compounds even with endless data",
    statement=r"""If every sample is cut off at $\pm c$ standard deviations of its model, the
variance is multiplied by $1 - \frac{2 c\,\varphi(c)}{2\Phi(c) - 1}$ in each generation,
however many points are drawn.""",
    source=None,
    flag="D",
    kind="equal",
)
def cut_tails(rng: np.random.Generator) -> Measurement:
    """Cut at c = 2 in 1,000 chains with n = 200; unbiased fits, which remove the effect of n."""
    n, c, runs, when = 200, 2.0, 1000, np.array([1, 5, 10])

    def inside(data: Any, model: Any) -> Any:
        return np.abs(data - model.mean) <= c * model.std

    points = Gaussian(0.0, 1.0, draw="points").expand(runs)
    h = run(
        UNBIASED,
        points,
        n=n,
        n_generations=10,
        metrics=[metrics.variance],
        policy=Filter(inside),
        rng=rng,
    )
    value, error = mean_and_error(h["variance"][when])  # light tails: ten factors near their mean
    expected = theory.truncated_variance(c) ** when
    return Measurement([f"E[σ²], t = {t}" for t in when], value, error, expected)


@dataclass(frozen=True, eq=False)
class _TwoPeaks:
    """World with normal peaks of variance 1 at -2 and 2."""

    replicates: tuple[int, ...]

    def sample(self, n: int, *, rng: RNG) -> NDArray[np.float64]:
        rng = np.random.default_rng(rng)
        shape = (n, *self.replicates)
        return rng.choice([-2.0, 2.0], size=shape) + rng.standard_normal(shape)


def _distance_to_peaks(model: Any) -> NDArray[np.float64]:
    """Cramér distance between a Gaussian and `_TwoPeaks`: the squared gap of their cdfs, summed."""
    x = np.linspace(-10.0, 10.0, 401)[:, None]
    world = (special.ndtr(x + 2) + special.ndtr(x - 2)) / 2
    gap = special.ndtr((x - model.mean) / model.std) - world
    return np.asarray((gap**2).sum(axis=0))


@in_chapter_1(
    id="L23",
    title="Two kinds of error: one compounds, one is made once",
    statement=r"""*Statistical* error, from finite samples, adds up from fit to fit.
*Expressivity* error, from a family that cannot express the world, is made once: a Gaussian
fitted to a world with two peaks is wrong at once, and its copies are hardly more wrong.""",
    source="shumailov2024collapse",
    flag="T",
    kind="approximate",
    note="""The source adds a third kind, functional approximation error; L22 is an example.
Distances are squared ones: Wasserstein, and Cramér for two peaks.""",
)
def kinds_of_error(rng: np.random.Generator) -> Measurement:
    """Compare the first fit and the eleventh, n = 20,000: one peak in the world, and two."""
    n, runs, fits = 20_000, 20_000, 11
    (model,) = models_at(recurse(UNBIASED, WORLD.expand(runs), n=n, rng=rng), [fits - 1])
    once = theory.expected_squared_wasserstein(0, n)
    expected = theory.expected_squared_wasserstein(fits - 1, n)
    second = theory.squared_wasserstein_moment([n] * fits, 2)
    distance = metrics.squared_wasserstein(model, WORLD).mean()
    peaks = recurse(UNBIASED, _TwoPeaks((60,)), n=n, rng=rng)
    first, last = map(_distance_to_peaks, models_at(peaks, [0, fits - 1]))
    ratio, error = mean_and_error(last / first)
    return Measurement(
        ["Gaussian world: distance² ÷ that of one fit", "two peaks: distance ÷ that of one fit"],
        [distance / once, ratio],
        [_true_error(second, expected, runs) / once, error],
        [expected / once, 1.0],
        relative_error=[0.0, 0.02],
    )


@in_chapter_1(
    id="L24",
    title="The mean comes to rest, although its variance grows for ever",
    statement=r"""With unbiased fits $E[\mu_T^2] = T/n$ grows without end, and yet $\mu_T$
converges in almost every chain: $E|\mu_\infty - \mu_T| \le \sqrt{\frac{2}{\pi
n}}\;\frac{c_4(n)^T}{1 - c_4(n)}$. So at least half of all chains move less than twice this
bound after fit $T$.""",
    source=None,
    flag="D",
    kind="at most",
    note="The median lies far below: the bound is about the mean, which rare runs carry.",
)
def mean_at_rest(rng: np.random.Generator) -> Measurement:
    """Take the median of |mean after 2T fits - mean after T| over 10,000 chains with n = 10."""
    n, runs, when = 10, 10_000, np.array([50, 100, 200])
    center = _chain(UNBIASED, n, 2 * when[-1], runs, rng)["mean"]
    moved = np.sort(np.abs(center[2 * when - 1] - center[when - 1]), axis=1)
    half, step = runs // 2, round(np.sqrt(runs) / 2)
    error = (moved[:, half + step] - moved[:, half - step]) / 2  # one error of the rank, both ways
    bound = 2 * theory.mean_displacement_bound(when - 1, n)
    labels: Sequence[str] = [f"median of |mean(2T) - mean(T)|, T = {t}" for t in when]
    return Measurement(labels, moved[:, half], error, bound)


ROWS = (
    variance_of_the_mean,
    mean_distance,
    variance_of_the_distance,
    collapse_and_distance,
    martingale,
    typical_path,
    maximum_likelihood,
    conservation,
    mean_standard_deviation,
    half_time,
    needles,
    sampling_bias,
    inflation,
    cut_tails,
    kinds_of_error,
    mean_at_rest,
)
