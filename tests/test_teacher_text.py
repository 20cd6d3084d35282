"""The study of written texts, made small."""

import numpy as np
import pytest

from collapse_lab.ngram import NGram
from collapse_lab.studies import teacher_text as study


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(study, "NUMBERS", (10, 50, 200))
    monkeypatch.setattr(study, "MANY", 400)
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
    counts = {"runs, human", "runs, written", "runs, all written"}
    counts |= {"new runs, human", "new runs, written"}
    careless = ["400 written", "human as 200", "human as 400", "human, best weight"]
    named = {f"{name}, {student}" for name in study.STUDENTS for student in students}
    named |= {f"careless, {student}" for student in careless}
    assert set(found) == named | texts | counts | {"teacher"}
    assert found["teacher"] == found["careful, all human"]  # they are one model
    assert found["careful, all human"] < found["careful, some human"]
    assert found["careless, human, best weight"] < found["careless, all human"]
    assert 0 < found["new runs, human"] < 1
    assert 0 < found["new runs, written"] < 1


def test_human_text_that_counts_twice_is_human_text_read_twice():
    human, test = [np.array([0, 1, 0]), np.array([1])], [np.array([0, 1])]
    written = [np.array([0, 0, 1, 1]), np.array([1, 1, 1, 0])]  # twice as many words
    found = study._careless(human, written, written, test, size=2)
    twice = NGram.fit(human * 2, order=2, n_words=2, smoothing="additive")
    assert found["careless, human as 2"] == pytest.approx(study.nats(twice, test))
    assert found["careless, human, best weight"] <= study.nats(
        NGram.fit(human * 3, order=2, n_words=2, smoothing="additive"), test
    )


def test_first_words_cut_the_last_document():
    documents = [np.array([1, 2]), np.array([3, 4, 5]), np.array([6])]
    assert [d.tolist() for d in study.first_words(documents, 4)] == [[1, 2], [3, 4]]
    assert [d.tolist() for d in study.first_words(documents, 5)] == [[1, 2], [3, 4, 5]]


def test_table_pairs_students_on_each_split(monkeypatch):
    monkeypatch.setattr(study, "DRAWS", (2, 1))
    monkeypatch.setattr(study, "NUMBERS", (10, 100, 200))
    table = study.teacher_text(2, rng=2)
    first, second = "careless, 100 written", "careless, all human"
    difference = table[f"{first} - all human"]
    assert difference == pytest.approx(table[first] - table[second])
    assert table["own text, written - a word_se"] > 0
    new = table["new runs, written"] - table["new runs, human"]
    assert table["new runs, written - human"] == pytest.approx(new)
    with pytest.raises(ValueError, match="teacher_order must be a whole number of at least 2"):
        study.teacher_text(1, rng=2)
