"""The registry of results: each holds, and a wrong expectation would be seen."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import collapse_lab.results as registry
import collapse_lab.results.__main__ as command
from collapse_lab.measurement import KINDS
from collapse_lab.results import FLAGS, RESULTS, as_markdown, as_text, measure_all

SEED = 1
BOOK = Path(__file__).parents[1] / "book"
CHAPTER = {
    1: [*range(1, 9), *range(10, 15), *range(22, 25)],
    2: [*range(27, 33), *range(35, 43)],
    3: [9, 21, 25, 33, 34],
    4: [43],
    5: [18],
    6: [62],
    7: [15, 16, 17, 19, 20, 26, *range(44, 54), 56, 61, 86, 87],
    8: [*range(57, 60)],
    11: [55, 81],
    13: [78, 82, 83],
    16: [*range(64, 70), 74, 75],
    17: [54, 60],
}
each_result = pytest.mark.parametrize("name", RESULTS)


@cache
def measured(name):
    return measure_all([name], rng=SEED)[name]


def test_all_results_of_the_chapters_are_there():
    for chapter, numbers in CHAPTER.items():
        assert [r.id for r in RESULTS.values() if r.chapter == chapter] == [
            f"L{number:02}" for number in numbers
        ]
    assert [result.id for result in RESULTS.values()] == list(RESULTS)


@each_result
def test_a_result_is_described(name):
    result = RESULTS[name]
    keys = set(re.findall(r"^@\w+\{([^,]+),", (BOOK / "references.bib").read_text("utf8"), re.M))
    cited = re.findall(r"\{cite:t\}`([^`]+)`", result.note + result.statement)
    assert result.kind in KINDS
    assert result.flag in FLAGS
    assert {*cited, *([result.source] if result.source else [])} <= keys
    assert result.source or result.flag == "D"
    assert result.title
    assert not result.title.endswith(".")
    assert result.statement.endswith(".")
    assert result.method.endswith(".")
    for text in (result.statement, result.note):
        assert text.count("$") % 2 == 0
        assert "\n" not in text.replace("\n\n", "")


@each_result
def test_a_result_holds(name):
    result, measurement = RESULTS[name], measured(name)
    assert measurement.holds(result.kind).all(), as_text([(result, measurement)])


@each_result
def test_a_wrong_expectation_is_seen(name):
    kind, right = RESULTS[name].kind, measured(name)
    shift = 12 * right.standard_error + 2 * np.abs(right.relative_error * right.expected)
    by_kind = {
        "equal": [right.expected + shift, right.expected - shift],
        "approximate": [right.expected + shift, right.expected - shift],
        "at most": [right.value - shift],
        "at least": [right.value + shift],
        "qualitative": [right.value + shift],
    }
    for expected in by_kind[kind]:
        wrong = replace(right, expected=expected)
        assert not wrong.holds(kind).any(), as_text([(RESULTS[name], wrong)])


@pytest.mark.parametrize(
    ("name", "numbers"), [("L02", [1]), ("L38", [0, 1, 2]), ("L61", [0, 1, 2])]
)
def test_other_forms_are_told_apart(name, numbers):
    (rival,) = measured(name).rivals.values()
    other = replace(measured(name), expected=rival)
    assert np.flatnonzero(~other.holds("equal")).tolist() == numbers


@pytest.mark.parametrize(("name", "above"), [("L45", []), ("L54", [1, 2, 3, 4])])
def test_where_a_bound_of_a_source_is_exceeded(name, above):
    (bound,) = measured(name).rivals.values()
    bounded = replace(measured(name), expected=bound)
    assert np.flatnonzero(~bounded.holds("at most")).tolist() == above


@each_result
def test_numbers_are_precise(name):
    """A tolerance of 4.9 standard errors must be small beside the number itself."""
    measurement = measured(name)
    scale = np.abs(measurement.expected)
    precise = measurement.standard_error <= 0.1 * scale
    assert (precise | (scale == 0)).all()


def test_a_row_has_random_numbers_of_its_own():
    both = measure_all(["L14", "L40"], rng=3)
    alone = measure_all(["L40"], rng=3)
    other = measure_all(["L40"], rng=4)
    np.testing.assert_array_equal(both["L40"].value, alone["L40"].value)
    assert (alone["L40"].value != other["L40"].value).any()
    seeded = (RESULTS["L14"].measure(rng=3).value, RESULTS["L14"].measure(rng=3).value)
    assert seeded[0] == seeded[1]


def test_progress_is_reported():
    seen = []
    measure_all(["L14", "L40"], rng=1, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 2), (2, 2)]


def test_unknown_ids_are_refused():
    with pytest.raises(ValueError, match=r"ids must be among L01, .* got 'L99'"):
        measure_all(["L99"], rng=1)


def test_markdown_has_anchors_links_and_tables():
    pairs = [(RESULTS[name], measured(name)) for name in ("L02", "L14", "L24", "L38")]
    text = as_markdown(pairs, pages={1: "part1/chapter.ipynb"})
    assert text.count("(result-l02)=") == 1
    assert "as summarized from {cite:t}`shumailov2024collapse`" in text
    assert "derived here, after {cite:t}`seddik2024bad`" in text
    assert "[Chapter 1](part1/chapter.ipynb)" in text
    assert "Chapter 2" in text
    assert "[Chapter 2]" not in text
    assert "median of \\|mean(2T) - mean(T)\\|, T\u00a0=\u00a050" in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {6}
    assert "Leading order, 3T/(2n): " in text
    assert re.search("0.01498\u00a0±\u00a00.0000\\d \\| 0.014999 \\| \u2212", text)


def test_the_command_prints_one_row():
    run = subprocess.run(
        [sys.executable, "-m", "collapse_lab.results", "L14", "--seed", "2"],
        capture_output=True,
        text=True,
        encoding="utf8",
        env={**os.environ, "PYTHONIOENCODING": "utf8"},
        check=True,
    )
    assert "L14  The inflation that keeps the typical chain alive" in run.stdout
    assert "1 results, 1 numbers, seed 2: all hold." in run.stdout
    assert "1/1" in run.stderr


def test_the_command_fails_with_a_result_that_does_not_hold(monkeypatch, capsys):
    right = RESULTS["L14"]
    wrong = replace(right, experiment=lambda rng: replace(right.measure(rng=rng), expected=1.0))
    for module in (registry, command):
        monkeypatch.setattr(module, "RESULTS", {**RESULTS, "L14": wrong})
    assert command.main(["L14"]) == 1
    assert "these do not hold: L14" in capsys.readouterr().out


def test_the_command_refuses_unknown_ids(capsys):
    with pytest.raises(SystemExit):
        command.main(["L99"])
    assert "ID must be among L01, " in capsys.readouterr().err
