"""Hardware profiles by age: they are listed and cleared out by it.

Revision: 0005
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_hardware_profiles_received_at"), "hardware_profiles", ["received_at", "id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_hardware_profiles_received_at"), table_name="hardware_profiles")
