"""``import collapse_lab`` is light and has no side effect."""

import json
import subprocess
import sys

import pytest

import collapse_lab as cl

HEAVY = [
    "matplotlib",
    "ipywidgets",
    "IPython",
    "sklearn",
    "scipy",
    "wordfreq",
    "distributed",
    "tqdm",
]


def in_fresh_interpreter(code):
    """Run code in a new interpreter that makes warnings errors; return what it prints as JSON."""
    command = [sys.executable, "-W", "error", "-c", f"import json, sys\n{code}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


def test_import_loads_nothing_heavy():
    code = f"import collapse_lab\nprint(json.dumps([m for m in {HEAVY} if m in sys.modules]))"
    assert in_fresh_interpreter(code) == []


def test_a_chain_needs_nothing_heavy_either():
    code = f"""
import collapse_lab as cl
world = cl.Categorical([0.5, 0.5], draw="counts").expand(3)
cl.run(cl.Categorical.fit, world, n=9, n_generations=2, metrics=[cl.metrics.entropy], rng=1)
cl.run(cl.Gaussian.fit, cl.Gaussian(), n=9, n_generations=2, metrics=[cl.metrics.mean], rng=1)
print(json.dumps([m for m in {HEAVY} if m in sys.modules]))"""
    assert in_fresh_interpreter(code) == []


def test_import_has_no_side_effect():
    code = """
import random, warnings, numpy as np
def state():
    return repr((random.getstate(), np.random.get_state(legacy=False), np.geterr(),
                 np.get_printoptions(), warnings.filters))
before = state()
import collapse_lab
print(json.dumps(before == state()))"""
    assert in_fresh_interpreter(code) is True


def test_theory_is_loaded_at_its_first_use():
    code = """
import collapse_lab as cl
early = "scipy" in sys.modules
value = cl.theory.c4(2)
print(json.dumps([early, value, "scipy" in sys.modules]))"""
    early, value, late = in_fresh_interpreter(code)
    assert (early, late) == (False, True)
    assert value == pytest.approx(0.7978845608)


def test_theory_loads_no_slow_room_of_scipy():
    slow = ["integrate", "optimize", "stats"]
    code = f"""
import collapse_lab.theory
print(json.dumps([room for room in {slow} if "scipy." + room in sys.modules]))"""
    assert in_fresh_interpreter(code) == []


def test_public_names_exist_and_others_do_not():
    assert sorted(cl.__all__) == cl.__all__
    for name in cl.__all__:
        assert getattr(cl, name) is not None
    with pytest.raises(AttributeError, match="module 'collapse_lab' has no attribute 'collapse'"):
        cl.collapse  # noqa: B018 - the look-up is the test
