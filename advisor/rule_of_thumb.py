"""The rule of thumb: a small tree of questions fitted to the engine's own answers, and where a project departs from it.

The trees of the shipped release come with the program and are used only while they belong to it; those of any other
release are fitted when first asked for, which takes some seconds, and kept in memory. A tree never decides anything.
"""

import json
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Unpack

import learning
from advisor import departing, recommend
from advisor.house import House
from advisor.inputs import Asked, Inputs, gather
from learning.tree import Tree, outline, read
from rules import engine
from rules.accounts.naming import TITLES, names_of
from rules.decision import ENGINE
from rules.release import Release

ROLES = ("training", "runtime")
SHIPPED = Path(learning.__file__).parent / "shipped.json"
KEPT = 8

_kept: OrderedDict[tuple[str, str], Tree | None] = OrderedDict()
_fitting = Lock()


# --- Trees -----------------------------------------------------------------------------------------------------------


def tree(release: Release, role: str, *, fits: bool = True) -> Tree | None:
    """The rule of thumb of a release for a role; None where the engine has too few answers to learn one from.

    Args:
        release: without layers: house policies are not part of it.
        role: the role.
        fits: whether to wait for one to be fitted; else only what is at hand.
    """
    shipped = _shipped().get(role)
    if shipped is not None and shipped.belongs_to(release):
        return shipped
    key = (release.sha256, role)
    if not fits:
        return _kept.get(key)
    with _fitting:  # one at a time: the others wait for what is being fitted
        if key not in _kept:
            _kept[key] = fitted(release, role)
            while len(_kept) > KEPT:
                _kept.popitem(last=False)
        return _kept[key]


def fitted(release: Release, role: str) -> Tree | None:
    """The same, fitted now."""
    from learning import fitting  # scikit-learn takes seconds to import, and the shipped trees need none of it

    try:
        return fitting.fit(release, role, fitting.DRAWN)
    except ValueError:
        return None


@cache
def _shipped() -> Mapping[str, Tree]:
    document = json.loads(SHIPPED.read_text("utf-8")) if SHIPPED.is_file() else {"roles": {}}
    return {role: read(each) for role, each in document["roles"].items()}


def as_shipped(trees: Mapping[str, Tree]) -> str:
    """Trees as the file that comes with the program."""
    found = {"roles": {role: each.document() for role, each in trees.items()}}
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def document(house: House, release: str | None = None) -> dict[str, Any]:
    """The rules of thumb of a release (None: the active one), role by role, each with its fidelity and as text.

    Raises:
        Missing: no such release, or none is active.
    """
    known = house.knowledge(release)
    found = {role: tree(known.release, role) for role in ROLES}
    names = names_in(known.release)
    told = {
        role: {
            "title": TITLES[role],
            "names": _named(each, names),
            "text": outline(each.root, names),
            **each.document(),
        }
        for role, each in found.items()
        if each is not None
    }
    return {"release": {"id": known.release.id, "sha256": known.release.sha256}, "engine": ENGINE, "roles": told}


def names_in(release: Release) -> dict[str, str]:
    """The name of every alternative."""
    return {each.id: each.name for each in release.alternatives.values()}


def _named(of: Tree, names: Mapping[str, str]) -> dict[str, str]:
    """The names of the alternatives that a tree speaks of."""
    text = json.dumps(of.document())
    return {name: called for name, called in names.items() if f'"{name}"' in text}


# --- A project -------------------------------------------------------------------------------------------------------


def for_answers(house: House, answers: object, **asked: Unpack[Asked]) -> dict[str, Any]:
    """What the rule of thumb says of a project, what the engine says, and why they differ where they do.

    Args:
        house: the parts to work with.
        answers: decoded JSON, keyed by question ids.
        asked: how the engine is asked; see `advisor.inputs.Asked`.

    Raises:
        InvalidInput: any part has faults.
        Missing: nothing has been published yet.
    """
    return _told(house, gather(house, answers, asked))


def for_decision(house: House, decision: str) -> dict[str, Any]:
    """The same of a recorded decision, from the release that it was made from; told once, and then remembered.

    Raises:
        Missing: no such decision, or its release is not stored.
    """
    recorded = recommend.on_record(house, decision)
    below = house.knowledge(recorded.release_id).release
    told = house.walked.get((decision, *_trees(house, below)))
    if told is None:
        told = _told(house, recommend.remade(house, recorded))
        house.walked.keep((decision, *_trees(house, below)), told)
    return told


def _trees(house: House, below: Release) -> tuple[Hashable, ...]:
    """What tells which trees there are for a release: those at hand, and whether others would be fitted."""
    return (below.sha256, _fits(house, below), *(tree(below, role, fits=False) is not None for role in ROLES))


def _fits(house: House, below: Release) -> bool:
    """A tree is fitted for the active release alone: there are as many others as anybody asks for (`as_of`)."""
    return below.sha256 == house.knowledge().release.sha256


def _told(house: House, inputs: Inputs) -> dict[str, Any]:
    release = inputs.known.release
    below = house.knowledge(release.id).release
    fits = _fits(house, below)
    decided = engine.decide(release, inputs.answers, inputs.profile, inputs.roles, what_if=False, draws=inputs.draws)
    found = {role: tree(below, role, fits=fits) for role in decided.roles if role in ROLES}
    names = names_of(release, inputs.known.document)
    roles = {role: departing.told(each, decided, inputs, names) for role, each in found.items() if each is not None}
    return {"release": {"id": release.id, "sha256": release.sha256}, "roles": roles}
