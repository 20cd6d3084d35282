"""Reading handwriting after training on drawn digits: strength, faces, real data, a rare digit."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from collapse_lab.pictures import Digits
from collapse_lab.rendering import (
    FACES,
    Randomization,
    accuracy,
    join,
    real_halves,
    recognizer,
    rendered,
)
from collapse_lab.studies.averages import by_name, with_errors
from collapse_lab.studies.study import Study

N = 1050  # drawn pictures: five for each face and digit
SPLITS = 20
RARE_SPLITS = 10  # times ten digits
FULL = 50  # pictures of a digit that is not rare


def _at_strength(strength: float, rng: np.random.Generator) -> dict[str, float]:
    _, test = real_halves(rng)
    plain = rendered(N, Randomization().times(0), rng=rng)
    clean = rendered(420, Randomization().times(0.25), rng=rng)
    read = recognizer(rendered(N, Randomization().times(strength), rng=rng))
    before = recognizer(plain)
    return {
        "real": accuracy(read, test),
        "gain": accuracy(read, test) - accuracy(before, test),
        "clean": accuracy(read, clean),
        "clean_gain": accuracy(read, clean) - accuracy(before, clean),
    }


def strength_task(strength: float, *, rng: np.random.Generator) -> Mapping[str, float]:
    """Read handwriting, and faces drawn nearly plainly, at one strength of randomization."""
    return with_errors(by_name([_at_strength(strength, rng) for _ in range(SPLITS)]))


def _with_faces(n_faces: int, n: int, rng: np.random.Generator) -> dict[str, float]:
    _, test = real_halves(rng)
    order = [FACES[i] for i in rng.permutation(len(FACES))]
    least = accuracy(recognizer(rendered(210, faces=order[:1], rng=rng)), test)
    found = accuracy(recognizer(rendered(n, faces=order[:n_faces], rng=rng)), test)
    return {"real": found, "gain": found - least}


def faces_task(faces: int, n: int, *, rng: np.random.Generator) -> Mapping[str, float]:
    """Read handwriting after n pictures of so many faces, chosen at random."""
    return with_errors(by_name([_with_faces(faces, n, rng) for _ in range(SPLITS)]))


def _mixed(n_real: int, weight: float, rng: np.random.Generator) -> dict[str, float]:
    train, test = real_halves(rng)
    few, drawn = train[:n_real], rendered(N, rng=rng)
    alone = accuracy(recognizer(few, np.full(n_real, N / n_real)), test)
    counts = np.repeat([(1 - weight) * N / n_real, weight], [n_real, N])
    both = accuracy(recognizer(join(few, drawn), counts), test)
    return {"alone": alone, "real": both, "gain": both - alone}


def mixing_task(n_real: int, weight: float, *, rng: np.random.Generator) -> Mapping[str, float]:
    """Read handwriting after real pictures, with a share of the weight on 1,050 drawn ones."""
    return with_errors(by_name([_mixed(n_real, weight, rng) for _ in range(SPLITS)]))


def _with_rare(digit: int, n_rare: int, added: str, rng: np.random.Generator) -> dict[str, float]:
    train, test = real_halves(rng)
    limits = {each: n_rare if each == digit else FULL for each in range(10)}
    rows = [np.flatnonzero(train.label == each)[:limit] for each, limit in limits.items()]
    real = train[np.concatenate(rows)]
    before = recognizer(real)
    if added == "weight":
        factor = (n_rare + FULL) / n_rare if n_rare else 1.0
        after = recognizer(real, np.where(real.label == digit, factor, 1.0))
    else:
        shown = digit if added == "the rare digit" else (digit + 1) % 10
        drawn = rendered(FULL, digits=[shown], rng=rng)
        after = recognizer(join(real, Digits(drawn.ink, np.full(FULL, digit))))
    rare = test.label == digit
    gains = [accuracy(after, part) - accuracy(before, part) for part in (test[rare], test[~rare])]
    return {
        "before": accuracy(before, test[rare]),
        "after": accuracy(after, test[rare]),
        "gain": gains[0],
        "others": gains[1],
    }


def rare_task(n_rare: int, added: str, *, rng: np.random.Generator) -> Mapping[str, float]:
    """Read a rare digit and the other nine, before and after 50 drawn pictures are added.

    They show the rare digit, or another one under its name; or nothing is added, and the real
    pictures of the rare digit are given the weight that they would have with them.

    Each split is averaged over the ten digits, each of which is the rare one in turn.
    """
    rows = []
    for _ in range(RARE_SPLITS):
        turns = [_with_rare(digit, n_rare, added, rng) for digit in range(10)]
        rows.append({name: float(np.mean([turn[name] for turn in turns])) for name in turns[0]})
    return with_errors(by_name(rows))


STRENGTH = Study(
    "rendered_strength",
    "Handwriting read after training on drawn digits, by strength of randomization.",
    strength_task,
    {"strength": [0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0]},
    seed=111,
)
VARIETY = Study(
    "rendered_faces",
    "Handwriting read after training on drawn digits: more pictures against more faces.",
    faces_task,
    {"faces": [1, 3, 7, 21], "n": [210, 1050, 3150]},
    seed=112,
)
MIXING = Study(
    "rendered_mixing",
    "Real pictures with and without drawn ones, by number of real ones and weight of the others.",
    mixing_task,
    {"n_real": [10, 20, 50, 100, 200, 500], "weight": [0.1, 0.25, 0.5, 0.75, 0.9]},
    seed=113,
)
RARE = Study(
    "rendered_rare",
    "A digit that the real training data hold rarely, helped out by 50 drawn pictures.",
    rare_task,
    {"n_rare": [0, 1, 3, 10, 30], "added": ["the rare digit", "another digit", "weight"]},
    seed=114,
)
