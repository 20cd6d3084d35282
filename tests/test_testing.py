"""The conformance check passes for every family, and each of its checks is seen to fail."""

import random
import re
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pytest
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import KernelDensity

import collapse_lab as cl
from collapse_lab import testing

COV = np.array([[2.0, 0.6], [0.6, 1.0]])
VECTORS = cl.MultivariateGaussian([0.0, 1.0], COV)
P = [0.5, 0.3, 0.2]
DOCUMENTS = [["a", "b"], ["c"], ["d", "e", "f"], ["a"]]
PAIRS = cl.Labelled(np.arange(12.0).reshape(6, 2), np.arange(6))

FAMILIES: dict[str, tuple[Any, Any]] = {
    "Gaussian": (cl.Gaussian.fit, cl.Gaussian()),
    "Gaussian, replicates": (cl.Gaussian.fit, cl.Gaussian().expand(3)),
    "Gaussian, unbiased": (partial(cl.Gaussian.fit, ddof=1), cl.Gaussian().expand(3).expand(2)),
    "Gaussian, moments": (cl.Gaussian.fit, cl.Gaussian(draw="moments").expand(3)),
    "MultivariateGaussian": (cl.MultivariateGaussian.fit, VECTORS),
    "MultivariateGaussian, moments": (
        cl.MultivariateGaussian.fit,
        cl.MultivariateGaussian([0.0, 1.0], COV, draw="moments").expand(3),
    ),
    "Categorical": (partial(cl.Categorical.fit, n_categories=3), cl.Categorical(P)),
    "Categorical, replicates": (
        partial(cl.Categorical.fit, n_categories=3, smoothing=0.5),
        cl.Categorical(P).expand(4),
    ),
    "Categorical, counts": (cl.Categorical.fit, cl.Categorical(P, draw="counts").expand(4)),
    "Empirical": (cl.Empirical.fit, cl.Gaussian()),
    "Empirical, replicates": (
        partial(cl.Empirical.fit, replicates=(3,)),
        cl.Empirical(np.arange(8.0).reshape(4, 2)).expand(3),
    ),
    "Empirical, documents": (cl.Empirical.fit, cl.Empirical(DOCUMENTS)),
    "Empirical, labelled": (cl.Empirical.fit, cl.Empirical(PAIRS)),
    "mixture": (cl.from_sklearn(GaussianMixture(2, random_state=7)), VECTORS),
    "kernel density, scalars": (cl.from_sklearn(KernelDensity()), cl.Gaussian()),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_passes(family):
    fit, world = FAMILIES[family]
    passed = testing.check_family(fit, world)
    assert passed == [check.__name__ for check in testing.CHECKS]


# --- one broken family a check ---------------------------------------------------------------


@dataclass
class Shifted:
    """A sound family of one parameter, for others to break: normal draws about a center."""

    center: Any
    replicates: tuple[int, ...] = ()
    seen: list[int] = field(default_factory=list)

    def sample(self, n, *, rng):
        if n < 1:
            raise ValueError(f"n must be at least 1, got {n}")
        return self.center + self.draw(n, np.random.default_rng(rng))

    def draw(self, n, rng):
        return rng.standard_normal((n, *self.replicates))

    @classmethod
    def fit(cls, data, *, rng):  # noqa: ARG003 - a fit has this argument
        return cls(data.mean(axis=0), data.shape[1:])


class TooLong(Shifted):
    def draw(self, n, rng):
        return rng.standard_normal(n + 1)


class UsesGlobalGenerator(Shifted):
    def draw(self, n, rng):
        return np.random.standard_normal(n) + rng.random()  # noqa: NPY002 - the fault


class HasAFixedSeed(Shifted):
    def draw(self, n, rng):  # noqa: ARG002 - the fault
        return np.random.default_rng(0).standard_normal(n)


class RepeatsItsNoise(Shifted):
    def draw(self, n, rng):
        rng.random()  # moves the generator on, to no effect
        return np.random.default_rng(0).standard_normal(n)


class SeedsGlobalGenerator(Shifted):
    def draw(self, n, rng):
        np.random.seed(int(rng.integers(2**31)))  # noqa: NPY002 - the fault
        return np.random.standard_normal(n)  # noqa: NPY002 - the fault


class SeedsPythonsGeneratorInTheFit(Shifted):
    @classmethod
    def fit(cls, data, *, rng):
        random.seed(0)
        return super().fit(data, rng=rng)


class FitIgnoresRng(Shifted):
    @classmethod
    def fit(cls, data, *, rng):  # noqa: ARG003 - the fault
        return cls(data.mean() + np.random.default_rng().random())


class ChangesItsData(Shifted):
    @classmethod
    def fit(cls, data, *, rng):
        data.sort()
        return super().fit(data, rng=rng)


class Remembers(Shifted):
    def draw(self, n, rng):
        self.seen.append(n)
        return rng.standard_normal(n) * (max(self.seen) <= 20)


class CannotBePickled(Shifted):
    @classmethod
    def fit(cls, data, *, rng):
        model = super().fit(data, rng=rng)
        model.sample = lambda n, *, rng: cls.sample(model, n, rng=rng)
        return model


class ForgetsItsCenterInTransit(Shifted):
    def __reduce__(self):
        return cl.Gaussian, (0.0, 1.0)


class DrawsTuples(Shifted):
    def sample(self, n, *, rng):
        return dict(enumerate(super().sample(n, rng=rng)))


class AcceptsNothing(Shifted):
    def sample(self, n, *, rng):
        return self.center + self.draw(max(n, 0), np.random.default_rng(rng))


class RefusesWithoutReason(Shifted):
    def sample(self, n, *, rng):
        if n < 1:
            raise ValueError("something went wrong in the dimension")
        return super().sample(n, rng=rng)


class LosesReplicates(Shifted):
    @classmethod
    def fit(cls, data, *, rng):  # noqa: ARG003 - a fit has this argument
        return cls(data.mean())


class CannotFitItsOwnDraws(Shifted):
    def sample(self, n, *, rng):
        return super().sample(n, rng=rng).tolist()


BROKEN = [
    (TooLong, "sample_has_length_n", "sample(1) must have length 1, got 2"),
    (UsesGlobalGenerator, "same_seed_gives_same_sample", "must depend on rng alone"),
    (HasAFixedSeed, "generator_moves_on", "must draw from the generator rng"),
    (RepeatsItsNoise, "generator_moves_on", "must not repeat its noise"),
    (SeedsGlobalGenerator, "global_state_is_untouched", "sample must not touch global random"),
    (SeedsPythonsGeneratorInTheFit, "global_state_is_untouched", "fit must not touch global"),
    (FitIgnoresRng, "same_seed_gives_same_fit", "fit must depend on data and rng alone"),
    (ChangesItsData, "fit_leaves_data_alone", "fit must not change its data"),
    (Remembers, "sampling_leaves_model_alone", "sample must not change the model"),
    (CannotBePickled, "model_survives_pickling", "model_survives_pickling: "),
    (ForgetsItsCenterInTransit, "model_survives_pickling", "a pickled model must draw as before"),
    (DrawsTuples, "samples_can_be_pooled", "samples_can_be_pooled: TypeError"),
    (AcceptsNothing, "bad_sample_size_is_refused", "sample must refuse n = 0 with a ValueError"),
    (RefusesWithoutReason, "bad_sample_size_is_refused", "the error for n = 0 must name n"),
    (LosesReplicates, "replicates_stay", "must keep the replicate axes (3,), got ()"),
    (CannotFitItsOwnDraws, "recursion_runs", "recursion_runs: AttributeError"),
]


def test_the_sound_family_passes():
    assert testing.check_family(Shifted.fit, cl.Gaussian().expand(3))


@pytest.mark.parametrize(
    ("family", "check", "message"), BROKEN, ids=lambda x: getattr(x, "__name__", "")
)
def test_a_broken_family_fails_in_its_own_check(family, check, message, monkeypatch):
    world = cl.Gaussian().expand(3) if family is LosesReplicates else cl.Gaussian()
    with pytest.raises(AssertionError, match=re.escape(message)):
        testing.check_family(family.fit, world)
    # No other check before it: they pass, and are not what was seen to fail.
    names = [other.__name__ for other in testing.CHECKS]
    monkeypatch.setattr(testing, "CHECKS", testing.CHECKS[: names.index(check)])
    assert testing.check_family(family.fit, world) == names[: names.index(check)]


def test_each_check_has_its_broken_family():
    assert {check for _, check, _ in BROKEN} == {check.__name__ for check in testing.CHECKS}
