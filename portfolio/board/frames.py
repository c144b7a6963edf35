"""Tables from results that were scored with `R_scores`: the parts of a run, or a Parquet file made of them.

What was scored is not scored again: a board's summary and consolidation come from these columns alone. The other
questions need the answers, and so the projects themselves (`portfolio.board.asking`).
"""

from collections.abc import Container, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from portfolio import results
from portfolio.board.table import NONE, Indices, Table
from portfolio.mapping import WEIGHT
from rules.faults import Fault, InvalidInput, shown

AT_ONCE = 65_536
ARROW = (".arrow", ".ipc", ".feather")
PARQUET = (".parquet", ".pq")


def tables(frames: Iterable[pl.DataFrame], role: str, members: Sequence[str]) -> Iterator[Table]:
    """The tables of a role in frames of results.

    Args:
        frames: with the columns `row`, `id`, `weight` and `runtime_needed` if they are there, and, for the role,
            `present` or `R_present`, `R_1`, `R_excluded`, `R_confidence` and `R_scores` as `portfolio.results` makes
            them.
        role: the role.
        members: whose scores stand in `R_scores`, in this order: what the run or the file says.

    Raises:
        InvalidInput: columns are missing, or there are not as many scores as members.
    """
    for frame in frames:
        _require(frame, role, members)
        rows = calling(frame, role)
        if len(rows):
            yield table(frame[rows], role, members)


def calling(frame: pl.DataFrame, role: str) -> Indices:
    """The rows of results that call for a role: something comes first in it or is excluded from it."""
    called = frame[f"{role}_1"].is_not_null() | frame[f"{role}_excluded"].is_not_null()
    return np.flatnonzero(called.to_numpy())


def table(called: pl.DataFrame, role: str, members: Sequence[str]) -> Table:
    """The table of some results, all of which call for the role; as `tables` makes it."""
    score = called[f"{role}_scores"].to_numpy().astype(np.float32, copy=False).reshape(called.height, len(members))
    place = {name: index for index, name in enumerate(members)}
    first, present = (
        np.array([place.get(name, NONE) for name in called[column].cast(pl.String).to_list()], dtype=np.intp)
        for column in (f"{role}_1", results.present(role))
    )
    sure = called[f"{role}_confidence"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    rows = called["row"].to_list()
    ids = [name or f"row {row}" for name, row in zip(called["id"].cast(pl.String).to_list(), rows, strict=True)]
    weight = called[WEIGHT].to_numpy() if WEIGHT in called.columns else None
    needless = None
    if role == "runtime" and results.NEEDED in called.columns:
        needless = ~called[results.NEEDED].fill_null(True).to_numpy()
    return Table(role, tuple(members), ids, rows, score, first, present, weight, sure, needless)


def frames(paths: Sequence[Path], role: str, rows: int = AT_ONCE) -> Iterator[pl.DataFrame]:
    """What `tables` needs of Parquet and Arrow files, some thousand rows at a time.

    Raises:
        OSError: a file cannot be read.
        InvalidInput: a file has not the columns.
    """
    wanted = columns(role)
    for path in paths:
        lazy = pl.scan_ipc(path) if path.suffix in ARROW else pl.scan_parquet(path)
        there = lazy.collect_schema().names()
        missing = [name for name in wanted if name not in there]
        if missing:
            raise InvalidInput([_missing(missing)])
        chosen = lazy.select(columns(role, there))
        start = 0
        while (frame := chosen.slice(start, rows).collect()).height:
            yield frame
            start += frame.height


def members_of(path: Path, role: str) -> tuple[str, ...] | None:
    """Whose scores stand in a role's column of a file of results, by the names that may come first in it; None where
    the file is no such results.

    Raises:
        OSError: the file cannot be read.
    """
    if path.suffix not in (*ARROW, *PARQUET) or not path.is_file():
        return None
    try:
        schema = (pl.scan_ipc(path) if path.suffix in ARROW else pl.scan_parquet(path)).collect_schema()
    except pl.exceptions.PolarsError:  # what is wrong with it is told by those who read projects
        return None
    first = schema.get(f"{role}_1")
    return tuple(first.categories) if f"{role}_scores" in schema and isinstance(first, pl.Enum) else None


def rows_of(path: Path) -> int:
    """How many rows a file of results has."""
    lazy = pl.scan_ipc(path) if path.suffix in ARROW else pl.scan_parquet(path)
    return int(lazy.select(pl.len()).collect().item())


def are_weighted(path: Path) -> bool:
    """Whether results say how much each project counts."""
    return WEIGHT in (pl.scan_ipc(path) if path.suffix in ARROW else pl.scan_parquet(path)).collect_schema()


def columns(role: str, there: Container[str] = ()) -> list[str]:
    """The columns of results that a role's tables are made of, with those that may be missing if they are there."""
    said = (f"{role}_{name}" for name in ("1", "excluded", "confidence", "scores"))
    return ["row", "id", results.present(role), *said, *(name for name in (WEIGHT, results.NEEDED) if name in there)]


def _require(frame: pl.DataFrame, role: str, members: Sequence[str]) -> None:
    missing = [name for name in columns(role) if name not in frame.columns]
    if missing:
        raise InvalidInput([_missing(missing)])
    kind = frame.schema[f"{role}_scores"]
    width = kind.shape[0] if isinstance(kind, pl.Array) else None
    if width != len(members):
        expected = f"{len(members)} scores, one for each member of the role"
        raise InvalidInput([Fault(f"{role}_scores", shown(str(kind)), expected)])


def _missing(names: Sequence[str]) -> Fault:
    return Fault("results", f"no column {', '.join(names)}", "results that were scored with their scores")
