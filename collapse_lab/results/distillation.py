"""Results about a teacher and a student: matched logits, linear students, softened labels."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from collapse_lab import theory
from collapse_lab.distill import draw_labels, one_hot, softmax
from collapse_lab.measurement import Measurement, mean_and_error
from collapse_lab.results.result import result

in_chapter_14 = partial(result, chapter=14)


@in_chapter_14(
    id="L63",
    title="Hot enough, distillation matches logits",
    statement=r"""A student has logits $z$, its teacher $v$, both centered. The gradient of the soft
cross-entropy at temperature $\tau$, times $\tau^2$, tends to $(z_i - v_i)/N$ for $N$ classes: that
of the squared difference of the logits. The relative error is of order $1/\tau$.""",
    source="hinton2015distilling",
    flag="M",
    kind="approximate",
    note=r"""For independent normal logits of variance 1 the leading term of the relative error is
$\frac1\tau\sqrt{\frac{N-2}{2N}}$ (derived here); the next one is taken to be smaller by
$1/\tau$.""",
)
def matching_logits(rng: np.random.Generator) -> Measurement:
    """Take 20,000 pairs of 10 normal logits, at τ = 10, 100 and 1,000."""
    runs, n_classes, temperatures = 20_000, 10, (10.0, 100.0, 1000.0)
    z, v = rng.standard_normal((2, runs, n_classes))
    limit = theory.matching_gradient(z, v)
    size = (limit**2).sum(axis=1)
    values, errors = [], []
    for temperature in temperatures:
        gap = theory.distillation_gradient(z, v, temperature) - limit
        squares = (gap**2).sum(axis=1)
        value = np.sqrt(squares.mean() / size.mean())
        spread = squares / squares.mean() - size / size.mean()  # of the ratio, to first order
        values.append(value * temperature)
        errors.append(value * temperature * spread.std() / np.sqrt(runs) / 2)
    expected = [theory.matching_error(n_classes, t) * t for t in temperatures]
    labels = [f"τ × relative error, τ = {t:,.0f}" for t in temperatures]
    return Measurement(labels, values, errors, expected, 1 / np.array(temperatures))


def _descend(
    X: NDArray[np.float64], teacher: NDArray[np.float64], steps: int
) -> NDArray[np.float64]:
    """Return linear students after gradient descent on two-class soft labels, from 0.

    Parameters
    ----------
    X : array, shape (R, n, d)
    teacher : array, shape (d,)
    """
    from scipy.special import expit

    wanted = expit(X @ teacher)
    step = 4 / np.linalg.norm(X, ord=2, axis=(1, 2)) ** 2  # the loss bends by |X|²/4 at most
    w = np.zeros((len(X), X.shape[2]))
    turned = np.ascontiguousarray(np.swapaxes(X, 1, 2))
    for _ in range(steps):
        gap = wanted - expit((X @ w[:, :, None])[:, :, 0])
        w += step[:, None] * (turned @ gap[:, :, None])[:, :, 0]
    return w


@in_chapter_14(
    id="L70",
    title="Soft labels hand a linear student its teacher",
    statement=r"""A linear student learns the soft labels of a linear teacher $w^*$ by gradient
descent from 0. On $n$ inputs in $d$ dimensions its weights end at the projection of $w^*$ onto the
span of the inputs: at $w^*$ itself if and only if $n \ge d$ (inputs in general position). For
inputs with uniform directions, $E|w - w^*|^2/|w^*|^2 = 1 - \frac nd$.""",
    source="phuong2019towards",
    flag="M",
    kind="equal",
    note="""The mean for uniform directions is derived here. With hard labels of separable classes
the weights grow without end, and no number of inputs gives the teacher exactly.""",
)
def linear_recovery(rng: np.random.Generator) -> Measurement:
    """Descend 500 steps in d = 30, 150 times each; where n > d, the error is the descent's."""
    d, runs = 30, 150
    teacher = np.ones(d) / np.sqrt(d)
    labels, values, errors, expected = [], [], [], []
    for n in (6, 15, 75):
        students = _descend(rng.standard_normal((runs, n, d)), teacher, 500)
        value, error = mean_and_error(((students - teacher) ** 2).sum(axis=1))
        labels.append(f"relative squared distance, n = {n}")
        values.append(float(value))
        errors.append(float(error) if n < d else 1e-6)
        expected.append(theory.recovery_error(n, d))
    return Measurement(labels, values, errors, expected)


@in_chapter_14(
    id="L71",
    title="A student may learn well and still not agree with its teacher",
    statement=r"""A linear student that has learned a linear teacher's soft labels on $n$ inputs in
$d > n$ dimensions gives the teacher's answer on a new input with probability $E\left[1 -
\frac1\pi\arccos\sqrt B\right]$, $B$ from the beta law with $\frac n2$ and $\frac{d - n}2$.""",
    source="stanton2021does",
    flag="D",
    kind="equal",
    note="""A linear analogue of the low fidelity that the source measures in deep networks. The
student matches every label that it was given.""",
)
def linear_agreement(rng: np.random.Generator) -> Measurement:
    """Take the least-norm student of 500 runs in d = 50, on 200 new inputs in each."""
    d, runs, fresh = 50, 500, 200
    teacher = np.ones(d)
    labels, shares = [], []
    for n in (10, 25, 40):
        X = rng.standard_normal((runs, n, d))
        inner = np.einsum("rid,rjd->rij", X, X)  # the least-norm student is Xᵀ(XXᵀ)⁻¹Xw*
        weights = np.linalg.solve(inner, (X @ teacher)[:, :, None])[:, :, 0]
        student = np.einsum("rnd,rn->rd", X, weights)
        new = rng.standard_normal((runs, fresh, d))
        same = np.sign(new @ teacher) == np.sign(np.einsum("rfd,rd->rf", new, student))
        labels.append(f"agreement, n = {n}")
        shares.append(same.mean(axis=1))
    value, error = mean_and_error(shares)
    return Measurement(
        labels, value, error, [theory.expected_agreement(n, d) for n in (10, 25, 40)]
    )


@in_chapter_14(
    id="L72",
    title="Soft labels make a steadier risk",
    statement=r"""For a fixed model, the mean loss over $n$ examples has the same expectation with
labels that are drawn and with labels that are the true class probabilities. Its variance is larger
with drawn labels, by $\frac1n E[\operatorname{Var}(\ell_y \mid x)]$.""",
    source="menon2021statistical",
    flag="M",
    kind="equal",
    note="The soft labels are those of the truth. A teacher's are an estimate, with errors.",
)
def softened_risk(rng: np.random.Generator) -> Measurement:
    """Average n = 50 losses, 40,000 times, over 30 inputs and 3 classes."""
    n, runs, m = 50, 40_000, 30
    truth = softmax(rng.normal(size=(m, 3)))
    losses = -np.log(softmax(rng.normal(size=(m, 3))))
    seen = rng.integers(m, size=runs * n)
    drawn = (one_hot(draw_labels(truth[seen], rng=rng), 3) * losses[seen]).sum(axis=1)
    risks = np.array([drawn, (truth * losses).sum(axis=1)[seen]]).reshape(2, runs, n).mean(axis=2)
    mean = (truth * losses).sum(axis=1).mean()
    first, second = n * (risks - mean) ** 2
    value, error = mean_and_error([first, second, first - second])
    wide, narrow = (n * each for each in theory.risk_variances(truth, losses, n))
    gap = (truth * (losses - (truth * losses).sum(axis=1, keepdims=True)) ** 2).sum(axis=1).mean()
    labels = [f"n × Var(risk), {name}" for name in ("drawn labels", "soft labels", "difference")]
    return Measurement(labels, value, error, [wide, narrow, gap])


ROWS = (
    matching_logits,
    linear_recovery,
    linear_agreement,
    softened_risk,
)
