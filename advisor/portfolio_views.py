"""What a board is told of a stored portfolio that is done: worked out once, in the background, and kept in its folder.

Every document is that of `advisor.portfolio_board` or `advisor.portfolio_studies`, with the portfolio it is about
around it. It is kept under the digest of what it depends on: the passport of the run, the question, and the versions.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from advisor import portfolio_specs, portfolio_weights
from advisor.errors import NotYet
from advisor.house import House
from advisor.portfolio_done import done, intact, knowledge_of, require_role
from advisor.portfolio_rows import Filters, asked_of, row, rows
from rules import canonical
from rules.faults import Fault, InvalidInput, shown

if TYPE_CHECKING:
    from portfolio.board.asking import Portfolio
    from portfolio.board.table import Tables
    from portfolio.parts import Run

TRAINING = "training"
VIEWS = "views"
SHAPE = 3  # goes up when answers get other parts: those that were kept before are worked out again
WEIGHTED = ("summary", "consolidation", "movers", "risk", "groups", "sensitivity")
UP_TO, MOST_UP_TO = 8, 30  # the first as on the command line

Document = dict[str, Any]
__all__ = [
    "Filters",
    "asked_of",
    "consolidation",
    "drift",
    "groups",
    "movers",
    "risk",
    "row",
    "rows",
    "sensitivity",
    "summary",
]


def summary(house: House, portfolio: str, role: str = TRAINING) -> Document:
    """What comes first in a role, for whom, and how clearly.

    Raises:
        Missing: there is no such portfolio, or it has gone meanwhile.
        Conflict: it is not done, or its projects are not there any more.
        InvalidInput: there is no such role, or no project that calls for it.
        NotYet: this takes a while; ask again.
        NoRoom: the disk is full.
    """

    def make(run: "Run") -> Document:
        from advisor import portfolio_board  # brings SciPy with it: start-up time

        return portfolio_board.summary(_tables(run, role), _release(run))

    return _kept(house, portfolio, "summary", {"role": role}, make)


def consolidation(house: House, portfolio: str, role: str = TRAINING, up_to: int = UP_TO) -> Document:
    """The best 1, 2, 3 ... frameworks for a portfolio, up to so many: what each set loses, and whom it hurts.

    Raises: as `summary` does.
    """
    if not 1 <= up_to <= MOST_UP_TO:
        raise InvalidInput([Fault("up_to", shown(up_to), f"a whole number from 1 to {MOST_UP_TO}")])

    def make(run: "Run") -> Document:
        from advisor import portfolio_board  # as above

        return portfolio_board.consolidation(_tables(run, role), up_to)

    return _kept(house, portfolio, "consolidation", {"role": role, "up_to": up_to}, make)


def movers(house: House, portfolio: str, role: str = TRAINING) -> Document:
    """Who should move, who has to, and what it brings and costs.

    Raises: as `summary` does.
    """
    return _of_answers(house, portfolio, "movers", role)


def risk(house: House, portfolio: str, role: str = TRAINING) -> Document:
    """What the portfolio stands on that may give way, with the evidence of the facts.

    Raises: as `summary` does.
    """
    return _of_answers(house, portfolio, "risk", role)


def _of_answers(house: House, portfolio: str, view: Literal["movers", "risk"], role: str) -> Document:
    def make(run: "Run") -> Document:
        from advisor import portfolio_board  # as above

        found = portfolio_board.movers if view == "movers" else portfolio_board.risk
        return found(_release(run), role, _projects(run))

    return _kept(house, portfolio, view, {"role": role}, make)


def groups(house: House, portfolio: str, role: str = TRAINING) -> Document:
    """Groups of like projects, found in a sample and counted in all; none where nothing is stable.

    Raises: as `summary` does.
    """

    def make(run: "Run") -> Document:
        from advisor import portfolio_studies  # brings scikit-learn with it: start-up time

        return portfolio_studies.groups(_release(run), role, _projects(run))

    return _kept(house, portfolio, "groups", {"role": role}, make)


def sensitivity(house: House, portfolio: str, role: str = TRAINING) -> Document:
    """How far the best few frameworks hang on the evidence.

    Raises: as `summary` does.
    """

    def make(run: "Run") -> Document:
        from advisor import portfolio_studies  # as above

        return portfolio_studies.sensitivity(knowledge_of(run), role, _projects(run))

    return _kept(house, portfolio, "sensitivity", {"role": role}, make)


def drift(house: House, before: str, after: str, role: str = TRAINING) -> Document:
    """What changed from one portfolio to another one of the same projects: first places and why, exclusions, stacks.

    Raises: as `summary` does; `InvalidInput` where they are not of the same projects on the same machine.
    """

    def make(run: "Run") -> Document:  # noqa: ARG001  it is found again with the other one
        from advisor import portfolio_drift  # as above

        return portfolio_drift.of_portfolios(house, before, after, role)

    done(house, before)
    asked = {"role": role, "before": before}  # not its passport, which equal ones share: the answer names it
    return _kept(house, after, "drift", asked, make)


# --- Looked for, worked out, kept ------------------------------------------------------------------------------------


def _tables(run: "Run", role: str) -> "Tables":
    """The tables of a role, in which projects count as they are said to."""
    from portfolio.board import runs  # brings Polars with it: start-up time

    return portfolio_weights.weighted(runs.tables(run, role), portfolio_weights.kept(run))


def _projects(run: "Run") -> "Portfolio":
    """The projects of a run, which count as they are said to."""
    from portfolio.board import runs  # as above

    return portfolio_weights.weighted(runs.portfolio(run), portfolio_weights.kept(run))


def _release(run: "Run") -> Any:
    from portfolio import parts

    return parts.release_of(run)


def _kept(house: House, portfolio: str, view: str, asked: Document, make: "Callable[[Run], Document]") -> Document:
    """A view of a portfolio: from its folder, or worked out and put there."""
    require_role(asked["role"])
    run = done(house, portfolio)
    counts = portfolio_weights.digest(house, portfolio)
    weights = counts if view in WEIGHTED else None
    engine = portfolio_specs.engine_version()
    depends = {
        "passport": run.passport,
        "view": view,
        "asked": asked,
        "engine": engine,
        "weights": weights,
        "shape": SHAPE,
    }
    place = run.folder.parent / VIEWS / f"{view}-{canonical.digest(depends)[:32]}.json"
    found = _read(place)
    if found is None:
        found = house.desk.answer(
            f"{portfolio} {place.name}", lambda: _made(house, portfolio, run, place, counts, make)
        )
    return {"portfolio": portfolio, "release": run.document["release"], **found}


def _made(
    house: House, portfolio: str, run: "Run", place: Path, counts: str | None, make: "Callable[[Run], Document]"
) -> Document:
    from portfolio import files  # as above
    from portfolio.board import runs

    with intact(house, portfolio):
        found = {"silent": runs.silent(run), **make(run)}
        if portfolio_weights.digest(house, portfolio) != counts:
            raise NotYet  # they were changed meanwhile: under their name it would be kept as another's answer
        place.parent.mkdir(exist_ok=True)
        files.write(place, json.dumps(found, ensure_ascii=False, allow_nan=False).encode())
        return found


def _read(place: Path) -> Document | None:
    try:
        found: Document = json.loads(place.read_bytes())
    except FileNotFoundError:
        return None
    return found
