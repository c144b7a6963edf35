"""The words and numbers that explain a decision, taken from the arrays that it was computed with.

Nothing here computes a score or evaluates a rule again; it names, orders and packs what the engine hands over.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import isnan

import numpy as np

from rules import changes, gates
from rules.compiled import Array, Condition, Gate, Release, Role, Rule
from rules.conditions import Name, Node, Values, sentences, walk
from rules.conditions.relevant import narrowing
from rules.decision import (
    Accepted,
    Caution,
    Considered,
    Excluded,
    NearMiss,
    Reason,
    RoleResult,
    Silent,
    Unverified,
    Weighed,
)
from rules.gates import Relaxation, Stop
from rules.requirements import Requirements
from rules.scoring import SUM_DECIMALS, Score
from rules.smaa import Acceptability
from rules.vocabulary import NO_END_YEARS

STOPS_KEPT = 8192


def reasons(role: Role, scored: Score, parts: Array, index: int) -> tuple[Reason, ...]:
    """What each rule that spoke said of one member, the largest contribution first."""
    member = role.members[index]
    spoken = np.flatnonzero(scored.share)
    said = (spoken, scored.share[spoken], scored.opinion[spoken, index], parts[spoken, index])
    found = []
    for r, share, opinion, part in zip(*(each.tolist() for each in said), strict=True):
        rule = role.rules[r]
        found.append(Reason(rule.id, rule.layer, rule.text, share, opinion, part, role.evidence[rule.id, member]))
    return tuple(sorted(found, key=lambda reason: (-round(abs(reason.contribution), SUM_DECIMALS), reason.rule)))


def cautions(release: Release, stops: Sequence[Stop]) -> tuple[Caution, ...]:
    """The soft gates that an alternative does not pass, and the hard ones that a house waives for it."""
    missed = [stop for stop in stops if stop.passed is False and not stop.excludes]
    told = [(stop, _stopped(release, stop.gate, stop.alternative, stop.gate.requires.facts)) for stop in missed]
    return tuple(Caution(s.gate.id, s.gate.layer, t.text, t.found, t.evidence, s.waiver) for s, t in told)


def unverified(stops: Sequence[Stop]) -> tuple[Unverified, ...]:
    """The gates on which nothing is known about an alternative."""
    return tuple(Unverified(stop.gate.id, stop.unknown) for stop in stops if stop.passed is None)


def weighed(role: Role, scored: Score) -> tuple[Weighed, ...]:
    """The rules that spoke, with strength, share and weights."""
    return tuple(
        Weighed(
            role.rules[r].id,
            role.rules[r].layer,
            role.rules[r].text,
            float(scored.strength[r]),
            float(scored.share[r]),
            role.weights[r],
        )
        for r in np.flatnonzero(scored.share).tolist()
    )


def quiet_rules(role: Role, scored: Score, silent: Sequence[Rule]) -> tuple[str, ...]:
    """The rules that are neither weighed nor kept silent by an unknown answer: they do not concern the project."""
    waiting = {rule.id for rule in silent}
    spoken = scored.share.tolist()
    return tuple(
        rule.id for rule, share in zip(role.rules, spoken, strict=True) if not share and rule.id not in waiting
    )


def acceptability(
    role: Role, field: Sequence[int], drawn: Acceptability | None, scored: Score
) -> Mapping[str, Accepted] | None:
    """What the draws say of each ranked alternative; None without draws."""
    if drawn is None:
        return None
    names = [role.members[index] for index in field]
    rules = [(r, role.rules[r].id) for r in np.flatnonzero(scored.share).tolist()]
    found = {}
    for row, name in enumerate(names):
        led = not isnan(drawn.confidence[row])
        found[name] = Accepted(
            wins=dict(zip(names, drawn.wins[row].tolist(), strict=True)),
            central_weights={rule: float(drawn.central[row, r]) for r, rule in rules} if led else None,
            confidence_factor=float(drawn.confidence[row]) if led else None,
        )
    return found


def grades(role: Role, scored: Score) -> dict[str, dict[str, tuple[float, float]]]:
    """[grade, standard deviation] of every member on every criterion that was weighed."""
    used = np.flatnonzero(scored.criterion_share).tolist()
    names = [role.criteria[c].id for c in used]
    pairs = np.stack((scored.grade[:, used], role.grade_sd[:, used]), axis=-1).tolist()
    return {
        member: {name: (mean, sd) for name, (mean, sd) in zip(names, row, strict=True)}
        for member, row in zip(role.members, pairs, strict=True)
    }


# --- What is out -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Stopped:
    """What stopping one alternative at one gate is told with, whatever the project: text, facts found, evidence."""

    text: str
    found: str
    evidence: tuple[str, ...]


@lru_cache(maxsize=STOPS_KEPT)
def _stopped(release: Release, gate: Gate, name: str, facts: tuple[str, ...]) -> _Stopped:
    alternative = release.alternatives[name]
    cited = alternative.fact_evidence
    return _Stopped(
        gate.text.replace("{name}", alternative.name),
        sentences.found(facts, release.names, release.labels, alternative.facts),
        (*gate.evidence, *dict.fromkeys(e for fact in facts for e in cited.get(fact, ()))),
    )


@dataclass(frozen=True, slots=True)
class _Required:
    """What a gate requires as one project is told it: in words, and the facts that this looks at."""

    words: str
    facts: tuple[str, ...]


@lru_cache(maxsize=STOPS_KEPT)
def _narrowing(release: Release, gate: Gate) -> Callable[[Values], Node]:
    return narrowing(gate.requires.node, release.names)


def _required(release: Release, gate: Gate, values: Values) -> _Required:
    node = _narrowing(release, gate)(values)
    mentioned = dict.fromkeys(part.name for part in walk(node) if isinstance(part, Name))
    words = sentences.sentence(node, release.names, release.labels, values)
    return _Required(words, tuple(name for name in mentioned if name.startswith("alt.")))


@lru_cache(maxsize=STOPS_KEPT)
def _always_required(release: Release, gate: Gate) -> _Required:
    """What a gate requires where the answers make no difference to it."""
    return _required(release, gate, {})


def excluded(
    release: Release,
    values: Values,
    failing: Mapping[str, list[Gate]],
    relaxations: Mapping[str, tuple[Relaxation, ...]],
) -> tuple[Excluded, ...]:
    """Every exclusion: what the gate requires, what was found, and what would let the alternative back in."""
    stopping = {gate.id: gate for gates_missed in failing.values() for gate in gates_missed}
    required = {
        gate.id: _required(release, gate, values) if gate.requires.questions else _always_required(release, gate)
        for gate in stopping.values()
    }
    return tuple(
        Excluded(
            framework=name,
            gate=gate.id,
            layer=gate.layer,
            text=(stopped := _stopped(release, gate, name, required[gate.id].facts)).text,
            required=required[gate.id].words,
            found=stopped.found,
            evidence=stopped.evidence,
            relaxation=relaxations.get(name, ()),
        )
        for name, gates_missed in failing.items()
        for gate in gates_missed
    )


def unweighed(release: Release, role: Role, failing: Mapping[str, list[Gate]]) -> tuple[Excluded, ...]:
    """The members that pass the gates of a role in which no rule speaks: without one there is nothing to rank by."""
    return tuple(
        Excluded(
            framework=name,
            gate="no-rule-speaks",
            layer="engine",
            text=f"{release.alternatives[name].name} is graded, but no rule weighs the role {role.name} yet",
            required="A rule that speaks in this role",
            found="None",
            evidence=(),
            relaxation=(),
        )
        for name in role.members
        if name not in failing
    )


def near_misses(
    failing: Mapping[str, list[Gate]],
    relaxations: Mapping[str, tuple[Relaxation, ...]],
    places: Mapping[str, tuple[float, int]],
) -> tuple[NearMiss, ...]:
    """The excluded that one changed answer lets in, best first, with the place each takes after the nearest one."""
    found = [
        NearMiss(member, score, rank, tuple(gate.id for gate in failing[member]), relaxations[member])
        for member, (score, rank) in places.items()
    ]
    return tuple(sorted(found, key=lambda miss: (-round(miss.score, SUM_DECIMALS), miss.framework)))


# --- What is not known -----------------------------------------------------------------------------------------------


def _unknown(condition: Condition | None, values: Values) -> tuple[str, ...]:
    """The questions that a condition looks at and that are not answered, sorted."""
    return tuple(q for q in condition.asked if values.get(q) is None) if condition else ()


def silent_rules(
    role: Role,
    scored: Score | None,
    field: Sequence[int],
    silent: Sequence[Rule],
    values: Values,
    first: str | None,
    flipping: Collection[str],
) -> list[Silent]:
    """The rules that an unknown answer keeps silent, and whether speaking would change the first place.

    `flipping` are the questions with an answer that would: what a rule on the alternatives that a project names would
    say is not known before they are named. Where nothing is `scored`, any rule that speaks puts somebody first.
    """
    index = {rule.id: i for i, rule in enumerate(role.rules)}
    if scored is None:
        winners: Sequence[str | None] = [next(iter(role.members), None)] * len(silent)
    else:
        winners = changes.winners_with(role, scored, [index[rule.id] for rule in silent], field)
    found = []
    for rule, then in zip(silent, winners, strict=True):
        questions = _unknown(rule.when, values)
        could_change = then != first or any(question in flipping for question in questions)
        found.append(Silent(role.name, "rule", rule.id, rule.text, questions, could_change))
    return found


def silent_gates(
    release: Release, role: Role, silent: Sequence[Gate], values: Values, first: str | None
) -> list[Silent]:
    """Gates that an unknown answer keeps open and that would stop the present first."""
    if first is None:
        return []
    alternative = release.alternatives[first]
    found = []
    for gate in silent:
        if gate.excludes and first not in gate.waivers and gates.meets(gate, values, alternative) is False:
            questions = _unknown(gate.when, values)
            text = gate.text.replace("{name}", alternative.name)
            found.append(Silent(role.name, "gate", gate.id, text, questions, True))
    return found


def considered(
    release: Release, requirements: Requirements, results: Mapping[str, RoleResult]
) -> tuple[Considered, ...]:
    """What became of each alternative that was asked for by name."""
    named = requirements.values.get("considering")
    return tuple(_one_considered(release, requirements, results, n) for n in named) if isinstance(named, tuple) else ()


def _one_considered(
    release: Release, requirements: Requirements, results: Mapping[str, RoleResult], name: str
) -> Considered:
    alternative = release.alternatives[name]
    version = requirements.versions.get(name)
    outcomes = []
    for result in results.values():
        place = next((p.rank for p in result.ranking if p.framework == name), None)
        stopped = [e for e in result.excluded if e.framework == name]
        if place:
            outcomes.append(f"{result.role}: rank {place} of {len(result.ranking)}.")
        elif stopped:
            outcomes.append(f"{result.role}: excluded, {stopped[0].text}.")
    text = " ".join(outcomes) or f"Not a candidate for {' or '.join(results) or 'any role'}: {alternative.about}"
    if alternative.successor:
        text += f" Its successor is {release.alternatives[alternative.successor].name}."
    left = alternative.facts.get("alt.years_left")
    if isinstance(left, float) and left < NO_END_YEARS:
        text += f" Its end is announced: {left:g} {'year' if left == 1 else 'years'} from {release.as_of}."
    if version and not f"{alternative.version}.".startswith(f"{version}."):
        text += f" Facts on file are for version {alternative.version or 'unknown'}, not {version}."
    outcome = "ranked" if any(": rank " in o for o in outcomes) else "excluded" if outcomes else "not a candidate"
    return Considered(name, version, outcome, text)
