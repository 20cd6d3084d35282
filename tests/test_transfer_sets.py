"""The studies of transfer sets, made small: what they compare, and how they average."""

import numpy as np
import pytest

from collapse_lab.distill import one_hot
from collapse_lab.studies import transfer_sets as study
from collapse_lab.transfer import KINDS


@pytest.fixture(autouse=True)
def small(monkeypatch):
    teach = study.teach
    monkeypatch.setattr(study, "NUMBERS", (50, 100))
    monkeypatch.setattr(
        study, "teach", lambda digits, rng=None: teach(digits[:60], n_members=1, rng=rng)
    )
    monkeypatch.setattr(study, "fit", lambda *a, **k: study.Student.fit(*a, max_iter=20, **k))
    monkeypatch.setattr(study, "N_SPLITS", 2)


def test_a_split_uses_each_picture_once():
    pool, test = study.split(rng=1)
    assert (len(pool), len(test)) == (study.N_POOL, 900)
    both = np.concatenate([pool.ink, test.ink])
    assert len(np.unique(both, axis=0)) == len(np.unique(study.handwritten().ink, axis=0))


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


def test_tables_hold_means_pairs_and_errors(monkeypatch):
    runs = [{"a": 0.5, "b": 0.1}, {"a": 0.7, "b": 0.2}]
    found = study.with_errors(runs, [("a", "b")])
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
