"""Soft labels against hard ones on handwritten digits: by capacity, by labels, with transfer data.

Everything here was written down before the study was run; a try on three splits had set the
teacher and the range of sizes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collapse_lab.distill import (
    Student,
    calibration_error,
    cross_entropy,
    ensemble,
    jittered,
    one_hot,
    soften,
)
from collapse_lab.pictures import Digits
from collapse_lab.protocols import RNG
from collapse_lab.rules import whole_number
from collapse_lab.studies.averages import with_errors
from collapse_lab.studies.digits import N_SPLITS, N_TRAIN, split
from collapse_lab.studies.study import Study

SIZES = (0, 4, 8, 32)  # hidden units
TEMPERATURE = 3.0
DECAYS = (1e-4, 1e-3, 1e-2)
DECAY = 1e-3  # where it is not chosen
STEPS = 200
ARMS = ("hard", "soft", "both", "transfer", "guessed", "informed", "hard at best", "soft at best")
PAIRS = (
    *((arm, "hard") for arm in ("soft", "both", "transfer", "guessed", "informed")),
    ("soft at best", "hard at best"),
    *((arm, "teacher") for arm in ("hard", "soft", "transfer")),
    ("informed", "great teacher"),
)
MEASURES = ("accuracy", "cross-entropy", "calibration")

Scores = dict[str, float]


def compare(
    n_labels: int, *, sizes: Sequence[int] = SIZES, rng: RNG = None
) -> tuple[dict[str, Scores], dict[int, dict[str, Scores]]]:
    """Teach students in eight ways on one random split of the digits, and score them.

    The teacher is four networks of 100 hidden units (`collapse_lab.distill.ensemble`). It learns
    the labeled pictures and their shifted copies; students never see a shifted picture. Students
    of one size have the same start and at most 200 steps; targets are softened at temperature 3,
    weight decay is 0.001.

    Parameters
    ----------
    n_labels : int
        Pictures with a label, out of 897; the rest of these is without.
    sizes : sequence of int
        Hidden units of the students; 0 for linear ones.
    rng : Generator or seed

    Returns
    -------
    teachers : dict from str to dict
        Accuracy, cross-entropy and calibration error on 900 other pictures: of the "teacher", and
        of the "great teacher" that has learned all 897 labels.
    students : dict from int to dict from str to dict
        The same for each size and each arm:

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
            The great teacher's probabilities, of the labeled pictures only.
        hard at best, soft at best
            With the best of three weight decays, chosen for each measure on the test pictures:
            hindsight, for both alike.
    """
    n_labels = whole_number("n_labels", n_labels)
    if n_labels > N_TRAIN:
        raise ValueError(f"n_labels must be at most {N_TRAIN}, got {n_labels}")
    rng = np.random.default_rng(rng)
    train, test = split(rng)
    seed = int(rng.integers(2**31))

    def teach(n: int) -> Any:
        return ensemble(jittered(train.ink[:n]), np.tile(train.label[:n], 5), rng=rng)

    teacher = teach(n_labels)
    great = teacher if n_labels == N_TRAIN else teach(N_TRAIN)
    p = teacher.predict_proba(train.ink)
    p_great = great.predict_proba(train.ink[:n_labels])
    teachers = {"teacher": _score(teacher, test), "great teacher": _score(great, test)}
    students = {
        hidden: _students(train, n_labels, p, p_great, test, hidden=hidden, seed=seed)
        for hidden in sizes
    }
    return teachers, students


def _students(
    train: Digits, n: int, p: Any, p_great: Any, test: Digits, *, hidden: int, seed: int
) -> dict[str, Scores]:
    """Return the scores of each arm."""
    fit = partial(Student.fit, hidden=hidden, max_iter=STEPS)

    def hard(ink: Any, labels: Any, decay: float = DECAY) -> Scores:
        return _score(fit(ink, one_hot(labels, 10), weight_decay=decay, rng=seed), test)

    def soft(p: Any, decay: float = DECAY, **mixed: Any) -> Scores:
        heat: dict[str, Any] = {"temperature": TEMPERATURE, "weight_decay": decay, "rng": seed}
        return _score(fit(train.ink[: len(p)], soften(p, TEMPERATURE), **heat, **mixed), test)

    ink, label = train.ink[:n], train.label[:n]
    by_decay = {
        "hard": [hard(ink, label, decay) for decay in DECAYS],
        "soft": [soft(p[:n], decay) for decay in DECAYS],
    }
    plain = DECAYS.index(DECAY)
    return {
        "hard": by_decay["hard"][plain],
        "soft": by_decay["soft"][plain],
        "both": soft(p[:n], labels=label, soft_share=0.5),
        "transfer": soft(p),
        "guessed": hard(train.ink, p.argmax(axis=1)),
        "informed": soft(p_great),
        "hard at best": _best(by_decay["hard"]),
        "soft at best": _best(by_decay["soft"]),
    }


def _score(model: Any, test: Digits) -> Scores:
    p = model.predict_proba(test.ink)
    right = float((p.argmax(axis=1) == test.label).mean())
    values = (right, cross_entropy(p, test.label), calibration_error(p, test.label))
    return dict(zip(MEASURES, values, strict=True))


def _best(scores: list[Scores]) -> Scores:
    """Return the best of each measure: the highest accuracy, the lowest of the others."""
    return {
        name: (max if name == "accuracy" else min)(score[name] for score in scores)
        for name in MEASURES
    }


def gains(n_labels: int, *, rng: RNG = None) -> Mapping[str, float]:
    """Average `compare` over 20 random splits: means, and paired differences, with their errors.

    Returns
    -------
    dict from str to float
        ``"soft - hard, 4 hidden: accuracy"`` and the like: an arm, what it is compared with on the
        same split, the students' size, the measure; also ``"hard, 4 hidden: accuracy"`` and
        ``"teacher: accuracy"``, means by themselves. Standard errors, ``"..._se"``, are those of
        the mean over splits, which overlap: they say how well 20 splits stand for all splits of
        these 1,797 pictures, and nothing about other pictures.
    """
    children = np.random.default_rng(rng).spawn(N_SPLITS)
    runs = [compare(n_labels, rng=child) for child in children]
    columns: dict[str, NDArray[np.float64]] = {}
    for measure in MEASURES:
        values = {
            name: np.array([teachers[name][measure] for teachers, _ in runs])
            for name in ("teacher", "great teacher")
        }
        columns |= {f"{name}: {measure}": column for name, column in values.items()}
        for hidden in SIZES:
            for arm in ARMS:
                values[arm] = np.array([students[hidden][arm][measure] for _, students in runs])
            columns[f"hard, {hidden} hidden: {measure}"] = values["hard"]
            for arm, other in PAIRS:
                gain = values[arm] - values[other]
                columns[f"{arm} - {other}, {hidden} hidden: {measure}"] = gain
    return with_errors(columns)


SOFT_LABELS = Study(
    name="soft_labels",
    title="Students on soft labels against students on hard labels, on digits, over 20 splits.",
    task=gains,
    grid={"n_labels": [N_TRAIN, 300, 100]},
    seed=14,
)
