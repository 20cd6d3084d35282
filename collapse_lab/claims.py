"""What the sources claim, in our words, and the boxes in which the chapters settle it.

`CLAIMS` is the registry. `claim_box` makes a box in a notebook; `collect` reads the boxes back
from the notebooks' stored outputs for the page that shows every claim with its verdict.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["CLAIMS", "SOURCES", "VERDICTS", "Claim", "Settled", "boxes_in", "claim_box", "collect"]

VERDICTS = ("holds when", "holds", "does not hold", "cannot be settled on a laptop")

SOURCES: Mapping[str, str] = {
    "gigazine2024collapse": "GIGAZINE",
    "martens2024ai": "Martens, Jina AI",
    "ultralytics-model-collapse": "Ultralytics",
    "aibr2024rate": "AI Business Review",
}


@dataclass(frozen=True)
class Claim:
    """One claim of the sources.

    Parameters
    ----------
    id : str
        ``"C01"`` to ``"C42"``.
    text : str
        The claim in our words.
    sources : tuple of str
        BibTeX keys of the sources that make it; `SOURCES` has their names.
    chapters : tuple of int
        The chapters that settle it; 18 and 19 are planned, and not written yet.
    """

    id: str
    text: str
    sources: tuple[str, ...]
    chapters: tuple[int, ...]

    @property
    def source_names(self) -> str:
        """The sources' names, for a reader."""
        return "; ".join(SOURCES[key] for key in self.sources)


@dataclass(frozen=True, repr=False)
class Settled:
    """A claim, what one chapter measured, and the verdict.

    Parameters
    ----------
    claim : Claim
        The claim.
    chapter : int
        The chapter that measured.
    verdict : str
        Begins with one of `VERDICTS`.
    evidence : str
        What was measured, with its uncertainty; Markdown.
    notebook : str
        Path of the notebook that holds the box; empty while the notebook runs.
    """

    claim: Claim
    chapter: int
    verdict: str
    evidence: str
    notebook: str = ""

    @property
    def anchor(self) -> str:
        """The id of the box on its page."""
        return f"claim-{self.claim.id.lower()}-chapter-{self.chapter}"

    @property
    def kind(self) -> str:
        """The one of `VERDICTS` that the verdict begins with."""
        return next(kind for kind in VERDICTS if self.verdict.startswith(kind))

    def __repr__(self) -> str:
        return (
            f"Claim {self.claim.id} ({self.claim.source_names}): {self.claim.text}\n"
            f"We measured: {self.evidence}\n"
            f"Verdict: {self.verdict}"
        )

    def _repr_markdown_(self) -> str:
        return (
            f'<div class="claim" id="{self.anchor}">\n\n'
            f"**Claim {self.claim.id}** ({self.claim.source_names}): {self.claim.text}\n\n"
            f"**We measured:** {self.evidence}\n\n"
            f"**Verdict:** {self.verdict}\n\n"
            "</div>"
        )


def claim_box(claim_id: str, *, verdict: str, evidence: str, chapter: int | None = None) -> Settled:
    """Make the box in which a chapter settles a claim.

    Parameters
    ----------
    claim_id : str
        Such as ``"C07"``.
    verdict : str
        Begins with "holds", "holds when", "does not hold" or "cannot be settled on a laptop".
    evidence : str
        What was measured, with its uncertainty; Markdown, in one paragraph.
    chapter : int, optional
        The chapter. Needed if the claim belongs to several.

    Returns
    -------
    Settled
        The last expression of a cell shows it.

    Raises
    ------
    ValueError
        If the claim is unknown, the chapter is not one of the claim's, the verdict begins
        otherwise, or the evidence is empty.
    """
    if claim_id not in CLAIMS:
        raise ValueError(f"claim_id must be one of C01 to C{len(CLAIMS)}, got {claim_id!r}")
    claim = CLAIMS[claim_id]
    if chapter is None and len(claim.chapters) == 1:
        chapter = claim.chapters[0]
    if chapter not in claim.chapters:
        raise ValueError(
            f"chapter of {claim_id} must be one of {list(claim.chapters)}, got {chapter!r}"
        )
    if not _VERDICT.match(verdict):
        listed = ", ".join(map(repr, VERDICTS))
        raise ValueError(f"verdict must begin with one of {listed}, got {verdict!r}")
    if not evidence.strip() or "\n\n" in evidence.strip():
        raise ValueError(f"evidence must be one paragraph of text, got {evidence!r}")
    return Settled(claim, chapter, verdict.strip(), evidence.strip())


def boxes_in(notebook: Mapping[str, Any], name: str = "") -> list[Settled]:
    """Return the boxes in the stored outputs of a notebook.

    Parameters
    ----------
    notebook : mapping
        A notebook in format 4, as JSON or as nbformat reads it.
    name : str, optional
        Its path, for `Settled.notebook` and for messages.

    Raises
    ------
    ValueError
        If a box is not as `claim_box` makes it.
    """
    boxes = []
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            text = output.get("data", {}).get("text/markdown", "")
            text = text if isinstance(text, str) else "".join(text)
            if 'class="claim"' in text:
                boxes.append(_parse(text, name))
    return boxes


def collect(paths: Iterable[str | Path]) -> list[Settled]:
    """Return the boxes of several notebooks, in the order of claims and chapters.

    Raises
    ------
    ValueError
        If a box is not well formed, or two boxes settle one claim in one chapter.
    """
    boxes: dict[tuple[str, int], Settled] = {}
    for path in map(Path, paths):
        for box in boxes_in(json.loads(path.read_text(encoding="utf-8")), str(path)):
            key = (box.claim.id, box.chapter)
            if key in boxes:
                raise ValueError(f"a chapter must settle a claim once, got two boxes {box.anchor}")
            boxes[key] = box
    return [boxes[key] for key in sorted(boxes)]


def _parse(text: str, name: str) -> Settled:
    """Return the box that `text` shows; inverse of `Settled._repr_markdown_`."""
    found = _BOX.fullmatch(text.strip())
    if not found:
        raise ValueError(f"a claim box must be made by claim_box, got {text!r} in {name!r}")
    box = claim_box(
        found["id"].upper(),
        chapter=int(found["chapter"]),
        verdict=found["verdict"],
        evidence=found["evidence"],
    )
    if box._repr_markdown_() != text.strip():
        raise ValueError(f"a claim box must state the claim of the registry, got {text!r}")
    return Settled(box.claim, box.chapter, box.verdict, box.evidence, name)


_VERDICT = re.compile(
    r"holds when \S|(?!holds when\b)(?:holds|does not hold|cannot be settled on a laptop)(?!\w)"
)
_BOX = re.compile(
    r'<div class="claim" id="claim-(?P<id>c\d\d)-chapter-(?P<chapter>\d+)">\n\n'
    r"\*\*Claim .+?\n\n\*\*We measured:\*\* (?P<evidence>.+?)\n\n"
    r"\*\*Verdict:\*\* (?P<verdict>.+?)\n\n</div>",
    re.DOTALL,
)


def _table() -> Iterable[Claim]:
    """Yield the claims; letters stand for the sources, in the order of `SOURCES`."""
    keys = dict(zip("GJUR", SOURCES, strict=True))
    for entry in re.split(r"\n(?=C)", _CLAIMS.strip()):
        claim_id, letters, chapters, *words = entry.split()
        sources = tuple(keys[letter] for letter in letters)
        yield Claim(claim_id, " ".join(words), sources, tuple(map(int, chapters.split(","))))


_CLAIMS = """
C01 GU 1,2
    A model that is trained without selection on model output, generation after generation,
    forgets the distribution it began with.
C02 G 2,5
    Models are drawn to what is most common: rare dog breeds vanish, a later model takes more
    than 90% of all dogs for golden retrievers, and in the end it no longer knows what a dog
    is.
C03 GU 1,2,4,5
    Collapse is no quirk of one architecture: it befalls language models, image models, any
    model.
C04 G 9
    Models get worse without noticing: whatever they can measure about themselves looks fine
    while they drift away from the truth.
C05 G 7
    In theory, collapse cannot be avoided. (Contested: another source says that enough fresh
    real data avoids it.)
C06 G 7,9
    Data made by people gains in value as the web fills with model output, and whoever got to it
    early has an advantage.
C07 J 1
    It is like a copy of a copy of a copy.
C08 J 1,16
    Every model is an approximation. A model of a model's output approximates an approximation,
    errors add up, and it can only be less accurate than its source.
C09 J 7
    To add some of the original training data back only slows collapse; to stop it takes enough
    fresh real data. (Contested: see C35.)
C10 J 7,10,15
    Less model output and more fresh real data always gives a better result. (Contested.)
C11 J 8
    Model output cannot be detected reliably.
C12 J 4
    About half of the text on the web may be translated, much of it by poor machines, and such
    text teaches models false phrases, such as "hamster buying" for the German *hamstern*.
C13 J 10
    Synthetic data can lessen bias, measured against an outside standard: pictures of doctors
    become more varied when the missing cases are generated and added.
C14 J 10
    Whoever bends the training distribution on purpose may get side effects that nobody intended.
C15 J 10,11
    Synthetic data is as old as the computer vision of the 1960s, and stands in for situations
    that natural data holds too rarely.
C16 J 14,16
    A student cannot surpass its teacher. (Contested.)
C17 J 14
    Distillation gives a much smaller and faster model that is nearly as good.
C18 J 14
    Other things equal, a bigger model is better, and so are more data and more varied data: a
    small, well-fed model can beat a large one.
C19 J 15
    A large model can make data more varied than its own training data; a student taught on them
    can learn what the original data would never have taught it, so distillation can beat real
    data.
C20 J 13
    "More data is better data" is false: diversity is what counts.
C21 J 12
    Embeddings confuse "with X" and "without X"; generated pairs of opposite meaning repair
    this.
C22 J 13
    Generated code examples teach an embedding model rare language features that real data
    hardly shows.
C23 J 14
    Distillation saves money, memory, energy and carbon.
C24 U 1,2
    Collapse is a loss of information, variance and quality: the generations converge on average
    examples.
C25 U 2,4
    The tails go first, unless the original human data stays within reach; the output turns
    repetitive, monotonous and made up.
C26 U 4
    Collapsed text is grammatical but empty: its vocabulary shrinks and concrete facts go.
C27 U 5
    In pictures, small flaws grow from copy to copy until the thing itself melts, as hands do.
C28 U 6
    Collapse is not overfitting, not catastrophic forgetting, and not the mode collapse of
    adversarial networks.
C29 U 7,9,18,19
    It is prevented by keeping data that people have verified, mixing instead of replacing,
    versioning the data, watching for drift, and adding freshly annotated cases again and again.
C30 U 18,19
    Training from an explicit, named data configuration makes sure that the model learns from
    reality and not from synthetic noise.
C31 R 3
    The range of values that the parameters can take shrinks, until the model is caught in a
    vanishingly small set.
C32 R 3
    How fast it goes depends strongly on the sample size and on the estimator.
C33 R 3
    Recursive training is a Markov chain, and upper and lower bounds on its rate enclose what
    simulations show.
C34 R 3
    An estimator whose values lie on a lattice collapses into it: numeric precision and the
    choice of estimator are operational risks.
C35 R 7,9
    It is usually enough to mix a fixed share of preserved original data into every cycle.
    (Contested: see C09.)
C36 R 9,18
    Watch an indicator with a threshold and a rule for intervention: that costs less than
    repair.
C37 R 7,9
    What has been lost is costly to win back.
C38 R 19
    Results depend on the distribution and the estimator: simulate with your own data before you
    decide, and test label noise and real-world dirt as well.
C39 J 17
    In almost every case, more model output among the training data does harm; synthetic data
    made for a purpose and distillation are the two exceptions.
C40 J 7,19
    How much fresh data is enough is hard to predict and differs from case to case.
C41 J 14
    Distillation is more efficient and more reliable than training from scratch.
C42 J 14,16
    Some loss against the teacher is unavoidable.
"""

CLAIMS: Mapping[str, Claim] = {claim.id: claim for claim in _table()}
