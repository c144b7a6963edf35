"""How a trained model gets to the places where it must run, as one project sees it.

A way counts only through runtimes that the project can use: a path to microcontrollers over a runtime that does not
know the project's chip is no path for it. So a release is specialised for a project before it is asked.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from types import MappingProxyType

from rules import gates
from rules.conditions import Values
from rules.release import EVIDENCE_PER_REASON, TOP_GRADE, Alternative, Release, Role

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


def usable_runtimes(release: Release, values: Values) -> frozenset[str]:
    """The graded runtimes that no gate of the runtime role stops for this project."""
    role = release.roles["runtime"]
    stops, _ = gates.guard(role, values, release.alternatives)
    stopped = {stop.alternative for stop in stops if stop.passed is False and stop.gate.excludes}
    return frozenset(member for member in role.members if member not in stopped)


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


def specialise(release: Release, values: Values) -> Release:
    """The release as a project sees it: `alt.path.*` and the grades derived from it, over the runtimes it can use."""
    wanted = targets(values)
    if not wanted:
        return release
    usable = usable_runtimes(release, values)
    role = release.roles["training"]
    changed: dict[tuple[str, str], Way] = {}
    for member in role.members:
        for target in wanted:
            way = way_to(release, member, target, usable, values)
            if way[0] != release.alternatives[member].facts.get(f"{PATH}{target}"):
                changed[member, target] = way
    if not changed:
        return release
    alternatives = dict(release.alternatives)
    for (member, target), way in changed.items():
        alternatives[member] = _with_way(alternatives[member], target, way)
    roles = {**release.roles, "training": _with_grades(role, changed)}
    return replace(release, alternatives=MappingProxyType(alternatives), roles=MappingProxyType(roles))


def seen_anew(general: Release, release: Release, role: str, question: str, changed: Values) -> Release:
    """The release as a project with one changed answer sees it.

    Args:
        general: the release, not specialised.
        release: the same, specialised for the answers before the change.
        role: the role that is looked at.
        question: the changed question.
        changed: the answers after the change.

    Returns:
        The very object `release` where the question cannot matter for the ways to the targets.
    """
    if role != "training" or question not in general.reach_questions:
        return release
    return specialise(general, changed)


def _with_way(alternative: Alternative, target: str, way: Way) -> Alternative:
    name = f"{PATH}{target}"
    facts = {key: value for key, value in alternative.facts.items() if key != name}
    if way[0] is not None:
        facts[name] = way[0]
    cited = {**alternative.fact_evidence, name: way[1]}
    return replace(alternative, facts=MappingProxyType(facts), fact_evidence=MappingProxyType(cited))


def _with_grades(role: Role, changed: dict[tuple[str, str], Way]) -> Role:
    grade, evidence = role.grade.copy(), dict(role.evidence)
    for column, criterion in enumerate(role.criteria):
        if criterion.derived is None or not criterion.derived[0].startswith("path."):
            continue
        target = criterion.derived[0].removeprefix("path.")
        for row, member in enumerate(role.members):
            level, cited = changed.get((member, target), (None, ()))
            if level is None:
                continue
            grade[row, column] = criterion.derived[1][level] / TOP_GRADE
            for rule in role.rules:
                if criterion.id in rule.weights:
                    evidence[rule.id, member] = (*rule.evidence, *cited[:EVIDENCE_PER_REASON])
    opinion = (role.weight @ grade.T) / role.total[:, None]
    return replace(role, grade=grade, opinion=opinion, evidence=MappingProxyType(evidence))
