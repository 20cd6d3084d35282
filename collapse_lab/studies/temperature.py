"""Does another temperature change what soft labels gain? Digits, 300 labels, 20 splits."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from collapse_lab.distill import Student, ensemble, jittered, one_hot, soften
from collapse_lab.protocols import RNG
from collapse_lab.studies.averages import by_name, with_errors
from collapse_lab.studies.digits import N_SPLITS, split
from collapse_lab.studies.soft_labels import DECAY, STEPS
from collapse_lab.studies.study import Study

N_LABELS = 300
SIZES = (0, 4, 32)


def gains(temperature: float, *, rng: RNG = None) -> Mapping[str, float]:
    """Average the gains in accuracy at one temperature over 20 random splits.

    Teacher, students and splits are made as in `studies.soft_labels`, with 300 labels. Written
    after that study, which has one temperature, and before this was run.

    Parameters
    ----------
    temperature : float
    rng : Generator or seed

    Returns
    -------
    dict from str to float
        For each size, ``"soft - hard"``: the teacher's softened answers against human labels, on
        the labeled pictures; ``"transfer - guessed"``: its softened answers against its winners,
        on all 897 pictures. With standard errors of the mean over splits.
    """
    children = np.random.default_rng(rng).spawn(N_SPLITS)
    return with_errors(by_name([_one_split(temperature, rng=child) for child in children]))


def _one_split(temperature: float, *, rng: np.random.Generator) -> dict[str, float]:
    """Return the gains on one split."""
    train, test = split(rng)
    known = train[:N_LABELS]
    teacher = ensemble(jittered(known.ink), np.tile(known.label, 5), rng=rng)
    p = teacher.predict_proba(train.ink)
    soft, seed = soften(p, temperature), int(rng.integers(2**31))
    gains: dict[str, float] = {}
    for hidden in SIZES:
        fit = partial(Student.fit, hidden=hidden, weight_decay=DECAY, max_iter=STEPS, rng=seed)
        students = {
            "hard": fit(known.ink, one_hot(known.label, 10)),
            "soft": fit(known.ink, soft[:N_LABELS], temperature=temperature),
            "guessed": fit(train.ink, one_hot(p.argmax(axis=1), 10)),
            "transfer": fit(train.ink, soft, temperature=temperature),
        }
        right = {
            name: float((student.predict(test.ink) == test.label).mean())
            for name, student in students.items()
        }
        gains[f"soft - hard, {hidden} hidden"] = right["soft"] - right["hard"]
        gains[f"transfer - guessed, {hidden} hidden"] = right["transfer"] - right["guessed"]
    return gains


TEMPERATURE = Study(
    name="temperature",
    title="Gains of soft labels in accuracy by temperature, on digits with 300 labels, 20 splits.",
    task=gains,
    grid={"temperature": [1.0, 2.0, 5.0, 10.0, 20.0]},
    seed=41,
)
