"""The exercises of chapter 3: How fast."""

from __future__ import annotations

from typing import Any

import numpy as np

from collapse_lab.checks import Exercise, agrees, needs_array, needs_function


def _still_known(answer: Any) -> str | None:
    """Return what is wrong with `still_known(n, count, k)`."""
    call = "still_known(4, 1, 3)"
    problem = needs_function(answer, "still_known(n, count, k)") or needs_array(
        answer(4, 1, 3), (), of=call
    )
    if problem:
        return problem
    from collapse_lab import theory

    step = theory.wright_fisher_matrix(4)
    power = np.linalg.matrix_power(step, 3)
    found, right = float(answer(4, 1, 3)), 1 - power[1, 0]
    mistakes = {
        power[1, 0]: "That is the chance that it is *forgotten*. Known is the rest.",
        power[1, 1:-1].sum(): "That leaves out column `n`: a word that has taken all places is "
        "known, too.",
        1 - np.linalg.matrix_power(step, 2)[1, 0]: "One fit too few: from one count to the next "
        "is one multiplication already.",
        1 - np.linalg.matrix_power(step, 4)[1, 0]: "One fit too many: the count is given, it need "
        "not be drawn first.",
        1 - step[1, 0] ** 3: "That multiplies one cell with itself: `**` works on each number "
        "alone. A power of the matrix is `np.linalg.matrix_power`.",
        1.0: "That is 1: certain. Are row and column exchanged? (The row is where the word stands "
        "now.) Or is the column of the forgotten counted, too?",
        0.75**3: "$(1 - 1/n)^k$ is how fast chances fall in the long run. The exact answer "
        "depends on `count`: take the row of the matrix power.",
    }
    for value, message in mistakes.items():
        if np.isclose(found, value, rtol=1e-9):
            return message
    if not np.isclose(found, right, rtol=1e-9):
        return (
            f"`{call}` is {found:.4f}. In the third power of the matrix, row 1, column 0 is the "
            "chance that a word that stands once is forgotten after 3 fits."
        )
    for n, count, k in [(10, 3, 7), (20, 0, 5), (20, 20, 5), (6, 2, 0), (40, 1, 60)]:
        power = np.linalg.matrix_power(theory.wright_fisher_matrix(n), k)
        if not agrees(answer(n, count, k), 1 - power[count, 0], rtol=1e-9, atol=1e-12):
            if k == 0:
                return (
                    f"It is right for `{call}`, but `still_known({n}, {count}, 0)` is not. After "
                    "no fit at all, a word that stands in the sample is known for certain."
                )
            return (
                f"It is right for `{call}`, but `still_known({n}, {count}, {k})` is not. Is a "
                "number fixed in it, or is the answer estimated?"
            )
    return None


def _last_fit(count: float, chance: float) -> int:
    """Return the last fit at which 1 - exp(-count g) is at least `chance`."""
    k, g = 0, 1.0
    while 1 - np.exp(-count * g) >= chance:
        k, g = k + 1, 1 - np.exp(-g)
    return k


def _safe_fits(answer: Any) -> str | None:
    """Return what is wrong with `safe_fits(count, chance)`."""
    call = "safe_fits(100, 0.95)"
    problem = needs_function(answer, "safe_fits(count, chance)") or needs_array(
        answer(100, 0.95), (), of=call
    )
    if problem:
        return problem
    found, needed = float(answer(100, 0.95)), -np.log(0.05) / 100  # g must be this large
    if found != round(found):
        return f"A number of fits is whole, and `{call}` is {found:.2f}. Which way is safe?"
    right = _last_fit(100, 0.95)
    mistakes = {
        right + 1: "One too many: after this fit the promise is broken. Count a fit only if the "
        "chance *at* it is still high enough.",
        right - 1: "One too few. Or is it the generation? Generation $t$ is fit $t + 1$, and "
        "fits are asked for.",
        int(2 / needed): "That uses $g_k \\approx 2/k$. It is close, but an approximation "
        "promises nothing. Use the recursion.",
        int(1 / needed): "That uses $g_k \\ge 1/k$: a promise that you can keep, and too modest. "
        "The recursion knows $g_k$ itself.",
        int(3 / needed): "That uses $g_k \\le 3/k$, the limit from above. It promises too much.",
        _last_fit(100, 0.05): "That is how long the word is known with a chance of 0.05. Is "
        "`chance` the chance to be known, or to be forgotten?",
        int(np.log(0.95) / np.log1p(-1 / 100)): "That lets the chance fall by one part in `count` "
        "each time. Use the bound: $1 - e^{-\\lambda g_k}$.",
    }
    if found != right and int(found) in mistakes:
        return mistakes[int(found)]
    if found != right:
        return (
            f"`{call}` is {found:.0f}. With `count` 100, the bound from below is "
            "$1 - e^{-100 g_k}$. At which k is it for the last time at least 0.95?"
        )
    for count, chance in [(10, 0.5), (1, 0.9), (2.5, 0.9), (1000, 0.99), (40, 0.999)]:
        if not agrees(answer(count, chance), _last_fit(count, chance), rtol=0):
            return (
                f"`{call}` is right, but `safe_fits({count}, {chance})` is not. (If the first fit "
                "already breaks the promise, the answer is 0.)"
            )
    return None


def _surely_narrow(answer: Any) -> str | None:
    """Return what is wrong with `surely_narrow(n, width, chance)`."""
    call = "surely_narrow(20, 0.2, 0.05)"
    problem = needs_function(answer, "surely_narrow(n, width, chance)") or needs_array(
        answer(20, 0.2, 0.05), (), of=call
    )
    if problem:
        return problem
    found, exact = float(answer(20, 0.2, 0.05)), 79 * np.log(100)
    if np.isclose(found, exact, rtol=1e-9):
        return (
            f"Nearly: `{call}` is {found:.2f}, and the first fit that is enough is a whole number."
        )
    mistakes = {
        int(np.floor(exact)): "Rounded the wrong way: after that fit the bound is still a little "
        "above `chance`.",
        np.ceil(exact) + 1: "One fit too many: the bound is at `chance` or below one fit earlier.",
        np.ceil(80 * np.log(100)): "The exponent is $k/(4n - 1)$; you have $k/(4n)$.",
        np.ceil(79 * np.log10(100)): "That is the logarithm to base 10 (or the wrong function). "
        "`np.log` is the natural one.",
        np.ceil(79 * np.log(20)): "Where is `width`? It divides the bound: $1/\\varepsilon$ stands "
        "in front.",
        np.ceil(79 * np.log(5)): "Where is `chance`? That is when the bound begins to say "
        "anything: when it falls below 1.",
        np.ceil(79 * np.log(500)): "The width enters once. The bound is about the standard "
        "deviation, not the variance.",
        np.ceil(79 * np.log(5 / 0.95)): "That is for a share of 0.95 wider. At most `chance` of "
        "them may be wider.",
    }
    for value, message in mistakes.items():
        if found == value:
            return message
    if found == round(found) and 1 < found < np.ceil(exact):
        from collapse_lab import theory

        tail = [1 - theory.variance_cdf(0.04, int(found) - i, 20, ddof=1) for i in (2, 1)]
        if tail[1] <= 0.05 < tail[0]:
            return "That is when it is *true*, by the exact tail. What does the bound say?"
    if found != np.ceil(exact):
        return (
            f"`{call}` is {found:.6g}. Solve $e^{{-k/(4n-1)}} / \\varepsilon \\le q$ for k, with "
            "n = 20, width 0.2 and chance 0.05."
        )
    for n, width, chance in [(5, 0.5, 0.1), (100, 0.01, 0.01), (2, 0.3, 0.9), (1000, 0.9, 0.5)]:
        first = int(np.ceil((4 * n - 1) * np.log(1 / (width * chance))))
        if not agrees(answer(n, width, chance), first, rtol=0):
            return (
                f"`{call}` is right, but `surely_narrow({n}, {width}, {chance})` is not. Is a "
                "number fixed in it, or is it rounded to the nearest? Only up is enough."
            )
    return None


def _level_mean(answer: Any) -> str | None:
    """Return what is wrong with an estimator that should not drift on the log scale."""
    problem = needs_function(answer, "level_mean(data)")
    if problem:
        return problem
    rng = np.random.default_rng(33)
    problem = _no_estimate(answer, rng.standard_exponential((6, 4)))
    if problem:
        return problem
    for n in (5, 10, 30):
        logs = np.log(answer(rng.standard_exponential((n, 200_000))))
        drift, allowed = logs.mean(), 0.1 / (2 * n)
        error = logs.std() / np.sqrt(logs.size)
        if abs(drift) <= allowed + 4.9 * error:
            continue
        return _drift_message(n, float(drift), float(error))
    return None


def _no_estimate(answer: Any, small: Any) -> str | None:
    """Return why what `answer` gives is no estimate of the mean of each chain by itself."""
    value = answer(small.copy())
    if np.ndim(value) == 0 and needs_array(value, (), of="level_mean(data)") is None:
        return "It returns one number for all chains together. Average along `axis=0` only."
    problem = needs_array(value, (4,), of="level_mean(data)")
    if problem:
        return problem
    if not agrees(answer(small.copy()), value):
        return (
            "Two calls with the same data give two estimates. The check needs one that depends on "
            "the data alone, without random numbers of its own."
        )
    if not agrees(answer(small[:, :2].copy()), np.asarray(value)[:2]):
        return (
            "The estimate of one chain changes when other chains are left out. Each chain has its "
            "own data: average along `axis=0` only."
        )
    if np.min(value) <= 0:
        return "A mean waiting time is above 0; yours is not. Is a logarithm left without `exp`?"
    if np.allclose(answer(60 * small), value):
        return (
            "It does not see the data: sixty times as long to wait, and the same estimate. It "
            "knows the world's mean, which no estimator does."
        )
    if not np.allclose(answer(60 * small), 60 * np.asarray(value), rtol=1e-6):
        return (
            "Minutes and seconds disagree: data times 60 do not give 60 times the estimate. "
            "Every part of it must scale with the data: multiply, do not add."
        )
    return None


def _drift_message(n: int, drift: float, error: float) -> str:
    """Return where a drift of the log mean for samples of `n` may come from."""
    from collapse_lab import theory

    textbook = theory.log_scale_drift(n)
    n_less_one, tolerance = textbook + np.log(n / (n - 1)), 0.05 / n + 4.9 * error
    number = f"{drift:+.4f}".replace("-", "−")
    said = f"For n = {n} its logarithm is {number} on average"
    if abs(drift - textbook) <= tolerance:
        return (
            f"{said}, about $-1/(2n)$: that of the sample mean. It still falls. By which factor "
            "must it be larger?"
        )
    if abs(drift - n_less_one) <= tolerance:
        return (
            f"{said}, about $+1/(2n)$: corrected by twice what is needed. (Dividing by $n - 1$ "
            "does that.) Now the typical chain grows."
        )
    if abs(drift - 2 * textbook) <= tolerance:
        return f"{said}, twice as low as for the sample mean. Has a correction the wrong sign?"
    if abs(drift + textbook) <= tolerance:
        return f"{said}: corrected by twice what is needed. Now the typical chain grows."
    if drift > 0.2:
        return f"{said}: far too large, the chain explodes. Does the correction shrink with n?"
    if drift < -0.2:
        return (
            f"{said}: far too small. A median, a geometric mean or a minimum of waiting times lies "
            "below their mean, by a factor that must be undone; and few data pull the logarithm of "
            "most estimates down."
        )
    return f"{said}, and should be within {0.1 / (2 * n):.4f} of 0."


EXERCISES = {
    exercise.id: exercise
    for exercise in [
        Exercise(
            "3.1",
            "Power to the matrix",
            _still_known,
            success="No chain was run: the matrix holds them all.",
            wrong={
                "forgotten": lambda n, count, k: _power(n, k)[count, 0],
                "without the last column": lambda n, count, k: _power(n, k)[count, 1:-1].sum(),
                "a fit too few": lambda n, count, k: 1 - _power(n, max(k - 1, 0))[count, 0],
                "a fit too many": lambda n, count, k: 1 - _power(n, k + 1)[count, 0],
                "cell by cell": lambda n, count, k: 1 - _power(n, 1)[count, 0] ** k,
                "row for column": lambda n, count, k: 1 - _power(n, k)[0, count],
                "the long run": lambda n, _count, k: (1 - 1 / n) ** k,
                "the bound": lambda n, count, k: 1 - np.exp(-count * 2 / (k + 1)) + 0 * n,
                "one word only": lambda n, _count, k: 1 - _power(n, k)[1, 0],
                "a whole row": lambda n, count, k: 1 - _power(n, k)[count],
                "a number": 0.5,
            },
        ),
        Exercise(
            "3.2",
            "Safe for how long?",
            _safe_fits,
            success="Half of all chains keep a word for about three fits per occurrence. A "
            "promise of 95% lasts for less than one.",
            wrong={
                "one too many": lambda count, chance: _last_fit(count, chance) + 1,
                "one too few": lambda count, chance: max(_last_fit(count, chance) - 1, 0),
                "the rule of thumb": lambda count, chance: int(-2 * count / np.log(1 - chance)),
                "the modest limit": lambda count, chance: int(-count / np.log(1 - chance)),
                "the upper limit": lambda count, chance: int(-3 * count / np.log(1 - chance)),
                "forgotten for known": lambda count, chance: _last_fit(count, 1 - chance),
                "one part in count": lambda count, chance: int(
                    np.log(chance) / np.log1p(-1 / count)
                ),
                "not whole": lambda count, chance: -2 * count / np.log(1 - chance),
                "never 0": lambda count, chance: max(_last_fit(count, chance), 1),
                "a number": 66,
            },
        ),
        Exercise(
            "3.3",
            "What the bound says, and what is true",
            _surely_narrow,
            success="That is when the bound is sure. Read on for the truth.",
            wrong={
                "not whole": lambda n, width, chance: (4 * n - 1) * np.log(1 / (width * chance)),
                "rounded down": lambda n, width, chance: int(
                    (4 * n - 1) * np.log(1 / (width * chance))
                ),
                "4n": lambda n, width, chance: np.ceil(4 * n * np.log(1 / (width * chance))),
                "base 10": lambda n, width, chance: np.ceil(
                    (4 * n - 1) * np.log10(1 / (width * chance))
                ),
                "no width": lambda n, _width, chance: np.ceil((4 * n - 1) * np.log(1 / chance)),
                "no chance": lambda n, width, _chance: np.ceil((4 * n - 1) * np.log(1 / width)),
                "the variance": lambda n, width, chance: np.ceil(
                    (4 * n - 1) * np.log(1 / (width**2 * chance))
                ),
                "the others": lambda n, width, chance: np.ceil(
                    (4 * n - 1) * np.log(1 / (width * (1 - chance)))
                ),
                "one too many": lambda n, width, chance: (
                    np.ceil((4 * n - 1) * np.log(1 / (width * chance))) + 1
                ),
                "to the nearest": lambda n, width, chance: round(
                    (4 * n - 1) * np.log(1 / (width * chance))
                ),
                "the truth": lambda _n, _width, _chance: 207,
                "n fixed": lambda _n, width, chance: np.ceil(79 * np.log(1 / (width * chance))),
                "a number": 364,
            },
        ),
        Exercise(
            "3.4",
            "An estimator that stays level",
            _level_mean,
            success="Its logarithm has no drift, in any unit of time.",
            wrong={
                "divided by n - 1": lambda data: data.sum(axis=0) / (len(data) - 1),
                "the wrong sign": lambda data: (1 - 1 / (2 * len(data))) * data.mean(axis=0),
                "corrected twice": lambda data: np.exp(1 / len(data)) * data.mean(axis=0),
                "help from other chains": lambda data: (
                    data.mean(axis=0) * data.mean() / np.exp(np.log(data.mean(axis=0)).mean())
                ),
                "the median": lambda data: np.median(data, axis=0),
                "all chains together": lambda data: data.mean(),
                "along the other axis": lambda data: data.mean(axis=1),
                "it knows the world": lambda data: np.ones(data.shape[1]),
                "added, not multiplied": lambda data: data.mean(axis=0) + 1 / (2 * len(data)),
                "the largest": lambda data: data.max(axis=0),
                "a logarithm": lambda data: np.log(data).mean(axis=0),
                "good for ten": lambda data: 1.0517 * data.mean(axis=0),
                "a number": 1.0,
            },
        ),
    ]
}


def _power(n: int, k: int) -> Any:
    """Return the k-th power of the transition matrix."""
    from collapse_lab import theory

    return np.linalg.matrix_power(theory.wright_fisher_matrix(n), k)
