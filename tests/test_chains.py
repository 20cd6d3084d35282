"""The study of chains: its arms and differences, on few pictures."""

import numpy as np
import pytest

from collapse_lab.distill import Student, cross_entropy, draw_labels, jittered, one_hot, soften
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


def test_copies_by_hand(pictures, monkeypatch):
    monkeypatch.setattr(chains, "STEPS", 15)
    train, test = pictures[0][:200], pictures[1]
    found = chains.copies(train, test, rounds=3, rng=5)
    rng, stays = np.random.default_rng(5), np.arange(200) % 2 == 0

    def fit(targets):
        return Student.fit(train.ink, targets, weight_decay=1e-3, max_iter=15)

    def label(copy, p, old):
        if copy == "winners":
            return p.argmax(axis=1)
        drawn = draw_labels(p, rng=rng)
        keep = {"drawn": False, "half drawn": stays}.get(copy)
        return np.where(rng.random(200) < 0.5 if keep is None else keep, old, drawn)

    for copy in ("soft", "winners", "drawn", "half drawn", "random half"):
        labels = train.label
        students = [fit(one_hot(labels, 10))]
        for _ in range(3):
            p = students[-1].predict_proba(train.ink)
            if copy != "soft":
                labels = label(copy, p, labels)
            students.append(fit(p if copy == "soft" else one_hot(labels, 10)))
        for scores, student in zip(found[copy], students, strict=True):
            p = student.predict_proba(test.ink)
            assert scores["accuracy"] == np.mean(p.argmax(axis=1) == test.label)
            assert scores["cross-entropy"] == pytest.approx(cross_entropy(p, test.label))


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


def test_links_by_hand(pictures, monkeypatch):
    def teach(ink, labels, **_):
        return Student.fit(ink, one_hot(labels, 10), max_iter=10)

    monkeypatch.setattr(chains, "ensemble", teach)
    monkeypatch.setattr(chains, "STEPS", 15)
    train, test = pictures[0][:300], pictures[1]
    found = chains.shrink(train, test, 60, sizes=(5, 3), rng=1)
    how = {
        "max_iter": 15,
        "weight_decay": 1e-3,
        "rng": int(np.random.default_rng(1).integers(2**31)),
    }
    teacher = teach(jittered(train.ink[:60]), np.tile(train.label[:60], 5))

    def soft(by, hidden):
        p = soften(by.predict_proba(train.ink), 3.0)
        return Student.fit(train.ink, p, hidden=hidden, temperature=3.0, **how)

    def hard(by, hidden):
        winners = by.predict_proba(train.ink).argmax(axis=1)
        return Student.fit(train.ink, one_hot(winners, 10), hidden=hidden, **how)

    human = one_hot(train.label[:60], 10)
    students = {
        "teacher": {0: teacher},
        "labels": {k: Student.fit(train.ink[:60], human, hidden=k, **how) for k in (5, 3)},
        "direct": {k: soft(teacher, k) for k in (5, 3)},
        "direct winners": {k: hard(teacher, k) for k in (5, 3)},
        "chain": {5: soft(teacher, 5), 3: soft(soft(teacher, 5), 3)},
        "chain winners": {5: hard(teacher, 5), 3: hard(hard(teacher, 5), 3)},
        "equals": {5: soft(teacher, 3), 3: soft(soft(teacher, 3), 3)},
    }
    expected = {
        name: {
            k: np.mean(s.predict_proba(test.ink).argmax(axis=1) == test.label)
            for k, s in row.items()
        }
        for name, row in students.items()
    }
    assert found == expected


def test_losses_are_means_over_splits(monkeypatch):
    drawn = []

    def difference(links, copied):
        assert (links, copied) == ((897, 900, 40), (40, 900))
        return {"x": drawn[-1]}

    def links(train, test, n, *, rng):
        drawn.append(rng.random())
        return len(train), len(test), n

    monkeypatch.setattr(chains, "shrink", links)
    monkeypatch.setattr(chains, "copies", lambda train, test, rng: (len(train), len(test)))
    monkeypatch.setattr(chains, "_differences", difference)
    found = chains.losses(40, rng=1)
    assert len(set(drawn)) == 20
    assert found["x"] == pytest.approx(np.mean(drawn))
    assert found["x_se"] == pytest.approx(np.std(drawn, ddof=1) / np.sqrt(20))


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
    assert found["direct - labels, 8 hidden"] == pytest.approx(0.1)
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
