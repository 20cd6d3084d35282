"""Sequences: the most probable one, and the most probable word at each place."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from collapse_lab.rules import finite_array

Array = NDArray[np.float64]


def most_probable_sequence(start: ArrayLike, transitions: ArrayLike) -> NDArray[np.int64]:
    """Return the mode of a Markov chain over sequences of L words: the Viterbi algorithm (L73).

    From the last place backward it keeps, for each word, the best probability of what follows.

    Parameters
    ----------
    start : array, shape (..., V)
        Probabilities of the first word.
    transitions : array, shape (..., L - 1, V, V)
        ``transitions[..., i, v, w]`` is the probability of w at place i + 1 if v stands at place i.

    Returns
    -------
    int array, shape (..., L)
    """
    first, table = _chain(start, transitions)
    best = np.zeros_like(first)  # log probability of the best rest, for each word
    with np.errstate(divide="ignore"):
        log_first, log_table = np.log(first), np.log(table)
    choices = []
    for place in range(table.shape[-3] - 1, -1, -1):
        total = log_table[..., place, :, :] + best[..., None, :]
        choices.append(total.argmax(axis=-1))
        best = total.max(axis=-1)
    word = (log_first + best).argmax(axis=-1)
    sequence = [word]
    for choice in reversed(choices):
        word = np.take_along_axis(choice, word[..., None], axis=-1)[..., 0]
        sequence.append(word)
    return np.stack(sequence, axis=-1).astype(np.int64)


def word_shares(start: ArrayLike, transitions: ArrayLike) -> Array:
    """Probability of each word at each place of a Markov chain, shape (..., L, V) (L73).

    A student that knows the place and no earlier word, and that learns the chain's next-word
    probabilities on its sequences (word-level distillation), ends here: the mean of the teacher's
    probabilities minimizes the cross-entropy to them. Source of the loss: `kim2016sequence`.

    Parameters
    ----------
    start, transitions
        As in `most_probable_sequence`.
    """
    first, table = _chain(start, transitions)
    shares = [first]
    for place in range(table.shape[-3]):
        shares.append(np.einsum("...v,...vw->...w", shares[-1], table[..., place, :, :]))
    return np.stack(shares, axis=-2)


def sequence_probability(start: ArrayLike, transitions: ArrayLike, words: ArrayLike) -> Array:
    """Probability that a Markov chain says these words, shape (...).

    Parameters
    ----------
    start, transitions
        As in `most_probable_sequence`.
    words : int array, shape (..., L)
    """
    first, table = _chain(start, transitions)
    said = np.asarray(words)
    n_words, length = first.shape[-1], table.shape[-3] + 1
    if said.shape != (*first.shape[:-1], length) or said.min() < 0 or said.max() >= n_words:
        raise ValueError(
            f"words must hold {length} numbers below {n_words} for each chain, got {words!r}"
        )
    p = np.take_along_axis(first, said[..., :1], axis=-1)[..., 0]
    for place in range(length - 1):
        now, following = said[..., place, None, None], said[..., place + 1, None]
        row = np.take_along_axis(table[..., place, :, :], now, axis=-2)[..., 0, :]
        p = p * np.take_along_axis(row, following, axis=-1)[..., 0]
    return np.asarray(p)


def _chain(start: ArrayLike, transitions: ArrayLike) -> tuple[Array, Array]:
    first, table = finite_array("start", start), finite_array("transitions", transitions)
    n_words = first.shape[-1] if first.ndim else 0
    if table.ndim < 3 or table.shape[-2:] != (n_words, n_words):
        raise ValueError(
            f"transitions must end in shape (L - 1, {n_words}, {n_words}), got {table.shape}"
        )
    if table.shape[:-3] != first.shape[:-1]:
        raise ValueError(
            f"transitions must belong to chains of {first.shape[:-1]}, got {table.shape}"
        )
    for name, rows in (("start", first), ("transitions", table)):
        if (rows < 0).any() or not np.allclose(rows.sum(axis=-1), 1):
            raise ValueError(f"{name} must hold shares that sum to 1 along the last axis")
    return first, table
