"""The course's own Sphinx extension: one small module for each thing the site needs."""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx

from . import (
    cells,
    citations,
    claims_page,
    docstrings,
    execution,
    glossary_links,
    languages,
    mathematics,
    repository,
    run_times,
)

_MODULES = (
    execution,
    repository,
    mathematics,
    languages,
    cells,
    citations,
    claims_page,
    glossary_links,
    docstrings,
    run_times,
)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect every module of the extension."""
    # Jupyter Book sets this value even where sphinx-comments, which defines it, is not used.
    app.add_config_value("comments_config", {}, "html")
    for module in _MODULES:
        module.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
