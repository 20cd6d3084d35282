"""What a study is, and how its table is kept."""

from __future__ import annotations

import ast
import hashlib
import inspect
import json
import platform
import tokenize
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

import collapse_lab
from collapse_lab.protocols import RNG
from collapse_lab.sweep import Table, sweep

PACKAGE = Path(collapse_lab.__file__).parent
TABLES = PACKAGE / "studies" / "tables"
LIBRARIES = ("numpy", "scipy", "scikit-learn")


@dataclass(frozen=True)
class Study:
    """An experiment that takes minutes: a task over a grid, run beforehand.

    Attributes
    ----------
    name : str
        Also the name of the file of its table.
    title : str
        What is measured, in one sentence.
    task : callable
        ``task(**point, rng=Generator)`` returns a dict that holds, with each measured ``x``, its
        standard error ``x_se``. Defined at the top of a module, so that processes can share it.
    grid : dict of sequences
        As for `collapse_lab.sweep`.
    seed : int
        Of the table that is kept.
    """

    name: str
    title: str
    task: Callable[..., Mapping[str, Any]]
    grid: Mapping[str, Sequence[Any]]
    seed: int

    @property
    def path(self) -> Path:
        """Where its table is kept."""
        return TABLES / f"{self.name}.json"

    @property
    def code(self) -> str:
        """Fingerprint of all code of the package that the task depends on, and of the grid."""
        files = depends_on(Path(inspect.getfile(self.task)))
        text = "\n".join(f"{path.name}\n{essence(path)}" for path in files)
        what = f"{text}\n{self.task.__name__} {dict(self.grid)} {self.seed}"
        return hashlib.sha256(what.encode()).hexdigest()

    def run(
        self,
        *,
        executor: Executor | None = None,
        progress: Callable[[int, int], None] | None = None,
        rng: RNG = None,
    ) -> Table:
        """Run the task at every point of the grid; see `collapse_lab.sweep`.

        Raises
        ------
        ValueError
            If a measured column has no standard error.
        """
        table = sweep(self.task, self.grid, executor=executor, progress=progress, rng=rng)
        lonely = [name for name in self.measured(table) if f"{name}_se" not in table]
        if lonely:
            raise ValueError(
                f"task must return a standard error with each number, got no {lonely[0]}_se"
            )
        return table

    def measured(self, table: Mapping[str, Any]) -> list[str]:
        """Names of the measured columns of its table."""
        return [name for name in table if name not in self.grid and not name.endswith("_se")]


@dataclass(frozen=True)
class Kept:
    """A table that was measured beforehand, and where it came from.

    Attributes
    ----------
    table : Table
    seed : int
    code : str
        Fingerprint of the code that made it.
    versions : dict from str to str
        Of Python and of the libraries that made it.
    """

    table: Table
    seed: int
    code: str
    versions: Mapping[str, str]


def keep(study: Study, table: Table) -> None:
    """Write the table of a study that was run with the study's own seed."""
    versions = {name: metadata.version(name) for name in LIBRARIES}
    record = {
        "title": study.title,
        "seed": study.seed,
        "code": study.code,
        "versions": {"python": platform.python_version(), **versions},
        "table": {name: column.tolist() for name, column in table.items()},
    }
    study.path.parent.mkdir(exist_ok=True)
    text = ",\n".join(f" {json.dumps(name)}: {json.dumps(part)}" for name, part in record.items())
    study.path.write_text(f"{{\n{text}\n}}\n", encoding="utf-8", newline="\n")


def kept(study: Study) -> Kept:
    """Read the table of a study.

    Raises
    ------
    FileNotFoundError
        If the study was never run.
    """
    if not study.path.exists():
        raise FileNotFoundError(f"study {study.name!r} was never run: make studies")
    record = json.loads(study.path.read_text(encoding="utf-8"))
    table = Table({name: np.array(column) for name, column in record["table"].items()})
    return Kept(table, record["seed"], record["code"], record["versions"])


def is_stale(study: Study) -> bool:
    """Whether the table is missing, or was made by other code than the present."""
    return not study.path.exists() or kept(study).code != study.code


def deviations(study: Study, first: Mapping[str, Any], second: Mapping[str, Any]) -> Table:
    """Compare two independent runs of a study.

    Returns
    -------
    Table
        The grid, and for each measured column the difference in standard errors of the difference.
        Two equal numbers without error differ by 0, two different ones by infinity.
    """
    columns = {name: np.asarray(first[name]) for name in study.grid}
    for name in study.measured(first):
        difference = np.asarray(second[name]) - np.asarray(first[name])
        error = np.hypot(first[f"{name}_se"], second[f"{name}_se"])
        infinite = np.where(difference == 0, 0.0, np.copysign(np.inf, difference))
        columns[name] = np.divide(difference, error, out=infinite, where=error > 0)
    return Table(columns)


def depends_on(path: Path) -> list[Path]:
    """Return a file and all files of the package that it imports, directly or not, in order.

    The package's own ``__init__`` is left out: it only lends names.
    """
    found: set[Path] = set()
    waiting = [path]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += [file for name in _imports(path) if (file := _file(name)) is not None]
    return sorted(found)


def _file(module: str) -> Path | None:
    """Return the file of a module of the package; None if there is no such module."""
    package, *names = module.split(".")
    if package != collapse_lab.__name__ or not names:
        return None
    stem = PACKAGE.joinpath(*names)
    path = stem / "__init__.py" if stem.is_dir() else stem.with_suffix(".py")
    return path if path.exists() else None


def _imports(path: Path) -> list[str]:
    """Names of what a file imports; among them, all modules of the package that it needs."""
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            if node.module == collapse_lab.__name__:  # a name that the package lends
                lent = [getattr(collapse_lab, alias.name, None) for alias in node.names]
                names += [getattr(each, "__module__", "") for each in lent]
    return names


def essence(path: Path) -> str:
    """Return the code of a file without comments, docstrings and blank lines.

    What it leaves is the same under every version of Python, which a syntax tree is not.
    """
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type == tokenize.COMMENT:
                row, column = token.start
                lines[row - 1] = lines[row - 1][:column]
    for node in ast.walk(ast.parse(text)):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and _is_docstring(body[0]):
            first, last = body[0].lineno, body[0].end_lineno
            lines[first - 1 : last] = [""] * (last - first + 1)
    return "\n".join(line.rstrip() for line in lines if line.strip())


def _is_docstring(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
