"""Stored hardware profiles, as JSON texts; what a profile means is read elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import delete, select, tuple_
from sqlalchemy.orm import Session

from storage.database import stored_once
from storage.errors import Missing
from storage.tables import HardwareProfileRow as Row

_NEWEST_FIRST = Row.received_at.desc(), Row.id.desc()


@dataclass(frozen=True, slots=True)
class ProfileInfo:
    """A profile without its content; `received_at` is when it was last handed in."""

    id: str
    label: str
    received_at: datetime


def store(session: Session, profile: str, label: str, document: str, now: datetime, most: int) -> None:
    """Store a profile under its id, or note that it was handed in again; beyond `most`, the oldest others give way."""
    row, _ = stored_once(session, Row(id=profile, label=label, received_at=now, document=document), profile)
    row.received_at = now
    session.flush()
    others = select(Row.id).where(Row.id != profile)
    session.execute(delete(Row).where(Row.id.in_(others.order_by(*_NEWEST_FIRST).offset(most - 1))))


def forget(session: Session, profile: str) -> None:
    """Remove a profile.

    Raises:
        Missing: no such profile.
    """
    if not session.scalar(delete(Row).where(Row.id == profile).returning(Row.id)):
        raise Missing("hardware profile", profile)


def get(session: Session, profile: str) -> str:
    """The JSON text of a profile.

    Raises:
        Missing: no such profile.
    """
    row = session.get(Row, profile)
    if row is None:
        raise Missing("hardware profile", profile)
    return row.document


def listing(
    session: Session, after: tuple[datetime, str] | None = None, limit: int | None = None
) -> Sequence[ProfileInfo]:
    """Profiles, newest first: those that follow the one received at a time under an id, at most so many."""
    wanted = select(Row.id, Row.label, Row.received_at).order_by(*_NEWEST_FIRST).limit(limit)
    if after is not None:
        wanted = wanted.where(tuple_(Row.received_at, Row.id) < tuple_(*after))
    rows = session.execute(wanted)
    return [ProfileInfo(one, label, at if at.tzinfo else at.replace(tzinfo=UTC)) for one, label, at in rows]  # SQLite
