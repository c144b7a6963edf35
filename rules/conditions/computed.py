"""Names whose values follow from those of other names: the facts of memory (`feasible.*`).

A condition asks for them like for any other name; nobody answers them. What a condition looks at is then what they
follow from.
"""

from collections.abc import Iterable, Iterator, Mapping

from rules.feasibility import facts


def is_computed(name: str) -> bool:
    """Whether the value of a name follows from others."""
    return name in facts.FACTS


def value(name: str, values: Mapping[str, object]) -> object:
    """The value of a name for one project, computed where it follows from others; None where unknown."""
    found = values.get(name)
    return facts.of(name, values) if found is None and is_computed(name) else found


def looked_at(names: Iterable[str]) -> Iterator[str]:
    """The names with what they follow from in the place of computed ones, each where it first stands."""
    return iter(dict.fromkeys(each for name in names for each in facts.FOLLOWS_FROM.get(name, (name,))))


def bounds(name: str) -> Iterator[tuple[str, float]]:
    """(name, number) worth trying for what a computed name follows from."""
    for other in facts.FOLLOWS_FROM.get(name, ()):
        yield from ((other, bound) for bound in facts.BOUNDS.get(other, ()))
