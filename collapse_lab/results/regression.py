"""Results about linear regression on labels that models gave.

Excess errors are sums of squares of nearly normal coefficients, so that sample standard errors are
good. Chains run on the exact law of the normal equations wherever no single point is needed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from collapse_lab import metrics, theory
from collapse_lab.data import Labelled, pool
from collapse_lab.measurement import Measurement, mean_and_error
from collapse_lab.policies import Relabel, accumulate
from collapse_lab.protocols import RNG, Past
from collapse_lab.recursion import recurse
from collapse_lab.regression import LinearModel
from collapse_lab.results.chains import models_at
from collapse_lab.results.result import result

in_chapter_7 = partial(result, chapter=7)


def _world(d: int, runs: int, *, noise: float = 1.0, draw: Any = "equations") -> LinearModel:
    """World with coefficients of length 1 in no special direction."""
    return LinearModel(np.full(d, d**-0.5), noise, draw).expand(runs)


@dataclass(frozen=True, eq=False)
class _FixedInputs:
    """World whose inputs, shape (n, d) or (n, d, R), are the same in every sample."""

    X: NDArray[np.float64]
    model: LinearModel

    @property
    def replicates(self) -> tuple[int, ...]:
        return self.model.replicates

    def sample(self, n: int, *, rng: RNG) -> Labelled:
        return Labelled(self.X[:n], self.model.label(self.X[:n], rng=rng))


def _noise_of_one_fit(X: NDArray[np.float64]) -> NDArray[np.float64]:
    """Excess error that labels of noise 1 add in one fit, tr (XᵀX)⁺, shape (*replicates)."""
    inputs = np.moveaxis(X, (0, 1), (-2, -1))
    transposed = np.swapaxes(inputs, -1, -2)
    gram = inputs @ transposed if len(X) < X.shape[1] else transposed @ inputs
    return np.asarray(np.trace(np.linalg.inv(gram), axis1=-2, axis2=-1))


@in_chapter_7(
    id="L44",
    title="Regression on its own labels: the error adds up",
    statement=r"""Fit $d$ coefficients to $n$ points by least squares, draw $n$ new points with
labels of the fit, and so on. The excess error after $T$ fits is $T\,\frac{\sigma^2 d}{n - d - 1}$
on average, and $T\,\sigma^2\,\mathrm{tr}\,(X^\top X)^{-1}$ if the inputs stay the same.""",
    source="gerstgrasser2024inevitable",
    flag="T",
    kind="equal",
    note="""Also in {cite:t}`dohmatob2024demystified`. Inputs are standard normal.""",
)
def labels_replaced(rng: np.random.Generator) -> Measurement:
    """Run 3,000 chains with d = 10 and n = 40 for 10 fits; 3,000 with fixed inputs for 20."""
    n, d, runs, when = 40, 10, 3000, np.array([0, 9])
    world = _world(d, runs)
    models = models_at(recurse(LinearModel.fit, world, n=n, rng=rng), when)
    fixed = _FixedInputs(rng.standard_normal((n, d)), world)
    models += models_at(recurse(LinearModel.fit, fixed, n=n, policy=Relabel(), rng=rng), [19])
    return Measurement(
        ["excess error, T = 1", "excess error, T = 10", "excess error, fixed inputs, T = 20"],
        *mean_and_error([metrics.excess_error(model, world) for model in models]),
        [*theory.regression_under_replace(when, n, d), 20 * _noise_of_one_fit(fixed.X)],
    )


@in_chapter_7(
    id="L45",
    title="Regression on all labels so far: the error stops",
    statement=r"""Accumulate instead of replacing, and the excess error stays below
$\frac{\pi^2}6\,\frac{\sigma^2 d}{n - d - 1}$ for ever. Exactly, it is $\sigma^2 d \sum_{j=1}^T
\frac1{j\,(jn - d - 1)}$ on average.""",
    source="gerstgrasser2024inevitable",
    flag="D",
    kind="equal",
    note=r"""The bound is the source's, the exact value is derived here: the bound is reached
only for $n$ much larger than $d$.""",
)
def labels_accumulated(rng: np.random.Generator) -> Measurement:
    """Run 4,000 chains with d = 10 and n = 40 for 10 fits."""
    n, d, runs, when = 40, 10, 4000, np.array([0, 1, 9])
    world = _world(d, runs)
    models = models_at(recurse(LinearModel.fit, world, n=n, policy=accumulate, rng=rng), when)
    bound = np.pi**2 / 6 * theory.regression_under_replace(0, n, d)
    return Measurement(
        [f"excess error, T = {t + 1}" for t in when],
        *mean_and_error([metrics.excess_error(model, world) for model in models]),
        theory.regression_under_accumulate(when, n, d),
        rivals={"bound of the source": np.full(3, bound)},
    )


@in_chapter_7(
    id="L49",
    title="Too few points forget even without noise",
    statement=r"""With fewer points than coefficients, $n < d$, the smallest coefficients that
interpolate noise-free labels keep only what the inputs span. After $T$ fits to fresh inputs the
excess error is $1 - (n/d)^T$ on average: exponentially fast towards having learned nothing.""",
    source="dohmatob2024demystified",
    flag="A",
    kind="equal",
)
def interpolation_forgets(rng: np.random.Generator) -> Measurement:
    """Run 300 chains with d = 40 and n = 30 for 6 fits, without noise."""
    n, d, runs, when = 30, 40, 300, np.array([0, 2, 5])
    world = _world(d, runs, noise=0.0, draw="points")
    chain = recurse(partial(LinearModel.fit, noise=0.0), world, n=n, policy=Relabel(), rng=rng)
    errors = [metrics.excess_error(model, world) for model in models_at(chain, when)]
    return Measurement(
        [f"excess error, T = {t + 1}" for t in when],
        *mean_and_error(errors),
        theory.interpolation_error(when, n, d),
    )


@in_chapter_7(
    id="L50",
    title="Worse labels ask for a larger penalty",
    statement=r"""Ridge regression with penalty $\lambda$ on labels of the last of $k$ models that
were trained on one another by least squares: for many inputs and points the excess error is

$$\begin{aligned} & \lambda^2 r^2 m' + \sigma^2\varphi\,(m - \lambda m') \\ & + g\,(1 - 2\lambda m
+ \lambda^2 m') \end{aligned}$$

with $g = k\,\frac{\sigma^2 d}{n_0 - d - 1}$ the error of that model, $\varphi = d/n$, $r$ the
length of the coefficients, and $m$, $m'$ the means of $(s + \lambda)^{-1}$ and $(s +
\lambda)^{-2}$ over the Marchenko-Pastur law. The best $\lambda$ grows with $k$.""",
    source="dohmatob2024demystified",
    flag="D",
    kind="approximate",
    note="""The source has such formulas for general inputs; this form is derived here. The limit
of many inputs is taken as good to 1% at d = 60.""",
)
def ridge_on_labels(rng: np.random.Generator) -> Measurement:
    """Run 400 chains with d = 60 and fits to 180 points, then ridge to 120; σ = 0.5."""
    d, n_first, n, runs, noise = 60, 180, 120, 400, 0.5
    world = _world(d, runs, noise=noise)
    chain = recurse(partial(LinearModel.fit, noise=noise), world, n=n_first, rng=rng)
    teachers = {0: world, 5: models_at(chain, [4])[0]}
    label_error = {
        k: float(theory.regression_under_replace(k - 1, n_first, d, noise=noise)) if k else 0.0
        for k in teachers
    }
    best = theory.optimal_ridge(n, d, label_error=label_error[5], noise=noise)
    labels, errors, expected = [], [], []
    for k, ridge, name in ((0, 0.2, "0.2"), (5, 0.2, "0.2"), (5, best, f"best, {best:.2f}")):
        data = teachers[k].sample(n, rng=rng)
        errors.append(metrics.excess_error(LinearModel.fit(data, ridge=ridge), world))
        expected.append(theory.ridge_error(ridge, n, d, label_error=label_error[k], noise=noise))
        labels.append(f"excess error, k = {k}, λ = {name}")
    return Measurement(labels, *mean_and_error(errors), expected, relative_error=0.01)


@in_chapter_7(
    id="L51",
    title="A small share of wrong labels leaves a floor",
    statement=r"""Let a fixed share $p$ of the labels come from a model that is off by $\delta$.
For many points the excess error of least squares tends to $p^2 |\delta|^2$, however many there
are; in the limit of many inputs with $\varphi = d/n < 1$ it is $\left(p^2 + p(1 - p)
\frac\varphi{1 - \varphi}\right)|\delta|^2 + \sigma^2 \frac\varphi{1 - \varphi}$.""",
    source="dohmatob2025strong",
    flag="D",
    kind="equal",
    note="""The source has the limit for general inputs and ridge; the exact value for every $n$
and $d$ (`theory.shifted_labels_error`) is derived here and is what is expected above. The other
model is fixed here: it does not get better with more data, and nothing is fed back. See L86.""",
)
def strong_collapse(rng: np.random.Generator) -> Measurement:
    """Fit d = 20 coefficients 3,000 times, 10% of the labels being off by |δ| = 1."""
    d, runs, share = 20, 3000, 0.1
    cases = ((100, 0.0), (1000, 0.0), (10_000, 0.0), (1000, 0.5))
    errors, expected, limit = [], [], []
    for n, noise in cases:
        world = _world(d, runs, noise=noise)
        other = LinearModel(world.coef + np.eye(d)[0][:, None], noise, "equations")
        n_wrong = round(share * n)
        data = pool(world.sample(n - n_wrong, rng=rng), other.sample(n_wrong, rng=rng))
        errors.append(metrics.excess_error(LinearModel.fit(data), world))
        expected.append(theory.shifted_labels_error(n_wrong, n, d, label_error=1.0, noise=noise))
        limit.append(theory.strong_collapse_error(share, d / n, label_error=1.0, noise=noise))
    return Measurement(
        [f"excess error, n = {n}, σ = {noise:g}" for n, noise in cases],
        *mean_and_error(errors),
        expected,
        rivals={"limit of many inputs": limit},
    )


@dataclass(frozen=True)
class _BlendLabels:
    """Fresh real labels on the inputs of generation 0, averaged with labels of the last model."""

    weight: float

    def __call__(self, past: Past, *, rng: np.random.Generator) -> Labelled:
        real: Any = past.world.sample(past.n, rng=rng)
        model: Any = past.model
        y = self.weight * real.y + (1 - self.weight) * model.label(real.X, rng=rng)
        return Labelled(real.X, y)


@in_chapter_7(
    id="L53",
    title="The golden ratio also for interpolation",
    statement=r"""Blend fresh real labels, weight $w$, with labels of the last model on the same
inputs, and take the smallest coefficients that interpolate ($n < d$). The variance tends to $f(w)
= \frac{w^2 + (1 - w)^2}{w (2 - w)}$ times that of one fit to real labels, and is least at one
over the golden ratio, where it is $0.618$, too.""",
    source="garg2025preventing",
    flag="A",
    kind="equal",
    note="""The optimal weight is as summarized from the source; $f$ is derived here for inputs
that stay, where it is exact for every $n$ and $d$. The bias, what the inputs do not span, does not
depend on $w$.""",
)
def blended_labels(rng: np.random.Generator) -> Measurement:
    """Run 400 chains with d = 60 and n = 40 for 8 generations, with three weights."""
    n, d, runs, last = 40, 60, 400, 8
    X, model = rng.standard_normal((n, d, runs)), _world(d, runs, noise=1.0, draw="points")
    spanned = LinearModel.fit(Labelled(X, replace(model, noise=0.0).label(X, rng=rng)))
    unit, best = _noise_of_one_fit(X), theory.optimal_weight(1, 1)
    ratios, weights = [], (best, 0.5, 0.9)
    for weight in weights:
        policy = _BlendLabels(weight)
        chain = recurse(LinearModel.fit, _FixedInputs(X, model), n=n, policy=policy, rng=rng)
        (fitted,) = models_at(chain, [last])
        ratios.append(metrics.excess_error(fitted, spanned) / unit)
    return Measurement(
        [f"variance ratio, w = {weight:.3g}" for weight in weights],
        *mean_and_error(ratios),
        [best, *(theory.weighted_mean_square(weight, 1, 1) for weight in weights[1:])],
    )


EditedRows = Literal["once", "same", "random"]


@dataclass(frozen=True, eq=False)
class _Edit:
    """Redraw the labels of some rows from the last model; `order` ranks the rows, shape (n, R)."""

    order: NDArray[np.int64]
    share: float
    rows: EditedRows

    def __call__(self, past: Past, *, rng: np.random.Generator) -> Labelled:
        pool: Any = past.pool
        model: Any = past.model
        if self.rows == "random":
            edited = rng.random(self.order.shape) < self.share
        else:
            size = round(self.share * past.n)
            start = size * (past.t - 1) if self.rows == "once" else 0
            edited = (self.order >= start) & (self.order < start + size)
        return Labelled(pool.X, np.where(edited, model.label(pool.X, rng=rng), pool.y))


@result(
    id="L54",
    chapter=17,
    title="Editing labels instead of replacing them",
    statement=r"""In each of $m$ rounds draw the labels of a share $q$ of the rows anew from the
last model, and fit again. As cited, the excess error stays below $\frac{2\sigma^2 d}{n - d - 1}$.
Our derivation, for $n$ much larger than $d$ and in units of the error of one fit: if no row is
edited twice, $2A - A^2 + \frac{2(A^2 - 1)}{2 + q}$ with $A = (1 + q)^m$, which tends to $2e^{mq}
- 1$ for many small rounds; a limit that depends on $q$ if the same rows are edited in every
round; and $1 + q(2 - q)\,m$, without bound, if they are random.""",
    source="zhu2025toedit",
    flag="D",
    kind="approximate",
    note=r"""After one round all of these are $1 + 2q - q^2 \le 2$, as cited. With rows edited at
most once, the value 2 holds up to a share $mq = \ln\frac32 = 41\%$ of edited rows in any number of
rounds, and is exceeded when all rows are edited in two rounds or more. The error stays bounded
there (below $2e - 1 = 4.44$), which is what the source concludes. Where the ways part: as our
notes on the proof (version 3 of the preprint) have it, it puts the identity for the projection
onto the inputs, so that an edited label is the old one plus new noise. But the model smooths, and
forgets nearly all of one label; what it has learned from the others comes back through the edited
rows. Terms of order d/n = 1% are allowed for by 3%.""",
)
def edited_labels(rng: np.random.Generator) -> Measurement:
    """Run 1,000 chains on 600 fixed inputs with d = 6, editing rows in 1 to 6 rounds."""
    n, d, runs = 600, 6, 1000
    X = rng.standard_normal((n, d))
    world = _FixedInputs(X, _world(d, runs, draw="points"))
    order = rng.random((n, runs)).argsort(axis=0).astype(np.int64)
    cases: tuple[tuple[int, float, EditedRows], ...] = (
        (1, 0.5, "once"),
        (2, 0.5, "once"),
        (5, 0.2, "once"),
        (6, 0.5, "same"),
        (6, 0.5, "random"),
    )
    ratios = []
    for rounds, share, rows in cases:
        policy = _Edit(order, share, rows)
        (model,) = models_at(recurse(LinearModel.fit, world, n=n, policy=policy, rng=rng), [rounds])
        ratios.append(metrics.excess_error(model, world.model) / _noise_of_one_fit(X))
    return Measurement(
        [f"error ratio, {m} × {100 * q:.0f}% of rows, {rows}" for m, q, rows in cases],
        *mean_and_error(ratios),
        [theory.edited_labels_error(m, q, rows=rows) for m, q, rows in cases],
        relative_error=0.03,
        rivals={"as cited, at most 2": np.full(len(cases), 2.0)},
    )


@result(
    id="L55",
    title="Biased surrogate data still help, with the right weight",
    statement=r"""Estimate a mean in $d$ dimensions from $n$ real points and from plenty of
surrogate data whose mean is off by $b$. Weigh these by $\frac{d/n}{d/n + b^2}$: the error
$\frac{(d/n)\,b^2}{d/n + b^2}$ is below that of the real data alone, $d/n$, and of the surrogate
data alone, $b^2$.""",
    source="jain2024surrogate",
    flag="M",
    kind="equal",
    chapter=11,
)
def surrogate_data(rng: np.random.Generator) -> Measurement:
    """Weigh in 4,000 replicates with d = 50, n = 200 and b = 0.6."""
    n, d, b, runs = 200, 50, 0.6, 4000
    real = rng.standard_normal((d, runs)) / np.sqrt(n)
    surrogate = np.full((d, 1), b / np.sqrt(d))
    best = theory.optimal_surrogate_weight(n, d, bias=b)
    weights = np.array([best, 0.0, 0.8])
    means = [(1 - w) * real + w * surrogate for w in weights]
    return Measurement(
        ["error, best weight", "error, real data alone", "error, weight 0.8"],
        *mean_and_error([np.square(mean).sum(axis=0) for mean in means]),
        theory.surrogate_error(weights, n, d, bias=b),
    )


@in_chapter_7(
    id="L86",
    title="Is there a floor? It depends on the generator",
    statement=r"""Half of $n$ labels come from a model that was itself trained on $n_0$ real
points. If $n_0$ is fixed, the excess error has a floor, $\frac14\,\frac{\sigma^2 d}{n_0 - d - 1}$,
as in strong collapse. If $n_0$ grows with $n$ there is none, and the mixture beats its own real
half.""",
    source="dohmatob2025strong",
    flag="D",
    kind="equal",
    note="""This reconciles strong collapse (L51) with the benefit of synthetic data: what decides
is whether the generator gets better when there are more data. Expected values are exact:
`theory.shifted_labels_error` with the mean error of the generator.""",
)
def floor_of_a_generator(rng: np.random.Generator) -> Measurement:
    """Fit d = 20 coefficients to 5,000 labels, half of a generator's, 1,500 times."""
    n, d, runs = 5000, 20, 1500
    world = _world(d, runs)
    errors, expected = [], []
    for n_first in (100, n):
        generator = LinearModel.fit(world.sample(n_first, rng=rng))
        data = pool(world.sample(n // 2, rng=rng), generator.sample(n // 2, rng=rng))
        errors.append(metrics.excess_error(LinearModel.fit(data), world))
        off = float(theory.regression_under_replace(0, n_first, d))
        expected.append(theory.shifted_labels_error(n // 2, n, d, label_error=off))
    alone = LinearModel.fit(world.sample(n // 2, rng=rng))
    return Measurement(
        [
            "excess error, n = 5000, generator of 100",
            "excess error, n = 5000, generator of 5000",
            "excess error, the 2500 real alone",
        ],
        *mean_and_error([*errors, metrics.excess_error(alone, world)]),
        [*expected, theory.regression_under_replace(0, n // 2, d)],
    )


ROWS = (
    labels_replaced,
    labels_accumulated,
    interpolation_forgets,
    ridge_on_labels,
    strong_collapse,
    blended_labels,
    edited_labels,
    surrogate_data,
    floor_of_a_generator,
)
