"""The tables. Migrations under `alembic/` build them; a test keeps the two equal."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Index, LargeBinary, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

HEAD = "0007"


class Base(DeclarativeBase):
    """Base of all tables; constraints are named so that SQLite's batch migrations can find them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class ReleaseRow(Base):
    """An immutable release; `document` is its canonical JSON, compressed.

    `pack_sha256` is the fingerprint of the files that it was last made from; it says nothing of the content.
    `proposals` lists, as JSON, the ids of what was applied over these files, in order. `hindsight_of` is the release
    that a look back was made from; `waiver` the reason for which a limit on changed answers was waived.
    """

    __tablename__ = "releases"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    as_of: Mapped[str] = mapped_column(String(10))
    published_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    document: Mapped[bytes] = mapped_column(LargeBinary)
    pack_sha256: Mapped[str | None] = mapped_column(String(64))
    proposals: Mapped[str] = mapped_column(Text, default="[]", server_default="[]")
    hindsight_of: Mapped[str | None] = mapped_column(String(64))
    hindsight_day: Mapped[str | None] = mapped_column(String(10))
    waiver: Mapped[str | None] = mapped_column(Text)


class PackRow(Base):
    """The files of a pack that was published, by their fingerprint: a compressed JSON object of name and text."""

    __tablename__ = "packs"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    stored_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    files: Mapped[bytes] = mapped_column(LargeBinary)


class ProposalRow(Base):
    """A proposed change of the knowledge as it was written (YAML); the id is made from its content."""

    __tablename__ = "proposals"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    document: Mapped[str] = mapped_column(Text)


class ActiveReleaseRow(Base):
    """The one release that answers are given from; a single row."""

    __tablename__ = "active_release"
    __table_args__ = (CheckConstraint("slot = 1", name="single"),)

    slot: Mapped[int] = mapped_column(primary_key=True)
    release_id: Mapped[str] = mapped_column(ForeignKey("releases.id"))


class DecisionRow(Base):
    """A recorded decision: the inputs it was made from and the document as it was given, byte for byte."""

    __tablename__ = "decisions"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    passport: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    release_id: Mapped[str] = mapped_column(ForeignKey("releases.id"), index=True)
    inputs: Mapped[str] = mapped_column(Text)
    document: Mapped[str] = mapped_column(Text)


class HardwareProfileRow(Base):
    """A hardware profile that was pushed or written by hand; the id is made from its content.

    `received_at` is when it was last handed in.
    """

    __tablename__ = "hardware_profiles"
    __table_args__ = (Index(None, "received_at", "id"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    label: Mapped[str] = mapped_column(String(300))
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    document: Mapped[str] = mapped_column(Text)


class PolicyRow(Base):
    """A house policy as it was written; the id is made from its content."""

    __tablename__ = "policies"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    document: Mapped[str] = mapped_column(Text)


class ProjectRow(Base):
    """A stored project: which of its revisions is the newest, and which decision was made for it last, from which one.

    The id is random and names nothing of the content: who holds it may read and change the project.
    """

    __tablename__ = "projects"
    __table_args__ = (Index(None, "created_at", "id"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    revision: Mapped[int]
    decision_id: Mapped[str | None] = mapped_column(ForeignKey("decisions.id"))
    decided_revision: Mapped[int | None]


class ProjectRevisionRow(Base):
    """What a project said at one time; written once. `content` holds answers, hardware and questions asked, as JSON."""

    __tablename__ = "project_revisions"

    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    saved_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    name: Mapped[str] = mapped_column(Text)
    content: Mapped[str] = mapped_column(Text)


class PortfolioRow(Base):
    """A file of projects that is scored in the background: what is asked of it, how far it is, and how it ended.

    `asked` is JSON; `said` a sentence on why it failed. `changed` goes up by one with every change of the row, so that
    who has seen one state can be told of the next.
    """

    __tablename__ = "portfolios"
    __table_args__ = (Index(None, "created_at", "id"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    state: Mapped[str] = mapped_column(String(12))
    said: Mapped[str | None] = mapped_column(Text)
    asked: Mapped[str] = mapped_column(Text)
    release_id: Mapped[str] = mapped_column(ForeignKey("releases.id"))
    passport: Mapped[str | None] = mapped_column(String(64))
    parts: Mapped[int | None]
    parts_done: Mapped[int]
    rows: Mapped[int | None] = mapped_column(BigInteger)
    read: Mapped[int] = mapped_column(BigInteger)
    scored: Mapped[int] = mapped_column(BigInteger)
    failed: Mapped[int] = mapped_column(BigInteger)
    changed: Mapped[int] = mapped_column(BigInteger)


class PortfolioTaskRow(Base):
    """A piece of work on a portfolio that is not done yet, and the worker who holds it until `lease_until`.

    `place` orders them: 0 splits the rows into parts, 1 to N score these, N + 1 writes the results.
    """

    __tablename__ = "portfolio_tasks"

    portfolio_id: Mapped[str] = mapped_column(ForeignKey("portfolios.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    lease_by: Mapped[str | None] = mapped_column(String(80))
    lease_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    attempts: Mapped[int]
