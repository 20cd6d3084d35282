"""The study of chains: its arms and differences, on few pictures."""

import numpy as np
import pytest

from collapse_lab.distill import Student, one_hot
from collapse_lab.studies import STUDIES, chains, kept


@pytest.fixture(scope="module")
def pictures():
    train, test = chains.split(1)
    return train, test


def test_a_split_uses_each_picture_once(pictures):
    train, test = pictures
    assert (len(train), len(test)) == (897, 900)
    assert not {p.tobytes() for p in train.ink} & {p.tobytes() for p in test.ink}


def test_copies_start_alike_and_winners_stay(pictures):
    train, test = pictures
    found = chains.copies(train[:100], test, rounds=3, rng=1)
    assert set(found) == set(chains.COPIES)
    first = [scores[0] for scores in found.values()]
    assert all(score == first[0] for score in first)
    student = Student.fit(
        train.ink[:100], one_hot(train.label[:100], 10), weight_decay=chains.DECAY, max_iter=200
    )
    assert first[0]["accuracy"] == np.mean(student.predict(test.ink) == test.label)
    right = {name: scores[-1]["accuracy"] for name, scores in found.items()}
    assert abs(right["winners"] - first[0]["accuracy"]) < 0.02
    assert right["drawn"] < right["half drawn"] < first[0]["accuracy"]


def test_labels_of_a_generation():
    p = np.tile([[0.0, 1.0, 0.0]], (400, 1))
    old, stay = np.zeros(400, dtype=np.int64), np.arange(400) % 2 == 0
    rng = np.random.default_rng(1)
    assert (chains._labels("winners", p, old, stay, rng) == 1).all()
    assert (chains._labels("drawn", p, old, stay, rng) == 1).all()
    np.testing.assert_array_equal(chains._labels("half drawn", p, old, stay, rng), ~stay)
    share = chains._labels("random half", p, old, stay, rng).mean()
    assert abs(share - 0.5) < 0.12  # 4.9 standard errors


class Oracle:
    """A teacher that always says the same."""

    def predict_proba(self, ink):
        return np.full((len(ink), 10), 0.1)


def test_who_teaches_whom(pictures, monkeypatch):
    """With a teacher that knows nothing, only those who see labels learn something."""
    train, test = pictures
    seen = []
    monkeypatch.setattr(chains, "ensemble", lambda ink, *_, **__: seen.append(len(ink)) or Oracle())
    monkeypatch.setattr(chains, "STEPS", 30)
    found = chains.shrink(train, test, 60, sizes=(5, 3), rng=1)
    assert seen == [300]  # 60 labeled pictures and their shifted copies
    assert set(found["chain"]) == {5, 3}
    assert found["chain"][5] == found["direct"][5]  # the first link is taught by the teacher
    assert found["equals"][5] == found["direct"][3]  # of the size of the last one
    assert found["labels"][5] > 0.4
    assert max(found["direct"].values()) < 0.3


def test_differences_are_paired():
    sizes = dict.fromkeys(chains.SIZES, 0.5)
    found = chains._differences(
        {
            "teacher": {0: 0.9},
            "labels": sizes,
            "direct": dict.fromkeys(sizes, 0.6),
            "chain": dict.fromkeys(sizes, 0.7),
            "direct winners": sizes,
            "chain winners": dict.fromkeys(sizes, 0.4),
            "equals": dict.fromkeys(sizes, 0.55),
        },
        {
            copy: [{"accuracy": 0.8 - 0.01 * t, "cross-entropy": 0.1 * t} for t in range(11)]
            for copy in chains.COPIES
        },
    )
    assert found["teacher"] == 0.9
    assert found["chain - direct, 4 hidden"] == pytest.approx(0.1)
    assert found["chain winners - direct winners, 16 hidden"] == pytest.approx(-0.1)
    assert found["equals - chain, 4 hidden"] == pytest.approx(-0.15)
    assert found["equals - direct, 4 hidden"] == pytest.approx(-0.05)
    assert found["drawn, 5 copies: accuracy"] == pytest.approx(-0.05)
    assert found["soft, 10 copies: cross-entropy"] == pytest.approx(1.0)


def test_copies_need_a_round(pictures):
    with pytest.raises(ValueError, match="rounds must be a whole number"):
        chains.copies(*pictures, rounds=0)


def test_the_first_link_of_the_kept_chain_is_direct():
    table = kept(STUDIES["chains"]).table
    np.testing.assert_array_equal(table["chain - direct, 32 hidden"], 0)
