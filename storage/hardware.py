"""Stored hardware profiles, as JSON texts; what a profile means is read elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.database import stored_once
from storage.errors import Missing
from storage.tables import HardwareProfileRow


@dataclass(frozen=True, slots=True)
class ProfileInfo:
    """A profile without its content."""

    id: str
    label: str
    received_at: datetime


def store(session: Session, profile: str, label: str, document: str, now: datetime) -> None:
    """Store a profile under its id; storing the same content again changes nothing."""
    row = HardwareProfileRow(id=profile, label=label, received_at=now, document=document)
    stored_once(session, row, profile)


def get(session: Session, profile: str) -> str:
    """The JSON text of a profile.

    Raises:
        Missing: no such profile.
    """
    row = session.get(HardwareProfileRow, profile)
    if row is None:
        raise Missing("hardware profile", profile)
    return row.document


def listing(session: Session) -> Sequence[ProfileInfo]:
    """All profiles, newest first."""
    columns = HardwareProfileRow.id, HardwareProfileRow.label, HardwareProfileRow.received_at
    rows = session.execute(select(*columns).order_by(HardwareProfileRow.received_at.desc(), HardwareProfileRow.id))
    return [ProfileInfo(one, label, at if at.tzinfo else at.replace(tzinfo=UTC)) for one, label, at in rows]  # SQLite
