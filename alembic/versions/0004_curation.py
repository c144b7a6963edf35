"""Curation: the files of published packs, proposals, and what a release was made from.

Revision: 0004
"""

import sqlalchemy as sa

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "packs",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("files", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_packs")),
    )
    op.create_table(
        "proposals",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
    )
    with op.batch_alter_table("releases") as releases:
        releases.add_column(sa.Column("proposals", sa.Text(), nullable=False, server_default="[]"))
        releases.add_column(sa.Column("hindsight_of", sa.String(64)))
        releases.add_column(sa.Column("hindsight_day", sa.String(10)))
        releases.add_column(sa.Column("waiver", sa.Text()))


def downgrade() -> None:
    for column in ("waiver", "hindsight_day", "hindsight_of", "proposals"):
        op.drop_column("releases", column)  # not by copying the table: others point at it
    op.drop_table("proposals")
    op.drop_table("packs")
