"""The study of the slow machine: it is the chapter's, measured as there, and obeys its law."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest

import collapse_lab as cl
from collapse_lab.notebooks import read
from collapse_lab.studies import STUDIES, kept, petals

CHAPTER = Path(__file__).parents[1] / "book" / "part1" / "01-a-copy-of-a-copy.ipynb"


@pytest.fixture(scope="module")
def chapter() -> dict[str, Any]:
    """What the chapter's cells define: its machines, how it runs and how it measures them."""
    names: dict[str, Any] = {}
    for cell in read(CHAPTER).cells:
        if cell.id in ("setup", "helpers", "machines", "machines-measured", "machines-table"):
            with mpl.rc_context():  # the style of the course is not for other tests
                exec(cell.source.replace("expand(2000)", "expand(3)"), names)
    return names


def test_the_machine_is_that_of_the_chapter(chapter: dict[str, Any]) -> None:
    theirs = chapter["data_of"](3, chapter["machines"]["Two Gaussians"], chapter["flowers"], 5)
    world = cl.Empirical(petals.petals())
    chain = cl.recurse(petals.two_gaussians(), world, n=petals.N, rng=5)
    ours = [next(chain).data for _ in range(3)][-1]
    assert ours.shape == (20, 2)
    assert np.array_equal(ours, theirs)


def test_it_is_measured_as_the_others_are(chapter: dict[str, Any]) -> None:
    data = chapter["tenth"]["A memory"]
    each = [petals.left_and_way(data[..., chain]) for chain in range(3)]
    left, _, way, _ = chapter["found"]["A memory"]
    assert np.mean([one["left"] for one in each]) == pytest.approx(left)
    assert np.mean([one["way"] for one in each]) == pytest.approx(way)


def test_a_small_run_averages_its_chains(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(petals, "CHAINS", 3)
    found = petals.copies(2, rng=np.random.default_rng(8))
    fit, world = petals.two_gaussians(), cl.Empirical(petals.petals())
    by_hand = []
    for child in np.random.default_rng(8).spawn(3):
        chain = cl.recurse(fit, world, n=20, rng=child)
        next(chain)
        by_hand.append(petals.left_and_way(next(chain).data)["left"])
    assert found["left"] == pytest.approx(np.mean(by_hand))
    assert found["left_se"] == pytest.approx(np.std(by_hand, ddof=1) / np.sqrt(3))


def test_the_mixture_keeps_mean_and_variance_of_its_data_and_so_obeys_the_law() -> None:
    # EM leaves the mean of a mixture at the mean of its data, and its variance likewise (but for
    # scikit-learn's 1e-6 cm²): then each copy keeps 1 - 1/n inside, and what is lost is between.
    table = kept(STUDIES["petals"]).table
    inside = (1 - 1 / petals.N) ** 10
    assert abs(table["left"][0] - inside) < 4.9 * table["left_se"][0]
    assert abs(table["way"][0] - (1 - inside)) < 4.9 * table["way_se"][0]
    assert max(table["left_se"][0], table["way_se"][0]) < 0.02
