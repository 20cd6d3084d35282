"""The exercises of chapter 13: Is the data any good."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collapse_lab import privacy
from collapse_lab.bootstrap import SmoothedBootstrap
from collapse_lab.checks import Exercise, calls, needs_array, needs_function, show
from collapse_lab.data import Labelled


def _betrayed(answer: Any) -> str | None:
    """Return what is wrong with `betrayed(n, m)`."""
    call = "betrayed(10, 5)"
    problem = needs_function(answer, "betrayed(n, m)") or needs_array(answer(10, 5), (), of=call)
    if problem:
        return problem
    found, right = float(answer(10, 5)), 1 - 0.9**5
    mistakes = {
        0.9**5: "That is the chance to be *missed* by all draws. Who is among the copies?",
        0.5: "That would be without replacement: a member may be drawn twice.",
        10 * right: "That is a number of members. Which share of the `n` is it?",
        1 - 0.9**10: "The photocopier draws `m` records, not `n`.",
        1 - 0.8**10: "`n` and `m` are exchanged: each of the `m` draws misses with 1 - 1/n.",
        1 - np.exp(-0.5): "Close: that is the limit for large `n`. Use the exact chance.",
        100 * right: "That is a percentage. Asked is a share, between 0 and 1.",
        1 - np.exp(-1): "That is the limit for large `n` = `m`. Use both numbers, exactly.",
    }
    for value, message in mistakes.items():
        if np.isclose(found, value, rtol=1e-9):
            return message
    if not np.isclose(found, right, rtol=1e-9):
        return (
            f"`{call}` is {found:.4f}. Of 10 members, one given member is missed by one draw "
            "with chance 0.9. And by five?"
        )
    for n, m in [(190, 190), (3, 1), (1, 4), (50, 2000)]:
        if not np.isclose(answer(n, m), 1 - (1 - 1 / n) ** m, rtol=1e-9):
            return f"It is right for `{call}`, but `betrayed({n}, {m})` is not."
    return None


def _people(seed: int) -> tuple[NDArray[np.float64], ...]:
    """Made records, members and others on a grid, with ties, more made ones than members."""
    rng = np.random.default_rng(seed)
    members, others = rng.integers(0, 12, (2, 30, 3)).astype(np.float64)
    near = members[:25] + rng.integers(-1, 2, (25, 3))
    return np.concatenate([near, rng.integers(0, 12, (20, 3)).astype(np.float64)]), members, others


def _share(
    made: NDArray[np.float64],
    members: NDArray[np.float64],
    others: NDArray[np.float64],
    ties: float,
) -> float:
    near, far = privacy.nearest(made, members), privacy.nearest(made, others)
    return float((near < far).mean() + ties * (near == far).mean())


def _copied(answer: Any) -> str | None:
    """Return what is wrong with `copied(made, members, others)`."""
    call = "copied(made, members, others)"
    made, members, others = _people(2)
    problem = needs_function(answer, call)
    if problem:
        return problem
    found = answer(made.copy(), members.copy(), others.copy())
    problem = needs_array(found, (), of=call)
    if problem:
        return problem
    found, right = float(found), privacy.copied_share(made, members, others)
    mistakes = {
        1 - right: "That is the share that lies nearer to the *others*.",
        _share(made, members, others, 0.0): "A tie counts as nothing in it; count one half.",
        _share(made, members, others, 1.0): "A tie counts fully in it; count one half.",
        _by_member(made, members, others): "It goes through the members: one row for each of them. "
        "Asked is a share of the *made* records. Along which axis does the minimum run?",
        _by_mean(made, members, others): "It compares mean distances. What counts is the *nearest* "
        "member and the nearest other.",
        _by_city(made, members, others): "That is not the Euclidean distance: squares are added, "
        "not absolute differences.",
    }
    for value, message in mistakes.items():
        if np.isclose(found, value, rtol=1e-9) and not np.isclose(found, right, rtol=1e-9):
            return message
    for seed in (0, 3, 4, 6):
        people = _people(seed)
        right = privacy.copied_share(*people)
        found = float(answer(*(records.copy() for records in people)))
        if not np.isclose(found, right, rtol=1e-9):
            return (
                f"On one of our tests it is {found:.4f}, and should be {right:.4f}. For each made "
                "record, compare the distance to the nearest member with that to the nearest other."
            )
    if calls(privacy.nearest, answer, *people):  # `copied_share` calls it, too
        return "The share is right. Now find the nearest records yourself, without `privacy`."
    return None


def _by_member(
    made: NDArray[np.float64], members: NDArray[np.float64], others: NDArray[np.float64]
) -> float:
    near, far = privacy.nearest(members, made), privacy.nearest(others, made)
    return float((near < far).mean() + (near == far).mean() / 2)


def _by_mean(
    made: NDArray[np.float64], members: NDArray[np.float64], others: NDArray[np.float64]
) -> float:
    near, far = (_gaps(made, people).mean(axis=1) for people in (members, others))
    return float((near < far).mean() + (near == far).mean() / 2)


def _by_city(
    made: NDArray[np.float64], members: NDArray[np.float64], others: NDArray[np.float64]
) -> float:
    near, far = (
        np.abs(made[:, None] - people).sum(axis=2).min(axis=1) for people in (members, others)
    )
    return float((near < far).mean() + (near == far).mean() / 2)


def _sorted_in_place(
    made: NDArray[np.float64], members: NDArray[np.float64], others: NDArray[np.float64]
) -> float:
    members.sort(axis=0)  # each column by itself, so that the records are torn apart
    return _share(made, members, others, 0.5)


def _gaps(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.linalg.norm(one[:, None] - other, axis=2))


def _half_width(made: NDArray[np.float64], variance: float) -> float:
    return float(1.96 * np.sqrt(variance * made.var(ddof=1)))


def _honest(answer: Any) -> str | None:
    """Return what is wrong with `honest(made, n)`."""
    call = "honest(made, n)"
    problem = needs_function(answer, call)
    if problem:
        return problem
    made = 5 + np.random.default_rng(3).standard_normal(45)
    m, n = len(made), 10
    ends = answer(made.copy(), n)
    problem = needs_array(ends, (2,), of=call)
    if problem:
        return problem
    low, high = (float(end) for end in ends)
    if np.isclose(low, made.mean(), rtol=1e-9):
        return "The first number is the center. Asked are the two ends of the interval."
    if low > high:
        return "The lower end comes first; yours is above the upper one."
    if not np.isclose((low + high) / 2, made.mean(), rtol=1e-9):
        return "The interval must be centered at the mean of `made`."
    half = (high - low) / 2
    mistakes = {
        _half_width(made, 1 / m): "That is the usual interval. It takes the made records for real.",
        _half_width(made, 1 / n): "That forgets the draws: with few made records their own error "
        "counts, too.",
        _half_width(made, 1 / (n + m)): "That counts real and made records as one large sample. "
        "The made ones bring no news: errors add up, sizes do not.",
        _half_width(made, 1 / m + 2 / n): "The factor $1 + 2m/n$ belongs to parameters that are "
        "drawn anew. This generator plugged in its best estimate.",
        _half_width(made, 1 + m / n): "That is the spread of records, not of their mean: divide "
        "by `len(made)`.",
        _half_width(made, 1 / n + 1 / m) / 1.96: "Where is the 1.96?",
        _half_width(made, 1 / n + 1 / m) * 2 / 1.96: "Use 1.96, as the task says, not 2.",
        1.96 * (made.var(ddof=1) / n + made.var(ddof=1) / m): "That is 1.96 times a variance. The "
        "width takes its root.",
        _half_width(made, 1 / m + n / m**2): "$n$ and `len(made)` are exchanged: the fewer *real* "
        "records, the wider the interval.",
        _half_width(made, 1 / m) * (1 + m / n): "The *variance* is multiplied by $1 + m/n$, the "
        "width by its root.",
        _half_width(made, 1 / n)
        + _half_width(made, 1 / m): "Variances add up, not widths: add under the root.",
        _half_width(made, 1 / n + 1 / m)
        * np.sqrt(1 - 1 / m): "Nearly: take the unbiased variance, `ddof=1`.",
    }
    for value, message in mistakes.items():
        if np.isclose(half, value, rtol=1e-9):
            return message
    for size, n in [(40, 10), (7, 500), (900, 30), (25, 25)]:
        made = 2 * np.random.default_rng(size).standard_normal(size) - 1
        half = _half_width(made, 1 / n + 1 / size)
        ends = np.asarray(answer(made.copy(), n), dtype=np.float64)
        # a quantile of the normal law is as good as 1.96
        if not np.allclose(ends, [made.mean() - half, made.mean() + half], atol=1e-4 * half):
            return (
                f"For {size} made records and n = {n} half the width is "
                f"{(ends[1] - ends[0]) / 2:.4f}, and should be {half:.4f}. Which two variances "
                "add up?"
            )
    return None


LOSS, ATTACK, LONELY = 3.0, 0.60, 0.66  # what the generator of exercise 13.4 has to keep


@cache
def _splits() -> tuple[tuple[Labelled, Labelled, Labelled], ...]:
    """Six splits of the tumors into members, others and test, with seeds unlike the chapter's."""
    from sklearn.datasets import load_breast_cancer

    X, y = load_breast_cancer(return_X_y=True)
    splits = []
    for seed in range(900, 906):
        order = np.random.default_rng(seed).permutation(len(y))
        own = X[order[:190]]
        scaled = (X - own.mean(axis=0)) / own.std(axis=0)
        members, others, test = (
            Labelled(scaled[rows], y[rows]) for rows in np.split(order, [190, 380])
        )
        splits.append((members, others, test))
    return tuple(splits)


def _accuracy(train: Labelled, test: Labelled) -> float:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(solver="liblinear", tol=1e-8)
    return float(model.fit(train.X, train.y).score(test.X, test.y))


def _my_generator(answer: Any) -> str | None:
    """Return what is wrong with `my_generator(records, rng)`."""
    problem = needs_function(answer, "my_generator(records, rng)")
    if problem:
        return problem
    marks = []
    for number, (members, others, test) in enumerate(_splits()):
        given = Labelled(members.X.copy(), members.y.copy())
        made = answer(given, np.random.default_rng(number))
        problem = _not_records(made, members)
        if problem:
            return problem
        alone = privacy.isolation(np.concatenate([members.X, others.X]))
        m, o = np.split(alone > np.quantile(alone, 0.9), 2)
        attack = privacy.membership_auc
        marks.append(
            (
                100 * (_accuracy(members, test) - _accuracy(made, test)),
                attack(made.X, members.X, others.X)[0],
                attack(made.X, members.X[m], others.X[o])[0],
            )
        )
    loss, all_of_them, lonely = np.mean(marks, axis=0)
    if all_of_them > ATTACK:
        return (
            f"The attack succeeds with {all_of_them:.3f}; at most {ATTACK:.2f} is allowed. The "
            "made records lie too near to the members'."
        )
    if loss > LOSS:
        return (
            f"It costs {loss:.1f} points of accuracy; at most {LOSS:.0f} are allowed. Does a made "
            "record still look like its class?"
        )
    if lonely > LONELY:
        return (
            f"On average people are safe, the loneliest tenth are not: {lonely:.3f}, and at most "
            f"{LONELY:.2f} is allowed."
        )
    return None


def _not_records(made: Any, members: Labelled) -> str | None:
    """Return why `made` cannot stand for the members' records, or None."""
    if not isinstance(made, Labelled):
        return f"It must return `cl.Labelled(X, y)`; it returned {show(made)}."
    problem = needs_array(made.X, members.X.shape, of="my_generator(records, rng).X")
    if problem:
        return problem
    if not np.isin(made.y, members.y).all() or len(np.unique(made.y)) < 2:
        return "Both classes must be among the labels, 0 and 1, and nothing else."
    return None


def _generator_at(smoothness: float) -> Any:
    return lambda records, rng: SmoothedBootstrap(records, smoothness).sample(len(records), rng=rng)


EXERCISES = {
    exercise.id: exercise
    for exercise in [
        Exercise(
            "13.1",
            "Who is in the photocopies?",
            _betrayed,
            success="With as many copies as members, 63% of them are handed out, each draw anew.",
            wrong={
                "missed": lambda n, m: (1 - 1 / n) ** m,
                "without replacement": lambda n, m: m / n,
                "a number of members": lambda n, m: n * (1 - (1 - 1 / n) ** m),
                "n draws": lambda n, _m: 1 - (1 - 1 / n) ** n,
                "exchanged": lambda n, m: 1 - (1 - 1 / m) ** n,
                "the limit": lambda n, m: 1 - np.exp(-m / n),
                "the limit for equal numbers": lambda _n, _m: 1 - np.exp(-1),
                "a percentage": lambda n, m: 100 * (1 - (1 - 1 / n) ** m),
                "a formula for ten": lambda n, m: 1 - 0.9**m + 0 * n,
                "a number": 0.63,
            },
        ),
        Exercise(
            "13.2",
            "Nearer to whom?",
            _copied,
            success="One half is what strangers would get. A photocopier gets 1.",
            wrong={
                "the others": lambda made, members, others: _share(made, others, members, 0.5),
                "ties lost": lambda made, members, others: _share(made, members, others, 0.0),
                "ties won": lambda made, members, others: _share(made, members, others, 1.0),
                "the wrong axis": _by_member,
                "mean distances": _by_mean,
                "city blocks": _by_city,
                "all of them": lambda made, members, _others: _gaps(made, members).min(axis=1),
                "always one half": lambda _made, _members, _others: 0.5,
                "sorted in place": _sorted_in_place,
                "a number": 0.5,
            },
        ),
        Exercise(
            "13.3",
            "An honest interval",
            _honest,
            success="However many records are made, it does not get narrower than n real ones "
            "allow.",
            wrong={
                "naive": lambda made, n: _around(made, _half_width(made, 1 / len(made)) + 0 * n),
                "no draws": lambda made, n: _around(made, _half_width(made, 1 / n)),
                "one large sample": lambda made, n: _around(
                    made, _half_width(made, 1 / (n + len(made)))
                ),
                "for drawn parameters": lambda made, n: _around(
                    made, _half_width(made, 1 / len(made) + 2 / n)
                ),
                "of records": lambda made, n: _around(made, _half_width(made, 1 + len(made) / n)),
                "one standard error": lambda made, n: _around(
                    made, _half_width(made, 1 / n + 1 / len(made)) / 1.96
                ),
                "two": lambda made, n: _around(
                    made, _half_width(made, 1 / n + 1 / len(made)) * 2 / 1.96
                ),
                "a variance": lambda made, n: _around(
                    made, 1.96 * made.var(ddof=1) * (1 / n + 1 / len(made))
                ),
                "sizes exchanged": lambda made, n: _around(
                    made, _half_width(made, 1 / len(made) + n / len(made) ** 2)
                ),
                "the root forgotten": lambda made, n: _around(
                    made, _half_width(made, 1 / len(made)) * (1 + len(made) / n)
                ),
                "widths added": lambda made, n: _around(
                    made, _half_width(made, 1 / n) + _half_width(made, 1 / len(made))
                ),
                "the biased variance": lambda made, n: _around(
                    made,
                    _half_width(made, 1 / n + 1 / len(made)) * np.sqrt(1 - 1 / len(made)),
                ),
                "upside down": lambda made, n: _around(
                    made, -_half_width(made, 1 / n + 1 / len(made))
                ),
                "around 0": lambda made, n: (-1.0 / n, 1.0 / len(made)),
                "center and half the width": lambda made, n: (
                    made.mean(),
                    _half_width(made, 1 / n + 1 / len(made)),
                ),
                "the width alone": lambda made, n: _half_width(made, 1 / n + 1 / len(made)),
            },
        ),
        Exercise(
            "13.4",
            "Your own generator",
            _my_generator,
            success="Useful, and discreet even to the lonely, as far as this attacker can see.",
            wrong={
                "the photocopier": _generator_at(0.0),
                "the lonely exposed": _generator_at(0.75),
                "noise": lambda records, rng: Labelled(
                    rng.standard_normal(records.X.shape), rng.permutation(records.y)
                ),
                "no labels": lambda records, _rng: records.X,
                "too few": lambda records, _rng: records[:50],
                "one class": lambda records, _rng: Labelled(records.X, 0 * records.y),
                "a number": 0.5,
            },
        ),
    ]
}


def _around(made: NDArray[np.float64], half: float) -> tuple[float, float]:
    return float(made.mean() - half), float(made.mean() + half)
