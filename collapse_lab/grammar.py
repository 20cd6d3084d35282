"""A small grammar that writes Python functions, with a wanted construct or with its near miss."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from collapse_lab.constructs import CONSTRUCTS
from collapse_lab.protocols import RNG
from collapse_lab.rules import one_of, whole_number

_NAMES = ("data", "name", "value", "key", "item", "path", "line", "node", "size", "result", "text")
_CALLS = ("len", "str", "list", "open", "repr", "self.get", "self.find", "parse", "check", "join")

# What stands where: a block for each construct, and one that does the same without it.
_BLOCKS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "loop else": (
            "for {a} in {E}:\n    if {C}:\n        {S}\n        break\nelse:\n    {T}",
            "for {a} in {E}:\n    if {C}:\n        {S}\n        break\n    else:\n        {T}",
        ),
        "chained comparison": (
            "if {V} <= {a} < {V}:\n    {S}",
            "if {V} <= {a} and {a} < {V}:\n    {S}",
        ),
        "filtered comprehension": (
            "{a} = [{f}({b}) for {b} in {E} if {C}]",
            "{a} = []\nfor {b} in {E}:\n    if {C}:\n        {a}.append({f}({b}))",
        ),
        "generator expression": (
            "{a} = {f}({f}({b}) for {b} in {E})",
            "{a} = {f}([{f}({b}) for {b} in {E}])",
        ),
        "double assignment": ("{a} = {b} = {E}", "{a} = {E}\n{b} = {a}"),
        "try else": (
            "try:\n    {S}\nexcept {X}:\n    {T}\nelse:\n    {S}",
            "try:\n    {S}\nexcept {X}:\n    if {C}:\n        {T}\n    else:\n        {S}",
        ),
        "list comprehension": (
            "{a} = [{f}({b}) for {b} in {E}]",
            "{a} = []\nfor {b} in {E}:\n    {a}.append({f}({b}))",
        ),
        "conditional expression": (
            "{a} = {E} if {C} else {V}",
            "if {C}:\n    {a} = {E}\nelse:\n    {a} = {V}",
        ),
    }
)
_PLAIN = (
    "{S}",
    "{S}",
    "{S}",
    "if {C}:\n    {T}",
    "if {C}:\n    {S}\nelse:\n    {S}",
    "for {a} in {E}:\n    {S}",
    "while {C}:\n    {S}",
    "with open({V}) as {a}:\n    {S}",
    "try:\n    {S}\nexcept {X}:\n    {T}",
)
_RULES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "E": ("{V}", "{f}({V})", "{f}({V}, {V})", "self.{a}", "{a}[{V}]", "[{V}, {V}]", "{a}.{b}"),
        "V": ("{a}", "{a}", "{a}", "0", "1", "-1", "None", "''", "'{a}'"),
        "C": ("{a}", "not {a}", "{a} == {V}", "{a} is None", "{a} in {E}", "{a} < {V}", "{f}({a})"),
        "S": ("{a} = {E}", "self.{a} = {V}", "{f}({V})", "{a}.append({V})", "{a} += 1", "{f}({E})"),
        "T": ("return {V}", "raise ValueError({V})", "{a} = {V}", "{f}({V})"),
        "X": ("ValueError", "KeyError", "OSError", "(TypeError, KeyError)"),
        "a": _NAMES,
        "b": _NAMES,
        "f": _CALLS,
    }
)


def write(
    n: int, *, construct: str | None = None, near_miss: bool = False, rng: RNG = None
) -> list[str]:
    """Write functions at random: three to ten statements, then a return.

    Parameters
    ----------
    n : int
    construct : str, optional
        One of `constructs.CONSTRUCTS`, which each function then has exactly once, in a statement
        more. Without it, none of them occurs.
    near_miss : bool
        Write the near miss of `construct` in its place: a block that does much the same, with much
        the same tokens, without it.
    rng : Generator or seed

    Returns
    -------
    list of str, length `n`
        Texts that parse; what they do makes no sense.
    """
    n = whole_number("n", n, at_least=0)
    if construct is not None:
        one_of("construct", construct, tuple(CONSTRUCTS))
    rng = np.random.default_rng(rng)
    special = None if construct is None else _BLOCKS[construct][int(near_miss)]
    return [_function(special, rng) for _ in range(n)]


def _function(special: str | None, rng: np.random.Generator) -> str:
    blocks = [_pick(_PLAIN, rng) for _ in range(int(rng.integers(3, 11)))]
    if special is not None:
        blocks.insert(int(rng.integers(len(blocks) + 1)), special)
    body = "\n".join([*blocks, "return {V}"]).split("\n")
    head = "def {f}({a}, {b}):" if rng.random() < 0.5 else "def {f}(self, {a}):"
    text = _expand(head.replace("{f}", "{a}"), rng) + "\n"
    return text + "".join(f"    {_expand(line, rng)}\n" for line in body)


def _expand(text: str, rng: np.random.Generator) -> str:
    """Replace each symbol in braces by one of its rules, until none is left."""
    while "{" in text:
        before, _, rest = text.partition("{")
        symbol, _, after = rest.partition("}")
        text = before + _pick(_RULES[symbol], rng) + after
    return text


def _pick(options: tuple[str, ...], rng: np.random.Generator) -> str:
    return options[int(rng.integers(len(options)))]
