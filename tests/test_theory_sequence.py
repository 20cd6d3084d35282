"""Most probable sequences, against a count of all of them."""

from itertools import pairwise, product

import numpy as np
import pytest

from collapse_lab import theory
from collapse_lab.distill import softmax

RNG = np.random.default_rng(73)
START = softmax(RNG.standard_normal((20, 3)) / 2)
STEPS = softmax(2 * RNG.standard_normal((20, 4, 3, 3)))
ALL = np.array(list(product(range(3), repeat=5)))


def probability(r, words):
    p = START[r, words[0]]
    for place, (v, w) in enumerate(pairwise(words)):
        p *= STEPS[r, place, v, w]
    return p


def test_mode_and_shares_are_those_of_all_sequences():
    best = theory.most_probable_sequence(START, STEPS)
    shares = theory.word_shares(START, STEPS)
    assert best.shape == (20, 5)
    assert (best[:, 0] != START.argmax(axis=1)).any()  # what follows matters
    assert shares.shape == (20, 5, 3)
    for r in range(20):
        p = np.array([probability(r, words) for words in ALL])
        assert p.sum() == pytest.approx(1)
        np.testing.assert_array_equal(best[r], ALL[p.argmax()])
        counted = [[p[ALL[:, i] == w].sum() for w in range(3)] for i in range(5)]
        np.testing.assert_allclose(shares[r], counted)


def test_probability_of_a_sequence():
    for words in ALL[:30]:
        found = theory.sequence_probability(START, STEPS, np.tile(words, (20, 1)))
        np.testing.assert_allclose(found, [probability(r, words) for r in range(20)])
    one = theory.sequence_probability(START[0], STEPS[0], ALL[7])
    assert one == pytest.approx(probability(0, ALL[7]))


def test_a_chain_with_impossible_words():
    start, steps = [1.0, 0.0], [[[0.5, 0.5], [0.5, 0.5]], [[0.0, 1.0], [1.0, 0.0]]]
    best = theory.most_probable_sequence(start, steps)
    assert best[0] == 0
    assert theory.sequence_probability(start, steps, best) == 0.5


def test_a_sequence_may_be_one_word():
    start, none = np.array([0.3, 0.7]), np.zeros((0, 2, 2))
    assert theory.most_probable_sequence(start, none).tolist() == [1]
    np.testing.assert_array_equal(theory.word_shares(start, none), [start])
    assert theory.sequence_probability(start, none, [0]) == 0.3


@pytest.mark.parametrize("words", [[0, 1, 2, 0], [0, 1, 2, 0, 3], [0, 1, -1, 0, 0], [[0] * 5]])
def test_words_that_a_chain_does_not_have(words):
    with pytest.raises(ValueError, match="words must hold 5 numbers below 3 for each chain, got"):
        theory.sequence_probability(START[0], STEPS[0], words)


def test_what_is_no_chain():
    with pytest.raises(
        ValueError, match=r"transitions must end in shape \(L - 1, 3, 3\), got \(3, 3\)"
    ):
        theory.word_shares(START[0], STEPS[0, 0])
    with pytest.raises(ValueError, match=r"transitions must belong to chains of \(19,\), got"):
        theory.word_shares(START[1:], STEPS)
    with pytest.raises(ValueError, match="start must hold shares that sum to 1"):
        theory.most_probable_sequence(START[0] / 2, STEPS[0])
    with pytest.raises(ValueError, match="start must hold shares that sum to 1"):
        theory.most_probable_sequence([0.6, 0.6, -0.2], STEPS[0])
    uneven = STEPS[0] * np.array([0.5, 1.0, 1.5])[:, None]
    with pytest.raises(ValueError, match="transitions must hold shares that sum to 1"):
        theory.most_probable_sequence(START[0], uneven)
