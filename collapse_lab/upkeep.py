"""Upkeep: chains whose supply of human data fails unnoticed, and rules that buy some back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from collapse_lab.categorical import Categorical
from collapse_lab.data import Counts
from collapse_lab.protocols import RNG
from collapse_lab.recursion import Metric
from collapse_lab.rules import function, whole_number

Rule = Callable[[Mapping[str, NDArray[Any]]], ArrayLike]


def upkeep(
    world: Categorical,
    rule: Rule,
    *,
    onset: ArrayLike,
    n: int,
    n_generations: int,
    metrics: Sequence[Metric],
    rng: RNG = None,
) -> dict[str, NDArray[Any]]:
    """Run chains in which free data turns from human to generated, and a rule may buy human data.

    Every generation learns from `n` observations. Before the onset all of them are human, and
    free. From the onset on the free ones are the last model's output, and stay so. The team does
    not know the onset. After each generation the rule sees the history so far and says how many
    observations of the next one are bought from people; they take the place of free ones.

    Parameters
    ----------
    world : Categorical, p of shape (K,)
    rule : callable
        ``rule(history)`` returns how many human observations to buy, whole numbers from 0 to `n`,
        one for each chain or one for all. `history` has the metrics so far, each of shape
        (generations so far, chains): the last row belongs to the present model.
    onset : int array, shape (chains,)
        First generation that may learn from output, at least 1.
    n : int
    n_generations : int
        Last generation.
    metrics : list of named functions
        Each takes a model and returns shape (chains,).
    rng : Generator or seed

    Returns
    -------
    dict of arrays, shape (n_generations + 1, chains)
        The metrics, and ``"bought"``: row t is what was bought to train generation t + 1, and the
        last row is 0.

    Raises
    ------
    ValueError
        If `onset` does not hold whole numbers of at least 1, if the rule returns anything but
        whole numbers from 0 to `n`, or if `n` or `n_generations` is not a whole number of at
        least 1.
    """
    function("rule", rule)
    size, last = whole_number("n", n), whole_number("n_generations", n_generations)
    begins = np.asarray(onset)
    if begins.ndim != 1 or not np.issubdtype(begins.dtype, np.integer) or (begins < 1).any():
        raise ValueError(f"onset must hold whole numbers of at least 1, got {onset!r}")
    rng = np.random.default_rng(rng)
    human = np.broadcast_to(world.p, (len(begins), len(world.p)))
    counts = rng.multinomial(size, human)
    rows: dict[str, list[NDArray[Any]]] = {metric.__name__: [] for metric in metrics}
    bought = np.zeros((last + 1, len(begins)), dtype=np.int64)
    for t in range(last + 1):
        model = Categorical.fit(Counts(counts.T))
        for metric in metrics:
            rows[metric.__name__].append(np.asarray(metric(model)))
        if t < last:
            so_far = {name: np.stack(values) for name, values in rows.items()}
            bought[t] = _bought(rule(so_far), size)
            from_people = np.where(begins > t + 1, size, bought[t])
            counts = rng.multinomial(from_people, human)
            counts = counts + rng.multinomial(size - from_people, model.p.T)
    return {**{name: np.stack(values) for name, values in rows.items()}, "bought": bought}


def _bought(answer: ArrayLike, n: int) -> NDArray[np.int64]:
    amount = np.asarray(answer)
    whole = np.issubdtype(amount.dtype, np.integer)
    if not whole or amount.ndim > 1 or amount.min() < 0 or amount.max() > n:
        raise ValueError(f"rule must return whole numbers from 0 to n = {n}, got {answer!r}")
    return amount.astype(np.int64)
