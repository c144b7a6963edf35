"""Stored hardware profiles, as JSON texts; what a profile means is read elsewhere."""

from datetime import datetime

from sqlalchemy.orm import Session

from storage.database import stored_once
from storage.errors import Missing
from storage.tables import HardwareProfileRow


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
