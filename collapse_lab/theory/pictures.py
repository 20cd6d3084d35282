"""Models of pictures: what adding noise and what leaving out the unlikely does to the variance."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from collapse_lab.rules import real_number
from collapse_lab.theory.arguments import at_least, between, checked


def up_to_one(name: str, value: Any) -> None:
    """Raise ValueError unless `value` is a number in (0, 1]."""
    real_number(name, value, low=0, high=1, open_low=True)


pictures = checked(
    n=at_least(2), share=up_to_one, noise=between(0, np.inf), world=between(0, np.inf)
)


@pictures
def noisy_copy_variance(t: ArrayLike, n: int, *, noise: float, world: float = 1.0) -> Any:
    """E[variance] under `replace` of a model that adds noise to the moments of its sample.

    The model has the sample's variance (divided by n) plus `noise`: a kernel density with
    bandwidth h per pixel (noise = h²), a mixture that was fitted by the EM algorithm (noise is its
    regularization). Each fit takes v to (1 - 1/n) v + noise, so that T fits make of the world's
    variance (1 - 1/n)^T world + n noise (1 - (1 - 1/n)^T). It holds for each pixel, and for the
    sum over d pixels with d times the noise. For a fixed bandwidth on the line it is the first of
    the `kernel_variance_moments` (L21), in closed form and for any world; those also carry the
    second moment, and bandwidths that follow a rule (`kernel_growth`).

    Parameters
    ----------
    t : int array
        Generation.
    n : int
        Sample size.
    noise : float
        Variance that each fit adds, at least 0.
    world : float
        Variance of the world.
    """
    left = (1 - 1 / n) ** (np.asarray(t) + 1.0)
    return left * world + n * noise * (1 - left)


@pictures
def most_likely_variance(share: float, d: int) -> float:
    """Factor on each variance of a d-dimensional Gaussian whose most likely `share` is kept.

    What is kept is the ellipsoid of squared radius q, the `share`-quantile of chi-square with d
    degrees of freedom. The covariance keeps its shape and is multiplied by P(chi²_{d+2} <= q) /
    share (`truncated_variance` for d = 1). So the loop is that of L13 with this factor as λ, up to
    terms of order 1/n: of a finite sample the likeliest are kept, not those below q.

    Parameters
    ----------
    share : float
        In (0, 1].
    d : int
    """
    squared_radius = special.chdtri(d, 1 - share)  # infinite where all is kept
    return float(special.chdtr(d + 2, squared_radius) / share)
