"""Feedback on exercises: `check` says what is wrong and what to try, and never raises.

An exercise is a value: a function that finds what is wrong with an answer, what to say when
nothing is, and the wrong answers that its tests try. The exercises of chapter 7 live in
`collapse_lab.exercises.chapter07`.
"""

from __future__ import annotations

import importlib
import inspect
import io
import linecache
import numbers
import re
import sys
import traceback
import warnings
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from types import FrameType, FunctionType
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Exercise",
    "Feedback",
    "MistakeError",
    "agrees",
    "calls",
    "check",
    "needs_array",
    "needs_function",
    "returned",
    "show",
]


@dataclass(frozen=True, repr=False)
class Feedback:
    """What `check` says about an answer; reads the same on a page, in Lab and in a terminal.

    Parameters
    ----------
    passed : bool
        Whether the answer is right.
    message : str
        What is wrong and what to try, or what a right answer shows; Markdown.
    title : str, optional
        The exercise, such as ``"Exercise 1.1"``.
    """

    passed: bool
    message: str
    title: str = "Exercise"

    @property
    def _head(self) -> str:
        return f"{self.title}: {'right.' if self.passed else 'not yet.'}"

    def __repr__(self) -> str:
        return f"{self._head} {self.message}"

    def _repr_markdown_(self) -> str:
        return f"**{self._head}** {self.message}"


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    Parameters
    ----------
    id : str
        Chapter and number, such as ``"1.2"``.
    title : str
        A few words, as in the notebook's heading.
    diagnose : callable
        ``diagnose(answer)`` returns what is wrong with an answer and what to try, or None when it
        is right. It may raise: `check` turns an exception into feedback.
    success : str
        What to say to a right answer: what it shows, or what to try next.
    wrong : mapping
        Name to wrong answer, at least three; the tests ask a message of its own for each.
    """

    id: str
    title: str
    diagnose: Callable[[Any], str | None]
    success: str
    wrong: Mapping[str, Any] = field(default_factory=dict)


class MistakeError(Exception):
    """What is wrong with an answer, for a diagnosis that finds it in the middle of its work."""


def check(exercise_id: str, answer: Any, *, worked: bool = False) -> Feedback:
    """Return feedback on an answer.

    Parameters
    ----------
    exercise_id : str
        Such as ``"1.2"``.
    answer : object
        Whatever the exercise asks for: a function, a number, an array.
    worked : bool
        Whether the answer is the worked solution: then the feedback says so, and nobody takes it
        for praise of an answer of their own.

    Returns
    -------
    Feedback
        Also for an answer of the wrong type, one that raises, and an unknown exercise.

    Notes
    -----
    Warnings from the answer are not shown: the message is about the mistake. Nor is what it
    prints: a check may call it hundreds of times.
    """
    exercise = _find(exercise_id)
    if isinstance(exercise, str):
        return Feedback(False, exercise)
    title = f"{'Worked solution of exercise' if worked else 'Exercise'} {exercise.id}"
    try:
        with (
            warnings.catch_warnings(),
            np.errstate(all="ignore"),
            redirect_stdout(io.StringIO()),
        ):
            warnings.simplefilter("ignore")
            problem = _blank(answer) or exercise.diagnose(answer)
    except MistakeError as mistake:
        problem = str(mistake)
    except KeyboardInterrupt:
        problem = "It was interrupted before it finished. Does every loop in it end?"
    except BaseException as error:  # even SystemExit: the reader's code may do anything
        problem = _explain(error, answer)
    return Feedback(not problem, problem or exercise.success, title)


def needs_function(answer: Any, call: str) -> str | None:
    """Return what is wrong with an answer that has to be a function, or None.

    Parameters
    ----------
    answer : object
        The answer.
    call : str
        How it will be called, such as ``"shrink(variance, n)"``.
    """
    if callable(answer):
        return None
    return (
        f"A function is needed, to be called as `{call}`; this is {show(answer)}. "
        f"Hand over the function itself, without parentheses."
    )


def needs_array(value: Any, shape: tuple[int, ...], *, of: str) -> str | None:
    """Return what is wrong with a value that has to be a finite number or array, or None.

    Parameters
    ----------
    value : object
        What the answer is or returned.
    shape : tuple of int
        The right shape; ``()`` for a number.
    of : str
        What the value is, such as ``"shrink(1.0, 10)"``.
    """
    if value is None:
        return f"`{of}` is None. Is there a `return` in front of the result?"
    try:
        array = np.asarray(value)
    except Exception:  # numpy asks the value for its attributes, and a value may do anything
        array = np.asarray(None)
    if array.dtype.kind not in "biuf":
        wanted = "an array of numbers" if shape else "a number"
        exact = isinstance(value, numbers.Number) and array.dtype.kind == "O"  # such as a Fraction
        hint = " Turn it into a `float`." if exact else ""
        return f"`{of}` must be {wanted}; it is {show(value)}.{hint}"
    if array.shape != shape:
        wanted = f"an array of shape {shape}" if shape else "a single number"
        found = f"an array of shape {array.shape}" if array.shape else f"the number {array:g}"
        alone = not shape and array.size == 1
        ask = "Take the number out of it." if alone else "Which axis was summed or kept?"
        return f"`{of}` must be {wanted}; it is {found}. {ask}"
    if not np.isfinite(array).all():
        bad = array[~np.isfinite(array)].flat[0]
        return f"`{of}` must be finite; it holds {bad}. Is something divided by zero?"
    return None


def agrees(value: Any, right: Any, *, rtol: float = 1e-5, atol: float = 1e-8) -> bool:
    """Return whether a value is a finite number or array and close to the right one.

    Parameters
    ----------
    value : object
        What the answer returned, also of the wrong type or shape.
    right : float or array
    rtol, atol : float
        As in `numpy.allclose`.
    """
    if needs_array(value, np.shape(right), of="value"):
        return False
    return bool(np.allclose(value, right, rtol=rtol, atol=atol))


def returned(
    answer: Callable[..., Any], *args: Any, of: str, shape: tuple[int, ...] = ()
) -> NDArray[np.float64]:
    """Return what an answer returns, once it is known to be a finite number or array.

    Parameters
    ----------
    answer : callable
        The answer.
    *args : object
        What it is called with.
    of : str
        Its name, such as ``"shrink"``.
    shape : tuple of int
        The right shape; ``()`` for a number.

    Raises
    ------
    MistakeError
        If it is anything else, or if the answer changed an array that it was called with.
    """
    arrays = [(each, each.copy()) for each in args if isinstance(each, np.ndarray)]
    value = answer(*args)
    shown = ", ".join("..." if isinstance(each, np.ndarray) else repr(each) for each in args)
    problem = needs_array(value, shape, of=f"{of}({shown})")
    if problem:
        raise MistakeError(problem)
    if not all(np.array_equal(now, before) for now, before in arrays):
        raise MistakeError(
            f"`{of}` changes an array that it is called with, and whoever calls it may need that "
            "again. Work on a copy, without `+=` and the like."
        )
    return np.asarray(value, dtype=np.float64)


def calls(function: Callable[..., Any], answer: Callable[..., Any], *args: Any) -> bool:
    """Return whether ``answer(*args)`` calls a function that the task forbids.

    Parameters
    ----------
    function : function
        The forbidden one, under whatever name the answer has it.
    answer : callable
        The answer. What it raises is raised.
    *args : object
        What the answer is called with.
    """
    # under its decorators: these may be code that it shares with others
    forbidden, seen = getattr(inspect.unwrap(function), "__code__", None), False

    def profile(frame: FrameType, _event: str, _arg: Any) -> None:
        nonlocal seen
        seen = seen or frame.f_code is forbidden

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        answer(*args)
    finally:
        sys.setprofile(before)
    return seen


def show(value: Any, width: int = 60) -> str:
    """Return a value and its type in a few words, whatever its `repr` does."""
    kind = type(value).__name__
    try:
        text = " ".join(repr(value).split())
    except Exception:
        return f"an object of type `{kind}`"
    if " at 0x" in text or "`" in text:  # an address differs from run to run
        return f"an object of type `{kind}`"
    text = text if len(text) <= width else text[: width - 3] + "..."
    return f"`{text}`, of type `{kind}`"


def _find(exercise_id: Any) -> Exercise | str:
    """Return the exercise, or what to tell the reader who asked for one that is not there."""
    chapter = str(exercise_id).partition(".")[0] if isinstance(exercise_id, str) else ""
    exercises: Mapping[str, Exercise] = {}
    if chapter.isascii() and chapter.isdigit():
        name = f"collapse_lab.exercises.chapter{int(chapter):02d}"
        try:
            exercises = importlib.import_module(name).EXERCISES
        except ModuleNotFoundError as error:
            if error.name != name:
                raise
    if isinstance(exercise_id, str) and exercise_id in exercises:
        return exercises[exercise_id]
    known = f" Chapter {int(chapter)} has {', '.join(exercises)}." if exercises else ""
    return f'There is no exercise {exercise_id!r}. Write the id like `check("1.1", ...)`.{known}'


def _blank(answer: Any) -> str | None:
    """Return what to tell the reader who has not begun."""
    if answer is None or answer is ...:
        return f"There is no answer yet: it is `{answer}`. Replace the line in the starter cell."
    return None


def _explain(error: BaseException, answer: Any) -> str:
    """Return where the answer failed and how, or that the check cannot work with it."""
    try:
        text = " ".join(str(error).split())
        text = text if len(text) <= 200 else text[:197] + "..."  # it may hold all the data
        what = f"`{type(error).__name__}: {text}`"
    except Exception:  # the message itself may fail
        what = f"`{type(error).__name__}`"
    if isinstance(error, RecursionError):
        return f"It calls itself without end ({what}). Which case stops it?"
    where = _last_line_of(answer, error)
    if where:
        return f"It stopped with {what} {where}. Try the function on a small example of your own."
    if isinstance(error, TypeError) and re.search(_CALLED_WRONGLY, what):
        return f"It cannot be called as the task asks: {what}. Compare its arguments with the task."
    return f"The check cannot work with {show(answer)}: {what}. Compare it with the task's words."


# what Python says of a call, and not of an argument with a wrong value
_CALLED_WRONGLY = "positional|keyword argument|takes|multiple values for"


def _last_line_of(answer: Any, error: BaseException) -> str:
    """Return the last line of the reader's own file that the traceback passes, in words."""
    if type(answer) is not FunctionType:
        return ""
    file = answer.__code__.co_filename
    entered, line = False, 0
    for frame, number in traceback.walk_tb(error.__traceback__):
        entered = entered or frame.f_code is answer.__code__
        if entered and frame.f_code.co_filename == file:
            line = number
    source = linecache.getline(file, line).strip()
    return f"in line {line}: `{source}`" if source else f"in line {line}" if line else ""
