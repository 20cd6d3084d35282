"""Let links such as [Markov chain](<#Markov chain>) find glossary terms with capital letters.

MyST looks a term up in small letters, and Sphinx keeps it as it is written.
"""

from __future__ import annotations

from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform


class GlossaryLinks(SphinxPostTransform):
    """Hand links to terms with capital letters to Sphinx, which finds them."""

    default_priority = 8  # MyST resolves its links at 9

    def run(self, **_options: object) -> None:
        """Turn them into what the role `term` makes."""
        found = self.env.get_domain("std").get_objects()
        terms = {name for name, _, kind, *_ in found if kind == "term" and name != name.lower()}
        for link in self.document.findall(addnodes.pending_xref):
            if link["reftype"] == "myst" and link.get("reftarget") in terms:
                link["refdomain"], link["reftype"] = "std", "term"


def setup(app: Sphinx) -> None:
    """Connect the module."""
    app.add_post_transform(GlossaryLinks)
