"""Docstrings of the package as pages: numpydoc text is plain text first, markup second."""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx

_STAR = re.compile(r"(?<![\w*\\`])\*(?=\w+[,)\s])(?!\w[^*]*\w\*)")
_NAME = re.compile(r"(?<![`:\\])`(?P<name>[^`\n]+)`(?!`)")
_TYPE = re.compile(r"^(?P<indent>\s*):vartype (?P<name>[^:]+): (?P<type>.*)$")
_ATTRIBUTE = re.compile(r"^(?P<indent>\s*):ivar (?P<name>[^:]+):(?P<text>.*)$")


def _plain(app: Sphinx, line: str) -> str:
    """Return a line in which stars and bars are themselves, and a BibTeX key is a citation."""
    keys = _bibtex_keys(app)

    def link(match: re.Match[str]) -> str:
        name = match["name"]
        return f":cite:t:`{name}`" if name in keys else f"``{name}``"

    parts = re.split(r"(``.*?``)", line)
    for i in range(0, len(parts), 2):  # what stands between double backticks is left alone
        parts[i] = _NAME.sub(link, _STAR.sub(r"\\*", parts[i]).replace("|", r"\|"))
    return "".join(parts)


def _bibtex_keys(app: Sphinx) -> set[str]:
    domain: Any = app.env.get_domain("cite")
    return set(domain.bibdata.data.entries)


def _before_napoleon(
    app: Sphinx, _what: str, _name: str, _thing: Any, _options: Any, lines: list[str]
) -> None:
    in_code = False
    for i, line in enumerate(lines):
        in_code = line.lstrip().startswith(">>>") or (in_code and bool(line.strip()))
        lines[i] = line if in_code else _plain(app, line)


def _after_napoleon(
    _app: Sphinx, _what: str, _name: str, _thing: Any, _options: Any, lines: list[str]
) -> None:
    """Show types as text: `array, shape (n,)` is no name that could be looked up."""
    types = {match["name"]: match["type"] for match in map(_TYPE.match, lines) if match}
    kept = []
    for line in lines:
        attribute = _ATTRIBUTE.match(line)
        if attribute:
            given = types.get(attribute["name"])
            shown = f" ({given})" if given else ""
            *others, last = attribute["name"].split(", ")
            start = f"{attribute['indent']}:ivar "
            kept += [f"{start}{other}:{shown}" for other in others]
            kept.append(f"{start}{last}:{shown}{attribute['text']}")
        elif not _TYPE.match(line) and not line.strip().startswith(":type:"):
            kept.append(line)
    lines[:] = kept


def setup(app: Sphinx) -> None:
    """Connect the module."""
    app.connect("autodoc-process-docstring", _before_napoleon, priority=400)
    app.connect("autodoc-process-docstring", _after_napoleon, priority=600)
