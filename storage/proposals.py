"""Stored proposals, as the texts they were written in; what one means is read elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.database import stored_once
from storage.errors import Missing
from storage.tables import ProposalRow


@dataclass(frozen=True, slots=True)
class ProposalInfo:
    """A proposal without its content."""

    id: str
    title: str
    author: str
    received_at: datetime


def store(session: Session, info: ProposalInfo, document: str) -> None:
    """Store a proposal under its id; storing the same content again changes nothing."""
    row = ProposalRow(id=info.id, title=info.title, author=info.author, received_at=info.received_at, document=document)
    stored_once(session, row, info.id)


def get(session: Session, proposal: str) -> str:
    """The text of a proposal.

    Raises:
        Missing: no such proposal.
    """
    row = session.get(ProposalRow, proposal)
    if row is None:
        raise Missing("proposal", proposal)
    return row.document


def listing(session: Session) -> Sequence[ProposalInfo]:
    """All proposals, newest first."""
    columns = ProposalRow.id, ProposalRow.title, ProposalRow.author, ProposalRow.received_at
    rows = session.execute(select(*columns).order_by(ProposalRow.received_at.desc(), ProposalRow.id))
    return [  # SQLite forgets the zone
        ProposalInfo(one, title, author, at if at.tzinfo else at.replace(tzinfo=UTC)) for one, title, author, at in rows
    ]
