"""Whether generated examples help to find rare constructs in real code."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from collapse_lab import grammar
from collapse_lab.constructs import CONSTRUCTS, count_tokens, python_functions
from collapse_lab.detection import auc
from collapse_lab.protocols import RNG
from collapse_lab.rules import one_of, whole_number
from collapse_lab.studies.averages import with_errors
from collapse_lab.studies.study import Study

ARMS = ("real", "pairs", "only with", "without", "more real", "generated alone", "repeated")
Side = tuple[NDArray[np.float64], NDArray[np.bool_]]


def one_split(
    construct: str, n_real: int, *, n_made: int = 200, arms: Sequence[str] = ARMS, rng: RNG = None
) -> NDArray[np.float64]:
    """Train a detector on half of the standard library's files and test it on the other half.

    The detector is a logistic regression on log(1 + count) of each token. It learns from `n_real`
    functions at random and, depending on the arm,

    - "real": nothing else;
    - "pairs": `n_made` generated ones, half with the construct, half with its near miss;
    - "only with": `n_made` generated ones, all with the construct;
    - "without": `n_made` generated ones, none with the construct;
    - "more real": `n_made` more real ones;
    - "generated alone": the generated ones of "pairs", and no real one;
    - "repeated": `n_made` copies of its own examples of the construct, if it has any.

    Parameters
    ----------
    construct : str
        One of `constructs.CONSTRUCTS`.
    n_real : int
    n_made : int
        Even.
    arms : sequence of str
        Out of `ARMS`.
    rng : Generator or seed

    Returns
    -------
    array, shape (arms, 4)
        On the functions of the other half: the chance that one with the construct is ranked above
        one without (AUC); the share that is found among those with it; the share of false alarms
        among those without it. Last, 1 if the detector learned from any example of the construct;
        without one, it guesses: 0.5, 0, 0, and 0.
    """
    one_of("construct", construct, tuple(CONSTRUCTS))
    n_real, n_made = whole_number("n_real", n_real), whole_number("n_made", n_made)
    rng = np.random.default_rng(rng)
    library = python_functions()
    X, y = np.log1p(library.counts), library.uses(construct)
    order = rng.permutation(library.files.max() + 1)
    ours = np.isin(library.files, order[: len(order) // 2])
    pool, test = rng.permutation(np.flatnonzero(ours)), np.flatnonzero(~ours)
    real = (X[pool[:n_real]], y[pool[:n_real]])

    def pairs() -> list[Side]:
        return [
            _made(n_made // 2, construct, near_miss=False, rng=rng),
            _made(n_made // 2, construct, near_miss=True, rng=rng),
        ]

    def repeated() -> Side:
        examples = np.flatnonzero(real[1])
        rows = np.resize(examples, n_made if len(examples) else 0)
        return real[0][rows], real[1][rows]

    taught: dict[str, Callable[[], list[Side]]] = {
        "real": lambda: [real],
        "pairs": lambda: [real, *pairs()],
        "only with": lambda: [real, _made(n_made, construct, near_miss=False, rng=rng)],
        "without": lambda: [real, _made(n_made, None, near_miss=False, rng=rng)],
        "more real": lambda: [(X[pool[: n_real + n_made]], y[pool[: n_real + n_made]])],
        "generated alone": pairs,
        "repeated": lambda: [real, repeated()],
    }
    return np.array([_tested(taught[arm](), X[test], y[test]) for arm in arms])


def _made(n: int, construct: str | None, *, near_miss: bool, rng: np.random.Generator) -> Side:
    texts = grammar.write(n, construct=construct, near_miss=near_miss, rng=rng)
    has = construct is not None and not near_miss
    return np.log1p(count_tokens(texts)), np.full(n, has, dtype=np.bool_)


def _tested(
    sides: list[Side], X: NDArray[np.float64], y: NDArray[np.bool_]
) -> tuple[float, float, float, float]:
    from sklearn.linear_model import LogisticRegression

    inputs, labels = (np.concatenate(each) for each in zip(*sides, strict=True))
    if not labels.any():
        return 0.5, 0.0, 0.0, 0.0
    # liblinear is faster, but penalizes the intercept: a poor baseline for what is rare.
    model = LogisticRegression(solver="newton-cholesky", tol=1e-8, max_iter=200)
    model.fit(inputs, labels)
    scores = model.decision_function(X)
    return auc(scores[~y], scores[y])[0], (scores[y] > 0).mean(), (scores[~y] > 0).mean(), 1.0


def measure(construct: str, n_real: int, *, rng: np.random.Generator) -> dict[str, float]:
    """Average 40 random splits.

    Returns
    -------
    dict
        The AUC with real examples alone, and the share of splits in which the real functions hold
        no example, so that this AUC is 0.5; for each other arm, the paired difference of the AUC to
        it, in all splits and in those with an example, the share of splits in which it is above 0,
        and the shares found and of false alarms; with the standard error of a mean over splits.
    """
    runs = np.array([one_split(construct, n_real, rng=rng) for _ in range(40)])
    seen = runs[:, 0, 3] == 1
    columns = {"real": runs[:, 0, 0], "real: no example": 1.0 - seen}
    for number, arm in enumerate(ARMS):
        columns[f"{arm}: found"], columns[f"{arm}: false alarms"] = runs[:, number, 1:3].T
        if number:
            gain = runs[:, number, 0] - runs[:, 0, 0]
            columns[f"{arm}: gain"], columns[f"{arm}: better"] = gain, (gain > 0).astype(float)
            columns[f"{arm}: gain with an example"] = gain[seen]
    return with_errors(columns)


RARE_CONSTRUCTS = Study(
    name="rare_constructs",
    title="How generated examples change a detector of rare constructs in the standard library.",
    task=measure,
    grid={"construct": tuple(CONSTRUCTS), "n_real": (400, 1600)},
    seed=13,
)
