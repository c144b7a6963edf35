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
from storage.errors import Conflict, Missing
from storage.tables import ActiveReleaseRow, ReleaseRow


@dataclass(frozen=True, slots=True)
class ReleaseInfo:
    """A release without its content."""

    id: str
    sha256: str
    name: str
    as_of: str
    published_at: datetime
    proposals: tuple[str, ...] = ()
    hindsight_of: str | None = None
    waiver: str | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """What a release is made from: the fingerprint of a pack's files, the proposals applied over them, in order, and
    the reason for which a limit on changed answers was waived.
    """

    pack_sha256: str | None = None
    proposals: tuple[str, ...] = ()
    waiver: str | None = None


@dataclass(frozen=True, slots=True)
class Active:
    """The active release: its id, its name, and what it was made from."""

    release: str
    name: str
    origin: Origin


def publish(
    session: Session, document: dict[str, Any], now: datetime, origin: Origin = Origin()
) -> tuple[ReleaseInfo, bool]:
    """Store a release document and make it the active one; (the release, whether it was new).

    A reason that was once given for it stays on record when it is published again.
    """
    row, new = _stored(session, document, now)
    row.pack_sha256, row.proposals = origin.pack_sha256, json.dumps(origin.proposals)
    row.waiver = origin.waiver or row.waiver
    active, _ = stored_once(session, ActiveReleaseRow(slot=1, release_id=row.id), 1)
    active.release_id = row.id
    return _info(row), new


def activate(session: Session, release: str) -> ReleaseInfo:
    """Make a stored release the active one again.

    Raises:
        Missing: no such release, or it is a look back, which is never answered from unasked.
    """
    row = session.get(ReleaseRow, release)
    if row is None or row.hindsight_of is not None:
        raise Missing("release", release)
    active, _ = stored_once(session, ActiveReleaseRow(slot=1, release_id=row.id), 1)
    active.release_id = row.id
    return _info(row)


def keep_hindsight(session: Session, document: dict[str, Any], of: str, day: str, now: datetime) -> ReleaseInfo:
    """Store a look back at a past day, made from the release `of`; it never becomes the active one."""
    row, _ = _stored(session, document, now)
    row.hindsight_of, row.hindsight_day = of, day
    return _info(row)


def hindsight(session: Session, of: str, day: str) -> str | None:
    """The id of the look back at a day that was made from a release, None where there is none yet."""
    return session.scalar(select(ReleaseRow.id).where(ReleaseRow.hindsight_of == of, ReleaseRow.hindsight_day == day))


def _stored(session: Session, document: dict[str, Any], now: datetime) -> tuple[ReleaseRow, bool]:
    content = canonical.dump(document)
    sha256 = canonical.digest(document)
    return stored_once(
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


def active(session: Session) -> Active | None:
    """The active release without its content, None when nothing has been published."""
    row = session.scalar(select(ReleaseRow).join(ActiveReleaseRow).options(defer(ReleaseRow.document)))
    if row is None:
        return None
    return Active(row.id, row.name, Origin(row.pack_sha256, tuple(json.loads(row.proposals)), row.waiver))


def require_active(session: Session, release: str | None) -> None:
    """Make sure that a release (None: none at all) is still the active one, and keep it so while the session writes.

    Raises:
        Conflict: another one has been published.
    """
    row = session.get(ActiveReleaseRow, 1, with_for_update=True)
    if (row.release_id if row else None) != release:
        raise Conflict("another release was published meanwhile; look at the change against that one")


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
    applied = tuple(json.loads(row.proposals or "[]"))
    return ReleaseInfo(row.id, row.sha256, row.name, row.as_of, published_at, applied, row.hindsight_of, row.waiver)
