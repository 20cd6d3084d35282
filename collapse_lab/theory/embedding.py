"""Contrastive training: how much a choice among K candidates can show."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from collapse_lab.theory.arguments import at_least, between, checked

embedding = checked(
    n_candidates=at_least(1),
    information=between(0, np.inf),
    correlation=between(-1, 1, open_ends=True),
)


@embedding
def infonce_bound(n_candidates: int, information: float) -> float:
    """Largest possible mean of log K - loss for a choice among K candidates, in nats (L84).

    The loss is the mean of -log softmax at the right candidate, which was drawn together with the
    question, among K - 1 that were drawn without it. As the loss is at least 0, the value is at
    most log K; and it is at most the mutual information of question and right candidate, whatever
    the score. As remembered from `oord2018cpc`.

    Parameters
    ----------
    n_candidates : int
        K.
    information : float
        Mutual information in nats.
    """
    return float(min(information, np.log(n_candidates)))


@embedding
def gaussian_information(correlation: ArrayLike) -> Any:
    """Mutual information of two normal numbers with a correlation ρ, in nats: -log(1 - ρ²)/2."""
    return -0.5 * np.log1p(-np.square(np.asarray(correlation, dtype=np.float64)))
