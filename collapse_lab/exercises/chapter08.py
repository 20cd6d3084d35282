"""The exercises of chapter 8: Detect, filter, verify."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from collapse_lab import theory
from collapse_lab.checks import Exercise, needs_array, needs_function, returned

# --- 8.1 --------------------------------------------------------------------------------------


def _justly(share: float, sensitivity: float, false_alarms: float) -> float:
    found = share * sensitivity
    return float(found / (found + (1 - share) * false_alarms))


def _justly_accused(answer: Any) -> str | None:
    """Return what is wrong with `justly_accused(share, sensitivity, false_alarms)`."""
    case = (0.02, 0.9, 0.05)
    call = "justly_accused(0.02, 0.9, 0.05)"
    problem = needs_function(
        answer, "justly_accused(share, sensitivity, false_alarms)"
    ) or needs_array(answer(*case), (), of=call)
    if problem:
        return problem
    share, sensitivity, false_alarms = case
    found, right = float(answer(*case)), _justly(*case)
    mistakes = {
        sensitivity: "That is the sensitivity: the share of *generated* texts that are accused. "
        "The question is about the share of *accused* texts that are generated.",
        sensitivity / (sensitivity + false_alarms): "The base rate is missing: so it would be if "
        "half of all texts were generated. Here human texts are far more numerous.",
        share * sensitivity: "That is the share of *all* texts that are generated and accused. "
        "Divide it by the share of all texts that are accused.",
        1 - right: "That is the share of the accused that are innocent. What is the other part?",
        share * sensitivity + (1 - share) * false_alarms: "That is the share of all texts that are "
        "accused. Which part of it is generated?",
        _justly(1 - share, sensitivity, false_alarms): "The shares are the wrong way round: `share`"
        " is that of generated texts, and few are generated here.",
        _justly(share, sensitivity, 1 - false_alarms): "`false_alarms` is the share of human texts "
        "that are accused, not of those that are left in peace.",
        sensitivity * share / (sensitivity * share + false_alarms): "Nearly: false alarms come "
        "from the human texts only. Which share of all texts is human?",
    }
    for value, message in mistakes.items():
        if np.isclose(found, value, rtol=1e-9):
            return message
    if not np.isclose(found, right, rtol=1e-6):
        return (
            f"`{call}` is {found:.4g}. Imagine 10,000 texts: how many are generated and accused, "
            "and how many are human and accused?"
        )
    for other in [(0.5, 0.7, 0.01), (0.9, 0.99, 0.2), (3e-4, 1.0, 0.001)]:
        if not np.isclose(
            returned(answer, *other, of="justly_accused"), _justly(*other), rtol=1e-6
        ):
            return (
                f"It is right for that case, but `justly_accused{other}` is not. "
                "Is a number fixed in it, or rounded?"
            )
    return None


# --- 8.2 --------------------------------------------------------------------------------------


def _length(level: float, n: int, n_types: int) -> float:
    return float(2 * special.ndtri(level) ** 2 * n / (n_types - 1))


def _length_needed(answer: Any) -> str | None:
    """Return what is wrong with `length_needed(level, n, n_types)`."""
    case = (0.9, 1_000_000, 1001)
    call = "length_needed(0.9, 1_000_000, 1001)"
    problem = needs_function(answer, "length_needed(level, n, n_types)") or needs_array(
        answer(*case), (), of=call
    )
    if problem:
        return problem
    level, n, n_types = case
    z, found, exact = float(special.ndtri(level)), float(answer(*case)), _length(*case)
    mistakes = {
        2 * z * n / (n_types - 1): "You have to square: the formula has a square root of `m` in "
        "it, so undo it by squaring `ndtri(level)`.",
        2 * z**2 * n: "It does not depend on the number of types. More types, more places where "
        "the model is a little off: shorter texts suffice.",
        2 * z**2 * (n_types - 1) / n: "Upside down: a model that has read more (larger `n`) needs "
        "*longer* texts to be found.",
        2 * level**2 * n / (n_types - 1): "`level` is an area, $\\Phi$ of something. Undo "
        "$\\Phi$ first: `scipy.special.ndtri`.",
        2 * z**2 * n / n_types: "Close: shares sum to one, so one type fewer than `n_types` is "
        "free.",
    }
    for value, message in mistakes.items():
        if abs(found - value) < 1:
            return message
    for lost in (exact / 2, exact / 4):
        if abs(found - lost) < 1:
            return (
                "A factor is lost. From $\\Phi(\\sqrt{m (K-1)/(2n)})$ = `level` it follows that "
                "$m (K-1)/(2n)$ is the square of `ndtri(level)`."
            )
    if np.isclose(found, exact, rtol=1e-9):
        return f"Words are whole: `{call}` must be the smallest whole number that is enough."
    if found == np.floor(exact):
        return "One word too few: with it, the area is still just below the level. Round up."
    for other in [case, (0.75, 10**7, 321_180), (0.99, 50_000, 27), (0.501, 300, 200)]:
        got, right = (
            float(returned(answer, *other, of="length_needed")),
            int(np.ceil(_length(*other))),
        )
        if got != right:
            enough = theory.detection_auc(max(int(got), 1), other[1], other[2])
            return (
                f"`length_needed{other}` is {got:g}, and there the area is {enough:.4f}. "
                "The smallest length whose area is at least the level is wanted."
            )
    return None


# --- 8.3 --------------------------------------------------------------------------------------


def _breakdown(answer: Any) -> str | None:
    """Return what is wrong with `breakdown(kept_right, kept_wrong, n_classes)`."""
    case = (0.9, 0.2, 10)
    call = "breakdown(0.9, 0.2, 10)"
    problem = needs_function(answer, "breakdown(kept_right, kept_wrong, n_classes)") or needs_array(
        answer(*case), (), of=call
    )
    if problem:
        return problem
    found = float(answer(*case))
    mistakes = {
        1 / (1 + 0.2 / 0.9): "That is the point for two classes. With ten, the wrong labels are "
        "divided among nine classes: when does *one* of these outvote the right one?",
        1 / (1 + 0.9 / (9 * 0.2)): "The two chances have changed places. A verifier that keeps "
        "more *right* labels can bear more errors.",
        1 / (1 + 0.2 / (10 * 0.9)): "Nearly: a wrong label can fall on any class but the right "
        "one. How many are these?",
        1 / (1 + 9 * 0.2 / 0.9): "The number of classes works the wrong way: with more classes "
        "each wrong one gets *fewer* of the errors, so more errors can be borne.",
        1 - 1 / (1 + 0.2 / (9 * 0.9)): "That is the share of right labels at the breakdown. "
        "The share of wrong ones is asked for.",
        0.9: "That is where wrong labels outvote right ones *without* a verifier. Yours keeps "
        "right ones more readily than wrong ones.",
    }
    for value, message in mistakes.items():
        if np.isclose(found, value, rtol=1e-6):
            return message
    if not np.isclose(found, theory.breakdown_point(*case), rtol=1e-6):
        return (
            f"`{call}` is {found:.4g}. Of all points of a class, which share is kept with the "
            "right label, and which with one given wrong label? Where are the two equal?"
        )
    for other in [(0.9, 0.3, 2), (1.0, 1.0, 5), (0.5, 0.01, 3), (0.2, 0.8, 26)]:
        got = returned(answer, *other, of="breakdown")
        if not np.isclose(got, theory.breakdown_point(*other), rtol=1e-6):
            return (
                f"It is right for `{call}`, but `breakdown{other}` is not. Is a number fixed in it?"
            )
    return None


# --- 8.4 --------------------------------------------------------------------------------------

_POINTS = 100_000
_MODEL_MEAN, _MODEL_STD = 0.5, 0.5


def _passes(answer: Any) -> str | None:
    """Return what is wrong with the filter `passes(x, rng)`."""
    problem = needs_function(answer, "passes(x, rng)")
    if problem:
        return problem
    rng = np.random.default_rng(1)
    human = rng.normal(0.0, 1.0, _POINTS)
    generated = rng.normal(_MODEL_MEAN, _MODEL_STD, _POINTS)
    order = rng.permutation(2 * _POINTS)
    x = np.concatenate([human, generated])[order]
    is_generated = order >= _POINTS
    value = answer(x.copy(), np.random.default_rng(2))
    if value is None:
        return "`passes(x, rng)` is None. Is there a `return` in front of the result?"
    kept = np.asarray(value)
    if kept.shape != x.shape or kept.dtype != np.bool_:
        return (
            "`passes(x, rng)` must return True or False for each number in `x`: an array of "
            f"booleans of shape {x.shape}. Yours holds {kept.dtype} and has shape {kept.shape}. "
            "(A chance becomes a decision by `rng.random(x.shape) < chance`.)"
        )
    return _judged(x, is_generated, kept)


def _judged(
    x: NDArray[np.float64], is_generated: NDArray[np.bool_], kept: NDArray[np.bool_]
) -> str | None:
    """Return which of the five demands the kept numbers break."""
    of_humans = kept[~is_generated].mean()
    if of_humans < 0.25:
        return (
            f"Only {of_humans:.0%} of the human numbers pass. At least a quarter must: "
            "data that nobody may use is no data."
        )
    share = is_generated[kept].mean()
    if share > 0.42:
        return (
            f"{share:.0%} of what passes is generated; at most 42% may be. Which numbers are more "
            "probable under the model than under the humans? Let fewer of these pass."
        )
    mean, variance = x[kept].mean(), x[kept].var()
    if variance < 0.9:
        return (
            f"The variance of what passes is {variance:.2f}, below 0.9. You throw out too much of "
            "the tails, and there are the human numbers that the model has lost."
        )
    if abs(mean) > 0.1:
        return (
            f"Only {share:.0%} of what passes is generated, but its mean is {mean:+.2f}: you have "
            "cut a hole into the human numbers, too, on one side. Thin that region by lot in "
            "place of emptying it."
        )
    if variance > 1.1:
        return (
            f"The variance of what passes is {variance:.2f}, above 1.1: the middle is missing. "
            "Thin it by lot in place of emptying it."
        )
    inside = np.mean((x[kept] > 0) & (x[kept] < 1))
    if not 0.3 <= inside <= 0.38:
        return (
            f"Of what passes, {inside:.0%} lies between 0 and 1, but 34% of human numbers do. Mean "
            "and variance are as they should be, and yet the shape is not: pass each number with "
            "a chance that changes smoothly with it."
        )
    return None


def _ratio(x: Any) -> Any:
    """How much more probable each number is under the model than under humans."""
    return stats.norm.pdf(x, _MODEL_MEAN, _MODEL_STD) / stats.norm.pdf(x)


EXERCISES = {
    exercise.id: exercise
    for exercise in [
        Exercise(
            "8.1",
            "Justly accused",
            _justly_accused,
            success="At a base rate of 2%, a detector with 90% hits and 5% false alarms accuses "
            "more innocent writers than guilty ones.",
            wrong={
                "the sensitivity": lambda _share, sensitivity, _false: sensitivity,
                "no base rate": lambda _share, sensitivity, false: (
                    sensitivity / (sensitivity + false)
                ),
                "of all texts": lambda share, sensitivity, _false: share * sensitivity,
                "the innocent": lambda share, sensitivity, false: (
                    1 - _justly(share, sensitivity, false)
                ),
                "all accused": lambda share, sensitivity, false: (
                    share * sensitivity + (1 - share) * false
                ),
                "shares swapped": lambda share, sensitivity, false: _justly(
                    1 - share, sensitivity, false
                ),
                "specificity for false alarms": lambda share, sensitivity, false: _justly(
                    share, sensitivity, 1 - false
                ),
                "false alarms of everybody": lambda share, sensitivity, false: (
                    sensitivity * share / (sensitivity * share + false)
                ),
                "a number fixed": lambda _share, sensitivity, false: _justly(
                    0.02, sensitivity, false
                ),
                "a number": 0.27,
            },
        ),
        Exercise(
            "8.2",
            "How long must a text be?",
            _length_needed,
            success="The length grows in proportion to what the model has read: whoever feeds the "
            "model ten times as much makes the detector need ten times as long a text.",
            wrong={
                "not rounded": _length,
                "rounded down": lambda *case: int(_length(*case)),
                "not squared": lambda level, n, n_types: int(
                    np.ceil(2 * special.ndtri(level) * n / (n_types - 1))
                ),
                "a factor lost": lambda *case: int(np.ceil(_length(*case) / 2)),
                "no types": lambda level, n, _types: int(
                    np.ceil(2 * special.ndtri(level) ** 2 * n)
                ),
                "upside down": lambda level, n, n_types: (
                    2 * special.ndtri(level) ** 2 * (n_types - 1) / n
                ),
                "the level itself": lambda level, n, n_types: int(
                    np.ceil(2 * level**2 * n / (n_types - 1))
                ),
                "one type too many": lambda level, n, n_types: int(
                    np.ceil(2 * special.ndtri(level) ** 2 * n / n_types)
                ),
                "a round number": lambda *_case: 4000,
            },
        ),
        Exercise(
            "8.3",
            "Ten classes break later",
            _breakdown,
            success="Errors that disagree with each other are easy to outvote. If the generator "
            "always makes the *same* mistake, say a 3 for every 8, the point for two classes is "
            "back, whatever the number of classes.",
            wrong={
                "two classes": lambda right, wrong, _classes: 1 / (1 + wrong / right),
                "swapped": lambda right, wrong, classes: 1 / (1 + right / ((classes - 1) * wrong)),
                "all classes": lambda right, wrong, classes: 1 / (1 + wrong / (classes * right)),
                "upside down": lambda right, wrong, classes: (
                    1 / (1 + (classes - 1) * wrong / right)
                ),
                "the right labels": lambda right, wrong, classes: (
                    1 - 1 / (1 + wrong / ((classes - 1) * right))
                ),
                "no verifier": lambda _right, _wrong, classes: 1 - 1 / classes,
                "ten classes fixed": lambda right, wrong, _classes: 1 / (1 + wrong / (9 * right)),
                "a half": lambda *_case: 0.5,
            },
        ),
        Exercise(
            "8.4",
            "A filter that does no harm",
            _passes,
            success="What passes has the mean, the spread and the middle of human data, and less "
            "of it is generated. Note what it took: you had to know what human data looks like.",
            wrong={
                "everything": lambda x, _rng: np.full(x.shape, True),
                "nothing": lambda x, _rng: np.full(x.shape, False),
                "the threshold": lambda x, _rng: _ratio(x) < 1,
                "the middle": lambda x, rng: (
                    (np.abs(x) < 1.5) & (rng.random(x.shape) < np.where(_ratio(x) > 1, 0.15, 1))
                ),
                "too wide": lambda x, rng: (
                    rng.random(x.shape) < np.where(np.abs(x - 0.5) < 1, 0.3, 1)
                ),
                "a hole": lambda x, _rng: (x < 0.1) | (x > 0.9),
                "chances": lambda x, _rng: 1 / (1 + _ratio(x)),
                "a number": 0.5,
            },
        ),
    ]
}
