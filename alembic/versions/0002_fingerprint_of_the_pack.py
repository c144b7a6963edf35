"""The fingerprint of the files that a release was made from.

Revision: 0002
"""

import sqlalchemy as sa

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("releases") as table:
        table.add_column(sa.Column("pack_sha256", sa.String(64), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("releases") as table:
        table.drop_column("pack_sha256")
