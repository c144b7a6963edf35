"""The tables. Migrations under `alembic/` build them; a test keeps the two equal."""

from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, LargeBinary, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

HEAD = "0005"


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
