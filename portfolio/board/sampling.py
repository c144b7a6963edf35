"""Some projects of a portfolio, drawn evenly: the same ones whatever blocks it comes in, in constant memory.

Each project has a number among those that call for the role; a fixed function of that number scatters them, and those
that it puts lowest are taken (a bottom-k sample: every set of that size is as likely).
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from portfolio.board.asking import Projects
from rules.calling import roles_called_in
from rules.compiled import Release
from rules.conditions import column_parts
from rules.conditions.columns import Sheet, column


def sample(release: Release, role: str, projects: Iterator[Projects], most: int) -> Projects:
    """At most `most` projects that call for a role, in the order in which they come."""
    kept: list[Projects] = []
    places = np.zeros(0, dtype=np.uint64)
    seen = 0
    for each in projects:
        rows = np.flatnonzero(roles_called_in(each.sheet, release)[role])
        places = np.concatenate((places, _scattered(np.arange(seen, seen + len(rows), dtype=np.uint64))))
        seen += len(rows)
        kept = [_joined(release, [*kept, each.take(rows)])]
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
