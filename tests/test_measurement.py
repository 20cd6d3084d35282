"""Measurements and their text."""

import numpy as np
import pytest

from collapse_lab.measurement import KINDS, TOLERANCE, Measurement, mean_and_error, rounded


def single(value, *, expected=1.0, error=0.01, relative_error=0.0):
    return Measurement(["x"], value, error, expected, relative_error)


@pytest.mark.parametrize(
    ("kind", "relative_error", "inside", "outside"),
    [
        ("equal", 0.0, (0.952, 1.048), (0.95, 1.05)),
        ("approximate", 0.1, (0.852, 1.148), (0.85, 1.15)),
        ("approximate", 0.0, (0.952, 1.048), (0.95, 1.05)),
        ("at most", 0.0, (-5.0, 1.048), (1.05, 7.0)),
        ("at least", 0.0, (0.952, 7.0), (0.95, -5.0)),
        ("qualitative", 0.0, (1.05, 7.0), (1.048, 0.9)),
    ],
)
def test_each_kind_allows_its_gap(kind, relative_error, inside, outside):
    for value in inside:
        assert single(value, relative_error=relative_error).holds(kind).all(), value
    for value in outside:
        assert not single(value, relative_error=relative_error).holds(kind).any(), value


def test_z_counts_standard_errors_beyond_what_is_allowed():
    assert single(1.03).z("equal") == pytest.approx([3.0])
    assert single(0.97).z("equal") == pytest.approx([-3.0])
    assert single(1.13, relative_error=0.1).z("approximate") == pytest.approx([3.0])
    assert single(1.09, relative_error=0.1).z("approximate") == pytest.approx([0.0])
    assert single(0.87, relative_error=0.1).z("approximate") == pytest.approx([-3.0])
    below = single(-2.23, expected=-2.0, relative_error=0.1)  # a share of the expectation: 0.2
    assert below.z("approximate") == pytest.approx([-3.0])
    assert single(0.2).z("at most") == pytest.approx([0.0])
    assert single(1.02).z("at most") == pytest.approx([2.0])
    assert single(0.98).z("at least") == pytest.approx([-2.0])


def test_the_tolerance_means_one_false_alarm_in_a_million():
    from scipy.stats import norm

    assert 2 * norm.sf(TOLERANCE) == pytest.approx(1e-6, rel=0.05)


def test_numbers_are_judged_one_by_one():
    two = Measurement(["a", "b"], [1.0, 2.0], [0.1, 0.1], [1.0, 1.0])
    assert two.holds("equal").tolist() == [True, False]
    assert [row[-1] for row in two.rows("equal")] == ["holds", "does not hold"]


def test_the_expectation_says_its_kind():
    shown = {kind: single(1.0, relative_error=0.02).rows(kind)[0][2] for kind in KINDS}
    assert shown == {
        "equal": "1.000",
        "at most": "≤ 1",
        "at least": "≥ 1",
        "approximate": "≈ 1.000 (to 2 %)",
        "qualitative": "> 1.000",
    }
    assert single(1.0).rows("approximate")[0][2] == "1.000"
    assert single(1.0, expected=1.2345).rows("at most")[0][2] == "≤ 1.23"
    for value, z in ((0.97, "-3.0"), (1.0, "0"), (1.0007, "+0.1"), (1.03, "+3.0")):
        assert single(value).rows("equal")[0][3] == z
    tiny = Measurement(["x"], 2.5e-8, 3e-10, 2.513e-8)
    assert tiny.rows("equal")[0][1:3] == ("(2.50 ± 0.03) × 10⁻⁸", "2.513 × 10⁻⁸")


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (0.3678, 0.0021, "0.368 ± 0.002"),
        (0.3678, 0.0098, "0.37 ± 0.01"),
        (-0.004, 0.05, "0.00 ± 0.05"),
        (-0.0, 0.05, "0.00 ± 0.05"),
        (0.0002, 0.05, "0.00 ± 0.05"),
        (0.005, 0.0005, "0.0050 ± 0.0005"),
        (73.21, 0.83, "73.2 ± 0.8"),
        (73.21, 2.4, "73 ± 2"),
        (12345.6, 88.0, "12350 ± 90"),
        (9.96, 0.97, "10 ± 1"),
        (0.0, 3e-6, "(0 ± 3) × 10⁻⁶"),
        (6.7e-6, 3e-7, "(6.7 ± 0.3) × 10⁻⁶"),
        (0.5, 2e-7, "0.5000000 ± 0.0000002"),
    ],
)
def test_numbers_are_rounded_to_what_their_error_supports(value, error, text):
    assert rounded(value, error) == text


def test_mean_and_error_of_replicates():
    samples = np.array([[1.0, 2.0, 3.0], [2.0, 2.0, 5.0]])
    assert mean_and_error([1.0, 2.0]) == (1.5, 0.5)
    value, error = mean_and_error(samples)
    assert value == pytest.approx([2.0, 3.0])
    assert error == pytest.approx([1 / np.sqrt(3), 1.0])


def test_arguments_are_checked():
    with pytest.raises(ValueError, match=r"value must have one entry .* got shape \(2,\) for 1"):
        Measurement(["x"], [1.0, 2.0], 0.1, 1.0)
    for value in (1.0, [1.0]):
        with pytest.raises(ValueError, match=r"value must have .* got shape \(1,\) for 2 labels"):
            Measurement(["x", "y"], value, [0.1, 0.1], [1.0, 1.0])
    with pytest.raises(ValueError, match="standard_error must hold numbers > 0, got"):
        Measurement(["x", "y"], [1.0, 1.0], [0.1, 0.0], [1.0, 1.0])
    with pytest.raises(ValueError, match="expected must hold finite numbers, got nan"):
        Measurement(["x"], 1.0, 0.1, np.nan)
    with pytest.raises(ValueError, match=r"kind must be 'equal' or .* got 'same'"):
        single(1.0).z("same")
    with pytest.raises(ValueError, match="standard_error must be above 0, got 0"):
        rounded(1.0, 0.0)
    with pytest.raises(ValueError, match="samples must hold at least two replicates, got 1"):
        mean_and_error([[1.0], [2.0]])
    with pytest.raises(ValueError, match="samples must hold at least two replicates, got 1"):
        mean_and_error(3.0)
