"""Who is hurt by a few frameworks for all: a second pass over a portfolio, for sets that have been chosen."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from portfolio.board.counting import Spread, Worst
from portfolio.board.table import EXCLUDED, NONE, UNITS, WEIGHT_UNITS, Indices, Table, Units
from rules.conditions.columns import Bools

LISTED = 20


@dataclass(frozen=True, slots=True)
class Case:
    """A project under a set: what serves it best, what the set gives it (None: nothing), and the score it loses."""

    id: str
    row: int
    best: str
    gets: str | None
    loss: float
    weight: float


@dataclass(slots=True)
class Part:
    """A part of a portfolio under a set: projects, those that lose some score, those left without, the score lost."""

    projects: int = 0
    hurt: int = 0
    unserved: int = 0
    lost: int = 0  # in UNITS x WEIGHT_UNITS

    def add(self, loss: Units, weight: Units, unserved: Bools) -> None:
        """More projects."""
        self.projects += len(loss)
        self.unserved += int(unserved.sum())
        self.hurt += int(((loss > 0) & ~unserved).sum())
        self.lost += int((loss * weight).sum())


@dataclass(slots=True)
class Hurt:
    """What a set does to the projects of a portfolio that may use any framework at all.

    Attributes:
        members: the set.
        whole: all of them; `by_best` those whose best is the given member, `by_group` those of a group.
        gets: how many projects each member of the set serves.
        moves: how many would leave what their code depends on, of the `dependent` whose code depends on a member.
        worst: those that lose most, the unserved among them, without projects that count nothing.
        spread: of the loss.
    """

    members: tuple[str, ...]
    whole: Part = field(default_factory=Part)
    by_best: dict[str, Part] = field(default_factory=dict)
    by_group: dict[tuple[str, str], Part] = field(default_factory=dict)
    gets: Counter[str] = field(default_factory=Counter)
    moves: int = 0
    dependent: int = 0
    worst: Worst[Case] = field(default_factory=lambda: Worst[Case](LISTED))
    spread: Spread = field(default_factory=Spread)


def hurt(tables: Iterable[Table], sets: Sequence[Sequence[str]]) -> list[Hurt]:
    """What each of some sets does, in one pass."""
    found = [Hurt(tuple(chosen)) for chosen in sets]
    for table in tables:
        units, weight = table.units(), table.weights()
        served = np.flatnonzero((units != EXCLUDED).any(axis=1))
        for each in found:
            _add(each, table, served, units[served], weight[served])
    return found


def under(table: Table, units: Units, best: Indices, chosen: Sequence[str]) -> tuple[Indices, Units]:
    """((n,) what projects get from a set or `NONE`, what they lose in `UNITS` against the (n,) best for each).

    What is best is got where the set has it; of other equals the first in the alphabet.
    """
    rows = np.arange(len(units))
    inside = np.isin(np.array(table.members), list(chosen))
    kept = np.where(inside, units, EXCLUDED)
    gets = np.where(inside[best], best, kept.argmax(axis=1))
    reached = kept[rows, gets]
    return np.where(reached == EXCLUDED, NONE, gets), units[rows, best] - np.maximum(reached, 0)


def _add(found: Hurt, table: Table, served: Indices, units: Units, weight: Units) -> None:
    best, present = table.first[served], table.present[served]
    gets, loss = under(table, units, best, found.members)
    # What is as good as the best of the set and there already is not left.
    rows = np.flatnonzero((present != NONE) & (gets != NONE))
    same = (units[rows, present[rows]] == units[rows, gets[rows]]) & np.isin(
        np.array(table.members)[present[rows]], found.members
    )
    gets[rows[same]] = present[rows[same]]
    unserved = gets == NONE
    found.whole.add(loss, weight, unserved)
    found.spread.add(loss, weight)
    found.dependent += int((present != NONE).sum())
    found.moves += int(((present != NONE) & (gets != present)).sum())
    for index, member in enumerate(table.members):
        ours = best == index
        if ours.any():
            found.by_best.setdefault(member, Part()).add(loss[ours], weight[ours], unserved[ours])
        count = int((gets == index).sum())
        if count:
            found.gets[member] += count
    for question, name, belongs in _groups(table, served):
        found.by_group.setdefault((question, name), Part()).add(loss[belongs], weight[belongs], unserved[belongs])
    least = found.worst.least()
    for row in np.flatnonzero((loss > 0) & (loss / UNITS >= least) & (weight > 0)).tolist():
        given = None if unserved[row] else table.members[gets[row]]
        counts = float(weight[row]) / WEIGHT_UNITS
        at = int(served[row])
        case = Case(table.id[at], table.row[at], table.members[best[row]], given, int(loss[row]) / UNITS, counts)
        found.worst.add((case.loss, case.weight), case)


def _groups(table: Table, served: Indices) -> Iterator[tuple[str, str, Bools]]:
    for question, groups in table.groups.items():
        for place, name in enumerate(groups.names):
            belongs = groups.member[served, place]
            if belongs.any():
                yield question, name, belongs
