"""What embeddings know of "there" and "not there": five questions, each answered by a share.

Vectors of statements have the shape (wordings, things, 2, d): that the thing is there, that it is
not. Two statements are compared by their cosine.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import permutations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from collapse_lab.contrastive import cosine, unit
from collapse_lab.rules import finite_array

Array = NDArray[np.float64]


def choice_accuracy(statements: ArrayLike, pairs: Iterable[tuple[int, int]] | None = None) -> float:
    """Share of right choices between two opposite statements in one and the same other wording.

    A statement in one wording, two candidates in another: one says the same, one the opposite. An
    encoder that does not see which is which is right half the time. The choice is fair only for
    pairs of wordings that share no word of their sign: see `collapse_lab.polarity.fair_pairs`.

    Parameters
    ----------
    statements : array, shape (wordings, things, 2, d)
    pairs : iterable of (int, int), optional
        Wordings of the statement and of the candidates. Default: all pairs of different wordings.

    Returns
    -------
    float
        Mean over pairs of wordings, things and both signs.
    """
    array = _statements(statements)
    right = [
        np.diagonal(scores, axis1=1, axis2=2) > np.diagonal(scores[:, :, ::-1], axis1=1, axis2=2)
        for i, j in (permutations(range(len(array)), 2) if pairs is None else pairs)
        for scores in [array[i] @ array[j].swapaxes(1, 2)]
    ]
    return float(np.mean(right))


def meaning_over_words(statements: ArrayLike) -> float:
    """Share in which the same meaning in other words is nearer than the opposite in the same words.

    Parameters
    ----------
    statements : array, shape (wordings, things, 2, d)

    Returns
    -------
    float
        Mean over pairs of wordings, things and both signs.
    """
    array = _statements(statements)
    opposite = (array[:, :, 0] * array[:, :, 1]).sum(axis=-1)
    won = [
        (array[i] * array[j]).sum(axis=-1) > opposite[i][:, None]
        for i in range(len(array))
        for j in range(len(array))
        if i != j
    ]
    return float(np.mean(won))


def order_accuracy(queries: ArrayLike, holding: ArrayLike, lacking: ArrayLike) -> Array:
    """Share of pairs of examples, one with the thing and one that lacks it, in the right order.

    Parameters
    ----------
    queries : array, shape (things, 2, d)
        "with the thing" and "without the thing".
    holding, lacking : arrays, shape (things, m, d)
        Examples that have the thing, examples that have not.

    Returns
    -------
    array, shape (3, things)
        Ordered by nearness to "with" (those that hold it should be nearer), by nearness to
        "without" (those that lack it should be), and by the difference of the two.
    """
    query, has, lacks = (unit(x) for x in (queries, holding, lacking))
    scores = [
        np.concatenate([near, (near[:, :, 0] - near[:, :, 1])[:, :, None]], axis=2)
        for near in (has @ query.swapaxes(1, 2), lacks @ query.swapaxes(1, 2))
    ]
    above = (scores[0][:, :, None, :] > scores[1][:, None, :, :]).mean(axis=(1, 2)).T
    above[1] = 1 - above[1]  # by "without", those that lack it should be above
    return np.asarray(above)


def exchange_accuracy(queries: ArrayLike, candidates: ArrayLike) -> float:
    """Share of right choices between "a, no b" and "b, no a".

    Parameters
    ----------
    queries, candidates : arrays, shape (pairs, 2, d)
        The two texts in one wording, and in another.
    """
    scores = unit(queries) @ unit(candidates).swapaxes(1, 2)
    right = np.diagonal(scores, axis1=1, axis2=2)
    wrong = np.diagonal(scores[:, :, ::-1], axis1=1, axis2=2)
    return float((right > wrong).mean())


def grade_order(first: ArrayLike, second: ArrayLike, grades: ArrayLike) -> float:
    """Share in which, of two pairs of different grades, the one with the higher is nearer.

    Parameters
    ----------
    first, second : arrays, shape (pairs, d)
    grades : array, shape (pairs,)
        How alike the two texts of a pair are.
    """
    near, grade = cosine(first, second), finite_array("grades", grades)
    higher = grade[:, None] > grade[None, :]
    if not higher.any():
        raise ValueError(f"grades must differ, got only {grade[0]:g}")
    return float((near[:, None] > near[None, :])[higher].mean())


def preferences(queries: ArrayLike, examples: ArrayLike) -> Array:
    """How much nearer each example is to "with" than to "without", for each thing.

    Parameters
    ----------
    queries : array, shape (things, 2, d)
    examples : array, shape (examples, d)

    Returns
    -------
    array, shape (things, examples)
        Differences of two cosines.
    """
    query = unit(queries)
    return np.asarray((query[:, 0] - query[:, 1]) @ unit(examples).T)


def parts_of(table: ArrayLike) -> tuple[Array, Array, Array]:
    """Split a table about its mean: a part of the row, a part of the column, and the rest.

    For an encoder that adds one and the same vector for "without" to each thing, the rest of its
    `preferences` is 0 before cosines are scaled: it cannot know *which* thing is missing.

    Returns
    -------
    three arrays of the table's shape
        They add up to the table less its mean, and their sums of squares to its sum of squares.
    """
    array = finite_array("table", table)
    array = array - array.mean()
    row, column = (array.mean(axis=k, keepdims=True) + 0 * array for k in (1, 0))
    return row, column, array - row - column


def _statements(statements: ArrayLike) -> Array:
    array = finite_array("statements", statements)
    if array.ndim != 4 or array.shape[2] != 2:
        raise ValueError(f"statements must have shape (wordings, things, 2, d), got {array.shape}")
    return unit(array)
