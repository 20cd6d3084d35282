"""The grammar writes what it is asked for, and nothing else that counts."""

import ast

import numpy as np
import pytest

from collapse_lab import constructs, grammar
from collapse_lab.constructs import CONSTRUCTS


def used(texts):
    return constructs.read({str(number): text for number, text in enumerate(texts)})


@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_a_construct_is_in_each_function_and_in_no_near_miss(construct):
    assert used(grammar.write(60, construct=construct, rng=1)).uses(construct).all()
    near = used(grammar.write(60, construct=construct, near_miss=True, rng=1))
    assert not near.uses(construct).any()


def test_plain_functions_have_none():
    made = used(grammar.write(200, rng=1))
    assert not made.has.any()
    assert len(set(grammar.write(200, rng=1))) == 200


def body(text):
    return ast.parse(text).body[0].body


def test_functions_have_three_to_ten_statements_and_return():
    bodies = [body(text) for text in grammar.write(400, rng=2)]
    assert {len(each) - 1 for each in bodies} == set(range(3, 11))
    assert all(isinstance(each[-1], ast.Return) for each in bodies)


def test_a_construct_is_once_in_a_function_and_anywhere():
    is_it = CONSTRUCTS["conditional expression"]
    places = []
    for text in grammar.write(400, construct="conditional expression", rng=3):
        found = [sum(map(is_it, ast.walk(statement))) for statement in body(text)]
        assert sum(found) == 1
        places.append(found.index(1))
    assert set(places) == set(range(11))


def test_every_word_is_used():
    words = " ".join(grammar.write(400, rng=4))
    assert all(f"{name} = " in words for name in grammar._NAMES)
    assert all(f"{name}(" in words for name in (*grammar._CALLS, "except "))
    heads = [text.partition("\n")[0] for text in grammar.write(400, rng=4)]
    methods = sum("(self, " in head for head in heads)
    assert abs(methods - 200) < 4.9 * np.sqrt(400 / 4)


@pytest.mark.parametrize(("construct", "gap"), [("loop else", 0), ("generator expression", 2)])
def test_a_near_miss_has_nearly_the_same_tokens(construct, gap):
    pair = [grammar.write(1, construct=construct, near_miss=miss, rng=5) for miss in (False, True)]
    one, other = (used(texts).counts[0] for texts in pair)
    assert np.abs(one - other).sum() == gap


def test_the_same_seed_writes_the_same():
    assert grammar.write(3, rng=4) == grammar.write(3, rng=4) != grammar.write(3, rng=5)
    assert grammar.write(0) == []


def test_wrong_arguments():
    with pytest.raises(ValueError, match=r"construct must be 'loop else' or .*, got 'goto'"):
        grammar.write(1, construct="goto")
    with pytest.raises(ValueError, match="n must be a whole number of at least 0, got -1"):
        grammar.write(-1)
