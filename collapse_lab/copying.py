"""What is copied, from whom, and beside how much truth: the map of the course in a linear world.

The world draws standard normal inputs, and labels that are linear in them, with noise. A student
may copy its teacher's inputs and labels, drawn labels at new inputs, or soft labels: the teacher's
plain answers, without noise. `map_cell` makes a chain of such students.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as replace_fields
from itertools import islice
from types import MappingProxyType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from collapse_lab import metrics
from collapse_lab.data import NormalEquations
from collapse_lab.policies import Keep, Mix
from collapse_lab.protocols import RNG, Past, Policy
from collapse_lab.recursion import recurse
from collapse_lab.regression import LinearModel
from collapse_lab.rules import finite_array, one_of

COPIED = ("inputs and labels", "drawn labels", "soft labels")
TEACHERS = ("the last student", "the first teacher", "a better teacher")
TRUTHS = ("none", "10% fresh", "50% fresh", "first kept", "all fresh")
_SHARES: Mapping[str, float] = MappingProxyType(
    {"none": 0.0, "10% fresh": 0.1, "50% fresh": 0.5, "all fresh": 1.0}
)


@dataclass(frozen=True, eq=False)
class Pairs:
    """Normal inputs around 0, each with a spread of its own, and the labels of a linear model.

    Samples are `NormalEquations`, drawn from their exact law.

    Parameters
    ----------
    labels : LinearModel
        Labels the inputs; its coefficients have shape (d, *replicates).
    spread : array, shape (d, *replicates)
        Standard deviation of each input.
    """

    labels: LinearModel
    spread: Any

    def __post_init__(self) -> None:
        spread = finite_array("spread", self.spread)
        if spread.shape != self.labels.coef.shape:
            raise ValueError(
                f"spread must have the shape of the coefficients {self.labels.coef.shape}, "
                f"got {spread.shape}"
            )
        if spread.min() < 0:
            raise ValueError(f"spread must be at least 0, got {spread.min():g}")
        object.__setattr__(self, "spread", spread)

    @property
    def coef(self) -> NDArray[np.float64]:
        """The coefficients of the labels."""
        return np.asarray(self.labels.coef)

    @property
    def replicates(self) -> tuple[int, ...]:
        """Trailing axes of every sample."""
        return self.labels.replicates

    def sample(self, n: int, *, rng: RNG) -> NormalEquations:
        """Draw the normal equations of `n` inputs with a label each."""
        s = self.spread
        standard = LinearModel(s * self.coef, self.labels.noise, "equations").sample(n, rng=rng)
        return NormalEquations(n, s[:, None] * standard.gram * s, s * standard.cross)

    def plain(self) -> Self:
        """Return the model that answers without noise: its labels are soft."""
        return replace_fields(self, labels=replace_fields(self.labels, noise=0.0))

    @classmethod
    def fit(cls, data: NormalEquations, *, rng: RNG = None) -> Self:
        """Fit the spread of each input (maximum likelihood), and the labels by least squares."""
        squares = np.einsum("dd...->d...", data.gram)
        return cls(LinearModel.fit(data, rng=rng), np.sqrt(squares / len(data)))


@dataclass(frozen=True)
class Copy:
    """Train on a teacher's output alone: `n` observations.

    Parameters
    ----------
    what : {"inputs and labels", "drawn labels", "soft labels"}
        In the last two the inputs are new ones of the world.
    teacher : Pairs or None or "first"
        A model that stays; by default the last one of the chain; "first" is the one fitted to the
        real data of generation 0.
    """

    what: str
    teacher: Any = None

    def __post_init__(self) -> None:
        one_of("what", self.what, COPIED)

    def __call__(self, past: Past, *, rng: np.random.Generator) -> Any:
        """Return what the teacher says."""
        teacher: Any = past.model if self.teacher is None else self.teacher
        if self.teacher == "first":
            real: Any = past.real
            teacher = Pairs.fit(real)
        if self.what == "soft labels":
            teacher = teacher.plain()
        if self.what != "inputs and labels":
            world: Any = past.world
            teacher = replace_fields(teacher, spread=world.spread)
        return teacher.sample(past.n, rng=rng)


def map_cell(
    copied: str,
    teacher: str,
    truth: str,
    *,
    when: Sequence[int],
    n: int = 50,
    d: int = 5,
    runs: int = 200,
    rng: RNG = None,
) -> NDArray[np.float64]:
    """Return the error of a student after so many copies, over that of `n` real observations.

    The error is the squared distance of its coefficients to the true ones, divided by the
    expected one of a fit to real data with noise 1, d/(n - d - 1). Where the teacher stays, a
    student is a first copy of it however many came before: then each number of copies has a
    student of its own, without the others in between.

    Parameters
    ----------
    copied : {"inputs and labels", "drawn labels", "soft labels"}
    teacher : {"the last student", "the first teacher", "a better teacher"}
        The better one has learned 5 n real observations.
    truth : {"none", "10% fresh", "50% fresh", "first kept", "all fresh"}
        What the student learns beside it: nothing; new real data for a share of its `n`
        observations; or the first `n` real ones, beside `n` of the teacher. "all fresh" is the
        control: no copies.
    when : sequence of int
        Numbers of copies, rising.
    n, d, runs : int
        Observations, inputs, and independent chains.
    rng : Generator or seed

    Returns
    -------
    array, shape (len(when), runs)
    """
    one_of("copied", copied, COPIED)
    one_of("teacher", teacher, TEACHERS)
    one_of("truth", truth, TRUTHS)
    rng = np.random.default_rng(rng)
    shape = (d, runs)
    world = Pairs(LinearModel(np.ones(shape)), np.ones(shape))
    source: Any = {"the last student": None, "the first teacher": "first"}.get(teacher)
    if teacher == "a better teacher":
        source = Pairs.fit(world.sample(5 * n, rng=rng))
    copy: Policy = Copy(copied, source)
    policy: Policy = Keep(copy) if truth == "first kept" else Mix(_SHARES[truth], copy)
    stays = source is not None or truth == "all fresh"
    wanted = np.cumsum(np.greater(when, 0)) if stays else np.asarray(when)
    chain = recurse(Pairs.fit, world, n=n, policy=policy, rng=rng)
    errors = [
        metrics.excess_error(generation.model, world)
        for generation in islice(chain, int(wanted[-1]) + 1)
        if generation.index in wanted
    ]
    return np.array(errors) * (n - d - 1) / d
