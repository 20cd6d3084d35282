"""Results about teachers of whole sequences."""

from __future__ import annotations

from functools import partial

import numpy as np

from collapse_lab import theory
from collapse_lab.distill import softmax
from collapse_lab.measurement import Measurement, mean_and_error
from collapse_lab.results.result import result

in_chapter_15 = partial(result, chapter=15)


@in_chapter_15(
    id="L73",
    title="Right words, wrong sentence",
    statement=r"""A student without memory that learns a teacher's probabilities *word by word*, and
then says the most probable word at each place, says something to which the teacher gives only a
fraction of the probability of its own best sequence. The same student, taught the teacher's best
sequence itself, says that: the fraction is 1.""",
    source="kim2016sequence",
    flag="M",
    kind="qualitative",
    note="""An exact toy after the paper's distinction, not its experiment: teachers are random
Markov chains of 6 words out of 8, normal logits of standard deviation 2, and the student knows the
place only. Its optimum under the word-level loss is the teacher's share of each word at each place;
the teacher's best sequence is found by the Viterbi algorithm. How small the fraction is depends on
the law of the teachers.""",
)
def right_words(rng: np.random.Generator) -> Measurement:
    """Draw 2,000 teachers; both students are computed, not trained."""
    runs, n_words, length = 2000, 8, 6
    start = softmax(2 * rng.standard_normal((runs, n_words)))
    steps = softmax(2 * rng.standard_normal((runs, length - 1, n_words, n_words)))
    best = theory.most_probable_sequence(start, steps)
    by_word = theory.word_shares(start, steps).argmax(axis=-1)
    fraction = theory.sequence_probability(start, steps, by_word)
    fraction /= theory.sequence_probability(start, steps, best)
    other = (by_word != best).any(axis=-1)
    value, error = mean_and_error([1 - fraction, other.astype(np.float64)])
    labels = ["lost share of the best probability", "share of teachers with another sequence"]
    return Measurement(labels, value, error, [0.0, 0.0])


ROWS = (right_words,)
