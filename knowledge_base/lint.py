"""Does the pack make sense as a whole? Every problem is listed at once, with file, line and column.

Single entries are already sound (`knowledge_base.pack` saw to that). Here: references, types of facts against the
vocabulary, conditions, and the days of evidence. The examples of rules and gates are run by `knowledge_base.release`.
"""

from collections.abc import Iterable, Iterator
from math import isfinite

from pydantic import ValidationError

from knowledge_base import schema
from knowledge_base.pack import Pack
from knowledge_base.vocabulary import pack_names
from rules import conditions
from rules.conditions import Kind
from rules.faults import Fault, InvalidInput, nearest, shown
from rules.hardware import version_key

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
    ]
    return sorted(set(found), key=lambda f: (_sortable(f.path), f.value))


def _sortable(place: str) -> tuple[str, int, int]:
    file, line, column = (*place.rsplit(":", 2), "0", "0")[:3]
    return (file, int(line) if line.isdigit() else 0, int(column) if column.isdigit() else 0)


def _missing(at: str, ids: Iterable[str | None], known: Iterable[str], what: str) -> Iterator[Fault]:
    valid = set(known)
    for each in ids:
        if each is not None and each not in valid:
            yield Fault(at, shown(each), what, nearest(each, valid))


def _references(pack: Pack) -> Iterator[Fault]:
    alternatives = [a.id for a in pack.alternatives]
    evidence = [e.id for e in pack.evidence]
    sources = [s.id for s in pack.sources]
    capabilities = [c.id for c in pack.capabilities]
    for e in pack.evidence:
        at = pack.places["evidence", e.id]
        yield from _missing(at, [e.source], sources, "the id of a source")
        named = [
            *e.about,
            *(g.alternative for g in e.grades),
            *(x for c in e.comparisons for x in (c.better, c.worse)),
        ]
        yield from _missing(at, named, alternatives, "the id of an alternative")
        yield from _missing(at, [*e.verdict_evidence, *e.contradicts], evidence, "the id of a piece of evidence")
    for a in pack.alternatives:
        at = pack.places["alternatives", a.id]
        cited = [*a.lifecycle.evidence, *(a.licence.evidence if a.licence else ())]
        cited += [e for cell in a.capabilities.values() for e in cell.evidence]
        yield from _missing(at, cited, evidence, "the id of a piece of evidence")
        yield from _missing(at, [a.lifecycle.successor], alternatives, "the id of an alternative")
        yield from _missing(at, a.capabilities, capabilities, "the id of a capability")
    questions = [q.id for q in pack.questionnaire.questions]
    for c in pack.capabilities:
        yield from _missing(pack.places["capabilities", c.id], [c.options_of], questions, "the id of a question")
    for p in pack.paths:
        at = pack.places["paths", p.id]
        yield from _missing(at, [p.source, p.target], alternatives, "the id of an alternative")
        yield from _missing(at, p.evidence, evidence, "the id of a piece of evidence")
    for k in pack.kin:
        yield from _missing("kin.yaml", [k.a, k.b], alternatives, "the id of an alternative")
    for kind, entries in (("rules", pack.rules), ("gates", pack.gates)):
        for entry in entries:
            yield from _missing(pack.places[kind, entry.id], entry.evidence, evidence, "the id of a piece of evidence")


def _cells(pack: Pack, alternative: schema.Alternative) -> Iterator[Fault]:
    at = pack.places["alternatives", alternative.id]
    by_id = {c.id: c for c in pack.capabilities}
    options = {q.id: [o.id for o in q.options] for q in pack.questionnaire.questions}
    for name, cell in alternative.capabilities.items():
        capability = by_id.get(name)
        if capability is None:
            continue
        where = f"{alternative.id}.{name}"
        if not set(capability.roles) & set(alternative.roles):
            yield Fault(at, where, f"a capability of the roles {', '.join(alternative.roles)}")
        if cell.value == UNKNOWN:
            continue
        if not cell.evidence:
            yield Fault(at, where, "a value with evidence, or unknown")
        expected = _cell_fault(cell.value, capability, options)
        if expected:
            yield Fault(at, f"{where} = {shown(cell.value)}", expected)


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
        at = pack.places["evidence", e.id]
        seen = [(g.criterion, g.alternative) for g in e.grades]
        seen += [(c.criterion, x) for c in e.comparisons for x in (c.better, c.worse)]
        for criterion_id, alternative in seen:
            criterion = criteria.get(criterion_id)
            if criterion is None:
                yield Fault(at, shown(criterion_id), "the id of a criterion", nearest(criterion_id, criteria))
            elif criterion.derived or criterion.affinity:
                yield Fault(at, criterion_id, "a curated criterion: this one is computed, not graded")
            elif alternative in roles and not roles[alternative] & set(criterion.roles):
                yield Fault(at, f"{alternative} on {criterion_id}", f"an alternative with a role {criterion.roles}")


def _days(pack: Pack) -> Iterator[Fault]:
    today = pack.settings.as_of
    sources = {s.id: s for s in pack.sources}
    for s in pack.sources:
        if s.date > today or s.accessed > today:
            yield Fault(pack.places["sources", s.id], s.date, f"a day not after the pack's ({today})")
        if s.url is None and s.kind not in ("registry_metadata", "article", "paper", "own_measurement"):
            yield Fault(pack.places["sources", s.id], s.id, "a source with a url")
    first: dict[str, str] = {}
    for s in pack.sources:
        if s.url is not None and first.setdefault(s.url, s.id) != s.id:
            at = pack.places["sources", s.id]
            yield Fault(
                at, s.id, f"a source that is not on file as {first[s.url]!r}: evidence of one source shares its weight"
            )
    for e in pack.evidence:
        if e.as_of > today:
            yield Fault(pack.places["evidence", e.id], e.as_of, f"a day not after the pack's ({today})")
        source = sources.get(e.source)
        if e.verdict == "holds" and source and e.as_of[:7] > source.accessed[:7]:
            yield Fault(pack.places["evidence", e.id], e.as_of, "a day on which its source had been read")


def _criteria(pack: Pack) -> Iterator[Fault]:
    targets = _targets(pack)
    capabilities = {c.id for c in pack.capabilities} | {f"path.{t}" for t in targets}
    weighted = {criterion for rule in pack.rules for criterion in rule.weights}
    questions = [q.id for q in pack.questionnaire.questions]
    for c in pack.criteria:
        at = pack.places["criteria", c.id]
        if c.derived:
            yield from _missing(at, [c.derived.capability], capabilities, "the id of a capability")
        if c.affinity:
            yield from _missing(at, [c.affinity.question], questions, "the id of a question")
        if pack.rules and c.id not in weighted:
            yield Fault(at, c.id, "a criterion that at least one rule weighs")


def _targets(pack: Pack) -> list[str]:
    return [o.id for q in pack.questionnaire.questions if q.id == "deploy_targets" for o in q.options]


def _condition(at: str, field: str, source: str | None, names: dict[str, Kind]) -> Iterator[Fault]:
    if source is None:
        return
    try:
        faults = conditions.check(source, conditions.parse(source), names)
    except InvalidInput as invalid:
        faults = list(invalid.faults)
    for fault in faults:
        yield Fault(at, f"{field}, {fault.path}: {fault.value}", fault.expected, fault.nearest)


def _rules(pack: Pack, project: dict[str, Kind]) -> Iterator[Fault]:
    criteria = {c.id: set(c.roles) for c in pack.criteria}
    priorities = next((q.options for q in pack.questionnaire.questions if q.id == "priorities"), [])
    for rule in pack.rules:
        at = pack.places["rules", rule.id]
        yield from _condition(at, "when", rule.when, project)
        yield from _missing(at, rule.weights, criteria, "the id of a criterion")
        yield from _missing(at, [rule.rank_of], [o.id for o in priorities], "an option of priorities")
        for name in rule.weights:
            if name in criteria and not criteria[name] & set(rule.roles):
                yield Fault(at, f"{rule.id}: {name}", f"a criterion of the roles {rule.roles}")
        if rule.when is not None and rule.examples is None:
            yield Fault(at, rule.id, "a rule with examples of when it fires and when not")


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
        at = pack.places["gates", gate.id]
        try:
            family = expand(gate)
        except ValidationError as error:
            for each in error.errors(include_url=False, include_context=False):
                label = ".".join(str(part) for part in each["loc"])
                yield Fault(at, f"each, {label} {shown(each['input'])}", each["msg"])
            continue
        for one in family:
            if one.id in places:
                yield Fault(at, shown(one.id), f"an id not used at {places[one.id]}")
            places[one.id] = at
            yield from _condition(at, "when", one.when, project)
            yield from _condition(at, "requires", one.requires, both)
            leftover = one.text.replace("{name}", "")
            if "{" in leftover:
                yield Fault(at, one.text, "a text with no placeholder but {name}")


def _questionnaire(pack: Pack, project: dict[str, Kind]) -> Iterator[Fault]:
    groups = [g.id for g in pack.questionnaire.groups]
    for q in pack.questionnaire.questions:
        options = [o.id for o in q.options]
        yield from _missing("questions.yaml", [q.group], groups, "the id of a group")
        yield from _missing("questions.yaml", q.exclusive, options, f"an option of {q.id}")
        if len(set(options)) < len(options):
            yield Fault("questions.yaml", q.id, "a question whose options are all different")
        if (q.kind in ("one", "many", "ranked")) != bool(options):
            yield Fault("questions.yaml", q.id, "options exactly for the kinds one, many and ranked")
    for c in pack.questionnaire.contradictions:
        yield from _condition("questions.yaml", f"contradiction {c.id}", c.when, project)
