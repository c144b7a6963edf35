"""Do the builds of a pack fit its other entries? Part of `knowledge_base.lint`."""

from collections.abc import Iterator

from knowledge_base.builds import Builds, disagreements
from knowledge_base.pack import Pack
from rules.faults import Fault, nearest, shown


def faults(pack: Pack) -> Iterator[Fault]:
    """References that lead nowhere, ids used twice, days, and capabilities that the builds deny."""
    alternatives = {a.id: a for a in pack.alternatives}
    places: dict[str, str] = {}
    for entry in pack.builds:
        spot = pack.spots["builds", entry.id]
        alternative = alternatives.get(entry.id)
        if alternative is None:
            near = nearest(entry.id, alternatives)
            yield Fault(spot.at("id"), shown(entry.id), "the id of an alternative", near)
        else:
            for name, needed in disagreements(entry, alternative):
                told = alternative.capabilities[name].value if name in alternative.capabilities else "nothing"
                yield Fault(spot.at("id"), f"{name} = {shown(told)} of {entry.id}", f"{needed}, as its builds say")
        for index, build in enumerate(entry.builds):
            at = spot.at("builds", index, "id")
            if build.id in places:
                yield Fault(at, shown(build.id), f"an id not used at {places[build.id]}")
            places[build.id] = at
        yield from _evidence(pack, entry)


def _evidence(pack: Pack, entry: Builds) -> Iterator[Fault]:
    lists: list[tuple[tuple[str | int, ...], list[str]]]
    known, spot = {e.id for e in pack.evidence}, pack.spots["builds", entry.id]
    lists = [(("builds", i), build.evidence) for i, build in enumerate(entry.builds)]
    lists += [(("absent", i), absent.evidence) for i, absent in enumerate(entry.absent)]
    if entry.through is not None:
        lists.append((("through",), entry.through.evidence))
    for above, cited in lists:
        for index, each in enumerate(cited):
            if each not in known:
                at = spot.at(*above, "evidence", index)
                yield Fault(at, shown(each), "the id of a piece of evidence", nearest(each, known))
    for index, build in enumerate(entry.builds):
        if build.date > pack.settings.as_of:
            at = spot.at("builds", index, "date")
            yield Fault(at, build.date, f"a day not after the pack's ({pack.settings.as_of})")
