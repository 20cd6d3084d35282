"""Exercises: feedback says what is wrong, reads the same everywhere, and never raises."""

import importlib
import pkgutil
import sys
import types
import warnings
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collapse_lab import exercises, theory
from collapse_lab.checks import (
    Exercise,
    Feedback,
    agrees,
    calls,
    check,
    needs_array,
    needs_function,
    returned,
    show,
)

# ------------------------------------------------------------------ an exercise to try things on


def diagnose(answer: Any) -> str | None:
    """Find what is wrong with `halve(x)`."""
    problem = needs_function(answer, "halve(x)") or needs_array(answer(3.0), (), of="halve(3.0)")
    if problem:
        return problem
    if answer(3.0) != 1.5:
        return f"`halve(3.0)` is {answer(3.0):g}."
    return None if returned(answer, 4.0, of="halve") == 2.0 else "3.0 only."


@pytest.fixture(autouse=True)
def chapter_98(monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("collapse_lab.exercises.chapter98")
    module.EXERCISES = {"98.1": Exercise("98.1", "Halve", diagnose, "Well halved.")}  # type: ignore[attr-defined] # a module made by hand
    monkeypatch.setitem(sys.modules, module.__name__, module)


def test_a_right_answer() -> None:
    said = check("98.1", lambda x: x / 2)
    assert said == Feedback(True, "Well halved.", "Exercise 98.1")
    assert repr(said) == "Exercise 98.1: right. Well halved."
    assert said._repr_markdown_() == "**Exercise 98.1: right.** Well halved."


def test_a_worked_solution_is_called_so() -> None:
    said = check("98.1", lambda x: x / 2, worked=True)
    assert repr(said) == "Worked solution of exercise 98.1: right. Well halved."
    wrong = check("98.1", lambda x: x, worked=True)
    assert repr(wrong) == "Worked solution of exercise 98.1: not yet. `halve(3.0)` is 3."


def test_plain_text_and_markdown_say_the_same() -> None:
    said = check("98.1", lambda x: x)
    assert repr(said) == "Exercise 98.1: not yet. `halve(3.0)` is 3."
    assert said._repr_markdown_().replace("**", "") == repr(said)


class Nasty:
    """An answer that resists being looked at."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)

    def __repr__(self) -> str:
        raise RuntimeError("no repr")

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("no comparison")

    __hash__ = None  # type: ignore[assignment]


class NastyFunction(Nasty):
    """One that can be called, too."""

    def __call__(self, _: Any) -> Any:
        raise RuntimeError("no call")


class MuteError(Exception):
    """An exception that cannot be printed."""

    def __str__(self) -> str:
        raise RuntimeError("no text")


def raising(error: BaseException) -> Callable[[Any], Any]:
    def answer(_: Any) -> Any:
        raise error

    return answer


def endless(x: float) -> float:
    return endless(x)


WRONG = {
    "nothing": (None, "There is no answer yet: it is `None`."),
    "dots": (..., "There is no answer yet: it is `Ellipsis`."),
    "a number": (1.5, "A function is needed, to be called as `halve(x)`; this is `1.5`"),
    "nasty": (Nasty(), "an object of type `Nasty`"),
    "nasty function": (NastyFunction(), "The check cannot work with an object of type"),
    "returns nothing": (lambda _: None, "`halve(3.0)` is None. Is there a `return`"),
    "nothing elsewhere": (
        lambda x: 1.5 if x == 3 else None,
        "`halve(4.0)` is None. Is there a `return`",
    ),
    "a word elsewhere": (lambda x: 1.5 if x == 3 else "2", "`halve(4.0)` must be a number"),
    "a word": (lambda _: "half", "must be a number; it is `'half'`, of type `str`"),
    "nasty value": (lambda _: Nasty(), "must be a number; it is an object of type `Nasty`"),
    "an array": (lambda _: np.ones(2), "an array of shape (2,). Which axis"),
    "an array of one": (lambda _: np.ones(1), "an array of shape (1,). Take the number out of it."),
    "not a number": (lambda _: float("nan"), "must be finite; it holds nan"),
    "infinite": (lambda _: float("inf"), "must be finite; it holds inf"),
    "a fraction": (lambda x: Fraction(int(x), 2), "Turn it into a `float`."),
    "too few arguments": (lambda: 1, "It cannot be called as the task asks: `TypeError"),
    "raises": (lambda _: 1 / 0, "It stopped with `ZeroDivisionError: division by zero` in line"),
    "exits": (raising(SystemExit(3)), "`SystemExit: 3`"),
    "interrupted": (raising(KeyboardInterrupt()), "Does every loop in it end?"),
    "names all its data": (raising(ValueError("1 " * 10_000)), "1..."),
    "mute": (raising(MuteError()), "It stopped with `MuteError` in line"),
    "endless": (endless, "It calls itself without end"),
}


@pytest.mark.parametrize(("answer", "part"), WRONG.values(), ids=WRONG)
def test_a_wrong_answer_is_diagnosed(answer: Any, part: str) -> None:
    said = check("98.1", answer)
    assert not said.passed
    assert part in said.message


def test_a_long_error_is_cut() -> None:
    assert len(check("98.1", WRONG["names all its data"][0]).message) < 400


def test_only_a_wrong_call_is_said_to_be_one() -> None:
    called = [lambda: 1, lambda _x, _y: 1, lambda *, _x: 1]
    assert all("It cannot be called" in check("98.1", answer).message for answer in called)

    def list_of_methods(_: Any) -> Any:
        return [[].append]

    def diagnose(answer: Any) -> str | None:
        return str(np.asarray(answer(3.0), dtype=float))

    sys.modules["collapse_lab.exercises.chapter98"].EXERCISES["98.1"] = Exercise(  # type: ignore[attr-defined] # made by hand
        "98.1", "Halve", diagnose, "Well halved."
    )
    assert "float() argument must be" in check("98.1", list_of_methods).message
    assert "cannot be called" not in check("98.1", list_of_methods).message


@pytest.mark.parametrize(
    ("value", "right", "same"),
    [
        (1.5, 1.5, True),
        (np.float32(1.5), 1.5, True),
        ([1, 2], np.array([1.0, 2.0]), True),
        (1.6, 1.5, False),
        ([1.5], 1.5, False),
        (1.5, [1.5, 1.5], False),
        (None, 1.5, False),
        ("1.5", 1.5, False),
        (float("nan"), 1.5, False),
    ],
)
def test_values_agree_in_size_and_shape(value: Any, right: Any, same: bool) -> None:
    assert agrees(value, right) is same
    assert not agrees(Nasty(), right)


def test_the_line_is_the_readers_own() -> None:
    said = check("98.1", lambda _: np.linalg.inv(np.zeros((2, 2)))).message
    assert "`LinAlgError: Singular matrix` in line" in said
    assert "lambda _: np.linalg.inv" in said


def test_not_every_type_error_is_about_arguments() -> None:
    class Adds:
        def __call__(self, x: float) -> Any:
            return x + "half"  # type: ignore[operator] # on purpose

    said = check("98.1", Adds()).message
    assert said.startswith("The check cannot work with an object of type `Adds`: `TypeError")


def test_a_broken_chapter_is_no_unknown_exercise(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "There is no exercise '97.1'" in check("97.1", 1).message

    def broken(_: str) -> Any:
        raise ModuleNotFoundError("No module named 'scipy'", name="scipy")

    monkeypatch.setattr("collapse_lab.checks.importlib.import_module", broken)
    with pytest.raises(ModuleNotFoundError, match="scipy"):
        check("98.1", 1)


@pytest.mark.parametrize(
    ("value", "shape", "part"),
    [
        (np.ones(1), (), "must be a single number; it is an array of shape (1,). Take the"),
        (np.ones((2, 1)), (2,), "must be an array of shape (2,); it is an array of shape (2, 1)"),
        (2.5, (3,), "must be an array of shape (3,); it is the number 2.5."),
        ([1.0, -np.inf], (2,), "must be finite; it holds -inf."),
    ],
)
def test_what_an_array_lacks_is_named(value: Any, shape: tuple[int, ...], part: str) -> None:
    assert part in str(needs_array(value, shape, of="f(x)"))
    assert needs_array(np.zeros(shape), shape, of="f(x)") is None
    assert "must be a" in str(needs_array(1j * np.zeros(shape), shape, of="f(x)"))


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
    max_leaves=5,
)


@given(anything)
def test_no_answer_makes_check_raise(value: Any) -> None:
    assert not check("98.1", value).passed
    said = check("98.1", lambda _: value)
    assert said.passed == (type(value) in (int, float) and value == 1.5)


@given(anything)
def test_no_id_makes_check_raise(value: Any) -> None:
    assert not check(value, None).passed


@pytest.mark.parametrize(
    ("exercise_id", "message"),
    [
        ("98.9", "There is no exercise '98.9'."),
        ("98.9", "Chapter 98 has 98.1."),
        ("0.1", "There is no exercise '0.1'. Write the id like"),
        (1.1, "There is no exercise 1.1. Write the id like"),
        ("²", "There is no exercise '²'."),
    ],
)
def test_an_unknown_exercise_is_named(exercise_id: Any, message: str) -> None:
    assert message in check(exercise_id, None).message


def warns(x: float) -> float:
    warnings.warn("careful", stacklevel=1)
    return x / 2


def test_warnings_of_an_answer_are_not_shown() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert check("98.1", warns).passed
        assert "finite" in check("98.1", lambda _: np.log(np.zeros(()))).message


def test_what_an_answer_prints_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert "is None" in check("98.1", lambda x: print(x / 2)).message
    assert not capsys.readouterr().out


def test_show_is_short_and_holds_no_address() -> None:
    assert show("x" * 1000) == f"`'{'x' * 56}...`, of type `str`"
    assert show(np.eye(2)) == "`array([[1., 0.], [0., 1.]])`, of type `ndarray`"
    assert show("a `tick`") == "an object of type `str`"
    assert show(object()) == "an object of type `object`"
    assert show(np.arange(3)) == "`array([0, 1, 2])`, of type `ndarray`"


def test_a_forbidden_call_is_seen_under_any_name_and_a_namesake_is_not() -> None:
    def halve(x: float) -> float:
        return x / 2

    class ByHand:
        @staticmethod
        def halve(x: float) -> float:
            return x - x / 2

    alias = halve
    assert calls(halve, lambda x: alias(x) + 1, 3.0)
    assert calls(halve, lambda x: list(map(halve, [x])), 3.0)
    assert not calls(halve, lambda x: ByHand.halve(x), 3.0)
    assert not calls(halve, lambda x: halve and x / 2, 3.0)


def test_a_decorated_function_is_not_taken_for_another_with_its_decorator() -> None:
    def answer(n: int) -> float:
        return float(theory.expected_variance(1, n))

    assert calls(theory.expected_variance, answer, 10)
    assert not calls(theory.median_variance, answer, 10)


def test_looking_for_a_forbidden_call_leaves_no_profile_behind() -> None:
    before = sys.getprofile()
    with pytest.raises(ZeroDivisionError):
        calls(show, lambda x: x / 0, 3.0)
    assert sys.getprofile() is before


# ------------------------------------------------------------------ the exercises of the chapters

CHAPTERS = sorted(module.name for module in pkgutil.iter_modules(exercises.__path__))
ALL = [
    exercise
    for name in CHAPTERS
    for exercise in importlib.import_module(f"collapse_lab.exercises.{name}").EXERCISES.values()
]
each = pytest.mark.parametrize("exercise", ALL, ids=lambda exercise: exercise.id)


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_has_exercises_under_their_ids(name: str) -> None:
    found = importlib.import_module(f"collapse_lab.exercises.{name}").EXERCISES
    chapter = int(name.removeprefix("chapter"))
    assert list(found) == [f"{chapter}.{number}" for number in range(1, len(found) + 1)]
    assert all(exercise.id == key for key, exercise in found.items())
    assert len(found) >= 3


@each
def test_every_wrong_answer_gets_a_message_of_its_own(exercise: Exercise) -> None:
    said = {name: check(exercise.id, answer) for name, answer in exercise.wrong.items()}
    assert len(said) >= 3
    assert not [name for name, feedback in said.items() if feedback.passed]
    messages = [feedback.message for feedback in said.values()]
    assert len(set(messages)) == len(messages), messages
    again = {name: check(exercise.id, answer) for name, answer in exercise.wrong.items()}
    assert said == again


@each
@pytest.mark.parametrize("answer", [answer for answer, _ in WRONG.values()], ids=WRONG)
def test_every_exercise_survives_any_answer(exercise: Exercise, answer: Any) -> None:
    assert not check(exercise.id, answer).passed
