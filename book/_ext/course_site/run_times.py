"""The directive of the run-times page: how long each notebook took on the machine that built it."""

from __future__ import annotations

import os
import platform
import re
from typing import Any

import numpy as np
from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

SECONDS = re.compile(r'<figure class="explorer"[^>]* data-seconds="([\d.]+)"')


class RunTimesNode(nodes.General, nodes.Element):
    """Holds the place until every notebook has run."""


class RunTimes(SphinxDirective):
    """A table of measured run times."""

    def run(self) -> list[nodes.Node]:
        """Return the place holder."""
        self.env.metadata[self.env.docname]["has_run_times"] = "yes"
        return [RunTimesNode()]


def _row(*cells: nodes.Node) -> nodes.row:
    row = nodes.row()
    for cell in cells:
        row += nodes.entry("", nodes.paragraph("", "", cell))
    return row


def _table(app: Sphinx, docname: str) -> list[nodes.Node]:
    """Return the table and a sentence about the machine."""
    env = app.env
    body = nodes.tbody()
    total = np.zeros(2)
    data: dict[str, Any] = NbMetadataCollector.get_doc_data(env)
    ordered = [name for name in _in_reading_order(env) if data.get(name, {}).get("exec_data")]
    for name in ordered:
        runtime = data[name]["exec_data"].get("runtime")
        if runtime is None:
            continue
        seconds = np.array([runtime - _other_frames(env, name), runtime])
        total += seconds
        title = env.titles[name].astext()
        uri = app.builder.get_relative_uri(docname, name)
        link = nodes.reference("", title, refuri=uri, internal=True)
        body += _row(link, *(nodes.Text(f"{each:.1f} s") for each in seconds))
    body += _row(*(nodes.strong("", text) for text in ("together", *(f"{s:.1f} s" for s in total))))
    head = nodes.thead("", _row(*map(nodes.Text, ("page", "Run All", "with all frames"))))
    widths = (nodes.colspec(colwidth=width) for width in (4, 1, 1))
    group = nodes.tgroup("", *widths, head, body, cols=3)
    machine = (
        f"Measured with Python {platform.python_version()} on {platform.system()}"
        f" ({platform.machine()}, {os.cpu_count()} cores), start of the kernel included."
    )
    table = nodes.table("", group, classes=["colwidths-auto", "run-times"])
    return [table, nodes.paragraph("", machine)]


def _other_frames(env: BuildEnvironment, name: str) -> float:
    """Return the seconds for the frames that a notebook would not have drawn; see `Explorer`."""
    raw = env.get_doctree(name).findall(nodes.raw)
    return sum(float(each) for node in raw for each in SECONDS.findall(node.astext()))


def _in_reading_order(env: BuildEnvironment) -> list[str]:
    """Return the documents in the order of the table of contents."""
    order = [env.config.root_doc]
    for name in order:
        order += [child for child in env.toctree_includes.get(name, ()) if child not in order]
    return order


def _fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    for place in list(doctree.findall(RunTimesNode)):
        place.replace_self(_table(app, docname))


def _always_write(_app: Sphinx, env: BuildEnvironment) -> list[str]:
    return [name for name, data in env.metadata.items() if "has_run_times" in data]


def setup(app: Sphinx) -> None:
    """Connect the module."""
    app.add_node(RunTimesNode)
    app.add_directive("run-times", RunTimes)
    app.connect("env-updated", _always_write)
    app.connect("doctree-resolved", _fill)
