"""Rules name the argument, the rule and the value received."""

import re

import numpy as np
import pytest

from collapse_lab import rules


@pytest.mark.parametrize("value", [0, -1, 2.0, "3", True, np.bool_(True), None])
def test_whole_number_refuses(value):
    message = f"n must be a whole number of at least 1, got {value!r}"
    with pytest.raises(ValueError, match=re.escape(message)):
        rules.whole_number("n", value)


def test_whole_number_returns_an_int():
    assert type(rules.whole_number("n", np.int32(7))) is int
    assert rules.whole_number("n", 0, at_least=0) == 0


@pytest.mark.parametrize("value", [-0.1, 1.5, np.nan, "0.5", True, None])
def test_real_number_refuses(value):
    with pytest.raises(ValueError, match=re.escape(f"f must lie in [0, 1], got {value!r}")):
        rules.real_number("f", value, low=0, high=1)


@pytest.mark.parametrize("value", [0, np.inf])
def test_real_number_with_open_ends(value):
    with pytest.raises(ValueError, match=re.escape(f"f must lie in (0, inf), got {value}")):
        rules.real_number("f", value, low=0, open_low=True)


def test_real_number_returns_a_float():
    assert type(rules.real_number("f", np.int64(1), low=0, high=1)) is float


@pytest.mark.parametrize(
    ("value", "shown"), [([1, np.nan], "nan"), ([np.inf, -np.inf], "inf"), (["a"], "['a']")]
)
def test_finite_array_refuses(value, shown):
    with pytest.raises(ValueError, match=re.escape(f"x must hold finite numbers, got {shown}")):
        rules.finite_array("x", value)


def test_finite_array_takes_numbers_whose_sum_is_not_finite():
    assert rules.finite_array("x", [1e308, 1e308]).dtype == np.float64


def test_function_and_one_of():
    with pytest.raises(TypeError, match="keep must be callable, got 3"):
        rules.function("keep", 3)
    with pytest.raises(ValueError, match="draw must be 'a' or 'b', got 'c'"):
        rules.one_of("draw", "c", ("a", "b"))
