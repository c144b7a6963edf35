"""One recommendation, start to end: requirements, gates, grades, score, confidence, explanation, packed in one Decision.

This is the only path that decides, and what it shows is what it computed with.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rules import changes, confidence, gates, hardware, scoring, sentences, stacks
from rules.conditions import Values
from rules.decision import (
    Caution,
    Considered,
    Decision,
    Excluded,
    Hardware,
    NearMiss,
    Ranked,
    Reason,
    RoleResult,
    Silent,
    Unverified,
    Weighed,
)
from rules.faults import Fault, InvalidInput, nearest, shown
from rules.gates import Both, Gate, Relaxation, Stop
from rules.hardware import Profile
from rules.release import ROLES, Array, Release, Role, Rule
from rules.requirements import Requirements
from rules.scoring import Score

TRAINS = ("train", "train_from_scratch", "fine_tune", "adapter_tuning", "preference_tuning", "use_pretrained")
RUNS = ("use_pretrained", "inference_only")


def decide(
    release: Release,
    requirements: Requirements,
    profile: Profile | None = None,
    roles: Sequence[str] | None = None,
) -> Decision:
    """The decision for a project.

    Args:
        release: the knowledge to answer from.
        requirements: the answers as understood.
        profile: hardware that fills what the answers leave open; None: only what the answers say.
        roles: the roles to rank; None: those the answers call for.

    Raises:
        InvalidInput: a role is unknown.
    """
    faults = [Fault("roles", shown(r), "a role", nearest(r, ROLES)) for r in roles or () if r not in ROLES]
    if faults:
        raise InvalidInput(faults)
    seen = _hardware(requirements, profile)
    values: dict[str, object] = {**requirements.values, **_tuples(seen.filled)}
    called = tuple(role for role in ROLES if role in roles) if roles else roles_called_for(values)
    values |= {f"hardware.{name}": value for name, value in seen.facts.items()}
    judged = [_judge(release, release.roles[role], values) for role in called]
    results = {j.result.role: j.result for j in judged}
    first = _first(results.get("training"))
    return Decision(
        release_id=release.id,
        release_sha256=release.sha256,
        hardware=seen,
        answers=requirements.document(),
        asked_roles=tuple(roles or ()),
        roles=results,
        stack=stacks.plan(release, values, first, _runtimes(results)),
        answer_flips=tuple(f for j in judged for f in j.answer_flips),
        weight_flips=tuple(f for j in judged for f in j.weight_flips),
        silent=tuple(s for j in judged for s in j.silent),
        considered=_considered(release, requirements, results),
    )


def roles_called_for(values: Values) -> tuple[str, ...]:
    """The roles that the answers call for: training unless the project only runs models; a runtime where one is shipped."""
    need = values.get("need")
    needs = need if isinstance(need, tuple) else None
    runs = bool(stacks.targets(values)) or (needs is not None and any(n in RUNS for n in needs))
    trains = needs is None or any(n in TRAINS for n in needs) or not runs
    return tuple(role for role, called in (("training", trains), ("runtime", runs)) if called)


def _tuples(filled: Mapping[str, object]) -> dict[str, object]:
    return {q: tuple(v) if isinstance(v, list) else v for q, v in filled.items()}


def _hardware(requirements: Requirements, profile: Profile | None) -> Hardware:
    if profile is None:
        return Hardware("answers", "what the answers say", None, {}, {}, ())
    offered = hardware.answers_from(profile)
    filled = {q: v for q, v in offered.items() if q not in requirements.values}
    disagreements = []
    for question in ("train_hardware", "train_os"):
        said = requirements.values.get(question)
        seen = offered.get(question)
        missing = sorted(set(said) - set(seen)) if isinstance(said, tuple) and isinstance(seen, list) else []
        if missing:
            lacks = ", ".join(missing)
            disagreements.append(f"The answers name {lacks} for {question}; the profile does not show it.")
    facts = dict(sorted(hardware.facts(profile).items()))
    return Hardware("profile", profile.label, profile.captured_at, facts, filled, tuple(disagreements))


@dataclass(frozen=True, slots=True)
class _Judged:
    result: RoleResult
    answer_flips: Sequence[changes.AnswerFlip]
    weight_flips: Sequence[changes.WeightFlip]
    silent: Sequence[Silent]


def _judge(release: Release, role: Role, values: Values) -> _Judged:
    """One role: gates first, then the score of every graded member, then what the allowed ones make of it."""
    stops, silent_gates = gates.guard(role, values, release.alternatives)
    failing: dict[str, list[Gate]] = {}
    for stop in stops:
        if stop.passed is False and stop.gate.excludes:
            failing.setdefault(stop.alternative, []).append(stop.gate)
    allowed = [member not in failing for member in role.members]
    edits = {
        name: gates.relaxations(release, role, values, release.alternatives[name], stopping)
        for name, stopping in failing.items()
    }
    excluded = tuple(_excluded(release, values, gate, name, edits[name]) for name in failing for gate in failing[name])
    if not role.members:
        return _Judged(RoleResult(role.name, (), excluded, (), 0.0, None, (), {}), (), (), ())
    strengths, silent_rules = scoring.strengths(role, values)
    scored = scoring.score(release, role, values, strengths)
    field = [i for i, is_allowed in enumerate(allowed) if is_allowed]
    ranking, field_mean = _rank(release, role, scored, field, stops, values)
    order = [place.framework for place in ranking]
    first = order[0] if order else None
    result = RoleResult(
        role=role.name,
        ranking=ranking,
        excluded=excluded,
        near_misses=_near_misses(role, scored, field, failing, edits),
        field_mean=field_mean,
        margin=ranking[0].score - ranking[1].score if len(ranking) > 1 else None,
        rules=_weighed(role, scored),
        grades=_grades(role, scored),
    )
    pair = [role.members.index(name) for name in order[:2]]
    return _Judged(
        result,
        changes.answer_flips(release, role, values, scored, allowed, first),
        changes.weight_flips(role, scored, pair[0], pair[1]) if len(pair) == 2 else (),
        [
            *_silent_rules(role, scored, allowed, silent_rules, values, first),
            *_silent_gates(release, role, silent_gates, values, first),
        ],
    )


# --- The ranking -----------------------------------------------------------------------------------------------------


def _rank(
    release: Release, role: Role, scored: Score, field: list[int], stops: list[Stop], values: Values
) -> tuple[tuple[Ranked, ...], float]:
    if not field:
        return (), 0.0
    stated = release.confidence
    sigma = confidence.covariance(scored, role.grade_sd, stated["weight_relative_sd"])[np.ix_(field, field)]
    score = scored.score[field]
    wins = confidence.beats(score, sigma)
    chances = confidence.rank_probabilities(score, sigma)
    order = sorted(range(len(field)), key=lambda i: (-round(float(score[i]), 12), role.members[field[i]]))
    groups = confidence.tie_groups(order, wins, stated["tie_below_win_probability"])
    parts, field_mean = scoring.contributions(scored, field)
    led = groups.count(1)
    ranking = []
    for place, (local, group) in enumerate(zip(order, groups, strict=True)):
        index = field[local]
        name = role.members[index]
        ranking.append(
            Ranked(
                framework=name,
                rank=place + 1,
                score=float(score[local]),
                interval=confidence.interval(
                    float(score[local]), float(sigma[local, local]), stated["interval_probability"]
                ),
                win_probability=float(chances[local, 0]),
                rank_probabilities=tuple(chances[local].tolist()),
                verdict=("tied for first" if led > 1 else "first") if group == 1 else "behind",
                tie_group=group,
                reasons=_reasons(role, scored, parts, index),
                cautions=_cautions(release, stops, values, name),
                unverified=tuple(
                    Unverified(s.gate.id, s.gate.requires.facts)
                    for s in stops
                    if s.alternative == name and s.passed is None
                ),
            )
        )
    return tuple(ranking), field_mean


def _reasons(role: Role, scored: Score, parts: Array, index: int) -> tuple[Reason, ...]:
    member = role.members[index]
    spoken = np.flatnonzero(scored.share).tolist()
    reasons = [
        Reason(
            rule=role.rules[r].id,
            layer=role.rules[r].layer,
            text=role.rules[r].text,
            share=float(scored.share[r]),
            opinion=float(scored.opinion[r, index]),
            contribution=float(parts[r, index]),
            evidence=role.evidence[role.rules[r].id, member],
        )
        for r in spoken
    ]
    return tuple(sorted(reasons, key=lambda reason: (-round(abs(reason.contribution), 12), reason.rule)))


def _cautions(release: Release, stops: list[Stop], values: Values, name: str) -> tuple[Caution, ...]:
    alternative = release.alternatives[name]
    return tuple(
        Caution(
            s.gate.id,
            s.gate.text.replace("{name}", alternative.name),
            _found(release, values, s.gate, name),
            _gate_evidence(release, s.gate, name),
        )
        for s in stops
        if s.alternative == name and s.passed is False and not s.gate.excludes
    )


def _weighed(role: Role, scored: Score) -> tuple[Weighed, ...]:
    return tuple(
        Weighed(
            role.rules[r].id,
            role.rules[r].layer,
            role.rules[r].text,
            float(scored.strength[r]),
            float(scored.share[r]),
            {c.id: float(w) for c, w in zip(role.criteria, role.weight[r].tolist(), strict=True) if w},
        )
        for r in np.flatnonzero(scored.share).tolist()
    )


def _grades(role: Role, scored: Score) -> dict[str, dict[str, tuple[float, float]]]:
    used = np.flatnonzero(scored.criterion_share).tolist()
    return {
        member: {role.criteria[c].id: (float(scored.grade[f, c]), float(role.grade_sd[f, c])) for c in used}
        for f, member in enumerate(role.members)
    }


# --- What is out -----------------------------------------------------------------------------------------------------


def _found(release: Release, values: Values, gate: Gate, name: str) -> str:
    both = Both(values, release.alternatives[name].facts)
    return sentences.found(gate.requires.facts, release.names, release.labels, both)  # type: ignore[arg-type]


def _gate_evidence(release: Release, gate: Gate, name: str) -> tuple[str, ...]:
    cited = release.alternatives[name].fact_evidence
    return (*gate.evidence, *dict.fromkeys(e for fact in gate.requires.facts for e in cited.get(fact, ())))


def _excluded(release: Release, values: Values, gate: Gate, name: str, edits: tuple[Relaxation, ...]) -> Excluded:
    return Excluded(
        framework=name,
        gate=gate.id,
        layer=gate.layer,
        text=gate.text.replace("{name}", release.alternatives[name].name),
        required=sentences.sentence(gate.requires.node, release.names, release.labels, values),
        found=_found(release, values, gate, name),
        evidence=_gate_evidence(release, gate, name),
        relaxation=edits,
    )


def _near_misses(
    role: Role,
    scored: Score,
    field: list[int],
    failing: Mapping[str, list[Gate]],
    edits: Mapping[str, tuple[Relaxation, ...]],
) -> tuple[NearMiss, ...]:
    found = []
    for index, member in enumerate(role.members):
        if edits.get(member):
            score = float(scored.score[index])
            ahead = sum(round(float(scored.score[i]), 12) >= round(score, 12) for i in field)
            gates_missed = tuple(g.id for g in failing[member])
            found.append(NearMiss(member, score, ahead + 1, gates_missed, edits[member]))
    return tuple(sorted(found, key=lambda miss: (-round(miss.score, 12), miss.framework)))


# --- What is not known -----------------------------------------------------------------------------------------------


def _unknown(questions: frozenset[str], values: Values) -> tuple[str, ...]:
    return tuple(sorted(q for q in questions if values.get(q) is None))


def _silent_rules(
    role: Role,
    scored: Score,
    allowed: list[bool],
    silent: list[Rule],
    values: Values,
    first: str | None,
) -> list[Silent]:
    index = {rule.id: i for i, rule in enumerate(role.rules)}
    found = []
    for rule in silent:
        questions = _unknown(rule.when.questions if rule.when else frozenset(), values)
        then = changes.could_win(role, scored, index[rule.id], rule.strength, allowed)
        found.append(Silent(role.name, "rule", rule.id, rule.text, questions, then != first))
    return found


def _silent_gates(
    release: Release, role: Role, silent: list[Gate], values: Values, first: str | None
) -> list[Silent]:
    """Gates that an unknown answer keeps open and that would stop the present first."""
    if first is None:
        return []
    alternative = release.alternatives[first]
    found = []
    for gate in silent:
        if gate.excludes and gates.meets(gate, values, alternative) is False:
            questions = _unknown(gate.when.questions if gate.when else frozenset(), values)
            text = gate.text.replace("{name}", alternative.name)
            found.append(Silent(role.name, "gate", gate.id, text, questions, True))
    return found


# --- Around the roles ------------------------------------------------------------------------------------------------


def _first(result: RoleResult | None) -> str | None:
    return result.ranking[0].framework if result and result.ranking else None


def _runtimes(results: Mapping[str, RoleResult]) -> list[str]:
    result = results.get("runtime")
    return [place.framework for place in result.ranking] if result else []


def _considered(
    release: Release, requirements: Requirements, results: Mapping[str, RoleResult]
) -> tuple[Considered, ...]:
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
    if version and version != alternative.version:
        text += f" Facts on file are for version {alternative.version or 'unknown'}, not {version}."
    outcome = "ranked" if any(": rank " in o for o in outcomes) else "excluded" if outcomes else "not a candidate"
    return Considered(name, version, outcome, text)
