"""What the ways of a project follow from, in few words, so that few projects need theirs worked out.

Of a ranking of frameworks only the one that all ways start from counts. Where one end is among the best ways to every
target, the best ranked of these serves them all, and nothing else counts; else the runtimes that are reached, and their
order among themselves. So most projects share these with others; what `rules.stacks` says of one is true of all of
them. Compiled by Numba.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from portfolio.bits import lowest
from portfolio.scored import Places
from rules import reach, stacks
from rules.compiled import Release
from rules.conditions.columns import Bools, Words

RELEASES_KEPT = 8
PER_WORD = 10  # places of 6 bits
OWN = 63  # stands among the bits of runtimes for a framework that runs models itself and is no runtime
SERVES_ALL = np.uint64(1 << 63)


@dataclass(frozen=True, slots=True, eq=False)
class Reached:
    """Bits of runtimes: `over` (F, T) those that a framework has a way over to a target, `runs` (T,) those that run
    there; `level` (F, T, 64) of the best such way, and in the place `itself` (F,) of each framework's own, 0 for none;
    `servers` bits of the targets that are servers.
    """

    targets: tuple[str, ...]
    over: Words
    runs: Words
    own: NDArray[np.int8]  # (F, T)
    level: NDArray[np.int8]
    itself: NDArray[np.int64]
    servers: np.uint64


@lru_cache(maxsize=RELEASES_KEPT)
def reached(release: Release) -> Reached | None:
    """None where there are more runtimes or targets than a word has bits."""
    targets, runtimes = reach.ways(release).targets, release.roles["runtime"].members
    frameworks = release.roles["training"].members
    if max(len(targets), len(runtimes)) > OWN - 1:
        return None

    def runs(name: str, target: str) -> int:
        return reach.run_level(release.alternatives[name], target) or 0

    over = np.zeros((len(frameworks), len(targets)), dtype=np.uint64)
    level = np.zeros((len(frameworks), len(targets), 64), dtype=np.int8)
    for edge in release.edges:
        if edge.source in frameworks and edge.target in runtimes:
            source, bit = frameworks.index(edge.source), runtimes.index(edge.target)
            for place, target in enumerate(targets):
                found = min(edge.level, runs(edge.target, target))
                over[source, place] |= np.uint64((found > 0) << bit)
                level[source, place, bit] = max(level[source, place, bit], found)
    there = [sum((runs(runtime, t) > 0) << bit for bit, runtime in enumerate(runtimes)) for t in targets]
    own = np.array([[runs(name, t) for t in targets] for name in frameworks], dtype=np.int8)
    return Reached(
        targets,
        over,
        np.array(there, dtype=np.uint64),
        own.reshape(len(frameworks), len(targets)),
        level,
        np.array([runtimes.index(f) if f in runtimes else OWN for f in frameworks], dtype=np.int64),
        np.uint64(sum(1 << place for place, target in enumerate(targets) if target in stacks.SERVERS)),
    )


def keys(
    known: Reached, wanted: Words, usable: Words, itself: Bools, ranking: Sequence[Places], weights: Words
) -> Words:
    """(N, any) a key for each project that runs anywhere.

    Args:
        known: what the release says.
        wanted: (N,) a bit for each target that is asked for.
        usable: (N,) a bit for each runtime that no gate stops.
        itself: (N, F) whether a framework can be its own runtime.
        ranking: of training, runtimes and servers: (N, any) best first, -1 where there are no more.
        weights: (N, words) the formats of weights that exist already, and whether that is known.
    """
    trained, runtimes, servers = ranking
    found = np.zeros((len(wanted), 3 + -(-runtimes.shape[1] // PER_WORD) + weights.shape[1]), dtype=np.uint64)
    fixed = (known.over, known.runs, known.own, known.level, known.itself, known.servers)
    _keys(*fixed, wanted, usable, itself, trained, runtimes, servers, weights, found)
    return found


@njit(cache=True, nogil=True)
def _keys(
    over: Words,
    runs: Words,
    own: NDArray[np.int8],
    level: NDArray[np.int8],
    ends: NDArray[np.int64],
    servers: np.uint64,
    wanted: Words,
    usable: Words,
    itself: Bools,
    trained: Places,
    runtimes: Places,
    server: Places,
    weights: Words,
    found: Words,
) -> None:
    order = 3
    after = found.shape[1] - weights.shape[1]
    for row in range(wanted.shape[0]):
        first = _start(over, own, wanted[row], usable[row], itself, trained, row)
        ranked = runtimes.shape[1] > 0 and runtimes[row, 0] >= 0
        found[row, 1] = wanted[row]
        if first >= 0 and ranked:
            able = itself[row, first]
            common = _common(over[first], own[first], level[first], ends[first], wanted[row], usable[row], able)
            if common:
                chosen = _best_ranked(runtimes, row, common, ends[first])
                found[row, 0] = np.uint64(first + 1) | np.uint64(able) << np.uint64(16)
                found[row, 2] = SERVES_ALL | np.uint64(chosen)
                continue
        relevant = _relevant(runs if first < 0 else over[first], wanted[row]) & usable[row]
        head = np.uint64(first + 1)
        if first >= 0 and itself[row, first]:
            head |= np.uint64(1) << np.uint64(16)
        if not ranked and wanted[row] & servers and server.shape[1]:
            head |= np.uint64(server[row, 0] + 1) << np.uint64(20)
        found[row, 0], found[row, 2] = head, relevant
        _write_order(runtimes, row, relevant, found, order)
        if first < 0:
            for word in range(weights.shape[1]):
                found[row, after + word] = weights[row, word]


@njit(cache=True, nogil=True)
def _start(
    over: Words, own: NDArray[np.int8], wanted: Any, usable: Any, itself: Bools, trained: Places, row: int
) -> Any:
    """The best ranked framework with a way to every target, else the first; -1 where none is ranked."""
    for place in range(trained.shape[1]):
        framework = trained[row, place]
        if framework < 0:
            break
        left = wanted
        while left:
            target = lowest(left)
            if not (over[framework, target] & usable or (own[framework, target] > 0 and itself[row, framework])):
                break
            left &= left - np.uint64(1)
        if not left:
            return framework
    return trained[row, 0] if trained.shape[1] else -1


@njit(cache=True, nogil=True)
def _common(
    over: Words, own: NDArray[np.int8], level: NDArray[np.int8], end: int, wanted: Any, usable: Any, able: bool
) -> Any:
    """The ends that are among the best ways of one framework to every target that it has a way to; 0 where none is."""
    common, reaches = ~np.uint64(0), False
    left = wanted
    while left:
        target = lowest(left)
        left &= left - np.uint64(1)
        best: Any = 0
        held = np.uint64(0)
        if able and own[target] > 0:
            best, held = np.int64(own[target]), np.uint64(1) << np.uint64(end)
        there = over[target] & usable
        while there:
            runtime = lowest(there)
            there &= there - np.uint64(1)
            reached = np.int64(level[target, runtime])
            if reached > best:
                best, held = reached, np.uint64(0)
            if reached == best:
                held |= np.uint64(1) << np.uint64(runtime)
        if held:
            common &= held
            reaches = True
    return common if reaches else np.uint64(0)


@njit(cache=True, nogil=True)
def _relevant(over: Words, wanted: Any) -> Any:
    """The runtimes that lead to any target."""
    found, left = np.uint64(0), wanted
    while left:
        found |= over[lowest(left)]
        left &= left - np.uint64(1)
    return found


@njit(cache=True, nogil=True)
def _best_ranked(runtimes: Places, row: int, among: Any, else_: int) -> Any:
    """The first in a row's ranking of some runtimes; what is no runtime comes after all of them."""
    for place in range(runtimes.shape[1]):
        runtime = runtimes[row, place]
        if runtime >= 0 and among >> np.uint64(runtime) & np.uint64(1):
            return runtime
    return else_


@njit(cache=True, nogil=True)
def _write_order(runtimes: Places, row: int, relevant: Any, found: Words, order: int) -> None:
    """Write the relevant runtimes as they are ranked."""
    at = 0
    for place in range(runtimes.shape[1]):
        runtime = runtimes[row, place]
        if runtime >= 0 and relevant >> np.uint64(runtime) & np.uint64(1):
            found[row, order + at // PER_WORD] |= np.uint64(runtime + 1) << np.uint64(6 * (at % PER_WORD))
            at += 1
