"""Closed forms of randomized training data, against least squares on exact covariances."""

import re

import numpy as np
import pytest

from collapse_lab import theory


def by_covariance(strength, shape, texture):
    covariance = np.ones((2, 2)) + np.diag([shape, texture + strength**2])
    return np.linalg.solve(covariance, np.ones(2))


@pytest.mark.parametrize("strength", [0.0, 0.5, 3.0])
@pytest.mark.parametrize(("shape", "texture"), [(0.25, 0.09), (2.0, 0.5)])
def test_weights_are_least_squares(strength, shape, texture):
    found = theory.cue_weights(strength, shape_noise=shape, texture_noise=texture)
    np.testing.assert_allclose(found, by_covariance(strength, shape, texture), rtol=1e-12)


@pytest.mark.parametrize("agreement", [1.0, 0.3, -1.0])
def test_transfer_error_is_a_quadratic_form(agreement):
    strength = 0.8
    w = np.array([1.0, *-theory.cue_weights(strength)])
    covariance = np.diag([0.0, 0.25, 0.09]) + np.outer(*[[1.0, 1.0, agreement]] * 2)
    found = theory.transfer_error(strength, agreement)
    assert found == pytest.approx(w @ covariance @ w, rel=1e-12)


def test_without_randomization_home_is_best_served():
    strengths = np.linspace(0, 3, 31)
    assert theory.transfer_error(strengths, 1.0).argmin() == 0
    assert theory.transfer_error(strengths, 0.0).argmin() == 30
    assert 0 < theory.transfer_error(strengths, 0.7).argmin() < 30


def test_shapes():
    assert theory.cue_weights([0.0, 1.0, 2.0]).shape == (2, 3)
    assert theory.ridge_of_noise(40, 0.7) == pytest.approx(19.6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: theory.ridge_of_noise(0, 0.7), "n must be a whole number of at least 1, got 0"),
        (lambda: theory.cue_weights(-0.1), "added_noise must lie in [0, inf], got -0.1"),
        (
            lambda: theory.cue_weights(0.0, shape_noise=0.0),
            "shape_noise must lie in (0, inf), got 0",
        ),
        (
            lambda: theory.cue_weights(0.0, texture_noise=0.0),
            "texture_noise must lie in (0, inf), got 0",
        ),
        (lambda: theory.transfer_error(0.0, np.nan), "agreement must hold finite numbers, got nan"),
    ],
)
def test_wrong_arguments(call, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        call()
