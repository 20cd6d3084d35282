"""Results about students that learn from a teacher's answers.

Errors are sums of squares of nearly normal coefficients, so that sample standard errors are good.
Where student and teacher learn from the same data, differences are taken pair by pair.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy import special

from collapse_lab import metrics, theory
from collapse_lab.data import Labelled
from collapse_lab.measurement import Measurement, mean_and_error
from collapse_lab.regression import LinearModel
from collapse_lab.results.result import result
from collapse_lab.students import (
    WeakSupervisor,
    answer_error,
    fit_columns,
    inputs_with,
    rounds_until_nothing,
    self_distill,
)

in_chapter_16 = partial(result, chapter=16)
TEN = 1 / np.arange(1.0, 11)  # spectrum of ten directions


def _bumps(n: int, width: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Gaussian kernel of n random points on a line, made safely invertible."""
    u = rng.random(n)
    return np.exp(-((u[:, None] - u) ** 2) / (2 * width**2)) + 1e-3 * np.eye(n)


@in_chapter_16(
    id="L64",
    title="What repeated self-distillation leaves of the labels",
    statement=r"""Fit a kernel ridge regression to labels $y_0$, the next to its answers, and so
on, with penalties $c_1, \dots, c_t$. The answers are $V \prod_s D (D + c_s)^{-1}\, V^\top y_0$ for
a kernel matrix $V D V^\top$: each round shrinks the weak directions most, and the penalties of the
rounds may differ.""",
    source="mobahi2020self",
    flag="A",
    kind="equal",
    note="""Measured through the mean error of the answers, over the noise of the labels.""",
)
def kernel_rounds(rng: np.random.Generator) -> Measurement:
    """Solve 7 rounds of a Gaussian kernel on 40 points, 2,000 times, with growing penalties."""
    n, runs, noise, when = 40, 2000, 0.5, [1, 3, 7]
    kernel, penalties = _bumps(n, 0.2, rng), 0.05 * 1.5 ** np.arange(7)
    values, vectors = np.linalg.eigh(kernel)
    truth = np.sin(2 * np.pi * np.arange(n) / n)
    answers = truth[:, None] + noise * rng.standard_normal((n, runs))
    errors = []
    for c in penalties:
        answers = kernel @ np.linalg.solve(kernel + c * np.eye(n), answers)
        errors.append(np.mean((answers - truth[:, None]) ** 2, axis=0))
    signal = vectors.T @ truth / np.sqrt(n)
    expected = [
        theory.shrinkage_error(
            theory.kept_by_ridge(penalties[:rounds], values), signal, n, noise=noise
        )
        for rounds in when
    ]
    return Measurement(
        [f"error after {rounds} rounds" for rounds in when],
        *mean_and_error([errors[rounds - 1] for rounds in when]),
        expected,
    )


@in_chapter_16(
    id="L65",
    title="Rounds until nothing is left",
    statement=r"""Let each round take the smoothest function whose mean squared distance from the
last answers is $\varepsilon$. At least $\frac{\|y_0\|}{\sqrt{N\varepsilon}} - 1$ rounds leave
something, for $N$ labels $y_0$ and any kernel.""",
    source="mobahi2020self",
    flag="D",
    kind="at least",
    note=r"""Each round moves the answers by $\sqrt{N\varepsilon}$, so that the triangle inequality
gives the bound. From memory, the source has a bound with the condition number of the kernel in
the denominator; we have not read it again, and the form above is ours.""",
)
def rounds_left(rng: np.random.Generator) -> Measurement:
    """Count the rounds for 200 random labels of length sqrt(N), N = 40, three tolerances."""
    n, runs, tolerances = 40, 200, (0.002, 0.01, 0.05)
    kernel, y = _bumps(n, 0.3, rng), rng.standard_normal((n, runs))
    y *= np.sqrt(n) / np.linalg.norm(y, axis=0)
    counts = [rounds_until_nothing(kernel, y, tolerance=e) for e in tolerances]
    return Measurement(
        [f"rounds, ε = {e}" for e in tolerances],
        *mean_and_error(counts),
        [theory.rounds_before_collapse(np.sqrt(n), n, tolerance=e) for e in tolerances],
    )


@in_chapter_16(
    id="L66",
    title="The best share of the teacher's answers",
    statement=r"""A ridge student learns from $\xi$ times its teacher's answers plus $1 - \xi$ times
the labels, at the same inputs, with the same penalty. With $a_j$ the share that the teacher keeps,
$b_j = 1 - a_j$, $m_j$ the signal and $v = \sigma^2/n$, the best is

$$\xi^* = \frac{\sum_j a_j^2 b_j v - a_j b_j^2 m_j^2} {\sum_j a_j^2 b_j^2 (m_j^2 + v)}.$$

It has the sign of minus the derivative of the teacher's error by the penalty: it is 0 at the best
penalty, and may leave $[0, 1]$ on both sides.""",
    source="das2023self",
    flag="D",
    kind="equal",
    note="""As summarized from the source, the optimal share may leave [0, 1]; the formula for
fixed inputs is derived here. The differences are student minus teacher, on the same data.""",
)
def best_share(rng: np.random.Generator) -> Measurement:
    """Distill 4,000 teachers with n = 50, d = 10, penalty a tenth, once and ten times the best."""
    n, runs, coef = 50, 4000, np.eye(10)[0]
    signal = np.sqrt(TEN) * coef
    best = theory.best_penalty(TEN, signal, n)
    X, world = inputs_with(TEN, n, rng=rng), LinearModel(coef).expand(runs)
    labels, values, errors, expected = [], [], [], []
    for times in (0.1, 1.0, 10.0):
        ridge = times * best
        (blend,) = theory.best_blends(1, ridge, TEN, signal, n)
        data = Labelled(X, world.label(X, rng=rng))
        teacher, plain = (answer_error(m, world, X) for m in self_distill(data, ridge=ridge))
        student = answer_error(self_distill(data, ridge=ridge, blends=[blend])[1], world, X)
        for name, share, change in (
            ("ξ = 1", 1.0, plain - teacher),
            (f"ξ = {blend:.2f}", blend, student - teacher),
        ):
            if abs(share) < 1e-3:
                continue  # at the best penalty the best student is the teacher
            value, error = mean_and_error(change)
            kept = theory.kept_by_blend([share], ridge, TEN)
            alone = theory.kept_by_ridge(ridge, TEN)
            labels.append(f"difference, {times:g} times the best λ, {name}")
            values.append(value)
            errors.append(error)
            expected.append(
                theory.shrinkage_error(kept, signal, n) - theory.shrinkage_error(alone, signal, n)
            )
    return Measurement(labels, values, errors, expected)


@in_chapter_16(
    id="L67",
    title="Several students in turn come near the best filter",
    statement=r"""With $r$ students in turn, each with a share $\xi$ of its own, the last can have
far less error than the best ridge regression: up to $d$ times less, where the truth lies along one
of $d$ directions of distinct but similar spectrum. Each student adds a free coefficient of a
polynomial, and the limit is the Wiener filter $m_j^2/(m_j^2 + \sigma^2/n)$.""",
    source="pareek2024gains",
    flag="A",
    kind="equal",
    note="""The shares are computed from the truth: the row says what is possible, not that somebody
without the truth could do it. The penalty is the same for all students; 1.5 here.""",
)
def students_in_turn(rng: np.random.Generator) -> Measurement:
    """Distill 2,000 teachers by 1, 2 and 4 students, d = 10, spectrum from 1.2 to 0.8."""
    n, runs, ridge, steps = 50, 2000, 1.5, (1, 2, 4)
    spectrum, coef = np.linspace(1.2, 0.8, 10), np.eye(10)[0]
    signal = np.sqrt(spectrum) * coef
    X, world = inputs_with(spectrum, n, rng=rng), LinearModel(coef).expand(runs)
    data = Labelled(X, world.label(X, rng=rng))
    best = theory.best_penalty(spectrum, signal, n)
    found = [answer_error(LinearModel.fit(data, ridge=best), world, X)]
    kept = [theory.kept_by_ridge(best, spectrum)]
    for r in steps:
        blends = theory.best_blends(r, ridge, spectrum, signal, n)
        found.append(answer_error(self_distill(data, ridge=ridge, blends=blends)[-1], world, X))
        kept.append(theory.kept_by_blend(blends, ridge, spectrum))
    return Measurement(
        ["error, best ridge", *(f"error, students in turn: {r}" for r in steps)],
        *mean_and_error(found),
        [theory.shrinkage_error(f, signal, n) for f in kept],
    )


@in_chapter_16(
    id="L68",
    title="A teacher off the truth teaches better than the truth",
    statement=r"""With fewer points than inputs, let a student take the smallest coefficients that
fit. Its error is least not with labels of the true coefficients $\beta$ but with those of $\beta'_i
= \frac{S_i \beta_i}{S_i^2 + \Omega (1 - S_i)^2}$, where $S_i = \frac{\lambda_i}{\lambda_i + \tau}$,
$\sum S_i = n$, says what the points show of direction $i$, and $\Omega = \frac{\sum S_i^2}{n - \sum
S_i^2}$. With more points than inputs the best teacher is the truth.""",
    source="ildiz2025highdim",
    flag="D",
    kind="approximate",
    note=r"""The source treats this setting, as summarized from it; the form is derived here for
many inputs, and taken as good to 3% at p = 200. The labels have the same noise in both cases.
Variances are $i^{-1.5}$ and $\beta_i$ grows like $i^{1/2}$, scaled so that to answer 0 has the
error 1.""",
)
def reshaped_teacher(rng: np.random.Generator) -> Measurement:
    """Fit p = 200 coefficients to n = 60 points, 300 times with each teacher; σ = 0.2."""
    n, p, runs, noise = 60, 200, 300, 0.2
    spectrum = np.arange(1.0, p + 1) ** -1.5
    coef = np.sqrt(np.arange(1.0, p + 1) / np.sum(spectrum * np.arange(1.0, p + 1)))
    teachers = np.stack([coef, theory.best_surrogate(coef, spectrum, n)], axis=1)
    errors = np.empty((2, runs))
    for run in range(runs):
        X = rng.standard_normal((n, p)) * np.sqrt(spectrum)
        y = X @ teachers + noise * rng.standard_normal((n, 1))
        fitted = fit_columns(X, y)
        errors[:, run] = spectrum @ (fitted - coef[:, None]) ** 2
    expected = [
        theory.ridgeless_error(taught, coef, spectrum, n, noise=noise) for taught in teachers.T
    ]
    return Measurement(
        ["error of the student, true teacher", "error of the student, best teacher"],
        *mean_and_error(errors),
        expected,
        relative_error=0.03,
    )


@in_chapter_16(
    id="L69",
    title="A strong student of a weak supervisor",
    statement=r"""A strong student learns from a weak supervisor's labels alone. The recovered gap
is (student - weak)/(ceiling - weak), with the ceiling that of the student on true labels. It tends
to 1 if the supervisor's errors are independent of what the student sees, and is small if the
student sees the very feature that misleads its supervisor.""",
    source="burns2023weak",
    flag="T",
    kind="approximate",
    note="""Stated by the source: the recovered gap itself, and its values for language models
(see the chapter). The linear world and its closed form (`theory.weak_to_strong`) are derived here;
the finite number of labels is allowed for by 1%.""",
)
def weak_supervisor(rng: np.random.Generator) -> Measurement:
    """Teach 40 students with 20 features on 10,000 labels of a supervisor with one feature."""
    n, d, runs = 10_000, 20, 40
    mu = np.r_[1.0, np.full(d - 1, np.sqrt(3 / (d - 1)))]
    cases, gaps = (0.0, 0.5, 1.0), []
    for visible in cases:
        world, accuracy = WeakSupervisor(mu, strength=1.0, visible=visible), np.empty((2, runs))
        for run in range(runs):
            x, y, said = world.sample(n, rng=rng)
            w = fit_columns(x, np.stack([said, y], axis=1))
            accuracy[:, run] = special.ndtr(mu @ w / np.linalg.norm(w, axis=0))
        weak = theory.weak_to_strong(mu, strength=1.0, visible=visible).weak
        gaps.append((accuracy[0] - weak) / (accuracy[1] - weak))
    return Measurement(
        [f"recovered gap, correlation {visible:g}" for visible in cases],
        *mean_and_error(gaps),
        [theory.weak_to_strong(mu, strength=1.0, visible=visible).gap for visible in cases],
        relative_error=0.01,
    )


@in_chapter_16(
    id="L74",
    title="Plain answers, answers with noise, and a penalty",
    statement=r"""Least squares that learns from the plain answers of least squares at the same
inputs is its teacher, round after round: error $\sigma^2 d/n$. If the answers are drawn with the
noise of the labels, each round adds that much again. With a penalty, round $g$ keeps $(s/(s +
\lambda))^g$ along a direction of spectrum $s$: first the error may fall, then it rises.""",
    source=None,
    flag="D",
    kind="equal",
)
def three_ways_to_copy(rng: np.random.Generator) -> Measurement:
    """Distill 2,000 teachers, n = 60 and d = 10, for 20 rounds; with a penalty for 2, 9 and 40."""
    n, runs, coef, ridge = 60, 2000, np.eye(10)[0], 0.02
    X, world = inputs_with(TEN, n, rng=rng), LinearModel(coef).expand(runs)
    data = Labelled(X, world.label(X, rng=rng))
    first = noisy = LinearModel.fit(data)
    for _ in range(19):
        noisy = LinearModel.fit(Labelled(X, noisy.label(X, rng=rng)))
    models = [first, self_distill(data, ridge=0.0, blends=np.ones(19))[-1], noisy]
    chain = self_distill(data, ridge=ridge, blends=np.ones(39))
    rounds, signal = (1, 2, 9, 40), np.sqrt(TEN) * coef
    models += [chain[g - 1] for g in rounds]
    shrunk = [theory.kept_by_ridge([ridge] * g, TEN) for g in rounds]
    return Measurement(
        [
            "error, least squares",
            "error, plain answers, 20 fits",
            "error, answers with noise, 20 fits",
            *(f"error, λ = {ridge}, fits: {g}" for g in rounds),
        ],
        *mean_and_error([answer_error(model, world, X) for model in models]),
        [
            10 / n,
            10 / n,
            20 * 10 / n,
            *(theory.shrinkage_error(kept, signal, n) for kept in shrunk),
        ],
    )


@in_chapter_16(
    id="L75",
    title="A better teacher, a worse student",
    statement=r"""A student that sees only the first $k$ inputs learns least squares from a
teacher's plain answers at $n$ points. It inherits the teacher's error along what it sees,
$|\beta'_k - \beta_k|^2$, and of the rest only noise, $\frac{k}{n - k - 1}$ times the square of what
the teacher says there. So of two teachers the one with *less* error can have the worse student: if
its error is where the student looks.""",
    source="busbridge2025distillation",
    flag="D",
    kind="equal",
    note="""A linear analogue of what the source reports as the capacity gap, derived here; nothing
of its fitted law is reproduced.""",
)
def capacity_gap(rng: np.random.Generator) -> Measurement:
    """Teach 2,000 students with k = 2 of d = 6 inputs at n = 40 points, by two teachers."""
    d, k, n, runs = 6, 2, 40, 2000
    truth, step = np.r_[1.0, 1.0, np.zeros(d - k)], np.eye(d)
    teachers = {
        "teacher's error 0.10, most of it seen": truth - 0.3 * step[0] + 0.1 * step[-1],
        "teacher's error 0.36, none seen": truth + 0.6 * step[-1],
    }
    errors = []
    for taught in teachers.values():
        x = rng.standard_normal((n, d, runs))
        y = np.einsum("ndr,d->nr", x, taught)
        student = LinearModel.fit(Labelled(x[:, :k], y))
        errors.append(metrics.excess_error(student, LinearModel(truth[:k])))
    return Measurement(
        [f"student's error; {name}" for name in teachers],
        *mean_and_error(errors),
        [theory.taught_error(taught, truth, k, n) for taught in teachers.values()],
    )


ROWS = (
    kernel_rounds,
    rounds_left,
    best_share,
    students_in_turn,
    reshaped_teacher,
    weak_supervisor,
    three_ways_to_copy,
    capacity_gap,
)
