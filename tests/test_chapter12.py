"""What the generic tests cannot know of chapter 12: exercises, and what its verdict rests on."""

import numpy as np
import pytest

from collapse_lab.checks import check
from collapse_lab.contrastive import fit_projection
from collapse_lab.exercises.chapter12 import EXERCISES
from collapse_lab.studies import kept
from collapse_lab.studies.opposites import OPPOSITES, SETTINGS


def by_sorting(with_query, without_query, examples):
    scores = [float(x @ (without_query - with_query)) for x in examples]
    return np.array(sorted(range(len(scores)), key=lambda i: -scores[i]))


def by_loops(scores):
    values = []
    for i, row in enumerate(scores):
        chances = [1 / np.sum(np.exp(np.clip(row - row[j], None, 700))) for j in range(len(row))]
        values.append(np.log(len(row)) + np.log(max(chances[i], 1e-320)))
    return np.mean(values)


def stretched(there, absent, n_words):
    return 3.0 * np.eye(n_words)[there] - 2.5 * np.eye(n_words)[absent]


def half_way(vectors):
    flat = vectors.reshape(len(vectors), -1, vectors.shape[-1])
    strong = fit_projection(flat, pull=0.1)
    return lambda x: 0.45 * strong(x) + 0.55 * x


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [("12.1", by_sorting), ("12.3", stretched), ("12.4", half_way)],
)
def test_another_right_answer_passes(exercise, answer):
    assert check(exercise, answer).passed, check(exercise, answer).message


def test_what_is_shown_agrees_with_a_loop():
    from scipy.special import logsumexp

    def with_scipy(scores):
        return np.log(len(scores)) - (logsumexp(scores, axis=1) - np.diag(scores)).mean()

    assert check("12.2", with_scipy).passed
    scores = np.random.default_rng(1).normal(size=(4, 4))
    assert with_scipy(scores) == pytest.approx(by_loops(scores), rel=1e-12)


def by_quotient(scores):
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.log(len(scores)) + np.log(np.diag(powers / powers.sum(axis=1, keepdims=True))).mean()


def in_place(scores):
    scores -= scores.max(axis=1, keepdims=True)
    return np.log(len(scores)) - (np.log(np.exp(scores).sum(axis=1)) - np.diag(scores)).mean()


def pulled_a_little(vectors):
    return fit_projection(vectors.reshape(len(vectors), -1, vectors.shape[-1]), pull=0.2)


@pytest.mark.parametrize(
    ("exercise", "answer", "says"),
    [
        ("12.2", by_quotient, "rounded to 0"),
        ("12.4", lambda _vectors: lambda _x: 1 / 0, "The layer that it returned stops"),
        ("12.2", lambda scores: by_quotient(scores) if len(scores) == 5 else None, "`return`"),
        ("12.2", in_place, "Work on a copy"),
        ("12.4", lambda _vectors: lambda x: 0 * x, "into zeros"),
        ("12.4", pulled_a_little, "hold it back a little more"),
    ],
)
def test_other_mistakes_are_named(exercise, answer, says):
    feedback = check(exercise, answer)
    assert not feedback.passed
    assert says in feedback.message


def test_every_wrong_answer_gets_a_message_of_its_own():
    for exercise in EXERCISES.values():
        messages = [check(exercise.id, wrong).message for wrong in exercise.wrong.values()]
        assert len(set(messages)) == len(messages), exercise.id


def at(table, new, pull):
    return np.flatnonzero((table["new"] == new) & (table["pull"] == pull))[0]


def test_verdict_rests_on_clear_differences():
    table = kept(OPPOSITES).table
    for new in ("things", "verbs", "templates", "all"):
        i = at(table, new, 0.03)
        assert table["choice_gain"][i] > 4.9 * table["choice_gain_se"][i]
        assert table["by_difference_gain"][i] < -4.9 * table["by_difference_gain_se"][i]
        assert table["general_gain"][i] < -4.9 * table["general_gain_se"][i]
        assert table["of_both_gain"][i] > 4.9 * table["of_both_gain_se"][i]  # not lost: drowned
        assert table["of_dish_gain"][i] > 4.9 * table["of_dish_gain_se"][i]
        assert abs(table["by_own_gain"][i]) < 0.05
    for control in ("shuffled", "not offered"):
        i = at(table, control, 0.03)
        assert table["choice_gain"][i] < 0.02
        assert abs(table["by_difference_gain"][i]) < 0.1


def test_verdict_does_not_rest_on_the_settings_of_the_pilot():
    table = kept(SETTINGS).table
    wide = table["rank"] >= 16
    assert (table["choice_gain"][wide] > 4.9 * table["choice_gain_se"][wide]).all()
    assert table["choice_gain"][~wide].max() < table["choice_gain"][wide].min()
