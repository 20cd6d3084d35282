"""What the studies share: means over repeats, and splits of the digits."""

import numpy as np
import pytest

from collapse_lab.pictures import handwritten
from collapse_lab.studies.averages import by_name, with_errors
from collapse_lab.studies.digits import N_TRAIN, split


def test_runs_are_collected_by_name_and_averaged_with_their_errors():
    found = by_name([{"a": 1.0, "b": 5}, {"a": 2.0, "b": 5}, {"a": 6.0, "b": 5}])
    assert {name: column.tolist() for name, column in found.items()} == {
        "a": [1.0, 2.0, 6.0],
        "b": [5.0, 5.0, 5.0],
    }
    assert with_errors(found) == pytest.approx({"a": 3, "a_se": np.sqrt(7 / 3), "b": 5, "b_se": 0})


def test_names_may_have_different_numbers_of_runs_but_each_needs_two():
    assert with_errors({"a": [1.0, 3.0], "b": [0.0, 0.0, 3.0]})["b"] == 1.0
    with pytest.raises(ValueError, match="samples must hold at least two replicates, got 1"):
        with_errors({"a": [1.0]})


def test_a_run_that_lacks_a_name_is_not_passed_over():
    with pytest.raises(KeyError, match="b"):
        by_name([{"a": 1.0, "b": 2.0}, {"a": 1.0}])


def test_a_split_uses_each_digit_once_and_another_seed_splits_otherwise():
    train, test = split(1)
    assert (len(train), len(test)) == (N_TRAIN, 900)
    both = np.column_stack([np.concatenate([train.ink, test.ink]), [*train.label, *test.label]])
    whole = np.column_stack([handwritten().ink, handwritten().label])
    assert sorted(map(tuple, both)) == sorted(map(tuple, whole))
    assert (split(1)[0].label == train.label).all()
    assert (split(2)[0].label != train.label).any()
