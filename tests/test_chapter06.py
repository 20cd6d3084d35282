"""What the generic tests cannot know of chapter 6: its exercises."""

from collections.abc import Callable
from typing import Any

import pytest

from collapse_lab.checks import check
from collapse_lab.data import pool
from collapse_lab.exercises.chapter06 import CASES, EXERCISES, PATIENTS, TRUTH
from collapse_lab.policies import Decode, Keep, Mix


def _by_nested_questions(data_off: float, model_off: float, copied: float, own_output: bool) -> str:
    if data_off <= 0.3:
        if model_off <= 0.5:
            return "overfitting" if copied > 0.8 else "healthy"
        return "mode collapse"
    return ("forgetting", "model collapse")[own_output]


def _by_ifs_one_after_the_other(
    data_off: float, model_off: float, copied: float, own_output: bool
) -> str:
    if data_off > 0.3:
        name = "model collapse" if own_output else "forgetting"
    if model_off > 0.5:
        name = "mode collapse"
    name = "overfitting" if copied > 0.8 else "healthy"
    return name  # noqa: RET504 - as students write it: the last question overrules the others


def _by_hand(past: Any, *, rng: Any) -> Any:
    return pool(past.real, past.model.sample(past.n, rng=rng))


def _kept_and_bought(past: Any, *, rng: Any) -> Any:
    return pool(past.real, past.world.sample(6, rng=rng), past.model.sample(58, rng=rng))


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        ("6.1", dict(reversed(TRUTH.items()))),
        ("6.2", _by_nested_questions),
        ("6.3", Keep()),
        ("6.3", Keep(Mix(6 / 64))),
        ("6.3", Keep(Decode(lambda model: model))),
        ("6.3", _by_hand),
        ("6.3", _kept_and_bought),
    ],
)
def test_other_right_answers_are_right(exercise: str, answer: Callable[..., Any]) -> None:
    feedback = check(exercise, answer)
    assert feedback.passed, feedback.message


@pytest.mark.parametrize(
    ("exercise", "mistake", "says"),
    [
        ("6.1", "forgetting and model collapse the wrong way round", "the wrong way round"),
        ("6.1", "the copier called collapsed", "Look at A again"),
        ("6.1", "the pair of networks called overfitted", "Look at C again"),
        ("6.1", "everything is model collapse but two", "Who made them?"),
        ("6.1", "a name that is none", "'sick' is none of"),
        ("6.2", "provenance ignored", "use `own_output`"),
        ("6.2", "copies ignored", "use `copied`"),
        ("6.2", "whoever learns from models is ill", "no fault"),
        ("6.2", "at the border, too", "not above it"),
        ("6.2", "copies first", "the order of your questions"),
        ("6.2", "forgetting and model collapse the wrong way round", "if `own_output` is true"),
        ("6.2", "names in capitals", "is none of the names in the task"),
        ("6.3", "plain copies", "no fresh real data"),
        ("6.3", "only real data", "64.0 real observations"),
        ("6.3", "only the old data", "only 0 of the points"),
        ("6.3", "two real observations", "with 2.0 real observations"),
        ("6.3", "six real observations", "with 6.0 real observations"),
        ("6.3", "keep everything", "the store is small"),
    ],
)
def test_feedback_names_the_mistake(exercise: str, mistake: str, says: str) -> None:
    assert says in check(exercise, EXERCISES[exercise].wrong[mistake]).message


@pytest.mark.parametrize(
    ("exercise", "answer", "says"),
    [
        ("6.1", {"A": "overfitting"}, "keys A, B, C and D"),
        ("6.1", {**TRUTH, "C": ["mode collapse"]}, "is none of"),
        ("6.2", lambda data_off, model_off, copied, own_output: None, "must return the name"),
        ("6.2", _by_ifs_one_after_the_other, "the order of your questions"),
        ("6.3", lambda past, rng: None, "returns None"),
        ("6.1", {1: "overfitting", **TRUTH}, "keys A, B, C and D"),
        ("6.3", lambda past, rng: past.real.values, "of type `ndarray`"),
        ("6.3", lambda past, rng: [past.real, past.real], "`cl.pool` puts them together"),
    ],
)
def test_answers_of_another_kind_are_told_so(exercise: str, answer: Any, says: str) -> None:
    feedback = check(exercise, answer)
    assert not feedback.passed
    assert says in feedback.message


def test_each_case_of_the_diagnosis_decides_something() -> None:
    """The cases are those of the rule in the task, which another wording of it gives, too."""
    assert [_by_nested_questions(*case) for case, _ in CASES] == [fault for _, fault in CASES]
    assert {fault for _, fault in CASES} == {*TRUTH.values(), "healthy"}
    assert sorted(PATIENTS) == sorted(TRUTH)
