"""The exercises of chapter 14: Teacher and student."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collapse_lab.checks import Exercise, needs_array, needs_function
from collapse_lab.distill import Student, one_hot, soften, softmax

Array = NDArray[np.float64]
SAID = np.array([[0.9, 0.09, 0.01], [0.5, 0.3, 0.2]])


def _rows(values: Array) -> Array:
    return np.asarray(values / values.sum(axis=1, keepdims=True))


def _close(found: Any, wanted: Any) -> bool:
    return np.shape(found) == np.shape(wanted) and bool(np.allclose(found, wanted, rtol=1e-6))


def _heat(answer: Any) -> str | None:
    """Return what is wrong with `heat(p, tau)`."""
    call = "heat(p, 2.0)"
    problem = needs_function(answer, "heat(p, tau)") or needs_array(
        answer(SAID.copy(), 2.0), (2, 3), of=call
    )
    if problem:
        return problem
    found, root = np.asarray(answer(SAID.copy(), 2.0)), SAID**0.5
    mistakes = [
        (_rows(SAID**2), "That is colder, not hotter: the favorite has gained. The power is 1/τ."),
        (root, "Right powers, but the rows do not sum to 1: divide each by its sum."),
        (softmax(SAID, 2.0), "That is the softmax of p/τ. Logits are the *logarithms* of p."),
        (root / root.sum(), "All rows together sum to 1. Each row is an answer of its own."),
        (root / root.sum(axis=0), "The columns sum to 1, not the rows: sum along `axis=1`."),
        (SAID, "Nothing has changed. (Dividing p by τ and normalizing gives p again.)"),
        (
            (SAID + 1 / 3) / 2,
            "That mixes p with equal shares: softer, too, but the ratios of small shares are lost.",
        ),
    ]
    for value, message in mistakes:
        if _close(found, value):
            return message
    if not _close(found, soften(SAID, 2.0)):
        return f"The first row of `{call}` is {np.round(found[0], 3)}. At τ = 2, each share is \
replaced by its square root; then the row is divided by its sum."
    for tau in (1.0, 0.5, 7.0):
        if not _close(answer(SAID[:1].copy(), tau), soften(SAID[:1], tau)):
            return f"It is right at τ = 2, but not at τ = {tau:g}. Is a number fixed in it?"
    return None


def _entropy(p: Array) -> float:
    return float(-(p * np.log(p)).sum(axis=1).mean())


def _loss(z: Array, v: Array, tau: float) -> float:
    return float(-(softmax(v, tau) * np.log(softmax(z, tau))).sum(axis=1).mean() * tau**2)


def _soft_loss(answer: Any) -> str | None:
    """Return what is wrong with `soft_loss(z, v, tau)`."""
    call = "soft_loss(z, v, 3.0)"
    rng = np.random.default_rng(14)
    z, v, tau = rng.normal(size=(4, 5)), 2 * rng.normal(size=(4, 5)), 3.0
    problem = needs_function(answer, "soft_loss(z, v, tau)") or needs_array(
        answer(z.copy(), v.copy(), tau), (), of=call
    )
    if problem:
        return problem
    found, right = float(answer(z.copy(), v.copy(), tau)), _loss(z, v, tau)
    q, p = softmax(z, tau), softmax(v, tau)
    mistakes = [
        (right / 9, "The factor τ² is missing: without it, a hotter loss pulls less."),
        (right / 3, "The factor is τ², not τ."),
        (-right, "The sign: a loss is to be made small. Cross-entropy is *minus* a sum."),
        (4 * right, "That is the sum over the pictures. Take the mean over the rows."),
        (right / 5, "That is the mean over all entries. Sum over the classes, average over rows."),
        (0.8 * right, "Summed over the pictures, averaged over the classes: the other way round."),
        (
            _loss(v, z, tau),
            "Teacher and student are exchanged: the logarithm is of the student's shares.",
        ),
        (
            right - 9 * _entropy(p),
            "That is the divergence: the same gradient, but the cross-entropy is asked for.",
        ),
        (
            float(-(softmax(v) * np.log(q)).sum(axis=1).mean() * 9),
            "The teacher is not softened. Both must have the same temperature.",
        ),
        (
            float(-(p * np.log(softmax(z))).sum(axis=1).mean() * 9),
            "The student is not softened. Both must have the same temperature.",
        ),
        (right / np.log(2), "That is in bits. `np.log` is the natural logarithm: nats."),
    ]
    for value, message in mistakes:
        if np.isclose(found, value, rtol=1e-9):
            return message
    if not np.isclose(found, right, rtol=1e-9):
        return (
            f"`{call}` is {found:.4f}. Soften both with τ; then minus the mean over the rows of "
            "the sum of teacher's share × log student's share, times τ²."
        )
    for tau, rows in [(1.0, 4), (20.0, 2)]:
        value = answer(z[:rows].copy(), v[:rows].copy(), tau)
        if not np.isclose(value, _loss(z[:rows], v[:rows], tau), rtol=1e-9):
            return f"It is right at τ = 3, but not at τ = {tau:g}, {rows} rows."
    return None


def front(cost: Any, score: Any) -> NDArray[np.bool_]:
    """Whether no other point is at least as good in both and better in one, shape (m,)."""
    c, s = np.asarray(cost), np.asarray(score)
    as_good = (c <= c[:, None]) & (s >= s[:, None])
    better = (c < c[:, None]) | (s > s[:, None])
    return np.asarray(~(as_good & better).any(axis=1))


CASES = {
    "six models": ([1, 2, 3, 4, 5, 6], [10, 30, 20, 40, 35, 50]),
    "out of order": ([5, 1, 4, 2], [50, 10, 60, 5]),
    "equal costs": ([2, 2, 1], [30, 40, 10]),
    "equal scores": ([1, 2, 3], [30, 30, 40]),
    "twins": ([1, 1, 2], [30, 30, 20]),
}


def _on_front(answer: Any) -> str | None:
    """Return what is wrong with `on_front(cost, score)`."""
    call = "on_front(cost, score)"
    cost, score = (np.array(x, dtype=float) for x in CASES["six models"])
    problem = needs_function(answer, "on_front(cost, score)")
    if problem:
        return problem
    value = answer(cost.copy(), score.copy())
    problem = needs_array(value, (6,), of=call) if np.shape(value) != (4,) else None
    if np.shape(value) == (4,):
        return "It returns the places of the models. True or False for each model is asked for."
    if problem:
        return problem
    found = np.asarray(value).astype(bool)
    if _close(found, ~front(cost, score)):
        return "Exchanged: False must stand where another model is better."
    if _close(found, front(-cost, -score)):
        return "That is the front of the dearest and worst: low cost and high score are good. Or \
rows and columns are exchanged."
    if not found.any():
        return "No model is left. Each is as cheap and as good as itself: beaten is only who meets \
one that is better in cost or in score."
    if found.sum() == 1:
        return (
            "Only the cheapest model is left. A high score is good: a dearer one with a higher "
            "score may be on the front, too."
            if found[0]
            else "Only one model is left. A cheaper one with a lower score may be on the front, "
            "too."
        )
    said = {
        "six models": "For costs 1 to 6 and scores 10, 30, 20, 40, 35, 50, models 1, 2, 4 and 6 "
        "are on the front: each other one is beaten by a cheaper one.",
        "equal costs": "Two models cost 2 and score 30 and 40. The first is beaten: as dear, and "
        "worse.",
        "equal scores": "Two models score 30 and cost 1 and 2. The second is beaten: as good, and "
        "dearer.",
        "twins": "Two models are the same in both: neither beats the other, and both are on the "
        "front.",
        "out of order": "It is wrong where the models do not come in the order of their costs.",
    }
    for name, (c, s) in CASES.items():
        got = answer(np.array(c, dtype=float), np.array(s, dtype=float))
        if not _close(np.asarray(got).astype(bool), front(c, s)):
            return said[name]
    return None


@cache
def _world(seed: int) -> tuple[Array, Array, Array, NDArray[np.int64], float, float]:
    """Return inputs without the fourth class, the teacher on them, a test, and its scores.

    Four clouds in six dimensions; the teacher is the truth itself. No input comes from the fourth
    cloud, and none that the teacher takes for it is left in.
    """
    rng = np.random.default_rng(seed)
    centers = rng.normal(size=(4, 6))
    centers *= 4 / np.linalg.norm(centers, axis=1, keepdims=True)

    def draw(labels: NDArray[np.int64]) -> Array:
        return np.asarray(centers[labels] + rng.normal(size=(len(labels), 6)))

    def say(X: Array) -> Array:
        return softmax(X @ centers.T)  # all centers are equally far from 0

    X, labels = draw(rng.integers(3, size=200)), rng.integers(4, size=2000)
    X = X[say(X).argmax(axis=1) != 3]
    test = draw(labels)
    right = say(test).argmax(axis=1) == labels
    unseen = labels == 3
    return X, say(X), test, labels, float(right[unseen].mean()), float(right[~unseen].mean())


def _teach(answer: Any) -> str | None:
    """Return what is wrong with `teach(X, p)`."""
    problem = needs_function(answer, "teach(X, p)")
    if problem:
        return problem
    for seed in (1, 2, 3):
        X, p, test, labels, on_unseen, on_others = _world(seed)
        student = answer(X.copy(), p.copy())
        if student is None:
            return "`teach(X, p)` is None. Is there a `return` in front of the student?"
        if not isinstance(student, Student):
            return f"It returns a {type(student).__name__}. Return a `Student`: `Student.fit(...)`."
        said, unseen = student.predict(test), labels == 3
        found = float((said == 3)[unseen].mean())
        others = float((said == labels)[~unseen].mean())
        told = f"In world {seed} it found {found:.0%} of the class never shown (the teacher: \
{on_unseen:.0%})"
        if others < on_others - 0.05:
            return (
                f"{told}, but was right on only {others:.0%} of the others (the teacher: "
                f"{on_others:.0%}). Nothing is won if the one is paid for with the others."
            )
        if found == 0:
            return (
                f"{told}. A label that names only the winner says nothing of the class that never "
                "wins. Which part of `p` does?"
            )
        if found < on_unseen - 0.1:
            return f"{told}: not close enough. Is what it needs to see too small to weigh?"
    return None


EXERCISES = {
    exercise.id: exercise
    for exercise in [
        Exercise(
            "14.1",
            "Heat",
            _heat,
            success="No look inside the teacher is needed: its probabilities are enough.",
            wrong={
                "colder": lambda p, tau: _rows(p**tau),
                "not normalized": lambda p, tau: p ** (1 / tau),
                "p for log p": softmax,
                "all rows": lambda p, tau: p ** (1 / tau) / (p ** (1 / tau)).sum(),
                "columns": lambda p, tau: p ** (1 / tau) / (p ** (1 / tau)).sum(axis=0),
                "nothing": lambda p, tau: _rows(p / tau),
                "a mixture": lambda p, tau: p / tau + (1 - 1 / tau) / 3,
                "fixed": lambda p, _tau: soften(p, 2.0),
                "a number": 0.5,
                "something else": lambda p, tau: _rows(p + tau),
            },
        ),
        Exercise(
            "14.2",
            "The soft loss",
            _soft_loss,
            success="That is what `Student.fit` makes small (with `soft_share=1`).",
            wrong={
                "no factor": lambda z, v, tau: _loss(z, v, tau) / tau**2,
                "factor tau": lambda z, v, tau: _loss(z, v, tau) / tau,
                "sign": lambda z, v, tau: -_loss(z, v, tau),
                "sum": lambda z, v, tau: len(z) * _loss(z, v, tau),
                "mean of all": lambda z, v, tau: _loss(z, v, tau) / z.shape[1],
                "the other axis": lambda z, v, tau: _loss(z, v, tau) * len(z) / z.shape[1],
                "exchanged": lambda z, v, tau: _loss(v, z, tau),
                "divergence": lambda z, v, tau: (
                    _loss(z, v, tau) - tau**2 * _entropy(softmax(v, tau))
                ),
                "cold teacher": lambda z, v, tau: float(
                    -(softmax(v) * np.log(softmax(z, tau))).sum(axis=1).mean() * tau**2
                ),
                "cold student": lambda z, v, tau: float(
                    -(softmax(v, tau) * np.log(softmax(z))).sum(axis=1).mean() * tau**2
                ),
                "bits": lambda z, v, tau: _loss(z, v, tau) / np.log(2),
                "fixed": lambda z, v, _tau: _loss(z, v, 3.0),
                "a row each": lambda z, v, tau: (
                    -(softmax(v, tau) * np.log(softmax(z, tau))).sum(axis=1) * tau**2
                ),
                "something else": lambda z, _v, tau: float(z.sum() * tau),
            },
        ),
        Exercise(
            "14.3",
            "The front",
            _on_front,
            success="Being on the front is no prize: the cheapest and the best are always on it.",
            wrong={
                "the best only": lambda _cost, score: score == score.max(),
                "places": lambda cost, score: np.flatnonzero(front(cost, score)),
                "exchanged": lambda cost, score: ~front(cost, score),
                "dear and bad": lambda cost, score: front(-cost, -score),
                "strict in both": lambda cost, score: np.array(
                    [not ((cost < c) & (score > s)).any() for c, s in zip(cost, score, strict=True)]
                ),
                "strict in the score": lambda cost, score: np.array(
                    [
                        not ((cost <= c) & (score > s)).any()
                        for c, s in zip(cost, score, strict=True)
                    ]
                ),
                "twins beat each other": lambda cost, score: np.array(
                    [
                        ((cost <= c) & (score >= s)).sum() == 1
                        for c, s in zip(cost, score, strict=True)
                    ]
                ),
                "as they come": lambda _cost, score: np.array(
                    [s > max(score[:i], default=-np.inf) for i, s in enumerate(score)]
                ),
                "beaten by itself": lambda cost, score: np.array(
                    [
                        not ((cost <= c) & (score >= s)).any()
                        for c, s in zip(cost, score, strict=True)
                    ]
                ),
                "all": lambda cost, _score: cost > 0,
                "a number": 4,
            },
        ),
        Exercise(
            "14.4",
            "A class never shown",
            _teach,
            success="The student knows a class of which it never saw an example. Now think of "
            "what else a teacher may hand on in this way, unasked.",
            wrong={
                "hard labels": lambda X, p: Student.fit(X, one_hot(p.argmax(axis=1), 4)),
                "the winner and equal rests": lambda X, p: Student.fit(X, _flat(p)),
                "always the unseen": lambda _X, _p: Student(
                    (np.zeros((6, 4)),), (np.array([0.0, 0.0, 0.0, 9.0]),)
                ),
                "no student": lambda _X, p: p,
                "nothing returned": lambda _X, _p: None,
            },
        ),
    ]
}


def _flat(p: Array) -> Array:
    """Keep the largest share of each row and make the others equal."""
    top = p.max(axis=1, keepdims=True)
    return np.asarray(np.where(p == top, top, (1 - top) / (p.shape[1] - 1)))
