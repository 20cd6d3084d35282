"""The studies of transfer sets, made small: what they compare, and how they average."""

import numpy as np
import pytest

from collapse_lab.distill import Student, jittered, one_hot
from collapse_lab.studies import transfer_sets as study
from collapse_lab.transfer import KINDS, reach, warp, warped


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(study, "NUMBERS", (50, 100))
    monkeypatch.setattr(study, "ensemble", cheap)
    monkeypatch.setattr(study, "fit", fit)
    monkeypatch.setattr(study, "N_SPLITS", 2)


def cheap(ink, labels, **_):
    """Fit a cheap teacher."""
    return Student.fit(ink, one_hot(labels, 10), max_iter=10)


def fit(ink, targets, **how):
    return Student.fit(ink, targets, **how, hidden=5, max_iter=20)


def taught(digits):
    return cheap(jittered(digits.ink), np.tile(digits.label, 5))


def test_people_get_the_best_of_three():
    pool, test = study.split(rng=1)
    student, best = study.from_people(pool[:80], test, seed=3)
    scores = [
        study.accuracy(
            study.fit(pool.ink[:80], one_hot(pool.label[:80], 10), weight_decay=decay, rng=3), test
        )
        for decay in study.DECAYS
    ]
    assert best == max(scores) == study.accuracy(student, test)


def test_compare_scores_every_arm():
    found = study.compare(80, rng=2)
    assert found == study.compare(80, rng=2)
    arms = {f"{kind}, {n}" for kind in KINDS for n in (50, 100)} | {"real, unlabeled"}
    others = {"teacher", "equal teacher", "some real", "all real", "on top", "by teacher"}
    others |= {f"by {name}" for name in study.LABELERS}
    assert set(found) == arms | {f"reach, {arm}" for arm in arms} | others
    assert all(0 <= value <= 1 for value in found.values())
    assert found["noise, 100"] < found["copies, 100"]
    with pytest.raises(ValueError, match="n_real must be at most 897, got 898"):
        study.compare(898, rng=2)


def test_every_arm_by_hand():
    found = study.compare(80, rng=2)
    rng = np.random.default_rng(2)
    pool, test = study.split(rng=rng)
    real, seed = pool[:80], int(rng.integers(2**31))
    teacher, equal, human = taught(pool), taught(real), one_hot(pool.label, 10)

    def right(model):
        return np.mean(model.predict_proba(test.ink).argmax(axis=1) == test.label)

    def student(ink, targets):
        return right(fit(ink, targets, weight_decay=1e-3, rng=seed))

    expected = {"teacher": right(teacher), "equal teacher": right(equal)}
    for name, known in (("some real", real), ("all real", pool)):
        expected[name] = study.from_people(known, test, seed=seed)[1]
    for kind, make in KINDS.items():
        ink = make(real.ink, 100, rng=rng)
        for n in (50, 100):
            expected[f"{kind}, {n}"] = student(ink[:n], teacher.predict_proba(ink[:n]))
            expected[f"reach, {kind}, {n}"] = reach(ink[:n], test.ink)
    expected["real, unlabeled"] = student(pool.ink, teacher.predict_proba(pool.ink))
    expected["reach, real, unlabeled"] = reach(pool.ink, test.ink)
    rows = rng.integers(80, size=100)
    ink = warp(real.ink[rows], rng=rng)
    own = study.from_people(real, test, seed=seed)[0]
    for name, by in (("teacher", teacher), ("its own", own), ("equal teacher", equal)):
        expected[f"by {name}"] = student(ink, by.predict_proba(ink))
    expected["by original's"] = student(ink, human[rows])
    both = np.concatenate([real.ink, ink])
    answers = np.concatenate([human[:80], teacher.predict_proba(ink)])
    expected["on top"] = student(both, answers)
    assert found == expected


def test_tables_hold_means_pairs_and_errors(monkeypatch):
    runs = [{"a": 0.5, "b": 0.1}, {"a": 0.7, "b": 0.2}]
    found = study.averaged(runs, [("a", "b")])
    assert found["a"] == pytest.approx(0.6)
    assert found["a - b"] == pytest.approx(0.45)
    assert found["a - b_se"] == pytest.approx(np.std([0.4, 0.5], ddof=1) / np.sqrt(2))
    monkeypatch.setattr(study, "compare", lambda n_real, rng: dict.fromkeys(names, rng.random()))
    names = [f"{kind}, {n}" for kind in KINDS for n in (50, 100)]
    names += ["real, unlabeled", "on top", "by teacher", "some real", "all real", "teacher"]
    names += [f"by {name}" for name in study.LABELERS]
    table = study.transfer(80, rng=3)
    assert table["teacher_se"] > 0 == table["on top - teacher"]
    assert table == study.transfer(80, rng=3)


def test_every_knob_by_hand():
    found = study.vary(60, rng=4)
    rng = np.random.default_rng(4)
    pool, test = study.split(rng=rng)
    small, seed, teacher = pool.ink[:100], int(rng.integers(2**31)), taught(pool)

    def student(ink, targets):
        model = fit(ink, targets, weight_decay=1e-3, rng=seed)
        return np.mean(model.predict_proba(test.ink).argmax(axis=1) == test.label)

    made = {f"strength {s:g}": warped(small, 60, strength=s, rng=rng) for s in study.STRENGTHS}
    made |= {f"originals {n}": warped(small[:n], 60, rng=rng) for n in study.ORIGINALS}
    expected = {name: student(ink, teacher.predict_proba(ink)) for name, ink in made.items()}
    expected |= {f"reach, {name}": reach(ink, test.ink) for name, ink in made.items()}
    warps, human = warped(small, 800, rng=rng), one_hot(pool.label, 10)
    for n in (0, 200, 400, 600, 800):
        ink = np.concatenate([pool.ink[:n], warps[: 800 - n]])
        targets = np.concatenate([human[:n], teacher.predict_proba(warps)[: 800 - n]])
        expected[f"800 with {n} real"] = student(ink, targets)
    assert found == expected


def test_vary_turns_one_knob_at_a_time():
    found = study.vary(100, rng=4)
    named = [f"strength {s:g}" for s in study.STRENGTHS]
    named += [f"originals {n}" for n in study.ORIGINALS]
    exchanged = {f"800 with {n} real" for n in study.KEPT_REAL}
    assert set(found) == {*named, *(f"reach, {name}" for name in named)} | exchanged
    assert found["originals 1"] < found["originals 100"]
    assert found["reach, originals 1"] > found["reach, originals 100"]
    table = study.variety(100, rng=4)
    assert set(table) >= {"originals 100 - originals 1_se", "strength 4 - strength 1"}
