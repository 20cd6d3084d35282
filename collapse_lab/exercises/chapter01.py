"""The exercises of chapter 1: A copy of a copy."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from collapse_lab import theory
from collapse_lab.checks import Exercise, agrees, needs_array, needs_function
from collapse_lab.empirical import Empirical
from collapse_lab.gaussian import Gaussian
from collapse_lab.protocols import Model
from collapse_lab.recursion import recurse

# --- 1.1 --------------------------------------------------------------------------------------


def _variance_left(answer: Any) -> str | None:
    """Return what is wrong with `variance_left(n, t)`."""
    n, t = 10, 5
    call = f"variance_left({n}, {t})"
    problem = needs_function(answer, "variance_left(n, t)") or needs_array(
        answer(n, t), (), of=call
    )
    if problem:
        return problem
    value, fits = float(answer(n, t)), t + 1
    right = (1 - 1 / n) ** fits
    mistakes = {
        1 - 1 / n**fits: "Mind the brackets: `1 - 1 / n ** k` raises only `n` to the power. The "
        "whole factor `(1 - 1 / n)` has to be multiplied by itself.",
        1 - 1 / n**t: "Mind the brackets: `1 - 1 / n ** k` raises only `n` to the power. (And mind "
        "how many fits generation `t` has been through.)",
        (1 - 1 / n) ** t: "Off by one generation. Generation 0 is already a fit, so generation "
        "`t` has been through `t + 1` fits.",
        (1 - 1 / n)
        ** (t + 2): "One fit too many: generation 0 has been through one, so generation "
        "`t` through `t + 1`.",
        100 * right: "That is a percentage. A share lies between 0 and 1.",
        right**0.5: "That is the standard deviation. The question is about its square.",
        1 - right: "That is the share that is lost. What is left?",
        1 - fits / n: "Each copy loses one part in `n` of what is *left*, not of what there was in "
        "the beginning. So factors are multiplied.",
        np.exp(-fits / n): "Close: that is the approximation for large `n`. Use the exact factor.",
        (1 - 1 / (n - 1)) ** fits: "The factor is off. The textbook fit divides by `n`; what is "
        "the expectation of chi-square with `n - 1` degrees of freedom, divided by `n`?",
        1.0: "That is the fair fit, which divides by `n - 1`. The question is about the textbook "
        "fit, which divides by `n`.",
        np.exp(fits * theory.log_variance_drift(n)): "That is the typical chain. The question is "
        "about the average over all chains.",
    }
    if np.isclose(value, right, rtol=1e-9):
        for other_n, other_t in ((10, 0), (100, 5), (3, 2), (50, 400)):
            if not agrees(answer(other_n, other_t), (1 - 1 / other_n) ** (other_t + 1), rtol=1e-9):
                return (
                    f"It is right for `n = {n}`, `t = {t}` and wrong for `n = {other_n}`, "
                    f"`t = {other_t}`. Is a number written into it?"
                )
        return None
    for wrong, message in mistakes.items():
        if np.isclose(value, wrong, rtol=1e-8):
            return message
    if any(value == round(right, digits) for digits in range(1, 9)):
        return "Right but for the rounding: return the number with all its decimals."
    return (
        f"`{call}` is {value:.4g}. By which factor does one fit multiply the expected variance, "
        f"and how many fits has generation {t} been through?"
    )


# --- 1.2 --------------------------------------------------------------------------------------


def _waiting_times(answer: Any) -> str | None:
    """Return what is wrong with `waiting_times(n, n_generations, rng)`."""
    call = "waiting_times(50, 400, rng)"
    problem = needs_function(answer, call)
    if problem:
        return problem
    try:
        means = answer(50, 400, np.random.default_rng(1))
    except AttributeError as error:
        if "'float' object" not in str(error):
            raise
        return _NO_SIZE
    problem = _wrong_length(means) or _runs_away(means) or needs_array(means, (401,), of=call)
    if problem:
        return problem
    path = np.asarray(means, dtype=np.float64)
    if path[0] == 1.0:
        return (
            "Entry 0 is exactly 1: that is the world itself. Generation 0 is the first model, "
            "*fitted* to `n` real waiting times."
        )
    return (
        _wrong_noise(answer, path) or _wrong_law(np.log(path), n=50) or _wrong_steps(answer, path)
    )


_NO_SIZE = (
    "A sample of `n` waiting times is needed, and `rng.exponential(mean)` alone draws a single "
    "number. Say how many: `size=n`."
)


def _wrong_length(means: Any) -> str | None:
    """Return what to say about a series of the wrong length."""
    try:
        shape = np.shape(means) if not callable(means) else ()
    except ValueError:  # numbers and arrays in one list
        return "Some entries are whole samples. Collect one number for each generation: its mean."
    if shape == (400,):
        return (
            "It returns 400 numbers for 400 generations after generation 0. With generation 0 "
            "there are 401: fit, then copy and fit 400 times."
        )
    if shape == (402,):
        return "It returns 402 numbers: one more than generations 0 to 400. Is the world in it?"
    if len(shape) == 2 and 50 in shape:
        return "It returns whole samples. One number for each generation is enough: its mean."
    if len(shape) == 1 and shape != (401,):
        return (
            f"It returns a series of length {np.size(means)}. Generations 0 to 400 are 401: "
            "collect the mean of each in the loop."
        )
    return None


def _runs_away(means: Any) -> str | None:
    """Return what to say about a series that leaves the numbers that a computer can hold."""
    if np.shape(means) != (401,) or np.asarray(means).dtype.kind not in "biuf":
        return None
    path = np.asarray(means, dtype=np.float64)
    if ((path > 0) & np.isfinite(path)).all():
        return None
    if path[0] == 0 or (path[-1] == 0 and path[-2] > 1e-100):
        return (
            f"Entry {0 if path[0] == 0 else 400} is 0, and no mean of waiting times is. Was it "
            "never filled in? Generations 0 to 400 are 401 fits."
        )
    if (path < 0).any():
        return (
            "A mean of waiting times is above 0, and some entries are below it. Are these "
            "logarithms, or was something subtracted?"
        )
    return (
        "Within 400 generations the numbers run away to zero or infinity. Is the fitted number "
        "really the *mean* of the sample, and not its variance?"
    )


def _wrong_noise(answer: Callable[..., Any], path: NDArray[np.float64]) -> str | None:
    """Return what is wrong with the way `answer` uses its generator."""
    if np.allclose(path, path[0]):
        return (
            "The mean never changes. Inside the loop, after the fit, draw new data from the model "
            "just fitted; otherwise every fit sees the same sample."
        )
    if np.allclose(path[2:] / path[1:-1], path[1] / path[0]):
        return (
            "Every generation changes the mean by the same factor. Is the generator made anew "
            "inside the loop? Then each copy repeats the noise of the last one. Use the `rng` "
            "that is given, and never seed it again."
        )
    again = np.asarray(answer(50, 400, np.random.default_rng(1)))
    other = np.asarray(answer(50, 400, np.random.default_rng(2)))
    if not np.array_equal(again, path):
        return (
            "Two calls with the same seed differ. Draw every number from the `rng` that is given: "
            "`rng.exponential`, not `np.random.exponential`."
        )
    if np.array_equal(other, path):
        return "Another seed gives the same numbers. Draw from the `rng` that is given."
    return None


def _wrong_law(log_mean: NDArray[np.float64], n: int) -> str | None:
    """Return what is wrong with the law of a chain, from its 400 steps on the log scale."""
    steps = np.diff(log_mean)
    trend, spread = steps.mean(), n * steps.var()
    if spread > 0.7 * n * special.polygamma(1, 1) and abs(trend + np.euler_gamma) < 0.3:
        return _NO_SIZE  # the law of a single exponential number
    if abs(trend) > 0.1:
        return (
            f"The mean changes by a factor of {np.exp(trend):.2f} in each generation, far too "
            "fast for `n = 50`. Is the fitted number the *mean* of the sample (their median is "
            "0.69 times as large), and does `rng.exponential` get it as it is?"
        )
    if n * np.var(log_mean) < 3:
        return (
            "The chain never leaves the neighborhood of 1. After generation 0 every sample comes "
            "from the last model alone, and its mean goes into `rng.exponential`. Is it drawn from "
            "the world again, or is old data kept in it?"
        )
    if n * (log_mean[1:] + log_mean[:-1]).var() < 0.5 * spread:
        return (
            "The mean jumps to and fro between a value and its inverse. `rng.exponential` takes "
            "the *mean* (numpy calls it `scale`), not the rate, which is 1 divided by the mean."
        )
    if spread > 1.5:
        return (
            f"The steps are too large: their variance on the log scale is {spread:.1f}/n, and it "
            "should be about 1/n. An exponential law has a standard deviation equal to its mean, "
            "but estimating it that way is noisier. Fit the sample *mean*."
        )
    if spread < 0.5:
        return (
            f"The steps are too small: their variance on the log scale is {spread:.1f}/n, and it "
            "should be about 1/n. Does every generation see only `n` numbers of its own?"
        )
    return None


def _wrong_steps(answer: Callable[..., Any], first: NDArray[np.float64]) -> str | None:
    """Return what is wrong with the law of one step, over samples of several sizes.

    A step multiplies the mean by a Gamma(n)/n, independently of the others, and so does the fit to
    real data. Three tests of exact laws, each with one false alarm in a million: the mean of the
    factors and the mean of their logarithms (4.9 standard errors), and the whole distribution
    (the inequality of Dvoretzky, Kiefer, Wolfowitz and Massart).
    """
    # 500 generations at most: Python lets a function call itself some 900 times.
    shapes = {"50, 400": (50, 400, 1), "2, 500": (2, 500, 2), "7, 300": (7, 300, 1)}
    for call, (n, generations, calls) in {**shapes, "40, 1": (40, 1, 200)}.items():
        paths = [first[None]] if (n, generations) == (50, 400) else []
        for seed in range(calls) if not paths else ():
            means = answer(n, generations, np.random.default_rng([n, seed]))
            problem = needs_array(means, (generations + 1,), of=f"waiting_times({call}, rng)")
            if problem:
                return f"With other arguments it goes wrong. {problem}"
            paths.append(np.asarray(means, dtype=np.float64)[None])
        path = np.concatenate(paths)
        if not (path > 0).all():
            return "With small samples a mean is zero or below, and a waiting time never is."
        factors = np.diff(np.log(path), axis=1, prepend=0.0).ravel()
        problem = _wrong_factors(factors, n, f"waiting_times({call}, rng)")
        if problem:
            return problem
    return None


def _wrong_factors(log_factors: NDArray[np.float64], n: int, call: str) -> str | None:
    """Return what is wrong with factors of the mean that should be Gamma(n)/n."""
    count, factors = len(log_factors), np.exp(log_factors)
    error = 1 / np.sqrt(n * count)
    if np.isclose(factors.mean(), n / (n - 1), rtol=0, atol=4.9 * error * n / (n - 1)) and (
        abs(factors.mean() - 1) > 4.9 * error
    ):
        return (
            f"In `{call}` the means grow by a factor of about n/(n - 1) each time. A sum divided "
            "by `n - 1` suits a variance; a mean is divided by `n`."
        )
    if abs(factors.mean() - 1) > 4.9 * error:
        return (
            f"In `{call}` one generation multiplies the mean by {factors.mean():.2f} on average, "
            "and it should be 1. Does every generation see `n` numbers with the last mean, and is "
            "their mean handed on as it is?"
        )
    log_error = np.sqrt(special.polygamma(1, n) / count)
    uniform = np.sort(special.gammainc(n, n * factors))
    distance = np.abs(uniform - (np.arange(count) + 0.5) / count).max() + 0.5 / count
    off = abs(log_factors.mean() - special.digamma(n) + np.log(n)) > 4.9 * log_error
    if off or distance > np.sqrt(np.log(2e6) / (2 * count)):
        return (
            f"In `{call}` the factors from one generation to the next do not have the law of the "
            f"mean of {n} exponential numbers: their variance is {n * factors.var():.2f}/n and "
            "should be near 1/n. Is every sample, also the first, of size `n`, and is every number "
            "drawn with `rng.exponential`?"
        )
    return None


def _chain_of_means(
    n: int,
    n_generations: int,
    rng: Any,
    *,
    fit: Callable[[Any], Any] = np.mean,
    scale: Callable[[Any], Any] = lambda mean: mean,
    seed: int | None = None,
) -> NDArray[np.float64]:
    """Return the chain of exercise 1.2, or one with a mistake in it; used for the wrong answers."""
    means = [fit(rng.exponential(1.0, n))]
    for _ in range(n_generations):
        source = rng if seed is None else np.random.default_rng(seed)
        means.append(fit(source.exponential(scale(means[-1]), n)))
    return np.array(means)


def _normal_steps(n: int, n_generations: int, rng: Any) -> NDArray[np.float64]:
    """Return a chain with factors of the right mean and spread and the wrong law."""
    factors = 1 + rng.standard_normal(n_generations + 1) / np.sqrt(n)
    return np.cumprod(np.abs(factors))


# --- 1.3 --------------------------------------------------------------------------------------


def _sample_size(answer: Any) -> str | None:
    """Return what is wrong with `sample_size(level, t)`."""
    level, t = 0.9, 100
    call = f"sample_size({level}, {t})"
    problem = needs_function(answer, "sample_size(level, t)")
    if problem:
        return problem
    try:
        first = answer(level, t)
    except ValueError as error:
        if "at least 2" not in str(error):
            raise
        return _refused(str(error).rpartition("got ")[2])
    problem = needs_array(first, (), of=call)
    if problem:
        return problem
    found = float(first)
    if found != round(found):
        return f"`{call}` is {found:.6g}. A sample size is a whole number: which one is enough?"
    right = _smallest(lambda n: theory.median_variance(t, n), level)
    mistakes = {
        _smallest(lambda n: theory.expected_variance(t, n), level): "That size holds the "
        "*expected* variance at the level. The typical chain lies lower: use the median.",
        _smallest(lambda n: theory.median_variance(t, n, ddof=1), level): "That is right for the "
        "fair fit (`ddof=1`). The question is about the textbook fit, which loses twice as fast.",
        _smallest(lambda n: theory.median_variance(t, n), level**2): "That size holds the "
        "*standard deviation* at the level. The question is about the variance.",
        right - 1: "Off by one: with that `n` the median is still just below the level.",
        right + 1: "Off by one: a sample smaller by one is enough.",
        _smallest(lambda n: theory.median_variance(t - 1, n), level): "Off by one generation: the "
        "functions of `theory` take the generation `t` as it is and count the fits themselves.",
        _smallest(lambda n: theory.median_variance(t + 1, n), level): "Off by one generation: the "
        "functions of `theory` take the generation `t` as it is and count the fits themselves.",
    }
    if found != right and found in mistakes:
        return mistakes[int(found)]
    if found != right:
        kept = float(theory.median_variance(t, max(int(found), 2)))
        if found > right:
            return (
                f"`{call}` is {found:.0f}. That is enough (the typical chain keeps {kept:.4f}), "
                f"but not the smallest size that keeps {level}."
            )
        return (
            f"`{call}` is {found:.0f}. That is not enough: the typical chain keeps a variance of "
            f"{kept:.4f}, and the question asks for at least {level}."
        )
    if float(answer(0.5, 10)) != _smallest(lambda n: theory.median_variance(10, n), 0.5):
        return (
            "It is right for a level of 0.9 after 100 generations, but wrong for a level of 0.5 "
            "after 10. Does it use both of its arguments, and does the search begin at 2?"
        )
    return None


def _refused(n: str) -> str:
    """Return why `theory.median_variance` refuses this `n`."""
    if n.lstrip("-").isdigit():
        return (
            "A variance needs two observations, so `theory.median_variance` refuses a smaller "
            "`n`. Start the search at `n = 2`."
        )
    return (
        f"`theory.median_variance` takes one `n` at a time, of type `int`, and got `{n}`. Call it "
        "once for each whole number that you try."
    )


def _smallest(variance: Callable[[int], Any], level: float) -> int:
    """Return the smallest n at which a variance that grows with n is at least `level`."""
    low, high = 2, 1_000_000
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if variance(middle) >= level else (middle + 1, high)
    return low


# --- 1.4 --------------------------------------------------------------------------------------

_N, _GENERATIONS, _CHAINS = 30, 100, 1000


def _wide_fit(answer: Any) -> str | None:
    """Return what is wrong with `wide_fit(data, rng)`."""
    problem = needs_function(answer, "wide_fit(data, rng=rng)") or _no_model(answer)
    if problem:
        return problem
    medians = [_typical_variance(answer, Gaussian(10.0, var)) for var in (1.0, 4.0)]
    low, high = medians
    if 0.5 < low < 2.0 and 0.8 < high / low < 1.25:
        return (
            "It drifts to a width of its own, whatever the world: in a world of variance 1 and in "
            f"one of variance 4 it ends at {low:.2f} and {high:.2f}. A fit may learn from its data "
            "alone; it does not know the world. Which fixed number is in it?"
        )
    if low < 0.5:
        fair = np.exp((_GENERATIONS + 1) * theory.log_variance_drift(_N, ddof=1))
        return (
            f"The spread still dies: the typical variance after {_GENERATIONS} generations is "
            f"{low:.2g}, and should lie between 0.5 and 2. (The fair fit leaves about "
            f"{fair:.2f}.) By which factor does one generation change it, and what undoes that?"
        )
    if not high < 8.0 or not low < 2.0:
        return (
            f"Now it explodes: the typical variance after {_GENERATIONS} generations is "
            f"{low:.3g}, and should lie between 0.5 and 2. A little less is enough."
        )
    if high < 2.0:
        return (
            f"In a world of variance 4 the typical variance ends at {high:.2g}, below half of "
            "what it was. Does the fit add or expect a fixed number?"
        )
    return None


def _no_model(answer: Callable[..., Any]) -> str | None:
    """Return why what `answer` gives is not a model of each replicate by itself."""
    rng = np.random.default_rng(1)
    data = rng.normal(10.0, 4.0, size=(_N, 4))
    model = answer(data, rng=rng)
    if not isinstance(model, Model):
        return (
            f"It returns an object of type `{type(model).__name__}`, which cannot be sampled. "
            "Return a model, such as `cl.Gaussian(mean, var)`."
        )
    if not isinstance(model, Gaussian) and getattr(model, "replicates", ()) != (4,):
        return (
            "Return a model with one mean and one variance for each replicate: "
            "`cl.Gaussian(data.mean(axis=0), ...)`. (A model of your own needs an attribute "
            "`replicates = data.shape[1:]` that says so.)"
        )
    drawn = np.asarray(model.sample(2000, rng=np.random.default_rng(1)))
    if drawn.shape != (2000, 4):
        return (
            f"Given data of shape ({_N}, 4), its model draws 2,000 observations of shape "
            f"{drawn.shape} and not (2000, 4). The last axis holds the replicates: take means and "
            "sums along `axis=0`."
        )
    apart = data + 50.0 * np.arange(4)
    problem = _constant(answer, apart)
    if problem:
        return problem
    centers = np.asarray(
        answer(apart, rng=np.random.default_rng(1)).sample(2000, rng=np.random.default_rng(1))
    )
    if np.abs(centers.mean(axis=0) - apart.mean(axis=0)).max() > 5:
        return (
            "The chains get mixed up: the model of one replicate depends on the data of another. "
            "The last axis holds the replicates: take means and sums along `axis=0`."
        )
    for factor in (0.01, 100.0):  # one replicate changes: the others must not see it
        changed = apart * [factor, 1, 1, 1]
        drawn_again = answer(changed, rng=np.random.default_rng(1)).sample(
            2000, rng=np.random.default_rng(1)
        )
        widths = np.asarray(drawn_again).std(axis=0)[1:] / centers.std(axis=0)[1:]
        if np.abs(np.log(widths)).max() > np.log(1.25):  # draws of 2,000: 4.9 errors are 11%
            return (
                "The variance of one replicate depends on the data of the others. Every chain "
                "lives by itself: compute one variance for each, along `axis=0`."
            )
    kept = np.median(drawn.var(axis=0) / data.var(axis=0))
    if kept > 1.5:
        return (
            f"One single fit multiplies the variance by {kept:.1f}. A little correction is "
            "enough: what does one copy lose?"
        )
    if 0.15 < kept < 0.5:
        return (
            "Shown data of variance 16, it returns a model of variance 4. `cl.Gaussian` takes the "
            "*variance*, not the standard deviation."
        )
    return None


def _constant(answer: Callable[..., Any], data: NDArray[np.float64]) -> str | None:
    """Return what to say about a fit with a mean or a variance that no data can change."""
    near, far, wide = (
        np.asarray(
            answer(shown, rng=np.random.default_rng(1)).sample(2000, rng=np.random.default_rng(1))
        )
        for shown in (data, data + 1000.0, 3.0 * data)
    )
    if np.allclose(near.mean(axis=0), far.mean(axis=0)):
        return (
            "It returns the same mean whatever it is shown. A fit must learn from its data: take "
            "their mean along `axis=0`."
        )
    if np.allclose(near.std(axis=0), wide.std(axis=0)):
        return (
            "It returns the same variance whatever it is shown. A fit may learn from its data "
            "alone; it does not know the world."
        )
    return None


def _typical_variance(fit: Callable[..., Any], world: Gaussian) -> float:
    """Return the median sample variance of a chain of `fit` in its last generation."""
    chain = recurse(fit, world.expand(_CHAINS), n=_N, rng=1)
    last = next(islice(chain, _GENERATIONS, None))
    return float(np.median(np.var(last.data, axis=0, ddof=1)))


def _gaussian(variance: Callable[[Any], Any], axis: int | None = 0) -> Callable[..., Gaussian]:
    """Return the fit that finds the variance with a formula; used for the wrong answers."""

    def fit(data: Any, rng: Any = None) -> Gaussian:  # noqa: ARG001 - every Fit takes rng
        return Gaussian(data.mean(axis=axis), variance(data))

    return fit


EXERCISES = {
    exercise.id: exercise
    for exercise in [
        Exercise(
            "1.1",
            "What is left on average",
            _variance_left,
            success="After `n` copies about a third is left, whatever `n` is: time is counted in "
            "units of `n`.",
            wrong={
                "generations, not fits": lambda n, t: (1 - 1 / n) ** t,
                "the standard deviation": lambda n, t: (1 - 1 / n) ** ((t + 1) / 2),
                "what is lost": lambda n, t: 1 - (1 - 1 / n) ** (t + 1),
                "a straight line": lambda n, t: 1 - (t + 1) / n,
                "the approximation": lambda n, t: np.exp(-(t + 1) / n),
                "the wrong divisor": lambda n, t: (1 - 1 / (n - 1)) ** (t + 1),
                "the fair fit": lambda _n, _t: 1.0,
                "the typical chain": lambda n, t: np.exp(
                    (t + 1) * (special.digamma((n - 1) / 2) - np.log(n / 2))
                ),
                "a number written into it": lambda _n, t: 0.9 ** (t + 1),
                "an exponent written into it": lambda n, _t: (1 - 1 / n) ** 6,
                "brackets": lambda n, t: 1 - 1 / n ** (t + 1),
                "brackets, and generations": lambda n, t: 1 - 1 / n**t,
                "rounded": lambda n, t: round((1 - 1 / n) ** (t + 1), 3),
                "something else": lambda n, t: n * t,
                "a number": 0.531,
            },
        ),
        Exercise(
            "1.2",
            "Copying waiting times",
            _waiting_times,
            success="Another family, the same fate: an exponential law has one parameter, each "
            "copy multiplies it by a random factor of mean 1, and the typical chain dies.",
            wrong={
                "no generation 0": lambda n, n_generations, rng: _chain_of_means(
                    n, n_generations - 1, rng
                ),
                "the world in front": lambda n, n_generations, rng: np.append(
                    1.0, _chain_of_means(n, n_generations, rng)
                ),
                "the world as generation 0": lambda n, n_generations, rng: np.append(
                    1.0, _chain_of_means(n, n_generations - 1, rng)
                ),
                "whole samples": lambda n, n_generations, rng: rng.exponential(
                    size=(n_generations + 1, n)
                ),
                "one seed for all generations": lambda n, n_generations, rng: _chain_of_means(
                    n, n_generations, rng, seed=0
                ),
                "a seed of its own": lambda n, n_generations, _rng: _chain_of_means(
                    n, n_generations, np.random.default_rng(0)
                ),
                "other numbers each time": lambda n, n_generations, _rng: _chain_of_means(
                    n, n_generations, np.random.default_rng()
                ),
                "no copy": lambda n, n_generations, rng: np.full(
                    n_generations + 1, rng.exponential(1.0, size=n).mean()
                ),
                "a single mean": lambda n, _n_generations, rng: [rng.exponential(size=n).mean()],
                "always from the world": lambda n, n_generations, rng: _chain_of_means(
                    n, n_generations, rng, scale=lambda _mean: 1.0
                ),
                "rate for mean": lambda n, n_generations, rng: _chain_of_means(
                    n, n_generations, rng, scale=lambda mean: 1 / mean
                ),
                "the variance": lambda n, n_generations, rng: _chain_of_means(
                    n, n_generations, rng, fit=np.var
                ),
                "the median": lambda n, n_generations, rng: _chain_of_means(
                    n, n_generations, rng, fit=np.median
                ),
                "the standard deviation": lambda n, n_generations, rng: _chain_of_means(
                    n, n_generations, rng, fit=np.std
                ),
                "no size": lambda _n, n_generations, rng: _chain_of_means(1, n_generations, rng),
                "divided by n - 1": lambda n, n_generations, rng: _chain_of_means(
                    n, n_generations, rng, fit=lambda data: data.sum() / (n - 1)
                ),
                "a loss in every generation": lambda n, n_generations, rng: _chain_of_means(
                    n, n_generations, rng, fit=lambda data: 0.95 * data.mean()
                ),
                "a number written into it": lambda _n, n_generations, rng: _chain_of_means(
                    50, n_generations, rng
                ),
                "400 generations": lambda n, _n_generations, rng: _chain_of_means(n, 400, rng),
                "normal numbers": _normal_steps,
                "ten times the sample": lambda n, n_generations, rng: _chain_of_means(
                    10 * n, n_generations, rng
                ),
            },
        ),
        Exercise(
            "1.3",
            "How many are enough?",
            _sample_size,
            success="That is about nineteen observations in every sample for each generation to "
            "come. Collapse can be put off as long as you like, and `n` is the price.",
            wrong={
                "the expected variance": lambda level, t: _smallest(
                    lambda n: theory.expected_variance(t, n), level
                ),
                "the fair fit": lambda level, t: _smallest(
                    lambda n: theory.median_variance(t, n, ddof=1), level
                ),
                "the standard deviation": lambda level, t: _smallest(
                    lambda n: theory.median_variance(t, n), level**2
                ),
                "one too few": lambda level, t: (
                    _smallest(lambda n: theory.median_variance(t, n), level) - 1
                ),
                "fits for generations": lambda level, t: _smallest(
                    lambda n: theory.median_variance(t - 1, n), level
                ),
                "an approximation": lambda level, t: -2 * t / np.log(level),
                "from one on": lambda level, t: next(
                    n for n in range(1, 10**4) if theory.median_variance(t, n) >= level
                ),
                "a round number": lambda _level, _t: 2000,
                "one number for all": lambda _level, _t: _smallest(
                    lambda n: theory.median_variance(100, n), 0.9
                ),
                "a number": 1900,
            },
        ),
        Exercise(
            "1.4",
            "Keep it wide",
            _wide_fit,
            success="The typical spread survives a hundred generations. Before you celebrate, read "
            "what it bought.",
            wrong={
                "the textbook fit": _gaussian(lambda data: data.var(axis=0)),
                "the fair fit": _gaussian(lambda data: data.var(axis=0, ddof=1)),
                "too much": _gaussian(lambda data: data.var(axis=0, ddof=4)),
                "twice the variance": _gaussian(lambda data: 2 * data.var(axis=0)),
                "the standard deviation": _gaussian(lambda data: data.std(axis=0)),
                "it knows the world": _gaussian(lambda data: np.ones(data.shape[1:])),
                "it knows where the world stands": lambda data, **_: Gaussian(
                    np.zeros(data.shape[1:]), data.var(axis=0, ddof=2)
                ),
                "a little added": _gaussian(lambda data: data.var(axis=0) + 0.05),
                "a floor": _gaussian(lambda data: data.var(axis=0).clip(min=1.0)),
                "all replicates together": _gaussian(lambda data: data.var(), axis=None),
                "one variance for all": _gaussian(
                    lambda data: np.full(data.shape[1:], data.var(axis=0, ddof=2).mean())
                ),
                "chains mixed up": _gaussian(lambda data: data.var(axis=0), axis=None),
                "no model": lambda data, rng: (data.mean(axis=0), rng),
                "a model without replicates": lambda data, rng: Empirical(data) if rng else None,
            },
        ),
    ]
}
