"""What a board looks at, of a run that is done: its projects, and the tables of a role.

Where the run was scored with the scores of all members, tables are made of these; else the projects are judged again,
which takes longer and says the same.
"""

from collections.abc import Iterator
from dataclasses import replace

from portfolio import parts, scored_projects
from portfolio.board import asking, frames
from portfolio.board.asking import Portfolio, Projects
from portfolio.board.table import Table, Tables
from portfolio.parts import Run
from rules.conditions.columns import Sheet


def portfolio(run: Run) -> Portfolio:
    """The projects of a run, as often as they are asked for."""
    return lambda: (
        Projects(part.ids, part.block.row.tolist(), part.sheet, part.block.weight) for part in scored_projects.each(run)
    )


def silent(run: Run) -> int | None:
    """How many projects of a run answer nothing; None where a part was scored before these were counted."""
    counted = [None if (done := run.done(part)) is None else done.silent for part in range(run.parts)]
    known = [each for each in counted if each is not None]
    return sum(known) if len(known) == len(counted) else None


def tables(run: Run, role: str) -> Tables:
    """The tables of a role, with the groups that the answers put projects in."""
    if run.document["options"]["scores"] and parts.release_of(run).roles[role].members:
        return lambda: _from_scores(run, role)
    return lambda: asking.tables(parts.release_of(run), role, portfolio(run))


def _from_scores(run: Run, role: str) -> Iterator[Table]:
    members = run.document["members"][role]
    for part in scored_projects.each(run):
        found = part.results(frames.columns(role, part.told))
        rows = frames.calling(found, role)
        if len(rows):
            answers = Sheet(len(rows), {name: column.take(rows) for name, column in part.sheet.columns.items()})
            weight = part.block.weight
            weight = None if weight is None else weight[rows]
            yield replace(frames.table(found[rows], role, members), groups=asking.groups(answers), weight=weight)
