"""What the generic tests cannot know of chapter 13: its exercises."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats
from sklearn.neighbors import NearestNeighbors

import collapse_lab as cl
from collapse_lab import privacy
from collapse_lab.bootstrap import SmoothedBootstrap
from collapse_lab.checks import check
from collapse_lab.exercises.chapter13 import EXERCISES


def _by_pairs(made: Any, members: Any, others: Any) -> float:
    score = 0.0
    for x in made:
        near, far = (min(np.sum((x - y) ** 2) for y in people) for people in (members, others))
        score += 1 if near < far else 0.5 if near == far else 0
    return score / len(made)


def _by_sklearn(made: Any, members: Any, others: Any) -> Any:
    near, far = (
        NearestNeighbors(n_neighbors=1).fit(people).kneighbors(made)[0][:, 0]
        for people in (members, others)
    )
    return np.mean(near < far) + np.mean(near == far) / 2


def _half_by_hand(made: Any, members: Any, others: Any) -> Any:
    near, far = privacy.nearest(made, members), privacy.nearest(made, others)
    return np.mean(near < far) + np.mean(near == far) / 2


@pytest.mark.parametrize("ready", [privacy.copied_share, _half_by_hand])
def test_the_package_may_not_find_the_nearest(ready: Callable[..., Any]) -> None:
    feedback = check("13.2", lambda made, members, others: ready(made, members, others))
    assert not feedback.passed
    assert "without `privacy`" in feedback.message


def _spread(made: Any, n: Any) -> Any:
    return stats.tstd(made) * np.sqrt(1 / n + 1 / len(made))


def _by_law(made: Any, n: Any) -> list[float]:
    law = stats.norm(made.mean(), _spread(made, n))
    half = 1.96 * law.std()
    return [law.mean() - half, law.mean() + half]


def _without_the_lonely(records: Any, rng: Any) -> Any:
    alone = privacy.isolation(records.X)
    kept = records[alone < np.quantile(alone, 0.85)]
    return SmoothedBootstrap(kept, 0.8).sample(len(records), rng=rng)


def _by_scipy(records: Any, rng: Any) -> Any:
    X = np.empty_like(records.X)
    for label in (0, 1):
        rows = records.y == label
        law = stats.multivariate_normal(
            records.X[rows].mean(axis=0), np.cov(records.X[rows].T), allow_singular=True
        )
        X[rows] = law.rvs(rows.sum(), random_state=rng)
    return cl.Labelled(X, records.y)


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        ("13.1", lambda n, m: -np.expm1(m * np.log1p(-1 / n)) if n > 1 else 1.0),
        ("13.2", _by_pairs),
        ("13.2", _by_sklearn),
        ("13.3", _by_law),
        ("13.3", lambda made, n: stats.norm(made.mean(), _spread(made, n)).interval(0.95)),
        ("13.4", _without_the_lonely),
        ("13.4", _by_scipy),
    ],
)
def test_other_right_answers_are_right(exercise: str, answer: Callable[..., Any]) -> None:
    feedback = check(exercise, answer)
    assert feedback.passed, feedback.message


@pytest.mark.parametrize(
    ("exercise", "mistake", "says"),
    [
        ("13.1", "missed", "*missed*"),
        ("13.1", "without replacement", "without replacement"),
        ("13.1", "a number of members", "Which share"),
        ("13.1", "n draws", "`m` records, not `n`"),
        ("13.1", "exchanged", "exchanged"),
        ("13.1", "the limit", "limit for large `n`."),
        ("13.1", "the limit for equal numbers", "Use both numbers"),
        ("13.1", "a percentage", "between 0 and 1"),
        ("13.1", "a formula for ten", "betrayed(190, 190)"),
        ("13.2", "the others", "nearer to the *others*"),
        ("13.2", "ties lost", "counts as nothing"),
        ("13.2", "ties won", "counts fully"),
        ("13.2", "the wrong axis", "goes through the members"),
        ("13.2", "mean distances", "mean distances"),
        ("13.2", "city blocks", "Euclidean"),
        ("13.2", "all of them", "a single number"),
        ("13.2", "always one half", "On one of our tests"),
        ("13.2", "sorted in place", "On one of our tests"),
        ("13.3", "naive", "the usual interval"),
        ("13.3", "no draws", "forgets the draws"),
        ("13.3", "one large sample", "one large sample"),
        ("13.3", "for drawn parameters", "drawn anew"),
        ("13.3", "of records", "spread of records"),
        ("13.3", "one standard error", "1.96"),
        ("13.3", "two", "Use 1.96"),
        ("13.3", "a variance", "takes its root"),
        ("13.3", "sizes exchanged", "are exchanged"),
        ("13.3", "the root forgotten", "by its root"),
        ("13.3", "widths added", "add under the root"),
        ("13.3", "the biased variance", "ddof=1"),
        ("13.3", "upside down", "lower end comes first"),
        ("13.3", "around 0", "centered"),
        ("13.3", "center and half the width", "first number is the center"),
        ("13.3", "the width alone", "shape (2,)"),
        ("13.4", "the photocopier", "at most 0.60"),
        ("13.4", "the lonely exposed", "loneliest tenth"),
        ("13.4", "noise", "points of accuracy"),
        ("13.4", "no labels", "cl.Labelled(X, y)"),
        ("13.4", "too few", "shape (190, 30)"),
        ("13.4", "one class", "Both classes"),
    ],
)
def test_feedback_names_the_mistake(exercise: str, mistake: str, says: str) -> None:
    assert says in check(exercise, EXERCISES[exercise].wrong[mistake]).message
