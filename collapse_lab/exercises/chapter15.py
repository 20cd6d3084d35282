"""The exercises of chapter 15: The teacher as a source of data."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from collapse_lab.checks import Exercise, calls, needs_array, needs_function
from collapse_lab.synthetic import smote
from collapse_lab.transfer import copied, interpolated

Array = NDArray[np.float64]
TALK = np.array([[0.30, 0.02, 0.0], [0.0, 0.21, 0.17], [0.02, 0.06, 0.22]])


def lost(P: Array) -> float:
    """Share of the best sentence's probability that word-by-word speech loses."""
    first, second = P.sum(axis=1).argmax(), P.sum(axis=0).argmax()
    return float(1 - P[first, second] / P.max())


def _lost_share(answer: Any) -> str | None:
    """Return what is wrong with `lost_share(P)`."""
    call = "lost_share(P)"
    problem = needs_function(answer, call) or needs_array(answer(TALK.copy()), (), of=call)
    if problem:
        return problem
    found = float(answer(TALK.copy()))
    first, second = TALK.sum(axis=1).argmax(), TALK.sum(axis=0).argmax()
    said, best = TALK[first, second], TALK.max()
    greedy = TALK[first].max()
    mistakes = [
        (said / best, "That is the share that is *kept*. Lost is the rest."),
        (best - said, "That is a difference. A share: divide by the best sentence's probability."),
        (said, "That is the probability of what the student says. Compare it with the best."),
        (0.0, "Nothing is lost, you say. Is the best *cell* of P taken for what the student says?"),
        (
            1 - greedy / best,
            "That student knows its first word when it says the second. Ours does not.",
        ),
        (
            1 - TALK[second, first] / best,
            "Rows and columns are exchanged: rows are first words, `axis=1` sums over the second.",
        ),
        (
            1 - TALK.sum(axis=1).max() * TALK.sum(axis=0).max() / best,
            "That takes the words for independent. The pair's probability is a cell of P.",
        ),
    ]
    for value, message in mistakes:
        if np.isclose(found, value, rtol=1e-9, atol=1e-12):
            return message
    if not np.isclose(found, lost(TALK), rtol=1e-9):
        return (
            f"`{call}` is {found:.4f}. The student's first word is the row with the largest sum, "
            "its second the column with the largest sum."
        )
    rng = np.random.default_rng(15)
    for size in (2, 5, 9):
        P = rng.dirichlet(np.full(size**2, 0.3)).reshape(size, size)
        if not np.isclose(answer(P.copy()), lost(P), rtol=1e-9, atol=1e-12):
            return f"It is right for one table, but not for another, of {size} words."
    return None


def _mix(answer: Any) -> str | None:
    """Return what is wrong with `mix(pictures, n, rng)`."""
    call = "mix(pictures, 5000, rng)"
    problem = needs_function(answer, "mix(pictures, n, rng)")
    if problem:
        return problem
    corners = np.eye(4)  # of each mixture, the shares can be read off

    def made(seed: int) -> Any:
        return answer(corners.copy(), 5000, np.random.default_rng(seed))

    problem = needs_array(made(1), (5000, 4), of=call)
    if problem:
        return problem
    shares = np.asarray(made(1), dtype=np.float64)
    if not np.allclose(shares.sum(axis=1), 1):
        if np.allclose(answer(np.ones((4, 4)), 50, np.random.default_rng(1)), 1):
            return "Each pixel has a share of its own. One share goes along a whole picture."
        return (
            "The ink of a mixture is not a share of one picture and the rest of the other: the "
            "shares must sum to 1."
        )
    if not np.array_equal(shares, made(1)):
        return "The same `rng` gives other pictures. Draw everything from `rng`."
    if np.array_equal(shares, made(2)):
        return "Another `rng` gives the same pictures. Draw pairs and shares from `rng`."
    if shares.min() < 0:
        return "Some shares are negative. A share lies between 0 and 1."
    other = np.asarray(made(2), dtype=np.float64)
    return _uneven(shares) or _half_drawn(shares, other) or _ready_made(answer, corners)


def _ready_made(answer: Any, pictures: Array) -> str | None:
    """Return which function of the package does the work, or None."""
    # `interpolated` calls `copied`
    ready: dict[str, Callable[..., Any]] = {
        "collapse_lab.transfer": copied,
        "synthetic.smote": smote,
    }
    for name, function in ready.items():
        if calls(function, answer, pictures.copy(), 5, np.random.default_rng(3)):
            return f"The mixtures are right. Now draw them yourself, without `{name}`."
    return None


def _half_drawn(one: Array, two: Array) -> str | None:
    """Return what two different `rng` have in common, pairs or shares; or None."""
    if np.array_equal(one > 0, two > 0):
        return "Another `rng` mixes the same pairs. Draw the row numbers from `rng`, too."
    mixed = ((one > 0).sum(axis=1) == 2) & ((two > 0).sum(axis=1) == 2)
    if np.allclose(one.max(axis=1)[mixed], two.max(axis=1)[mixed]):
        return "Another `rng` gives the same shares. Draw them from `rng`, too."
    return None


def _uneven(shares: Array) -> str | None:
    """Return what is wrong with mixtures whose shares sum to 1, shape (n, pictures)."""
    n_parts = (shares > 0).sum(axis=1)
    if n_parts.max() > 2:
        return "Some of them mix more than two pictures. Draw two row numbers for each."
    if n_parts.max() == 1:
        return "Nothing is mixed: each is one of the pictures."
    pairs = np.unique(shares > 0, axis=0)
    if len(pairs[pairs.sum(axis=1) == 2]) < 6:
        return "Not every pair of pictures occurs. Draw both row numbers for each mixture anew."
    part = shares[n_parts == 2].max(axis=1)  # the larger share: uniform from 1/2 to 1
    if np.ptp(part) < 1e-9:
        return "The share is the same in all of them. Draw one for each, as `rng.random((n, 1))`."
    if stats.kstest(part, stats.uniform(0.5, 0.5).cdf).pvalue < 1e-6:
        return "The shares are not uniform between 0 and 1. `rng.random((n, 1))` draws them so."
    if np.ptp((shares > 0).mean(axis=0)) > 0.1:
        return "Some pictures are used much more often than others. `rng.integers` draws evenly."
    return None


def best_words(start: Array, step: Array, length: int) -> NDArray[np.int64]:
    """Most probable sequence of a chain with one table of steps."""
    from collapse_lab import theory

    tables = np.broadcast_to(step, (length - 1, *step.shape))
    return theory.most_probable_sequence(start, tables)


def _chains() -> list[tuple[Array, Array, int]]:
    rng = np.random.default_rng(73)
    sizes = [(3, 4), (4, 6), (6, 5), (2, 7), (5, 2)]
    return [
        (rng.dirichlet(np.full(v, 0.5)), rng.dirichlet(np.full(v, 0.5), size=v), length)
        for v, length in sizes
    ]


START, STEP = np.array([0.6, 0.4]), np.array([[0.5, 0.5], [0.05, 0.95]])
# the best way on from word 0 is to stay, but at the last place to leave: 0, 0, 0, 1
LEAVE = (
    np.array([0.6, 0.3, 0.1]),
    np.array([[0.45, 0.55, 0.0], [0.3, 0.3, 0.4], [0.2, 0.4, 0.4]]),
    4,
)


def _best_sequence(answer: Any) -> str | None:
    """Return what is wrong with `best_sequence(start, step, length)`."""
    call = "best_sequence(start, step, 3)"
    problem = needs_function(answer, "best_sequence(start, step, length)") or needs_array(
        answer(START.copy(), STEP.copy(), 3), (3,), of=call
    )
    if problem:
        return problem
    chains = [(START, STEP, 3), *_chains(), LEAVE]
    said = []
    for start, step, length in chains:
        words = np.asarray(answer(start.copy(), step.copy(), length))
        if words.shape != (length,):
            return f"For length {length} it returns {len(np.atleast_1d(words))} words."
        if not np.array_equal(words, np.clip(np.round(words), 0, len(start) - 1)):
            return "Words are row numbers of `step`: whole, from 0."
        said.append(words.astype(np.int64))
    problems = [_not_best(words, *chain[:2]) for words, chain in zip(said, chains, strict=True)]
    if not any(problems):
        return None
    for wrong, message in SLIPS:
        if all(
            np.array_equal(words, wrong(*chain)) for words, chain in zip(said, chains, strict=True)
        ):
            return message
    return next(problem for problem in problems if problem)


def _not_best(words: NDArray[np.int64], start: Array, step: Array) -> str | None:
    """Return by how much words are not the most probable sequence of a chain."""
    from collapse_lab import theory

    length = len(words)
    tables = np.broadcast_to(step, (length - 1, *step.shape))
    best = best_words(start, step, length)
    p, p_best = (float(theory.sequence_probability(start, tables, w)) for w in (words, best))
    if np.isclose(p, p_best, rtol=1e-9):
        return None
    where = f"For {len(start)} words and length {length}"
    if p == 0:
        return f"{where}, yours is impossible."
    return f"{where} there is a sequence that is {p_best / p:.3g} times as probable as yours."


def _greedy(start: Array, step: Array, length: int) -> list[int]:
    words = [int(start.argmax())]
    while len(words) < length:
        words.append(int(step[words[-1]].argmax()))
    return words


def _shares(start: Array, step: Array, length: int) -> Any:
    from collapse_lab import theory

    tables = np.broadcast_to(step, (length - 1, *step.shape))
    return theory.word_shares(start, tables).argmax(axis=-1)


def _backward(start: Array, step: Array, length: int, use_start: bool, turned: bool) -> list[int]:
    """Viterbi's algorithm with two places to slip: the first word, and the order of the choices."""
    rest, choices = np.ones(len(start)), []
    for _ in range(length - 1):
        total = step * rest
        choices.append(total.argmax(axis=1))
        rest = total.max(axis=1)
    words = [int((start * rest if use_start else rest).argmax())]
    for choice in choices[::-1] if turned else choices:
        words.append(int(choice[words[-1]]))
    return words


def _not_turned(start: Array, step: Array, length: int) -> list[int]:
    return _backward(start, step, length, use_start=True, turned=False)


def _without_start(start: Array, step: Array, length: int) -> list[int]:
    return _backward(start, step, length, use_start=False, turned=True)


def _turned(start: Array, step: Array, length: int) -> list[int]:
    return _backward(start, step.T, length, use_start=True, turned=True)


SLIPS: list[tuple[Callable[..., Any], str]] = [
    (
        _not_turned,
        "The choices are followed in the wrong order: the one found last belongs to the first \
step.",
    ),
    (_without_start, "The first word is chosen as if all were equally probable: use `start`."),
    (
        _greedy,
        "That is greedy: the best next word, again and again. A poor first word may open \
the way to a much better rest.",
    ),
    (_shares, "That is the most probable word at each place, and not the best sequence."),
    (lambda *chain: best_words(*chain)[::-1], "Right words, wrong order: turn them around."),
    (_turned, "Rows and columns are exchanged: `step[v, w]` is the chance of w after v."),
]


def worst_miss(places: Callable[..., Any]) -> float:
    """Mean over 300 rounds of the largest miss of a student that asks a noisy teacher."""
    rng, x = np.random.default_rng(15), np.linspace(-1, 1, 201)
    misses = []
    for _ in range(300):
        asked = np.asarray(places(30, rng), dtype=np.float64)
        student = np.polyfit(asked, np.sin(3 * asked) + 0.3 * rng.standard_normal(30), 5)
        misses.append(np.abs(np.polyval(student, x) - np.sin(3 * x)).max())
    return float(np.mean(misses))


@cache
def _at_random() -> float:
    return worst_miss(_uniform)


def _my_places(answer: Any) -> str | None:
    """Return what is wrong with places that should teach more than random ones."""
    problem = needs_function(answer, "my_places(n, rng)") or needs_array(
        answer(30, np.random.default_rng(1)), (30,), of="my_places(30, rng)"
    )
    if problem:
        return problem
    asked = np.concatenate(
        [np.ravel(answer(30, np.random.default_rng(seed))) for seed in range(20)]
    ).reshape(20, 30)
    if min(len(np.unique(row)) for row in asked) < 6:
        return "A polynomial of degree 5 has six coefficients: ask at six different places or more."
    miss = worst_miss(answer)
    if miss <= _at_random() / 2:
        return None
    if np.abs(asked).max() < 0.95:
        return "Nothing is asked near the ends, -1 and 1, and there the student misses most."
    for end, reach in ((-1, -asked.min()), (1, asked.max())):
        if reach < 0.95:
            return f"Nothing is asked near {end}, and there the student misses most."
    if np.quantile(np.abs(asked), 0.8) > 1.25:
        return "Too wide: most answers are spent outside of `[-1, 1]`, where nobody tests."
    if np.isclose(miss, _at_random(), rtol=0.02):
        return (
            "As good as random places on `[-1, 1]`, for that is what they are. By chance some "
            "stretches get no question, an end above all. Can you leave less to chance?"
        )
    return (
        f"The largest miss is {miss / _at_random():.2f} times that of random places on `[-1, 1]`; \
half of it is possible."
    )


def _uniform(n: int, rng: Any) -> Any:
    return rng.uniform(-1, 1, n)


def _to_copies(pictures: Array, n: int, rng: Any) -> Array:
    return np.asarray(pictures[rng.integers(len(pictures), size=n)])


def _mixed(pictures: Array, n: int, rng: Any, share: Any) -> Array:
    first, second = _to_copies(pictures, n, rng), _to_copies(pictures, n, rng)
    return np.asarray(share * first + (1 - share) * second)


EXERCISES = {
    exercise.id: exercise
    for exercise in [
        Exercise(
            "15.1",
            "Right words, wrong sentence",
            _lost_share,
            success="Each word is the most probable one, and the two together need not be.",
            wrong={
                "what is kept": lambda P: 1 - lost(P),
                "a difference": lambda P: lost(P) * P.max(),
                "what is said": lambda P: (1 - lost(P)) * P.max(),
                "the best cell": lambda P: 1 - P.max() / P.max(),
                "greedy": lambda P: 1 - P[P.sum(axis=1).argmax()].max() / P.max(),
                "rows for columns": lambda P: (
                    1 - P[P.sum(axis=0).argmax(), P.sum(axis=1).argmax()] / P.max()
                ),
                "independent": lambda P: 1 - P.sum(axis=1).max() * P.sum(axis=0).max() / P.max(),
                "one table only": lambda _P: lost(TALK),
                "a number": 0.5,
            },
        ),
        Exercise(
            "15.2",
            "Pictures between pictures",
            _mix,
            success="Any number of inputs out of a few pictures. The teacher says what they show.",
            wrong={
                "one share for all": lambda p, n, rng: _mixed(p, n, rng, rng.random()),
                "copies": _to_copies,
                "all pictures": lambda p, n, rng: rng.dirichlet(np.ones(len(p)), size=n) @ p,
                "shares of their own": lambda p, n, rng: (
                    rng.random((n, 1)) * _to_copies(p, n, rng)
                    + rng.random((n, 1)) * _to_copies(p, n, rng)
                ),
                "a share a pixel": lambda p, n, rng: _mixed(p, n, rng, rng.random((n, p.shape[1]))),
                "one pair": lambda p, n, rng: p[1] + rng.random((n, 1)) * (p[0] - p[1]),
                "beyond": lambda p, n, rng: _mixed(p, n, rng, 2 * rng.random((n, 1))),
                "fixed draws": lambda p, n, _rng: interpolated(p, n, rng=1),
                "own draws": lambda p, n, _rng: interpolated(p, n),
                "shares in steps": lambda p, n, rng: _mixed(
                    p, n, rng, np.linspace(0, 1, n)[:, None]
                ),
                "pairs of its own": lambda p, n, rng: _mixed(
                    p, n, np.random.default_rng(0), rng.random((n, 1))
                ),
                "not uniform": lambda p, n, rng: _mixed(p, n, rng, rng.random((n, 1)) ** 2),
                "a picture too few": lambda p, n, rng: _mixed(
                    p, n - 1, rng, rng.random((n - 1, 1))
                ),
            },
        ),
        Exercise(
            "15.3",
            "The best sequence",
            _best_sequence,
            success="That is the Viterbi algorithm: length × words² steps instead of words^length.",
            wrong={
                "greedy": _greedy,
                "word by word": _shares,
                "turned around": lambda s, t, length: best_words(s, t, length)[::-1],
                "step turned": _turned,
                "choices not turned": _not_turned,
                "without start": _without_start,
                "one word more": lambda s, t, length: best_words(s, t, length + 1),
                "always length 3": lambda s, t, _length: best_words(s, t, 3),
                "not whole": lambda s, t, length: best_words(s, t, length) + 0.5,
                "a constant": lambda _s, _t, length: np.zeros(length),
            },
        ),
        Exercise(
            "15.4",
            "Where to ask",
            _my_places,
            success="The same teacher, the same number of answers, at most half the miss.",
            wrong={
                "at random": _uniform,
                "too narrow": lambda n, _rng: np.linspace(-0.9, 0.9, n),
                "too wide": lambda n, _rng: np.linspace(-4, 4, n),
                "only the ends": lambda n, rng: rng.choice([-1.0, 1.0], n),
                "one side": lambda n, _rng: np.linspace(0, 1, n),
                "too few": lambda n, _rng: np.linspace(-1, 1, n - 1),
            },
        ),
    ]
}
