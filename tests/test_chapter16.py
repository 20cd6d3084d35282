"""What the generic tests cannot know of chapter 16: its exercises and its diagram."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from collapse_lab import plots, theory
from collapse_lab.checks import check
from collapse_lab.exercises.chapter16 import EXERCISES


def _by_steps(s: float, ridge: float, fits: int) -> float:
    left = 1.0
    for _ in range(fits):
        left *= s / (s + ridge)
    return left


def _by_library(y: Any, teacher: Any, plain: Any) -> Any:
    return np.linalg.lstsq((plain - teacher)[:, None], y - teacher, rcond=None)[0][0]


def _by_parabola(y: Any, teacher: Any, plain: Any) -> Any:
    a, b, c = (np.mean((y - teacher - x * (plain - teacher)) ** 2) for x in (-1, 0, 1))
    return (a - c) / (2 * (a - 2 * b + c))


def _share_in_place(y: Any, teacher: Any, plain: Any) -> Any:
    y -= teacher
    plain -= teacher
    return y @ plain / (plain @ plain)


def _gap_in_place(weak: Any, student: Any, ceiling: Any) -> Any:
    student -= weak
    ceiling -= weak
    return student.mean() / ceiling.mean()


def _best_by_bisection(coef: Any, variance: Any, n: int) -> Any:
    low, high = 0.0, float(variance.sum())
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if np.sum(variance / (variance + middle)) > n else (low, middle)
    shown = variance / (variance + low)
    return coef * shown / (shown**2 + (1 - shown) ** 2 * np.sum(shown**2) / (n - np.sum(shown**2)))


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        ("16.1", _by_steps),
        ("16.1", lambda s, ridge, fits: theory.kept_by_ridge([ridge] * fits, [s])[0]),
        ("16.2", _by_library),
        ("16.2", _by_parabola),
        ("16.2", _share_in_place),
        ("16.3", _gap_in_place),
        ("16.3", lambda w, s, c: (sum(w) - sum(s)) / (sum(w) - sum(c))),
        ("16.3", lambda w, s, c: 1 - np.mean(s - c) / np.mean(w - c)),
        ("16.4", _best_by_bisection),
        ("16.4", lambda coef, variance, n: coef * variance / (variance + variance[n])),
    ],
)
def test_other_right_answers_are_right(exercise: str, answer: Callable[..., Any]) -> None:
    feedback = check(exercise, answer)
    assert feedback.passed, feedback.message


@pytest.mark.parametrize(
    ("exercise", "mistake", "says"),
    [
        ("16.1", "one too few", "One fit too few"),
        ("16.1", "one too many", "One fit too many"),
        ("16.1", "one fit", "what one fit keeps"),
        ("16.1", "what is lost", "share that is *lost*"),
        ("16.1", "the wrong share", "what a fit loses"),
        ("16.1", "penalties added", "do not add their penalties"),
        ("16.1", "shares added", "multiply, they do not add"),
        ("16.1", "squared", "`s` is not squared"),
        ("16.1", "three fits", "Is a number fixed"),
        ("16.2", "the sign", "The sign is wrong"),
        ("16.2", "weight of the teacher", "weight of the *teacher*"),
        ("16.2", "the wrong square", "wrong square"),
        ("16.2", "all of y", "what the teacher missed"),
        ("16.2", "from the plain student", "starts from the plain student"),
        ("16.2", "without the teacher", "without the teacher"),
        ("16.2", "with a constant", "fits a constant"),
        ("16.2", "cut to [0, 1]", "cut to the range"),
        ("16.2", "ratio of means", "ratio of means"),
        ("16.2", "a grid", "is it a grid"),
        ("16.2", "an array", "a single number"),
        ("16.3", "mean of ratios", "mean of ratios"),
        ("16.3", "median of ratios", "median of ratios"),
        ("16.3", "the sign", "The sign is wrong"),
        ("16.3", "what is left", "share of the gap that is *left*"),
        ("16.3", "upside down", "exchanged"),
        ("16.3", "in percent", "A share was asked for"),
        ("16.3", "no supervisor", "leaves the supervisor out"),
        ("16.3", "relative gain", "share of the supervisor's error"),
        ("16.3", "the gain alone", "divided by the gap"),
        ("16.3", "one for each split", "a single number"),
        ("16.3", "cut to [0, 1]", "below 0 or above 1"),
        ("16.4", "silence", "nothing at all"),
        ("16.4", "the wrong end", "more than the student of the truth"),
        ("16.4", "a little less", "not 10% less"),
        ("16.4", "louder", "more than the student of the truth"),
        ("16.4", "one too few entries", "shape"),
        ("16.4", "ready-made", "asks not to do"),
    ],
)
def test_feedback_names_the_mistake(exercise: str, mistake: str, says: str) -> None:
    assert says in check(exercise, EXERCISES[exercise].wrong[mistake]).message


def test_the_truth_is_not_taught_better_than_itself() -> None:
    assert "You teach the truth" in check("16.4", lambda coef, _variance, _n: coef).message


def test_the_ready_made_teacher_is_no_answer() -> None:
    assert "asks not to do" in check("16.4", theory.best_surrogate).message
    assert theory.best_surrogate.__name__ == "best_surrogate"  # what was watched is put back


def test_a_decision_diagram_says_every_verdict() -> None:
    questions = {
        "Is it so?": [("yes", "student wins", "-3%"), ("no", "teacher wins", "+2%")],
        "And so?": [("never", "no clear winner", "0%")],
    }
    ax = Figure().subplots()
    assert plots.decisions(questions, heading="change", ax=ax) is ax
    texts = {text.get_text(): text for text in ax.texts}
    assert {*questions, "yes", "no", "never", "-3%", "+2%", "0%", "change"} < set(texts)
    colors = [
        texts[verdict].get_bbox_patch().get_edgecolor()
        for verdict in ("student wins", "teacher wins", "no clear winner")
    ]
    assert colors == [to_rgba(c) for c in (plots.BLUE, plots.VERMILION, plots.GRAY)]
    rows = [texts[name].get_position()[1] for name in ("Is it so?", "yes", "no", "And so?")]
    assert rows == sorted(rows)
