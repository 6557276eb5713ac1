"""What alembic runs: our connection and our tables are handed in, nothing is read from a file."""

from alembic import context

from voice_engine.store.rows import is_described

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=context.config.attributes["metadata"],
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    include_name=is_described(context.config.attributes["metadata"]),
)
with context.begin_transaction():
    context.run_migrations()
