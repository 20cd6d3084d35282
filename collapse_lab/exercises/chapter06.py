"""The exercises of chapter 6: What collapse is not."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from collapse_lab.categorical import Categorical
from collapse_lab.checks import Exercise, needs_function, show
from collapse_lab.data import Counts
from collapse_lab.metrics import n_types
from collapse_lab.policies import Mix, accumulate, replace
from collapse_lab.protocols import RNG, Past
from collapse_lab.recursion import run

OVERFITTING = "overfitting"
FORGETTING = "forgetting"
MODE_COLLAPSE = "mode collapse"
MODEL_COLLAPSE = "model collapse"
HEALTHY = "healthy"
FAULTS = (OVERFITTING, FORGETTING, MODE_COLLAPSE, MODEL_COLLAPSE)
# how far the data are off, how far the model is off, copied, own output
PATIENTS = {
    "A": (0.12, 0.04, 0.99, False),
    "B": (0.50, 0.15, 0.49, False),
    "C": (0.03, 0.78, 0.47, False),
    "D": (0.55, 0.06, 0.62, True),
}
TRUTH = dict(zip(PATIENTS, FAULTS, strict=True))


def _patients(answer: Any) -> str | None:
    """Return what is wrong with the four diagnoses."""
    if not isinstance(answer, dict) or set(answer) != set(PATIENTS):
        return "Give a dict with the keys A, B, C and D."
    unknown = [name for name in answer.values() if name not in FAULTS]
    if unknown:
        return f"{unknown[0]!r} is none of {', '.join(map(repr, FAULTS))}."
    wrong = [letter for letter in PATIENTS if answer[letter] != TRUTH[letter]]
    if set(wrong) == {"B", "D"} and answer["B"] == MODEL_COLLAPSE and answer["D"] == FORGETTING:
        return (
            "B and D are the wrong way round. Their distances are alike. Only the last column "
            "tells them apart: who made the data?"
        )
    if "A" in wrong:
        return "Look at A again: data and model are both near. What is odd is the share of copies."
    if "C" in wrong:
        return "Look at C again: its data are right, and its model is far from them."
    if wrong:
        return f"Look at {' and '.join(wrong)} again: the data are off. Who made them?"
    return None


# (arguments, the fault): the patients, cases near the borders, and cases with two signs at once
CASES: tuple[tuple[tuple[float, float, float, bool], str], ...] = (
    *((PATIENTS[letter], TRUTH[letter]) for letter in PATIENTS),
    ((0.10, 0.10, 0.50, False), HEALTHY),
    ((0.10, 0.10, 0.50, True), HEALTHY),
    ((0.30, 0.50, 0.80, False), HEALTHY),
    ((0.31, 0.10, 0.50, True), MODEL_COLLAPSE),
    ((0.31, 0.10, 0.50, False), FORGETTING),
    ((0.29, 0.51, 0.50, False), MODE_COLLAPSE),
    ((0.29, 0.49, 0.81, False), OVERFITTING),
    ((0.60, 0.70, 0.90, True), MODEL_COLLAPSE),
    ((0.60, 0.70, 0.90, False), FORGETTING),
    ((0.10, 0.70, 0.90, False), MODE_COLLAPSE),
    ((0.10, 0.70, 0.50, True), MODE_COLLAPSE),
    ((0.10, 0.10, 0.90, True), OVERFITTING),
)


def _diagnose(answer: Any) -> str | None:
    """Return what is wrong with `diagnose(data_off, model_off, copied, own_output)`."""
    problem = needs_function(answer, "diagnose(data_off, model_off, copied, own_output)")
    if problem:
        return problem
    found = [(answer(*case), fault, case) for case, fault in CASES]
    unknown = [said for said, _, _ in found if said not in (*FAULTS, HEALTHY)]
    if None in unknown:
        return "`diagnose` must return the name of the fault, or 'healthy'."
    if unknown:
        names = ", ".join(map(repr, (*FAULTS, HEALTHY)))
        return f"{show(unknown[0])} is none of the names in the task: {names}."
    return _mixed_up(found) or _first_wrong(found)


Found = list[tuple[Any, str, tuple[float, float, float, bool]]]


def _mixed_up(found: Found) -> str | None:
    """Return what the answers for the four patients, the first of all, have in common."""
    said_of = {fault: said for said, fault, _ in found[:4]}
    if (said_of[FORGETTING], said_of[MODEL_COLLAPSE]) == (MODEL_COLLAPSE, FORGETTING):
        return (
            "Forgetting and model collapse are the wrong way round. It is model collapse if "
            "`own_output` is true: then models made the data."
        )
    if said_of[FORGETTING] == said_of[MODEL_COLLAPSE] in (FORGETTING, MODEL_COLLAPSE):
        return (
            "Forgetting and model collapse get the same name. Their distances are alike: use "
            "`own_output`, which is True or False."
        )
    if said_of[OVERFITTING] == HEALTHY:
        return (
            "A model that copies is called healthy. Both distances are blind to it: use `copied`."
        )
    return None


def _first_wrong(found: Found) -> str | None:
    """Return what is wrong with the first wrong answer."""
    for said, fault, case in found:
        if said == fault:
            continue
        call = f"`diagnose({', '.join(map(str, case))})`"
        if fault == HEALTHY and case[3] and said == MODEL_COLLAPSE:
            return (
                f"{call} is {said!r}, and should be 'healthy'. To learn from a model is no fault "
                f"as long as the data are still right."
            )
        if case[:3] == (0.30, 0.50, 0.80):
            return f"{call} is {show(said)}: a number *at* its border is not above it."
        return (
            f"{call} is {show(said)}, and should be {fault!r}. Check your borders, and the order "
            f"of your questions."
        )
    return None


KINDS, N, GENERATIONS, CHAINS = 8, 64, 200, 400
MAX_REAL, MAX_POOL, MIN_OWN, MIN_ALIVE = 6, 128, 32, 0.95


@cache
def _kinds_world() -> Categorical:
    """Return equal kinds, and one that does not occur: the mark of a model's points in `_own`."""
    return Categorical(np.append(np.full(KINDS, 1 / KINDS), 0), draw="counts").expand(CHAINS)


class _Watched:
    """The world, counting the real observations that it hands out."""

    def __init__(self) -> None:
        self.drawn = 0
        self.replicates = (CHAINS,)

    def sample(self, n: int, *, rng: RNG) -> Any:
        self.drawn += n
        return _kinds_world().sample(n, rng=rng)


def _own(answer: Any) -> float:
    """Return how many points a policy takes from its model, by one whose points are all alike."""
    rng = np.random.default_rng(6)
    real = _kinds_world().sample(N, rng=rng)
    model = Categorical(np.eye(KINDS + 1)[KINDS], draw="counts").expand(CHAINS)
    past = Past(1, model, model.sample(N, rng=rng), real, _Watched(), N)
    return float(answer(past, rng=rng).values[KINDS].mean())


def _rescue(answer: Any) -> str | None:
    """Return what is wrong with a policy that should keep eight kinds alive."""
    problem = needs_function(answer, "policy(past, rng=rng)")
    if problem:
        return problem
    sizes = []

    def observed(past: Past, *, rng: np.random.Generator) -> Any:
        made = answer(past, rng=rng)
        if not isinstance(made, Counts):
            raise _NoDataError(made)
        sizes.append(int(np.max(made.values.sum(axis=0))))
        return made

    world = _Watched()
    try:
        chain = run(
            Categorical.fit,
            world,
            n=N,
            n_generations=GENERATIONS,
            policy=observed,
            metrics=[n_types],
            rng=6,
        )
    except _NoDataError as error:
        what = "None" if error.args[0] is None else show(error.args[0])
        return (
            f"Your policy returns {what}. It must return the data that the next model learns "
            "from, as `past.model.sample` and `past.world.sample` draw them; `cl.pool` puts them "
            "together."
        )
    real = (world.drawn - N) / GENERATIONS  # those of generation 0 do not count
    alive = float((chain["n_types"][-1] == KINDS).mean())
    if max(sizes) > MAX_POOL:
        return (
            f"A pool held {max(sizes):,} observations. Keeping everything is a way out, but here "
            f"the store is small: at most {MAX_POOL}."
        )
    if real > MAX_REAL:
        return (
            f"You asked the world for {real:.1f} real observations a generation. The budget is "
            f"at most {MAX_REAL}."
        )
    if alive < MIN_ALIVE:
        bought = f"{real:.1f} real observations a generation" if real else "no fresh real data"
        return (
            f"All eight kinds are left in {alive:.0%} of the chains after {GENERATIONS} "
            f"generations, with {bought}. The goal is {MIN_ALIVE:.0%}. What do you already own?"
        )
    own = _own(answer)
    if own < MIN_OWN:
        return (
            f"All kinds are alive, but only {own:.0f} of the points in a pool were made by the "
            f"last model. The task asks for at least {MIN_OWN}: the company wants to use them."
        )
    return None


class _NoDataError(Exception):
    """A policy returned something else than data."""


def _only_the_old(past: Past, *, rng: np.random.Generator) -> Any:  # noqa: ARG001 - as called
    return past.real


def _only_the_fresh(past: Past, *, rng: np.random.Generator) -> Any:
    return past.world.sample(past.n, rng=rng)


def _named(
    *, provenance: bool = True, copies: bool = True, quick: bool = False, at: bool = False
) -> Callable[[float, float, float, bool], str]:
    """Return a diagnosis with one fault, or with none."""

    def above(value: float, border: float) -> bool:
        return value >= border if at else value > border

    def diagnose(data_off: float, model_off: float, copied: float, own_output: bool) -> str:
        if quick and own_output:
            return MODEL_COLLAPSE
        if above(data_off, 0.3):
            return MODEL_COLLAPSE if own_output or not provenance else FORGETTING
        if above(model_off, 0.5):
            return MODE_COLLAPSE
        return OVERFITTING if copies and above(copied, 0.8) else HEALTHY

    return diagnose


def _copies_first(data_off: float, model_off: float, copied: float, own_output: bool) -> str:
    return OVERFITTING if copied > 0.8 else _named()(data_off, model_off, copied, own_output)


def _wrong_way_round(data_off: float, model_off: float, copied: float, own_output: bool) -> str:
    return _named()(data_off, model_off, copied, not own_output)


def _in_capitals(data_off: float, model_off: float, copied: float, own_output: bool) -> str:
    return _named()(data_off, model_off, copied, own_output).capitalize()


EXERCISES = {
    exercise.id: exercise
    for exercise in [
        Exercise(
            "6.1",
            "Four patients",
            _patients,
            success="Two distances, the copies, and one question about where the data came from.",
            wrong={
                "forgetting and model collapse the wrong way round": {
                    **TRUTH,
                    "B": MODEL_COLLAPSE,
                    "D": FORGETTING,
                },
                "the copier called collapsed": {**TRUTH, "A": MODEL_COLLAPSE},
                "the pair of networks called overfitted": {**TRUTH, "C": OVERFITTING},
                "everything is model collapse but two": {**TRUTH, "B": MODEL_COLLAPSE},
                "a name that is none": {**TRUTH, "B": "sick"},
            },
        ),
        Exercise(
            "6.2",
            "A diagnosis",
            _diagnose,
            success="The order matters: first who made the data, then what the model does.",
            wrong={
                "provenance ignored": _named(provenance=False),
                "copies ignored": _named(copies=False),
                "whoever learns from models is ill": _named(quick=True),
                "at the border, too": _named(at=True),
                "copies first": _copies_first,
                "forgetting and model collapse the wrong way round": _wrong_way_round,
                "names in capitals": _in_capitals,
            },
        ),
        Exercise(
            "6.3",
            "Rescue eight kinds",
            _rescue,
            success="Every kind is left in at least 95% of the chains. What you keep, you need not "
            "buy again.",
            wrong={
                "plain copies": replace,
                "only real data": _only_the_fresh,
                "only the old data": _only_the_old,
                "two real observations": Mix(2 / N),
                "six real observations": Mix(6 / N),
                "keep everything": accumulate,
            },
        ),
    ]
}
