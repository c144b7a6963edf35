"""Portfolios that are scored in the background, and the work that is left on each: a queue in the database.

Work is claimed for a time and must be renewed while it goes on; who is killed loses it when the time is over, and
somebody else takes it. What is done is done by the one who still holds it, in one transaction with the counts, so that
nothing is counted twice. Clocks of several machines may differ: a claim that is taken too early costs work, and
spoils nothing, since two who do the same work write the same files.

A transaction that changes a portfolio and its tasks takes the portfolio first, or the task alone: no two wait for each
other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Delete,
    Select,
    Update,
    delete,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import Session

from storage.errors import Conflict, Full, Missing
from storage.tables import PortfolioRow, PortfolioTaskRow

QUEUED, RUNNING, DONE, FAILED, CANCELLED = "queued", "running", "done", "failed", "cancelled"
AT_WORK = (QUEUED, RUNNING)
SPLIT = 0  # the place of the first task
UNTOUCHED = 1  # what `changed` is at first


@dataclass(frozen=True, slots=True)
class Counted:
    """What a task counted."""

    read: int = 0
    scored: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Portfolio:
    """A portfolio and how far it is; see `storage.tables.PortfolioRow`. Times are in UTC."""

    id: str
    name: str
    created_at: datetime
    finished_at: datetime | None
    state: str
    said: str | None
    asked: str
    release_id: str
    passport: str | None
    parts: int | None
    parts_done: int
    rows: int | None
    read: int
    scored: int
    failed: int
    changed: int

    @property
    def over_since(self) -> datetime | None:
        """From when on it is kept for a time only: its end, or its beginning where nobody ever worked on it."""
        return self.created_at if (self.state, self.changed) == (QUEUED, UNTOUCHED) else self.finished_at


@dataclass(frozen=True, slots=True)
class Task:
    """A claimed piece of work: of which portfolio, which, and how many have claimed it, this one included."""

    portfolio: str
    place: int
    attempts: int


def require_room(session: Session, most: int) -> None:
    """Writers at the same moment may pass the bound by one each.

    Raises:
        Full: `most` portfolios are stored already.
    """
    if session.scalars(select(func.count()).select_from(PortfolioRow)).one() >= most:
        raise Full("portfolio", most)


def create(session: Session, portfolio: str, name: str, asked: str, release: str, now: datetime) -> None:
    """Store a new portfolio, queued, with the task to split it."""
    zero = {"parts_done": 0, "read": 0, "scored": 0, "failed": 0, "changed": UNTOUCHED}
    known = {"id": portfolio, "name": name, "created_at": now, "asked": asked, "release_id": release}
    session.execute(insert(PortfolioRow).values(**known, state=QUEUED, **zero))
    _add_tasks(session, portfolio, [SPLIT])


def get(session: Session, portfolio: str) -> Portfolio:
    """A portfolio.

    Raises:
        Missing: there is none by this id.
    """
    row = session.get(PortfolioRow, portfolio, populate_existing=True)
    if row is None:
        raise Missing("portfolio", portfolio)
    return _portfolio(row)


def listing(session: Session, limit: int, after: tuple[datetime, str] | None = None) -> Sequence[Portfolio]:
    """At most so many portfolios, the last created first; `after`: when the one before was created, and its id."""
    row = PortfolioRow
    found = select(row)
    if after is not None:
        found = found.where(tuple_(row.created_at, row.id) < tuple_(after[0], after[1]))
    return [
        _portfolio(each) for each in session.scalars(found.order_by(row.created_at.desc(), row.id.desc()).limit(limit))
    ]


def over_before(session: Session, moment: datetime, now: datetime) -> Sequence[str]:
    """The ids of the portfolios that ended, one way or another, before a moment, or have waited since without anybody
    ever having worked on them.
    """
    row, task = PortfolioRow, PortfolioTaskRow
    held = select(task.place).where(task.portfolio_id == row.id, task.lease_until >= now).exists()
    waited = (row.state == QUEUED) & (row.changed == UNTOUCHED) & (row.created_at < moment) & ~held
    return session.scalars(select(row.id).where(or_(row.finished_at < moment, waited))).all()


def exists(session: Session, portfolio: str) -> bool:
    """Whether there is a portfolio by this id."""
    return session.scalar(select(PortfolioRow.id).where(PortfolioRow.id == portfolio)) is not None


# --- Work ------------------------------------------------------------------------------------------------------------


def is_waiting(session: Session, now: datetime) -> bool:
    """Whether there is work that can be claimed; looking costs no lock."""
    return session.execute(_claimable(now)).first() is not None


def claim(session: Session, worker: str, now: datetime, until: datetime) -> Task | None:
    """Claim a piece of work until a moment; None where there is none.

    Early parts go first, whichever portfolio they are of: a small one that comes in late does not wait for a large one.
    """
    found = session.execute(_claimable(now).with_for_update(skip_locked=True, of=PortfolioTaskRow)).first()
    if found is None:
        return None
    portfolio, place, attempts = found
    values = {"lease_by": worker, "lease_until": until, "attempts": attempts + 1}
    session.execute(update(PortfolioTaskRow).where(_is(portfolio, place)).values(**values))
    return Task(portfolio, place, attempts + 1)


def renew(session: Session, task: Task, worker: str, until: datetime) -> bool:
    """Keep a claim until a later moment; False where the worker does not hold it any more."""
    held = update(PortfolioTaskRow).where(_is(task.portfolio, task.place), PortfolioTaskRow.lease_by == worker)
    return _affects(session, held.values(lease_until=until))


def is_split(session: Session, task: Task, worker: str, passport: str, parts: int, rows: int) -> bool:
    """Note that a portfolio is split: its parts are the next work. False where the worker did not hold the task."""
    if not _taken(session, task, worker):
        return False
    values = {"state": RUNNING, "passport": passport, "parts": parts, "rows": rows}
    _change(session, task.portfolio, **values)
    _add_tasks(session, task.portfolio, list(range(1, parts + 1)) or [1])  # without parts, writing is next
    return True


def is_scored(session: Session, task: Task, worker: str, counted: Counted) -> bool:
    """Note what a part counted; after the last one, writing is next. False where the worker did not hold the task."""
    if not _taken(session, task, worker):
        return False
    row = PortfolioRow
    _change(
        session,
        task.portfolio,
        parts_done=row.parts_done + 1,
        read=row.read + counted.read,
        scored=row.scored + counted.scored,
        failed=row.failed + counted.failed,
    )
    now = get(session, task.portfolio)
    if now.parts == now.parts_done:
        _add_tasks(session, task.portfolio, [now.parts + 1])
    return True


def is_written(session: Session, task: Task, worker: str, now: datetime) -> bool:
    """Note that a portfolio is done. False where the worker did not hold the task."""
    if not _taken(session, task, worker):
        return False
    _change(session, task.portfolio, state=DONE, finished_at=now)
    return True


def give_up(session: Session, task: Task, worker: str, said: str, now: datetime) -> bool:
    """Have a portfolio fail, with a sentence; what is done stays done. False where the worker did not hold the task."""
    if _held(session, task, worker):
        _stop(session, task.portfolio, FAILED, said, now)
        return True
    return False


# --- What people ask for ---------------------------------------------------------------------------------------------


def cancel(session: Session, portfolio: str, now: datetime) -> None:
    """End the work on a portfolio; what is done stays done.

    Raises:
        Missing: there is none by this id.
        Conflict: it has ended already.
    """
    if _locked(session, portfolio).state not in AT_WORK:
        raise Conflict("the portfolio has ended already")
    _stop(session, portfolio, CANCELLED, None, now)


def retry(session: Session, portfolio: str) -> None:
    """Go on with a portfolio that failed or was cancelled, from where it ended.

    Raises:
        Missing: there is none by this id.
        Conflict: it neither failed nor was cancelled.
    """
    found = _locked(session, portfolio)
    if found.state not in (FAILED, CANCELLED):
        raise Conflict("the portfolio has neither failed nor been cancelled")
    _change(session, portfolio, state=QUEUED if found.parts is None else RUNNING, said=None, finished_at=None)
    _release(session, portfolio)


def remove(session: Session, portfolio: str) -> None:
    """Take a portfolio away, with the work that is left.

    Raises:
        Missing: there is none by this id.
    """
    if not _affects(session, delete(PortfolioRow).where(PortfolioRow.id == portfolio)):
        raise Missing("portfolio", portfolio)


def _claimable(now: datetime) -> Select[str, int, int]:
    task, of = PortfolioTaskRow, PortfolioRow
    free = or_(task.lease_until.is_(None), task.lease_until < now)
    found = select(task.portfolio_id, task.place, task.attempts).join(of, of.id == task.portfolio_id)
    return found.where(of.state.in_(AT_WORK), free).order_by(task.place, of.created_at, of.id).limit(1)


def _is(portfolio: str, place: int) -> ColumnElement[bool]:
    return (PortfolioTaskRow.portfolio_id == portfolio) & (PortfolioTaskRow.place == place)


def _taken(session: Session, task: Task, worker: str) -> bool:
    """Whether the worker held a task, which is gone now; the portfolio is locked first."""
    if not _held(session, task, worker):
        return False
    return _affects(session, delete(PortfolioTaskRow).where(_is(task.portfolio, task.place)))


def _held(session: Session, task: Task, worker: str) -> bool:
    """Whether a worker holds a task of a portfolio that is at work; the portfolio is locked from here on."""
    try:
        if _locked(session, task.portfolio).state not in AT_WORK:
            return False
    except Missing:
        return False
    row = PortfolioTaskRow
    held = select(row.place).where(_is(task.portfolio, task.place), row.lease_by == worker)
    return session.execute(held.with_for_update()).first() is not None


def _locked(session: Session, portfolio: str) -> PortfolioRow:
    row = session.get(PortfolioRow, portfolio, with_for_update=True, populate_existing=True)
    if row is None:
        raise Missing("portfolio", portfolio)
    return row


def _stop(session: Session, portfolio: str, state: str, said: str | None, now: datetime) -> None:
    _change(session, portfolio, state=state, said=said, finished_at=now)
    _release(session, portfolio)


def _release(session: Session, portfolio: str) -> None:
    row = PortfolioTaskRow
    free = update(row).where(row.portfolio_id == portfolio).values(lease_by=None, lease_until=None, attempts=0)
    session.execute(free, execution_options={"synchronize_session": False})


def _change(session: Session, portfolio: str, **values: Any) -> None:
    row = PortfolioRow
    changed = update(row).where(row.id == portfolio).values(**values, changed=row.changed + 1)
    session.execute(changed, execution_options={"synchronize_session": False})


def _add_tasks(session: Session, portfolio: str, places: Sequence[int]) -> None:
    session.execute(
        insert(PortfolioTaskRow), [{"portfolio_id": portfolio, "place": place, "attempts": 0} for place in places]
    )


def _affects(session: Session, statement: Update | Delete) -> bool:
    done = session.execute(statement, execution_options={"synchronize_session": False})
    return cast(CursorResult[Any], done).rowcount > 0


def _portfolio(row: PortfolioRow) -> Portfolio:
    names = Portfolio.__dataclass_fields__
    found = {name: getattr(row, name) for name in names}
    found.update({name: _in_utc(found[name]) for name in ("created_at", "finished_at")})
    return Portfolio(**found)


def _in_utc(at: datetime | None) -> datetime | None:
    if at is None or at.tzinfo:
        return at and at.astimezone(UTC)
    return at.replace(tzinfo=UTC)  # SQLite forgets the zone
