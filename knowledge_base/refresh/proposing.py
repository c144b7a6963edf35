"""From readings of packages to a proposal: new evidence with its day, what it takes the place of, what would change.

Nothing is graded: how a fact bears on a criterion is for a curator to say. Nothing is changed either.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from knowledge_base import schema
from knowledge_base.pack import Pack
from knowledge_base.proposal import Additions, Change, Head, Proposal
from knowledge_base.refresh import notes, superseding, telling
from knowledge_base.refresh.facts import UNKNOWN, Told, differing, same_version, told
from knowledge_base.refresh.reading import Reading

AUTHOR = "steelyard knowledge refresh"
SOON = timedelta(days=30)
MAX_TEXT = 1200


@dataclass(slots=True)
class _Draft:
    """A proposal that is being made."""

    pack: Pack
    today: date
    source: str
    set: list[Change] = field(default_factory=list)
    evidence: list[schema.Evidence] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)

    def change(self, kind: Any, name: str, path: Sequence[str | int], before: object, after: object) -> None:
        """Set a value, where that changes anything."""
        if before != after:
            steps = path[0] if len(path) == 1 else list(path)
            self.set.append(
                Change.model_validate({"kind": kind, "id": name, "path": steps, "from": before, "to": after})
            )


def propose(pack: Pack, readings: Sequence[Reading], today: date) -> Proposal:
    """The proposal that readings of packages come to.

    Args:
        pack: what is on file.
        readings: every package asked for, in the order of the pack's alternatives.
        today: the day of the reading.
    """
    draft = _Draft(pack, today, f"package-index-{today.isoformat()}")
    by_id = {each.id: each for each in pack.alternatives}
    for name in dict.fromkeys(each.alternative for each in readings):
        capabilities = {each.id for each in pack.capabilities if set(each.roles) & set(by_id[name].roles)}
        for reading in readings:
            if reading.alternative == name and reading.is_usable:
                _alternative(draft, by_id[name], told(reading, capabilities))
    if draft.evidence and today.isoformat() > pack.settings.as_of:
        draft.change("pack", pack.settings.name, ["as_of"], pack.settings.as_of, today.isoformat())
    said = [
        *draft.words,
        *notes.doubts(readings),
        *notes.differences(by_id, readings),
        *notes.as_on_file(readings, draft.changed),
    ]
    return Proposal(
        proposal=_head(draft, readings),
        set=draft.set,
        add=Additions(sources=_sources(draft), evidence=draft.evidence),
        notes=[each[:MAX_TEXT] for each in said],
    )


def _head(draft: _Draft, readings: Sequence[Reading]) -> Head:
    day = draft.today.isoformat()
    read = sum(each.fetched.outcome == "read" for each in readings)
    names = list(dict.fromkeys(draft.changed))
    asked = f"The package index was asked for {len(readings)} packages on {day} and gave {read}."
    result = f"It differs from what is on file for {', '.join(names)}." if names else "It agrees with what is on file."
    return Head(title=f"Package metadata of {day}", author=AUTHOR, reason=f"{asked} {result}"[:MAX_TEXT], created=day)


def _sources(draft: _Draft) -> list[schema.Source]:
    if not draft.evidence or any(each.id == draft.source for each in draft.pack.sources):
        return []
    day = draft.today.isoformat()
    return [
        schema.Source(
            id=draft.source,
            kind="registry_metadata",
            publisher="Python package index",
            title=f"Releases, files and metadata of packages, read on {day}",
            url=None,
            date=day,
            accessed=day,
            note="Read by `steelyard knowledge refresh`; the locator names the package.",
        )
    ]


def _alternative(draft: _Draft, alternative: schema.Alternative, facts: Told) -> None:
    """Everything that one package changes about its alternative."""
    package = facts.reading.package.name
    cells = differing(alternative, facts)
    moved = facts.version is not None and not same_version(facts.version, alternative.version)
    due = _due(draft, alternative, facts)
    known = superseding.readings_of(draft.pack, alternative.id)
    newest = facts.reading.newest
    is_told = newest is not None and any(superseding.mentions(each, str(newest.version)) for each in known)
    if not (cells or moved or due or not is_told):
        return
    fresh = _evidence(draft, alternative, facts)
    old = _superseded(draft, alternative, facts, cells, moved)
    for each in old:
        _set_aside(draft, each, fresh, package)
    _recite(draft, alternative, facts, cells, {each.id for each in old}, fresh.id, due)
    if moved:
        draft.change("alternatives", alternative.id, ["version"], alternative.version, facts.version)
        draft.change("alternatives", alternative.id, ["version_date"], alternative.version_date, facts.day)
    if cells or moved:
        draft.changed.append(alternative.id)
        draft.words.append(_words(alternative, facts, cells, moved))
    draft.words += _left_without(draft, alternative, old, facts)


def _due(draft: _Draft, alternative: schema.Alternative, facts: Told) -> list[str]:
    """The cells told by the package whose evidence is about to be too old."""
    months = {each.id: each.shelf_life_months for each in draft.pack.capabilities}
    days = {each.id: each.as_of for each in draft.pack.evidence}
    due = []
    for name in facts.cells:
        cell = alternative.capabilities.get(name)
        if cell is None or cell.value == UNKNOWN:
            continue
        newest = max((days[each] for each in cell.evidence if each in days), default=None)
        limit = cell.expires or (_later(newest, months[name]) if newest and months.get(name) else None)
        if limit is not None and limit <= (draft.today + SOON).isoformat():
            due.append(name)
    return due


def _later(day: str, months: int | None) -> str:
    """A day so many months later; a month or a year stands for its beginning, a day past the 28th for the 28th."""
    year, month, rest = (*day.split("-"), "01", "01")[:3]
    whole = int(year) * 12 + int(month) - 1 + (months or 0)
    return f"{whole // 12:04}-{whole % 12 + 1:02}-{min(int(rest), 28):02}"


def _evidence(draft: _Draft, alternative: schema.Alternative, facts: Told) -> schema.Evidence:
    """The new piece of evidence, added to the draft."""
    found, newest = facts.reading.found, facts.reading.newest
    if found is None or newest is None:
        raise ValueError("a reading without a newest release tells nothing")
    package = facts.reading.package.name
    taken = {each.id for each in [*draft.pack.evidence, *draft.evidence]}
    plain = f"package-{package[:50]}-{draft.today.isoformat()}"
    name = next(each for n in range(1, len(taken) + 2) if (each := plain if n == 1 else f"{plain}-{n}") not in taken)
    piece = schema.Evidence(
        id=name,
        source=draft.source,
        locator=f"package {package}: list of releases; files and metadata of {newest.version}",
        as_of=draft.today.isoformat(),
        about=[alternative.id],
        dimension="releases and binaries",
        note=telling.summed_up(found)[:MAX_TEXT],
        verdict="holds",
    )
    draft.evidence.append(piece)
    return piece


def _superseded(
    draft: _Draft, alternative: schema.Alternative, facts: Told, cells: Mapping[str, object], moved: bool
) -> list[schema.Evidence]:
    """Earlier readings that are contradicted, or that only told of the release before and bear nothing else."""
    contradicted = {
        e for name in cells if name in alternative.capabilities for e in alternative.capabilities[name].evidence
    }
    own = [f"{alternative.id} {name}" for name in facts.cells]
    found = []
    for each in superseding.readings_of(draft.pack, alternative.id):
        if each.as_of > draft.today.isoformat():
            continue
        is_older = moved and superseding.mentions(each, alternative.version)
        is_former = each.id.startswith(f"package-{facts.reading.package.name[:50]}-20")
        rests = superseding.resting(draft.pack, each, apart_from=own)
        if each.id in contradicted or ((is_older or is_former) and not rests):
            found.append(each)
    return found


def _set_aside(draft: _Draft, old: schema.Evidence, fresh: schema.Evidence, package: str) -> None:
    """Mark a piece of evidence as outdated by the new one, once."""
    if any(each.kind == "evidence" and each.id == old.id for each in draft.set):
        return
    why = f"A later reading of the package {package}, of {draft.today.isoformat()}, takes its place."
    draft.change("evidence", old.id, ["verdict"], old.verdict, "outdated")
    draft.change("evidence", old.id, ["verdict_note"], old.verdict_note, why)
    draft.change("evidence", old.id, ["verdict_evidence"], old.verdict_evidence, [*old.verdict_evidence, fresh.id])


def _recite(
    draft: _Draft,
    alternative: schema.Alternative,
    facts: Told,
    cells: Mapping[str, object],
    old: set[str],
    fresh: str,
    due: Iterable[str],
) -> None:
    """Let the cells that the package tells, and the lifecycle, cite the new evidence in the place of the old."""
    months = {each.id: each.shelf_life_months for each in draft.pack.capabilities}
    for name, value in facts.cells.items():
        cell = alternative.capabilities.get(name)
        if cell is None:
            if name in cells and name in months:
                new = {"value": value, "evidence": [fresh]}
                draft.change("alternatives", alternative.id, ["capabilities", name], None, new)
            continue
        if not (name in cells or name in due or old & set(cell.evidence)):
            continue
        at = ["capabilities", name]
        if name in cells:
            draft.change("alternatives", alternative.id, [*at, "value"], cell.value, value)
        kept = [each for each in cell.evidence if each not in old and name not in cells]
        draft.change("alternatives", alternative.id, [*at, "evidence"], cell.evidence, [fresh, *kept])
        if cell.expires:
            until = _later(draft.today.isoformat(), months.get(name) or 6)
            draft.change("alternatives", alternative.id, [*at, "expires"], cell.expires, max(until, cell.expires))
    cited = alternative.lifecycle.evidence
    if old & set(cited) and not any(c.id == alternative.id and c.path == ["lifecycle", "evidence"] for c in draft.set):
        after = [fresh, *(each for each in cited if each not in old)]
        draft.change("alternatives", alternative.id, ["lifecycle", "evidence"], cited, after)


def _words(alternative: schema.Alternative, facts: Told, cells: Mapping[str, object], moved: bool) -> str:
    """What would change of an alternative, in one sentence."""
    parts = []
    if moved:
        day = f" of {facts.day}" if facts.day else ", whose day the index does not give"
        parts.append(f"version {alternative.version or 'none'} becomes {facts.version}{day}")
    for name, value in cells.items():
        cell = alternative.capabilities.get(name)
        before = _plain(cell.value) if cell else "not on file"
        parts.append(f"{name} {before} becomes {_plain(value)}")
    return f"{alternative.id}, by the package {facts.reading.package.name}: {'; '.join(parts)}."


def _plain(value: object) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _left_without(
    draft: _Draft, alternative: schema.Alternative, old: Iterable[schema.Evidence], facts: Told
) -> list[str]:
    """What would lose its ground with the evidence that is set aside, for a curator to look at."""
    own = [f"{alternative.id} {name}" for name in facts.cells]
    found = []
    for each in old:
        rests = superseding.resting(draft.pack, each, apart_from=own)
        if rests:
            text = f"{each.id} would be outdated, and these rest on it too: {'; '.join(rests)}. Look at them anew."
            found.append(text)
    return found
