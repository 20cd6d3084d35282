"""The five questions about meaning, on small encoders whose answers are known."""

import itertools
import re

import numpy as np
import pytest

from collapse_lab import meaning, polarity
from collapse_lab.contrastive import unit


def encoder(sign, wording, rng=0, things=12, d=24):
    """Statements: a part of the thing, a part of the wording, and a common sign."""
    rng = np.random.default_rng(rng)
    direction = unit(rng.normal(size=d))
    signs = sign * np.array([1, -1])[:, None] * direction
    return unit(
        unit(rng.normal(size=(things, 1, d)))
        + signs
        + wording * unit(rng.normal(size=(5, 1, 1, d)))
    )


def test_choice_needs_the_sign_and_is_not_led_by_wording():
    assert meaning.choice_accuracy(encoder(0.5, 0.0)) == 1
    assert meaning.choice_accuracy(encoder(0.5, 3.0)) > 0.8
    rng = np.random.default_rng(1)
    noise = unit(encoder(0.0, 1.0, things=400) + 0.1 * rng.normal(size=(5, 400, 2, 24)))
    n = 400 * 10  # both signs and directions of a pair of wordings share their noise
    assert meaning.choice_accuracy(noise) == pytest.approx(0.5, abs=4.9 * 0.5 / np.sqrt(n))


def test_choice_between_chosen_wordings():
    statements = encoder(0.5, 0.0)
    statements[0] = statements[0][:, ::-1]  # says the opposite
    assert meaning.choice_accuracy(statements, [(0, 1), (0, 2)]) == 0
    assert meaning.choice_accuracy(statements, [(1, 2), (3, 1)]) == 1
    assert meaning.choice_accuracy(statements) == pytest.approx(1 - 8 / 20)


def test_choice_agrees_with_a_plain_loop():
    statements = unit(np.random.default_rng(2).normal(size=(3, 4, 2, 5)))
    right = [
        statements[i, t, s] @ statements[j, t, s] > statements[i, t, s] @ statements[j, t, 1 - s]
        for i in range(3) for j in range(3) if i != j for t in range(4) for s in range(2)
    ]  # fmt: skip
    assert meaning.choice_accuracy(statements) == np.mean(right)


def test_meaning_over_words_falls_with_the_weight_of_wording():
    assert meaning.meaning_over_words(encoder(0.5, 0.05)) == 1
    assert meaning.meaning_over_words(encoder(0.2, 3.0)) == 0
    assert 0.05 < meaning.meaning_over_words(encoder(0.5, 0.7)) < 0.95


def test_order_of_examples():
    queries = np.array([[[1.0, 0, 0], [0, 1.0, 0]]] * 2)
    holding = np.array([[[2.0, 1, 0]], [[0.3, 0.2, 1]]])
    lacking = np.array([[[0.1, 0.9, 3]], [[0.3, 0.9, 0]]])
    order = meaning.order_accuracy(queries, holding, lacking)
    np.testing.assert_array_equal(order, [[1, 0], [0, 1], [1, 1]])
    turned = meaning.order_accuracy(queries, lacking, holding)
    np.testing.assert_array_equal(turned, 1 - order)


def test_exchange():
    texts = unit(np.random.default_rng(3).normal(size=(6, 2, 8)))
    assert meaning.exchange_accuracy(texts, texts) == 1
    assert meaning.exchange_accuracy(texts, texts[:, ::-1]) == 0


def test_grades():
    first = np.tile([1.0, 0.0], (4, 1))
    angle = np.radians([10, 20, 30, 80])
    second = np.column_stack([np.cos(angle), np.sin(angle)]) * [[1.0], [9.0], [1.0], [99.0]]
    assert meaning.grade_order(first, second, [2, 1, 1, 0]) == 1
    assert meaning.grade_order(first, second, [0, 1, 1, 2]) == 0
    assert meaning.grade_order(first, second, [1, 2, 0, 0]) == pytest.approx(4 / 5)
    with pytest.raises(ValueError, match="grades must differ, got only 1"):
        meaning.grade_order(first, second, [1, 1, 1, 1])


def test_only_directions_count_and_each_question_agrees_with_a_plain_loop():
    rng = np.random.default_rng(5)
    texts, queries, other = (rng.normal(size=shape) for shape in ((3, 4, 2, 5), *2 * [(4, 2, 5)]))
    holding, lacking = rng.normal(size=(2, 4, 3, 5))
    texts, other = (x * rng.uniform(0.05, 20, (*x.shape[:-1], 1)) for x in (texts, other))

    def near(a, b):
        return a @ b / np.linalg.norm(a) / np.linalg.norm(b)

    right = [
        near(texts[0, t, s], texts[2, t, s]) > near(texts[0, t, s], texts[2, t, 1 - s])
        for t in range(4) for s in range(2)
    ]  # fmt: skip
    assert meaning.choice_accuracy(texts, [(0, 2)]) == np.mean(right)
    assert meaning.choice_accuracy(texts, [(2, 0)]) != np.mean(right)
    won = [
        near(texts[i, t, s], texts[j, t, s]) > near(texts[i, t, 0], texts[i, t, 1])
        for i in range(3) for j in range(3) if i != j for t in range(4) for s in range(2)
    ]  # fmt: skip
    assert meaning.meaning_over_words(texts) == np.mean(won)
    for scores, found in zip(
        (
            lambda t, x: near(queries[t, 0], x),
            lambda t, x: -near(queries[t, 1], x),
            lambda t, x: near(queries[t, 0], x) - near(queries[t, 1], x),
        ),
        meaning.order_accuracy(queries, holding, lacking),
        strict=True,
    ):
        order = [
            np.mean([scores(t, a) > scores(t, b) for a in holding[t] for b in lacking[t]])
            for t in range(4)
        ]
        np.testing.assert_allclose(found, order)
    right = [
        near(queries[t, s], other[t, s]) > near(queries[t, s], other[t, 1 - s])
        for t in range(4) for s in range(2)
    ]  # fmt: skip
    assert meaning.exchange_accuracy(queries, other) == np.mean(right)
    assert meaning.exchange_accuracy(other, queries) != np.mean(right)
    table = [[near(q[0], x) - near(q[1], x) for x in holding[0]] for q in queries]
    np.testing.assert_allclose(meaning.preferences(queries, holding[0]), table)


def test_parts_of_a_table_are_those_of_an_analysis_of_variance():
    row, column = np.array([[1.0], [3.0], [-4.0]]), np.array([[0.0, 2.0, -1.0, -1.0]])
    rest = np.outer([1.0, 1.0, -2.0], [1.0, -1.0, 2.0, -2.0])
    for found, part in zip(
        meaning.parts_of(7 + row + column + rest), (row, column, rest), strict=True
    ):
        np.testing.assert_allclose(found, part + np.zeros((3, 4)), atol=1e-12)
    table = np.random.default_rng(6).normal(size=(5, 8))
    squares = [(part**2).sum() for part in meaning.parts_of(table)]
    assert sum(squares) == pytest.approx(table.size * table.var(), rel=1e-12)


def test_counting_shared_words_makes_no_fair_choice():
    texts = np.array(polarity.statements())
    bags = [re.findall("[a-z]+", text.lower()) for text in texts.flat]
    words = sorted({word for bag in bags for word in bag})
    counts = np.array([[bag.count(word) for word in words] for bag in bags])
    counts = unit(counts).reshape(*texts.shape, -1)

    def right(pairs):  # ties are broken by a coin
        near = np.array([np.einsum("tsd,tud->tsu", counts[i], counts[j]) for i, j in pairs])
        ahead = np.diagonal(near - near[..., ::-1], axis1=2, axis2=3)
        return np.where(np.abs(ahead) < 1e-9, 0.5, ahead > 0).mean()

    verbs = range(8, 16)
    assert len(polarity.fair_pairs()) == 182
    assert not polarity.fair_pairs(verbs, verbs)
    assert polarity.fair_pairs([0], [8, 9]) == [(0, 8), (0, 9)]  # the statement's wording first
    assert {i for i, _ in polarity.fair_pairs(asking=[8])} == {8}
    assert right(polarity.fair_pairs()) == 0.5
    assert right(itertools.permutations(verbs, 2)) == 1


def test_an_encoder_that_adds_the_sign_has_no_opinion_of_its_own():
    rng = np.random.default_rng(4)
    things = rng.normal(size=(6, 1, 9))
    things[..., 0] = 0  # the sign stands at right angles: both queries have the same length
    things /= np.linalg.norm(things, axis=-1, keepdims=True)
    queries = things + np.array([1.0, -1.0])[:, None] * np.eye(9)[0]
    examples = rng.normal(size=(7, 9))
    assert np.abs(meaning.parts_of(meaning.preferences(queries, examples))[2]).max() < 1e-12
    other = meaning.preferences(rng.normal(size=(6, 2, 9)), examples)
    assert np.abs(meaning.parts_of(other)[2]).max() > 0.3


def test_statements_need_their_shape():
    with pytest.raises(ValueError, match=r"statements must have shape .*, got \(3, 4, 5\)"):
        meaning.choice_accuracy(np.ones((3, 4, 5)))
    with pytest.raises(ValueError, match=r"statements must have shape .*, got \(3, 4, 3, 5\)"):
        meaning.meaning_over_words(np.ones((3, 4, 3, 5)))


def test_texts_are_as_many_as_they_say():
    statements = polarity.statements()
    assert (len(statements), len(statements[0])) == (16, 48)
    assert statements[0][0] == ("recipes with meat", "recipes without meat")
    assert statements[8][0] == ("recipes that have meat", "recipes that do not have meat")
    assert all(there != absent for wording in statements for there, absent in wording)
    exchanged = polarity.exchanged()
    assert exchanged[2][0] == ("recipes: no cheese, meat", "recipes: no meat, cheese")
    for wording in exchanged[1:]:  # what makes a bag of words blind
        assert all(sorted(a.replace(",", "").split()) == sorted(b.replace(",", "").split())
                   for a, b in wording)  # fmt: skip
    texts = polarity.all_texts()
    assert len(set(texts)) == len(texts) == 2010


def test_dishes_are_listed_once_and_balanced():
    assert set(polarity.DISHES) == set(polarity.THINGS["recipes"])
    for held, lacked in polarity.DISHES.values():
        assert len({*held, *lacked}) == len(held) + len(lacked) == 12


def test_graded_pairs():
    pairs, grades = polarity.graded_pairs()
    assert len(set(pairs)) == len(pairs) == len(grades) == 120
    assert [grades.count(g) for g in (0, 1, 2)] == [40, 40, 40]
    for i, (first, same, subject) in enumerate(polarity.GRADED):
        assert (pairs[i], grades[i]) == ((first, same), 2)
        assert (pairs[40 + i], grades[40 + i]) == ((first, subject), 1)
    assert [first for first, _ in pairs[:40]] == [first for first, _ in pairs[80:]]
