"""Recorded decisions. The id is made from the content, so recording the same decision twice is recording it once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from storage.database import stored_once
from storage.errors import Missing
from storage.tables import DecisionRow


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recorded decision: `inputs` and `document` are JSON texts."""

    id: str
    passport: str
    release_id: str
    inputs: str
    document: str


def find(session: Session, decision: str) -> Recorded | None:
    """The recorded decision with this id, or None."""
    row = session.get(DecisionRow, decision)
    return _recorded(row) if row else None


def get(session: Session, decision: str) -> Recorded:
    """The recorded decision with this id.

    Raises:
        Missing: no such decision.
    """
    found = find(session, decision)
    if found is None:
        raise Missing("recommendation", decision)
    return found


def record(session: Session, recorded: Recorded, now: datetime) -> Recorded:
    """Store a decision, or return the one that already stands under its id."""
    row = DecisionRow(
        id=recorded.id,
        passport=recorded.passport,
        created_at=now,
        release_id=recorded.release_id,
        inputs=recorded.inputs,
        document=recorded.document,
    )
    return _recorded(stored_once(session, row, recorded.id)[0])


def latest(session: Session) -> Recorded:
    """The decision recorded last.

    Raises:
        Missing: none has been recorded.
    """
    row = session.query(DecisionRow).order_by(DecisionRow.created_at.desc(), DecisionRow.id).first()
    if row is None:
        raise Missing("recommendation", "latest")
    return _recorded(row)


def newest(session: Session, most: int) -> list[Recorded]:
    """The decisions recorded last, newest first, at most so many."""
    rows = session.query(DecisionRow).order_by(DecisionRow.created_at.desc(), DecisionRow.id).limit(most)
    return [_recorded(row) for row in rows]


def newest_ids(session: Session, most: int) -> list[str]:
    """The ids of the decisions recorded last, newest first, at most so many."""
    rows = session.query(DecisionRow.id).order_by(DecisionRow.created_at.desc(), DecisionRow.id).limit(most)
    return [name for (name,) in rows]


def _recorded(row: DecisionRow) -> Recorded:
    return Recorded(row.id, row.passport, row.release_id, row.inputs, row.document)
