import re

import numpy as np
import pytest

import collapse_lab as cl

SERIES = {"variance": np.array([[1.0, 1.0], [0.4, 1.2], [0.6, 0.9], [0.5, 0.8]])}


def test_alarms_stay_on():
    alarms = cl.AtMost("variance", 0.5)(SERIES)
    assert alarms.dtype == np.bool_
    assert alarms.T.tolist() == [[False, True, True, True], [False] * 4]
    assert cl.AtLeast("variance", 1.2)(SERIES).T.tolist() == [
        [False] * 4,
        [False, True, True, True],
    ]


def test_the_level_itself_is_an_alarm():
    assert cl.AtMost("variance", 1.0)(SERIES)[0].all()
    assert cl.AtLeast("variance", 1.0)(SERIES)[0].all()


def test_first_alarm():
    first = cl.first_alarm(cl.AtMost("variance", 0.5), SERIES)
    assert first.tolist()[0] == 1
    assert np.isnan(first[1])
    assert cl.first_alarm(cl.AtMost("x", 3), {"x": np.array([5, 4, 3, 4])}) == 2.0


def test_nan_is_no_alarm():
    assert not cl.AtMost("x", 3)({"x": np.array([np.nan, 4.0])}).any()


def test_a_monitor_sees_only_the_past():
    monitor = cl.AtMost("variance", 0.5)
    whole = monitor(SERIES)
    for t in range(1, 5):
        assert (monitor({"variance": SERIES["variance"][:t]}) == whole[:t]).all()


@pytest.mark.parametrize("monitor", [cl.AtMost, cl.AtLeast])
def test_arguments_are_checked(monitor):
    with pytest.raises(ValueError, match="level must hold finite numbers, got nan"):
        monitor("variance", np.nan)
    message = re.escape("metric must be one of those recorded, ['variance'], got 'std'")
    with pytest.raises(ValueError, match=message):
        monitor("std", 0.5)(SERIES)
