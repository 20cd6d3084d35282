"""Copies of copies of a text: what chains of n-gram models keep of its words and of its grammar.

Chapter 4 runs one chain of each kind; here are 200. Their number was fixed before the study was
run, after the chapter had been written with three to five chains of each kind, and sixteen for the
planted words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cache, partial
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from collapse_lab import text
from collapse_lab.datasets import python_manual
from collapse_lab.ngram import NGram
from collapse_lab.policies import Decode, Mix, replace
from collapse_lab.protocols import Fit, Policy
from collapse_lab.recursion import recurse
from collapse_lab.studies.averages import by_name, with_errors
from collapse_lab.studies.study import Study
from collapse_lab.text import Corpus, Documents

CHAINS = 200
CASES = ("back 1", "back 2", "back 3", "smoothed", "sharp", "mixed")
MIDDLE, LAST = 5, 20  # generations
START, SHORT = 15_000, 4_000  # words from the start of a text, for measures that know its length
PLANTED = {"worth": ("value", 0.25), "cord": ("string", 0.75)}  # for what word, in which share
LAST_PLANTED = 1
LIMIT, SHARP_LIMIT = 1000, 250  # words of a paragraph


def corpora() -> tuple[Corpus, Corpus, Corpus]:
    """Return the manual, the four fifths that models may read, and the fifth kept aside."""
    manual = python_manual().corpus
    numbers = range(len(manual.documents))
    human = manual.part([d for d in numbers if d % 5 != 4])
    return manual, human, manual.part([d for d in numbers if d % 5 == 4])


def ways(n_words: int) -> dict[str, tuple[Fit, Policy]]:
    """Return fit and policy of each kind of chain.

    "back 1", "back 2" and "back 3" look back so many words and draw plainly. The others look back
    two: "smoothed" ones smooth; "sharp" ones draw at temperature 0.8, and are cut at 250 words, for
    some of them go round in circles; "mixed" ones read a tenth of human text.
    """
    fit = partial(NGram.fit, n_words=n_words, max_length=LIMIT)
    three = partial(fit, order=3)
    sharp = Decode(lambda model: model.temper(0.8))
    return {
        "back 1": (partial(fit, order=2), replace),
        "back 2": (three, replace),
        "back 3": (partial(fit, order=4), replace),
        "smoothed": (partial(three, smoothing="witten-bell"), replace),
        "sharp": (partial(three, max_length=SHARP_LIMIT), sharp),
        "mixed": (three, Mix(0.1)),
    }


def written(
    fit: Fit, world: Corpus, policy: Policy, *, last: int, rng: np.random.Generator
) -> list[Documents]:
    """Return what generations 0 to `last` write, and what a policy adds."""
    chain = recurse(fit, world, n=len(world.documents), policy=policy, rng=rng)
    return [g.data for g in islice(chain, 1, last + 2)]


def plant(human: Corpus, *, rng: np.random.Generator) -> Corpus:
    """Return a text in which shares of two words are mistranslated, at random places."""
    documents = human.documents
    for wrong, (_, (right, share)) in enumerate(PLANTED.items(), start=len(human.words)):
        there = text.word_counts(human.documents, len(human.words))[human.find(right)]
        places = round(share * there)
        documents = text.mistranslate(documents, human.find(right), wrong, places, rng=rng)
    return Corpus((*human.words, *PLANTED), documents)


@cache
def _known() -> tuple[Corpus, Documents, NDArray[np.int64], NDArray[np.bool_]]:
    """Return human text, the part kept aside, how often each word is used, which are concrete."""
    manual, human, unseen = corpora()
    counts = text.word_counts(human.documents, len(manual.words))
    return human, unseen.documents, counts, manual.concrete


def _measures(documents: Documents) -> dict[str, float]:
    """Measure a text in ways that take a while."""
    human, unseen, counts, _ = _known()
    start = [np.concatenate(documents)[:START]]
    reader = NGram.fit(documents, order=3, n_words=len(counts), smoothing="witten-bell")
    return {
        "type_token": text.distinct(start, 1),
        "distinct": text.distinct(start, 2),
        "attested": _attested(documents, human.documents),
        "perplexity": reader.perplexity(unseen),
    }


def _attested(documents: Documents, human: Documents) -> float:
    """Share of the runs of four words that stand in human text; 1 where there is no such run."""
    if max(map(len, documents)) < 4:
        return 1.0
    return text.attested(documents, 4, human)


def _left(seen: NDArray[np.bool_]) -> dict[str, float]:
    """Shares of the words seen, by how often people used them, and by their kind."""
    _, _, counts, concrete = _known()
    found = {"once": float(seen[counts == 1].mean()), "often": float(seen[counts >= 10].mean())}
    for c in range(1, 6):
        facts, others = (seen[kind & (counts == c)].mean() for kind in (concrete, ~concrete))
        found |= {f"facts_{c}": facts, f"others_{c}": others, f"gap_{c}": facts - others}
    return found


def _one_chain(case: str, rng: np.random.Generator) -> dict[str, float]:
    human, _, counts, concrete = _known()
    fit, policy = ways(len(counts))[case]
    texts = written(fit, human, policy, last=LAST, rng=rng)
    limit = SHARP_LIMIT if case == "sharp" else LIMIT
    found: dict[str, float] = {}
    for t, documents in enumerate(texts):
        said = text.word_counts(documents, len(counts))
        found[f"words_{t}"] = int(np.sum(said > 0))
        if t in (0, MIDDLE, LAST):
            found[f"length_{t}"] = int(said.sum())
            found[f"names_{t}"] = int(np.sum(said[concrete] > 0))
            found[f"others_{t}"] = int(np.sum(said[~concrete] > 0))
            found[f"said_{t}"] = int(said[concrete].sum())
            found[f"cut_{t}"] = float(np.mean([len(d) == limit for d in documents]))
            found |= {f"{name}_{t}": value for name, value in _measures(documents).items()}
    for t in (MIDDLE, LAST):
        found[f"attested_change_{t}"] = found[f"attested_{t}"] - found["attested_0"]
    middle, last = texts[MIDDLE], texts[LAST]
    seen = text.word_counts(middle, len(counts)) > 0
    found |= {f"left_{name}": value for name, value in _left(seen).items()}
    found["pairs"] = text.distinct([np.concatenate(middle)[:SHORT]], 2)
    kinds = Counter(document.tobytes() for document in last)
    found["commonest"] = max(kinds.values()) / len(last)
    found["only_one"] = float(len(kinds) == 1)
    return found


def _one_planted(case: str, rng: np.random.Generator) -> dict[str, float]:
    human, *_ = _known()
    world, V = plant(human, rng=rng), len(human.words)
    policy: Policy = Decode(lambda model: model.temper(0.6)) if case == "sharp" else replace
    fit = partial(NGram.fit, order=2, n_words=V + len(PLANTED))
    texts = written(fit, world, policy, last=LAST_PLANTED, rng=rng)
    found: dict[str, float] = {}
    for wrong, (name, (right, _)) in enumerate(PLANTED.items(), start=V):
        pair = [wrong, human.find(right)]
        began = text.word_counts(world.documents, len(world.words))[pair]
        for t, documents in enumerate(texts):
            said = text.word_counts(documents, len(world.words))[pair]
            share = said[0] / said.sum()
            found |= {f"{name}_{t}": share, f"{name}_said_{t}": said[0]}
        found[f"{name}_rises"] = float(share > began[0] / began.sum())
    return found


def writing(case: str, *, rng: np.random.Generator) -> Mapping[str, float]:
    """Measure 200 chains of copies of the manual that comes with Python.

    Parameters
    ----------
    case : str
        Kind of the models and of their draws: a key of what `ways` returns.
    rng : Generator or seed

    Returns
    -------
    dict from str to float
        Means over chains, with standard errors, of the text that generation t writes.
        ``words_t``, different words, for t from 0 to 20. For t = 0, 5 and 20: ``length_t``, words
        in all; ``names_t``, different names and numbers, and ``others_t``, other words;
        ``said_t``, how often names and numbers are said in all; ``cut_t``, share of paragraphs that
        are as long as they may be; ``type_token_t`` and
        ``distinct_t``, type-token ratio and distinct-2 of the first 15,000 words; ``attested_t``,
        share of the runs of four words that stand in human text, 1 where there is no such run (a
        sharp chain may end with two words and a mark, again and again); ``perplexity_t`` of a
        smoothed reader of the text, on human text kept aside. ``attested_change_5`` and ``_20``:
        within a chain, less generation 0.
        At generation 5: ``pairs``, distinct-2 of the first 4,000 words; ``left_once`` and
        ``left_often``, shares that are left of the words that people used once, and ten times or
        more; ``left_facts_c`` and ``left_others_c``, shares that are left of the names and numbers,
        and of the other words, that people used c = 1 to 5 times, and within a chain their
        difference ``left_gap_c``.
        At generation 20: ``commonest``, share of the commonest paragraph; ``only_one``, share of
        chains that have no other.
    """
    return with_errors(by_name([_one_chain(case, child) for child in _children(rng)]))


def planted(case: str, *, rng: np.random.Generator) -> Mapping[str, float]:
    """Measure 200 chains of copies of the manual, with two words mistranslated.

    Before the first model reads it, *worth* is put for a quarter of all *value*, and *cord* for
    three quarters of all *string*, at random places. The models look back one word.

    Parameters
    ----------
    case : str
        "plain" draws, or "sharp" ones, at temperature 0.6.
    rng : Generator or seed

    Returns
    -------
    dict from str to float
        Means over chains, with standard errors. In the text that generation t = 0, 1 writes:
        ``worth_t``, share of *worth* among *worth* and *value*; ``worth_said_t``, how often it is
        said. ``worth_rises``: share of chains in which the share at generation 1 is larger than
        what was planted. The same for ``cord``, with *string*.
    """
    return with_errors(by_name([_one_planted(case, child) for child in _children(rng)]))


def _children(rng: np.random.Generator) -> list[np.random.Generator]:
    """Independent generators, one for each chain."""
    return np.random.default_rng(rng).spawn(CHAINS)


WRITING = Study(
    "writing",
    "Copies of copies of a text by n-gram models, 200 chains of each kind.",
    writing,
    {"case": CASES},
    seed=44,
)
MISTRANSLATED = Study(
    "mistranslated",
    "Two words mistranslated in a text: their share in copies of copies, 200 chains of each kind.",
    planted,
    {"case": ("plain", "sharp")},
    seed=45,
)
