import re
from importlib import resources

import numpy as np
import pytest

import collapse_lab as cl
from collapse_lab.datasets import (
    beir_2024,
    kennel_club_2016,
    mteb_2024,
    prose_paragraphs,
    python_manual,
    word_frequencies,
)


def test_kennel_club_shares():
    breeds = kennel_club_2016()
    assert len(breeds.names) == len(breeds.p) == 210
    assert breeds.names[:2] == ("Labrador Retriever", "Cocker Spaniel")
    assert breeds.p.dtype == np.float64
    assert breeds.p.sum() == pytest.approx(1, abs=1e-12)
    assert breeds.p[0] == pytest.approx(33_856 / 227_708, rel=1e-12)
    assert breeds.p[:10].sum() == pytest.approx(130_770 / 227_708, rel=1e-12)
    assert (np.diff(breeds.p) < 0).all()


@pytest.mark.parametrize("n_unlisted", [19, 20, 200, 2_000])
def test_modeled_tail_starts_where_the_list_ends(n_unlisted):
    breeds = kennel_club_2016(n_unlisted)
    tail = breeds.p[10:] * 227_708
    assert len(tail) == n_unlisted
    assert tail.sum() == pytest.approx(96_938, rel=1e-9)
    assert (tail < 5_150).all()
    rank = np.arange(1, n_unlisted + 1)
    base = (tail / 5_150) ** (-1 / 3)  # 1 + r/s, a straight line from 1
    np.testing.assert_allclose((base - 1) / rank, base[-1] / rank[-1] - 1 / rank[-1], rtol=1e-6)


def test_n_unlisted_is_checked():
    with pytest.raises(
        ValueError, match="n_unlisted must be a whole number of at least 19, got 18"
    ):
        kennel_club_2016(18)  # 18 breeds of at most 5,150 dogs hold 92,700


def test_english_words():
    words = word_frequencies()
    assert len(words.names) == len(words.p) == 321_180
    assert words.names[0] == "the"
    assert words.p.sum() == pytest.approx(1, abs=1e-12)
    assert (np.diff(words.p) <= 0).all()
    assert len(np.unique(words.p)) == 564
    assert word_frequencies("en") is word_frequencies("en")


def test_shared_words_cannot_be_overwritten():
    p = word_frequencies().p
    with pytest.raises(ValueError, match="read-only"):
        p[0] = 1
    assert len(cl.Categorical(p, draw="counts").sample(100, rng=1)) == 100


def test_language_is_checked():
    with pytest.raises(ValueError, match=r"language must be one of \[.*'en'.*\], got 'xx'"):
        word_frequencies("xx")
    with pytest.raises(ValueError, match=re.escape("got None")):
        word_frequencies(None)


def test_the_manual_is_prose_in_paragraphs():
    prose = python_manual()
    corpus = prose.corpus
    if prose.n_missing == 0:
        assert (len(corpus.documents), len(corpus.words)) == (1047, 2947)
        assert sum(map(len, corpus.documents)) == 38_426
    assert prose.n_missing <= 200  # a later Python may have edited some
    assert corpus.read(corpus.documents[0]).startswith("assert statements are a convenient way")
    texts = list(map(corpus.read, corpus.documents))
    assert len(set(texts)) == len(texts)
    assert python_manual() is prose


def test_paragraphs_that_a_python_lacks_are_counted(monkeypatch):
    from pydoc_data import topics as manual

    whole = python_manual()
    kept = {name: text for name, text in manual.topics.items() if name != "assert"}
    monkeypatch.setattr(manual, "topics", kept)
    less = python_manual.__wrapped__()
    lost = len(whole.corpus.documents) - len(less.corpus.documents)
    assert less.n_missing - whole.n_missing == lost > 0


def test_what_is_prose():
    topics = {
        "b": "* A line that counts, with “marks” and\n  a break in it.\n\n"
        ">>> print(1)  # this has a prompt.",
        "a": 'A line that counts, with "marks" and a break\nin it.\n\nToo short.',
        "c": "rule ::= this is a rule of some grammar.\n\n"
        "and this paragraph is not closed by a mark",
    }
    assert list(prose_paragraphs(topics).values()) == [
        'A line that counts, with "marks" and a break\nin it.'
    ]


def test_the_check_sums_are_listed_once():
    listed = (resources.files("collapse_lab") / "python_manual.txt").read_text().split()
    assert len(set(listed)) == len(listed) == 1047


def test_published_scores_are_those_of_the_source():
    beir, mteb = beir_2024(), mteb_2024()
    rows = list(zip(beir.models, beir.parameters.tolist(), beir.score.tolist(), strict=True))
    assert rows[0] == ("jina-reranker-v1-base-en", 137_000_000, 52.45)
    assert rows[1] == ("jina-reranker-v1-turbo-en", 38_000_000, 49.6)
    assert rows[2] == ("jina-reranker-v1-tiny-en", 33_000_000, 48.54)
    assert beir.role == ("teacher", "student", "student", "other", "other", "other")
    assert beir.score[3:].tolist() == [49.19, 48.80, 47.89]
    assert (beir.parameters[3:] // 10**6).tolist() == [184, 71, 278]
    assert mteb.score.tolist() == [60.38, 59.45, 57.87]
    assert (mteb.parameters // 10**6).tolist() == [137, 278, 1240]
    assert mteb.role[1] == "multilingual"
    for table in (beir, mteb):
        assert table.parameters.dtype == np.int64
        assert len(table.models) == len(table.role) == len(table.score) == len(table.parameters)
