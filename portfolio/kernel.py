"""One role over many projects, row by row, compiled by Numba: what `portfolio.plain` says, some hundred times faster.

It walks only the rules that speak and the members that are open. Numbers are added in a fixed order within each row, so
that no answer depends on the rows beside it, on blocks or on threads; sums and roundings are those of
`portfolio.exact`.
What is compiled is kept beside this module or, where that folder is not writable, in the user's cache folder; Numba
throws it away when this file changes, so what is compiled together stands in this one file.
"""

from math import erf, sqrt
from typing import Any

import numpy as np

from portfolio.bits import lowest
from portfolio.compiling import compiled
from portfolio.exact import SCALE, SPLITTER
from portfolio.kernel_records import Desk, Fixed, Found, Given

# Taking an array out of a tuple counts a reference to it, at the cost of many additions: so `rows` takes them out once,
# and the helpers, which become part of it, are handed the arrays that they need.
inlined = compiled(error_model="numpy", forceinline=True)
TOP = SCALE * SPLITTER - (SCALE * SPLITTER - SCALE)  # SCALE in two halves, as `portfolio.exact` cuts it
BOTTOM = SCALE - TOP
REASONS = 3
PROBABILITY = 1e6
LEAST = 1e-11  # more than rounding to 12 decimals moves a number
LEVELS = 4  # see `portfolio.levels`


@compiled(error_model="numpy")
def rows(fixed: Fixed, given: Given, found: Found, room: Desk) -> None:  # noqa: C901 - see `inlined`
    """Judge every row that the role is called for."""
    (strength, total, ranked, centroid, opinion, start, column, weight, grade, spread, lean, kin, path, graded) = fixed[
        :14
    ]
    on_ways, by_id, weight_sd, tie = fixed[14:]
    (called, speaks, stopped, place, length, named, level, strays) = given
    (order, scores, confidence, margin, tied, reasons, board, silent, leads) = found
    (spoke, closed, said, spoken, share, members, seen, near, score, shown, best, criterion, touched, sums) = room[:14]
    parts, kept = room[14:]
    for word in range(called.shape[0]):
        waiting = called[word]
        if waiting:
            _turn(speaks, word, np.uint64(0), spoke)
            _turn(stopped, word, ~np.uint64(0), closed)
        while waiting:
            i = lowest(waiting)
            waiting &= waiting - np.uint64(1)
            row = word * 64 + i
            told = _speaking(spoke, strength, ranked, centroid, place, length, row, said, spoken)
            silent[row] = told == 0
            left = _left(closed, i, members)
            if told == 0 or left == 0:
                continue
            whole = _shares(said, spoken, told, total, share)
            _opinions(said, told, opinion, members, left, seen)
            bit = np.uint64(1) << np.uint64(i)
            stray = left if strays[word] & bit else 0
            _along_ways(
                said, told, on_ways, members, stray, start, column, weight, grade, path, graded, level, row, total, seen
            )
            for affinity in range(lean.shape[0]):
                _lean(affinity, said, told, lean, kin, named, row, members, left, near, seen)
            _scores(left, share, told, seen, score, shown)
            _sort(left, shown, best)
            _write(members, left, best, shown, row, order, scores, board)
            confidence[row] = 1.0
            first = best[0]
            leads[members[first], word] |= bit
            if left > 1:
                margin[row] = rounded(score[first] - score[best[1]])
                used = _criteria(said, spoken, told, start, column, weight, criterion, touched)
                for at in range(1, left):
                    other = best[at]
                    of_grades = _of_grades(members[first], members[other], used, touched, criterion, spread)
                    win = _win(first, other, told, share, seen, score, of_grades / (whole * whole), weight_sd)
                    if at == 1:
                        confidence[row] = np.rint(win * PROBABILITY) / PROBABILITY
                    if win >= tie:
                        break
                    tied[row, members[other]] = True
                    leads[members[other], word] |= bit
            why = _reasons(said, told, share, seen, first, left, by_id, sums, parts, kept)
            for at in range(why):
                reasons[row, at] = kept[at]


@inlined
def _turn(planes: Any, word: int, none: Any, turned: Any) -> None:
    """What 64 rows say of every plane, as words of each row: bit b of word w is plane 64 w + b, `none` beyond the last.

    Blocks of bits are exchanged, then the halves of these: Warren, Hacker's Delight, 2nd edition, 2012, section 7-3.
    """
    for block in range(turned.shape[0]):
        words = turned[block]
        for at in range(64):
            words[at] = planes[block * 64 + at, word] if block * 64 + at < planes.shape[0] else none
        size, mask = 32, np.uint64(0xFFFFFFFF)
        while size:
            step = np.uint64(size)
            for begin in range(0, 64, 2 * size):
                for at in range(begin, begin + size):
                    moved = ((words[at] >> step) ^ words[at + size]) & mask
                    words[at] ^= moved << step
                    words[at + size] ^= moved
            size >>= 1
            mask ^= mask << np.uint64(size)


@inlined
def _speaking(
    spoke: Any, strength: Any, ranked: Any, centroid: Any, place: Any, length: Any, row: int, said: Any, spoken: Any
) -> int:
    """How many rules speak, which and how strongly."""
    told = 0
    for block in range(spoke.shape[0]):
        left = spoke[block, row & 63]
        while left:
            rule = block * 64 + lowest(left)
            left &= left - np.uint64(1)
            how = strength[rule]
            if ranked[rule] >= 0:
                how *= centroid[length[row], place[row, ranked[rule]]]
            said[told], spoken[told] = rule, how
            told += 1 if how > 0.0 else 0
    return told


@inlined
def _left(closed: Any, i: int, members: Any) -> Any:
    """How many members no gate stops, and which."""
    left: Any = 0
    for block in range(closed.shape[0]):
        there = ~closed[block, i]
        while there:
            members[left] = block * 64 + lowest(there)
            there &= there - np.uint64(1)
            left += 1
    return left


@inlined
def _shares(said: Any, spoken: Any, told: int, total: Any, share: Any) -> float:
    """The whole, with each rule's share of it."""
    whole, lost = 0.0, 0.0
    for at in range(told):
        share[at] = spoken[at] * total[said[at]]
        whole, lost = added(whole, lost, share[at])
    whole += lost
    for at in range(told):
        share[at] /= whole
    return whole


@inlined
def _criteria(
    said: Any, spoken: Any, told: int, start: Any, column: Any, weight: Any, criterion: Any, touched: Any
) -> int:
    """How many criteria are weighed, which, and how much; what was weighed before is forgotten."""
    for c in range(criterion.shape[0]):
        criterion[c] = 0.0
    used = 0
    for at in range(told):
        for cell in range(start[said[at]], start[said[at] + 1]):
            c = column[cell]
            touched[used] = c
            used += 1 if criterion[c] == 0.0 else 0
            criterion[c] += spoken[at] * weight[cell]
    return used


@inlined
def _of_grades(first: Any, other: Any, used: int, touched: Any, criterion: Any, spread: Any) -> float:
    """The variance of the difference of two members' grades, weighed, before it is divided by all that is weighed."""
    found = 0.0
    for at in range(used):
        c = touched[at]
        found += criterion[c] * criterion[c] * spread[first, other, c]
    return found


@inlined
def _opinions(said: Any, told: int, opinion: Any, members: Any, left: int, seen: Any) -> None:
    """What each rule that speaks says of each open member, as published."""
    for at in range(told):
        rule = said[at]
        for m in range(left):
            seen[m, at] = opinion[rule, members[m]]


@inlined
def _along_ways(
    said: Any,
    told: int,
    on_ways: Any,
    members: Any,
    left: int,
    start: Any,
    column: Any,
    weight: Any,
    grade: Any,
    path: Any,
    graded: Any,
    level: Any,
    row: int,
    total: Any,
    seen: Any,
) -> None:
    """The opinions of the rules that weigh ways, of each open member, with the grades of the ways of this project."""
    word, bit = row >> 6, np.uint64(row & 63)
    for at in range(told):
        rule = said[at]
        if not on_ways[rule]:
            continue
        for m in range(left):
            member = members[m]
            whole, lost = 0.0, 0.0
            changed = False
            for cell in range(start[rule], start[rule + 1]):
                held = grade[member, column[cell]]
                p = path[column[cell]]
                if p >= 0:
                    for step in range(LEVELS):
                        if level[p, member, step, word] >> bit & np.uint64(1):
                            held = graded[p, step]
                            changed = True
                whole, lost = added(whole, lost, weight[cell] * held)
            if changed:
                seen[m, at] = (whole + lost) / total[rule]


@inlined
def _lean(
    affinity: int,
    said: Any,
    told: int,
    lean: Any,
    kin: Any,
    named: Any,
    row: int,
    members: Any,
    left: int,
    near: Any,
    seen: Any,
) -> None:
    """What nearness to what is named adds to the opinions of the rules that weigh it."""
    is_near, is_named = False, False
    for part in range(named.shape[1]):
        is_named |= named[affinity, part, row] != 0
    for at in range(told if is_named else 0):
        part = lean[affinity, said[at]]
        if part > 0.0:
            if not is_near:
                _nearness(affinity, kin, named, row, members, left, near)
                is_near = True
            for m in range(left):
                seen[m, at] += part * near[m]


@inlined
def _nearness(affinity: int, kin: Any, named: Any, row: int, members: Any, left: int, near: Any) -> None:
    """How near each open member is to the nearest of what is named."""
    for m in range(left):
        near[m] = 0.0
    for part in range(named.shape[1]):
        there = named[affinity, part, row]
        while there:
            option = part * 64 + lowest(there)
            there &= there - np.uint64(1)
            for m in range(left):
                near[m] = max(near[m], kin[option, members[m]])


@inlined
def _scores(left: int, share: Any, told: int, seen: Any, score: Any, shown: Any) -> None:
    """The scores of the open members, and as they are shown and compared."""
    for m in range(left):
        whole, lost = 0.0, 0.0
        for at in range(told):
            whole, lost = added(whole, lost, share[at] * seen[m, at])
        score[m] = whole + lost
        shown[m] = rounded(whole + lost)


@inlined
def _sort(left: int, shown: Any, best: Any) -> None:
    """Best first, equals by name."""
    best[0] = 0
    for m in range(1, left):
        place = m
        while place > 0 and shown[best[place - 1]] < shown[m]:
            best[place] = best[place - 1]
            place -= 1
        best[place] = m


@inlined
def _write(members: Any, left: int, best: Any, shown: Any, row: int, order: Any, scores: Any, board: Any) -> None:
    for at in range(left):
        order[row, at] = members[best[at]]
    for at in range(min(left, scores.shape[1])):
        scores[row, at] = shown[best[at]]
    if board.shape[0]:
        for m in range(left):
            board[row, members[m]] = shown[m]


@inlined
def _win(
    first: int, other: int, told: int, share: Any, seen: Any, score: Any, of_grades: float, weight_sd: float
) -> float:
    """The probability that the first beats another: see `rules.confidence`."""
    of_weights = 0.0
    best, less = score[first], score[other]
    for at in range(told):
        apart = (seen[first, at] - best) - (seen[other, at] - less)
        of_weights += share[at] * share[at] * (apart * apart)
    deviation = sqrt(max(of_grades + weight_sd * weight_sd * of_weights, 0.0))
    if deviation > 0.0:
        return 0.5 * (1.0 + erf((best - less) / deviation / sqrt(2.0)))
    return 0.5 if best == less else (1.0 if best > less else 0.0)


@inlined
def _reasons(
    said: Any, told: int, share: Any, seen: Any, first: int, left: int, by_id: Any, sums: Any, parts: Any, kept: Any
) -> int:
    """How many rules are told, which, and what each adds: those that add most to the first; where none adds, those that
    take most; equals by id. Exactly worked out is only what may be among them.
    """
    least = _least(told, share, seen, first, left, sums)
    helped = False
    why = 0
    for at in range(told):
        if sums[at] < least:
            continue
        whole, lost = 0.0, 0.0
        for m in range(left):
            whole, lost = added(whole, lost, seen[m, at])
        part = rounded(share[at] * (seen[first, at] - (whole + lost) / left))
        if part > 0.0 and not helped:
            helped, why = True, 0
        if helped and part <= 0.0:
            continue
        size, place = abs(part), min(why, REASONS)
        while place > 0 and (
            size > parts[place - 1] or (size == parts[place - 1] and by_id[said[at]] < by_id[kept[place - 1]])
        ):
            if place < REASONS:
                parts[place], kept[place] = parts[place - 1], kept[place - 1]
            place -= 1
        if place < REASONS:
            parts[place], kept[place] = size, said[at]
            why = min(why + 1, REASONS)
    return why


@inlined
def _least(told: int, share: Any, seen: Any, first: int, left: int, sums: Any) -> Any:
    """What the third of the rules adds that add most, about; anything where none adds. `sums` is what each adds."""
    for at in range(told):
        sums[at] = 0.0
    for m in range(left):
        for at in range(told):
            sums[at] += seen[m, at]
    most, second, third = 0.0, 0.0, 0.0
    for at in range(told):
        part = share[at] * (seen[first, at] - sums[at] / left)
        third, second, most = max(third, min(second, part)), max(second, min(most, part)), max(most, part)
        sums[at] = part
    return third - LEAST if most > LEAST else -np.inf


@inlined
def added(whole: float, lost: float, term: float) -> tuple[float, float]:
    """A running sum with what its additions lost: see `portfolio.exact.Sum`."""
    total = whole + term
    shadow = total - whole
    return total, lost + ((whole - (total - shadow)) + (term - shadow))


@inlined
def rounded(number: float) -> Any:
    """See `portfolio.exact.rounded`."""
    size = abs(number)
    scaled = size * SCALE
    spread = SPLITTER * size
    high = spread - (spread - size)
    low = size - high
    lost = ((high * TOP - scaled) + high * BOTTOM + low * TOP) + low * BOTTOM
    below = np.floor(scaled)
    beyond = (scaled - below - 0.5) + lost
    half = below * 0.5
    # Without branches: which way a number is rounded cannot be foretold.
    below += np.float64((beyond > 0.0) | ((beyond == 0.0) & (np.floor(half) != half)))
    return np.copysign(below / SCALE, number) + 0.0
