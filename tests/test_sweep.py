import multiprocessing
import re
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from threading import Event

import numpy as np
import pytest

import collapse_lab as cl

# A run is itself a task: a history is a dict of series. It can be pickled, too.
TASK = partial(
    cl.run,
    cl.Gaussian.fit,
    cl.Gaussian(0.0, 1.0, draw="moments").expand(4),
    n_generations=3,
    metrics=[cl.metrics.mean, cl.metrics.variance],
)
GRID = {"n": [5, 20, 80], "policy": [cl.replace, cl.accumulate]}


def total(a, b, rng):
    return {"total": a + b, "noise": rng.random()}


def described(a, rng):  # noqa: ARG001 - a task has this argument
    return {"square": a**2, "name": f"<{a}>"}


# --- the same table everywhere ---------------------------------------------------------------


@pytest.fixture(scope="module")
def serial():
    return cl.sweep(TASK, GRID, rng=1)


def same(table, other):
    return all((table[name] == other[name]).all() for name in ("n", "policy", "mean", "variance"))


def test_rows_come_in_the_order_of_the_grid(serial):
    assert list(serial) == ["n", "policy", "mean", "variance"]
    assert serial["n"].tolist() == [5, 5, 20, 20, 80, 80]
    assert serial["variance"].shape == (6, 4, 4)
    assert len(np.unique(serial["variance"])) == 6 * 4 * 4  # no point shares its noise


def test_a_seed_or_a_generator_tells_everything(serial):
    assert same(cl.sweep(TASK, GRID, rng=np.random.default_rng(1)), serial)
    assert not same(cl.sweep(TASK, GRID, rng=2), serial)
    rng = np.random.default_rng(1)
    assert same(cl.sweep(TASK, GRID, rng=rng), serial)
    assert not same(cl.sweep(TASK, GRID, rng=rng), serial)  # the generator has moved on


def test_threads_give_the_same_table(serial):
    with ThreadPoolExecutor(2) as executor:
        assert same(cl.sweep(TASK, GRID, executor=executor, rng=1), serial)


def test_processes_give_the_same_table(serial):
    context = multiprocessing.get_context("spawn")  # what every system has
    with ProcessPoolExecutor(1, mp_context=context) as executor:
        assert same(cl.sweep(TASK, GRID, executor=executor, rng=1), serial)


@pytest.mark.filterwarnings("default")  # what distributed warns of is not ours
def test_dask_gives_the_same_table(serial):
    distributed = pytest.importorskip("distributed")
    cluster = distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
    )
    with cluster, distributed.Client(cluster) as client:
        assert same(cl.sweep(TASK, GRID, executor=client.get_executor(), rng=1), serial)
        priority = cl.sweep(  # names that dask's own submit would take for itself
            lambda priority, workers, rng: {"x": priority + workers + rng.random()},
            {"priority": [1, 2], "workers": [10]},
            executor=client.get_executor(),
            rng=1,
        )
        assert priority["x"].astype(int).tolist() == [11, 12]


# --- what a sweep tells and refuses ----------------------------------------------------------


@pytest.mark.parametrize("threads", [False, True])
def test_progress_is_told_in_order(threads):
    told = []
    with ThreadPoolExecutor(2) as executor:
        cl.sweep(
            total, {"a": [1, 2], "b": [3, 4]}, rng=1, executor=executor if threads else None,
            progress=lambda done, of: told.append((done, of)),
        )  # fmt: skip
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_table_prints_its_columns():
    table = cl.sweep(described, {"a": [1, 0.5]}, rng=1)
    assert str(table).splitlines() == [
        "  a  square   name",
        "  1       1    <1>",
        "0.5    0.25  <0.5>",
    ]
    assert repr(table) == str(table)
    assert len(table) == 3


def test_task_must_be_callable():
    with pytest.raises(TypeError, match="task must be callable, got 3"):
        cl.sweep(3, {"a": [1]})


@pytest.mark.parametrize("grid", [{}, {"rng": [1, 2]}])
def test_grid_names_parameters(grid):
    with pytest.raises(ValueError, match="grid must name at least one parameter, and not rng, got"):
        cl.sweep(total, grid)


@pytest.mark.parametrize("values", [3, [], "abc", iter([1, 2])])
def test_grid_gives_each_parameter_values(values):
    message = re.escape(f"sequence of values, got {values!r} for 'b'")
    with pytest.raises(ValueError, match=message):
        cl.sweep(total, {"a": [1], "b": values})


@pytest.mark.parametrize("result", [3.0, {"a": 1}])
def test_task_returns_new_names(result):
    message = re.escape(f"names other than ['a'], got {result!r}")
    with pytest.raises(ValueError, match=message):
        cl.sweep(lambda a, rng: result, {"a": [1]})


def test_task_returns_the_same_names_everywhere():
    message = re.escape("the same names at each point, got ['x2'] at {'a': 2} after ['x1']")
    with pytest.raises(ValueError, match=message):
        cl.sweep(lambda a, rng: {f"x{a}": rng.random()}, {"a": [1, 2]})


def test_after_an_error_nothing_more_is_begun():
    begun, gate = [], Event()

    def task(a, rng):  # noqa: ARG001 - a task has these arguments
        begun.append(a)
        if a == 0:
            raise ZeroDivisionError
        assert gate.wait(timeout=60)  # holds the only worker until the sweep has given up
        return {"total": a}

    with ThreadPoolExecutor(1) as executor:
        with pytest.raises(ZeroDivisionError):
            cl.sweep(task, {"a": range(1000)}, executor=executor)
        gate.set()
    assert len(begun) <= 2
