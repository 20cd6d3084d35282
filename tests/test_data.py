import itertools
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

import collapse_lab as cl
from collapse_lab.data import take_rows

# --- what data sets refuse -------------------------------------------------------------------


@pytest.mark.parametrize("n", [0, 2.5])
def test_moments_need_a_whole_n(n):
    with pytest.raises(ValueError, match=f"n must be a whole number of at least 1, got {n}"):
        cl.Moments(n, 0.0, 1.0)


def test_moments_need_matching_shapes():
    with pytest.raises(ValueError, match=r"scatter must have the shape of mean.* got \(3,\)"):
        cl.Moments(5, np.zeros(2), np.zeros(3))


@pytest.mark.parametrize("values", [[0.5, 0.5], [-1, 2], 3, []])
def test_counts_need_whole_numbers(values):
    with pytest.raises(ValueError, match="values must be a non-empty array of whole numbers >= 0"):
        cl.Counts(values)


def test_counts_need_equal_totals():
    with pytest.raises(ValueError, match=r"values must have equal totals .* got \[3 4\]"):
        cl.Counts([[1, 2], [2, 2]])


def test_normal_equations_need_matching_shapes():
    for gram, cross in ((3, ()), ((2, 2), (3,)), ((2, 2), (2, 5)), ((2, 3), (2,))):
        message = f"gram must have the shape of cross .* cross of shape {re.escape(str(cross))}"
        with pytest.raises(ValueError, match=message):
            cl.NormalEquations(5, np.zeros(gram), np.zeros(cross))
    with pytest.raises(ValueError, match="n must be a whole number of at least 1, got 0"):
        cl.NormalEquations(0, np.eye(2), np.zeros(2))


def test_labelled_needs_equal_lengths():
    with pytest.raises(ValueError, match="y must be as long as X, got 3 and 2"):
        cl.Labelled([1, 2], [0, 1, 0])


@pytest.mark.parametrize("weights", [[-1, 2], [0, 0], [[1, 1]]])
def test_weights_are_checked(weights):
    with pytest.raises(ValueError, match="weights must be a vector of numbers >= 0, not all 0"):
        cl.Weighted([1, 2], weights)
    with pytest.raises(ValueError, match="weights must be as long as data, got 1 and 2"):
        cl.Weighted([1, 2], [1])
    with pytest.raises(ValueError, match="weights must hold finite numbers, got nan"):
        cl.Weighted([1, 2], [1, np.nan])


# --- pooling ---------------------------------------------------------------------------------


def test_pool_refuses_nothing_mixed_kinds_and_other_shapes():
    with pytest.raises(ValueError, match="datasets must hold at least one data set, got none"):
        cl.pool()
    with pytest.raises(TypeError, match="datasets must be of one kind, got Counts and ndarray"):
        cl.pool(np.zeros(3), cl.Counts([1, 2]))
    shapes = re.escape("datasets must have one shape beside their length, got (2,) and (3,)")
    with pytest.raises(ValueError, match=shapes):
        cl.pool(np.zeros((4, 2)), np.zeros((4, 3)))
    with pytest.raises(ValueError, match=shapes):
        cl.pool(cl.Counts([1, 2]), cl.Counts([1, 1, 1]))
    with pytest.raises(ValueError, match="datasets must have one shape beside their length"):
        cl.pool(cl.Moments(3, 0.0, 1.0), cl.Moments(3, np.zeros(2), np.ones(2)))


@pytest.mark.parametrize(
    "data",
    [
        np.arange(6.0).reshape(3, 2),
        ["a", "b", "c"],
        cl.Labelled([1.0, 2.0, 3.0], [0, 1, 0]),
        cl.Weighted([1.0, 2.0, 3.0], [1, 0, 1]),
        cl.Moments(3, 0.0, 1.0),
        cl.Counts([1, 2]),
    ],
    ids=lambda data: type(data).__name__,
)
def test_pool_adds_lengths_and_keeps_the_kind(data):
    pooled = cl.pool(data, data, data)
    assert type(pooled) is type(data)
    assert len(pooled) == 9
    assert cl.pool(data) is data


def test_pool_keeps_order_and_pairs():
    pooled = cl.pool(cl.Labelled([1, 2], [5, 6]), cl.Labelled([3], [7]))
    assert pooled.X.tolist() == [1, 2, 3]
    assert pooled.y.tolist() == [5, 6, 7]
    weighted = cl.pool(cl.Weighted([1, 2], [0.5, 1]), cl.Weighted([3], [2]))
    assert weighted.data.tolist() == [1, 2, 3]
    assert weighted.weights.tolist() == [0.5, 1, 2]
    assert cl.pool(["a"], ["b", "c"]) == ["a", "b", "c"]


def samples(event_and_replicates):
    numbers = st.floats(-1e3, 1e3, width=32)
    return st.lists(
        st.integers(1, 6).flatmap(
            lambda n: arrays(np.float64, (n, *event_and_replicates), elements=numbers)
        ),
        min_size=2,
        max_size=4,
    )


def scalar_moments(points):
    mean = points.mean(axis=0)
    return cl.Moments(len(points), mean, ((points - mean) ** 2).sum(axis=0))


def vector_moments(points):
    gap = points - points.mean(axis=0)
    return cl.Moments(len(points), points.mean(axis=0), np.einsum("ni...,nj...->ij...", gap, gap))


ROUNDING = 1e-16 * 1e6 * 24 * 100  # machine epsilon, largest square, most points, some room


@settings(max_examples=100, deadline=None, derandomize=True)
@given(samples((2,)))
def test_chan_pooling_is_exact_for_scalars(parts):
    pooled, whole = cl.pool(*map(scalar_moments, parts)), scalar_moments(np.concatenate(parts))
    assert pooled.n == whole.n
    np.testing.assert_allclose(pooled.mean, whole.mean, rtol=0, atol=ROUNDING)
    np.testing.assert_allclose(pooled.scatter, whole.scatter, rtol=0, atol=ROUNDING)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(samples((3, 2)))
def test_chan_pooling_is_exact_for_vectors(parts):
    pooled, whole = cl.pool(*map(vector_moments, parts)), vector_moments(np.concatenate(parts))
    assert pooled.n == whole.n
    np.testing.assert_allclose(pooled.mean, whole.mean, rtol=0, atol=ROUNDING)
    np.testing.assert_allclose(pooled.scatter, whole.scatter, rtol=0, atol=ROUNDING)


def test_normal_equations_add_up():
    rng = np.random.default_rng(1)
    X, y = rng.standard_normal((9, 2)), rng.standard_normal(9)
    parts = [
        cl.NormalEquations(len(x), x.T @ x, x.T @ z) for x, z in ((X[:4], y[:4]), (X[4:], y[4:]))
    ]
    both = cl.pool(*parts)
    assert len(both) == 9
    np.testing.assert_allclose(both.gram, X.T @ X)
    np.testing.assert_allclose(both.cross, X.T @ y)
    with pytest.raises(ValueError, match="datasets must have one shape beside their length"):
        cl.pool(parts[0], cl.NormalEquations(3, np.eye(3), np.zeros(3)))
    with pytest.raises(TypeError, match="subsample must see single observations, got Normal"):
        cl.subsample(both, 2, rng=1)


def test_counts_add_up_as_int64():
    pooled = cl.pool(cl.Counts(np.array([1, 2], dtype=np.int8)), cl.Counts([3, 4]))
    assert pooled.values.tolist() == [4, 6]
    assert pooled.values.dtype == np.int64
    assert (len(pooled), pooled.n) == (10, 10)


# --- taking rows -----------------------------------------------------------------------------


def test_take_rows_picks_in_each_replicate_its_own():
    data = np.arange(24).reshape(4, 3, 2)  # 4 observations of 3 numbers, 2 replicates
    rows = np.array([[0, 3], [2, 1]])
    taken = take_rows(data, rows, (2,))
    assert taken.shape == (2, 3, 2)
    for i, replicate in itertools.product(range(2), range(2)):
        assert (taken[i, :, replicate] == data[rows[i, replicate], :, replicate]).all()


def test_replicates_must_fit_the_data():
    message = re.escape("replicates must be the trailing axes of data, got (5,)")
    for data in (np.zeros((4, 3)), [1, 2, 3, 4], cl.Labelled(np.zeros((4, 5)), np.zeros(4))):
        with pytest.raises(ValueError, match=message):
            cl.subsample(data, 2, rng=1, replicates=(5,))


# --- subsamples ------------------------------------------------------------------------------


def test_subsample_refuses_bad_sizes_and_moments():
    with pytest.raises(ValueError, match="n must be a whole number of at least 1, got 0"):
        cl.subsample([1, 2], 0, rng=1)
    with pytest.raises(ValueError, match="n must be at most the 2 observations there are, got 3"):
        cl.subsample([1, 2], 3, rng=1)
    with pytest.raises(TypeError, match="subsample must see single observations, got Moments"):
        cl.subsample(cl.Moments(3, 0.0, 1.0), 2, rng=1)


def test_subsample_keeps_the_kind_and_draws_nothing_twice():
    assert sorted(cl.subsample(list("abcd"), 4, rng=1)) == list("abcd")
    array = cl.subsample(np.arange(12).reshape(6, 2), 4, rng=1)
    assert array.shape == (4, 2)
    assert len(set(array[:, 0])) == 4
    pairs = cl.subsample(cl.Labelled(np.arange(9), np.arange(9) ** 2), 5, rng=1)
    assert len(set(pairs.X)) == 5
    assert (pairs.y == pairs.X**2).all()
    weighted = cl.subsample(cl.Weighted(np.arange(9), np.arange(9) + 1), 5, rng=1)
    assert (weighted.weights == weighted.data + 1).all()


def test_subsample_pairs_in_each_replicate_its_own():
    x = np.arange(8 * 50).reshape(8, 50)
    part = cl.subsample(
        cl.Labelled(x[:, None] * np.ones((1, 2, 1)), -x), 3, rng=1, replicates=(50,)
    )
    assert part.X.shape == (3, 2, 50)
    assert (part.X + part.y[:, None] == 0).all()
    chosen = part.X[:, 0] // 50
    assert len({tuple(sorted(column)) for column in chosen.T}) > 1


N, SIZE, REPLICATES = 7, 3, 40_000


def included(data, rng):
    """Which of the observations 0..N-1 each replicate's part holds, shape (N, REPLICATES)."""
    part = cl.subsample(data, SIZE, rng=rng, replicates=(REPLICATES,))
    return (part[None] == np.arange(N)[:, None, None]).any(axis=1)


def test_subsample_holds_each_observation_and_each_pair_equally_often(within):
    data = np.broadcast_to(np.arange(N)[:, None], (N, REPLICATES))
    chosen = included(data, rng=2).astype(float)
    share, pair = SIZE / N, SIZE * (SIZE - 1) / (N * (N - 1))
    within(chosen.mean(axis=1), share, se=np.sqrt(share * (1 - share) / REPLICATES))
    both = (chosen @ chosen.T / REPLICATES)[~np.eye(N, dtype=bool)]
    within(both, pair, se=np.sqrt(pair * (1 - pair) / REPLICATES))


def test_subsample_is_independent_between_replicates(within):
    data = np.broadcast_to(np.arange(N)[:, None], (N, REPLICATES))
    chosen = included(data, rng=3)[0]
    share = SIZE / N
    together = chosen[0::2] & chosen[1::2]  # neighboring replicates, in disjoint pairs
    chance = share**2
    within(together.mean(), chance, se=np.sqrt(chance * (1 - chance) / len(together)))


COUNTS = np.array([3, 4, 5])


def all_parts(size):
    return [
        part for part in itertools.product(*(range(c + 1) for c in COUNTS)) if sum(part) == size
    ]


@pytest.mark.parametrize("with_replicates", [True, False])
def test_counts_are_subsampled_by_the_hypergeometric_law(with_replicates, within):
    n, size = 20_000, 4
    rng = np.random.default_rng(4)
    if with_replicates:
        data = cl.Counts(np.broadcast_to(COUNTS[:, None], (3, n)))
        drawn = cl.subsample(data, size, rng=rng).values.T
    else:
        drawn = np.array([cl.subsample(cl.Counts(COUNTS), size, rng=rng).values for _ in range(n)])
    assert (drawn.sum(axis=1) == size).all()
    assert drawn.dtype == np.int64
    for part in all_parts(size):
        chance = stats.multivariate_hypergeom.pmf(part, COUNTS, size)
        within((drawn == part).all(axis=1).mean(), chance, se=np.sqrt(chance * (1 - chance) / n))


def test_all_counts_are_left_when_all_are_drawn():
    assert cl.subsample(cl.Counts(COUNTS), 12, rng=1).values.tolist() == COUNTS.tolist()
    spread = cl.Counts(np.broadcast_to(COUNTS[:, None], (3, 2)))
    assert (cl.subsample(spread, 12, rng=1).values == COUNTS[:, None]).all()
