"""How a trained model gets to the places where it must run, as one project sees it.

A way counts only through runtimes that the project can use: a path to microcontrollers over a runtime that does not
know the project's chip is no path for it. So a release is specialised for a project before it is asked.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import compress
from types import MappingProxyType

from rules import gates
from rules.compiled import EVIDENCE_PER_REASON, PATH, TOP_GRADE, Alternative, Edge, Release, Role
from rules.conditions import Values

Way = tuple[int | None, tuple[str, ...]]
Ways = dict[str, dict[str, Way]]  # by framework and target


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


class Views:
    """A release as one project sees it, and as it would see it after one changed answer.

    Most changed answers leave the usable runtimes as they are; each distinct way and each distinct view is made once.
    """

    def __init__(self, general: Release, values: Values) -> None:
        self._general = general
        self._edges: dict[str, list[Edge]] = {}
        for edge in general.edges:
            self._edges.setdefault(edge.source, []).append(edge)
        self._tally = gates.Tally(general.roles["runtime"], values, general.alternatives)
        self._own = self._serving(values)
        self._ways: dict[tuple[str, str, frozenset[str], bool], Way] = {}
        self._made: dict[tuple[object, ...], Release] = {}
        self.usable = self._usable(self._tally.open)
        self.release = self._view(targets(values), self.usable, self._own, cite=True)

    def seen(self, role: str, question: str, changed: Values) -> Release:
        """The release after one changed answer; the very object `release` where that cannot matter to the role."""
        if role != "training" or question not in self._general.reach_questions:
            return self.release
        touched = self._general.roles["runtime"].gates_on.get(question, ())
        open_to = self._tally.after(touched, changed, self._general.alternatives)
        usable = self.usable if open_to is self._tally.open else self._usable(open_to)
        own = self._serving(changed) if question == "serving_language" else self._own
        return self._view(targets(changed), usable, own, cite=False)

    def _usable(self, open_to: Sequence[bool]) -> frozenset[str]:
        return frozenset(compress(self._general.roles["runtime"].members, open_to))

    def _serving(self, values: Values) -> tuple[bool, ...]:
        """For each training framework, whether it can be its own runtime."""
        members = self._general.roles["training"].members
        return tuple(serves_itself(self._general.alternatives[member], values) for member in members)

    def _view(self, wanted: tuple[str, ...], usable: frozenset[str], own: tuple[bool, ...], *, cite: bool) -> Release:
        """The release with the paths to these targets over these runtimes; `own` as `_serving` says it."""
        key = (wanted, usable, own)
        if key not in self._made:
            changed: Ways = {}
            for member, itself in zip(self._general.roles["training"].members, own, strict=True):
                facts = self._general.alternatives[member].facts
                for target in wanted:
                    way = self._way(member, target, usable, itself)
                    if way[0] != facts.get(f"{PATH}{target}"):
                        changed.setdefault(member, {})[target] = way
            self._made[key] = specialise(self._general, changed, cite=cite)
        return self._made[key]

    def _way(self, framework: str, target: str, usable: frozenset[str], itself: bool) -> Way:
        """The best way from a training framework to a target, over usable runtimes or by the framework itself."""
        edges = [edge for edge in self._edges.get(framework, ()) if edge.target in usable]
        key = (framework, target, frozenset(edge.target for edge in edges), itself)
        if key not in self._ways:
            self._ways[key] = _best_over(self._general, framework, target, edges, itself)
        return self._ways[key]


def _best_over(release: Release, framework: str, target: str, edges: Sequence[Edge], itself: bool) -> Way:
    ways: list[Way] = []
    own = release.alternatives[framework]
    name = f"alt.run.{target}"
    if itself and name in own.fact_evidence:
        ways.append((run_level(own, target), own.fact_evidence[name]))
    for edge in edges:
        runtime = release.alternatives[edge.target]
        level = run_level(runtime, target)
        cited = (*edge.evidence, *runtime.fact_evidence.get(name, ()))
        ways.append((None if level is None else min(edge.level, level), cited))
    return best_way(ways)


def specialise(release: Release, changed: Ways, *, cite: bool = True) -> Release:
    """The release with some ways changed: `alt.path.*` and the grades derived from it.

    `cite` also renews the evidence that reasons name; a view that is only compared needs none.
    """
    if not changed:
        return release
    renewed = {name: _with_ways(release.alternatives[name], ways, cite) for name, ways in changed.items()}
    alternatives = {**release.alternatives, **renewed}
    roles = {**release.roles, "training": _with_grades(release.roles["training"], changed, cite)}
    return replace(release, alternatives=MappingProxyType(alternatives), roles=MappingProxyType(roles))


def _with_ways(alternative: Alternative, ways: dict[str, Way], cite: bool) -> Alternative:
    facts = dict(alternative.facts)
    for target, (level, _) in ways.items():
        facts.pop(f"{PATH}{target}", None)
        if level is not None:
            facts[f"{PATH}{target}"] = level
    evidence = {f"{PATH}{target}": cited for target, (_, cited) in ways.items()}
    cited = MappingProxyType({**alternative.fact_evidence, **evidence}) if cite else alternative.fact_evidence
    return replace(alternative, facts=MappingProxyType(facts), fact_evidence=cited)


def _with_grades(role: Role, changed: Ways, cite: bool) -> Role:
    grade, evidence = role.grade.copy(), dict(role.evidence) if cite else role.evidence
    for column, criterion in enumerate(role.criteria):
        if criterion.derived is None or not criterion.derived[0].startswith("path."):
            continue
        target = criterion.derived[0].removeprefix("path.")
        for member, ways in changed.items():
            level, cited = ways.get(target, (None, ()))
            if level is None:
                continue
            grade[role.members.index(member), column] = criterion.derived[1][level] / TOP_GRADE
            for rule in role.rules if cite else ():
                if criterion.id in rule.weights:
                    evidence[rule.id, member] = (*rule.evidence, *cited[:EVIDENCE_PER_REASON])  # type: ignore[index]
    opinion = (role.weight @ grade.T) / role.total[:, None]
    return replace(role, grade=grade, opinion=opinion, evidence=evidence)
