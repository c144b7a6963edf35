"""Stored hardware profiles, as JSON texts; what a profile means is read elsewhere."""

from datetime import datetime

from sqlalchemy.orm import Session

from storage.errors import Missing
from storage.tables import HardwareProfileRow


def store(session: Session, profile: str, label: str, document: str, now: datetime) -> None:
    """Store a profile under its id; storing the same content again changes nothing."""
    if session.get(HardwareProfileRow, profile) is None:
        session.add(HardwareProfileRow(id=profile, label=label, received_at=now, document=document))


def get(session: Session, profile: str) -> str:
    """The JSON text of a profile.

    Raises:
        Missing: no such profile.
    """
    row = session.get(HardwareProfileRow, profile)
    if row is None:
        raise Missing("hardware profile", profile)
    return row.document
