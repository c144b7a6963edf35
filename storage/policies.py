"""Stored house policies, as JSON texts; what a policy means is read elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.database import stored_once
from storage.errors import Missing
from storage.tables import PolicyRow


@dataclass(frozen=True, slots=True)
class PolicyInfo:
    """A policy without its content."""

    id: str
    name: str
    received_at: datetime


def store(session: Session, policy: str, name: str, document: str, now: datetime) -> None:
    """Store a policy under its id; storing the same content again changes nothing."""
    row = PolicyRow(id=policy, name=name, received_at=now, document=document)
    stored_once(session, row, policy)


def get(session: Session, policy: str) -> str:
    """The JSON text of a policy.

    Raises:
        Missing: no such policy.
    """
    row = session.get(PolicyRow, policy)
    if row is None:
        raise Missing("policy", policy)
    return row.document


def listing(session: Session) -> Sequence[PolicyInfo]:
    """All policies, newest first."""
    columns = PolicyRow.id, PolicyRow.name, PolicyRow.received_at
    rows = session.execute(select(*columns).order_by(PolicyRow.received_at.desc(), PolicyRow.id))
    return [PolicyInfo(one, name, at if at.tzinfo else at.replace(tzinfo=UTC)) for one, name, at in rows]  # SQLite
