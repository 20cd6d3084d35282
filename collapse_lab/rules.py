"""Rules for arguments: each check names the argument, the rule and the value received."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def whole_number(name: str, value: Any, *, at_least: int = 1) -> int:
    """Return `value` as an int, or raise ValueError if it is not a whole number >= `at_least`."""
    is_integer = isinstance(value, int | np.integer) and not isinstance(value, bool | np.bool_)
    if not is_integer or value < at_least:
        raise ValueError(f"{name} must be a whole number of at least {at_least}, got {value!r}")
    return int(value)


def real_number(
    name: str, value: Any, *, low: float, high: float = np.inf, open_low: bool = False
) -> float:
    """Return `value` as a finite float in [low, high] (or (low, high]), or raise ValueError."""
    left, right = "(" if open_low else "[", "]" if high < np.inf else ")"
    rule = f"{name} must lie in {left}{low:g}, {high:g}{right}"
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise ValueError(f"{rule}, got {value!r}")
    inside = low < value <= high if open_low else low <= value <= high
    if not inside or not np.isfinite(value):
        raise ValueError(f"{rule}, got {value!r}")
    return float(value)


def finite_array(name: str, value: ArrayLike) -> NDArray[np.float64]:
    """Return `value` as a float64 array, or raise ValueError if an entry is not a finite number."""
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must hold finite numbers, got {value!r}") from None
    finite = np.isfinite(array)
    if not finite.all():
        raise ValueError(f"{name} must hold finite numbers, got {array[~finite].flat[0]}")
    return array


def function(name: str, value: Any) -> None:
    """Raise TypeError unless `value` can be called."""
    if not callable(value):
        raise TypeError(f"{name} must be callable, got {value!r}")


def one_of(name: str, value: Any, choices: tuple[str, ...]) -> None:
    """Raise ValueError unless `value` is one of `choices`."""
    if value not in choices:
        listed = " or ".join(repr(choice) for choice in choices)
        raise ValueError(f"{name} must be {listed}, got {value!r}")
