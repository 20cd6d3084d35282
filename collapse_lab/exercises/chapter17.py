"""The exercises of chapter 17: Help or harm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collapse_lab.checks import Exercise, needs_array, needs_function

Array = NDArray[np.float64]


def bias_after(m: float, delta: float, t: int) -> float:
    """Return the mean bias after t copies, from 0."""
    return float(delta * sum(m**k for k in range(1, t + 1)))


def _bias_after(answer: Any) -> str | None:
    """Return what is wrong with `bias_after(m, delta, t)`."""
    m, delta, t = 0.7, 0.02, 4
    call = f"bias_after({m}, {delta}, {t})"
    problem = needs_function(answer, "bias_after(m, delta, t)") or needs_array(
        answer(m, delta, t), (), of=call
    )
    if problem:
        return problem
    found = float(answer(m, delta, t))
    mistakes = {
        m * delta / (1 - m): "That is the limit after endless copies. The task asks for `t`.",
        delta
        / (1 - m): "That is a limit, and its first `m` is missing: the new bias, too, reaches "
        "the next model only through the share `m`.",
        bias_after(m, delta, t) / m: "The new bias is added *before* the share `m` is taken: human "
        "labels dilute it, too. After one copy it is `m * delta`.",
        m**t * delta: "That is what is left of *one* bias after `t` copies. Each copy adds a new "
        "one.",
        m * delta * t: "That adds the same amount in each copy. The human labels take away a part "
        "of what is already there.",
        delta * t: "That is the answer for `m = 1`. Where do the human labels come in?",
        bias_after(m, delta, t - 1): "One copy too few: after one copy the bias is `m * delta`.",
        bias_after(m, delta, t + 1): "One copy too many: after one copy the bias is `m * delta`.",
        bias_after(1 - m, delta, t): "`m` is the share of the *model's* labels, not of the human "
        "ones.",
    }
    for value, message in mistakes.items():
        if np.isclose(found, value, rtol=1e-9):
            return message
    if not np.isclose(found, bias_after(m, delta, t), rtol=1e-9):
        return f"`{call}` is {found:.4g}. What is it after one copy, and after two?"
    for case in [(1.0, 0.1, 20), (0.5, -0.3, 3), (0.9, 0.01, 1), (0.3, 0.2, 0), (0.0, 0.2, 4)]:
        value = answer(*case)
        if (
            value is None
            or np.shape(value) != ()
            or not np.isclose(float(value), bias_after(*case), rtol=1e-9, atol=1e-12)
        ):
            return (
                f"It is right for `{call}`, but not for m = {case[0]:g}, delta = {case[1]:g}, "
                f"t = {case[2]}."
            )
    return None


def edit(X: Array, y: Array, q: float, rng: np.random.Generator) -> Array:
    """Return the labels, a share q of them drawn from the fit."""
    answer = X @ np.linalg.lstsq(X, y)[0]
    drawn = answer + rng.standard_normal(len(y))
    return np.where(rng.random(len(y)) < q, drawn, y)


def _edit(answer: Any) -> str | None:
    """Return what is wrong with `edit(X, y, q, rng)`."""
    problem = needs_function(answer, "edit(X, y, q, rng)")
    if problem:
        return problem
    rng = np.random.default_rng(1)
    n, d = 4000, 3
    X = rng.standard_normal((n, d))
    y = X @ [20.0, -10.0, 30.0] + 100 * rng.standard_normal(n)  # so that fits to parts differ
    fitted, before = X @ np.linalg.lstsq(X, y)[0], y.copy()

    def ask(q: float, seed: int) -> Any:
        return answer(X.copy(), y, q, np.random.default_rng(seed))

    found = ask(0.25, 2)
    if not np.array_equal(y, before):
        return "It changes `y` itself. Work on a copy, or use `np.where`."
    problem = needs_array(found, (n,), of="edit(X, y, 0.25, rng)")
    if problem:
        return problem
    found = np.asarray(found, dtype=np.float64)
    changed = found != y
    return (
        _share_problem(float(changed.mean()))
        or _fit_problem(found, X, changed, y)
        or _value_problem(found[changed], fitted[changed], y[changed])
        or _chance_problem(ask, y)
    )


def _share_problem(share: float) -> str | None:
    """Return what is wrong with the share of labels that changed; q is 1/4."""
    if abs(share - 0.75) < 0.03:
        return "Three quarters of the labels changed at `q = 0.25`: is the condition the wrong way?"
    if abs(share - 0.25) > 0.03:  # 4.4 standard errors
        return f"A share of {share:.3f} of the labels changed at `q = 0.25`."
    return None


def _value_problem(found: Array, fitted: Array, old: Array) -> str | None:
    """Return what is wrong with the new labels."""
    rest = found - fitted
    if abs(rest).max() < 1e-6:
        return "The new labels are plain answers. Add the noise: standard normal, one for each."
    if len(np.unique(np.round(rest, 9))) < 0.9 * len(rest):
        return "Labels share their noise. Draw a standard normal number for each of them."
    if abs((found - old).std() - 1) < 0.1:
        return (
            "The new labels are the *old* ones plus noise. A drawn label starts from the fit's "
            "answer."
        )
    if abs(rest.std() - 1) > 0.1 or abs(rest.mean()) > 0.15:
        return (
            f"The new labels lie around the fit's answers with a mean of {rest.mean():.2f} and a "
            f"standard deviation of {rest.std():.2f}; 0 and 1 were wanted."
        )
    far = float((abs(rest) > 1.96).mean())
    if abs(far - 0.05) > 0.031:  # 4.5 standard errors
        return (
            f"The noise is not normal: {far:.1%} of it lies more than 1.96 away from 0; 5% would."
        )
    return None


def _chance_problem(ask: Callable[[float, int], Any], y: Array) -> str | None:
    """Return what is wrong with the choice of the labels, or with chance in their noise."""
    first, again, other = (np.asarray(ask(0.25, seed)) for seed in (2, 2, 3))
    if not np.array_equal(first, again):
        return "The same `rng` gives other labels. Take all chance from `rng`."
    if np.array_equal(first != y, other != y):
        return (
            "Another `rng` draws the same labels. Choose them by chance, from `rng`, each with "
            "chance `q`."
        )
    both = (first != y) & (other != y)
    if np.array_equal(first[both], other[both]):
        return "Another `rng` draws the same noise. Take all chance from `rng`."
    if len({int((np.asarray(ask(0.25, seed)) != y).sum()) for seed in range(4, 8)}) == 1:
        return (
            "The number of drawn labels is always the same. Each label has its own coin: "
            "independently, with chance `q`."
        )
    if abs(np.mean((first != y)[1:] != (first != y)[:-1]) - 0.375) > 0.035:  # 4.5 standard errors
        return "The drawn labels stand in blocks. Each label has its own coin."
    if not np.array_equal(np.asarray(ask(0.0, 2)), y) or (np.asarray(ask(1.0, 2)) == y).any():
        return "With `q = 0` no label should change, and with `q = 1` all of them."
    return None


def _fit_problem(found: Array, X: Array, changed: NDArray[np.bool_], y: Array) -> str | None:
    """Return whether the new labels lie around a fit to a part of the old ones."""
    coef = np.linalg.lstsq(X[changed], found[changed])[0]
    if not 0.9 < (found - X @ coef)[changed].std() < 1.1:
        return None  # not an answer plus standard noise at all

    # noise 1 in 1,000 labels: a coefficient is known to 0.03; a fit to 3,000 of 4,000 is off by 0.9
    off = np.abs(coef - np.linalg.lstsq(X, y)[0]).max()
    if 0.16 < off < 10:
        return "The fit should see all labels, not only a part of them."
    return None


def _block(X: Array, y: Array, q: float, rng: np.random.Generator) -> Array:
    place = (np.arange(len(y)) - rng.integers(len(y))) % len(y)
    return np.where(place < rng.binomial(len(y), q), edit(X, y, 1.0, rng), y)


def _fit_to_a_part(X: Array, y: Array, q: float, rng: np.random.Generator) -> Array:
    chosen = rng.random(len(y)) < q
    rows = chosen if chosen.any() else ~chosen
    answer = X @ np.linalg.lstsq(X[rows], y[rows])[0]
    return np.where(chosen, answer + rng.standard_normal(len(y)), y)


MONTHS, RUNS = 40, 50
UNIT = 5 / (50 - 5 - 1)  # error of a fit to 50 labeled observations


def mean_error(month: Any) -> float | str:
    """Return the mean error after 40 months, in units of 50 observations; or what is wrong.

    The chains take turns, so that what an answer keeps between two calls is of another chain.
    """
    rng = np.random.default_rng(17)
    truths = 3 * rng.standard_normal((RUNS, 5))
    coefs = np.empty((RUNS, 5))
    for run, truth in enumerate(truths):
        X = rng.standard_normal((50, 5))
        coefs[run] = np.linalg.lstsq(X, X @ truth + rng.standard_normal(50))[0]
    for _ in range(MONTHS):
        for run, truth in enumerate(truths):
            X, free = rng.standard_normal((10, 5)), rng.standard_normal((40, 5))
            y = X @ truth + rng.standard_normal(10)
            value = month(X, y, free, coefs[run].copy())
            problem = needs_array(value, (5,), of="month(X, y, free, coef)")
            if problem:
                return problem
            coefs[run] = value
            if np.abs(coefs[run]).max() > 1e6:
                return "The coefficients grow without bound."
    return float(((coefs - truths) ** 2).sum(axis=1).mean() / UNIT)


def _month(answer: Any) -> str | None:
    """Return what is wrong with `month(X, y, free, coef)`."""
    problem = needs_function(answer, "month(X, y, free, coef)")
    if problem:
        return problem
    found = mean_error(answer)
    if isinstance(found, str):
        return found
    rng = np.random.default_rng(3)
    X, y = rng.standard_normal((10, 5)), rng.standard_normal(10)
    free, coef = rng.standard_normal((40, 5)), rng.standard_normal(5)

    def ask() -> Array:
        return np.array(answer(X.copy(), y.copy(), free.copy(), coef.copy()), dtype=np.float64)

    value = ask()
    if found > 0.75 and not np.allclose(value, ask()):
        return (
            f"Asked the same twice, it gives two answers, and its mean error is {found:.2f}; 0.75 "
            "is wanted. Does it keep something besides `coef`? Here many chains take turns, and "
            "it mixes them up. Or does it draw noise? Soft labels have none."
        )
    if np.allclose(value, coef):
        return (
            f"The coefficients never change. The error stays that of the first fit, {found:.2f}, "
            "and the new labels are wasted."
        )
    if np.allclose(value, np.linalg.lstsq(X, y)[0]):
        return (
            "These are the ten new labels alone, with eleven times the error of 50 labeled "
            "observations. Use what the last coefficients know."
        )
    if found > 0.75:
        return (
            f"After {MONTHS} months the mean error is {found:.2f} times that of 50 labeled "
            "observations; 0.75 is wanted. "
            + (
                "Do the last model's answers come with noise, or do ten labels weigh too much?"
                if found > 1.1
                else "Does one month weigh too much, or too little?"
            )
        )
    return None


def _noisy(X: Array, y: Array, free: Array, coef: Array) -> Array:
    noise = np.random.default_rng(abs(int(1e6 * y[0]))).standard_normal(40)
    inputs, labels = np.vstack([X, free]), np.concatenate([y, free @ coef + noise])
    return np.asarray(np.linalg.lstsq(inputs, labels)[0])


def _with_a_store(store: list[tuple[Array, Array]]) -> Callable[..., Array]:
    """Return an answer that keeps the labeled observations of the last 40 calls."""

    def month(X: Array, y: Array, _free: Array, _coef: Array) -> Array:
        store.append((X, y))
        inputs, labels = zip(*store[-MONTHS:], strict=True)
        return np.asarray(np.linalg.lstsq(np.vstack(inputs), np.concatenate(labels))[0])

    return month


EXERCISES = {
    exercise.id: exercise
    for exercise in [
        Exercise(
            "17.1",
            "A bias, month by month",
            _bias_after,
            success="At `m = 0.9` the limit is nine times `delta`, and it takes some 20 copies to "
            "come near it: a bias that is slow to show.",
            wrong={
                "the limit": lambda m, delta, _t: m * delta / (1 - m) if m < 1 else np.inf,
                "the limit without m": lambda m, delta, _t: delta / (1 - m) if m < 1 else 1.0,
                "bias added after the share": lambda m, delta, t: (
                    delta * sum(m**k for k in range(t))
                ),
                "one bias": lambda m, delta, t: m**t * delta,
                "no dilution": lambda m, delta, t: m * delta * t,
                "no human labels": lambda _m, delta, t: delta * t,
                "one too few": lambda m, delta, t: bias_after(m, delta, t - 1),
                "one too many": lambda m, delta, t: bias_after(m, delta, t + 1),
                "the wrong share": lambda m, delta, t: bias_after(1 - m, delta, t),
                "not for m = 1": lambda m, delta, t: (
                    m * delta * (1 - m**t) / (1 - m) if m < 1 else 0.0
                ),
                "a number": 0.05,
            },
        ),
        Exercise(
            "17.2",
            "Half a lie",
            _edit,
            success="Fit again, edit again: with `q = 0.5` each round adds three quarters of the "
            "first error.",
            wrong={
                "without noise": lambda X, y, q, rng: np.where(
                    rng.random(len(y)) < q, X @ np.linalg.lstsq(X, y)[0], y
                ),
                "the other rows": lambda X, y, q, rng: edit(X, y, 1 - q, rng),
                "old label plus noise": lambda _X, y, q, rng: np.where(
                    rng.random(len(y)) < q, y + rng.standard_normal(len(y)), y
                ),
                "all rows": lambda X, y, _q, rng: edit(X, y, 1.0, rng),
                "one noise for all": lambda X, y, q, rng: np.where(
                    rng.random(len(y)) < q, X @ np.linalg.lstsq(X, y)[0] + rng.choice([-1, 1]), y
                ),
                "the first rows": lambda X, y, q, rng: np.where(
                    np.arange(len(y)) < q * len(y),
                    X @ np.linalg.lstsq(X, y)[0] + rng.standard_normal(len(y)),
                    y,
                ),
                "a fixed number": lambda X, y, q, rng: np.where(
                    rng.permutation(len(y)) < q * len(y),
                    X @ np.linalg.lstsq(X, y)[0] + rng.standard_normal(len(y)),
                    y,
                ),
                "a fit to a part": _fit_to_a_part,
                "a block": _block,
                "uniform noise": lambda X, y, q, rng: np.where(
                    rng.random(len(y)) < q,
                    X @ np.linalg.lstsq(X, y)[0] + rng.uniform(-(3**0.5), 3**0.5, len(y)),
                    y,
                ),
                "always the same noise": lambda X, y, q, rng: np.where(
                    rng.random(len(y)) < q, edit(X, y, 1.0, np.random.default_rng(0)), y
                ),
                "a number": 1,
            },
        ),
        Exercise(
            "17.3",
            "A memory",
            _month,
            success="A model that learns its own answers beside a little truth remembers the truth "
            "of all months before. If the truth moves, the same memory is a burden.",
            wrong={
                "the new ones only": lambda X, y, _free, _coef: np.linalg.lstsq(X, y)[0],
                "nothing new": lambda _X, _y, _free, coef: coef,
                "drawn labels": _noisy,
                "more than coef": _with_a_store([]),
                "half and half": lambda X, y, _free, coef: (coef + np.linalg.lstsq(X, y)[0]) / 2,
                "a number": 5,
            },
        ),
    ]
}
