"""Which constructs of Python a function uses, and its tokens: functions of the standard library.

A construct here has no keyword of its own, so that no single token gives it away: it is an
arrangement of tokens that are common elsewhere. `python_functions` reads counts that are kept in
``data_files/python_functions.npz``. ``python -m collapse_lab.constructs FOLDER ...`` counts anew
what is the same in all of these standard libraries, and says whether that is what is kept; with
``--write`` it keeps the new counts.
"""

from __future__ import annotations

import argparse
import ast
import keyword
import re
import sys
import sysconfig
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from collapse_lab.rules import one_of

FILE = resources.files("collapse_lab") / "data_files" / "python_functions.npz"

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
    their names, the check sums of their texts, and what `read` counts in them; no text. The newest
    of the three, which can read the code of all, makes it anew::

        python3.13 -m collapse_lab.constructs LIB/python3.11 LIB/python3.12 LIB/python3.13

    Returns
    -------
    Functions
    """
    kept = _kept()
    counts, has = kept["counts"].astype(np.int64), kept["has"].astype(np.bool_)
    counts.setflags(write=False)  # the next caller gets this same array
    has.setflags(write=False)
    return Functions(tuple(kept["names"].tolist()), counts, has)


def listed() -> dict[str, int]:
    """Names and check sums of the functions in `python_functions`."""
    kept = _kept()
    return dict(zip(kept["names"].tolist(), kept["checks"].tolist(), strict=True))


def _kept() -> dict[str, NDArray[Any]]:
    """Return the arrays of the file."""
    with FILE.open("rb") as file, np.load(file, allow_pickle=False) as table:
        return dict(table)


def arrays(texts: Mapping[str, str]) -> dict[str, NDArray[Any]]:
    """What the file of `python_functions` holds of functions: names, check sums, counts, has.

    Parameters
    ----------
    texts : dict from str to str
        From names to texts, each of which must parse.
    """
    functions = read(texts)
    return {
        "names": np.array(functions.names),
        "checks": np.array([check_sum(text) for text in texts.values()], dtype=np.uint32),
        "counts": functions.counts.astype(np.min_scalar_type(functions.counts.max(initial=0))),
        "has": functions.has,
    }


def common_texts(folders: Sequence[Path]) -> dict[str, str]:
    """Texts of the functions that are the same, letter for letter, in several libraries, by name.

    Parameters
    ----------
    folders : sequence of Path
        Of standard libraries, at least one; the order of the functions is that of the first.
    """
    first, *others = (library_texts(folder) for folder in folders)
    return {
        name: text
        for name, text in first.items()
        if all(other.get(name) == text for other in others)
    }


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
            for name, text in _functions(path):
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


def _functions(path: Path) -> Iterator[tuple[str, str]]:
    """Names and texts of the functions and methods in a file, without those inside functions."""
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()

    def walk(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, str]]:
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                text = lines[node.lineno - 1 : node.end_lineno]
                margin = text[0][: len(text[0]) - len(text[0].lstrip())]
                yield prefix + node.name, "".join(f"{line.removeprefix(margin)}\n" for line in text)
            elif isinstance(node, ast.ClassDef):
                yield from walk(node.body, f"{prefix}{node.name}.")

    return walk(ast.parse(source, str(path)).body, "")


def main(arguments: Sequence[str] | None = None) -> int:
    """Count functions anew and compare with the file, or write it; return 1 if they differ."""
    parser = argparse.ArgumentParser(
        prog="python -m collapse_lab.constructs",
        description="Count the functions that are the same in all of some standard libraries, and "
        "compare with what is kept. Run it with the newest Python of these.",
    )
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="of a library")
    parser.add_argument("--write", action="store_true", help="keep the new counts")
    options = parser.parse_args(arguments)
    try:
        made = arrays(common_texts(options.folders))
    except SyntaxError as error:
        print(f"{error.filename} needs a newer Python than this: {error.msg}", file=sys.stderr)
        return 1
    if options.write:
        with Path(str(FILE)).open("wb") as file:
            np.savez_compressed(
                file,
                names=made["names"],
                checks=made["checks"],
                counts=made["counts"],
                has=made["has"],
            )
    kept = _kept()
    same = all(np.array_equal(made[name], kept[name]) for name in kept)
    print(f"{len(made['names']):,} functions, {'the same as' if same else 'unlike those'} kept")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
