"""On which targets projects need no runtime: what `rules.without` finds for one project, said of columns.

The same statements in the same order. Truths are arrays of one kind, one bit or one byte a row, that `&`, `|` and `~`
join; which kind is the business of whoever asks, and so is who leads.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import or_
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rules import reach, stacks, trained_there
from rules.calling import Looks
from rules.compiled import Alternative, Gate, Release
from rules.conditions import Node
from rules.conditions.columns import Bools, key
from rules.conditions.residual import FAILS, HOLDS, NEVER_KNOWN, PATH, residual
from rules.without import ABOUT_MODELS, NEW, OPERATED, PLACES, brought_by_runtimes

RELEASES_KEPT = 8
Truths = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Look:
    """What is known of rows, in truths of one kind.

    Attributes:
        answers: which options are named.
        truth: where a condition is true, where it is false.
        called: by role.
        leads: by role, for each member where it cannot be told apart from the first.
        able: for each training framework where it can be its own runtime.
        everywhere: all rows.
    """

    answers: Looks
    truth: Callable[[Node], tuple[Truths, Truths]]
    called: Mapping[str, Truths]
    leads: Mapping[str, Sequence[Truths] | Truths]
    able: Sequence[Truths]
    everywhere: Truths


_Option = tuple[tuple[str, ...], str]  # a fact is of an option that these questions may name; of none: it counts always
_Left = tuple[Node | None, Node, tuple[_Option, ...]]
_Who = tuple[int, ...]  # training frameworks by place


@dataclass(frozen=True, slots=True, eq=False)
class Alone:
    """Where models run without a runtime, by target: what a training framework, or a server, that leads runs itself.

    `asked` is where the target is named; `quiet` where nothing asks for a runtime all the same, so that none is needed.
    """

    asked: tuple[Truths, ...]
    trained: tuple[Truths, ...]
    served: tuple[Truths, ...]
    quiet: Truths


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a release asks of training frameworks in the place of runtimes.

    `gates`: (of which frameworks, when, what is left of the requirement, what it asks about that is not on file);
    `rules`: (when, the priority that it is about, whether it looks only at places) of the rules that weigh what only
    runtimes are graded on.
    """

    gates: tuple[tuple[_Who, _Left], ...]
    rules: tuple[tuple[Node, str | None, bool], ...]


@lru_cache(maxsize=RELEASES_KEPT)
def _asked(release: Release) -> _Asked:
    asking = [
        gate
        for gate in release.roles["runtime"].gates
        if gate.excludes and not any(fact.startswith(ABOUT_MODELS) for fact in gate.requires.facts)
    ]
    alike: dict[object, tuple[list[int], _Left]] = {}
    for place, name in enumerate(release.roles["training"].members):
        for own, left in _left(release, asking, trained_there.running(release, name)):
            alike.setdefault(own, ([], left))[0].append(place)
    runtimes = release.roles["runtime"]
    brought = brought_by_runtimes(runtimes, release.roles["training"])
    return _Asked(
        tuple((tuple(who), left) for who, left in alike.values()),
        tuple(
            (rule.when.node, rule.rank_of, not rule.when.questions - PLACES)
            for rule in runtimes.rules
            if rule.when is not None and rule.strength > 0 and brought & rule.weights.keys()
        ),
    )


def _left(release: Release, asking: list[Gate], framework: Alternative) -> Iterator[tuple[object, _Left]]:
    """What is left of each gate, with what tells it from others."""
    for gate in asking:
        node = residual(gate.requires.node, framework.id, framework.facts, release.names)
        if node is not HOLDS:
            facts = (f for f in gate.requires.facts if framework.facts.get(f) is None and not f.startswith(PATH))
            lacks = tuple(_option(release, gate, fact) for fact in facts)
            own = node if node in (FAILS, NEVER_KNOWN) else key(node)
            yield (gate.id, own, lacks), (gate.when.node if gate.when else None, node, lacks)


def _option(release: Release, gate: Gate, fact: str) -> _Option:
    option = fact.rpartition(".")[2]
    return tuple(q for q in gate.requires.questions if option in release.names[q].options), option


def find(release: Release, look: Look) -> Alone:
    """Where what was trained, or is served, runs without a runtime."""
    frameworks, servers = release.roles["training"].members, release.roles["serving"].members
    ours, theirs = look.leads["training"], look.leads["serving"]
    none = look.everywhere & ~look.everywhere
    able, missing = _may_run(release, look)
    alone = look.everywhere & ~_any_of(zip(theirs, _need_others(release, look.answers, servers), strict=True), none)
    named, trained, served = [], [], []
    for target in reach.ways(release).targets:
        asked = look.answers.overlaps("deploy_targets", (target,))
        of_server = asked & alone & _running(release, servers, theirs, target, none)
        named.append(asked)
        served.append(of_server if target in stacks.SERVERS else none)
        trained.append(asked & able & _running(release, frameworks, ours, target, none) & ~served[-1])
    any_trained = reduce(or_, trained, none)
    quiet = look.called["runtime"] & ~(any_trained & (missing | _speaks(release, look)))
    return Alone(tuple(named), tuple(trained), tuple(served), quiet)


def everywhere(look: Look, alone: Alone) -> Truths:
    """The rows whose models run without a runtime on every target that they name."""
    none = look.everywhere & ~look.everywhere
    found = zip(alone.asked, alone.trained, alone.served, strict=True)
    needed: Truths = reduce(or_, (asked & ~(trained | served) for asked, trained, served in found), none)
    return look.called["runtime"] & reduce(or_, alone.asked, none) & ~needed


def _any_of(pairs: Iterable[tuple[Truths, Truths]], none: Truths) -> Truths:
    return reduce(or_, (one & other for one, other in pairs), none)


def _running(
    release: Release, members: tuple[str, ...], leads: Sequence[Truths] | Truths, target: str, none: Truths
) -> Truths:
    """(N,) whether all that lead run models on a target with official support, and any leads."""
    levels = [reach.run_level(release.alternatives[name], target) for name in members]
    others = [lead for lead, level in zip(leads, levels, strict=True) if level is None or level < stacks.OFFICIAL]
    found: Truths = reduce(or_, leads, none) & ~reduce(or_, others, none)
    return found


def serves_by_itself(release: Release, servers: tuple[str, ...]) -> Bools:
    """(2, F) see `rules.stacks.serves_by_itself`: in projects with models of one kind, and with language models among
    others (`mixed`).
    """
    one, several = ({"approach": each} for each in (("llm",), ("llm", "classical_ml")))
    said = [[stacks.serves_by_itself(release.alternatives[s], values) for s in servers] for values in (one, several)]
    return np.array(said, dtype=np.bool_).reshape(2, len(servers))


def mixed(answers: Looks) -> Truths:
    """(N,) where there are language models among others."""
    others = [option for option in answers.options("approach") if option not in ("llm", "undecided")]
    found: Truths = answers.overlaps("approach", ("llm",)) & answers.overlaps("approach", others)
    return found


def _need_others(release: Release, answers: Looks, servers: tuple[str, ...]) -> list[Truths]:
    """For each server where it does not serve by itself."""
    among = mixed(answers)
    none = among & ~among
    never, neither = none, ~none
    return [
        (never if one else ~among) | (never if several else among) if one or several else neither
        for one, several in serves_by_itself(release, servers).T.tolist()
    ]


def _may_run(release: Release, look: Look) -> tuple[Truths, Truths]:
    """((N,) whether all that lead may run what they trained; whether a fact about one of them is missing)."""
    names, runtimes = release.roles["runtime"].members, look.leads["runtime"]
    barred = missing = none = look.everywhere & ~look.everywhere
    leads = look.leads["training"]
    for name, here, able in zip(release.roles["training"].members, leads, look.able, strict=True):
        barred = barred | (here & ~able)
        if name in names:
            barred = barred | (here & runtimes[names.index(name)])
    any_of = {who: reduce(or_, (leads[place] for place in who)) for who, _ in _asked(release).gates}
    for who, (when, left, lacks) in _asked(release).gates:
        asked = any_of[who] if when is None else any_of[who] & look.truth(when)[0]
        if not asked.any():
            continue
        true, false = (none, asked) if left is FAILS else (none, none) if left is NEVER_KNOWN else look.truth(left)
        barred = barred | (asked & false)
        if lacks:
            missing = missing | (asked & ~(true | false) & _concerned(look, lacks))
    return look.everywhere & ~barred, missing


def _concerned(look: Look, lacks: tuple[_Option, ...]) -> Truths:
    """(N,) whether what is not on file is of something that the answers name."""
    if not all(questions for questions, _ in lacks):
        return look.everywhere
    return reduce(
        or_, [look.answers.overlaps(question, (option,)) for questions, option in lacks for question in questions]
    )


def _speaks(release: Release, look: Look) -> Truths:
    """(N,) whether a rule asks for what only runtimes are graded on."""
    found = look.everywhere & ~look.everywhere
    known, researched = look.answers.known("stage"), look.answers.overlaps("novelty", (NEW,))
    operated = look.answers.overlaps("stage", (OPERATED,)) | (~known & ~researched)
    for when, priority, of_places in _asked(release).rules:
        holds = look.truth(when)[0]
        if of_places:
            holds = holds & operated
        if priority is not None:
            holds = holds & look.answers.overlaps("priorities", (priority,))
        found = found | holds
    return found
