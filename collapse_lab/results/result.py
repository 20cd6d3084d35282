"""What a published result is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from collapse_lab.measurement import Kind, Measurement
from collapse_lab.protocols import RNG

Flag = Literal["T", "A", "M", "D"]
FLAGS: tuple[Flag, ...] = get_args(Flag)
FLAG_WORDS: dict[Flag, str] = {
    "T": "as stated by",
    "A": "as summarized from",
    "M": "as remembered from",
    "D": "derived here",
}
Experiment = Callable[[np.random.Generator], Measurement]


@dataclass(frozen=True)
class Result:
    """A result of the literature, or one derived here, that can be run.

    Attributes
    ----------
    id : str
        "L" and the number of the result.
    title : str
    statement : str
        Markdown with dollar mathematics, in our own words. Generations are counted as fits:
        T = t + 1.
    source : str or None
        BibTeX key; of a result derived here, what it started from, or None.
    flag : {"T", "A", "M", "D"}
        T: its own statement was read; A: only its abstract or a summary was; M: stated from
        memory; D: derived here.
    kind : {"equal", "at most", "at least", "approximate", "qualitative"}
    chapter : int
        Where the course treats it.
    experiment : callable
        From a generator to a measurement; its docstring says how it is measured.
    note : str
        Conditions, and differences from other statements of it.
    """

    id: str
    title: str
    statement: str
    source: str | None
    flag: Flag
    kind: Kind
    chapter: int
    experiment: Experiment
    note: str = ""

    @property
    def origin(self) -> str:
        """How the statement came here; to be followed by the source, if there is one."""
        return FLAG_WORDS[self.flag] + (", after" if self.flag == "D" and self.source else "")

    @property
    def method(self) -> str:
        """How it is measured."""
        return _unwrapped(self.experiment.__doc__ or "").strip()

    def measure(self, *, rng: RNG = None) -> Measurement:
        """Run the experiment."""
        return self.experiment(np.random.default_rng(rng))


def result(**fields: Any) -> Callable[[Experiment], Result]:
    """Turn an experiment into the `Result` with these fields; paragraphs become single lines."""
    for name in ("statement", "note"):
        fields[name] = _unwrapped(fields.get(name, ""))
    return lambda experiment: Result(experiment=experiment, **fields)


def _unwrapped(text: str) -> str:
    """Join the lines of each paragraph: a line that begins with + would be a list in Markdown."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
