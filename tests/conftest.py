"""Statistics that the tests share: every tolerance comes from a standard error.

A gap of 4.9 standard errors is a false alarm in one test of a million. Seeds and numbers of
replicates are fixed; where a law is heavy-tailed the test gives the standard error itself, from
closed-form moments (a sample's own standard error lies there).
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike
from scipy import stats

SIGMAS = 4.9
FALSE_ALARM = 1e-6


def assert_within(measured: ArrayLike, expected: ArrayLike, *, se: ArrayLike, bias: float = 0.0):
    """Assert that what was measured is what is expected, up to its error and a stated bias."""
    gap = np.abs(np.asarray(measured) - np.asarray(expected))
    allowed = SIGMAS * np.asarray(se) + bias
    assert np.all(gap <= allowed), f"measured {measured}, expected {expected}, allowed ±{allowed}"


def assert_mean(values: ArrayLike, expected: ArrayLike, *, sd: ArrayLike | None = None):
    """Assert the mean over axis 0; `sd` is that of one value, estimated where it is not known."""
    values = np.asarray(values, dtype=np.float64)
    spread = values.std(axis=0, ddof=1) if sd is None else np.asarray(sd)
    assert_within(values.mean(axis=0), expected, se=spread / np.sqrt(len(values)))


def assert_same_law(one: ArrayLike, two: ArrayLike):
    """Assert that two samples agree in mean, in variance and in a Kolmogorov-Smirnov test."""
    a, b = (np.asarray(x, dtype=np.float64) for x in (one, two))
    assert a.ndim == b.ndim == 1
    assert_within(a.mean() - b.mean(), 0, se=np.sqrt(a.var() / len(a) + b.var() / len(b)))
    error = [(stats.moment(x, 4) - x.var() ** 2) / len(x) for x in (a, b)]
    assert_within(a.var() - b.var(), 0, se=np.sqrt(sum(error)))
    assert stats.ks_2samp(a, b, method="asymp").pvalue > FALSE_ALARM


def assert_law(values: ArrayLike, cdf: Callable[[Any], Any]):
    """Assert that values have a continuous law, by a Kolmogorov-Smirnov test."""
    assert stats.kstest(np.ravel(values), cdf).pvalue > FALSE_ALARM


@pytest.fixture
def within():
    return assert_within


@pytest.fixture
def has_mean():
    return assert_mean


@pytest.fixture
def same_law():
    return assert_same_law


@pytest.fixture
def has_law():
    return assert_law
