"""The plane of two queries."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from collapse_lab import plots
from collapse_lab.contrastive import unit


def test_plane_keeps_what_the_queries_see():
    rng = np.random.default_rng(1)
    queries, points = unit(rng.normal(size=(2, 9))), unit(rng.normal(size=(30, 9)))
    drawn, ends = plots.plane_of(queries, points), plots.plane_of(queries, queries)
    np.testing.assert_allclose(drawn @ ends.T, points @ queries.T, atol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(ends, axis=1), 1)
    nearer_to_second = points @ queries[1] > points @ queries[0]
    np.testing.assert_array_equal(drawn[:, 0] > 0, nearer_to_second)
    assert ends[0, 0] == pytest.approx(-ends[1, 0])


@pytest.fixture
def points():
    rng = np.random.default_rng(2)
    return [rng.normal(size=(n, 5)) for n in (2, 3, 4)]


def test_plane_holds_all_points(points):
    ax = plots.query_plane(*points, ax=plt.subplots()[1])
    assert [text.get_text() for text in ax.texts] == ["with", "without"]
    assert [len(line.get_xdata()) for line in ax.lines[-2:]] == [3, 4]
    plt.close(ax.figure)


def test_strip_shows_the_difference_and_names_the_first(points):
    ax = plots.preference_strip(*points, names=["a", "b"], ax=plt.subplots()[1])
    assert [text.get_text() for text in ax.texts] == ["a", "b"]
    query, holding, _ = map(unit, points)
    np.testing.assert_allclose(ax.lines[1].get_xdata(), holding @ query[1] - holding @ query[0])
    assert ax.texts[0].get_position()[0] == pytest.approx(ax.lines[1].get_xdata()[0])
    plt.close(ax.figure)
    bare = plots.preference_strip(*points, ax=plt.subplots()[1])
    assert not bare.texts
    plt.close(bare.figure)
