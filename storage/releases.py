"""Releases in the database: stored once, never changed, one of them active."""

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from rules import canonical
from rules.release import release_id
from storage.database import stored_once
from storage.errors import Missing
from storage.tables import ActiveReleaseRow, ReleaseRow


@dataclass(frozen=True, slots=True)
class ReleaseInfo:
    """A release without its content."""

    id: str
    sha256: str
    name: str
    as_of: str
    published_at: datetime


def publish(
    session: Session, document: dict[str, Any], now: datetime, pack_sha256: str | None = None
) -> tuple[ReleaseInfo, bool]:
    """Store a release document and make it the active one; (the release, whether it was new).

    `pack_sha256` is the fingerprint of the files it was made from.
    """
    content = canonical.dump(document)
    sha256 = canonical.digest(document)
    row, new = stored_once(
        session,
        ReleaseRow(
            id=release_id(document, sha256),
            sha256=sha256,
            name=document["name"],
            as_of=document["as_of"],
            published_at=now,
            document=zlib.compress(content, 6),
        ),
        release_id(document, sha256),
    )
    row.pack_sha256 = pack_sha256
    active, _ = stored_once(session, ActiveReleaseRow(slot=1, release_id=row.id), 1)
    active.release_id = row.id
    return _info(row), new


def active_origin(session: Session) -> tuple[str, str | None] | None:
    """(name, fingerprint of the pack's files) of the active release, None when nothing has been published."""
    joined = select(ReleaseRow.name, ReleaseRow.pack_sha256).join(ActiveReleaseRow)
    found = session.execute(joined).one_or_none()
    return (found[0], found[1]) if found else None


def active_id(session: Session) -> str | None:
    """The id of the active release, None when nothing has been published."""
    return session.scalar(select(ActiveReleaseRow.release_id))


def document(session: Session, release: str) -> dict[str, Any]:
    """The document of a release.

    Raises:
        Missing: no such release.
    """
    content = session.scalar(select(ReleaseRow.document).where(ReleaseRow.id == release))
    if content is None:
        raise Missing("release", release)
    found: dict[str, Any] = json.loads(zlib.decompress(content))
    return found


def listing(session: Session) -> Sequence[ReleaseInfo]:
    """All releases, newest first."""
    newest = select(ReleaseRow).order_by(ReleaseRow.published_at.desc(), ReleaseRow.id)
    rows = session.scalars(newest.options(defer(ReleaseRow.document)))
    return [_info(row) for row in rows]


def _info(row: ReleaseRow) -> ReleaseInfo:
    published_at = row.published_at if row.published_at.tzinfo else row.published_at.replace(tzinfo=UTC)  # SQLite
    return ReleaseInfo(row.id, row.sha256, row.name, row.as_of, published_at)
