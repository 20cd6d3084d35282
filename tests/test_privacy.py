"""Measures of what made records give away, against cases known by hand."""

import re

import numpy as np
import pytest

from collapse_lab import privacy

RNG = np.random.default_rng(1)
MEMBERS, OTHERS = RNG.standard_normal((2, 200, 5))
LINE = np.array([[0.0], [1.0], [5.0]])


def test_nearest_and_isolation_by_hand():
    assert privacy.nearest([[0.0], [4.0]], LINE).tolist() == [0.0, 1.0]
    assert privacy.isolation(LINE).tolist() == [1.0, 1.0, 4.0]


def test_distances_are_those_of_the_crow():
    points = [[0.0, 0.0], [3.0, 4.0], [6.0, 0.0]]  # 6 blocks are fewer than 7
    assert privacy.isolation(points).tolist() == [5.0, 5.0, 5.0]
    assert privacy.nearest([[0.0, 0.0]], points[1:]).tolist() == [5.0]


def test_copies_are_found():
    assert privacy.copied_share(MEMBERS[:50], MEMBERS, OTHERS) == 1
    assert privacy.copied_share(OTHERS[:50], MEMBERS, OTHERS) == 0
    area, error = privacy.membership_auc(MEMBERS, MEMBERS, OTHERS)
    assert area == 1
    assert error == 0


def test_half_of_the_members_copied_are_half_of_the_way():
    area, _ = privacy.membership_auc(MEMBERS[:100], MEMBERS, OTHERS)
    rest, _ = privacy.membership_auc(MEMBERS[:100], MEMBERS[100:], OTHERS)
    assert area == pytest.approx(0.5 + rest / 2)  # copied members are always nearest


def test_strangers_give_nothing_away():
    made = RNG.standard_normal((400, 5))
    area, error = privacy.membership_auc(made, MEMBERS, OTHERS)
    assert abs(area - 0.5) <= 4.9 * error
    # Dependence through shared neighbors only widens the law a little; 4.9 binomial errors, twice.
    assert abs(privacy.copied_share(made, MEMBERS, OTHERS) - 0.5) <= 2 * 4.9 * 0.5 / np.sqrt(400)


def test_ties_count_half():
    assert privacy.copied_share([[1.0], [9.0]], [[0.0]], [[2.0]]) == 0.25
    assert privacy.membership_auc([[1.0]], [[0.0], [2.0]], [[0.0], [2.0]])[0] == 0.5


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: privacy.nearest([1.0], LINE), "points must have shape (m, d), got (1,)"),
        (
            lambda: privacy.nearest(LINE, MEMBERS),
            "points and among must hold points of one length, got 1 and 5",
        ),
        (
            lambda: privacy.copied_share(MEMBERS, MEMBERS, OTHERS[:9]),
            "others must hold as many records as members, 200, got 9",
        ),
        (
            lambda: privacy.membership_auc(MEMBERS, MEMBERS[0], OTHERS),
            "members must have shape (m, d), got (5,)",
        ),
        (lambda: privacy.nearest(LINE, LINE[:0]), "among must have shape (m, d), got (0, 1)"),
        (lambda: privacy.isolation(LINE[:1]), "points must hold at least two points, got 1"),
    ],
)
def test_wrong_arguments(call, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        call()
