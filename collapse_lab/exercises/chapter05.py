"""The exercises of chapter 5: Pictures that melt."""

from __future__ import annotations

from itertools import islice
from typing import Any

import numpy as np

from collapse_lab.checks import Exercise, agrees, needs_array, needs_function, show
from collapse_lab.policies import Mix


def _scores(answer: Any) -> str | None:
    """Return what is wrong with `scores(real, made)`."""
    real, made = np.array([0.5, 0.3, 0.2, 0.0]), np.array([0.7, 0.0, 0.2, 0.1])
    call = "scores(np.array([0.5, 0.3, 0.2, 0]), np.array([0.7, 0, 0.2, 0.1]))"
    problem = needs_function(answer, "scores(real, made)")
    if problem:
        return problem
    before = real.copy(), made.copy()
    value = answer(real, made)
    if not np.array_equal((real, made), before):
        return "It changes `real` or `made`, which belong to the caller. Make new arrays."
    if isinstance(value, dict | set | frozenset):
        return f"It returns {show(value)}. Return the two numbers: `return precision, recall`."
    problem = needs_array(value, (2,), of=call)
    if problem:
        return problem
    found = np.asarray(value, dtype=float)
    mistakes = {
        (0.7, 0.9): "Precision and recall have changed places. Precision is a share of the *made* "
        "pictures.",
        (0.9, 0.9): "You gave the precision twice. Recall is a share of the *real* pictures.",
        (90, 70): "These are percentages. Shares lie between 0 and 1.",
        (0.7, 0.7): "Twice 0.7. If it is the overlap of the shares, the sum of the smaller ones: a "
        "ball does not ask how many neighbors it has, a group that exists counts in full, however "
        "rare. If it is the recall twice: precision is a share of the *made* pictures.",
        (2 / 3, 2 / 3): "You counted groups. Precision and recall count pictures, so add up the "
        "shares of the groups.",
        (0.7, 0.5): "Groups were dropped that both sides have but that differ in size. Which "
        "condition makes a made picture lie in a real ball?",
        (1.0, 0.7): "Precision is too high: a tenth of the made pictures are in a group that does "
        "not exist in reality.",
        (0.9, 1.0): "Recall is too high: three real pictures in ten are in a group that is never "
        "made.",
        (0.1, 0.3): "These are the shares that are *wrong*: made but not real, and real but not "
        "made. The scores are what is left.",
    }
    for value, message in mistakes.items():
        if np.allclose(found, value):
            return message
    if not np.allclose(found, (0.9, 0.7)):
        shown = ", ".join(f"{x:.3g}" for x in found)
        return (
            f"`{call}` is ({shown}). Which of the made groups exist in reality, and which of the "
            "real groups are made?"
        )
    cases = [
        ([0.5, 0.5], [0.99, 0.01]),
        ([0.1] * 10, [1.0] + [0.0] * 9),
        ([1.0, 0.0], [0.0, 1.0]),
        ([0.9, 0.1, 0.0], [0.0, 0.25, 0.75]),
    ]
    for one, other in cases:
        p, q = np.array(one), np.array(other)
        right = (q[p > 0].sum(), p[q > 0].sum())
        if not agrees(answer(p, q), right):
            return (
                f"It is right for the first example, but not for real = {one} and made = {other}. "
                "How large a share is must not matter for whether the group counts."
            )
    return None


def _steady_width(answer: Any) -> str | None:
    """Return what is wrong with `steady_width(v, n, d)`."""
    call = "steady_width(4.0, 100, 16)"
    problem = needs_function(answer, "steady_width(v, n, d)") or needs_array(
        answer(4.0, 100, 16), (), of=call
    )
    if problem:
        return problem
    found = float(answer(4.0, 100, 16))
    mistakes = {
        -0.05: "The size is right, and a width is positive.",
        4 / 1600: "That is the *variance* of the noise in one pixel. The width is its square root.",
        np.sqrt(4 / 100): "That noise would do for a single pixel. Here it is added to each of "
        "`d` pixels, and all of it counts in the total variance.",
        np.sqrt(4 / 16): "The law has an `n` in it: one n-th of the variance is lost, not all "
        "of it.",
        4 / 100: "That is the variance that one generation loses, v/n. Which noise, in each of "
        "`d` pixels, makes up for it?",
        np.sqrt(4 * 0.99 / 16): "That noise makes up for what is *left*, (1 - 1/n) v. It has to "
        "make up for what is lost.",
        np.sqrt(4 / 100) / 16: "The pixels add up as variances: d h², not (d h)².",
        np.sqrt(4 / (99 * 16)): "Close: one generation loses exactly v/n, not v/(n - 1).",
    }
    for value, message in mistakes.items():
        if np.isclose(found, value, rtol=1e-6):
            return message
    if not np.isclose(found, 0.05, rtol=1e-6):
        return (
            f"`{call}` is {found:.4g}. One generation makes (1 - 1/n) v + d h² of v: for which h "
            "is that v again?"
        )
    for v, n, d in [(1.0, 50, 1), (4.8, 250, 64), (0.3, 7, 2)]:
        if not agrees(answer(v, n, d), np.sqrt(v / (n * d)), rtol=1e-6):
            return (
                f"`{call}` is right, but `steady_width({v}, {n}, {d})` is not. Is a number fixed "
                "in it?"
            )
    return None


def _policy(answer: Any) -> str | None:
    """Return what is wrong with `my_policy(past, *, rng)`."""
    return needs_function(answer, "my_policy(past, *, rng)") or _play(answer)


def _play(policy: Any) -> str | None:
    """Run the policy on the digits; return which rule it breaks or which level it misses."""
    from sklearn.neighbors import KernelDensity

    from collapse_lab import fidelity, pictures
    from collapse_lab.empirical import Empirical
    from collapse_lab.recursion import recurse
    from collapse_lab.sklearn_bridge import from_sklearn

    ours, theirs = (
        pictures.plant(pictures.thin(half, 0, 0.03), 7, 0.3).ink
        for half in pictures.halves(pictures.handwritten())
    )
    real = theirs[np.random.default_rng(0).permutation(len(theirs))[:200]]
    fit = from_sklearn(KernelDensity(bandwidth=0.1))
    last: list[Any] = []

    def watched(past: Any, *, rng: Any) -> Any:
        last[:] = [policy(past, rng=rng)]
        return last[0]

    found = []
    for seed in (1, 2):
        chain = recurse(fit, Empirical(ours), n=250, policy=watched, rng=seed)
        try:
            for generation in islice(chain, 9):
                problem = _breaks_a_rule(generation, ours)
                if problem:
                    return problem
        except (TypeError, ValueError):
            problem = _no_pictures(last[0]) if last else None
            if problem is None:
                raise
            return problem
        made = generation.model.sample(200, rng=seed)
        scores = fidelity.precision(real, made), fidelity.recall(real, made)
        found.append((*scores, made.var(axis=0).sum() / ours.var(axis=0).sum()))
    return _missed_level(*np.mean(found, axis=0))


def _no_pictures(made: Any) -> str | None:
    """Return why what a policy returned is no array of pictures."""
    if made is None:
        return "Your policy returns None. Is there a `return` in front of the pictures?"
    try:
        pictures = np.asarray(made, dtype=float)
    except (TypeError, ValueError):
        return (
            f"Your policy must return one array of pictures; it returns {show(made)}. (`cl.pool` "
            "puts arrays together.)"
        )
    if not np.isfinite(pictures).all():
        return "Some pixels are nan or infinite in what your policy returns."
    return None


def _breaks_a_rule(generation: Any, ours: Any) -> str | None:
    from scipy.spatial.distance import cdist

    data, t = np.asarray(generation.data), generation.index
    if data.shape != (250, 64):
        return (
            f"A generation must have 250 pictures of 64 pixels; generation {t} got an array of "
            f"shape {data.shape}."
        )
    # Noise of width 0.1 moves a picture by about 0.8, and in 3 of 10^8 cases by less than 0.45 (a
    # chi-square with 64 degrees of freedom below 20.25): what is nearer was never copied.
    nearest = cdist(data, ours).min(axis=1) if t > 0 else np.full(250, np.inf)
    n_real = np.count_nonzero(nearest < 0.45)
    if n_real > 100:
        return (
            f"At most 100 pictures of a generation may be real ones; generation {t} had {n_real}, "
            f"fresh and kept ones together, that are real or nearer to a real one than the "
            f"model's noise leaves any."
        )
    # The first generation of copies is one step away from real pictures, all of it.
    n_near = np.count_nonzero(nearest < 0.97) if t > 1 else 0
    if n_near > 225:
        return (
            f"Generation {t} had {n_near} pictures that are real or only one step away. A real "
            f"picture that you shake yourself counts as real."
        )
    return None


def _missed_level(precision: float, recall: float, width: float) -> str | None:
    scores = f"At generation 8 precision is {precision:.2f} and recall is {recall:.2f}."
    if width < 1:
        return (
            f"{scores} But the total variance is only {width:.0%} of the world's. Averages and "
            f"repeated pictures may please a score; you would not hang them on the wall."
        )
    if precision < 0.4:
        return (
            f"{scores} Varied, but not good enough: noise piles up in pictures that were copied "
            f"often. How could most lines of copies be kept short?"
        )
    if recall < 0.75:
        return (
            f"{scores} Good, but not varied enough. What does your policy throw away, again and "
            f"again?"
        )
    return None


def _average(past: Any, **_: Any) -> Any:
    """Train on 100 real pictures and on their average."""
    return np.concatenate([past.real[:100], np.repeat(past.real.mean(axis=0)[None], 150, axis=0)])


EXERCISES = {
    exercise.id: exercise
    for exercise in [
        Exercise(
            "5.1",
            "A set that lost a mode",
            _scores,
            success="A group that is made once in a thousand times counts in full for recall. So "
            "recall sees a lost group, and not one that is becoming rare: measure shares for that.",
            wrong={
                "exchanged": lambda real, made: (real[made > 0].sum(), made[real > 0].sum()),
                "overlap": lambda real, made: (np.minimum(real, made).sum(),) * 2,
                "groups counted": lambda real, made: (
                    np.mean(real[made > 0] > 0),
                    np.mean(made[real > 0] > 0),
                ),
                "perfect precision": lambda real, made: (1.0, real[made > 0].sum()),
                "what is wrong": lambda real, made: (made[real == 0].sum(), real[made == 0].sum()),
                "rare groups ignored": lambda real, made: (
                    made[real > 0.15].sum(),
                    real[made > 0.15].sum(),
                ),
                "one number": lambda _real, _made: 0.9,
            },
        ),
        Exercise(
            "5.2",
            "A hand that shakes just enough",
            _steady_width,
            success="The total variance stays, and yet originals are lost as before: in the steady "
            "state every picture has less of its ancestor and more of the noise.",
            wrong={
                "the variance of the noise": lambda v, n, d: v / (n * d),
                "one pixel": lambda v, n, _d: np.sqrt(v / n),
                "all of the variance": lambda v, _n, d: np.sqrt(v / d),
                "what is left": lambda v, n, d: np.sqrt(v * (1 - 1 / n) / d),
                "what is lost": lambda v, n, _d: v / n,
                "unbiased": lambda v, n, d: np.sqrt(v / ((n - 1) * d)),
                "d outside": lambda v, n, d: np.sqrt(v / n) / d,
                "100 pictures": lambda v, _n, d: np.sqrt(v / (100 * d)),
            },
        ),
        Exercise(
            "5.3",
            "Good and varied",
            _policy,
            success="Fresh pictures do what no sampler could: they keep lines of copies short. "
            "Now look at a sheet of what your model makes, and lower the number of real pictures.",
            wrong={
                "copies only": lambda past, rng: past.model.sample(past.n, rng=rng),
                "too little": lambda past, rng: Mix(0.1)(past, rng=rng),
                "all fresh": lambda past, rng: past.world.sample(past.n, rng=rng),
                "averages": lambda past, rng: _average(past, rng=rng),
                "shaken by hand": lambda past, rng: (
                    past.real + 0.07 * np.random.default_rng(rng).standard_normal(past.real.shape)
                ),
                "two samples": lambda past, rng: np.concatenate(
                    [past.model.sample(past.n, rng=rng)] * 2
                ),
                "a number": 0.4,
            },
        ),
    ]
}
