"""Text: documents of numbered words, and what is measured on them.

A document is an array of word numbers, a text is a list of documents. Documents are the
observations: they are drawn independently of one another, and the words of one are not. So `pool`,
`subsample` and every policy that joins or selects observations can be used on a text, and no word
is ever torn from the words before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from collapse_lab.data import subsample
from collapse_lab.protocols import RNG
from collapse_lab.rules import whole_number

Documents = list[NDArray[np.int64]]

# Numbers; words and dotted names, with inner hyphens and apostrophes; marks that end or part.
_TOKEN = re.compile(r"\d+(?:\.\d+)*|[^\W\d]\w*(?:[.'’-]\w+)*|[.,;:?!]")
_ENDS = {".", ":", "?", "!"}
_LAST_MARK = re.compile(r" ([.,;:?!])")


@dataclass(frozen=True, eq=False)
class Corpus:
    """A text that people wrote, as a world: what it draws are documents of its own.

    Parameters
    ----------
    words : tuple of str, length V
        Word number w is ``words[w]``.
    documents : list of int arrays
        Word numbers, each document of at least one word.

    Examples
    --------
    >>> corpus = Corpus.of(["To be, or not to be.", "That is the question."])
    >>> len(corpus.words), len(corpus.documents)
    (10, 2)
    >>> corpus.read(corpus.documents[0])
    'to be, or not to be.'
    """

    words: tuple[str, ...]
    documents: Documents

    @classmethod
    def of(cls, paragraphs: Iterable[str]) -> Corpus:
        """Number the words of paragraphs, in the order of their first use.

        Quotation marks and brackets are dropped. A word loses its capital if it also occurs in
        small letters, or if it has one at the beginning of sentences only: capitals are left to
        names.
        """
        split = [words for words in map(tokenize, paragraphs) if words]
        if not split:
            raise ValueError("paragraphs must hold at least one word, got none")
        split = _without_first_capitals(split)
        number: dict[str, int] = {}
        documents = [
            np.array([number.setdefault(word, len(number)) for word in words], dtype=np.int64)
            for words in split
        ]
        return cls(tuple(number), documents)

    def sample(self, n: int, *, rng: RNG) -> Documents:
        """Draw `n` different documents, in random order: at most as many as there are."""
        return subsample(self.documents, n, rng=rng)

    def part(self, documents: Sequence[int]) -> Corpus:
        """Return the corpus of some of the documents, by their numbers; the words keep theirs."""
        return Corpus(self.words, [self.documents[d] for d in documents])

    def read(self, document: ArrayLike) -> str:
        """Return a document as a line of text."""
        line = " ".join(self.words[w] for w in np.asarray(document))
        return _LAST_MARK.sub(r"\1", line)

    @property
    def concrete(self) -> NDArray[np.bool_]:
        """Which words are numbers or names: those with a digit, a capital or an underscore."""
        return np.array(
            [any(c.isdigit() or c.isupper() or c == "_" for c in word) for word in self.words]
        )

    def find(self, word: str) -> int:
        """Return the number of a word; ValueError if the corpus does not have it."""
        if word not in self._numbers:
            raise ValueError(f"word must be one of the {len(self.words)} words, got {word!r}")
        return self._numbers[word]

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {word: w for w, word in enumerate(self.words)}


def tokenize(paragraph: str) -> list[str]:
    """Split a paragraph into words, numbers, and the six marks of `.,;:?!`."""
    return _TOKEN.findall(paragraph)


def _without_first_capitals(split: list[list[str]]) -> list[list[str]]:
    """Return the words of paragraphs with capitals in names only."""
    pairs = [pair for words in split for pair in pairwise([".", *words])]
    inside = {word for before, word in pairs if before not in _ENDS}
    small = {word for _, word in pairs if word == word.lower()}

    def settled(word: str) -> str:
        lower = word.lower()
        only_first = word[1:] == lower[1:] and word not in inside
        return lower if lower in small or only_first else word

    return [[settled(word) for word in words] for words in split]


def n_tokens(documents: Documents) -> int:
    """Number of words in a text, repeated ones counted again."""
    return sum(map(len, documents))


def word_counts(documents: Documents, n_words: int) -> NDArray[np.int64]:
    """How often each word occurs in a text, shape (n_words,)."""
    counts = np.bincount(np.concatenate(documents), minlength=whole_number("n_words", n_words))
    return counts.astype(np.int64)


def k_grams(documents: Documents, k: int) -> NDArray[np.int64]:
    """All runs of `k` words in a row that stand within one document, shape (runs, k)."""
    k = whole_number("k", k)
    flat = np.concatenate(documents)
    lengths = np.fromiter(map(len, documents), dtype=np.int64, count=len(documents))
    left = np.repeat(lengths.cumsum(), lengths) - np.arange(len(flat))  # words to the end
    starts = np.flatnonzero(left >= k)
    return np.asarray(flat[starts[:, None] + np.arange(k)])


def distinct(documents: Documents, k: int) -> float:
    """Distinct-k: the share of different ones among the runs of `k` words; k = 1: type-token ratio.

    It falls with the length of the text, so compare texts of one length.
    """
    runs = k_grams(documents, k)
    if len(runs) == 0:
        raise ValueError(f"k must be at most the length of the longest document, got {k}")
    return len(_keys(runs, int(runs.max()) + 1, unique=True)) / len(runs)


def attested(documents: Documents, k: int, human: Documents) -> float:
    """Share of the runs of `k` words that also stand in a human text.

    With `k` above the order of an n-gram model a **proxy** of grammaticality: what people have
    written is grammatical, but what they have not yet written may be so, too.
    """
    runs, known = k_grams(documents, k), k_grams(human, k)
    if len(runs) == 0 or len(known) == 0:
        raise ValueError(f"k must be at most the length of the longest document, got {k}")
    base = int(max(runs.max(), known.max())) + 1
    wanted, there = _keys(runs, base), _keys(known, base, unique=True)
    place = np.minimum(there.searchsorted(wanted), len(there) - 1)
    return float((there[place] == wanted).mean())


def mistranslate(documents: Documents, right: int, wrong: int, n: int, *, rng: RNG) -> Documents:
    """Replace `n` of the occurrences of word `right`, picked at random, by word `wrong`."""
    rng = np.random.default_rng(rng)
    flat = np.concatenate(documents)
    places = np.flatnonzero(flat == right)
    if whole_number("n", n, at_least=0) > len(places):
        raise ValueError(f"n must be at most the {len(places)} occurrences there are, got {n}")
    flat[rng.choice(places, n, replace=False)] = wrong
    ends = np.cumsum([len(document) for document in documents])
    return np.split(flat, ends[:-1])


def _keys(runs: NDArray[np.int64], base: int, *, unique: bool = False) -> NDArray[Any]:
    """Number runs of words so that equal runs get equal numbers."""
    k = runs.shape[1]
    if base**k >= 2**63:
        raise ValueError(f"k must keep {base}^k below 2^63, got {k}")
    keys = runs @ (base ** np.arange(k - 1, -1, -1, dtype=np.int64))
    return np.unique(keys) if unique else keys
