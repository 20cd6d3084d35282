"""Experiments on model collapse, synthetic data and distillation.

The world is model zero. Each generation, a policy draws a training pool from the world and the
last model, a fit turns the pool into the next model, and everything else only watches.
"""

from importlib import import_module
from types import ModuleType

from collapse_lab import (
    datasets,
    metrics,
    readings,
)
from collapse_lab.categorical import (
    Categorical,
)
from collapse_lab.data import (
    Counts,
    Labelled,
    Moments,
    NormalEquations,
    Weighted,
    pool,
    subsample,
)
from collapse_lab.empirical import (
    Empirical,
)
from collapse_lab.gaussian import (
    Gaussian,
    MultivariateGaussian,
)
from collapse_lab.kernel import (
    Kernel,
)
from collapse_lab.monitors import (
    AtLeast,
    AtMost,
    alarm_rate,
    calibrate,
    first_alarm,
)
from collapse_lab.ngram import (
    NGram,
)
from collapse_lab.policies import (
    Curate,
    Decode,
    Filter,
    Keep,
    Mix,
    Relabel,
    accumulate,
    replace,
)
from collapse_lab.protocols import (
    Fit,
    Model,
    Past,
    Policy,
)
from collapse_lab.recursion import (
    Generation,
    History,
    recurse,
    run,
)
from collapse_lab.regression import (
    LinearModel,
)
from collapse_lab.rounding import (
    Rounded,
)
from collapse_lab.sklearn_bridge import (
    from_sklearn,
)
from collapse_lab.sweep import (
    Table,
    sweep,
)
from collapse_lab.text import (
    Corpus,
)
from collapse_lab.upkeep import (
    upkeep,
)

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
    "Corpus",
    "Counts",
    "Curate",
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
    "LinearModel",
    "Mix",
    "Model",
    "Moments",
    "MultivariateGaussian",
    "NGram",
    "NormalEquations",
    "Past",
    "Policy",
    "Relabel",
    "Rounded",
    "Table",
    "Weighted",
    "accumulate",
    "alarm_rate",
    "calibrate",
    "datasets",
    "first_alarm",
    "from_sklearn",
    "metrics",
    "pool",
    "readings",
    "recurse",
    "replace",
    "run",
    "subsample",
    "sweep",
    "theory",
    "upkeep",
]
