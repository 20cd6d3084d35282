"""The studies of soft labels: their arms, pairs and averages, on cheap teachers and students."""

import numpy as np
import pytest

from collapse_lab.distill import (
    Student,
    calibration_error,
    cross_entropy,
    jittered,
    one_hot,
    soften,
)
from collapse_lab.pictures import handwritten
from collapse_lab.studies import STUDIES, kept, soft_labels, temperature
from collapse_lab.studies.soft_labels import ARMS, MEASURES, PAIRS, compare


class Oracle:
    """A teacher that knows all digits, and says so."""

    def predict_proba(self, ink):
        digits = handwritten()
        rows = {
            picture.tobytes(): label
            for picture, label in zip(digits.ink, digits.label, strict=True)
        }
        labels = [rows[picture.tobytes()] for picture in np.asarray(ink)]
        return 0.9 * np.eye(10)[labels] + 0.01


@pytest.fixture
def cheap(monkeypatch):
    """Few steps, and teachers that remember how many pictures they were given."""
    taught = []

    def teach(ink, labels, **_):
        taught.append((np.array(ink), np.array(labels)))
        return Oracle()

    monkeypatch.setattr(soft_labels, "ensemble", teach)
    monkeypatch.setattr(soft_labels, "STEPS", 15)
    return taught


def test_arms_of_one_split(cheap):
    teachers, students = compare(60, sizes=[0, 3], rng=1)
    assert [len(ink) for ink, _ in cheap] == [300, 5 * 897]  # with their shifted copies
    np.testing.assert_array_equal(cheap[0][0][:60], cheap[1][0][:60])
    np.testing.assert_array_equal(cheap[0][1], np.tile(cheap[0][1][:60], 5))
    assert set(teachers) == {"teacher", "great teacher"}
    assert teachers["teacher"]["accuracy"] == 1
    assert teachers["teacher"]["cross-entropy"] == pytest.approx(-np.log(0.91))
    assert teachers["teacher"]["calibration"] == pytest.approx(0.09)
    for arms in students.values():
        assert set(arms) == set(ARMS)
        assert all(set(scores) == set(MEASURES) for scores in arms.values())
        assert arms["soft"] == arms["informed"]  # both teachers say the same
        assert arms["transfer"]["accuracy"] > arms["soft"]["accuracy"]
        for arm in ("hard", "soft"):
            assert arms[f"{arm} at best"]["accuracy"] >= arms[arm]["accuracy"]
            assert arms[f"{arm} at best"]["cross-entropy"] <= arms[arm]["cross-entropy"]
            assert arms[f"{arm} at best"]["calibration"] <= arms[arm]["calibration"]
    assert students[0]["hard"] != students[3]["hard"]


def teach(ink, labels, **_):
    """Fit a cheap teacher."""
    return Student.fit(ink, one_hot(labels, 10), max_iter=10)


def split(rng):
    digits = handwritten()
    order = rng.permutation(len(digits))
    return digits[order[:897]], digits[order[897:]]


def test_every_arm_by_hand(monkeypatch):
    monkeypatch.setattr(soft_labels, "ensemble", teach)
    monkeypatch.setattr(soft_labels, "STEPS", 15)
    teachers, students = compare(60, sizes=[3], rng=1)
    rng = np.random.default_rng(1)
    train, test = split(rng)
    seed = int(rng.integers(2**31))
    teacher = teach(jittered(train.ink[:60]), np.tile(train.label[:60], 5))
    great = teach(jittered(train.ink), np.tile(train.label, 5))

    def scores(model):
        p = model.predict_proba(test.ink)
        right = np.mean(p.argmax(axis=1) == test.label)
        values = (right, cross_entropy(p, test.label), calibration_error(p, test.label))
        return pytest.approx(dict(zip(MEASURES, values, strict=True)))

    def hard(labels, decay=1e-3):
        ink, targets = train.ink[: len(labels)], one_hot(labels, 10)
        how = {"hidden": 3, "weight_decay": decay, "max_iter": 15, "rng": seed}
        return Student.fit(ink, targets, **how)

    def soft(p, decay=1e-3, **mixed):
        how = {"hidden": 3, "weight_decay": decay, "max_iter": 15, "rng": seed}
        ink = train.ink[: len(p)]
        return Student.fit(ink, soften(p, 3.0), temperature=3.0, **how, **mixed)

    human, p = train.label[:60], teacher.predict_proba(train.ink)
    arms = {
        "hard": hard(human),
        "soft": soft(p[:60]),
        "both": soft(p[:60], labels=human, soft_share=0.5),
        "transfer": soft(p),
        "guessed": hard(p.argmax(axis=1)),
        "informed": soft(great.predict_proba(train.ink[:60])),
    }
    assert teachers == {"teacher": scores(teacher), "great teacher": scores(great)}
    for arm, student in arms.items():
        assert students[3][arm] == scores(student), arm
    for name, fit, targets in (("hard", hard, human), ("soft", soft, p[:60])):
        tried = [scores(fit(targets, decay)).expected for decay in (1e-4, 1e-3, 1e-2)]
        best = {measure: min(each[measure] for each in tried) for measure in MEASURES}
        best["accuracy"] = max(each["accuracy"] for each in tried)
        assert students[3][f"{name} at best"] == pytest.approx(best)


def test_gains_at_a_temperature_by_hand(monkeypatch):
    monkeypatch.setattr(temperature, "ensemble", teach)
    monkeypatch.setattr(temperature, "SIZES", (3,))
    monkeypatch.setattr(temperature, "STEPS", 15)
    found = temperature._one_split(5.0, rng=np.random.default_rng(2))
    rng = np.random.default_rng(2)
    train, test = split(rng)
    seed = int(rng.integers(2**31))
    teacher = teach(jittered(train.ink[:300]), np.tile(train.label[:300], 5))
    p = teacher.predict_proba(train.ink)

    def right(n, targets, heat=1.0):
        how = {"hidden": 3, "weight_decay": 1e-3, "max_iter": 15, "rng": seed, "temperature": heat}
        return np.mean(
            Student.fit(train.ink[:n], targets[:n], **how).predict(test.ink) == test.label
        )

    human, winners, soft = one_hot(train.label, 10), one_hot(p.argmax(axis=1), 10), soften(p, 5.0)
    assert found == {
        "soft - hard, 3 hidden": right(300, soft, 5.0) - right(300, human),
        "transfer - guessed, 3 hidden": right(897, soft, 5.0) - right(897, winners),
    }


def test_gains_at_a_temperature_are_means_over_splits(monkeypatch):
    drawn = []

    def draw(heat, *, rng):
        drawn.append(rng.random())
        return {"x": heat * drawn[-1]}

    monkeypatch.setattr(temperature, "_one_split", draw)
    found = temperature.gains(2.0, rng=1)
    assert len(set(drawn)) == 20
    assert found["x"] == pytest.approx(2 * np.mean(drawn))
    assert found["x_se"] == pytest.approx(2 * np.std(drawn, ddof=1) / np.sqrt(20))


def test_with_all_labels_there_is_nothing_more_to_teach(cheap):
    _, students = compare(897, sizes=[0], rng=2)
    arms = students[0]
    assert len(cheap) == 1  # the teacher is the great teacher
    assert arms["transfer"] == arms["soft"] == arms["informed"]
    assert arms["guessed"] == arms["hard"]  # this teacher's winners are the labels
    assert arms["both"] != arms["soft"]


@pytest.mark.usefixtures("cheap")
def test_same_seed_same_split():
    first, second, other = (compare(40, sizes=[0], rng=seed) for seed in (3, 3, 4))
    assert first == second
    assert first != other


def test_too_many_labels():
    with pytest.raises(ValueError, match="n_labels must be at most 897, got 898"):
        compare(898)


def test_averages_are_paired(monkeypatch):
    """Scores that are drawn: means, and errors of differences, by hand."""
    drawn = []

    def draw(_, *, rng):
        def scores():
            return dict(zip(MEASURES, rng.random(3), strict=True))

        teachers = {"teacher": scores(), "great teacher": scores()}
        students = {size: {arm: scores() for arm in ARMS} for size in soft_labels.SIZES}
        drawn.append((teachers, students))
        return drawn[-1]

    monkeypatch.setattr(soft_labels, "compare", draw)
    found = soft_labels.gains(300, rng=5)
    assert len(drawn) == 20
    both = [
        (s[4]["transfer"]["accuracy"], t["teacher"]["accuracy"], s[8]["hard"]["calibration"])
        for t, s in drawn
    ]
    student, teacher, hard = np.array(both).T
    gap = student - teacher
    name = "transfer - teacher, 4 hidden: accuracy"
    assert found[name] == pytest.approx(gap.mean())
    assert found[f"{name}_se"] == pytest.approx(gap.std(ddof=1) / np.sqrt(20))
    assert found["hard, 8 hidden: calibration"] == pytest.approx(hard.mean())
    n_columns = 3 * (2 + len(soft_labels.SIZES) * (1 + len(PAIRS)))
    assert len(found) == 2 * n_columns


def test_winners_as_soft_answers_gain_nothing(monkeypatch):
    """A teacher without doubt: softness at temperature 1 is no softness."""

    class Sure(Oracle):
        def predict_proba(self, ink):
            return np.eye(10)[super().predict_proba(ink).argmax(axis=1)]

    monkeypatch.setattr(temperature, "STEPS", 10)
    monkeypatch.setattr(temperature, "N_SPLITS", 2)
    monkeypatch.setattr(temperature, "ensemble", lambda *_, **__: Sure())
    found = temperature.gains(1.0, rng=1)
    for size in temperature.SIZES:
        assert abs(found[f"transfer - guessed, {size} hidden"]) < 0.02
        assert abs(found[f"soft - hard, {size} hidden"]) < 0.02


def test_kept_tables_say_what_the_chapter_says():
    table = kept(STUDIES["soft_labels"]).table
    assert sorted(table["n_labels"]) == [100, 300, 897]
    for size in soft_labels.SIZES:
        column = f"{{}}, {size} hidden: accuracy{{}}"
        for arm in ("soft", "transfer"):
            gap = table[column.format(f"{arm} - teacher", "")]
            assert (gap < 0).all()
        rows = table["n_labels"] < 897
        gain = table[column.format("guessed - hard", "")][rows]
        assert (gain > 3 * table[column.format("guessed - hard", "_se")][rows]).all()
        assert (gain > table[column.format("transfer - hard", "")][rows]).all()
