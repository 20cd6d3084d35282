"""Which constructs of Python a function uses, and its tokens: functions of the standard library.

A construct here has no keyword of its own, so that no single token gives it away: it is an
arrangement of tokens that are common elsewhere. `python_functions` reads counts that were measured
beforehand; `measure` takes them from the source of the Python that runs.
"""

from __future__ import annotations

import ast
import keyword
import re
import sysconfig
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from collapse_lab.rules import one_of

_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def _filters(node: ast.AST) -> bool:
    return isinstance(node, _COMPREHENSIONS) and any(part.ifs for part in node.generators)


CONSTRUCTS: Mapping[str, Callable[[ast.AST], bool]] = MappingProxyType(
    {
        "loop else": lambda node: isinstance(node, _LOOPS) and bool(node.orelse),
        "chained comparison": lambda node: isinstance(node, ast.Compare) and len(node.ops) > 1,
        "filtered comprehension": _filters,
        "generator expression": lambda node: isinstance(node, ast.GeneratorExp),
        "double assignment": lambda node: isinstance(node, ast.Assign) and len(node.targets) > 1,
        "try else": lambda node: isinstance(node, ast.Try) and bool(node.orelse),
        "list comprehension": lambda node: isinstance(node, ast.ListComp),
        "conditional expression": lambda node: isinstance(node, ast.IfExp),
    }
)

_LONG = ["...", "**", "//", "<<", ">>", "<=", ">=", "==", "!=", "->", ":=", "+=", "-=", "*=", "/="]
_LONG += ["%=", "&=", "|=", "^="]
_OPERATORS = (*_LONG, *"()[]{},:.;@=+-*/%&|^~<>")
TOKENS = (*sorted(keyword.kwlist), *_OPERATORS, "NAME", "NUMBER", "STRING", "LINE")
_COLUMN = {token: column for column, token in enumerate(TOKENS)}
_STRING = r"(?i:\b(?:[rbu]|[bf]r|r[bf]|f))?(?:'''(?:\\.|[^\\])*?'''|\"\"\"(?:\\.|[^\\])*?\"\"\"|"
_STRING += r"'(?:\\.|[^\\'\n])*'|\"(?:\\.|[^\\\"\n])*\")"
_TOKEN = re.compile(
    rf"(?P<comment>#[^\n]*)|(?P<STRING>{_STRING})|(?P<word>[^\W\d]\w*)|"
    rf"(?P<NUMBER>\.?\d[\w.]*)|(?P<LINE>\n)|"
    rf"(?P<operator>{'|'.join(re.escape(each) for each in _OPERATORS)})",
    re.DOTALL,
)


@dataclass(frozen=True, eq=False)
class Functions:
    """Functions of a program, as counts.

    Attributes
    ----------
    names : tuple of str, length m
        ``"file:name"``, the name with its classes in front.
    counts : int array, shape (m, V)
        How often each of `TOKENS` occurs.
    has : bool array, shape (m, C)
        Whether each of `CONSTRUCTS` occurs.
    """

    names: tuple[str, ...]
    counts: NDArray[np.int64]
    has: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.names)

    @property
    def files(self) -> NDArray[np.int64]:
        """Number of the file of each function, shape (m,): parts of one program are alike."""
        _, number = np.unique([name.partition(":")[0] for name in self.names], return_inverse=True)
        return np.asarray(number, dtype=np.int64)

    def uses(self, construct: str) -> NDArray[np.bool_]:
        """Whether each function uses one of `CONSTRUCTS`, shape (m,)."""
        one_of("construct", construct, tuple(CONSTRUCTS))
        return np.asarray(self.has[:, list(CONSTRUCTS).index(construct)])


def read(sources: Mapping[str, str]) -> Functions:
    """Count tokens and constructs of functions.

    Parameters
    ----------
    sources : dict from str to str
        From names to texts, each of which must parse.
    """
    has = np.zeros((len(sources), len(CONSTRUCTS)), dtype=np.bool_)
    for row, text in enumerate(sources.values()):
        nodes = list(ast.walk(ast.parse(text)))
        has[row] = [any(map(found, nodes)) for found in CONSTRUCTS.values()]
    return Functions(tuple(sources), count_tokens(list(sources.values())), has)


def count_tokens(texts: Sequence[str]) -> NDArray[np.int64]:
    """How often each of `TOKENS` occurs in each text, shape (m, V)."""
    counts = np.zeros((len(texts), len(TOKENS)), dtype=np.int64)
    for row, text in enumerate(texts):
        for token, n in Counter(tokens(text)).items():
            counts[row, _COLUMN[token]] = n
    return counts


def tokens(text: str) -> list[str]:
    """Tokens of a piece of Python: keywords and operators as they are, all else by its kind.

    Our own rules, the same under every version of Python: a string is one token, with whatever an
    f-string has inside; comments are left out; `//=` and other operators of three characters count
    as two.

    Examples
    --------
    >>> tokens("x = f(2)  # two")
    ['NAME', '=', 'NAME', '(', 'NUMBER', ')']
    """
    found = []
    for match in _TOKEN.finditer(text):
        kind, word = str(match.lastgroup), match.group()
        if kind == "word":
            found.append(word if word in _COLUMN and word.isidentifier() else "NAME")
        elif kind != "comment":
            found.append(word if kind == "operator" else kind)
    return found


@cache
def python_functions() -> Functions:
    """Functions of Python's standard library, as counts (source license: PSF-2.0).

    Those of 4 to 60 lines that are the same, letter for letter, in Python 3.11.7, 3.12.1 and
    3.13.0; tests, IDLE and vendored packages are left out. The file ``python_functions.npz`` holds
    their names, the check sums of their texts, and what `read` counts in them; no text.

    Returns
    -------
    Functions
    """
    with (
        (resources.files("collapse_lab") / "data_files" / "python_functions.npz").open(
            "rb"
        ) as file,
        np.load(file, allow_pickle=False) as table,
    ):
        names = tuple(table["names"].tolist())
        counts, has = table["counts"].astype(np.int64), table["has"].astype(np.bool_)
    counts.setflags(write=False)  # the next caller gets this same array
    has.setflags(write=False)
    return Functions(names, counts, has)


def listed() -> dict[str, int]:
    """Names and check sums of the functions in `python_functions`."""
    with (
        (resources.files("collapse_lab") / "data_files" / "python_functions.npz").open(
            "rb"
        ) as file,
        np.load(file, allow_pickle=False) as table,
    ):
        return dict(zip(table["names"].tolist(), table["checks"].tolist(), strict=True))


def library_texts(folder: Path | None = None) -> dict[str, str]:
    """Texts of the functions of 4 to 60 lines in a standard library, by name.

    Parameters
    ----------
    folder : Path, optional
        That of the Python that runs by default.
    """
    folder = Path(sysconfig.get_path("stdlib")) if folder is None else folder
    texts = {}
    for path in sorted(folder.rglob("*.py")):
        inside = path.relative_to(folder)
        if _LEFT_OUT.isdisjoint(inside.parts):
            for name, text in _functions(path.read_text(encoding="utf-8")):
                if 4 <= text.count("\n") <= 60:
                    texts[f"{inside.as_posix()}:{name}"] = text
    return texts


_LEFT_OUT = {
    "__phello__",
    "ensurepip",
    "idlelib",
    "lib2to3",
    "pydoc_data",
    "site-packages",
    "test",
    "tests",
    "turtledemo",
}


def check_sum(text: str) -> int:
    """Check sum of a text."""
    return crc32(text.encode())


def _functions(source: str) -> Iterator[tuple[str, str]]:
    """Names and texts of the functions and methods in a file, without those inside functions."""
    lines = source.splitlines()

    def walk(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, str]]:
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                text = lines[node.lineno - 1 : node.end_lineno]
                margin = text[0][: len(text[0]) - len(text[0].lstrip())]
                yield prefix + node.name, "".join(f"{line.removeprefix(margin)}\n" for line in text)
            elif isinstance(node, ast.ClassDef):
                yield from walk(node.body, f"{prefix}{node.name}.")

    return walk(ast.parse(source).body, "")
