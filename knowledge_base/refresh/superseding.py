"""What rests on a piece of evidence, and which pieces an own new reading of the package index takes the place of."""

import re
from collections.abc import Iterable, Iterator

from knowledge_base import schema
from knowledge_base.pack import Pack

READINGS = ("registry_metadata", "own_measurement")


def readings_of(pack: Pack, alternative: str) -> list[schema.Evidence]:
    """Standing evidence about this alternative alone that was read from an index or measured: what a reading renews."""
    kinds = {source.id: source.kind for source in pack.sources}
    return [
        each
        for each in pack.evidence
        if each.about == [alternative] and each.verdict == "holds" and kinds.get(each.source) in READINGS
    ]


def mentions(evidence: schema.Evidence, version: str | None) -> bool:
    """Whether a piece of evidence names a version."""
    if not version:
        return False
    pattern = rf"(?<![\w.]){re.escape(version)}(?!\.?\w)"
    return bool(re.search(pattern, evidence.note) or re.search(pattern, evidence.locator))


def citing(alternative: schema.Alternative, evidence: str) -> list[str]:
    """The capabilities of an alternative that cite a piece of evidence."""
    return [name for name, cell in alternative.capabilities.items() if evidence in cell.evidence]


def resting(pack: Pack, evidence: schema.Evidence, *, apart_from: Iterable[str] = ()) -> list[str]:
    """What rests on a piece of evidence, in words, but for an alternative's lifecycle and the cells named.

    Grades and comparisons of its own, cells, licences, governance, paths, rules, gates, and evidence judged by it.
    """
    aside = set(apart_from)
    found = [f"its grade of {g.alternative} on {g.criterion}" for g in evidence.grades]
    found += [f"its comparison of {c.better} with {c.worse} on {c.criterion}" for c in evidence.comparisons]
    for each in pack.alternatives:
        cells = [name for name in citing(each, evidence.id) if f"{each.id} {name}" not in aside]
        found += [f"{each.id}: {', '.join(cells)}"] if cells else []
        found += [f"the licence of {each.id}"] if each.licence and evidence.id in each.licence.evidence else []
        found += [f"the governance of {each.id}"] if evidence.id in each.governance_evidence else []
    return [*found, *_elsewhere(pack, evidence.id)]


def _elsewhere(pack: Pack, evidence: str) -> Iterator[str]:
    for path in pack.paths:
        if evidence in path.evidence:
            yield f"the path {path.id}"
    for kind, entries in (("rule", pack.rules), ("gate", pack.gates)):
        for entry in entries:
            if evidence in entry.evidence:
                yield f"the {kind} {entry.id}"
    for other in pack.evidence:
        if evidence in other.verdict_evidence:
            yield f"the verdict on {other.id}"
