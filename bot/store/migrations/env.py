"""Alembic's way in: runs the migrations on the connection that `bot.store.database.migrate` hands over."""

from alembic import context

from bot.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters a table by copying it
    transactional_ddl=True,  # SQLite, too, can take back a half-done migration, once transactions are explicit
)
with context.begin_transaction():
    context.run_migrations()
