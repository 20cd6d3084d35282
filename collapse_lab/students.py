"""Students and their teachers: chains of ridge regressions, weak supervisors, fair comparisons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from collapse_lab.data import Labelled
from collapse_lab.protocols import RNG
from collapse_lab.regression import LinearModel
from collapse_lab.rules import finite_array, real_number, whole_number

SAME = 1e-9  # relative difference of two errors that is rounding


def inputs_with(spectrum: ArrayLike, n: int, *, rng: RNG) -> NDArray[np.float64]:
    """Draw inputs whose XᵀX/n is exactly diagonal, with this spectrum.

    Parameters
    ----------
    spectrum : array, shape (d,)
        Entries above 0.
    n : int
        At least d.
    rng : Generator or seed

    Returns
    -------
    array, shape (n, d)
    """
    s = finite_array("spectrum", spectrum)
    if s.ndim != 1 or (s <= 0).any():
        raise ValueError(f"spectrum must hold numbers above 0 in one row, got {spectrum!r}")
    n = whole_number("n", n, at_least=len(s))
    q, _ = np.linalg.qr(np.random.default_rng(rng).standard_normal((n, len(s))))
    return np.asarray(np.sqrt(n * s) * q)


def self_distill(
    data: Labelled, *, ridge: float, blends: Sequence[float] | NDArray[np.float64] = (1.0,)
) -> list[LinearModel]:
    """Fit a teacher, then one student after the other to answers at the same inputs.

    Parameters
    ----------
    data : Labelled
        What the teacher learns from, as in `LinearModel.fit`.
    ridge : float
        Penalty of all of them.
    blends : sequence of float
        For each student, the share ξ of the last model's answers in what it learns from; the rest,
        1 - ξ, are the labels of `data`. 1 is plain self-distillation. Any number is allowed.

    Returns
    -------
    list of LinearModel
        The teacher, and a student for each of `blends`.
    """
    shares = finite_array("blends", np.asarray(blends))
    models = [LinearModel.fit(data, ridge=ridge)]
    X, y = np.asarray(data.X), np.asarray(data.y)
    for share in shares:
        answers = _answers(models[-1], X)
        taught = Labelled(X, share * answers + (1 - share) * y)
        models.append(LinearModel.fit(taught, ridge=ridge))
    return models


def _answers(model: LinearModel, X: NDArray[Any]) -> NDArray[np.float64]:
    """What a model answers at X, without noise, shape (n, *replicates)."""
    return LinearModel(model.coef, 0.0).label(X, rng=0)


def fit_columns(
    X: NDArray[np.float64], Y: NDArray[np.float64], *, ridge: float = 0.0
) -> NDArray[np.float64]:
    """Fit one linear student to each column of labels, all at the same inputs.

    The same as `LinearModel.fit`, for many small fits in a row: sums of products are taken without
    the threads of a linear algebra library, which cost more than they bring there.

    Parameters
    ----------
    X : array, shape (n, d)
        Of full rank.
    Y : array, shape (n, k)
    ridge : float
        Penalty, as in `LinearModel.fit`. Without one and with fewer points than inputs, the
        smallest coefficients that fit.

    Returns
    -------
    array, shape (d, k)
    """
    X, Y = finite_array("X", X), finite_array("Y", Y)
    if X.ndim != 2 or Y.ndim != 2 or len(X) != len(Y) or len(X) == 0:
        raise ValueError(f"X and Y must have shapes (n, d) and (n, k), got {X.shape} and {Y.shape}")
    penalty = len(X) * real_number("ridge", ridge, low=0)
    if X.shape[0] < X.shape[1]:
        gram = np.einsum("ni,mi->nm", X, X) + penalty * np.eye(len(X))
        return np.asarray(np.einsum("ni,nk->ik", X, np.linalg.solve(gram, Y)))
    gram = np.einsum("ni,nj->ij", X, X) + penalty * np.eye(X.shape[1])
    return np.asarray(np.linalg.solve(gram, np.einsum("ni,nk->ik", X, Y)))


def answer_error(model: LinearModel, world: LinearModel, X: NDArray[Any]) -> Any:
    """Mean squared distance of a model's answers from the truth at X, shape (*replicates).

    Parameters
    ----------
    model, world : LinearModel
    X : array, shape (n, d)
    """
    return np.mean((_answers(model, X) - _answers(world, X)) ** 2, axis=0)


def rounds_until_nothing(
    kernel: NDArray[np.float64], y: NDArray[np.float64], *, tolerance: float, most: int = 1000
) -> NDArray[np.int64]:
    """Count the rounds of self-distillation with a fixed tolerance that leave something.

    Each round takes the smoothest function whose mean squared distance from the last answers is
    `tolerance`; its answers are V d/(d + c) Vᵀ times the last ones, with the c that does it. When
    the answers are so small that zero is near enough, nothing is left. Set-up of
    `mobahi2020self`.

    Parameters
    ----------
    kernel : array, shape (n, n)
        Symmetric, with eigenvalues d above 0.
    y : array, shape (n, R)
        Labels of R chains.
    tolerance : float
        Above 0.
    most : int
        Where to stop.

    Returns
    -------
    array of int, shape (R,)
    """
    allowed = real_number("tolerance", tolerance, low=0, open_low=True) * len(y)
    values, vectors = np.linalg.eigh(kernel)
    if values[0] <= 0:
        raise ValueError(f"kernel must have eigenvalues above 0, got {values[0]:g}")
    z, rounds = vectors.T @ y, np.zeros(y.shape[1], dtype=np.int64)
    for _ in range(whole_number("most", most)):
        alive = np.sum(z**2, axis=0) > allowed
        if not alive.any():
            break
        rounds += alive
        z = np.where(alive, _smoothed(z, values[:, None], allowed), 0.0)
    return rounds


def _smoothed(
    z: NDArray[np.float64], values: NDArray[np.float64], allowed: float
) -> NDArray[np.float64]:
    """Shrink z by d/(d + c), with c such that the squared change is what is allowed."""
    low, high = np.full((2, z.shape[1]), [[np.log(values.min()) - 40], [np.log(values.max()) + 40]])
    for _ in range(80):
        middle = (low + high) / 2
        c = np.exp(middle)
        far = np.sum((c / (values + c) * z) ** 2, axis=0) > allowed
        low, high = np.where(far, low, middle), np.where(far, middle, high)
    return np.asarray(values / (values + np.exp(high)) * z)


@dataclass(frozen=True, eq=False)
class WeakSupervisor:
    """Two views of one class y, -1 or 1: x = y mu + z for the student, u for the supervisor.

    u = y strength + w. All of z and w are standard normal; w has correlation `visible` with the
    first entry of z, and none with the others.

    Parameters
    ----------
    mu : array, shape (d,)
    strength : float
        Above 0.
    visible : float
        Between 0 (the student cannot see its supervisor's errors) and 1.

    Examples
    --------
    >>> x, y, said = WeakSupervisor([2.0, 0.0], strength=1.0, visible=0.0).sample(10_000, rng=1)
    >>> round(float(np.mean(said == y)), 2)
    0.84
    """

    mu: Any
    strength: float
    visible: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "mu", finite_array("mu", self.mu))
        real_number("strength", self.strength, low=0, open_low=True)
        real_number("visible", self.visible, low=0, high=1)

    def sample(
        self, n: int, *, rng: RNG
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Draw inputs (n, d), true classes (n,) and what the supervisor says, (n,)."""
        n, rng = whole_number("n", n), np.random.default_rng(rng)
        y = np.where(rng.random(n) < 0.5, -1.0, 1.0)
        z = rng.standard_normal((n, len(self.mu)))
        own = rng.standard_normal(n)
        w = self.visible * z[:, 0] + np.sqrt(1 - self.visible**2) * own
        return y[:, None] * self.mu + z, y, np.where(y * self.strength + w >= 0, 1.0, -1.0)


@dataclass(frozen=True)
class Comparison:
    """Change of the mean error from teacher to student, as a share of the teacher's error.

    Attributes
    ----------
    change : float
        -0.2 if the student's mean error is a fifth below its teacher's.
    standard_error : float
        0 if the two are equal in every run, up to rounding.
    won : float
        Share of the pairs in which the student has less error than its teacher.
    """

    change: float
    standard_error: float
    won: float

    def interval(self, errors: float = 2.0) -> tuple[float, float]:
        """The change, less and plus so many standard errors."""
        reach = errors * self.standard_error
        return self.change - reach, self.change + reach

    def verdict(self, errors: float = 2.0, *, agree: float = 0.0) -> str:
        """Say who wins, if the `interval` leaves no doubt.

        Parameters
        ----------
        errors : float
            Half the width of the interval, in standard errors.
        agree : float
            Share of the pairs that the winner must win. Above 0 for pairs that are not
            independent, such as splits of one data set, where the standard error says little.

        Returns
        -------
        {"they are equal", "student wins", "teacher wins", "no clear winner"}
        """
        low, high = self.interval(errors)
        if low == high == 0:
            return "they are equal"
        if high < 0 and self.won >= agree:
            return "student wins"
        return "teacher wins" if low > 0 and 1 - self.won >= agree else "no clear winner"


def compare(student: ArrayLike, teacher: ArrayLike) -> Comparison:
    """Compare errors of students and of their teachers, pair by pair.

    Parameters
    ----------
    student, teacher : array, shape (R,)
        Errors of each pair, on the same data.

    Returns
    -------
    Comparison
        The standard error is that of a ratio of two means of pairs.
    """
    s, t = finite_array("student", student), finite_array("teacher", teacher)
    if s.shape != t.shape or s.ndim != 1 or len(s) < 2:
        raise ValueError(
            f"student and teacher must hold one error for each of at least two pairs, "
            f"got shapes {s.shape} and {t.shape}"
        )
    if np.all(np.abs(s - t) <= SAME * np.abs(t)):
        return Comparison(0.0, 0.0, 0.0)
    ratio = s.mean() / t.mean()
    spread = np.std(s - ratio * t, ddof=1) / np.sqrt(len(s))
    return Comparison(float(ratio - 1), float(spread / t.mean()), float(np.mean(s < t)))
