"""Some projects of a portfolio, drawn evenly: the same ones whatever blocks it comes in, in constant memory.

Each project has a number among those that call for the role; a fixed function of that number scatters them, and those
that it puts lowest are taken (a bottom-k sample: every set of that size is as likely).
"""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from portfolio.board.asking import Projects
from rules.calling import roles_called_in
from rules.compiled import Release
from rules.conditions import column_parts
from rules.conditions.columns import Sheet, column


def calling(release: Release, role: str, projects: Iterable[Projects]) -> Iterator[Projects]:
    """Those of some projects that call for a role, in the order in which they come."""
    for each in projects:
        yield each.take(np.flatnonzero(roles_called_in(each.sheet, release)[role]))


def sample(release: Release, role: str, projects: Iterable[Projects], most: int) -> Projects:
    """At most `most` projects that call for a role, in the order in which they come."""
    kept: list[Projects] = []
    places = np.zeros(0, dtype=np.uint64)
    seen = 0
    for each in calling(release, role, projects):
        count = each.sheet.rows
        places = np.concatenate((places, _scattered(np.arange(seen, seen + count, dtype=np.uint64))))
        seen += count
        kept = [_joined(release, [*kept, each])]
        if len(places) > most:
            chosen = np.sort(np.argpartition(places, most)[:most])
            places, kept = places[chosen], [kept[0].take(chosen)]
    return kept[0] if kept else Projects([], [], Sheet(0, {}))


def _joined(release: Release, parts: list[Projects]) -> Projects:
    """Projects one below the other; what only some of them know is unknown in the others."""
    names = sorted({name for part in parts for name in part.sheet.columns if name in release.names})
    found = {}
    for name in names:
        unknown = column(release.names[name], [None])
        columns = (
            part.sheet.columns.get(name) or unknown.take(np.zeros(part.sheet.rows, dtype=np.intp)) for part in parts
        )
        found[name] = column_parts.join(list(columns))
    ids = [each for part in parts for each in part.id]
    weight = None
    if any(part.weight is not None for part in parts):
        weight = np.concatenate([np.ones(len(part.id)) if part.weight is None else part.weight for part in parts])
    return Projects(ids, [each for part in parts for each in part.row], Sheet(len(ids), found), weight)


def _scattered(number: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64's output function: G. L. Steele, D. Lea and C. H. Flood, Fast splittable pseudorandom number
    generators, OOPSLA 2014.
    """
    mixed = number * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
