"""A language model writes the texts that a smaller one learns from: word by word, or whole.

The sizes, the students and the comparisons were written down before a student was scored, but for
those that a reader of the first results asked for: human text that weighs as much as the teacher's
("human as 10000", "human, best weight"), the 100,000 paragraphs, all comparisons of equally many
words, and "all contexts - 1000 written". Their sizes were set on four splits with other seeds.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from collapse_lab.datasets import python_manual
from collapse_lab.ngram import NGram, Smoothing
from collapse_lab.protocols import RNG
from collapse_lab.rules import whole_number
from collapse_lab.studies.averages import by_name, with_errors
from collapse_lab.studies.study import Study
from collapse_lab.text import Documents, k_grams, n_tokens

N_TEACHER, N_SMALL = 747, 100  # paragraphs of 1,047; the other 300 are the test
NUMBERS = (100, 1000, 10_000)
MANY = 100_000
WEIGHTS = (1, 3, 10, 30, 100, 300, 1000)
BEST = ", best weight"
DRAWS = (10, 100)  # on 100 paragraphs: as many answers as the words of 1,000 or 10,000
N_SPLITS = 20
STUDENTS: dict[str, Smoothing] = {"careful": "witten-bell", "careless": "additive"}


def compare(teacher_order: int, *, rng: RNG = None) -> dict[str, float]:
    """Score students of a teacher, and students of people, on one random split of the manual.

    The teacher (smoothed by Witten and Bell's rule) has read 747 paragraphs, the student owns 100
    of them. Students have order 2, and know no rule for what they have not seen ("careless": one
    is added to each count) or a good one ("careful": the teacher's).

    Returns
    -------
    dict from str to float
        Nats a word on 300 other paragraphs, the less the better: "teacher"; "careful, some human"
        and "careful, all human" (100 and 747 paragraphs); "careful, 1000 written" and so on
        (whole paragraphs from the teacher); "careful, 10 a word" and "careful, 100 a word" (the
        teacher's answers at each place of the 100 paragraphs, see `NGram.taught`), "careful, all
        contexts" (one answer at each place of the 747). The same for "careless"; for it also
        "careless, human as 10000": the 747 paragraphs, each counted so often that they have as many
        words as 10,000 of the teacher, the same for 100,000, and "careless, human, best weight",
        the best of seven such weights with hindsight, in favor of people.
        Without a student, different runs of three words: "runs, human" in 747 paragraphs, "runs,
        written" in as many words of the teacher, "runs, all written" in 10,000 paragraphs; "new
        runs, human" and "new runs, written", the share of the different ones in 300 other
        paragraphs, and in as many words of the teacher, that the 747 do not have. For the careful
        student of 10,000 paragraphs, and for that of 100 answers a place, "own text": nats a word
        that the *teacher* needs for 300 paragraphs of the student.
    """
    rng = np.random.default_rng(rng)
    corpus = python_manual().corpus
    order = rng.permutation(len(corpus.documents))
    texts = [corpus.documents[d] for d in order]
    human, test = texts[:N_TEACHER], texts[N_TEACHER:]
    some = human[:N_SMALL]
    size = len(corpus.words)
    teacher = NGram.fit(human, order=teacher_order, n_words=size, smoothing="witten-bell")
    written = teacher.sample(NUMBERS[-1], rng=rng)
    found = {"teacher": nats(teacher, test)}
    for name, smoothing in STUDENTS.items():
        read = partial(NGram.fit, order=2, n_words=size, smoothing=smoothing)
        told = partial(NGram.taught, teacher, order=2, smoothing=smoothing, rng=rng)
        students = {"some human": read(some), "all human": read(human)}
        students |= {f"{n} written": read(written[:n]) for n in NUMBERS}
        students |= {f"{n} a word": told(some, n_draws=n) for n in DRAWS}
        students["all contexts"] = told(human)
        for student, model in students.items():
            found[f"{name}, {student}"] = nats(model, test)
        if name == "careful":
            for student in (f"{NUMBERS[-1]} written", f"{DRAWS[-1]} a word"):
                text = students[student].sample(len(test), rng=rng)
                found[f"own text, {student}"] = nats(teacher, text)
    known = runs(human)
    found["runs, human"] = len(known)
    found["runs, written"] = len(runs(first_words(written, n_tokens(human))))
    found["runs, all written"] = len(runs(written))
    pages = {"human": test, "written": first_words(written, n_tokens(test))}
    for who, page in pages.items():
        found[f"new runs, {who}"] = len(runs(page) - known) / len(runs(page))
    more = written + teacher.sample(MANY - len(written), rng=rng)
    return found | _careless(human, written, more, test, size)


def _careless(
    human: Documents, written: Documents, more: Documents, test: Documents, size: int
) -> dict[str, float]:
    """Score careless students of many written paragraphs, and of human ones that weigh as much."""
    read = partial(NGram.fit, order=2, n_words=size, smoothing="additive")

    def weighed(times: float) -> float:  # one added to `times` counts: 1 / times to each
        return nats(read(human, strength=1 / times), test)

    found = {f"careless, {MANY} written": nats(read(more), test)}
    for text in (written, more):
        weight = n_tokens(text) / n_tokens(human)
        found[f"careless, human as {len(text)}"] = weighed(weight)
    return found | {f"careless, human{BEST}": min(map(weighed, WEIGHTS))}


def nats(model: NGram, documents: Documents) -> float:
    """Mean of -log probability a word, ends included."""
    return float(np.log(model.perplexity(documents)))


def runs(documents: Documents) -> set[tuple[int, ...]]:
    """Return the different runs of three words."""
    return set(map(tuple, k_grams(documents, 3).tolist()))


def first_words(documents: Documents, n: int) -> Documents:
    """Return the documents that hold the first n words of a text; the last one may be cut."""
    before = np.cumsum([0, *map(len, documents)])
    return [d[: n - start] for d, start in zip(documents, before[:-1], strict=True) if start < n]


def teacher_text(teacher_order: int, *, rng: RNG = None) -> Mapping[str, float]:
    """Average `compare` over 20 random splits: means and paired differences, with their errors.

    Standard errors are those of the mean over splits, which overlap: they say how well 20 splits
    stand for all splits of this text, and nothing about other texts.
    """
    whole_number("teacher_order", teacher_order, at_least=2)
    children = np.random.default_rng(rng).spawn(N_SPLITS)
    splits = [compare(teacher_order, rng=child) for child in children]
    columns = by_name(splits)
    for name in STUDENTS:
        taught = [f"{n} written" for n in NUMBERS] + [f"{n} a word" for n in DRAWS]
        pairs = [(a, b) for a in [*taught, "all contexts"] for b in ("some human", "all human")]
        pairs += [(f"{100 * n} written", f"{n} a word") for n in DRAWS]
        pairs += [("all contexts", f"{NUMBERS[1]} written")]
        if name == "careless":
            for n in (NUMBERS[-1], MANY):
                pairs += [(f"{n} written", f"human{other}") for other in (f" as {n}", BEST)]
        for a, b in pairs:
            columns[f"{name}, {a} - {b}"] = columns[f"{name}, {a}"] - columns[f"{name}, {b}"]
    for what in ("runs", "new runs"):
        columns[f"{what}, written - human"] = (
            columns[f"{what}, written"] - columns[f"{what}, human"]
        )
    first, second = f"own text, {NUMBERS[-1]} written", f"own text, {DRAWS[-1]} a word"
    columns["own text, written - a word"] = columns[first] - columns[second]
    return with_errors(columns)


TEACHER_TEXT = Study(
    name="teacher_text",
    title="Small language models that learn from the texts of a larger one, over 20 splits.",
    task=teacher_text,
    grid={"teacher_order": [3, 2]},
    seed=152,
)
