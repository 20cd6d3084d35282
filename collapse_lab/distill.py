"""Distillation: a student that learns from a teacher's probabilities, and what both cost.

A teacher is anything with ``predict_proba``: scikit-learn's networks and ensembles, or a student.
The student is our own, because scikit-learn's classifiers take labels and no probabilities. It is
as small as it can be: a softmax on the inputs, or on one layer of hidden units, with the gradient
written out and scipy's L-BFGS to follow it. scipy and scikit-learn are loaded at the first use.

Probabilities, targets and logits have shape (n, K): a row for each input, a column for each class.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from collapse_lab.protocols import RNG
from collapse_lab.rules import finite_array, real_number, whole_number

Array = NDArray[np.float64]
UNLABELLED = -1  # scikit-learn's mark, too
FLOOR = 1e-12  # a probability of 0 has no logarithm


class Classifier(Protocol):
    """What a teacher must be able to do."""

    def predict_proba(self, X: Any) -> Any:
        """Return the probabilities of the classes, shape (n, K)."""
        ...


def softmax(logits: ArrayLike, temperature: float = 1.0) -> Array:
    """Probabilities from logits: exp(z/T), divided by its sum along the last axis.

    Parameters
    ----------
    logits : array, shape (..., K)
    temperature : float
        T, above 0. Large: nearly equal probabilities. Small: nearly one class alone.
    """
    real_number("temperature", temperature, low=0, open_low=True)
    z = finite_array("logits", logits) / temperature
    odds = np.exp(z - z.max(axis=-1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=-1, keepdims=True))


def soften(probabilities: ArrayLike, temperature: float) -> Array:
    """Probabilities at another temperature: the softmax of log p / T.

    This needs no look inside the teacher: log p is its logits, up to a number that is the same
    for all classes and that the softmax does not see. Probabilities below 1e-12 count as 1e-12.

    Parameters
    ----------
    probabilities : array, shape (..., K)
    temperature : float
        T, above 0; 1 changes nothing.
    """
    p = finite_array("probabilities", probabilities)
    if p.size and p.min() < 0:
        raise ValueError(f"probabilities must hold numbers of at least 0, got {p.min():g}")
    return softmax(np.log(np.maximum(p, FLOOR)), temperature)


def one_hot(labels: ArrayLike, n_classes: int) -> Array:
    """Hard targets: 1 for the class of the label, 0 for the others, shape (n, K)."""
    return np.asarray(np.eye(n_classes)[_labels(labels, whole_number("n_classes", n_classes))])


def draw_labels(probabilities: ArrayLike, *, rng: RNG = None) -> NDArray[np.int64]:
    """Draw one label for each row of probabilities, shape (n,)."""
    p = _targets("probabilities", probabilities)
    point = np.random.default_rng(rng).random((len(p), 1))
    drawn = (point > p.cumsum(axis=1)[:, :-1]).sum(axis=1)
    return np.asarray(drawn, dtype=np.int64)


def distillation_loss(
    logits: ArrayLike,
    targets: ArrayLike,
    *,
    temperature: float = 1.0,
    labels: ArrayLike | None = None,
    soft_share: float = 1.0,
) -> tuple[float, Array]:
    """Loss of a student and its gradient by the student's logits.

    With a = `soft_share`, the mean over the rows of

        a T² H(targets, softmax(z/T)) + (1 - a) H(label, softmax(z)),

    H the cross-entropy in nats. The factor T² makes up for the gradient of the first part, which
    falls as 1/T² when T grows. Source: `hinton2015distilling`.

    Parameters
    ----------
    logits : array, shape (n, K)
        z, of the student.
    targets : array, shape (n, K)
        The teacher's probabilities **at the same temperature** (`soften`); rows sum to 1.
    temperature : float
        T, above 0.
    labels : int array, shape (n,), optional
        Needed where `soft_share` is below 1. A row with label -1 has none: its second part is 0.
    soft_share : float
        In [0, 1].

    Returns
    -------
    loss : float
    gradient : array, shape (n, K)
    """
    z, wanted = finite_array("logits", logits), _targets("targets", targets)
    if z.shape != wanted.shape:
        raise ValueError(f"targets must have the shape of the logits {z.shape}, got {wanted.shape}")
    real_number("temperature", temperature, low=0, open_low=True)
    return _loss(z, wanted, temperature, *_hard_part(labels, soft_share, *z.shape))


def _hard_part(
    labels: ArrayLike | None, soft_share: float, n: int, n_classes: int
) -> tuple[float, Array | None]:
    """Return the share of the soft part, and the hard targets: a row of 0 for no label."""
    share = real_number("soft_share", soft_share, low=0, high=1)
    if share == 1:
        return share, None
    if labels is None:
        raise ValueError(f"labels must be given where soft_share is below 1, got {soft_share!r}")
    found = _labels(labels, n_classes, least=UNLABELLED)
    if len(found) != n:
        raise ValueError(f"labels must have one entry for each of {n} rows, got {len(found)}")
    return share, np.vstack([np.eye(n_classes), np.zeros(n_classes)])[found]  # -1 is the last row


def _loss(
    z: Array, wanted: Array, temperature: float, share: float, hard: Array | None
) -> tuple[float, Array]:
    """Return what `distillation_loss` returns, without its checks."""
    loss, gradient = _cross_entropy(z / temperature, wanted)
    loss, gradient = share * temperature**2 * loss, share * temperature * gradient
    if hard is not None:
        second, slope = _cross_entropy(z, hard)
        loss, gradient = loss + (1 - share) * second, gradient + (1 - share) * slope
    return loss, gradient


def _cross_entropy(z: Array, wanted: Array) -> tuple[float, Array]:
    """Return the mean over the rows of -Σ wanted log softmax(z), and its gradient by z."""
    z = z - z.max(axis=1, keepdims=True)
    odds = np.exp(z)
    total = odds.sum(axis=1, keepdims=True)
    weight = wanted.sum(axis=1, keepdims=True)  # 1, or 0 for a row without a label
    loss = (weight * np.log(total)).sum() - (wanted * z).sum()
    return float(loss) / len(z), (weight * odds / total - wanted) / len(z)


@dataclass(frozen=True, eq=False)
class Student:
    """A classifier that takes soft labels: linear, or with one layer of hidden units.

    Attributes
    ----------
    weights : tuple of array
        One matrix (d, K), or two: (d, hidden) and (hidden, K).
    biases : tuple of array
        One vector for each matrix.
    converged : bool
        Whether the fit found its optimum before `max_iter`.

    Examples
    --------
    >>> X = np.array([[0.0], [1.0]])
    >>> student = Student.fit(X, [[0.9, 0.1], [0.1, 0.9]], weight_decay=0.0)
    >>> print(student.predict_proba(X).round(3))
    [[0.9 0.1]
     [0.1 0.9]]
    """

    weights: tuple[Array, ...]
    biases: tuple[Array, ...]
    converged: bool = True

    @classmethod
    def fit(
        cls,
        X: ArrayLike,
        targets: ArrayLike,
        *,
        hidden: int = 0,
        temperature: float = 1.0,
        labels: ArrayLike | None = None,
        soft_share: float = 1.0,
        weight_decay: float = 1e-3,
        max_iter: int = 500,
        rng: RNG = None,
    ) -> Student:
        """Fit to targets by minimizing `distillation_loss` + weight_decay/2 × (sum of weights²).

        Hard labels are `one_hot(labels, K)` at temperature 1.

        Parameters
        ----------
        X : array, shape (n, d)
        targets : array, shape (n, K)
            Rows sum to 1. They are taken as they are: soften them first (`soften`).
        hidden : int
            Hidden units (tanh); 0 for a linear student.
        temperature, labels, soft_share
            As in `distillation_loss`.
        weight_decay : float
            At least 0. Biases are free. Without it, hard labels that a plane can separate have
            no optimum: the weights grow until `max_iter`.
        max_iter : int
            Steps of L-BFGS.
        rng : Generator or seed
            For the first weights of hidden units. A linear student starts at 0 and needs none:
            its loss is convex, so that the start makes no difference.
        """
        from scipy.optimize import minimize  # most of the package needs no scipy

        inputs, wanted = _inputs(X), _targets("targets", targets)
        if len(inputs) != len(wanted):
            raise ValueError(
                f"targets must have one row for each of {len(inputs)} inputs, got {len(wanted)}"
            )
        hidden = whole_number("hidden", hidden, at_least=0)
        max_iter = whole_number("max_iter", max_iter)
        real_number("temperature", temperature, low=0, open_low=True)
        real_number("weight_decay", weight_decay, low=0)
        hard_part = _hard_part(labels, soft_share, *wanted.shape)
        start = cls._start((inputs.shape[1], hidden, wanted.shape[1]), np.random.default_rng(rng))

        def objective(parameters: Array) -> tuple[float, Array]:
            student = start._unpack(parameters)
            seen = student._layers(inputs)
            loss, slope = _loss(seen[-1], wanted, temperature, *hard_part)
            gradient = student._gradient(seen, slope)
            for weights, part in zip(student.weights, gradient.weights, strict=True):
                loss += weight_decay / 2 * float((weights**2).sum())
                part += weight_decay * weights
            return loss, gradient._pack()

        options = {"maxiter": max_iter, "maxfun": 2 * max_iter, "ftol": 1e-13, "gtol": 1e-6}
        found = minimize(objective, start._pack(), jac=True, method="L-BFGS-B", options=options)
        fitted = start._unpack(found.x)
        return cls(fitted.weights, fitted.biases, found.status == 0)

    @classmethod
    def _start(cls, widths: tuple[int, int, int], rng: np.random.Generator) -> Student:
        """Return a student of 0, or random weights of variance 1/inputs where units are hidden."""
        d, hidden, n_classes = widths
        if not hidden:
            return cls((np.zeros((d, n_classes)),), (np.zeros(n_classes),))
        shapes = (d, hidden), (hidden, n_classes)
        return cls(
            tuple(rng.standard_normal(shape) / np.sqrt(shape[0]) for shape in shapes),
            tuple(np.zeros(shape[1]) for shape in shapes),
        )

    def _pack(self) -> Array:
        return np.concatenate([part.ravel() for part in (*self.weights, *self.biases)])

    def _unpack(self, parameters: Array) -> Student:
        """Return a student of this shape that holds these parameters, as views."""
        parts, begin = [], 0
        for part in (*self.weights, *self.biases):
            parts.append(parameters[begin : begin + part.size].reshape(part.shape))
            begin += part.size
        return Student(tuple(parts[: len(self.weights)]), tuple(parts[len(self.weights) :]))

    def _layers(self, inputs: Array) -> list[Array]:
        """Return the inputs, the hidden units if there are any, and the logits."""
        seen = [inputs]
        for weights, bias in zip(self.weights, self.biases, strict=True):
            x = seen[-1] @ weights + bias
            seen.append(x if len(seen) == len(self.weights) else np.tanh(x))
        return seen

    def _gradient(self, seen: list[Array], slope: Array) -> Student:
        """Return the gradient of a loss by the parameters, from its gradient by the logits."""
        weights, biases = [seen[-2].T @ slope], [slope.sum(axis=0)]
        if len(self.weights) == 2:
            slope = slope @ self.weights[1].T * (1 - seen[1] ** 2)
            weights, biases = [seen[0].T @ slope, *weights], [slope.sum(axis=0), *biases]
        return Student(tuple(weights), tuple(biases))

    @property
    def hidden(self) -> int:
        """How many hidden units there are; 0 for a linear student."""
        return len(self.weights[-1]) if len(self.weights) == 2 else 0

    def logits(self, X: ArrayLike) -> Array:
        """What the softmax is taken of, shape (n, K)."""
        inputs = _inputs(X)
        if inputs.shape[1] != len(self.weights[0]):
            raise ValueError(f"X must have {len(self.weights[0])} columns, got {inputs.shape[1]}")
        return self._layers(inputs)[-1]

    def predict_proba(self, X: ArrayLike) -> Array:
        """Probabilities of the classes, shape (n, K)."""
        return softmax(self.logits(X))

    def predict(self, X: ArrayLike) -> NDArray[np.int64]:
        """Return the most probable class of each input, shape (n,)."""
        return np.asarray(self.logits(X).argmax(axis=1), dtype=np.int64)


def ensemble(
    X: ArrayLike,
    labels: ArrayLike,
    *,
    n_members: int = 4,
    hidden: int = 100,
    rng: RNG = None,
) -> Any:
    """Fit a large teacher: scikit-learn's networks, differing in their start, that vote.

    Their probabilities are averaged. Labels must be 0, 1, ..., K - 1, each of them present.

    Parameters
    ----------
    X : array, shape (n, d)
    labels : int array, shape (n,)
    n_members, hidden : int
        How many networks, and the hidden units of each.
    rng : Generator or seed

    Returns
    -------
    VotingClassifier
        Fitted, with ``voting="soft"``.
    """
    from sklearn.ensemble import VotingClassifier
    from sklearn.neural_network import MLPClassifier

    whole_number("n_members", n_members)
    whole_number("hidden", hidden)
    inputs = _inputs(X)
    present, found = np.unique(np.asarray(labels), return_inverse=True)
    if not np.array_equal(present, np.arange(len(present))) or len(present) < 2:
        raise ValueError(f"labels must be 0, 1, ..., K - 1, each present, got {present.tolist()}")
    seeds = np.random.default_rng(rng).integers(2**31, size=n_members)
    members = [
        (
            f"network {i}",
            MLPClassifier(
                hidden_layer_sizes=(hidden,),
                alpha=1e-2,
                learning_rate_init=1e-2,
                batch_size=min(200, len(inputs)),
                tol=3e-3,
                n_iter_no_change=4,
                max_iter=1000,
                random_state=int(seed),
            ),
        )
        for i, seed in enumerate(seeds, start=1)
    ]
    return VotingClassifier(members, voting="soft").fit(inputs, found)


def jittered(pictures: ArrayLike) -> Array:
    """Return square pictures and their copies, shifted by one pixel in four directions.

    A shifted digit is the same digit: pictures that a teacher can learn this from. White (0) comes
    in at the edge.

    Parameters
    ----------
    pictures : array, shape (n, side²)

    Returns
    -------
    array, shape (5 n, side²)
        First the pictures, then all shifted right, left, down and up: labels follow as
        ``np.tile(labels, 5)``.
    """
    flat = _inputs(pictures)
    side = round(flat.shape[1] ** 0.5)
    if side**2 != flat.shape[1]:
        raise ValueError(f"pictures must be square, got {flat.shape[1]} pixels")
    framed = np.pad(flat.reshape(-1, side, side), ((0, 0), (1, 1), (1, 1)))
    shifts = ((1, 1), (1, 0), (1, 2), (0, 1), (2, 1))
    cut = [framed[:, row : row + side, column : column + side] for row, column in shifts]
    return np.asarray(np.concatenate(cut).reshape(-1, side**2))


def cross_entropy(probabilities: ArrayLike, targets: ArrayLike) -> float:
    """Mean over the rows of -Σ targets log(probabilities), in nats; lower is better.

    Parameters
    ----------
    probabilities : array, shape (n, K)
        Below 1e-12 they count as 1e-12.
    targets : array, shape (n, K), or int array, shape (n,)
        Probabilities, or labels.
    """
    p = _targets("probabilities", probabilities)
    wanted = np.asarray(targets)
    wanted = one_hot(wanted, p.shape[1]) if wanted.ndim == 1 else _targets("targets", wanted)
    if wanted.shape != p.shape:
        raise ValueError(f"targets must fit probabilities of shape {p.shape}, got {wanted.shape}")
    return float(-(wanted * np.log(np.maximum(p, FLOOR))).sum(axis=1).mean())


def calibration_error(probabilities: ArrayLike, labels: ArrayLike, *, n_bins: int = 10) -> float:
    """How far confidence lies from accuracy: the binned calibration error, in [0, 1].

    The confidence of a row is its largest probability. Rows are put into `n_bins` bins of equal
    width by their confidence; in each, the mean confidence is compared with the share of right
    answers; the absolute differences are averaged with the bins' numbers of rows as weights.

    Chance alone makes it positive: a perfectly calibrated classifier gets more than 0 from few
    rows. Compare classifiers on the same rows, with the same bins.

    Parameters
    ----------
    probabilities : array, shape (n, K)
    labels : int array, shape (n,)
    n_bins : int
    """
    p = _targets("probabilities", probabilities)
    n_bins = whole_number("n_bins", n_bins)
    found = _labels(labels, p.shape[1])
    if len(found) != len(p):
        raise ValueError(f"labels must have one entry for each of {len(p)} rows, got {len(found)}")
    confidence, right = p.max(axis=1), p.argmax(axis=1) == found
    where = np.minimum((confidence * n_bins).astype(np.int64), n_bins - 1)
    gap = np.bincount(where, weights=confidence - right, minlength=n_bins)
    return float(np.abs(gap).sum() / len(p))


def agreement(first: ArrayLike, second: ArrayLike) -> float:
    """Share of rows in which two classifiers' most probable classes are the same.

    Parameters
    ----------
    first, second : arrays, shape (n, K)
        Probabilities or logits.
    """
    a, b = finite_array("first", first), finite_array("second", second)
    if a.shape != b.shape or a.ndim != 2:
        raise ValueError(f"second must have the shape of first, {a.shape}, got {b.shape}")
    return float((a.argmax(axis=1) == b.argmax(axis=1)).mean())


@dataclass(frozen=True)
class Cost:
    """What a classifier of matrices costs.

    Attributes
    ----------
    parameters : int
        Weights and biases.
    bytes : int
        Of their arrays, as they are held in memory.
    multiply_adds : int
        Multiplications with an addition for one prediction; biases, tanh and softmax not counted.
    seconds : float
        Measured, for one prediction.
    """

    parameters: int
    bytes: int
    multiply_adds: int
    seconds: float


def cost(model: Any, X: ArrayLike, *, repeats: int = 5) -> Cost:
    """Count a classifier's numbers and operations, and measure its time.

    Parameters
    ----------
    model : Student, or scikit-learn's MLPClassifier, or an ensemble of such
        Whatever has weights in `weights` and `biases`, in ``coefs_`` and ``intercepts_``, or in
        the members of ``estimators_``.
    X : array, shape (n, d)
        Inputs to time it on, all at once: with more rows, the fixed cost of a call counts less.
    repeats : int
        The shortest time of so many is taken, divided by n.

    Raises
    ------
    TypeError
        If no weights are found in the model.
    """
    inputs, repeats = _inputs(X), whole_number("repeats", repeats)
    arrays = _arrays(model)
    times = []
    for _ in range(repeats):
        begin = perf_counter()
        model.predict_proba(inputs)
        times.append(perf_counter() - begin)
    return Cost(
        parameters=sum(array.size for array in arrays),
        bytes=sum(array.nbytes for array in arrays),
        multiply_adds=sum(array.size for array in arrays if array.ndim == 2),
        seconds=min(times) / len(inputs),
    )


def _arrays(model: Any) -> list[NDArray[Any]]:
    """Return the weights and biases of a model, of all its members if it is an ensemble."""
    for weights, biases in (("weights", "biases"), ("coefs_", "intercepts_")):
        if hasattr(model, weights) and hasattr(model, biases):
            return [*getattr(model, weights), *getattr(model, biases)]
    if hasattr(model, "estimators_"):
        return [array for member in model.estimators_ for array in _arrays(member)]
    raise TypeError(f"model must hold weights and biases, got {type(model).__name__}")


def _inputs(X: ArrayLike) -> Array:
    inputs = finite_array("X", X)
    if inputs.ndim != 2 or inputs.size == 0:
        raise ValueError(f"X must have shape (n, d), and not be empty, got {inputs.shape}")
    return inputs


def _targets(name: str, value: ArrayLike) -> Array:
    """Return rows of probabilities, or raise ValueError."""
    rows = finite_array(name, value)
    if rows.ndim != 2 or rows.size == 0:
        raise ValueError(f"{name} must have shape (n, K), and not be empty, got {rows.shape}")
    if rows.min() < 0:
        raise ValueError(f"{name} must hold numbers of at least 0, got {rows.min():g}")
    total = rows.sum(axis=1)
    worst = total[np.abs(total - 1).argmax()]
    if abs(worst - 1) > 1e-6:
        raise ValueError(f"{name} must have rows that sum to 1, got {worst:g}")
    return rows


def _labels(labels: ArrayLike, n_classes: int, *, least: int = 0) -> NDArray[np.int64]:
    """Return labels from `least` to K - 1 as integers, or raise ValueError."""
    found = np.asarray(labels)
    if found.ndim != 1 or not np.issubdtype(found.dtype, np.integer):
        raise ValueError(f"labels must be whole numbers in one row, got {labels!r}")
    outside = (found < least) | (found >= n_classes)
    if outside.any():
        raise ValueError(
            f"labels must be whole numbers from {least} to {n_classes - 1}, got {found[outside][0]}"
        )
    return found.astype(np.int64)
