"""The studies of copied text: the chapter's models, measured as it says, and laws they obey."""

from functools import partial
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest

import collapse_lab as cl
from collapse_lab import text, theory
from collapse_lab.datasets import python_manual
from collapse_lab.notebooks import read
from collapse_lab.studies import STUDIES, kept, writing

CHAPTER = Path(__file__).parents[1] / "book" / "part1" / "04-language-that-empties-out.ipynb"
MANUAL, HUMAN, UNSEEN = writing.corpora()
V = len(MANUAL.words)
COUNTS = text.word_counts(HUMAN.documents, V)
PLAIN = ("back 1", "back 2", "back 3")
LIMITS = {"plain": 1000, "at temperature 0.8": 250, "plain, but smoothed": 1000}
whole_manual = pytest.mark.skipif(
    python_manual().n_missing > 0, reason="this Python has another manual than the tables"
)


@pytest.fixture(scope="module")
def chapter() -> dict[str, Any]:
    """What the chapter's cells define."""
    names: dict[str, Any] = {}
    for cell in read(CHAPTER).cells:
        if cell.id in ("setup", "world", "the-text-numbers", "chains", "measures", "planted"):
            with mpl.rc_context():  # the style of the course is not for other tests
                exec(cell.source, names)
    return names


@pytest.fixture(scope="module")
def tables() -> dict[str, Any]:
    return {name: kept(STUDIES[name]).table for name in ("writing", "mistranslated")}


def column(table: Any, case: str, name: str) -> tuple[float, float]:
    row = list(table["case"]).index(case)
    return table[name][row], table[f"{name}_se"][row]


def same(first: Any, second: Any) -> bool:
    return len(first) == len(second) and all(map(np.array_equal, first, second))


# --- the models and measures of the chapter ----------------------------------------------------


def test_texts_are_those_of_the_chapter(chapter: dict[str, Any]) -> None:
    for number, name in enumerate(("manual", "human", "unseen")):
        assert same(writing.corpora()[number].documents, chapter[name].documents)
    human, unseen, counts, concrete = writing._known()
    assert same(human.documents, chapter["human"].documents)
    assert same(unseen, chapter["unseen"].documents)
    assert np.array_equal(counts, chapter["counts"])
    assert np.array_equal(concrete, chapter["concrete"])


@pytest.mark.parametrize(
    ("case", "way"),
    [
        ("back 2", "plain"),
        ("sharp", "at temperature 0.8"),
        ("smoothed", "plain, but smoothed"),
    ],
)
def test_chains_are_those_of_the_chapter(chapter: dict[str, Any], case: str, way: str) -> None:
    fit, policy = writing.ways(V)[case]
    ours = writing.written(fit, HUMAN, policy, last=2, rng=np.random.default_rng(1))
    theirs = chapter["texts"](way, 2)
    assert len(ours) == 3
    assert all(map(same, ours, theirs))
    their_fit, _ = chapter["ways"][way]
    limits = [each(HUMAN.documents[:9], rng=None).max_length for each in (fit, their_fit)]
    assert limits == [LIMITS[way]] * 2


@pytest.mark.parametrize(("case", "order"), [("back 1", 2), ("back 3", 4), ("mixed", 3)])
def test_other_chains_are_those_that_the_chapter_names(case: str, order: int) -> None:
    policy = cl.Mix(0.1) if case == "mixed" else cl.replace
    fit = partial(cl.NGram.fit, order=order, n_words=V)
    chain = cl.recurse(fit, HUMAN, n=len(HUMAN.documents), policy=policy, rng=2)
    ours = writing.written(
        *[writing.ways(V)[case][0], HUMAN, writing.ways(V)[case][1]],
        last=1,
        rng=np.random.default_rng(2),
    )
    assert all(map(same, ours, [g.data for g in islice(chain, 1, 3)]))


def test_measures_are_those_of_the_chapter(chapter: dict[str, Any]) -> None:
    documents = HUMAN.documents[::-1]
    theirs = list(chapter["measures"](documents).values())[1:]
    assert list(writing._measures(documents).values()) == theirs


@pytest.mark.parametrize("case", ["plain", "sharp"])
def test_planted_words_are_those_of_the_chapter(chapter: dict[str, Any], case: str) -> None:
    policy = chapter["policy"] if case == "sharp" else cl.replace
    found = writing._one_planted(case, np.random.default_rng(3))
    theirs = chapter["planted"](3, policy)
    assert [found["worth_1"], found["cord_1"]] == theirs.tolist()


# --- one chain, by an independent count --------------------------------------------------------


def some_texts() -> list[Any]:
    """Texts of a chain of 20 generations: fewer and fewer of people's paragraphs, repeated."""
    documents = HUMAN.documents
    return [[documents[i % (800 - 40 * t + 1)] for i in range(700)] for t in range(21)]


def test_one_chain_is_measured_as_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = some_texts()
    texts[5] = [np.append(d[:60], [0, 7, 0]) for d in texts[5]]
    long = np.arange(250)
    texts[20] = [*texts[20][:600], *[long] * 3]
    monkeypatch.setattr(writing, "written", lambda *_, **__: texts)
    found = writing._one_chain("sharp", np.random.default_rng(5))
    fours = {tuple(d[i : i + 4]) for d in HUMAN.documents for i in range(len(d) - 3)}
    name = [any(c.isdigit() or c.isupper() or c == "_" for c in word) for word in MANUAL.words]
    attested = {}
    for t, documents in enumerate(texts):
        words = [int(w) for d in documents for w in d]
        assert found[f"words_{t}"] == len(set(words))
        if t in (0, 5, 20):
            runs = [tuple(d[i : i + 4]) for d in documents for i in range(len(d) - 3)]
            attested[t] = np.mean([run in fours for run in runs])
            assert found[f"attested_{t}"] == pytest.approx(attested[t])
            assert found[f"length_{t}"] == len(words)
            assert found[f"names_{t}"] == sum(name[w] for w in set(words))
            assert found[f"others_{t}"] == sum(not name[w] for w in set(words))
            assert found[f"said_{t}"] == sum(name[w] for w in words)
            start = words[:15_000]
            assert found[f"type_token_{t}"] == len(set(start)) / len(start)
            pairs = list(pairwise(start))
            assert found[f"distinct_{t}"] == len(set(pairs)) / len(pairs)
    for t in (5, 20):
        assert found[f"attested_change_{t}"] == pytest.approx(attested[t] - attested[0])
    assert found["attested_change_5"] < 0
    middle = [int(w) for d in texts[5] for w in d]
    pairs = list(pairwise(middle[:4_000]))
    assert found["pairs"] == len(set(pairs)) / len(pairs)
    used = [int(np.sum(np.concatenate(HUMAN.documents) == w)) for w in range(V)]
    assert found["left_once"] == pytest.approx(
        np.mean([w in set(middle) for w in range(V) if used[w] == 1])
    )
    assert found["left_often"] == pytest.approx(
        np.mean([w in set(middle) for w in range(V) if used[w] >= 10])
    )
    for c in range(1, 6):
        facts, others = (
            np.mean([w in set(middle) for w in range(V) if used[w] == c and name[w] == kind])
            for kind in (True, False)
        )
        assert found[f"left_facts_{c}"] == pytest.approx(facts)
        assert found[f"left_others_{c}"] == pytest.approx(others)
        assert found[f"left_gap_{c}"] == pytest.approx(facts - others)
    assert found["cut_0"] == 0.0
    assert found["cut_20"] == 3 / 603
    kinds = [d.tolist() for d in texts[20]]
    assert found["commonest"] == max(map(kinds.count, kinds)) / 603 > 1 / 60
    assert found["only_one"] == 0.0


def test_a_chain_of_one_paragraph_and_a_plain_one_with_long_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts = some_texts()
    texts[20] = [HUMAN.documents[3][:3]] * 50
    texts[5] = [np.resize(HUMAN.documents[3], n) for n in (250, 999, 1000, 1000)]
    monkeypatch.setattr(writing, "written", lambda *_, **__: texts)
    found = writing._one_chain("back 2", np.random.default_rng(5))
    assert (found["only_one"], found["commonest"]) == (1.0, 1.0)
    assert found["cut_5"] == 0.5
    assert found["attested_20"] == 1.0  # it has no run of four


def test_planted_words_of_one_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    value, string = HUMAN.find("value"), HUMAN.find("string")
    first = [np.array([V, value, V + 1]), np.array([value, string])]
    second = [np.array([V, V, value, string]), np.array([value, V, V + 1, 5])]
    seen = []

    def spy(fit: Any, world: Any, policy: Any, *, last: int, **_: Any) -> Any:
        seen.append((fit.keywords, world.documents, policy, last))
        return [first, second]

    monkeypatch.setattr(writing, "written", spy)
    found = writing._one_planted("plain", np.random.default_rng(1))
    assert seen[0][0] == {"order": 2, "n_words": V + 2}
    assert seen[0][2:] == (cl.replace, 1)
    assert (found["worth_0"], found["worth_said_0"]) == (1 / 3, 1)
    assert (found["worth_1"], found["worth_said_1"]) == (3 / 5, 3)
    assert (found["cord_0"], found["cord_1"], found["cord_said_1"]) == (1 / 2, 1 / 2, 1)
    assert (found["worth_rises"], found["cord_rises"]) == (1.0, 0.0)
    said = text.word_counts(seen[0][1], V + 2)
    assert said[V] == round(COUNTS[value] / 4) == COUNTS[value] - said[value]
    assert said[V + 1] == round(COUNTS[string] * 3 / 4) == COUNTS[string] - said[string]


@pytest.mark.parametrize(
    ("one", "task"), [("_one_chain", writing.writing), ("_one_planted", writing.planted)]
)
def test_studies_average_independent_chains(
    monkeypatch: pytest.MonkeyPatch, one: str, task: Any
) -> None:
    drawn: list[float] = []

    def chain(_case: str, rng: np.random.Generator) -> dict[str, float]:
        drawn.append(rng.random())
        return {"x": drawn[-1]}

    monkeypatch.setattr(writing, one, chain)
    found = task("any", rng=7)
    assert len(set(drawn)) == writing.CHAINS == 200
    assert found["x"] == pytest.approx(np.mean(drawn))
    assert found["x_se"] == pytest.approx(np.std(drawn, ddof=1) / np.sqrt(200))


@pytest.mark.parametrize("name", ["writing", "mistranslated"])
def test_a_small_run_has_the_columns_of_the_table(
    tables: dict[str, Any], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(writing, "CHAINS", 2)
    study = STUDIES[name]
    assert list(tables[name]["case"]) == list(study.grid["case"])
    found = study.task(case=study.grid["case"][-1], rng=np.random.default_rng(1))
    assert ["case", *found] == list(tables[name])


# --- laws --------------------------------------------------------------------------------------


def near(table: Any, case: str, name: str, expected: float, bias: float = 0.0) -> bool:
    mean, error = column(table, case, name)
    return bool(abs(mean - expected) < 4.9 * error + bias)


def between(table: Any, case: str, name: str, low: float, high: float) -> bool:
    mean, error = column(table, case, name)
    return bool(low - 4.9 * error < mean < high + 4.9 * error)


@pytest.fixture(scope="module")
def holding() -> Any:
    """How many of people's paragraphs hold each word."""
    return sum(np.bincount(np.unique(d), minlength=V) for d in HUMAN.documents)


@whole_manual
@pytest.mark.parametrize("case", PLAIN)
def test_plain_copies_keep_occurrences_on_average(tables: dict[str, Any], case: str) -> None:
    table = tables["writing"]
    for t in (0, 5, 20):
        assert near(table, case, f"length_{t}", COUNTS.sum())
        assert near(table, case, f"said_{t}", COUNTS[MANUAL.concrete].sum())
        # Less than one of 838 paragraphs in five texts loses its end, far less than an error.
        assert column(table, case, f"cut_{t}")[0] < 0.2 / 838


@whole_manual
@pytest.mark.parametrize(("case", "stated"), [("back 1", 0.0), ("back 2", 0.02), ("back 3", 0.04)])
def test_words_are_left_as_branching_says(
    tables: dict[str, Any], holding: Any, case: str, stated: float
) -> None:
    """Lines that share a paragraph may share their fate, at most as if paragraphs were copied."""
    t = np.arange(21)
    alone, together = (theory.expected_types_copied(t, c) for c in (COUNTS, holding))
    for u in t:
        name = f"words_{u}"
        assert near(tables["writing"], case, name, alone[u], bias=stated * alone[u])
        assert between(tables["writing"], case, name, together[u], alone[u])


@whole_manual
@pytest.mark.parametrize("kind", ["facts", "others"])
@pytest.mark.parametrize("case", ["back 1", "back 2"])
def test_words_of_either_kind_are_left_as_branching_says(
    tables: dict[str, Any], holding: Any, case: str, kind: str
) -> None:
    """With three words of memory, copies of one occurrence share paragraphs later on, too."""
    s = theory.survival_generating(6)
    wanted = MANUAL.concrete if kind == "facts" else ~MANUAL.concrete
    for c in range(1, 6):
        together = np.mean(1 - (1 - s) ** holding[wanted & (c == COUNTS)])
        alone = 1 - (1 - s) ** c
        assert between(tables["writing"], case, f"left_{kind}_{c}", together, alone)


@pytest.mark.parametrize("case", writing.CASES)
def test_columns_of_a_case_agree(tables: dict[str, Any], case: str) -> None:
    def mean(name: str) -> float:
        return column(tables["writing"], case, name)[0]

    for t in (0, 5, 20):
        assert mean(f"names_{t}") + mean(f"others_{t}") == pytest.approx(mean(f"words_{t}"))
    for t in (5, 20):
        change = mean(f"attested_{t}") - mean("attested_0")
        assert mean(f"attested_change_{t}") == pytest.approx(change, abs=1e-9)
    for c in range(1, 6):
        gap = mean(f"left_facts_{c}") - mean(f"left_others_{c}")
        assert mean(f"left_gap_{c}") == pytest.approx(gap, abs=1e-9)
    assert mean("left_once") < mean("left_often")
    if case not in ("mixed", "smoothed"):  # a lost word never comes back
        assert (np.diff([mean(f"words_{t}") for t in range(21)]) < 0).all()


def test_what_a_model_remembers_is_attested(tables: dict[str, Any]) -> None:
    """Runs of four are all there if a model looks back three words."""
    for t in (0, 5, 20):
        assert column(tables["writing"], "back 3", f"attested_{t}")[0] == pytest.approx(1)
    assert column(tables["writing"], "back 2", "attested_0")[0] < 0.7


@whole_manual
def test_planted_words_are_said_as_often_under_plain_draws(tables: dict[str, Any]) -> None:
    table = tables["mistranslated"]
    for word, (right, share) in writing.PLANTED.items():
        planted = round(share * COUNTS[HUMAN.find(right)])
        for t in (0, 1):
            assert near(table, "plain", f"{word}_said_{t}", planted)


def test_sharp_draws_push_shares_apart(tables: dict[str, Any]) -> None:
    table = tables["mistranslated"]
    for word, sign in (("worth", -1), ("cord", 1)):
        path = [
            column(table, case, f"{word}_{t}")
            for case, t in (("plain", 0), ("sharp", 0), ("sharp", 1))
        ]
        for (first, error), (second, other) in pairwise(path):
            assert sign * (second - first) > 4.9 * np.hypot(error, other)
