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
    (called, speaks, stopped, place, length, named, level) = given
    (order, scores, confidence, margin, tied, reasons, board, silent, leads) = found
    (rules, count, said, spoken, share, members, seen, near, score, shown, criterion, touched, parts, kept) = room
    for word in range(called.shape[0]):
        waiting = called[word]
        if waiting:
            _tell_apart(speaks, word, waiting, rules, count)
        while waiting:
            i = lowest(waiting)
            waiting &= waiting - np.uint64(1)
            row = word * 64 + i
            told = _speaking(rules, count, i, strength, ranked, centroid, place, length, row, said, spoken)
            silent[row] = told == 0
            left = _left(stopped, word, i, members)
            if told == 0 or left == 0:
                continue
            whole = _shares(said, spoken, told, total, share)
            used = _criteria(said, spoken, told, whole, start, column, weight, criterion, touched)
            _opinions(said, told, opinion, seen)
            _along_ways(
                said, told, on_ways, members, left, start, column, weight, grade, path, graded, level, row, total, seen
            )
            for affinity in range(lean.shape[0]):
                _lean(affinity, said, told, lean, kin, named, row, near, seen)
            _scores(members, left, share, told, seen, score, shown)
            _sort(members, left, shown)
            _write(members, left, shown, row, order, scores, board)
            confidence[row] = 1.0
            first = members[0]
            bit = np.uint64(1) << np.uint64(i)
            leads[first, word] |= bit
            if left > 1:
                margin[row] = rounded(score[first] - score[members[1]])
            for at in range(1, left):
                win = _win(first, members[at], told, share, seen, score, used, touched, criterion, spread, weight_sd)
                if at == 1:
                    confidence[row] = np.rint(win * PROBABILITY) / PROBABILITY
                if win >= tie:
                    break
                tied[row, members[at]] = True
                leads[members[at], word] |= bit
            why = _reasons(said, told, share, seen, members, left, by_id, parts, kept)
            for at in range(why):
                reasons[row, at] = kept[at]


@inlined
def _tell_apart(speaks: Any, word: int, waiting: Any, rules: Any, count: Any) -> None:
    """For each row of a group the rules whose conditions hold, in their order."""
    for i in range(64):
        count[i] = 0
    for rule in range(speaks.shape[0]):
        left = speaks[rule, word] & waiting
        while left:
            i = lowest(left)
            left &= left - np.uint64(1)
            rules[i, count[i]] = rule
            count[i] += 1


@inlined
def _speaking(
    rules: Any,
    count: Any,
    i: int,
    strength: Any,
    ranked: Any,
    centroid: Any,
    place: Any,
    length: Any,
    row: int,
    said: Any,
    spoken: Any,
) -> int:
    """How many rules speak, which and how strongly."""
    told = 0
    for at in range(count[i]):
        rule = rules[i, at]
        how = strength[rule]
        if ranked[rule] >= 0:
            how *= centroid[length[row], place[row, ranked[rule]]]
        if how > 0.0:
            said[told], spoken[told] = rule, how
            told += 1
    return told


@inlined
def _left(stopped: Any, word: int, i: int, members: Any) -> Any:
    """How many members no gate stops, and which."""
    left: Any = 0
    for member in range(stopped.shape[0]):
        members[left] = member
        left += 1 - np.int64(stopped[member, word] >> np.uint64(i) & np.uint64(1))
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
    said: Any, spoken: Any, told: int, whole: float, start: Any, column: Any, weight: Any, criterion: Any, touched: Any
) -> int:
    """How many criteria are weighed, which, and the square of each one's share."""
    for c in range(criterion.shape[0]):
        criterion[c] = 0.0
    used = 0
    for at in range(told):
        for cell in range(start[said[at]], start[said[at] + 1]):
            c = column[cell]
            if criterion[c] == 0.0:
                touched[used] = c
                used += 1
            criterion[c] += spoken[at] * weight[cell]
    for at in range(used):
        part = criterion[touched[at]] / whole
        criterion[touched[at]] = part * part
    return used


@inlined
def _opinions(said: Any, told: int, opinion: Any, seen: Any) -> None:
    """What each rule that speaks says of each member, as published."""
    for at in range(told):
        for member in range(opinion.shape[1]):
            seen[at, member] = opinion[said[at], member]


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
                seen[at, member] = (whole + lost) / total[rule]


@inlined
def _lean(affinity: int, said: Any, told: int, lean: Any, kin: Any, named: Any, row: int, near: Any, seen: Any) -> None:
    """What nearness to what is named adds to the opinions of the rules that weigh it."""
    is_near = False
    for at in range(told):
        part = lean[affinity, said[at]]
        if part > 0.0:
            if not is_near:
                _nearness(affinity, kin, named, row, near)
                is_near = True
            for member in range(near.shape[0]):
                seen[at, member] += part * near[member]


@inlined
def _nearness(affinity: int, kin: Any, named: Any, row: int, near: Any) -> None:
    """How near each member is to the nearest of what is named."""
    for member in range(near.shape[0]):
        near[member] = 0.0
    for part in range(named.shape[1]):
        left = named[affinity, part, row]
        while left:
            option = part * 64 + lowest(left)
            left &= left - np.uint64(1)
            for member in range(near.shape[0]):
                near[member] = max(near[member], kin[option, member])


@inlined
def _scores(members: Any, left: int, share: Any, told: int, seen: Any, score: Any, shown: Any) -> None:
    """The scores of the open members, and as they are shown and compared."""
    for m in range(left):
        member = members[m]
        whole, lost = 0.0, 0.0
        for at in range(told):
            whole, lost = added(whole, lost, share[at] * seen[at, member])
        score[member] = whole + lost
        shown[member] = rounded(whole + lost)


@inlined
def _sort(members: Any, left: int, shown: Any) -> None:
    """Best first, equals by name."""
    for m in range(1, left):
        member = members[m]
        place = m
        while place > 0 and shown[members[place - 1]] < shown[member]:
            members[place] = members[place - 1]
            place -= 1
        members[place] = member


@inlined
def _write(members: Any, left: int, shown: Any, row: int, order: Any, scores: Any, board: Any) -> None:
    for m in range(left):
        order[row, m] = members[m]
    for m in range(min(left, scores.shape[1])):
        scores[row, m] = shown[members[m]]
    if board.shape[0]:
        for m in range(left):
            board[row, members[m]] = shown[members[m]]


@inlined
def _win(
    first: int,
    other: int,
    told: int,
    share: Any,
    seen: Any,
    score: Any,
    used: int,
    touched: Any,
    criterion: Any,
    spread: Any,
    weight_sd: float,
) -> float:
    """The probability that the first beats another: see `rules.confidence`."""
    of_weights, of_grades = 0.0, 0.0
    best, less = score[first], score[other]
    for at in range(told):
        apart = (seen[at, first] - best) - (seen[at, other] - less)
        of_weights += share[at] * share[at] * (apart * apart)
    for at in range(used):
        of_grades += criterion[touched[at]] * spread[first, other, touched[at]]
    deviation = sqrt(max(of_grades + weight_sd * weight_sd * of_weights, 0.0))
    if deviation > 0.0:
        return 0.5 * (1.0 + erf((best - less) / deviation / sqrt(2.0)))
    return 0.5 if best == less else (1.0 if best > less else 0.0)


@inlined
def _reasons(
    said: Any, told: int, share: Any, seen: Any, members: Any, left: int, by_id: Any, parts: Any, kept: Any
) -> int:
    """How many rules are told, which, and what each adds: those that add most to the first; where none adds, those that
    take most; equals by id.
    """
    helped = False
    why = 0
    for at in range(told):
        whole, lost = 0.0, 0.0
        for m in range(left):
            whole, lost = added(whole, lost, seen[at, members[m]])
        part = share[at] * (seen[at, members[0]] - (whole + lost) / left)
        if helped and part <= 0.0:
            continue
        if why == REASONS and (helped or part <= 0.0) and abs(part) < parts[why - 1] - LEAST:
            continue  # spares most the rounding
        part = rounded(part)
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
