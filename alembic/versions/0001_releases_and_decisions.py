"""Releases, the active one, decisions, hardware profiles.

Revision: 0001
"""

import sqlalchemy as sa

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "releases",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("as_of", sa.String(10), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_releases")),
        sa.UniqueConstraint("sha256", name=op.f("uq_releases_sha256")),
    )
    op.create_table(
        "active_release",
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("release_id", sa.String(64), nullable=False),
        sa.CheckConstraint("slot = 1", name=op.f("ck_active_release_single")),
        sa.ForeignKeyConstraint(["release_id"], ["releases.id"], name=op.f("fk_active_release_release_id_releases")),
        sa.PrimaryKeyConstraint("slot", name=op.f("pk_active_release")),
    )
    op.create_table(
        "decisions",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("passport", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("release_id", sa.String(64), nullable=False),
        sa.Column("inputs", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["release_id"], ["releases.id"], name=op.f("fk_decisions_release_id_releases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
        sa.UniqueConstraint("passport", name=op.f("uq_decisions_passport")),
    )
    op.create_index(op.f("ix_decisions_created_at"), "decisions", ["created_at"])
    op.create_index(op.f("ix_decisions_release_id"), "decisions", ["release_id"])
    op.create_table(
        "hardware_profiles",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("label", sa.String(300), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hardware_profiles")),
    )


def downgrade() -> None:
    op.drop_table("hardware_profiles")
    op.drop_index(op.f("ix_decisions_release_id"), table_name="decisions")
    op.drop_index(op.f("ix_decisions_created_at"), table_name="decisions")
    op.drop_table("decisions")
    op.drop_table("active_release")
    op.drop_table("releases")
