"""The study of generated examples: its arms learn from what they say."""

import numpy as np
import pytest
from scipy import stats

from collapse_lab.studies import kept, rare_constructs
from collapse_lab.studies.rare_constructs import ARMS, RARE_CONSTRUCTS, one_split


def test_arms_learn_from_what_they_say(monkeypatch):
    taught = []
    monkeypatch.setattr(
        rare_constructs, "_tested", lambda sides, X, y: taught.append(sides) or (0, 0, 0, 0)
    )
    one_split("list comprehension", 100, n_made=40, rng=2)
    sizes = [[len(labels) for _, labels in sides] for sides in taught]
    assert all(len(X) == len(labels) for sides in taught for X, labels in sides)
    assert sizes == [[100], [100, 20, 20], [100, 40], [100, 40], [140], [20, 20], [100, 40]]
    labels = [[bool(made.any()) for _, made in sides[1:]] for sides in taught[1:4]]
    assert labels == [[True, False], [True], [False]]
    real = [sides[0][0][:100] for sides in taught[:5]]
    assert all(np.array_equal(real[0], other) for other in real)
    (X, y), (again, label) = taught[6]
    assert label.all()
    assert {row.tobytes() for row in again} == {row.tobytes() for row in X[y]}


def test_what_is_missing_is_not_repeated(monkeypatch):
    taught = []
    monkeypatch.setattr(
        rare_constructs, "_tested", lambda sides, X, y: taught.append(sides) or (0, 0, 0, 0)
    )
    one_split("loop else", 3, n_made=40, arms=("repeated",), rng=1)
    (_, y), (again, _) = taught[0]
    assert not y.any()
    assert len(again) == 0


def test_no_file_is_on_both_sides(monkeypatch):
    seen = {}

    def spy(sides, X, _y):
        seen["learned"] = {row.tobytes() for row in sides[0][0]}
        seen["test"] = len(X)
        return 0, 0, 0, 0

    monkeypatch.setattr(rare_constructs, "_tested", spy)
    library = rare_constructs.python_functions()
    one_split("loop else", 10_000, arms=("real",), rng=2)
    assert seen["test"] + len(library) // 4 < len(library)  # the other half of the files
    order = np.random.default_rng(2).permutation(library.files.max() + 1)
    held = ~np.isin(library.files, order[: len(order) // 2])
    assert seen["test"] == held.sum()
    assert len(seen["learned"]) <= len(library) - seen["test"]


def test_without_an_example_it_guesses():
    nothing = [(np.zeros((3, 2)), np.zeros(3, dtype=bool))]
    assert rare_constructs._tested(nothing, np.zeros((2, 2)), np.array([True, False])) == (
        0.5,
        0,
        0,
        0,
    )


def test_a_perfect_feature_is_found():
    x = np.repeat([[0.0], [9.0]], 50, axis=0)
    y = x[:, 0] > 1
    assert rare_constructs._tested([(x, y)], x, y) == (1, 1, 0, 1)


def test_the_detector_sees_logarithms_of_functions_at_random(monkeypatch):
    seen = []
    monkeypatch.setattr(
        rare_constructs, "_tested", lambda sides, X, y: seen.append((sides, X)) or (0, 0, 0, 0)
    )
    one_split("list comprehension", 50, n_made=4, arms=("pairs",), rng=3)
    (sides, test) = seen[0]
    for table in (test, *(X for X, _ in sides)):
        counts = np.expm1(table)
        np.testing.assert_allclose(counts, np.round(counts), atol=1e-9)
        assert counts.max() > 1
    library = rare_constructs.python_functions()
    rows = {row.tobytes(): number for number, row in enumerate(np.log1p(library.counts))}
    files = {library.files[rows[row.tobytes()]] for row in sides[0][0]}
    assert len(files) > 30  # 50 of the first few files would come from few


def test_a_row_averages_paired_differences(monkeypatch):
    runs = np.random.default_rng(4).uniform(0.4, 1, size=(40, len(ARMS), 4))
    runs[:, :, 3] = (np.arange(40) % 4 > 0)[:, None]  # every fourth split holds no example
    left = iter(runs)
    monkeypatch.setattr(rare_constructs, "one_split", lambda *_, **__: next(left))
    row = rare_constructs.measure("try else", 400, rng=np.random.default_rng(1))
    assert next(left, None) is None  # all 40

    def same(name, values):
        assert row[name] == pytest.approx(np.mean(values)), name
        assert row[f"{name}_se"] == pytest.approx(stats.sem(values)), name

    seen = [run for run in runs if run[0, 3]]
    same("real", runs[:, 0, 0])
    assert row["real: no example"] == 0.25
    for i, arm in enumerate(ARMS):
        same(f"{arm}: found", runs[:, i, 1])
        same(f"{arm}: false alarms", runs[:, i, 2])
        if arm != "real":
            same(f"{arm}: gain", [run[i, 0] - run[0, 0] for run in runs])
            same(f"{arm}: better", [float(run[i, 0] > run[0, 0]) for run in runs])
            same(f"{arm}: gain with an example", [run[i, 0] - run[0, 0] for run in seen])


def test_the_kept_table_has_every_arm():
    table = kept(RARE_CONSTRUCTS).table
    for arm in ARMS[1:]:
        assert np.isfinite(table[f"{arm}: gain"]).all()
        assert (table[f"{arm}: gain_se"] > 0).all()
        # all splits: those with an example, and those in which the detector without help guesses
        none = table["real: no example"]
        seen = table[f"{arm}: gain with an example"]
        np.testing.assert_allclose(table[f"{arm}: gain"][none == 0], seen[none == 0])
    # real: gain of more real examples is nowhere clearly negative
    assert (table["more real: gain"] > -3 * table["more real: gain_se"]).all()


def test_wrong_arguments():
    with pytest.raises(ValueError, match=r"construct must be .*, got 'goto'"):
        one_split("goto", 10)
    with pytest.raises(ValueError, match="n_real must be a whole number of at least 1, got 0"):
        one_split("loop else", 0)
