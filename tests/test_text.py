import re
from collections import Counter

import numpy as np
import pytest

import collapse_lab as cl
from collapse_lab.text import attested, distinct, k_grams, n_tokens, tokenize, word_counts

TEXT = ["The cat saw Tom. The dog (it’s 3.5 years old) ran!", "Then PEP 8 ran to `__init__`: Tom?"]
CORPUS = cl.Corpus.of(TEXT)


def test_words_numbers_and_marks():
    words = "a well-known e-mail, isn’t it: sys.path, 3.14 and 2."
    assert tokenize(words) == [
        *("a", "well-known", "e-mail", ",", "isn’t", "it", ":"),
        *("sys.path", ",", "3.14", "and", "2", "."),
    ]


def test_capitals_are_left_to_names():
    assert CORPUS.read(CORPUS.documents[0]) == "the cat saw Tom. the dog it’s 3.5 years old ran!"
    names = [
        word for word, is_concrete in zip(CORPUS.words, CORPUS.concrete, strict=True) if is_concrete
    ]
    assert names == ["Tom", "3.5", "PEP", "8", "__init__"]
    assert CORPUS.words[CORPUS.find("PEP")] == "PEP"
    with pytest.raises(ValueError, match="word must be one of the 19 words, got 'Dog'"):
        CORPUS.find("Dog")
    with pytest.raises(ValueError, match="paragraphs must hold at least one word, got none"):
        cl.Corpus.of(["...."][:0])


def test_a_corpus_hands_out_each_document_once():
    drawn = CORPUS.sample(2, rng=1)
    assert sorted(map(len, drawn)) == sorted(map(len, CORPUS.documents))
    with pytest.raises(ValueError, match="n must be at most the 2 observations there are, got 3"):
        CORPUS.sample(3, rng=1)
    assert CORPUS.part([1]).documents == [CORPUS.documents[1]]
    assert CORPUS.part([1]).words == CORPUS.words


@pytest.mark.parametrize("k", [1, 2, 3])
def test_runs_and_distinct_by_hand(k):
    rng = np.random.default_rng(k)
    documents = [rng.integers(5, size=size) for size in (1, 2, 3, 40)]
    runs = [
        tuple(document[i : i + k].tolist())
        for document in documents
        for i in range(len(document) - k + 1)
    ]
    assert list(map(tuple, k_grams(documents, k).tolist())) == runs
    assert distinct(documents, k) == len(set(runs)) / len(runs)
    human = [rng.integers(5, size=12)]
    known = {tuple(human[0][i : i + k].tolist()) for i in range(13 - k)}
    assert attested(documents, k, human) == pytest.approx(np.mean([run in known for run in runs]))
    assert n_tokens(documents) == 46
    count = Counter(np.concatenate(documents).tolist())
    assert word_counts(documents, 6).tolist() == [count[w] for w in range(6)]


def test_lengths_are_checked():
    short = [np.array([1, 2])]
    for measure in (lambda: distinct(short, 3), lambda: attested(short, 3, short)):
        with pytest.raises(ValueError, match="k must be at most the length of the longest doc"):
            measure()
    with pytest.raises(ValueError, match="k must be a whole number of at least 1, got 0"):
        k_grams(short, 0)
    with pytest.raises(ValueError, match=re.escape("k must keep 3^k below 2^63, got 60")):
        distinct([np.zeros(99, dtype=np.int64) + 2], 60)
