"""How notebooks are executed when the book is built.

Kernels inherit ``COLLAPSE_LAB_BOOK``, so that explorers give their static face.
The execution cache is keyed on what the cells call as well as on the cells: jupyter-cache
compares code cells only, and a figure must never outlive the package that drew it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from importlib import metadata, util
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

_DRAWS_AND_COMPUTES = ("numpy", "scipy", "scikit-learn", "matplotlib", "wordfreq", "myst-nb")


def package_digest(package: str = "collapse_lab") -> str:
    """Return a digest of every file of `package` and of the versions it runs on."""
    digest = hashlib.sha256(sys.version.encode())
    for name in _DRAWS_AND_COMPUTES:
        digest.update(f"{name} {metadata.version(name)}\n".encode())
    spec = util.find_spec(package)
    for folder in (spec and spec.submodule_search_locations) or ():
        root = Path(folder)
        for path in sorted(root.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(path.relative_to(root).as_posix().encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _key_cache_on_package(app: Sphinx, config: Config) -> None:
    os.environ["COLLAPSE_LAB_BOOK"] = "1"
    caches = Path(app.outdir).parent / ".jupyter_cache"
    current = caches / package_digest()
    if caches.is_dir():
        for old in caches.iterdir():
            if old != current and old.is_dir():
                shutil.rmtree(old)
    # The value is part of Sphinx's environment: when it changes, every page is read anew.
    config.nb_execution_cache_path = str(current)


def setup(app: Sphinx) -> None:
    """Connect the module."""
    app.connect("config-inited", _key_cache_on_package)
