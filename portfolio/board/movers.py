"""Who should move: the gain of what comes first over the present framework, against the cost of moving.

A score is a weighted mean of the opinions of rules, and some rules speak of moving: those that look at migration or at
what the team knows, or weigh how near an alternative is to that or to the present code. So the lead of a target t
over the present framework p splits, on the scale of scores, into what these rules say and what all others say:

    S_t - S_p  =  sum_{r other} w_r (o_rt - o_rp)  -  sum_{r of moving} w_r (o_rp - o_rt)  =  gain - cost

(w_r the rule's share, o_rf its opinion). The gain is what the project would be better off with if it began today, as
far as its own answers weigh that; the cost is what the rules charge for leaving what is there. Both stand in one sum,
with shares of all rules, so that they can be held against each other and differ by the very lead that the decision
shows. A move is recommended where gain - cost > 0 with at least the probability that the release states for ties, under
the same closed form (`rules.confidence`); its interval is stated. Below that the two cannot be told apart, and what
cannot be told apart is no reason to move.

What a gate excludes, and what its makers gave up, has to be left whatever that costs. What is kept by its makers and on
file without grades is not judged: that we know too little of it is no reason to move. A project whose own answers rule
out a migration is told what it would gain, and not told to move.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from portfolio.board import asking
from portfolio.board.asking import Judged, Portfolio
from portfolio.board.counting import Worst
from portfolio.board.table import NONE, Indices
from rules.compiled import Array, Release, Role
from rules.conditions.columns import Bools, SetColumn, TextColumn

OF_MOVING = frozenset({"may_migrate", "migration_style", "known_frameworks"})
NO_GRADES = ("alt.graded",)  # all that a gate looks at which stops what has none
LISTED = 20
STAYS, NOT_CLEAR, MOVES, RULED_OUT = "stays", "not clear", "moves", "ruled out"
HAS_TO, STRANDED, NOT_JUDGED, UNKNOWN = "has to move", "stranded", "not judged", "unknown"
Told = NDArray[np.object_]  # a verdict for each project
VERDICTS = (STAYS, NOT_CLEAR, MOVES, RULED_OUT, HAS_TO, STRANDED, NOT_JUDGED, UNKNOWN)


@dataclass(frozen=True, slots=True)
class Mover:
    """A project that should move: its gain, the cost, their difference with its interval, and the probability that
    this is positive; `weight` in `WEIGHT_UNITS`, as everywhere here.
    """

    id: str
    row: int
    weight: int
    present: str
    target: str
    gain: float
    cost: float
    net: float
    interval: tuple[float, float]
    probability: float


@dataclass(frozen=True, slots=True)
class Forced:
    """A project that has to move: the gate (by id) that excludes what it depends on, None for one of no grades only."""

    id: str
    row: int
    weight: int
    present: str
    target: str
    gate: str | None


@dataclass(slots=True)
class Flow:
    """The projects that move from one framework to another: how many, and the sums of weights, gains and costs."""

    projects: int = 0
    weight: int = 0
    gain: float = 0.0
    cost: float = 0.0


@dataclass(slots=True)
class Movers:
    """Who moves in a portfolio. `verdicts` counts every project that calls for the role, `weights` what they count;
    `flows` those told to move, by (present, target, verdict); `listed` are the clearest of those that should, `forced`
    the first of those that have to.
    """

    role: str
    verdicts: Counter[str] = field(default_factory=Counter)
    weights: Counter[str] = field(default_factory=Counter)
    flows: dict[tuple[str, str, str], Flow] = field(default_factory=dict)
    listed: Worst[Mover] = field(default_factory=lambda: Worst[Mover](LISTED))
    forced: list[Forced] = field(default_factory=list)


def movers(release: Release, role: str, portfolio: Portfolio) -> Movers:
    """Who should move in a portfolio."""
    found = Movers(role)
    for each in asking.judged(release, role, portfolio()):
        present = asking.dependence(release, role, each)
        told = np.full(len(present), UNKNOWN, dtype=object)
        for mover in _weighed(release, role, each, present, told):
            flow = _flow(found, mover, MOVES)
            flow.gain += mover.gain
            flow.cost += mover.cost
            found.listed.add((mover.probability, mover.net), mover)
        for forced in sorted(_forced(release, role, each, present, told), key=lambda one: one.row):
            _flow(found, forced, HAS_TO)
            found.forced += [forced] if len(found.forced) < LISTED else []
        weight = each.weights()
        for verdict in set(told.tolist()):
            ours = told == verdict
            found.verdicts[verdict] += int(ours.sum())
            found.weights[verdict] += int(weight[ours].sum())
    return found


def speaks_of_moving(role: Role) -> Bools:
    """(R,) whether a rule speaks of migration or familiarity, or weighs nearness to what is there.

    One that only takes from the present code which kind of models there are does not.
    """
    near = {criterion.id for criterion in role.criteria if criterion.affinity}
    return np.array(
        [
            bool(near & rule.weights.keys()) or bool(rule.when and OF_MOVING & rule.when.questions)
            for rule in role.rules
        ],
        dtype=np.bool_,
    )


def part_of_scores(role: Role, each: Judged, which: Bools) -> Array:
    """(n, F) what some of the rules contribute to the scores; over all rules it is the score."""
    board = each.board
    spoken = np.where(which, board.strength, 0.0)
    whole = (board.strength * role.total).sum(axis=1, keepdims=True)
    summed: Array = (spoken * role.total) @ role.opinion
    for column, shift in (board.shift or {}).items():
        summed = summed + (spoken @ role.weight[:, column])[:, None] * shift
    return summed / np.where(whole > 0, whole, 1.0)


def _weighed(release: Release, role: str, each: Judged, present: Indices, told: Told) -> Iterator[Mover]:
    """The movers among the projects whose present framework is in the ranking; says in `told` what becomes of all."""
    compiled, left = release.roles[role], each.ranked()
    rows = np.flatnonzero((present != NONE) & left[np.arange(len(present)), np.maximum(present, 0)])
    told[rows] = STAYS
    rows = rows[each.first[rows] != present[rows]]
    if not len(rows):
        return
    target, now = each.first[rows], present[rows]
    moving = part_of_scores(compiled, each, speaks_of_moving(compiled))
    cost = moving[rows, now] - moving[rows, target]
    probability, net, spread = asking.beats(release, role, each, rows, target, now)
    width = NormalDist().inv_cdf(0.5 + release.confidence["interval_probability"] / 2) * spread
    pays = probability >= release.confidence["tie_below_win_probability"]
    weight, column = each.weights(), each.sheet.columns.get("may_migrate")
    no = np.zeros(len(present), dtype=np.bool_)
    if isinstance(column, TextColumn) and "no" in column.texts:
        no = column.code == column.texts.index("no")
    told[rows] = np.where(pays, np.where(no[rows], RULED_OUT, MOVES), NOT_CLEAR)
    for at in np.flatnonzero(pays & ~no[rows]).tolist():
        row, gap, wide = rows[at], float(net[at]), float(width[at])
        yield Mover(
            each.id[row],
            each.row[row],
            int(weight[row]),
            compiled.members[now[at]],
            compiled.members[target[at]],
            gap + float(cost[at]),
            float(cost[at]),
            gap,
            (gap - wide, gap + wide),
            float(probability[at]),
        )


def _forced(release: Release, role: str, each: Judged, present: Indices, told: Told) -> Iterator[Forced]:
    """The projects that depend on nothing in the ranking but on something that is excluded or only a predecessor."""
    compiled = release.roles[role]
    column = each.sheet.columns.get("existing_code")
    if not isinstance(column, SetColumn):
        return
    weight, excluded = each.weights(), np.where(told == UNKNOWN, present, NONE)
    for candidate in (*compiled.members, *compiled.others):
        graded = candidate in compiled.members
        ours = excluded == compiled.members.index(candidate) if graded else (excluded == NONE) & (told == UNKNOWN)
        rows = np.flatnonzero(ours & column.holds(candidate))
        if not len(rows):
            continue
        if not graded and release.alternatives[candidate].facts.get("alt.lifecycle") not in asking.GONE:
            told[rows] = NOT_JUDGED
            continue
        gates = asking.stopped_by(release, role, each.sheet, candidate)
        told[rows] = np.where(each.first[rows] == NONE, STRANDED, HAS_TO)
        for row in rows[each.first[rows] != NONE].tolist():
            gate = compiled.gates[gates[row]] if gates[row] != NONE else None
            told_by = gate.id if gate is not None and gate.requires.facts != NO_GRADES else None
            target = compiled.members[each.first[row]]
            yield Forced(each.id[row], each.row[row], int(weight[row]), candidate, target, told_by)


def _flow(found: Movers, mover: Mover | Forced, verdict: str) -> Flow:
    flow = found.flows.setdefault((mover.present, mover.target, verdict), Flow())
    flow.projects += 1
    flow.weight += mover.weight
    return flow
