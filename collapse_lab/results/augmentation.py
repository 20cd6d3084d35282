"""Results about filling gaps: interpolation, other shares of the classes, and weights."""

from __future__ import annotations

from functools import partial

import numpy as np
from scipy import special

from collapse_lab import theory
from collapse_lab.measurement import Measurement
from collapse_lab.results.result import result
from collapse_lab.synthetic import prior_by_confusion, prior_by_em, shift_prior, smote

in_chapter_10 = partial(result, chapter=10)


@in_chapter_10(
    id="L77",
    title="Interpolation narrows",
    statement=r"""Points at uniformly random places between random pairs of $n$ points have
$\frac23 - \frac1n$ times the covariance on average; repeated, the factor multiplies in every
round.""",
    source="chawla2002smote",
    flag="D",
    kind="equal",
    note=r"""Derived here, for pairs at random. The published method pairs a point with one of its 5
nearest neighbors, which narrows less where points are dense. Both covariances with division by $n$:
$\left(1 - \frac1n\right)\left(\frac23 - \frac1{3(n - 1)}\right)$.""",
)
def interpolation(rng: np.random.Generator) -> Measurement:
    """Interpolate 2,000 samples of 30 points in two dimensions once and for five rounds."""
    n, runs, rounds = 30, 2_000, (1, 5)
    variances = np.empty((2, runs))
    for run in range(runs):
        points = rng.standard_normal((n, 2))
        first = points.var(axis=0)
        for t in range(1, max(rounds) + 1):
            points = smote(points, n, k=None, rng=rng)
            if t in rounds:
                variances[rounds.index(t), run] = np.mean(points.var(axis=0) / first)
    labels = [f"variance after {t} of the first, n = {n}" for t in rounds]
    error = variances.std(axis=1, ddof=1) / np.sqrt(runs)
    expected = theory.smote_variance(np.array(rounds), n)
    return Measurement(labels, variances.mean(axis=1), error, expected)


@in_chapter_10(
    id="L79",
    title="Where the classes have other shares, shift the log odds",
    statement=r"""A classifier trained at share $\pi$ and used at share $\pi'$: adding
$\operatorname{logit}\pi' - \operatorname{logit}\pi$ to its log odds restores the Bayes error. The
new share can be found from unlabeled cases, by EM or by solving $C^\top q = \mu$ for the confusion
matrix $C$. If the model fits and cases are many, copying a class $r$ times shifts the intercept by
$\ln r$.""",
    source="saerens2002adjusting",
    flag="M",
    kind="equal",
    note="""EM is theirs; the confusion matrix is black box shift estimation (Lipton, Wang, Smola
2018); the intercept is the prior correction of King and Zeng (2001). Classes N(-1, 1) and
N(1, 1).""",
)
def other_shares(rng: np.random.Generator) -> Measurement:
    """Shift from 0.5 to 0.05; 100 estimates of the share from 4,000 cases; 16 fits, 49 copies."""
    old, new, n, runs = [0.5, 0.5], [0.95, 0.05], 4_000, 100
    c = special.ndtr(1.0)
    confusion = [[c, 1 - c], [1 - c, c]]
    wrong, by_em, by_confusion = np.empty((3, runs))
    for run in range(runs):
        label = rng.random(n) < new[1]
        odds = 2 * (np.where(label, 1.0, -1.0) + rng.standard_normal(n))  # exact at even shares
        said = np.column_stack([special.expit(-odds), special.expit(odds)])
        wrong[run] = np.mean((shift_prior(said, old, new)[:, 1] > 0.5) != label)
        by_em[run] = prior_by_em(said, old, tolerance=1e-5)[1]
        positive = np.mean(odds > 0)
        by_confusion[run] = prior_by_confusion(confusion, [1 - positive, positive])[1]
    shift = np.array([_intercept_shift(49, rng) for _ in range(16)])
    rows = [wrong, by_em, by_confusion, shift]
    return Measurement(
        ["error after the shift", "share by EM", "share by confusion", "intercept, 49 copies"],
        [row.mean() for row in rows],
        [row.std(ddof=1) / np.sqrt(len(row)) for row in rows],
        [theory.error_when_assumed(0.05, 0.05, 2.0), 0.05, 0.05, np.log(49)],
        rivals={"without": [theory.error_when_assumed(0.05, 0.5, 2.0), 0.5, 0.5, 0.0]},
    )


def _intercept_shift(copies: int, rng: np.random.Generator) -> float:
    """Return by how much copying the rare class of 8,000 cases moves a logistic intercept."""
    from sklearn.linear_model import LogisticRegression

    label = np.arange(8_000) < 160
    x = (np.where(label, 1.0, -1.0) + rng.standard_normal(len(label)))[:, None]
    weights = (np.ones(len(label)), np.where(label, float(copies), 1.0))
    plain, copied = (
        LogisticRegression(C=1e6, solver="newton-cholesky", tol=1e-8).fit(x, label, sample_weight=w)
        for w in weights
    )
    return float(copied.intercept_[0] - plain.intercept_[0])


@in_chapter_10(
    id="L80",
    title="What weights cost",
    statement=r"""$n$ points of $N(0, 1)$, weighted to stand for $N(\delta, 1)$, are worth
$n_\text{eff} = n\,e^{-\delta^2}$ points: $n/n_\text{eff}$ is the weights' mean square,
$e^{\delta^2}$.""",
    source="shimodaira2000covariate",
    flag="M",
    kind="equal",
    note="""The mean square is measured by importance sampling, as the mean weight under the
target: among the points themselves its tail is so heavy that a sample standard error would lie.
Errors from closed-form moments.""",
)
def weights_cost(rng: np.random.Generator) -> Measurement:
    """Average the weights over 1,000,000 points of the target, for shifts 0.5, 1 and 1.5."""
    shift, n = np.array([0.5, 1.0, 1.5]), 1_000_000
    z = rng.standard_normal(n)
    value = np.array([np.exp(d * (z + d) - d**2 / 2).mean() for d in shift])
    error = np.sqrt((np.exp(3 * shift**2) - np.exp(2 * shift**2)) / n)
    labels = [f"n / n_eff, δ = {d:g}" for d in shift]
    return Measurement(labels, value, error, 1 / theory.effective_share(shift))


ROWS = (interpolation, other_shares, weights_cost)
