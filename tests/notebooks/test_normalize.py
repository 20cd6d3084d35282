"""The normal form of a notebook: what is derived, what is dropped, what is kept."""

import copy
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from collapse_lab.notebooks import (
    NotebookError,
    derive_starter,
    execute,
    find,
    main,
    normalize,
    problems,
    read,
    with_solutions,
    write,
)

SOLUTION = """
def half_life_solution(n):
    \"\"\"Generations until the variance has halved.\"\"\"
    # YOUR CODE: factor = 1.0
    # YOUR CODE: return None
    factor = 1 - 1 / n
    return np.log(0.5) / np.log(factor)
    # END

check("1.1", half_life_solution)
""".strip()

STARTER = """
def half_life(n):
    \"\"\"Generations until the variance has halved.\"\"\"
    # Your code here
    factor = 1.0
    return None
""".strip()

ANSWER = """
def half_life(n):
    \"\"\"Generations until the variance has halved.\"\"\"
    factor = 1 - 1 / n
    return np.log(0.5) / np.log(factor)
""".strip()


def exercise_cell(role: str, source: str, **options: Any) -> NotebookNode:
    metadata = {"tags": [f"exercise-{role}"], "exercise": "1.1"}
    return new_code_cell(source, metadata=metadata, **options)


def chapter() -> NotebookNode:
    return new_notebook(
        cells=[
            new_markdown_cell("# A copy of a copy", id="title"),
            new_code_cell("import numpy as np", id="setup"),
            exercise_cell("starter", "", id="starter"),
            exercise_cell("check", 'check("1.1", half_life)', id="check"),
            exercise_cell("solution", SOLUTION, id="solution"),
        ]
    )


# --------------------------------------------------------------------------------- starters


def test_a_starter_is_derived_from_its_solution() -> None:
    assert derive_starter(SOLUTION) == STARTER


def test_a_starter_may_have_several_parts_and_deeper_lines() -> None:
    solution = (
        "# YOUR CODE: predicted = None\npredicted_solution = 3\n# END\n"
        "def walk_solution(n):\n    for t in range(n):\n"
        "        # YOUR CODE: if t:\n        # YOUR CODE:     pass\n        go(t)\n        # END\n"
        "    return walk_solution\n\ncheck('1.1', walk_solution)\ncheck('1.2', n_solution)\n"
    )
    assert derive_starter(solution) == (
        "# Your code here\npredicted = None\n"
        "def walk(n):\n    for t in range(n):\n"
        "        # Your code here\n        if t:\n            pass\n"
        "    return walk"
    )


@pytest.mark.parametrize(
    "solution",
    [
        "f_solution = 1",
        "# YOUR CODE: f = None\nf_solution = 1",
        "f_solution = 1\n# END",
        "# YOUR CODE: f = None\nf_solution = 1\n# YOUR CODE: g = None\n# END",
        "# YOUR CODE: f = None\nf_solution = 1\n# END\n# END",
    ],
)
def test_a_solution_without_its_marks_is_refused(solution: str) -> None:
    with pytest.raises(NotebookError, match="a solution must mark its part with `# YOUR CODE: "):
        derive_starter(solution)


def test_normalizing_writes_the_starter_and_hides_the_solution() -> None:
    normal = normalize(chapter())
    assert normal.cells[2].source == STARTER
    assert normal.cells[4].source == SOLUTION
    assert normal.cells[4].metadata == {
        "exercise": "1.1",
        "jupyter": {"outputs_hidden": True, "source_hidden": True},
        "mystnb": {
            "code_prompt_hide": "Hide the solution",
            "code_prompt_show": "Show the solution",
        },
        "tags": ["exercise-solution", "hide-cell"],
    }


def test_a_solution_takes_the_place_of_its_starter() -> None:
    solved = with_solutions(normalize(chapter()))
    assert solved.cells[2].source == ANSWER
    assert solved.cells[4].source == SOLUTION


def test_what_ran_with_an_old_starter_has_not_run() -> None:
    notebook = chapter()
    for count, cell in enumerate(notebook.cells[1:], start=1):
        cell.update(execution_count=count, outputs=[new_output("stream", text="out")])
    normal = normalize(notebook)
    assert [cell.execution_count for cell in normal.cells[1:]] == [1, None, None, None]
    assert [len(cell.outputs) for cell in normal.cells[1:]] == [1, 0, 0, 0]


def test_a_starter_without_a_solution_is_named() -> None:
    notebook = chapter()
    del notebook.cells[4]
    with pytest.raises(NotebookError, match=r"exercise 1.1 has no cell with the tag 'exercise-sol"):
        with_solutions(notebook)


def test_a_solution_without_a_starter_is_named() -> None:
    notebook = chapter()
    del notebook.cells[2]
    message = "exercise 1.1 has no cell with the tag 'exercise-starter'"
    with pytest.raises(NotebookError, match=message):
        normalize(notebook)
    assert problems(notebook) == [message]


def test_two_solutions_of_one_exercise_are_refused() -> None:
    notebook = chapter()
    notebook.cells.append(copy.deepcopy(notebook.cells[4]))
    with pytest.raises(NotebookError, match=r"exercise 1\.1 must have one cell with the tag"):
        normalize(notebook)


def test_an_exercise_cell_needs_its_exercise() -> None:
    notebook = chapter()
    del notebook.cells[4].metadata["exercise"]
    with pytest.raises(NotebookError, match=r"cell 4 \(exercise-solution\) needs the metadata"):
        normalize(notebook)


def test_a_solution_without_marks_is_named_with_its_exercise() -> None:
    notebook = chapter()
    notebook.cells[4].source = "half_life_solution = None"
    with pytest.raises(NotebookError, match=r"exercise 1.1: a solution must mark its part"):
        normalize(notebook)


# ---------------------------------------------------------------------------------- outputs


def test_only_text_outputs_are_kept() -> None:
    figure = {"image/png": "aGk=", "text/plain": "<Figure size 650x360 with 1 Axes>"}
    explorer = {"text/plain": "Interactive figure.", "text/html": "<figure>", "image/png": "aGk="}
    widget = {"application/vnd.jupyter.widget-view+json": {"model_id": "5"}}
    outputs = [
        new_output("display_data", figure, metadata={"image/png": {"width": 650}}),
        new_output("display_data", widget),
        new_output("execute_result", explorer, execution_count=7),
        new_output("execute_result", {"text/markdown": "**1**", "text/plain": "1"}),
    ]
    cell = new_code_cell("x", execution_count=7, outputs=outputs)
    kept = normalize(new_notebook(cells=[cell])).cells[0].outputs
    assert [output["data"] for output in kept] == [
        {"text/plain": "<Figure size 650x360 with 1 Axes>"},
        {"text/plain": "Interactive figure."},
        {"text/markdown": "**1**", "text/plain": "1"},
    ]
    assert [output["metadata"] for output in kept] == [{}, {}, {}]
    assert [output.get("execution_count") for output in kept] == [None, 1, 1]


def test_the_pieces_of_a_stream_are_joined() -> None:
    pieces = [new_output("stream", name=name, text=text) for name, text in
              [("stdout", "a\n"), ("stderr", "no\n"), ("stdout", "b\n")]]  # fmt: skip
    cell = new_code_cell("x", execution_count=1, outputs=pieces)
    kept = normalize(new_notebook(cells=[cell])).cells[0].outputs
    assert [(output.name, output.text) for output in kept] == [
        ("stdout", "a\nb\n"),
        ("stderr", "no\n"),
    ]


@pytest.mark.parametrize(
    ("counts", "numbered"),
    [
        ([3, 7, 12], [1, 2, 3]),
        ([3, None, 12], [1, None, 2]),
        ([3, 2, 12], [3, 2, 12]),
        ([1, 1, 2], [1, 1, 2]),
    ],
)
def test_what_ran_in_order_is_numbered(counts: list[Any], numbered: list[Any]) -> None:
    cells = [new_code_cell("x", execution_count=count) for count in counts]
    normal = normalize(new_notebook(cells=cells))
    assert [cell.execution_count for cell in normal.cells] == numbered


# --------------------------------------------------------------------------- metadata and ids


def test_traces_of_machine_and_editor_are_dropped() -> None:
    noisy = {
        "execution": {"iopub.execute_input": "2026-01-01T00:00:00Z"},
        "collapsed": True,
        "editable": True,
        "jupyter": {"outputs_hidden": True},
        "mystnb": {"image": {"alt": "A line that falls."}},
        "tags": [],
    }
    notebook = new_notebook(cells=[new_code_cell("x\n\n", metadata=noisy)])
    notebook.metadata = nbformat.from_dict(
        {"language_info": {"version": "3.11.7"}, "widgets": {"state": {}}, "toc": 1}
    )
    normal = normalize(notebook)
    assert normal.cells[0].metadata == {"mystnb": {"image": {"alt": "A line that falls."}}}
    assert normal.cells[0].source == "x"
    assert set(normal.metadata) == {"kernelspec", "language_info"}
    assert "version" not in normal.metadata.language_info


@pytest.mark.parametrize(
    "metadata",
    [{"tags": ["hide-input"]}, {"jupyter": {"source_hidden": True}}],
    ids=["from the page", "from Lab"],
)
def test_what_is_hidden_on_one_side_is_hidden_on_the_other(metadata: dict[str, Any]) -> None:
    normal = normalize(new_notebook(cells=[new_code_cell("x", metadata=metadata)]))
    assert normal.cells[0].metadata == {"jupyter": {"source_hidden": True}, "tags": ["hide-input"]}


def test_a_cell_gets_a_readable_id_and_keeps_the_one_that_it_has() -> None:
    cells = [
        new_markdown_cell("# A copy of a copy", id="0a1b2c3d"),
        new_markdown_cell("Words.", id="6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
        new_code_cell("1", id="hero"),
        new_code_cell("2", id="twin"),
        new_code_cell("3"),
        exercise_cell("check", "4"),
        new_markdown_cell("## Größe?", id="0a1b2c3e"),
    ]
    notebook = new_notebook(cells=cells)
    notebook.cells[3].id = "hero"
    assert [cell.id for cell in normalize(notebook).cells] == [
        "a-copy-of-a-copy",
        "a-copy-of-a-copy-text",
        "hero",
        "a-copy-of-a-copy-code",
        "a-copy-of-a-copy-code-2",
        "exercise-1-1-check",
        "gr-e",
    ]


headings = st.text("aé# -\n", max_size=80).map("# ".__add__) | st.text(max_size=20)


@given(st.lists(headings, max_size=6), st.lists(st.none() | st.integers(1, 9), max_size=6))
def test_normalizing_twice_changes_nothing_more(words: list[str], counts: list[int | None]) -> None:
    cells = [new_markdown_cell(text) for text in words]
    cells += [new_code_cell("x", execution_count=count) for count in counts]
    normal = normalize(new_notebook(cells=cells))
    nbformat.validate(normal)
    assert normalize(normal) == normal
    assert problems(normal) == []


def test_normalizing_leaves_the_given_notebook_alone() -> None:
    notebook = chapter()
    before = copy.deepcopy(notebook)
    normalize(notebook)
    with_solutions(normalize(notebook))
    assert notebook == before


# ------------------------------------------------------------------------ files and commands


def test_problems_say_what_is_not_normal() -> None:
    notebook = normalize(chapter())
    notebook.cells[2].source = "half_life = None"
    notebook.cells[3].metadata["collapsed"] = True
    notebook.metadata["toc"] = 1
    assert problems(notebook) == [
        "cell 2 (starter): source is not normal",
        "cell 3 (check): metadata is not normal",
        "metadata of the notebook is not normal",
    ]


def test_the_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "book" / "01.ipynb"
    path.parent.mkdir()
    nbformat.write(chapter(), path)
    assert main(["check", str(tmp_path)]) == 1
    assert (
        "01.ipynb: not normal\n  cell 2 (starter): source is not normal" in capsys.readouterr().out
    )
    assert main(["normalize", str(tmp_path)]) == 0
    assert "01.ipynb: changed" in capsys.readouterr().out
    assert main(["check", str(path)]) == 0
    assert main(["normalize", str(path)]) == 0
    assert "01.ipynb: was normal" in capsys.readouterr().out
    text = path.read_text(encoding="utf-8")
    assert re.search(r'\n {1}"cells"', text)
    assert text.endswith("}\n")
    path.write_text(text + "\n", encoding="utf-8")
    assert main(["check", str(path)]) == 1
    assert "white space or order of the file is not normal" in capsys.readouterr().out


def test_normalize_can_run_the_notebook_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "01.ipynb"
    write(new_notebook(cells=[new_code_cell("print(6 * 7)"), new_code_cell("6 + 1")]), path)
    assert main(["normalize", "--execute", str(path)]) == 0
    cells = read(path).cells
    assert cells[0].outputs[0].text == "42\n"
    assert cells[1].outputs[0].data == {"text/plain": "7"}
    assert [cell.execution_count for cell in cells] == [1, 2]
    write(new_notebook(cells=[new_code_cell("1 / 0")]), path)
    before = path.read_text(encoding="utf-8")
    assert main(["normalize", "--execute", str(path)]) == 1
    assert "division by zero" in capsys.readouterr().err
    assert path.read_text(encoding="utf-8") == before


def test_executing_shows_the_live_face_unless_asked_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLLAPSE_LAB_BOOK", "1")
    source = "import os; print(os.environ.get('COLLAPSE_LAB_BOOK'), os.environ['MPLBACKEND'])"
    notebook = new_notebook(cells=[new_code_cell(source)])
    live = execute(notebook, tmp_path)
    built = execute(notebook, tmp_path, environment={"COLLAPSE_LAB_BOOK": "yes"})
    assert live.cells[0].outputs[0].text.startswith("None module://matplotlib_inline")
    assert built.cells[0].outputs[0].text.startswith("yes module://matplotlib_inline")


def test_find_leaves_out_what_was_built(tmp_path: Path) -> None:
    for name in ("b.ipynb", "a/a.ipynb", "_build/a.ipynb", ".ipynb_checkpoints/a.ipynb", "a.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert find([tmp_path]) == [tmp_path / "a/a.ipynb", tmp_path / "b.ipynb"]
    assert find([tmp_path / "b.ipynb"]) == [tmp_path / "b.ipynb"]
    with pytest.raises(FileNotFoundError, match=r"paths must exist, got '.*missing'"):
        find([tmp_path / "missing"])
