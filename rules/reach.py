"""How a trained model gets to the places where it must run, as one project sees it.

A way counts only through runtimes that the project can use: a path to microcontrollers over a runtime that does not
know the project's chip is no path for it. So a release is specialised for a project before it is asked.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from rules.compiled import EVIDENCE_PER_REASON, TOP_GRADE, Alternative, Array, Criterion, Edge, Release, Role
from rules.conditions import Values
from rules.conditions.residual import PATH
from rules.scoring import opinions_of

RELEASES_PREPARED = 8
VIEWS_KEPT = 256

Way = tuple[int | None, tuple[str, ...]]
Changed = dict[str, dict[str, Way]]  # by framework and target


def targets(values: Values) -> tuple[str, ...]:
    """The deployment targets named in the answers, without `none`."""
    named = values.get("deploy_targets")
    return tuple(t for t in named if t != "none") if isinstance(named, tuple) else ()


def best_way(ways: Sequence[Way]) -> Way:
    """The best of several ways (support level 0..3, evidence).

    No way at all is level 0; when every way has a step of unknown level, so is the whole (None). Equally good ways pool
    their evidence.
    """
    known = [way for way in ways if way[0] is not None]
    if not known:
        return (None, ()) if ways else (0, ())
    best = max(level for level, _ in known if level is not None)
    return best, tuple(sorted({item for level, cited in known if level == best for item in cited}))


def run_level(alternative: Alternative, target: str) -> int | None:
    """How well an alternative itself runs models on a target, None when that is not known."""
    level = alternative.facts.get(f"alt.run.{target}")
    return level if isinstance(level, int) else None


def serves_itself(alternative: Alternative, values: Values) -> bool:
    """Whether a training framework can be its own runtime: the application speaks a language that it offers."""
    wanted = values.get("serving_language")
    offered = predicts_in(alternative)
    if not isinstance(wanted, tuple) or not isinstance(offered, tuple):
        return True
    return any(language in offered for language in wanted)


def predicts_in(alternative: Alternative) -> object:
    """The languages in which a training framework predicts: those on file, or else those in which it trains."""
    return alternative.facts.get("alt.serving_languages", alternative.facts.get("alt.training_languages"))


@dataclass(frozen=True, slots=True)
class _Way:
    """One way from a training framework: over a runtime (its place among the runtimes), or by itself (None).

    `level` and `evidence` by target; a target that is missing cannot be reached so, a level of None is not known.
    """

    over: int | None
    level: Mapping[str, int | None]
    evidence: Mapping[str, tuple[str, ...]]


class Ways:
    """Every way of a release from its training frameworks to the targets, ready to be asked for many projects.

    Attributes:
        targets: the T deployment targets.
        general: (F, T) the levels over all runtimes, NaN where not known, as published.
    """

    def __init__(self, release: Release) -> None:
        self._members = release.roles["training"].members
        self._runtimes = release.roles["runtime"].members
        asked = release.names.get("deploy_targets")
        self.targets = tuple(o for o in asked.options if o != "none") if asked else ()
        edges: dict[str, list[Edge]] = {}
        for edge in release.edges:
            if edge.target in self._runtimes:
                edges.setdefault(edge.source, []).append(edge)
        self._ways = [self._of(release, member, edges.get(member, ())) for member in self._members]
        self._codes = [
            np.array([[_code(way, target) for way in ways] for target in self.targets]).reshape(-1, len(ways))
            for ways in self._ways
        ]
        facts = [release.alternatives[member].facts for member in self._members]
        known = [[level_of(f.get(f"{PATH}{target}")) for target in self.targets] for f in facts]
        self.general = np.array(known, dtype=np.float64).reshape(len(self._members), len(self.targets))

    def _of(self, release: Release, member: str, edges: Sequence[Edge]) -> list[_Way]:
        own = release.alternatives[member]
        cited = {t: own.fact_evidence[f"alt.run.{t}"] for t in self.targets if f"alt.run.{t}" in own.fact_evidence}
        found = [_Way(None, {t: run_level(own, t) for t in cited}, cited)]
        for edge in edges:
            runtime = release.alternatives[edge.target]
            levels = {t: run_level(runtime, t) for t in self.targets}
            found.append(
                _Way(
                    self._runtimes.index(edge.target),
                    {t: None if level is None else min(edge.level, level) for t, level in levels.items()},
                    {t: (*edge.evidence, *runtime.fact_evidence.get(f"alt.run.{t}", ())) for t in self.targets},
                )
            )
        return found

    def levels(self, usable: NDArray[np.bool_], itself: NDArray[np.bool_]) -> Array:
        """(N, F, T) support levels 0..3, NaN where not known.

        Args:
            usable: (N, runtimes) the runtimes that no gate stops.
            itself: (N, F) whether a framework can be its own runtime.
        """
        found = np.empty((len(usable), len(self._members), len(self.targets)))
        for index, (ways, codes) in enumerate(zip(self._ways, self._codes, strict=True)):
            there = [itself[:, index] if way.over is None else usable[:, way.over] for way in ways]
            best = np.where(np.stack(there, axis=1)[:, None, :], codes, NO_WAY).max(axis=2)
            found[:, index] = np.where(best == NOT_KNOWN, np.nan, np.maximum(best, 0))
        return found

    def legs(self, member: int) -> list[tuple[int | None, Sequence[int]]]:
        """The ways from a training framework: over which runtime (None: by itself), and by target the support level:
        `NOT_KNOWN` where that is not on file, `NO_WAY` where the target cannot be reached so.
        """
        return [
            (way.over, codes.tolist()) for way, codes in zip(self._ways[member], self._codes[member].T, strict=True)
        ]

    def best(self, member: str, target: str, usable: Collection[str], itself: bool) -> Way:
        """The best way from a training framework to a target, over usable runtimes or by the framework itself."""
        ways = [
            (way.level[target], way.evidence[target])
            for way in self._ways[self._members.index(member)]
            if target in way.level and (itself if way.over is None else self._runtimes[way.over] in usable)
        ]
        return best_way(ways)


NO_WAY, NOT_KNOWN = -2, -1  # below every level: what is known to be at all counts before what is not known


def _code(way: _Way, target: str) -> int:
    if target not in way.level:
        return NO_WAY
    level = way.level[target]
    return NOT_KNOWN if level is None else level


def level_of(fact: object) -> float:
    """A support level as a number, NaN where it is not known."""
    return float(fact) if isinstance(fact, int) else np.nan


@lru_cache(maxsize=RELEASES_PREPARED)
def ways(release: Release) -> Ways:
    """The ways of a release, prepared once."""
    return Ways(release)


def itself(release: Release, values: Values) -> tuple[bool, ...]:
    """For each training framework, whether it can be its own runtime."""
    return tuple(serves_itself(release.alternatives[m], values) for m in release.roles["training"].members)


def target_of(criterion: Criterion) -> str | None:
    """The target whose way a criterion is derived from, None for others."""
    source = criterion.derived[0] if criterion.derived else ""
    return source.removeprefix("path.") if source.startswith("path.") else None


@lru_cache(maxsize=VIEWS_KEPT)
def view(release: Release, wanted: tuple[str, ...], usable: frozenset[str], own: tuple[bool, ...]) -> Release:
    """The release as a project sees it: the ways to these targets over these runtimes; `own` as `itself` says it."""
    prepared, changed = ways(release), Changed()
    for member, serving in zip(release.roles["training"].members, own, strict=True):
        facts = release.alternatives[member].facts
        for target in wanted:
            way = prepared.best(member, target, usable, serving)
            if way[0] != facts.get(f"{PATH}{target}"):
                changed.setdefault(member, {})[target] = way
    return specialise(release, changed)


def specialise(release: Release, changed: "Changed") -> Release:
    """The release with some ways changed: `alt.path.*`, the grades derived from it, and the evidence of both."""
    if not changed:
        return release
    renewed = {name: _with_ways(release.alternatives[name], ways) for name, ways in changed.items()}
    alternatives = {**release.alternatives, **renewed}
    roles = {**release.roles, "training": _with_grades(release.roles["training"], changed)}
    return replace(release, alternatives=MappingProxyType(alternatives), roles=MappingProxyType(roles))


def _with_ways(alternative: Alternative, ways: Mapping[str, Way]) -> Alternative:
    facts = dict(alternative.facts)
    for target, (level, _) in ways.items():
        facts.pop(f"{PATH}{target}", None)
        if level is not None:
            facts[f"{PATH}{target}"] = level
    evidence = {f"{PATH}{target}": cited for target, (_, cited) in ways.items()}
    cited = MappingProxyType({**alternative.fact_evidence, **evidence})
    return replace(alternative, facts=MappingProxyType(facts), fact_evidence=cited)


def _with_grades(role: Role, changed: "Changed") -> Role:
    grade, evidence, opinion = role.grade.copy(), dict(role.evidence), role.opinion.copy()
    touched: set[int] = set()
    for column, criterion in enumerate(role.criteria):
        target = target_of(criterion)
        if target is None or criterion.derived is None:
            continue
        weighing = [(r, rule) for r, rule in enumerate(role.rules) if criterion.id in rule.weights]
        touched.update(r for r, _ in weighing)
        for member, ways in changed.items():
            level, cited = ways.get(target, (None, ()))
            if level is None:  # what is not known any more is graded as before
                continue
            grade[role.members.index(member), column] = criterion.derived[1][level] / TOP_GRADE
            for _, rule in weighing:
                evidence[rule.id, member] = (*rule.evidence, *cited[:EVIDENCE_PER_REASON])
    if touched:
        rows = sorted(touched)
        opinion[rows] = opinions_of(role.weight[rows], grade, role.total[rows])
    return replace(role, grade=grade, opinion=opinion, evidence=evidence)
