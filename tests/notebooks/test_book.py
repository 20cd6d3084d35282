"""What must be true of every notebook of the book, besides the outputs that nbval compares."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from nbformat import NotebookNode

from collapse_lab.notebooks import CHECK, find, problems, read

from .conventions import CONVENTIONS, tagged, texts
from .measure import Measured, last_frames, measure, picture_problems

BOOK = Path(__file__).parents[2] / "book"
MAX_SECONDS = 10  # on two cores; a test machine may be slower: three times as much fails
MAX_MEGABYTES = 600
WORDS_PER_MINUTE = 220
MINUTES_PER_FIGURE = 0.5

chapters = pytest.mark.parametrize("path", find([BOOK]), ids=lambda path: path.stem)
# one run for all of them, with the solutions; nbval runs the starters
measured: Callable[[Path], Measured] = cache(measure)


@chapters
def test_a_notebook_is_in_its_normal_form(path: Path) -> None:
    assert problems(read(path), path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("convention", CONVENTIONS, ids=lambda convention: convention.__name__)
@chapters
def test_a_chapter_keeps_the_conventions(
    path: Path, convention: Callable[[NotebookNode], Iterator[str]]
) -> None:
    assert list(convention(read(path))) == []


@chapters
def test_the_stated_minutes_are_those_of_the_text(path: Path) -> None:
    cells, words, figures = read(path).cells, 0, 0
    for cell in cells:
        if "exercise" in cell.metadata:
            continue
        if cell.cell_type == "markdown" or "hide-input" not in cell.metadata.get("tags", ()):
            words += len(re.sub(r"<[^>]+>", " ", cell.source).split())
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            words += len(data.get("text/markdown", "").split())
            figures += data.get("text/plain", "").startswith(("<Figure ", "Interactive figure"))
    objectives = next(cell.source for cell in cells if cell.id == "objectives")
    stated = re.search(r"about (\d+) minutes to read", objectives)
    assert stated
    minutes = words / WORDS_PER_MINUTE + MINUTES_PER_FIGURE * figures
    assert abs(minutes - int(stated[1])) < 5, f"{minutes:.1f} minutes"


@chapters
def test_the_stated_minutes_of_the_exercises_are_their_sum(path: Path) -> None:
    cells = read(path).cells
    objectives = next(cell.source for cell in cells if cell.id == "objectives")
    each = [re.match(r"### Exercise .+\n+\*\w[\w-]*, (\d+) minutes\.\*", c.source) for c in cells]
    assert sum(int(found[1]) for found in each if found) == int(
        re.search(r"(\d+) more for the exercises", objectives)[1]
    )


def test_the_readme_states_the_range_of_the_chapters_minutes() -> None:
    texts = ["\n".join(cell.source for cell in read(path).cells) for path in find([BOOK])]
    readme = (BOOK.parent / "README.md").read_text(encoding="utf-8")
    said = re.search(r"(\d+) to (\d+) minutes of reading, and (\d+) to (\d+) for", readme)
    stated = [
        re.findall(r"about (\d+) minutes to read.* (\d+) more for the", text)[0] for text in texts
    ]
    reading, exercises = (sorted(map(int, minutes)) for minutes in zip(*stated, strict=True))
    assert list(map(int, said.groups())) == [reading[0], reading[-1], exercises[0], exercises[-1]]


@chapters
def test_every_figure_and_frame_is_drawn(path: Path) -> None:
    assert list(picture_problems(measured(path).notebook)) == []


@chapters
def test_an_explorer_still_moves_after_the_last_cell(path: Path) -> None:
    run = measured(path)
    assert run.moved == last_frames(run.notebook)


@chapters
def test_a_chapter_is_quick_and_small(
    path: Path, record_property: Callable[[str, object], None]
) -> None:
    run = measured(path)
    line = f"{path.stem}: {run.seconds:.1f} s of computing, {run.megabytes:.0f} MB"
    record_property("chapter", line)  # shown by conftest.py at the end of the run
    assert run.megabytes < MAX_MEGABYTES
    # whichever is less: a busy machine stretches the one, threads multiply the other
    assert min(run.seconds, run.processor_seconds) < 3 * MAX_SECONDS


@chapters
def test_the_solutions_pass_in_place_of_the_starters(path: Path) -> None:
    for exercise, cell in tagged(measured(path).notebook, CHECK).items():
        assert texts(cell)[-1].startswith(f"Exercise {exercise}: right."), texts(cell)
