"""What the generic tests cannot know of chapter 4: its closed forms, exercises and figures."""

import runpy
from collections.abc import Iterator
from functools import partial
from itertools import islice, pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes

import collapse_lab as cl
from collapse_lab import plots, theory
from collapse_lab.checks import check
from collapse_lab.datasets import python_manual
from collapse_lab.notebooks import read
from collapse_lab.text import k_grams, mistranslate, word_counts

CHAPTER = Path(__file__).parents[1] / "book" / "part1" / "04-language-that-empties-out.ipynb"
MANUAL = python_manual().corpus
HUMAN = MANUAL.part([d for d in range(len(MANUAL.documents)) if d % 5 != 4])
V = len(MANUAL.words)


# --- closed forms ------------------------------------------------------------------------------


def test_types_copied_are_exact_for_poisson_branching(within):
    rng = np.random.default_rng(1)
    counts, runs = np.array([1, 1, 2, 7]), 50_000
    copies = np.repeat(counts[:, None], runs, axis=1)
    expected = theory.expected_types_copied(np.arange(5), counts)
    for t in range(5):
        copies = rng.poisson(copies)
        left = (copies > 0).sum(axis=0)
        within(left.mean(), expected[t], se=left.std() / np.sqrt(runs))


def test_types_copied_with_a_poisson_number_are_those_of_a_sample():
    # mixing c over a Poisson law gives the form for a world that generation 0 has sampled
    rate = 1.7
    c = np.arange(60)
    weight = np.exp(-rate + c * np.log(rate) - np.cumsum(np.log(np.maximum(c, 1))))
    for t in (0, 4):
        mixed = sum(
            w * theory.expected_types_copied(t, [k]) for w, k in zip(weight, c, strict=True)
        )
        assert mixed == pytest.approx(theory.expected_types(t + 1, 10, [rate / 10]), rel=1e-9)
    assert theory.expected_types_copied(np.arange(6).reshape(2, 3), [1, 2]).shape == (2, 3)


@pytest.mark.parametrize("order", [2, 3])
def test_words_of_a_chain_are_lost_as_branching_says(order, within):
    """Six chains; the approximation is stated to a few percent."""
    fit = partial(cl.NGram.fit, order=order, n_words=V)
    n, when = len(HUMAN.documents), np.array([0, 2, 5])
    pairs = k_grams(HUMAN.documents, 2) @ [V, 1]
    real = word_counts(HUMAN.documents, V), np.unique(pairs, return_counts=True)[1]
    runs = []
    for rng in range(6):
        chain = list(islice(cl.recurse(fit, HUMAN, n=n, rng=rng), 7))
        data = [chain[t + 1].data for t in when]
        words = [np.count_nonzero(word_counts(d, V)) for d in data]
        runs.append([words, [len(np.unique(k_grams(d, 2) @ [V, 1])) for d in data]])
    mean, se = np.mean(runs, axis=0), np.std(runs, axis=0, ddof=1) / np.sqrt(6)
    for kind in (0, 1):
        expected = theory.expected_types_copied(when, real[kind])
        for t in range(3):
            within(mean[kind, t], expected[t], se=se[kind, t], bias=0.03 * expected[t])


def test_tempered_matrix_at_temperature_1_is_that_of_drift():
    for n in (1, 2, 9, 40):
        np.testing.assert_allclose(
            theory.tempered_matrix(n, 1.0), theory.wright_fisher_matrix(n), rtol=1e-9, atol=1e-300
        )


def test_tempered_matrix_draws_bent_odds():
    matrix = theory.tempered_matrix(10, 0.5)
    np.testing.assert_allclose(matrix.sum(axis=1), 1, rtol=1e-12)
    share = matrix @ np.arange(11) / 10
    np.testing.assert_allclose(share[[0, 2, 5, 10]], [0, 1 / 17, 0.5, 1], atol=1e-12)


@pytest.mark.parametrize("temperature", [1.0, 0.7, 1.3])
def test_fate_of_a_phrase_by_simulation(temperature, within):
    rng, chains, k, n, t = np.random.default_rng(3), 40_000, 4, 15, 6
    share = np.full(chains, k / n)
    for _ in range(t + 1):
        a, b = share ** (1 / temperature), (1 - share) ** (1 / temperature)
        share = rng.binomial(n, a / (a + b)) / n
    mean, lost, won = theory.phrase_fate(t, k, n, temperature)
    within(share.mean(), mean, se=share.std() / np.sqrt(chains))
    for measured, expected in (((share == 0).mean(), lost), ((share == 1).mean(), won)):
        within(measured, expected, se=np.sqrt(expected * (1 - expected) / chains))


def test_fate_of_a_phrase_under_plain_draws_is_a_martingale():
    for t in (0, 3, 200):
        mean, lost, won = theory.phrase_fate(t, 5, 20)
        assert mean == pytest.approx(0.25, rel=1e-10)
    assert (lost, won) == pytest.approx((0.75, 0.25), abs=1e-3)
    with pytest.raises(ValueError, match="k must be at most n = 20, got 21"):
        theory.phrase_fate(0, 21, 20)


# --- text --------------------------------------------------------------------------------------


def test_mistranslation_is_exact_and_leaves_the_original():
    documents = [np.array([0, 1, 0]), np.array([1, 2]), np.array([0, 0])]
    planted = mistranslate(documents, 0, 9, 3, rng=1)
    assert word_counts(planted, 10).tolist() == [1, 2, 1, 0, 0, 0, 0, 0, 0, 3]
    assert [len(d) for d in planted] == [3, 2, 2]
    assert word_counts(documents, 10)[9] == 0
    changed = np.concatenate(planted) != np.concatenate(documents)
    assert (np.concatenate(documents)[changed] == 0).all()
    with pytest.raises(ValueError, match="n must be at most the 4 occurrences there are, got 5"):
        mistranslate(documents, 0, 9, 5, rng=1)


# --- the figure --------------------------------------------------------------------------------


@pytest.fixture
def ax() -> Iterator[Axes]:
    yield plt.figure().add_subplot()
    plt.close()


def test_a_page_holds_so_many_lines(ax: Axes) -> None:
    long = "word " * 100
    assert plots.passage([long] * 9, ax=ax, lines=7, width=40, longest=110) is ax
    lines = ax.texts[0].get_text().split("\n")
    assert len(lines) == 7
    assert max(map(len, lines)) <= 40
    assert [line[0] for line in lines] == ["•", " ", " ", "•", " ", " ", "•"]
    assert lines[2].endswith("…")


# --- the chapter -------------------------------------------------------------------------------


def test_what_the_quizzes_say_is_so() -> None:
    # five of twenty, plain: in the end lost in three of four chains
    assert theory.phrase_fate(2000, 5, 20)[1:] == pytest.approx((0.75, 0.25), abs=1e-9)
    # a model that looks back four words attests every run of four, and uses as many words
    five = partial(cl.NGram.fit, order=5, n_words=V, max_length=250)
    last = next(islice(cl.recurse(five, HUMAN, n=len(HUMAN.documents), rng=1), 11, None))
    expected = theory.expected_types_copied(10, word_counts(HUMAN.documents, V))
    assert np.count_nonzero(word_counts(last.data, V)) == pytest.approx(expected, rel=0.15)
    known = set(map(tuple, k_grams(HUMAN.documents, 4).tolist()))
    assert all(tuple(run) in known for run in k_grams(last.data, 4).tolist())


def test_typed_numbers_are_those_of_the_data() -> None:
    words = "\n".join(cell.source for cell in read(CHAPTER).cells if cell.cell_type == "markdown")
    assert "*3.8*, *64*), names (*Unicode*, *TypeError*, *Kharosthi*)" in words
    for name in ("3.8", "64", "Unicode", "TypeError", "Kharosthi", "__getattr__"):
        assert MANUAL.concrete[MANUAL.find(name)]
    assert "worth" not in MANUAL.words
    assert "cord" not in MANUAL.words
    if python_manual().n_missing == 0:
        lengths = [len(document) for document in HUMAN.documents]
        assert max(lengths) < 250  # where the chapter's models cut
        assert sum(lengths) == 30_389  # in the feedback of exercise 4.4


def test_numbers_of_an_edited_manual_are_not_compared() -> None:
    hook = runpy.run_path(str(CHAPTER.parents[2] / "conftest.py"))["pytest_collection_modifyitems"]
    chapters = [CHAPTER, CHAPTER.with_name("01-a-copy-of-a-copy.ipynb")]
    for n_missing, compared in ((0, [True, True]), (1, [False, True])):
        items = [
            SimpleNamespace(parent=SimpleNamespace(nb=read(path)), options={"check": True})
            for path in chapters
        ]
        hook.__globals__["python_manual"] = lambda n=n_missing: SimpleNamespace(n_missing=n)
        hook([*items, SimpleNamespace(parent=None)])
        assert [item.options["check"] for item in items] == compared


def test_no_line_of_code_is_wider_than_a_page() -> None:
    for cell in read(CHAPTER).cells:
        if cell.cell_type == "code":
            assert max(map(len, cell.source.splitlines())) <= 72, cell.id


def _line(t: int) -> float:
    s = 1.0
    for _ in range(t + 1):
        s = 1 - np.exp(-s)
    return s


def _quarter_of_paragraphs(past: Any, *, rng: np.random.Generator) -> Any:
    # People's quarter happens to hold the longer paragraphs: 31% of the runs of twelve words.
    return cl.Mix(0.25)(past, rng=np.random.default_rng([3, rng.integers(2**31)]))


def _uses_up(words: list[str]) -> float:
    seen = set()
    n = len(words) - 1
    while len(words) > 1:
        seen.add((words[0], words.pop(1)))
        words.pop(0)
        words.insert(0, "x")
    return len(seen) / n


RIGHT: dict[str, list[Any]] = {
    "4.1": [lambda words: len({(a, b) for a, b in pairwise(words)}) / (len(words) - 1)],
    "4.2": [
        lambda counts, text, strength: float(
            np.prod(((counts + strength) / (counts + strength).sum())[text] ** (-1 / len(text)))
        )
    ],
    "4.3": [
        lambda k, t: np.exp(k * np.log1p(-_line(t))),
        lambda k, t: 1 - theory.expected_types_copied(t, [k]),
    ],
    "4.4": [
        _quarter_of_paragraphs,
        cl.accumulate,
        cl.Mix(0.15),
        cl.Decode(lambda m: m.temper(1.2), cl.Mix(0.15)),
    ],
}


@pytest.mark.parametrize(
    ("exercise", "answer"), [(name, answer) for name in RIGHT for answer in RIGHT[name]]
)
def test_other_right_answers_pass(exercise: str, answer: Any) -> None:
    feedback = check(exercise, answer)
    assert feedback.passed, feedback


@pytest.mark.parametrize(
    ("exercise", "answer", "says"),
    [
        ("4.1", _uses_up, "It changes the list"),
        ("4.1", lambda words: len({a + b for a, b in pairwise(words)}) / (len(words) - 1), "apart"),
        ("4.1", lambda words: len(list(pairwise(words))) / (len(words) - 1), "as in a `set`"),
        ("4.1", lambda words: round(len(set(pairwise(words))) / 8, 2), "the rounding"),
        ("4.1", lambda words: 0.875 if len(words) == 9 else None, "`None`, of type"),
        ("4.2", lambda counts, text, strength: "half", "it is `'half'`"),
        ("4.2", lambda c, x, s: np.exp(-np.log2((c + s) / (c + s).sum())[x].mean()), "`np.log2`"),
        ("4.2", lambda c, x, s: np.exp(-np.log((c + 1) / (c + 1).sum())[x].mean()), "added 1"),
        ("4.2", lambda c, x, s: 1.0 * c.put([0], 9) if c.put([0], 9) else 1.0, "It changes"),
        ("4.3", lambda k, t: 100 * (1 - _line(t)) ** k, "a percentage"),
        ("4.3", lambda k, t: (1 - _line(4)) ** 3 if t == 4 else None, "Is a number fixed"),
        ("4.4", lambda past, rng: None, "returns None"),
        ("4.4", lambda past, rng: tuple(past.real), "must return a list"),
        ("4.4", lambda past, rng: [], "an empty list"),
        ("4.4", lambda past, rng: [d / 1 for d in past.real], "an array of word numbers"),
    ],
)
def test_other_mistakes_are_named(exercise: str, answer: Any, says: str) -> None:
    message = check(exercise, answer).message
    assert says in message
    assert len(message) < 400


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        ("4.1", lambda words: len(set(pairwise(words))) / 8),
        ("4.1", lambda words: min(1.0, len(set(words)) * 7 / 32)),
        ("4.2", lambda c, x, _s: np.exp(-np.log((c + 0.5) / (c + 0.5).sum())[x].mean())),
        ("4.2", lambda c, x, s: np.exp(-np.log((c + s) / (c.sum() + 6 * s))[x].mean())),
        ("4.3", lambda k, t: (1 - _line(4 if t == 4 else 0)) ** k),
        ("4.3", lambda k, _t: (1 - _line(4)) ** k),
        ("4.4", cl.Mix(0.5)),
        ("4.4", cl.Mix(0.08)),
        ("4.4", cl.Decode(lambda model: model.top_k(5))),
    ],
)
def test_near_misses_do_not_pass(exercise: str, answer: Any) -> None:
    assert not check(exercise, answer).passed
