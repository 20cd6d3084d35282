"""Real data: dog registrations, word frequencies, English prose. Nothing is downloaded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from collapse_lab.rules import whole_number
from collapse_lab.text import Corpus, tokenize


@dataclass(frozen=True, eq=False)
class Frequencies:
    """Types with their shares, most common first.

    Attributes
    ----------
    names : tuple of str, length K
    p : array, shape (K,)
        Shares; they sum to 1.
    """

    names: tuple[str, ...]
    p: NDArray[np.float64]


# Registrations of the UK Kennel Club in 2016, as reported by Dog World in 2017 (`dogworld2017`).
_REGISTERED = {
    "Labrador Retriever": 33_856,
    "Cocker Spaniel": 21_854,
    "French Bulldog": 21_470,
    "Pug": 10_408,
    "English Springer Spaniel": 9_827,
    "Bulldog": 7_785,
    "German Shepherd": 7_751,
    "Golden Retriever": 7_232,
    "Miniature Schnauzer": 5_437,
    "Border Terrier": 5_150,
}
_ALL_REGISTERED = 227_708


def kennel_club_2016(n_unlisted: int = 200) -> Frequencies:
    """Shares of dog breeds in the UK Kennel Club's registrations of 2016.

    The report lists the ten most common breeds and the total, 227,708. The 96,938 dogs of the
    other breeds, some 200 of them, are not itemized there. Here they are **modeled**: breed
    number r after the tenth gets 5,150 (1 + r/s)^-3 dogs, so that the tail starts where the list
    ends, and the scale s is chosen so that the tail adds up to 96,938.

    Parameters
    ----------
    n_unlisted : int
        Number of breeds in the modeled tail: at least 19, or they cannot hold 96,938 dogs
        without one of them being more common than the tenth.

    Returns
    -------
    Frequencies
        K = 10 + `n_unlisted` types; the modeled ones are named "unlisted breed 1", 2, ...

    Notes
    -----
    Source: `dogworld2017`.
    """
    n_unlisted = whole_number("n_unlisted", n_unlisted, at_least=19)
    listed = np.array(list(_REGISTERED.values()), dtype=np.float64)
    rest = _ALL_REGISTERED - listed.sum()
    tail = _falling_tail(listed[-1], rest, n_unlisted)
    names = (*_REGISTERED, *(f"unlisted breed {r}" for r in range(1, n_unlisted + 1)))
    counts = np.concatenate([listed, tail])
    return Frequencies(names, counts / counts.sum())


def _falling_tail(start: float, total: float, length: int) -> NDArray[np.float64]:
    """Return start * (1 + r/s)^-3 for r = 1..length, with the s for which they sum to `total`."""
    from scipy.optimize import brentq  # loaded only here: most of the package needs no scipy

    rank = np.arange(1, length + 1)
    scale = brentq(lambda s: (start * (1 + rank / s) ** -3).sum() - total, 1.0, 1e6, xtol=1e-12)
    return np.asarray(start * (1 + rank / scale) ** -3)


@dataclass(frozen=True, eq=False)
class Benchmark:
    """Scores of models as somebody published them, beside their sizes.

    Attributes
    ----------
    name : str
    models : tuple of str
    parameters : int array, shape (m,)
        As published: rounded to whole millions.
    score : array, shape (m,)
        The benchmark's mean score; more is better.
    role : tuple of str
        What the source, or the model's name, says about each: "teacher", "student" (distilled from
        the teacher), "multilingual", or "other".
    """

    name: str
    models: tuple[str, ...]
    parameters: NDArray[np.int64]
    score: NDArray[np.float64]
    role: tuple[str, ...]


def _benchmark(name: str, rows: list[tuple[str, int, float, str]]) -> Benchmark:
    models, millions, score, role = zip(*rows, strict=True)
    parameters = np.array(millions, dtype=np.int64) * 1_000_000
    return Benchmark(name, models, parameters, np.array(score, dtype=np.float64), role)


def beir_2024() -> Benchmark:
    """Scores of six rerankers on BEIR, from a vendor's own table of May 2024.

    Three are the vendor's, two of them distilled from the third. No uncertainty, and no time or
    energy, is published with them. Source: `martens2024ai`.
    """
    return _benchmark(
        "BEIR",
        [
            ("jina-reranker-v1-base-en", 137, 52.45, "teacher"),
            ("jina-reranker-v1-turbo-en", 38, 49.60, "student"),
            ("jina-reranker-v1-tiny-en", 33, 48.54, "student"),
            ("mxbai-rerank-base-v1", 184, 49.19, "other"),
            ("mxbai-rerank-xsmall-v1", 71, 48.80, "other"),
            ("bge-reranker-base", 278, 47.89, "other"),
        ],
    )


def mteb_2024() -> Benchmark:
    """Mean scores of three embedding models on MTEB, from a vendor's own table of May 2024.

    The first is the vendor's. By their names, the first is for English and the second is
    multilingual: they were not made for the same task. Source: `martens2024ai`.
    """
    return _benchmark(
        "MTEB",
        [
            ("jina-embeddings-v2-base-en", 137, 60.38, "other"),
            ("multilingual-e5-base", 278, 59.45, "multilingual"),
            ("sentence-t5-xl", 1240, 57.87, "other"),
        ],
    )


@cache
def word_frequencies(language: str = "en") -> Frequencies:
    """Word frequencies from the package `wordfreq` (`speer2022wordfreq`), normalized.

    For English there are 321,180 words. The package rounds its frequencies to a logarithmic grid
    (only 564 distinct values) and stops near 1e-8; they sum to 0.987 before they are normalized
    here. The data are CC BY-SA 4.0.

    Parameters
    ----------
    language : str
        A language code for which `wordfreq` has a list: "en", "ja", ...
    """
    import wordfreq

    known = wordfreq.available_languages("best")
    if language not in known:
        raise ValueError(f"language must be one of {sorted(known)}, got {language!r}")
    # the words of each rounded frequency, from the most frequent on: centibels below certainty
    buckets = wordfreq.get_frequency_list(language, wordlist="best")
    names = tuple(word for bucket in buckets for word in sorted(bucket))
    rounded = [wordfreq.cB_to_freq(-below) for below in range(len(buckets))]
    p = np.repeat(np.array(rounded), [len(bucket) for bucket in buckets])
    p /= p.sum()
    p.setflags(write=False)  # the next caller gets this same array
    return Frequencies(names, p)


@dataclass(frozen=True, eq=False)
class Prose:
    """English prose, as a corpus.

    Attributes
    ----------
    corpus : Corpus
        One document for each paragraph.
    n_missing : int
        Paragraphs of the fixed text that this version of Python no longer has.
    """

    corpus: Corpus
    n_missing: int


@cache
def python_manual() -> Prose:
    """English prose written by people: the language reference that comes with Python.

    The standard library carries it for `help()`, as ``pydoc_data.topics`` (license: PSF-2.0). It
    is edited from version to version. To have one text for all, `python_manual.txt` lists the check
    sums of the paragraphs that Python 3.11.2, 3.11.7, 3.12.1 and 3.13.0 have in common, in the
    order of 3.11.7; see `prose_paragraphs` for what counts as a paragraph. A repeated paragraph is
    taken once. The text itself is read from the Python that runs.

    Returns
    -------
    Prose
        38,426 words, marks included, in 1,047 paragraphs, while `n_missing` is 0.
    """
    from pydoc_data.topics import topics

    found = prose_paragraphs(topics)
    text = (resources.files("collapse_lab") / "python_manual.txt").read_text(encoding="ascii")
    listed = [int(number, 16) for number in text.split()]
    kept = [found[number] for number in listed if number in found]
    return Prose(Corpus.of(kept), len(listed) - len(kept))


def prose_paragraphs(topics: Mapping[str, str]) -> dict[int, str]:
    """Return the paragraphs of prose in help topics, each once, by the check sum of their words.

    Prose has at least eight words, half of them in small letters, begins like a sentence, ends
    with a mark, and holds neither grammar rules nor a Python prompt. Line breaks, list marks and
    quotation marks make no difference to the check sum.
    """
    paragraphs: dict[int, str] = {}
    for name in sorted(topics):
        for block in re.split(r"\n\s*\n", topics[name]):
            paragraph = re.sub(r"^(?:[*-]|\d+\.|\(\d+\))\s+", "", block.strip())
            words = tokenize(paragraph)
            n_plain = sum(word.isalpha() and word.islower() for word in words)
            is_prose = (
                len(words) >= 8
                and 2 * n_plain >= len(words)
                and re.search(r"^[\w\"“*].*[.:?!)”\"]$", paragraph, re.DOTALL)
                and not re.search("::=|>>>", paragraph)
            )
            if is_prose:
                paragraphs.setdefault(crc32(" ".join(words).encode()), paragraph)
    return paragraphs
