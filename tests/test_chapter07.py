"""What the generic tests cannot know of chapter 7: its numbers, exercises and figures."""

from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes

import collapse_lab as cl
from collapse_lab import datasets, metrics, plots, theory
from collapse_lab.checks import check
from collapse_lab.exercises import chapter07
from collapse_lab.notebooks import read
from collapse_lab.protocols import Past

CHAPTER = Path(__file__).parents[1] / "book" / "part1" / "07-is-it-inevitable.ipynb"


@pytest.fixture
def ax():
    yield plt.figure().add_subplot()
    plt.close()


@pytest.fixture(scope="module")
def text() -> str:
    """All that the chapter says in its Markdown cells."""
    return "\n".join(cell.source for cell in read(CHAPTER).cells if cell.cell_type == "markdown")


@pytest.fixture(scope="module")
def variance_left() -> Any:
    """The chapter's own recursion, from its cell."""
    names: dict[str, Any] = {"np": np}
    (source,) = (cell.source for cell in read(CHAPTER).cells if cell.id == "one-step")
    exec(source, names)
    return names["variance_left"]


@pytest.mark.parametrize("temperature", [1.0, 0.9])
def test_the_chapters_two_lines_are_the_closed_form(variance_left: Any, temperature: float) -> None:
    t = np.array([0, 1, 7, 60])
    expected = theory.gaussian_under_mix(t, 10, 100, factor=temperature).variance
    assert variance_left(0.1, 100, temperature, 60)[t] == pytest.approx(expected, rel=1e-12)


def test_the_long_run_is_where_the_two_lines_rest(variance_left: Any) -> None:
    (source,) = (cell.source for cell in read(CHAPTER).cells if cell.id == "enough")
    names: dict[str, Any] = {"np": np, "theory": theory, "english": datasets.word_frequencies("en")}
    exec(source, names)
    for (n, temperature), share in names["needs"].items():
        left = variance_left(share, n, temperature, 30_000)[-1]
        assert 0.9 <= left < 0.901


def test_the_map_is_drawn_with_the_heights_it_has(ax: Axes) -> None:
    shares, fits = np.geomspace(0.001, 1, 7), np.geomspace(1, 1000, 4)
    left = np.tile(np.linspace(0.3, 1, 7), (4, 1))
    assert plots.survival_map(shares, fits, left, ax=ax) is ax
    assert [text.get_text() for text in ax.texts] == ["50%", "90%"]  # no 10% on this map
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["0.1%", "1%", "10%", "100%"]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["1", "10", "100", "1,000"]
    # the label stands where the last row passes its height, half a decade a column
    assert ax.texts[0].get_position()[0] == pytest.approx(-3 + 0.5 * 0.2 * 6 / 0.7 + 0.04)


def test_a_map_without_any_of_the_heights_has_no_line(ax: Axes) -> None:
    plots.survival_map([0.01, 0.1, 1], [1, 10], np.full((2, 3), 0.95), ax=ax)
    assert not ax.texts


def test_a_map_must_fit_its_axes(ax: Axes) -> None:
    with pytest.raises(ValueError, match=r"left must have a row .* got shape \(3, 2\) for 2 fits"):
        plots.survival_map([0.01, 0.1, 1], [1, 10], np.ones((3, 2)), ax=ax)


def test_numbers_typed_into_the_prose(text: str) -> None:
    # the first quiz: loss under accumulate, in sample errors
    loss = 100 * theory.gaussian_under_accumulate(1000, 100).mean_square
    assert f"About {loss:.1f} times as large" in text
    assert f"{1000 / 1001:.1%} of the training data" in text
    assert f"approx {np.pi**2 / 6:.2f}" in text
    # the limit of subsampling, without replacement
    late = 1e6 * theory.gaussian_under_subsample(3000, 10**6).mean_square
    assert late == pytest.approx(np.pi**2 / 2 - 2, rel=1e-3)
    assert f"approx {np.pi**2 / 2 - 2:.2f}" in text
    # golden weights
    weight = theory.optimal_weight(100, 100)
    assert f"100 fresh numbers the weight {weight:.3f}" in text
    assert f"100 generated ones {1 - weight:.3f}" in text
    # accumulation at temperature 0.9 halves about a thousandfold
    assert pytest.approx(1000, rel=0.03) == 2 ** (1 / (1 - 0.9))


def test_numbers_of_the_last_quizzes(text: str) -> None:
    level = 0.2 / (1 - 0.8 * 0.95)
    assert f"levels off at about {level:.0%} of the variance" in text
    decay = theory.accumulated_decay(np.arange(200), 0.95)
    assert f"it takes some {1 + np.argmax(decay < level)} fits" in text
    team_a = theory.mean_square_limit_under_mix(100_000, 10**7)
    team_b = theory.mean_square_limit_under_mix(10_000, 10**5)
    assert team_b / team_a == pytest.approx(10, rel=0.06)


def test_what_the_map_shows(variance_left: Any) -> None:
    """At temperature 1 the share falls like 1/n; at 0.9 it stays close to one half."""
    shares = np.geomspace(1e-5, 1, 400)

    def needed(n: int, temperature: float) -> float:
        return float(np.interp(0.9, variance_left(shares, n, temperature, 1000)[-1], shares))

    assert needed(100, 1) / needed(1000, 1) == pytest.approx(10, rel=0.15)
    assert needed(300, 1) / needed(3000, 1) == pytest.approx(10, rel=0.15)
    assert all(0.45 < needed(n, 0.9) < 0.65 for n in (30, 300, 3000))


def test_kept_data_bounds_the_loss_whatever_is_generated() -> None:
    for n in (10, 1000, 100_000):
        loss = 50 * theory.mean_square_limit_under_keep(50, n)
        assert 1 < loss < 1.5
    assert loss == pytest.approx(1.5, abs=0.02)


def test_one_law_for_bell_curves_and_words(within: Any) -> None:
    """The squared error of each share is p (1 - p) times the loss of a Gaussian chain."""
    p = datasets.word_frequencies("en").p[:50]
    p = np.append(p, 1 - p.sum())
    world = cl.Categorical(p, draw="counts").expand(2000)
    spread = np.sum(p * (1 - p))
    for policy, form in (
        (cl.accumulate, theory.gaussian_under_accumulate(12, 100)),
        (cl.Keep(), theory.gaussian_under_keep(12, 100, 100)),
        (cl.Mix(0.1), theory.gaussian_under_mix(12, 10, 100)),
    ):
        end = cl.run(
            cl.Categorical.fit,
            world,
            n=100,
            n_generations=12,
            policy=policy,
            metrics=[metrics.heterozygosity],
            rng=1,
        ).last.model
        loss = np.sum((end.p - p[:, None]) ** 2, axis=0) / spread
        within(loss.mean(), form.mean_square, se=loss.std() / np.sqrt(2000))


def test_no_line_of_code_is_wider_than_a_page() -> None:
    for cell in read(CHAPTER).cells:
        if cell.cell_type == "code":
            assert max(map(len, cell.source.splitlines())) <= 72, cell.id


def _anchored(past: Past, *, rng: np.random.Generator) -> Any:
    """Half of the first data, ten fresh numbers, and 40 generated ones."""
    real: Any = past.real
    fresh = past.world.sample(10, rng=rng)
    return np.concatenate([real[:50], fresh, past.model.sample(40, rng=rng)])


def _growing_cover(past: Past, *, rng: np.random.Generator) -> Any:
    """Ten fresh numbers in the place of ten random old ones."""
    kept: Any = past.pool
    fresh = past.world.sample(10, rng=rng)
    return np.concatenate([fresh, rng.permutation(kept)[:90]])


RIGHT: dict[str, list[Any]] = {
    "7.1": [
        theory.variance_limit_under_accumulate,
        lambda n: np.sin(np.pi / n**0.5) / (np.pi / n**0.5),
    ],
    "7.2": [lambda loss, temperature: 1 - loss / (1 - temperature * (1 - loss))],
    "7.3": [theory.optimal_weight, lambda n, m: 2 / (1 + np.sqrt(1 + 4 * m / n))],
    "7.4": [_anchored, _growing_cover],
}


@pytest.mark.parametrize(("exercise", "answers"), RIGHT.items())
def test_other_right_answers_pass(exercise: str, answers: list[Any]) -> None:
    for answer in answers:
        assert check(exercise, answer).passed, check(exercise, answer).message


def _two_at_a_time(past: Past, *, rng: np.random.Generator) -> Any:
    """Draw ten real numbers twice."""
    fresh = [past.world.sample(10, rng=rng) for _ in range(2)]
    return np.concatenate([*fresh, past.model.sample(80, rng=rng)])


@pytest.mark.parametrize(
    ("exercise", "answer", "message"),
    [
        ("7.1", lambda n: np.prod(1 - 1 / (n * np.arange(1.0, 1e5) ** 2)), "cut off"),
        ("7.1", lambda n: round(float(np.sinc(1 / n**0.5)), 3), "Nearly"),
        ("7.2", lambda _loss, _temperature: 9 / 14, "Is a number fixed"),
        ("7.2", lambda loss, temperature: loss * temperature, "should be 0.9 again"),
        (
            "7.2",
            lambda loss, temperature: round(1 - loss / (1 - temperature * (1 - loss)), 3),
            "off by",
        ),
        ("7.3", lambda _n, _m: 0.3903882, "Is a number fixed"),
        ("7.3", lambda n, m: np.sqrt(n / (n + m)), "smallest near 0.39"),
        ("7.3", lambda n, m: round(theory.optimal_weight(n, m), 2), "five digits are asked for"),
        (
            "7.3",
            lambda n, m: ((n // m) ** 2 + 4 * (n // m)) ** 0.5 / 2 - n // m / 2,
            "`100 // 400` is 0",
        ),
        (
            "7.4",
            lambda past, *, rng: rng.normal(past.world.mean, 2.0, (100, 400)),
            "The world does not tell its `mean`",
        ),
        ("7.4", _two_at_a_time, "it drew 20 real numbers; ten are allowed"),
        ("7.4", lambda past, *, rng: np.zeros((100, 400)), "times that of"),
    ],
)
def test_near_misses_get_their_message(exercise: str, answer: Any, message: str) -> None:
    feedback = check(exercise, answer)
    assert not feedback.passed
    assert message in feedback.message


def test_the_tolerance_of_the_open_exercise_is_that_of_chance() -> None:
    """Ratios to Mix(0.1): a window 0.2 by theory, real data kept for good 0.4; the bar is 0.5."""
    reference = chapter07._distance(cl.Mix(0.1))
    assert isinstance(reference, float)
    loss = theory.squared_wasserstein_under_mix(10, 100)
    # the squared distance is about s (χ²₁ + χ²₁/2): relative variance 10/9 a chain
    assert reference == pytest.approx(loss, rel=4.9 * np.sqrt(10 / 9 / 400) + 0.03)
    anchored = chapter07._distance(_anchored)
    assert isinstance(anchored, float)
    assert 0.3 < anchored / reference < 0.48


def test_log_ticks_are_plain_numbers(ax: Axes) -> None:
    assert plots.log_ticks(ax=ax, x=[1, 1000, 10_000_000], y=[1e-12, 5e-6, 0.001, 0.5]) is ax
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    labels = [tick.get_text() for tick in ax.get_xticklabels()]
    assert labels == ["1", "1,000", "10 million"]
    labels = [tick.get_text() for tick in ax.get_yticklabels()]
    assert labels == ["10⁻¹²", "5 × 10⁻⁶", "0.001", "0.5"]


def test_log_ticks_leave_the_other_axis_alone(ax: Axes) -> None:
    plots.log_ticks(ax=ax, x=[1, 10])
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "linear")
