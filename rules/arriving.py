"""Whether the model gets from where it is trained to a ranked runtime, by a way on file, and how well.

A ranking of runtimes knows nothing of where the model comes from. So each ranked one that no way on file leads to is
cautioned, and among those that cannot be told apart the ways say what decides; so they do among training frameworks
where one runtime leads. Nothing here ranks or scores.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace

from rules.compiled import Edge, Release
from rules.conditions.sentences import LEVELS, listed
from rules.decision import Caution, Ranked, RoleResult
from rules.judging import Judged

NO_WAY = "no-way-from-training"
FIRST_CLASS = 3
TWO = 2


def told(release: Release, found: Mapping[str, Judged], result: RoleResult) -> RoleResult:
    """The answer for the runtimes with a caution on each that no way on file leads to, and with what decides a tie.

    A way counts that starts from any training framework or high-level library that cannot be told apart from the first.
    """
    trained_in = leaders(found.get("training"))
    if not trained_in:
        return result
    starts = [*trained_in, *leaders(found.get("high_level"))]
    reached = {runtime for start in starts for runtime in (start, *conversions(release, start))}
    ranking = tuple(_minded(release, place, starts, reached) for place in result.ranking)
    return replace(result, ranking=ranking, decides=_decides(release, result, trained_in[0]))


def led(release: Release, found: Mapping[str, Judged], result: RoleResult) -> RoleResult:
    """The answer for training with what decides a tie where one runtime leads: how well a way leads there from each."""
    aims = leaders(found.get("runtime"))
    tied = leaders(found.get("training"))
    if len(tied) < TWO or len(aims) != 1:
        return result
    runtime = aims[0]
    edges = {start: conversions(release, start) for start in tied}
    level = {start: _level(runtime, start, edges[start]) for start in tied}
    if len(set(level.values())) < TWO:
        return result
    tied.sort(key=lambda start: -level[start])
    said = [f"from {release.alternatives[start].name} {_way(runtime, start, edges[start])}" for start in tied]
    text = f"The way on file to {release.alternatives[runtime].name}, the first runtime, decides between them"
    return replace(result, decides=f"{text}: {listed(said, 'and')}.")


def leaders(judged: Judged | None) -> list[str]:
    """Those that cannot be told apart from the first of a role, the first one first."""
    return [place.framework for place in judged.ranking if place.tie_group == 1] if judged else []


def names(release: Release, members: Sequence[str], word: str = "and") -> str:
    """Alternatives by name, in a list."""
    return listed([release.alternatives[member].name for member in members], word)


def conversions(release: Release, start: str) -> dict[str, Edge]:
    """The best conversion on file from a framework to each runtime."""
    best: dict[str, Edge] = {}
    for edge in release.edges:
        known = best.get(edge.target)
        if edge.source == start and edge.level > 0 and (known is None or edge.level > known.level):
            best[edge.target] = edge
    return best


def _minded(release: Release, place: Ranked, starts: Sequence[str], reached: Set[str]) -> Ranked:
    """A ranked runtime, with a caution where no way on file leads to it from anything that leads."""
    if place.framework in reached:
        return place
    name = release.alternatives[place.framework].name
    others = [member for member in release.roles["runtime"].members if member in reached]
    caution = Caution(
        gate=NO_WAY,
        layer="engine",
        text=f"No way on file leads from {names(release, starts, 'or')} to {name}",
        found=f"Ways on file lead to {names(release, others)}" if others else "No way on file leads to any runtime",
        evidence=(),
        waiver=None,
    )
    return replace(place, cautions=(*place.cautions, caution))


def _decides(release: Release, result: RoleResult, first: str) -> str | None:
    """What tells runtimes that cannot be told apart by their scores: how well a way from training leads to each."""
    tied = [place.framework for place in result.ranking if place.tie_group == 1]
    edges = conversions(release, first)
    level = {name: _level(name, first, edges) for name in tied}
    if len(set(level.values())) < TWO:
        return None
    tied.sort(key=lambda name: -level[name])  # of equal ways, as ranked
    said = [f"to {release.alternatives[name].name} {_way(name, first, edges)}" for name in tied]
    return f"The way on file from {release.alternatives[first].name} decides between them: {listed(said, 'and')}."


def _level(name: str, first: str, edges: Mapping[str, Edge]) -> int:
    return FIRST_CLASS if name == first else edges[name].level if name in edges else 0


def _way(name: str, first: str, edges: Mapping[str, Edge]) -> str:
    if name == first:
        return "it needs none"
    return f"it leads by {edges[name].by} ({LEVELS[edges[name].level]})" if name in edges else "none leads"
