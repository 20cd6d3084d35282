"""The exercises of chapter 16: Can the student win."""

from __future__ import annotations

from typing import Any

import numpy as np

from collapse_lab.checks import Exercise, calls, needs_array, needs_function


def _kept(answer: Any) -> str | None:
    """Return what is wrong with `kept(s, ridge, fits)`."""
    call = "kept(0.5, 0.1, 3)"
    problem = needs_function(answer, "kept(s, ridge, fits)") or needs_array(
        answer(0.5, 0.1, 3), (), of=call
    )
    if problem:
        return problem
    found, a = float(answer(0.5, 0.1, 3)), 0.5 / 0.6
    mistakes = {
        a**2: "One fit too few: the teacher is a fit, too.",
        a**4: "One fit too many: the teacher is the first of the fits.",
        a: "That is what one fit keeps. Each student shrinks what it is given once more.",
        1 - a**3: "That is the share that is *lost*. What is left is the rest.",
        (0.1 / 0.6) ** 3: "`ridge / (s + ridge)` is what a fit loses. It keeps the rest.",
        0.5 / 0.8: "Rounds do not add their penalties: one fit with three times the penalty is "
        "another model. The shares multiply.",
        3 * a: "Shares of shares multiply, they do not add.",
        (0.25 / 0.26) ** 3: "The spectrum enters once: `s` is not squared here.",
    }
    for value, message in mistakes.items():
        if np.isclose(found, value, rtol=1e-9):
            return message
    if not np.isclose(found, a**3, rtol=1e-9):
        return (
            f"`{call}` is {found:.4f}. One fit keeps 0.5/(0.5 + 0.1) of what it is given, and "
            "there are three of them."
        )
    for s, ridge, fits in [(1.0, 0.02, 1), (0.1, 2.0, 12), (2.0, 0.5, 2)]:
        if not np.isclose(answer(s, ridge, fits), (s / (s + ridge)) ** fits, rtol=1e-9):
            return (
                f"It is right for `{call}`, but `kept({s}, {ridge}, {fits})` is not. Is a number "
                "fixed in it?"
            )
    return None


def _share_data(seed: int, size: int) -> tuple[Any, Any, Any]:
    """Return held-out labels, answers of a teacher and of its plain student.

    With an odd seed the teacher has shrunk too little, with an even one too much.
    """
    rng = np.random.default_rng(seed)
    y = rng.normal(1.0, 1.0, size)
    teacher = y + rng.normal(0.5, 1.0, size) if seed % 2 else 0.4 * y
    return y, teacher, 0.8 * teacher + rng.normal(0.1, 0.05, size)


def _best_share(answer: Any) -> str | None:
    """Return what is wrong with `best_share(y, teacher, plain)`."""
    y, teacher, plain = _share_data(1, 60)
    call = "best_share(y, teacher, plain)"
    problem = needs_function(answer, call) or needs_array(
        answer(y.copy(), teacher.copy(), plain.copy()), (), of=call
    )
    if problem:
        return problem
    found, step, miss = (
        float(answer(y.copy(), teacher.copy(), plain.copy())),
        plain - teacher,
        y - teacher,
    )
    right = miss @ step / (step @ step)
    mistakes = {
        -right: "The sign is wrong: is the teacher's error `y - teacher`, and the step from "
        "teacher to plain student?",
        1 - right: "That is the weight of the *teacher*. The share ξ is that of the plain student.",
        miss @ step / (miss @ miss): "Divided by the wrong square: it is `step` whose length is "
        "to be fitted.",
        y @ step / (step @ step): "That explains `y` by the step. Only what the teacher missed "
        "is left to explain.",
        right - 1: "That starts from the plain student. What is left to explain is `y - teacher`.",
        y @ plain / (plain @ plain): "That scales the plain student alone, without the teacher.",
        np.polyfit(step, miss, 1)[0]: "That fits a constant as well. A blend of the two has none.",
        float(np.clip(right, 0, 1)): "It is cut to the range from 0 to 1. The best share may lie "
        "outside: any number is allowed.",
        miss.mean() / step.mean(): "A ratio of means is led by the mean alone. Minimize the sum "
        "of squares.",
    }
    for value, message in mistakes.items():
        if np.isclose(found, value, rtol=1e-6) and not np.isclose(value, right, rtol=1e-6):
            return message

    def error(xi: float) -> float:
        return float(np.mean((y - teacher - xi * step) ** 2))

    if not np.isclose(found, right, rtol=1e-6):
        near = " Close, but not exact: is it a grid?" if abs(found - right) < 0.05 else ""
        return (
            f"Your share {found:.3f} leaves a mean squared error of {error(found):.4f}; the least "
            f"is {error(right):.4f}.{near} At which ξ is the slope of the parabola zero?"
        )
    for seed, size in ((2, 30), (3, 200)):
        y, teacher, plain = _share_data(seed, size)
        step = plain - teacher
        right = (y - teacher) @ step / (step @ step)
        if not np.isclose(answer(y.copy(), teacher.copy(), plain.copy()), right, rtol=1e-6):
            return "It is right for one data set and not for another. Is a number fixed in it?"
    return None


def _gap_data(seed: int, size: int) -> tuple[Any, Any, Any]:
    """Return error rates of many splits; in one of them the gap nearly closes."""
    rng = np.random.default_rng(seed)
    weak, ceiling = rng.normal(0.25, 0.02, size), rng.normal(0.07, 0.01, size)
    weak[0], ceiling[0] = 0.11, 0.1099
    return weak, 0.6 * weak + 0.4 * ceiling + rng.normal(0, 0.01, size), ceiling


def _recovered_gap(answer: Any) -> str | None:
    """Return what is wrong with `recovered_gap(weak, student, ceiling)`."""
    weak, student, ceiling = _gap_data(1, 40)
    call = "recovered_gap(weak, student, ceiling)"
    problem = needs_function(answer, call) or needs_array(
        answer(weak.copy(), student.copy(), ceiling.copy()), (), of=call
    )
    if problem:
        return problem
    found = float(answer(weak.copy(), student.copy(), ceiling.copy()))
    gain, gap = weak - student, weak - ceiling
    right = gain.mean() / gap.mean()
    mistakes = {
        np.mean(gain / gap): "That is a mean of ratios. In one split the gap is nearly zero, and "
        "its ratio rules all others. Take the ratio of the means.",
        np.median(gain / gap): "A median of ratios does not blow up, but it is not what was asked "
        "for: the share *of the mean gap* that the mean gain is.",
        -right: "The sign is wrong: these are error rates, and a good student has a lower one.",
        1 - right: "That is the share of the gap that is *left*.",
        1 / right: "Numerator and denominator are exchanged.",
        100 * right: "That is in percent. A share was asked for: 1 is the whole gap.",
        np.mean(student) / np.mean(ceiling): "That compares the student with the ceiling, and "
        "leaves the supervisor out.",
        gain.mean() / weak.mean(): "That is the gain as a share of the supervisor's error. The "
        "gap goes from the supervisor to the *ceiling*.",
        gain.mean(): "That is the gain. It is to be divided by the gap.",
        (student - ceiling).mean() / gap.mean(): "That is the share of the gap that is *left*.",
    }
    for value, message in mistakes.items():
        if np.isclose(found, value, rtol=1e-9):
            return message
    if not np.isclose(found, right, rtol=1e-9):
        return (
            f"`{call}` is {found:.4f} where the mean gain is {gain.mean():.4f} and the mean gap "
            f"{gap.mean():.4f}."
        )
    for seed, shift in [(2, 0.0), (3, 0.0), (2, 0.2), (3, -0.2)]:
        weak, student, ceiling = _gap_data(seed, 12)
        student += shift
        right = np.mean(weak - student) / np.mean(weak - ceiling)
        if not np.isclose(answer(weak.copy(), student.copy(), ceiling.copy()), right):
            if shift:
                return (
                    f"Where the share is {right:.2f}, it gives another one. It may be below 0 or "
                    "above 1: a student can be worse than its supervisor, or better than the "
                    "ceiling."
                )
            return "It is right for one set of splits and not for another. Is a number fixed in it?"
    return None


def _worlds() -> dict[str, tuple[Any, Any, int, float]]:
    """Return coefficients, variances, points and noise of two worlds with too few points."""
    i, j = np.arange(1.0, 201), np.arange(1.0, 301)
    b, c = np.sqrt(i), np.sqrt(j)
    return {
        "the chapter's world": (b / np.sqrt(np.sum(i**-1.5 * b**2)), i**-1.5, 60, 0.2),
        "the other world": (c / np.sqrt(np.sum(j**-1.2 * c**2)), j**-1.2, 100, 0.2),
    }


def _my_teacher(answer: Any) -> str | None:
    """Return what is wrong with `my_teacher(coef, variance, n)`."""
    from collapse_lab import theory

    problem = needs_function(answer, "my_teacher(coef, variance, n)")
    if problem:
        return problem
    for name, (coef, variance, n, noise) in _worlds().items():
        if calls(theory.best_surrogate, answer, coef.copy(), variance.copy(), n):
            return (
                "It calls `theory.best_surrogate`, which the task asks not to do. What does the "
                "figure of the best teacher show? Something simple is enough."
            )
        taught = answer(coef.copy(), variance.copy(), n)
        problem = needs_array(taught, coef.shape, of=f"my_teacher(coef, variance, {n})")
        if problem:
            return problem
        error, honest = (
            theory.ridgeless_error(b, coef, variance, n, noise=noise) for b in (taught, coef)
        )
        if np.allclose(taught, coef):
            return (
                f"You teach the truth, and your student has the error {honest:.3f} in {name}. "
                "What do the points hardly show?"
            )
        if np.allclose(taught, 0):
            return (
                f"You say nothing at all, and your student answers little but noise: error "
                f"{error:.3f} in {name}. Keep what the points show."
            )
        if error > honest:
            return (
                f"In {name} your student has the error {error:.3f}, more than the student of the "
                f"truth with {honest:.3f}. Are the directions that the points show well still "
                "taught, and the others damped?"
            )
        if error > 0.9 * honest:
            return (
                f"In {name} your student has the error {error:.3f}, that of the truth "
                f"{honest:.3f}: the right way, but not 10% less."
            )
    return None


def _ready_made(coef: Any, variance: Any, n: int) -> Any:
    from collapse_lab import theory

    return theory.best_surrogate(coef, variance, n)


EXERCISES = {
    exercise.id: exercise
    for exercise in [
        Exercise(
            "16.1",
            "What is left after some rounds",
            _kept,
            success="With the same penalty ten times over, a direction seen a hundred times worse "
            "than another is gone long before it: the rounds are a filter.",
            wrong={
                "one too few": lambda s, ridge, fits: (s / (s + ridge)) ** (fits - 1),
                "one too many": lambda s, ridge, fits: (s / (s + ridge)) ** (fits + 1),
                "one fit": lambda s, ridge, _fits: s / (s + ridge),
                "what is lost": lambda s, ridge, fits: 1 - (s / (s + ridge)) ** fits,
                "the wrong share": lambda s, ridge, fits: (ridge / (s + ridge)) ** fits,
                "penalties added": lambda s, ridge, fits: s / (s + fits * ridge),
                "shares added": lambda s, ridge, fits: fits * s / (s + ridge),
                "squared": lambda s, ridge, fits: (s**2 / (s**2 + ridge**2)) ** fits,
                "three fits": lambda s, ridge, _fits: (s / (s + ridge)) ** 3,
                "a number": 0.5,
            },
        ),
        Exercise(
            "16.2",
            "The best share on held-out data",
            _best_share,
            success="One line of least squares. It may be below 0: then step away from the "
            "student.",
            wrong={
                "the sign": lambda y, t, p: (y - t) @ (t - p) / ((p - t) @ (p - t)),
                "weight of the teacher": lambda y, t, p: (
                    1 - (y - t) @ (p - t) / ((p - t) @ (p - t))
                ),
                "the wrong square": lambda y, t, p: (y - t) @ (p - t) / ((y - t) @ (y - t)),
                "all of y": lambda y, t, p: y @ (p - t) / ((p - t) @ (p - t)),
                "from the plain student": lambda y, t, p: (y - p) @ (p - t) / ((p - t) @ (p - t)),
                "without the teacher": lambda y, _t, p: y @ p / (p @ p),
                "with a constant": lambda y, t, p: np.polyfit(p - t, y - t, 1)[0],
                "cut to [0, 1]": lambda y, t, p: np.clip(
                    (y - t) @ (p - t) / ((p - t) @ (p - t)), 0, 1
                ),
                "ratio of means": lambda y, t, p: np.mean(y - t) / np.mean(p - t),
                "a grid": lambda y, t, p: min(
                    np.arange(-3, 3, 0.1), key=lambda x: np.mean((y - t - x * (p - t)) ** 2)
                ),
                "half and half": lambda _y, _t, _p: 0.5,
                "an array": lambda y, t, p: (y - t) / (p - t),
            },
        ),
        Exercise(
            "16.3",
            "How much of the gap",
            _recovered_gap,
            success="The ratio of means is steady where single gaps are small. Its interval needs "
            "the pairs, too: leave out one split at a time, or use the formula of `compare`.",
            wrong={
                "mean of ratios": lambda w, s, c: np.mean((w - s) / (w - c)),
                "median of ratios": lambda w, s, c: np.median((w - s) / (w - c)),
                "the sign": lambda w, s, c: np.mean(s - w) / np.mean(w - c),
                "what is left": lambda w, s, c: np.mean(s - c) / np.mean(w - c),
                "upside down": lambda w, s, c: np.mean(w - c) / np.mean(w - s),
                "in percent": lambda w, s, c: 100 * np.mean(w - s) / np.mean(w - c),
                "no supervisor": lambda _w, s, c: np.mean(s) / np.mean(c),
                "relative gain": lambda w, s, _c: np.mean(w - s) / np.mean(w),
                "the gain alone": lambda w, s, _c: np.mean(w - s),
                "one for each split": lambda w, s, c: (w - s) / (w - c),
                "cut to [0, 1]": lambda w, s, c: np.clip(np.mean(w - s) / np.mean(w - c), 0, 1),
                "a number": 0.4,
            },
        ),
        Exercise(
            "16.4",
            "Teach better than the truth",
            _my_teacher,
            success="A teacher who knows how little its student sees leaves out what would only "
            "confuse.",
            wrong={
                "silence": lambda coef, _variance, _n: 0 * coef,
                "the wrong end": lambda coef, _variance, n: np.where(
                    np.arange(len(coef)) >= n, coef, 0.0
                ),
                "a little less": lambda coef, _variance, _n: 0.99 * coef,
                "louder": lambda coef, _variance, _n: 2 * coef,
                "one too few entries": lambda coef, _variance, _n: coef[:-1],
                "ready-made": _ready_made,
                "a number": 1.0,
            },
        ),
    ]
}
