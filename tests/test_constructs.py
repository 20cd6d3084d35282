"""Tokens and constructs of Python functions; the counts of the standard library are as measured."""

import ast
import io
import tokenize

import numpy as np
import pytest

from collapse_lab import constructs, grammar
from collapse_lab.constructs import CONSTRUCTS, TOKENS

LOOP = "def f(x):\n    for i in x:\n        if i: break\n    else:\n        return 0 < i < 2\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (LOOP, {"loop else", "chained comparison"}),
        ("while f():\n    pass\nelse:\n    g()", {"loop else"}),
        ("for i in x:\n    pass\nif i:\n    f()\nelse:\n    g()", set()),
        ("a = [i for i in x if i]", {"filtered comprehension", "list comprehension"}),
        ("a = {i: 1 for i in x if i}", {"filtered comprehension"}),
        ("a = sum(i for i in x)", {"generator expression"}),
        ("a = b = 1", {"double assignment"}),
        ("a, b = 1, 2", set()),
        ("try:\n    f()\nexcept E:\n    g()\nelse:\n    h()", {"try else"}),
        ("a = 1 if b else 2", {"conditional expression"}),
        ("if a < b and b < c: pass", set()),
    ],
)
def test_a_construct_is_found_where_it_is(text, found):
    row = constructs.read({"f": text}).has[0]
    assert {name for name, has in zip(CONSTRUCTS, row, strict=True) if has} == found


def test_tokens_by_hand():
    text = "x = rb\"a\\\"#\" + f(0x1F, 1.5e3)  # in\nif x!=1: y //= '''a\n\"b\"'''"
    kinds = "NAME = STRING + NAME ( NUMBER , NUMBER ) LINE if NAME != NUMBER : NAME // = STRING"
    assert constructs.tokens(text) == kinds.split()
    assert len(set(TOKENS)) == len(TOKENS) == 81


def test_tokens_agree_with_those_of_python():
    for text in grammar.write(20, rng=1):
        theirs = [
            token.string
            for token in tokenize.generate_tokens(io.StringIO(text).readline)
            if token.type in (tokenize.NAME, tokenize.OP, tokenize.NUMBER, tokenize.STRING)
        ]
        ours = [token for token in constructs.tokens(text) if token != "LINE"]
        assert len(ours) == len(theirs)
        known = [token for token in theirs if token in TOKENS]
        assert known == [token for token in ours if token not in ("NAME", "NUMBER", "STRING")]


def test_counts_are_those_of_the_tokens():
    counts = constructs.count_tokens([LOOP, "x"])
    assert counts.sum(axis=1).tolist() == [len(constructs.tokens(LOOP)), 1]
    assert counts[0, TOKENS.index("<")] == 2
    assert counts[0, TOKENS.index("LINE")] == 5


def test_the_standard_library_here_has_the_measured_counts():
    """Every listed function that this Python still has, letter for letter, is counted as listed."""
    listed, library = constructs.listed(), constructs.python_functions()
    texts = constructs.library_texts()
    same = {
        name: texts[name]
        for name, check in listed.items()
        if name in texts and constructs.check_sum(texts[name]) == check
    }
    assert len(same) >= 0.9 * len(listed)  # platforms leave some modules out
    measured = constructs.read(same)
    row = {name: number for number, name in enumerate(library.names)}
    rows = [row[name] for name in measured.names]
    np.testing.assert_array_equal(measured.counts, library.counts[rows])
    np.testing.assert_array_equal(measured.has, library.has[rows])


def test_what_the_table_holds():
    library = constructs.python_functions()
    assert len(library) == len(set(library.names)) == len(library.counts) == 6948
    assert not library.counts.flags.writeable
    assert library.uses("loop else").sum() == 42
    assert (np.diff(library.has.sum(axis=0)) > 0).all()  # from rare to common
    first = [name.partition(":")[0] for name in library.names]
    assert [first[i] == first[0] for i in range(50)] == (
        library.files[:50] == library.files[0]
    ).tolist()
    with pytest.raises(ValueError, match=r"construct must be 'loop else' or .*, got 'goto'"):
        library.uses("goto")


def test_texts_of_methods_parse_on_their_own(tmp_path):
    body = "    def g(self):\n        x = '''\nleft'''\n        return x\n\n"
    (tmp_path / "a.py").write_text(f"class C:\n{body}" + "def short():\n    pass\n")
    (tmp_path / "test").mkdir()
    (tmp_path / "test" / "b.py").write_text(LOOP)
    texts = constructs.library_texts(tmp_path)
    assert list(texts) == ["a.py:C.g"]
    assert ast.parse(texts["a.py:C.g"])
