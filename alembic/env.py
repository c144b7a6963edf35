"""Runs migrations on the connection it is handed, or prints them as SQL."""

from alembic import context
from storage.tables import Base

config = context.config
connection = config.attributes.get("connection")

if context.is_offline_mode():
    context.configure(
        dialect_name=config.get_main_option("dialect") or "postgresql",
        target_metadata=Base.metadata,
        literal_binds=True,
    )
    with context.begin_transaction():
        context.run_migrations()
elif connection is not None:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    raise RuntimeError("migrations run through `steelyard db upgrade`, which hands over a connection")
