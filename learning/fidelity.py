"""How well a rule of thumb does: on projects that it was not fitted to, against what the engine says of them."""

from math import sqrt
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from learning import features
from learning.tree import Fidelity, Miss
from rules import engine, requirements
from rules.compiled import Release
from rules.conditions.columns import Bools

if TYPE_CHECKING:
    from learning.fitting import Answered

DIGITS = 4
TIES_LOOKED_AT = 300
GROUPS = 6
WITHIN_95 = 1.959964
POINTS = 100.0

Index = NDArray[np.intp]


def measure(release: Release, role: str, answered: "Answered", held_out: Bools, named: Index) -> Fidelity:
    """The fidelity on held-out projects.

    Args:
        release: the knowledge.
        role: the role.
        answered: what the engine says.
        held_out: (N,) which of its projects are held out.
        named: what the tree names for each of these, as a member's number.
    """
    first, score, left = answered.first[held_out], answered.score[held_out], answered.open[held_out]
    every = np.bincount(answered.first[~held_out])
    wrong = np.flatnonzero(named != first)
    stopped = ~left[wrong, named[wrong]]
    lost = POINTS * (score[wrong, first[wrong]] - score[wrong, named[wrong]])[~stopped]
    members = release.roles[role].members
    looked_at = wrong[~stopped][:TIES_LOOKED_AT]
    rows = answered.rows[held_out][looked_at].tolist()
    ties = sum(_tied(release, role, answered, row, members[n]) for row, n in zip(rows, named[looked_at], strict=True))
    right = len(first) - len(wrong)
    low, high = wilson(right, len(first))
    return Fidelity(
        projects=len(first),
        agree=round(right / len(first), DIGITS),
        interval=(round(low, DIGITS), round(high, DIGITS)),
        baseline=members[int(every.argmax())],
        baseline_agree=round(float((first == every.argmax()).mean()), DIGITS),
        excluded=_share(int(stopped.sum()), len(wrong)),
        lost_median=round(float(np.median(lost)), 1) if len(lost) else 0.0,
        lost_most=round(float(np.quantile(lost, 0.9)), 1) if len(lost) else 0.0,
        tied=_share(ties, len(looked_at)),
        tied_of=len(looked_at),
    )


def _tied(release: Release, role: str, answered: "Answered", row: int, name: str) -> bool:
    """Whether the engine cannot tell a member apart from its first for one project."""
    asked = requirements.parse(answered.sample.answers(row), release.questionnaire)
    ranking = engine.decide(release, asked, roles=[role], what_if=False).roles[role].ranking
    return any(each.framework == name and each.tie_group == 1 for each in ranking)


def wilson(right: int, count: int) -> tuple[float, float]:
    """Where a share lies with a probability of 0.95, from `right` of `count` (Wilson, JASA 22(158), 1927)."""
    z = WITHIN_95
    middle = (right + z * z / 2) / (count + z * z)
    half = z / (count + z * z) * sqrt(right * (count - right) / count + z * z / 4)
    return middle - half, middle + half


def misses(
    release: Release, role: str, answered: "Answered", held_out: Bools, ends: Index, named: Index
) -> tuple[Miss, ...]:
    """The largest groups of held-out projects that the tree gets wrong, largest first; arguments as of `measure`,
    with the leaf that each comes to.
    """
    first, rows = answered.first[held_out], answered.rows[held_out]
    wrong = named != first
    pairs, counts = np.unique(np.stack((named[wrong], first[wrong])), axis=1, return_counts=True)
    largest = sorted(range(len(counts)), key=lambda i: (-counts[i], *pairs[:, i].tolist()))[:GROUPS]
    every = features.all_of(release, role)
    held = np.stack([f.column(answered.sample.sheet)[rows] for f in every], axis=1)
    members = release.roles[role].members
    found = []
    for says, engine_says in pairs.T[largest].tolist():
        ours = wrong & (named == says) & (first == engine_says)
        beside = np.isin(ends, ends[ours]) & ~wrong
        place, inside, outside = _telling(held, ours, beside)
        found.append(
            Miss(
                says=members[says],
                engine=members[engine_says],
                count=int(ours.sum()),
                share=_share(int(ours.sum()), len(first)),
                common=every[place].text,
                common_in=round(inside, DIGITS),
                common_out=round(outside, DIGITS),
            )
        )
    return tuple(found)


def _telling(held: Bools, ours: Bools, beside: Bools) -> tuple[int, float, float]:
    """(the feature that tells a group most from those beside it, its share in the group, its share beside it)."""
    inside = held[ours].mean(axis=0)
    outside = held[beside].mean(axis=0) if beside.any() else np.zeros(held.shape[1])
    place = int((inside - outside).argmax())
    return place, float(inside[place]), float(outside[place])


def _share(part: int, whole: int) -> float:
    return round(part / whole, DIGITS) if whole else 0.0
