"""Tokens and constructs of Python functions; the counts of the standard library are as measured."""

import ast
import io
import platform
import shutil
import sys
import tokenize
from pathlib import Path

import numpy as np
import pytest

from collapse_lab import constructs, grammar
from collapse_lab.constructs import CONSTRUCTS, FILE, TOKENS, main

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


@pytest.fixture(scope="module")
def texts_here():
    """All functions of the standard library here; reading it takes seconds."""
    return constructs.library_texts()


def test_the_standard_library_here_has_the_measured_counts(texts_here):
    """Every listed function that this Python still has, letter for letter, is counted as listed."""
    listed, library = constructs.listed(), constructs.python_functions()
    same = {
        name: texts_here[name]
        for name, check in listed.items()
        if name in texts_here and constructs.check_sum(texts_here[name]) == check
    }
    assert len(same) >= 0.9 * len(listed)  # platforms leave some modules out
    measured = constructs.read(same)
    row = {name: number for number, name in enumerate(library.names)}
    rows = [row[name] for name in measured.names]
    np.testing.assert_array_equal(measured.counts, library.counts[rows])
    np.testing.assert_array_equal(measured.has, library.has[rows])


@pytest.mark.skipif(
    platform.python_version() not in ("3.11.7", "3.12.1", "3.13.0") or sys.platform != "linux",
    reason="other versions have lost a few of these functions",
)
def test_the_named_versions_give_the_same_arrays(texts_here):
    made = constructs.arrays({name: texts_here[name] for name in constructs.listed()})
    with np.load(str(FILE)) as kept:
        assert set(made) == set(kept)
        for name, array in made.items():
            np.testing.assert_array_equal(array, kept[name])
            assert array.dtype == kept[name].dtype


@pytest.fixture
def libraries(tmp_path):
    """Two small libraries, which have one function and one method in common."""
    method = "class C:\n    def g(self):\n        x = y = 1\n        # two\n        return x\n"
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder, number in zip(folders, (1, 2), strict=True):
        folder.mkdir()
        own = f"\ndef h(x):\n    x = {number}\n\n    return x\n"
        (folder / "a.py").write_text(f"{LOOP}\n{method}{own}", encoding="utf-8")
        (folder / f"only_{number}.py").write_text(LOOP, encoding="utf-8")
    return folders


def test_the_command_compares_and_writes(libraries, tmp_path, monkeypatch, capsys):
    copy = tmp_path / "copy.npz"
    shutil.copy(str(FILE), copy)
    monkeypatch.setattr(constructs, "FILE", copy)
    folders = [str(folder) for folder in libraries]
    assert main(folders) == 1
    assert "2 functions, unlike those kept" in capsys.readouterr().out
    assert main([*folders, "--write"]) == 0
    assert main(folders) == 0
    assert "2 functions, the same as kept" in capsys.readouterr().out
    library = constructs.python_functions.__wrapped__()
    assert library.names == ("a.py:f", "a.py:C.g")
    assert library.uses("loop else").tolist() == [True, False]
    assert library.uses("double assignment").tolist() == [False, True]
    method = "def g(self):\n    x = y = 1\n    # two\n    return x\n"
    np.testing.assert_array_equal(library.counts, constructs.count_tokens([LOOP, method]))
    assert list(constructs.listed().values()) == [*map(constructs.check_sum, (LOOP, method))]
    assert main(folders[:1]) == 1  # one library has more
    for folder in libraries:  # another text, with the same tokens
        path = folder / "a.py"
        path.write_text(path.read_text(encoding="utf-8").replace("i < 2", "i < 3"), "utf-8")
    assert main(folders) == 1


def test_what_one_library_has_otherwise_is_not_common(libraries, tmp_path):
    third = tmp_path / "three"
    third.mkdir()
    (third / "a.py").write_text(LOOP, encoding="utf-8")
    assert list(constructs.common_texts([*libraries, third])) == ["a.py:f"]


def test_functions_of_4_to_60_lines_are_read_and_none_of_other_folders(tmp_path):
    def function(n, start="def"):
        return f"{start} f{n}():\n" + (n - 1) * "    pass\n"

    inner = "def g():\n" + "".join(f"    {line}\n" for line in function(4).splitlines())
    text = "".join(map(function, (3, 4, 60, 61))) + function(5, "async def") + inner
    for folder in (".", "site-packages", "idlelib"):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / "a.py").write_text(text, encoding="utf-8")
    names = [f"a.py:{name}" for name in ("f4", "f60", "f5", "g")]
    assert list(constructs.library_texts(tmp_path)) == names


def test_code_of_a_newer_python_is_named(tmp_path, capsys):
    (tmp_path / "new.py").write_text("def f(:\n    pass\n", encoding="utf-8")
    assert main([str(tmp_path)]) == 1
    assert f"{Path('new.py')} needs a newer Python" in capsys.readouterr().err


def test_what_the_table_holds():
    library = constructs.python_functions()
    assert len(library) == len(set(library.names)) == len(library.counts) == 6948
    assert not library.counts.flags.writeable
    assert not library.has.flags.writeable
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
