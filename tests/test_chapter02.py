"""What the generic tests cannot know of chapter 2: its numbers, exercises and figures."""

from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from scipy.optimize import brentq

import collapse_lab as cl
from collapse_lab import datasets, metrics, plots, theory
from collapse_lab.checks import check
from collapse_lab.notebooks import read


@pytest.fixture
def ax():
    yield plt.figure().add_subplot()
    plt.close()


def test_vocabulary_under_mix_at_its_ends():
    p = theory.zipf(1.0, 500)
    t = np.array([0, 3, 10])
    assert theory.expected_types_under_mix(t, 300, 0.0, p) == pytest.approx(
        theory.expected_types(t, 300, p)
    )
    # all fresh: every generation is a real sample
    assert theory.expected_types_under_mix(t, 300, 1.0, p) == pytest.approx(
        [theory.expected_types(0, 300, p)] * 3
    )
    assert np.ndim(theory.expected_types_under_mix(3, 300, 0.5, p)) == 0
    with pytest.raises(ValueError, match=r"fraction must lie in \[0, 1\], got 1.5"):
        theory.expected_types_under_mix(3, 300, 1.5, p)


def test_vocabulary_under_mix_is_exact_for_branching_with_newcomers(within):
    rng = np.random.default_rng(1)
    rate, fraction, runs = 1.3, 0.2, 100_000
    copies = rng.poisson(rate, runs)
    for t in range(6):
        expected = theory.expected_types_under_mix(t, 13, fraction, [rate / 13])
        alive = (copies > 0).mean()
        within(alive, expected, se=np.sqrt(expected * (1 - expected) / runs))
        copies = rng.poisson(fraction * rate + (1 - fraction) * copies)


def test_vocabulary_under_mix_of_a_recursion(within):
    p = datasets.kennel_club_2016().p
    world = cl.Categorical(p, draw="counts").expand(300)
    history = cl.run(
        cl.Categorical.fit,
        world,
        n=1000,
        n_generations=20,
        policy=cl.Mix(0.3),
        metrics=[metrics.n_types],
        rng=2,
    )
    types = history["n_types"][-1]
    expected = theory.expected_types_under_mix(20, 1000, 0.3, p)
    # the Poisson law stands for a binomial one of p < 0.03 where breeds are at risk
    within(types.mean(), expected, se=types.std() / np.sqrt(300), bias=0.01 * expected)


def test_share_bars_say_each_share(ax: Axes):
    shares = [0.9, 0.0996, 0.0004, 0.0]
    drawn = plots.share_bars(shares, "abcd", ax=ax, before=[0.5, 0.2, 0.2, 0.1])
    assert drawn is ax
    assert [bar.get_width() for bar in ax.patches] == shares
    assert [text.get_text() for text in ax.texts[::2]] == list("abcd")
    assert [text.get_text() for text in ax.texts[1::2]] == ["90.0%", "10.0%", "< 0.1%", "none"]
    assert [text.get_ha() for text in ax.texts[1::2]] == ["right", "left", "left", "left"]


def test_squares_are_a_hundred_whatever_the_shares(ax: Axes):
    shares = [0.149, 0.032, 0.402, 0.417]
    assert (
        plots.squares(shares, ax=ax, colors=["r", "g", "b", "k"], letters=["A", "B", "C", ""]) is ax
    )
    groups = [c for c in ax.collections if isinstance(c, PolyCollection)]
    # rounded down these are 14, 3, 40, 41; the two largest remainders are .9 and .7
    assert [len(group.get_paths()) for group in groups] == [15, 3, 40, 42]


CHAPTER = Path(__file__).parents[1] / "book" / "part1" / "02-losing-the-tails.ipynb"


@pytest.fixture(scope="module")
def text() -> str:
    """All that the chapter says in its Markdown cells."""
    return "\n".join(cell.source for cell in read(CHAPTER).cells if cell.cell_type == "markdown")


def test_typed_counts_of_dogs_are_those_of_the_data(text: str) -> None:
    dogs = datasets.kennel_club_2016()
    total = 227_708
    assert "registered 227,708 dogs" in text
    counts = np.round(dogs.p * total).astype(int)
    assert f"{counts[0]:,} Labradors at the top" in text
    assert dogs.names[7] == "Golden Retriever"
    assert f"in eighth place with {counts[7]:,}" in text
    assert f"The tenth breed has {counts[9]:,} dogs" in text
    assert f"The other {round(total * dogs.p[10:].sum()):,} dogs" in text
    assert f"{len(dogs.p)} breeds" in text


def test_rounded_numbers_of_the_quizzes_agree_with_theory(text: str) -> None:
    p = datasets.kennel_club_2016().p
    assert f"{p[0]:.0%} Labradors, {p[7]:.0%} golden retrievers" in text
    assert f"The Labrador wins in {100 * p[0]:.0f} of 100" in text
    assert f"the golden retriever in {100 * p[7]:.0f}." in text
    assert f"only about {theory.expected_types(0, 50, p):.0f} of our {len(p)} breeds" in text
    # the second quiz: Keep, then 10% fresh, then plain copies, then a sharpened loop
    fresh = theory.expected_types_under_mix(50, 1000, 0.1, p)
    plain = theory.expected_types(50, 1000, p)
    assert theory.expected_types(0, 1000, p) > fresh > plain > 2
    # the third: five million words, a hundred fits
    words = 5e6 * theory.survival_generating(99)
    assert f"itself gives {round(words, -2):,.0f}" in text
    assert 2 * 5e6 / 100 == 100_000


def test_no_line_of_code_is_wider_than_a_page() -> None:
    for cell in read(CHAPTER).cells:
        if cell.cell_type == "code":
            assert max(map(len, cell.source.splitlines())) <= 72, cell.id


RIGHT: dict[str, Any] = {
    "2.1": lambda h, n, t: h * np.exp((t + 1) * np.log1p(-1 / n)),
    "2.2": lambda p, temperature: (
        np.exp(
            np.log(np.maximum(p, 1e-300)) / temperature
            - np.log(np.sum(np.asarray(p) ** (1 / temperature)))
        )
        * (p > 0)
    ),
    "2.3": lambda n, t: n * theory.survival_generating(t),
    "2.4": 0.34,
}

OTHERS = [
    (
        "2.2",
        lambda p, temperature: [x ** (1 / temperature) / sum(p ** (1 / temperature)) for x in p],
    ),
    ("2.4", np.linspace(0, 1, 101)[35]),
    ("2.4", 0.11 * 3),
]


@pytest.mark.parametrize(("exercise", "answer"), [*RIGHT.items(), *OTHERS])
def test_other_right_answers_pass(exercise: str, answer: Any) -> None:
    assert check(exercise, answer).passed


@pytest.mark.parametrize(
    ("exercise", "answer", "says"),
    [
        ("2.1", lambda h, n, t: h * (1 - 1 / n) ** (t + 2), "One fit too many"),
        ("2.1", lambda h, n, t: 100 * h * (1 - 1 / n) ** (t + 1), "a percentage"),
        ("2.1", lambda h, n, t: h * (1 - 1 / n) ** 4 if t == 3 else None, "not. Is a number"),
        ("2.2", lambda p, temperature: p**1 / temperature, "needs brackets"),
        ("2.2", lambda p, temperature: np.round(p**2 / sum(p**2), 2), "the rounding"),
        ("2.2", lambda p, temperature: 100 * p**2 / sum(p**2), "sum to 100"),
        ("2.2", lambda p, t: p[p > 0] ** (1 / t) / sum(p ** (1 / t)), "also for those that are 0"),
        ("2.4", 0.32, "89.3% as many"),
        ("2.4", 0.32, "take more chains"),
        ("2.4", 0.37, "take more chains"),
    ],
)
def test_other_mistakes_are_named(exercise: str, answer: Any, says: str) -> None:
    assert says in check(exercise, answer).message


def test_a_hundred_chains_do_not_settle_the_second_decimal_of_the_fresh_share() -> None:
    # Twice the standard error of the share kept is more than another hundredth of fresh dogs keeps.
    p = datasets.kennel_club_2016().p
    world = cl.Categorical(p, draw="counts").expand(100)
    kept = cl.run(
        cl.Categorical.fit,
        world,
        n=1000,
        n_generations=50,
        policy=cl.Mix(0.34),
        metrics=[metrics.n_types],
        rng=5,
    )["n_types"][-1]
    known = theory.expected_types_under_mix
    assert 2 * kept.std() / 10 > known(50, 1000, 0.35, p) - known(50, 1000, 0.34, p)


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        ("2.1", lambda h, n, t: h * (1 - 1 / n) ** (4 if t == 3 else 1)),
        (
            "2.2",
            lambda p, temperature: p ** (3 - 2 * temperature) / (p ** (3 - 2 * temperature)).sum(),
        ),
        ("2.3", lambda _n, t: 1000 * theory.survival_generating(t)),
        ("2.3", lambda n, t: n * theory.survival_generating(9 if t else 0)),
        ("2.4", 0.31),
        ("2.4", 0.37),
    ],
)
def test_answers_that_once_passed_by_mistake(exercise: str, answer: Any) -> None:
    assert not check(exercise, answer).passed


def test_the_exercise_on_fresh_dogs_says_what_other_tails_would_answer() -> None:
    dogs, rank = datasets.kennel_club_2016(), np.arange(1, 201)
    rest = dogs.p[10:].sum() / dogs.p[9]
    found = []
    for shape in (lambda s: (1 + rank / 10) ** (-10 / s), lambda s: np.exp(-rank / s)):
        scale = brentq(lambda s, shape=shape: shape(s).sum() - rest, 1, 10_000)
        p = np.append(dogs.p[:10], dogs.p[9] * shape(scale))
        kept = [
            theory.expected_types_under_mix(50, 1000, f, p) / theory.expected_types(0, 1000, p)
            for f in np.arange(1, 100) / 100
        ]
        found.append(np.searchsorted(kept, 0.9) / 100 + 0.01)
    assert f"{min(found):.2f} and {max(found):.2f}" in check("2.4", 0.34).message


def test_equal_breeds_leave_most_and_few_large_ones_least() -> None:
    # The formula is concave in each share; so these bound every tail of the same sum and cap.
    rest, cap, rng = 96_938, 5_150, np.random.default_rng(1)

    def left(counts: Any) -> float:
        return float(theory.expected_types(20, 1000, np.asarray(counts) / 227_708))

    most = left(np.full(200, rest / 200))
    least = left([cap] * 18 + [rest - 18 * cap])
    for concentration in np.geomspace(0.05, 20, 40):
        counts = rest * rng.dirichlet(np.full(200, concentration))
        while counts.max() > cap * (1 + 1e-9):  # hand what is too much to the small ones
            over = np.maximum(counts - cap, 0).sum()
            counts = np.minimum(counts, cap)
            small = counts < cap
            counts[small] += over / small.sum()
        assert least <= left(counts) <= most
