"""The exercises of chapter 12: With and without."""

from __future__ import annotations

from functools import cache
from itertools import permutations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collapse_lab.checks import Exercise, needs_array, needs_function, returned, show

Array = NDArray[np.float64]


def _order_by_difference(answer: Any) -> str | None:
    """Return what is wrong with `order_by_difference(with_query, without_query, examples)`."""
    problem = needs_function(answer, "order_by_difference(with_query, without_query, examples)")
    if problem:
        return problem
    rng = np.random.default_rng(121)
    for m in (7, 12, 5):
        vectors = rng.standard_normal((m + 2, 6)) + 1.0
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        (yes, no), examples = vectors[:2], vectors[2:]
        value = answer(yes.copy(), no.copy(), examples.copy())
        problem = needs_array(value, (m,), of="order_by_difference(...)")
        if problem:
            return problem
        found, difference = np.asarray(value), examples @ no - examples @ yes
        if not np.array_equal(np.sort(found), np.arange(m)):
            return _no_order(found, difference)
        mistakes = {
            "The order is turned round: that is from most *with* to most *without*.": difference,
            "That is the order by *without* alone. What both searches share, the subject, is "
            "still in it.": -examples @ no,
            "That is the order by *with* alone. Ask both.": -examples @ yes,
            "That is the order by the *sum* of the cosines: by the subject. Subtract.": -examples
            @ (yes + no),
            "That takes how different the two are, whatever the sign. Leave out `abs`.": -np.abs(
                difference
            ),
            "Those are ranks: the place of each example. Asked for is which example comes first, "
            "second, ...: `np.argsort` once.": np.argsort(np.argsort(-difference)) * 1.0,
            "That is the order by the quotient. The task asks for the difference.": -(
                (examples @ no) / (examples @ yes)
            ),
        }
        right = np.argsort(-difference)
        if np.array_equal(found, right):
            continue
        for message, key in mistakes.items():
            order = key.astype(int) if message.startswith("Those are ranks") else np.argsort(key)
            if np.array_equal(found, order):
                return message
        if found[0] == right[0]:
            place = int((found != right).argmax())
            return (
                f"The first index is right; the one at place {place} is {found[place]:g}, and "
                f"should be {right[place]}. Examples nearer to *with* have an order, too."
            )
        return (
            f"The first index is {found[0]:g}, and should be {right[0]}: where the cosine with "
            "*without* exceeds that with *with* by most."
        )
    return None


def _no_order(found: Array, difference: Array) -> str:
    if np.allclose(found, difference) or np.allclose(np.sort(found), np.sort(difference)):
        return "Those are the differences themselves. Return the indices that sort them."
    return (
        f"Each index from 0 to {len(difference) - 1} must appear once; the smallest is "
        f"{found.min():g}, the largest {found.max():g}. `np.argsort` returns indices."
    )


def _surprise(scores: Array, axis: int = 1) -> float:
    """Mean surprise at the diagonal."""
    scores = scores - scores.max(axis=axis, keepdims=True)
    return float((np.log(np.exp(scores).sum(axis=axis)) - np.diag(scores)).mean())


def _shown(answer: Any) -> str | None:
    """Return what is wrong with `shown(scores)`."""
    call = "shown(scores)"
    problem = needs_function(answer, call)
    if problem:
        return problem
    rng = np.random.default_rng(122)
    scores = rng.standard_normal((5, 5)) + 2 * np.eye(5)
    problem = needs_array(answer(scores.copy()), (), of=call)
    if problem:
        return problem
    found, loss = float(returned(answer, scores.copy(), of="shown")), _surprise(scores)
    right = np.log(5) - loss
    wrong_row = scores - scores.max()
    lowered = float(scores.max(axis=1).mean())
    mistakes = {
        loss: "That is the loss $L$. What the encoder shows is how far it lies below $\\ln K$.",
        -loss: "That is $-L$. Blind guessing would not come out as 0: add $\\ln K$.",
        right / np.log(2): "That is in bits. Nats come from the natural logarithm.",
        np.log2(5) - loss: "$\\log_2 K$ with a loss in nats: use `np.log` for both.",
        np.log(5) - _surprise(scores, axis=0): "That normalizes each column. Row $i$ holds the "
        "candidates of statement $i$: sum along `axis=1`.",
        5 * np.log(5) - 5 * loss: "That is a sum over the rows; the mean is asked for.",
        5 * right: "That is a sum over the rows; the mean is asked for.",
        np.log(5) - 5 * loss: "The surprise is summed over the rows; take its mean.",
        np.log(25) - loss: "$K$ is the number of rows, not of all scores: `len(scores)`.",
        np.log(5) + loss: "The sign: $\\ln K$ *minus* the loss.",
        np.log(5) - (np.log(np.exp(wrong_row).sum()) - np.diag(wrong_row)).mean(): "The sum runs "
        "over all scores. Each row is a choice of its own: sum along `axis=1`.",
        right + lowered: "The largest score of the row is subtracted in the sum alone. Subtract it "
        "from the right score, too.",
    }
    for value, message in mistakes.items():
        if np.isclose(found, value, rtol=1e-9):
            return message
    if not np.isclose(found, right, rtol=1e-9):
        return (
            f"For a test with K = 5 it is {found:.4f}, and should be {right:.4f}: $\\ln 5$ minus "
            "the mean of $\\ln\\sum_j e^{s_{ij}} - s_{ii}$."
        )
    for k, size in ((1, 1.0), (3, 1000.0), (40, 5.0), (2, -900.0)):
        scores = size * (rng.standard_normal((k, k)) + 2 * np.eye(k))
        value = answer(scores.copy())
        problem = _lost(answer, scores, value)
        if problem:
            return problem
        if not np.isclose(value, np.log(k) - _surprise(scores), rtol=1e-9, atol=1e-9):
            return (
                f"It is right for K = 5 and small scores, but not for K = {k} with scores up to "
                f"{np.abs(scores).max():.0f}. Is a number fixed, is something added to avoid an "
                "overflow, or is a negative result cut off?"
            )
    return None


def _lost(answer: Any, scores: Array, value: Any) -> str | None:
    """Return what is wrong where the scores are large."""
    if np.asarray(value).dtype.kind != "f" or np.isfinite(value).all():
        return needs_array(value, (), of="shown(scores)")
    if np.isfinite(answer(scores - scores.max(axis=1, keepdims=True))):
        return (
            "It is right for small scores. With scores of 1,000 the power overflows: subtract the "
            "largest score of each row first."
        )
    return (
        "It is right for small scores. With scores of 1,000 the chance of a right candidate is "
        "rounded to 0, and its logarithm is lost. Do not divide before the logarithm: subtract "
        "after it."
    )


def _encode(answer: Any) -> str | None:
    """Return what is wrong with `encode(there, absent, n_words)`."""
    problem = needs_function(answer, "encode(there, absent, n_words)")
    if problem:
        return problem
    for n_words in (3, 6):
        texts = {}
        for a, b in permutations(range(n_words), 2):
            call = f"encode({a}, {b}, {n_words})"
            value = answer(a, b, n_words)
            problem = needs_array(value, (n_words,), of=call)
            if problem:
                return problem
            texts[a, b] = np.asarray(value, dtype=np.float64)
        for (a, b), text in texts.items():
            picture = np.zeros(n_words)
            picture[[a, b]] = 1, -1
            score = {other: float(picture @ vector) for other, vector in texts.items()}
            best = score[a, b]
            rivals = [other for other in texts if {a, b} & {*other} and other != (a, b)]
            for other in sorted(rivals, key=lambda rival: rival != (b, a)):
                if score[other] >= best - 1e-9:
                    return _rival(a, b, other, best, score[other], text)
    return None


def _rival(a: int, b: int, other: tuple[int, int], best: float, score: float, text: Array) -> str:
    name = f"*{other[0]}, no {other[1]}*"
    compared = (
        f"For the picture that shows {a} and lacks {b}, your text has {best:g}, and {name} has "
        f"{score:g}."
    )
    if other == (b, a) and np.isclose(best, score):
        return f"{compared} The two are equal: it is still a bag of words."
    if other == (b, a):
        return f"{compared} The wrong way round: which sign does the picture give to what it lacks?"
    if np.isclose(best, score) and np.isclose(text[b], 0):
        return f"{compared} A tie: the word after *no* leaves no trace in your vector."
    if np.isclose(best, score) and np.isclose(text[a], 0):
        return f"{compared} A tie: the word that is there leaves no trace in your vector."
    return f"{compared} The text that describes the picture must have the most."


@cache
def _bench() -> dict[str, Any]:
    """What a layer is tried on in exercise 12.4."""
    from collapse_lab import polarity
    from collapse_lab.embeddings import minilm

    heads = {"hotels", "apartments", "jackets", "phones", "movies", "books"}
    things, statements = polarity.things(), minilm()(polarity.statements())
    pairs, grades = polarity.graded_pairs()
    return {
        "training": statements[:, [thing.head in heads for thing in things]],
        "food": statements[:, [thing.head == "recipes" for thing in things]],
        "graded": minilm()(pairs),
        "grades": np.array(grades),
    }


def _scores(layer: Any) -> tuple[float, float, float]:
    """Fair choices about food, general similarity, dishes by the difference."""
    from collapse_lab import meaning, polarity
    from collapse_lab.studies.opposites import dish_orders

    bench = _bench()
    graded = layer(bench["graded"])
    return (
        meaning.choice_accuracy(layer(bench["food"]), polarity.fair_pairs()),
        meaning.grade_order(graded[:, 0], graded[:, 1], bench["grades"]),
        float(dish_orders(layer)[2].mean()),
    )


def _train_gently(answer: Any) -> str | None:
    """Return what is wrong with a training that should pay."""
    problem = needs_function(answer, "train_gently(vectors)")
    if problem:
        return problem
    layer = answer(_bench()["training"].copy())
    if layer is None:
        return "`train_gently(vectors)` is None. Is there a `return` in front of the layer?"
    if not callable(layer):
        return (
            f"A layer is needed, a function from vectors to vectors; it returned {show(layer)}. "
            "Return what `fit_projection` returns, or a function of your own."
        )
    probe = _bench()["graded"]
    try:
        moved = layer(probe.copy())
    except Exception as error:
        what = " ".join(f"{type(error).__name__}: {error}".split())[:80]
        return f"The layer that it returned stops when vectors are handed to it: `{what}`."
    problem = needs_array(moved, probe.shape, of="layer(vectors)")
    if problem:
        return problem
    if not np.any(moved, axis=-1).all():
        return "The layer turns a vector into zeros. Such a vector has no direction to compare."
    return _verdict(*_scores(layer))


def _verdict(choice: float, general: float, dishes: float) -> str | None:
    """Return which of the three wishes is not met."""
    said = f"Fair choices {choice:.1%}, general similarity {general:.1%}, dishes {dishes:.0%}."
    if choice < 0.82:
        return (
            f"{said} The choice became *worse* than without training. Which texts share an index, "
            "and so are taught to mean the same?"
        )
    if choice < 0.90:
        return f"{said} That is about what the model does with no training at all."
    if choice < 0.95:
        return f"{said} The statements are not far enough yet: train a little more."
    if general < 0.925 and dishes < 0.74:
        return f"{said} The sign is learned, and both others paid for it: hold it back more."
    if general < 0.925:
        return f"{said} The sign is learned, but general similarity paid: too much was moved."
    if dishes < 0.74:
        return f"{said} Two of three. The dishes still pay: hold it back a little more."
    return None


def _fit(vectors: Array, **settings: Any) -> Any:
    """Train on statements as the chapter does."""
    from collapse_lab.contrastive import fit_projection

    return fit_projection(vectors.reshape(len(vectors), -1, vectors.shape[-1]), **settings)


def _one_hot(word: int, n_words: int) -> Array:
    return np.asarray(np.eye(n_words)[word])


EXERCISES = {
    exercise.id: exercise
    for exercise in [
        Exercise(
            "12.1",
            "Ask for the difference",
            _order_by_difference,
            success="The subject cancels, and what is left is the sign.",
            wrong={
                "turned round": lambda yes, no, x: np.argsort(x @ no - x @ yes),
                "without alone": lambda _yes, no, x: np.argsort(-x @ no),
                "with alone": lambda yes, _no, x: np.argsort(-x @ yes),
                "the sum": lambda yes, no, x: np.argsort(-x @ (yes + no)),
                "any sign": lambda yes, no, x: np.argsort(-np.abs(x @ no - x @ yes)),
                "ranks": lambda yes, no, x: np.argsort(np.argsort(x @ yes - x @ no)),
                "the differences": lambda yes, no, x: x @ no - x @ yes,
                "the best alone": lambda yes, no, x: np.argmax(x @ no - x @ yes),
                "from one": lambda yes, no, x: np.argsort(x @ yes - x @ no) + 1,
                "farthest from with": lambda yes, _no, x: np.argsort(x @ yes),
                "the quotient": lambda yes, no, x: np.argsort(-(x @ no) / (x @ yes)),
                "nothing below 0": lambda yes, no, x: np.argsort(-np.maximum(x @ no - x @ yes, 0)),
            },
        ),
        Exercise(
            "12.2",
            "What the encoder shows",
            _shown,
            success="0 is blind guessing, $\\ln K$ is perfect, and it may be negative: surely "
            "wrong is worse than blind.",
            wrong={
                "the loss": _surprise,
                "minus the loss": lambda scores: -_surprise(scores),
                "bits": lambda scores: (np.log(len(scores)) - _surprise(scores)) / np.log(2),
                "two logarithms": lambda scores: np.log2(len(scores)) - _surprise(scores),
                "columns": lambda scores: np.log(len(scores)) - _surprise(scores, axis=0),
                "a sum": lambda scores: len(scores) * (np.log(len(scores)) - _surprise(scores)),
                "all scores": lambda scores: np.log(scores.size) - _surprise(scores),
                "plus": lambda scores: np.log(len(scores)) + _surprise(scores),
                "overflows": lambda scores: (
                    np.log(len(scores))
                    - (np.log(np.exp(scores).sum(axis=1)) - np.diag(scores)).mean()
                ),
                "K fixed": lambda scores: np.log(5) - _surprise(scores),
                "lowered once": lambda scores: (
                    np.log(len(scores)) - _surprise(scores) + scores.max(axis=1).mean()
                ),
                "cut off at 0": lambda scores: max(0.0, np.log(len(scores)) - _surprise(scores)),
                "a row": lambda scores: np.log(len(scores)) + np.diag(scores),
            },
        ),
        Exercise(
            "12.3",
            "Give no its word back",
            _encode,
            success="One sign, and the order of the words counts.",
            wrong={
                "a bag": lambda a, b, n: _one_hot(a, n) + _one_hot(b, n),
                "there alone": lambda a, _b, n: _one_hot(a, n),
                "absent alone": lambda _a, b, n: -_one_hot(b, n),
                "turned round": lambda a, b, n: _one_hot(b, n) - _one_hot(a, n),
                "absent counts less": lambda a, b, n: 2 * _one_hot(a, n) + _one_hot(b, n),
                "a wider vector": lambda a, b, n: np.concatenate([_one_hot(a, n), _one_hot(b, n)]),
                "nothing": lambda _a, _b, _n: None,
            },
        ),
        Exercise(
            "12.4",
            "A training that pays",
            _train_gently,
            success="All three hold on what it never saw. Of which other use should you ask "
            "before you ship it?",
            wrong={
                "no training": lambda _vectors: lambda x: x,
                "as in the chapter": lambda vectors: _fit(vectors, pull=0.03),
                "too strong": lambda vectors: _fit(vectors, pull=0.001),
                "too weak": lambda vectors: _fit(vectors, pull=3.0),
                "signs together": lambda vectors: _fit(vectors.mean(axis=2), pull=0.01),
                "a matrix": lambda vectors: _fit(vectors, pull=0.3).matrix,
                "one vector": lambda _vectors: lambda x: x.mean(axis=0),
            },
        ),
    ]
}
