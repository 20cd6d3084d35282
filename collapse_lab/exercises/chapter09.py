"""The exercises of chapter 9: Early warning."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collapse_lab.checks import Exercise, MistakeError, calls, needs_array, needs_function, returned
from collapse_lab.monitors import calibrate


def _at_least_one(answer: Any) -> str | None:
    """Return what is wrong with `at_least_one(rate, t)`."""
    call = "at_least_one(0.1, 5)"
    problem = needs_function(answer, "at_least_one(rate, t)") or needs_array(
        answer(0.1, 5), (), of=call
    )
    if problem:
        return problem
    found = float(answer(0.1, 5))
    mistakes = {
        0.1 * 5: "That is the expected *number* of false alarms. For 20 generations it would be 2, "
        "and no chance is above 1.",
        0.9**5: "That is the chance that there is none at all. The task asks for the opposite.",
        0.1**5: "That is the chance of an alarm in *every* generation. One is enough here.",
        1 - 0.1**5: "That is the chance that not all generations have an alarm. What is the chance "
        "that one generation is silent?",
        0.9**4 * 0.1: "That is the chance that the *first* alarm comes in the last generation. It "
        "may come in any of them.",
        1 - np.exp(-0.5): "Close: that is the approximation for small rates. Use the exact chance "
        "of silence in one generation.",
        5
        * 0.1
        * 0.9**4: "That is the chance of *exactly* one false alarm. At least one is wanted.",
        1 - 0.9**4: "One generation too few: all `t` of them must be silent.",
        1 - 0.9**6: "One generation too many: count `t` generations, and no generation 0.",
    }
    for value, message in mistakes.items():
        if np.isclose(found, value, rtol=1e-9):
            return message
    if not np.isclose(found, 1 - 0.9**5, rtol=1e-6):
        return f"`{call}` is {found:.4g}. What is the chance that five generations are all silent?"
    for rate, t in [(1 / 200, 200), (0.3, 1), (0.02, 37), (0.9, 3)]:
        value = returned(answer, rate, t, of="at_least_one")
        if not np.isclose(value, 1 - (1 - rate) ** t, rtol=1e-6):
            return (
                f"It is right for five generations at 0.1, but `at_least_one({rate:g}, {t})` is "
                "not. Is a number fixed in it?"
            )
    return None


def _records(seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return a healthy record with a long lower tail, and one of chains that collapse."""
    rng = np.random.default_rng(seed)
    healthy = 5 - rng.gamma(2.0, size=(200, 60))
    copies = 5 - rng.gamma(2.0, size=(200, 60)) - 0.1 * np.arange(200)[:, None]
    return healthy, copies


def _set_level(answer: Any) -> str | None:
    """Return what is wrong with `set_level(healthy, copies, rate)`."""
    problem = needs_function(answer, "set_level(healthy, copies, rate)")
    if problem:
        return problem
    rate = 0.005
    healthy, copies = _records(1)
    value = answer(healthy.copy(), copies.copy(), rate)
    if value is not None and np.shape(value) == (60,):
        return (
            "That is a level for each chain. A team has one level, set on all healthy readings "
            "together: each chain alone has too few to find one in 200."
        )
    if value is not None and np.shape(value) == (200,):
        return (
            "That is a level for each generation. Healthy generations are all alike: put them into "
            "one heap."
        )
    problem = needs_array(value, (), of="set_level(healthy, copies, 0.005)")
    if problem:
        return problem
    found = float(value)
    if not _close(found, healthy, rate):
        return _level_mistake(found, healthy, copies, rate)
    if answer(healthy.copy(), copies - 7, rate) != value:
        return (
            "It changes when the collapsing chains change. What a false alarm is depends on health "
            "alone."
        )
    for seed, other in [(2, 0.05), (3, 0.2)]:
        healthy, copies = _records(seed)
        level = float(returned(answer, 10 * healthy, copies, other, of="set_level"))
        if not _close(level / 10, healthy, other):
            return (
                f"It is right at a rate of {rate}, but not for another record at {other}. Is a "
                "number fixed in it, or a law taken for granted?"
            )
    if calls(calibrate, answer, healthy.copy(), copies.copy(), rate):
        return "The level is right. Now find it yourself, without `cl.calibrate`."
    return None


def _close(level: float, healthy: NDArray[np.float64], rate: float) -> bool:
    """Whether a share `rate` of the readings is at the level or below, give or take a twentieth."""
    return bool(abs(np.mean(healthy <= level) - rate) <= 0.05 * rate)


def _level_mistake(
    found: float, healthy: NDArray[np.float64], copies: NDArray[np.float64], rate: float
) -> str:
    """Return why a level does not keep its promise."""
    mistakes = {
        np.quantile(healthy, 1 - rate): "That is the upper end: nearly every healthy generation "
        "lies below it, so the alarm would ring all the time. Low scores are alarming.",
        np.quantile(copies, rate): "That level is set on the chains that collapse. It says how bad "
        "things get, and nothing about false alarms: set it on health.",
        np.quantile(np.concatenate([healthy, copies]), rate): "Half of your heap are chains that "
        "collapse. The promise is about healthy generations only.",
        np.quantile(healthy.min(axis=0), rate): "That is a quantile of the worst reading of each "
        "*chain*: one false alarm in 200 chains of 200 generations each. The promise counts "
        "generations.",
        healthy.min(): "The lowest healthy reading lets nothing through at all. That is no false "
        "alarm in this record, and a late alarm when it counts.",
        np.percentile(healthy, rate): "`np.percentile` counts in percent. Give it `100 * rate`, or "
        "use `np.quantile`.",
        rate: "That is the rate itself. The level is a *score*: the one that this share of "
        "readings does not exceed.",
    }
    for value, message in mistakes.items():
        if np.isclose(found, value, rtol=1e-6):
            return message
    for law in (-2.5758, -2.807):  # one-sided and two-sided normal
        if np.isclose(found, healthy.mean() + law * healthy.std(), rtol=1e-3):
            return (
                "That takes the readings for a bell curve. These have a long lower tail, so the "
                "alarm would ring too often. Use the readings themselves."
            )
    share = np.mean(healthy <= found)
    return (
        f"A share of {share:.4f} of the healthy readings is at your level or below, and {rate} was "
        "wanted."
    )


def _dogs_needed(answer: Any) -> str | None:
    """Return what is wrong with `dogs_needed(p, chance)`."""
    call = "dogs_needed(0.01, 0.95)"
    problem = needs_function(answer, "dogs_needed(p, chance)") or needs_array(
        answer(0.01, 0.95), (), of=call
    )
    if problem:
        return problem
    found = float(answer(0.01, 0.95))
    right = 299
    mistakes = {
        100.0: "That is the *mean* number, 1/p. By then the breed is back with a chance of 63% "
        "only.",
        95.0: "`chance / p` takes chances of single dogs for additive. Ask for the chance that all "
        "dogs are of other breeds.",
        298.0: "One too few: with 298 dogs the chance is a little below 95%. Round up.",
        300.0: "One too many: 299 dogs are enough already. (Is it `exp(-p k)`, or `3/p`? Those are "
        "approximations: use the exact chance of another breed, 1 - p.)",
        6.0: "The two chances have changed places: 5% is the chance of *not* seeing the breed.",
    }
    for value, message in mistakes.items():
        if found == value:
            return message
    if 298 < found < 299:
        return "Right but for the rounding: you cannot buy a part of a dog. Round up."
    if found != right:
        return (
            f"`{call}` is {found:.6g}. Try your number: is 1 - 0.99 to its power at least 0.95, "
            "and for one dog fewer below?"
        )
    for p, chance in [(0.5, 0.5), (3e-4, 0.95), (0.2, 0.999), (0.01, 0.5)]:
        k = float(returned(answer, p, chance, of="dogs_needed"))
        enough = 1 - (1 - p) ** k >= chance * (1 - 1e-12)
        if not enough or 1 - (1 - p) ** (k - 1) >= chance or k != int(k):
            return (
                f"It is right for 1% and 95%, but `dogs_needed({p:g}, {chance:g})` is not. Is a "
                "number fixed in it, or the rounding off?"
            )
    return None


WATCH_LEVEL = 96  # breeds: the level that the chapter calibrates; a test compares them
PRICE_OF_HARM = 100.0  # dogs, for a generation with 1% of requests unserved


@cache
def _costs_of_references() -> dict[str, NDArray[np.float64]]:
    """Return what the chapter's two rules cost in each chain."""
    rules = {
        "prevent": lambda _history: 100,
        "watch": lambda history: 100 * (history["n_types"] <= WATCH_LEVEL).any(axis=0),
    }
    return {name: _cost(rule)[0] for name, rule in rules.items()}


def _cost(rule: Any) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the cost of a rule in each of 60 chains, and what it bought."""
    from collapse_lab import Categorical, datasets, metrics, upkeep

    p = datasets.kennel_club_2016().p

    def unserved(model: Any) -> Any:
        return p @ (model.p == 0)

    record = upkeep(
        Categorical(p),
        lambda history: rule({"n_types": history["n_types"].copy()}),
        onset=np.random.default_rng(6).geometric(1 / 50, size=60),
        n=1000,
        n_generations=100,
        metrics=[metrics.n_types, unserved],
        rng=7,
    )
    bought = record["bought"].sum(axis=0)
    return bought + PRICE_OF_HARM * 100 * record["unserved"][1:].sum(axis=0), bought


def _amount(answer: Any, history: dict[str, Any]) -> NDArray[np.int64]:
    """Return how many dogs a rule buys, once it is known that they can be bought."""
    generations, chains = history["n_types"].shape
    value = answer(history)
    problem = needs_array(value, np.shape(value), of="my_rule(history)")
    if problem:
        raise MistakeError(problem)
    amount = np.asarray(value)
    if amount.shape not in ((), (chains,)):
        raise MistakeError(
            f"For {chains} chains and {generations} generations the answer must be one number, or "
            f"an array of shape ({chains},); its shape is {amount.shape}. The last row of "
            "`history['n_types']` is the present."
        )
    if amount.dtype.kind not in "biu":
        raise MistakeError("Dogs come whole: return integers (`np.round(...).astype(int)`).")
    worst = amount.min() if amount.min() < 0 else amount.max()
    if not 0 <= worst <= 1000:
        raise MistakeError(
            f"Between 0 and 1,000 dogs can be bought for a generation, and not {worst}."
        )
    return amount.astype(np.int64)


def _my_rule(answer: Any) -> str | None:
    """Return what is wrong with `my_rule(history)`."""
    problem = needs_function(answer, "my_rule(history)")
    if problem:
        return problem
    _amount(answer, {"n_types": np.array([[110, 108], [104, 90], [100, 60]])})
    cost, bought = _cost(lambda history: _amount(answer, history))
    if not bought.any():
        return (
            "It never buys a dog. Then nothing stops the loss, and at these prices the harm costs "
            f"{cost.mean() / 1000:,.0f} thousand dogs in all."
        )
    for name, reference in _costs_of_references().items():
        gap = reference - cost
        error = gap.std() / np.sqrt(len(gap))
        if gap.mean() <= 3 * error:
            relation = "dearer than" if gap.mean() < -3 * error else "not clearly cheaper than"
            return (
                f"It is {relation} `{name}`: it costs {round(cost.mean(), -3):,.0f} dogs on "
                f"average, and `{name}` {round(reference.mean(), -3):,.0f}. "
                f"{_advice(bought.mean())}"
            )
    return None


def _advice(bought: float) -> str:
    """Return what to try, from how many dogs were bought."""
    if bought > 30_000:
        return "It buys very many dogs: does it buy while the free data is still good?"
    if bought < 3_000:
        return "It buys very few dogs, and harm is dear: what does one more dog save?"
    return "Keep the timing of `watch`, which buys nothing in health, and change how much you buy."


EXERCISES = {
    exercise.id: exercise
    for exercise in [
        Exercise(
            "9.1",
            "The alarm that means nothing",
            _at_least_one,
            success="At one in 200, two years of healthy weeks ring falsely with a chance of "
            f"{1 - (1 - 1 / 200) ** 104:.0%}, and 200 generations with "
            f"{1 - (1 - 1 / 200) ** 200:.0%}. An alarm is a reason to look, not a verdict.",
            wrong={
                "the expected number": lambda rate, t: rate * t,
                "the chance of silence": lambda rate, t: (1 - rate) ** t,
                "all of them": lambda rate, t: rate**t,
                "not all of them": lambda rate, t: 1 - rate**t,
                "the first in the last": lambda rate, t: rate * (1 - rate) ** (t - 1),
                "the exponential": lambda rate, t: 1 - np.exp(-rate * t),
                "exactly one": lambda rate, t: t * rate * (1 - rate) ** (t - 1),
                "one too few": lambda rate, t: 1 - (1 - rate) ** (t - 1),
                "one too many": lambda rate, t: 1 - (1 - rate) ** (t + 1),
                "the time fixed": lambda rate, _t: 1 - (1 - rate) ** 5,
                "a number": 0.63,
            },
        ),
        Exercise(
            "9.2",
            "Set the level",
            _set_level,
            success="One heap of healthy readings, the low end, and nothing else. Now check it on "
            "healthy chains that it has not seen.",
            wrong={
                "the wrong tail": lambda healthy, _copies, rate: np.quantile(healthy, 1 - rate),
                "set on the collapse": lambda _healthy, copies, rate: np.quantile(copies, rate),
                "both in one heap": lambda healthy, copies, rate: np.quantile(
                    np.concatenate([healthy, copies]), rate
                ),
                "one in 200 chains": lambda healthy, _copies, rate: np.quantile(
                    healthy.min(axis=0), rate
                ),
                "a level for each chain": lambda healthy, _copies, rate: np.quantile(
                    healthy, rate, axis=0
                ),
                "a level for each generation": lambda healthy, _copies, rate: np.quantile(
                    healthy, rate, axis=1
                ),
                "the worst": lambda healthy, _copies, _rate: healthy.min(),
                "a bell curve": lambda healthy, _copies, _rate: (
                    healthy.mean() - 2.5758 * healthy.std()
                ),
                "the rate itself": lambda _healthy, _copies, rate: rate,
                "percent": lambda healthy, _copies, rate: np.percentile(healthy, rate),
                "a fixed rate": lambda healthy, _copies, _rate: np.quantile(healthy, 0.005),
                "a look at the copies": lambda healthy, copies, rate: (
                    np.quantile(healthy, rate) + 1e-6 * copies.mean()
                ),
            },
        ),
        Exercise(
            "9.3",
            "How many dogs for one breed?",
            _dogs_needed,
            success="About three times 1/p for 95%: the *rule of three*. And that shows the breed "
            "once; to know its share takes a hundred times as many.",
            wrong={
                "the mean": lambda p, _chance: round(1 / p),
                "chances added": lambda p, chance: round(chance / p),
                "rounded down": lambda p, chance: int(np.log(1 - chance) / np.log(1 - p)),
                "not rounded": lambda p, chance: np.log(1 - chance) / np.log(1 - p),
                "the exponential": lambda p, chance: int(np.ceil(-np.log(1 - chance) / p)),
                "chances swapped": lambda p, chance: int(np.ceil(np.log(chance) / np.log(1 - p))),
                "the chance fixed": lambda p, _chance: int(np.ceil(np.log(0.05) / np.log(1 - p))),
                "a number": 9985,
            },
        ),
        Exercise(
            "9.4",
            "A cheaper rule",
            _my_rule,
            success="Cheaper than both. A good monitor says *when*; prices say *how much*. At "
            "other prices another rule wins: yours, too, has its crossing.",
            wrong={
                "never": lambda _history: 0,
                "prevention": lambda _history: 100,
                "everything": lambda _history: 1000,
                "half a dog": lambda history: 0.5 * (history["n_types"][-1] < 90),
                "all generations": lambda history: 250 * (history["n_types"] < 90),
                "too many dogs": lambda history: 20 * (110 - history["n_types"][-1]) + 900,
                "the rule of the chapter": lambda history: (
                    100 * (history["n_types"] <= 96).any(axis=0)
                ),
                "a drop": lambda history: 10 * (history["n_types"][-1] < 60),
            },
        ),
    ]
}
