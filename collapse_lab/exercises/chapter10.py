"""The exercises of chapter 10: Filling the gaps."""

from __future__ import annotations

from typing import Any

import numpy as np

from collapse_lab.checks import (
    Exercise,
    MistakeError,
    calls,
    needs_array,
    needs_function,
    returned,
)
from collapse_lab.synthetic import smote


def _wanted(rare: float, others: float, share: float) -> int:
    return max(0, int(np.ceil(share * others / (1 - share) - rare)))


def _cases_to_add(answer: Any) -> str | None:
    """Return what is wrong with `cases_to_add(rare, others, share)`."""
    call = "cases_to_add(9, 591, 0.2)"
    problem = needs_function(answer, "cases_to_add(rare, others, share)") or needs_array(
        answer(9, 591, 0.2), (), of=call
    )
    if problem:
        return problem
    found = float(answer(9, 591, 0.2))
    exact = 0.2 * 591 / 0.8 - 9
    if np.isclose(found, exact):
        return f"`{call}` is {found:.2f}: a number of cases is whole. Which way must it be rounded?"
    mistakes = {
        int(exact): "Rounded the wrong way: with so many the share is still a little too small.",
        111: "Does the total stay 600? Each case that is added makes the data set larger, too.",
        148: "That is how many there must be in the end. Nine are there already.",
        110: "That is 20% of the *others*, less the nine. They must be 20% of all.",
    }
    if found != _wanted(9, 591, 0.2):
        return mistakes.get(
            int(found),
            f"`{call}` is {found:.6g}. Then the share is "
            f"{(9 + found) / (600 + found):.3f}; it must reach 0.2, with as few cases as possible.",
        )
    enough = returned(answer, 300, 300, 0.2, of="cases_to_add")
    if enough != 0:
        return (
            f"`cases_to_add(300, 300, 0.2)` is {enough:g}: half are rare already. "
            "Then nothing is to be added, and nothing taken away."
        )
    for rare, others, share in [(0, 100, 0.33), (10, 179, 0.37), (5, 1001, 0.85), (0, 100, 0.5)]:
        number = float(returned(answer, rare, others, share, of="cases_to_add"))
        if number != _wanted(rare, others, share):
            reached = (rare + number) / (rare + others + number)
            return (
                f"It is right for `{call}`, but `cases_to_add({rare}, {others}, {share})` is "
                f"{number:.6g}. Then the share is {reached:.4f}; it must reach {share}, with as "
                "few cases as possible. Is a number fixed in it, or rounded the wrong way?"
            )
    return None


def _undo_copies(answer: Any) -> str | None:
    """Return what is wrong with `undo_copies(p, r)`."""
    call = "undo_copies(np.array([0.2, 0.5, 0.9]), 4)"
    p = np.array([0.2, 0.5, 0.9])
    problem = needs_function(answer, "undo_copies(p, r)") or needs_array(
        answer(p.copy(), 4), (3,), of=call
    )
    if problem:
        return problem
    found = np.asarray(answer(p.copy(), 4), dtype=float)
    mistakes = [
        (
            p / 4,
            "That divides the *probability*. But it was the odds that were multiplied.",
        ),
        (4 * p / (4 * p + 1 - p), "The wrong direction: that copies once more."),
        (p / (p + 3 * (1 - p)), "With `r - 1` copies each case was there `r` times. Divide by r."),
        (p / (1 - p) / 4, "Those are the odds. Turn them back: odds / (1 + odds)."),
        (np.log(p / (1 - p)) - np.log(4), "Those are the log odds. Turn them into probabilities."),
        (
            1 / (1 + np.exp(-(np.log(p / (1 - p)) - 4))),
            "The log odds go down by the *logarithm* of r, not by r.",
        ),
        (p / 4 / (p / 4 + 4 * (1 - p)), "Corrected twice: only one of the two classes was copied."),
    ]
    for value, message in mistakes:
        if np.allclose(found, value):
            return message
    if not np.allclose(found, p / (p + 4 * (1 - p))):
        return (
            f"`{call}` is {np.round(found, 3).tolist()}. A case with p = 0.5 has odds of 1; "
            "without the copies they are 1/4, so its probability is 0.2."
        )
    for r in (1, 10, 2.5):
        value = returned(answer, p.copy(), r, of="undo_copies", shape=(3,))
        if not np.allclose(value, p / (p + r * (1 - p))):
            return f"It is right for r = 4, but not for r = {r}. Is a number fixed in it?"
    ends = np.asarray(answer(np.array([0.0, 1.0]), 4), dtype=float)
    if not np.allclose(ends, [0, 1]):
        return (
            "A case that is certain stays certain: for p = 0 and p = 1 the answer is 0 and 1, and "
            f"yours is {ends.tolist()}. Is there a division by 0?"
        )
    return None


def _places(answer: Any) -> str | None:
    """Return what is wrong with the places of points between two."""
    pair = np.array([[0.0, 0.0], [1.0, 2.0]])
    far = np.asarray(answer(pair + 10, 400, np.random.default_rng(5)), dtype=float)
    straight = np.allclose(far[:, 1], 2 * far[:, 0] - 10)
    if far.max() > 16 and not straight:  # the ends are at 12, twice the way at 14
        return (
            "Between (10, 10) and (11, 12) some of your points are far beyond both. Go a part of "
            "the *difference*, `points[j] - points[i]`, and not of `points[j]`."
        )
    one = np.asarray(answer(pair.copy(), 4000, np.random.default_rng(2)), dtype=float)
    if not np.allclose(one[:, 1], 2 * one[:, 0]):
        return (
            "From (0, 0) to (1, 2) your points leave the straight line. Each point needs *one* "
            "random part of the way, the same for all its coordinates: shape (n, 1)."
        )
    place = one[:, 0]
    if place.min() < -1e-9 or place.max() > 1 + 1e-9:
        return "Some points lie beyond the ends. The part of the way is between 0 and 1."
    ends = np.mean((place < 1e-12) | (place > 1 - 1e-12))
    if ends > 0.9:
        return "Those are copies of the points. Go a random part of the way to another one."
    if ends > 0.1:
        return (
            f"With two points {ends:.0%} of yours lie exactly on one of them: there a point was "
            "joined with itself. The two must be different."
        )
    if len(np.unique(np.round(place, 9))) < 1000:
        return "All lie at the same places. How far to go must be random, for each new point."
    if abs(place.mean() - 0.5) > 4.9 / np.sqrt(12 * 4000) or abs(place.var() - 1 / 12) > 0.01:
        return (
            f"The places on the line have mean {place.mean():.2f} and variance {place.var():.3f}. "
            "Uniformly random ones have 0.50 and 0.083: `rng.random`."
        )
    return None


def _interpolate(answer: Any) -> str | None:
    """Return what is wrong with `interpolate(points, n, rng)`."""
    call = "interpolate(points, 4000, rng)"
    corners = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    problem = needs_function(answer, "interpolate(points, n, rng)") or needs_array(
        answer(corners.copy(), 4000, np.random.default_rng(1)), (4000, 3), of=call
    )
    if problem:
        return problem
    problem = _places(answer)
    if problem:
        return problem
    spread = np.asarray(answer(corners.copy(), 12_000, np.random.default_rng(3)), dtype=float)
    edges = np.unique(spread > 1e-12, axis=0, return_counts=True)
    sides = {tuple(bool(x) for x in edge): int(c) for edge, c in zip(*edges, strict=True)}
    if any(sum(edge) == 3 for edge in sides):
        return "Some points lie between three points. Only two at a time."
    if len(sides) < 6 or min(sides.values()) < 1500:
        return (
            "Some pairs are never joined, or more rarely than others. Every pair of different "
            "points must be equally likely."
        )
    other, again, more = (
        np.asarray(answer(corners.copy(), 50, np.random.default_rng(seed)), dtype=float)
        for seed in (4, 4, 5)
    )
    if not np.array_equal(other, again):
        return "The same `rng` gives other points: is a generator made inside? Draw from `rng`."
    if np.array_equal(other, more):
        return "Another `rng` gives the same points: is a seed fixed inside? Draw from `rng`."
    if calls(smote, answer, corners.copy(), 5, np.random.default_rng(6)):
        return "The points are right. Now draw them yourself, without `synthetic.smote`."
    return None


def _no_training_set(mine: Any, pictures: Any) -> str | None:
    """Return why nothing can be learned from what `my_training_set` made of the pictures."""
    from collapse_lab.data import Labelled

    if mine is None:
        return "`my_training_set` returned None. Is there a `return` in front of the result?"
    if not isinstance(mine, Labelled):
        return "`my_training_set` must return a `Labelled` set; `pool(a, b)` joins two."
    if mine.X.ndim != 2 or mine.X.shape[1] != pictures.X.shape[1]:
        return (
            f"The pictures have {pictures.X.shape[1]} scores here, and yours have another "
            "number. Make new ones from those that you get."
        )
    if not np.isfinite(mine.X).all():
        return "Some scores are not finite. Is something divided by zero?"
    if not np.isin(mine.y, np.arange(8)).all():
        return "`y` must hold the numbers of the cells, 0 to 7."
    if len(np.unique(mine.y >= 4)) < 2:
        return "It shows only doctors, or none. Keep the pictures that you got."
    return None


FALL, CELL_FALL, GAIN = 1.0, 10.0, 3.0  # the limits of exercise 10.4, in points
N_SETS = 8, 32, 128  # training sets, more where fewer leave it open


def _changes(answer: Any, rngs: list[np.random.Generator]) -> Any:
    """Return by how many points the answer changes each cell, for one training set a generator."""
    from collapse_lab.data import Labelled
    from collapse_lab.doctors import WEB, Doctors, recognizer

    world = Doctors(clash=0.3, background=12)
    change = []
    for rng in rngs:
        pictures = world.draw(WEB, rng=rng)
        mine = answer(Labelled(pictures.X.copy(), pictures.y.copy()), rng)
        problem = _no_training_set(mine, pictures)
        if problem:
            raise MistakeError(problem)
        after, before = (world.right(recognizer(each)) for each in (mine, pictures))
        change.append(100 * (after - before))
    return np.array(change)


def _my_training_set(answer: Any, seed: int = 104) -> str | None:
    """Return what is wrong with `my_training_set(pictures, rng)`.

    The mean over training sets must lie beyond a limit by more than chance brings about once in a
    million (quantile of Student's t): so an answer that keeps a limit is not refused by chance.
    """
    from scipy import stats

    problem = needs_function(answer, "my_training_set(pictures, rng)")
    if problem:
        return problem
    sets, cells = np.random.default_rng(seed), np.empty((0, 8))
    for n in N_SETS:
        cells = np.concatenate([cells, _changes(answer, sets.spawn(n - len(cells)))])
        groups = cells.reshape(n, 2, 4).mean(axis=1)
        if np.allclose(groups, 0):
            return "Nothing has changed yet. Add pictures of cell 7: younger women doctors."
        room = np.hstack([groups + FALL, cells + CELL_FALL, groups[:, 3:] - GAIN])
        by_chance = stats.t.isf(1e-6, n - 1) * room.std(axis=0, ddof=1) / np.sqrt(n)
        beyond = room.mean(axis=0) < -by_chance
        if beyond.any():
            return _beyond(cells.mean(axis=0), np.where(beyond, room.mean(axis=0), 0))
        if (room.mean(axis=0) > by_chance).all():
            return None
    return None  # so near to a limit that nobody can say on which side


def _beyond(cells: Any, missing: Any) -> str:
    """Return which limits are broken: of 4 groups, of 8 cells, of the gain; below 0 is broken."""
    from collapse_lab.doctors import CELLS, GROUPS

    points = cells.reshape(2, 4).mean(axis=0)
    loser, cell = int(np.argmin(missing[:4])), int(np.argmin(missing[4:12]))
    if missing[loser] < 0:
        return (
            f"The group of {GROUPS[loser]} pays: its accuracy falls by {-points[loser]:.1f} "
            f"points, and that of younger women changes by {points[3]:+.1f}. Is the amount right, "
            "and is everything still there that you got?"
        )
    if missing[4 + cell] < 0:
        return (
            f"No group clearly pays, but the cell of {CELLS[cell]} does: it falls by "
            f"{-cells[cell]:.1f} points. Are so many cases needed?"
        )
    return (
        f"Younger women's accuracy changes by {points[3]:+.1f} points, and +{GAIN:g} are asked. "
        "Which cell of theirs is rare, and how many cases would make it even?"
    )


def _with(way: str, n: int, cell: int = 7) -> Any:
    """Return a plan that adds n copied or edited pictures, labelled as `cell`."""

    def plan(pictures: Any, rng: np.random.Generator) -> Any:
        from collapse_lab.data import Labelled, pool
        from collapse_lab.doctors import edited
        from collapse_lab.synthetic import oversample

        if way == "edited":
            return pool(pictures, Labelled(edited(pictures, n, rng=rng).X, np.full(n, cell)))
        copies = oversample(pictures.X[pictures.y == cell], n, rng=rng)
        return pool(pictures, Labelled(copies, np.full(n, cell)))

    return plan


def _line(points: Any, n: int, rng: np.random.Generator, u: Any, *, itself: bool = False) -> Any:
    """Return n points a part u of the way between pairs."""
    m = len(points)
    i = rng.integers(m, size=n)
    j = rng.integers(m, size=n) if itself else (i + rng.integers(1, m, size=n)) % m
    return points[i] + u * (points[j] - points[i])


EXERCISES = {
    exercise.id: exercise
    for exercise in [
        Exercise(
            "10.1",
            "How many to add?",
            _cases_to_add,
            success="More than a fifth of 600, since what you add makes the whole larger.",
            wrong={
                "not whole": lambda c, o, s: s * o / (1 - s) - c,
                "rounded down": lambda c, o, s: max(0, int(s * o / (1 - s) - c)),
                "the total stays": lambda c, o, s: max(0, int(np.ceil(s * (c + o) - c))),
                "in the end": lambda _c, o, s: int(np.ceil(s * o / (1 - s))),
                "a share of the others": lambda c, o, s: max(0, int(np.ceil(s * o - c))),
                "rounded to the nearest": lambda c, o, s: max(0, round(s * o / (1 - s) - c)),
                "one too many": lambda c, o, s: max(0, int(s * o / (1 - s) - c) + 1),
                "below zero": lambda c, o, s: int(np.ceil(s * o / (1 - s) - c)),
                "a number fixed": lambda c, o, _s: _wanted(c, o, 0.2),
                "a number": 139,
            },
        ),
        Exercise(
            "10.2",
            "Undo the copies",
            _undo_copies,
            success="One line, and no new training. Whoever copies should ship it with the model.",
            wrong={
                "the probability divided": lambda p, r: p / r,
                "the wrong direction": lambda p, r: r * p / (r * p + 1 - p),
                "r - 1": lambda p, r: p / (p + (r - 1) * (1 - p)),
                "the odds": lambda p, r: p / (1 - p) / r,
                "the log odds": lambda p, r: np.log(p / (1 - p)) - np.log(r),
                "r off the log odds": lambda p, r: 1 / (1 + np.exp(r) * (1 - p) / p),
                "twice": lambda p, r: p / r / (p / r + r * (1 - p)),
                "r fixed": lambda p, _r: p / (p + 4 * (1 - p)),
                "one number": lambda p, _r: float(np.mean(p)),
            },
        ),
        Exercise(
            "10.3",
            "Between two points",
            _interpolate,
            success="Every new point lies between two old ones, and none beyond: that is all that "
            "interpolation can know.",
            wrong={
                "one part for each coordinate": lambda x, n, rng: _line(
                    x, n, rng, rng.random((n, x.shape[1]))
                ),
                "beyond the ends": lambda x, n, rng: _line(x, n, rng, 2 * rng.random((n, 1))),
                "copies": lambda x, n, rng: x[rng.integers(len(x), size=n)],
                "not of the difference": lambda x, n, rng: (
                    x[rng.integers(len(x), size=n)]
                    + rng.random((n, 1)) * x[rng.integers(len(x), size=n)]
                ),
                "the middle": lambda x, n, rng: _line(x, n, rng, 0.5),
                "with itself": lambda x, n, rng: _line(x, n, rng, rng.random((n, 1)), itself=True),
                "not uniform": lambda x, n, rng: _line(x, n, rng, rng.random((n, 1)) ** 2),
                "the next one only": lambda x, n, rng: (
                    lambda i, u: x[i] + u * (x[(i + 1) % len(x)] - x[i])
                )(rng.integers(len(x), size=n), rng.random((n, 1))),
                "its own generator": lambda x, n, _rng: _line(
                    x, n, np.random.default_rng(), np.random.default_rng().random((n, 1))
                ),
                "one point": lambda x, _n, _rng: x[0],
            },
        ),
        Exercise(
            "10.4",
            "Repair that no group pays for",
            _my_training_set,
            success="The gap is smaller, and no group lost more than a point. Younger women who "
            "are not doctors did pay some. Now find out who gains most from as many pictures.",
            wrong={
                "too many": _with("copied", 600),
                "too many for one cell": _with("edited", 300),
                "too few": _with("copied", 9),
                "another cell": _with("copied", 66, cell=3),
                "labelled as others": _with("edited", 66, cell=3),
                "only doctors": lambda pictures, _rng: pictures[pictures.y >= 4],
                "only the gap": lambda pictures, _rng: pictures[pictures.y % 4 == 3],
                "an array": lambda pictures, _rng: pictures.X,
                "unchanged": lambda pictures, _rng: pictures,
            },
        ),
    ]
}
