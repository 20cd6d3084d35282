"""Measurements: a value, its standard error, what it should be, and whether it is that.

Tolerances are derived, never tried out: a correct result is called wrong once in a million times
if it may lie 4.9 standard errors from its expectation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from collapse_lab.rules import finite_array, one_of

Kind = Literal["equal", "at most", "at least", "approximate", "qualitative"]
KINDS: tuple[Kind, ...] = get_args(Kind)
TOLERANCE = 4.9  # standard errors; two-sided chance 1e-6 under the normal law


@dataclass(frozen=True, eq=False)
class Measurement:
    """One or more measured numbers beside their expectations.

    Parameters
    ----------
    labels : sequence of str, length m
        What was measured.
    value, standard_error, expected : arrays, shape (m,)
        Standard errors are above 0. Where the law is heavy-tailed they must be true ones, from
        closed-form moments: see `collapse_lab.results`.
    relative_error : float or array, shape (m,)
        For an approximate result, how far the expectation itself may be off, as a share of it.
    rivals : dict from str to arrays of shape (m,)
        Other forms of the expectation that are to be told apart from it.

    Examples
    --------
    >>> toss = Measurement(["heads"], 0.52, 0.005, 0.5)
    >>> print(*toss.rows("equal"))
    ('heads', '0.520 ± 0.005', '0.5000', '+4.0', 'holds')
    """

    labels: Sequence[str]
    value: Any
    standard_error: Any
    expected: Any
    relative_error: Any = 0.0
    rivals: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        shape = (len(self.labels),)
        for name in ("value", "standard_error", "expected", "relative_error"):
            array = np.atleast_1d(finite_array(name, getattr(self, name)))
            if name == "relative_error" and array.size == 1:
                array = np.broadcast_to(array, shape)
            if array.shape != shape:
                raise ValueError(
                    f"{name} must have one entry for each of the labels, "
                    f"got shape {array.shape} for {shape[0]} labels"
                )
            object.__setattr__(self, name, array)
        if (self.standard_error <= 0).any():
            raise ValueError(f"standard_error must hold numbers > 0, got {self.standard_error}")

    def z(self, kind: Kind) -> NDArray[np.float64]:
        """How many standard errors the value lies beyond what the kind of result allows.

        Equal and qualitative results allow no gap, approximate ones their relative error; bounds
        allow every gap on their own side.
        """
        one_of("kind", kind, KINDS)
        gap = self.value - self.expected
        if kind == "approximate":
            stated = np.abs(self.relative_error * self.expected)
            gap = np.sign(gap) * np.maximum(np.abs(gap) - stated, 0.0)
        elif kind == "at most":
            gap = np.maximum(gap, 0.0)
        elif kind == "at least":
            gap = np.minimum(gap, 0.0)
        return np.asarray(gap / self.standard_error)

    def holds(self, kind: Kind) -> NDArray[np.bool_]:
        """Whether each number is as it should be, shape (m,).

        Within 4.9 standard errors of what the kind allows. A qualitative result is about a
        direction: its value must lie more than 4.9 standard errors *above* what is expected
        without the effect.
        """
        z = self.z(kind)
        return z > TOLERANCE if kind == "qualitative" else np.abs(z) <= TOLERANCE

    def rows(self, kind: Kind) -> list[tuple[str, str, str, str, str]]:
        """Label, measured value, expectation, z and verdict of each number, as text."""
        numbers = zip(
            self.labels,
            self.value.tolist(),
            self.standard_error.tolist(),
            self.expected.tolist(),
            self.relative_error.tolist(),
            self.z(kind).tolist(),
            self.holds(kind).tolist(),
            strict=True,
        )
        return [
            (
                label,
                rounded(value, error),
                _expectation(kind, expected, error, stated),
                f"{z:+.1f}" if abs(z) >= 0.05 else "0",
                "holds" if holds else "does not hold",
            )
            for label, value, error, expected, stated, z, holds in numbers
        ]


def mean_and_error(samples: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean over replicates and its standard error.

    Parameters
    ----------
    samples : array, shape (..., R)
        At least two replicates; of a law without heavy tails.

    Returns
    -------
    mean, standard_error : arrays, shape (...)
    """
    array = finite_array("samples", samples)
    n = array.shape[-1] if array.ndim else 1
    if n < 2:
        raise ValueError(f"samples must hold at least two replicates, got {n}")
    return array.mean(axis=-1), array.std(axis=-1, ddof=1) / np.sqrt(n)


def rounded(value: float, standard_error: float) -> str:
    """Value and standard error, rounded to what the standard error supports.

    Examples
    --------
    >>> rounded(0.36777, 0.0021)
    '0.368 ± 0.002'
    >>> rounded(12345.6, 88.0)
    '12350 ± 90'
    >>> rounded(2.5134e-8, 3.2e-10)
    '(2.51 ± 0.03) × 10⁻⁸'
    """
    if not standard_error > 0:
        raise ValueError(f"standard_error must be above 0, got {standard_error}")
    exponent = _exponent(value, standard_error)
    if exponent:
        scale = 10.0**-exponent
        return f"({rounded(value * scale, standard_error * scale)}) × {_power_of_ten(exponent)}"
    return f"{_fixed(value, standard_error)} ± {_fixed(standard_error, standard_error)}"


def _expectation(kind: Kind, expected: float, standard_error: float, stated: float) -> str:
    """Expectation to one digit more than the value, a bound to three digits."""
    if kind in ("at most", "at least"):
        return f"{'≤' if kind == 'at most' else '≥'} {expected:.3g}"
    exponent = _exponent(expected, standard_error)
    text = _fixed(expected * 10.0**-exponent, standard_error * 10.0**-exponent / 10)
    if exponent:
        text = f"{text} × {_power_of_ten(exponent)}"
    if kind == "qualitative":
        return f"> {text}"
    return f"≈ {text} (to {100 * stated:g} %)" if kind == "approximate" and stated else text


def _exponent(value: float, standard_error: float) -> int:
    """Power of ten to take out of a small number, else 0."""
    if abs(value) >= 1e-3 or standard_error >= 1e-4:
        return 0
    return int(np.floor(np.log10(max(abs(value), standard_error))))


def _power_of_ten(exponent: int) -> str:
    return "10" + str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def _fixed(value: float, standard_error: float) -> str:
    """`value`, rounded at the first digit of the standard error."""
    first_digit = int(f"{standard_error:.0e}".partition("e")[2])  # after rounding: 0.0098 is 0.01
    if first_digit > 0:
        return f"{round(value, -first_digit):z.0f}"
    return f"{value:z.{-first_digit}f}"
