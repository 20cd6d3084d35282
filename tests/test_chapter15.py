"""What the generic tests cannot know of chapter 15: its numbers, and its exercises."""

from collections.abc import Callable
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest

from collapse_lab.checks import check
from collapse_lab.exercises.chapter15 import EXERCISES
from collapse_lab.transfer import interpolated, warped


def _all_sequences(start: Any, step: Any, length: int) -> Any:
    def p(words: tuple[int, ...]) -> Any:
        return start[words[0]] * np.prod([step[v, w] for v, w in pairwise(words)])

    return list(max(product(range(len(start)), repeat=length), key=p))


def _loop(P: Any) -> float:
    rows, columns = [sum(row) for row in P], [sum(column) for column in P.T]
    said = P[rows.index(max(rows))][columns.index(max(columns))]
    return (P.max() - said) / P.max()


def _other_mix(pictures: Any, n: int, rng: Any) -> Any:
    out = np.empty((n, pictures.shape[1]))
    for i in range(n):
        a, b = rng.choice(len(pictures), size=2, replace=False)
        share = rng.uniform()
        out[i] = share * pictures[a] + (1 - share) * pictures[b]
    return out


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        ("15.1", _loop),
        ("15.2", lambda pictures, n, rng: interpolated(pictures, n, rng=rng)),
        ("15.2", _other_mix),
        ("15.3", _all_sequences),
        ("15.4", lambda pictures, n, rng: warped(pictures, n, rng=rng)),
        ("15.4", lambda pictures, n, rng: interpolated(pictures, n, rng=rng)),
    ],
)
def test_other_right_answers_are_right(exercise: str, answer: Callable[..., Any]) -> None:
    feedback = check(exercise, answer)
    assert feedback.passed, feedback.message


@pytest.mark.parametrize(
    ("exercise", "mistake", "says"),
    [
        ("15.1", "what is kept", "*kept*"),
        ("15.1", "a difference", "difference"),
        ("15.1", "what is said", "what the student says"),
        ("15.1", "the best cell", "best *cell*"),
        ("15.1", "greedy", "knows its first word"),
        ("15.1", "rows for columns", "Rows and columns"),
        ("15.1", "independent", "independent"),
        ("15.1", "one table only", "not for another"),
        ("15.2", "one share for all", "same in all"),
        ("15.2", "copies", "Nothing is mixed"),
        ("15.2", "all pictures", "more than two"),
        ("15.2", "shares of their own", "sum to 1"),
        ("15.2", "one pair", "Not every pair"),
        ("15.2", "beyond", "negative"),
        ("15.2", "fixed draws", "Another `rng`"),
        ("15.2", "own draws", "The same `rng`"),
        ("15.2", "not uniform", "not uniform"),
        ("15.3", "greedy", "greedy"),
        ("15.3", "word by word", "at each place"),
        ("15.3", "turned around", "wrong order"),
        ("15.3", "step turned", "exchanged"),
        ("15.3", "always length 3", "For length 4 it returns 3"),
        ("15.3", "not whole", "whole"),
        ("15.4", "copies", "Copies are what they have to beat"),
        ("15.4", "noise", "clearly less"),
        ("15.4", "a little noise", "clearly more"),
        ("15.4", "far beyond", "far beyond"),
    ],
)
def test_feedback_names_the_mistake(exercise: str, mistake: str, says: str) -> None:
    assert says in check(exercise, EXERCISES[exercise].wrong[mistake]).message
