"""The studies of copied digits: the chapter's models, measured as it says, and laws they obey."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest

import collapse_lab as cl
from collapse_lab import fidelity, pictures, theory
from collapse_lab.notebooks import read
from collapse_lab.studies import STUDIES, kept, melting

CHAPTER = Path(__file__).parents[1] / "book" / "part1" / "05-pictures-that-melt.ipynb"


@pytest.fixture(scope="module")
def chapter() -> dict[str, Any]:
    """What the chapter's cells define, up to its smaller models; its chains are left out."""
    wanted = ("setup", "setup-course", "world", "families", "sharp", "sevens")
    names: dict[str, Any] = {"made": melting.made}
    with mpl.rc_context():  # the style of the course is not for other tests
        for cell in read(CHAPTER).cells:
            if cell.id == "chains":
                exec(cell.source.split("bw =")[0], names)
            elif cell.id in wanted:
                exec(cell.source.split("sharp =")[0], names)
    return names


@pytest.fixture(scope="module")
def tables() -> dict[str, Any]:
    return {name: kept(STUDIES[name]).table for name in ("melting", "strokes")}


def column(table: Any, case: str, name: str) -> tuple[float, float]:
    row = list(table["case"]).index(case)
    return table[name][row], table[f"{name}_se"][row]


@pytest.mark.parametrize("case", melting.CASES)
def test_chains_are_those_of_the_chapter(chapter: dict[str, Any], case: str) -> None:
    name, way = case.split(", ")
    world, *_ = melting._world()
    assert np.array_equal(world.ink, chapter["digits"].ink)
    policy = chapter["best"][name] if way == "sharpened" else cl.replace
    theirs = chapter["made"](chapter["fits"][name], chapter["world"], policy, seed=3, n=50, last=1)
    ours = melting.made(
        melting.families()[name],
        cl.Empirical(world.ink),
        melting.draws(name, way),
        n=50,
        last=1,
        rng=3,
    )
    assert ours.shape == (2, 50, 64)
    assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("name", ["mixture", "kernel", "factors"])
def test_smaller_models_are_those_of_the_chapter(chapter: dict[str, Any], name: str) -> None:
    theirs = chapter["sevens"](name, cl.replace, seed=4)
    world = cl.Empirical(pictures.plant(chapter["seven"], 7, 0.3).ink)
    fit = melting.families(4, 8)[name]
    assert np.array_equal(melting.made(fit, world, n=120, last=6, rng=4), theirs)


def test_one_chain_is_measured_as_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.stack([pictures.handwritten().ink[i : i + 250] for i in (0, 500, 1000)])
    x[2, :, 0] += 0.01 * np.arange(250)
    monkeypatch.setattr(melting, "LAST", 2)
    monkeypatch.setattr(melting, "made", lambda *_, **__: x)
    found = melting._one_chain("factors, plain", np.random.default_rng(5))
    _, others, judge, directions = melting._world()
    real = others.ink[np.random.default_rng(5).permutation(len(others))[:200]]
    for t in range(3):
        assert found[f"variance_{t}"] == pytest.approx(np.cov(x[t].T).trace())
    for t in (0, 2):
        assert found[f"precision_{t}"] == fidelity.precision(real, x[t, :200])
        assert found[f"recall_{t}"] == fidelity.recall(real, x[t, :200])
        far = fidelity.frechet_distance(*map(directions.transform, (others.ink, x[t])))
        assert found[f"distance_{t}"] == pytest.approx(far)
        assert found[f"zeros_{t}"] == np.mean(judge.predict(x[t]) == 0)
    assert found["distance_change"] == found["distance_2"] - found["distance_0"]
    assert found["variance_ratio"] == found["variance_2"] / found["variance_0"]
    axes = [np.sort(np.linalg.eigvalsh(np.cov(x[t].T)))[-16:] for t in (0, 2)]
    assert found["log_volume_change"] == pytest.approx(np.log(axes[1] / axes[0]).sum())
    shares = [np.mean(judge.predict(x[2]) == digit) for digit in range(10)]
    assert found["commonest"] == max(shares)
    leads = [found[f"leads_{digit}"] for digit in range(10)]
    assert leads == np.eye(10)[np.argmax(shares)].tolist()
    assert found["few_zeros"] == (shares[0] < 0.01) == 0.0


def test_a_chain_with_few_zeros_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    digits = pictures.handwritten()
    zeros, fours = (digits.ink[digits.label == digit] for digit in (0, 4))
    for n_zeros, few in ((2, 1.0), (3, 0.0)):  # of 250: 0.8% and 1.2%
        x = np.concatenate([zeros[:n_zeros], np.tile(fours[:1], (250 - n_zeros, 1))])
        monkeypatch.setattr(melting, "made", lambda *_, x=x, **__: np.stack([x] * 9))
        found = melting._one_chain("kernel, plain", np.random.default_rng(1))
        assert (found["zeros_8"], found["few_zeros"]) == (n_zeros / 250, few)


def test_network_and_its_yardstick_are_black_and_white(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def spy(_fit: Any, world: Any, *_: Any, **__: Any) -> Any:
        seen.append(world.data)
        return np.stack([world.data[:250]] * 9)

    monkeypatch.setattr(melting, "made", spy)
    found = melting._one_chain("network, plain", np.random.default_rng(2))
    assert set(np.unique(seen[0])) == {0.0, 1.0}
    assert found["precision_0"] > 0.7  # gray pictures would lie far from black and white ones
    gray = melting._one_chain("kernel, plain", np.random.default_rng(2))
    assert len(np.unique(seen[1])) > 2
    assert gray["precision_0"] > 0.7


def test_strokes_of_one_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.zeros((7, 120, 64))
    x[0, :60, list(pictures.STROKE)] = 1.0
    x[6, :114, list(pictures.STROKE)] = 0.6
    monkeypatch.setattr(melting, "made", lambda *_, **__: x)
    found = melting._one_chain_of_sevens("kernel, plain, 0.3", np.random.default_rng(1))
    assert found["ink_0"] == 0.5
    assert found["ink_6"] == pytest.approx(0.57)
    assert found["ink_change"] == pytest.approx(0.07)
    assert (found["none"], found["all"]) == (0.0, 1.0)


def test_studies_average_independent_chains(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[float] = []

    def one(_case: str, rng: np.random.Generator) -> dict[str, float]:
        drawn.append(rng.random())
        return {"x": drawn[-1]}

    for name, task in (("_one_chain", melting.melting), ("_one_chain_of_sevens", melting.sevens)):
        drawn.clear()
        monkeypatch.setattr(melting, name, one)
        found = task("any", rng=7)
        assert len(set(drawn)) == melting.CHAINS
        assert found["x"] == pytest.approx(np.mean(drawn))
        assert found["x_se"] == pytest.approx(np.std(drawn, ddof=1) / np.sqrt(len(drawn)))


@pytest.mark.parametrize(("name", "noise"), [("mixture", 64e-4), ("kernel", 0.64)])
def test_total_variance_follows_its_law(tables: dict[str, Any], name: str, noise: float) -> None:
    world, *_ = melting._world()
    law = theory.noisy_copy_variance(
        np.arange(9), 250, noise=noise, world=world.ink.var(axis=0).sum()
    )
    for t, expected in enumerate(law):
        mean, error = column(tables["melting"], f"{name}, plain", f"variance_{t}")
        assert abs(mean - expected) < 4.9 * error


def test_volume_of_factors_falls_as_computed(tables: dict[str, Any]) -> None:
    mean, error = column(tables["melting"], "factors, plain", "log_volume_change")
    assert abs(mean - 8 * theory.log_det_drift(250, 16)) < 4.9 * error


def test_sharpened_factors_shrink_by_the_factor_of_a_ball(tables: dict[str, Any]) -> None:
    """Up to terms of order 1/n: each of 8 fits of 16 variances may be off by about 16/250."""
    mean, error = column(tables["melting"], "factors, sharpened", "variance_ratio")
    expected = theory.most_likely_variance(0.5, 16) ** 8
    assert abs(mean - expected) < 4.9 * error + 8 * 16 / 250 * expected


def test_zeros_of_the_kernel_model_keep_their_share(tables: dict[str, Any]) -> None:
    """The snow moves what the judge says by little: less than half a point."""
    first, last = (column(tables["melting"], "kernel, plain", f"zeros_{t}") for t in (0, 8))
    assert abs(last[0] - first[0]) < 4.9 * np.hypot(first[1], last[1]) + 0.005


@pytest.mark.parametrize("case", [case for case in melting.SEVENS if "plain" in case])
def test_plain_draws_keep_the_ink_of_the_stroke(tables: dict[str, Any], case: str) -> None:
    change, error = column(tables["strokes"], case, "ink_change")
    assert abs(change) < 4.9 * error
    ink, error = column(tables["strokes"], case, "ink_6")
    share = round(float(case[-3:]) * 179) / 179
    assert abs(ink - share) < 4.9 * error
