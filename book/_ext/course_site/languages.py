"""Say which glossary terms are Japanese, so that they are read aloud and set as such."""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.application import Sphinx

_JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


def _mark_terms(_app: Sphinx, doctree: nodes.document) -> None:
    for term in doctree.findall(nodes.term):
        if _JAPANESE.search(term.astext()):
            # docutils turns this class into the attribute lang="ja".
            term["classes"].append("language-ja")


def setup(app: Sphinx) -> None:
    """Connect the module."""
    app.connect("doctree-read", _mark_terms)
