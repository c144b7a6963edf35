"""Stored house policies, as JSON texts; what a policy means is read elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select, tuple_
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


def listing(
    session: Session, after: tuple[datetime, str] | None = None, limit: int | None = None
) -> Sequence[PolicyInfo]:
    """Policies, newest first: those that follow the one received at a time under an id, at most so many."""
    age = PolicyRow.received_at, PolicyRow.id
    wanted = select(PolicyRow.id, PolicyRow.name, PolicyRow.received_at).order_by(*(each.desc() for each in age))
    if after is not None:
        wanted = wanted.where(tuple_(*age) < tuple_(*after))
    rows = session.execute(wanted.limit(limit))
    return [PolicyInfo(one, name, at if at.tzinfo else at.replace(tzinfo=UTC)) for one, name, at in rows]  # SQLite
