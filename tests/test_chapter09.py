"""What the generic tests cannot know of chapter 9: its numbers, exercises and figures."""

import math
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes

from collapse_lab import AtMost, calibrate, datasets, plots, theory
from collapse_lab.checks import check
from collapse_lab.exercises import chapter09
from collapse_lab.notebooks import read


@pytest.fixture
def ax():
    yield plt.figure().add_subplot()
    plt.close()


def test_watched_marks_each_alarm_on_its_own_chain(ax: Axes):
    series = np.array([[5.0, 1.0], [4.0, 2.0], [3.0, 3.0]])
    alarms = np.array([[False, True], [False, False], [True, False]])
    assert plots.watched([1, 2, 3], series, alarms, 2.5, ax=ax) is ax
    (marks,) = ax.collections
    assert sorted(map(tuple, marks.get_offsets())) == [(1.0, 1.0), (3.0, 3.0)]
    chains, level = ax.lines
    assert level.get_ydata()[0] == 2.5
    drawn = np.asarray(chains.get_ydata(), dtype=float).reshape(2, 4)
    assert np.isnan(drawn[:, -1]).all()  # the pen is lifted between two chains
    assert (drawn[:, :-1] == series.T).all()


def test_ranked_has_the_first_row_on_top(ax: Axes):
    assert plots.ranked([1.0, 3.0], [0.1, 0.2], ["one", "two"], ax=ax) is ax
    assert [label.get_text() for label in ax.get_yticklabels()] == ["one", "two"]
    bottom, top = ax.get_ylim()
    assert bottom > top
    (bars,) = ax.collections
    assert [np.ptp(path.vertices[:, 0]) for path in bars.get_paths()] == pytest.approx([0.4, 0.8])


CHAPTER = Path(__file__).parents[1] / "book" / "part1" / "09-early-warning.ipynb"


@pytest.fixture(scope="module")
def text() -> str:
    """All that the chapter says in its Markdown cells."""
    return "\n".join(cell.source for cell in read(CHAPTER).cells if cell.cell_type == "markdown")


def test_rounded_numbers_in_prose_agree_with_theory(text: str) -> None:
    p = datasets.kennel_club_2016().p
    assert len(p) == 210
    chance = theory.false_alarm_chance(200, 1 / 200)
    assert f"a chance of about {chance:.0%}" in text
    # of breeds seen once in n draws, about 1/e are missed by the next n
    assert "More than a third of the breeds that were seen once are gone in the first copy" in text
    assert (1 - 1 / 1000) ** 1000 > 1 / 3
    for k, share in enumerate(["1/3", "1/5", "1/7"], start=1):
        assert share in text
        error = theory.squared_error_under_mix(10**6, 10**5, k)
        assert error == pytest.approx(1 / (2 * k + 1), rel=1e-3)


def test_no_line_of_code_is_wider_than_a_page() -> None:
    for cell in read(CHAPTER).cells:
        if cell.cell_type == "code":
            assert max(map(len, cell.source.splitlines())) <= 78, cell.id


RIGHT: dict[str, Any] = {
    "9.1": lambda rate, t: np.float32(-math.expm1(t * math.log1p(-rate))),
    "9.2": lambda healthy, _copies, rate: np.sort(healthy, axis=None)[int(rate * healthy.size) - 1],
    "9.3": lambda p, chance: next(k for k in range(1, 10**5) if (1 - p) ** k <= 1 - chance),
    "9.4": lambda history: 300 * (history["n_types"] <= 92).any(axis=0),
}


@pytest.mark.parametrize("exercise", RIGHT)
def test_other_right_answers_pass(exercise: str) -> None:
    feedback = check(exercise, RIGHT[exercise])
    assert feedback.passed, feedback.message


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        ("9.1", lambda rate, t: min(1.0, 1 - (1 - rate) ** 5 + 0 * t)),
        ("9.1", lambda rate, t: 1 - (1 - rate * 0.999) ** t),
        ("9.2", lambda healthy, _copies, rate: np.quantile(healthy, rate / 2)),
        ("9.2", lambda healthy, _copies, rate: np.quantile(healthy, 2 * rate)),
        ("9.2", lambda healthy, _copies, rate: np.quantile(healthy[0], rate)),
        ("9.3", lambda p, chance: int(np.floor(np.log(1 - chance) / np.log(1 - p)) + 2)),
        ("9.3", lambda p, chance: int(np.ceil(3 / p)) if chance == 0.95 else 1),
        ("9.4", lambda history: 100 * (history["n_types"][-1] < 97)),
        ("9.4", lambda history: 250 + 0 * history["n_types"][-1]),
        ("9.4", lambda history: 1000 * (history["n_types"][-1] < 60)),
    ],
)
def test_near_misses_do_not_pass(exercise: str, answer: Any) -> None:
    assert not check(exercise, answer).passed


def _calibrated(healthy: Any, _copies: Any, rate: float) -> Any:
    return calibrate(AtMost, "score", {"score": healthy}, rate=rate).level


@pytest.mark.parametrize(
    ("exercise", "answer", "says"),
    [
        ("9.2", lambda h, _c, rate: (h.sort(axis=0), np.quantile(h, rate))[1], "Work on a copy"),
        ("9.2", _calibrated, "without `cl.calibrate`"),
        ("9.3", lambda p, chance: RIGHT["9.3"](p, chance) + 1, "One too many"),
        ("9.4", lambda history: -250 * (history["n_types"][-1] < 97), "and not -250"),
        ("9.4", lambda history: 2000 * (history["n_types"][-1] < 97), "and not 2000"),
        (
            "9.4",
            lambda history: 250 * (history["n_types"][:, -1] < 97),
            "For 2 chains and 3 generations",
        ),
        ("9.4", lambda history: 2.5 * history["n_types"][-1], "Dogs come whole"),
        ("9.4", lambda _history: "250", "must be a number"),
        ("9.4", lambda history: 250 if len(history["n_types"]) < 5 else None, "`return`"),
        ("9.4", lambda history: 200 * len(history["n_types"]), "and not 1200"),
    ],
)
def test_feedback_names_the_mistake(exercise: str, answer: Any, says: str) -> None:
    feedback = check(exercise, answer)
    assert not feedback.passed
    assert says in feedback.message


def test_level_of_the_last_exercise_is_that_of_the_chapter() -> None:
    cells = {cell.id: cell for cell in read(CHAPTER).cells}
    (output,) = cells["calibrate"].outputs
    level = int(output["text"].split("knows ")[1].split(" ")[0])
    assert level == chapter09.WATCH_LEVEL


@pytest.mark.parametrize(("every", "paid"), [(20, [20, 40, 60, 80]), (33, [33, 66]), (50, [50])])
def test_no_rebuild_is_charged_to_the_last_generations(every: int, paid: list[int]) -> None:
    # a rebuild at the horizon costs a full price, serves one or two models, and flatters `watch`
    (rules,) = (cell.source for cell in read(CHAPTER).cells if cell.id == "rules")
    names: dict[str, Any] = {}
    exec(rules, names)
    rule = names["rebuild"](every)
    assert [t for t in range(1, 101) if rule({"n_types": range(t)}) == 1000] == paid
