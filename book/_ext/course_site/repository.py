"""Where the book's launch and source buttons point.

The address is that of the repository the book is built from, told by the CI service
or by the git remote ``origin``. Without either there are no buttons: no address is invented.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

_PROVIDERS = ("github", "gitlab", "bitbucket")
_SSH = re.compile(r"^(?:ssh://)?(?:[\w.-]+@)(?P<host>[\w.-]+)(?::\d+/|[:/])(?P<path>.+)$")
_HTTPS = re.compile(r"^https?://(?:[^@/]+@)?(?P<host>[\w.:-]+)/(?P<path>.+)$")


class Repository(NamedTuple):
    """A repository on the web."""

    url: str
    branch: str
    provider: str


def web_address(remote: str) -> str | None:
    """Return the web address of a git remote, without credentials; None for a local path."""
    match = _HTTPS.match(remote.strip()) or _SSH.match(remote.strip())
    if match is None:
        return None
    path = match["path"].strip("/").removesuffix(".git")
    if "." not in match["host"] or path.count("/") < 1:
        return None
    return f"https://{match['host']}/{path}"


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def find_repository(folder: Path, environ: Mapping[str, str] = os.environ) -> Repository | None:
    """Return the repository that `folder` is built from, or None where nothing tells it."""
    if environ.get("GITHUB_SERVER_URL") and environ.get("GITHUB_REPOSITORY"):
        url = f"{environ['GITHUB_SERVER_URL'].rstrip('/')}/{environ['GITHUB_REPOSITORY']}"
        # On a pull request GITHUB_REF_NAME is "12/merge", which is no branch to launch.
        branch = environ.get("GITHUB_HEAD_REF") or environ.get("GITHUB_REF_NAME") or "main"
        return Repository(url, branch, "github")
    address = web_address(_git(folder, "remote", "get-url", "origin"))
    if address is None:
        return None
    host = address.split("/")[2]
    provider = next((name for name in _PROVIDERS if name in host), None)
    if provider is None:
        return None
    return Repository(address, _git(folder, "branch", "--show-current") or "main", provider)


def _set_buttons(app: Sphinx, config: Config) -> None:
    options: dict[str, Any] = config.html_theme_options
    for key in ("repository_url", "repository_branch", "repository_provider"):
        options.pop(key, None)
    repository = find_repository(Path(app.srcdir))
    shown = repository is not None
    options.update(use_repository_button=shown, use_source_button=shown, use_issues_button=shown)
    options["launch_buttons"] = {"notebook_interface": "jupyterlab"}
    if repository is not None:
        options.update(
            repository_url=repository.url,
            repository_branch=repository.branch,
            repository_provider=repository.provider,
        )
        options["launch_buttons"]["binderhub_url"] = "https://mybinder.org"


def _launch_only_notebooks(
    _app: Sphinx,
    _pagename: str,
    _templatename: str,
    context: dict[str, Any],
    _doctree: nodes.document | None,
) -> None:
    """Leave the launch buttons of notebooks; a page in Markdown is read, not launched."""
    if not str(context.get("page_source_suffix", "")).endswith("ipynb"):
        context["header_buttons"] = [
            button
            for button in context.get("header_buttons", [])
            if button.get("label") != "launch-buttons"
        ]


def setup(app: Sphinx) -> None:
    """Connect the module."""
    app.connect("config-inited", _set_buttons)
    # After the theme's own handlers (priority 501), which append the buttons.
    app.connect("html-page-context", _launch_only_notebooks, priority=502)
