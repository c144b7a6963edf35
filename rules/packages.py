"""Names of packages, and the alternatives that a project uses which depends on them.

A list of dependencies does not say which registry a name is of, so the names of all registries are looked up together.
How such lists are written is not known here (`portfolio.reading.packages`).
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

_SIGNS = re.compile(r"[-_.]+")
PYTHON = "pypi"

Named = Mapping[str, tuple[str, ...]]  # a name as it is compared -> ids of alternatives


def normal(name: str, registry: str | None = None) -> str:
    """A name as it is compared: the Python index takes `a_b`, `a.b` and `a-b` for one (PEP 503); others need not."""
    return _SIGNS.sub("-", name).casefold() if registry == PYTHON else name.casefold()


def named(alternatives: Iterable[Mapping[str, Any]]) -> Named:
    """The alternatives of a release document by the names of their packages, and by their own ids and names.

    A name that only a namesake bears stands for none of them, also where it is an id: who depends on the package
    `triton` depends on the language for kernels, not on the server. A package may be named with an extra
    (`ray[serve]`) where the name alone tells nothing. Where names that differ in capitals alone stand for different
    things (the pod `LibTorch` and conda's `libtorch`), each is also there as it is written. A release that was
    published before there were packages has ids and names alone.
    """
    listed = list(alternatives)
    found: dict[str, set[str]] = {}
    written: dict[str, dict[str, set[str]]] = {}
    for each in listed:
        for role, ids in (("packages", {each["id"]}), ("namesakes", set())):
            for package in each.get(role, ()):
                name = normal(package["name"], package["registry"])
                as_it_is = name if package["registry"] == PYTHON else package["name"]
                found.setdefault(name, set()).update(ids)
                written.setdefault(name, {}).setdefault(as_it_is, set()).update(ids)
    for own in ("id", "name"):
        for each in listed:
            found.setdefault(normal(each[own]), {each["id"]})
    for ways in written.values():
        if len({frozenset(ids) for ids in ways.values()}) > 1:
            found |= ways
    return {name: tuple(sorted(ids)) for name, ids in sorted(found.items())}


def find(name: str, known: Named) -> tuple[str, ...] | None:
    """The alternatives that a package of a name stands for; None where it is not on file, empty for a namesake."""
    found = known.get(name, known.get(normal(name)))
    return known.get(normal(name, PYTHON)) if found is None and "/" not in name else found
