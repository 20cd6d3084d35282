"""What the generic tests cannot know of chapter 3: its exercises."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats

from collapse_lab import theory
from collapse_lab.checks import check
from collapse_lab.exercises.chapter03 import EXERCISES


def _by_steps(n: int, count: int, k: int) -> float:
    law = np.zeros(n + 1)
    law[count] = 1
    for _ in range(k):
        law = law @ stats.binom.pmf(np.arange(n + 1)[None, :], n, np.arange(n + 1)[:, None] / n)
    return float(law[1:].sum())


def _by_search(count: float, chance: float) -> int:
    k = np.arange(20_000)
    return int(np.sum(theory.survival_probability(k, count) >= chance))


def _first_by_search(n: int, width: float, chance: float) -> int:
    k = np.arange(1, 60_000)
    return int(k[np.argmax(theory.spread_tail_bound(width, k - 1, n) <= chance)])


def _geometric(data: Any) -> Any:
    return np.exp(np.log(data).mean(axis=0) + np.euler_gamma)


def _first_order(data: Any) -> Any:
    return data.mean(axis=0) * (1 + 1 / (2 * len(data)))


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        ("3.1", _by_steps),
        ("3.2", _by_search),
        ("3.2", lambda count, chance: float(_by_search(count, chance))),
        ("3.3", _first_by_search),
        ("3.4", _geometric),
        ("3.4", lambda data: np.exp(np.euler_gamma) * data[0]),  # a single number of each chain
        ("3.4", lambda data: list(_first_order(data))),
        ("3.4", _first_order),
        ("3.4", lambda data: _first_order(data).astype(np.float32)),
    ],
)
def test_other_right_answers_are_right(exercise: str, answer: Callable[..., Any]) -> None:
    feedback = check(exercise, answer)
    assert feedback.passed, feedback.message


@pytest.mark.parametrize(
    ("exercise", "mistake", "says"),
    [
        ("3.1", "forgotten", "*forgotten*. Known is the rest"),
        ("3.1", "without the last column", "taken all places"),
        ("3.1", "a fit too few", "One fit too few"),
        ("3.1", "a fit too many", "One fit too many"),
        ("3.1", "cell by cell", "matrix_power"),
        ("3.1", "row for column", "exchanged"),
        ("3.1", "the long run", "long run"),
        ("3.1", "one word only", "still_known(10, 3, 7)"),
        ("3.1", "a whole row", "a single number"),
        ("3.2", "one too many", "One too many"),
        ("3.2", "one too few", "One too few"),
        ("3.2", "the rule of thumb", "approximation"),
        ("3.2", "the modest limit", "too modest"),
        ("3.2", "the upper limit", "promises too much"),
        ("3.2", "forgotten for known", "the chance to be known, or to be forgotten"),
        ("3.2", "one part in count", "one part in `count`"),
        ("3.2", "not whole", "whole"),
        ("3.2", "never 0", "the answer is 0"),
        ("3.3", "not whole", "whole number"),
        ("3.3", "rounded down", "Rounded the wrong way"),
        ("3.3", "4n", "4n - 1"),
        ("3.3", "base 10", "base 10"),
        ("3.3", "no width", "Where is `width`"),
        ("3.3", "no chance", "Where is `chance`"),
        ("3.3", "the variance", "not the variance"),
        ("3.3", "the others", "0.95 wider"),
        ("3.3", "the truth", "when it is *true*"),
        ("3.3", "n fixed", "Is a number fixed"),
        ("3.3", "one too many", "One fit too many"),
        ("3.3", "to the nearest", "rounded to the nearest"),
        ("3.4", "the wrong sign", "wrong sign"),
        ("3.4", "corrected twice", "twice what is needed. Now"),
        ("3.4", "help from other chains", "other chains are left out"),
        ("3.4", "divided by n - 1", "twice what is needed"),
        ("3.4", "the median", "far too small"),
        ("3.4", "all chains together", "axis=0"),
        ("3.4", "along the other axis", "shape (4,)"),
        ("3.4", "it knows the world", "does not see the data"),
        ("3.4", "added, not multiplied", "Minutes and seconds"),
        ("3.4", "the largest", "far too large"),
        ("3.4", "a logarithm", "without `exp`"),
    ],
)
def test_feedback_names_the_mistake(exercise: str, mistake: str, says: str) -> None:
    assert says in check(exercise, EXERCISES[exercise].wrong[mistake]).message


def _random_estimate(data: Any, rng: Any = np.random.default_rng(1)) -> Any:  # noqa: B008 - a student's
    return data.mean(axis=0) * rng.normal(1.1, 0.01, size=data.shape[1:])


@pytest.mark.parametrize(
    ("exercise", "answer", "says"),
    [
        ("3.1", lambda n, count, k: _by_steps(n, count, max(k, 1)), "After no fit at all"),
        ("3.1", lambda n, count, k: 1.0, "the forgotten counted"),
        ("3.2", lambda count, chance: _by_search(count, chance) or None, "the answer is 0"),
        ("3.4", lambda data: "level", "must be an array of numbers"),
        ("3.4", _random_estimate, "without random numbers of its own"),
    ],
)
def test_other_mistakes_are_named(exercise: str, answer: Any, says: str) -> None:
    assert says in check(exercise, answer).message


def test_the_textbook_mean_is_named_as_what_still_falls() -> None:
    assert "that of the sample mean" in check("3.4", lambda data: data.mean(axis=0)).message
