"""Does the pack make sense as a whole? Every problem is listed at once, with file, line and column.

Single entries are already sound (`knowledge_base.pack` saw to that). Here: references, types of facts against the
vocabulary, conditions, and the days of evidence. The examples of rules and gates are run by `knowledge_base.release`.
"""

from collections.abc import Collection, Iterable, Iterator
from math import isfinite

from pydantic import ValidationError

from knowledge_base import lint_builds, lint_priors, schema
from knowledge_base.condition_places import condition_faults
from knowledge_base.pack import Pack, Spot
from knowledge_base.packages import OWN
from knowledge_base.vocabulary import pack_names
from rules.conditions import Kind
from rules.faults import Fault, nearest, shown
from rules.hardware import OFFERED, version_key
from rules.requirements import NONE_OF_THESE

UNKNOWN = "unknown"


def lint(pack: Pack) -> list[Fault]:
    """Every problem of a pack, in a stable order; an empty list means that a release can be built."""
    project, both = pack_names(pack)
    found = [
        *_references(pack),
        *(f for a in pack.alternatives for f in _cells(pack, a)),
        *_observations(pack),
        *_days(pack),
        *_criteria(pack),
        *_rules(pack, project),
        *_gates(pack, project, both),
        *_questionnaire(pack, project),
        *_packages(pack),
        *lint_builds.faults(pack),
        *lint_priors.faults(pack, project),
    ]
    return sorted(set(found), key=lambda f: (_sortable(f.path), f.value))


def _sortable(place: str) -> tuple[str, int, int]:
    file, line, column = (*place.rsplit(":", 2), "0", "0")[:3]
    return (file, int(line) if line.isdigit() else 0, int(column) if column.isdigit() else 0)


Named = tuple[str, str | None]  # (place, id)


def _each(spot: Spot, field: str, ids: Iterable[str], *above: str | int) -> list[Named]:
    """The ids of a list, each with its place."""
    return [(spot.at(*above, field, index), each) for index, each in enumerate(ids)]


def _missing(named: Iterable[Named], known: Collection[str], what: str) -> Iterator[Fault]:
    for at, each in named:
        if each is not None and each not in known:
            yield Fault(at, shown(each), what, nearest(each, sorted(known)))


def _references(pack: Pack) -> Iterator[Fault]:
    alternatives, what = {a.id for a in pack.alternatives}, "the id of an alternative"
    evidence, proof = {e.id for e in pack.evidence}, "the id of a piece of evidence"
    questions = {q.id for q in pack.questionnaire.questions}
    sources, capabilities = {s.id for s in pack.sources}, {c.id for c in pack.capabilities}
    for e in pack.evidence:
        spot = pack.spots["evidence", e.id]
        yield from _missing([(spot.at("source"), e.source)], sources, "the id of a source")
        spoken = [*_each(spot, "favours", e.favours), *_each(spot, "disfavours", e.disfavours)]
        yield from _missing([*_each(spot, "about", e.about), *spoken, *_observed(spot, e)], alternatives, what)
        cited = [*_each(spot, "verdict_evidence", e.verdict_evidence), *_each(spot, "contradicts", e.contradicts)]
        yield from _missing(cited, evidence, proof)
    for a in pack.alternatives:
        yield from _missing(_cited(pack.spots["alternatives", a.id], a), evidence, proof)
        spot = pack.spots["alternatives", a.id]
        yield from _missing([(spot.at("lifecycle", "successor"), a.lifecycle.successor)], alternatives, what)
        keys = [(spot.key("capabilities", name), name) for name in a.capabilities]
        yield from _missing(keys, capabilities, "the id of a capability")
    for c in pack.capabilities:
        at = pack.spots["capabilities", c.id].at("options_of")
        yield from _missing([(at, c.options_of)], questions, "the id of a question")
    for p in pack.paths:
        spot = pack.spots["paths", p.id]
        yield from _missing([(spot.at("source"), p.source), (spot.at("target"), p.target)], alternatives, what)
        yield from _missing(_each(spot, "evidence", p.evidence), evidence, proof)
    for index, k in enumerate(pack.kin):
        spot = pack.spots["kin", str(index)]
        yield from _missing([(spot.at("a"), k.a), (spot.at("b"), k.b)], alternatives, what)
    for kind, entries in (("rules", pack.rules), ("gates", pack.gates)):
        for entry in entries:
            yield from _missing(_each(pack.spots[kind, entry.id], "evidence", entry.evidence), evidence, proof)


def _observed(spot: Spot, e: schema.Evidence) -> list[Named]:
    """Every alternative that a piece of evidence grades or compares."""
    graded: list[Named] = [(spot.at("grades", i, "alternative"), g.alternative) for i, g in enumerate(e.grades)]
    compared = [
        (spot.at("comparisons", i, side), getattr(c, side))
        for i, c in enumerate(e.comparisons)
        for side in ("better", "worse")
    ]
    return [*graded, *compared]


def _cited(spot: Spot, a: schema.Alternative) -> list[Named]:
    """Every piece of evidence that an alternative cites."""
    found = _each(spot, "evidence", a.lifecycle.evidence, "lifecycle")
    found += _each(spot, "evidence", a.licence.evidence, "licence") if a.licence else []
    found += _each(spot, "governance_evidence", a.governance_evidence)
    for name, cell in a.capabilities.items():
        found += _each(spot, "evidence", cell.evidence, "capabilities", name)
    return found


def _cells(pack: Pack, alternative: schema.Alternative) -> Iterator[Fault]:
    spot = pack.spots["alternatives", alternative.id]
    by_id = {c.id: c for c in pack.capabilities}
    options = {q.id: [o.id for o in q.options] for q in pack.questionnaire.questions}
    for name, cell in alternative.capabilities.items():
        capability = by_id.get(name)
        if capability is None:
            continue
        where, at = f"{alternative.id}.{name}", spot.key("capabilities", name)
        if not set(capability.roles) & set(alternative.roles):
            yield Fault(at, where, f"a capability of the roles {', '.join(alternative.roles)}")
        if cell.value == UNKNOWN:
            continue
        if not cell.evidence:
            yield Fault(at, where, "a value with evidence, or unknown")
        expected = _cell_fault(cell.value, capability, options)
        if expected:
            yield Fault(spot.at("capabilities", name, "value"), f"{where} = {shown(cell.value)}", expected)


def _cell_fault(value: object, capability: schema.Capability, options: dict[str, list[str]]) -> str | None:
    match capability.kind:
        case "level":
            return None if type(value) is int and value in (0, 1, 2, 3) else "a level 0, 1, 2 or 3"
        case "number":
            ok = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
            return None if ok else f"a number of {capability.unit}"
        case "flag":
            return None if isinstance(value, bool) else "true or false"
        case "version":
            ok = isinstance(value, str) and bool(version_key(value))
            return None if ok else 'a version as text, such as "3.12"'
        case _:
            known = options.get(capability.options_of or "", [])
            ok = isinstance(value, list) and all(item in known for item in value)
            return None if ok else f"a list of options of {capability.options_of}"


def _observations(pack: Pack) -> Iterator[Fault]:
    criteria = {c.id: c for c in pack.criteria}
    roles = {a.id: set(a.roles) for a in pack.alternatives}
    for e in pack.evidence:
        spot = pack.spots["evidence", e.id]
        seen = [(spot.at("grades", i, "criterion"), g.criterion, [g.alternative]) for i, g in enumerate(e.grades)]
        seen += [
            (spot.at("comparisons", i, "criterion"), c.criterion, [c.better, c.worse])
            for i, c in enumerate(e.comparisons)
        ]
        for at, criterion_id, alternatives in seen:
            criterion = criteria.get(criterion_id)
            if criterion is None:
                yield Fault(at, shown(criterion_id), "the id of a criterion", nearest(criterion_id, criteria))
            elif criterion.derived or criterion.affinity:
                yield Fault(at, criterion_id, "a curated criterion: this one is computed, not graded")
            else:
                for one in alternatives:
                    if one in roles and not roles[one] & set(criterion.roles):
                        yield Fault(at, f"{one} on {criterion_id}", f"an alternative with a role {criterion.roles}")


def _days(pack: Pack) -> Iterator[Fault]:
    today = pack.settings.as_of
    sources = {s.id: s for s in pack.sources}
    first: dict[str, str] = {}
    for s in pack.sources:
        spot = pack.spots["sources", s.id]
        for field, day in (("date", s.date), ("accessed", s.accessed)):
            if day > today:
                yield Fault(spot.at(field), day, f"a day not after the pack's ({today})")
        if s.url is None and s.kind not in ("registry_metadata", "article", "paper", "own_measurement"):
            yield Fault(spot.key("url"), s.id, "a source with a url")
        if s.url is not None and first.setdefault(s.url, s.id) != s.id:
            expected = f"a source that is not on file as {first[s.url]!r}: evidence of one source shares its weight"
            yield Fault(spot.at("url"), s.id, expected)
    for e in pack.evidence:
        at = pack.spots["evidence", e.id].at("as_of")
        if e.as_of > today:
            yield Fault(at, e.as_of, f"a day not after the pack's ({today})")
        source = sources.get(e.source)
        if e.verdict == "holds" and source and e.as_of[:7] > source.accessed[:7]:
            yield Fault(at, e.as_of, "a day on which its source had been read")


def _criteria(pack: Pack) -> Iterator[Fault]:
    targets = _targets(pack)
    capabilities = {c.id for c in pack.capabilities} | {f"path.{t}" for t in targets}
    weighted = {criterion for rule in pack.rules for criterion in rule.weights}
    questions = [q.id for q in pack.questionnaire.questions]
    for c in pack.criteria:
        spot = pack.spots["criteria", c.id]
        if c.derived:
            named = [(spot.at("derived", "capability"), c.derived.capability)]
            yield from _missing(named, capabilities, "the id of a capability")
        if c.affinity:
            yield from _missing(
                [(spot.at("affinity", "question"), c.affinity.question)], questions, "the id of a question"
            )
        if pack.rules and c.id not in weighted:
            yield Fault(spot.at(), c.id, "a criterion that at least one rule weighs")


def _targets(pack: Pack) -> list[str]:
    return [o.id for q in pack.questionnaire.questions if q.id == "deploy_targets" for o in q.options]


def _rules(pack: Pack, project: dict[str, Kind]) -> Iterator[Fault]:
    criteria = {c.id: set(c.roles) for c in pack.criteria}
    priorities = next((q.options for q in pack.questionnaire.questions if q.id == "priorities"), [])
    for rule in pack.rules:
        spot = pack.spots["rules", rule.id]
        yield from condition_faults(spot, ("when",), rule.when, project)
        weighed = [(spot.key("weights", name), name) for name in rule.weights]
        yield from _missing(weighed, criteria, "the id of a criterion")
        yield from _missing([(spot.at("rank_of"), rule.rank_of)], [o.id for o in priorities], "an option of priorities")
        for at, name in weighed:
            if name in criteria and not criteria[name] & set(rule.roles):
                yield Fault(at, f"{rule.id}: {name}", f"a criterion of the roles {rule.roles}")
        if rule.when is not None and rule.examples is None:
            yield Fault(spot.at(), rule.id, "a rule with examples of when it fires and when not")


def expand(gate: schema.Gate) -> list[schema.Gate]:
    """The gate once per row of `each`, with the placeholders filled in; itself when there is none."""
    if not gate.each:
        return [gate]
    filled: list[schema.Gate] = []
    for row in gate.each:
        document = gate.model_dump()
        document["each"] = []
        for field in ("id", "when", "requires", "text", "argument"):
            for key, value in row.items():
                if document[field] is not None:
                    document[field] = document[field].replace("{" + key + "}", value)
        filled.append(schema.Gate.model_validate(document))
    return filled


def _gates(pack: Pack, project: dict[str, Kind], both: dict[str, Kind]) -> Iterator[Fault]:
    places: dict[str, str] = {}
    for gate in pack.gates:
        spot = pack.spots["gates", gate.id]
        try:
            family = expand(gate)
        except ValidationError as error:
            for each in error.errors(include_url=False, include_context=False):
                label = ".".join(str(part) for part in each["loc"])
                yield Fault(spot.key("each"), f"each, {label} {shown(each['input'])}", each["msg"])
            continue
        for one, row in zip(family, gate.each or [{}], strict=True):
            if one.id in places:
                yield Fault(spot.at("id"), shown(one.id), f"an id not used at {places[one.id]}")
            places[one.id] = spot.at("id")
            yield from condition_faults(spot, ("when",), one.when, project, row)
            yield from condition_faults(spot, ("requires",), one.requires, both, row)
            leftover = one.text.replace("{name}", "")
            if "{" in leftover:
                yield Fault(spot.at("text"), one.text, "a text with no placeholder but {name}")


def _questionnaire(pack: Pack, project: dict[str, Kind]) -> Iterator[Fault]:
    groups = [g.id for g in pack.questionnaire.groups]
    spot = pack.spots["questionnaire", ""]
    for index, q in enumerate(pack.questionnaire.questions):
        options, above = [o.id for o in q.options], ("questions", index)
        yield from _missing([(spot.at(*above, "group"), q.group)], groups, "the id of a group")
        yield from _missing(_each(spot, "exclusive", q.exclusive, *above), options, f"an option of {q.id}")
        if len(set(options)) < len(options):
            yield Fault(spot.key(*above, "options"), q.id, "a question whose options are all different")
        if (q.kind in ("one", "many", "ranked")) != bool(options):
            yield Fault(spot.key(*above, "options"), q.id, "options exactly for the kinds one, many and ranked")
        if q.none and (q.kind not in ("many", "alternatives") or set(options) & set(NONE_OF_THESE)):
            yield Fault(spot.at(*above, "none"), q.none, "null: no list, or one with an option that says so")
        if q.given and (q.kind == "ranked" or q.id in OFFERED):
            yield Fault(spot.at(*above, "given"), q.id, "false: what matters most and where it runs are chosen")
    for index, c in enumerate(pack.questionnaire.contradictions):
        yield from condition_faults(spot, ("contradictions", index, "when"), c.when, project)


def _packages(pack: Pack) -> Iterator[Fault]:
    alternatives = [a.id for a in pack.alternatives]
    told: dict[str, str] = {}
    owners: dict[tuple[str, str], tuple[str, str, str]] = {}  # (registry, name) -> alternative, role, place
    for entry in pack.packages:
        spot = pack.spots["packages", entry.id]
        yield from _missing([(spot.at("id"), entry.id)], alternatives, "the id of an alternative")
        for index, package in enumerate(entry.packages):
            at = spot.at("packages", index, "name")
            if package.tells and told.setdefault(package.name, entry.id) != entry.id:
                yield Fault(at, package.name, f"a package that tells nothing of {told[package.name]} already")
                continue
            if package.role not in OWN:
                continue
            key = (package.registry, package.name.casefold())
            owner, role, first = owners.setdefault(key, (entry.id, package.role, at))
            # A former name may have an entry of its own: one alternative's main package, another's `renamed_from`.
            if owner != entry.id and {role, package.role} != {"main", "renamed_from"}:
                yield Fault(
                    at, package.name, f"a package that is not {owner}'s already, as {first} says, or the role on"
                )
