"""The whole path: where a project trains in one place and runs in another, from the framework over a converter
to each target.

A path is as good as its weakest step. Among equally good ones the runtime that the decision ranks higher is
taken.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from rules.compiled import Release
from rules.conditions import Values
from rules.reach import run_level, serves_itself, targets


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path: from a framework, runtime or format to the next, by what, at which support level (0..3)."""

    source: str
    target: str
    by: str
    level: int
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stack:
    """The path to one deployment target; no steps when no way is on file.

    `note` says why the path does not end in the runtime that is ranked first, where it does not.
    """

    target: str
    path: tuple[Step, ...]
    note: str | None

    @property
    def level(self) -> int:
        """The support level of the weakest step; 0 without a path."""
        return min((step.level for step in self.path), default=0)


def plan(
    release: Release, values: Values, trained_in: str | None, runtimes: Sequence[str], usable: Collection[str]
) -> tuple[Stack, ...]:
    """One path for each target, starting where training ends.

    Args:
        release: the knowledge, specialised for the project.
        values: the answers.
        trained_in: the leading training framework, or None when the project does not train.
        runtimes: the ranked runtimes, best first, which settle ties between equally good ways.
        usable: every runtime that no gate stops; no way leads over another one.
    """
    place = {runtime: index for index, runtime in enumerate(runtimes)}
    stacks = []
    for target in targets(values):
        ways = (
            _trained(release, values, trained_in, target, usable)
            if trained_in
            else _given(release, values, target, usable)
        )
        ways = [way for way in ways if min(step.level for step in way) > 0]
        ways.sort(key=lambda way: _preference(way, place))
        chosen = ways[0] if ways else ()
        stacks.append(Stack(target, chosen, _note(release, chosen, ways, target, runtimes[0] if runtimes else None)))
    return tuple(stacks)


def _note(
    release: Release, chosen: tuple[Step, ...], ways: Sequence[tuple[Step, ...]], target: str, first: str | None
) -> str | None:
    if not chosen or first is None or chosen[-1].source == first:
        return None
    name, start = release.alternatives[first].name, _named(release, chosen[0].source)
    if not run_level(release.alternatives[first], target):
        return f"{name}, the runtime ranked first, does not run there."
    other = next((way for way in ways if way[-1].source == first), None)
    if other is None:
        return f"No way on file leads from {start} to {name}, the runtime ranked first."
    level = min(step.level for step in other)
    return f"{name}, the runtime ranked first, is reached from {start} at support level {level} only."


def _named(release: Release, start: str) -> str:
    """The name of a framework, runtime or format of weights that a way starts from."""
    if start in release.alternatives:
        return release.alternatives[start].name
    asked = release.questionnaire.questions.get("weights_in")
    return next((option.label for option in asked.options if option.id == start), start) if asked else start


def _preference(way: tuple[Step, ...], place: Mapping[str, int]) -> tuple[int, int, int, str]:
    runtime = way[-1].source
    return (-min(s.level for s in way), place.get(runtime, len(place)), len(way), runtime)


def _run(release: Release, runtime: str, target: str) -> Step | None:
    alternative = release.alternatives[runtime]
    level = run_level(alternative, target)
    if level is None:
        return None
    return Step(runtime, target, alternative.name, level, alternative.fact_evidence.get(f"alt.run.{target}", ()))


def _trained(
    release: Release, values: Values, framework: str, target: str, usable: Collection[str]
) -> list[tuple[Step, ...]]:
    ways: list[tuple[Step, ...]] = []
    own = _run(release, framework, target)
    if own and serves_itself(release.alternatives[framework], values):
        ways.append((own,))
    for edge in release.edges:
        if edge.source == framework and edge.target in usable and (last := _run(release, edge.target, target)):
            ways.append((Step(edge.source, edge.target, edge.by, edge.level, edge.evidence), last))
    return ways


def _given(release: Release, values: Values, target: str, usable: Collection[str]) -> list[tuple[Step, ...]]:
    """Paths of weights that exist already: loaded as they are, or converted from the framework they were made with."""
    weights = values.get("weights_in")
    formats = [f for f in weights if f != "none"] if isinstance(weights, tuple) else []
    ways: list[tuple[Step, ...]] = []
    for runtime in sorted(usable):
        last = _run(release, runtime, target)
        if last is None:
            continue
        if not formats:
            ways.append((last,))
        alternative = release.alternatives[runtime]
        loads = alternative.facts.get("alt.loads", ())
        cited = alternative.fact_evidence.get("alt.loads", ())
        for given in formats:
            if given in loads:  # type: ignore[operator]
                ways.append((Step(given, runtime, "loads the format itself", 3, cited), last))
            ways.extend(
                (Step(given, runtime, edge.by, edge.level, edge.evidence), last)
                for edge in release.edges
                if (edge.source, edge.target) == (given, runtime)
            )
    return ways
