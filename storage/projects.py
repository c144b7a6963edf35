"""Stored projects: a head that names the newest revision, and revisions that are written once.

What the content of a revision means is read elsewhere. Lists go by the place that the page before ended at, never by
counting, so that rows which come in meanwhile shift nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, Delete, Update, delete, func, insert, select, tuple_, update
from sqlalchemy.orm import Session

from storage.errors import Full, Missing, Superseded
from storage.tables import ProjectRevisionRow, ProjectRow


@dataclass(frozen=True, slots=True)
class Revision:
    """What a project said at one time; `content` is a JSON text."""

    revision: int
    saved_at: datetime
    name: str
    content: str


@dataclass(frozen=True, slots=True)
class Head:
    """A project without what it says: its newest revision, and the decision made for it last, from which revision."""

    id: str
    created_at: datetime
    newest: int
    decision: str | None
    decided_revision: int | None


@dataclass(frozen=True, slots=True)
class Stored:
    """A project at one of its revisions."""

    head: Head
    at: Revision


def create(session: Session, project: str, name: str, content: str, now: datetime, most: int) -> None:
    """Store a new project; its first revision has the number 1.

    Raises:
        Full: `most` projects are stored already; writers at the same moment may pass the bound by one each.
    """
    if session.scalars(select(func.count()).select_from(ProjectRow)).one() >= most:
        raise Full("project", most)
    session.execute(insert(ProjectRow).values(id=project, created_at=now, revision=1))
    _write(session, project, Revision(1, now, name, content))


def get(session: Session, project: str, revision: int | None = None) -> Stored:
    """A project at a revision, None for the newest.

    Raises:
        Missing: no such project, or the revision is not kept.
    """
    head = session.get(ProjectRow, project)
    if head is None:
        raise Missing("project", project)
    wanted = head.revision if revision is None else revision
    at = session.get(ProjectRevisionRow, (project, wanted))
    if at is None:
        raise Missing("revision", str(wanted))
    return Stored(_head(head), _revision(at))


def revise(session: Session, project: str, seen: int, name: str, content: str, now: datetime, keep: int) -> None:
    """Write the revision that follows `seen`; of more than `keep` revisions the oldest are let go.

    Raises:
        Missing: no such project.
        Superseded: `seen` is not the newest revision; nothing is written.
    """
    moved = update(ProjectRow).where(_is(project, seen)).values(revision=ProjectRow.revision + 1)
    if not _affects(session, moved):  # one statement looks and moves, so that of two writers only one can
        raise _superseded(session, project, seen)
    _write(session, project, Revision(seen + 1, now, name, content))
    kept = ProjectRevisionRow
    session.execute(delete(kept).where(kept.project_id == project, kept.revision <= seen + 1 - keep))


def remember(session: Session, project: str, revision: int, decision: str) -> None:
    """Note the decision that was made last from a revision; one of an older revision takes no newer one's place."""
    row = ProjectRow
    is_newest = (row.decided_revision.is_(None)) | (row.decided_revision <= revision)
    noted = update(row).where(row.id == project, is_newest)
    session.execute(noted.values(decision_id=decision, decided_revision=revision))


def remove(session: Session, project: str, seen: int | None = None) -> None:
    """Take a project away with all its revisions; decisions stay.

    Args:
        session: where.
        project: its id.
        seen: take it away only where this is the newest revision.

    Raises:
        Missing: no such project.
        Superseded: another revision is the newest.
    """
    if not _affects(session, delete(ProjectRow).where(_is(project, seen))):
        raise Missing("project", project) if seen is None else _superseded(session, project, seen)


def listing(session: Session, limit: int, after: tuple[datetime, str] | None = None) -> Sequence[Stored]:
    """At most so many projects, each at its newest revision, the last created first.

    Args:
        session: where.
        limit: how many.
        after: when the last one of the page before was created, and its id.
    """
    rows, place = ProjectRow, tuple_(ProjectRow.created_at, ProjectRow.id)
    newest = (ProjectRevisionRow.project_id == rows.id) & (ProjectRevisionRow.revision == rows.revision)
    found = select(rows, ProjectRevisionRow).join(ProjectRevisionRow, newest)
    if after is not None:
        found = found.where(place < tuple_(after[0], after[1]))
    found = found.order_by(rows.created_at.desc(), rows.id.desc()).limit(limit)
    return [Stored(_head(head), _revision(at)) for head, at in session.execute(found)]


def revisions(session: Session, project: str, limit: int, before: int | None = None) -> Sequence[Revision]:
    """At most so many of the revisions that are kept, the newest first; only those before one, where it is given.

    Raises:
        Missing: no such project.
    """
    if session.get(ProjectRow, project) is None:
        raise Missing("project", project)
    row = ProjectRevisionRow
    found = select(row).where(row.project_id == project)
    if before is not None:
        found = found.where(row.revision < before)
    return [_revision(each) for each in session.scalars(found.order_by(row.revision.desc()).limit(limit))]


def _affects(session: Session, statement: Update | Delete) -> bool:
    done = session.execute(statement, execution_options={"synchronize_session": False})
    return cast(CursorResult[Any], done).rowcount > 0


def _is(project: str, seen: int | None) -> ColumnElement[bool]:
    """The project of an id, at a revision where one is given."""
    is_named: ColumnElement[bool] = ProjectRow.id == project
    return is_named if seen is None else is_named & (ProjectRow.revision == seen)


def _superseded(session: Session, project: str, seen: int) -> Missing | Superseded:
    newest = session.scalar(select(ProjectRow.revision).where(ProjectRow.id == project))
    return Missing("project", project) if newest is None else Superseded(seen, newest)


def _write(session: Session, project: str, new: Revision) -> None:
    values = {"revision": new.revision, "saved_at": new.saved_at, "name": new.name, "content": new.content}
    session.execute(insert(ProjectRevisionRow).values(project_id=project, **values))


def _head(row: ProjectRow) -> Head:
    return Head(row.id, _in_utc(row.created_at), row.revision, row.decision_id, row.decided_revision)


def _revision(row: ProjectRevisionRow) -> Revision:
    return Revision(row.revision, _in_utc(row.saved_at), row.name, row.content)


def _in_utc(at: datetime) -> datetime:
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)  # SQLite forgets the zone
