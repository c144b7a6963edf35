"""Tables for tests of the board: coarse scores, so that ties happen, with gaps and projects that nobody serves."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from hypothesis import strategies as st

from portfolio.board.table import NONE, Table

LEVELS = (0.0, 0.1, 0.25, 0.5, 0.500001, 0.75, 1.0)


def table(
    score: Sequence[Sequence[float | None]],
    *,
    present: Iterable[int] | None = None,
    weight: Sequence[float] | None = None,
    first: int = 0,
) -> Table:
    """A table with members a, b, c ...; None is what a gate excludes."""
    filled = np.array([[np.nan if s is None else s for s in row] for row in score], dtype=np.float32)
    best = np.where(np.isnan(filled), -1, filled).argmax(axis=1) if filled.shape[1] else np.full(len(score), NONE)
    return Table(
        role="training",
        members=tuple("abcdefghijklmnopqrstuvwxyz"[: filled.shape[1]]),
        id=[f"p{first + row}" for row in range(len(score))],
        row=[1 + first + row for row in range(len(score))],
        score=filled,
        first=np.where(np.isnan(filled).all(axis=1), NONE, best),
        present=np.array(list(present) if present is not None else [NONE] * len(score), dtype=np.intp),
        weight=None if weight is None else np.array(weight),
    )


@st.composite
def portfolios(draw: st.DrawFn, most_members: int = 6, most_rows: int = 9) -> list[Table]:
    """A portfolio in one to three tables, weighted or not."""
    members = draw(st.integers(1, most_members))
    level = st.one_of(st.none(), st.sampled_from(LEVELS))
    row = st.lists(level, min_size=members, max_size=members)
    rows = draw(st.lists(row, min_size=1, max_size=most_rows))
    weight = st.sampled_from((0.0, 0.5, 1.0, 1.0, 12.25))
    weights = draw(st.lists(weight, min_size=len(rows), max_size=len(rows))) if draw(st.booleans()) else None
    cuts = sorted({0, *draw(st.lists(st.integers(0, len(rows)), max_size=2)), len(rows)})
    return [table(rows[a:b], weight=None if weights is None else weights[a:b], first=a) for a, b in pairwise(cuts)]
