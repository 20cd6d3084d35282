"""The study of chapter 12: what is held out is held out, and the control is one."""

import numpy as np
import pytest
from scipy import stats

from collapse_lab import meaning, polarity
from collapse_lab.contrastive import no_projection
from collapse_lab.embeddings import minilm
from collapse_lab.polarity import DISHES
from collapse_lab.studies import opposites


@pytest.mark.parametrize("new", opposites.NEW)
def test_what_is_asked_was_held_out(new):
    part = opposites.split(new, rng=np.random.default_rng(1))
    assert len(part.things) == 24
    train, asking = set(part.wordings.tolist()), set(part.asking.tolist())
    same_things = set(part.things.tolist()) & set(part.asked_things.tolist())
    assert len(same_things) == (24 if new in ("verbs", "templates") else 0)
    if new in ("things", *opposites.CONTROLS):
        assert train == asking == set(range(16))
    else:
        assert not train & asking
        assert len(asking) == (8 if new == "all" else 4)
    if new == "verbs":
        assert min(asking) >= 8
    if new == "templates":
        assert max(asking) < 8
    if new == "all":
        assert set(part.asked.tolist()) == asking


def test_split_name_is_checked():
    with pytest.raises(ValueError, match=r"new must be 'things' or .*, got 'nouns'"):
        opposites.split("nouns", rng=np.random.default_rng(1))


def test_each_split_is_another_one():
    rng = np.random.default_rng(4)
    parts = [opposites.split("all", rng=rng) for _ in range(30)]
    for name in ("things", "asked_things", "wordings", "asking"):
        assert len({getattr(part, name).tobytes() for part in parts}) == 30, name
    # a question goes to the next two in the circle: templates and verbs must be mixed
    assert any(len(set(part.wordings[:4] < 8)) == 2 for part in parts)
    assert {i for part in parts for i in part.asking} == set(range(16))


def test_answers_are_about_what_was_held_out():
    part = opposites.Split(*(np.array(each) for each in ([0], [5], [3, 9, 20], [1, 8], range(16))))
    model, found = minilm(), opposites.answers(no_projection(384), part)
    asked = model(polarity.statements())[:, [3, 9, 20]]
    fair = [(i, j) for i, j in polarity.fair_pairs() if i in (1, 8)]
    assert found["choice"] == meaning.choice_accuracy(asked, fair)
    assert found["over_words"] == meaning.meaning_over_words(asked[[1, 8]])
    first, other, turned = model(polarity.exchanged())
    assert found["exchange"] == meaning.exchange_accuracy(first, other)
    assert found["exchange_turned"] == meaning.exchange_accuracy(first, turned)
    pairs, grades = polarity.graded_pairs()
    near = [model(a) @ model(b) for a, b in pairs]
    order = [x > y for x, g in zip(near, grades, strict=True)
             for y, h in zip(near, grades, strict=True) if g > h]  # fmt: skip
    assert found["general"] == pytest.approx(np.mean(order))
    queries = model([(f"recipes with {x}", f"recipes without {x}") for x in DISHES])
    table = (queries[:, 0] - queries[:, 1]) @ model(opposites.dish_names()).T
    squares = sum(found[name] for name in opposites.PARTS)
    assert squares == pytest.approx(((table - table.mean()) ** 2).sum())
    held, lacked = map(model, zip(*DISHES.values(), strict=True))
    by_with = [
        np.mean([(a @ q) > (b @ q) for a in has for b in has_not])
        for q, has, has_not in zip(queries[:, 0], held, lacked, strict=True)
    ]
    assert found["by_with"] == pytest.approx(np.mean(by_with))


@pytest.mark.parametrize("new", ["things", *opposites.CONTROLS])
def test_a_control_is_trained_as_one(new, monkeypatch):
    controls = []
    monkeypatch.setattr(opposites, "train", lambda *_, control, **__: controls.append(control))
    monkeypatch.setattr(opposites, "answers", lambda layer, _: {"trained": float(layer is None)})
    found = opposites.gains(new, splits=2, rng=np.random.default_rng(1))
    assert controls == 2 * [new if new in opposites.CONTROLS else None]
    np.testing.assert_array_equal(found["trained"], [[0, 0], [1, 1]])  # before, after


def test_a_row_of_the_table_is_a_mean_over_splits(monkeypatch):
    before, after = np.random.default_rng(5).normal(size=(2, 20))
    monkeypatch.setattr(opposites, "gains", lambda *_, **__: {"choice": np.array([before, after])})
    row = opposites.task(rng=np.random.default_rng(1))
    for name, values in (("choice_before", before), ("choice_gain", after - before)):
        assert row[name] == pytest.approx(values.mean())
        assert row[f"{name}_se"] == pytest.approx(stats.sem(values))


def test_training_helps_and_neither_control_does():
    rng = np.random.default_rng(2)
    part = opposites.split("things", rng=rng)
    choice = [
        opposites.answers(layer, part)["choice"]
        for layer in (
            no_projection(384),
            opposites.train(part, rng=rng),
            opposites.train(part, control="shuffled", rng=rng),
            opposites.train(part, control="not offered", rng=rng),
        )
    ]
    assert choice[2] < choice[0] < choice[1]
    assert choice[3] < choice[0] + 0.02


def test_a_row_has_its_errors():
    before, after = opposites.gains("all", pull=0.3, splits=2, rng=np.random.default_rng(3))[
        "choice"
    ]
    assert before.shape == after.shape == (2,)
    assert (after > before).all()


def test_order_by_the_own_part_is_that_of_a_plain_loop():
    queries, names = minilm()(opposites.dish_queries()), opposites.dish_names()
    table = (queries[:, 0] - queries[:, 1]) @ minilm()(names).T
    table -= table.mean(axis=0)  # a dish's preference for all foods alike
    for row, found, lists in zip(
        table, opposites.dish_orders(no_projection(384))[3], DISHES.values(), strict=True
    ):
        held, lacked = ([row[names.index(dish)] for dish in dishes] for dishes in lists)
        assert found == pytest.approx(np.mean([a > b for a in held for b in lacked]))
