"""Copies of copies of iris petals by a mixture of two Gaussians, the slow machine of chapter 1."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collapse_lab.empirical import Empirical
from collapse_lab.protocols import Fit
from collapse_lab.recursion import recurse
from collapse_lab.sklearn_bridge import from_sklearn
from collapse_lab.studies.averages import by_name, with_errors
from collapse_lab.studies.study import Study

CHAINS = 2000  # as many as the chapter runs of each of its other machines
N = 20  # flowers that a copy is made from


def petals() -> NDArray[np.float64]:
    """Length and width of the petals of 150 flowers, in centimeters, shape (150, 2)."""
    from sklearn.datasets import load_iris

    return np.asarray(load_iris().data[:, 2:])


def two_gaussians() -> Fit:
    """Return the machine: a mixture of two Gaussians with axes along length and width."""
    from sklearn.mixture import GaussianMixture

    mixture = GaussianMixture(2, covariance_type="diag", tol=0.01, init_params="random_from_data")
    return from_sklearn(mixture)


def left_and_way(data: Any) -> dict[str, float]:
    """Share of the flowers' variance that data have, and their mean's squared way, in variances."""
    flowers = petals()
    size = flowers.var(axis=0).sum()
    way = ((data.mean(axis=0) - flowers.mean(axis=0)) ** 2).sum()
    return {"left": float(data.var(axis=0).sum() / size), "way": float(way / size)}


def copies(copy: int, *, rng: np.random.Generator) -> Mapping[str, float]:
    """Measure the data of one copy in 2,000 chains.

    Parameters
    ----------
    copy : int
        Its number; the first one is made from the flowers.
    rng : Generator or seed

    Returns
    -------
    dict from str to float
        Means over chains, with standard errors: ``left``, share of the flowers' variance; ``way``,
        squared distance of the mean from that of the flowers, in units of their variance. (Sums
        over length and width.)
    """
    fit, world = two_gaussians(), Empirical(petals())
    chains = (
        recurse(fit, world, n=N, rng=child) for child in np.random.default_rng(rng).spawn(CHAINS)
    )
    return with_errors(
        by_name([left_and_way(next(islice(chain, copy - 1, None)).data) for chain in chains])
    )


PETALS = Study(
    "petals",
    "Copies of copies of iris petals by a mixture of two Gaussians, 2,000 chains.",
    copies,
    {"copy": (10,)},
    seed=18,
)
