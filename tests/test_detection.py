"""Scores, their laws and areas, against enumeration, simulation and scikit-learn."""

import itertools

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

import collapse_lab as cl
from collapse_lab import datasets, detection, theory

HUMAN = np.array([0.5, 0.3, 0.15, 0.05])
MODEL = np.array([0.4, 0.3, 0.3, 0.0])


def enumerated(length):
    """Score and both probabilities of every document."""
    with np.errstate(divide="ignore"):
        ratio = np.log(MODEL / HUMAN)
    documents = np.array(list(itertools.product(range(4), repeat=length)))
    return ratio[documents].sum(1), HUMAN[documents].prod(1), MODEL[documents].prod(1)


def test_log_likelihood_ratio():
    ratio = detection.log_likelihood_ratio(MODEL, HUMAN)
    np.testing.assert_allclose(ratio[:3], np.log([0.8, 1.0, 2.0]), atol=1e-15)
    assert ratio[3] == -np.inf


@pytest.mark.parametrize(
    ("generated", "human", "message"),
    [
        (MODEL, MODEL, "human must hold numbers > 0, got 0.0"),
        (MODEL[:3], HUMAN, "generated must have the shape of human"),
        (HUMAN, HUMAN * 2, "human must hold numbers >= 0 that sum to 1"),
        ([-0.5, 1.5], [0.5, 0.5], "generated must hold numbers >= 0 that sum to 1"),
        ([[0.5, 0.5]], [0.5, 0.5], r"generated must hold .*, got shape \(1, 2\)"),
        ([np.nan, 1.0], [0.5, 0.5], "generated must hold finite numbers, got nan"),
    ],
)
def test_probabilities_are_checked(generated, human, message):
    with pytest.raises(ValueError, match=message):
        detection.log_likelihood_ratio(generated, human)


@pytest.mark.parametrize("length", [1, 2, 5])
def test_score_law_is_that_of_all_documents(length):
    scores, human, model = enumerated(length)
    law = detection.score_law(MODEL, HUMAN, length)
    finite_scores = np.maximum(scores, -1e6)  # below all others
    above = np.subtract.outer(finite_scores, finite_scores)
    exact = model @ ((above > 1e-9) + (np.abs(above) <= 1e-9) / 2) @ human
    assert law.auc() == pytest.approx(exact, abs=1e-5)
    assert law.distance() == pytest.approx(np.abs(human - model).sum() / 2, abs=1e-5)
    assert law.human.sum() == pytest.approx(1, abs=1e-12)
    assert law.generated.sum() == pytest.approx(1, abs=1e-12)
    assert law.scores[0] == -np.inf
    assert law.human[0] == pytest.approx(1 - 0.95**length)
    assert law.generated[0] == pytest.approx(0, abs=1e-12)
    finite = np.isfinite(law.scores)
    mean = law.generated[finite] @ law.scores[finite]
    assert mean == pytest.approx(length * (0.4 * np.log(0.8) + 0.3 * np.log(2)), abs=1e-6)


def test_hits_follow_neyman_and_pearson():
    # One token: words by falling ratio are 2 (cost 0.15), 1 (0.3), 0 (0.5), 3 (0.05).
    law = detection.score_law(MODEL, HUMAN, 1)
    for rate, hits in [(0.0, 0.0), (0.075, 0.15), (0.15, 0.3), (0.3, 0.45), (0.95, 1.0), (1, 1)]:
        assert law.hits(rate) == pytest.approx(hits, abs=1e-3)
    with pytest.raises(ValueError, match=r"false_alarms must lie in \[0, 1\], got 1.5"):
        law.hits(1.5)


def test_roc_runs_from_corner_to_corner_and_is_concave():
    alarms, hits = detection.score_law(MODEL, HUMAN, 5).roc()
    assert alarms[0] == hits[0] == 0
    assert alarms[-1] == pytest.approx(1)
    assert hits[-1] == pytest.approx(1)
    at = np.interp(np.linspace(0, 1, 21), alarms, hits)
    assert (np.diff(at, 2) <= 1e-4).all()


def test_equal_laws_cannot_be_told_apart():
    law = detection.score_law(HUMAN, HUMAN, 50)
    assert law.auc() == pytest.approx(0.5)
    assert law.distance() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("length", "points", "message"),
    [
        (0, 2**12, "length must be a whole number of at least 1, got 0"),
        (5, 8, "points must be a whole number of at least 16, got 8"),
    ],
)
def test_score_law_checks_its_arguments(length, points, message):
    with pytest.raises(ValueError, match=message):
        detection.score_law(MODEL, HUMAN, length, points=points)


def test_real_words_and_their_copier(within):
    human = datasets.word_frequencies().p
    rng = np.random.default_rng(5)
    model = cl.Categorical.fit(cl.Categorical(human, draw="counts").sample(10**7, rng=rng)).p
    law = detection.score_law(model, human, 100)
    ratio = detection.log_likelihood_ratio(model, human)
    low, high = (
        ratio[cl.Categorical(p).sample(400_000, rng=rng)].reshape(-1, 100).sum(axis=1)
        for p in (human, model)
    )
    area, error = detection.auc(low, high)
    within(area, law.auc(), se=error)
    threshold = law.scores[np.searchsorted(-law.human[::-1].cumsum()[::-1], -0.01)]
    rate, hits = (np.mean(side > threshold) for side in (low, high))
    within(rate, 0.01, se=np.sqrt(0.01 * 0.99 / 4000), bias=1e-4)
    within(hits, law.hits(0.01), se=np.sqrt(0.23 * 0.77 / 4000), bias=1e-3)
    # a finer grid changes nothing that matters, and the bounds of theory hold
    assert detection.score_law(model, human, 100, points=2**17).auc() == pytest.approx(
        law.auc(), abs=2e-5
    )
    lowest, highest = theory.auc_bounds(law.distance())
    assert lowest <= law.auc() <= highest
    affinity = np.sqrt(human * model).sum()
    near, far = theory.distance_bounds(min(affinity, 1.0), 100)
    assert near <= law.distance() <= far


def test_the_normal_approximation_for_a_model_that_has_read_a_lot():
    human = datasets.word_frequencies().p
    model = cl.Categorical.fit(cl.Categorical(human, draw="counts").sample(10**9, rng=6)).p
    for length in (100, 1000):
        exact = detection.score_law(model, human, length).auc()
        assert exact == pytest.approx(theory.detection_auc(length, 10**9, len(human)), abs=0.005)


def test_area_is_that_of_scikit_learn():
    rng = np.random.default_rng(1)
    low, high = rng.integers(0, 6, 300), rng.integers(1, 7, 200)  # with ties
    labels = np.r_[np.zeros(300), np.ones(200)]
    area, _ = detection.auc(low, high)
    assert area == pytest.approx(roc_auc_score(labels, np.r_[low, high]))
    assert detection.auc([-np.inf, -np.inf], [0.0, 1.0]) == (1.0, 0.0)


def test_standard_error_of_the_area(within):
    rng, runs = np.random.default_rng(2), 4000
    pairs = [detection.auc(rng.normal(0, 1, 60), rng.normal(1, 1, 40)) for _ in range(runs)]
    areas, errors = np.transpose(pairs)
    within(areas.mean(), stats.norm.cdf(np.sqrt(0.5)), se=areas.std() / np.sqrt(runs))
    # mean squared error bars against the true variance, itself known to 1/sqrt(runs/2)
    assert np.square(errors).mean() == pytest.approx(areas.var(), rel=4.9 * np.sqrt(2 / runs))


@pytest.mark.parametrize("scores", [[1.0], [[1.0, 2.0]], [np.nan, 1.0]])
def test_scores_are_checked(scores):
    with pytest.raises(ValueError, match="human must hold at least two scores"):
        detection.auc(scores, [1.0, 2.0])
    with pytest.raises(ValueError, match="generated must hold at least two scores"):
        detection.auc([1.0, 2.0], scores)
