"""Distillation: logits matched at high temperature, linear students, and softened risks."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from collapse_lab.rules import finite_array
from collapse_lab.theory.arguments import at_least, between, checked, finite

positive = between(0, np.inf, open_ends=True)


@checked(student=finite, teacher=finite, temperature=positive)
def distillation_gradient(student: ArrayLike, teacher: ArrayLike, temperature: ArrayLike) -> Any:
    """T² times the gradient of the soft cross-entropy by the student's logits (L63).

    T (softmax(z/T) - softmax(v/T)), for one input. Source: `hinton2015distilling`.

    Parameters
    ----------
    student, teacher : arrays, shape (..., K)
        Logits z and v.
    temperature : float
        T, above 0; an array broadcasts against the logits.
    """
    z, v, scale = np.asarray(student), np.asarray(teacher), np.asarray(temperature)
    return scale * (special.softmax(z / scale, axis=-1) - special.softmax(v / scale, axis=-1))


@checked(student=finite, teacher=finite)
def matching_gradient(student: ArrayLike, teacher: ArrayLike) -> Any:
    """Limit of `distillation_gradient` for T to infinity: (z - v)/K, both centered (L63).

    It is the gradient of the mean squared difference of the centered logits, halved. Logits are
    centered to mean 0 over the classes, which the softmax does not see.
    """
    difference = np.asarray(student, dtype=np.float64) - np.asarray(teacher)
    centered = difference - difference.mean(axis=-1, keepdims=True)
    return centered / difference.shape[-1]


@checked(n_classes=at_least(2), temperature=positive, spread=positive)
def matching_error(n_classes: int, temperature: ArrayLike, spread: float = 1.0) -> Any:
    """Relative error of `matching_gradient`, root mean square, for normal logits (L63).

    (s/T) sqrt((K - 2)/(2K)) to first order in 1/T, if all logits of student and teacher are
    independent and normal with standard deviation s = `spread`: the second term of the softmax's
    series, (z_i² - v_i²)/(2KT) less its mean, against the first. With two classes the first order
    is 0. Derived here.
    """
    return spread / np.asarray(temperature) * np.sqrt((n_classes - 2) / (2 * n_classes))


@checked(n=at_least(1))
def recovery_error(n: int, d: int) -> float:
    """Mean of |w - w*|²/|w*|² of a linear student after gradient descent: 1 - n/d, or 0 (L70).

    The student learns the soft labels of a linear teacher w* in d dimensions on n inputs in
    general position, from a start at 0. Its weights end at the projection of w* onto the span of
    the inputs: all of w* if n >= d. The mean is that for inputs whose directions are uniform.
    Source: `phuong2019towards`.
    """
    return max(1 - n / d, 0.0)


@checked(n=at_least(1))
def expected_agreement(n: int, d: int) -> float:
    """Share of new inputs on which a linear student says what its teacher says (L71).

    E[1 - arccos(√B)/π], B from the beta law with n/2 and (d - n)/2: B is the squared cosine of the
    angle between teacher and student, which is the teacher's projection onto n random directions
    (`recovery_error`). For two classes, no bias, and inputs with uniform directions; 1 if n >= d.
    Derived here, as a linear analogue of what `stanton2021does` measure.
    """
    if n >= d:
        return 1.0
    node, weight = special.roots_legendre(200)
    angle = (node + 1) * np.pi / 4  # between teacher and student; its density, up to a factor:
    log_density = (n - 1) * np.log(np.cos(angle)) + (d - n - 1) * np.log(np.sin(angle))
    mass = weight * np.exp(log_density - log_density.max())
    return float(1 - (mass @ angle) / mass.sum() / np.pi)


@checked(n=at_least(1))
def risk_variances(probabilities: ArrayLike, losses: ArrayLike, n: int) -> tuple[float, float]:
    """Variance of the mean loss over n examples, with drawn labels and with soft labels (L72).

    An example is one of m inputs, each as probable as the others. A drawn label costs the loss of
    its class; a soft label costs the losses of all classes, weighted by their probabilities. The
    first variance is larger by E[Var(loss | input)]/n. Source: `menon2021statistical`.

    Parameters
    ----------
    probabilities : array, shape (m, K)
        Of the classes, given the input: the truth, not an estimate of it.
    losses : array, shape (m, K)
        What a fixed model loses on each input if its class is k.

    Returns
    -------
    drawn, soft : float
    """
    p, loss = finite_array("probabilities", probabilities), finite_array("losses", losses)
    if p.ndim != 2 or p.shape != loss.shape or not np.allclose(p.sum(axis=1), 1) or p.min() < 0:
        raise ValueError(
            "probabilities must have rows of shares that sum to 1, in the shape of losses "
            f"{loss.shape}, got shape {p.shape}"
        )
    mean = (p * loss).sum(axis=1)
    second = (p * loss**2).sum(axis=1)
    drawn = second.mean() - mean.mean() ** 2
    return float(drawn / n), float(mean.var() / n)


SUPERVISED = (1.220, 3355.0, 0.408, 18186.0, 0.431, 0.452)  # E, A, alpha, B, beta, gamma


@checked(n_parameters=positive, n_tokens=positive)
def supervised_loss(n_parameters: ArrayLike, n_tokens: ArrayLike) -> Any:
    """Cross-entropy of a language model that is trained from scratch, an empirical law (L76).

    1.220 + (3355/N^0.408 + 18186/D^0.431)^0.452 nats a token, for N parameters (without the
    embedding) and D tokens, as `busbridge2025distillation` fitted it to one data set and one kind
    of model. Nothing here can check it.
    """
    floor, a, alpha, b, beta, gamma = SUPERVISED
    size = np.asarray(n_parameters, dtype=np.float64)
    tokens = np.asarray(n_tokens, dtype=np.float64)
    return floor + (a / size**alpha + b / tokens**beta) ** gamma
