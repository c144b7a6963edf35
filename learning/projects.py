"""Plausible projects, many at once: as many of every kind, the rest of their answers drawn from the stated priors."""

from collections.abc import Iterator

import numpy as np

from learning.kinds import KINDS, Given
from rules import completions
from rules.compiled import Release
from rules.conditions import column_parts
from rules.conditions.columns import Sheet
from rules.sampling import Sample
from rules.streams import LEVELS, draws, stream

TRIES = 4  # completions for each project that is wanted: those that are less likely than others are mostly left out


def sample(release: Release, count: int, seed: str) -> Sample:
    """About `count` projects that do not contradict themselves; the same from the same seed."""
    kinds = {name: given for name, given in KINDS.items() if _known(release, given)} or {"any": {}}
    each = max(1, count // len(kinds))
    sheets = list(_completed(release, kinds, each, seed))
    names = sorted(set.intersection(*(set(sheet.columns) for sheet in sheets)))
    joined = {name: column_parts.join([sheet.columns[name] for sheet in sheets]) for name in names}
    return Sample(Sheet(sum(sheet.rows for sheet in sheets), joined), tuple(names))


def _completed(release: Release, kinds: dict[str, Given], count: int, seed: str) -> Iterator[Sheet]:
    """A sheet for each kind: a row is kept as often as it is likely, for completions come with weights."""
    for name, given in kinds.items():
        found = completions.complete(release, given, (), f"{seed}:{name}", TRIES * count)
        raw = draws(stream(f"{seed}:{name}:kept"), 1, len(found.weight))[0]
        kept = np.flatnonzero(raw < found.weight / found.weight.max() * LEVELS)[:count]
        yield Sheet(len(kept), {each: column.take(kept) for each, column in found.sheet.columns.items()})


def _known(release: Release, given: Given) -> bool:
    """Whether a questionnaire has the answers of a kind."""
    for question, answer in given.items():
        if question not in release.names:
            return False
        options = answer if isinstance(answer, tuple) else () if isinstance(answer, float) else (answer,)
        if not set(options) <= set(release.names[question].options):
            return False
    return True
