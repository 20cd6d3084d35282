"""Results about workflows: what is kept, what is fresh, how much is drawn, and what it weighs.

Real data, accumulation and growing samples keep the laws near the normal one, so that sample
standard errors are good. Where models are replaced, the errors are true ones, from
`theory.gaussian_moment`, and few enough fits are made for the estimates to be near normal: see
`collapse_lab.results.gaussian`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from collapse_lab import metrics, policies, theory
from collapse_lab.categorical import Categorical
from collapse_lab.data import Moments
from collapse_lab.empirical import Empirical
from collapse_lab.gaussian import Gaussian
from collapse_lab.measurement import Measurement, mean_and_error
from collapse_lab.policies import Decode, Keep, Mix, accumulate
from collapse_lab.protocols import RNG, Past
from collapse_lab.recursion import History, recurse, run
from collapse_lab.results.chains import models_at
from collapse_lab.results.gaussian import MAXIMUM_LIKELIHOOD, UNBIASED, WORLD
from collapse_lab.results.result import result

in_chapter_7 = partial(result, chapter=7)


def _chain(
    fit: Any, n: Any, last: int, runs: int, rng: np.random.Generator, **options: Any
) -> History:
    """Mean, variance and standard deviation of `runs` replicates up to generation `last`."""
    world = options.pop("world", WORLD).expand(runs)
    recorded = [metrics.mean, metrics.variance, metrics.std]
    return run(fit, world, n=n, n_generations=last, metrics=recorded, rng=rng, **options)


def _first(n: int, then: int) -> Callable[[int], int]:
    """Sample size `n` in generation 0 and `then` in all later ones."""
    return lambda t: then if t else n


def _error_of_mean_square(sizes: list[int], ddof: int, runs: int) -> float:
    """True standard error of the mean of mean² under `replace`."""
    first, second = (theory.gaussian_moment(sizes, power, 0, ddof=ddof) for power in (2, 4))
    return float(np.sqrt((second - first**2) / runs))


def _scaled(factor: float) -> Decode:
    """Sample the last model with its variance multiplied."""
    return Decode(lambda model: replace(model, var=factor * model.var))


@in_chapter_7(
    id="L15",
    title="Fresh real data: a limit that forgets how it began",
    statement=r"""Fit to $n_r$ fresh real points and $n_s$ points of the last model, again and
again, with maximum likelihood. The mean square error of the mean tends to $\frac1{N(1 - w^2) +
w}$ with $N = n_r + n_s$ and $w = n_s/N$, whatever the first model was fitted to. A real sample
with the same error has about $n_r\,\frac{n_r + 2 n_s}{n_r + n_s}$ points, between $n_r$ and $2
n_r$.""",
    source="alemohammad2024mad",
    flag="D",
    kind="equal",
    note="""The source finds by simulation, in 100 dimensions, that the limit does not depend on
the initial sample and that generated data can raise the effective sample size; the closed form is
derived here.""",
)
def fresh_real_data(rng: np.random.Generator) -> Measurement:
    """Average mean² of 20,000 chains after 60 generations, with 100 fresh real points in each."""
    n_real, runs, last = 100, 20_000, 60
    values, errors, expected = [], [], []
    cases = {(100, 200): "", (300, 400): "", (900, 1000): "", (300, 5): ", from 5 points"}
    for s, start in cases:
        n = n_real + s
        h = _chain(MAXIMUM_LIKELIHOOD, _first(start, n), last, runs, rng, policy=Mix(n_real / n))
        value, error = mean_and_error(h["mean"][last] ** 2)
        values.append(value)
        errors.append(error)
        expected.append(theory.mean_square_limit_under_mix(n_real, n))
    labels = [f"E[mean²], {s} generated{how}" for (s, _), how in cases.items()]
    return Measurement(labels, values, errors, expected)


@in_chapter_7(
    id="L16",
    title="Sharpened samples help only in small numbers",
    statement=r"""If the $n_s$ generated points have only $\lambda < 1$ times the variance of
their model, then beside $n_r$ fresh real points they bring the model nearer to the world (in
mean squared Wasserstein distance) only up to a number $n_s^*(\lambda)$. More of them make it worse
than the real data alone.""",
    source="alemohammad2024mad",
    flag="D",
    kind="approximate",
    note=r"""The source finds the threshold by simulation. Here mean and variance at the fixed
point are exact (`theory.gaussian_under_mix`), and the mean standard deviation is a delta method:
`theory.squared_wasserstein_under_mix`, good to about 1% here. Fits are unbiased, as in the
source.""",
)
def admissible_synthetic_data(rng: np.random.Generator) -> Measurement:
    """Average squared distance of 60,000 chains after 30 generations, 100 real points, λ = 0.8."""
    n_real, runs, last = 100, 60_000, 30

    def distance(s: int, factor: float) -> tuple[float, float]:
        n = n_real + s
        policy = Mix(n_real / n, _scaled(factor)) if s else Mix(1.0)
        h = _chain(UNBIASED, n, last if s else 0, runs, rng, policy=policy)
        value, error = mean_and_error(h["mean"][-1] ** 2 + (h["std"][-1] - 1) ** 2)
        return float(value), float(error)

    edge = theory.admissible_synthetic(n_real, 0.8, ddof=1)
    cases = [(50, 0.8), (300, 0.8), (edge, 0.8), (0, 1.0)]
    value, error = np.transpose([distance(*case) for case in cases])
    alone = float(theory.expected_squared_wasserstein(0, n_real))
    limit = partial(theory.squared_wasserstein_under_mix, n_real, ddof=1, factor=0.8)
    return Measurement(
        [
            "E[distance²], 50 generated",
            "E[distance²], 300 generated",
            f"E[distance²], {edge} generated (threshold)",
            "E[distance²], real data alone",
        ],
        value,
        error,
        [limit(n_real + 50), limit(n_real + 300), alone, alone],
        relative_error=[0.01, 0.01, 0.01, 0.0],
    )


@in_chapter_7(
    id="L17",
    title="Fixed real data: the error stays bounded",
    statement=r"""Keep $n_r$ real points for ever and add $n_s$ points of the last model in each
generation, with maximum likelihood. The mean square error of the mean tends to $\frac1{n_r} +
\left(1 - \frac1{n_r}\right) \frac{n_s}{N^2(1 - w^2) + n_s}$ with $N = n_r + n_s$ and $w =
n_s/N$. However much is generated, it stays below that of two thirds of the real data.""",
    source="alemohammad2024mad",
    flag="D",
    kind="equal",
    note="""The source measures on image models that fixed real data only delay the degradation.
The Gaussian analogue, derived here, is bounded: its family contains the world, its samples are
honest, and its fits have no bias that adds up.""",
)
def fixed_real_data(rng: np.random.Generator) -> Measurement:
    """Average mean² of 20,000 chains with 100 real points, to the limit and after 10 rounds."""
    n_real, runs = 100, 20_000
    values, errors, expected = [], [], []
    for s, last in ((100, 30), (900, 10), (900, 60)):
        h = _chain(MAXIMUM_LIKELIHOOD, _first(n_real, s), last, runs, rng, policy=Keep())
        value, error = mean_and_error(h["mean"][last] ** 2)
        values.append(value)
        errors.append(error)
        expected.append(theory.gaussian_under_keep(last, n_real, s).mean_square)
    expected[0] = theory.mean_square_limit_under_keep(n_real, 100)
    expected[2] = theory.mean_square_limit_under_keep(n_real, 900)
    labels = [
        f"E[mean²], {s} generated, {t}"
        for s, t in ((100, "limit"), (900, "t = 10"), (900, "limit"))
    ]
    return Measurement(labels, values, errors, expected)


@in_chapter_7(
    id="L19",
    title="Accumulation stops the loss of variance",
    statement=r"""Fit to all data so far, real and generated, with $n$ new points in each
generation and maximum likelihood. Then $E[\sigma_T^2] = \prod_{j=1}^T \left(1 -
\frac1{nj^2}\right)$, which tends to $\frac{\sin(\pi/\sqrt n)}{\pi/\sqrt n}$, and $E[\mu_T^2] = 1
- E[\sigma_T^2]$.""",
    source="kazdan2025collapse",
    flag="M",
    kind="equal",
)
def accumulated_data(rng: np.random.Generator) -> Measurement:
    """Average 20,000 chains after 200 fits, with 5 and 20 new points a generation."""
    last, runs, sizes = 199, 20_000, (5, 20)
    samples, labels = [], []
    expected: list[float] = []
    for n in sizes:
        h = _chain(MAXIMUM_LIKELIHOOD, n, last, runs, rng, policy=accumulate)
        samples += [h["variance"][last], h["mean"][last] ** 2]
        expected += theory.gaussian_under_accumulate(last, n)
        labels += [f"E[σ²], n = {n}, T = {last + 1}", f"E[mean²], n = {n}, T = {last + 1}"]
    return Measurement(labels, *mean_and_error(samples), expected)


def _fit_to_a_resample(data: NDArray[np.float64], *, rng: RNG, n: int) -> Gaussian:
    """Fit to `n` points of the data, drawn with replacement."""
    part = Empirical(data, replicates=data.shape[1:]).sample(n, rng=rng)
    return Gaussian.fit(part)


@in_chapter_7(
    id="L20",
    title="Accumulate, but train on a part: slower, and bounded still",
    statement=r"""Accumulate, but fit to $n$ random points of the pool, drawn with replacement.
The pool's variance is $P_T = \left(1 - \frac1n\right) \prod_{j=2}^T \left(1 - \frac{2 -
1/n}{nj^2}\right)$ on average, and $E[\mu_T^2] = 1 - P_T + P_T/n$: about twice what full
accumulation loses, and bounded.""",
    source="kazdan2025collapse",
    flag="D",
    kind="equal",
    note="""The source compares the workflow with replacement of data and full accumulation: its
loss lies between and typically levels off. The closed form is derived here. Drawn *without*
replacement, as by the engine's `train_size`, the part carries a little more: the recursion is in
`theory.gaussian_under_subsample`.""",
)
def accumulated_and_subsampled(rng: np.random.Generator) -> Measurement:
    """Run 4,000 chains with n = 10 for 20 fits, with and without replacement."""
    n, last, runs = 10, 19, 4000
    resampled = partial(_fit_to_a_resample, n=n)
    world = Gaussian()
    samples = []
    expected: list[float] = []
    for fit, options, repeats in (
        (resampled, {}, True),
        (MAXIMUM_LIKELIHOOD, {"train_size": n}, False),
    ):
        h = _chain(fit, n, last, runs, rng, policy=accumulate, world=world, **options)
        samples += [h["variance"][last], h["mean"][last] ** 2]
        expected += theory.gaussian_under_subsample(last, n, with_replacement=repeats)
    labels = [
        f"E[{what}], T = {last + 1}, {how} replacement"
        for how in ("with", "without")
        for what in ("σ²", "mean²")
    ]
    return Measurement(labels, *mean_and_error(samples), expected)


@in_chapter_7(
    id="L26",
    title="Growing samples bound the error without any real data",
    statement=r"""Replace all data in each generation, but draw more and more: with unbiased
fits the mean square error of the mean is $\sum_t 1/n_t$. It stays bounded if and only if this
sum does: it does for $n_t = n t^{1 + \epsilon}$, and does not for $n_t = n t$. With $n_t = n
t^2$ it tends to $\frac{\pi^2}{6n}$, as under accumulation.""",
    source="xu2025probabilistic",
    flag="A",
    kind="equal",
    note=r"""The source asks for superlinear growth if estimators are unbiased, and for faster
growth if they are not; the formula for the Gaussian is derived here. (A little more than
proportion is not enough: $\sum_t 1/(t \ln t)$ diverges.)""",
)
def growing_samples(rng: np.random.Generator) -> Measurement:
    """Average mean² of 100,000 chains after 50 fits to 20t² and to 20t points."""
    fits, runs = 50, 100_000
    t = np.arange(1, fits + 1)
    values, errors, expected = [], [], []
    for sizes in ((20 * t**2).tolist(), (20 * t).tolist()):
        h = _chain(UNBIASED, sizes.__getitem__, fits - 1, runs, rng)
        values.append(np.mean(h["mean"][-1] ** 2))
        errors.append(_error_of_mean_square(sizes, 1, runs))
        expected.append(theory.gaussian_under_growth(sizes, ddof=1).mean_square[-1])
    labels = [f"E[mean²], T = {fits}, sizes {how}" for how in ("20t²", "20t")]
    return Measurement(labels, values, errors, expected)


@dataclass(frozen=True, eq=False)
class _Total:
    """Number and sum of observations: all that the mean of a one-parameter family needs."""

    n: int
    value: NDArray[np.float64]

    def __len__(self) -> int:
        return self.n

    def __add__(self, other: _Total) -> _Total:
        return _Total(self.n + other.n, self.value + other.value)


@dataclass(frozen=True, eq=False)
class _OneParameter:
    """Family with a sufficient mean; ``draw(rng, n, mean)`` is the sum of `n` observations."""

    mean: NDArray[np.float64]
    draw: Callable[[np.random.Generator, int, NDArray[np.float64]], NDArray[Any]]

    @property
    def replicates(self) -> tuple[int, ...]:
        return self.mean.shape

    def sample(self, n: int, *, rng: RNG) -> _Total:
        return _Total(n, self.draw(np.random.default_rng(rng), n, self.mean))

    def fit(self, data: _Total, *, rng: RNG) -> _OneParameter:  # noqa: ARG002 - every Fit takes rng
        """Fit a model of this family."""
        return replace(self, mean=data.value / data.n)


def _poisson_total(rng: np.random.Generator, n: int, mean: NDArray[np.float64]) -> NDArray[Any]:
    return rng.poisson(n * mean)


def _exponential_total(
    rng: np.random.Generator, n: int, mean: NDArray[np.float64]
) -> NDArray[np.float64]:
    return mean * rng.standard_gamma(n, mean.shape)


@in_chapter_7(
    id="L46",
    title="One number for many models: π²/6",
    statement=r"""Estimate a parameter from all data so far, the new data of each generation
being drawn from the last estimate: after $T$ fits its variance is $\sum_{j=1}^T 1/j^2$ times that
of the first, and tends to $\pi^2/6$ times it: the real data stay worth $6/\pi^2 = 61\%$ of their
number. Discard the older data, and the factor is $T$.""",
    source="dey2024universality",
    flag="A",
    kind="equal",
    note="""In general an asymptotic statement; for the mean of a Poisson law it is exact, because
its estimates keep their mean and its variance is linear in its mean.""",
)
def pathway(rng: np.random.Generator) -> Measurement:
    """Run 20,000 chains of a Poisson law with mean 2, n = 30: augment 200 times, discard 20."""
    n, rate, runs, long, short = 30, 2.0, 20_000, 200, 20
    world = _OneParameter(np.full(runs, rate), _poisson_total)
    ratios = []
    for policy, fits in ((accumulate, long), (policies.replace, short)):
        (model,) = models_at(recurse(world.fit, world, n=n, policy=policy, rng=rng), [fits - 1])
        ratios.append((model.mean - rate) ** 2 * n / rate)
    return Measurement(
        [f"variance ratio, augment, T = {long}", f"variance ratio, discard, T = {short}"],
        *mean_and_error(ratios),
        [theory.variance_ratio_under_accumulate(long - 1), short],
    )


@in_chapter_7(
    id="L47",
    title="The same number, exactly, for an exponential law",
    statement=r"""Accumulate data of an exponential law of scale 1, $n$ new points in each
generation: then $E[\theta_T^2] - 1 = \prod_{j=1}^T \left(1 + \frac1{nj^2}\right) - 1$, which
tends to $\frac{\sinh(\pi/\sqrt n)}{\pi/\sqrt n} - 1$, a little more than $\frac{\pi^2}{6n}$.""",
    source="dey2024universality",
    flag="D",
    kind="equal",
)
def pathway_of_a_scale(rng: np.random.Generator) -> Measurement:
    """Average θ² - 1 over 100,000 chains with n = 20, after 20 and 200 fits; true errors."""
    n, runs, when = 20, 100_000, np.array([20, 200])
    world = _OneParameter(np.ones(runs), _exponential_total)
    models = models_at(recurse(world.fit, world, n=n, policy=accumulate, rng=rng), when - 1)
    second, fourth = (
        theory.exponential_scale_under_accumulate(when - 1, n, power=power) for power in (2, 4)
    )
    return Measurement(
        [f"E[θ²] - 1, T = {fits}" for fits in when],
        [np.mean(model.mean**2) - 1 for model in models],
        np.sqrt((fourth - second**2) / runs),
        second - 1,
    )


@dataclass(frozen=True, eq=False)
class _Trials:
    """Trials and successes at each of some inputs, shape (inputs, R)."""

    n: int
    trials: NDArray[np.int64]
    successes: NDArray[np.int64]

    def __len__(self) -> int:
        return self.n

    def __add__(self, other: _Trials) -> _Trials:
        return _Trials(
            self.n + other.n, self.trials + other.trials, self.successes + other.successes
        )


@dataclass(frozen=True, eq=False)
class _Logistic:
    """Logistic regression with an intercept on one input; `coef` has shape (2, R)."""

    coef: NDArray[np.float64]
    inputs: NDArray[np.float64]

    @property
    def replicates(self) -> tuple[int, ...]:
        return self.coef.shape[1:]

    @property
    def chance(self) -> NDArray[np.float64]:
        """Chance of a success at each input, shape (inputs, R)."""
        return np.asarray(
            special.expit(self.coef[0] + np.multiply.outer(self.inputs, self.coef[1]))
        )

    def information(self, trials: NDArray[Any]) -> NDArray[np.float64]:
        """Fisher information of `trials`, shape (2, 2, R)."""
        weights = trials * self.chance * (1 - self.chance)
        powers = [np.tensordot(self.inputs**k, weights, 1) for k in range(3)]
        return np.array([[powers[0], powers[1]], [powers[1], powers[2]]])

    def sample(self, n: int, *, rng: RNG) -> _Trials:
        rng = np.random.default_rng(rng)
        size = (self.coef.shape[1], len(self.inputs))
        trials = rng.multinomial(n, np.full(size, 1 / len(self.inputs))).T
        return _Trials(n, trials, rng.binomial(trials, self.chance))

    def fit(self, data: _Trials, *, rng: RNG) -> _Logistic:  # noqa: ARG002 - every Fit takes rng
        """Fit by Newton's method, from these coefficients: the world's are near."""
        model = self
        for _ in range(8):
            gap = data.successes - data.trials * model.chance
            score = np.array([gap.sum(axis=0), np.tensordot(self.inputs, gap, 1)])
            (a, b), (_, c) = model.information(data.trials)
            step = np.array([c * score[0] - b * score[1], a * score[1] - b * score[0]])
            model = replace(model, coef=model.coef + step / (a * c - b**2))
        return model


@in_chapter_7(
    id="L48",
    title="Logistic regression follows the same pathway",
    statement=r"""For logistic regression with Fisher information $I$ the mean square error of
the coefficients is about $\frac{\mathrm{tr}\,I^{-1}}n \sum_{j=1}^T \frac1{j^2}$ if data are
augmented, and $T\,\frac{\mathrm{tr}\,I^{-1}}n$ if older data are discarded, for large $n$.""",
    source="dey2024universality",
    flag="A",
    kind="approximate",
    note="""Random inputs, labels of the last model. The allowance of 3% is for terms of the next
order in T/n.""",
)
def pathway_of_labels(rng: np.random.Generator) -> Measurement:
    """Run 10,000 chains with n = 3,000 and five inputs: augment 15 times, discard 10."""
    n, runs, inputs = 3000, 10_000, np.linspace(-2, 2, 5)
    coef = np.array([0.3, 0.8])
    world = _Logistic(np.repeat(coef[:, None], runs, axis=1), inputs)
    one = replace(world, coef=coef[:, None]).information(np.full((5, 1), 0.2))[..., 0]
    first = np.trace(np.linalg.inv(one)) / n
    errors = []
    cases = ((accumulate, 15), (policies.replace, 10))
    for policy, fits in cases:
        (model,) = models_at(recurse(world.fit, world, n=n, policy=policy, rng=rng), [fits - 1])
        errors.append(np.square(model.coef - world.coef).sum(axis=0) / first)
    return Measurement(
        ["error ratio, augment, T = 15", "error ratio, discard, T = 10"],
        *mean_and_error(errors),
        [theory.variance_ratio_under_accumulate(14), 10],
        relative_error=0.03,
    )


def _fit_weighted_parts(
    data: NDArray[np.float64],
    *,
    rng: RNG,  # noqa: ARG001 - every Fit takes rng
    weight: float,
    n_real: int,
) -> Gaussian:
    """Weigh unbiased mean and variance of the real part, which comes first, and of the rest."""
    real, rest = data[:n_real], data[n_real:]
    mean, var = (
        weight * of(real) + (1 - weight) * of(rest)
        for of in (partial(np.mean, axis=0), partial(np.var, axis=0, ddof=1))
    )
    return Gaussian(mean, var)


@in_chapter_7(
    id="L52",
    title="The golden ratio of weights",
    statement=r"""Weigh $n$ fresh real points by $w$ and $m$ points of the last model by $1 - w$,
in unbiased estimates of mean and variance. The error of the mean is least at $w^* =
\frac{\sqrt{k^2 + 4k} - k}2$, $k = n/m$: for $k = 1$ one over the golden ratio. There $n$ times
the mean square error equals $w^*$ itself, as with $n/w^*$ real points.""",
    source="he2026recursive",
    flag="A",
    kind="equal",
    note="""The weight is as summarized from the source, the last remark is ours. Pooling without
weights has $w = n/(n + m)$.""",
)
def golden_ratio(rng: np.random.Generator) -> Measurement:
    """Run 3,000 chains with 50 real points and m = 50 or 200 for 16 generations; also pool."""
    n, runs, last = 50, 3000, 16
    samples, expected, labels = [], [], []
    for m in (50, 200):
        best = theory.optimal_weight(n, m)
        for how, weight in (("w*", best), ("pooled", n / (n + m))):
            fit = partial(_fit_weighted_parts, weight=weight, n_real=n)
            h = _chain(fit, n + m, last, runs, rng, policy=Mix(n / (n + m)), world=Gaussian())
            samples.append(n * h["mean"][last] ** 2)
            limit = n * theory.weighted_mean_square(weight, n, m)
            expected.append(best if how == "w*" else limit)
            labels.append(f"n E[mean²], k = {n / m:g}, {how}")
    return Measurement(labels, *mean_and_error(samples), expected)


def _kicked(past: Past, *, rng: np.random.Generator) -> Any:
    """Draw from the last model, but from the first one with its mean moved by 1."""
    model: Any = past.model
    if past.t == 1:
        model = replace(model, mean=model.mean + 1)
    return model.sample(past.n, rng=rng)


@in_chapter_7(
    id="L56",
    title="A share of real data pulls a bad model back",
    statement=r"""Keep the real data and add $\lambda$ times as many points of the last model.
What separates the model's mean from that of the real data is multiplied by $\frac\lambda{1 +
\lambda}$ in each generation, on average. In the Gaussian chain that is below 1, and retraining is
stable, for *every* $\lambda$.""",
    source="bertrand2024stability",
    flag="A",
    kind="equal",
    note=r"""As summarized from its abstract, the source proves stability if the first model is
good enough and the share of real data large enough; a bound such as $\lambda < \frac12$ is
sufficient there, and not necessary here.""",
)
def contraction(rng: np.random.Generator) -> Measurement:
    """Move the mean of generation 0 by 1, and see what is left of it later; 2,000 chains."""
    n_real, runs = 1000, 2000
    cases = ((0.5, 1), (0.5, 4), (4, 1), (4, 8), (20, 8))
    left = []
    for ratio, t in cases:
        n = _first(n_real, round(ratio * n_real))
        h = _chain(MAXIMUM_LIKELIHOOD, n, t, runs, rng, policy=Keep(_kicked))
        left.append(h["mean"][t] - h["mean"][0])
    return Measurement(
        [f"distance left, λ = {ratio}, t = {t}" for ratio, t in cases],
        *mean_and_error(left),
        [(ratio / (1 + ratio)) ** t for ratio, t in cases],
    )


@result(
    id="L60",
    title="A bias that is fed back adds up to a multiple of itself",
    statement=r"""Let a share $m$ of the training labels come from the last model, which adds a
bias $\delta$ of its own, and let the others be human. Then the bias tends to $\frac{m}{1 -
m}\,\delta$: bounded as long as human labels keep coming, and four times $\delta$ for $m = 0.8$.""",
    source="taori2023feedback",
    flag="M",
    kind="equal",
    chapter=17,
    note="""An analogue, derived here: the source treats learned classifiers whose outputs are
fed back, and bounds their bias by how far they are calibrated.""",
)
def feedback(rng: np.random.Generator) -> Measurement:
    """Follow the share of positive labels in 20,000 chains, m = 0.8, δ = 0.02, n = 500."""
    share, shift, runs, when = 0.8, 0.02, 20_000, np.array([1, 5, 40])
    push = np.array([[shift], [-shift]])
    world = Categorical([0.3, 0.7], draw="counts").expand(runs)
    biased = Decode(lambda model: replace(model, p=model.p + push))
    chain = recurse(Categorical.fit, world, n=500, policy=Mix(1 - share, biased), rng=rng)
    value, error = mean_and_error([model.p[0] - 0.3 for model in models_at(chain, when)])
    labels = [f"mean bias, t = {t}" for t in when]
    return Measurement(labels, value, error, theory.bias_under_mix(when, 1 - share, shift))


@dataclass(frozen=True, eq=False)
class _Cut:
    """Sampler of a Gaussian without what lies beyond ±c standard deviations, as `Moments`."""

    model: Gaussian
    c: float

    def sample(self, n: int, *, rng: RNG) -> Moments:
        rng = np.random.default_rng(rng)
        below = special.ndtr(-self.c)
        level = below + (1 - 2 * below) * rng.random((n, *self.model.replicates))
        points = self.model.mean + self.model.std * special.ndtri(level)
        mean = points.mean(axis=0)
        return Moments(n, mean, ((points - mean) ** 2).sum(axis=0))


@in_chapter_7(
    id="L61",
    title="Accumulation does not save a sampler that cuts the tails",
    statement=r"""If samples have $k < 1$ times the variance of their model, then under full
accumulation $E[\sigma_T^2] = \prod_{j=2}^T \left(1 - \frac{1 - k}j\right)$ for endless data,
which falls like $T^{-(1 - k)}$ to 0: more slowly than $k^{T}$, and without end.""",
    source=None,
    flag="D",
    kind="equal",
    note="""Expected values include the size of the samples:
`theory.gaussian_under_accumulate`.""",
)
def accumulation_with_cut_tails(rng: np.random.Generator) -> Measurement:
    """Cut samples at two standard deviations, k = 0.774, in 1,000 chains with n = 50."""
    n, c, runs, when = 50, 2.0, 1000, np.array([5, 50, 200])
    policy = Decode(lambda model: _Cut(model, c), accumulate)
    h = _chain(MAXIMUM_LIKELIHOOD, n, when[-1] - 1, runs, rng, policy=policy)
    value, error = mean_and_error(h["variance"][when - 1])
    factor = theory.truncated_variance(c)
    expected = theory.gaussian_under_accumulate(when - 1, n, factor=factor).variance
    honest = theory.gaussian_under_accumulate(when - 1, n).variance
    labels = [f"E[σ²], T = {fits}" for fits in when]
    return Measurement(labels, value, error, expected, rivals={"honest samples": honest})


@in_chapter_7(
    id="L87",
    title="Every workflow on one scale",
    statement=r"""The mean square error of the mean after $T$ fits, times $n$, for $n$ points a
generation: it grows to $n$ (maximum likelihood) or as $T$ (unbiased) if data are replaced, and
stays near $\pi^2/6$ if they are accumulated, near $\frac43$ with $n$ fixed real points, near
$\frac23$ with $n$ fresh ones, and at $0.618$ if these are weighed best.""",
    source=None,
    flag="D",
    kind="equal",
    note="""With real data, $n$ real and $n$ generated points are fitted in each generation. The
number of fits is small enough for the estimates to be near normal.""",
)
def workflow_table(rng: np.random.Generator) -> Measurement:
    """Run 20,000 chains of each workflow with n = 50 for 50 fits; 2,000 with weights."""
    n, fits, runs, weighed = 50, 50, 20_000, 2000
    last = fits - 1
    best = theory.optimal_weight(n, n)
    mixed = {"n": _first(n, 2 * n), "runs": runs}
    cases: dict[str, tuple[Any, dict[str, Any], Any]] = {
        "replace, ML": (
            MAXIMUM_LIKELIHOOD,
            {"n": n, "runs": runs},
            theory.gaussian_under_replace(last, n),
        ),
        "replace, unbiased": (
            UNBIASED,
            {"n": n, "runs": runs},
            theory.gaussian_under_replace(last, n, ddof=1),
        ),
        "accumulate": (
            MAXIMUM_LIKELIHOOD,
            {"n": n, "runs": runs, "policy": accumulate},
            theory.gaussian_under_accumulate(last, n),
        ),
        "fixed real": (
            MAXIMUM_LIKELIHOOD,
            {"n": n, "runs": runs, "policy": Keep()},
            theory.gaussian_under_keep(last, n, n),
        ),
        "fresh real": (
            MAXIMUM_LIKELIHOOD,
            {**mixed, "policy": Mix(0.5)},
            theory.gaussian_under_mix(last, n, 2 * n, n_first=n),
        ),
        "fresh real, golden": (
            MAXIMUM_LIKELIHOOD,
            {**mixed, "runs": weighed, "policy": Mix(0.5, weight=best), "world": Gaussian()},
            theory.gaussian_under_mix(last, n, 2 * n, n_first=n, weight=best),
        ),
    }
    samples = [
        n * _chain(fit, last=last, rng=rng, **options)["mean"][last] ** 2
        for fit, options, _ in cases.values()
    ]
    value, error = np.transpose([mean_and_error(sample) for sample in samples])
    error[:2] = [n * _error_of_mean_square([n] * fits, ddof, runs) for ddof in (0, 1)]
    expected = [n * form.mean_square for _, _, form in cases.values()]
    return Measurement([f"n E[mean²], {how}" for how in cases], value, error, expected)


ROWS = (
    fresh_real_data,
    admissible_synthetic_data,
    fixed_real_data,
    accumulated_data,
    accumulated_and_subsampled,
    growing_samples,
    pathway,
    pathway_of_a_scale,
    pathway_of_labels,
    golden_ratio,
    contraction,
    feedback,
    accumulation_with_cut_tails,
    workflow_table,
)
