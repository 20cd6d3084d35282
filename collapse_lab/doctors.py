"""A stated world of pictures of doctors, in which a training set holds some groups too rarely.

It models no face and no person. A picture is a list of scores, as a feature extractor might give
them: normal with the means stated in `Doctors.means` and standard deviation 1. It shows a person
of one of four groups, who is a doctor or is not: eight *cells*, numbered ``4 * doctor + group``.
Every number here is a choice of the course, made so that the case of `martens2024ai` (an image
generator, asked for doctors, draws men) becomes something that can be counted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from collapse_lab.data import Labelled
from collapse_lab.protocols import RNG
from collapse_lab.rules import finite_array, real_number, whole_number

__all__ = ["CELLS", "GROUPS", "SCORES", "WEB", "Doctors", "Recognizer", "edited", "recognizer"]

GROUPS = ("older men", "younger men", "older women", "younger women")
SCORES = ("gray hair", "long hair", "white coat", "scrubs", "stethoscope")
CELLS = (*(f"{group}, others" for group in GROUPS), *(f"{group}, doctors" for group in GROUPS))
WEB = (75, 75, 75, 75, 195, 75, 21, 9)  # pictures of each cell in the training set

_OLDER, _WOMAN = np.tile([1.0, 0, 1, 0], 2), np.tile([0.0, 0, 1, 1], 2)
_DOCTOR = np.repeat([False, True], 4)
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(41)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


@dataclass(frozen=True)
class Doctors:
    """The world: eight cells of pictures.

    Parameters
    ----------
    clash : float
        By how much the white-coat score of younger women doctors lies below what younger men
        doctors and the difference between women and men would make one expect. An editing program
        that does not know this (`edited`) is wrong by as much.
    background : int
        Number of further scores, which have mean 0 in every cell: they say nothing.
    """

    clash: float = 0.5
    background: int = 15

    def __post_init__(self) -> None:
        real_number("clash", self.clash, low=0)
        whole_number("background", self.background, at_least=0)

    @property
    def means(self) -> NDArray[np.float64]:
        """Mean scores, shape (8 cells, 5 + background): `SCORES` first."""
        coat = np.where(_OLDER, 1.0, 0.3) - self.clash * _WOMAN * (1 - _OLDER)
        told = [
            2 * _OLDER - 1,
            2 * _WOMAN - 1,
            np.where(_DOCTOR, coat, -0.5),
            np.where(_DOCTOR, 1 - _OLDER, -0.5),
            np.where(_DOCTOR, 0.5, -0.5),
        ]
        return np.column_stack([*told, np.zeros((8, self.background))])

    def draw(self, counts: ArrayLike, *, rng: RNG = None) -> Labelled:
        """Draw new pictures: so many of each cell.

        Parameters
        ----------
        counts : int array, shape (8,)
        rng : Generator or seed

        Returns
        -------
        Labelled
            X of shape (n, 5 + background), y the number of the cell; sorted by cell.

        Raises
        ------
        ValueError
            If `counts` does not hold eight whole numbers >= 0.
        """
        numbers = np.asarray(counts)
        if (
            numbers.shape != (8,)
            or not np.issubdtype(numbers.dtype, np.integer)
            or numbers.min() < 0
        ):
            raise ValueError(f"counts must hold 8 whole numbers >= 0, got {counts!r}")
        cell = np.repeat(np.arange(8), numbers)
        means = self.means[cell]
        return Labelled(means + np.random.default_rng(rng).standard_normal(means.shape), cell)

    def right(self, model: Recognizer) -> NDArray[np.float64]:
        """Share of each cell that a recognizer gets right, exact, shape (8,)."""
        z = self._log_odds(model) / np.linalg.norm(model.weights)
        return np.asarray(special.ndtr(np.where(_DOCTOR, z, -z)))

    def said(self, model: Recognizer) -> NDArray[np.float64]:
        """Mean probability of "doctor" that a recognizer says in each cell, shape (8,).

        By quadrature with 41 nodes over the log odds, which are normal in each cell.
        """
        odds = self._log_odds(model)[:, None] + np.linalg.norm(model.weights) * _NODES
        return np.asarray(special.expit(odds) @ _WEIGHTS)

    def _log_odds(self, model: Recognizer) -> NDArray[np.float64]:
        """Mean log odds of each cell."""
        return np.asarray(self.means @ model.weights + model.intercept)


@dataclass(frozen=True, eq=False)
class Recognizer:
    """A linear rule: the log odds that a picture shows a doctor are ``X @ weights + intercept``."""

    weights: NDArray[np.float64]
    intercept: float


def recognizer(pictures: Labelled, weights: ArrayLike | None = None) -> Recognizer:
    """Learn to tell doctors from others: logistic regression of scikit-learn, with its penalty.

    Parameters
    ----------
    pictures : Labelled
        y is the number of the cell; the recognizer learns only whether it is a doctor's.
    weights : array, shape (n,), optional
        How often each picture counts.

    Raises
    ------
    ValueError
        If the pictures do not show both doctors and others.
    """
    from sklearn.linear_model import LogisticRegression

    doctor = np.asarray(pictures.y) >= 4
    if doctor.all() or not doctor.any():
        raise ValueError(f"pictures must show doctors and others, got {doctor.sum()} doctors")
    model = LogisticRegression(solver="newton-cholesky", tol=1e-8)
    model.fit(finite_array("pictures", pictures.X), doctor, sample_weight=weights)
    return Recognizer(model.coef_[0], float(model.intercept_[0]))


def edited(pictures: Labelled, n: int, *, rng: RNG = None) -> Labelled:
    """Make pictures of younger women doctors out of those of younger men doctors.

    An editing program that knows what makes a woman's picture differ from a man's: it takes the
    mean difference between younger women and younger men *who are not doctors*, and adds it to a
    random picture of a younger man who is. It is right if the difference is the same for doctors.

    Parameters
    ----------
    pictures : Labelled
        As `Doctors.draw` makes them; they must show younger men and women who are not doctors
        (cells 1 and 3), and younger men who are (cell 5).
    n : int
    rng : Generator or seed

    Returns
    -------
    Labelled
        n pictures of cell 7.

    Raises
    ------
    ValueError
        If one of the three cells is empty.
    """
    whole_number("n", n, at_least=0)
    men, women, source = (pictures.X[pictures.y == cell] for cell in (1, 3, 5))
    if not len(men) or not len(women) or not len(source):
        raise ValueError(
            "pictures must show cells 1, 3 and 5, got "
            f"{len(men)}, {len(women)} and {len(source)} pictures of them"
        )
    chosen = np.random.default_rng(rng).integers(len(source), size=n)
    return Labelled(source[chosen] + women.mean(axis=0) - men.mean(axis=0), np.full(n, 7))
