"""The n-gram family: the next word depends on the few words before it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from collapse_lab.protocols import RNG
from collapse_lab.rules import one_of, real_number, whole_number
from collapse_lab.text import Documents

Smoothing = Literal["none", "additive", "witten-bell"]
_Step = tuple[NDArray[np.int64], NDArray[np.int64]]


@dataclass(frozen=True, eq=False)
class _Level:
    """What was seen after contexts of one length.

    Words count from 1 here; 0 is the end of a document, and in a context the place before its
    beginning. A context is the number with its words as digits to the base V + 1.

    Attributes
    ----------
    base, length : int
        V + 1, and the number of words in a context.
    contexts : int array, shape (C,)
        Increasing.
    outcomes : int array, shape (S,)
        Successors, context by context, increasing within one.
    weights : float array, shape (S,)
        How often each was seen; a temperature changes them.
    ends : int array, shape (C,)
        Where the successors of each context end.
    trust : float array, shape (C,)
        Chance that the next word is drawn from these successors, not from a shorter context.
    cdf : float array, shape (S,)
        Number of the context plus the share of its successors up to here.
    """

    base: int
    length: int
    contexts: NDArray[np.int64]
    outcomes: NDArray[np.int64]
    weights: NDArray[np.float64]
    ends: NDArray[np.int64]
    trust: NDArray[np.float64]
    cdf: NDArray[np.float64]

    @classmethod
    def of(cls, base: int, length: int, pairs: Any, weights: Any, trust: Any = None) -> _Level:
        """Build a level from pairs ``context * base + outcome``, increasing, with weights > 0."""
        context, outcomes = np.divmod(pairs, base)
        first = np.flatnonzero(np.diff(context, prepend=-1))
        ends = np.append(first[1:], len(pairs))
        number = np.repeat(np.arange(len(first)), ends - first)
        total, running = np.add.reduceat(weights, first), np.cumsum(weights)
        cdf = number + (running - (running[first] - weights[first])[number]) / total[number]
        cdf[ends - 1] = np.arange(1, len(first) + 1)
        trust = np.ones(len(first)) if trust is None else trust(total, ends - first)
        return cls(base, length, context[first], outcomes, weights, ends, trust, cdf)

    @property
    def first(self) -> NDArray[np.int64]:
        """Where the successors of each context begin."""
        return np.concatenate([[0], self.ends[:-1]])

    def find(self, context: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Return the numbers of contexts (of any length: the last words count), and which exist."""
        wanted = context % self.base**self.length
        number = np.minimum(self.contexts.searchsorted(wanted), len(self.contexts) - 1)
        return number, self.contexts[number] == wanted

    @cached_property
    def following(self) -> NDArray[np.int64]:
        """Number of the context that each successor leads to.

        There is one: what was seen was followed by something, at least by the end of its document.
        (The end itself leads nowhere; its number means nothing.)
        """
        context = np.repeat(self.contexts, np.diff(self.ends, prepend=0))
        return self.find(context * self.base + self.outcomes)[0]

    def draw(self, number: NDArray[np.int64], u: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the place of a successor of each context, for a uniform number u in [0, 1)."""
        place = self.cdf.searchsorted(number + u, side="right")
        return np.minimum(place, self.ends[number] - 1)

    def share(self, number: NDArray[np.int64], outcome: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the share of an outcome among the successors of a context that exists."""
        pairs = np.repeat(self.contexts, np.diff(self.ends, prepend=0)) * self.base + self.outcomes
        wanted = self.contexts[number] * self.base + outcome
        place = np.minimum(pairs.searchsorted(wanted), len(pairs) - 1)
        total = np.add.reduceat(self.weights, self.first)[number]
        return np.where(pairs[place] == wanted, self.weights[place] / total, 0.0)


@dataclass(frozen=True, eq=False)
class NGram:
    """Language model in which a word depends on the ``order - 1`` words before it.

    An observation is a document: ``sample(n)`` returns a list of n documents, independent of one
    another. Fitted without smoothing to its own text, every run of up to `order` words keeps its
    expected number: the shares are a martingale, as in `Categorical`.

    Make one with `fit`.

    Parameters
    ----------
    order : int
        Length of the runs of words that are counted; 1 knows no context.
    smoothing : {"none", "additive", "witten-bell"}
        Where unseen words get their probability from; see `fit`.
    n_words : int
        Words are numbered 0 to ``n_words - 1``.
    max_length : int
        A document is cut when it reaches this many words; who learns from it, learns that it ends
        there.
    levels : tuple
        What was counted, longest context first.

    Examples
    --------
    >>> documents = [np.array([0, 1, 2]), np.array([0, 2])]
    >>> model = NGram.fit(documents, order=2, n_words=3)
    >>> len(model.sample(5, rng=1))
    5
    >>> model.log_prob(documents).round(3).tolist()
    [-0.693, -0.693]
    """

    order: int
    smoothing: Smoothing
    n_words: int
    max_length: int
    levels: tuple[_Level, ...]

    @classmethod
    def fit(
        cls,
        data: Documents,
        *,
        order: int,
        n_words: int,
        smoothing: Smoothing = "none",
        strength: float = 1.0,
        max_length: int = 1000,
        rng: RNG = None,  # noqa: ARG003 - every Fit takes rng
    ) -> Self:
        """Count runs of words.

        Parameters
        ----------
        data : list of int arrays
            Documents of word numbers, each an array of shape (words,).
        order : int
        n_words : int
            Size V of the vocabulary: a text does not tell which words it missed.
        smoothing : {"none", "additive", "witten-bell"}
            "none" is maximum likelihood: what was never seen has probability 0. "additive" adds
            `strength` to the count of each of the V + 1 outcomes (the words and the end).
            "witten-bell" interpolates: after a context that was seen N times, with S different
            successors, the next word is drawn from these with probability N / (N + S), else by the
            context without its first word; without any context left, all V + 1 outcomes are
            equally probable.
        strength : float
            For "additive" only, above 0.
        max_length : int
        rng : ignored

        Raises
        ------
        ValueError
            If `data` is not a non-empty list of arrays of word numbers below `n_words`, or if the
            runs of `order` words are too many to be numbered in 64 bits.
        """
        order, n_words = whole_number("order", order), whole_number("n_words", n_words)
        one_of("smoothing", smoothing, ("none", "additive", "witten-bell"))
        strength = real_number("strength", strength, low=0, open_low=True)
        base = n_words + 1
        if base**order >= 2**63:
            raise ValueError(f"order must keep {base}^order below 2^63, got {order}")
        outcome, context = _steps(data, order, n_words)
        return cls._counted(outcome, context, order, n_words, smoothing, strength, max_length)

    @classmethod
    def taught(
        cls,
        teacher: NGram,
        documents: Documents,
        *,
        order: int,
        n_draws: int = 1,
        smoothing: Smoothing = "none",
        strength: float = 1.0,
        max_length: int = 1000,
        rng: RNG = None,
    ) -> Self:
        """Count what a teacher would say next, at every place of a text: word-level distillation.

        At each place, the ends included, the teacher sees the words before it as they stand in
        the text, and draws the next one `n_draws` times; what really follows is not looked at.
        The more draws, the closer to the loss of `kim2016sequence`, word by word. To learn from
        whole texts of the teacher, fit to what it samples.

        Parameters
        ----------
        teacher : NGram
            Of this order at least. It must know the contexts of the text, or smooth.
        documents : list of int arrays
        order : int
            Of the student.
        n_draws : int
        smoothing, strength, max_length, rng
            As in `fit`.

        Raises
        ------
        ValueError
            If the teacher's order is lower than `order`, or if it does not smooth and never saw
            a context of the text.
        """
        order, n_draws = whole_number("order", order), whole_number("n_draws", n_draws)
        one_of("smoothing", smoothing, ("none", "additive", "witten-bell"))
        strength = real_number("strength", strength, low=0, open_low=True)
        if order > teacher.order:
            raise ValueError(f"order must be at most the teacher's, {teacher.order}, got {order}")
        _, seen = _steps(documents, teacher.order, teacher.n_words)
        if teacher.smoothing == "none" and not teacher.levels[0].find(seen)[1].all():
            raise ValueError("documents must hold contexts that the teacher knows, got others")
        context = np.repeat(seen, n_draws)
        outcome = teacher._draw_smoothed(context, np.random.default_rng(rng))
        size = teacher.n_words
        return cls._counted(outcome, context, order, size, smoothing, strength, max_length)

    @classmethod
    def _counted(
        cls,
        outcome: NDArray[np.int64],
        context: NDArray[np.int64],
        order: int,
        n_words: int,
        smoothing: Smoothing,
        strength: float,
        max_length: int,
    ) -> Self:
        """Count outcomes after contexts, of `order - 1` words and fewer."""
        base = n_words + 1

        def level(length: int) -> _Level:
            pairs, counts = np.unique(context % base**length * base + outcome, return_counts=True)
            return _Level.of(base, length, pairs, counts.astype(np.float64), trust)

        def trust(total: Any, n_successors: Any) -> Any:
            if smoothing == "none":
                return np.ones(len(total))
            doubt = strength * base if smoothing == "additive" else n_successors
            return total / (total + doubt)

        shortest = 0 if smoothing == "witten-bell" else order - 1
        levels = tuple(level(length) for length in range(order - 1, shortest - 1, -1))
        return cls(order, smoothing, n_words, whole_number("max_length", max_length), levels)

    def sample(self, n: int, *, rng: RNG) -> Documents:
        """Write `n` documents: a list of arrays of word numbers.

        All documents grow side by side, a word at a time, until each has come to its end.
        """
        n = whole_number("n", n)
        grow = self._grow if self.smoothing == "none" else self._grow_smoothed
        steps = list(islice(grow(n, np.random.default_rng(rng)), self.max_length))
        none = np.zeros(0, dtype=np.int64)
        author = np.concatenate([none, *(writers for writers, _ in steps)])
        words = np.concatenate([none, *(outcomes for _, outcomes in steps)])
        words = words[np.argsort(author, kind="stable")] - 1
        lengths = np.bincount(author, minlength=n)
        ends = lengths.cumsum()
        return [words[end - length : end] for end, length in zip(ends, lengths, strict=True)]

    def _grow(self, n: int, rng: np.random.Generator) -> Iterator[_Step]:
        """Yield the numbers of the documents that go on, and their next words (from 1)."""
        level = self.levels[0]
        writers = np.arange(n, dtype=np.int64)
        context = np.zeros(n, dtype=np.int64)  # its number: 0 is the beginning of a document
        while len(writers):
            place = level.draw(context, rng.random(len(context)))
            going = level.outcomes[place] > 0
            writers, place = writers[going], place[going]
            yield writers, level.outcomes[place]
            context = level.following[place]

    def _grow_smoothed(self, n: int, rng: np.random.Generator) -> Iterator[_Step]:
        """Do the same where any word may follow any other: each context is looked up anew."""
        base, modulus = self.n_words + 1, (self.n_words + 1) ** (self.order - 1)
        writers = np.arange(n, dtype=np.int64)
        context = np.zeros(n, dtype=np.int64)
        while len(writers):
            outcome = self._draw_smoothed(context, rng)
            going = outcome > 0
            writers, outcome = writers[going], outcome[going]
            yield writers, outcome
            context = (context[going] * base + outcome) % modulus

    def _draw_smoothed(
        self, context: NDArray[np.int64], rng: np.random.Generator
    ) -> NDArray[np.int64]:
        """Return the next word (from 1) or the end (0) after each context."""
        outcome = rng.integers(self.n_words + 1, size=len(context), dtype=np.int64)
        open_ = np.arange(len(context))
        for level in self.levels:
            number, exists = level.find(context[open_])
            u = rng.random(len(open_)) / level.trust[number]  # where below 1, uniform again
            here = exists & (u < 1)
            outcome[open_[here]] = level.outcomes[level.draw(number[here], u[here])]
            open_ = open_[~here]
        return outcome

    def log_prob(self, documents: Documents) -> NDArray[np.float64]:
        """Log probability of each document with its end, shape (documents,), natural logarithm.

        It is that of the model without a cut at `max_length`; -inf where the model could not
        write the document.
        """
        outcome, context = _steps(documents, self.order, self.n_words)
        p, left = np.zeros(len(outcome)), np.ones(len(outcome))
        for level in self.levels:
            number, exists = level.find(context)
            trust = np.where(exists, level.trust[number], 0.0)
            p += left * trust * level.share(number, outcome)
            left *= 1 - trust
        if self.smoothing != "none":  # what no level decides is any outcome
            p += left / (self.n_words + 1)
        with np.errstate(divide="ignore"):
            log_p = np.log(p)
        ends = np.flatnonzero(outcome == 0)
        return np.asarray(np.add.reduceat(log_p, np.append(0, ends[:-1] + 1)))

    def perplexity(self, documents: Documents) -> float:
        """Perplexity of a text: how many equally probable words would be as hard to guess.

        The exponential of minus the mean log probability of its words, the ends of documents
        included; infinite if the model could not have written it.
        """
        n_outcomes = sum(map(len, documents)) + len(documents)
        return float(np.exp(-self.log_prob(documents).sum() / n_outcomes))

    def temper(self, temperature: float) -> Self:
        """Return the model sampled at a temperature: in each context shares to the power 1/T.

        Below 1 what is common *in its own context* gains, at 1 nothing changes.

        Raises
        ------
        ValueError
            If the model smooths: a mixture of levels has no tempered form of this kind.
        """
        power = 1 / real_number("temperature", temperature, low=0, open_low=True)
        level = self._only_level("temper")
        largest = np.maximum.reduceat(level.weights, level.first)
        number = np.repeat(np.arange(len(largest)), np.diff(level.ends, prepend=0))
        weights = (level.weights / largest[number]) ** power
        return self._with(level, weights)

    def top_k(self, k: int) -> Self:
        """Return the model cut to the `k` most probable outcomes of each context.

        Of equally probable ones those with the lower word number are kept, the end first of all.

        Raises
        ------
        ValueError
            If the model smooths, or if `k` is not a whole number of at least 1.
        """
        k = whole_number("k", k)
        level = self._only_level("top_k")
        sizes = np.diff(level.ends, prepend=0)
        number = np.repeat(np.arange(len(sizes)), sizes)
        best_first = np.lexsort((level.outcomes, -level.weights, number))
        rank = np.empty(len(number), dtype=np.int64)
        rank[best_first] = np.arange(len(number)) - level.first[number]
        return self._with(level, np.where(rank < k, level.weights, 0.0))

    def _only_level(self, who: str) -> _Level:
        if self.smoothing != "none":
            raise ValueError(f"smoothing must be 'none' for {who}, got {self.smoothing!r}")
        return self.levels[0]

    def _with(self, level: _Level, weights: NDArray[np.float64]) -> Self:
        """Return the model with other weights; outcomes of weight 0 are dropped."""
        kept = weights > 0
        pairs = np.repeat(level.contexts, np.diff(level.ends, prepend=0)) * level.base
        pairs = (pairs + level.outcomes)[kept]
        return replace(self, levels=(_Level.of(level.base, level.length, pairs, weights[kept]),))


def _steps(
    documents: Sequence[ArrayLike], order: int, n_words: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return every outcome of a text and its context, as numbers; see `_Level`."""
    if not isinstance(documents, list) or not documents:
        raise ValueError(f"data must be a non-empty list of documents, got {documents!r}")
    parts = [np.asarray(document) for document in documents]
    kinds = {(part.ndim, part.dtype.kind) for part in parts if part.size or part.ndim != 1}
    if not kinds <= {(1, "i"), (1, "u")}:
        raise ValueError(f"data must hold vectors of word numbers, got {documents!r}")
    lengths = np.array([len(part) + 1 for part in parts], dtype=np.int64)
    flat = np.zeros(lengths.sum(), dtype=np.int64)
    starts = lengths.cumsum() - lengths
    place = np.arange(len(flat)) - np.repeat(starts, lengths)  # within its document
    inside = place < np.repeat(lengths - 1, lengths)
    words = np.concatenate(parts).astype(np.int64)
    if words.size and (words.min() < 0 or words.max() >= n_words):
        wrong = words.min() if words.min() < 0 else words.max()
        raise ValueError(f"data must hold word numbers from 0 to {n_words - 1}, got {wrong}")
    flat[inside] = words + 1
    context = np.zeros_like(flat)
    for lag in range(1, order):
        before = np.zeros_like(flat)
        before[lag:] = flat[:-lag]
        context += np.where(place >= lag, before, 0) * (n_words + 1) ** (lag - 1)
    return flat, context
