"""On which targets projects need no runtime: what `rules.without` finds for one project, said of columns.

The same statements in the same order. Truths are arrays of one kind, one bit or one byte a row, that `&`, `|` and `~`
join; which kind is the engine's business.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import or_
from typing import Any

import numpy as np
from numpy.typing import NDArray

from portfolio.scored import RoleScored
from rules import reach, stacks, trained_there
from rules.compiled import Alternative, Gate, Release
from rules.conditions import Node
from rules.conditions.columns import Bools, SetColumn, Sheet, TextColumn
from rules.conditions.residual import FAILS, HOLDS, NEVER_KNOWN, PATH, residual
from rules.without import ABOUT_MODELS, NEW, OPERATED, PLACES, brought_by_runtimes

RELEASES_KEPT = 8
Truths = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Look:
    """How an engine says what a condition comes to in every row: (where it is true, where it is false)."""

    truth: Callable[[Node], tuple[Truths, Truths]]
    packed: Callable[[Bools], Truths]
    unpacked: Callable[[Truths], Bools]


_Option = tuple[tuple[str, ...], str]  # a fact is of an option that these questions may name; of none: it counts always
_Left = tuple[Node | None, Node, tuple[_Option, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Spared:
    """(N, F) the training frameworks, and those among them as servers, that lead; (N, T) where each may run alone."""

    leads: Bools
    trained: Bools
    serves: Bools
    served: Bools

    def by(self, start: NDArray[np.integer[Any]]) -> Bools:
        """(N, T) whether the framework that a row's ways start from (-1: none) runs the model itself there."""
        row, at = np.arange(len(start)), np.maximum(start, 0)
        named = (start >= 0)[:, None]
        found: Bools = (self.leads[row, at][:, None] & self.trained) | (self.serves[row, at][:, None] & self.served)
        return found & named

    def take(self, rows: NDArray[np.intp]) -> "Spared":
        """Some rows."""
        return Spared(self.leads[rows], self.trained[rows], self.serves[rows], self.served[rows])


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a release asks of training frameworks in the place of runtimes.

    `gates`: by framework (when, what is left of the requirement, what it asks about that is not on file);
    `rules`: (when, the priority that it is about, whether it looks only at places) of the rules that weigh what only
    runtimes are graded on.
    """

    gates: tuple[tuple["_Left", ...], ...]
    rules: tuple[tuple[Node, str | None, bool], ...]


@lru_cache(maxsize=RELEASES_KEPT)
def _asked(release: Release) -> _Asked:
    asking = [
        gate
        for gate in release.roles["runtime"].gates
        if gate.excludes and not any(fact.startswith(ABOUT_MODELS) for fact in gate.requires.facts)
    ]
    frameworks = [trained_there.running(release, name) for name in release.roles["training"].members]
    runtimes = release.roles["runtime"]
    brought = brought_by_runtimes(runtimes, release.roles["training"])
    return _Asked(
        tuple(tuple(_left(release, asking, framework)) for framework in frameworks),
        tuple(
            (rule.when.node, rule.rank_of, not rule.when.questions - PLACES)
            for rule in runtimes.rules
            if rule.when is not None and rule.strength > 0 and brought & rule.weights.keys()
        ),
    )


def _left(release: Release, asking: list[Gate], framework: Alternative) -> Iterator[_Left]:
    for gate in asking:
        node = residual(gate.requires.node, framework.id, framework.facts, release.names)
        if node is not HOLDS:
            facts = (f for f in gate.requires.facts if framework.facts.get(f) is None and not f.startswith(PATH))
            lacks = tuple(_option(release, gate, fact) for fact in facts)
            yield gate.when.node if gate.when else None, node, lacks


def _option(release: Release, gate: Gate, fact: str) -> _Option:
    option = fact.rpartition(".")[2]
    return tuple(q for q in gate.requires.questions if option in release.names[q].options), option


def find(release: Release, sheet: Sheet, look: Look, found: Mapping[str, RoleScored], able: Bools) -> Spared:
    """Where which frameworks need no runtime.

    Args:
        release: the knowledge.
        sheet: the projects.
        look: the engine's eyes.
        found: every role.
        able: (N, F) whether a training framework can be its own runtime.
    """
    frameworks, servers = release.roles["training"].members, release.roles["serving"].members
    leads, serving = _leaders(found["training"]), _leaders(found["serving"])
    targets, wanted = _wanted(release, sheet)
    none = look.packed(np.zeros(sheet.rows, dtype=np.bool_))
    ours, theirs = _planes(look, leads), _planes(look, serving)
    able_too, missing = _may_run(release, sheet, look, ours, _planes(look, _leaders(found["runtime"])), able)
    alone = ~_any_of(zip(theirs, _planes(look, ~serves_by_itself(release, sheet, servers)), strict=True), none)
    trained, served = [], []
    for target, asked in zip(targets, _planes(look, wanted), strict=True):
        of_server = asked & alone & _running(release, servers, theirs, target, none)
        served.append(of_server if target in stacks.SERVERS else none)
        trained.append(asked & able_too & _running(release, frameworks, ours, target, none) & ~served[-1])
    any_trained = reduce(or_, trained, none)
    quiet = look.packed(found["runtime"].called) & ~(any_trained & (missing | _speaks(release, sheet, look, none)))
    of_servers = np.zeros_like(leads)
    for place, name in enumerate(frameworks):
        if name in servers:
            of_servers[:, place] = serving[:, servers.index(name)]
    return Spared(
        leads,
        _side_by_side([look.unpacked(each & quiet) for each in trained], sheet.rows),
        of_servers,
        _side_by_side([look.unpacked(each & quiet) for each in served], sheet.rows),
    )


def _planes(look: Look, held: Bools) -> list[Truths]:
    """The columns of an array one by one."""
    return [look.packed(each) for each in np.ascontiguousarray(held.T)]


def _any_of(pairs: Iterable[tuple[Truths, Truths]], none: Truths) -> Truths:
    return reduce(or_, (one & other for one, other in pairs), none)


def _side_by_side(columns: list[Bools], rows: int) -> Bools:
    return np.stack(columns, axis=1) if columns else np.zeros((rows, 0), dtype=np.bool_)


def _leaders(found: RoleScored) -> Bools:
    """(N, F) those that cannot be told apart from the first."""
    first = found.order[:, 0]
    rows = np.flatnonzero(found.called & (first >= 0)) if found.tied.shape[1] else np.zeros(0, dtype=np.intp)
    leads = np.zeros_like(found.tied)
    leads[rows] = found.tied[rows]
    leads[rows, first[rows]] = True
    return leads


def _wanted(release: Release, sheet: Sheet) -> tuple[tuple[str, ...], Bools]:
    targets, column = reach.ways(release).targets, sheet.columns.get("deploy_targets")
    if not isinstance(column, SetColumn):
        return targets, np.zeros((sheet.rows, len(targets)), dtype=np.bool_)
    return targets, _side_by_side([column.holds(target) for target in targets], sheet.rows)


def _running(release: Release, members: tuple[str, ...], leads: list[Truths], target: str, none: Truths) -> Truths:
    """(N,) whether all that lead run models on a target with official support, and any leads."""
    levels = [reach.run_level(release.alternatives[name], target) for name in members]
    others = [lead for lead, level in zip(leads, levels, strict=True) if level is None or level < stacks.OFFICIAL]
    found: Truths = reduce(or_, leads, none) & ~reduce(or_, others, none)
    return found


def serves_by_itself(release: Release, sheet: Sheet, servers: tuple[str, ...]) -> Bools:
    """(N, F) see `rules.stacks.serves_by_itself`."""
    approach = sheet.columns.get("approach")
    mixed = np.zeros(sheet.rows, dtype=np.bool_)
    if isinstance(approach, SetColumn):
        others = [approach.holds(option) for option in approach.options if option not in ("llm", "undecided")]
        mixed = approach.holds("llm") & reduce(or_, others, mixed)
    one, several = ({"approach": each} for each in (("llm",), ("llm", "classical_ml")))
    alone, both = (
        np.array([stacks.serves_by_itself(release.alternatives[s], values) for s in servers], dtype=np.bool_)
        for values in (one, several)
    )
    return np.where(mixed[:, None], both, alone)


def _may_run(
    release: Release, sheet: Sheet, look: Look, leads: list[Truths], runtimes: list[Truths], able: Bools
) -> tuple[Truths, Truths]:
    """((N,) whether all that lead may run what they trained; whether a fact about one of them is missing).

    `leads` and `runtimes` say of each training framework and each runtime where it leads.
    """
    names = release.roles["runtime"].members
    none = look.packed(np.zeros(len(able), dtype=np.bool_))
    barred = missing = none
    frameworks = zip(release.roles["training"].members, leads, _planes(look, able), _asked(release).gates, strict=True)
    for name, here, by_itself, gates in frameworks:
        if not here.any():
            continue
        barred = barred | (here & ~by_itself)
        if name in names:
            barred = barred | (here & runtimes[names.index(name)])
        for when, left, lacks in gates:
            asked = here if when is None else here & look.truth(when)[0]
            if not asked.any():
                continue
            true, false = (none, asked) if left is FAILS else (none, none) if left is NEVER_KNOWN else look.truth(left)
            barred = barred | (asked & false)
            if lacks:
                missing = missing | (asked & ~(true | false) & look.packed(_concerned(sheet, lacks)))
    return ~barred, missing


def _concerned(sheet: Sheet, lacks: tuple[_Option, ...]) -> Bools:
    """(N,) whether what is not on file is of something that the answers name."""
    found = np.zeros(sheet.rows, dtype=np.bool_)
    for questions, option in lacks:
        if not questions:
            return np.ones(sheet.rows, dtype=np.bool_)
        for column in map(sheet.columns.get, questions):
            found |= column.holds(option) if isinstance(column, SetColumn) else False
    return found


def _speaks(release: Release, sheet: Sheet, look: Look, none: Truths) -> Truths:
    """(N,) whether a rule asks for what only runtimes are graded on."""
    ranked = sheet.columns.get("priorities")
    found = none
    operated = look.packed(_operated(sheet))
    for when, priority, of_places in _asked(release).rules:
        holds = look.truth(when)[0] & (operated if of_places else ~none)
        if priority is not None:
            given = isinstance(ranked, SetColumn) and ranked.place is not None and priority in ranked.options
            holds = holds & look.packed(ranked.holds(priority)) if given else none  # type: ignore[union-attr]
        found = found | holds
    return found


def _operated(sheet: Sheet) -> Bools:
    """(N,) see `rules.without._operated`."""
    stage, novelty = sheet.columns.get("stage"), sheet.columns.get("novelty")
    researched = novelty.holds(NEW) if isinstance(novelty, SetColumn) else np.zeros(sheet.rows, dtype=np.bool_)
    if not isinstance(stage, TextColumn):
        return ~researched
    produced = np.array([*(each == OPERATED for each in stage.texts), False], dtype=np.bool_)
    found: Bools = produced[stage.code] | ((stage.code < 0) & ~researched)  # code -1 is unknown
    return found
