"""Random splits of the handwritten digits."""

from __future__ import annotations

import numpy as np

from collapse_lab.pictures import Digits, handwritten
from collapse_lab.protocols import RNG

N_TRAIN = 897  # of 1,797 pictures; the other 900 are the test
N_SPLITS = 20


def split(rng: RNG = None) -> tuple[Digits, Digits]:
    """Return a random split of the digits: 897 pictures for training, 900 for the test."""
    digits = handwritten()
    order = np.random.default_rng(rng).permutation(len(digits))
    return digits[order[:N_TRAIN]], digits[order[N_TRAIN:]]
