"""A language model writes the texts that a smaller one learns from: word by word, or whole.

The sizes, the students and the comparisons were written down before a student was scored.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from collapse_lab.datasets import python_manual
from collapse_lab.ngram import NGram, Smoothing
from collapse_lab.protocols import RNG
from collapse_lab.rules import whole_number
from collapse_lab.studies.study import Study
from collapse_lab.text import Documents, k_grams

N_TEACHER, N_SMALL = 747, 100  # paragraphs of 1,047; the other 300 are the test
NUMBERS = (100, 1000, 10_000)
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
        contexts" (one answer at each place of the 747). The same for "careless".
        Without a student: "runs, human" and "runs, written", different runs of three words in 747
        paragraphs; "runs, all written", in 10,000 paragraphs; "new runs", the share of the
        different ones in 747 written paragraphs that the human 747 do not have. For the careful
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
    known, new = runs(human), runs(written[:N_TEACHER])
    found["runs, human"], found["runs, written"] = len(known), len(new)
    found["runs, all written"] = len(runs(written))
    found["new runs"] = len(new - known) / len(new)
    return found


def nats(model: NGram, documents: Documents) -> float:
    """Mean of -log probability a word, ends included."""
    return float(np.log(model.perplexity(documents)))


def runs(documents: Documents) -> set[tuple[int, ...]]:
    """Return the different runs of three words."""
    return set(map(tuple, k_grams(documents, 3).tolist()))


def teacher_text(teacher_order: int, *, rng: RNG = None) -> Mapping[str, float]:
    """Average `compare` over 20 random splits: means and paired differences, with their errors.

    Standard errors are those of the mean over splits, which overlap: they say how well 20 splits
    stand for all splits of this text, and nothing about other texts.
    """
    whole_number("teacher_order", teacher_order, at_least=2)
    children = np.random.default_rng(rng).spawn(N_SPLITS)
    splits = [compare(teacher_order, rng=child) for child in children]
    columns = {name: np.array([run[name] for run in splits]) for name in splits[0]}
    for name in STUDENTS:
        taught = [f"{n} written" for n in NUMBERS] + [f"{n} a word" for n in DRAWS]
        pairs = [(a, b) for a in [*taught, "all contexts"] for b in ("some human", "all human")]
        pairs += [(f"{100 * n} written", f"{n} a word") for n in DRAWS]
        for a, b in pairs:
            columns[f"{name}, {a} - {b}"] = columns[f"{name}, {a}"] - columns[f"{name}, {b}"]
    columns["runs, written - human"] = columns["runs, written"] - columns["runs, human"]
    first, second = f"own text, {NUMBERS[-1]} written", f"own text, {DRAWS[-1]} a word"
    columns["own text, written - a word"] = columns[first] - columns[second]
    found: dict[str, float] = {}
    for name, column in columns.items():
        found[name] = float(column.mean())
        found[f"{name}_se"] = float(column.std(ddof=1) / np.sqrt(N_SPLITS))
    return found


TEACHER_TEXT = Study(
    name="teacher_text",
    title="Small language models that learn from the texts of a larger one, over 20 splits.",
    task=teacher_text,
    grid={"teacher_order": [3, 2]},
    seed=152,
)
