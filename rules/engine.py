"""One recommendation, start to end: requirements, gates, grades, score, confidence, explanation, packed in one
Decision.

This is the only path that decides, and what it shows is what it computed with.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from rules import arriving, calling, canonical, explanation, gates, hardware, machine, reach, stacks, variants, without
from rules.compiled import ROLES, Release
from rules.conditions import Values
from rules.decision import Changes, Decision, Draws, GatesAsked, Hardware, Policy, RoleResult, Silent
from rules.faults import Fault, InvalidInput, nearest, shown
from rules.feasibility import project as memory
from rules.hardware import SOURCES, Profile
from rules.judging import Judged, judge
from rules.requirements import Requirements
from rules.spared import Without
from rules.variants import Changed, Project

MAX_DRAWS = 100_000


def decide(
    release: Release,
    requirements: Requirements,
    profile: Profile | None = None,
    roles: Sequence[str] | None = None,
    *,
    what_if: bool = True,
    draws: int = 0,
) -> Decision:
    """The decision for a project.

    Args:
        release: the knowledge to answer from, with the layers of a house policy if there is one.
        requirements: the answers as understood.
        profile: hardware that fills what the answers leave open; None: only what the answers say.
        roles: the roles to rank; None: those the answers call for.
        what_if: also find what would change the answer: flips, relaxations and what they lead to.
        draws: how many times to draw grades and weights to say how sure the ranking is, up to `MAX_DRAWS`; 0: say it
            in closed form.

    Raises:
        InvalidInput: a role is unknown, or the number of draws is out of range.
    """
    _require_sound(roles or (), draws)
    judged = machine.judged(release, profile)
    seen, values, offered = understood(requirements, profile, judged)
    by_answers = calling.roles_called_for(values, release)
    called = tuple(role for role in ROLES if role in roles) if roles else by_answers
    # The stack is the project's, whichever roles were asked for.
    needed = tuple(role for role in ROLES if role in called or role in by_answers)
    usable, view = seen_by(release, values)
    drawn = Draws(draws, _seed(release, requirements, seen)) if draws else None
    found = {role: judge(view, role, values, requirements.preferences, drawn) for role in needed}
    changed: dict[str, Changed] = {}
    if what_if:
        project = Project(release, requirements, values, _tuples(seen.filled), _tuples(offered))
        changed = variants.changed(project, [found[role] for role in called])
    results = {role: _result(view, found[role], values, changed.get(role)) for role in called}
    results = {role: machine.told(release, result, judged.verdicts) for role, result in results.items()}
    spared = without.find(view, values, found)
    results = _side_by_side(view, found, results, spared)
    return Decision(
        release_id=release.id,
        release_sha256=release.sha256,
        policy=Policy(release.policy_sha256, release.layers) if release.policy_sha256 else None,
        hardware=replace(seen, verdicts=machine.of_roles(release, judged.verdicts, called)),
        answers=requirements.document(),
        not_known=requirements.not_known,
        preferences=requirements.preferences,
        asked_roles=tuple(roles or ()),
        draws=drawn,
        roles=results,
        stack=_stack(view, values, found, usable, spared.spared if spared else frozenset()),
        changes=_all_changes(changed) if what_if else None,
        silent=tuple(s for role in called for s in _silent(view, found[role], values, changed.get(role))),
        considered=explanation.considered(release, requirements, results),
        unweighed=_unweighed(release, requirements, called, values if not roles else None),
        feasibility=memory.told(values),
    )


def understood(
    requirements: Requirements, profile: Profile | None, judged: machine.Machine
) -> tuple[Hardware, dict[str, object], Mapping[str, object]]:
    """(the hardware as the answers see it; all that is known, answers and facts of the hardware; what it offered).

    `judged` is what `rules.machine` makes of the profile.
    """
    offered = hardware.answers_from(profile) if profile else {}
    seen = _hardware(requirements, profile, offered, judged)
    facts = {f"hardware.{name}": value for name, value in seen.facts.items()}
    return seen, {**requirements.values, **_tuples(seen.filled), **facts}, offered


def _stack(
    release: Release,
    values: Values,
    found: Mapping[str, Judged],
    usable: frozenset[str],
    spared: frozenset[tuple[str, str]],
) -> tuple[stacks.Stack, ...]:
    places = {role: judged.places for role, judged in found.items()}
    server = found["serving"].first if "serving" in found else None
    trained_in, runtimes = places.get("training", []), places.get("runtime", [])
    return stacks.plan(release, values, trained_in, runtimes, usable, server, spared)


def _unweighed(
    release: Release, requirements: Requirements, called: Sequence[str], values: Values | None
) -> tuple[str, ...]:
    """The answered questions that no rule, gate or way of the ranked roles looks at.

    With the `values` that call for these roles, none that it takes to call for them.
    """
    looked_at = {"need", "deploy_targets", "considering"}  # these say what is ranked, for where, and what is told of
    for name in called:
        role = release.roles[name]
        looked_at |= role.rules_on.keys() | role.gates_on.keys() | {c.affinity for c in role.criteria if c.affinity}
        looked_at |= release.reach_questions if name == "training" else set()
    unweighed = [question for question in requirements.values if question not in looked_at]
    return tuple(unweighed if values is None else _not_calling(release, values, unweighed, called))


def _not_calling(release: Release, values: Values, answered: Sequence[str], called: Sequence[str]) -> Iterator[str]:
    """The answers that can all be left out together, and the same roles are called for; the first that can, first."""
    left = dict(values)
    for question in answered:
        fewer = {name: value for name, value in left.items() if name != question}
        if question not in calling.LOOKED_AT or calling.roles_called_for(fewer, release) == called:
            left = fewer
            yield question


def _seed(release: Release, requirements: Requirements, seen: Hardware) -> str:
    """A digest of everything that a decision is made from."""
    stated = requirements.preferences
    return canonical.digest(
        {
            "release": release.sha256,
            "policy": release.policy_sha256,
            "answers": requirements.document(),
            "preferences": stated.document() if stated else None,
            "hardware": [dict(seen.facts), dict(seen.filled)],
        }
    )


def seen_by(release: Release, values: Values) -> tuple[frozenset[str], Release]:
    """(the runtimes that no gate stops; the release with the ways that lead over them)."""
    wanted = reach.targets(values)
    if not wanted:
        return frozenset(), release
    usable = gates.open_to(release.roles["runtime"], values, release.alternatives)
    return usable, reach.view(release, wanted, usable, reach.itself(release, values))


def _require_sound(roles: Sequence[str], draws: int) -> None:
    faults = [Fault("roles", shown(role), "a role", nearest(role, ROLES)) for role in roles if role not in ROLES]
    if not 0 <= draws <= MAX_DRAWS:
        faults.append(Fault("draws", shown(draws), f"a whole number from 0 to {MAX_DRAWS}"))
    if faults:
        raise InvalidInput(faults)


def _tuples(filled: Mapping[str, object]) -> dict[str, object]:
    return {q: tuple(v) if isinstance(v, list) else v for q, v in filled.items()}


def _hardware(
    requirements: Requirements, profile: Profile | None, offered: Mapping[str, object], judged: machine.Machine
) -> Hardware:
    if profile is None:
        return Hardware("answers", "answers", "what the answers say", None, {}, {}, (), (), ())
    filled = {q: v for q, v in offered.items() if q not in requirements.values}
    disagreements = []
    for question in ("train_hardware", "train_os"):
        said = requirements.values.get(question)
        seen = offered.get(question)
        missing = sorted(set(said) - set(seen) - {"none"}) if isinstance(said, tuple) and isinstance(seen, list) else []
        if missing:
            lacks = ", ".join(missing)
            disagreements.append(f"The answers name {lacks} for {question}; the profile does not show it.")
    facts = dict(sorted({**hardware.facts(profile), **machine.facts(judged.verdicts)}.items()))
    source = SOURCES[profile.origin]
    return Hardware(
        "profile", source, profile.label, profile.captured_at, facts, filled, tuple(disagreements), judged.assumed, ()
    )


def _all_changes(changed: Mapping[str, Changed]) -> Changes:
    return Changes(
        answers=tuple(flip for each in changed.values() for flip in each.answers),
        weights=tuple(flip for each in changed.values() for flip in each.weights),
        unknown=tuple(question for each in changed.values() for question in each.unknown),
        settled={role: tuple(each.settled) for role, each in changed.items()},
    )


def _side_by_side(
    view: Release, found: Mapping[str, Judged], results: Mapping[str, RoleResult], spared: Without | None
) -> dict[str, RoleResult]:
    """The results with what training and runtime say of each other: the ways that decide, whether one is needed."""
    told = dict(results)
    if "runtime" in told:
        told["runtime"] = replace(arriving.told(view, found, told["runtime"]), without=spared)
    if "training" in told and not spared:
        told["training"] = arriving.led(view, found, told["training"])
    return told


def _result(release: Release, judged: Judged, values: Values, changed: Changed | None) -> RoleResult:
    role, scored = judged.role, judged.scored
    relaxations = changed.relaxations if changed else {}
    reliefs = changed.reliefs if changed else None
    excluded = explanation.excluded(release, values, judged.failing, relaxations)
    asked = GatesAsked(tuple(judged.guarded.applied), tuple(gate.id for gate in judged.guarded.silent))
    if scored is None:
        excluded += explanation.unweighed(release, role, judged.failing)
        return RoleResult(role.name, (), excluded, (), 0.0, None, (), {}, reliefs, (), asked, None, None)
    ranking = judged.ranking
    return RoleResult(
        role=role.name,
        ranking=ranking,
        excluded=excluded,
        near_misses=explanation.near_misses(judged.failing, relaxations, changed.places if changed else {}),
        field_mean=judged.field_mean,
        margin=ranking[0].score - ranking[1].score if len(ranking) > 1 else None,
        rules=explanation.weighed(role, scored),
        grades=explanation.grades(role, scored),
        reliefs=reliefs,
        gates=asked,
        quiet_rules=explanation.quiet_rules(role, scored, judged.silent_rules),
        acceptability=explanation.acceptability(role, judged.field, judged.acceptability, scored),
        disagreement=judged.disagreement,
    )


def _silent(release: Release, judged: Judged, values: Values, changed: Changed | None) -> list[Silent]:
    """Rules and gates that an unknown answer keeps silent."""
    flipping = {flip.question for flip in changed.answers} if changed else set()
    rules = explanation.silent_rules(
        judged.role, judged.scored, judged.field, judged.silent_rules, values, judged.first, flipping
    )
    return [*rules, *explanation.silent_gates(release, judged.role, judged.guarded.silent, values, judged.first)]
