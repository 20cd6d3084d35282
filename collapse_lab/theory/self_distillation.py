"""Students that learn from a teacher's answers: what they keep, and what error that leaves.

Most forms are about ridge regression at fixed inputs. Turn the inputs so that XᵀX/n is diagonal;
then ``spectrum`` holds its entries s_j, and ``signal`` the size of the truth along each direction,
sqrt(s_j) times the coefficient, in the unit of the labels. A model keeps a share ``kept`` of what
the labels say along each direction. Its *error* is the mean squared distance of its answers from
the truth at the inputs, averaged over the noise of the labels.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import scipy  # its slow rooms load at their first use
from numpy.typing import ArrayLike, NDArray
from scipy import special

from collapse_lab.rules import finite_array
from collapse_lab.theory.arguments import at_least, between, checked, finite

NUMBERS = {
    "spectrum": between(0, np.inf),
    "signal": finite,
    "kept": finite,
    "blend": finite,
    "coef": finite,
    "surrogate": finite,
    "teacher": finite,
    "truth": finite,
    "mu": finite,
    "steps": at_least(1),
    "strength": between(0, np.inf, open_ends=True),
    "visible": between(0, 1),
    "tolerance": between(0, np.inf, open_ends=True),
}
students = checked(**NUMBERS, n=at_least(1))


@students
def kept_by_ridge(ridge: ArrayLike, spectrum: ArrayLike) -> Any:
    """Share of the labels that ridge regression keeps along each direction: s/(s + λ) (L64, L74).

    Parameters
    ----------
    ridge : float, or array of shape (rounds,)
        Penalty λ of `LinearModel.fit`. With several, each fit learns from the answers of the last
        at the same inputs, and the shares multiply.
    spectrum : array, shape (d,)

    Returns
    -------
    array, shape (d,)
        Source of the product: `mobahi2020self`, for kernels.
    """
    s = np.asarray(spectrum, dtype=float)
    return np.prod(s / (s + np.atleast_1d(ridge)[:, None]), axis=0)


@students
def kept_by_blend(blend: ArrayLike, ridge: float, spectrum: ArrayLike) -> Any:
    """Share that a student keeps who learns from a blend of answers and labels (L66, L67).

    From ξ times the answers of the last model plus 1 - ξ times the labels, all with one penalty.
    The teacher keeps a = s/(s + λ), its student a (1 - ξ (1 - a)).

    Parameters
    ----------
    blend : float, or array of shape (steps,)
        ξ of each student in turn; 1 for the answers alone. Any number is allowed.
    ridge : float
    spectrum : array, shape (d,)
    """
    a = kept_by_ridge(ridge, spectrum)
    kept = a
    for share in np.atleast_1d(blend):
        kept = a * (1 - share + share * kept)
    return kept


@students
def shrinkage_error(kept: ArrayLike, signal: ArrayLike, n: int, *, noise: float = 1.0) -> float:
    """Error of a model that keeps these shares: Σ (1 - f)² m² + f² noise²/n (L66, L67, L74).

    What is missing of the signal m, and what is kept of the noise. Least squares keeps all:
    noise² d/n.
    """
    f, m = finite_array("kept", kept), finite_array("signal", signal)
    return float(np.sum((1 - f) ** 2 * m**2 + f**2 * noise**2 / n))


@students
def wiener_filter(signal: ArrayLike, n: int, *, noise: float = 1.0) -> Any:
    """Shares with the least `shrinkage_error`, m²/(m² + noise²/n); no student keeps better (L67).

    Ridge regression is this filter if all coefficients have the same size θ and λ is
    noise²/(n θ²).
    """
    square = np.square(signal)
    return square / (square + noise**2 / n)


@students
def best_penalty(spectrum: ArrayLike, signal: ArrayLike, n: int, *, noise: float = 1.0) -> float:
    """Penalty between e^-15 and e^11 with which ridge regression has the least error."""

    def error(log_ridge: float) -> float:
        return shrinkage_error(kept_by_ridge(np.exp(log_ridge), spectrum), signal, n, noise=noise)

    grid = np.linspace(-14, 10, 49)
    start = grid[np.argmin([error(x) for x in grid])]
    found = scipy.optimize.minimize_scalar(
        error, bounds=(start - 1, start + 1), method="bounded", options={"xatol": 1e-9}
    )
    return float(np.exp(found.x))


@students
def best_blends(
    steps: int,
    ridge: float,
    spectrum: ArrayLike,
    signal: ArrayLike,
    n: int,
    *,
    noise: float = 1.0,
) -> NDArray[np.float64]:
    """Blends ξ of `steps` students in turn that leave the last one the least error (L66, L67).

    With one student, ξ = Σ (a² b v - a b² m²) / Σ a² b² (m² + v), b = 1 - a, v = noise²/n. Its
    sign is that of minus the derivative of the teacher's error by the penalty: it is above 0 if a
    larger penalty would lower that error, below 0 if a smaller one would, and 0 at the best. Plain
    answers (ξ = 1) help if it is above 1/2. With more, the last student keeps a (1 - (1 - a) h(a))
    with h any polynomial of degree steps - 1: weighted least squares brings it as near to the
    `wiener_filter` as it can.

    Returns
    -------
    array, shape (steps,)
        Sources: `das2023self`, `pareek2024gains`; the formula is derived here.
    """
    a, m2, v = kept_by_ridge(ridge, spectrum), np.square(signal), noise**2 / n
    weight = np.sqrt(m2 + v)
    powers = (weight * a * (1 - a))[:, None] * a[:, None] ** np.arange(steps)
    size = np.linalg.norm(powers, axis=0)
    target = weight * (a - m2 / (m2 + v))
    h = np.linalg.lstsq(powers / size, target, rcond=1e-13)[0] / size
    return np.append(h[:1], h[1:] / h[:-1])[::-1]


@students
def rounds_before_collapse(norm: float, n: int, *, tolerance: float) -> float:
    """Bound from below on the rounds of self-distillation that leave something (L65).

    Each round takes the smoothest function whose mean squared distance from the last answers is
    the tolerance ε. So a round moves the answers by sqrt(n ε), and by the triangle inequality
    nothing is lost altogether in fewer than norm/sqrt(n ε) - 1 rounds, norm the length of the
    labels. The set-up is that of `mobahi2020self`; the bound is derived here.
    """
    return float(norm / np.sqrt(n * tolerance) - 1)


class Recovered(NamedTuple):
    """Accuracies of a weak supervisor, its student, and the student with true labels.

    Attributes
    ----------
    weak, student, ceiling : float
    gap : float
        Share of the gap between weak and ceiling that the student closes.
    """

    weak: float
    student: float
    ceiling: float
    gap: float


@students
def weak_to_strong(mu: ArrayLike, *, strength: float, visible: float) -> Recovered:
    """Accuracy of a linear student of a weak supervisor, for endless labels (L69).

    The class y is -1 or 1. The student sees x = y μ + z, the supervisor a single u = y m + w, and
    its labels are the sign of u; z and w are standard normal, and w has correlation ρ with the
    first entry of z and none with the others. Least squares on the supervisor's labels has the
    direction c - μ (μᵀc)/(1 + |μ|²) with c = (2Φ(m) - 1) μ + 2 ρ φ(m) e₁. Derived here; the
    set-up and the recovered gap are from `burns2023weak`.

    Parameters
    ----------
    mu : array, shape (d,)
        μ.
    strength : float
        m.
    visible : float
        ρ: how much of its supervisor's errors the student can see.
    """
    center = finite_array("mu", mu)
    weak = float(special.ndtr(strength))
    c = (2 * weak - 1) * center
    c[0] += 2 * visible * np.exp(-(strength**2) / 2) / np.sqrt(2 * np.pi)
    direction = c - center * (center @ c) / (1 + center @ center)
    student = float(special.ndtr(center @ direction / np.linalg.norm(direction)))
    ceiling = float(special.ndtr(np.linalg.norm(center)))
    if ceiling == weak:
        raise ValueError(f"mu must not have the length of strength, got {strength:g} for both")
    return Recovered(weak, student, ceiling, (student - weak) / (ceiling - weak))


def _seen(spectrum: ArrayLike, n: int) -> tuple[NDArray[np.float64], float]:
    """Share S of each direction that n points show, and the odds Ω of ΣS² to n."""
    variances = finite_array("spectrum", spectrum)
    if n == len(variances):
        raise ValueError(f"n must not be the number of coefficients, got {n}")
    if n > len(variances):
        return np.ones(len(variances)), len(variances) / (n - len(variances))

    def surplus(log_level: float) -> float:
        return float(np.sum(variances / (variances + np.exp(log_level)))) - n

    top = np.log(variances.sum())  # there, each term is below its share of the sum
    level = np.exp(scipy.optimize.brentq(surplus, top - 60, top + 1, xtol=1e-12))
    seen = variances / (variances + level)
    used = np.sum(seen**2) / n
    return seen, float(used / (1 - used))


@students
def ridgeless_error(
    surrogate: ArrayLike, coef: ArrayLike, spectrum: ArrayLike, n: int, *, noise: float = 1.0
) -> float:
    """Error of the smallest coefficients that fit labels of a surrogate, many inputs (L68).

    Σ λ (β - S β')² + Ω (noise² + Σ λ (1 - S)² β'²), for inputs with variances λ, true coefficients
    β and labels of coefficients β', all averaged over fresh inputs. S = λ/(λ + τ) with Σ S = n is
    what the points show of each direction, and Ω = ΣS²/(n - ΣS²). With more points than inputs,
    S = 1. Source: `ildiz2025highdim`; this form is derived here.

    Parameters
    ----------
    surrogate, coef, spectrum : array, shape (p,)
        β', β and λ.
    n : int
        Not p.
    noise : float
    """
    b, taught, variances = (np.asarray(x, dtype=float) for x in (coef, surrogate, spectrum))
    seen, odds = _seen(spectrum, n)
    missed = np.sum(variances * (1 - seen) ** 2 * taught**2)
    return float(np.sum(variances * (b - seen * taught) ** 2) + odds * (noise**2 + missed))


@students
def best_surrogate(coef: ArrayLike, spectrum: ArrayLike, n: int) -> Any:
    """Teacher with the least `ridgeless_error` of its student: S β/(S² + Ω (1 - S)²) (L68).

    Directions that the points show well (S above ΣS²/n) are made stronger than they are, the
    others weaker. With more points than inputs it is the truth itself.
    """
    seen, odds = _seen(spectrum, n)
    return seen * np.asarray(coef) / (seen**2 + odds * (1 - seen) ** 2)


@checked(**NUMBERS, n=at_least(2))
def taught_error(teacher: ArrayLike, truth: ArrayLike, k: int, n: int) -> float:
    """Mean excess error of a student that sees k of the inputs, taught by plain answers (L75).

    The student is least squares on n fresh standard normal inputs, of which it sees the first k.
    Of its teacher's error it inherits the part along those, |β'_k - β_k|²; what the teacher says
    along the others is noise to it, k/(n - k - 1) times its square; and the truth along the others
    it misses.

    Parameters
    ----------
    teacher, truth : array, shape (d,)
        β' and β.
    k : int
        At most d.
    n : int
        More than k + 1.
    """
    if n <= k + 1:
        raise ValueError(f"n must be more than k + 1 = {k + 1}, got {n}")
    taught, true = np.asarray(teacher, dtype=float), np.asarray(truth, dtype=float)
    inherited = np.sum((taught[:k] - true[:k]) ** 2)
    return float(inherited + k / (n - k - 1) * np.sum(taught[k:] ** 2) + np.sum(true[k:] ** 2))
