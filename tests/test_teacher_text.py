"""The study of written texts, made small."""

import numpy as np
import pytest

from collapse_lab.ngram import NGram
from collapse_lab.studies import teacher_text as study


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(study, "NUMBERS", (10, 50, 200))
    monkeypatch.setattr(study, "DRAWS", (2,))
    monkeypatch.setattr(study, "N_SPLITS", 2)


def test_nats_are_the_mean_surprise_of_a_word():
    documents = [np.array([0, 1]), np.array([0])]
    model = NGram.fit(documents, order=2, n_words=2)
    assert study.nats(model, documents) == pytest.approx(2 * np.log(2) / 5)


def test_runs_are_the_different_ones():
    assert study.runs([np.array([1, 2, 3, 1, 2, 3]), np.array([2, 3])]) == {
        (1, 2, 3),
        (2, 3, 1),
        (3, 1, 2),
    }


def test_compare_scores_every_student():
    found = study.compare(2, rng=1)
    assert found == study.compare(2, rng=1)
    students = ["some human", "all human", "10 written", "50 written", "200 written"]
    students += ["2 a word", "all contexts"]
    texts = {f"own text, {name}" for name in ("200 written", "2 a word")}
    counts = {"runs, human", "runs, written", "runs, all written", "new runs"}
    named = {f"{name}, {student}" for name in study.STUDENTS for student in students}
    assert set(found) == named | texts | counts | {"teacher"}
    assert found["teacher"] == found["careful, all human"]  # they are one model
    assert found["careful, all human"] < found["careful, some human"]
    assert 0 < found["new runs"] < 1


def test_table_pairs_students_on_each_split(monkeypatch):
    monkeypatch.setattr(study, "DRAWS", (2, 1))
    monkeypatch.setattr(study, "NUMBERS", (10, 100, 200))
    table = study.teacher_text(2, rng=2)
    first, second = "careless, 100 written", "careless, all human"
    difference = table[f"{first} - all human"]
    assert difference == pytest.approx(table[first] - table[second])
    assert table["own text, written - a word_se"] > 0
    with pytest.raises(ValueError, match="teacher_order must be a whole number of at least 2"):
        study.teacher_text(1, rng=2)
