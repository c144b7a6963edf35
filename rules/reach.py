"""How a trained model gets to the places where it must run, as one project sees it.

A way counts only through runtimes that the project can use: a path to microcontrollers over a runtime that does not
know the project's chip is no path for it. So a release is specialised for a project before it is asked.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from types import MappingProxyType

from rules import gates
from rules.conditions import Values
from rules.release import EVIDENCE_PER_REASON, TOP_GRADE, Alternative, Gate, Release, Role

Way = tuple[int | None, tuple[str, ...]]
PATH = "alt.path."


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
    offered = alternative.facts.get("alt.training_languages")
    if not isinstance(wanted, tuple) or not isinstance(offered, tuple):
        return True
    return any(language in offered for language in wanted)


def way_to(release: Release, framework: str, target: str, usable: Collection[str], values: Values) -> Way:
    """The best way from a training framework to a target, over usable runtimes or by the framework itself."""
    ways: list[Way] = []
    own = release.alternatives[framework]
    name = f"alt.run.{target}"
    if name in own.fact_evidence and serves_itself(own, values):
        ways.append((run_level(own, target), own.fact_evidence[name]))
    for edge in release.edges:
        if edge.source == framework and edge.target in usable:
            runtime = release.alternatives[edge.target]
            level = run_level(runtime, target)
            cited = (*edge.evidence, *runtime.fact_evidence.get(name, ()))
            ways.append((None if level is None else min(edge.level, level), cited))
    return best_way(ways)


class Views:
    """A release as one project sees it, and as it would see it after one changed answer.

    Most changed answers leave the usable runtimes as they are; each distinct view is made once.
    """

    def __init__(self, general: Release, values: Values) -> None:
        self._general = general
        self._runtime = general.roles["runtime"]
        self._stopped = [self._stops(gate, values) for gate in self._runtime.gates]
        self._count = Counter(name for stopped in self._stopped for name in stopped)
        self._made: dict[tuple[object, ...], Release] = {}
        self.usable = frozenset(m for m in self._runtime.members if not self._count[m])
        self.release = self._view(values, self.usable, cite=True)

    def seen(self, role: str, question: str, changed: Values) -> Release:
        """The release after one changed answer; the very object `release` where that cannot matter to the role."""
        if role != "training" or question not in self._general.reach_questions:
            return self.release
        count = self._count.copy()
        for index in self._runtime.gates_on.get(question, ()):
            count.subtract(self._stopped[index])
            count.update(self._stops(self._runtime.gates[index], changed))
        return self._view(changed, frozenset(m for m in self._runtime.members if not count[m]), cite=False)

    def _stops(self, gate: Gate, values: Values) -> frozenset[str]:
        return gates.stopped(gate, values, self._runtime.members, self._general.alternatives)

    def _view(self, values: Values, usable: frozenset[str], *, cite: bool) -> Release:
        members = self._general.roles["training"].members
        own = tuple(serves_itself(self._general.alternatives[m], values) for m in members)
        key = (targets(values), usable, own)
        if key not in self._made:
            self._made[key] = specialise(self._general, values, usable, cite=cite)
        return self._made[key]


def specialise(release: Release, values: Values, usable: Collection[str], *, cite: bool = True) -> Release:
    """The release as a project sees it: `alt.path.*` and the grades derived from it, over the runtimes it can use.

    `cite` also renews the evidence that reasons name; a view that is only compared needs none.
    """
    wanted = targets(values)
    role = release.roles["training"]
    changed: dict[str, dict[str, Way]] = {}
    for member in role.members:
        facts = release.alternatives[member].facts
        for target in wanted:
            way = way_to(release, member, target, usable, values)
            if way[0] != facts.get(f"{PATH}{target}"):
                changed.setdefault(member, {})[target] = way
    if not changed:
        return release
    alternatives = {**release.alternatives, **{m: _with_ways(release.alternatives[m], w) for m, w in changed.items()}}
    roles = {**release.roles, "training": _with_grades(role, changed, cite)}
    return replace(release, alternatives=MappingProxyType(alternatives), roles=MappingProxyType(roles))


def _with_ways(alternative: Alternative, ways: dict[str, Way]) -> Alternative:
    facts, cited = dict(alternative.facts), dict(alternative.fact_evidence)
    for target, (level, evidence) in ways.items():
        facts.pop(f"{PATH}{target}", None)
        if level is not None:
            facts[f"{PATH}{target}"] = level
        cited[f"{PATH}{target}"] = evidence
    return replace(alternative, facts=MappingProxyType(facts), fact_evidence=MappingProxyType(cited))


def _with_grades(role: Role, changed: dict[str, dict[str, Way]], cite: bool) -> Role:
    grade, evidence = role.grade.copy(), dict(role.evidence) if cite else role.evidence
    for column, criterion in enumerate(role.criteria):
        if criterion.derived is None or not criterion.derived[0].startswith("path."):
            continue
        target = criterion.derived[0].removeprefix("path.")
        for row, member in enumerate(role.members):
            level, cited = changed.get(member, {}).get(target, (None, ()))
            if level is None:
                continue
            grade[row, column] = criterion.derived[1][level] / TOP_GRADE
            for rule in role.rules if cite else ():
                if criterion.id in rule.weights:
                    evidence[rule.id, member] = (*rule.evidence, *cited[:EVIDENCE_PER_REASON])  # type: ignore[index]
    opinion = (role.weight @ grade.T) / role.total[:, None]
    return replace(role, grade=grade, opinion=opinion, evidence=evidence)
