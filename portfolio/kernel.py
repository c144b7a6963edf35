"""One role over many projects, row by row, compiled by Numba: what `portfolio.plain` says, some hundred times faster.

It walks only the rules that speak and the members that are open. Numbers are added in a fixed order within each row, so
that no answer depends on the rows beside it, on blocks or on threads; sums and roundings are those of `portfolio.exact`.
What is compiled is kept beside this module or, where that folder is not writable, in the user's cache folder.
"""

from math import erf, sqrt
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from portfolio.bits import lowest
from portfolio.exact import SCALE, SPLITTER
from rules.compiled import Array

compiled = njit(cache=True, nogil=True, error_model="numpy")
GROUP = 64  # rows whose bits stand in one word
TOP = SCALE * SPLITTER - (SCALE * SPLITTER - SCALE)  # SCALE in two halves, as `portfolio.exact` cuts it
BOTTOM = SCALE - TOP
REASONS = 3
PROBABILITY = 1e6
LEVELS = 4  # see `portfolio.levels`


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


class Desk(NamedTuple):
    """Room for one row, and what of its group is told apart."""

    rules: NDArray[np.int64]  # (64, R) the rules that may speak in each row of a group
    count: NDArray[np.int64]  # (64,)
    said: NDArray[np.int64]  # (R,) the rules that speak in this row
    strength: Array  # (R,)
    share: Array  # (R,)
    members: NDArray[np.int64]  # (F,) the open members, then best first
    opinion: Array  # (R, F) by place among those that speak, by member
    near: Array  # (A, F)
    score: Array  # (F,)
    shown: Array  # (F,)
    criterion: Array  # (C,)
    touched: NDArray[np.int64]  # (C,)


def desk(fixed: Fixed) -> Desk:
    """Room for one row."""
    (rules, members), criteria = fixed.opinion.shape, fixed.grade.shape[1]
    return Desk(
        rules=np.zeros((GROUP, rules), dtype=np.int64),
        count=np.zeros(GROUP, dtype=np.int64),
        said=np.zeros(rules, dtype=np.int64),
        strength=np.zeros(rules),
        share=np.zeros(rules),
        members=np.zeros(members, dtype=np.int64),
        opinion=np.zeros((rules, members)),
        near=np.zeros((len(fixed.lean), members)),
        score=np.zeros(members),
        shown=np.zeros(members),
        criterion=np.zeros(criteria),
        touched=np.zeros(criteria, dtype=np.int64),
    )


@compiled  # type: ignore[untyped-decorator]
def rows(fixed: Fixed, given: Given, found: Found, room: Desk) -> None:
    """Judge every row that the role is called for."""
    for word in range(given.called.shape[0]):
        called = given.called[word]
        if not called:
            continue
        _tell_apart(given, word, called, room)
        while called:
            i = lowest(called)
            called &= called - np.uint64(1)
            _row(fixed, given, found, room, word, i)


@compiled  # type: ignore[untyped-decorator]
def _tell_apart(given: Given, word: int, called: Any, room: Desk) -> None:
    """For each row of a group the rules whose conditions hold, in their order."""
    room.count[:] = 0
    for rule in range(given.speaks.shape[0]):
        left = given.speaks[rule, word] & called
        while left:
            i = lowest(left)
            left &= left - np.uint64(1)
            room.rules[i, room.count[i]] = rule
            room.count[i] += 1


@compiled  # type: ignore[untyped-decorator]
def _row(fixed: Fixed, given: Given, found: Found, room: Desk, word: int, i: int) -> None:
    row = word * 64 + i
    said = _shares(fixed, given, room, row, i)
    found.silent[row] = said == 0
    bit = np.uint64(1) << np.uint64(i)
    count = 0
    for member in range(given.stopped.shape[0]):
        if not given.stopped[member, word] & bit:
            room.members[count] = member
            count += 1
    if said == 0 or count == 0:
        return
    _opinions(fixed, given, room, said, count, word, i)
    _rank(found, room, said, count, row)
    first = room.members[0]
    found.confidence[row] = 1.0
    if count > 1:
        found.margin[row] = rounded(room.score[first] - room.score[room.members[1]])
        _compare(fixed, found, room, said, count, row)
    _explain(fixed, found, room, said, count, row)


@compiled  # type: ignore[untyped-decorator]
def _shares(fixed: Fixed, given: Given, room: Desk, row: int, i: int) -> int:
    """How many rules speak, with their strengths and shares."""
    said = 0
    whole, lost = 0.0, 0.0
    for at in range(room.count[i]):
        rule = room.rules[i, at]
        strength = fixed.strength[rule]
        option = fixed.ranked[rule]
        if option >= 0:
            strength *= fixed.centroid[given.length[row], given.place[row, option]]
        if strength > 0.0:
            mass = strength * fixed.total[rule]
            room.said[said], room.strength[said], room.share[said] = rule, strength, mass
            whole, lost = _added(whole, lost, mass)
            said += 1
    whole += lost
    for at in range(said):
        room.share[at] /= whole
    room.criterion[:] = 0.0
    used = 0
    for at in range(said):
        rule = room.said[at]
        for cell in range(fixed.start[rule], fixed.start[rule + 1]):
            column = fixed.column[cell]
            if room.criterion[column] == 0.0:
                room.touched[used] = column
                used += 1
            room.criterion[column] += room.strength[at] * fixed.weight[cell]
    for at in range(used):
        column = room.touched[at]
        room.criterion[column] = (room.criterion[column] / whole) ** 2
    if used < room.touched.shape[0]:
        room.touched[used] = -1
    return said


@compiled  # type: ignore[untyped-decorator]
def _opinions(fixed: Fixed, given: Given, room: Desk, said: int, count: int, word: int, i: int) -> None:
    """What each rule that speaks says of each open member, as this project sees it."""
    for at in range(said):
        rule = room.said[at]
        for m in range(count):
            room.opinion[at, room.members[m]] = fixed.opinion[rule, room.members[m]]
        if fixed.on_ways[rule]:
            _along_ways(fixed, given, room, at, count, word, i)
    row = word * 64 + i
    for affinity in range(fixed.lean.shape[0]):
        is_near = False
        for at in range(said):
            lean = fixed.lean[affinity, room.said[at]]
            if lean > 0.0:
                if not is_near:
                    _nearness(fixed, given, room, affinity, row)
                    is_near = True
                for m in range(count):
                    member = room.members[m]
                    room.opinion[at, member] += lean * room.near[affinity, member]


@compiled  # type: ignore[untyped-decorator]
def _nearness(fixed: Fixed, given: Given, room: Desk, affinity: int, row: int) -> None:
    """How near each member is to the nearest of what is named."""
    near = room.near[affinity]
    near[:] = 0.0
    for part in range(given.named.shape[1]):
        left = given.named[affinity, part, row]
        while left:
            option = part * 64 + lowest(left)
            left &= left - np.uint64(1)
            for member in range(near.shape[0]):
                near[member] = max(near[member], fixed.kin[option, member])


@compiled  # type: ignore[untyped-decorator]
def _along_ways(fixed: Fixed, given: Given, room: Desk, at: int, count: int, word: int, i: int) -> None:
    """One rule's opinion of each open member, with the grades of the ways that this project has."""
    rule = room.said[at]
    bit = np.uint64(1) << np.uint64(i)
    for m in range(count):
        member = room.members[m]
        whole, lost = 0.0, 0.0
        changed = False
        for cell in range(fixed.start[rule], fixed.start[rule + 1]):
            column = fixed.column[cell]
            grade = fixed.grade[member, column]
            path = fixed.path[column]
            if path >= 0:
                for level in range(LEVELS):
                    if given.level[path, member, level, word] & bit:
                        grade = fixed.graded[path, level]
                        changed = True
            whole, lost = _added(whole, lost, fixed.weight[cell] * grade)
        if changed:
            room.opinion[at, member] = (whole + lost) / fixed.total[rule]


@compiled  # type: ignore[untyped-decorator]
def _rank(found: Found, room: Desk, said: int, count: int, row: int) -> None:
    """The scores of the open members, and their order: best first, equals by name."""
    for m in range(count):
        member = room.members[m]
        whole, lost = 0.0, 0.0
        for at in range(said):
            whole, lost = _added(whole, lost, room.share[at] * room.opinion[at, member])
        room.score[member] = whole + lost
        room.shown[member] = rounded(whole + lost)
    for m in range(1, count):
        member = room.members[m]
        shown = room.shown[member]
        place = m
        while place > 0 and room.shown[room.members[place - 1]] < shown:
            room.members[place] = room.members[place - 1]
            place -= 1
        room.members[place] = member
    for m in range(count):
        found.order[row, m] = room.members[m]
    for m in range(min(count, found.score.shape[1])):
        found.score[row, m] = room.shown[room.members[m]]
    if found.board.shape[0]:
        for m in range(count):
            found.board[row, room.members[m]] = room.shown[room.members[m]]


@compiled  # type: ignore[untyped-decorator]
def _compare(fixed: Fixed, found: Found, room: Desk, said: int, count: int, row: int) -> None:
    """The probability that the first beats the second, and who shares its place: see `rules.confidence`."""
    first = room.members[0]
    for m in range(1, count):
        other = room.members[m]
        win = _win(fixed, room, said, first, other)
        if m == 1:
            found.confidence[row] = np.rint(win * PROBABILITY) / PROBABILITY
        if win >= fixed.tie:
            return
        found.tied[row, other] = True


@compiled  # type: ignore[untyped-decorator]
def _win(fixed: Fixed, room: Desk, said: int, first: int, other: int) -> float:
    of_weights, of_grades = 0.0, 0.0
    best, score = room.score[first], room.score[other]
    for at in range(said):
        apart = (room.opinion[at, first] - best) - (room.opinion[at, other] - score)
        of_weights += room.share[at] ** 2 * apart**2
    for at in range(room.touched.shape[0]):
        column = room.touched[at]
        if column < 0:
            break
        of_grades += room.criterion[column] * fixed.spread[first, other, column]
    spread = sqrt(max(of_grades + fixed.weight_sd**2 * of_weights, 0.0))
    gap = best - score
    if spread > 0.0:
        return 0.5 * (1.0 + erf(gap / spread / sqrt(2.0)))
    return 0.5 if gap == 0.0 else (1.0 if gap > 0.0 else 0.0)


@compiled  # type: ignore[untyped-decorator]
def _explain(fixed: Fixed, found: Found, room: Desk, said: int, count: int, row: int) -> None:
    """The rules that add most to the first; where none adds, those that take most; equals by id."""
    first = room.members[0]
    helped = False
    told = 0
    parts = np.zeros(REASONS)
    kept = found.reasons[row]
    for at in range(said):
        whole, lost = 0.0, 0.0
        for m in range(count):
            whole, lost = _added(whole, lost, room.opinion[at, room.members[m]])
        part = rounded(room.share[at] * (room.opinion[at, first] - (whole + lost) / count))
        if part > 0.0 and not helped:
            helped, told = True, 0
        if helped and part <= 0.0:
            continue
        size, rule = abs(part), room.said[at]
        place = told
        while place > 0 and _goes_before(fixed, size, rule, parts[place - 1], kept[place - 1]):
            if place < REASONS:
                parts[place], kept[place] = parts[place - 1], kept[place - 1]
            place -= 1
        if place < REASONS:
            parts[place], kept[place] = size, rule
            told = min(told + 1, REASONS)
    for place in range(told, REASONS):
        kept[place] = -1


@compiled  # type: ignore[untyped-decorator]
def _goes_before(fixed: Fixed, size: float, rule: int, other: float, than: int) -> bool:
    return size > other or (size == other and fixed.by_id[rule] < fixed.by_id[than])


@compiled  # type: ignore[untyped-decorator]
def _added(whole: float, lost: float, term: float) -> tuple[float, float]:
    """A running sum with what its additions lost: see `portfolio.exact.Sum`."""
    total = whole + term
    shadow = total - whole
    return total, lost + ((whole - (total - shadow)) + (term - shadow))


@compiled  # type: ignore[untyped-decorator]
def rounded(number: float) -> float:
    """See `portfolio.exact.rounded`."""
    size = abs(number)
    scaled = size * SCALE
    spread = SPLITTER * size
    high = spread - (spread - size)
    low = size - high
    lost = ((high * TOP - scaled) + high * BOTTOM + low * TOP) + low * BOTTOM
    below = np.floor(scaled)
    beyond = (scaled - below - 0.5) + lost
    if beyond > 0.0 or (beyond == 0.0 and below % 2.0 == 1.0):
        below += 1.0
    found = below / SCALE
    return (found if number >= 0.0 else -found) + 0.0
