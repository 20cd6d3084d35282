"""The n-gram family against a slow twin: a dict of Counters, one word at a time."""

import re
from collections import Counter, defaultdict
from functools import partial
from itertools import islice

import numpy as np
import pytest

import collapse_lab as cl
from collapse_lab.testing import check_family
from collapse_lab.text import k_grams, n_tokens

SENTENCES = ["the dog saw the cat.", "the cat saw a dog.", "a dog barks.", "the dog barks!"]
CORPUS = cl.Corpus.of(SENTENCES)
V = len(CORPUS.words)
END = None
KINDS = [("none", 1.0), ("additive", 0.3), ("witten-bell", 1.0)]


class SlowNGram:
    """The definition, written down again without numpy's help."""

    def __init__(self, documents, order, smoothing, strength=1.0):
        self.order, self.smoothing, self.strength = order, smoothing, strength
        self.seen = [defaultdict(Counter) for _ in range(order)]  # by length of the context
        for document in documents:
            words = [END] * (order - 1) + [int(w) for w in document] + [END]
            for i in range(order - 1, len(words)):
                for length in range(order):
                    self.seen[length][tuple(words[i - length : i])][words[i]] += 1

    def probability(self, word, context):
        context = tuple(context)[len(context) - (self.order - 1) :] if self.order > 1 else ()
        if self.smoothing == "witten-bell":
            p = 1 / (V + 1)
            for length in range(self.order):
                after = self.seen[length].get(context[len(context) - length :])
                if after:
                    total, kinds = after.total(), len(after)
                    p = (after[word] + kinds * p) / (total + kinds)
            return p
        after = self.seen[-1].get(context, Counter())
        if self.smoothing == "additive":
            return (after[word] + self.strength) / (after.total() + self.strength * (V + 1))
        return after[word] / after.total() if after else 0.0

    def log_prob(self, document):
        words = [END] * (self.order - 1) + [int(w) for w in document] + [END]
        steps = range(self.order - 1, len(words))
        return sum(np.log(self.probability(words[i], words[i - self.order + 1 : i])) for i in steps)


def fitted(order=3, smoothing="none", strength=1.0, **options):
    return cl.NGram.fit(
        CORPUS.documents, order=order, n_words=V, smoothing=smoothing, strength=strength, **options
    )


@pytest.mark.parametrize("order", [1, 2, 3, 4])
@pytest.mark.parametrize(("smoothing", "strength"), KINDS)
def test_probabilities_are_those_of_the_slow_twin(order, smoothing, strength):
    rng = np.random.default_rng(order)
    strange = [rng.integers(V, size=size) for size in (0, 1, 2, 5, 9)]
    documents = [*CORPUS.documents, *(strange if smoothing != "none" else [])]
    slow = SlowNGram(CORPUS.documents, order, smoothing, strength)
    model = fitted(order, smoothing, strength)
    expected = [slow.log_prob(document) for document in documents]
    np.testing.assert_allclose(model.log_prob(documents), expected, rtol=1e-12)
    mean = -sum(expected) / (n_tokens(documents) + len(documents))
    assert model.perplexity(documents) == pytest.approx(np.exp(mean), rel=1e-12)


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize(("smoothing", "strength"), KINDS)
def test_samples_have_the_law_of_the_slow_twin(order, smoothing, strength):
    """The first words of 20,000 documents, run by run, within 4.9 standard errors."""
    n = 20_000
    drawn = fitted(order, smoothing, strength, max_length=60).sample(n, rng=5)
    slow = SlowNGram(CORPUS.documents, order, smoothing, strength)
    outcomes = [END, *range(V)]
    first = Counter(tuple(int(w) for w in document[:2]) for document in drawn)
    start = [END] * (order - 1)
    for one in outcomes:
        p_one = slow.probability(one, start)
        cases = {(): p_one} if one is END else {}
        if one is not END:
            after = [*start, one]
            cases[one,] = p_one * slow.probability(END, after)
            cases |= {(one, two): p_one * slow.probability(two, after) for two in range(V)}
        for words, p in cases.items():
            se = np.sqrt(n * p * (1 - p))
            assert abs(first[words] - n * p) <= 4.9 * se + 0.5 * (p > 0), (
                words,
                first[words],
                n * p,
            )


@pytest.mark.parametrize("order", [2, 3, 4])
@pytest.mark.parametrize(("smoothing", "strength"), KINDS)
def test_contexts_move_on_as_in_the_slow_twin(order, smoothing, strength):
    """The word after the first one, two, three, where at least 500 documents begin with these."""
    drawn = fitted(order, smoothing, strength, max_length=60).sample(20_000, rng=8)
    slow = SlowNGram(CORPUS.documents, order, smoothing, strength)
    for length in (1, 2, 3):
        begun = Counter(tuple(d[:length].tolist()) for d in drawn if len(d) >= length)
        usual = [words for words, count in begun.items() if count >= 500]
        assert usual
        for words in usual:
            after = [d[length] if len(d) > length else END for d in drawn]
            after = [w for w, d in zip(after, drawn, strict=True) if (*d[:length],) == words]
            seen, n = Counter(after), len(after)
            for word in [END, *range(V)]:
                p = slow.probability(word, [END] * (order - 1) + list(words))
                assert abs(seen[word] - n * p) <= 4.9 * np.sqrt(n * p * (1 - p)) + 0.5 * (p > 0)


@pytest.mark.parametrize("order", [1, 2, 3])
def test_every_run_keeps_its_expected_number(order):
    """Without smoothing n documents repeat each run of up to `order` words as often, on average."""
    n = 8_000
    drawn, real = fitted(order, max_length=10_000).sample(n, rng=2), CORPUS.documents
    for k in range(1, order + 1):
        expected = Counter(map(tuple, k_grams(real, k).tolist()))
        measured = [Counter(map(tuple, k_grams([d], k).tolist())) for d in drawn]
        for run, count in expected.items():
            per_document = np.array([each[run] for each in measured])
            se = per_document.std() / np.sqrt(n)
            assert abs(per_document.mean() - count / len(real)) <= 4.9 * se, (run, count)


def test_a_run_that_was_never_seen_is_impossible_without_smoothing_only():
    strange = [np.array([0, 0])]
    assert fitted().log_prob(strange) == -np.inf
    assert fitted().perplexity(strange) == np.inf
    assert np.isfinite(fitted(smoothing="witten-bell").log_prob(strange)).all()


def test_documents_are_cut_and_the_next_model_learns_it():
    loop = cl.NGram.fit([np.array([0] * 999)], order=2, n_words=1, max_length=7)
    cut = loop.sample(50, rng=1)
    assert max(map(len, cut)) == 7
    model = cl.NGram.fit(cut[:1], order=9, n_words=1)
    assert [d.tolist() for d in model.sample(2, rng=1)] == [cut[0].tolist()] * 2
    assert model.log_prob(cut[:1]).tolist() == [0]


@pytest.mark.parametrize("order", [1, 2, 4])
def test_every_seen_successor_leads_to_a_seen_context(order):
    for model in (fitted(order), fitted(order).temper(0.5), fitted(order).top_k(1)):
        level = model.levels[0]
        sizes = np.diff(level.ends, prepend=0)
        reached = np.repeat(level.contexts, sizes) * level.base + level.outcomes
        inner = level.outcomes > 0
        expected = reached[inner] % level.base**level.length
        assert (level.contexts[level.following[inner]] == expected).all()


def test_temperature_bends_odds_in_each_context():
    documents = [np.array([0, 1])] * 3 + [np.array([0, 2])] + [np.array([3, 2])]
    model = cl.NGram.fit(documents, order=2, n_words=4).temper(0.5)
    p = np.exp(model.log_prob([np.array([0, 1]), np.array([0, 2]), np.array([3, 2])]))
    start = 16 / 17  # 4 : 1 squared
    np.testing.assert_allclose(p, [start * 0.9, start * 0.1, 1 / 17], rtol=1e-12)
    same = fitted().temper(1.0)
    np.testing.assert_allclose(same.log_prob(CORPUS.documents), fitted().log_prob(CORPUS.documents))


def test_the_coldest_model_takes_the_best_word_in_rare_and_in_common_contexts():
    documents = [np.array([0, 1, 2])] * 3 + [np.array([0, 1, 3])] * 2 + [np.full(2000, 4)]
    cold = cl.NGram.fit(documents, order=2, n_words=5).temper(1e-3)
    np.testing.assert_allclose(cold.log_prob([np.array([0, 1, 2])]), 0, atol=1e-12)


def test_top_k_keeps_the_most_probable_and_then_the_first():
    documents = [np.array([w]) for w in (2, 2, 1, 0)] + [np.array([2, 2])]
    model = cl.NGram.fit(documents, order=2, n_words=3)
    p = np.exp(model.top_k(2).log_prob([np.array([2]), np.array([0]), np.array([1])]))
    np.testing.assert_allclose(p, [3 / 4 * 3 / 4, 1 / 4, 0], rtol=1e-12)
    top = model.top_k(1).sample(20, rng=1)
    assert {tuple(d.tolist()) for d in top} == {(2,)}
    level = model.top_k(1).levels[0]
    assert len(level.outcomes) == len(level.contexts)  # the others are gone


@pytest.mark.parametrize(("smoothing", "strength"), KINDS)
def test_it_is_a_family(smoothing, strength):
    fit = partial(cl.NGram.fit, order=2, n_words=V, smoothing=smoothing, strength=strength)
    assert "recursion_runs" in check_family(fit, CORPUS, n=4)
    assert "recursion_runs" in check_family(fit, fit(CORPUS.documents))


def test_policies_take_documents():
    fit = partial(cl.NGram.fit, order=2, n_words=V)
    long = cl.Filter(lambda data, _: np.array([len(d) > 2 for d in data]))
    for policy in (cl.accumulate, cl.Keep(), cl.Mix(0.5), long, cl.Decode(lambda m: m.temper(0.8))):
        last = next(islice(cl.recurse(fit, CORPUS, n=4, policy=policy, rng=1), 3, None))
        assert all(document.dtype == np.int64 for document in last.data)


def test_arguments_are_checked():
    message = "smoothing must be 'none' or 'additive' or 'witten-bell', got 'kneser-ney'"
    with pytest.raises(ValueError, match=message):
        fitted(smoothing="kneser-ney")
    with pytest.raises(ValueError, match="order must be a whole number of at least 1, got 0"):
        fitted(order=0)
    with pytest.raises(ValueError, match="n_words must be a whole number of at least 1, got 0"):
        cl.NGram.fit(CORPUS.documents, order=2, n_words=0)
    with pytest.raises(ValueError, match=re.escape(f"order must keep {V + 1}^order below 2^63")):
        fitted(order=40)
    with pytest.raises(ValueError, match=re.escape("strength must lie in (0, inf), got 0")):
        fitted(smoothing="additive", strength=0)
    with pytest.raises(ValueError, match="max_length must be a whole number of at least 1, got 0"):
        fitted(max_length=0)
    with pytest.raises(ValueError, match="n must be a whole number of at least 1, got 0"):
        fitted().sample(0, rng=1)
    with pytest.raises(ValueError, match=re.escape("temperature must lie in (0, inf), got 0")):
        fitted().temper(0)
    with pytest.raises(ValueError, match="k must be a whole number of at least 1, got 0"):
        fitted().top_k(0)
    for sharpen in ("temper", "top_k"):
        with pytest.raises(ValueError, match=f"smoothing must be 'none' for {sharpen}, got 'addi"):
            getattr(fitted(smoothing="additive"), sharpen)(1)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "data must be a non-empty list of documents, got []"),
        (np.array([1, 2]), "data must be a non-empty list of documents, got array"),
        ([np.array([0.5])], "data must hold vectors of word numbers, got [array([0.5])]"),
        ([np.array([[1]])], "data must hold vectors of word numbers, got [array([[1]])]"),
        ([np.array([0, 9])], "data must hold word numbers from 0 to 2, got 9"),
        ([np.array([0, -1])], "data must hold word numbers from 0 to 2, got -1"),
    ],
)
def test_data_are_checked(data, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        cl.NGram.fit(data, order=2, n_words=3)


def test_a_taught_student_has_the_teachers_next_words():
    documents = [np.array([0, 1, 2, 1]), np.array([1, 2]), np.array([2, 0, 1])]
    teacher = cl.NGram.fit(documents, order=3, n_words=3, smoothing="witten-bell")
    n_draws, text = 40_000, [*documents, np.array([0, 0])]  # some contexts it never saw
    student = cl.NGram.taught(teacher, text, order=3, n_draws=n_draws, rng=5)
    for document in text:  # the teacher's own probability of each whole document
        mine, theirs = student.log_prob([document])[0], teacher.log_prob([document])[0]
        p = np.exp(theirs / (len(document) + 1))
        error = (len(document) + 1) * np.sqrt(1 / p / n_draws)  # above the true one
        assert abs(mine - theirs) < 4.9 * error


def test_a_taught_student_does_not_see_what_follows():
    teacher = cl.NGram.fit([np.array([0, 1])] * 3, order=2, n_words=3)
    student = cl.NGram.taught(teacher, [np.array([0]), np.array([1])], order=2, rng=6)
    with pytest.raises(ValueError, match="contexts that the teacher knows, got others"):
        cl.NGram.taught(teacher, [np.array([2])], order=2, rng=6)
    np.testing.assert_array_equal(student.sample(1, rng=1)[0], [0, 1])
    # at each of two beginnings the teacher says 0, after a 0 it says 1, after a 1 it ends
    assert student.log_prob([np.array([0, 1])])[0] == 0


def test_a_lower_order_averages_the_teachers_answers():
    documents = [np.array([0, 2, 0]), np.array([1, 2, 1])]
    teacher = cl.NGram.fit(documents, order=3, n_words=3)
    student = cl.NGram.taught(teacher, documents, order=2, n_draws=20_000, rng=7)
    p = np.exp(student.log_prob([np.array([0, 2, 1])])[0])
    # only the first word is drawn: after 0, 2 and 1 the teacher is sure, once of each of two
    assert abs(p - 1 / 16) < 4.9 * np.sqrt(0.25 / 40_000) / 8


def test_what_cannot_be_taught():
    teacher = cl.NGram.fit([np.array([0, 1])], order=2, n_words=2)
    with pytest.raises(ValueError, match="order must be at most the teacher's, 2, got 3"):
        cl.NGram.taught(teacher, [np.array([0, 1])], order=3)
    with pytest.raises(ValueError, match=r"smoothing must be .* got 'kneser-ney'"):
        cl.NGram.taught(teacher, [np.array([0, 1])], order=2, smoothing="kneser-ney")
    with pytest.raises(ValueError, match=re.escape("strength must lie in (0, inf), got 0")):
        cl.NGram.taught(teacher, [np.array([0, 1])], order=2, strength=0)


@pytest.mark.parametrize(("smoothing", "strength"), KINDS)
def test_a_teacher_without_doubt_teaches_what_the_text_says(smoothing, strength):
    options = {"order": 2, "smoothing": smoothing, "strength": strength, "max_length": 7}
    text = [np.array([0, 1, 2])] * 2
    teacher = cl.NGram.fit(text, order=3, n_words=4)
    student = cl.NGram.taught(teacher, text, **options, rng=8)
    reader = cl.NGram.fit(text, n_words=4, **options)
    strange = [*text, *([np.array([2, 0]), np.array([3])] if smoothing != "none" else [])]
    np.testing.assert_array_equal(student.log_prob(strange), reader.log_prob(strange))
    assert student.max_length == 7


def test_answers_are_drawn_once_unless_told_otherwise_and_anew_for_each_seed():
    text = [np.array([w]) for w in range(50)]
    teacher = cl.NGram.fit(text, order=1, n_words=50)
    students = [cl.NGram.taught(teacher, text, order=1, rng=seed) for seed in (1, 1, 2)]
    said = [student.levels[0].weights.sum() for student in students]
    assert said == [100, 100, 100]
    one, same, other = (student.log_prob(text) for student in students)
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)
