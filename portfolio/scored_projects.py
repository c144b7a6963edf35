"""The projects of a run that is done, as they were answered: its blocks again, each beside its results.

A run keeps the rows that it was made from (or knows the Parquet file that they lie in), and reads them again as it read
them before: under the same release and mapping, with the same bad rows left out.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from portfolio import given, parts
from portfolio.blocks import Block
from portfolio.faults import Damaged
from portfolio.parts import Run
from rules.conditions.columns import Column, Sheet


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a run: its block, and the sheet with what the machine answers for all."""

    run: Run
    index: int
    block: Block
    sheet: Sheet

    def results(self, columns: list[str] | None = None) -> pl.DataFrame:
        """The results of its rows, in their order; some columns of them, or all."""
        found = parts.results_of(self.run, self.index, columns)
        if found.height != self.block.sheet.rows:
            raise Damaged(f"part {self.index} has {found.height} results of {self.block.sheet.rows} projects")
        return found

    @property
    def told(self) -> Collection[str]:
        """The columns that its results have."""
        return parts.columns_of(self.run, self.index)

    @property
    def ids(self) -> list[str]:
        """What its projects are called: those without an id by the number of their row."""
        return called(self.block)


def called(block: Block) -> list[str]:
    """What the projects of a block are called."""
    named = zip(block.id.to_list(), block.row.tolist(), strict=True)
    return [name or f"row {row}" for name, row in named]


def each(run: Run, first: int = 0) -> Iterator[Part]:
    """The parts of a run from one on.

    Raises:
        Damaged: its sources are not what they were.
        OSError: a file cannot be read.
    """
    machine = machine_of(run)
    for index in range(first, run.parts):
        block = parts.block(run, index)
        yield Part(run, index, block, given.filled(block.sheet, machine))


def machine_of(run: Run) -> Mapping[str, Column]:
    """What the machine of a run answers for every project, as columns of one row."""
    release = parts.release_of(run)
    return {
        name: given.one(release, name, value) for name, value in run.document["given"].items() if name in release.names
    }
