"""The exercises of chapter 11: From rendered to real."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from collapse_lab.checks import Exercise, needs_array, needs_function, returned

BEFORE = np.array([0.50, 0.62, 0.55, 0.70, 0.58])
AFTER = np.array([0.54, 0.65, 0.60, 0.73, 0.63])


def _worth(answer: Any) -> str | None:
    """Return what is wrong with `worth(spread, bias)`."""
    call = "worth(3.0, 0.25)"
    problem = needs_function(answer, "worth(spread, bias)") or needs_array(
        answer(3.0, 0.25), (), of=call
    )
    if problem:
        return problem
    mistakes = {
        12.0: "The bias enters squared: the error is a *squared* distance, `bias` is a distance.",
        1 / 48: "That is upside down. The larger the bias, the fewer real pictures it is worth.",
        0.1875: "Multiplied where it should be divided: set `spread / n` equal to `bias ** 2`, and "
        "solve for n.",
        144.0: "`spread` is a variance already. Do not square it.",
        3**0.5 * 16: "`spread` is a variance, and the error is squared: no root is needed.",
        49.0: "One too many. Equal errors are asked for: `spread / n` equals `bias ** 2`.",
        47.0: "One too few. Equal errors are asked for: `spread / n` equals `bias ** 2`.",
    }
    found = float(answer(3.0, 0.25))
    for value, message in mistakes.items():
        if np.isclose(found, value, rtol=1e-9):
            return message
    if not np.isclose(found, 48.0, rtol=1e-9):
        return f"`{call}` is {found:.4g}. At which n is `3.0 / n` equal to 0.25 squared?"
    for spread, bias in [(3.0, 2.0), (1.0, 0.1), (10.0, 0.3)]:
        number = returned(answer, spread, bias, of="worth")
        if not np.isclose(number, spread / bias**2, rtol=1e-9):
            return (
                f"It is right for `{call}`, but `worth({spread}, {bias})` is not "
                f"{spread / bias**2:.4g}. Is a number fixed in it, or rounded?"
            )
    return None


def _gain(answer: Any) -> str | None:
    """Return what is wrong with `gain(before, after)`."""
    call = "gain(before, after)"
    problem = needs_function(answer, call)
    if problem:
        return problem
    value = answer(BEFORE.copy(), AFTER.copy())
    if isinstance(value, int | float):
        return f"`{call}` is one number. A pair is asked for: the mean gain and its standard error."
    problem = needs_array(value, (2,), of=call)
    if problem:
        return problem
    mean, error = (float(x) for x in answer(BEFORE.copy(), AFTER.copy()))
    difference = AFTER - BEFORE
    if np.isclose(mean, -difference.mean()):
        return "The gain has the wrong sign: it is after minus before."
    if not np.isclose(mean, difference.mean()):
        return f"The mean gain is {mean:.4f}. On each split, what was won? And on average?"
    problem = _not_the_error(error)
    if problem:
        return problem
    before, after = np.array([0.5, 0.3, 0.6]), np.array([0.4, 0.7, 0.65])
    value = returned(answer, before.copy(), after.copy(), of="gain", shape=(2,))
    if not np.allclose(value, _paired(before, after), rtol=1e-6):
        return (
            f"It is right for five splits, but not for the three {before.tolist()} and "
            f"{after.tolist()}. Is a number fixed in it, is a loss counted as a gain, or has a "
            "column lost its order?"
        )
    return None


def _not_the_error(error: float) -> str | None:
    """Return what is wrong with the standard error of the five gains."""
    difference, n = AFTER - BEFORE, len(BEFORE)
    mistakes = {
        difference.std(): "That is the spread of the five gains, with divisor n. Which spread has "
        "their *mean*? And the divisor for so few is n - 1.",
        difference.std(ddof=1): "That is the spread of the five gains. Which spread has their "
        "*mean*?",
        difference.std() / np.sqrt(n): "Nearly: `np.std` divides by n. With five splits use "
        "`ddof=1`.",
        difference.var(ddof=1) / n: "That is a variance: the root is missing.",
        difference.std(ddof=1) / n: "Divided by n; the spread of a mean falls with the *root* of "
        "n.",
    }
    unpaired = [np.sqrt((BEFORE.var(ddof=ddof) + AFTER.var(ddof=ddof)) / n) for ddof in (0, 1)] + [
        np.sqrt(BEFORE.var(ddof=ddof) + AFTER.var(ddof=ddof)) for ddof in (0, 1)
    ]
    for value, message in mistakes.items():
        if np.isclose(error, value, rtol=1e-6):
            return message
    if any(
        np.isclose(error, column.std(ddof=ddof) / np.sqrt(n), rtol=1e-6)
        for column in (BEFORE, AFTER)
        for ddof in (0, 1)
    ):
        return "That is the error of one of the columns. The error of the mean *gain* is asked for."
    if any(np.isclose(error, value, rtol=1e-6) for value in unpaired):
        return (
            "That treats the two columns as if they came from different splits. Easy splits are "
            "easy for both: take the difference first, then its spread."
        )
    if not np.isclose(error, difference.std(ddof=1) / np.sqrt(n), rtol=1e-6):
        return f"The mean is right. The error is {error:.4f}: it should be that of a mean."
    return None


def _endless_copies(answer: Any) -> str | None:
    """Return what is wrong with `endless_copies(x, y, s)`."""
    rng = np.random.default_rng(113)
    x, y = rng.standard_normal((30, 3)), rng.standard_normal(30)
    call = "endless_copies(x, y, 0.5)"
    problem = needs_function(answer, "endless_copies(x, y, s)") or needs_array(
        answer(x.copy(), y.copy(), 0.5), (3,), of=call
    )
    if problem:
        return problem

    found = np.asarray(answer(x.copy(), y.copy(), 0.5), dtype=np.float64)
    if not np.array_equal(found, answer(x.copy(), y.copy(), 0.5)):
        return "It gives another answer at each call. No noise need be drawn: use the penalty."
    problem = _not_endless(found, x, y)
    if problem:
        return problem
    for s in (0.0, 1.3):
        value = returned(answer, x[:12].copy(), y[:12].copy(), s, of="endless_copies", shape=(3,))
        if not np.allclose(value, _endless(x[:12], y[:12], s)):
            return f"It is right for `{call}`, but not for 12 rows and s = {s}. Is a number fixed?"
    return None


def _not_endless(found: Any, x: Any, y: Any) -> str | None:
    """Return what is wrong with the coefficients at s = 0.5."""

    def ridge(penalty: float) -> Any:
        return np.linalg.solve(x.T @ x + penalty * np.eye(3), x.T @ y)

    mistakes = {
        0.0: "These are the coefficients without noise. What does noise add to `x.T @ x`?",
        0.25: "The penalty is $s^2$ here. Each of the n rows brings noise: $n s^2$.",
        15.0: "The penalty is $n s$ here. The variance of the noise counts, not its spread.",
        225.0: "The penalty is $n^2 s^2$ here. The sum of squares has n rows: $n s^2$.",
        7.25: "The penalty is $(n - 1) s^2$ here. Every row brings noise: $n s^2$.",
        -7.5: "The penalty has the wrong sign: noise makes `x.T @ x` larger.",
    }
    for penalty, message in mistakes.items():
        if np.allclose(found, ridge(penalty), rtol=1e-9):
            return message
    shrunk = ridge(0.0) / 1.25
    if np.allclose(found, shrunk, rtol=1e-9):
        return (
            "That divides every coefficient by $1 + s^2$. It is right only for uncorrelated inputs "
            "of variance 1; these are a sample."
        )
    everywhere = np.linalg.solve(x.T @ x + 7.5, x.T @ y)
    if np.allclose(found, everywhere, rtol=1e-9):
        return (
            "That adds $n s^2$ to every entry of `x.T @ x`. The noise of different inputs is "
            "independent: only the diagonal grows."
        )
    if not np.allclose(found, ridge(7.5), rtol=1e-8):
        if np.allclose(found, ridge(7.5), rtol=0.05, atol=0.01):
            return (
                "Close, and not exact. Was noise drawn? On average it is a penalty: use that. Or "
                "was an intercept fitted, or a mean taken off? There is none here."
            )
        return "These are not the coefficients. Solve with `x.T @ x` plus $n s^2$ on its diagonal."
    return None


def _endless(x: Any, y: Any, s: float) -> Any:
    """Ridge regression with penalty n s²."""
    return np.linalg.solve(x.T @ x + len(x) * s**2 * np.eye(x.shape[1]), x.T @ y)


def _drawn_copies(x: Any, y: Any, s: float) -> Any:
    """Coefficients on 2,000 copies with noise drawn, always the same."""
    noise = s * np.random.default_rng(0).standard_normal((2000, *x.shape))
    longer = (x + noise).reshape(-1, x.shape[1])
    return np.linalg.solve(longer.T @ longer, longer.T @ np.tile(y, 2000))


def _my_weight(answer: Any) -> str | None:
    """Return what is wrong with a rule for the weight of 210 drawings beside n real pictures."""
    problem = needs_function(answer, "my_weight(n)")
    for n in (20, 500):
        problem = problem or needs_array(answer(n), (), of=f"my_weight({n})")
        if problem:
            return problem
        if not 0 <= float(answer(n)) <= 1:
            return f"`my_weight({n})` is {float(answer(n)):.3g}. A share of the weight is 0 to 1."
    if float(answer(500)) == float(answer(20)) == 0:
        return "Weight 0 everywhere: these are the real pictures alone, which are to be beaten."
    weights = [float(answer(n)) for n in (20, 500)]
    constant = weights[0] == weights[1]
    few = _weighed_gain(20, weights[0])
    if few < 0.12 and not constant:
        how = "less" if weights[0] > 0.8 else "more"
        return (
            f"With 20 real pictures the gain is {100 * few:.0f} points, and 12 are asked for. "
            f"There the drawings need {how} weight."
        )
    many = _weighed_gain(500, weights[1])
    if constant and (few < 0.12 or many < -0.0025):
        return (
            f"One weight for every n: the gain is {100 * few:.0f} points with 20 real pictures, "
            f"and {100 * many:.1f} with 500. Let the weight fall as n grows."
        )
    if many < -0.0025:
        rises = weights[1] > weights[0]
        return (
            "With 20 real pictures it gains enough, but with 500 it loses more than a quarter of a "
            "point. "
            + ("Your weight rises with n. " if rises else "")
            + "There the drawings' bias is what hurts: let their weight fall as n grows."
        )
    return None


N_DRAWN = 210


@cache
def _split(seed: int) -> tuple[Any, Any, Any]:
    """Real pictures to train on and to test on, and drawings."""
    from collapse_lab.rendering import real_halves, rendered

    rng = np.random.default_rng([1104, seed])
    train, test = real_halves(rng)
    return train, test[:450], rendered(N_DRAWN, rng=rng)


@cache
def _alone(n: int, seed: int) -> float:
    """Share read right after n real pictures."""
    from collapse_lab.rendering import accuracy, recognizer

    train, test, _ = _split(seed)
    return accuracy(recognizer(train[:n], np.full(n, N_DRAWN / n)), test)


def _weighed_gain(n: int, weight: float) -> float:
    """Mean gain over real alone on four splits."""
    from collapse_lab.rendering import accuracy, join, recognizer

    shares = np.clip([1 - weight, weight], 1e-6, 1)  # a weight of 0 is not allowed
    counts = np.repeat(shares * N_DRAWN / [n, N_DRAWN], [n, N_DRAWN])
    gains = []
    for seed in range(4):
        train, test, drawn = _split(seed)
        both = recognizer(join(train[:n], drawn), counts)
        gains.append(accuracy(both, test) - _alone(n, seed))
    return float(np.mean(gains))


def _paired(before: Any, after: Any) -> tuple[float, float]:
    """Mean gain and its standard error."""
    gains = np.asarray(after) - np.asarray(before)
    return float(gains.mean()), float(gains.std(ddof=1) / np.sqrt(len(gains)))


EXERCISES = {
    exercise.id: exercise
    for exercise in [
        Exercise(
            "11.1",
            "What is a drawing worth?",
            _worth,
            success="Below that many real ones, the drawing alone is the better estimate; above, "
            "the real ones are. With the best weight, the mixture beats both.",
            wrong={
                "not squared": lambda spread, bias: spread / bias,
                "upside down": lambda spread, bias: bias**2 / spread,
                "multiplied": lambda spread, bias: spread * bias**2,
                "spread squared": lambda spread, bias: (spread / bias) ** 2,
                "root of the spread": lambda spread, bias: spread**0.5 / bias**2,
                "one more": lambda spread, bias: spread / bias**2 + 1,
                "rounded": lambda spread, bias: round(spread / bias**2),
                "a number": 48.0,
            },
        ),
        Exercise(
            "11.2",
            "Won on each split",
            _gain,
            success="The spread between splits is gone, because both methods met the same split.",
            wrong={
                "the wrong sign": lambda before, after: _paired(after, before),
                "unpaired": lambda before, after: (
                    np.mean(after - before),
                    np.sqrt((before.var(ddof=1) + after.var(ddof=1)) / len(after)),
                ),
                "spread, not error": lambda before, after: (
                    np.mean(after - before),
                    np.std(after - before, ddof=1),
                ),
                "divisor n": lambda before, after: (
                    np.mean(after - before),
                    np.std(after - before) / np.sqrt(len(after)),
                ),
                "no root": lambda before, after: (
                    np.mean(after - before),
                    np.var(after - before, ddof=1) / len(after),
                ),
                "five fixed": lambda before, after: (
                    np.mean(after - before),
                    np.std(after - before, ddof=1) / np.sqrt(5),
                ),
                "one column's": lambda before, after: (
                    np.mean(after - before),
                    np.std(after, ddof=1) / np.sqrt(len(after)),
                ),
                "only the mean": lambda before, after: np.mean(after - before),
            },
        ),
        Exercise(
            "11.3",
            "Endless noisy copies",
            _endless_copies,
            success="No copy was made. Noise on the inputs is a penalty on large coefficients.",
            wrong={
                "no noise": lambda x, y, _s: _endless(x, y, 0.0),
                "s squared only": lambda x, y, s: _endless(x, y, s / np.sqrt(len(x))),
                "s not squared": lambda x, y, s: _endless(x, y, np.sqrt(s)),
                "n squared": lambda x, y, s: _endless(x, y, s * np.sqrt(len(x))),
                "divided": lambda x, y, s: _endless(x, y, 0.0) / (1 + s**2),
                "n - 1": lambda x, y, s: _endless(x, y, s * np.sqrt(1 - 1 / len(x))),
                "every entry": lambda x, y, s: np.linalg.solve(x.T @ x + len(x) * s**2, x.T @ y),
                "drawn": _drawn_copies,
                "n fixed": lambda x, y, s: np.linalg.solve(
                    x.T @ x + 30 * s**2 * np.eye(x.shape[1]), x.T @ y
                ),
                "a number": 0.5,
            },
        ),
        Exercise(
            "11.4",
            "A weight for every n",
            _my_weight,
            success="It helps where real pictures are few, and costs next to nothing where they "
            "are many. (If you tried ten rules to get here, an honest figure needs pictures that "
            "none of the ten has met.)",
            wrong={
                "much, always": lambda _n: 0.9,
                "a little, always": lambda _n: 0.2,
                "more and more": lambda n: n / (n + 20),
                "only with many": lambda n: 0.1 if n > 100 else 0.0,
                "falls too slowly": lambda n: 0.9 - n / 1250,
                "in percent": lambda _n: 20.0,
                "nothing": lambda _n: None,
                "a number": 0.5,
            },
        ),
    ]
}
