"""What the generic tests cannot know of chapter 11: its exercises."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from collapse_lab.checks import check
from collapse_lab.exercises.chapter11 import EXERCISES


def _by_lstsq(x: Any, y: Any, s: float) -> Any:
    """Ridge regression by rows added to least squares."""
    d = x.shape[1]
    longer = np.vstack([x, s * np.sqrt(len(x)) * np.eye(d)])
    return np.linalg.lstsq(longer, np.concatenate([y, np.zeros(d)]), rcond=None)[0]


def _sem(before: Any, after: Any) -> Any:
    d = [b - a for a, b in zip(before, after, strict=True)]
    mean = sum(d) / len(d)
    return [mean, (sum((x - mean) ** 2 for x in d) / (len(d) - 1) / len(d)) ** 0.5]


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        ("11.1", lambda spread, bias: spread * bias**-2.0),
        ("11.2", _sem),
        ("11.3", _by_lstsq),
        ("11.4", lambda n: 1 / (1 + n / 40)),
        ("11.4", lambda n: 0.5 if n < 100 else 0),
    ],
)
def test_other_right_answers_are_right(exercise: str, answer: Callable[..., Any]) -> None:
    feedback = check(exercise, answer)
    assert feedback.passed, feedback.message


def _with_intercept(x: Any, y: Any, s: float) -> Any:
    return _by_lstsq(x - x.mean(axis=0), y - y.mean(), s)


@pytest.mark.parametrize(
    ("exercise", "answer", "says"),
    [
        ("11.2", lambda before, after: _sem(sorted(before), sorted(after)), "lost its order"),
        ("11.2", lambda before, after: _sem(0 * before, abs(after - before)), "a loss counted"),
        ("11.2", lambda before, after: float(np.mean(after - before)), "A pair is asked for"),
        ("11.3", _with_intercept, "was an intercept fitted"),
    ],
)
def test_other_mistakes_are_named(exercise: str, answer: Any, says: str) -> None:
    feedback = check(exercise, answer)
    assert not feedback.passed
    assert says in feedback.message


@pytest.mark.parametrize(
    ("exercise", "mistake", "says"),
    [
        ("11.1", "not squared", "squared"),
        ("11.1", "upside down", "upside down"),
        ("11.1", "multiplied", "divided"),
        ("11.1", "spread squared", "variance already"),
        ("11.1", "root of the spread", "no root"),
        ("11.1", "one more", "One too many"),
        ("11.1", "rounded", "rounded"),
        ("11.2", "the wrong sign", "after minus before"),
        ("11.2", "unpaired", "different splits"),
        ("11.2", "spread, not error", "spread has their *mean*"),
        ("11.2", "divisor n", "ddof=1"),
        ("11.2", "no root", "root is missing"),
        ("11.2", "one column's", "one of the columns"),
        ("11.2", "five fixed", "three"),
        ("11.3", "no noise", "without noise"),
        ("11.3", "s squared only", "Each of the n rows"),
        ("11.3", "s not squared", "variance of the noise"),
        ("11.3", "n squared", "n^2"),
        ("11.3", "divided", "uncorrelated"),
        ("11.3", "n - 1", "Every row"),
        ("11.3", "every entry", "diagonal"),
        ("11.3", "drawn", "Was noise drawn"),
        ("11.3", "n fixed", "12 rows"),
        ("11.4", "much, always", "fall as n grows"),
        ("11.4", "a little, always", "One weight for every n"),
        ("11.4", "more and more", "rises with n"),
        ("11.4", "only with many", "more weight"),
        ("11.4", "falls too slowly", "fall as n grows"),
        ("11.4", "in percent", "0 to 1"),
    ],
)
def test_feedback_names_the_mistake(exercise: str, mistake: str, says: str) -> None:
    assert says in check(exercise, EXERCISES[exercise].wrong[mistake]).message
