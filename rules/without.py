"""Where a project can do without a runtime, and which runtimes its models get to at all.

A training framework that leads, or a server with an engine of its own that leads, may run the model itself on a target.
Where that is official (level 2 or 3) and no gate of the runtimes stands against it, no runtime is needed there: one is
an option. Gates on which kinds of models something takes are not asked of what trained the model. A fact that is not on
file, not even by what training shows of running (`rules.trained_there`), never excludes here either: it is named.
Nothing here ranks or scores: ranking and scores stay what the rules make of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import sqrt
from statistics import NormalDist

import numpy as np

from rules import gates, reach, stacks, trained_there
from rules.arriving import conversions, leaders, names
from rules.compiled import Alternative, Edge, Gate, Release, Role, Rule
from rules.conditions import Truth, Values
from rules.conditions.sentences import LEVELS, listed
from rules.judging import Judged
from rules.spared import Itself, Without

ABOUT_MODELS = ("alt.accepts", "alt.loads", "alt.general_networks", "alt.runs_models.")
SHOWN = 3
SHOWN_RULES = 2
PLACES = frozenset(("deploy_targets", "deploy_hardware", "deploy_os"))
CALLED_FROM, LANGUAGES = "serving_language", "alt.serving_languages"  # a question, and the fact that answers it
COVERAGE = "model_coverage"  # how many kinds of models a runtime takes; what trained a model takes it in any case
OPERATED = "production"  # the stage in which what running costs comes again and again; an unknown one may be it
NEW = "new_architectures"  # such a model is researched: a stage that is unknown is no production then
RUNS = (
    "run.",
    "run_on.",
    "run_os.",
)  # capabilities that say where something runs; criteria derived from them are told as support levels


# --- What runs the model itself --------------------------------------------------------------------------------------


def _asked(release: Release, values: Values, framework: Alternative) -> Iterator[tuple[Gate, Truth]]:
    """Whether a training framework meets each excluding gate of the runtimes that the answers call for."""
    for gate in release.roles["runtime"].gates:
        about_models = any(fact.startswith(ABOUT_MODELS) for fact in gate.requires.facts)
        if gate.excludes and not about_models and gates.applies(gate, values):
            yield gate, gates.meets(gate, values, framework)


def find(release: Release, values: Values, found: Mapping[str, Judged]) -> Without | None:
    """Where no runtime is needed; None where one is needed everywhere, or none is ranked or nothing says where to run.

    Args:
        release: the knowledge, specialised for the project.
        values: all that is known of the project.
        found: every role that was judged.
    """
    if "runtime" not in found:
        return None
    itself, wanted = _itself(release, values, found), reach.targets(values)
    if not itself:
        return None
    reached = {each.target for each in itself}
    by_training = dict.fromkeys(each.framework for each in itself if each.role == "training")
    without = Without(
        itself=tuple(itself),
        needed_on=tuple(target for target in wanted if target not in reached),
        unverified=tuple(dict.fromkeys(fact for name in by_training for fact in _unverified(release, values, name))),
        asked_by=tuple(rule.id for rule in _asking(values, found)) if by_training else (),
        option=_option(release, found, itself),
    )
    return _in_words(release, values, found, without)


def _itself(release: Release, values: Values, found: Mapping[str, Judged]) -> list[Itself]:
    """Who runs the model itself on each target: servers that lead, or else training frameworks that do.

    Whichever of those that cannot be told apart is taken, it has to do: all of them run it, or none is named.
    """
    serving, trained_in, runtimes = (leaders(found.get(role)) for role in ("serving", "training", "runtime"))
    if not all(stacks.serves_by_itself(release.alternatives[server], values) for server in serving):
        serving = []
    # What leads among the runtimes too is one: of it there is nothing to say.
    if not all(_may_run(release, values, each) and each not in runtimes for each in trained_in):
        trained_in = []
    itself = list[Itself]()
    for target in reach.targets(values):
        of_server = _running(release, serving, "serving", target) if target in stacks.SERVERS else []
        itself += of_server or [
            replace(each, evidence=(*each.evidence, *_shown_by(release, values, each)))
            for each in _running(release, trained_in, "training", target)
        ]
    return itself


def _shown_by(release: Release, values: Values, itself: Itself) -> Iterator[str]:
    """The evidence, beyond that of running on the target, that it runs where the gates of the runtimes ask."""
    own, alternative = release.alternatives[itself.framework], trained_there.running(release, itself.framework)
    gates_asked = [gate for gate, met in _asked(release, values, alternative) if met]
    facts = [f for gate in gates_asked for f in gate.requires.facts if own.facts.get(f) is None]
    cited = (e for f in facts for e in alternative.fact_evidence.get(f, ()) if e not in itself.evidence)
    yield from dict.fromkeys(cited)


def _asking(values: Values, found: Mapping[str, Judged]) -> Iterator[Rule]:
    """The rules that speak for this project and weigh what only runtimes are graded on: they ask for a runtime.

    A rule that looks only at the place (a GPU server is bought for speed) argues by what running there costs again and
    again. Where nothing is operated, in education, research and prototypes, that is not asked for.
    """
    operated, runtimes = _operated(values), found["runtime"]
    brought = brought_by_runtimes(runtimes.role, found["training"].role)
    strength = runtimes.scored.strength if runtimes.scored else ()
    for rule, spoken in zip(runtimes.role.rules, strength, strict=False):
        if not spoken or rule.when is None or not (operated or rule.when.questions - PLACES):
            continue
        if brought & rule.weights.keys():
            yield rule


def _operated(values: Values) -> bool:
    stage, novelty = values.get("stage"), values.get("novelty")
    return stage == OPERATED or (stage is None and not (isinstance(novelty, tuple) and NEW in novelty))


def brought_by_runtimes(runtimes: Role, training: Role) -> frozenset[str]:
    """The criteria on which only runtimes are graded and by which one may do better than what trained the model."""
    ours = (c for c in runtimes.criteria if not (c.affinity or (c.derived and c.derived[0].startswith(RUNS))))
    return frozenset(c.id for c in ours) - {c.id for c in training.criteria} - {COVERAGE}


def _unverified(release: Release, values: Values, framework: str) -> Iterator[str]:
    """The facts that gates of the runtimes ask about and that are not on file of a training framework."""
    alternative = trained_there.running(release, framework)
    for gate, met in _asked(release, values, alternative):
        if met is None:
            facts = (fact for fact in gate.requires.facts if alternative.facts.get(fact) is None)
            yield from (fact for fact in facts if _concerns(release, values, gate, fact))


def _concerns(release: Release, values: Values, gate: Gate, fact: str) -> bool:
    """Whether a fact is of something the answers name: of several systems a gate looks only at those."""
    option = fact.rpartition(".")[2]
    given = [values.get(q) for q in gate.requires.questions if option in release.names[q].options]
    return not given or any(isinstance(answer, tuple) and option in answer for answer in given)


def _may_run(release: Release, values: Values, framework: str) -> bool:
    alternative = trained_there.running(release, framework)
    missed = any(met is False for _, met in _asked(release, values, alternative))
    return not missed and reach.serves_itself(alternative, values)


def _running(release: Release, members: Sequence[str], role: str, target: str) -> list[Itself]:
    """Each of some that lead, on a target on which all of them run models with official support; else none."""
    steps = [(member, stacks.run_by(release, member, target)) for member in members]
    official = [(member, s) for member, s in steps if s is not None and s.level >= stacks.OFFICIAL]
    if len(official) < len(members):
        return []
    return [Itself(member, role, target, step.level, step.evidence) for member, step in official]


# --- What a runtime would bring --------------------------------------------------------------------------------------


def _option(release: Release, found: Mapping[str, Judged], itself: Sequence[Itself]) -> str | None:
    """The best ranked runtime that a way on file leads to, beside what runs the model itself."""
    able, trained_in = {each.framework for each in itself}, leaders(found.get("training"))
    ways = conversions(release, trained_in[0]) if trained_in else None
    places = (place for place in found["runtime"].places if place not in able)
    return next((place for place in places if ways is None or place in ways), None)


def _compared(
    release: Release, found: Mapping[str, Judged], one: Itself, option: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(criteria on which a runtime is graded better; those on which only runtimes are graded), the heaviest first.

    Better is what is so with the probability below which the release calls two a tie, both grades taken as independent
    normals: Phi((g_1 - g_2) / sqrt(s_1^2 + s_2^2)).
    """
    runtimes, others = found["runtime"], found[one.role]
    if runtimes.scored is None or others.scored is None:
        return (), ()
    reach_of_tie = NormalDist().inv_cdf(release.confidence["tie_below_win_probability"])
    share, theirs = runtimes.scored.criterion_share, {c.id: i for i, c in enumerate(others.role.criteria)}
    row, other = runtimes.role.members.index(option), others.role.members.index(one.framework)
    better, alone = list[str](), list[str]()
    for column in np.argsort(-share, kind="stable").tolist():
        criterion = runtimes.role.criteria[column]
        if share[column] <= 0 or criterion.affinity or criterion.derived:
            continue  # how near something is to what is known, and support levels, are told elsewhere
        if criterion.id not in theirs:
            alone += [criterion.id] if criterion.id != COVERAGE else []
            continue
        gap = runtimes.scored.grade[row, column] - others.scored.grade[other, theirs[criterion.id]]
        spread = sqrt(_variance(runtimes.role, row, column) + _variance(others.role, other, theirs[criterion.id]))
        if gap > reach_of_tie * spread:
            better.append(criterion.id)
    return tuple(better), tuple(alone)


def _variance(role: Role, member: int, criterion: int) -> float:
    return float(role.grade_sd[member, criterion]) ** 2


# --- In words --------------------------------------------------------------------------------------------------------


def _in_words(release: Release, values: Values, found: Mapping[str, Judged], without: Without) -> Without:
    text = f"{_runs(release, without)}{_follows(release, without)}{_as_long_as(release, values, without)}."
    if without.option is None:
        none = "No other runtime that is ranked is reached by a way on file."
        return replace(without, text=text, brings=none if found["runtime"].ranking else "")
    better_on, not_compared = _compared(release, found, without.itself[0], without.option)
    made = replace(without, text=text, better_on=better_on, not_compared=not_compared)
    trained_in = leaders(found.get("training"))
    edge = conversions(release, trained_in[0]).get(without.option) if trained_in else None
    return replace(made, brings=_brings(release, made, without.option, edge))


def _runs(release: Release, without: Without) -> str:
    """Who runs the model itself where, and how well."""
    groups: dict[tuple[str, ...], dict[str, int]] = {}
    for target in dict.fromkeys(each.target for each in without.itself):
        there = [each for each in without.itself if each.target == target]
        groups.setdefault(tuple(each.framework for each in there), {})[target] = min(each.level for each in there)
    said = []
    for members, levels in groups.items():
        where = listed(
            [f"{_target(release, t)} ({LEVELS[level]}{_limits(release, members, t)})" for t, level in levels.items()],
            "and",
        )
        runs = "runs the model itself" if len(members) == 1 else "run the model themselves"
        said.append(f"{names(release, members)} {runs} on {where}")
    return "; ".join(said)


def _limits(release: Release, members: Sequence[str], target: str) -> str:
    """What is on file beside official support with limits, for those that have it."""
    said = []
    for name in members:
        alternative = release.alternatives[name]
        note = alternative.fact_notes.get(f"alt.run.{target}")
        if note and alternative.facts.get(f"alt.run.{target}") == stacks.OFFICIAL:
            said.append(f"{alternative.name} {_inside(note)}" if len(members) > 1 else _inside(note))
    return f": {'; '.join(said)}" if said else ""


def _follows(release: Release, without: Without) -> str:
    """What follows from that for a runtime."""
    said = ""
    if without.unverified:
        facts = [_inside(release.labels.get(fact, fact)) for fact in without.unverified[:SHOWN]]
        said = f"; not on file for {_trained(release, without)}, so not checked: {listed(facts, 'and')}"
    if without.needed_on:
        said += f"; a runtime is needed on {listed([_target(release, t) for t in without.needed_on], 'and')}"
    if without.asked_by:
        rules = {rule.id: rule.text for rule in release.roles["runtime"].rules}
        texts = [f"“{rules[rule]}”" for rule in without.asked_by[:SHOWN_RULES]]
        texts += [f"{rest} more"] if (rest := len(without.asked_by) - SHOWN_RULES) > 0 else []
        said += f"; {listed(texts, 'and')} {'speaks' if len(texts) == 1 else 'speak'} for a runtime"
    if without.needed_on or without.asked_by:
        return said
    return f"{said}; a runtime may not be needed" if without.unverified else ", so that no runtime is needed"


def _as_long_as(release: Release, values: Values, without: Without) -> str:
    """From which languages what runs the model itself can be called, where that was not asked and decides."""
    if not without.none_needed or CALLED_FROM in values:
        return ""
    trained_in = dict.fromkeys(each.framework for each in without.itself if each.role == "training")
    spoken = [release.alternatives[each].facts.get(LANGUAGES) for each in trained_in]
    asked = release.questionnaire.questions.get(CALLED_FROM)
    options = asked.options if asked else ()
    common = [o.label for o in options if all(isinstance(each, tuple) and o.id in each for each in spoken)]
    return f" as long as it is called from {listed(common, 'or')}" if spoken and common else ""


def _trained(release: Release, without: Without) -> str:
    """The training frameworks that run the model themselves."""
    members = dict.fromkeys(each.framework for each in without.itself if each.role == "training")
    return listed([release.alternatives[each].name for each in members], "or")


def _brings(release: Release, without: Without, option: str, edge: Edge | None) -> str:
    """What the best runtime with a way would still bring, and what cannot be compared."""
    one = without.itself[0]
    name, than = release.alternatives[option].name, release.alternatives[one.framework].name
    criteria = {c.id: _inside(c.name) for c in release.roles["runtime"].criteria}
    said = [f"reaches {target} better ({level})" for target, level in _better_at(release, without, option, edge)]
    if better := [criteria[c] for c in without.better_on[:SHOWN]]:
        said.insert(0, f"is graded better than {than} on {listed(better, 'and')}")
    what = listed(said, "and") or f"is not graded better than {than} on anything weighed here"
    text = f"{name}, the best ranked runtime{' with a way on file' if edge else ''}, {what}."
    if alone := [criteria[c] for c in without.not_compared[:SHOWN]]:
        text += f" Only runtimes are graded on {listed(alone, 'and')}: a trial has to compare these."
    return text


def _better_at(release: Release, without: Without, option: str, edge: Edge | None) -> Iterator[tuple[str, str]]:
    """(target, support level) where the way over a runtime is better than what runs the model itself."""
    one = without.itself[0].framework
    for each in without.itself:
        over = stacks.run_by(release, option, each.target)
        level = min(over.level, edge.level if edge else over.level) if over else 0
        if each.framework == one and level > each.level:
            yield _target(release, each.target), LEVELS[level]


def _target(release: Release, target: str) -> str:
    """A target by its label."""
    asked = release.questionnaire.questions.get("deploy_targets")
    return next((option.label for option in asked.options if option.id == target), target) if asked else target


def _inside(text: str) -> str:
    """A label within a sentence; an abbreviation keeps its capitals."""
    text = text.rstrip(".")
    return text[:1].lower() + text[1:] if text[1:2].islower() else text
