"""The exercises of chapter 2: Losing the tails."""

from __future__ import annotations

from typing import Any

import numpy as np

from collapse_lab.checks import Exercise, agrees, needs_array, needs_function


def _variety(answer: Any) -> str | None:
    """Return what is wrong with `variety_left(h, n, t)`."""
    call = "variety_left(0.8, 10, 3)"
    problem = needs_function(answer, "variety_left(h, n, t)") or needs_array(
        answer(0.8, 10, 3), (), of=call
    )
    if problem:
        return problem
    found = float(answer(0.8, 10, 3))
    mistakes = {
        0.8 * 0.9**3: "Count the fits. Generation 0 is already one fit, to a sample of real dogs; "
        "how many has generation 3 behind it?",
        0.8 * 0.9**5: "One fit too many: generation 0 has one behind it, so generation 3 has four.",
        100 * 0.8 * 0.9**4: "That is a percentage. A chance lies between 0 and 1.",
        0.9**4: "It does not depend on `h`. That is the factor that the fits leave; "
        "which variety does the world begin with?",
        0.8 * (1 - 4 / 10): "Each fit takes one n-th of what is *left*, not of what there was at "
        "the beginning. So the losses multiply; they do not add.",
        1 - 0.2 * 0.9**4: "The chance that two dogs *agree* does not shrink, it grows. Apply the "
        "factor to the chance that they differ, `h` itself.",
        1 - 0.8 * 0.9**4: "That is the chance that two dogs *agree*. The task asks for the chance "
        "that they differ.",
        0.8 * np.exp(-4 / 10): "Close: that is the approximation for large `n`. Use the exact "
        "factor of one fit.",
        0.8 * (1 - 1 / 10**2) ** 4: "The chance that two draws come from the same one of n dogs "
        "is 1/n, not 1/n²: the first draw may be any dog.",
    }
    for value, message in mistakes.items():
        if np.isclose(found, value, rtol=1e-9):
            return message
    if not np.isclose(found, 0.8 * 0.9**4, rtol=1e-9):
        return (
            f"`{call}` is {found:.4g}. By which factor does one fit to 10 dogs multiply the "
            "expected chance, and how many fits are there up to generation 3?"
        )
    for h, n, t in [(0.5, 200, 0), (0.9, 7, 11), (0.8, 10, 40), (1.0, 10**6, 3)]:
        if not agrees(answer(h, n, t), h * (1 - 1 / n) ** (t + 1), rtol=1e-9):
            return (
                f"It is right for 10 dogs at generation 3, but `variety_left({h}, {n}, {t})` is "
                "not. Is a number fixed in it?"
            )
    return None


def _temper(answer: Any) -> str | None:
    """Return what is wrong with `temper(p, temperature)`."""
    p = np.array([0.5, 0.3, 0.2])
    call = "temper(np.array([0.5, 0.3, 0.2]), 0.5)"
    problem = needs_function(answer, "temper(p, temperature)")
    if problem:
        return problem
    untouched = p.copy()
    value = answer(p, 0.5)
    if not np.array_equal(p, untouched):
        return "It changes the array that it is given. Make a new array, as in `q = p ** 2`."
    problem = needs_array(value, (3,), of=call)
    if problem:
        return problem
    found = np.asarray(value, dtype=float)
    right = p**2 / (p**2).sum()
    if not np.allclose(found, right):
        return _tempering_mistake(found, p, call)
    if not agrees(answer(p, 1.0), p):
        return "It is right at temperature 0.5, but `temper(p, 1.0)` does not give `p` back."
    gone = np.array([0.7, 0.0, 0.2, 0.1])
    for shares, temperature in [(p, 2.0), (p, 0.25), (gone, 0.5), (gone, 2.0)]:
        expected = shares ** (1 / temperature)
        value = answer(shares.copy(), temperature)
        if np.shape(value) not in ((), shares.shape):
            return (
                f"It is right for three shares, but for {shares.tolist()} it returns an array of "
                f"shape {np.shape(value)}. A share for each of `p`, also for those that are 0."
            )
        if not agrees(value, expected / expected.sum()):
            hint = (
                "What has share 0 must keep it (and log(0) is not finite)."
                if shares is gone
                else "Does the exponent follow the temperature?"
            )
            return (
                f"It is right at temperatures 0.5 and 1 for that `p`, but "
                f"`temper(np.array({shares.tolist()}), {temperature})` is not. {hint}"
            )
    return None


def _tempering_mistake(found: Any, p: Any, call: str) -> str:
    """Return what went wrong in tempering `p` at temperature 0.5."""
    if np.allclose(found, p**2):
        return (
            f"The shares do not sum to one: `{call}` sums to {found.sum():.2f}. "
            "After the power they must be scaled again."
        )
    if np.allclose(found, p / 0.5):
        return (
            "Dividing all shares by the temperature keeps their ratios, so nothing becomes "
            "sharper. The temperature belongs in the exponent, and `p ** 1 / temperature` needs "
            "brackets for that."
        )
    if np.allclose(found, p):
        return (
            "Nothing changes. Multiplying or dividing all shares by one number drops out when "
            "they are scaled to sum to one. The temperature belongs in the exponent, and "
            "`p ** 1 / temperature` needs brackets for that."
        )
    if np.allclose(found, np.sqrt(p) / np.sqrt(p).sum()):
        return (
            "The common breeds lose at temperature 0.5, and they should gain. "
            "The power is one over the temperature."
        )
    if np.allclose(found, np.exp(p / 0.5) / np.exp(p / 0.5).sum()):
        return (
            "That is a softmax of the shares themselves. A softmax takes *log* shares: "
            "exp(log(p) / temperature), which is a power of p."
        )
    right = p**2 / (p**2).sum()
    if any(np.array_equal(found, np.round(right, digits)) for digits in range(1, 5)):
        return "Right but for the rounding: return the shares with all their decimals."
    if not np.isclose(found.sum(), 1):
        return (
            f"`{call}` is {np.round(found, 3).tolist()}: these are no shares, they sum to "
            f"{found.sum():.3g}. After the power, divide by the sum."
        )
    return (
        f"`{call}` is {np.round(found, 3).tolist()}. At temperature 0.5 the ratio of the first two "
        "shares, 0.5/0.3, must become its square."
    )


def _recursion(n: float, steps: int, start: float = 1.0) -> float:
    g = start
    for _ in range(steps):
        g = 1 - np.exp(-g)
    return float(n * g)


def _words_read(answer: Any) -> str | None:
    """Return what is wrong with `words_read(n, t)`."""
    problem = needs_function(answer, "words_read(n, t)")
    if problem:
        return problem
    problem = needs_array(answer(1000, 0), (), of="words_read(1000, 0)")
    problem = problem or needs_array(answer(1000, 9), (), of="words_read(1000, 9)")
    if problem:
        return problem
    at_start, found = float(answer(1000, 0)), float(answer(1000, 9))
    if np.isclose(at_start, 1000) and np.isclose(found, _recursion(1000, 9)):
        for n, t in [(37, 4), (10**7, 17), (1000, 1), (5, 60)]:
            if not agrees(answer(n, t), _recursion(n, t)):
                return (
                    f"`words_read(1000, 0)` and `words_read(1000, 9)` are right, but "
                    f"`words_read({n}, {t})` is not. Is a number fixed in it?"
                )
        return None
    mistakes = {
        2 * 1000 / 10: "That is the rule of thumb 2n/T. It is too high here: `words_read(1000, 0)` "
        "must be 1000, all the words. Use the recursion.",
        _recursion(1000, 10): "One step too many. Generation 0 has read all n words, so g is 1 "
        "there and takes its first step for generation 1.",
        _recursion(1000, 8): "One step too few. From generation 0 to generation 9 there are nine "
        "steps; does your loop stop before the last?",
        _recursion(1, 9): "That is $g_T$ alone. How many words does the text have?",
        1000 * (1 - 1 / 1000) ** 10: "That is how heterozygosity falls. Rare words die faster: "
        "use $g \\leftarrow 1 - e^{-g}$.",
        1000 * (1 - np.exp(-1.0)): "Each step must start from the value before. Yours starts from "
        "1 every time, so that only the first step counts.",
    }
    for value, message in mistakes.items():
        if np.isclose(found, value):
            return message
    if abs(found - _recursion(1000, 9)) < 1:
        return "Right but for the rounding: return `n * g` as it is, a number with decimals."
    return (
        f"`words_read(1000, 0)` is {at_start:.4g} and `words_read(1000, 9)` is {found:.4g}. The "
        "first must be 1000; each generation then replaces g by 1 - exp(-g)."
    )


def _fresh_share(answer: Any) -> str | None:
    """Return what is wrong with the smallest sufficient fraction of fresh dogs."""
    if callable(answer):
        return "A number is needed, the fraction that you found, not the function that found it."
    problem = needs_array(answer, (), of="fresh_share")
    if problem:
        return problem
    found = float(answer)
    if found > 1:
        return f"A fraction lies between 0 and 1, and this is {found:g}. Is it a percentage?"
    if found <= 0:
        return (
            f"With a fraction of {found:g} nothing fresh comes in. Which share of the breeds does "
            "plain copying keep?"
        )
    from collapse_lab import datasets, theory

    p = datasets.kennel_club_2016().p
    kept = theory.expected_types_under_mix(50, 1000, found, p) / theory.expected_types(0, 1000, p)
    few = (
        " An average over 100 chains does not settle the second decimal: take more chains, or a "
        "closed form."
        if 0.28 < found < 0.4
        else ""
    )
    if found < 0.33 - 1e-9:  # 33 hundredths are not always 0.33
        return (
            f"Too little: with {found:.1%} fresh dogs, generation 50 knows, on average, {kept:.1%} "
            f"as many breeds as generation 0.{few}"
        )
    if found > 0.35 + 1e-9:
        return (
            f"More than needed: {found:.1%} fresh dogs keep {kept:.1%}, on average. Come down "
            f"until 90% is just kept.{few}"
        )
    return None


EXERCISES = {
    exercise.id: exercise
    for exercise in [
        Exercise(
            "2.1",
            "Variety that is left",
            _variety,
            success="One n-th of what is left, fit after fit: the half-life is about 0.7 n fits.",
            wrong={
                "generation 0 not counted": lambda h, n, t: h * (1 - 1 / n) ** t,
                "the world forgotten": lambda _h, n, t: (1 - 1 / n) ** (t + 1),
                "a straight line": lambda h, n, t: h * (1 - (t + 1) / n),
                "the chance to agree": lambda h, n, t: 1 - (1 - h) * (1 - 1 / n) ** (t + 1),
                "the chance to agree, by the right rule": lambda h, n, t: (
                    1 - h * (1 - 1 / n) ** (t + 1)
                ),
                "the exponential": lambda h, n, t: h * np.exp(-(t + 1) / n),
                "one over n squared": lambda h, n, t: h * (1 - 1 / n**2) ** (t + 1),
                "the exponent fixed": lambda h, n, _t: h * (1 - 1 / n) ** 4,
                "a number": 0.59,
            },
        ),
        Exercise(
            "2.2",
            "A sampler with a temperature",
            _temper,
            success="Ratios are raised to 1/temperature. In a loop that happens once a generation, "
            "so the exponent itself grows exponentially.",
            wrong={
                "not normalized": lambda p, temperature: p ** (1 / temperature),
                "divided": lambda p, temperature: p / temperature,
                "divided, then normalized": lambda p, temperature: (
                    (p / temperature) / (p / temperature).sum()
                ),
                "upside down": lambda p, temperature: p**temperature / (p**temperature).sum(),
                "softmax of the shares": lambda p, temperature: (
                    np.exp(p / temperature) / np.exp(p / temperature).sum()
                ),
                "a sum": lambda p, temperature: (p ** (1 / temperature)).sum(),
                "always squared": lambda p, _temperature: p**2 / (p**2).sum(),
                "a line through two points": lambda p, temperature: (
                    p ** (3 - 2 * temperature) / (p ** (3 - 2 * temperature)).sum()
                ),
                "smoothed": lambda p, temperature: (
                    np.maximum(p, 0.01) ** (1 / temperature)
                    / (np.maximum(p, 0.01) ** (1 / temperature)).sum()
                ),
            },
        ),
        Exercise(
            "2.3",
            "As if you had read",
            _words_read,
            success="It holds for every language, whatever its frequencies: only n and the number "
            "of fits count.",
            wrong={
                "the rule of thumb": lambda n, t: 2 * n / (t + 1),
                "a step too many": lambda n, t: _recursion(n, t + 1),
                "a step too few": lambda n, t: _recursion(n, max(t - 1, 0)),
                "without n": lambda _n, t: _recursion(1, t),
                "heterozygosity": lambda n, t: n * (1 - 1 / n) ** (t + 1),
                "never updated": lambda n, t: n * (1 - np.exp(-1.0)) if t else n,
                "rounded": lambda n, t: int(_recursion(n, t)),
                "a thousand words": lambda _n, t: _recursion(1000, t),
            },
        ),
        Exercise(
            "2.4",
            "How fresh is fresh enough?",
            _fresh_share,
            success="Compare, at the same generation 50: with no fresh dogs at all the chain "
            f"still has {0.999**50:.0%} of the heterozygosity of generation 0. It is the tail that "
            "makes fresh data expensive. (By theory 0.34 is the smallest; a simulation may be off "
            "by 0.01. With the other two smooth tails it would be 0.26 and 0.37.)",
            wrong={
                "too little": 0.1,
                "a little too little": 0.32,
                "too much": 0.6,
                "a little too much": 0.36,
                "a percentage": 34,
                "nothing fresh": 0.0,
                "the function": lambda fraction: fraction,
            },
        ),
    ]
}
