"""Copies of copies of handwritten digits: families of models, plain and sharpened draws.

Chapter 5 runs one chain of each kind; here are 200. Their number was fixed before the study was
run, after the chapter had been written with three to twelve chains of each kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collapse_lab import fidelity, pictures
from collapse_lab.empirical import Empirical
from collapse_lab.pictures import Digits
from collapse_lab.policies import Decode, replace
from collapse_lab.protocols import Fit, Policy
from collapse_lab.recursion import recurse
from collapse_lab.sklearn_bridge import from_sklearn
from collapse_lab.studies.averages import by_name, with_errors
from collapse_lab.studies.study import Study

CHAINS = 200
CASES = (
    "mixture, plain",
    "kernel, plain",
    "factors, plain",
    "network, plain",
    "mixture, sharpened",
    "kernel, sharpened",
    "factors, sharpened",
)
N, LAST = 250, 8  # pictures that a model learns from, last generation
MEASURED = 200  # pictures for precision and recall
SEVENS = (
    "mixture, plain, 0.3",
    "kernel, plain, 0.3",
    "factors, plain, 0.3",
    "mixture, plain, 0.7",
    "mixture, sharpened, 0.3",
    "mixture, sharpened, 0.7",
    "factors, sharpened, 0.3",
    "factors, sharpened, 0.7",
)
N_SEVENS, LAST_SEVENS = 120, 6

Pictures = NDArray[np.float64]


def families(n_prototypes: int = 16, n_factors: int = 16) -> dict[str, Fit]:
    """Return the four families of chapter 5, by name: mixture, kernel, factors, network."""
    from sklearn.decomposition import PCA
    from sklearn.mixture import GaussianMixture
    from sklearn.neighbors import KernelDensity
    from sklearn.neural_network import BernoulliRBM

    mixture = GaussianMixture(
        n_prototypes,
        covariance_type="diag",
        reg_covar=1e-4,
        tol=0.1,
        init_params="random_from_data",
    )
    factors = PCA(n_factors, whiten=True, svd_solver="covariance_eigh")
    network = BernoulliRBM(32, batch_size=25, n_iter=12)
    return {
        "mixture": from_sklearn(mixture),
        "kernel": from_sklearn(KernelDensity(bandwidth=0.1)),
        "factors": from_sklearn(factors, sample=pictures.draw_factors),
        "network": from_sklearn(network, sample=pictures.draw_gibbs),
    }


def draws(name: str, way: str) -> Policy:
    """Return the policy of a family: "plain" draws, or "sharpened" ones, the more likely half."""
    score = {"kernel": pictures.kernel_score, "factors": pictures.factor_score}.get(name)
    if way == "plain":
        return replace
    return Decode(lambda model: pictures.MostLikely(model, 0.5, score))


def made(
    fit: Fit, world: Any, policy: Policy = replace, *, n: int, last: int, rng: Any
) -> Pictures:
    """Return what generations 0 to `last` make, shape (last + 1, n, 64)."""
    chain = recurse(fit, world, n=n, policy=policy, rng=rng)
    return np.stack([g.data for g in islice(chain, 1, last + 2)])


def black_and_white(ink: Pictures) -> Pictures:
    """Return pictures of zeros and ones: black where there was more than half of the ink."""
    return (ink > 0.5).astype(np.float64)


def total_variance(ink: Pictures) -> Any:
    """Variance of pictures of shape (..., n, 64), summed over the pixels."""
    return ink.var(axis=-2, ddof=1).sum(axis=-1)


def log_volume(ink: Pictures) -> float:
    """Logarithm of the product of the 16 largest variances of a cloud, along its own axes."""
    return float(np.log(np.linalg.eigvalsh(np.cov(ink, rowvar=False))[-16:]).sum())


@cache
def _world() -> tuple[Digits, Digits, Any, Any]:
    """Return the world, the other half, a judge of digits, and 16 directions for distances.

    Both halves have zeros made rare and a stroke on sevens. Judge and directions come from the
    other half before that.
    """
    from sklearn.decomposition import PCA
    from sklearn.linear_model import LogisticRegression

    ours, theirs = pictures.halves(pictures.handwritten())
    judge = LogisticRegression(max_iter=1000, tol=1e-3).fit(theirs.ink, theirs.label)
    directions = PCA(16, svd_solver="covariance_eigh").fit(theirs.ink)
    world, others = (pictures.plant(pictures.thin(d, 0, 0.03), 7, 0.3) for d in (ours, theirs))
    return world, others, judge, directions


def _one_chain(case: str, rng: np.random.Generator) -> dict[str, float]:
    name, way = case.split(", ")
    world, others, judge, directions = _world()
    paint = black_and_white if name == "network" else np.asarray
    x = made(
        families()[name], Empirical(paint(world.ink)), draws(name, way), n=N, last=LAST, rng=rng
    )
    target = paint(others.ink)
    real = target[rng.permutation(len(target))[:MEASURED]]
    found = {f"variance_{t}": float(v) for t, v in enumerate(total_variance(x))}
    found["variance_ratio"] = found[f"variance_{LAST}"] / found["variance_0"]
    found["log_volume_change"] = log_volume(x[LAST]) - log_volume(x[0])
    for t in (0, LAST):
        found[f"precision_{t}"] = fidelity.precision(real, x[t, :MEASURED])
        found[f"recall_{t}"] = fidelity.recall(real, x[t, :MEASURED])
        found[f"distance_{t}"] = fidelity.frechet_distance(
            directions.transform(target), directions.transform(x[t])
        )
        share = np.bincount(judge.predict(x[t]), minlength=10) / N
        found[f"zeros_{t}"] = float(share[0])
    for measure in ("precision", "recall", "distance"):
        found[f"{measure}_change"] = found[f"{measure}_{LAST}"] - found[f"{measure}_0"]
    found["few_zeros"] = float(share[0] < 0.01)
    found["commonest"] = float(share.max())
    found |= {f"leads_{digit}": float(share.argmax() == digit) for digit in range(10)}
    return found


def _one_chain_of_sevens(case: str, rng: np.random.Generator) -> dict[str, float]:
    name, way, q = case.split(", ")
    digits = pictures.handwritten()
    sevens = pictures.plant(digits[digits.label == 7], 7, float(q))
    fit = families(4, 8)[name]
    x = made(fit, Empirical(sevens.ink), draws(name, way), n=N_SEVENS, last=LAST_SEVENS, rng=rng)
    ink = pictures.stroke_ink(x)
    clear = np.mean(ink[LAST_SEVENS] > 0.5)
    return {
        "ink_0": float(ink[0].mean()),
        f"ink_{LAST_SEVENS}": float(ink[LAST_SEVENS].mean()),
        "ink_change": float(ink[LAST_SEVENS].mean() - ink[0].mean()),
        "none": float(clear < 0.1),
        "all": float(clear > 0.9),
    }


def melting(case: str, *, rng: np.random.Generator) -> Mapping[str, float]:
    """Measure 200 chains of copies of 250 pictures.

    Parameters
    ----------
    case : str
        Family and draws, such as ``"mixture, sharpened"``.
    rng : Generator or seed

    Returns
    -------
    dict from str to float
        Means over chains, with standard errors. At generation t: ``variance_t``, summed over
        pixels; ``precision_t``, ``recall_t`` (200 pictures against 200 real ones, drawn anew for
        each chain) and ``distance_t`` (Fréchet, in 16 directions, against all of that half);
        ``zeros_t``, share of zeros as the judge sees it. Within a chain, generation 8 less 0:
        ``precision_change`` and so on, ``log_volume_change`` and
        ``variance_ratio``. At generation 8: ``few_zeros``, share of chains with less than 1%;
        ``commonest``, share of the commonest digit; ``leads_d``, share of chains in which that is
        digit d.
    """
    children = np.random.default_rng(rng).spawn(CHAINS)
    return with_errors(by_name([_one_chain(case, child) for child in children]))


def sevens(case: str, *, rng: np.random.Generator) -> Mapping[str, float]:
    """Measure 200 chains of copies of 120 sevens, a share of which has a wrong stroke.

    Parameters
    ----------
    case : str
        Family, draws and share, such as ``"mixture, plain, 0.3"``.
    rng : Generator or seed

    Returns
    -------
    dict from str to float
        Means over chains, with standard errors: ``ink_0`` and ``ink_6``, mean ink on the stroke;
        ``ink_change`` within a chain; ``none`` and ``all``, shares of chains in which at generation
        6 fewer than 10%, and more than 90%, of the pictures have a stroke more than half black.
    """
    children = np.random.default_rng(rng).spawn(CHAINS)
    return with_errors(by_name([_one_chain_of_sevens(case, child) for child in children]))


MELTING = Study(
    "melting",
    "Copies of copies of 250 digits by four families of models, 200 chains of each kind.",
    melting,
    {"case": CASES},
    seed=51,
)
STROKES = Study(
    "strokes",
    "A stroke planted on sevens: its ink in copies of copies, 200 chains of each kind.",
    sevens,
    {"case": SEVENS},
    seed=52,
)
