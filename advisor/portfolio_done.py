"""Portfolios that are done, and what it means when their files are not what they were."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from advisor import portfolios
from advisor.errors import Conflict, Missing, room_needed
from advisor.house import House, Knowledge
from portfolio.faults import Damaged
from rules.compiled import ROLES
from rules.faults import Fault, InvalidInput, nearest, shown
from storage import portfolios as stored
from storage.portfolios import DONE

if TYPE_CHECKING:
    from portfolio.parts import Run


def done(house: House, portfolio: str) -> "Run":
    """The run of a portfolio that is done.

    Raises:
        Missing: there is no such portfolio.
        Conflict: it is not done.
    """
    from portfolio import parts  # brings Polars with it: start-up time

    seen = portfolios.get(house, portfolio)
    if seen["state"] != DONE:
        raise Conflict(f"the portfolio is {seen['state']}; this is told when it is done")
    with intact(house, portfolio):
        run = parts.load(portfolios.folder_of(house, portfolio) / "run")
    if run is None:
        raise Missing("portfolio", portfolio)
    return run


@contextmanager
def intact(house: House, portfolio: str) -> Iterator[None]:
    """Says what it means when the files of a portfolio are not there, or are others, in the middle of reading them.

    Raises:
        Missing: it was taken away.
        Conflict: what its projects were read from has changed or gone.
    """
    try:
        with room_needed():
            yield
    except Damaged as error:
        raise Conflict(f"the projects of the portfolio cannot be read again: {error}") from error
    except FileNotFoundError as error:
        portfolios.get(house, portfolio)
        raise Conflict("the file that the portfolio was read from is not there any more") from error


def require_role(role: str) -> None:
    """Raise `InvalidInput` for what is no role."""
    if role not in ROLES:
        raise InvalidInput([Fault("role", shown(role), f"one of: {', '.join(ROLES)}", nearest(role, ROLES))])


def kept_of(house: House, portfolio: str) -> dict[str, Any]:
    """What was asked of a portfolio; see `portfolio_specs.Specified`.

    Raises:
        Missing: there is none by this id.
    """
    with house.database.reading() as session:
        kept: dict[str, Any] = json.loads(stored.get(session, portfolio).asked)
    return kept


def knowledge_of(run: "Run") -> Knowledge:
    """The release that a run was answered from, with its policies."""
    from portfolio import files, parts  # as above

    return Knowledge(parts.release_of(run), files.read_json(run.folder / parts.RELEASE))
