"""Randomized training data in the linear case: noise as a ridge, and a cue that does not last.

A label y has variance 1. Two cues show it: the *shape* is y plus noise of variance `shape_noise`,
everywhere; the *texture* is y plus noise of variance `texture_noise` where the training data come
from. Training adds noise of standard deviation `added_noise` to the texture. Means are 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from collapse_lab.theory.arguments import at_least, between, checked, finite

cues = checked(
    n=at_least(1),
    added_noise=between(0, np.inf),
    shape_noise=between(0, np.inf, open_ends=True),
    texture_noise=between(0, np.inf, open_ends=True),
    agreement=finite,
)


@cues
def ridge_of_noise(n: int, added_noise: ArrayLike) -> Any:
    """Ridge penalty that noise on the inputs amounts to: n added_noise² (L81).

    Least squares on endless copies of n rows, each with new noise of standard deviation
    `added_noise` on every input, has the coefficients of ridge regression with this penalty on the
    sum of squares. Source: `bishop1995noise`, where it is a first-order statement about any
    network.
    """
    return n * np.square(np.asarray(added_noise, dtype=np.float64))


@cues
def cue_weights(
    added_noise: ArrayLike, *, shape_noise: float = 0.25, texture_noise: float = 0.09
) -> NDArray[np.float64]:
    """Least-squares weights of shape and texture, shape (2, ...), after randomized training (L81).

    (1/v₁, 1/v₂) / (1 + 1/v₁ + 1/v₂), where v₁ is `shape_noise` and v₂ is
    `texture_noise` + added_noise².
    """
    shape = 1 / shape_noise
    texture = 1 / (texture_noise + np.square(np.asarray(added_noise, dtype=np.float64)))
    return np.stack(np.broadcast_arrays(shape, texture)) / (1 + shape + texture)


@cues
def transfer_error(
    added_noise: ArrayLike,
    agreement: ArrayLike,
    *,
    shape_noise: float = 0.25,
    texture_noise: float = 0.09,
) -> Any:
    """Mean square error of `cue_weights` where texture is `agreement` times y, plus its noise.

    With weights w₁ and w₂: (1 - w₁ - agreement w₂)² + w₁² v₁ + w₂² `texture_noise`. At agreement 1
    that is the world of the training data, without the added noise; at 0 texture says nothing.
    """
    shape, texture = cue_weights(added_noise, shape_noise=shape_noise, texture_noise=texture_noise)
    missed = 1 - shape - np.asarray(agreement) * texture
    return missed**2 + shape**2 * shape_noise + texture**2 * texture_noise
