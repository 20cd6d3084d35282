"""Claims: the registry is complete, and a box survives the way through a notebook."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collapse_lab.claims import CLAIMS, SOURCES, boxes_in, claim_box, collect

BOOK = Path(__file__).parents[1] / "book"


def notebook_with(*texts: str) -> dict[str, Any]:
    outputs: list[dict[str, Any]] = [{"output_type": "stream", "text": ["printed"]}]
    outputs += [{"data": {"text/markdown": text.splitlines(keepends=True)}} for text in texts]
    return {"cells": [{"cell_type": "markdown"}, {"cell_type": "code", "outputs": outputs}]}


def test_the_registry_holds_every_claim() -> None:
    assert list(CLAIMS) == [f"C{number:02d}" for number in range(1, 43)]
    for claim in CLAIMS.values():
        assert claim.sources
        assert set(claim.sources) <= set(SOURCES)
        assert set(claim.chapters) <= set(range(1, 20))
        assert claim.text.rstrip(")")[-1] == "."
    assert CLAIMS["C05"].sources == ("gigazine2024collapse",)
    assert CLAIMS["C29"].chapters == (7, 9, 18, 19)


def test_the_claims_page_says_what_each_open_claim_needs() -> None:
    settled = {box.claim.id for box in collect(BOOK.glob("part*/*.ipynb"))}
    _, _, needs = (BOOK / "claims.md").read_text(encoding="utf-8").partition("What it would take:")
    assert re.findall(r"^- (C\d\d): \w", needs, re.M) == [
        name for name in CLAIMS if name not in settled
    ]


def test_a_box_reads_the_same_as_markdown_and_as_text() -> None:
    box = claim_box("C07", verdict="holds when the copier is noisy", evidence="0.31 ± 0.02.")
    assert box.chapter == 1
    assert box.anchor == "claim-c07-chapter-1"
    assert box.kind == "holds when"
    assert box._repr_markdown_() == (
        '<div class="claim" id="claim-c07-chapter-1">\n\n'
        "**Claim C07** (Martens, Jina AI): It is like a copy of a copy of a copy.\n\n"
        "**We measured:** 0.31 ± 0.02.\n\n"
        "**Verdict:** holds when the copier is noisy\n\n</div>"
    )
    assert repr(box) == (
        "Claim C07 (Martens, Jina AI): It is like a copy of a copy of a copy.\n"
        "We measured: 0.31 ± 0.02.\nVerdict: holds when the copier is noisy"
    )


def test_sources_are_named_and_spaces_stripped() -> None:
    box = claim_box("C01", chapter=2, verdict="holds ", evidence=" 0.31\n")
    assert (box.verdict, box.evidence) == ("holds", "0.31")
    assert repr(box).startswith("Claim C01 (GIGAZINE; Ultralytics): A model that")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"claim_id": "C43"}, "claim_id must be one of C01 to C42, got 'C43'"),
        ({"claim_id": "C01"}, r"chapter of C01 must be one of \[1, 2\], got None"),
        ({"chapter": 2}, r"chapter of C07 must be one of \[1\], got 2"),
        ({"verdict": "true"}, "verdict must begin with one of 'holds when', .*, got 'true'"),
        ({"verdict": "holdsome"}, "verdict must begin with one of"),
        ({"verdict": "holds when"}, "verdict must begin with one of"),
        ({"evidence": " "}, "evidence must be one paragraph of text, got ' '"),
        ({"evidence": "a\n\nb"}, "evidence must be one paragraph of text"),
    ],
)
def test_a_wrong_box_is_refused(options: dict[str, Any], message: str) -> None:
    given = {"claim_id": "C07", "verdict": "holds", "evidence": "1 ± 2", **options}
    with pytest.raises(ValueError, match=message):
        claim_box(given.pop("claim_id"), **given)


@pytest.mark.parametrize(
    ("verdict", "kind"),
    [
        ("holds", "holds"),
        ("holds: almost always", "holds"),
        ("holds when n is small", "holds when"),
        ("does not hold.", "does not hold"),
        ("cannot be settled on a laptop", "cannot be settled on a laptop"),
    ],
)
def test_verdicts(verdict: str, kind: str) -> None:
    assert claim_box("C07", verdict=verdict, evidence="x").kind == kind


@given(
    claim=st.sampled_from(list(CLAIMS.values())),
    verdict=st.sampled_from(["holds", "holds when $n$ is small", "does not hold"]),
    evidence=st.text("a1 .*$\\<>&_\n±", min_size=1).filter(
        lambda text: text.strip() and "\n\n" not in text.strip()
    ),
)
def test_a_box_comes_back_from_a_notebook(claim: Any, verdict: str, evidence: str) -> None:
    box = claim_box(claim.id, chapter=claim.chapters[0], verdict=verdict, evidence=evidence)
    assert boxes_in(notebook_with("Something else.", box._repr_markdown_())) == [box]


def test_boxes_are_collected_in_order_with_their_notebooks(tmp_path: Path) -> None:
    boxes = [
        claim_box("C07", verdict="holds", evidence="one"),
        claim_box("C01", chapter=2, verdict="holds", evidence="two"),
        claim_box("C01", chapter=1, verdict="holds", evidence="three"),
    ]
    paths = [tmp_path / "a.ipynb", tmp_path / "b.ipynb"]
    for path, part in zip(paths, (boxes[:2], boxes[2:]), strict=True):
        notebook = notebook_with(*(box._repr_markdown_() for box in part))
        path.write_text(json.dumps(notebook), encoding="utf-8")
    found = collect(paths)
    assert [box.evidence for box in found] == ["three", "two", "one"]
    assert [box.notebook for box in found] == [str(paths[1]), str(paths[0]), str(paths[0])]
    with pytest.raises(ValueError, match="a chapter must settle a claim once, got two boxes"):
        collect([paths[0], paths[0]])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("**Verdict:** ", "Verdict: ", "a claim box must be made by claim_box"),
        ("It is like", "It is not like", "a claim box must state the claim of the registry"),
        ("holds", "is true", "verdict must begin with one of"),
    ],
)
def test_a_box_that_was_typed_by_hand_is_refused(old: str, new: str, message: str) -> None:
    text = claim_box("C07", verdict="holds", evidence="one")._repr_markdown_()
    with pytest.raises(ValueError, match=message):
        boxes_in(notebook_with(text.replace(old, new)))
