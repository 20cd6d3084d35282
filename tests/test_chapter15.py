"""What the generic tests cannot know of chapter 15: its numbers, and its exercises."""

from collections.abc import Callable
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from collapse_lab.checks import check
from collapse_lab.exercises.chapter15 import EXERCISES
from collapse_lab.notebooks import read
from collapse_lab.studies import STUDIES, kept
from collapse_lab.synthetic import smote
from collapse_lab.transfer import KINDS, copied, interpolated

CHAPTER = Path(__file__).parents[1] / "book" / "part3" / "15-the-teacher-as-a-source-of-data.ipynb"


def _all_sequences(start: Any, step: Any, length: int) -> Any:
    def p(words: tuple[int, ...]) -> Any:
        return start[words[0]] * np.prod([step[v, w] for v, w in pairwise(words)])

    return list(max(product(range(len(start)), repeat=length), key=p))


def _loop(P: Any) -> float:
    rows, columns = [sum(row) for row in P], [sum(column) for column in P.T]
    said = P[rows.index(max(rows))][columns.index(max(columns))]
    return (P.max() - said) / P.max()


def _other_mix(pictures: Any, n: int, rng: Any) -> Any:
    out = np.empty((n, pictures.shape[1]))
    for i in range(n):
        a, b = rng.choice(len(pictures), size=2, replace=False)
        share = rng.uniform()
        out[i] = share * pictures[a] + (1 - share) * pictures[b]
    return out


def _half_ready(pictures: Any, n: int, *, rng: Any) -> Any:
    share = rng.random((n, 1))
    return share * copied(pictures, n, rng=rng) + (1 - share) * copied(pictures, n, rng=rng)


@pytest.mark.parametrize(
    ("ready", "name"),
    [
        (interpolated, "`collapse_lab.transfer`"),
        (_half_ready, "`collapse_lab.transfer`"),
        (smote, "`synthetic.smote`"),
    ],
)
def test_the_package_may_not_mix_the_pictures(ready: Callable[..., Any], name: str) -> None:
    feedback = check("15.2", lambda pictures, n, rng: ready(pictures, n, rng=rng))
    assert not feedback.passed
    assert f"without {name}" in feedback.message


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        ("15.1", _loop),
        ("15.2", _other_mix),
        ("15.3", _all_sequences),
        ("15.4", lambda n, _rng: np.linspace(-1, 1, n)),
        ("15.4", lambda n, rng: np.cos(np.pi * rng.random(n))),
    ],
)
def test_other_right_answers_are_right(exercise: str, answer: Callable[..., Any]) -> None:
    feedback = check(exercise, answer)
    assert feedback.passed, feedback.message


@pytest.mark.parametrize(
    ("exercise", "mistake", "says"),
    [
        ("15.1", "what is kept", "*kept*"),
        ("15.1", "a difference", "difference"),
        ("15.1", "what is said", "what the student says"),
        ("15.1", "the best cell", "best *cell*"),
        ("15.1", "greedy", "knows its first word"),
        ("15.1", "rows for columns", "Rows and columns"),
        ("15.1", "independent", "independent"),
        ("15.1", "one table only", "not for another"),
        ("15.2", "one share for all", "same in all"),
        ("15.2", "copies", "Nothing is mixed"),
        ("15.2", "all pictures", "more than two"),
        ("15.2", "shares of their own", "sum to 1"),
        ("15.2", "a share a pixel", "whole picture"),
        ("15.2", "one pair", "Not every pair"),
        ("15.2", "beyond", "negative"),
        ("15.2", "fixed draws", "Another `rng`"),
        ("15.2", "own draws", "The same `rng`"),
        ("15.2", "shares in steps", "same shares"),
        ("15.2", "pairs of its own", "same pairs"),
        ("15.2", "not uniform", "not uniform"),
        ("15.3", "greedy", "greedy"),
        ("15.3", "word by word", "at each place"),
        ("15.3", "turned around", "wrong order"),
        ("15.3", "step turned", "exchanged"),
        ("15.3", "choices not turned", "found last"),
        ("15.3", "without start", "use `start`"),
        ("15.3", "always length 3", "For length 4 it returns 3"),
        ("15.3", "not whole", "whole"),
        ("15.4", "at random", "leave less to chance"),
        ("15.4", "too narrow", "near the ends"),
        ("15.4", "too wide", "Too wide"),
        ("15.4", "only the ends", "six different places"),
        ("15.4", "one side", "near -1"),
    ],
)
def test_feedback_names_the_mistake(exercise: str, mistake: str, says: str) -> None:
    assert says in check(exercise, EXERCISES[exercise].wrong[mistake]).message


def test_a_missing_last_place_is_named() -> None:
    said = check("15.4", lambda n, _rng: np.linspace(-1, 1, n, endpoint=False)).message
    assert said.startswith("Nothing is asked near 1,")


T = kept(STUDIES["transfer_sets"]).table
AT = {n: row for row, n in enumerate(T["n_real"])}
KNOBS = kept(STUDIES["variety"]).table
WRITTEN = kept(STUDIES["teacher_text"]).table


def z(table: Any, name: str, row: int = 0) -> float:
    return float(table[name][row] / table[f"{name}_se"][row])


def limit(looks: int) -> float:
    return float(stats.t.ppf(1 - 0.05 / 2 / looks, df=19))


def test_prose_on_kinds_of_inputs_is_that_of_the_study() -> None:
    row = AT[100]
    against = {kind: z(T, f"{kind}, 6400 - some real", row) for kind in KINDS}
    for kind in ("copies", "interpolations", "warps"):
        assert against[kind] > limit(10)
    assert abs(against["mixture"]) < limit(10)
    assert against["noise"] < -limit(10)
    for kind, first in (("interpolations", 400), ("warps", 1600)):
        assert z(T, f"{kind}, {first} - some real", row) > limit(10)
        assert T[f"{kind}, 100 - some real"][row] < 0
        assert T[f"{kind}, 6400 - all real"][row] < 0
    assert abs(z(T, "real, unlabeled - all real", row)) < limit(1)


def test_prose_on_labels_and_on_the_same_data_is_that_of_the_study() -> None:
    row, same = AT[100], AT[897]
    assert z(T, "by teacher - some real", row) > limit(4)
    assert z(T, "by original's - some real", row) > limit(4)
    assert abs(z(T, "by equal teacher - some real", row)) < limit(4)
    assert z(T, "by its own - some real", row) < -limit(4)
    assert T["by original's - some real"][row] == pytest.approx(0.013, abs=0.005)
    for name in ("real, unlabeled", "on top", "copies, 6400"):
        assert abs(z(T, f"{name} - all real", same)) < limit(7)
    for name in ("interpolations, 6400", "mixture, 6400", "warps, 6400", "noise, 6400"):
        assert z(T, f"{name} - all real", same) < -limit(7)


def test_prose_on_variety_and_exchange_is_that_of_the_study() -> None:
    assert z(KNOBS, "strength 1 - strength 0") > limit(4)
    assert z(KNOBS, "strength 4 - strength 0") < -limit(4)
    for n in (0, 200):
        assert z(KNOBS, f"800 with 800 real - 800 with {n} real") > limit(7)
    for n in (400, 600):
        assert abs(z(KNOBS, f"800 with 800 real - 800 with {n} real")) < limit(7)
    assert z(T, "on top - some real", AT[100]) > limit(7)
    assert z(T, "warps, 6400 - some real", AT[100]) > limit(7)
    assert abs(z(T, "on top - all real", AT[897])) < limit(7)
    by_number = [KNOBS[f"reach, originals {n}"][0] for n in (1, 3, 10, 30, 100)]
    assert by_number == sorted(by_number, reverse=True)
    by_kind = {kind: T[f"reach, {kind}, 6400"][AT[100]] for kind in KINDS}
    assert max(by_kind, key=by_kind.__getitem__) == "noise"
    assert KNOBS["reach, strength 0.25"][0] < KNOBS["reach, strength 1"][0]
    assert z(KNOBS, "strength 0.25 - strength 1") < -limit(1)


def test_prose_on_texts_is_that_of_the_study() -> None:
    assert list(WRITTEN["teacher_order"]) == [3, 2]
    for row in (0, 1):
        ten, many = "careless, 10000 written", "careless, 100000 written"
        assert z(WRITTEN, f"{ten} - all human", row) < -limit(12)
        assert z(WRITTEN, f"{ten} - human as 10000", row) > limit(12)
        assert z(WRITTEN, f"{many} - human as 100000", row) < -limit(12)
        assert z(WRITTEN, f"{many} - human, best weight", row) < -limit(12)
        assert z(WRITTEN, "careful, 10000 written - all human", row) > limit(12)
        assert z(WRITTEN, "careful, 10000 written - some human", row) < -limit(12)
        assert z(WRITTEN, "careful, 10000 written - 100 a word", row) < -limit(6)
        assert z(WRITTEN, "own text, written - a word", row) < -limit(6)
        assert WRITTEN["careful, all human"][row] < WRITTEN[many][row] - 0.2  # "far better"
    for sign, row in ((1, 0), (-1, 1)):
        assert sign * z(WRITTEN, "careful, all contexts - 1000 written", row) < -limit(6)
        assert sign * z(WRITTEN, "runs, written - human", row) < -limit(4)
        assert sign * z(WRITTEN, "new runs, written - human", row) < -limit(4)
    assert WRITTEN["careful, 10000 written"][0] > WRITTEN["careful, 1000 written"][0]
    assert WRITTEN["teacher"][0] < WRITTEN["teacher"][1]


def test_no_line_of_code_is_wider_than_a_phone_can_show() -> None:
    for cell in read(CHAPTER).cells:
        if cell.cell_type == "code":
            assert max(map(len, cell.source.splitlines())) <= 72, cell.id
