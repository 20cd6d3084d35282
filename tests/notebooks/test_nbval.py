"""nbval, configured as for the book, lets pass what may differ and stops what may not."""

import copy
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from collapse_lab.notebooks import execute, normalize, write

ROOT = Path(__file__).parents[2]

SOURCES = {
    "number": "print(f'variance {0.25:.2f}')",
    "figure": "import matplotlib.pyplot as plt\nplt.plot([1, 2, 3])\nplt.show()",
    "explorer": (
        "from collapse_lab.explore import explorer\n"
        "explorer(lambda n: range(n), lambda x, ax: ax.plot(x), alt='{n} points', n=[2, 3])"
    ),
    "timing": "import time\nbegan = time.perf_counter()\nprint(f'{time.perf_counter() - began} s')",
    "sentence": "from IPython.display import Markdown\nMarkdown(f'It is **{0.25}**.')",
}


CHANGES = {
    "number": ("0.25", "0.26"),
    "figure": ("1 Axes", "2 Axes"),
    "explorer": ("2, 3", "2, 4"),
    "timing": (" s", " s or so"),
    "sentence": ("0.25", "0.26"),
}


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> NotebookNode:
    """A notebook as it is committed."""
    cells = [new_code_cell(source, id=name) for name, source in SOURCES.items()]
    fresh = new_notebook(cells=cells)
    return normalize(execute(fresh, tmp_path_factory.mktemp("kernel")))


def run_nbval(folder: Path, **notebooks: NotebookNode) -> str:
    """Return what pytest says about notebooks in a copy of the repository's test configuration."""
    for name in ("pyproject.toml", "conftest.py", "tests/notebooks/sanitize.cfg"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    (folder / "book").mkdir()
    for name, notebook in notebooks.items():
        write(notebook, folder / "book" / f"{name}.ipynb")
    command = [sys.executable, "-m", "pytest", "book", "-v", "-p", "no:cacheprovider"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def with_broken_outputs(notebook: NotebookNode) -> NotebookNode:
    """Return the notebook with one thing changed in each stored output."""
    broken = copy.deepcopy(notebook)
    for cell in broken.cells:
        old, new = CHANGES[cell.id]
        for output in cell.outputs:
            for holder in (output, output.get("data", {})):
                for key, value in holder.items():
                    if isinstance(value, str):
                        holder[key] = value.replace(old, new)
        assert cell.outputs != next(c for c in notebook.cells if c.id == cell.id).outputs
    return broken


def test_a_broken_number_fails_and_a_normal_notebook_passes(
    notebook: NotebookNode, tmp_path: Path
) -> None:
    said = run_nbval(tmp_path, as_committed=notebook, broken=with_broken_outputs(notebook))
    failed = re.findall(r"^FAILED book/(\w+)\.ipynb::Cell (\d)", said, re.MULTILINE)
    assert failed == [("broken", str(number)) for number in range(len(SOURCES))], said
    assert f"{len(SOURCES)} failed, {len(SOURCES)} passed" in said
    assert "variance 0.26" in said


@pytest.mark.parametrize(
    ("stored", "computed"),
    [
        ("It took 0.31 s.", "It took 12.5 s."),
        ("3.1 ms for a move", "29 ms for a move"),
        ("1.2e-05 s", "0.003 s"),
        ("117 times faster", "1,240 times faster"),
    ],
)
def test_times_are_not_compared(stored: str, computed: str) -> None:
    assert sanitized(stored) == sanitized(computed)


@pytest.mark.parametrize(
    ("stored", "computed"),
    [
        ("variance 0.25", "variance 0.26"),
        ("100 samples", "101 samples"),
        ("3 standard errors", "4 standard errors"),
        ("12 minnows", "13 minnows"),
        ("0.31 s faster than 5 generations", "0.31 s faster than 6 generations"),
    ],
)
def test_other_numbers_are_compared(stored: str, computed: str) -> None:
    assert sanitized(stored) != sanitized(computed)


def sanitized(text: str) -> str:
    """Return a text as nbval compares it."""
    from nbval.plugin import get_sanitize_patterns

    config = (ROOT / "tests/notebooks/sanitize.cfg").read_text(encoding="utf-8")
    for pattern, replacement in get_sanitize_patterns(config):
        text = re.sub(pattern, replacement, text)
    return text
