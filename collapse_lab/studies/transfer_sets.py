"""A teacher labels made-up digits, more and more of them: what a student learns from it.

The sizes, the kinds of inputs and the comparisons were written down before a student was scored;
a try of one fit for each size had set how long it may take.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from collapse_lab.distill import Student, ensemble, jittered, one_hot
from collapse_lab.pictures import Digits
from collapse_lab.protocols import RNG
from collapse_lab.rules import whole_number
from collapse_lab.studies.averages import by_name, with_errors
from collapse_lab.studies.digits import N_SPLITS, N_TRAIN, split
from collapse_lab.studies.study import Study
from collapse_lab.transfer import KINDS, reach, warp, warped

NUMBERS = (100, 400, 1600, 6400)
DECAYS = (1e-4, 1e-3, 1e-2)
HIDDEN, DECAY, STEPS = 32, 1e-3, 200
LABELERS = ("its own", "equal teacher", "original's")
STRENGTHS = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)
ORIGINALS = (1, 3, 10, 30, 100)
KEPT_REAL = (0, 200, 400, 600, 800)
N_SMALL, N_FIXED = 100, 1600

fit = partial(Student.fit, hidden=HIDDEN, max_iter=STEPS)


def teach(digits: Digits, *, rng: RNG = None, n_members: int = 4) -> Any:
    """Fit a teacher to pictures and their shifted copies: networks of 100 hidden units."""
    ink, label = jittered(digits.ink), np.tile(digits.label, 5)
    return ensemble(ink, label, n_members=n_members, rng=rng)


def accuracy(model: Any, digits: Digits) -> float:
    """Share of right answers."""
    return float((model.predict_proba(digits.ink).argmax(axis=1) == digits.label).mean())


def from_people(digits: Digits, test: Digits, *, seed: int) -> tuple[Student, float]:
    """Return the student of human labels that is best on the test, of three weight decays.

    Hindsight, in favor of people: students of a teacher have one weight decay, the middle one.
    """
    students = [
        fit(digits.ink, one_hot(digits.label, 10), weight_decay=decay, rng=seed) for decay in DECAYS
    ]
    scores = [accuracy(student, test) for student in students]
    best = int(np.argmax(scores))
    return students[best], scores[best]


def compare(n_real: int, *, rng: RNG = None) -> dict[str, float]:
    """Score students of a teacher, and students of people, on one random split of the digits.

    The teacher has learned all 897 labels of the pool. Inputs are made from the first `n_real`
    pictures of the pool only. All students have 32 hidden units and the same start.

    Returns
    -------
    dict from str to float
        Accuracies on 900 other pictures: "teacher"; "some real" and "all real", of students of
        `n_real` and of 897 human labels (`from_people`); "warps, 400" and the like, of students
        of the teacher's probabilities for so many inputs of a kind; "real, unlabeled", for the
        897 pictures themselves; "on top", for 6,400 warps beside the `n_real` human labels; and
        with 6,400 warps labeled by others: "by its own" (the student of `n_real` human labels), "by
        equal teacher" (an ensemble that has learned these `n_real` labels only), "by original's"
        (the human label of the picture that was warped). "reach, warps, 400" and the like is the
        `reach`, which is not an accuracy.
    """
    n_real = whole_number("n_real", n_real)
    if n_real > N_TRAIN:
        raise ValueError(f"n_real must be at most {N_TRAIN}, got {n_real}")
    rng = np.random.default_rng(rng)
    pool, test = split(rng)
    real, seed = pool[:n_real], int(rng.integers(2**31))
    teacher = teach(pool, rng=rng)
    equal = teach(real, rng=rng)
    own, some = from_people(real, test, seed=seed)
    found = {
        "teacher": accuracy(teacher, test),
        "equal teacher": accuracy(equal, test),
        "some real": some,
        "all real": from_people(pool, test, seed=seed)[1],
    }

    def student(ink: Any, targets: Any) -> float:
        return accuracy(fit(ink, targets, weight_decay=DECAY, rng=seed), test)

    for kind, make in KINDS.items():
        ink = make(real.ink, NUMBERS[-1], rng=rng)
        p = teacher.predict_proba(ink)
        for n in NUMBERS:
            found[f"{kind}, {n}"] = student(ink[:n], p[:n])
            found[f"reach, {kind}, {n}"] = reach(ink[:n], test.ink)
    found["real, unlabeled"] = student(pool.ink, teacher.predict_proba(pool.ink))
    found["reach, real, unlabeled"] = reach(pool.ink, test.ink)
    rows = rng.integers(n_real, size=NUMBERS[-1])
    ink = warp(real.ink[rows], rng=rng)
    p = teacher.predict_proba(ink)
    human = one_hot(real.label, 10)
    found["on top"] = student(np.concatenate([real.ink, ink]), np.concatenate([human, p]))
    found["by teacher"] = student(ink, p)
    found["by its own"] = student(ink, own.predict_proba(ink))
    found["by equal teacher"] = student(ink, equal.predict_proba(ink))
    found["by original's"] = student(ink, human[rows])
    return found


def vary(n_inputs: int, *, rng: RNG = None) -> dict[str, float]:
    """Turn two knobs of variety at a fixed number of inputs, and exchange them for real labels.

    On one random split; teacher and students as in `compare`, inputs made from 100 pictures.

    Returns
    -------
    dict from str to float
        Accuracies: "strength 0.5" and the like, by how much 100 pictures are warped; "originals
        10", by how many different pictures are warped (strength 1); "800 with 200 real", of 200
        human labels and 600 labels of the teacher for warps. "reach, strength 0.5" and so on.
    """
    rng = np.random.default_rng(rng)
    pool, test = split(rng)
    small, seed = pool[:N_SMALL], int(rng.integers(2**31))
    teacher = teach(pool, rng=rng)
    found = {}

    def learn(name: str, ink: Any) -> None:
        learned = fit(ink, teacher.predict_proba(ink), weight_decay=DECAY, rng=seed)
        found[name] = accuracy(learned, test)
        found[f"reach, {name}"] = reach(ink, test.ink)

    for strength in STRENGTHS:
        learn(f"strength {strength:g}", warped(small.ink, n_inputs, strength=strength, rng=rng))
    for n in ORIGINALS:
        learn(f"originals {n}", warped(small.ink[:n], n_inputs, rng=rng))
    total = KEPT_REAL[-1]
    ink = warped(small.ink, total, rng=rng)
    p = teacher.predict_proba(ink)
    for n in KEPT_REAL:
        targets = np.concatenate([one_hot(pool.label[:n], 10) if n else p[:0], p[: total - n]])
        mixed = np.concatenate([pool.ink[:n], ink[: total - n]])
        learned = fit(mixed, targets, weight_decay=DECAY, rng=seed)
        found[f"{total} with {n} real"] = accuracy(learned, test)
    return found


def averaged(runs: list[dict[str, float]], pairs: list[tuple[str, str]]) -> dict[str, float]:
    """Average over splits, with errors; also the paired differences "first - second"."""
    columns = by_name(runs)
    return with_errors(columns | {f"{a} - {b}": columns[a] - columns[b] for a, b in pairs})


def transfer(n_real: int, *, rng: RNG = None) -> Mapping[str, float]:
    """Average `compare` over 20 random splits; see `averaged`."""
    runs = [compare(n_real, rng=child) for child in np.random.default_rng(rng).spawn(N_SPLITS)]
    taught = [f"{kind}, {n}" for kind in KINDS for n in NUMBERS]
    taught += ["real, unlabeled", "on top", "by teacher"]
    others = [f"by {name}" for name in LABELERS]
    pairs = [(a, b) for a in taught for b in ("some real", "all real", "teacher")]
    pairs += [("by teacher", b) for b in others]
    pairs += [(a, b) for a in others for b in ("some real", "all real")]
    return averaged(runs, [*pairs, ("on top", "by teacher")])


def variety(n_inputs: int, *, rng: RNG = None) -> Mapping[str, float]:
    """Average `vary` over 20 random splits; see `averaged`."""
    runs = [vary(n_inputs, rng=child) for child in np.random.default_rng(rng).spawn(N_SPLITS)]
    pairs = [(f"strength {s:g}", "strength 0") for s in STRENGTHS[1:]]
    pairs += [(f"strength {s:g}", "strength 1") for s in STRENGTHS if s != 1]
    pairs += [("originals 100", f"originals {n}") for n in ORIGINALS[:-1]]
    pairs += [("800 with 800 real", f"800 with {n} real") for n in KEPT_REAL[:-1]]
    return averaged(runs, pairs)


TRANSFER_SETS = Study(
    name="transfer_sets",
    title="Students of made-up digits that a teacher labels, by kind and number, over 20 splits.",
    task=transfer,
    grid={"n_real": [N_TRAIN, N_SMALL]},
    seed=15,
)
VARIETY = Study(
    name="variety",
    title="Students of 1,600 warped digits that a teacher labels, by their variety, on 20 splits.",
    task=variety,
    grid={"n_inputs": [N_FIXED]},
    seed=151,
)
