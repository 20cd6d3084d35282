"""Chapter 12: pairs of opposite statements train a projection; what that does elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collapse_lab import meaning, polarity
from collapse_lab.contrastive import Projection, fit_projection, no_projection
from collapse_lab.embeddings import minilm
from collapse_lab.rules import one_of
from collapse_lab.studies.averages import with_errors
from collapse_lab.studies.study import Study

CONTROLS = ("shuffled", "not offered")
NEW = ("things", "verbs", "templates", "all", *CONTROLS)
ORDERS = ("by_with", "by_without", "by_difference", "by_own")  # of dishes
PARTS = ("of_thing", "of_dish", "of_both")  # of the preference of dishes
SPLITS = 20
TRAINING = 24  # things to train on, of 48

Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Split:
    """What is trained on, and what is asked.

    Attributes
    ----------
    things, wordings : arrays of int
        To train on.
    asked_things, asking, asked : arrays of int
        Things, wordings of the statements and wordings of the candidates in the test.
    """

    things: Indices
    wordings: Indices
    asked_things: Indices
    asking: Indices
    asked: Indices


def split(new: str, *, rng: np.random.Generator) -> Split:
    """Hold something out at random.

    Parameters
    ----------
    new : {"things", "verbs", "templates", "all", "shuffled", "not offered"}
        "things" (and the two controls): half of the 48 things, said in all 16 wordings. "verbs":
        four of eight verbs, with known things; the statement has a new verb, the candidates any
        other wording. "templates": the same with four of eight templates. "all": new things, and
        statement and candidates both in new wordings.
    """
    one_of("new", new, NEW)
    things = rng.permutation(48)
    templates, verbs = rng.permutation(8), 8 + rng.permutation(8)
    known, unknown, all_wordings = things[:TRAINING], things[TRAINING:], np.arange(16)
    if new == "verbs":
        train = np.concatenate([templates, verbs[4:]])
        parts = known, train, known, verbs[:4], all_wordings
    elif new == "templates":
        train = np.concatenate([templates[4:], verbs])
        parts = known, train, known, templates[:4], all_wordings
    elif new == "all":
        held_out = np.concatenate([templates[:4], verbs[:4]])
        train = np.concatenate([templates[4:], verbs[4:]])
        parts = known, train, unknown, held_out, held_out
    else:
        parts = known, all_wordings, unknown, all_wordings, all_wordings
    things, wordings, *asked = parts
    return Split(things, rng.permutation(wordings), *asked)


def train(
    chosen: Split,
    *,
    control: str | None = None,
    rng: np.random.Generator,
    **settings: Any,
) -> Projection:
    """Train a projection on one split.

    Parameters
    ----------
    chosen : Split
    control : {"shuffled", "not offered"}, optional
        "shuffled": "there" and "not there" are exchanged at random, for each wording and thing.
        "not offered": of two opposite statements, one is never a candidate for the other.
    **settings
        Rank, pull and temperature: see `contrastive.fit_projection`.
    """
    vectors = minilm()(polarity.statements())[chosen.wordings][:, chosen.things]
    if control == "shuffled":
        turned = rng.random(vectors.shape[:2]) < 0.5
        vectors[turned] = vectors[turned][:, ::-1]
    n = 2 * len(chosen.things)
    opposite = np.arange(n)[:, None] == np.arange(n) ^ 1
    left_out = opposite if control == "not offered" else None
    return fit_projection(vectors.reshape(len(vectors), n, -1), left_out=left_out, **settings)


def answers(projection: Projection, chosen: Split) -> dict[str, float]:
    """Measure a projection: the choice in what was held out, and what it does elsewhere.

    Returns
    -------
    dict from str to float
        ``choice`` (`meaning.choice_accuracy`, of `polarity.fair_pairs`), ``over_words``
        (`meaning.meaning_over_words`), ``by_with``, ``by_without``, ``by_difference`` and
        ``by_own`` (`dish_orders`), ``exchange`` and ``exchange_turned``
        (`meaning.exchange_accuracy`, the candidates naming the two things in the same and in the
        other order), ``general`` (`meaning.grade_order`), and ``of_thing``, ``of_dish`` and
        ``of_both``: sums of squares of the three parts of the preferences (`meaning.parts_of`).
    """
    model = minilm()

    def vectors(texts: object) -> NDArray[np.float64]:
        return projection(model(texts))

    asked = vectors(polarity.statements())[:, chosen.asked_things]
    wordings = np.union1d(chosen.asking, chosen.asked) if len(chosen.asked) < 16 else chosen.asking
    order = dish_orders(projection)
    both = vectors(polarity.exchanged())
    pairs, grades = polarity.graded_pairs()
    graded = vectors(pairs)
    fair = polarity.fair_pairs(chosen.asking, chosen.asked)
    parts = dish_parts(projection)
    return {
        "choice": meaning.choice_accuracy(asked, fair),
        "over_words": meaning.meaning_over_words(asked[wordings]),
        **dict(zip(ORDERS, order.mean(axis=1).tolist(), strict=True)),
        "exchange": meaning.exchange_accuracy(both[0], both[1]),
        "exchange_turned": meaning.exchange_accuracy(both[0], both[2]),
        "general": meaning.grade_order(graded[:, 0], graded[:, 1], grades),
        **{name: float((part**2).sum()) for name, part in zip(PARTS, parts, strict=True)},
    }


def dish_queries() -> list[tuple[str, str]]:
    """The pairs "recipes with ..." and "recipes without ..." for the twelve things in dishes."""
    return [polarity.Thing("recipes", name).said(0) for name in polarity.DISHES]


def dish_names() -> list[str]:
    """Every dish once, in the order of the alphabet."""
    return sorted({dish for lists in polarity.DISHES.values() for part in lists for dish in part})


def dish_parts(projection: Projection) -> tuple[NDArray[np.float64], ...]:
    """Preference of each dish for "with" over "without", each food: `meaning.parts_of`."""
    queries, dishes = (projection(minilm()(texts)) for texts in (dish_queries(), dish_names()))
    return meaning.parts_of(meaning.preferences(queries, dishes))


def dish_orders(projection: Projection) -> NDArray[np.float64]:
    """Order the dishes by the queries, after a projection: shares of pairs in order, (4, 12).

    By "with", by "without" and by their difference, as in `meaning.order_accuracy`; and by the part
    of the difference that belongs to food and dish together.
    """
    model, (holding, lacking) = minilm(), zip(*polarity.DISHES.values(), strict=True)
    parts = (projection(model(texts)) for texts in (dish_queries(), holding, lacking))
    own, place = dish_parts(projection)[2], {name: i for i, name in enumerate(dish_names())}
    held, lacked = (
        np.take_along_axis(own, np.array([[place[dish] for dish in row] for row in lists]), axis=1)
        for lists in (holding, lacking)
    )
    by_own = (held[:, :, None] > lacked[:, None, :]).mean(axis=(1, 2))
    return np.vstack([meaning.order_accuracy(*parts), by_own])


def gains(
    new: str, *, splits: int = SPLITS, rng: np.random.Generator, **settings: Any
) -> dict[str, NDArray[np.float64]]:
    """Measure every answer before and after training, for several random splits.

    Returns
    -------
    dict from str to array, shape (2, splits)
        Before and after.
    """
    before_after = []
    for _ in range(splits):
        chosen = split(new, rng=rng)
        control = new if new in CONTROLS else None
        trained = train(chosen, control=control, rng=rng, **settings)
        before_after.append([answers(each, chosen) for each in (no_projection(384), trained)])
    return {
        name: np.array([[each[name] for each in pair] for pair in before_after]).T
        for name in before_after[0][0]
    }


def task(*, rng: np.random.Generator, new: str = "all", **settings: Any) -> Mapping[str, float]:
    """Mean over splits, before and gained, with standard errors over splits.

    The splits share one set of texts: the error is that of the mean over such splits.
    """
    columns: dict[str, NDArray[np.float64]] = {}
    for name, (before, after) in gains(new, rng=rng, **settings).items():
        columns |= {f"{name}_before": before, f"{name}_gain": after - before}
    return with_errors(columns)


OPPOSITES = Study(
    "opposites",
    "A projection trained on opposite statements, asked about what was held out: 20 splits each.",
    task,
    {"new": NEW, "pull": (0.3, 0.03, 0.003)},
    seed=12,
)
SETTINGS = Study(
    "opposites_settings",
    "The same with all three held out, for other ranks and temperatures: 20 splits each.",
    task,
    {"rank": (8, 16, 32), "temperature": (0.05, 0.1, 0.2)},
    seed=121,
)
