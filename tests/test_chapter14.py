"""What the generic tests cannot know of chapter 14: its numbers, exercises and figures."""

from pathlib import Path

import numpy as np
import pytest

from collapse_lab.checks import check
from collapse_lab.claims import boxes_in
from collapse_lab.distill import Student, ensemble, jittered, one_hot, soften
from collapse_lab.exercises import chapter14
from collapse_lab.notebooks import read
from collapse_lab.pictures import halves, handwritten
from collapse_lab.studies import STUDIES, kept

CHAPTER = Path(__file__).parents[1] / "book" / "part3" / "14-teacher-and-student.ipynb"


def shown(cell_id: str) -> str:
    """Return what a cell of the chapter shows."""
    cell = next(cell for cell in read(CHAPTER).cells if cell.id == cell_id)
    texts = [
        output.get("text") or output.data.get("text/markdown") or output.data["text/plain"]
        for output in cell.outputs
    ]
    return " ".join(" ".join(texts).split())


def test_every_claim_of_the_chapter_has_its_box():
    found = {box.anchor for box in boxes_in(read(CHAPTER))}
    assert found == {f"claim-c{n}-chapter-14" for n in (16, 17, 18, 23, 41, 42)}


def test_a_missing_digit_is_learned_from_other_seeds_too():
    """The chapter's experiment with another teacher, for one digit, and both controls."""
    train, test = halves(handwritten())
    known = train[1::3]
    teacher = ensemble(jittered(known.ink), np.tile(known.label, 5), n_members=2, rng=7)
    p = teacher.predict_proba(train.ink)
    keep = (train.label != 3) & (p.argmax(axis=1) != 3)
    X, p, threes = train.ink[keep], p[keep], test.ink[test.label == 3]

    def found(targets):
        student = Student.fit(X, targets, temperature=10.0, max_iter=60)
        return (student.predict(threes) == 3).mean()

    top = p.max(axis=1, keepdims=True)
    assert found(soften(p, 10)) > 0.5  # of 91 pictures
    assert found(soften(np.where(p == top, top, (1 - top) / 9), 10)) == 0
    assert found(one_hot(p.argmax(axis=1), 10)) == 0


def test_controls_of_the_missing_digit_are_empty():
    assert "none, for any of the ten digits" in shown("missing-numbers")


def test_counts_of_the_study_are_those_of_the_prose():
    """The text around the numbers says: a null or a loss, and help from more pictures."""
    text = shown("study-numbers")
    assert "**soft** against hard: **0** clearly up" in text
    assert "**both**: **0** clearly up" in text
    assert "**guessed**: **8** clearly up, **0** clearly down, of 8" in text
    assert "**informed**: **4** clearly up, **2** clearly down, of 8" in text
    heat = shown("heat-numbers")
    assert "softness in accuracy: 0 of 30. Clear losses: 0 of 6 at τ = 1, 17 of 18" in heat


def test_prose_about_single_settings_is_what_the_studies_found():
    """Which students lose, gain or differ in sign is said in words, without a number."""
    first, third = (kept(STUDIES[name]).table for name in ("soft_labels", "winners"))
    few = first["n_labels"] < 897
    for size in (0, 4, 8, 32):
        soft, winners, informed = (
            first[f"{arm} - hard, {size} hidden: accuracy"]
            for arm in ("transfer", "guessed", "informed")
        )
        assert (winners[few] > soft[few]).all()
        assert (third[f"guessed - hard, {size} hidden"] > 0).all()
        assert (informed[few] > 0).all() == (size in (0, 32))
        rival, error = (third[f"shifted - guessed, {size} hidden{end}"] for end in ("", "_se"))
        assert ((rival < -4 * error).all(), (abs(rival) < 2 * error).all()) == (
            size < 32,
            size == 32,
        )


def test_two_students_of_winners_beat_their_teacher_on_new_splits():
    assert "against the teacher: **2** clearly up, **4** clearly down, of 8" in shown(
        "third-numbers"
    )
    assert "**shifted** against guessed: **0** clearly up, **6** clearly down" in shown(
        "third-numbers"
    )
    assert "**Verdict:** does not hold" in shown("c16")
    assert "**Verdict:** does not hold as a law" in shown("c42")


# -------------------------------------------------------------------------- exercises


def test_front_by_comparing_all_pairs():
    rng = np.random.default_rng(1)
    for _ in range(50):
        cost, score = rng.integers(4, size=(2, 7)).astype(float)
        slow = [
            not any(
                c <= cost[i] and s >= score[i] and (c < cost[i] or s > score[i])
                for c, s in zip(cost, score, strict=True)
            )
            for i in range(7)
        ]
        np.testing.assert_array_equal(chapter14.front(cost, score), slow)


def test_other_right_answers_pass():
    assert check("14.1", lambda p, tau: soften(p, tau)).passed
    assert check("14.3", lambda cost, score: chapter14.front(cost, score).astype(int)).passed
    others = [
        lambda X, p: Student.fit(X, p, weight_decay=0.0),
        lambda X, p: Student.fit(X, soften(p, 10), temperature=10),
        lambda X, p: Student.fit(X, soften(p, 3), temperature=3),
    ]
    for teach in others:
        assert check("14.4", teach).passed


def test_near_misses_do_not_pass():
    rounded = check("14.1", lambda p, tau: np.round(soften(p, tau), 3))
    assert not rounded.passed
    no_fourth = check("14.4", lambda X, p: Student.fit(X, soften(p[:, :3], 5), temperature=5))
    assert not no_fourth.passed


def test_forgetting_that_a_model_is_as_good_as_itself_is_named():
    def on_front(cost, score):
        return ~((cost <= cost[:, None]) & (score >= score[:, None])).any(axis=1)

    found = check("14.3", on_front)
    assert not found.passed
    assert "as cheap and as good as itself" in found.message


def test_a_low_score_taken_for_good_is_named():
    found = check("14.3", lambda cost, score: chapter14.front(cost, -score))
    assert "A high score is good" in found.message
    found = check("14.3", lambda cost, score: chapter14.front(-cost, score))
    assert "A cheaper one with a lower score" in found.message


def test_the_starter_of_the_open_exercise_finds_nothing():
    X, p, test, labels, on_unseen, on_others = chapter14._world(1)
    assert not (p.argmax(axis=1) == 3).any()
    student = Student.fit(X, one_hot(p.argmax(axis=1), 4))
    assert not (student.predict(test)[labels == 3] == 3).any()
    assert min(on_unseen, on_others) > 0.9


@pytest.mark.parametrize("labels", [[0.0, 0.3, 0.7], [1.0, 0.0, 0.0]])
def test_heat_keeps_the_order(labels):
    p = np.array([labels])
    warm = soften(p, 4.0)
    assert (np.argsort(warm, axis=1, kind="stable") == np.argsort(p, axis=1, kind="stable")).all()
