"""One recommendation, start to end: requirements, gates, grades, score, confidence, explanation, packed in one
Decision.

This is the only path that decides, and what it shows is what it computed with.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from rules import changes, confidence, explanation, gates, hardware, reach, scoring, stacks
from rules.compiled import ROLES, Gate, Release, Role
from rules.conditions import Values
from rules.decision import Decision, Hardware, Ranked, RoleResult, Silent
from rules.faults import Fault, InvalidInput, nearest, shown
from rules.gates import Possible, Stop
from rules.hardware import Profile
from rules.requirements import Requirements
from rules.requirements import possible as can_be_answered
from rules.scoring import Score

TRAINS = ("train", "train_from_scratch", "fine_tune", "adapter_tuning", "preference_tuning")
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
    _require_known(roles or ())
    seen = _hardware(requirements, profile)
    values: dict[str, object] = {**requirements.values, **_tuples(seen.filled)}
    called = tuple(role for role in ROLES if role in roles) if roles else roles_called_for(values)
    values |= {f"hardware.{name}": value for name, value in seen.facts.items()}
    possible = partial(_possible, release, requirements, seen.filled)
    views = reach.Views(release, values)
    # The stack is the project's, whichever roles were asked for.
    needed = called if not roles else tuple(r for r in ROLES if r in called or r in roles_called_for(values))
    found = {role: _judge(views, role, values, possible) for role in needed}
    judged = [found[role] for role in called]
    results = {j.result.role: j.result for j in judged}
    return Decision(
        release_id=release.id,
        release_sha256=release.sha256,
        hardware=seen,
        answers=requirements.document(),
        asked_roles=tuple(roles or ()),
        roles=results,
        stack=stacks.plan(release, values, _first(found.get("training")), _places(found.get("runtime")), views.usable),
        answer_flips=tuple(f for j in judged for f in j.answer_flips),
        weight_flips=tuple(f for j in judged for f in j.weight_flips),
        silent=tuple(s for j in judged for s in j.silent),
        considered=explanation.considered(release, requirements, results),
    )


def _require_known(roles: Sequence[str]) -> None:
    faults = [Fault("roles", shown(role), "a role", nearest(role, ROLES)) for role in roles if role not in ROLES]
    if faults:
        raise InvalidInput(faults)


def _possible(
    release: Release, requirements: Requirements, filled: Mapping[str, object], question: str, after: object
) -> bool:
    if after is None and question in filled:  # the profile would fill it in again
        return False
    return can_be_answered(requirements.values, question, after, release.questionnaire)


def roles_called_for(values: Values) -> tuple[str, ...]:
    """The roles that the answers call for: training unless a project only runs models, a runtime where it ships one."""
    need = values.get("need")
    needs = need if isinstance(need, tuple) else None
    runs = bool(reach.targets(values)) or (needs is not None and any(n in RUNS for n in needs))
    # Pretrained models may be worked with in a training framework, unless nothing but inference is wanted.
    works_with_models = needs is not None and "use_pretrained" in needs and "inference_only" not in needs
    trains = needs is None or works_with_models or any(n in TRAINS for n in needs) or not runs
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
        missing = sorted(set(said) - set(seen) - {"none"}) if isinstance(said, tuple) and isinstance(seen, list) else []
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


def _judge(views: reach.Views, name: str, values: Values, possible: Possible) -> _Judged:
    """One role: gates first, then the score of every graded member, then what the allowed ones make of it."""
    release, seen = views.release, partial(views.seen, name)
    role = release.roles[name]
    stops, silent_gates = gates.guard(role, values, release.alternatives)
    failing = _failing(stops)
    allowed = [member not in failing for member in role.members]
    trials = gates.Trials(role, values, possible, seen)
    edits = {name: gates.relaxations(release, values, name, stopping, trials) for name, stopping in failing.items()}
    excluded = explanation.excluded(release, values, failing, edits)
    strengths, silent_rules = scoring.strengths(role, values)
    if not role.members or not any(strengths):
        excluded += explanation.unweighed(release, role, failing)
        return _Judged(RoleResult(role.name, (), excluded, (), 0.0, None, (), {}), (), (), ())
    scored = scoring.score(release, role, values, strengths)
    field = [i for i, is_allowed in enumerate(allowed) if is_allowed]
    ranking, field_mean = _rank(release, role, scored, field, stops, values)
    order = [place.framework for place in ranking]
    first = order[0] if order else None
    result = RoleResult(
        role=role.name,
        ranking=ranking,
        excluded=excluded,
        near_misses=explanation.near_misses(role, scored, field, failing, edits),
        field_mean=field_mean,
        margin=ranking[0].score - ranking[1].score if len(ranking) > 1 else None,
        rules=explanation.weighed(role, scored),
        grades=explanation.grades(role, scored),
    )
    pair = [role.members.index(name) for name in order[:2]]
    flips = changes.answer_flips(release, role, values, scored, first, possible, seen)
    return _Judged(
        result,
        flips,
        changes.weight_flips(role, scored, pair[0], pair[1]) if len(pair) == 2 else (),
        [
            *explanation.silent_rules(role, scored, allowed, silent_rules, values, first, {f.question for f in flips}),
            *explanation.silent_gates(release, role, silent_gates, values, first),
        ],
    )


def _failing(stops: Sequence[Stop]) -> dict[str, list[Gate]]:
    """The gates that keep out each excluded alternative."""
    failing: dict[str, list[Gate]] = {}
    for stop in stops:
        if stop.passed is False and stop.gate.excludes:
            failing.setdefault(stop.alternative, []).append(stop.gate)
    return failing


def _rank(
    release: Release, role: Role, scored: Score, field: list[int], stops: list[Stop], values: Values
) -> tuple[tuple[Ranked, ...], float]:
    if not field:
        return (), 0.0
    stated = release.confidence
    sigma = confidence.covariance(scored, role, stated["weight_relative_sd"])[np.ix_(field, field)]
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
                reasons=explanation.reasons(role, scored, parts, index),
                cautions=explanation.cautions(release, stops, values, name),
                unverified=explanation.unverified(stops, name),
            )
        )
    return tuple(ranking), field_mean


def _places(judged: _Judged | None) -> list[str]:
    return [place.framework for place in judged.result.ranking] if judged else []


def _first(judged: _Judged | None) -> str | None:
    return next(iter(_places(judged)), None)
