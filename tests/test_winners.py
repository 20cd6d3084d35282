"""The study of students of winners: paired differences of its arms, and a sound table."""

import numpy as np
import pytest

from collapse_lab.distill import Student, ensemble, one_hot
from collapse_lab.pictures import handwritten
from collapse_lab.studies import STUDIES, kept, winners
from collapse_lab.studies.winners import PAIRS, SIZES, gains


def test_gains_are_means_of_paired_differences(monkeypatch):
    arms = ("teacher", "hard", "guessed", "shifted")
    drawn = []

    def draw(_n, *, rng):
        drawn.append({f"{arm}, {size}": rng.random() for arm in arms for size in SIZES})
        return drawn[-1]

    monkeypatch.setattr(winners, "_one_split", draw)
    found = gains(300, rng=5)
    assert len(found) == 2 * len(SIZES) * len(PAIRS)
    for arm, other in PAIRS:
        for size in SIZES:
            gain = np.array([run[f"{arm}, {size}"] - run[f"{other}, {size}"] for run in drawn])
            name = f"{arm} - {other}, {size} hidden"
            assert found[name] == pytest.approx(gain.mean())
            assert found[f"{name}_se"] == pytest.approx(gain.std(ddof=1) / np.sqrt(len(gain)))


def test_one_split_by_hand(monkeypatch):
    """Students of the right targets on the right pictures: built again, step by step."""
    monkeypatch.setattr(winners, "SIZES", (0,))
    monkeypatch.setattr(winners, "STEPS", 15)
    made = []
    monkeypatch.setattr(
        winners, "ensemble", lambda *a, **k: made.append(ensemble(*a, **k)) or made[0]
    )
    found = winners._one_split(100, rng=np.random.default_rng(4))
    rng = np.random.default_rng(4)
    digits = handwritten()
    order = rng.permutation(len(digits))
    train, test = digits[order[:897]], digits[order[897:]]
    square = train.ink[:100].reshape(-1, 8, 8)
    copies = [square]
    for axis, step in ((2, 1), (2, -1), (1, 1), (1, -1)):
        moved = np.roll(square, step, axis=axis)
        edge = [slice(None)] * 3
        edge[axis] = 0 if step == 1 else -1
        moved[tuple(edge)] = 0
        copies.append(moved)
    ink, label = np.concatenate(copies).reshape(-1, 64), np.tile(train.label[:100], 5)
    teacher = ensemble(ink, label, rng=rng)

    def accuracy(model):
        return np.mean(model.predict(test.ink) == test.label)

    def fit(ink, labels):
        return Student.fit(ink, one_hot(labels, 10), weight_decay=1e-3, max_iter=15)

    # the copies come in another order: equal up to rounding, so up to a few of 900 pictures
    assert found["teacher, 0"] == pytest.approx(accuracy(teacher), abs=0.02)
    assert found["hard, 0"] == accuracy(fit(train.ink[:100], train.label[:100]))
    assert found["shifted, 0"] == pytest.approx(accuracy(fit(ink, label)), abs=0.004)
    assert found["guessed, 0"] == accuracy(fit(train.ink, made[0].predict(train.ink)))


def test_kept_table_agrees_with_the_study_before_it():
    """Other splits of the same pictures: the same gain of winners over labels, within errors."""
    first, third = (kept(STUDIES[name]).table for name in ("soft_labels", "winners"))
    for size in SIZES:
        for row, n in enumerate(third["n_labels"]):
            other = list(first["n_labels"]).index(n)
            old = f"guessed - hard, {size} hidden: accuracy"
            new = f"guessed - hard, {size} hidden"
            error = np.hypot(first[f"{old}_se"][other], third[f"{new}_se"][row])
            assert abs(first[old][other] - third[new][row]) < 4.9 * error
