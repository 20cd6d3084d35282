"""What the generic tests cannot know of chapter 5: its numbers, exercises and figures."""

from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes

import collapse_lab as cl
from collapse_lab import pictures, plots, theory
from collapse_lab.checks import check
from collapse_lab.notebooks import read

CHAPTER = Path(__file__).parents[1] / "book" / "part1" / "05-pictures-that-melt.ipynb"


@pytest.fixture
def ax():
    yield plt.figure().add_subplot()
    plt.close()


@pytest.fixture(scope="module")
def text() -> str:
    """All that the chapter says in its Markdown cells."""
    return "\n".join(cell.source for cell in read(CHAPTER).cells if cell.cell_type == "markdown")


def test_gallery_is_one_sheet_of_framed_pictures(ax: Axes):
    ink = np.arange(6)[:, None] * np.ones(4) / 10
    assert plots.gallery(ink, ax=ax, columns=3, rows=["one", "two"], frame=0.9) is ax
    sheet = ax.images[0].get_array()
    assert sheet.shape == (2 * 4, 3 * 4)
    assert sheet[1:3, 1:3].tolist() == [[0.0, 0.0], [0.0, 0.0]]
    assert sheet[5:7, 9:11].tolist() == [[0.5, 0.5], [0.5, 0.5]]
    assert (sheet[0] == 0.9).all()
    assert [label.get_text() for label in ax.texts] == ["one", "two"]
    assert ax.images[0].get_clim() == (0, 1)


@pytest.mark.parametrize("shape", [(7, 4), (4,), (6, 5)])
def test_gallery_needs_full_rows_of_square_pictures(ax: Axes, shape: tuple[int, ...]):
    with pytest.raises(ValueError, match="pictures must be rows of 3 square pictures, got shape"):
        plots.gallery(np.zeros(shape), ax=ax, columns=3)


def test_typed_numbers_are_those_of_the_data(text: str) -> None:
    digits = pictures.handwritten()
    assert f"{len(digits):,} digits" in text
    assert f"all {np.sum(digits.label == 7)} sevens" in text
    assert pictures.stroke_ink(digits.ink).mean() < 0.01
    assert "Real digits have hardly any ink there" in text


def test_words_about_flaws_that_are_added_agree_with_their_law(text: str) -> None:
    assert "One in a hundred is nearly two in three after a hundred copies" in text
    assert pytest.approx(2 / 3, abs=0.04) == 1 - 0.99**100


def test_zeros_are_written_more_alike_than_nines() -> None:
    digits = pictures.handwritten()
    spread = [digits.ink[digits.label == digit].var(axis=0).sum() for digit in range(10)]
    assert np.argmin(spread) == 0
    assert spread[9] > 1.5 * spread[0]


def test_the_number_of_zeros_among_250_and_their_chance() -> None:
    assert 7 < 0.03 * 250 < 8
    # the branching approximation, against resampling itself
    n, chains = 250, 4000
    rng = np.random.default_rng(1)
    share = np.full(chains, 0.03)
    for _ in range(10):  # one real sample, then nine of generations 0 to 8
        share = rng.binomial(n, share) / n
    chance = -np.expm1(-0.03 * n * theory.survival_generating(9))
    error = np.sqrt(chance * (1 - chance) / chains)
    assert np.mean(share > 0) == pytest.approx(chance, abs=4.9 * error + 0.01)


def test_no_line_of_code_is_wider_than_a_page() -> None:
    for cell in read(CHAPTER).cells:
        if cell.cell_type == "code":
            assert max(map(len, cell.source.splitlines())) <= 72, cell.id


RIGHT: dict[str, Any] = {
    "5.1": lambda real, made: [sum(made[real != 0]), sum(real[made != 0])],
    "5.2": lambda v, n, d: v**0.5 / n**0.5 / d**0.5,
    "5.3": cl.Mix(0.4),
}


@pytest.mark.parametrize("exercise", RIGHT)
def test_other_right_answers_pass(exercise: str) -> None:
    assert check(exercise, RIGHT[exercise]).passed


def test_a_policy_may_use_kept_pictures_and_sharpened_draws() -> None:
    def kept(past: Any, *, rng: Any) -> Any:
        sharp = pictures.MostLikely(past.model, 0.5, pictures.kernel_score)
        return cl.pool(past.real[:100], sharp.sample(past.n - 100, rng=rng))

    assert check("5.3", kept).passed


def test_a_made_picture_that_happens_to_be_near_a_real_one_is_not_counted() -> None:
    def hundred(past: Any, *, rng: np.random.Generator) -> Any:
        made = past.model.sample(150, rng=rng)
        first = past.real[200:201]  # noise moves one picture in 300,000 by less than 0.5
        made[0] = first + 0.48 / 8 * np.sign(rng.standard_normal(64))
        return cl.pool(past.real[:100], made)

    assert check("5.3", hundred).passed


def _zeroed(real: Any, made: Any) -> Any:
    recall = real[made > 0].sum()
    made[real == 0] = 0
    return made.sum(), recall


def _disguised(past: Any, *, rng: Any) -> Any:
    return past.real + rng.normal(0, 0.02, size=past.real.shape)


@pytest.mark.parametrize(
    ("exercise", "answer", "says"),
    [
        ("5.1", lambda r, m: (m[r > 0.01].sum(), r[m > 0.01].sum()), "not for real = [0.5, 0.5]"),
        ("5.1", lambda r, m: (0.9, 0.7), "not for real = [0.5, 0.5]"),
        ("5.1", lambda r, m: (1 - m[r == 0].sum(), r[m >= r].sum()), "(0.9, 0.7)"),
        ("5.2", lambda v, n, d: np.sqrt(v / (n * 16)), "a number fixed"),
        ("5.1", _zeroed, "It changes `real` or `made`"),
        ("5.1", lambda r, m: (m[r > 0].sum(),) * 2, "the precision twice"),
        ("5.1", lambda r, m: (r[m > 0].sum(),) * 2, "the recall twice"),
        ("5.1", lambda r, m: {0.9, 0.7}, "`return precision, recall`"),
        ("5.1", lambda r, m: (90, 70), "percentages"),
        ("5.1", lambda r, m: (0.9, 0.7) if len(r) == 4 else None, "not for real = [0.5, 0.5]"),
        ("5.2", lambda v, n, d: -np.sqrt(v / (n * d)), "a width is positive"),
        ("5.3", lambda past, rng: None, "returns None"),
        ("5.3", lambda past, rng: cl.Mix(0.4), "one array of pictures"),
        ("5.3", lambda past, rng: np.nan * past.real, "nan or infinite"),
        ("5.3", _disguised, "At most 100 pictures"),
        ("5.3", lambda past, rng: past.real.mean(axis=0) + 0 * past.real, "only 1"),
    ],
)
def test_near_misses_are_told_apart(exercise: str, answer: Any, says: str) -> None:
    feedback = check(exercise, answer)
    assert not feedback.passed
    if says != "(0.9, 0.7)":
        assert says in feedback.message
