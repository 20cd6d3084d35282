"""The study of chapter 12: what is held out is held out, and the control is one."""

import numpy as np
import pytest

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
