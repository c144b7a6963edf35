"""Made-up portfolios as Parquet files: projects drawn as `rules.sampling` draws them, or from the stated priors."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from rules.conditions import sheets
from rules.conditions.columns import Column, NumberColumn, SetColumn, Sheet, TextColumn, TruthColumn

if TYPE_CHECKING:
    from rules.release import Release

BLOCK_ROWS = 65_536


def by_habit(release: "Release", rows: int, seed: str) -> Sheet:
    """As people are taken to answer: about a third of the questions."""
    from rules import sampling

    return sampling.draw(release, rows, seed).sheet


def by_priors(release: "Release", rows: int, seed: str) -> Sheet:
    """As the stated priors complete a questionnaire: most questions answered."""
    from rules.completions import complete

    found = complete(release, {}, (), seed, 2 * rows).sheet
    kept = np.arange(min(rows, found.rows))
    asked = [name for name in release.questionnaire.questions if name in found.columns]
    return Sheet(len(kept), {name: found.columns[name].take(kept) for name in asked})


DRAWN: dict[str, Callable[["Release", int, str], Sheet]] = {"habits": by_habit, "priors": by_priors}


def write(release: "Release", rows: int, target: Path, drawn: str) -> int:
    """A Parquet file of so many projects, each with an id and a name; how many of them are like none before.

    Lists are lists of texts, all else as a program would hand it over: texts, numbers, truth values.
    """
    pieces, seen = [], []
    for start in range(0, rows, BLOCK_ROWS):
        sheet = DRAWN[drawn](release, min(BLOCK_ROWS, rows - start), f"portfolio {start}")
        answers = pl.DataFrame([series(name, column) for name, column in sheet.columns.items()])
        seen.append(answers.hash_rows().to_numpy())
        number = pl.int_range(start + 1, start + 1 + sheet.rows, eager=True).cast(pl.String)
        frame = answers.insert_column(0, ("p" + number).alias("id")).insert_column(
            1, ("Project " + number).alias("name")
        )
        pieces.append(target.with_name(f"{target.stem}-{start}.piece"))
        frame.write_parquet(pieces[-1])
    pl.scan_parquet(pieces).sink_parquet(target, row_group_size=BLOCK_ROWS, maintain_order=True)
    for piece in pieces:
        piece.unlink()
    return len(np.unique(np.concatenate(seen)))


def series(name: str, column: Column) -> pl.Series:
    """A column of a sheet as a file has it."""
    match column:
        case NumberColumn(value):
            return pl.Series(name, value, nan_to_null=True)
        case TruthColumn(truth):
            return pl.Series(
                name, [None if t == sheets.UNKNOWN else t == sheets.TRUE for t in truth.tolist()], pl.Boolean
            )
        case TextColumn(code, texts):
            known = pl.Series([*texts, None], dtype=pl.String)
            return known.gather(np.where(code < 0, len(texts), code)).alias(name)
        case SetColumn():
            return _lists(name, column)


def _lists(name: str, column: SetColumn) -> pl.Series:
    held = sheets.bits(column.words, len(column.options)).astype(np.bool_)
    row, option = np.nonzero(held)
    if column.place is not None:
        order = np.lexsort((column.place[row, option], row))
        row, option = row[order], option[order]
    flat = pl.DataFrame({"row": row, name: pl.Series(column.options).gather(option)})
    listed = flat.group_by("row", maintain_order=True).agg(name)
    every = pl.DataFrame({"row": np.arange(len(column.known)), "known": column.known})
    joined = every.join(listed, on="row", how="left", maintain_order="left")
    return joined.select(pl.when("known").then(pl.col(name).fill_null([])))[name]
