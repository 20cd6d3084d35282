"""The study of written texts, made small."""

import numpy as np
import pytest

from collapse_lab.datasets import python_manual
from collapse_lab.ngram import NGram
from collapse_lab.studies import teacher_text as study
from collapse_lab.text import n_tokens


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


def test_every_student_by_hand(monkeypatch):
    monkeypatch.setattr(study, "NUMBERS", (10, 50, 900))  # more text than people wrote
    monkeypatch.setattr(study, "MANY", 1000)
    found = study.compare(3, rng=2)
    rng = np.random.default_rng(2)
    corpus = python_manual().corpus
    texts = [corpus.documents[d] for d in rng.permutation(len(corpus.documents))]
    human, test, size = texts[:747], texts[747:], len(corpus.words)
    teacher = NGram.fit(human, order=3, n_words=size, smoothing="witten-bell")
    written = teacher.sample(900, rng=rng)
    expected = {"teacher": study.nats(teacher, test)}
    for name, smoothing in (("careful", "witten-bell"), ("careless", "additive")):

        def read(text, smoothing=smoothing):
            return NGram.fit(text, order=2, n_words=size, smoothing=smoothing)

        def told(text, n_draws, smoothing=smoothing):
            how = {"order": 2, "smoothing": smoothing, "n_draws": n_draws}
            return NGram.taught(teacher, text, **how, rng=rng)

        students = {"some human": read(human[:100]), "all human": read(human)}
        students |= {f"{n} written": read(written[:n]) for n in (10, 50, 900)}
        students |= {"2 a word": told(human[:100], 2), "all contexts": told(human, 1)}
        expected |= {f"{name}, {who}": study.nats(s, test) for who, s in students.items()}
        if name == "careful":
            for who in ("900 written", "2 a word"):
                text = students[who].sample(len(test), rng=rng)
                expected[f"own text, {who}"] = study.nats(teacher, text)
    more = read([*written, *teacher.sample(100, rng=rng)])  # the careless one
    expected["careless, 1000 written"] = study.nats(more, test)
    known, everything = study.runs(human), study.runs(written)
    expected |= {"runs, human": len(known), "runs, all written": len(everything)}
    for n, name in ((n_tokens(human), "runs, written"), (n_tokens(test), "new runs, written")):
        found_here = study.runs(study.first_words(written, n))
        new = len(found_here - known) / len(found_here)
        expected[name] = len(found_here) if name == "runs, written" else new
    unseen = study.runs(test) - known
    expected["new runs, human"] = len(unseen) / len(study.runs(test))
    assert expected.items() <= found.items()
    assert set(found) - set(expected) == {
        "careless, human as 900",
        "careless, human as 1000",
        "careless, human, best weight",
    }


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
    splits, compare = [], study.compare
    monkeypatch.setattr(
        study, "compare", lambda *a, **k: splits.append(compare(*a, **k)) or splits[-1]
    )
    table = study.teacher_text(2, rng=2)
    for a, b in (("careless, 100 written", "1 a word"), ("careful, all contexts", "100 written")):
        gap = [split[a] - split[f"{a.partition(',')[0]}, {b}"] for split in splits]
        assert table[f"{a} - {b}"] == pytest.approx(np.mean(gap))
        assert table[f"{a} - {b}_se"] == pytest.approx(np.std(gap, ddof=1) / np.sqrt(2))
    first, second = "careless, 100 written", "careless, all human"
    difference = table[f"{first} - all human"]
    assert difference == pytest.approx(table[first] - table[second])
    assert table["own text, written - a word_se"] > 0
    new = table["new runs, written"] - table["new runs, human"]
    assert table["new runs, written - human"] == pytest.approx(new)
    with pytest.raises(ValueError, match="teacher_order must be a whole number of at least 2"):
        study.teacher_text(1, rng=2)
