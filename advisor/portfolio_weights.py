"""How much each project of a portfolio counts for the board: its own column says so, or a CSV file of weights by id.

No score depends on it. The file goes before the column; that of a stored portfolio lies with it.
"""

import csv
import hashlib
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from advisor import portfolios
from advisor.errors import room_needed
from advisor.house import House
from advisor.portfolio_done import done, intact
from portfolio import files
from portfolio.board.table import MOST_OF_ONE
from rules.faults import Fault, InvalidInput, nearest, shown

if TYPE_CHECKING:
    from portfolio.board.asking import Projects
    from portfolio.board.table import Table
    from portfolio.parts import Run

Block = TypeVar("Block", "Projects", "Table")
Weights = Mapping[str, float]
MOST_WEIGHTS = 10_000_000
SHOWN_FAULTS = 20


def keep(house: House, portfolio: str, path: Path) -> None:
    """Have the projects of a portfolio that is done count as the weights in a file say.

    Raises:
        Missing: there is no such portfolio.
        Conflict: it is not done.
        InvalidInput: with the faults of the file; or a scored project has no weight.
        NoRoom: there is none for it.
    """
    run = done(house, portfolio)
    weights = weights_in(path)
    with intact(house, portfolio):
        for ids in _ids(run):
            _require(ids, weights)
    with room_needed():
        files.write(portfolios.folder_of(house, portfolio) / portfolios.WEIGHTS, path.read_bytes())


def forget(house: House, portfolio: str) -> None:
    """Have the projects of a portfolio count as its own column says again, or else alike.

    Raises:
        Missing: there is no such portfolio.
    """
    portfolios.get(house, portfolio)
    (portfolios.folder_of(house, portfolio) / portfolios.WEIGHTS).unlink(missing_ok=True)


def lend(house: House, portfolio: str, other: str) -> None:
    """Have another portfolio of the same projects count as one does."""
    with suppress(FileNotFoundError):
        shutil.copyfile(*(portfolios.folder_of(house, each) / portfolios.WEIGHTS for each in (portfolio, other)))


def kept(run: "Run") -> Weights | None:
    """How much the projects of a stored portfolio count by what was put beside it; None: nothing was."""
    try:
        return weights_in(run.folder.parent / portfolios.WEIGHTS)
    except FileNotFoundError:
        return None


def digest(house: House, portfolio: str) -> str | None:
    """The SHA-256 of what says so."""
    try:
        return hashlib.sha256((portfolios.folder_of(house, portfolio) / portfolios.WEIGHTS).read_bytes()).hexdigest()
    except FileNotFoundError:
        return None


def _ids(run: "Run") -> Iterator[list[str]]:
    """What the scored projects of each part are called."""
    from portfolio import parts  # brings Polars with it: start-up time

    for part in range(run.parts):
        named = parts.results_of(run, part, ["row", "id"]).select("id", "row").iter_rows()
        yield [str(name or f"row {row}") for name, row in named]


def _require(ids: Sequence[str], weights: Weights) -> None:
    missing = [name for name in ids if name not in weights]
    if missing:
        expected = "an id that the file of weights has"
        raise InvalidInput([Fault("id", shown(m), expected, nearest(m, weights)) for m in missing[:SHOWN_FAULTS]])


def weighted(made: Callable[[], Iterator[Block]], weights: Weights | None) -> Callable[[], Iterator[Block]]:
    """Projects, or tables of them, that count as weights by id say; as they are where there are none."""
    return made if weights is None else lambda: (_weighted(each, weights) for each in made())


def _weighted(each: Block, weights: Weights) -> Block:
    _require(each.id, weights)
    return replace(each, weight=np.array([weights[name] for name in each.id]))


def weights_in(path: Path) -> Weights:
    """The weights in a CSV file with the columns `id` and `weight`.

    Raises:
        InvalidInput: with the faults of the file.
        OSError: it cannot be read.
    """
    faults: list[Fault] = []
    found: dict[str, float] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file, strict=True)
            header = [cell.strip() for cell in next(rows, [])]
            if sorted(header) != ["id", "weight"]:
                raise InvalidInput([Fault("line 1", shown(", ".join(header)), "the columns id and weight")])
            for cells in rows:
                if len(faults) >= SHOWN_FAULTS or len(found) > MOST_WEIGHTS:
                    break
                if cells:
                    _weight(dict(zip(header, cells, strict=False)), f"line {rows.line_num}", found, faults)
    except (csv.Error, UnicodeDecodeError) as error:
        faults.append(Fault(path.name, shown(str(error)), "CSV in UTF-8"))
    if faults:
        raise InvalidInput(faults)
    return found


def _weight(row: Mapping[str, str], where: str, found: dict[str, float], faults: list[Fault]) -> None:
    name, text = row.get("id", "").strip(), row.get("weight", "").strip()
    try:
        weight = float(text) if text.isascii() and "_" not in text else -1.0
    except ValueError:
        weight = -1.0
    if not 0 <= weight <= MOST_OF_ONE:
        faults.append(Fault(f"{where}, weight", shown(text), f"a number from 0 to {MOST_OF_ONE}"))
    elif name in found:
        faults.append(Fault(f"{where}, id", shown(name), "an id that stands only once"))
    else:
        found[name] = weight
