"""Fresh pictures from the web, real pictures of what is missing, or generated ones (chapter 10)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from collapse_lab.data import Labelled, pool
from collapse_lab.doctors import WEB, Doctors, edited, recognizer
from collapse_lab.studies.averages import by_name, with_errors
from collapse_lab.studies.study import Study

ADDED = 66  # generated pictures: with nine real ones, as many as cells of others have
REAL = (8, 16, 33, 66)  # real pictures of the missing cell
WEB_66 = (8, 8, 8, 8, 22, 8, 3, 1)  # 66 pictures with the web's shares


def gains(clash: float, *, rng: np.random.Generator, sets: int = 400) -> dict[str, float]:
    """Compare what may be added to the web's 600 pictures, in percentage points of accuracy.

    Parameters
    ----------
    clash : float
        How wrong the editing program is; see `collapse_lab.doctors.Doctors`.
    rng : Generator
    sets : int
        Number of independent training sets.

    Returns
    -------
    dict
        Means over training sets, with standard errors ``..._se``. Accuracy is the mean over the
        eight cells. With weights that make all cells count equally, against the 600 pictures so
        weighted: ``real_8`` to ``real_66`` more real pictures of cell 7, 66 ``edited`` ones,
        ``fresh_66`` and ``fresh_600`` with the web's shares; ``edited_own`` is the change of cell
        7 alone. Fresh less edited, paired: ``duel_66`` and ``duel_600`` with these weights,
        ``plain_duel_66`` without.
    """
    world = Doctors(clash)
    rows = [_one_set(world, child) for child in rng.spawn(sets)]
    return with_errors({name: 100 * share for name, share in by_name(rows).items()})


def _one_set(world: Doctors, rng: np.random.Generator) -> dict[str, float]:
    """Return all differences for one training set."""
    old = world.draw(WEB, rng=rng)
    made = pool(old, edited(old, ADDED, rng=rng))
    missing = world.draw([0] * 7 + [max(REAL)], rng=rng)
    few = pool(old, world.draw(WEB_66, rng=rng))
    base, by_edited = _evened(world, old), _evened(world, made)
    fresh_66 = _evened(world, few).mean()
    fresh_600 = _evened(world, pool(old, world.draw(WEB, rng=rng))).mean()
    real = {f"real_{k}": _evened(world, pool(old, missing[:k])).mean() for k in REAL}
    gained = {**real, "edited": by_edited.mean(), "fresh_66": fresh_66, "fresh_600": fresh_600}
    plain = [world.right(recognizer(pictures)).mean() for pictures in (few, made)]
    return {
        **{name: value - base.mean() for name, value in gained.items()},
        "edited_own": by_edited[7] - base[7],
        "duel_66": fresh_66 - by_edited.mean(),
        "duel_600": fresh_600 - by_edited.mean(),
        "plain_duel_66": plain[0] - plain[1],
    }


def _evened(world: Doctors, pictures: Labelled) -> NDArray[np.float64]:
    """Share of each cell that is right if all cells weigh the same in training."""
    from sklearn.utils.class_weight import compute_sample_weight

    weights = compute_sample_weight("balanced", pictures.y)
    return world.right(recognizer(pictures, weights))


FRESH_OR_GENERATED = Study(
    name="fresh_or_generated",
    title="What fresh, missing real and generated pictures add to 600 pictures of the web.",
    task=gains,
    grid={"clash": [0.0, 0.5, 1.0, 1.5, 2.0]},
    seed=1010,
)
