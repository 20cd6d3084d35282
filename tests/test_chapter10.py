"""What the generic tests cannot know of chapter 10: its exercises, its study and its world."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from collapse_lab import doctors, synthetic
from collapse_lab.checks import check
from collapse_lab.data import Labelled, pool
from collapse_lab.exercises.chapter10 import EXERCISES, _my_training_set
from collapse_lab.notebooks import read
from collapse_lab.studies import STUDIES, fresh_or_generated, kept, ways_to_fill
from collapse_lab.studies.fresh_or_generated import ADDED, REAL, WEB_66
from collapse_lab.studies.ways_to_fill import FRESH

CHAPTER = Path(__file__).parents[1] / "book" / "part2" / "10-filling-the-gaps.ipynb"
STUDY, WAYS = STUDIES["fresh_or_generated"], STUDIES["ways_to_fill"]


@pytest.fixture(scope="module")
def text() -> str:
    """All that the chapter says in its Markdown cells."""
    return "\n".join(cell.source for cell in read(CHAPTER).cells if cell.cell_type == "markdown")


def test_no_line_of_code_is_wider_than_a_page() -> None:
    for cell in read(CHAPTER).cells:
        if cell.cell_type == "code":
            assert max(map(len, cell.source.splitlines())) <= 72, cell.id


def test_numbers_in_prose_agree_with_the_world(text: str) -> None:
    assert (doctors.WEB[5], doctors.WEB[7], sum(doctors.WEB)) == (75, 9, 600)
    for words in ("Only nine of them", "of which there are 75", "learns from 600 pictures"):
        assert words in text
    assert ADDED + doctors.WEB[7] == doctors.WEB[3]
    assert sum(WEB_66) == ADDED
    assert (np.abs(WEB_66 - np.multiply(doctors.WEB, 66 / 600)) < 0.7).all()
    assert np.log((106 / 179) / (10 / 179)) == pytest.approx(np.log(10.6))
    assert round(106 / (106 + 178), 2) == 0.37


def test_more_real_cases_gain_more_in_the_kept_table() -> None:
    table = kept(STUDY).table
    gains = np.array([table[f"real_{k}"] for k in REAL])
    assert (np.diff(gains, axis=0) > 0).all()
    assert (gains[-1] > table["edited"]).all()


def test_the_study_gains_what_two_fits_gain() -> None:
    """One training set, by hand: the same draws, weights written out as repeated cases."""
    found = STUDY.task(0.5, rng=np.random.default_rng(5), sets=2)
    world, by_hand = doctors.Doctors(0.5), []
    for rng in np.random.default_rng(5).spawn(2):
        old = world.draw(doctors.WEB, rng=rng)
        new = pool(old, doctors.edited(old, ADDED, rng=rng))
        right = []
        for pictures in (old, new):
            counts = np.bincount(pictures.y, minlength=8)
            weights = len(pictures) / 8 / counts[pictures.y]
            right.append(world.right(doctors.recognizer(pictures, weights)))
        by_hand.append(100 * (right[1] - right[0]))
    assert found["edited"] == pytest.approx(np.mean(by_hand), abs=1e-6)
    assert found["edited_own"] == pytest.approx(np.mean(by_hand, axis=0)[7], abs=1e-6)
    assert found["edited_se"] == pytest.approx(
        np.std(np.mean(by_hand, axis=1), ddof=1) / np.sqrt(2), abs=1e-6
    )


@pytest.mark.parametrize(
    ("exercise", "mistake", "says"),
    [
        ("10.1", "not whole", "is whole"),
        ("10.1", "rounded down", "wrong way"),
        ("10.1", "rounded to the nearest", "Then the share is 0.3289"),
        ("10.1", "one too many", "as few cases as possible"),
        ("10.1", "the total stays", "makes the data set larger"),
        ("10.1", "in the end", "Nine are there already"),
        ("10.1", "below zero", "nothing taken away"),
        ("10.2", "the probability divided", "it was the odds"),
        ("10.2", "the wrong direction", "wrong direction"),
        ("10.2", "r - 1", "Divide by r"),
        ("10.2", "r off the log odds", "logarithm"),
        ("10.3", "one part for each coordinate", "leave the straight line"),
        ("10.3", "beyond the ends", "beyond the ends"),
        ("10.3", "not of the difference", "difference"),
        ("10.3", "copies", "copies of the points"),
        ("10.3", "the middle", "same places"),
        ("10.3", "with itself", "joined with itself"),
        ("10.3", "not uniform", "Uniformly random"),
        ("10.3", "the next one only", "equally likely"),
        ("10.3", "its own generator", "Draw from `rng`"),
        ("10.4", "too many", "the cell of younger women, others"),
        ("10.4", "only the gap", "The group of older women pays"),
        ("10.4", "too many for one cell", "the cell of younger women, others"),
        ("10.4", "too few", "+3 are asked"),
        ("10.4", "labelled as others", "+3 are asked"),
        ("10.4", "unchanged", "Nothing has changed"),
        ("10.4", "only doctors", "only doctors, or none"),
    ],
)
def test_feedback_names_the_mistake(exercise: str, mistake: str, says: str) -> None:
    assert says in check(exercise, EXERCISES[exercise].wrong[mistake]).message


def test_a_loop_that_counts_is_right_too() -> None:
    def count(rare: int, others: int, share: float) -> int:
        number = 0
        while (rare + number) / (rare + others + number) < share:
            number += 1
        return number

    assert check("10.1", count).passed


def test_ways_to_fill_gain_what_two_fits_gain() -> None:
    """One training set, by hand: copies are drawn first, then the others."""
    found = WAYS.task(66, rng=np.random.default_rng(6), sets=2)
    world, by_hand = doctors.Doctors(), []
    for rng in np.random.default_rng(6).spawn(2):
        old = world.draw(doctors.WEB, rng=rng)
        copies = Labelled(synthetic.oversample(old.X[old.y == 7], 66, rng=rng), np.full(66, 7))
        before, after = (world.right(doctors.recognizer(x)) for x in (old, pool(old, copies)))
        by_hand.append(100 * np.r_[before[7], (after - before)[3], (after - before).mean()])
    for name, value, error in zip(
        ("before_7", "copied_3", "copied_equal"),
        np.mean(by_hand, axis=0),
        np.std(by_hand, axis=0, ddof=1) / np.sqrt(2),
        strict=True,
    ):
        assert found[name] == pytest.approx(value, abs=1e-6)
        assert found[f"{name}_se"] == pytest.approx(error, abs=1e-6)


def _right(world: doctors.Doctors, *parts: Labelled, even: bool = False) -> np.ndarray:
    """Share right in each cell after training on all parts, with weights written out."""
    pictures = pool(*parts)
    counts = np.bincount(pictures.y, minlength=8)
    weights = len(pictures) / 8 / counts[pictures.y] if even else None
    return world.right(doctors.recognizer(pictures, weights))


def test_each_column_of_ways_to_fill_is_what_its_name_says() -> None:
    found = ways_to_fill._one_set(66, np.random.default_rng(7))
    world, bare = doctors.Doctors(), doctors.Doctors(background=0)
    rng = np.random.default_rng(7)
    old = world.draw(doctors.WEB, rng=rng)
    added = ways_to_fill._ways(world, old, 66, rng=rng)
    before = _right(world, old)
    change = {way: _right(world, old, new) - before for way, new in added.items()}
    change["weights"] = _right(world, old, even=True) - before
    share = np.array(doctors.WEB) / 600
    for way, by in change.items():
        assert found[f"{way}_2"] == pytest.approx(by[2], abs=1e-8)
        assert found[f"{way}_equal"] == pytest.approx(by.mean(), abs=1e-8)
        assert found[f"{way}_web"] == pytest.approx(share @ by, abs=1e-8)
    over = change["bell"].mean() - change["copied"].mean()
    assert found["bell_over"] == pytest.approx(over, abs=1e-8)
    duel = share @ (change["fresh"] - change["edited"])
    assert found["fresh_duel_web"] == pytest.approx(duel, abs=1e-8)
    for name, new in (("before", ()), ("edited", (added["edited"],))):
        said = dict(
            zip(doctors.CELLS, world.said(doctors.recognizer(pool(old, *new))), strict=True)
        )
        for who in ("men", "women"):
            both = (said[f"younger {who}, others"] + said[f"younger {who}, doctors"]) / 2
            assert found[f"{name}_{who}_says"] == pytest.approx(both, abs=1e-8)
    few = bare.draw(doctors.WEB, rng=rng)
    real = bare.draw([0, 0, 0, 0, 0, 0, 0, 66], rng=rng)
    copies = synthetic.oversample(few.X[few.y == 7], 66, rng=rng)
    gap = _right(bare, few, real) - _right(bare, few, Labelled(copies, np.full(66, 7)))
    assert found["few_over"] == pytest.approx(gap.mean(), abs=1e-8)


def test_each_way_adds_what_its_name_says() -> None:
    world, rng = doctors.Doctors(), np.random.default_rng(8)
    old = world.draw(doctors.WEB, rng=rng)
    ways = ways_to_fill._ways(world, old, 600, rng=rng)
    rare = old.X[old.y == 7]
    assert np.bincount(ways.pop("fresh").y).tolist() == list(doctors.WEB)
    assert all((new.y == 7).all() and new.X.shape == (600, 20) for new in ways.values())
    distinct = {way: len(np.unique(new.X, axis=0)) for way, new in ways.items()}
    assert distinct.pop("copied") == len(rare) == 9
    assert distinct.pop("edited") == 75  # as many as there are men to edit
    assert set(distinct.values()) == {600}
    between = ways["interpolated"].X
    assert (between >= rare.min(axis=0)).all()
    assert (between <= rare.max(axis=0)).all()
    shift = old.X[old.y == 3].mean(axis=0) - old.X[old.y == 1].mean(axis=0)
    gaps = np.abs((ways["edited"].X - shift)[:, None] - old.X[old.y == 5]).max(axis=2)
    assert gaps.min(axis=1).max() < 1e-12
    bell = (ways["bell"].X - rare.mean(axis=0)) / rare.std(axis=0)  # 12,000 standard normals
    assert abs(bell.mean()) < 4.9 / np.sqrt(12_000)
    assert abs(bell.std() - 1) < 4.9 / np.sqrt(24_000)
    real = ways["real"].X - world.means[7]
    assert np.abs(real.mean(axis=0)).max() < 4.9 / np.sqrt(600)


def test_each_column_of_fresh_or_generated_is_what_its_name_says() -> None:
    world = doctors.Doctors(1.0)
    found = fresh_or_generated._one_set(world, np.random.default_rng(9))
    rng = np.random.default_rng(9)
    old = world.draw(doctors.WEB, rng=rng)
    made = doctors.edited(old, ADDED, rng=rng)
    missing = world.draw([0, 0, 0, 0, 0, 0, 0, 66], rng=rng)
    few, many = world.draw(WEB_66, rng=rng), world.draw(doctors.WEB, rng=rng)
    base, edited, fresh_66, fresh_600 = (
        _right(world, old, *new, even=True) for new in ((), (made,), (few,), (many,))
    )
    by_hand = {
        "edited": edited - base,
        "edited_own": (edited - base)[7],
        "fresh_66": fresh_66 - base,
        "fresh_600": fresh_600 - base,
        "duel_66": fresh_66 - edited,
        "duel_600": fresh_600 - edited,
        "plain_duel_66": _right(world, old, few) - _right(world, old, made),
    }
    for k in REAL:
        by_hand[f"real_{k}"] = _right(world, old, missing[:k], even=True) - base
    assert set(found) == set(by_hand)
    for name, value in by_hand.items():
        assert found[name] == pytest.approx(np.mean(value), abs=1e-8), name


def test_what_the_chapter_says_of_the_kept_ways() -> None:
    table = kept(WAYS).table
    real, copied = table["real_equal"][0], table["copied_equal"][0]
    assert copied > real / 2  # most of the gain
    assert table["weights_equal"][0] + 2 * table["weights_equal_se"][0] > table["edited_equal"][0]
    for way in ("edited", "real"):
        assert (np.diff(table[f"{way}_7"]) > 0).all()
        assert (np.diff(table[f"{way}_3"]) < 0).all()
        assert (table[f"{way}_web"] < 0).all()
        assert table[f"{way}_equal"][-1] < table[f"{way}_equal"][0]
    assert (table["fresh_equal"] < table["edited_equal"][0]).all()
    assert all(np.sum(counts) == n for n, counts in FRESH.items())


def test_other_ways_to_repair_are_right_too() -> None:
    def copies(pictures: Labelled, rng: np.random.Generator) -> Labelled:
        made = synthetic.oversample(pictures.X[pictures.y == 7], 66, rng=rng)
        return pool(pictures, Labelled(made, np.full(66, 7)))

    def between(pictures: Labelled, rng: np.random.Generator) -> Labelled:
        made = synthetic.smote(pictures.X[pictures.y == 7], 66, rng=rng)
        return pool(pictures, Labelled(made, np.full(66, 7)))

    assert check("10.4", copies).passed
    assert check("10.4", between).passed


def _edited(n: int) -> Any:
    return lambda pictures, rng: pool(pictures, doctors.edited(pictures, n, rng=rng))


@pytest.mark.parametrize("seed", range(5))
def test_chance_decides_no_verdict_on_a_repair(seed: int) -> None:
    """100 edited pictures keep every limit, one cell's by a hair; 300 break it, 9 gain too little.

    One false alarm in a million for each of 13 limits and 3 looks, and in 15 checks.
    """
    assert _my_training_set(_edited(100), seed) is None
    assert "the cell of younger women, others" in str(_my_training_set(_edited(300), seed))
    assert "+3 are asked" in str(_my_training_set(_edited(9), seed))


def test_the_odds_may_be_written_as_they_are() -> None:
    def with_limits(p: np.ndarray, r: float) -> np.ndarray:
        with np.errstate(divide="ignore"):
            return 1 / (1 + r * (1 / p - 1))

    assert check("10.2", with_limits).passed


def _far(points: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """Points on the right lines, and beyond their ends."""
    i = rng.integers(len(points), size=n)
    j = (i + rng.integers(1, len(points), size=n)) % len(points)
    return points[i] + rng.normal(0, 4, (n, 1)) * (points[j] - points[i])


@pytest.mark.parametrize(
    ("exercise", "answer", "says"),
    [
        ("10.3", lambda x, n, rng: synthetic.smote(x, n, rng=rng), "without `synthetic.smote`"),
        (
            "10.3",
            lambda x, n, _rng: synthetic.smote(x, n, rng=np.random.default_rng(0)),
            "a seed fixed",
        ),
        ("10.2", lambda p, r: np.divide(p, p + r * (1 - p), out=p), "Work on a copy"),
        ("10.3", _far, "beyond the ends"),
        ("10.4", lambda _pictures, _rng: None, "`return`"),
        ("10.4", lambda pictures, _rng: Labelled(pictures.X * np.nan, pictures.y), "not finite"),
    ],
)
def test_other_mistakes_are_named(exercise: str, answer: Any, says: str) -> None:
    feedback = check(exercise, answer)
    assert not feedback.passed
    assert says in feedback.message


def test_points_drawn_one_by_one_are_right_too() -> None:
    def one_by_one(points: np.ndarray, n: int, rng: np.random.Generator) -> list[np.ndarray]:
        made = []
        for _ in range(n):
            i, j = rng.integers(len(points), size=2)
            while i == j:
                j = rng.integers(len(points))
            part = rng.random()
            made.append((1 - part) * points[i] + part * points[j])
        return made

    assert check("10.3", one_by_one).passed
