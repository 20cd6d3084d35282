"""The exercises of chapter 6: What collapse is not."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from collapse_lab.categorical import Categorical
from collapse_lab.checks import Exercise, needs_function
from collapse_lab.metrics import n_types
from collapse_lab.policies import Keep, Mix, accumulate, replace
from collapse_lab.protocols import Past
from collapse_lab.recursion import run

OVERFITTING = "overfitting"
FORGETTING = "forgetting"
MODE_COLLAPSE = "mode collapse"
MODEL_COLLAPSE = "model collapse"
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
    if not isinstance(answer, dict) or sorted(answer) != sorted(PATIENTS):
        return "Not yet: give a dict with the keys A, B, C and D."
    unknown = [name for name in answer.values() if name not in FAULTS]
    if unknown:
        return f"Not yet: {unknown[0]!r} is none of {', '.join(map(repr, FAULTS))}."
    wrong = [letter for letter in PATIENTS if answer[letter] != TRUTH[letter]]
    if set(wrong) == {"B", "D"} and answer["B"] == MODEL_COLLAPSE and answer["D"] == FORGETTING:
        return (
            "B and D are the wrong way round. Their distances are alike. Only the last line tells "
            "them apart: who made the data?"
        )
    if "A" in wrong:
        return "Look at A again: data and model are both near. What is odd is the share of copies."
    if "C" in wrong:
        return "Look at C again: its data are right, and its model is far from them."
    if wrong:
        return f"Look at {' and '.join(wrong)} again: the data are off. Who made them?"
    return None


# (arguments, the fault); the last four are near the borders that the exercise states
CASES: tuple[tuple[tuple[float, float, float, bool], str], ...] = (
    *((PATIENTS[letter], TRUTH[letter]) for letter in PATIENTS),
    ((0.10, 0.10, 0.50, False), "healthy"),
    ((0.10, 0.10, 0.50, True), "healthy"),
    ((0.31, 0.10, 0.50, True), MODEL_COLLAPSE),
    ((0.31, 0.10, 0.50, False), FORGETTING),
    ((0.29, 0.51, 0.50, False), MODE_COLLAPSE),
    ((0.29, 0.49, 0.81, False), OVERFITTING),
)


def _diagnose(answer: Any) -> str | None:
    """Return what is wrong with `diagnose(data_off, model_off, copied, own_output)`."""
    problem = needs_function(answer, "diagnose(data_off, model_off, copied, own_output)")
    if problem:
        return problem
    found = [(answer(*case), fault, case) for case, fault in CASES]
    if any(said is None for said, _, _ in found):
        return "Not yet: `diagnose` must return the name of the fault, or 'healthy'."
    said_of = {fault: said for said, fault, _ in found[:4]}
    if said_of[FORGETTING] == said_of[MODEL_COLLAPSE]:
        return (
            "Forgetting and model collapse get the same name. Their distances are alike: use "
            "`own_output`."
        )
    if said_of[OVERFITTING] == "healthy":
        return (
            "A model that copies is called healthy. Both distances are blind to it: use `copied`."
        )
    for said, fault, case in found:
        if said != fault:
            data, model, copies, own = case
            return (
                f"`diagnose({data}, {model}, {copies}, {own})` is {said!r}, and should be "
                f"{fault!r}. Check your borders, and the order of your questions."
            )
    return None


KINDS, N, GENERATIONS, CHAINS = 8, 64, 200, 400


@cache
def _kinds_world() -> Categorical:
    return Categorical(np.full(KINDS, 1 / KINDS), draw="counts").expand(CHAINS)


class _Watched:
    """The world, counting the real observations that are drawn after generation 0."""

    def __init__(self) -> None:
        self.drawn = -N  # generation 0 does not count
        self.replicates = (CHAINS,)

    def sample(self, n: int, *, rng: np.random.Generator) -> Any:
        self.drawn += n
        return _kinds_world().sample(n, rng=rng)


def _rescue(answer: Any) -> str | None:
    """Return what is wrong with a policy that should keep eight kinds alive."""
    problem = needs_function(answer, "policy(past, rng)")
    if problem:
        return problem
    world = _Watched()
    chain = run(
        Categorical.fit,
        world,
        n=N,
        n_generations=GENERATIONS,
        policy=answer,
        metrics=[n_types],
        rng=6,
    )
    per_generation = world.drawn / GENERATIONS
    alive = float((chain["n_types"][-1] == KINDS).mean())
    size = int(np.max(chain.last.data.values.sum(axis=0)))
    if size > 2 * N:
        return (
            f"The last pool held {size:,} observations. Keeping everything is a way out, but here "
            f"the store is small: at most {2 * N}."
        )
    if per_generation > 0.1 * N:
        return (
            f"You asked the world for {per_generation:.1f} real observations a generation. "
            f"The budget is a tenth of {N}: at most six."
        )
    if alive < 0.95:
        real = "no real data after the first generation" if world.drawn == 0 else "too little"
        return (
            f"All eight kinds are left in {alive:.0%} of the chains after {GENERATIONS} "
            f"generations, with {real}. The goal is 95%."
        )
    return None


def _fresh_only(past: Past, *, rng: np.random.Generator) -> Any:
    return past.world.sample(past.n, rng=rng)


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
            success="The order matters: first who made the data, then what the model does with them.",
            wrong={
                "provenance ignored": lambda data_off, model_off, copied, own_output: (  # noqa: ARG005 - the fault
                    MODEL_COLLAPSE
                    if data_off > 0.3
                    else MODE_COLLAPSE
                    if model_off > 0.5
                    else OVERFITTING
                    if copied > 0.8
                    else "healthy"
                ),
                "copies ignored": lambda data_off, model_off, copied, own_output: (  # noqa: ARG005 - the fault
                    (MODEL_COLLAPSE if own_output else FORGETTING)
                    if data_off > 0.3
                    else MODE_COLLAPSE
                    if model_off > 0.5
                    else "healthy"
                ),
                "whoever learns from models is ill": lambda data_off, model_off, copied, own: (
                    MODEL_COLLAPSE
                    if own
                    else FORGETTING
                    if data_off > 0.3
                    else MODE_COLLAPSE
                    if model_off > 0.5
                    else OVERFITTING
                    if copied > 0.8
                    else "healthy"
                ),
                "nothing": lambda data_off, model_off, copied, own_output: "healthy",  # noqa: ARG005 - the fault
            },
        ),
        Exercise(
            "6.3",
            "Rescue eight kinds",
            _rescue,
            success="Every kind is left in at least 95% of the chains, on six real observations a "
            "generation or fewer.",
            wrong={
                "plain copies": replace,
                "only real data": _fresh_only,
                "a fifth": Mix(0.2),
                "two real observations": Mix(2 / 64),
                "keep everything": accumulate,
            },
        ),
    ]
}

SOLUTIONS_TO_TRY = Keep(), Mix(0.09)
