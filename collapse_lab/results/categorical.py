"""Results about categorical chains: words, breeds and symbols that are lost for good.

What is averaged here is bounded and has no heavy tail, so that sample standard errors are good.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collapse_lab import metrics, theory
from collapse_lab.categorical import Categorical
from collapse_lab.empirical import Empirical
from collapse_lab.measurement import Measurement, mean_and_error
from collapse_lab.policies import Decode, Keep, Mix
from collapse_lab.protocols import RNG, Past
from collapse_lab.recursion import Generation, recurse
from collapse_lab.results.chains import fits_until, models_at
from collapse_lab.results.result import result

in_chapter_2 = partial(result, chapter=2)


def _world(p: Any, runs: int) -> Categorical:
    return Categorical(p, draw="counts").expand(runs)


def _chain(
    p: Any, n: Any, runs: int, rng: np.random.Generator, **options: Any
) -> Iterator[Generation]:
    """Chain of `runs` replicates that draw `n` symbols from `p`."""
    fit = options.pop("fit", Categorical.fit)
    return recurse(fit, _world(p, runs), n=n, rng=rng, **options)


@in_chapter_2(
    id="L27",
    title="Heterozygosity decays by 1/N in each generation",
    statement=r"""Draw $N$ symbols, refit, and repeat: the chance that two draws differ has
mean $E\left[1 - \sum_i p_{T,i}^2\right] = \left(1 - \frac1N\right)^T \left(1 - \sum_i
p_{0,i}^2\right)$, whatever the number of symbols. Genetics has known it since Fisher and
Wright as the decay of heterozygosity.""",
    source="seddik2024bad",
    flag="T",
    kind="equal",
)
def heterozygosity_decays(rng: np.random.Generator) -> Measurement:
    """Follow 5,000 chains of 50 draws from ten symbols with Zipf's law."""
    p, n, when = theory.zipf(1.0, 10), 50, np.array([0, 9, 49])
    models = models_at(_chain(p, n, 5000, rng), when)
    value, error = mean_and_error([metrics.heterozygosity(model) for model in models])
    labels = [f"E[1 - Σp²], T = {t + 1}" for t in when]
    return Measurement(labels, value, error, theory.expected_heterozygosity(when, n, p))


@in_chapter_2(
    id="L28",
    title="What diversity loses, distance to the world gains",
    statement=r"""$E\lVert p_T - p_0 \rVert^2 = \left(1 - \sum_i p_{0,i}^2\right) \left(1 -
\left(1 - \frac1N\right)^T\right)$: exactly what heterozygosity has lost.""",
    source=None,
    flag="D",
    kind="equal",
    note="The twin of the conservation law of the Gaussian chain, L08.",
)
def distance_gains(rng: np.random.Generator) -> Measurement:
    """Follow 5,000 chains of 50 draws from ten symbols with Zipf's law."""
    p, n, when = theory.zipf(1.0, 10), 50, np.array([0, 9, 49])
    models = models_at(_chain(p, n, 5000, rng), when)
    value, error = mean_and_error([metrics.squared_distance(model, p) for model in models])
    labels = [f"E‖p - p₀‖², T = {t + 1}" for t in when]
    return Measurement(labels, value, error, theory.expected_squared_distance(when, n, p))


@in_chapter_2(
    id="L29",
    title="One symbol takes over, each with its own share as chance",
    statement=r"""With probability 1 a chain of plain copies ends in a single symbol, and the
chance that this is symbol $i$ is $p_i$: plain copying favors nobody.""",
    source="shumailov2024collapse",
    flag="T",
    kind="equal",
)
def takeover(rng: np.random.Generator) -> Measurement:
    """Wait for 10,000 chains of 20 draws from three symbols until all are absorbed."""
    p, runs = np.array([0.6, 0.3, 0.1]), 10_000
    chain = _chain(p, 20, runs, rng)
    last = next(g.model for g in chain if (metrics.top_share(g.model) == 1).all())
    expected = theory.fixation_probability(p)
    error = np.sqrt(expected * (1 - expected) / runs)
    labels = [f"P(symbol with share {share} takes over)" for share in p]
    return Measurement(labels, last.p.mean(axis=1), error, expected)


@in_chapter_2(
    id="L30",
    title="Time until one of two symbols is alone",
    statement=r"""Two symbols with shares $p$ and $q$ and $N$ draws: the mean number of fits
until one of them is alone is about $-2N\left[p\ln p + q\ln q\right]$, a diffusion
approximation. The exact mean solves $(I - Q)\,x = 1$ with the transition matrix of the count.""",
    source="kimura1969average",
    flag="M",
    kind="approximate",
)
def absorption_time(rng: np.random.Generator) -> Measurement:
    """Wait for 3,000 chains of 100 draws for each of three shares."""
    n, shares = 100, (0.5, 0.1, 0.01)
    values, errors = [], []
    for share in shares:
        chain = _chain([share, 1 - share], n, 3000, rng)
        times = fits_until(chain, lambda model: metrics.top_share(model) == 1)
        value, error = mean_and_error(times)
        values.append(value)
        errors.append(error)
    exact = theory.mean_absorption_time(n)[[round(n * share) for share in shares]]
    return Measurement(
        [f"p = {share}, {form}" for form in ("exact", "diffusion") for share in shares],
        [*values, *values],
        [*errors, *errors],
        [*exact, *theory.diffusion_absorption_time(shares, n)],
        relative_error=[0.0, 0.0, 0.0, 0.02, 0.03, 0.07],
    )


@in_chapter_2(
    id="L31",
    title="Bounds on the time to collapse",
    statement=r"""With $S = \sum_i p_i^2$, $s$ symbols and $n$ draws, the chance that more
than one symbol is left after $m$ fits lies between $\frac{1 - S}{1 - 1/s}\left(1 -
\frac1n\right)^m$ and $n\,(1 - S)\left(1 - \frac1n\right)^m$, and the mean time to collapse
between $1 + \frac{(1 - S)(n-1)}{1 - 1/s}$ and $1 + (1 - S)\,n\,(n-1)$.""",
    source="seddik2024bad",
    flag="T",
    kind="at least",
    note=r"""Upper bounds are shown as lower bounds on the chance of the opposite, with the
sharper constant $\frac{n^2}{2(n-1)}$ in the place of $n$, derived here. For two symbols the
true constant is near $6pq$ for large $m$. The upper bound on the mean time is loose: the time
is of order $n$ (L30, L32), as the source remarks.""",
)
def collapse_bounds(rng: np.random.Generator) -> Measurement:
    """Follow 4,000 chains of 100 draws from shares 0.3 and 0.7 until all have collapsed."""
    p, n, runs, early, late = np.array([0.3, 0.7]), 100, 4000, 300, 600
    times = fits_until(_chain(p, n, runs, rng), lambda model: metrics.top_share(model) == 1)
    lower, _ = theory.no_collapse_bounds(early - 1, n, p)
    _, upper = theory.no_collapse_bounds(late - 1, n, p)
    value, error = mean_and_error([times > early, times <= late, times])
    return Measurement(
        ["P(two left), m = 300", "P(one left), m = 600", "mean time"],
        value,
        error,
        [lower, 1 - upper, theory.mean_collapse_time_bounds(n, p)[0]],
    )


@in_chapter_2(
    id="L32",
    title="From all distinct to all the same in 2N generations",
    statement=r"""A corpus of $N$ distinct documents that is resampled with replacement again
and again holds copies of a single one after $2N\left(1 - \frac1N\right)$ generations on
average: the age of the common ancestor in Kingman's coalescent. The exact mean, from the
chain of the number of ancestors, is a little lower.""",
    source="kingman1982coalescent",
    flag="M",
    kind="approximate",
)
def common_ancestor(rng: np.random.Generator) -> Measurement:
    """Resample 2,500 corpora of 50 documents until each holds one."""
    n, runs = 50, 2500
    chain = _chain(np.full(n, 1 / n), n, runs, rng)
    times = fits_until(chain, lambda model: metrics.top_share(model) == 1)
    value, error = mean_and_error(times)
    expected = [theory.coalescence_time(n), theory.kingman_time(n)]
    return Measurement(
        ["mean time, exact", "mean time, Kingman"],
        [value, value],
        [error, error],
        expected,
        relative_error=[0.0, 0.02],
    )


@in_chapter_2(
    id="L35",
    title="The vocabulary after T generations is that of a small real corpus",
    statement=r"""The expected number of distinct words after $T$ generations of $n$ words is
about $\sum_i \left(1 - e^{-n p_i g_T}\right)$ with $g_1 = 1$, $g_{k+1} = 1 - e^{-g_k}$: the
vocabulary of a *real* corpus of $n\,g_T \approx 2n/T$ words.""",
    source="suresh2025rate",
    flag="T",
    kind="approximate",
    note="""The formula is the source's, the reading as a smaller real corpus is ours.""",
)
def vocabulary(rng: np.random.Generator) -> Measurement:
    """Run 60 chains of 5,000 draws from 20,000 words with Zipf's law."""
    p, n, when = theory.zipf(1.0, 20_000), 5000, np.array([0, 4, 19, 39])
    models = models_at(_chain(p, n, 60, rng), when)
    value, error = mean_and_error([metrics.n_types(model) for model in models])
    labels = [f"words left, T = {t + 1}" for t in when]
    expected = theory.expected_types(when, n, p)
    return Measurement(labels, value, error, expected, relative_error=0.01)


@dataclass(frozen=True)
class _Innovate:
    """Copy, but make each symbol a new one with probability `rate`; symbols are whole numbers."""

    rate: float

    def __call__(self, past: Past, *, rng: np.random.Generator) -> NDArray[np.int64]:
        copies = past.model.sample(past.n, rng=rng)
        fresh = past.t * past.n + np.arange(past.n)[:, None]  # names that no generation used
        return np.where(rng.random(copies.shape) < self.rate, fresh, copies)


def _counts_of_each(symbols: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Counts of the distinct symbols of each replicate."""
    return [np.unique(column, return_counts=True)[1] for column in symbols.T]


@in_chapter_2(
    id="L36",
    title="A trickle of new symbols keeps diversity alive",
    statement=r"""If each draw is a brand-new symbol with probability $u = \theta/(2N)$, drift
and innovation balance: $E\left[\sum_i p_i^2\right] \approx \frac1{1+\theta}$ (exactly
$\frac{1/N}{1 - (1-u)^2(1 - 1/N)}$), with about $\sum_{i<N} \frac{\theta}{\theta+i}$
distinct symbols.""",
    source="ewens1972sampling",
    flag="M",
    kind="approximate",
)
def innovation(rng: np.random.Generator) -> Measurement:
    """Run 2,000 populations of 100 for 400 generations, θ = 2, from a single symbol."""
    n, theta, runs = 100, 2.0, 2000
    rate = theta / (2 * n)
    world = Empirical(np.zeros(n, dtype=np.int64)).expand(runs)
    fit = partial(Empirical.fit, replicates=(runs,))
    chain = recurse(fit, world, n=n, policy=_Innovate(rate), rng=rng)
    counts = _counts_of_each(models_at(chain, [400])[0].data)
    same, error = mean_and_error([np.square(c / n).sum() for c in counts])
    types, types_error = mean_and_error([len(c) for c in counts])
    exact = theory.homozygosity_with_innovation(rate, n)
    return Measurement(
        ["E[Σp²], exact", "E[Σp²], 1/(1 + θ)", "distinct symbols"],
        [same, same, types],
        [error, error, types_error],
        [exact, 1 / (1 + theta), theory.ewens_types(theta, n)],
        relative_error=[0.0, 0.04, 0.04],
    )


@in_chapter_2(
    id="L37",
    title="A few fresh real draws hold diversity up",
    statement=r"""If each of $N$ draws comes from the world with probability $m$, and from the
last model otherwise, then $E\left[\sum_i p_i^2\right]$ settles at $\frac{1/N + (1 -
1/N)\left(1 - (1-m)^2\right) S}{1 - (1 - 1/N)(1-m)^2}$ with $S$ that of the world.""",
    source=None,
    flag="D",
    kind="equal",
    note="""The policy `Mix` takes exactly $mN$ draws from the world; the formula for it
differs a little, see `theory.homozygosity_under_mix`.""",
)
def fresh_data(rng: np.random.Generator) -> Measurement:
    """Run 3,000 chains of 100 draws from 20 symbols for 80 generations, with 5% fresh draws."""
    p, n, share = theory.zipf(1.0, 20), 100, 0.05
    blend = Decode(lambda model: replace(model, p=(1 - share) * model.p + share * p[:, None]))
    models = [
        models_at(_chain(p, n, 3000, rng, policy=policy), [80])[0] for policy in (blend, Mix(share))
    ]
    value, error = mean_and_error([np.square(model.p).sum(axis=0) for model in models])
    expected = [
        theory.homozygosity_with_fresh_data(share, n, p),
        theory.homozygosity_under_mix(round(share * n), n, p),
    ]
    return Measurement(["each draw real with chance m", "exactly mN real"], value, error, expected)


def _with_minus(m: NDArray[np.int64], n_real: int, n: int, p: NDArray[np.float64]) -> Any:
    """Theorem 2 with '-' in front of its last term."""
    a, s = n / (n_real + n), np.square(p).sum()
    power = a * (a * ((1 + 1 / n_real) * a - 1 / n_real)) ** m
    own = (1 + 2 * a - (1 - 1 / n_real) * power) / n_real
    return (own + (1 - 1 / n_real) * s * (1 + a - power / n_real)) / (1 + (1 + 1 / n_real) * a)


@in_chapter_2(
    id="L38",
    title="Kept real data anchors the chain",
    statement=r"""Keep the $N$ real draws and add $n$ new ones in each generation. With $a =
\frac{n}{N+n}$, $b = a\left[\left(1 + \frac1N\right)a - \frac1N\right]$ and $D = 1 + \left(1 +
\frac1N\right)a$

$$\begin{aligned} D\,E\sum_i p_{m+1,i}^2 &= \tfrac1N\left[1 + 2a - \left(1 - \tfrac1N\right)ab^m
\right] \\ &\quad + \left(1 - \tfrac1N\right) S \left[1 + a + \tfrac1N ab^m\right], \end{aligned}$$

where $m = 0$ is the fit to the real draws, and the squared distance from that fit tends to
$\frac{a^2 H/n}{1 - a^2(1 - 1/n)}$ with $H$ its heterozygosity: it stays bounded.""",
    source="seddik2024bad",
    flag="D",
    kind="equal",
    note=r"""Theorem 2 as cited, in the text of its first version, has $-\frac1N ab^m$ in the
last bracket. Our derivation (`theory.homozygosity_under_keep`) gives $+$. The case $m = 0$ tells
them apart: the first fit to $N$ real draws has $\frac1N + \left(1 - \frac1N\right)S$, which
only $+$ gives. The second statement is derived here.""",
)
def anchored(rng: np.random.Generator) -> Measurement:
    """Run 100,000 chains with N = 10, n = 40, p = 1/4; 4,000 longer ones with N = 100, n = 400."""
    p, n_real, n, m = np.full(4, 0.25), 10, 40, np.arange(3)
    models = models_at(_chain(p, lambda t: n if t else n_real, 100_000, rng, policy=Keep()), m)
    value, error = mean_and_error([np.square(model.p).sum(axis=0) for model in models])
    q = theory.zipf(1.0, 20)
    long = _chain(q, lambda t: 400 if t else 100, 4000, rng, policy=Keep())
    first, last = models_at(long, [0, 60])
    distance, distance_error = mean_and_error(np.square(last.p - first.p).sum(axis=0))
    limit = theory.squared_distance_under_keep(100, 400, q)
    return Measurement(
        [*(f"E[Σp²], m = {i}" for i in m), "E‖p - p₁‖², limit"],
        [*value, distance],
        [*error, distance_error],
        [*theory.homozygosity_under_keep(m, n_real, n, p), limit],
        rivals={"as cited, with −": [*_with_minus(m, n_real, n, p), limit]},
    )


@in_chapter_2(
    id="L39",
    title="Smoothing prevents collapse and forgets the world",
    statement=r"""Add $\beta$ to the count of each of $V$ symbols before every fit. The chain
no longer collapses: about the uniform law it has $E\lVert p_\infty - \frac1V \rVert^2 =
\frac{a^2(1 - 1/V)/n}{1 - a^2(1 - 1/n)}$ with $a = \frac{n}{n + V\beta}$. But its mean is the
uniform law, whatever the world was.""",
    source=None,
    flag="D",
    kind="equal",
    note="""The formula of L38 with another anchor: kept data pulls to the world, smoothing to
$1/V$.""",
)
def smoothing(rng: np.random.Generator) -> Measurement:
    """Run 2,000 chains of 100 draws from 20 symbols for 300 generations, with β = 0.1."""
    k, n, beta = 20, 100, 0.1
    fit = partial(Categorical.fit, smoothing=beta)
    model = models_at(_chain(theory.zipf(1.0, k), n, 2000, rng, fit=fit), [300])[0]
    distance = metrics.squared_distance(model, np.full(k, 1 / k))
    value, error = mean_and_error([distance, model.p[0]])
    expected = [theory.squared_distance_when_smoothed(beta, n, k), 1 / k]
    return Measurement(["E‖p - 1/V‖²", "share of the commonest word"], value, error, expected)


def _growth(temperature: float, fraction: float, rng: np.random.Generator) -> Any:
    """Growth of log odds per generation, and its error, from 200 chains near balance."""
    t, runs = 10, 200

    def sharpen(model: Categorical) -> Categorical:
        p = (1 - fraction) * model.temper(temperature).p + fraction * 0.5
        return replace(model, p=p / p.sum(axis=0))

    def size(generation: int) -> int:
        return 10**12 if generation else 10**4  # starts off balance, then endless data

    first, last = (
        np.log(model.p[0] / model.p[1])
        for model in models_at(_chain([0.5, 0.5], size, runs, rng, policy=Decode(sharpen)), [0, t])
    )
    total = (last * first).sum() / np.square(first).sum()
    rest = np.square(last - total * first).sum() / np.square(first).sum() / (runs - 1)
    return total ** (1 / t), np.sqrt(rest) * total ** (1 / t - 1) / t


@in_chapter_2(
    id="L40",
    title="Temperature: sharpening crowns one, flattening erases all",
    statement=r"""Sample at temperature $\tau$ in every generation and, with endless data, log
odds grow by $1/\tau$: below 1 one symbol takes all, above 1 all become equal. With a share
$\alpha$ of real data from a balanced world small log odds grow by $(1 - \alpha)/\tau$:
balance is stable exactly if $\alpha > 1 - \tau$.""",
    source="marchi2024heat",
    flag="A",
    kind="approximate",
    note="""The source shows the two fates; the rates and the threshold are derived here. With
real data the rate holds for small log odds.""",
)
def heat_death(rng: np.random.Generator) -> Measurement:
    """Start 200 chains near balance and follow them for ten generations of 10¹² draws."""
    cases = ((0.9, 0.0), (1.1, 0.0), (0.8, 0.15), (0.8, 0.25))
    value, error = np.transpose([_growth(*case, rng) for case in cases])
    expected = [theory.tempering_growth(*case) for case in cases]
    labels = [f"growth of log odds, τ = {tau}, α = {alpha:g}" for tau, alpha in cases]
    return Measurement(labels, value, error, expected, relative_error=0.001)


@in_chapter_2(
    id="L41",
    title="What a sample of Zipf's law misses",
    statement=r"""For $p_i = C i^{-\beta}$ on endlessly many words, $n$ draws miss a
probability of about $\frac{C^{1/\beta}}{\beta}\,\Gamma\left(1 - \frac1\beta\right) n^{-(1 -
1/\beta)}$ and hold about $\Gamma\left(1 - \frac1\beta\right) (Cn)^{1/\beta}$ words: learning
from $n$ draws cuts the tail at a rank of order $n^{1/\beta}$.""",
    source="dohmatob2024tails",
    flag="A",
    kind="approximate",
    note="""The constant is after {cite:t}`hutter2021learning`, that of the number of words is
derived here. Measured on 100,000 words.""",
)
def unseen_tail(rng: np.random.Generator) -> Measurement:
    """Fit 100 samples of 1,000 and of 10,000 draws; β = 2."""
    p, sizes = theory.zipf(2.0, 100_000), (1000, 10_000)
    lost, seen = [], []
    for n in sizes:
        samples = [Categorical(p).sample(n, rng=child) for child in rng.spawn(100)]
        words = [np.unique(np.asarray(sample)) for sample in samples]
        lost.append([1 - p[found].sum() for found in words])
        seen.append([len(found) for found in words])
    value, error = mean_and_error([*lost, *seen])
    return Measurement(
        [f"{what}, n = {n}" for what in ("probability missed", "words seen") for n in sizes],
        value,
        error,
        [f(n, 2.0) for f in (theory.zipf_unseen_mass, theory.zipf_types_seen) for n in sizes],
        relative_error=[0.01, 0.01, 0.02, 0.02],
    )


@in_chapter_2(
    id="L42",
    title="The lost tail grows more slowly than the number of generations",
    statement=r"""After $T$ generations of $n$ draws from $p_i = C i^{-\beta}$ the real
probability of the words that are gone is about $\sum_i p_i e^{-n p_i g_T}$, which grows like
$T^{1 - 1/\beta}$.""",
    source="dohmatob2024tails",
    flag="A",
    kind="approximate",
    note="""As summarized, the source says that the error grows in proportion to the number of
generations. In this setting that is an upper bound. Measured on 20,000 words.""",
)
def lost_tail(rng: np.random.Generator) -> Measurement:
    """Run 200 chains of 1,000 draws, β = 2, for ten generations."""
    p, n, when = theory.zipf(2.0, 20_000), 1000, np.array([0, 1, 4, 9])
    lost = [p @ (model.p == 0) for model in models_at(_chain(p, n, 200, rng), when)]
    value, error = mean_and_error(lost)
    labels = [f"probability lost, T = {t + 1}" for t in when]
    expected = theory.lost_mass(when, n, p)
    return Measurement(labels, value, error, expected, relative_error=0.01)


@dataclass(frozen=True, eq=False)
class _Bigrams:
    """Next word given the last: `p` of shape (V, V, R); documents begin with any word."""

    p: NDArray[np.float64]
    length: int = 31

    @property
    def replicates(self) -> tuple[int, ...]:
        return self.p.shape[2:]

    def sample(self, n: int, *, rng: RNG) -> NDArray[np.int64]:
        """Draw `n` documents, shape (n, length, R)."""
        rng = np.random.default_rng(rng)
        cdf, replicate = self.p.cumsum(axis=1), np.arange(*self.replicates)
        words = np.empty((n, self.length, *self.replicates), dtype=np.int64)
        words[:, 0] = rng.integers(len(self.p), size=(n, *self.replicates))
        for i in range(1, self.length):
            levels = cdf[words[:, i - 1], :, replicate]
            words[:, i] = (levels < rng.random((n, *self.replicates))[..., None]).sum(axis=-1)
        return words.clip(max=len(self.p) - 1)  # a cdf may end just below 1


def _bigram_counts(documents: NDArray[np.int64], v: int) -> NDArray[np.int64]:
    """How often each word followed each, shape (V, V, R)."""
    runs = documents.shape[-1]
    pairs = (documents[:, :-1] * v + documents[:, 1:]) * runs + np.arange(runs)
    return np.bincount(pairs.ravel(), minlength=v * v * runs).reshape(v, v, runs)


def _fit_bigrams(documents: NDArray[np.int64], *, rng: RNG, v: int) -> _Bigrams:  # noqa: ARG001 - every Fit takes rng
    counts = _bigram_counts(documents, v)
    total = counts.sum(axis=1, keepdims=True)
    return _Bigrams(np.where(total > 0, counts / total.clip(min=1), 1 / v), documents.shape[1])


@result(
    id="L43",
    chapter=4,
    title="Distinct word pairs dwindle in generated text",
    statement=r"""Retrain a bigram model on its own text of $n$ word pairs: after $T$
generations the text holds about $\sum_{c,w} \left(1 - e^{-n \pi_c P_{cw} g_T}\right)$
distinct pairs, with $\pi_c$ the share of the context $c$ and $g_T$ as in L35.""",
    source="guo2024curious",
    flag="M",
    kind="approximate",
    note="""The source measures the decline of linguistic diversity in large models; this is
its smallest analogue, and the formula is ours.""",
)
def distinct_pairs(rng: np.random.Generator) -> Measurement:
    """Write 100 documents of 30 pairs on 30 words, 50 times side by side, for 20 generations."""
    v, n_documents, runs, when = 30, 100, 50, np.array([0, 4, 19])
    next_word = theory.zipf(1.0, v)
    p = np.stack([np.roll(next_word, shift) for shift in range(v)])  # every word is as common
    world = _Bigrams(np.repeat(p[..., None], runs, axis=2))
    chain = recurse(partial(_fit_bigrams, v=v), world, n=n_documents, rng=rng)
    kept = [g.data for g in islice(chain, when[-1] + 1) if g.index in when]
    distinct = [(_bigram_counts(data, v) > 0).sum(axis=(0, 1)) for data in kept]
    value, error = mean_and_error(distinct)
    n_pairs = n_documents * (world.length - 1)
    expected = theory.expected_types(when, n_pairs, p.ravel() / v)
    labels = [f"distinct pairs, T = {t + 1}" for t in when]
    return Measurement(labels, value, error, expected, relative_error=0.01)


ROWS = (
    heterozygosity_decays,
    distance_gains,
    takeover,
    absorption_time,
    collapse_bounds,
    common_ancestor,
    vocabulary,
    innovation,
    fresh_data,
    anchored,
    smoothing,
    heat_death,
    unseen_tail,
    lost_tail,
    distinct_pairs,
)
