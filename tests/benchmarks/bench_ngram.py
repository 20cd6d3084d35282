"""What an n-gram chain costs: `make benchmarks`. Not part of `make test`."""

from collections import defaultdict
from functools import partial
from itertools import islice
from time import process_time

import numpy as np
from pytest_benchmark.fixture import BenchmarkFixture

import collapse_lab as cl
from collapse_lab.text import Documents, n_tokens

MANUAL = cl.datasets.python_manual().corpus
TWICE = cl.Corpus(MANUAL.words, MANUAL.documents * 2)
N = 1_640  # paragraphs: 60,000 words
FIT = partial(cl.NGram.fit, order=3, n_words=len(MANUAL.words))


def chain() -> Documents:
    """Write, read, and write again: twenty generations."""
    return next(islice(cl.recurse(FIT, TWICE, n=N, rng=1), 20, None)).data


def by_hand(documents: Documents) -> list[list[int]]:
    """Learn and write one text with a dictionary of lists."""
    rng = np.random.default_rng(1)
    after = defaultdict(list)
    for document in documents:
        for first, second, third in zip(
            [-1, -1, *document], [-1, *document, -1], [*document, -1], strict=False
        ):
            after[first, second].append(third)
    written = []
    for _ in documents:
        words = [-1, -1]
        while len(words) == 2 or words[-1] != -1:
            choices = after[words[-2], words[-1]]
            words.append(choices[rng.integers(len(choices))])
        written.append(words[2:-1])
    return written


def test_twenty_generations_of_sixty_thousand_words(benchmark: BenchmarkFixture) -> None:
    assert 55_000 < n_tokens(TWICE.sample(N, rng=1)) < 65_000
    benchmark.pedantic(chain, rounds=3, warmup_rounds=1)
    assert benchmark.stats.stats.min < 3  # seconds
    began = process_time()
    by_hand(TWICE.sample(N, rng=1))
    one = process_time() - began
    assert benchmark.stats.stats.min < 21 * one / 2
