"""Detection, filters and verifiers: what a test can tell, what it leaves, whom it serves."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy  # its slow rooms load at their first use
from numpy.typing import ArrayLike, NDArray
from scipy import special

from collapse_lab.rules import finite_array
from collapse_lab.theory.arguments import at_least, between, checked


def lengths(name: str, value: Any) -> None:
    """Raise ValueError unless `value` holds whole numbers of at least 1."""
    array = np.asarray(value)
    if not np.issubdtype(array.dtype, np.integer) or array.size == 0 or array.min() < 1:
        raise ValueError(f"{name} must hold whole numbers of at least 1, got {value!r}")


selection = checked(
    m=lengths,
    n=at_least(1),
    n_classes=at_least(2),
    distance=between(0, 1),
    affinity=between(0, 1),
    sensitivity=between(0, 1),
    false_alarms=between(0, 1),
    error=between(0, 1),
    kept_right=between(0, 1),
    kept_wrong=between(0, 1),
    separation=between(0, np.inf),
    radius=between(0, np.inf, open_ends=True),
    mean=finite_array,
    center=finite_array,
    reward=finite_array,
)


@selection
def expected_total_variation(n: int, p: ArrayLike) -> float:
    """E[total variation] between the world `p`, shape (K,), and a categorical fit to n tokens.

    Half the sum of the mean absolute deviations of K binomial counts, over n. Each has de Moivre's
    closed form, 2 v C(n, v) p^v (1 - p)^(n - v + 1) with v = floor(n p) + 1.
    """
    share = finite_array("p", p)
    share = share[(share > 0) & (share < 1)]
    v = np.floor(n * share) + 1
    log_choose = special.gammaln(n + 1) - special.gammaln(v + 1) - special.gammaln(n - v + 1)
    log_mean = np.log(v) + log_choose + special.xlogy(v, share)
    return float(np.exp(log_mean + special.xlog1py(n - v + 1, -share)).sum() / n)


@selection
def auc_bounds(distance: ArrayLike) -> tuple[Any, Any]:
    """Bounds on the area under the ROC curve of the best test, from the total variation D.

    1/2 + D/2 <= AUC <= 1/2 + D - D²/2. The curve of hits against false alarms is concave, touches
    hits = false alarms + D and never exceeds it; the two areas are those of the least and of the
    greatest such curve. The upper bound holds for every test.
    """
    d = finite_array("distance", distance)
    return (0.5 + d / 2)[()], (0.5 + d - d**2 / 2)[()]


@selection
def distance_bounds(affinity: float, m: ArrayLike) -> tuple[Any, Any]:
    """Bounds on the total variation between documents of m tokens, from one token's affinity.

    1 - a^m <= D <= sqrt(1 - a^(2m)), where a = sum of sqrt(p q) over the tokens (Bhattacharyya's
    coefficient): affinities of independent tokens multiply, total variations do not.
    """
    power = float(affinity) ** np.asarray(m, dtype=np.float64)
    return (1 - power)[()], np.sqrt(1 - power**2)[()]


@selection
def detection_auc(m: ArrayLike, n: int, n_types: int) -> Any:
    """AUC of the best test on documents of m tokens, for a generator fitted to n tokens.

    Derived here, as an approximation for n well above the n_types types: log likelihood ratios
    are then nearly normal, their means lie s² apart with s² = m (n_types - 1)/n, their variance is
    s², and AUC = Φ(s/√2).
    """
    squared = np.asarray(m, dtype=np.float64) * (n_types - 1) / n
    return special.ndtr(np.sqrt(squared / 2))


@selection
def blind_advantage(m: int, n: int) -> float:
    """Bound on hits minus false alarms of a test that does not know the n training tokens.

    Derived here: m draws from the fit to n human tokens are m draws with replacement from these n.
    As long as no token is drawn twice they are m human tokens like any other. So the mean
    advantage is at most the chance of a repetition, 1 - (1 - 1/n)(1 - 2/n) ... (1 - (m - 1)/n),
    itself at most m (m - 1)/(2n).
    """
    if m > n:
        return 1.0
    return float(-np.expm1(np.log1p(-np.arange(m) / n).sum()))


@selection
def filtered_share(fraction: ArrayLike, sensitivity: ArrayLike, false_alarms: ArrayLike) -> Any:
    """Human share of what passes a filter, from the human share `fraction` of what comes in.

    Bayes' rule: the odds of human to generated are multiplied by (1 - false_alarms)/(1 -
    sensitivity). Sensitivity is the share of generated data that is found, `false_alarms` that of
    human data that is thrown out.
    """
    human = np.asarray(fraction) * (1 - np.asarray(false_alarms))
    generated = (1 - np.asarray(fraction)) * (1 - np.asarray(sensitivity))
    passed = human + generated
    if np.any(passed == 0):
        raise ValueError("sensitivity and false_alarms must let something pass, got nothing")
    return (human / passed)[()]


@selection
def breakdown_point(kept_right: float, kept_wrong: float, n_classes: int = 2) -> float:
    """Share of wrong labels above which verified data teaches the wrong answer (L58).

    1/(1 + ψ/φ), where a verifier keeps right labels with chance φ and wrong ones with chance ψ
    (`feng2025beyond`, two classes). For more classes, and wrong labels that fall on all others
    alike, derived here: 1/(1 + ψ/((n_classes - 1) φ)).
    """
    if kept_right == 0:
        raise ValueError("kept_right must be above 0, got 0")
    return float(1 / (1 + kept_wrong / ((n_classes - 1) * kept_right)))


@selection
def verified_accuracy(
    error: ArrayLike, kept_right: float, kept_wrong: float, separation: float, d: int, n: int
) -> Any:
    """Accuracy of a mean-difference classifier taught on verified labels, to leading order (L58).

    Two classes N(±s e, I) in d dimensions, s = `separation`. Of n labels a share `error` is wrong;
    the verifier keeps K. The weights are the mean of label times point: along e about a = s times
    (1 - twice the share of wrong labels among the kept), across it noise of squared length
    (d - 1)/K. So the accuracy is about Φ(s a / sqrt(a² + (d - 1)/K)) (derived here).
    """
    wrong = np.asarray(error, dtype=np.float64) * kept_wrong
    right = (1 - np.asarray(error, dtype=np.float64)) * kept_right
    kept = right + wrong
    if np.any(kept == 0):
        raise ValueError("kept_right and kept_wrong must keep some labels, got none")
    along = separation * (right - wrong) / kept
    length = np.sqrt(along**2 + (d - 1) / (n * kept))
    cosine = np.divide(along, length, out=np.zeros_like(length), where=length > 0)
    return special.ndtr(separation * cosine)[()]


@selection
def window_moments(mean: ArrayLike, center: float, radius: float) -> tuple[Any, Any]:
    """Mean and variance of N(mean, 1) after a verifier that passes center ± radius (L59).

    The moments of a truncated normal law. The variance is also the derivative of the passed mean
    by the mean that came in: at the fixed point, the verifier's center, it is the rate at which a
    chain of verified means converges (`yi2025escaping`), `truncated_variance` of the radius.
    """
    mean = finite_array("mean", mean)
    low, high = center - radius - mean, center + radius - mean
    first, second = scipy.stats.truncnorm.stats(low, high, loc=mean, moments="mv")
    return first[()], second[()]


@selection
def curated(p: ArrayLike, reward: ArrayLike, k: int) -> NDArray[np.float64]:
    """Law of the item picked from k draws of `p`, with chances in proportion to exp(reward) (L57).

    Derived here. With w = exp(reward) and 1/S the integral of exp(-s S) over s > 0, item i is
    picked with chance k p_i w_i times the integral of exp(-s w_i) (sum_j p_j exp(-s w_j))^(k-1).
    """
    share, weight = _items(p, reward)

    def integrand(s: float) -> NDArray[np.float64]:
        left = np.exp(-s * weight)
        return left * (share @ left) ** (k - 1)

    scale = k * (share @ weight)  # most of the integral lies within a few times 1/scale
    integral, _ = scipy.integrate.quad_vec(
        lambda u: integrand(u / scale) / scale, 0, np.inf, epsabs=1e-12
    )
    picked = k * share * weight * integral
    return np.asarray(picked / picked.sum())


@selection
def curated_limit(t: int, p: ArrayLike, reward: ArrayLike) -> NDArray[np.float64]:
    """Law after t rounds of picking from unboundedly many draws: in proportion to p exp(t reward).

    The limit of `curated` for large k (`ferbach2024curated`, L57).
    """
    share, _ = _items(p, reward)
    tilt = t * (np.asarray(reward, dtype=np.float64) - np.max(reward))
    tilted = share * np.exp(tilt)
    return np.asarray(tilted / tilted.sum())


@selection
def curation_gain(p: ArrayLike, reward: ArrayLike, k: int) -> float:
    """Bound from below on the growth of E[exp(reward)] in one round of picking from k (L57).

    (k - 1)/k times Var(exp(reward)) over the largest exp(reward) (`ferbach2024curated`).
    """
    share, weight = _items(p, reward)
    variance = share @ weight**2 - (share @ weight) ** 2
    top = np.exp(np.max(reward))  # `weight` is scaled to a maximum of 1
    return float((k - 1) / k * variance * top)


def _items(p: ArrayLike, reward: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the shares and exp(reward), scaled to a maximum of 1."""
    share, taste = finite_array("p", p), finite_array("reward", reward)
    if share.shape != taste.shape or share.ndim != 1:
        raise ValueError(f"reward must have the shape of p {share.shape}, got {taste.shape}")
    if abs(share.sum() - 1) > 1e-9:
        raise ValueError(f"p must sum to 1, got a sum of {share.sum():g}")
    return share, np.exp(taste - taste.max())
