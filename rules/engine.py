"""One recommendation, start to end: requirements, gates, grades, score, confidence, explanation, packed in one
Decision.

This is the only path that decides, and what it shows is what it computed with.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain

import numpy as np

from rules import changes, confidence, explanation, gates, hardware, minimal, reach, scoring, stacks
from rules.compiled import ROLES, Gate, Release, Role, Rule
from rules.conditions import Values
from rules.decision import Changes, Decision, Hardware, Ranked, RoleResult, Silent
from rules.faults import Fault, InvalidInput, nearest, shown
from rules.gates import Relaxation, Stop
from rules.hardware import Profile
from rules.minimal import Reliefs
from rules.requirements import Requirements, consistent
from rules.requirements import possible as can_be_answered
from rules.scoring import Score

TRAINS = ("train", "train_from_scratch", "fine_tune", "adapter_tuning", "preference_tuning")
RUNS = ("use_pretrained", "inference_only")


def decide(
    release: Release,
    requirements: Requirements,
    profile: Profile | None = None,
    roles: Sequence[str] | None = None,
    *,
    what_if: bool = True,
) -> Decision:
    """The decision for a project.

    Args:
        release: the knowledge to answer from.
        requirements: the answers as understood.
        profile: hardware that fills what the answers leave open; None: only what the answers say.
        roles: the roles to rank; None: those the answers call for.
        what_if: also find what would change the answer: flips, relaxations and what they lead to.

    Raises:
        InvalidInput: a role is unknown.
    """
    _require_known(roles or ())
    offered = hardware.answers_from(profile) if profile else {}
    seen = _hardware(requirements, profile, offered)
    values: dict[str, object] = {**requirements.values, **_tuples(seen.filled)}
    called = tuple(role for role in ROLES if role in roles) if roles else roles_called_for(values)
    values |= {f"hardware.{name}": value for name, value in seen.facts.items()}
    # The stack is the project's, whichever roles were asked for.
    needed = called if not roles else tuple(r for r in ROLES if r in called or r in roles_called_for(values))
    usable, view = _seen_by(release, values)
    found = {role: _judge(view, role, values) for role in needed}
    changed = {}
    if what_if:
        facts = _Facts(release, requirements, values, _tuples(seen.filled), _tuples(offered))
        changed = _changes(facts, [found[role] for role in called])
    results = {role: _result(view, found[role], values, changed.get(role)) for role in called}
    return Decision(
        release_id=release.id,
        release_sha256=release.sha256,
        hardware=seen,
        answers=requirements.document(),
        asked_roles=tuple(roles or ()),
        roles=results,
        stack=stacks.plan(view, values, _first(found.get("training")), _places(found.get("runtime")), usable),
        changes=_all_changes(changed) if what_if else None,
        silent=tuple(s for role in called for s in _silent(view, found[role], values, changed.get(role))),
        considered=explanation.considered(release, requirements, results),
    )


def _seen_by(release: Release, values: Values) -> tuple[frozenset[str], Release]:
    """(the runtimes that no gate stops; the release with the ways that lead over them)."""
    wanted = reach.targets(values)
    if not wanted:
        return frozenset(), release
    usable = gates.open_to(release.roles["runtime"], values, release.alternatives)
    return usable, reach.view(release, wanted, usable, reach.itself(release, values))


def _require_known(roles: Sequence[str]) -> None:
    faults = [Fault("roles", shown(role), "a role", nearest(role, ROLES)) for role in roles if role not in ROLES]
    if faults:
        raise InvalidInput(faults)


@dataclass(frozen=True, slots=True)
class _Facts:
    """What variants of a project start from: `offered` by the hardware profile, of which `filled` was used."""

    release: Release
    requirements: Requirements
    values: Values
    filled: Mapping[str, object]
    offered: Mapping[str, object]

    def possible(self, question: str, after: object) -> bool:
        """Whether a question could be answered so."""
        if after is None and question in self.filled:  # the profile would fill it in again
            return False
        return can_be_answered(self.requirements.values, question, after, self.release.questionnaire)


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


def _hardware(requirements: Requirements, profile: Profile | None, offered: Mapping[str, object]) -> Hardware:
    if profile is None:
        return Hardware("answers", "what the answers say", None, {}, {}, ())
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
    """What one role comes to; `scored` is None where there is nobody to rank or no rule to rank by."""

    role: Role
    stops: Sequence[Stop]
    failing: Mapping[str, list[Gate]]
    silent_gates: Sequence[Gate]
    silent_rules: Sequence[Rule]
    scored: Score | None
    field: Sequence[int]
    ranking: tuple[Ranked, ...]
    field_mean: float

    @property
    def first(self) -> str | None:
        """The alternative that comes first."""
        return self.ranking[0].framework if self.ranking else None


def _judge(release: Release, name: str, values: Values) -> _Judged:
    """One role: gates first, then the score of every graded member, then the ranking of those that are left."""
    role = release.roles[name]
    stops, silent_gates = gates.guard(role, values, release.alternatives)
    failing = _failing(stops)
    strengths, silent_rules = scoring.strengths(role, values)
    if not role.members or not any(strengths):
        return _Judged(role, stops, failing, silent_gates, silent_rules, None, (), (), 0.0)
    scored = scoring.score(release, role, values, strengths)
    field = [i for i, member in enumerate(role.members) if member not in failing]
    ranking, field_mean = _rank(release, role, scored, field, stops)
    return _Judged(role, stops, failing, silent_gates, silent_rules, scored, field, ranking, field_mean)


@dataclass(frozen=True, slots=True)
class _Changed:
    """What would change one role's answer, and what would let in each excluded alternative."""

    answers: Sequence[changes.AnswerFlip]
    weights: Sequence[changes.WeightFlip]
    unknown: Sequence[changes.Unknown]
    settled: Sequence[str]
    relaxations: Mapping[str, tuple[Relaxation, ...]]
    reliefs: Reliefs | None


def _changes(facts: _Facts, judged: Sequence[_Judged]) -> dict[str, _Changed]:
    """What would change the answer, role by role; all single changed answers are tried at once."""
    release, values = facts.release, facts.values
    edits = {
        j.role.name: [gates.edits(release, values, name, failing) for name, failing in j.failing.items()]
        for j in judged
    }
    singles = {j.role.name: list(changes.singles(release, j.role, values)) if j.scored else [] for j in judged}
    tried = [(q, after) for each in edits.values() for e in each for q, afters in e.by_question for after in afters]
    trials = changes.Trials(release, values, chain(tried, *singles.values()), facts.possible, facts.offered)
    return {j.role.name: _changed(facts, trials, j, edits[j.role.name], singles[j.role.name]) for j in judged}


def _changed(
    facts: _Facts,
    trials: changes.Trials,
    judged: _Judged,
    edits: Sequence[gates.Edits],
    singles: Sequence[changes.Single],
) -> _Changed:
    role, scored, values = judged.role, judged.scored, facts.values
    relaxations = {e.alternative: gates.relaxations(values, e, partial(trials.lets_in, role.name)) for e in edits}
    flips = trials.flips(role.name, values, judged.first, singles) if scored else []
    pair = [role.members.index(place.framework) for place in judged.ranking[:2]]
    weights = changes.weight_flips(role, scored, *pair) if scored and len(pair) == 2 else ()
    unknown, settled = changes.unknowns(role.name, values, singles, flips)
    return _Changed(flips, weights, unknown, settled, relaxations, _reliefs(facts, judged))


def _reliefs(facts: _Facts, judged: _Judged) -> Reliefs | None:
    """What to take back where nothing is left; None where something is, or where there was nothing to begin with."""
    role, questionnaire = judged.role, facts.release.questionnaire
    if not role.members or any(member not in judged.failing for member in role.members):
        return None
    possible = partial(consistent, questionnaire=questionnaire)
    given = facts.requirements.values
    return minimal.reliefs(facts.release, role.name, facts.values, given, judged.failing, possible, facts.offered)


def _all_changes(changed: Mapping[str, _Changed]) -> Changes:
    return Changes(
        answers=tuple(flip for each in changed.values() for flip in each.answers),
        weights=tuple(flip for each in changed.values() for flip in each.weights),
        unknown=tuple(question for each in changed.values() for question in each.unknown),
        settled={role: tuple(each.settled) for role, each in changed.items()},
    )


def _result(release: Release, judged: _Judged, values: Values, changed: _Changed | None) -> RoleResult:
    role, scored = judged.role, judged.scored
    relaxations = changed.relaxations if changed else {}
    reliefs = changed.reliefs if changed else None
    excluded = explanation.excluded(release, values, judged.failing, relaxations)
    if scored is None:
        excluded += explanation.unweighed(release, role, judged.failing)
        return RoleResult(role.name, (), excluded, (), 0.0, None, (), {}, reliefs)
    ranking = judged.ranking
    return RoleResult(
        role=role.name,
        ranking=ranking,
        excluded=excluded,
        near_misses=explanation.near_misses(role, scored, judged.field, judged.failing, relaxations),
        field_mean=judged.field_mean,
        margin=ranking[0].score - ranking[1].score if len(ranking) > 1 else None,
        rules=explanation.weighed(role, scored),
        grades=explanation.grades(role, scored),
        reliefs=reliefs,
    )


def _silent(release: Release, judged: _Judged, values: Values, changed: _Changed | None) -> list[Silent]:
    """Rules and gates that an unknown answer keeps silent."""
    if judged.scored is None:
        return []
    flipping = {flip.question for flip in changed.answers} if changed else set()
    return [
        *explanation.silent_rules(
            judged.role, judged.scored, judged.field, judged.silent_rules, values, judged.first, flipping
        ),
        *explanation.silent_gates(release, judged.role, judged.silent_gates, values, judged.first),
    ]


def _failing(stops: Sequence[Stop]) -> dict[str, list[Gate]]:
    """The gates that keep out each excluded alternative."""
    failing: dict[str, list[Gate]] = {}
    for stop in stops:
        if stop.passed is False and stop.gate.excludes:
            failing.setdefault(stop.alternative, []).append(stop.gate)
    return failing


def _rank(
    release: Release, role: Role, scored: Score, field: Sequence[int], stops: Sequence[Stop]
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
                reasons=explanation.reasons(role, scored, parts, index),
                cautions=explanation.cautions(release, stops, name),
                unverified=explanation.unverified(stops, name),
            )
        )
    return tuple(ranking), field_mean


def _places(judged: _Judged | None) -> list[str]:
    return [place.framework for place in judged.ranking] if judged else []


def _first(judged: _Judged | None) -> str | None:
    return judged.first if judged else None
