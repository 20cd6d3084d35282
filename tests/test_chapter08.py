"""What the generic tests cannot know of chapter 8: its numbers, exercises and figures."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from scipy import stats

import collapse_lab as cl
from collapse_lab import datasets, detection, plots, theory
from collapse_lab.checks import check
from collapse_lab.exercises.chapter08 import EXERCISES
from collapse_lab.notebooks import read

CHAPTER = Path(__file__).parents[1] / "book" / "part1" / "08-detect-filter-verify.ipynb"
LAW = detection.score_law([0.4, 0.3, 0.3, 0.0], [0.5, 0.3, 0.15, 0.05], 6)


@pytest.fixture
def ax() -> Iterator[Axes]:
    yield plt.figure().add_subplot()
    plt.close()


@pytest.fixture(scope="module")
def text() -> str:
    """All that the chapter says in its Markdown cells."""
    return "\n".join(cell.source for cell in read(CHAPTER).cells if cell.cell_type == "markdown")


def test_evidence_shows_all_texts_of_both_authors(ax: Axes) -> None:
    assert plots.evidence(LAW, ax=ax, bins=10) is ax
    drawn = [patch.get_data() for patch in ax.patches]
    for shares, law in zip(drawn, (LAW.human, LAW.generated), strict=True):
        assert shares.values.sum() == pytest.approx(1)
        # the first bin holds what is at most 10% sure to be generated
        chance = stats.logistic.cdf(LAW.scores)
        assert shares.values[0] == pytest.approx(law[chance < 0.1].sum())
    assert ax.get_legend_handles_labels()[1] == ["human", "generated"]


def test_roc_has_its_dot_on_the_curve(ax: Axes) -> None:
    assert plots.roc(LAW, ax=ax, false_alarms=0.04) is ax
    _, curve, dot = ax.lines
    assert dot.get_ydata()[0] == pytest.approx(LAW.hits(0.04))
    assert np.interp(0.04, *curve.get_data()) == pytest.approx(LAW.hits(0.04), abs=0.01)
    assert curve.get_data()[1][[0, -1]] == pytest.approx([LAW.hits(0.0), 1])


def test_typed_numbers_of_the_first_quiz_agree_with_the_exact_law(text: str) -> None:
    human = datasets.word_frequencies().p
    read_words = cl.Categorical(human, draw="counts").sample(10**7, rng=8)
    law = detection.score_law(read_words.values / 10**7, human, 100)
    right = re.search(r'option right"><summary>About (\d+) in 100', text)
    assert right
    assert round(100 * law.hits(0.01)) == int(right[1])
    assert "in 88 of 100 cases" in text
    assert round(100 * law.auc()) == 88
    assert f"{len(human):,} English words" in text


def test_typed_numbers_of_the_other_quizzes_agree_with_theory(text: str) -> None:
    # half of all are found at 1%: the bells stand ndtri(0.99) widths apart
    apart = stats.norm.ppf(0.99)
    assert f"stood {apart:.1f} widths apart now stand {apart / np.sqrt(10):.1f} widths" in text
    found = stats.norm.sf(apart - apart / np.sqrt(10))
    assert f"only some {100 * found:.0f} in 100" in text
    # 70% wrong labels, the mediocre verifier
    assert "27 right ones (90% of 30) and 21 wrong ones (30% of 70)" in text
    assert (round(0.9 * 30), round(0.3 * 70)) == (27, 21)
    assert f"About {100 * 27 / 48:.0f}%: 27 of the 48" in text
    # 99% generated, 90% sensitivity, 10% false alarms
    left = 1 - theory.filtered_share(0.01, 0.9, 0.1)
    assert f"summary>About {left:.0%}." in text
    assert left == pytest.approx(11 / 12)


def test_the_breeds_of_the_text_are_those_of_the_data(text: str) -> None:
    assert f"{len(datasets.kennel_club_2016().p)} breeds" in text


def test_the_remark_on_the_last_exercise_is_true(text: str) -> None:
    assert "two fifths of what passes is generated" in text
    x = np.random.default_rng(1).normal(size=200_000)
    p, q = stats.norm.pdf(x), stats.norm.pdf(x, 0.5, 0.5)
    assert np.mean(q / (p + q)) == pytest.approx(0.4, abs=0.015)


def test_no_line_of_code_is_wider_than_a_page() -> None:
    for cell in read(CHAPTER).cells:
        if cell.cell_type == "code":
            assert max(map(len, cell.source.splitlines())) <= 72, cell.id


def _search(level: float, n: int, n_types: int) -> int:
    low, high = 0, 10**12
    while high - low > 1:
        middle = (low + high) // 2
        enough = theory.detection_auc(middle, n, n_types) >= level
        low, high = (low, middle) if enough else (middle, high)
    return high


def _odds(share: float, sensitivity: float, false_alarms: float) -> float:
    return share / (1 - share) * sensitivity / false_alarms


def _counted(share: float, sensitivity: float, false_alarms: float) -> float:
    """Whole texts out of 10,000."""
    generated = round(10_000 * share)
    hits, others = round(generated * sensitivity), round((10_000 - generated) * false_alarms)
    return hits / (hits + others)


def _thinned(x: Any, rng: np.random.Generator) -> Any:
    denser = stats.norm.pdf(x, 0.5, 0.5) > stats.norm.pdf(x)
    return rng.random(x.shape) < np.where(denser, 0.35, 1.0)


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        ("8.1", lambda share, hits, alarms: 1 / (1 + (1 - share) * alarms / (share * hits))),
        ("8.1", lambda *case: np.float32(_odds(*case) / (1 + _odds(*case)))),
        ("8.2", _search),
        ("8.2", lambda *case: np.float64(_search(*case))),
        ("8.3", theory.breakdown_point),
        ("8.3", lambda phi, psi, classes: (classes - 1) * phi / ((classes - 1) * phi + psi)),
        ("8.3", lambda phi, psi, k: (lambda odds: odds / (1 + odds))((k - 1) * phi / psi)),
        ("8.4", _thinned),
    ],
)
def test_other_right_answers_are_right(exercise: str, answer: Any) -> None:
    feedback = check(exercise, answer)
    assert feedback.passed, feedback.message


@pytest.mark.parametrize(
    ("exercise", "mistake", "says"),
    [
        ("8.1", "the sensitivity", "share of *accused* texts"),
        ("8.1", "no base rate", "base rate is missing"),
        ("8.1", "of all texts", "Divide it"),
        ("8.1", "the innocent", "innocent"),
        ("8.1", "all accused", "Which part of it"),
        ("8.1", "shares swapped", "wrong way round"),
        ("8.1", "specificity for false alarms", "left in peace"),
        ("8.1", "false alarms of everybody", "human texts only"),
        ("8.1", "a number fixed", "number fixed"),
        ("8.2", "not rounded", "whole"),
        ("8.2", "rounded down", "One word too few"),
        ("8.2", "not squared", "square"),
        ("8.2", "a factor lost", "factor is lost"),
        ("8.2", "no types", "number of types"),
        ("8.2", "upside down", "Upside down"),
        ("8.2", "the level itself", "Undo"),
        ("8.2", "one type too many", "one type fewer"),
        ("8.2", "a round number", "smallest length"),
        ("8.3", "two classes", "two classes"),
        ("8.3", "swapped", "changed places"),
        ("8.3", "all classes", "any class but the right one"),
        ("8.3", "upside down", "works the wrong way"),
        ("8.3", "the right labels", "share of right labels"),
        ("8.3", "no verifier", "*without* a verifier"),
        ("8.3", "ten classes fixed", "number fixed"),
        ("8.4", "everything", "at most 42% may be"),
        ("8.4", "nothing", "At least a quarter"),
        ("8.4", "the threshold", "cut a hole"),
        ("8.4", "the middle", "too much of the tails"),
        ("8.4", "too wide", "the middle is missing"),
        ("8.4", "a hole", "lies between 0 and 1"),
        ("8.4", "chances", "becomes a decision"),
    ],
)
def test_feedback_names_the_mistake(exercise: str, mistake: str, says: str) -> None:
    assert says in check(exercise, EXERCISES[exercise].wrong[mistake]).message


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        ("8.1", lambda share, hits, alarms: round(share * hits / (share * hits + alarms), 2)),
        ("8.1", _counted),
        ("8.2", lambda *case: _search(*case) + 1),
        ("8.2", lambda level, n, _types: _search(level, n, 1001)),
        ("8.3", lambda phi, psi, _classes: 1 / (1 + psi / (9 * phi))),
        ("8.4", lambda x, rng: rng.random(x.shape) < 0.3),
        ("8.4", lambda x, _rng: np.abs(x) > 1),
        ("8.4", lambda x, rng: stats.norm.rvs(size=x.shape, random_state=rng) > 3),
    ],
)
def test_near_misses_do_not_pass(exercise: str, answer: Any) -> None:
    assert not check(exercise, answer).passed


def test_a_filter_that_returns_nothing_is_told_so() -> None:
    assert "`return`" in check("8.4", lambda _x, _rng: None).message
