"""What the engine costs, as ratios: `make benchmarks`. Not part of `make test`.

pytest-benchmark times the engine; what it is compared with is timed by the same clock, processor
time (a neighbor's work does not count), and each side counts with the best of five rounds or more.
"""

from collections.abc import Callable
from functools import partial
from subprocess import run
from sys import executable
from time import perf_counter, process_time

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

import collapse_lab as cl

Clock = Callable[[], float]

N, GENERATIONS, REPLICATES = 100, 1_000, 10_000
METRICS = [cl.metrics.mean, cl.metrics.variance]


def best(task: Callable[[], object], of: int = 5, clock: Clock = process_time) -> float:
    """Return the least seconds that a task took."""
    seconds = []
    for _ in range(of):
        start = clock()
        task()
        seconds.append(clock() - start)
    return min(seconds)


def timed(benchmark: BenchmarkFixture, task: Callable[[], object], of: int = 5) -> float:
    """Return the least seconds that pytest-benchmark measured for a task."""
    benchmark.pedantic(task, rounds=of, warmup_rounds=1)
    return float(benchmark.stats.stats.min)


def run_gaussian() -> None:
    """Run the chain with exact statistics."""
    world = cl.Gaussian(0.0, 1.0, draw="moments").expand(REPLICATES)
    cl.run(cl.Gaussian.fit, world, n=N, n_generations=GENERATIONS, metrics=METRICS, rng=1)


def draw_gaussian() -> None:
    """Draw the same normals and chi-squares, and nothing else."""
    rng = np.random.default_rng(1)
    for _ in range(GENERATIONS + 1):
        rng.standard_normal(REPLICATES)
        rng.chisquare(N - 1, REPLICATES)


def textbook_gaussian(replicates: int) -> None:
    """Run the chain as a textbook writes it: draw points, fit, repeat."""
    rng = np.random.default_rng(1)
    for _ in range(replicates):
        mean, std = 0.0, 1.0
        for _ in range(GENERATIONS + 1):
            points = rng.normal(mean, std, N)
            mean, std = points.mean(), points.std()


def run_words(words: cl.Categorical, generations: int) -> None:
    """Run the chain of word counts."""
    metrics = [cl.metrics.n_types]
    fit = partial(cl.Categorical.fit, n_categories=len(words.p))
    cl.run(fit, words, n=10**6, n_generations=generations, metrics=metrics, rng=1)


def draw_words(shares: list[np.ndarray]) -> None:
    """Draw a multinomial a generation, and nothing else."""
    rng = np.random.default_rng(1)
    for p in shares:
        rng.multinomial(10**6, p)


def shares_of_words(p: np.ndarray, generations: int) -> list[np.ndarray]:
    """Return the shares from which a chain draws, generation by generation."""
    rng = np.random.default_rng(1)
    shares = [p]
    for _ in range(generations):
        shares.append(rng.multinomial(10**6, shares[-1]) / 10**6)
    return shares


@pytest.fixture
def report(capsys: pytest.CaptureFixture[str]) -> Callable[..., None]:
    """Return a function that prints past pytest's capture."""

    def show(text: str) -> None:
        with capsys.disabled():
            print(f"\n{text}")

    return show


def test_gaussian_chain_costs_little_more_than_its_random_numbers(
    benchmark: BenchmarkFixture, report: Callable[[str], None]
) -> None:
    engine, bare = timed(benchmark, run_gaussian), best(draw_gaussian)
    report(
        f"Gaussian, moments, {REPLICATES} replicates x {GENERATIONS} generations: {engine:.2f} s,"
        f" {engine / bare:.2f} times bare drawing (allowed: 1.5)"
    )
    assert engine <= 1.5 * bare


def test_gaussian_chain_is_far_faster_than_the_textbook_loop(
    benchmark: BenchmarkFixture, report: Callable[[str], None]
) -> None:
    few = 20  # the loop's time is proportional to its replicates
    engine, loop = timed(benchmark, run_gaussian), best(partial(textbook_gaussian, few))
    ratio = loop * REPLICATES / few / engine
    report(f"Textbook loop: {ratio:.0f} times the engine's time (asked: 100)")
    assert ratio >= 100


def test_chain_of_words_costs_little_more_than_its_multinomials(
    benchmark: BenchmarkFixture, report: Callable[[str], None]
) -> None:
    words, generations = cl.datasets.word_frequencies(), 30
    world = cl.Categorical(words.p, draw="counts")
    # short, and bound by memory: more noise, more rounds
    engine = timed(benchmark, partial(run_words, world, generations), of=15)
    bare = best(partial(draw_words, shares_of_words(words.p, generations)), of=15)
    report(
        f"Categorical, counts, {len(words.p)} words, n = 10^6, {generations} generations:"
        f" {engine:.2f} s, {engine / bare:.2f} times bare multinomials (allowed: 1.3)"
    )
    assert engine <= 1.3 * bare


def test_import_is_quick(report: Callable[[str], None]) -> None:
    codes = ("", "import numpy", "import collapse_lab")
    tasks = [partial(run, [executable, "-c", code], check=True) for code in codes]
    empty, numpy, package = (best(task, clock=perf_counter) for task in tasks)
    report(
        f"import collapse_lab: {package - empty:.2f} s, of which numpy {numpy - empty:.2f} s"
        " (allowed beside numpy: 0.3)"
    )
    assert package - numpy <= 0.3
