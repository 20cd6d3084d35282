"""Results about embeddings: what a contrastive loss can show, and what a bag of words cannot."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from collapse_lab import theory
from collapse_lab.contrastive import choice_loss
from collapse_lab.measurement import Measurement, mean_and_error
from collapse_lab.results.result import result

in_chapter_12 = partial(result, chapter=12)

Array = NDArray[np.float64]


@in_chapter_12(
    id="L84",
    title="A choice among K cannot show more than ln K",
    statement=r"""A score picks, among $K$ candidates, the one that was drawn together with the
question; the others were drawn without regard to it. $\ln K$ minus the mean surprise
$-\ln\text{softmax}$ at the right one is at most $\min(I, \ln K)$, with $I$ the mutual information
of question and right candidate, whatever the score.""",
    source="oord2018cpc",
    flag="M",
    kind="at most",
    note=r"""Measured with the best score there is, the log of the density ratio, and with half of
it. With few candidates $\ln K$ is the smaller limit, with many $I$ is.""",
)
def infonce_values(rng: np.random.Generator) -> Measurement:
    """Draw 2,000 batches of K pairs of normal numbers, correlation 0.99, K = 2, 16 and 64."""
    correlation, batches = 0.99, 2000
    information = float(theory.gaussian_information(correlation))
    rows = []
    for k, blunt in [(2, 1.0), (16, 1.0), (64, 1.0), (64, 0.5)]:
        x = rng.standard_normal((batches, k))
        y = correlation * x + np.sqrt(1 - correlation**2) * rng.standard_normal((batches, k))
        surprise = [
            choice_loss(blunt * best_score(a, b, correlation))[0] for a, b in zip(x, y, strict=True)
        ]
        value, error = mean_and_error(np.log(k) - np.array(surprise))
        name = f"K = {k}" if blunt == 1 else f"K = {k}, half the score"
        rows.append((name, value, error, theory.infonce_bound(k, information)))
    value, error, expected = np.transpose([row[1:] for row in rows])
    return Measurement([row[0] for row in rows], value, error, expected)


def best_score(x: Array, y: Array, correlation: float) -> Array:
    """Log of p(y | x) / p(y) for standard normal numbers, shape (len(x), len(y))."""
    rest = 1 - correlation**2
    distance = y[None, :] - correlation * x[:, None]
    return np.asarray((y**2)[None, :] / 2 - distance**2 / (2 * rest) - np.log(rest) / 2)


@in_chapter_12(
    id="L85",
    title='A bag of words cannot tell "a, no b" from "b, no a"',
    statement=r"""An encoder that sees which words a text holds, and not their order, gives "a, no
b" and "b, no a" the same vector. Whatever it is compared with, and however, a choice between the
two is right with probability $\frac12$.""",
    source=None,
    flag="D",
    kind="equal",
    note="The two counts of words are equal, so the two vectors are; ties are broken by a coin.",
)
def bags_of_words(rng: np.random.Generator) -> Measurement:
    """Choose between the two texts for 4,000 pairs out of 20 words, by random encoders."""
    words, pairs, width = 20, 4000, 16
    a, b = np.array([rng.choice(words, 2, replace=False) for _ in range(pairs)]).T
    item = np.zeros((pairs, 2 * words))  # what the picture shows: a is there, b is not
    item[np.arange(pairs), a] = 1
    item[np.arange(pairs), words + b] = 1
    rows = []
    for name, encode in [("sum of word vectors", _sum), ("any function of the counts", _network)]:
        weights = [rng.normal(size=shape) for shape in ((words + 1, width), (width, width))]
        picture = item @ rng.normal(size=(2 * words, width))
        texts = (_bag(a, b, words), _bag(b, a, words))
        scores = [(encode(text, weights) * picture).sum(axis=1) for text in texts]
        coin = rng.random(pairs) < 0.5
        right = np.where(scores[0] == scores[1], coin, scores[0] > scores[1])
        rows.append((f"right choices, {name}", right.mean(), np.sqrt(0.25 / pairs), 0.5))
    value, error, expected = np.transpose([row[1:] for row in rows])
    return Measurement([row[0] for row in rows], value, error, expected)


def _bag(there: NDArray[np.int64], absent: NDArray[np.int64], words: int) -> Array:
    """Counts of the words of "there, no absent"; the last column counts "no"."""
    counts = np.zeros((len(there), words + 1))
    for word in (there, absent, np.full_like(there, words)):
        np.add.at(counts, (np.arange(len(there)), word), 1.0)
    return counts


def _sum(counts: Array, weights: list[Array]) -> Array:
    return np.asarray(counts @ weights[0])


def _network(counts: Array, weights: list[Array]) -> Array:
    return np.asarray(np.tanh(counts @ weights[0]) @ weights[1])


ROWS = (infonce_values, bags_of_words)
