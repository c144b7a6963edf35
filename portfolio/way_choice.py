"""The way of each project to each of its targets, chosen as `rules.stacks` chooses it, row by row over bits.

What is chosen is a code for each target: the runtime that the way leads over by its index, or one of the codes below.
Compiled by Numba.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from portfolio.bits import lowest
from portfolio.compiling import compiled, remember
from portfolio.scored import Places
from rules import reach, stacks
from rules.compiled import Release
from rules.conditions.columns import Bools, Words

RELEASES_KEPT = 8
OWN = 62  # stands among the bits of runtimes for a framework that runs models itself and is no runtime
NOT_ASKED, NO_WAY, BY_ITSELF, BY_SERVER = -1, 63, 64, 65
LAST = 1 << 20  # after all places
NAMES = 1 << 10  # more than there are names in an order of them

Codes = NDArray[np.int16]
Levels = NDArray[np.int8]


class Known(NamedTuple):
    """What a release says. T targets, F training frameworks, R runtimes (at most 62), S servers, W formats of weights.

    Attributes:
        over: (F, T) bits of the runtimes that a framework has a way over to a target; `level` (F, T, 64) of the best.
        own: (F, T) level at which a framework runs models itself; `ends` (F,) its bit; `own_name` (F,) among names.
        runs: (R, T) level at which a runtime runs models; `loads` (W, R) at which it takes a format.
        names: (64,) the place of each runtime among names.
        servers: (T,) whether a target is a server; `answers` (S, T) whether a server runs models there itself.
    """

    over: Words
    level: Levels
    own: Levels
    ends: NDArray[np.int64]
    own_name: NDArray[np.int64]
    runs: Levels
    loads: Levels
    names: NDArray[np.int64]
    servers: Bools
    answers: Bools


class Rows(NamedTuple):
    """What projects say, N rows.

    Attributes:
        wanted: (N, T) the targets asked for.
        usable: (N,) bits of the runtimes that no gate stops.
        itself: (N, F) whether a framework can be its own runtime.
        trained, runtimes: (N, any) best first, -1 where there are no more.
        server: (N,) the first server, -1 for none; `alone` (N,) whether it serves by itself.
        formats: (words, N) the formats of weights that exist already.
    """

    wanted: Bools
    usable: Words
    itself: Bools
    trained: Places
    runtimes: Places
    server: Places
    alone: Bools
    formats: Words


@dataclass(frozen=True, slots=True, eq=False)
class Targets:
    """The targets, in the order of codes, and what is known of them."""

    names: tuple[str, ...]
    known: Known


@lru_cache(maxsize=RELEASES_KEPT)
def targets(release: Release) -> Targets | None:
    """None where there are more runtimes than a word has bits for."""
    wanted, runtimes = reach.ways(release).targets, release.roles["runtime"].members
    frameworks, servers = release.roles["training"].members, release.roles["serving"].members
    if len(runtimes) > OWN:
        return None
    over = np.zeros((len(frameworks), len(wanted)), dtype=np.uint64)
    level = np.zeros((len(frameworks), len(wanted), 64), dtype=np.int8)
    runs = _runs(release, runtimes, wanted)
    for edge in release.edges:
        if edge.source in frameworks and edge.target in runtimes:
            source, bit = frameworks.index(edge.source), runtimes.index(edge.target)
            found = np.minimum(edge.level, runs[bit])
            over[source] |= (found > 0).astype(np.uint64) << np.uint64(bit)
            level[source, :, bit] = np.maximum(level[source, :, bit], found)
    order = {name: place for place, name in enumerate(sorted({*runtimes, *frameworks}))}
    known = Known(
        over,
        level,
        _runs(release, frameworks, wanted),
        np.array([runtimes.index(f) if f in runtimes else OWN for f in frameworks], dtype=np.int64),
        np.array([order[f] for f in frameworks], dtype=np.int64),
        runs,
        _loads(release, runtimes),
        np.array([*(order[r] for r in runtimes), *[NAMES - 1] * (64 - len(runtimes))], dtype=np.int64),
        np.array([target in stacks.SERVERS for target in wanted], dtype=np.bool_),
        _runs(release, servers, wanted) > 0,
    )
    return Targets(wanted, known)


def _runs(release: Release, names: tuple[str, ...], wanted: tuple[str, ...]) -> Levels:
    found = [[reach.run_level(release.alternatives[name], target) or 0 for target in wanted] for name in names]
    return np.array(found, dtype=np.int8).reshape(len(names), len(wanted))


def _loads(release: Release, runtimes: tuple[str, ...]) -> Levels:
    """(W, R) the level at which each runtime takes each format of weights."""
    options = release.names["weights_in"].options if "weights_in" in release.names else ()
    found = np.zeros((len(options), len(runtimes)), dtype=np.int8)
    for place, runtime in enumerate(runtimes):
        loaded: Any = release.alternatives[runtime].facts.get("alt.loads", ())
        for option, name in enumerate(options):
            edges = (edge.level for edge in release.edges if stacks.takes(edge, name, runtime))
            found[option, place] = 3 if name in loaded else max(edges, default=0)
    return found


def choose(known: Known, rows: Rows, spared: Bools) -> tuple[Codes, Places]:
    """((N, T) the code of each target; (N,) the framework that the ways start from, -1 for none).

    `spared` is (N, T): where the framework that the ways start from runs the model itself and needs no runtime; see
    `starts`.
    """
    found = np.full(rows.wanted.shape, NOT_ASKED, dtype=np.int16)
    start = starts(known, rows)
    _choose(known, rows, spared, start, found)
    return found, start


def starts(known: Known, rows: Rows) -> Places:
    """(N,) the framework that the ways of each row start from, -1 where none is ranked."""
    remember()
    found = np.full(len(rows.wanted), -1, dtype=np.int16)
    _start(known.over, known.own, rows.wanted, rows.usable, rows.itself, rows.trained, found)
    return found


@compiled()
def _start(
    over: Words, own: Levels, wanted: Bools, usable: Words, itself: Bools, trained: Places, found: Places
) -> None:
    """The best ranked framework with a way to every target, else the first."""
    for row in range(wanted.shape[0]):
        for place in range(trained.shape[1]):
            framework = trained[row, place]
            if framework < 0:
                break
            if place == 0:
                found[row] = framework
            leads = True
            for t in range(wanted.shape[1]):
                if wanted[row, t] and not (
                    over[framework, t] & usable[row] or (own[framework, t] > 0 and itself[row, framework])
                ):
                    leads = False
                    break
            if leads:
                found[row] = framework
                break


@compiled()
def _choose(known: Known, rows: Rows, spared: Bools, start: Places, found: Codes) -> None:  # noqa: C901 - one pass
    targets, runtimes = known.servers.shape[0], known.runs.shape[0]
    best, held = np.zeros(targets, dtype=np.int64), np.zeros(targets, dtype=np.uint64)
    key, loads = np.zeros(64, dtype=np.int64), np.zeros(runtimes, dtype=np.int64)
    every, members = np.zeros(64, dtype=np.int64), np.zeros(64, dtype=np.int64)
    over = np.zeros(targets, dtype=np.uint64)
    for row in range(rows.wanted.shape[0]):
        first = start[row]
        ranked = rows.runtimes.shape[1] > 0 and rows.runtimes[row, 0] >= 0
        for bit in range(64):
            key[bit] = LAST * NAMES + known.names[bit]
        if first >= 0:
            key[known.ends[first]] = LAST * NAMES + known.own_name[first]
        for place in range(rows.runtimes.shape[1]):
            runtime = rows.runtimes[row, place]
            if runtime >= 0:
                key[runtime] = place * NAMES
        given = False
        if first < 0:
            given = _load(known.loads, rows.formats, row, loads)
        options = 0
        for t in range(targets):
            if not rows.wanted[row, t]:
                continue
            if first >= 0:
                able = rows.itself[row, first] and known.own[first, t] > 0
                best[t], held[t] = _led(known, first, t, able, rows.usable[row])
                if able and spared[row, t]:
                    continue
            else:
                best[t], held[t] = _loaded(known.runs, loads, given, t, rows.usable[row])
            if held[t]:
                over[options] = held[t]
                options += 1
        chosen = _fewest(over, options, key, every, members)
        for t in range(targets):
            if not rows.wanted[row, t]:
                continue
            able = first >= 0 and rows.itself[row, first] and known.own[first, t] > 0
            among = held[t] & chosen
            code = NO_WAY
            if among:
                code = _least(among, key, first, known.ends, able and known.own[first, t] == best[t])
                if able and code == known.ends[first] and known.own[first, t] == best[t]:
                    code = BY_ITSELF
            elif able and spared[row, t]:
                code = BY_ITSELF
            server = rows.server[row]
            if server >= 0 and known.servers[t] and (rows.alone[row] or not ranked) and known.answers[server, t]:
                code = BY_SERVER
            found[row, t] = code


@compiled()
def _load(loads: Levels, formats: Words, row: int, found: NDArray[np.int64]) -> bool:
    """Whether formats of weights are given; then the level at which each runtime takes the best of them."""
    given = False
    found[:] = 0
    for word in range(formats.shape[0]):
        left = formats[word, row]
        while left:
            option = word * 64 + lowest(left)
            left &= left - np.uint64(1)
            given = True
            for runtime in range(found.shape[0]):
                found[runtime] = max(found[runtime], np.int64(loads[option, runtime]))
    return given


@compiled()
def _led(known: Known, first: int, t: int, able: bool, usable: Any) -> tuple[int, Any]:
    """(the level of the best ways of a framework to a target, 0 without any; the bits of their ends)."""
    best: Any = np.int64(0)
    held = np.uint64(0)
    if able:
        best, held = np.int64(known.own[first, t]), np.uint64(1) << np.uint64(known.ends[first])
    there = known.over[first, t] & usable
    while there:
        runtime = lowest(there)
        there &= there - np.uint64(1)
        reached = np.int64(known.level[first, t, runtime])
        if reached > best:
            best, held = reached, np.uint64(0)
        if reached == best:
            held |= np.uint64(1) << np.uint64(runtime)
    return best, held


@compiled()
def _loaded(runs: Levels, loads: NDArray[np.int64], given: bool, t: int, usable: Any) -> tuple[int, Any]:
    """The same of weights that exist already, or of none."""
    best: Any = np.int64(0)
    held = np.uint64(0)
    left = usable
    while left:
        runtime = lowest(left)
        left &= left - np.uint64(1)
        reached = np.int64(runs[runtime, t])
        if given:
            reached = min(reached, loads[runtime])
        if reached > best:
            best, held = reached, np.uint64(0)
        if reached == best and reached > 0:
            held |= np.uint64(1) << np.uint64(runtime)
    return best, held


@compiled()
def _least(among: Any, key: NDArray[np.int64], first: int, ends: NDArray[np.int64], itself: bool) -> int:
    """The one that is preferred: by place, then without a conversion, then by name."""
    found, least = -1, np.int64(2 * LAST * NAMES * 2)
    left = among
    while left:
        bit = lowest(left)
        left &= left - np.uint64(1)
        own = 2 * key[bit]
        if key[bit] >= LAST * NAMES:  # not ranked
            alone = first >= 0 and itself and bit == ends[first]
            own = 2 * (LAST * NAMES + (0 if alone else NAMES) + key[bit] - LAST * NAMES)
        if own < least:
            found, least = bit, own
    return found


@compiled()
def _fewest(  # noqa: C901 - calls within cost more than what they do
    over: Words, options: int, key: NDArray[np.int64], every: NDArray[np.int64], members: NDArray[np.int64]
) -> Any:
    """The bits of the smallest set with one for every option; of equal ones the first in the order of keys."""
    union, common = np.uint64(0), ~np.uint64(0)
    for at in range(options):
        union |= over[at]
        common &= over[at]
    if options == 0:
        return np.uint64(0)
    if common:
        found, least = -1, np.int64(-1)
        while common:
            bit = lowest(common)
            common &= common - np.uint64(1)
            if found < 0 or key[bit] < least:
                found, least = bit, key[bit]
        return np.uint64(1) << np.uint64(found)
    count = 0
    while union:
        bit = lowest(union)
        union &= union - np.uint64(1)
        at = count
        while at > 0 and key[every[at - 1]] > key[bit]:
            every[at] = every[at - 1]
            at -= 1
        every[at] = bit
        count += 1
    for size in range(2, count + 1):
        for at in range(size):
            members[at] = at
        while True:
            held = np.uint64(0)
            for at in range(size):
                held |= np.uint64(1) << np.uint64(every[members[at]])
            serves = True
            for at in range(options):
                if not over[at] & held:
                    serves = False
                    break
            if serves:
                return held
            at = size - 1
            while at >= 0 and members[at] == count - size + at:
                at -= 1
            if at < 0:
                break
            members[at] += 1
            for after in range(at + 1, size):
                members[after] = members[after - 1] + 1
    return np.uint64(0)
