"""Mathematics without a request that leaves the machine.

MathJax comes out of the wheel ``sphinx-mathjax-offline``; only what a page can ask for is copied.
"""

from __future__ import annotations

import shutil
from importlib import metadata
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

_NEEDED = (
    "tex-chtml.js",
    "output/chtml/fonts",
    "input/tex/extensions",
    "ui",
    "a11y/assistive-mml.js",
)
_MACROS = {"E": r"\operatorname{E}", "Var": r"\operatorname{Var}", "normal": r"\mathcal{N}"}


def _configure(_app: Sphinx, config: Config) -> None:
    config.mathjax_path = "mathjax/tex-chtml.js"
    config.mathjax3_config = {
        "tex": {"macros": _MACROS},
        # No context menu: it would offer parts of MathJax that are not copied.
        "options": {
            "enableMenu": False,
            "processHtmlClass": "tex2jax_process|mathjax_process|math|output_area",
        },
    }


def _copy(app: Sphinx) -> None:
    if app.builder.format != "html":
        return
    # Quizzes and explorers hold mathematics on pages that otherwise have none.
    app.set_html_assets_policy("always")
    wheel = metadata.distribution("sphinx-mathjax-offline")
    source = Path(str(wheel.locate_file("sphinx-mathjax-offline"))) / "static" / "mathjax"
    target = Path(app.outdir) / "_static" / "mathjax"
    for name in _NEEDED:
        if (target / name).exists():
            continue
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        if (source / name).is_dir():
            shutil.copytree(source / name, target / name)
        else:
            shutil.copy2(source / name, target / name)


def setup(app: Sphinx) -> None:
    """Connect the module."""
    app.connect("config-inited", _configure)
    app.connect("builder-inited", _copy)
