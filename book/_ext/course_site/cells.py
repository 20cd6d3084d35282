"""Folded cells: one quiet line that says what is folded, below what the reader came for."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.writers.html5 import HTML5Translator


class FoldedCells(SphinxPostTransform):
    """Name what is folded, and put folded code after the output it makes.

    A worked solution stays above its output: there the code is what the reader came for.
    """

    default_priority = 200  # right after myst-nb has folded the cells
    formats = ("html",)

    def run(self, **_kwargs: Any) -> None:
        """Run the transform."""
        for folded in list(self.document.findall(HideCodeCellNode)):
            cell = folded.parent
            solution = "tag_exercise-solution" in cell["classes"]
            if "below-input" in folded["classes"] or "above-output" in folded["classes"]:
                folded["label"] = "Output"
            else:
                folded["label"] = "Worked solution" if solution else "Code"
                if not solution and cell.children[-1] is not folded:
                    cell.remove(folded)
                    folded["classes"].append("after-output")
                    cell.append(folded)


def _visit(self: HTML5Translator, node: nodes.Element) -> None:
    classes = " ".join(["hide", *node["classes"]])
    self.body.append(f'<details class="{classes}">\n<summary>{node["label"]}</summary>\n')


def _depart(self: HTML5Translator, _node: nodes.Element) -> None:
    self.body.append("</details>\n")


def setup(app: Sphinx) -> None:
    """Connect the module."""
    app.add_node(HideCodeCellNode, override=True, html=(_visit, _depart))
    app.add_post_transform(FoldedCells)
