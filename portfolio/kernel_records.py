"""What the compiled kernel is handed, and what it writes: arrays by name."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from portfolio.scored import REASONS
from rules.compiled import Array

GROUP = 64  # rows whose bits stand in one word


class Fixed(NamedTuple):
    """What holds for every row: see `portfolio.tables.Table`. A: affinities, O: options they name, P: paths."""

    strength: Array  # (R,)
    total: Array  # (R,)
    ranked: NDArray[np.int64]  # (R,) the option of `priorities` that the rule is about, -1 for none
    centroid: Array  # (length of a ranking, place in it; the last column: not in it)
    opinion: Array  # (R, F)
    start: NDArray[np.int64]  # (R + 1,) where a rule's weights begin
    column: NDArray[np.int64]  # of each weight
    weight: Array  # each weight
    grade: Array  # (F, C)
    spread: Array  # (F, F, C)
    lean: Array  # (A, R)
    kin: Array  # (O, F)
    path: NDArray[np.int64]  # (C,) which path a criterion is derived from, -1 for none
    graded: Array  # (P, 4)
    on_ways: NDArray[np.bool_]  # (R,)
    by_id: NDArray[np.int64]  # (R,) the rule's place among the ids
    weight_sd: float
    tie: float


class Given(NamedTuple):
    """What holds for each row; W words of 64 rows."""

    called: NDArray[np.uint64]  # (W,)
    speaks: NDArray[np.uint64]  # (R, W) where the condition of each rule holds
    stopped: NDArray[np.uint64]  # (F, W) where a gate excludes a member
    place: NDArray[np.int16]  # (N, options of `priorities`), or no rows
    length: NDArray[np.int64]  # (N,) how many are ranked, or no rows
    named: NDArray[np.uint64]  # (A, words of options, N)
    level: NDArray[np.uint64]  # (P, F, 4, W) where the way of a member has this level and is graded so
    strays: NDArray[np.uint64]  # (W,) where any way has


class Found(NamedTuple):
    """What is written: see `portfolio.scored.RoleScored`; `order` is the whole ranking."""

    order: NDArray[np.int16]
    score: Array
    confidence: Array
    margin: Array
    tied: NDArray[np.bool_]
    reasons: NDArray[np.int16]
    board: NDArray[np.float32]  # (N, F), or no rows
    silent: NDArray[np.bool_]  # (N,) called, but no rule speaks
    leads: NDArray[np.uint64]  # (F, W) the members that share the first place, begins as 0


class Desk(NamedTuple):
    """Room for one row, and what each of its group says."""

    spoke: NDArray[np.uint64]  # (words, 64) the rules that may speak in each row of a group, as bits
    closed: NDArray[np.uint64]  # (words, 64) the members that a gate stops
    said: NDArray[np.int64]  # (R + 1,) the rules that speak in this row
    strength: Array  # (R + 1,)
    share: Array  # (R,)
    members: NDArray[np.int64]  # (F,) the members that are left; what follows is by place among them
    opinion: Array  # (F, R), the rules by place among those that speak
    near: Array  # (F,)
    score: Array  # (F,)
    shown: Array  # (F,)
    best: NDArray[np.int64]  # (F,) best first
    criterion: Array  # (C,)
    touched: NDArray[np.int64]  # (C + 1,)
    sums: Array  # (R,)
    parts: Array  # (3,) what the reasons told so far add
    kept: NDArray[np.int64]  # (3,) which rules they are


def desk(fixed: Fixed) -> Desk:
    """Room for one row."""
    (rules, members), criteria = fixed.opinion.shape, fixed.grade.shape[1]
    return Desk(
        spoke=np.zeros((-(-rules // GROUP), GROUP), dtype=np.uint64),
        closed=np.zeros((-(-members // GROUP), GROUP), dtype=np.uint64),
        said=np.zeros(rules + 1, dtype=np.int64),
        strength=np.zeros(rules + 1),
        share=np.zeros(rules),
        members=np.zeros(members, dtype=np.int64),
        opinion=np.zeros((members, rules)),
        near=np.zeros(members),
        score=np.zeros(members),
        shown=np.zeros(members),
        best=np.zeros(members, dtype=np.int64),
        criterion=np.zeros(criteria),
        touched=np.zeros(criteria + 1, dtype=np.int64),
        sums=np.zeros(rules),
        parts=np.zeros(REASONS),
        kept=np.zeros(REASONS, dtype=np.int64),
    )
