"""Every well-typed comparison over a vocabulary with names of every kind, whole conditions made of them, and values.

What is well-typed is asked of `conditions.check`; nothing here knows what a comparison means.
"""

import string
from collections.abc import Mapping
from functools import cache
from itertools import product
from random import Random
from typing import Any

from hypothesis import strategies as st

from rules import conditions
from rules.conditions import Kind, Node

MANY = tuple(f"t{i}" for i in range(70))  # more than a word has bits
LETTERS = tuple(string.ascii_lowercase[:6])
PYTHONS = ("3.9", "3.10", "3.11")
PATHS = ("alt.path.one", "alt.path.two")
VOCABULARY: Mapping[str, Kind] = {
    "stage": Kind("one", LETTERS[:4]),
    "phase": Kind("one", ("b", "t1", "t69", "f")),
    "skill": Kind("one", LETTERS[:3], ordered=True),
    "alt.skill": Kind("one", LETTERS[:3], ordered=True),
    "alt.id": Kind("one", ("t0", "t65", "a")),
    "targets": Kind("many", MANY),
    "letters": Kind("many", LETTERS),
    "hardware.found": Kind("many"),
    "ranked": Kind("ranked", ("a", "c", "t3")),
    "alt.set": Kind("set", ("t69", "t3", "e", "a")),
    "alt.more": Kind("set", MANY[::-1]),
    "rows": Kind("number"),
    "size": Kind("number"),
    "alt.rows": Kind("number"),
    "alt.level": Kind("level"),
    "alt.path.one": Kind("level"),
    "alt.path.two": Kind("level"),
    "offline": Kind("yes/no"),
    "online": Kind("yes/no"),
    "alt.ok": Kind("flag"),
    "python": Kind("version", PYTHONS, ordered=True),
    "hardware.driver": Kind("version"),
    "alt.python": Kind("version"),
}
SETS = [name for name, kind in VOCABULARY.items() if kind.sort in ("many", "ranked", "set")]
LITERALS = (
    *("0", "1", "2.5"),
    *('"a"', '"c"', '"t69"', '"3.10"', '"535.104"'),
    *('["a", "c"]', '["t3", "t69"]', '["b"]', '["strange"]', "[]"),
    *("true", "false"),
)
OPERATORS = ("==", "!=", "<", "<=", ">", ">=", "in", "overlaps", "within")


def sound(text: str) -> Node | None:
    """The tree of a text, None where it is not well-typed."""
    node = conditions.parse(text)
    return None if conditions.check(text, node, VOCABULARY) else node


@cache
def comparisons() -> dict[str, Node]:
    """Every sound statement of one comparison or of none."""
    calls = [f"answered({name})" for name in VOCABULARY] + [f"count({name})" for name in SETS]
    operands = [*VOCABULARY, *calls, *LITERALS]
    texts = [*operands, *(f"{a} {operator} {b}" for a, operator, b in product(operands, OPERATORS, operands))]
    found = ((text, sound(text)) for text in texts)
    return {text: node for text, node in found if node is not None}


def texts() -> st.SearchStrategy[str]:
    """Deep conditions."""
    atoms = st.sampled_from(sorted(comparisons()))

    def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        joined = st.tuples(st.sampled_from([" and ", " or "]), st.lists(inner, min_size=2, max_size=4))
        return st.one_of(inner.map(lambda t: f"not ({t})"), joined.map(lambda j: "(" + j[0].join(j[1]) + ")"))

    return st.recursive(atoms, larger, max_leaves=10)


def value(name: str, chance: Random) -> Any:
    """A random value of a name, None (unknown) every fourth time."""
    kind = VOCABULARY[name]
    if chance.random() < 0.25:
        return None
    match kind.sort:
        case "one":
            return chance.choice(kind.options)
        case "number":
            return chance.choice([0, 1, 2.0, 2.5, 3, -1.0])
        case "level":
            return chance.choice([0, 1, 2, 3])
        case "yes/no" | "flag":
            return chance.random() < 0.5
        case "version":
            return chance.choice(kind.options or ("3.10", "3.9", "3.10.0", "535", "535.104.05", "520.61"))
        case _:
            options = kind.options or ("a", "t69", "strange", "other")
            return tuple(chance.sample(options, chance.choice([0, 1, 1, 2, 3])))


def record(chance: Random) -> dict[str, Any]:
    """A value for some names; what is unknown is missing."""
    found = {name: value(name, chance) for name in VOCABULARY}
    return {name: held for name, held in found.items() if held is not None}
