"""The engine: the world is model zero, and every generation learns from the one before."""

from __future__ import annotations

import platform
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collapse_lab.data import subsample
from collapse_lab.policies import replace
from collapse_lab.protocols import RNG, Fit, Model, Past, Policy, replicates_of
from collapse_lab.rules import function, whole_number

SampleSize = int | Callable[[int], int]
Metric = Callable[[Any], Any]
Monitor = Callable[[Mapping[str, NDArray[Any]]], NDArray[np.bool_]]


@dataclass(frozen=True, eq=False)
class Generation:
    """One generation: its number, the model, and the data that the model was fitted to."""

    index: int
    model: Any
    data: Any


def recurse(
    fit: Fit,
    world: Model,
    *,
    n: SampleSize,
    policy: Policy = replace,
    train_size: SampleSize | None = None,
    rng: RNG = None,
) -> Iterator[Generation]:
    """Train generation after generation, without end.

    Generation 0 is fitted to real data, ``world.sample(n)``. For each later one the policy makes
    a training pool, and `fit` turns it into the next model.

    Parameters
    ----------
    fit : Fit
        ``fit(data, rng=...)`` returns a model.
    world : Model
        The source of real data. With ``world.expand(R)``, R replicates run side by side.
    n : int, or function of t
        Sample size; a function gets the generation's number t = 0, 1, 2, ...
    policy : Policy
        What the next generation may train on; `replace` by default.
    train_size : int, or function of t, optional
        Fit on a random part of the pool of this size; the pool itself is kept whole.
    rng : Generator or seed
        All randomness of the recursion.

    Yields
    ------
    Generation

    Raises
    ------
    ValueError
        If `n` or `train_size` is not a whole number of at least 1, or if `fit` returns a model
        without the replicate axes of `world`.
    TypeError
        If `fit` or `policy` cannot be called, or `world` has no method ``sample``.
    """
    function("fit", fit)
    function("policy", policy)
    if not isinstance(world, Model):
        raise TypeError(f"world must have a method sample, got {world!r}")
    size = _size_at("n", n)
    train = None if train_size is None else _size_at("train_size", train_size)
    return _generations(fit, world, size, policy, train, np.random.default_rng(rng))


def _size_at(name: str, size: SampleSize) -> Callable[[int], int]:
    """Return the sample size as a checked function of the generation."""
    if not callable(size):
        constant = whole_number(name, size)
        return lambda _: constant
    return lambda t: whole_number(f"{name}({t})", size(t))


def _generations(
    fit: Fit,
    world: Model,
    size: Callable[[int], int],
    policy: Policy,
    train: Callable[[int], int] | None,
    rng: np.random.Generator,
) -> Iterator[Generation]:
    def generation(t: int, kept: Any) -> Generation:
        data = kept
        if train is not None:
            data = subsample(kept, train(t), rng=rng, replicates=replicates_of(world))
        return Generation(t, fit(data, rng=rng), data)

    kept = real = world.sample(size(0), rng=rng)
    current = generation(0, kept)
    expected, got = replicates_of(world), replicates_of(current.model)
    if expected and got != expected:
        raise ValueError(f"fit must keep the replicate axes {expected} of world, got {got}")
    while True:
        yield current
        t = current.index + 1
        kept = policy(Past(t, current.model, kept, real, world, size(t)), rng=rng)
        current = generation(t, kept)


@dataclass(frozen=True, eq=False)
class History(Mapping[str, NDArray[Any]]):
    """What was measured on a chain, and where it came from.

    ``history["variance"]`` has shape (generations + 1, *replicates): axis 0 is the generation, so
    that ``plt.plot(history["variance"])`` draws a line for each replicate.

    Attributes
    ----------
    series : dict of arrays
    last : Generation
        The generation at which the chain stopped.
    provenance : dict
        How to run it again: fit, world, n, n_generations, policy, train_size, the state of the
        random generator before the first draw, and versions.
    """

    series: Mapping[str, NDArray[Any]]
    last: Generation
    provenance: Mapping[str, Any]

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.series[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.series)

    def __len__(self) -> int:
        return len(self.series)

    def __repr__(self) -> str:
        shapes = ", ".join(f"{name} {values.shape}" for name, values in self.series.items())
        return f"History({shapes})"


def run(
    fit: Fit,
    world: Model,
    *,
    n: SampleSize,
    n_generations: int,
    metrics: Mapping[str, Metric] | Sequence[Metric],
    policy: Policy = replace,
    train_size: SampleSize | None = None,
    until: Monitor | None = None,
    rng: RNG = None,
) -> History:
    """Drain `recurse` for `n_generations` after generation 0 and record metrics of the models.

    Parameters
    ----------
    fit, world, n, policy, train_size, rng
        As in `recurse`.
    n_generations : int
        Last generation, at least 0; the series have ``n_generations + 1`` entries.
    metrics : dict of functions, or list of named functions
        Each takes a model and returns a number, or an array of shape (*replicates).
    until : monitor, optional
        Stop early, as soon as the monitor's alarm is on in every replicate.

    Returns
    -------
    History

    Raises
    ------
    ValueError
        As `recurse`; if `n_generations` is not a whole number of at least 0; if a metric changes
        its shape from one generation to another.
    TypeError
        As `recurse`; if `metrics` are not functions.
    """
    last = whole_number("n_generations", n_generations, at_least=0)
    named = _named(metrics)
    rng = np.random.default_rng(rng)
    provenance = {
        "fit": _described(fit),
        "world": type(world).__name__,
        "n": n,
        "n_generations": last,
        "policy": _described(policy),
        "train_size": train_size,
        "rng_state": rng.bit_generator.state,
        "versions": {"python": platform.python_version(), "numpy": np.__version__},
    }
    chain = recurse(fit, world, n=n, policy=policy, train_size=train_size, rng=rng)
    series: dict[str, NDArray[Any]] = {}
    for generation in chain:
        t = generation.index
        for name, metric in named.items():
            value = np.asarray(metric(generation.model))
            if t == 0:
                series[name] = np.empty((last + 1, *value.shape), dtype=value.dtype)
            elif value.shape != series[name].shape[1:]:
                raise ValueError(
                    f"metrics must keep their shapes, got {series[name].shape[1:]} at first and "
                    f"{value.shape} at generation {t} for {name!r}"
                )
            if value.dtype != series[name].dtype:  # a whole number first, a fraction later
                series[name] = series[name].astype(np.result_type(series[name], value))
            series[name][t] = value
        so_far = {name: values[: t + 1] for name, values in series.items()}
        if t == last or (until is not None and until(so_far)[-1].all()):
            return History(so_far, generation, provenance)
    raise AssertionError("recurse never ends")


def _described(part: Any) -> str:
    """Return the name of a function, or what an object says of itself, without its address."""
    name = getattr(part, "__qualname__", None) or repr(part)
    return re.sub(r" at 0x\w+", "", name)


def _named(metrics: Mapping[str, Metric] | Sequence[Metric]) -> dict[str, Metric]:
    """Return metrics by name; the name of a function is its own."""
    if not isinstance(metrics, Mapping | list | tuple) or not metrics:
        raise TypeError(f"metrics must be a dict or a list of functions, got {metrics!r}")
    functions = list(metrics.values()) if isinstance(metrics, Mapping) else metrics
    for metric in functions:
        function("metrics", metric)
    if isinstance(metrics, Mapping):
        return dict(metrics)
    named = {getattr(metric, "__name__", "<unnamed>"): metric for metric in functions}
    if len(named) < len(functions) or any(name.startswith("<") for name in named):
        raise ValueError(
            f"metrics must be a dict unless each function has a name of its own, got {list(named)}"
        )
    return named
