"""Folded cells: one quiet line that says what is folded, below what the reader came for."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.writers.html5 import HTML5Translator

MARK = re.compile(r"\s*# (YOUR CODE: .*|END)$")


class FoldedCells(SphinxPostTransform):
    """Name what is folded, and put folded code after the output it makes.

    A worked solution is folded whole, for its output gives it away.
    """

    default_priority = 200  # right after myst-nb has folded the cells
    formats = ("html",)

    def run(self, **_kwargs: Any) -> None:
        """Run the transform."""
        for cell in list(self.document.findall(nodes.container)):
            solution = "tag_exercise-solution" in cell["classes"]
            if solution:
                _drop_marks(cell)
            # myst-nb does not name the cell as the parent of what it folds: look down, not up
            for folded in [x for x in cell.children if isinstance(x, HideCodeCellNode)]:
                if "below-input" in folded["classes"] or "above-output" in folded["classes"]:
                    folded["label"] = "Output"
                else:
                    folded["label"] = "Worked solution" if solution else "Code"
                    if not solution and cell.children[-1] is not folded:
                        cell.remove(folded)
                        folded["classes"].append("after-output")
                        cell.append(folded)


def _drop_marks(cell: nodes.Element) -> None:
    """Take the lines that mark the reader's part, for deriving the starter, out of a solution."""
    for block in cell.findall(nodes.literal_block):
        lines = block.astext().splitlines()
        kept = [line for line in lines if not MARK.match(line)]
        if len(kept) < len(lines):
            text = "\n".join(kept)
            block.rawsource = text  # Sphinx highlights a block only if both are equal
            block.children = [nodes.Text(text)]


def _visit(self: HTML5Translator, node: nodes.Element) -> None:
    classes = " ".join(["hide", *node["classes"]])
    self.body.append(f'<details class="{classes}">\n<summary>{node["label"]}</summary>\n')


def _depart(self: HTML5Translator, _node: nodes.Element) -> None:
    self.body.append("</details>\n")


def setup(app: Sphinx) -> None:
    """Connect the module."""
    app.add_node(HideCodeCellNode, override=True, html=(_visit, _depart))
    app.add_post_transform(FoldedCells)
