"""What embeddings know of "there" and "not there": five questions, each answered by a share.

Vectors of statements have the shape (wordings, things, 2, d): that the thing is there, that it is
not. Two statements are compared by their cosine.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import ArrayLike, NDArray

from collapse_lab.contrastive import cosine, unit
from collapse_lab.rules import finite_array

Array = NDArray[np.float64]


def choice_accuracy(
    statements: ArrayLike,
    asking: Collection[int] | None = None,
    asked: Collection[int] | None = None,
) -> float:
    """Share of right choices between two opposite statements in one and the same other wording.

    A statement in one wording, two candidates in another: one says the same, one the opposite. An
    encoder that does not see which is which is right half the time.

    Parameters
    ----------
    statements : array, shape (wordings, things, 2, d)
    asking, asked : collections of int, optional
        Wordings of the statement and of the candidates. Default: all. A wording is never compared
        with itself.

    Returns
    -------
    float
        Mean over pairs of wordings, things and both signs.
    """
    array = _statements(statements)
    first = range(len(array)) if asking is None else asking
    second = range(len(array)) if asked is None else asked
    right = [
        np.diagonal(scores, axis1=1, axis2=2) > np.diagonal(scores[:, :, ::-1], axis1=1, axis2=2)
        for i in first
        for j in second
        if i != j
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


def own_opinion(queries: ArrayLike, examples: ArrayLike) -> float:
    """Share of the preference for "with" over "without" that depends on thing and example together.

    The difference of the two cosines, for each thing and each example, is split into a mean, a part
    of the thing, a part of the example, and the rest. For an encoder that adds one and the same
    vector for "without" to each thing, the rest is 0 before cosines are scaled: it cannot know
    *which* thing is missing. The share is of the sum of squares about the mean.

    Parameters
    ----------
    queries : array, shape (things, 2, d)
    examples : array, shape (examples, d)
    """
    query, example = unit(queries), unit(examples)
    table = (query[:, 0] - query[:, 1]) @ example.T
    table = table - table.mean()
    rest = table - table.mean(axis=1, keepdims=True) - table.mean(axis=0, keepdims=True)
    return float((rest**2).sum() / (table**2).sum())


def _statements(statements: ArrayLike) -> Array:
    array = finite_array("statements", statements)
    if array.ndim != 4 or array.shape[2] != 2:
        raise ValueError(f"statements must have shape (wordings, things, 2, d), got {array.shape}")
    return unit(array)
