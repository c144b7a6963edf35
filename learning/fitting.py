"""Fitting the rule of thumb: the engine answers many plausible projects, and a small tree learns what comes first.

Grown by scikit-learn, pruned by cost and complexity, its size chosen by cross-validation and its fidelity measured on
projects that neither has seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeClassifier

from learning import features, fidelity, projects, pruning
from learning.features import Feature
from learning.pruning import Grown, Pruned
from learning.tree import Leaf, Node, Size, Split, Tree
from rules import batch
from rules.calling import roles_called_in
from rules.compiled import Release
from rules.conditions.columns import Bools, Sheet
from rules.decision import ENGINE
from rules.sampling import Sample
from rules.streams import LEVELS, draws, stream

DRAWN = 24_000
SEED = "rule of thumb"
BLOCK = 4096
HELD_OUT = 3  # one of so many
FOLDS = 5
MOST_LEAVES = 14  # what a page can show and a person can follow
LEAST_SHARE = 0.005  # of the projects that are fitted to, in a leaf: 60 of 12,000, and about 30 to measure it by
LEAST_PROJECTS = 200

Index = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Answered:
    """What the engine says of drawn projects in one role. N projects that call for it, F members.

    Attributes:
        sample: the projects as drawn; `rows` are those that call for the role and have an answer.
        first: (N,) the member that comes first.
        score: (N, F) in [0, 1].
        open: (N, F) whether no gate excludes the member.
        calling: how many call for the role, with an answer or without.
    """

    sample: Sample
    rows: Index
    first: Index
    score: NDArray[np.float64]
    open: Bools
    calling: int


def fit(release: Release, role: str, drawn: int, seed: str = SEED) -> Tree:
    """The rule of thumb for a role.

    Args:
        release: the knowledge that the engine answers from.
        role: the role.
        drawn: how many projects to draw; those that do not call for the role, or have no answer, fall away.
        seed: names the sample.

    Raises:
        ValueError: fewer than `LEAST_PROJECTS` have an answer, or nothing can be asked of them.
    """
    answered = answer(release, role, projects.sample(release, drawn, seed))
    asks = features.askable(release, role)
    if len(answered.rows) < LEAST_PROJECTS or not asks:
        raise ValueError(f"too few of {drawn} drawn projects have an answer in the role {role!r}")
    sheet = answered.sample.sheet
    asked = np.stack([f.column(sheet)[answered.rows] for f in asks], axis=1)
    part = draws(stream(f"{seed}:part"), 1, sheet.rows)[0][answered.rows]
    held_out = part * HELD_OUT // LEVELS == 0
    fold = part % FOLDS
    known, first = asked[~held_out], answered.first[~held_out]
    grown = grow(known, first, len(release.roles[role].members))
    sizes, chosen = choose(grown, known, first, fold[~held_out])
    ends = pruning.ends(grown, chosen.asks, asked[held_out])
    root = _node(0, grown, chosen, asks, _Held(release.roles[role].members, ends, answered.first[held_out]))
    measured = fidelity.measure(release, role, answered, held_out, grown.counts[ends].argmax(axis=1))
    return Tree(
        role=role,
        release_id=release.id,
        release_sha256=release.sha256,
        engine=ENGINE,
        seed=seed,
        drawn=drawn,
        fitted=len(known),
        unanswered=round(1 - len(answered.rows) / answered.calling, fidelity.DIGITS),
        root=root,
        fidelity=measured,
        sizes=sizes,
        misses=fidelity.misses(release, role, answered, held_out, ends, grown.counts[ends].argmax(axis=1)),
    )


# --- What the engine says --------------------------------------------------------------------------------------------


def answer(release: Release, role: str, sample: Sample) -> Answered:
    """What the engine says of a sample in one role, in blocks."""
    blocks = []
    for start in range(0, sample.sheet.rows, BLOCK):
        index = np.arange(start, min(start + BLOCK, sample.sheet.rows))
        sheet = Sheet(len(index), {name: column.take(index) for name, column in sample.sheet.columns.items()})
        board = batch.board(release, role, sheet)
        blocks.append((board.first(), board.score, board.open[:, : board.score.shape[1]]))
    first, score, left = (np.concatenate(each) for each in zip(*blocks, strict=True))
    calling = roles_called_in(sample.sheet, release)[role]
    rows = np.flatnonzero(calling & (first >= 0))
    return Answered(sample, rows, first[rows], score[rows], left[rows], max(int(calling.sum()), 1))


# --- The tree --------------------------------------------------------------------------------------------------------


def grow(asked: Bools, first: Index, members: int) -> Grown:
    """The tree before pruning: as large as `LEAST_SHARE` allows.

    Args:
        asked: (N, features) the answers.
        first: (N,) the member that comes first.
        members: how many members there are.
    """
    least = max(1, round(LEAST_SHARE * len(first)))
    made = DecisionTreeClassifier(min_samples_leaf=least, random_state=0).fit(asked.astype(np.float32), first).tree_
    counts = np.zeros((made.node_count, members))
    seen = np.unique(first)
    counts[:, seen] = np.round(made.value[:, 0, :] * made.n_node_samples[:, None])
    return Grown(made.children_left.copy(), made.children_right.copy(), made.feature.copy(), counts)


def choose(grown: Grown, asked: Bools, first: Index, fold: Index) -> tuple[tuple[Size, ...], Pruned]:
    """(the sizes that a person can follow, the tree taken): the smallest within a standard error of the best.

    The rule of one standard error of Breiman et al., section 3.4.3.
    """
    nested = pruning.nested(grown)
    alphas = [float(np.sqrt(a.alpha * b.alpha)) for a, b in pairwise(nested)]
    alphas.append(np.inf)
    right = np.zeros((len(first), len(nested)), dtype=np.bool_)
    for number in range(FOLDS):
        out = fold == number
        other = grow(asked[~out], first[~out], grown.counts.shape[1])
        smaller = pruning.nested(other)
        for place, alpha in enumerate(alphas):
            taken = [each for each in smaller if each.alpha <= alpha * (1 - 1 / FOLDS)][-1]
            ends = pruning.ends(other, taken.asks, asked[out])
            right[out, place] = other.counts[ends].argmax(axis=1) == first[out]
    agree = right.mean(axis=0)
    error = np.sqrt(agree * (1 - agree) / len(first))
    few = [place for place, each in enumerate(nested) if each.leaves <= MOST_LEAVES]
    best = max(few, key=lambda place: (agree[place], place))
    taken_at = max(place for place in few if agree[place] >= agree[best] - error[best])
    sizes = [
        Size(nested[p].leaves, round(float(agree[p]), fidelity.DIGITS), round(float(error[p]), fidelity.DIGITS))
        for p in reversed(few)
    ]
    return tuple(sizes), nested[taken_at]


@dataclass(frozen=True, slots=True)
class _Held:
    """The held-out projects: the members by number, and of each project its end and its first."""

    members: Sequence[str]
    ends: Index
    first: Index


def _node(at: int, grown: Grown, chosen: Pruned, asks: Sequence[Feature], held: _Held) -> Node:
    if chosen.asks[at]:
        yes, no = (_node(int(child[at]), grown, chosen, asks, held) for child in (grown.yes, grown.no))
        return Split(asks[int(grown.feature[at])], yes, no)
    named = int(grown.counts[at].argmax())
    found = np.bincount(held.first[held.ends == at], minlength=len(held.members))
    count, right = int(found.sum()), int(found[named])
    found[named] = 0
    other = int(found.argmax()) if found.any() else None
    return Leaf(
        held.members[named],
        count,
        round(right / count, fidelity.DIGITS) if count else 0.0,
        None if other is None else held.members[other],
        0.0 if other is None else round(int(found[other]) / count, fidelity.DIGITS),
    )
