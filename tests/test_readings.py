"""What a team reads off a model, against scipy and by hand."""

import re
from itertools import islice

import numpy as np
import pytest
from scipy import stats

import collapse_lab as cl
from collapse_lab import readings

P = np.array([0.5, 0.3, 0.2, 0.0])
REFERENCE = cl.Counts(np.array([5, 2, 2, 1]))


def test_coverage_by_hand():
    assert readings.coverage(cl.Categorical(P), REFERENCE) == pytest.approx(0.9)
    two = cl.Categorical(np.array([P, [0, 0, 0, 1.0]]).T)
    assert readings.coverage(two, REFERENCE) == pytest.approx([0.9, 0.1])


def test_log_score_by_hand():
    mixed = 0.9 * P + 0.1 / 4
    expected = (5 * np.log(mixed[0]) + 2 * np.log(mixed[1] * mixed[2]) + np.log(mixed[3])) / 10
    assert readings.log_score(cl.Categorical(P), REFERENCE, floor=0.1) == pytest.approx(expected)
    assert readings.log_score(cl.Categorical(P), REFERENCE, floor=1.0) == pytest.approx(-np.log(4))
    side_by_side = readings.log_score(cl.Categorical(P).expand(3), REFERENCE, floor=0.1)
    assert side_by_side == pytest.approx([expected] * 3)


def test_two_sample_is_scipys_statistic():
    rng = np.random.default_rng(1)
    one, other = rng.multinomial(300, [0.2] * 5), rng.multinomial(80, [0.2] * 5)
    expected = stats.chi2_contingency([one, other]).statistic
    assert readings.two_sample(cl.Counts(one), cl.Counts(other)) == pytest.approx(expected)
    groups = np.array([0, 1, 1, 2, 0])
    merged = [[x[[0, 4]].sum(), x[[1, 2]].sum(), x[3]] for x in (one, other)]
    expected = stats.chi2_contingency(merged).statistic
    found = readings.two_sample(cl.Counts(one), cl.Counts(other), groups=groups)
    assert found == pytest.approx(expected)


def test_two_sample_with_replicates_and_empty_groups():
    values = np.array([[3, 5], [7, 5], [0, 0]])
    many = cl.Counts(values)
    single = cl.Counts(np.array([4, 6, 0]))
    expected = [
        stats.chi2_contingency([values[:2, r], [4, 6]], correction=False).statistic for r in (0, 1)
    ]
    assert readings.two_sample(many, single) == pytest.approx(expected)
    assert readings.two_sample(many, many) == pytest.approx([0, 0])


def test_two_samples_of_one_law_follow_the_chi_squared_law(has_mean):
    world = cl.Categorical(np.full(15, 1 / 15), draw="counts").expand(4000)
    statistic = readings.two_sample(world.sample(1000, rng=1), world.sample(200, rng=2))
    has_mean(statistic, 14)


def test_a_copy_is_twice_as_like_its_predecessor_as_a_fresh_sample(has_mean):
    # given the last counts, plain copying has half the variance of two fresh samples
    world = cl.Categorical(np.full(15, 1 / 15), draw="counts").expand(4000)
    first, second = islice(cl.recurse(cl.Categorical.fit, world, n=1000, rng=3), 2)
    has_mean(readings.two_sample(first.data, second.data), 14 / 2)


def test_record_reads_each_generation_beside_the_one_before():
    world = cl.Categorical(P, draw="counts").expand(3)
    chain = list(islice(cl.recurse(cl.Categorical.fit, world, n=20, rng=1), 5))

    def read(generation, previous):
        assert generation.index == previous.index + 1
        return {"t": generation.index, "share": generation.model.p[0]}

    series = readings.record(chain, read, 4)
    assert series["t"].tolist() == [1, 2, 3, 4]
    assert series["share"].shape == (4, 3)
    assert (series["share"][2] == chain[3].model.p[0]).all()
    endless = cl.recurse(cl.Categorical.fit, world, n=20, rng=1)
    assert (readings.record(endless, read, 4)["share"] == series["share"]).all()


def test_arguments_are_checked():
    model = cl.Categorical(P)
    message = "reference must be one sample with counts of shape (4,), got shape (4, 2)"
    many = cl.Counts(np.ones((4, 2), dtype=np.int64))
    for reading in (readings.coverage, readings.log_score):
        with pytest.raises(ValueError, match=re.escape(message)):
            reading(model, many)
    with pytest.raises(ValueError, match=re.escape("floor must lie in (0, 1], got 0")):
        readings.log_score(model, REFERENCE, floor=0)
    with pytest.raises(ValueError, match="other must have the 4 categories of one, got 2"):
        readings.two_sample(REFERENCE, cl.Counts(np.array([1, 2])))
    for groups in ([0, 1], [0.0, 1.0, 1.0, 1.0], [0, 1, 1, -1]):
        with pytest.raises(ValueError, match="groups must hold a number of at least 0 for each"):
            readings.two_sample(REFERENCE, REFERENCE, groups=groups)
    with pytest.raises(ValueError, match="n_generations must be a whole number of at least 1"):
        readings.record([], lambda *_: {}, 0)
