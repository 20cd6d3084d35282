"""A conformance check for model families, for ours and for a reader's own."""

from __future__ import annotations

import copy
import pickle
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from collapse_lab.data import pool
from collapse_lab.protocols import Fit, Model, replicates_of
from collapse_lab.recursion import recurse


@dataclass(frozen=True, eq=False)
class Case:
    """What each check looks at: a fit, a world, data of the world, and the model fitted to them."""

    fit: Fit
    world: Model
    data: Any
    model: Model
    n: int
    seed: int


def check_family(fit: Fit, world: Model, *, n: int = 20, seed: int = 0) -> list[str]:
    """Check that a family keeps what the engine and the policies rely on.

    Parameters
    ----------
    fit : Fit
        ``fit(data, rng=...)`` of the family, hyperparameters bound.
    world : Model
        What the first real data are drawn from: a model of the family, or any other model whose
        data the family can be fitted to.
    n : int
        Sample size of the check.
    seed : int
        Seed of the check.

    Returns
    -------
    list of str
        The names of the checks, all passed.

    Raises
    ------
    AssertionError
        If a check fails; the message says what was expected and what came.
    """
    data = world.sample(n, rng=seed)
    case = Case(fit, world, data, fit(data, rng=np.random.default_rng(seed)), n, seed)
    for check in CHECKS:
        try:
            check(case)
        except AssertionError:
            raise
        except Exception as error:
            raise AssertionError(f"{check.__name__}: {type(error).__name__}: {error}") from error
    return [check.__name__ for check in CHECKS]


def sample_has_length_n(case: Case) -> None:
    """``len(model.sample(n)) == n``."""
    for size in (1, case.n):
        length = len(case.model.sample(size, rng=0))
        assert length == size, f"sample({size}) must have length {size}, got {length}"


def same_seed_gives_same_sample(case: Case) -> None:
    """Randomness comes from `rng` alone."""
    first, second = (
        case.model.sample(case.n, rng=case.seed),
        case.model.sample(case.n, rng=case.seed),
    )
    assert _equal(first, second), "sample must depend on rng alone, got two results for one seed"


def generator_moves_on(case: Case) -> None:
    """Two draws from one generator differ; so the world must not be a single point."""
    rng = np.random.default_rng(case.seed)
    draws = [case.model.sample(case.n, rng=rng) for _ in range(5)]
    state = rng.bit_generator.state
    fresh = np.random.default_rng(case.seed).bit_generator.state
    assert state != fresh, "sample must draw from the generator rng, got its state unchanged"
    assert not all(_equal(draws[0], draw) for draw in draws[1:]), (
        "sample must not repeat its noise, got five equal samples from one generator"
    )


def global_state_is_untouched(case: Case) -> None:
    """The global generators of numpy and Python are neither used nor reseeded."""
    for name, act in (
        ("fit", lambda: case.fit(case.data, rng=np.random.default_rng(case.seed))),
        ("sample", lambda: case.model.sample(case.n, rng=case.seed)),
    ):
        assert _keeps_global_state(act), f"{name} must not touch global random states, got a change"


def same_seed_gives_same_fit(case: Case) -> None:
    """Two fits with one seed give models that draw alike."""
    one, two = (case.fit(case.data, rng=np.random.default_rng(case.seed)) for _ in range(2))
    assert _equal(one.sample(case.n, rng=case.seed), two.sample(case.n, rng=case.seed)), (
        "fit must depend on data and rng alone, got two models for one seed"
    )


def fit_leaves_data_alone(case: Case) -> None:
    """A fit leaves its data as they were."""
    data = case.world.sample(case.n, rng=case.seed + 1)  # not those of the first fit
    before = copy.deepcopy(data)
    case.fit(data, rng=np.random.default_rng(case.seed))
    assert _equal(before, data), "fit must not change its data, got them changed"


def sampling_leaves_model_alone(case: Case) -> None:
    """A model draws the same from a seed, however often it was sampled before."""
    before = case.model.sample(case.n, rng=case.seed)
    case.model.sample(2 * case.n, rng=case.seed + 1)
    assert _equal(before, case.model.sample(case.n, rng=case.seed)), (
        "sample must not change the model, got it changed"
    )


def model_survives_pickling(case: Case) -> None:
    """A model can be sent to another process."""
    twin = pickle.loads(pickle.dumps(case.model))
    assert _equal(case.model.sample(case.n, rng=case.seed), twin.sample(case.n, rng=case.seed)), (
        "a pickled model must draw as before, got another sample"
    )


def samples_can_be_pooled(case: Case) -> None:
    """``pool`` joins two samples into one of twice the length."""
    length = len(
        pool(case.model.sample(case.n, rng=case.seed), case.model.sample(case.n, rng=case.seed + 1))
    )
    assert length == 2 * case.n, f"pool of two samples must have length {2 * case.n}, got {length}"


def bad_sample_size_is_refused(case: Case) -> None:
    """A sample size of 0 or below is an error that names `n`."""
    for size in (0, -1):
        message = None
        try:
            case.model.sample(size, rng=0)
        except ValueError as error:
            message = str(error)
        assert message is not None, f"sample must refuse n = {size} with a ValueError, got a sample"
        assert re.search(r"\bn\b", message), f"the error for n = {size} must name n, got: {message}"


def replicates_stay(case: Case) -> None:
    """A fitted model has the replicate axes of the world."""
    expected, got = replicates_of(case.world), replicates_of(case.model)
    assert got == expected, f"a fitted model must keep the replicate axes {expected}, got {got}"


def recursion_runs(case: Case) -> None:
    """Three generations can be trained on one another."""
    indices = [
        generation.index
        for generation in islice(recurse(case.fit, case.world, n=case.n, rng=case.seed), 3)
    ]
    assert indices == [0, 1, 2], f"three generations must be numbered 0, 1, 2, got {indices}"


def _keeps_global_state(act: Callable[[], object]) -> bool:
    """Tell whether the global generators of numpy and of Python stay as they are."""
    kept = random.getstate(), np.random.get_state()  # noqa: NPY002 - watched, not relied on
    try:
        # Move on first: whoever seeds with a constant may have done so before.
        random.seed("elsewhere")
        np.random.seed(20_480)  # noqa: NPY002 - as above
        before = pickle.dumps((random.getstate(), np.random.get_state()))  # noqa: NPY002 - as above
        act()
        return before == pickle.dumps((random.getstate(), np.random.get_state()))  # noqa: NPY002 - as above
    finally:
        random.setstate(kept[0])
        np.random.set_state(kept[1])  # noqa: NPY002 - as above


def _equal(one: Any, two: Any) -> bool:
    """Tell whether two data sets are equal, entry by entry."""
    if type(one) is not type(two):
        return False
    if isinstance(one, np.ndarray):
        return np.array_equal(one, two)
    if isinstance(one, list | tuple):
        return len(one) == len(two) and all(map(_equal, one, two))
    if hasattr(one, "__dict__"):
        return _equal(list(vars(one).values()), list(vars(two).values()))
    return bool(one == two)


CHECKS = (
    sample_has_length_n,
    same_seed_gives_same_sample,
    generator_moves_on,
    global_state_is_untouched,
    same_seed_gives_same_fit,
    fit_leaves_data_alone,
    sampling_leaves_model_alone,
    model_survives_pickling,
    samples_can_be_pooled,
    bad_sample_size_is_refused,
    replicates_stay,
    recursion_runs,
)
