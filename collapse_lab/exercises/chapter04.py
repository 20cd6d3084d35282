"""The exercises of chapter 4: Language that empties out."""

from __future__ import annotations

from functools import cache, partial
from itertools import islice
from typing import Any

import numpy as np

from collapse_lab.checks import Exercise, agrees, needs_array, needs_function, show
from collapse_lab.datasets import python_manual
from collapse_lab.ngram import NGram
from collapse_lab.policies import Decode, Keep, Mix, replace
from collapse_lab.recursion import recurse
from collapse_lab.text import Corpus, attested, n_tokens, word_counts

_WORDS = ("I", "saw", "what", "I", "saw", "and", "what", "saw", "I")


def _pairs(words: Any) -> list[tuple[Any, Any]]:
    return [(words[i], words[i + 1]) for i in range(len(words) - 1)]


def _distinct_2(answer: Any) -> str | None:
    """Return what is wrong with `distinct_2(words)`."""
    call = "distinct_2(words)"
    words = list(_WORDS)
    problem = needs_function(answer, call)
    if problem:
        return problem
    value = answer(words)
    if words != list(_WORDS):
        return "It changes the list of words, which belongs to the caller. Work on a copy of it."
    problem = needs_array(value, (), of=call)
    if problem:
        return problem
    found, pairs = float(value), _pairs(words)
    unordered = {tuple(sorted(pair)) for pair in pairs}
    apart = set(zip(words[::2], words[1::2], strict=False))
    repeated = sum(pairs.count(pair) == 1 for pair in pairs)
    mistakes = {
        len(set(words))
        / len(words): "That is distinct-1, the type-token ratio: different *words*. "
        "Look at pairs of neighbors.",
        len(set(pairs)) / len(words): f"{len(words)} words have {len(words) - 1} pairs of "
        "neighbors, not as many as words. Divide by the number of pairs.",
        float(len(set(pairs))): "That is the number of different pairs. A share is wanted: divide "
        "it by the number of all pairs.",
        len(unordered) / len(pairs): 'The order counts: "I saw" and "saw I" are two pairs.',
        len(apart) / (len(words) // 2): "It is 1: no repetition was seen. Is each pair kept only "
        "once, as in a `set`? Or was the text cut into pieces of two? Pairs overlap: the second "
        "word of one is the first of the next.",
        100 * len(set(pairs)) / len(pairs): "That is a percentage. A share lies between 0 and 1.",
        round(len(set(pairs)) / len(pairs), 2): "Right but for the rounding: return the share as "
        "it is.",
        repeated / len(pairs): "A pair that occurs three times is *one* different pair, not none. "
        "You counted only the pairs that occur once.",
    }
    for value, message in mistakes.items():
        if np.isclose(found, value):
            return message
    if not np.isclose(found, len(set(pairs)) / len(pairs)):
        return (
            f"For the words `{' '.join(words)}` it is {found:.4g}. List the {len(pairs)} pairs of "
            "neighbors on paper and strike out repetitions: how many are left?"
        )
    for other in (["a", "b"], ["a"] * 5, ["a", "b", "a", "b", "a"], list("abcdefg")):
        expected, value = len(set(_pairs(other))) / (len(other) - 1), answer(list(other))
        if not agrees(value, expected):
            return (
                f"It is right for one text, but for `{' '.join(other)}` it is {show(value)}, "
                f"instead of {expected:.4g}. Is a number fixed in it?"
            )
    if not agrees(answer(["a", "bc", "ab", "c"]), 1):
        return (
            'It takes different pairs for the same: "a" before "bc", and "ab" before "c". Keep the '
            "two words apart, as in a tuple `(first, second)`."
        )
    return None


_COUNTS = np.array([4, 3, 2, 1, 0, 0])
_UNSEEN = np.array([0, 0, 1, 4, 2, 0, 1])  # not as many as there are counts


def _perplexity_of(counts: Any, text: Any, strength: float) -> float:
    p = (counts + strength) / (counts.sum() + strength * len(counts))
    return float(np.exp(-np.log(p[text]).mean()))


def _perplexity(answer: Any) -> str | None:
    """Return what is wrong with `perplexity(counts, text, strength)`."""
    call = "perplexity(counts, text, 0.5)"
    counts, text = _COUNTS.copy(), _UNSEEN.copy()
    problem = needs_function(answer, "perplexity(counts, text, strength)")
    if problem:
        return problem
    value = answer(counts, text, 0.5)
    if not np.array_equal(counts, _COUNTS) or not np.array_equal(text, _UNSEEN):
        return "It changes `counts` or `text`, which belong to the caller. Make a new array."
    if isinstance(value, float) and np.isinf(value):  # numpy's floats, too
        return (
            "It is infinite: a word of the text has probability 0. Add `strength` to *every* "
            "count, also to those of words that were never seen. (In an array of whole numbers "
            "`counts[i] += 0.5` changes nothing: make a new one, `counts + strength`.)"
        )
    problem = needs_array(value, (), of=call)
    if problem:
        return problem
    p = (_COUNTS + 0.5) / (_COUNTS.sum() + 0.5 * 6)
    log_p, short = np.log(p[text]), (_COUNTS + 0.5) / _COUNTS.sum()
    short_by_one = (_COUNTS + 0.5) / (_COUNTS.sum() + 0.5)
    by_text = (_COUNTS + 0.5) / (_COUNTS.sum() + 0.5 * len(text))
    mistakes = {
        np.exp(-np.log(by_text[text]).mean()): "Below the line, `strength` was added once for each "
        "word of `text`. It was given to each word that the model counts: `len(counts)` times.",
        np.exp(-np.log(short[text]).mean()): "Your probabilities do not sum to one: `strength` was "
        "added to each count above the line, but not to their total below it.",
        np.exp(-np.log(short_by_one[text]).mean()): "Below the line, `strength` was added once. It "
        "was given to each of the six words, so the total grew by six times as much.",
        -log_p.mean(): "That is the mean surprise in nats, a logarithm. Perplexity is its "
        "exponential: a number of words.",
        np.exp(-log_p.sum()): "That is one over the probability of the whole text. Take the *mean* "
        "log probability of a word, or the measure grows with the length of the text.",
        2 ** -log_p.mean(): "Natural logarithm and a power of two do not go together: "
        "use `np.exp` with `np.log`.",
        np.exp(-np.log2(p[text]).mean()): "`np.log2` and `np.exp` do not go together: use `np.exp` "
        "with `np.log`, or a power of two with `np.log2`.",
        _perplexity_of(_COUNTS, text, 1.0): "You added 1 to each count. `strength` may be another "
        "number: here it is 0.5.",
        np.mean(1 / p[text]): "That is the arithmetic mean of 1/p. Perplexity is the geometric "
        "one: average the logarithms.",
        1 / np.mean(p[text]): "You averaged the probabilities. Average their logarithms: a single "
        "very improbable word must count.",
        np.exp(log_p.mean()): "That is below 1: the sign is turned round. Improbable words must "
        "make the perplexity large.",
        np.exp(-(p * np.log(p)).sum()): "That is the perplexity of the model's own words. The "
        "words to be guessed are those of `text`.",
    }
    found = float(value)
    for wrong, message in mistakes.items():
        if np.isclose(found, wrong):
            return message
    if not np.isclose(found, _perplexity_of(_COUNTS, text, 0.5)):
        return (
            f"For counts {_COUNTS.tolist()} and the text {_UNSEEN.tolist()} it is {found:.4g}. "
            "First the six probabilities (do they sum to one?), then the mean of the logarithms "
            "of those that the text picks."
        )
    rng = np.random.default_rng(1)
    for strength in (1.0, 0.01):
        other, words = rng.integers(5, size=9), rng.integers(9, size=20)
        if not agrees(answer(other, words, strength), _perplexity_of(other, words, strength)):
            return (
                f"It is right for six words and a strength of 0.5, but not for nine words and "
                f"{strength:g}. Is a number fixed in it?"
            )
    return None


def _line_dies(steps: int, k: int = 1) -> float:
    s = 1.0
    for _ in range(steps):
        s = 1 - np.exp(-s)
    return float((1 - s) ** k)


def _chance_lost(answer: Any) -> str | None:
    """Return what is wrong with `chance_lost(k, t)`."""
    call = "chance_lost(3, 4)"
    problem = needs_function(answer, "chance_lost(k, t)") or needs_array(answer(3, 4), (), of=call)
    if problem:
        return problem
    found, s = float(answer(3, 4)), 1 - _line_dies(5)
    mistakes = {
        100 * _line_dies(5, 3): "That is a percentage. A chance lies between 0 and 1.",
        1 - _line_dies(5, 3): "That is the chance that the phrase is still there. It is lost if "
        "*all* its lines have died.",
        _line_dies(4, 3): "Count the copies. People's text has the phrase for certain; the text of "
        "generation 0 is already one copy of it. How many copies is generation 4 away?",
        _line_dies(6, 3): "One step too many: s is 1 for people's text, and takes one step for "
        "each text after it, five up to generation 4. (A Poisson number of occurrences with mean "
        "`k` would give the same. Here there are exactly `k`.)",
        3 * (1 - s): "Chances of independent events multiply; they do not add. (For a large `k` "
        "yours exceeds 1.)",
        1 - s: "That is the chance that a single line has died. All `k` must die.",
        1 - s**3: "That is the chance that *at least one* line has died. The phrase is lost only "
        "if none is left.",
        (1 - 2 / 5) ** 3: "That uses the rule of thumb 2/T for s. Use the recursion.",
    }
    for value, message in mistakes.items():
        if np.isclose(found, value, rtol=1e-7):
            return message
    if not np.isclose(found, _line_dies(5, 3), rtol=1e-7):
        return (
            f"`{call}` is {found:.4g}. Take one line first: s starts at 1, and every text replaces "
            "it by 1 - exp(-s). Then ask how all three lines can be dead."
        )
    for k, t in [(1, 0), (1, 20), (12, 3), (30, 30)]:
        if not agrees(answer(k, t), _line_dies(t + 1, k), rtol=1e-7):
            return (
                f"`{call}` is right, but `chance_lost({k}, {t})` is not. Is a number fixed in it?"
            )
    return None


@cache
def _human() -> Corpus:
    """Return what the chapter's models may read: four paragraphs of five."""
    manual = python_manual().corpus
    return manual.part([d for d in range(len(manual.documents)) if d % 5 != 4])


def _runs_of_12(documents: Any) -> list[tuple[int, ...]]:
    lists = [np.asarray(document).tolist() for document in documents]
    return [tuple(words[i : i + 12]) for words in lists for i in range(len(words) - 11)]


def outcome(policy: Any) -> dict[str, float]:
    """Return what ten generations of a trigram model make of the manual under a policy.

    Returns
    -------
    dict
        Of what the model of generation 10 writes, as many paragraphs as people wrote: the number
        of ``words``, of different ones (``types``), and the share of ``attested`` runs of four
        words; and ``human``, the share of the runs of twelve words in what it learned from that
        stand in people's text: cut or joined paragraphs are still people's own.
    """
    human = _human()
    n, n_words = len(human.documents), len(human.words)
    fit = partial(NGram.fit, order=3, n_words=n_words)
    last = next(islice(recurse(fit, human, n=n, policy=policy, rng=4), 10, None))
    written = last.model.sample(n, rng=5)
    known, learned = set(_runs_of_12(human.documents)), _runs_of_12(last.data)
    return {
        "words": n_tokens(written),
        "types": int(np.count_nonzero(word_counts(written, n_words))),
        "attested": attested(written, 4, human.documents),
        "human": float(np.mean([run in known for run in learned] or [False])),
    }


def _policy(answer: Any) -> str | None:
    """Return what is wrong with the policy that is to keep the vocabulary."""
    problem = needs_function(answer, "my_policy(past, rng=rng)")
    if problem:
        return problem
    last: list[Any] = []

    def watched(past: Any, *, rng: Any) -> Any:
        last[:] = [answer(past, rng=rng)]
        return last[0]

    try:
        found = outcome(watched)
    except (TypeError, ValueError):
        problem = _no_text(last[0]) if last else None
        if problem is None:
            raise
        return problem
    types, share = f"{found['types']:,.0f} different words", f"{found['attested']:.0%}"
    # A quarter, what models repeat by themselves, and the chance that long paragraphs are drawn:
    # `Mix(0.25)` measures 27% on average, with a standard deviation of 2%.
    if found["human"] > 0.36:
        return (
            f"{found['human']:.0%} of the runs of twelve words in the last pool stand in people's "
            f"text. With a quarter of people's own paragraphs it is less than 36%. (The model "
            f"writes {types}.) What can you do with less?"
        )
    if found["words"] > 45_000:
        return (
            f"The last model writes {found['words']:,.0f} words in as many paragraphs as people "
            "needed for 30,389; at most 45,000 are allowed. What makes its paragraphs so long?"
        )
    if found["attested"] < 0.6:
        return (
            f"It writes {types}, but only {share} of its runs of four words stand in people's "
            "text, and 60% are wanted. Variety that nobody could have written is noise."
        )
    if found["types"] < 1500:
        return (
            f"It writes sentences ({share} of the runs of four are attested), but with only "
            f"{types}, and 1,500 are wanted. Where can a lost word come back from?"
        )
    return None


def _no_text(made: Any) -> str | None:
    """Return why what a policy returned is no list of paragraphs."""
    if made is None:
        return "Your policy returns None. Is there a `return` in front of the paragraphs?"
    if not isinstance(made, list):
        return f"Your policy must return a list of paragraphs; it returns {show(made)}."
    if not made:
        return "Your policy returns an empty list. The next model needs paragraphs to learn from."
    if any(np.ndim(d) != 1 or np.asarray(d).dtype.kind not in "iu" for d in made):
        return (
            "Each paragraph must be an array of word numbers (whole numbers), like those that "
            "`past.model.sample` draws."
        )
    return None


def _noise(past: Any, *, rng: np.random.Generator) -> Any:
    """Put random words into a quarter of the places."""
    n_words = len(past.world.words)
    return [
        np.where(rng.random(len(d)) < 0.25, rng.integers(n_words, size=len(d)), d)
        for d in past.model.sample(past.n, rng=rng)
    ]


EXERCISES = {
    exercise.id: exercise
    for exercise in [
        Exercise(
            "4.1",
            "Distinct pairs by hand",
            _distinct_2,
            success="It falls with the length of a text, too, so compare texts of one length.",
            wrong={
                "single words": lambda words: len(set(words)) / len(words),
                "divided by the words": lambda words: len(set(_pairs(words))) / len(words),
                "a number of pairs": lambda words: len(set(_pairs(words))),
                "without order": lambda words: (
                    len({tuple(sorted(pair)) for pair in _pairs(words)}) / (len(words) - 1)
                ),
                "pieces of two": lambda words: (
                    len(set(zip(words[::2], words[1::2], strict=False))) / (len(words) // 2)
                ),
                "pairs that occur once": lambda words: (
                    sum(_pairs(words).count(pair) == 1 for pair in _pairs(words)) / (len(words) - 1)
                ),
                "the length fixed": lambda words: len(set(_pairs(words))) / 8,
                "a number": 0.75,
            },
        ),
        Exercise(
            "4.2",
            "Perplexity of a text never seen",
            _perplexity,
            success="Without the added strength one unseen word would make it infinite: whoever "
            "has lost a word is infinitely surprised by it.",
            wrong={
                "no smoothing": lambda counts, text, _strength: np.exp(
                    -np.log(counts / counts.sum())[text].mean()
                ),
                "the total as it was": lambda counts, text, strength: np.exp(
                    -np.log((counts + strength) / counts.sum())[text].mean()
                ),
                "the total plus one": lambda counts, text, strength: np.exp(
                    -np.log((counts + strength) / (counts.sum() + strength))[text].mean()
                ),
                "a logarithm": lambda counts, text, s: np.log(_perplexity_of(counts, text, s)),
                "the whole text": lambda counts, text, s: (
                    _perplexity_of(counts, text, s) ** len(text)
                ),
                "a power of two": lambda counts, text, s: (
                    2 ** np.log(_perplexity_of(counts, text, s))
                ),
                "the arithmetic mean": lambda counts, text, s: np.mean(
                    ((counts.sum() + s * len(counts)) / (counts + s))[text]
                ),
                "the sign": lambda counts, text, s: 1 / _perplexity_of(counts, text, s),
                "the words of the text in the total": lambda counts, text, strength: np.exp(
                    -np.log((counts + strength) / (counts.sum() + strength * len(text)))[
                        text
                    ].mean()
                ),
                "the strength fixed": lambda counts, text, _s: _perplexity_of(counts, text, 0.5),
                "a number": 6.5,
            },
        ),
        Exercise(
            "4.3",
            "When is a phrase lost?",
            _chance_lost,
            success="A phrase that stands once has a chance of 37% to be gone from the first "
            "copy. That holds for false phrases and true ones alike.",
            wrong={
                "still there": lambda k, t: 1 - _line_dies(t + 1, k),
                "a copy forgotten": lambda k, t: _line_dies(t, k),
                "a copy too many": lambda k, t: _line_dies(t + 2, k),
                "added up": lambda k, t: k * _line_dies(t + 1),
                "one line": lambda _k, t: _line_dies(t + 1),
                "any line": lambda k, t: 1 - (1 - _line_dies(t + 1)) ** k,
                "the rule of thumb": lambda k, t: (1 - 2 / (t + 1)) ** k,
                "generation 4": lambda k, _t: _line_dies(5, k),
            },
        ),
        Exercise(
            "4.4",
            "Keep the words",
            _policy,
            success="The words stay. Now look at the price: what did your policy need that plain "
            "copying does not, and what does it distort?",
            wrong={
                "plain copies": replace,
                "a little human text": Mix(0.05),
                "sharpened": Decode(lambda model: model.temper(0.8)),
                "all the human text": Keep(),
                "human text only": Mix(1.0),
                "human text in halves": lambda past, **_: [
                    half for d in past.real for half in np.array_split(d, 2) if len(half)
                ],
                "human text, last words cut": lambda past, **_: [
                    d[:-1] for d in past.real if len(d) > 1
                ],
                "noise": _noise,
                "a number": 0.2,
            },
        ),
    ]
}
