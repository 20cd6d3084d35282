"""The directives of the claims page.

The claims come from the registry `collapse_lab.claims.CLAIMS`, verdict and evidence from the boxes
in the stored outputs of the chapters, which the test of the notebooks keeps current.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from collapse_lab.claims import CLAIMS, Claim, Settled, collect


class Claims(SphinxDirective):
    """List the claims that some chapter has settled, or those that are open."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return one entry for each claim."""
        which = directives.choice(self.arguments[0], ("settled", "open"))
        boxes = self._boxes()
        shown = [claim for claim in CLAIMS.values() if (claim.id in boxes) == (which == "settled")]
        entries: list[nodes.Node] = []
        for claim in shown:
            entry = nodes.container(classes=["claim-entry"], ids=[f"claim-{claim.id.lower()}"])
            entry += self._parse(self._head(claim))
            for box in boxes[claim.id] if which == "settled" else ():
                entry += self._settled(box)
            entries.append(entry)
        how_many = {"settled": "settled", "open": "not yet settled"}[which]
        return self._parse(f"{len(shown)} of {len(CLAIMS)} claims are {how_many}.") + entries

    def _boxes(self) -> dict[str, list[Settled]]:
        """Return the boxes of all chapters of the book, by claim."""
        source = Path(self.env.srcdir)
        chapters = [
            path
            for path in sorted(source.glob("part*/*.ipynb"))
            if path.relative_to(source).with_suffix("").as_posix() in self.env.found_docs
        ]
        for path in chapters:
            self.env.note_dependency(str(path))
        boxes = defaultdict(list)
        for box in collect(chapters):
            boxes[box.claim.id].append(box)
        return boxes

    def _head(self, claim: Claim) -> str:
        keys = ",".join(claim.sources)
        return f"**{claim.id}** {claim.text} {{cite:p}}`{keys}`"

    def _settled(self, box: Settled) -> list[nodes.Node]:
        """Return verdict, evidence and a link to the cell."""
        document = Path(box.notebook).relative_to(self.env.srcdir).with_suffix("").as_posix()
        builder = self.env.app.builder
        page = builder.get_relative_uri(self.env.docname, document)
        condition = box.verdict.removeprefix(box.kind)
        verdict = self._parse(f"Verdict: **{box.kind}**{condition}")
        evidence = self._parse(f"We measured: {box.evidence}")
        text = f"Chapter {box.chapter}, claim {box.claim.id}"
        link = nodes.reference("", text, refuri=f"{page}#{box.anchor}", internal=True)
        evidence[-1] += [nodes.Text(" ("), link, nodes.Text(")")]
        return [nodes.container("", *verdict, *evidence, classes=["claim-verdict"])]

    def _parse(self, markdown: str) -> list[nodes.Element]:
        parent = nodes.Element()
        self.state.nested_parse(StringList([markdown], source=""), self.content_offset, parent)
        return [child for child in parent.children if isinstance(child, nodes.Element)]


def setup(app: Sphinx) -> None:
    """Connect the module."""
    app.add_directive("claims", Claims)
