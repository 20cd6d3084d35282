"""Copies, generated and real cases of what is missing: who gains and who pays (chapter 10)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from collapse_lab.data import Labelled, pool
from collapse_lab.doctors import WEB, Doctors, edited, recognizer
from collapse_lab.studies.averages import by_name, with_errors
from collapse_lab.studies.fresh_or_generated import WEB_66
from collapse_lab.studies.study import Study
from collapse_lab.synthetic import oversample, smote

FRESH = {66: np.array(WEB_66), 200: np.array(WEB) // 3, 600: np.array(WEB)}


def gains(n: int, *, rng: np.random.Generator, sets: int = 400) -> dict[str, float]:
    """Add n pictures to the web's 600, and compare each training set with itself.

    Parameters
    ----------
    n : int
        66, 200 or 600.
    rng : Generator
    sets : int
        Number of independent training sets.

    Returns
    -------
    dict
        Means over training sets in percentage points, with standard errors ``..._se``.
        ``before_0`` to ``before_7`` are the shares of the eight cells that the 600 pictures give.
        The rest are differences: for each way of `_ways`, ``<way>_0`` to ``<way>_7``, their mean
        ``<way>_equal``, and ``<way>_web``, where each cell counts as in the web. ``<way>_over`` is
        the mean over cells, less that of copies; ``few_over`` the same for real cases in a world
        without background scores; ``fresh_duel_web`` is fresh less edited, as the web. ``..._says``
        is the mean probability "doctor" among younger men and younger women, half of them doctors.
    """
    rows = [_one_set(n, child) for child in rng.spawn(sets)]
    return with_errors({name: 100 * share for name, share in by_name(rows).items()})


def _one_set(n: int, rng: np.random.Generator) -> dict[str, float]:
    """Return all shares and differences for one training set."""
    from sklearn.utils.class_weight import compute_sample_weight

    world = Doctors()
    old = world.draw(WEB, rng=rng)
    models = {way: recognizer(pool(old, new)) for way, new in _ways(world, old, n, rng=rng).items()}
    models["weights"] = recognizer(old, compute_sample_weight("balanced", old.y))
    first = recognizer(old)
    before = world.right(first)
    row = {f"before_{cell}": share for cell, share in enumerate(before)}
    change = {way: world.right(model) - before for way, model in models.items()}
    for way, by in change.items():
        row |= {f"{way}_{cell}": value for cell, value in enumerate(by)}
        row |= {f"{way}_equal": by.mean(), f"{way}_web": by @ WEB / sum(WEB)}
        if way != "copied":
            row[f"{way}_over"] = by.mean() - change["copied"].mean()
    row["fresh_duel_web"] = row["fresh_web"] - row["edited_web"]
    row["few_over"] = _without_background(n, rng=rng)
    for name, model in (("before", first), ("edited", models["edited"])):
        said = world.said(model)
        row |= {f"{name}_men_says": said[[1, 5]].mean(), f"{name}_women_says": said[[3, 7]].mean()}
    return row


def _ways(
    world: Doctors, old: Labelled, n: int, *, rng: np.random.Generator
) -> dict[str, Labelled]:
    """Return what may be added: n cases of cell 7 in five ways, or n with the web's shares."""
    rare = old.X[old.y == 7]
    cases = {
        "copied": oversample(rare, n, rng=rng),
        "interpolated": smote(rare, n, rng=rng),
        "bell": rng.normal(rare.mean(axis=0), rare.std(axis=0), (n, rare.shape[1])),
        "edited": edited(old, n, rng=rng).X,
        "real": _real(world, n, rng=rng),
    }
    missing = {way: Labelled(X, np.full(n, 7)) for way, X in cases.items()}
    return missing | {"fresh": world.draw(FRESH[n], rng=rng)}


def _real(world: Doctors, n: int, *, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return n new pictures of younger women doctors."""
    return world.draw([0] * 7 + [n], rng=rng).X


def _without_background(n: int, *, rng: np.random.Generator) -> float:
    """Return the gain by real cases less that by copies, with the five telling scores only."""
    world = Doctors(background=0)
    old = world.draw(WEB, rng=rng)
    real, copied = _real(world, n, rng=rng), oversample(old.X[old.y == 7], n, rng=rng)
    by_real, by_copies = (
        world.right(recognizer(pool(old, Labelled(X, np.full(n, 7))))).mean()
        for X in (real, copied)
    )
    return float(by_real - by_copies)


WAYS_TO_FILL = Study(
    name="ways_to_fill",
    title="What copies, generated, real and fresh pictures change in each cell of 600 of the web.",
    task=gains,
    grid={"n": [66, 200, 600]},
    seed=1011,
)
