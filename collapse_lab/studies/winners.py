"""Students of a teacher's winners: against the teacher, and against shifted pictures without one.

Written after `soft_labels` had been read, and before this was run: there students on the winners of
the weakest teacher had a higher mean accuracy than the teacher, but the two were not paired; and a
rival was missing, students on human labels who see the shifted pictures that the teacher learned
from. The splits are new.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from collapse_lab.distill import Student, ensemble, jittered, one_hot
from collapse_lab.protocols import RNG
from collapse_lab.studies.averages import by_name, with_errors
from collapse_lab.studies.digits import N_SPLITS, split
from collapse_lab.studies.soft_labels import DECAY, SIZES, STEPS
from collapse_lab.studies.study import Study

PAIRS = (
    ("guessed", "hard"),
    ("guessed", "teacher"),
    ("shifted", "hard"),
    ("shifted", "guessed"),
    ("shifted", "teacher"),
)


def gains(n_labels: int, *, rng: RNG = None) -> Mapping[str, float]:
    """Average paired differences in accuracy over 20 random splits.

    Teacher and students are made as in `studies.soft_labels`.

    Parameters
    ----------
    n_labels : int
        Pictures with a label, out of 897.
    rng : Generator or seed

    Returns
    -------
    dict from str to float
        ``"guessed - teacher, 4 hidden"`` and the like, with standard errors of the mean over
        splits. Students are "hard", on the human labels; "guessed", on the teacher's winners for
        all 897 pictures; "shifted", on the human labels of the labeled pictures and of their
        shifted copies: what the teacher has learned from.
    """
    children = np.random.default_rng(rng).spawn(N_SPLITS)
    right = by_name([_one_split(n_labels, rng=child) for child in children])
    return with_errors(
        {
            f"{arm} - {other}, {size} hidden": right[f"{arm}, {size}"] - right[f"{other}, {size}"]
            for size in SIZES
            for arm, other in PAIRS
        }
    )


def _one_split(n_labels: int, *, rng: np.random.Generator) -> dict[str, float]:
    """Return the accuracies of teacher and students on one split."""
    train, test = split(rng)
    known = train[:n_labels]
    moved, human = jittered(known.ink), np.tile(known.label, 5)
    teacher = ensemble(moved, human, rng=rng)
    winners, seed = teacher.predict(train.ink), int(rng.integers(2**31))
    found: dict[str, float] = {}
    for size in SIZES:
        fit = partial(Student.fit, hidden=size, weight_decay=DECAY, max_iter=STEPS, rng=seed)
        models = {
            "teacher": teacher,
            "hard": fit(known.ink, one_hot(known.label, 10)),
            "guessed": fit(train.ink, one_hot(winners, 10)),
            "shifted": fit(moved, one_hot(human, 10)),
        }
        for name, model in models.items():
            right = model.predict(test.ink) == test.label
            found[f"{name}, {size}"] = float(right.mean())
    return found


WINNERS = Study(
    name="winners",
    title="Students on a teacher's winners, and on shifted pictures without one, over 20 splits.",
    task=gains,
    grid={"n_labels": [300, 100]},
    seed=58,
)
