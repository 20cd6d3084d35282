"""What the closed forms ask of their arguments: one rule for each name."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any, ParamSpec, TypeVar

import numpy as np

from collapse_lab.rules import finite_array, whole_number

P = ParamSpec("P")
R = TypeVar("R")
Rule = Callable[[str, Any], Any]


def at_least(low: int) -> Rule:
    """Return the rule of a whole number that is at least `low`."""
    return lambda name, value: whole_number(name, value, at_least=low)


def generations(name: str, value: Any) -> None:
    """Raise ValueError unless `value` holds whole numbers of at least 0."""
    array = np.asarray(value)
    if not np.issubdtype(array.dtype, np.integer) or array.size == 0 or array.min() < 0:
        raise ValueError(f"{name} must hold whole numbers of at least 0, got {value!r}")


def between(low: float, high: float, *, open_ends: bool = False) -> Rule:
    """Return the rule of numbers in [low, high], or in (low, high)."""
    ends = "()" if open_ends else "[]"

    def rule(name: str, value: Any) -> None:
        array = finite_array(name, value)
        outside = (array <= low) | (array >= high) if open_ends else (array < low) | (array > high)
        if outside.any():
            raise ValueError(
                f"{name} must lie in {ends[0]}{low:g}, {high:g}{ends[1]}, got {array[outside][0]:g}"
            )

    return rule


def zero_or_one(name: str, value: Any) -> None:
    """Raise ValueError unless `value` is 0 or 1."""
    if value not in (0, 1):
        raise ValueError(f"{name} must be 0 or 1, got {value!r}")


def finite(name: str, value: Any) -> None:
    """Raise ValueError unless `value` holds finite numbers."""
    finite_array(name, value)


def true_or_false(name: str, value: Any) -> None:
    """Raise ValueError unless `value` is True or False."""
    if not isinstance(value, bool):
        raise ValueError(f"{name} must be True or False, got {value!r}")


RULES: dict[str, Rule] = {
    "t": generations,
    "ddof": zero_or_one,
    "p": between(0, 1),
    "q": between(0, 1, open_ends=True),
    "level": between(0, np.inf, open_ends=True),
    "fraction": between(0, 1),
    "weight": between(0, 1),
    "factor": between(0, np.inf, open_ends=True),
    "ridge": between(0, np.inf, open_ends=True),
    "ratio": between(0, np.inf, open_ends=True),
    "noise": between(0, np.inf),
    "norm": between(0, np.inf),
    "prediction_var": between(0, np.inf),
    "residual_var": between(0, np.inf),
    "bias": between(0, np.inf),
    "label_error": between(0, np.inf),
    "shift": finite,
    "with_replacement": true_or_false,
    "rate": between(0, 1),
    "share": between(0, 1),
    "counts": between(0, np.inf),
    "theta": between(0, np.inf, open_ends=True),
    "smoothing": between(0, np.inf),
    "temperature": between(0, np.inf, open_ends=True),
    "d": at_least(1),
    "k": at_least(1),
    "n_real": at_least(1),
    "n_first": at_least(2),
    "n_types": at_least(1),
    "mean_power": at_least(0),
    "std_power": at_least(0),
    "power": at_least(0),
}


def checked(**own: Rule) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return a decorator that checks arguments by their names: `RULES`, and `own` before them.

    An argument that is None, where that is a default, is not checked.
    """
    rules = {**RULES, **own}

    def decorate(form: Callable[P, R]) -> Callable[P, R]:
        parameters = signature(form)
        ruled = [(name, rules[name]) for name in parameters.parameters if name in rules]

        @wraps(form)
        def with_rules(*args: P.args, **kwargs: P.kwargs) -> R:
            given = parameters.bind(*args, **kwargs).arguments
            for name, rule in ruled:
                if given.get(name) is not None:
                    rule(name, given[name])
            return form(*args, **kwargs)

        return with_rules

    return decorate
