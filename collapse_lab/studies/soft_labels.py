"""Soft labels against hard ones on handwritten digits: by capacity, by labels, with transfer data.

Everything here was written down before the study was run; a try on three splits had set the
teacher and the range of sizes.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from collapse_lab.distill import (
    Student,
    calibration_error,
    cross_entropy,
    ensemble,
    jittered,
    one_hot,
    soften,
)
from collapse_lab.pictures import handwritten
from collapse_lab.protocols import RNG
from collapse_lab.rules import whole_number
from collapse_lab.studies.study import Study

N_TRAIN = 897  # of 1,797 pictures; the other 900 are the test
N_SPLITS = 20
TEMPERATURE = 3.0
DECAYS = (1e-4, 1e-3, 1e-2)
DECAY = 1e-3  # where it is not chosen
STEPS = 200
ARMS = ("hard", "soft", "both", "transfer", "guessed", "informed", "hard at best", "soft at best")
MEASURES = ("accuracy", "cross_entropy", "calibration")

Scores = dict[str, dict[str, float]]


def compare(n_labels: int, hidden: int, *, rng: RNG = None) -> Scores:
    """Teach students in eight ways on one random split of the digits, and score them.

    The teacher is four networks of 100 hidden units (`collapse_lab.distill.ensemble`). It learns
    the labeled pictures and their shifted copies; students never see a shifted picture. All
    students have the same size, the same start and at most 200 steps; targets are softened at
    temperature 3, weight decay is 0.001.

    Parameters
    ----------
    n_labels : int
        Pictures with a label, out of 897; the rest of these is without.
    hidden : int
        Hidden units of the students; 0 for linear ones.
    rng : Generator or seed

    Returns
    -------
    dict from str to dict from str to float
        For "teacher", "great teacher" and each arm: its accuracy, cross-entropy and calibration
        error on 900 other pictures.

        hard
            Human labels.
        soft
            The teacher's probabilities, of the same pictures.
        both
            Half the loss of each.
        transfer
            The teacher's probabilities, of all 897 pictures.
        guessed
            The teacher's answers as hard labels, of all 897 pictures.
        informed
            The probabilities of a great teacher that has learned all 897 labels, of the labeled
            pictures only.
        hard at best, soft at best
            With the best of three weight decays, chosen for each measure on the test pictures:
            hindsight, for both alike.
    """
    n_labels = whole_number("n_labels", n_labels)
    if n_labels > N_TRAIN:
        raise ValueError(f"n_labels must be at most {N_TRAIN}, got {n_labels}")
    rng = np.random.default_rng(rng)
    digits = handwritten()
    order = rng.permutation(len(digits))
    train, test = digits[order[:N_TRAIN]], digits[order[N_TRAIN:]]
    known = train[:n_labels]
    seed = int(rng.integers(2**31))

    def teach(n: int) -> Any:
        return ensemble(jittered(train.ink[:n]), np.tile(train.label[:n], 5), rng=rng)

    def score(model: Any) -> dict[str, float]:
        p = model.predict_proba(test.ink)
        right = float((p.argmax(axis=1) == test.label).mean())
        values = (right, cross_entropy(p, test.label), calibration_error(p, test.label))
        return dict(zip(MEASURES, values, strict=True))

    fit = partial(Student.fit, hidden=hidden, max_iter=STEPS)

    def hard(ink: Any, labels: Any, decay: float = DECAY) -> dict[str, float]:
        return score(fit(ink, one_hot(labels, 10), weight_decay=decay, rng=seed))

    def soft(ink: Any, p: Any, decay: float = DECAY, **mixed: Any) -> dict[str, float]:
        softened = soften(p, TEMPERATURE)
        return score(
            fit(ink, softened, temperature=TEMPERATURE, weight_decay=decay, rng=seed, **mixed)
        )

    teacher = teach(n_labels)
    great = teacher if n_labels == N_TRAIN else teach(N_TRAIN)
    p = teacher.predict_proba(train.ink)
    by_decay = {
        "hard": [hard(known.ink, known.label, decay) for decay in DECAYS],
        "soft": [soft(known.ink, p[:n_labels], decay) for decay in DECAYS],
    }
    plain = DECAYS.index(DECAY)
    return {
        "teacher": score(teacher),
        "great teacher": score(great),
        "hard": by_decay["hard"][plain],
        "soft": by_decay["soft"][plain],
        "both": soft(known.ink, p[:n_labels], labels=known.label, soft_share=0.5),
        "transfer": soft(train.ink, p),
        "guessed": hard(train.ink, p.argmax(axis=1)),
        "informed": soft(known.ink, great.predict_proba(known.ink)),
        "hard at best": _best(by_decay["hard"]),
        "soft at best": _best(by_decay["soft"]),
    }


def _best(scores: list[dict[str, float]]) -> dict[str, float]:
    """Return the best of each measure: the highest accuracy, the lowest of the others."""
    return {
        name: (max if name == "accuracy" else min)(score[name] for score in scores)
        for name in MEASURES
    }


def gains(n_labels: int, hidden: int, *, rng: RNG = None) -> Mapping[str, float]:
    """Average `compare` over 20 random splits: means, and paired differences, with their errors.

    Returns
    -------
    dict from str to float
        ``"soft - hard: accuracy"`` and the like: an arm, what it is compared with on the same
        split, and the measure. ``"hard: accuracy"``: a mean by itself. Standard errors are those
        of the mean over splits, which overlap: they say how well 20 splits stand for all splits of
        these 1,797 pictures, and nothing about other pictures.
    """
    children = np.random.default_rng(rng).spawn(N_SPLITS)
    runs = [compare(n_labels, hidden, rng=child) for child in children]
    found: dict[str, float] = {}
    for measure in MEASURES:
        values = {name: np.array([run[name][measure] for run in runs]) for name in runs[0]}
        columns = {name: values[name] for name in ("teacher", "great teacher", "hard")}
        for arm, other in _pairs():
            columns[f"{arm} - {other}"] = values[arm] - values[other]
        for name, column in columns.items():
            found[f"{name}: {measure}"] = float(column.mean())
            error = column.std(ddof=1) / np.sqrt(N_SPLITS)
            found[f"{name}: {measure}_se"] = float(error)
    return found


def _pairs() -> list[tuple[str, str]]:
    """Return which arms are compared: with human labels, and with the teacher."""
    others = [arm for arm in ARMS if not arm.startswith("hard") and arm != "soft at best"]
    return [
        *((arm, "hard") for arm in others),
        ("soft at best", "hard at best"),
        *((arm, "teacher") for arm in ("hard", "soft", "transfer")),
        ("informed", "great teacher"),
    ]


SOFT_LABELS = Study(
    name="soft_labels",
    title="Students on soft labels against students on hard labels, on digits, over 20 splits.",
    task=gains,
    grid={"n_labels": [100, 300, N_TRAIN], "hidden": [0, 4, 8, 32]},
    seed=14,
)
