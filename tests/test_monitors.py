import re

import numpy as np
import pytest
from scipy import stats

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


# ------------------------------------------------------------------- levels and false alarms

RNG = np.random.default_rng(1)
HEALTHY = {"score": RNG.normal(size=(200, 100)), "types": RNG.poisson(100, size=(200, 100))}


def test_each_generation_is_judged_by_itself():
    raised = cl.AtMost("variance", 0.5).raised(SERIES)
    assert raised.T.tolist() == [[False, True, False, True], [False] * 4]
    assert cl.AtLeast("variance", 1.1).raised(SERIES)[:, 1].tolist() == [False, True, False, False]


@pytest.mark.parametrize(("kind", "sign"), [(cl.AtMost, -1), (cl.AtLeast, 1)])
def test_calibrated_level_lets_through_what_was_wanted(kind, sign, within):
    monitor = cl.calibrate(kind, "score", HEALTHY, rate=1 / 200)
    assert monitor.raised(HEALTHY).sum() == 100  # of 20,000 readings
    rate = 1 / 200
    level_error = np.sqrt(rate * (1 - rate) / 20_000) / stats.norm.pdf(stats.norm.ppf(rate))
    within(monitor.level, sign * stats.norm.ppf(1 - rate), se=level_error)
    fresh = {"score": np.random.default_rng(2).normal(size=(200, 100))}
    found, error = cl.alarm_rate(monitor, fresh)
    within(found, rate, se=np.hypot(error, rate / np.sqrt(100)))  # of test and of level


@pytest.mark.parametrize("kind", [cl.AtMost, cl.AtLeast])
def test_ties_are_let_pass_together(kind):
    monitor = cl.calibrate(kind, "types", HEALTHY, rate=1 / 200)
    assert monitor.raised(HEALTHY).mean() <= 1 / 200
    one_more_alert = kind("types", monitor.level + (1 if kind is cl.AtMost else -1))
    assert one_more_alert.raised(HEALTHY).mean() > 1 / 200


def test_a_reading_that_never_moves_gives_no_alarm_until_it_does():
    still = {"x": np.full((50, 4), 7.0)}
    monitor = cl.calibrate(cl.AtMost, "x", still, rate=0.1)
    assert not monitor.raised(still).any()
    assert monitor.raised({"x": np.array([6.999])}).all()
    assert cl.calibrate(cl.AtMost, "x", still, rate=1.0).raised(still).all()


def test_rate_error_is_that_between_chains():
    # each chain is all alarm or none: a hundred generations of it are one observation
    history = {"x": np.tile([0.0, 1.0], (100, 8))}
    assert cl.alarm_rate(cl.AtMost("x", 0.5), history) == (
        0.5,
        pytest.approx(0.5 / np.sqrt(15), rel=1e-12),
    )


def test_arguments_of_calibration_are_checked():
    with pytest.raises(ValueError, match="kind must be AtMost or AtLeast, got <class 'dict'>"):
        cl.calibrate(dict, "score", HEALTHY, rate=0.1)
    with pytest.raises(ValueError, match=re.escape("rate must lie in (0, 1], got 0")):
        cl.calibrate(cl.AtMost, "score", HEALTHY, rate=0)
    with pytest.raises(ValueError, match="healthy must hold at least 1/rate = 200 readings, got 8"):
        cl.calibrate(cl.AtMost, "variance", SERIES, rate=1 / 200)
    with pytest.raises(ValueError, match="x must hold finite numbers, got nan"):
        cl.calibrate(cl.AtMost, "x", {"x": np.array([np.nan, 1.0])}, rate=0.5)
    with pytest.raises(ValueError, match="metric must be one of those recorded"):
        cl.calibrate(cl.AtMost, "std", HEALTHY, rate=0.1)
    with pytest.raises(ValueError, match="samples must hold at least two replicates, got 1"):
        cl.alarm_rate(cl.AtMost("x", 3), {"x": np.array([1.0, 4.0])})
