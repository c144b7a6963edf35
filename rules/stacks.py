"""The whole path: where a project trains in one place and runs in another, from the framework over a converter
to each target.

A path is as good as its weakest step. The paths of a project are chosen together: one training framework serves all
targets, and among equally good paths those are taken that need the fewest runtimes, then those that the decision ranks
higher. Where no runtime is needed (`rules.without`) none is put between, unless another target needs one that does as
well; and what a server runs by an engine of its own takes no other.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from rules.compiled import Alternative, Edge, Release
from rules.conditions import Values
from rules.conditions.sentences import LEVELS, listed
from rules.reach import run_level, serves_itself, targets


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path: from a framework, runtime or format to the next, by what, at which support level (0..3)."""

    source: str
    target: str
    by: str
    level: int
    evidence: tuple[str, ...]


Way = tuple[Step, ...]
SERVERS = ("server_cpu", "server_gpu", "cloud_tpu")
READ_BY = {"safetensors": "pytorch"}  # a file that a framework reads goes on as its own do: the gates on weights agree
OFFICIAL = 2  # from this support level on something counts where nothing says otherwise: decision 12


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
    release: Release,
    values: Values,
    trained_in: Sequence[str],
    runtimes: Sequence[str],
    usable: Collection[str],
    server: str | None = None,
    spared: Collection[tuple[str, str]] = (),
) -> tuple[Stack, ...]:
    """One path for each target, all starting where training ends.

    Args:
        release: the knowledge, specialised for the project.
        values: the answers.
        trained_in: the ranked training frameworks, best first; none when the project does not train. The first is taken
            unless another one alone has a way to every target.
        runtimes: the ranked runtimes, best first, which settle ties between equally good ways.
        usable: every runtime that no gate stops; no way leads over another one.
        server: the server ranked first, where the project needs one; the paths to servers say so, and are its own
            where no runtime is ranked or it takes none.
        spared: the (framework, target) where it runs the model itself and needs no runtime: see `rules.without`.
    """
    stacks = _planned(release, values, trained_in, runtimes, usable, spared)
    if server is None:
        return stacks
    alone = not runtimes or serves_by_itself(release.alternatives[server], values)
    return tuple(_served(release, values, stack, server, alone=alone) for stack in stacks)


def serves_by_itself(server: Alternative, values: Values) -> bool:
    """Whether a server runs all that it would serve by its own engine: it runs no code of a team around a model.

    False where that is not on file, and where it serves language models only and the project has others too.
    """
    return _has_own_engine(server) and not _leaves_models(server, values)


def _has_own_engine(server: Alternative) -> bool:
    own_code = server.facts.get("alt.serves_models.own_code")
    return isinstance(own_code, int) and own_code < OFFICIAL


def _leaves_models(server: Alternative, values: Values) -> bool:
    """Whether a project has language models and others, and a server serves only the former."""
    approach = values.get("approach")
    if not isinstance(approach, tuple) or "llm" not in approach or not set(approach) - {"llm", "undecided"}:
        return False
    others = (server.facts.get(f"alt.serves_models.{kind}") for kind in ("networks", "tables"))
    return not any(isinstance(level, int) and level >= OFFICIAL for level in others)


def _served(release: Release, values: Values, stack: Stack, server: str, *, alone: bool) -> Stack:
    """The path to a target with the server that answers there; `alone`: the server runs the models itself."""
    if stack.target not in SERVERS:
        return stack
    alternative = release.alternatives[server]
    name = alternative.name
    own = run_by(release, server, stack.target) if alone else None
    if own is not None and own.level > 0:
        runs = "itself" if _has_own_engine(alternative) else "by an engine or code inside it"
        return Stack(stack.target, (own,), f"{name}, the server ranked first, runs the model {runs}.")
    if _has_own_engine(alternative) and _leaves_models(alternative, values):
        told = f"{name}, the server ranked first, runs the language models itself; the others need another server."
    else:
        told = f"{name}, the server ranked first, answers the requests there."
    return replace(stack, note=f"{stack.note} {told}" if stack.note else told)


def _planned(
    release: Release,
    values: Values,
    trained_in: Sequence[str],
    runtimes: Sequence[str],
    usable: Collection[str],
    spared: Collection[tuple[str, str]],
) -> tuple[Stack, ...]:
    wanted = targets(values)
    if not trained_in:
        found = {target: _possible(_given(release, values, target, usable)) for target in wanted}
        return _together(release, found, runtimes)
    first = trained_in[0]
    led = _all_ways(release, values, first, wanted, usable)
    if all(led.values()):
        stacks = _together(release, led, runtimes, alone=_alone(first, spared))
        if not any(stack.note for stack in stacks):
            return stacks
        every = {other: _all_ways(release, values, other, wanted, usable) for other in trained_in}
        return tuple(_led_better(release, stack, every, runtimes[0]) for stack in stacks)
    for other in trained_in[1:]:
        found = _all_ways(release, values, other, wanted, usable)
        if all(found.values()):
            missed = ", ".join(target for target, ways in led.items() if not ways)
            lacks, serves = release.alternatives[first].name, release.alternatives[other].name
            why = f"{lacks}, ranked first for training, has no way on file to {missed}; {serves} serves every target."
            return _together(release, found, runtimes, why, _alone(other, spared))
    return _together(release, led, runtimes, alone=_alone(first, spared))


def _led_better(release: Release, stack: Stack, ways: Mapping[str, Mapping[str, list[Way]]], runtime: str) -> Stack:
    """A path past the runtime ranked first, with those from which a better way leads there than from the first."""
    levels = {
        start: max((_level(way) for way in found[stack.target] if way[-1].source == runtime), default=0)
        for start, found in ways.items()
    }
    best = max(levels.values())
    if not stack.note or next(iter(levels.values())) == best:
        return stack
    leading = [_named(release, start) for start, level in levels.items() if level == best]
    return replace(stack, note=f"{stack.note} From {listed(leading, 'or')} it is reached better ({LEVELS[best]}).")


def _all_ways(
    release: Release, values: Values, framework: str, wanted: Sequence[str], usable: Collection[str]
) -> dict[str, list[Way]]:
    return {target: _possible(_trained(release, values, framework, target, usable)) for target in wanted}


def _possible(ways: Sequence[Way]) -> list[Way]:
    return [way for way in ways if _level(way) > 0]


def _level(way: Way) -> int:
    return min(step.level for step in way)


def _together(
    release: Release,
    found: Mapping[str, list[Way]],
    runtimes: Sequence[str],
    why: str | None = None,
    alone: Collection[str] = (),
) -> tuple[Stack, ...]:
    """The path to each target, from its best ways, over as few runtimes as these need; none is needed on `alone`."""
    best = {t: [w for w in ways if _level(w) == max(map(_level, ways))] for t, ways in found.items()}
    own = {t: [w for w in ways if t in alone and len(w) == 1] for t, ways in found.items()}
    over = [{w[-1].source for w in ways} for t, ways in best.items() if ways and not own[t]]
    chosen = _fewest(over, runtimes)
    place = {runtime: index for index, runtime in enumerate(runtimes)}
    stacks = []
    for target, ways in best.items():
        over_chosen = sorted((w for w in ways if w[-1].source in chosen), key=lambda w: _preference(w, place))
        path = next(iter([*over_chosen, *own[target]]), ())
        first = runtimes[0] if runtimes else None
        note = why or _note(release, path, found[target], target, first, own[target])
        stacks.append(Stack(target, path, note))
    return tuple(stacks)


def _fewest(options: Sequence[Collection[str]], runtimes: Sequence[str]) -> frozenset[str]:
    """The smallest set of runtimes with one for every target; of equal ones the best ranked, then the first by name."""
    place = {runtime: index for index, runtime in enumerate(runtimes)}
    every = sorted(set().union(*options), key=lambda r: (place.get(r, len(place)), r))
    for size in range(len(every) + 1):
        for members in combinations(every, size):  # in the order of the ranking
            if all(set(members) & set(each) for each in options):
                return frozenset(members)
    return frozenset()


def _alone(framework: str, spared: Collection[tuple[str, str]]) -> frozenset[str]:
    return frozenset(target for one, target in spared if one == framework)


def _note(
    release: Release, chosen: Way, ways: Sequence[Way], target: str, first: str | None, own: Sequence[Way]
) -> str | None:
    if not chosen or first is None:
        return None
    other = None if chosen[-1].source == first else _passed_over(release, chosen, ways, target, first, chosen in own)
    if not own or chosen in own:
        return other
    too = f"{_named(release, chosen[0].source)} runs the model itself there too ({LEVELS[_level(own[0])]})."
    return f"{other} {too}" if other else too


def _passed_over(release: Release, chosen: Way, ways: Sequence[Way], target: str, first: str, is_own: bool) -> str:
    """Why a path does not end in the runtime that is ranked first."""
    name, start = release.alternatives[first].name, _named(release, chosen[0].source)
    if not run_level(release.alternatives[first], target):
        return f"{name}, the runtime ranked first, does not run there."
    levels = [_level(way) for way in ways if way[-1].source == first]
    if not levels:
        return f"No way on file leads from {start} to {name}, the runtime ranked first."
    level = max(levels)
    if is_own and level >= _level(chosen):
        as_well = "as well" if level == _level(chosen) else f"with better support ({LEVELS[level]})"
        return f"{start} runs the model itself; {name}, the runtime ranked first, would run it {as_well}."
    if chosen[0].source == chosen[-1].source and level < _level(chosen):
        return f"{name}, the runtime ranked first, runs there with weaker support ({LEVELS[level]})."
    if level == _level(chosen):
        own = _named(release, chosen[-1].source)
        return f"{name}, the runtime ranked first, would do as well; {own} serves other targets too."
    return f"{name}, the runtime ranked first, is reached from {start} with weaker support ({LEVELS[level]})."


def _named(release: Release, start: str) -> str:
    """The name of a framework, runtime or format of weights that a way starts from."""
    if start in release.alternatives:
        return release.alternatives[start].name
    asked = release.questionnaire.questions.get("weights_in")
    return next((option.label for option in asked.options if option.id == start), start) if asked else start


def _preference(way: Way, place: Mapping[str, int]) -> tuple[int, int, str]:
    runtime = way[-1].source
    return (place.get(runtime, len(place)), len(way), runtime)


def run_by(release: Release, runtime: str, target: str) -> Step | None:
    """The last step to a target: what runs the model there, and how well; None where that is not known."""
    alternative = release.alternatives[runtime]
    level = run_level(alternative, target)
    if level is None:
        return None
    return Step(runtime, target, alternative.name, level, alternative.fact_evidence.get(f"alt.run.{target}", ()))


def _trained(release: Release, values: Values, framework: str, target: str, usable: Collection[str]) -> list[Way]:
    ways: list[Way] = []
    own = run_by(release, framework, target)
    if own and serves_itself(release.alternatives[framework], values):
        ways.append((own,))
    for edge in release.edges:
        if edge.source == framework and edge.target in usable and (last := run_by(release, edge.target, target)):
            ways.append((Step(edge.source, edge.target, edge.by, edge.level, edge.evidence), last))
    return ways


def _given(release: Release, values: Values, target: str, usable: Collection[str]) -> list[Way]:
    """Paths of weights that exist already: loaded as they are, or converted from the framework they were made with."""
    weights = values.get("weights_in")
    formats = [f for f in weights if f != "none"] if isinstance(weights, tuple) else []
    ways: list[Way] = []
    for runtime in sorted(usable):
        last = run_by(release, runtime, target)
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
                if takes(edge, given, runtime)
            )
    return ways


def takes(edge: Edge, given: str, runtime: str) -> bool:
    """Whether a conversion leads from weights of a format to a runtime."""
    return edge.target == runtime and edge.source in (given, READ_BY.get(given))
