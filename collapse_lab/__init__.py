"""Experiments on model collapse, synthetic data and distillation.

The world is model zero. Each generation, a policy draws a training pool from the world and the
last model, a fit turns the pool into the next model, and everything else only watches.
"""

from importlib import import_module
from types import ModuleType

from collapse_lab import datasets, metrics
from collapse_lab.categorical import Categorical
from collapse_lab.data import Counts, Labelled, Moments, Weighted, pool, subsample
from collapse_lab.empirical import Empirical
from collapse_lab.gaussian import Gaussian, MultivariateGaussian
from collapse_lab.kernel import Kernel
from collapse_lab.monitors import AtLeast, AtMost, first_alarm
from collapse_lab.policies import Decode, Filter, Keep, Mix, accumulate, replace
from collapse_lab.protocols import Fit, Model, Past, Policy
from collapse_lab.recursion import Generation, History, recurse, run
from collapse_lab.rounding import Rounded
from collapse_lab.sklearn_bridge import from_sklearn
from collapse_lab.sweep import Table, sweep

__version__ = "0.1.0"


def __getattr__(name: str) -> ModuleType:
    """Load `theory` at its first use: it needs scipy, which takes longer than all the rest."""
    if name == "theory":
        return import_module("collapse_lab.theory")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "AtLeast",
    "AtMost",
    "Categorical",
    "Counts",
    "Decode",
    "Empirical",
    "Filter",
    "Fit",
    "Gaussian",
    "Generation",
    "History",
    "Keep",
    "Kernel",
    "Labelled",
    "Mix",
    "Model",
    "Moments",
    "MultivariateGaussian",
    "Past",
    "Policy",
    "Rounded",
    "Table",
    "Weighted",
    "accumulate",
    "datasets",
    "first_alarm",
    "from_sklearn",
    "metrics",
    "pool",
    "recurse",
    "replace",
    "run",
    "subsample",
    "sweep",
    "theory",
]
