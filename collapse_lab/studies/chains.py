"""Chains of distillation on handwritten digits: shrinking students, and copies of copies.

Arms, sizes and the number of splits were written down before the study was run. Teacher,
temperature and weight decay are those of `collapse_lab.studies.soft_labels`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from collapse_lab.distill import (
    Classifier,
    Student,
    cross_entropy,
    draw_labels,
    ensemble,
    jittered,
    one_hot,
    soften,
)
from collapse_lab.pictures import Digits
from collapse_lab.protocols import RNG
from collapse_lab.rules import whole_number
from collapse_lab.studies.averages import by_name, with_errors
from collapse_lab.studies.digits import N_SPLITS, split
from collapse_lab.studies.soft_labels import DECAY, STEPS, TEMPERATURE
from collapse_lab.studies.study import Study

SIZES = (32, 16, 8, 4)  # hidden units, from the first student to the last
COPIES = ("soft", "winners", "drawn", "half drawn", "random half")
ROUNDS = 10
WHEN = (1, 2, 5, 10)

Scores = dict[str, float]


def copies(
    train: Digits, test: Digits, *, rounds: int = ROUNDS, rng: RNG = None
) -> dict[str, list[Scores]]:
    """Copy a linear student again and again on its own pictures, in five ways.

    Generation 0 learns the human labels. Each later one learns what the one before says of the
    same pictures.

    Parameters
    ----------
    train, test : Digits
        Labeled pictures, and others.
    rounds : int
        How often it is copied.
    rng : Generator or seed

    Returns
    -------
    dict from str to list of dict
        For each way, accuracy and cross-entropy on `test`, from generation 0 on:

        soft
            The probabilities, as they are.
        winners
            The most probable digit of each picture.
        drawn
            A digit drawn from the probabilities of each picture.
        half drawn
            The same, but every second picture keeps its human label for good.
        random half
            Each picture's label is drawn anew with chance 1/2, and stays as it is otherwise.
    """
    rng = np.random.default_rng(rng)
    whole_number("rounds", rounds)
    fit = partial(Student.fit, train.ink, weight_decay=DECAY, max_iter=STEPS)
    first = fit(one_hot(train.label, 10))
    kept = np.arange(len(train)) % 2 == 0
    found: dict[str, list[Scores]] = {}
    for copy in COPIES:
        student, labels = first, train.label
        found[copy] = [_score(student, test)]
        for _ in range(rounds):
            p = student.predict_proba(train.ink)
            if copy == "soft":
                student = fit(p)
            else:
                labels = _labels(copy, p, labels, kept, rng)
                student = fit(one_hot(labels, 10))
            found[copy].append(_score(student, test))
    return found


def _labels(
    copy: str,
    p: NDArray[np.float64],
    labels: NDArray[np.int64],
    kept: NDArray[np.bool_],
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """Return the labels of the next generation."""
    if copy == "winners":
        return np.asarray(p.argmax(axis=1), dtype=np.int64)
    drawn = draw_labels(p, rng=rng)
    if copy == "half drawn":
        return np.where(kept, labels, drawn)
    if copy == "random half":
        return np.where(rng.random(len(labels)) < 0.5, labels, drawn)
    return drawn


def shrink(
    train: Digits, test: Digits, n_labels: int, *, sizes: Sequence[int] = SIZES, rng: RNG = None
) -> dict[str, dict[int, float]]:
    """Distill a teacher into smaller and smaller students, in a chain and directly.

    The teacher has learned the first `n_labels` labels; it and all students answer all of `train`.
    Students of one size have the same start.

    Parameters
    ----------
    train, test : Digits
    n_labels : int
    sizes : sequence of int
        Hidden units, falling.
    rng : Generator or seed

    Returns
    -------
    dict from str to dict from int to float
        Accuracy on `test` by size:

        labels
            Taught the human labels, on the pictures that have one.
        direct, direct winners
            Taught by the first teacher: softened answers, or the most probable digits.
        chain, chain winners
            Taught by the student one size larger; the largest one by the teacher.
        equals
            A chain of the same number of links, in which all students have the last one's size.
            (By the size at whose place they stand.)
        teacher
            The teacher itself, at size 0.
    """
    rng = np.random.default_rng(rng)
    known = train[:n_labels]
    teacher = ensemble(jittered(known.ink), np.tile(known.label, 5), rng=rng)
    seed = int(rng.integers(2**31))
    fit = partial(Student.fit, weight_decay=DECAY, max_iter=STEPS, rng=seed)

    def taught(p: NDArray[np.float64], hidden: int) -> Student:
        soft = soften(p, TEMPERATURE)
        return fit(train.ink, soft, hidden=hidden, temperature=TEMPERATURE)

    def told(p: NDArray[np.float64], hidden: int) -> Student:
        return fit(train.ink, one_hot(p.argmax(axis=1), 10), hidden=hidden)

    p = teacher.predict_proba(train.ink)
    smallest = [sizes[-1]] * len(sizes)
    students = {
        "labels": [fit(known.ink, one_hot(known.label, 10), hidden=k) for k in sizes],
        "direct": [taught(p, k) for k in sizes],
        "direct winners": [told(p, k) for k in sizes],
    }
    for name, teach, chain in (
        ("chain", taught, sizes),
        ("chain winners", told, sizes),
        ("equals", taught, smallest),
    ):
        said, students[name] = p, []
        for k in chain:
            students[name].append(teach(said, k))
            said = students[name][-1].predict_proba(train.ink)
    found = {
        name: {k: _score(s, test)["accuracy"] for k, s in zip(sizes, row, strict=True)}
        for name, row in students.items()
    }
    return {"teacher": {0: _score(teacher, test)["accuracy"]}, **found}


def _score(model: Classifier, test: Digits) -> Scores:
    p = model.predict_proba(test.ink)
    right = float((p.argmax(axis=1) == test.label).mean())
    return {"accuracy": right, "cross-entropy": cross_entropy(p, test.label)}


def losses(n_labels: int, *, rng: RNG = None) -> Mapping[str, float]:
    """Average `shrink` and `copies` over 20 random splits.

    Parameters
    ----------
    n_labels : int
        Pictures with a label, out of 897; `copies` sees only these.
    rng : Generator or seed

    Returns
    -------
    dict from str to float
        ``"teacher"``, ``"labels, 4 hidden"``: mean accuracies. ``"chain - direct, 4 hidden"``:
        paired differences on the same split. ``"soft, 10 copies: accuracy"``: paired difference
        to generation 0. With standard errors of the mean over splits, which overlap.
    """
    runs = []
    for child in np.random.default_rng(rng).spawn(N_SPLITS):
        train, test = split(child)
        chains = shrink(train, test, n_labels, rng=child)
        runs.append(_differences(chains, copies(train[:n_labels], test, rng=child)))
    return with_errors(by_name(runs))


def _differences(
    chains: dict[str, dict[int, float]], copied: dict[str, list[Scores]]
) -> dict[str, float]:
    """Return what is averaged, of one split."""
    found = {"teacher": chains["teacher"][0]}
    for size in SIZES:
        found[f"labels, {size} hidden"] = chains["labels"][size]
        for name in ("direct", "chain", "direct winners", "chain winners"):
            found[f"{name} - labels, {size} hidden"] = chains[name][size] - chains["labels"][size]
        for name, other in (("chain", "direct"), ("chain winners", "direct winners")):
            found[f"{name} - {other}, {size} hidden"] = chains[name][size] - chains[other][size]
    smallest = SIZES[-1]
    for other in ("direct", "chain"):
        gap = chains["equals"][smallest] - chains[other][smallest]
        found[f"equals - {other}, {smallest} hidden"] = gap
    for measure in ("accuracy", "cross-entropy"):
        found[f"linear, labels: {measure}"] = copied["soft"][0][measure]
        for copy, scores in copied.items():
            for t in WHEN:
                change = scores[t][measure] - scores[0][measure]
                found[f"{copy}, {t} copies: {measure}"] = change
    return found


CHAINS = Study(
    name="chains",
    title="Chains of students and copies of copies on digits, over 20 splits.",
    task=losses,
    grid={"n_labels": [300, 100]},
    seed=17,
)
