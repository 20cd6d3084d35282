"""The notebooks in their committed form: starters derived, noise gone, text outputs kept.

::

    python -m collapse_lab.notebooks normalize book             # every notebook under book/
    python -m collapse_lab.notebooks normalize --execute book   # run them first
    python -m collapse_lab.notebooks check book                 # which is not normal, and why

`with_solutions` puts each solution in the place of its starter, for tests and for teachers.
"""

from __future__ import annotations

import argparse
import copy
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

__all__ = [
    "NotebookError",
    "derive_starter",
    "execute",
    "find",
    "normalize",
    "problems",
    "read",
    "with_solutions",
    "write",
]

KEPT_OUTPUTS = ("text/plain", "text/markdown")
STARTER, HINTS, CHECK, SOLUTION = (
    "exercise-starter",
    "exercise-hints",
    "exercise-check",
    "exercise-solution",
)
# a kernel draws into the notebook and shows the live face of an explorer, whoever starts it
_NOT_INHERITED = {"MPLBACKEND", "COLLAPSE_LAB_BOOK"}
_HIDING_TAGS = {"hide-input", "hide-cell", "remove-input"}
_KEPT_METADATA = ("exercise", "mystnb", "tags")
_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "pygments_lexer": "ipython3",
    },
}
_AUTOMATIC_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){0,3}(-[0-9a-f]{12})?")
_MARK = re.compile(r"^[ \t]*# (?:YOUR CODE:.*|END[ \t]*)\n", re.MULTILINE)
_PART = re.compile(
    r"(?P<begin>(?:^[ \t]*# YOUR CODE:.*\n)+)(?:(?!^[ \t]*# YOUR CODE:).*\n)*?^[ \t]*# END[ \t]*$",
    re.MULTILINE,
)


class NotebookError(ValueError):
    """A notebook that cannot be brought into its normal form; says which cell and why."""


def find(paths: Sequence[str | Path]) -> list[Path]:
    """Return the notebooks among and under `paths`, sorted; build folders are left out.

    Raises
    ------
    FileNotFoundError
        If a path does not exist.
    """
    found: set[Path] = set()
    for path in map(Path, paths):
        if not path.exists():
            raise FileNotFoundError(f"paths must exist, got {str(path)!r}")
        if path.is_dir():
            inside = {notebook.relative_to(path) for notebook in path.rglob("*.ipynb")}
            found |= {path / n for n in inside if not any(p[0] in "._" for p in n.parts)}
        else:
            found.add(path)
    return sorted(found)


def read(path: str | Path) -> NotebookNode:
    """Return the notebook in a file."""
    notebook: NotebookNode = nbformat.read(path, as_version=4)
    return notebook


def write(notebook: NotebookNode, path: str | Path) -> None:
    """Write a notebook with an indent of one and a last line break, the same on every platform."""
    Path(path).write_text(_text(notebook), encoding="utf-8", newline="\n")


def normalize(notebook: NotebookNode) -> NotebookNode:
    """Return the normal form of a notebook; the given one is left as it is.

    Parameters
    ----------
    notebook : NotebookNode
        In format 4.

    Returns
    -------
    NotebookNode
        Starters derived from solutions; a starter that changed, and everything that ran after it,
        counts as not run. Only text outputs kept. Ids readable, unique and kept once given.
        Executed cells numbered from 1, if they ran from top to bottom. Metadata without traces of
        the machine and the editor.

    Raises
    ------
    NotebookError
        If an exercise lacks a cell, or a solution its marks.
    """
    normal = copy.deepcopy(notebook)
    normal.nbformat, normal.nbformat_minor = 4, 5
    normal.metadata = nbformat.from_dict(_METADATA)
    for cell in normal.cells:
        cell.source = cell.source.rstrip()
        cell.metadata = nbformat.from_dict(_cell_metadata(cell))
        if cell.cell_type == "code":
            cell.outputs = [kept for output in _joined(cell.outputs) if (kept := _output(output))]
    _derive_starters(normal)
    _number(normal)
    _name(normal)
    return normal


def problems(notebook: NotebookNode, text: str | None = None) -> list[str]:
    """Return what keeps a notebook from its normal form, a line for each; empty if it is normal.

    Parameters
    ----------
    notebook : NotebookNode
        The notebook.
    text : str, optional
        The file's text, to compare white space, too.
    """
    try:
        normal = normalize(notebook)
    except NotebookError as error:
        return [str(error)]
    pairs = enumerate(zip(notebook.cells, normal.cells, strict=True))
    found = [
        f"cell {number} ({wanted.id}): {part} is not normal"
        for number, (cell, wanted) in pairs
        for part in ("source", "metadata", "outputs", "execution_count", "id")
        if cell.get(part) != wanted.get(part)
    ]
    if notebook.metadata != normal.metadata:
        found.append("metadata of the notebook is not normal")
    if not found and text is not None and text != _text(normal):
        found.append("white space or order of the file is not normal")
    return found


def derive_starter(solution: str) -> str:
    """Return the starter of a solution.

    Names lose their suffix ``_solution``. What stands between ``# YOUR CODE: <line>`` and
    ``# END`` becomes a comment and that line (several such lines one after the other give several).
    The solution's own check at the end is dropped.

    Raises
    ------
    NotebookError
        If no part is marked, or a mark is missing.

    Examples
    --------
    >>> print(derive_starter('''def double_solution(x):
    ...     # YOUR CODE: return None
    ...     return 2 * x
    ...     # END
    ...
    ... check("1.1", double_solution, worked=True)'''))
    def double(x):
        # Your code here
        return None
    """
    starter, parts = _PART.subn(_starter_lines, solution + "\n")
    if not parts or _MARK.search(starter):
        raise NotebookError(
            "a solution must mark its part with `# YOUR CODE: <starter line>` and `# END`, "
            f"got {solution!r}"
        )
    return _answer(starter)


def with_solutions(notebook: NotebookNode) -> NotebookNode:
    """Return a copy with every starter replaced by its solution, under the starter's names.

    Raises
    ------
    NotebookError
        If a starter has no solution.
    """
    solved = copy.deepcopy(notebook)
    solutions = _exercise_cells(solved, SOLUTION)
    for exercise, cell in _exercise_cells(solved, STARTER).items():
        if exercise not in solutions:
            raise NotebookError(f"exercise {exercise} has no cell with the tag {SOLUTION!r}")
        cell.source = _answer(solutions[exercise].source)
    return solved


def execute(
    notebook: NotebookNode,
    folder: str | Path,
    *,
    timeout: float = 600,
    environment: Mapping[str, str] | None = None,
) -> NotebookNode:
    """Return a copy, run from top to bottom in a fresh kernel.

    Parameters
    ----------
    notebook : NotebookNode
        The notebook.
    folder : path
        The working folder of the kernel, where the notebook lives.
    timeout : float
        Seconds for each cell.
    environment : mapping, optional
        Variables that the kernel gets besides those of this process.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        If a cell raises.
    """
    ran = copy.deepcopy(notebook)
    client = NotebookClient(
        ran,
        timeout=timeout,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        store_widget_state=False,
        extra_arguments=["--log-level=ERROR"],
    )
    inherited = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
    client.execute(env={**inherited, **(environment or {})})
    return ran


def _derive_starters(notebook: NotebookNode) -> None:
    """Write the starters; what ran before a starter changed has not run."""
    starters = _exercise_cells(notebook, STARTER)
    stale = False
    for exercise, solution in _exercise_cells(notebook, SOLUTION).items():
        if exercise not in starters:
            raise NotebookError(f"exercise {exercise} has no cell with the tag {STARTER!r}")
        try:
            source = derive_starter(solution.source)
        except NotebookError as error:
            raise NotebookError(f"exercise {exercise}: {error}") from None
        if starters[exercise].source != source:
            starters[exercise].update(source=source, stale=True)
    for cell in notebook.cells:
        stale = cell.pop("stale", False) or stale
        if stale and cell.cell_type == "code":
            cell.update(outputs=[], execution_count=None)


def _exercise_cells(notebook: NotebookNode, tag: str) -> dict[str, NotebookNode]:
    """Return the cells with a tag by the exercise that they belong to."""
    cells: dict[str, NotebookNode] = {}
    for number, cell in enumerate(notebook.cells):
        if tag not in cell.metadata.get("tags", ()):
            continue
        exercise = cell.metadata.get("exercise")
        if not isinstance(exercise, str):
            raise NotebookError(f'cell {number} ({tag}) needs the metadata "exercise": "1.1"')
        if exercise in cells:
            raise NotebookError(f"exercise {exercise} must have one cell with the tag {tag!r}")
        cells[exercise] = cell
    return cells


def _starter_lines(part: re.Match[str]) -> str:
    """Return what stands in the starter for a marked part of the solution."""
    lines = part["begin"].splitlines()
    indent = lines[0][: lines[0].index("#")]
    shown = [line.replace("# YOUR CODE: ", "", 1).rstrip() for line in lines]
    return "\n".join([f"{indent}# Your code here", *shown])


def _answer(solution: str) -> str:
    """Return a solution under the starter's names, without marks and without its own check."""
    lines = _MARK.sub("", solution + "\n").splitlines()
    while lines and (not lines[-1].strip() or lines[-1].startswith("check(")):
        lines.pop()
    return re.sub(r"\b(\w+?)_solution\b", r"\1", "\n".join(lines))


def _cell_metadata(cell: NotebookNode) -> dict[str, object]:
    """Return what is kept of a cell's metadata; hidden on the page is hidden in Lab, too."""
    kept = {key: cell.metadata[key] for key in _KEPT_METADATA if cell.metadata.get(key)}
    if cell.cell_type != "code":
        return kept
    tags = set(kept.get("tags", ()))
    if SOLUTION in tags:
        tags = tags - {"hide-input"} | {"hide-cell"}  # its output would give the answer away
        prompt = {"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
        kept["mystnb"] = {**prompt, **kept.get("mystnb", {})}
    hidden = bool(tags & _HIDING_TAGS)
    if cell.metadata.get("jupyter", {}).get("source_hidden") and not hidden:
        tags.add("hide-input")
        hidden = True
    if tags:
        kept["tags"] = sorted(tags)
    if hidden:
        kept["jupyter"] = {"source_hidden": True}
    if "hide-cell" in tags:
        kept["jupyter"] = {"source_hidden": True, "outputs_hidden": True}
    return kept


def _joined(outputs: Sequence[NotebookNode]) -> Iterator[NotebookNode]:
    """Yield the outputs, each stream once: how it was cut into messages is chance."""
    streams: dict[str, NotebookNode] = {}
    for output in outputs:
        if output.output_type != "stream":
            yield output
        elif output.name not in streams:
            streams[output.name] = copy.deepcopy(output)
            streams[output.name].text = "".join(
                other.text
                for other in outputs
                if other.output_type == "stream" and other.name == output.name
            )
            yield streams[output.name]


def _output(output: NotebookNode) -> NotebookNode | None:
    """Return what is stored of an output, or None if nothing is."""
    if output.output_type not in ("display_data", "execute_result"):
        return output
    data = {kind: output.data[kind] for kind in KEPT_OUTPUTS if kind in output.data}
    if not data:
        return None
    return NotebookNode({**output, "data": NotebookNode(data), "metadata": NotebookNode()})


def _number(notebook: NotebookNode) -> None:
    """Count what ran from 1, if it ran from top to bottom; otherwise leave the numbers to tell."""
    ran = [c for c in notebook.cells if c.cell_type == "code" and c.execution_count is not None]
    counts = [cell.execution_count for cell in ran]
    if counts != sorted(set(counts)):
        return
    for count, cell in enumerate(ran, start=1):
        cell.execution_count = count
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = count


def _name(notebook: NotebookNode) -> None:
    """Give a readable id to each cell that has none of its own."""
    taken: set[str] = set()
    nameless = []
    for cell in notebook.cells:
        given = cell.get("id", "")
        if not given or given in taken or _AUTOMATIC_ID.fullmatch(given):
            nameless.append(cell)
        else:
            taken.add(given)
    section = "top"
    for cell in notebook.cells:
        heading = re.match(r"#+ +(.+)", cell.source) if cell.cell_type == "markdown" else None
        if heading:
            words = re.sub(r"[^a-z0-9]+", "-", heading[1].lower()).strip("-")
            section = words[:40].rstrip("-") or "section"
        if not any(cell is other for other in nameless):
            continue
        name = _base_name(cell, section, bool(heading))
        number = 2
        cell.id = name
        while cell.id in taken:
            cell.id, number = f"{name}-{number}", number + 1
        taken.add(cell.id)


def _base_name(cell: NotebookNode, section: str, is_heading: bool) -> str:
    """Return what the id of a cell begins with."""
    exercise = re.sub(r"[^A-Za-z0-9]+", "-", str(cell.metadata.get("exercise", "")))
    if exercise:
        roles = [tag for tag in cell.metadata.get("tags", ()) if tag.startswith("exercise-")]
        return (
            f"exercise-{exercise}-{roles[0].removeprefix('exercise-')}"
            if roles
            else f"exercise-{exercise}"
        )
    if is_heading:
        return section
    return f"{section}-{'code' if cell.cell_type == 'code' else 'text'}"


def _text(notebook: NotebookNode) -> str:
    """Return a notebook as it is written to its file."""
    text: str = nbformat.writes(notebook, version=nbformat.NO_CONVERT)
    return text.rstrip("\n") + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return 1 if a notebook is not normal or cannot be made so, else 0."""
    summary, _, usage = (__doc__ or "").partition("\n\n::\n\n")
    parser = argparse.ArgumentParser(
        prog="python -m collapse_lab.notebooks",
        description=summary,
        epilog=usage,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=["normalize", "check"])
    parser.add_argument("paths", nargs="+", help="notebooks, or folders of notebooks")
    parser.add_argument("--execute", action="store_true", help="run the notebooks before")
    options = parser.parse_args(arguments)
    failed = False
    for path in find(options.paths):
        try:
            if options.command == "normalize":
                print(f"{path}: {_normalize_file(path, run=options.execute)}")
            else:
                found = problems(read(path), path.read_text(encoding="utf-8"))
                failed = failed or bool(found)
                print("\n  ".join([f"{path}: {'not normal' if found else 'normal'}", *found]))
        except (NotebookError, CellExecutionError) as error:
            failed = True
            print(f"{path}: {error}", file=sys.stderr)
    return int(failed)


def _normalize_file(path: Path, *, run: bool) -> str:
    """Normalize a file, run before if asked, and say whether that changed it."""
    text = path.read_text(encoding="utf-8")
    notebook = normalize(read(path))
    if run:
        notebook = normalize(execute(notebook, path.parent))
    if _text(notebook) == text:
        return "was normal"
    write(notebook, path)
    return "changed"


if __name__ == "__main__":
    sys.exit(main())
