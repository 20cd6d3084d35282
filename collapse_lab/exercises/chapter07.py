"""The exercises of chapter 7, Is it inevitable."""

from __future__ import annotations

from typing import Any

import numpy as np

from collapse_lab.checks import Exercise, needs_array, needs_function, returned
from collapse_lab.gaussian import Gaussian
from collapse_lab.metrics import squared_wasserstein
from collapse_lab.policies import Keep, Mix, replace
from collapse_lab.protocols import RNG, Past
from collapse_lab.recursion import recurse


def _first_mistake(found: float, mistakes: dict[float, str]) -> str | None:
    """Return what is said of the first value that `found` equals."""
    for value, message in mistakes.items():
        if np.isclose(found, value, rtol=1e-6):
            return message
    return None


def _variance_forever(answer: Any) -> str | None:
    """Return what is wrong with `variance_forever(n)`."""
    call = "variance_forever(5)"
    problem = needs_function(answer, "variance_forever(n)") or needs_array(answer(5), (), of=call)
    if problem:
        return problem
    found, right = float(answer(5)), float(np.sinc(1 / np.sqrt(5)))
    if np.isclose(found, right, rtol=1e-9):
        for n in (2, 20, 1000):
            value = returned(answer, n, of="variance_forever")
            if not np.isclose(value, np.sinc(1 / np.sqrt(n)), rtol=1e-9):
                return (
                    f"It is right for n = 5, but `variance_forever({n})` is not. "
                    "Is a number fixed in it?"
                )
        return None
    known = _first_mistake(
        found,
        {
            1 - np.pi**2 / 30: "That is 1 minus the sum of the losses, the first term of the "
            "product written out. Losses multiply: it is close for large `n`, and not exact.",
            np.exp(-(np.pi**2) / 30): "Close: the exponential of minus the sum of the losses. It "
            "is right for large `n` only. Use Euler's product.",
            0.8: "That is the first fit alone. All the later ones take their part, too.",
            0.0: "That would be so if each fit took the same share. Here the shares fall like "
            "1/j², and the product does not go to zero.",
            float(np.sinc(1 / 5)): "Which x does Euler's product need? Here x² must be 1/n, so x "
            "is not 1/n.",
            float(np.sinc(np.sqrt(5))): "x is upside down: x² must be 1/n, and here it is n.",
            float(np.sin(1 / np.sqrt(5)) * np.sqrt(5)): "The number pi is missing: it is "
            "sin(πx)/(πx). `np.sinc(x)` multiplies by pi by itself.",
            float(np.sinc(np.pi / np.sqrt(5))): "`np.sinc(x)` multiplies by pi by itself; yours "
            "has it twice.",
            1 - right: "That is what is lost. What is left?",
        },
    )
    if known:
        return known
    if abs(found - right) < 0.01:
        return (
            f"Nearly: `{call}` is off by {found - right:.1g}. A product that is cut off has not "
            "lost the last part. Use Euler's product."
        )
    return (
        f"`{call}` is {found:.4g}. Multiply (1 - 1/5)(1 - 1/20)(1 - 1/45)... for a while: it "
        "settles near 0.70."
    )


def _share_needed(answer: Any) -> str | None:
    """Return what is wrong with `share_needed(loss, temperature)`."""
    call = "share_needed(0.1, 0.8)"
    problem = needs_function(answer, "share_needed(loss, temperature)") or needs_array(
        answer(0.1, 0.8), (), of=call
    )
    if problem:
        return problem
    found = float(answer(0.1, 0.8))
    right = 0.9 * 0.2 / (1 - 0.8 * 0.9)
    if np.isclose(found, right, rtol=1e-9):
        for loss, temperature in ((0.1, 0.95), (0.5, 0.8), (0.02, 0.5)):
            v = 1 - loss
            expected = v * (1 - temperature) / (1 - temperature * v)
            value = returned(answer, loss, temperature, of="share_needed")
            if not np.isclose(value, expected, rtol=1e-9):
                return (
                    f"It is right for a loss of 0.1 at temperature 0.8, but `share_needed({loss}, "
                    f"{temperature})` is not. Is a number fixed in it?"
                )
        return None
    known = _first_mistake(
        found,
        {
            0.2: "One minus the temperature is the share that keeps *two symbols* in balance. A "
            "variance needs the equation of one step: v = f + (1 - f) times what output has.",
            0.9: "With a share of 0.9 the models would keep more than needed: generated data "
            "has some variance, too.",
            1 - right: "That is the generated share. The fresh one is asked for.",
            0.1 * 0.2 / (1 - 0.8 * 0.1): "Loss and what is left are exchanged: the variance must "
            "stay at 1 - loss.",
            0.9 * (1 - 0.64) / (1 - 0.64 * 0.9): "The temperature is squared. It multiplies the "
            "*variance*, not the standard deviation.",
            (0.9 - 0.8) / (1 - 0.8): "That is one generation: the pool has f + (1 - f) τ if the "
            "model still has the full variance. In the long run its output has τ v.",
            1.0: "With fresh data only nothing is lost at all. Less will do.",
        },
    )
    if known is None and abs(found - right) < 0.005:
        return (
            f"Nearly: `{call}` is {found:.5f}, off by {found - right:.1g}. The formula gives it "
            "without rounding and without waiting for a chain to settle."
        )
    return known or (
        f"`{call}` is {found:.4g}. Check it: a pool with that share has the variance f + (1 - f) "
        f"· 0.8 · 0.9 = {found + (1 - found) * 0.72:.3f}, and it should be 0.9 again."
    )


def _weight(n: float, m: float) -> float:
    k = n / m
    return float((np.sqrt(k**2 + 4 * k) - k) / 2)


def _best_weight(answer: Any) -> str | None:
    """Return what is wrong with `best_weight(n, m)`."""
    call = "best_weight(100, 400)"
    problem = needs_function(answer, "best_weight(n, m)") or needs_array(
        answer(100, 400), (), of=call
    )
    if problem:
        return problem
    found = float(answer(100, 400))
    if np.isclose(found, _weight(100, 400), atol=2e-5):
        for n, m in ((100, 100), (50, 10), (7, 900)):
            value = returned(answer, n, m, of="best_weight")
            if not np.isclose(value, _weight(n, m), atol=2e-5):
                return (
                    f"It is right for 100 fresh and 400 generated examples, but `best_weight({n}, "
                    f"{m})` is {value:.4g}. Is a number fixed in it?"
                )
        return None
    known = _first_mistake(
        found,
        {
            0.2: "That is the weight that the fresh data has when all examples count alike. A "
            "generated one is worth less, because its model has an error of its own.",
            (np.sqrt(5) - 1) / 2: "The golden ratio is right for as many generated as fresh "
            "examples. Here there are 400 and 100.",
            1 - _weight(100, 400): "That is the weight of the *generated* data.",
            _weight(400, 100): "Fresh and generated are exchanged: k is n/m, fresh over generated.",
            1.0: "All weight on the fresh data throws the generated one away, and with it what "
            "earlier fresh data said.",
            0.0: "With a weight of 0 nothing pulls, and the error grows without end. (In whole "
            "numbers `100 // 400` is 0, too.)",
            0.5: "With 100 fresh and 400 generated examples it is not one half. Try w = 0.4 and "
            "compare the long-run errors.",
        },
    )
    if known is None and abs(found - _weight(100, 400)) < 0.005:
        return (
            f"Nearly: `{call}` is {found:.5f}, and five digits are asked for. Is the grid too "
            "coarse, or the result rounded?"
        )
    return known or (
        f"`{call}` is {found:.4g}. The long-run error is (w²/n + (1-w)²/m) / (1 - (1-w)²): for "
        "100 and 400 it is smallest near 0.39."
    )


class _Meter:
    """A world that can only be sampled, and counts what was drawn."""

    def __init__(self, world: Gaussian) -> None:
        self.drawn = 0
        self._sample = world.sample
        self.replicates = world.replicates

    def sample(self, n: int, *, rng: RNG) -> Any:
        self.drawn += n
        return self._sample(n, rng=rng)

    def __getattr__(self, name: str) -> Any:
        raise _RuleError(f"The world does not tell its `{name}`. It can only be sampled.")


_SIZE, _BOUGHT, _CHAINS, _END = 100, 10, 400, 50
_SEED = 7


def _distance(policy: Any) -> float | str:
    """Return the mean squared distance after 50 generations, or which rule was broken."""
    world = Gaussian(3.0, 4.0).expand(_CHAINS)
    meter = _Meter(world)

    def metered(past: Past, *, rng: np.random.Generator) -> Any:
        before = meter.drawn
        data = policy(past, rng=rng)
        bought = meter.drawn - before
        if bought > _BOUGHT:
            raise _RuleError(
                f"At generation {past.t} it drew {bought} real numbers; ten are allowed."
            )
        call = "thrifty(past, rng=rng)"
        if np.ndim(data) == 2 and np.shape(data) == (len(data), _CHAINS) and len(data) != _SIZE:
            raise _RuleError(
                f"`{call}` returned {len(data)} numbers for each chain; the model must learn from "
                f"exactly {_SIZE}. What can be left out, or what must be added?"
            )
        problem = needs_array(data, (_SIZE, _CHAINS), of=call)
        if problem:
            raise _RuleError(problem)
        return np.asarray(data, dtype=np.float64)

    try:
        for generation in recurse(Gaussian.fit, meter, n=_SIZE, policy=metered, rng=_SEED):
            if generation.index == _END:
                return float(np.mean(squared_wasserstein(generation.model, world))) / 4.0
    except _RuleError as broken:
        return str(broken)
    raise AssertionError("recurse never ends")


class _RuleError(Exception):
    """A policy broke a rule of the exercise."""


def _thrifty(answer: Any) -> str | None:
    """Return what is wrong with a policy that buys ten real numbers a generation."""
    problem = needs_function(answer, "thrifty(past, rng=rng)")
    if problem:
        return problem
    found = _distance(answer)
    if isinstance(found, str):
        return found
    reference = _distance(Mix(_BOUGHT / _SIZE))
    assert isinstance(reference, float)
    ratio = found / reference
    if ratio <= 0.5:
        return None
    if ratio < 0.9:
        return (
            f"Better than `Mix(0.1)`, but not by enough: its squared distance is {ratio:.2f} of "
            "the reference, and 0.5 is asked for. Is there real data left that it does not use?"
        )
    if ratio < 1.1:
        return (
            f"Its squared distance is {ratio:.2f} of that of `Mix(0.1)`: no difference. Real "
            "numbers that were bought once can be used again."
        )
    return (
        f"Its squared distance is {ratio:.1f} times that of `Mix(0.1)`. Does it buy its ten real "
        "numbers in each generation, and does it keep any?"
    )


def _stale(past: Any, *, rng: np.random.Generator) -> Any:
    """Keep a little of the first data, and buy nothing."""
    return np.concatenate([past.real[:20], past.model.sample(_SIZE - 20, rng=rng)])


def _greedy(past: Any, *, rng: np.random.Generator) -> Any:
    """Buy everything."""
    return past.world.sample(_SIZE, rng=rng)


def _short(past: Any, *, rng: np.random.Generator) -> Any:
    """Return the fresh numbers alone."""
    return past.world.sample(_BOUGHT, rng=rng)


def _halfway(past: Any, *, rng: np.random.Generator) -> Any:
    """Use each bought number twice."""
    fresh = past.world.sample(_BOUGHT, rng=rng)
    rest = past.model.sample(_SIZE - 2 * _BOUGHT, rng=rng)
    return np.concatenate([fresh, past.pool[:_BOUGHT], rest])


EXERCISES = {
    exercise.id: exercise
    for exercise in [
        Exercise(
            "7.1",
            "What accumulation ends with",
            _variance_forever,
            success="For large `n` it is about 1 - π²/(6n): the loss of 1.64 sample errors, "
            "this time exactly.",
            wrong={
                "the sum": lambda n: 1 - np.pi**2 / (6 * n),
                "the exponential": lambda n: np.exp(-(np.pi**2) / (6 * n)),
                "one fit": lambda n: 1 - 1 / n,
                "nothing left": lambda _n: 0.0,
                "x is 1/n": lambda n: np.sinc(1 / n),
                "pi twice": lambda n: np.sinc(np.pi / np.sqrt(n)),
                "without pi": lambda n: np.sin(1 / np.sqrt(n)) * np.sqrt(n),
                "what is lost": lambda n: 1 - np.sinc(1 / np.sqrt(n)),
                "cut off": lambda n: np.prod(1 - 1 / (n * np.arange(1.0, 101.0) ** 2)),
                "a fixed n": lambda _n: np.sinc(1 / np.sqrt(5)),
                "a number": 0.7,
            },
        ),
        Exercise(
            "7.2",
            "Enough against distortion",
            _share_needed,
            success="At temperature 0.9 it takes 47% of fresh data to lose no more than a tenth, "
            "however large the sample is.",
            wrong={
                "the threshold of two symbols": lambda _loss, temperature: 1 - temperature,
                "what is to be left": lambda loss, _temperature: 1 - loss,
                "the generated share": lambda loss, temperature: (
                    1 - (1 - loss) * (1 - temperature) / (1 - temperature * (1 - loss))
                ),
                "loss and rest exchanged": lambda loss, temperature: (
                    loss * (1 - temperature) / (1 - temperature * loss)
                ),
                "the temperature squared": lambda loss, temperature: (
                    (1 - loss) * (1 - temperature**2) / (1 - temperature**2 * (1 - loss))
                ),
                "one generation": lambda loss, temperature: (
                    (1 - loss - temperature) / (1 - temperature)
                ),
                "a fixed temperature": lambda loss, _temperature: (
                    (1 - loss) * 0.2 / (1 - 0.8 * (1 - loss))
                ),
                "a number": 0.47,
            },
        ),
        Exercise(
            "7.3",
            "The best weight",
            _best_weight,
            success="And the long-run error at the best weight is the weight itself, in units of "
            "1/n.",
            wrong={
                "all alike": lambda n, m: n / (n + m),
                "always golden": lambda _n, _m: (5**0.5 - 1) / 2,
                "the other weight": lambda n, m: 1 - _weight(n, m),
                "exchanged": lambda n, m: _weight(m, n),
                "fresh only": lambda _n, _m: 1.0,
                "half and half": lambda _n, _m: 0.5,
                "a fixed ratio": lambda _n, _m: _weight(1, 4),
            },
        ),
        Exercise(
            "7.4",
            "Ten real examples a generation",
            _thrifty,
            success="Real numbers that were bought once go on working. Nothing that a model "
            "generates from them can do more.",
            wrong={
                "the reference": Mix(0.1),
                "no fresh data": replace,
                "old data only": _stale,
                "too greedy": _greedy,
                "too few": _short,
                "too many": Keep(),
                "used twice": _halfway,
                "a number": 0.1,
            },
        ),
    ]
}
